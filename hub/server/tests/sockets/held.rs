//! Answers that wait a moment before they go out: at their time, once, or not at all, and nobody outside knows of them before.

use rstest::rstest;
use serde_json::{Value, json};
use switchboard::clock::Clock;

use crate::shop::{Shop, reply};
use crate::support::{Setting, Socket, eventually};

const BEGINNING: i64 = 1_790_000_000_000;
/// Sooner than the sockets would count as silent, whose heartbeat has the same clock.
const HOLD_MS: i64 = 10_000;

async fn open(setting: Setting) -> (Shop, Clock) {
    let clock = Clock::held(BEGINNING);
    let held = clock.clone();
    (Shop::tuned(setting, move |_, parts| parts.clock = held.clone()).await, clock)
}

fn held(conversation: &str, words: &str) -> Value {
    let mut command = reply(conversation, 1, words);
    command["hold"] = json!(HOLD_MS / 1_000);
    command
}

fn take_back(id: &str) -> Value {
    json!({ "do": "take_back", "client_id": id })
}

async fn holds(who: &mut Socket, id: &str, command: Value) {
    let answer = who.does_as(id, command).await;
    assert_eq!((&answer["ok"], &answer["held_until"]), (&json!("yes"), &json!(BEGINNING + HOLD_MS)), "{answer}");
    assert_eq!(answer["message_id"], Value::Null, "there is no message yet");
}

/// The texts that went out, and what is held.
async fn stands(shop: &Shop, id: &str) -> (Vec<String>, Vec<Value>) {
    let detail = shop.owner.detail(id).await;
    let out = detail["messages"].as_array().expect("messages").iter().filter(|one| one["kind"] == "out");
    let texts = out.map(|one| one["text"].as_str().expect("a text").to_owned()).collect();
    (texts, detail["held"].as_array().cloned().unwrap_or_default())
}

async fn rounds(shop: &Shop) {
    for hub in 0..shop.world.hubs() {
        switchboard::timers::round(shop.world.app(hub)).await.expect("a round");
    }
}

#[rstest]
#[tokio::test]
async fn what_is_held_goes_out_at_its_time_and_once(#[values(Setting::Alone, Setting::Pair)] setting: Setting) {
    let (shop, clock) = open(setting).await;
    let mut guest = shop.visitor(&shop.sales).await;
    guest.writes("hello").await;
    let id = guest.conversation();
    let (mut ann, mut owner) = (shop.ann.connects().await, shop.owner.connects().await);
    let mut command = held(&id, "good day");
    command["after"] = json!({ "to": "close" });
    holds(&mut ann, "a1", command.clone()).await;
    let told = owner.event("reply_held").await["held"].clone();
    assert_eq!((&told["text"], &told["by"]), (&json!("good day"), &json!(shop.ann.id)), "the team sees it as held");
    holds(&mut ann, "a1", command.clone()).await;
    let (out, waiting) = stands(&shop, &id).await;
    assert_eq!((out.len(), waiting.len()), (0, 1), "the same again is the same");
    let mut far = held(&id, "x");
    far["hold"] = json!(31);
    assert_eq!(ann.does(far).await["error"]["fields"][0]["field"], "hold");

    clock.advance(HOLD_MS - 1);
    rounds(&shop).await;
    // What the customer writes meanwhile stops nothing.
    guest.writes("hello?").await;
    guest.socket.never_heard(&["good day"]);
    clock.advance(1);
    let message = guest.socket.message_event("good day").await["message"].clone();
    assert_eq!(message["at"], json!(BEGINNING + HOLD_MS), "as its reader has it, it was written now");
    owner.wait_for("it closes", |frame| (frame["patch"]["status"] == "closed").then_some(())).await;
    rounds(&shop).await;
    let (out, waiting) = stands(&shop, &id).await;
    assert_eq!((out, waiting.len()), (vec!["good day".to_owned()], 0));

    let again = ann.does_as("a1", command).await;
    assert_eq!(again["ok"], "yes", "{again}");
    assert!(again["number"].is_number(), "the first one's answer: {again}");
    let late = ann.does(take_back("a1")).await;
    assert_eq!(late["error"]["code"], "conflict", "it has gone out: {late}");
    assert_eq!(stands(&shop, &id).await.0.len(), 1);
}

#[rstest]
#[tokio::test]
async fn what_is_taken_back_never_goes_out(#[values(Setting::Alone, Setting::Pair)] setting: Setting) {
    let (shop, clock) = open(setting).await;
    let mut guest = shop.visitor(&shop.sales).await;
    guest.writes("hello").await;
    let id = guest.conversation();
    let (mut ann, mut ben, mut elsewhere) =
        (shop.ann.connects().await, shop.ben.connects().await, shop.ann.connects().await);
    holds(&mut ann, "a1", held(&id, "wrong words")).await;
    assert_eq!(ben.does(take_back("a1")).await["ok"], "no", "it is not theirs");
    assert_eq!(elsewhere.does(take_back("a1")).await["ok"], "yes", "from any screen of one's own");
    assert_eq!(ann.event("held_reply_gone").await["client_id"], "a1");
    assert_eq!(ann.does(take_back("a1")).await["ok"], "yes", "once more is no harm");
    // A page that has not heard of it sends it once more.
    assert_eq!(ann.does_as("a1", held(&id, "wrong words")).await["ok"], "yes");
    clock.advance(HOLD_MS);
    rounds(&shop).await;
    let (out, waiting) = stands(&shop, &id).await;
    assert_eq!((out.len(), waiting.len()), (0, 0));
    guest.writes("hello?").await;
    guest.socket.never_heard(&["wrong words"]);
}

