//! Who may speak: what keeps a bot out by itself and what lets it in again, on one hub and on two.

use rstest::rstest;
use serde_json::{Value, json};

use crate::stage::{Bot, Guest, Stage};
use crate::support::Setting::{self, Alone, Pair};
use crate::support::eventually;

const BLOCKED: &str = "403 Forbidden: bot was blocked by the user";

/// What the lines of a conversation say about bots.
pub async fn lines(stage: &Stage, guest: &Guest) -> Vec<Value> {
    let detail = stage.owner.detail(&guest.conversation).await;
    let messages = detail["messages"].as_array().expect("messages").iter();
    messages.map(|message| message["line"].clone()).filter(|line| !line.is_null()).collect()
}

pub async fn says_line(stage: &Stage, guest: &Guest, kind: &str, why: Option<&str>) -> Value {
    eventually("the line stands in the thread", || async {
        let of = |line: &Value| line["kind"] == kind && why.is_none_or(|why| line["why"] == why);
        lines(stage, guest).await.into_iter().find(of)
    })
    .await
}

pub async fn answers(stage: &Stage, guest: &Guest, words: &str) {
    let path = format!("/api/conversations/{}/messages", guest.conversation);
    stage.owner.post(&path, json!({ "text": words })).await;
}

pub fn of_bot(guest: &Guest, bot: &Bot, what: &str) -> String {
    format!("/api/conversations/{}/bots/{}/{what}", guest.conversation, bot.id)
}

/// The words of the updates that wait, of which none is forgotten.
pub async fn waiting(bot: &Bot) -> Vec<String> {
    let found = bot.does("getUpdates", json!({ "timeout": 0 })).await;
    let words = |update: &Value| update["message"]["text"].as_str().map(str::to_owned);
    found.as_array().expect("a list").iter().filter_map(words).collect()
}

pub async fn hears(bot: &Bot, words: &str) {
    eventually("the bot hears it", || async { waiting(bot).await.contains(&words.to_owned()).then_some(()) }).await;
}

#[rstest]
#[case(Alone)]
#[case(Pair)]
#[tokio::test]
async fn a_persons_answer_keeps_the_bot_out_until_the_case_closes(#[case] setting: Setting) {
    let stage = Stage::on(setting).await;
    let (mut guest, chat) = stage.guest("hello").await;
    let bot = stage.bot.elsewhere(&stage);
    bot.does("sendMessage", json!({ "chat_id": chat, "text": "one moment" })).await;
    answers(&stage, &guest, "This is Olga").await;
    // From her commit on, before any line says so, and at the other hub.
    let write = json!({ "chat_id": chat, "text": "as I was saying" });
    assert_eq!(bot.refused("sendMessage", write.clone()).await, BLOCKED);
    says_line(&stage, &guest, "bot_blocked", Some("answered")).await;
    guest.writes("thank you, Olga").await;

    let close = format!("/api/conversations/{}", guest.conversation);
    stage.owner.patch(&close, json!({ "status": "closed" })).await;
    let back = says_line(&stage, &guest, "bot_unblocked", None).await;
    assert_eq!(back["closed"], true);
    guest.writes("hello again").await;
    hears(&bot, "hello again").await;
    assert!(!waiting(&bot).await.contains(&"thank you, Olga".to_owned()));
    bot.does("sendMessage", write).await;
    guest.socket.message_event("as I was saying").await;
}