#[rstest]
#[tokio::test]
async fn what_may_not_go_out_any_more_waits_for_its_writer(#[values(Setting::Alone, Setting::Pair)] setting: Setting) {
    let (shop, clock) = open(setting).await;
    let mut guest = shop.visitor(&shop.sales).await;
    guest.writes("hello").await;
    let id = guest.conversation();
    let (mut ann, mut owner) = (shop.ann.connects().await, shop.owner.connects().await);
    holds(&mut ann, "a1", held(&id, "surely")).await;
    assert_eq!(owner.does(reply(&id, 1, "no")).await["ok"], "yes", "what is held stands in nobody's way");
    let late = ann.does_as("a2", held(&id, "perhaps")).await;
    assert_eq!(late["error"]["code"], "reply_unseen", "this one is asked at once: {late}");
    clock.advance(HOLD_MS);
    let told = ann
        .wait_for("why it is still here", |frame| {
            let held = &frame["held"];
            (frame["event"] == "reply_held" && held["refused"].is_object()).then(|| held.clone())
        })
        .await;
    assert_eq!(told["refused"]["code"], "reply_unseen", "{told}");
    rounds(&shop).await;
    let (out, waiting) = stands(&shop, &id).await;
    assert_eq!((out, waiting.len()), (vec!["no".to_owned()], 1));
    assert_eq!(ann.does(take_back("a1")).await["ok"], "yes");
    assert_eq!(stands(&shop, &id).await.1.len(), 0);

    // The trash takes no answers, and takes what is held with it when it is emptied.
    let mut command = held(&id, "once more");
    command["over"] = json!(true);
    let until = ann.does_as("a3", command).await["held_until"].clone();
    assert!(until.is_number());
    let path = format!("/api/conversations/{id}");
    shop.owner.patch(&path, json!({ "place": "trash" })).await;
    clock.advance(HOLD_MS);
    rounds(&shop).await;
    assert_eq!(stands(&shop, &id).await.1[0]["refused"]["code"], "conversation_closed");
    guest.socket.never_heard(&["surely", "once more"]);
    shop.owner.delete(&path).await;
    rounds(&shop).await;
}

#[rstest]
#[tokio::test]
async fn of_who_may_see_it_no_more_nothing_goes_out(#[values(Setting::Alone, Setting::Pair)] setting: Setting) {
    let (shop, clock) = open(setting).await;
    let mut guest = shop.visitor(&shop.sales).await;
    guest.writes("hello").await;
    let id = guest.conversation();
    let mut ann = shop.ann.connects().await;
    holds(&mut ann, "a1", held(&id, "good day")).await;
    shop.owner.grants(&shop.sales, &[]).await;
    clock.advance(HOLD_MS);
    rounds(&shop).await;
    let (out, waiting) = stands(&shop, &id).await;
    assert_eq!((out.len(), waiting.len()), (0, 0));
}

#[rstest]
#[tokio::test]
async fn what_is_held_outlives_the_hub_that_holds_it(#[values(Setting::Alone, Setting::Pair)] setting: Setting) {
    let (mut shop, clock) = open(setting).await;
    let mut guest = shop.visitor(&shop.sales).await;
    guest.writes("hello").await;
    let id = guest.conversation();
    let mut ann = shop.ann.connects().await;
    holds(&mut ann, "a1", held(&id, "good day")).await;
    for hub in 0..shop.world.hubs() {
        shop.world.kill_hub(hub);
    }
    clock.advance(3_600_000);
    for hub in 0..shop.world.hubs() {
        shop.world.start_hub(hub).await;
    }
    eventually("it goes out", || async { (stands(&shop, &id).await.0.len() == 1).then_some(()) }).await;
    rounds(&shop).await;
    let (out, waiting) = stands(&shop, &id).await;
    assert_eq!((out, waiting.len()), (vec!["good day".to_owned()], 0));
}

/// What the customer is waiting for is the same case, in which a colleague may have answered.
#[rstest]
#[tokio::test]
async fn what_is_held_follows_a_merge_and_is_asked_again_there(
    #[values(Setting::Alone, Setting::Pair)] setting: Setting,
) {
    let (shop, clock) = open(setting).await;
    let mut ann = shop.ann.connects().await;
    for (answered, out) in [(false, vec!["of the other", "good day"]), (true, vec!["of the other", "already done"])] {
        let mut guest = shop.visitor(&shop.sales).await;
        guest.writes("hello").await;
        let case = guest.conversation();
        shop.owner.post(&format!("/api/conversations/{case}/messages"), json!({ "text": "of the other" })).await;
        let split = json!({ "number": 2, "and_after": true });
        let other = shop.owner.post(&format!("/api/conversations/{case}/split"), split).await["id"].clone();
        let other = other.as_str().expect("an id").to_owned();
        let name = format!("a-{answered}");
        let until = ann.does_as(&name, held(&case, "good day")).await["held_until"].as_i64().expect("it is held");
        shop.owner.put(&format!("/api/conversations/{other}/merged/{case}"), json!(null)).await;
        if answered {
            let late = json!({ "text": "already done" });
            shop.owner.post(&format!("/api/conversations/{other}/messages"), late).await;
        }
        clock.advance(until - clock.now());
        rounds(&shop).await;
        let (mut there, _) = stands(&shop, &other).await;
        there.sort_by_key(|text| text != "of the other");
        assert_eq!(there, out);
        let (_, waiting) = stands(&shop, &case).await;
        assert_eq!(waiting.len(), usize::from(answered), "it waits for its writer where they wrote it");
    }
}