#[rstest]
#[case(Alone)]
#[case(Pair)]
#[tokio::test]
async fn a_blocked_bot_that_is_run_now_answers_once(#[case] setting: Setting) {
    let stage = Stage::on(setting).await;
    let (mut guest, chat) = stage.guest("what are your hours?").await;
    let bot = stage.bot.elsewhere(&stage);
    hears(&bot, "what are your hours?").await;
    stage.owner.put(&of_bot(&guest, &bot, "block"), json!({})).await;
    let write = |words: &str| json!({ "chat_id": chat, "text": words });
    assert_eq!(bot.refused("sendMessage", write("nine to five")).await, BLOCKED);
    stage.owner.post(&of_bot(&guest, &bot, "run"), json!({})).await;
    says_line(&stage, &guest, "bot_asked", None).await;
    eventually("it is asked the same again", || async { (waiting(&bot).await.len() == 2).then_some(()) }).await;
    bot.does("sendMessage", write("nine to six")).await;
    assert_eq!(bot.refused("sendMessage", write("and on Sundays")).await, BLOCKED);
    guest.socket.message_event("nine to six").await;
    guest.socket.never_heard(&["nine to five", "on Sundays"]);
}

#[rstest]
#[case(Alone)]
#[case(Pair)]
#[tokio::test]
async fn a_leave_to_answer_once_ends_with_a_persons_answer(#[case] setting: Setting) {
    let stage = Stage::on(setting).await;
    let (guest, chat) = stage.guest("hello").await;
    stage.owner.put(&of_bot(&guest, &stage.bot, "block"), json!({})).await;
    stage.owner.post(&of_bot(&guest, &stage.bot, "run"), json!({})).await;
    answers(&stage, &guest, "I have it").await;
    let write = json!({ "chat_id": chat, "text": "so have I" });
    eventually("the bot is out again", || async {
        let (status, _) = stage.bot.asks("sendChatAction", json!({ "chat_id": chat, "action": "typing" })).await;
        (status == 403).then_some(())
    })
    .await;
    assert_eq!(stage.bot.refused("sendMessage", write).await, BLOCKED);
}

#[tokio::test]
async fn what_changes_nothing_says_nothing() {
    let stage = Stage::open().await;
    let (guest, _) = stage.guest("hello").await;
    for _ in 0..2 {
        stage.owner.delete(&of_bot(&guest, &stage.bot, "block")).await;
    }
    assert_eq!(lines(&stage, &guest).await, Vec::<Value>::new());
}

#[rstest]
#[case(Alone)]
#[case(Pair)]
#[tokio::test]
async fn a_visitor_who_asks_for_a_person_is_left_to_people(#[case] setting: Setting) {
    let stage = Stage::on(setting).await;
    let (mut guest, chat) = stage.guest("hello").await;
    let ask = json!({ "do": "ask_human", "conversation_id": guest.conversation });
    assert_eq!(guest.socket.does(ask).await["ok"], "yes");
    let write = json!({ "chat_id": chat, "text": "I am a person" });
    assert_eq!(stage.bot.elsewhere(&stage).refused("sendMessage", write).await, BLOCKED);
    says_line(&stage, &guest, "bot_blocked", Some("asked")).await;
    let bots = stage.owner.get(&format!("/api/conversations/{}/bots", guest.conversation)).await;
    assert_eq!(bots["bots"][0]["blocked"]["by"]["kind"], "contact");
}

#[rstest]
#[case(Alone)]
#[case(Pair)]
#[tokio::test]
async fn a_bot_that_is_silent_gives_way_to_the_next_and_then_to_people(#[case] setting: Setting) {
    let stage = Stage::on(setting).await;
    let second = Bot::made_at(&stage.owner, &stage.inbox, "second_bot", 2).await;
    let rules = json!({ "quiet_minutes": null, "back_on_close": true, "patience_seconds": 4 });
    stage.owner.put(&format!("/api/inboxes/{}/bot-rules", stage.inbox.id), rules).await;
    let (guest, chat) = stage.guest("is anybody there?").await;
    hears(&stage.bot, "is anybody there?").await;
    hears(&second, "is anybody there?").await;
    // In time, as the first was not.
    second.does("sendMessage", json!({ "chat_id": chat, "text": "I am" })).await;
    let first = says_line(&stage, &guest, "bot_blocked", Some("silent")).await;
    assert_eq!(first["bot_id"], stage.bot.id.as_str());
    assert_eq!(stage.bot.refused("sendMessage", json!({ "chat_id": chat, "text": "late" })).await, BLOCKED);
    let bots = stage.owner.get(&format!("/api/conversations/{}/bots", guest.conversation)).await;
    assert_eq!((&bots["bots"][1]["blocked"], &bots["bots"][1]["asked_at"]), (&Value::Null, &Value::Null));
}

#[rstest]
#[case(Alone)]
#[case(Pair)]
#[tokio::test]
async fn a_block_for_a_time_ends_by_itself(#[case] setting: Setting) {
    let stage = Stage::on(setting).await;
    let (mut guest, chat) = stage.guest("hello").await;
    let soon = stage.world.app(0).clock.now() + 5_000;
    stage.owner.put(&of_bot(&guest, &stage.bot, "block"), json!({ "until": soon })).await;
    let write = json!({ "chat_id": chat, "text": "back again" });
    assert_eq!(stage.bot.refused("sendMessage", write.clone()).await, BLOCKED);
    says_line(&stage, &guest, "bot_unblocked", None).await;
    stage.bot.does("sendMessage", write).await;
    guest.socket.message_event("back again").await;
}

#[tokio::test]
async fn the_lowest_in_rank_that_is_on_is_asked_and_no_other() {
    let stage = Stage::open().await;
    let second = Bot::made_at(&stage.owner, &stage.inbox, "second_bot", 0).await;
    let (mut guest, _) = stage.guest("first").await;
    hears(&second, "first").await;
    stage.owner.patch(&format!("/api/bots/{}", second.id), json!({ "off": true })).await;
    guest.writes("second").await;
    hears(&stage.bot, "second").await;
    assert_eq!(waiting(&stage.bot).await, ["second"]);
    // What it has not taken by then it does not get any more.
    assert_eq!(waiting(&second).await, Vec::<String>::new());
}

#[tokio::test]
async fn what_others_may_not_see_they_do_not_steer() {
    let stage = Stage::open().await;
    let (guest, _) = stage.guest("hello").await;
    let stranger = stage.owner.invites("stranger", "agent").await;
    for (method, path, body) in [
        ("PUT", of_bot(&guest, &stage.bot, "block"), Some(json!({}))),
        ("POST", of_bot(&guest, &stage.bot, "run"), Some(json!({}))),
        ("GET", format!("/api/conversations/{}/bots", guest.conversation), None),
        ("GET", format!("/api/bots/{}/log?conversation_id={}", stage.bot.id, guest.conversation), None),
    ] {
        let (status, answer) = stranger.call(method.parse().expect("a method"), &path, body).await;
        assert_eq!(status, 404, "{method} {path}: {answer}");
    }
    for (method, path) in [("GET", "/api/bots".to_owned()), ("GET", format!("/api/bots/{}/log", stage.bot.id))] {
        let (status, _) = stranger.call(method.parse().expect("a method"), &path, None).await;
        assert_eq!(status, 403, "{path}");
    }
    // Another visitor presses and asks in nobody's name.
    let (mut other, _) = stage.guest("me too").await;
    for does in [json!({ "do": "press", "number": 1, "row": 0, "column": 0 }), json!({ "do": "ask_human" })] {
        let mut command = does;
        command["conversation_id"] = json!(guest.conversation);
        assert_eq!(other.socket.does(command).await["error"]["code"], "not_found");
    }
}

#[tokio::test]
async fn a_hub_that_is_killed_loses_no_update_and_tells_none_twice() {
    let mut stage = Stage::on(Pair).await;
    let (mut guest, _) = stage.guest_at(1, "message 0").await;
    for number in 1..10 {
        guest.writes(&format!("message {number}")).await;
    }
    // One of the two asks; it does not matter which.
    stage.world.kill_hub(0);
    for number in 10..20 {
        guest.writes(&format!("message {number}")).await;
    }
    let bot = stage.bot.at(&stage, 1);
    let want: Vec<_> = (0..20).map(|number| format!("message {number}")).collect();
    eventually("all have come, in order, once", || async { (waiting(&bot).await == want).then_some(()) }).await;
}
