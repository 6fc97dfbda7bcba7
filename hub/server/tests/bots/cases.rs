//! Bots beside what becomes of a case: people are asked for, it ends and begins anew, it is merged, bots come later.

use rstest::rstest;
use serde_json::{Value, json};

use crate::reins::{answers, hears, lines, of_bot, says_line, waiting};
use crate::stage::{Bot, Guest, Stage};
use crate::support::Setting::{self, Alone, Pair};
use crate::support::people::text;
use crate::support::{Visitor, eventually};

/// How the first bot stands, as the panel has it.
async fn block(stage: &Stage, conversation: &str) -> Value {
    stage.owner.get(&format!("/api/conversations/{conversation}/bots")).await["bots"][0]["blocked"].clone()
}

async fn closes(stage: &Stage, guest: &Guest) {
    stage.owner.patch(&format!("/api/conversations/{}", guest.conversation), json!({ "status": "closed" })).await;
}

/// The visitor's conversation after a change that leaves it to a person, or not.
async fn left_to_a_person(guest: &mut Guest, wanted: bool) {
    let fits = |event: &Value| {
        let conversation = &event["conversation"];
        (event["event"] == "conversation_changed" && conversation["asked_person"].as_bool().unwrap_or(false) == wanted)
            .then_some(())
    };
    guest.socket.wait_for("conversation_changed", fits).await;
}

#[tokio::test]
async fn what_was_said_before_a_bot_came_is_not_its_to_hear() {
    let mut stage = Stage::open().await;
    let other = stage.owner.makes_inbox("Other").await;
    let mut socket = Visitor::comes(stage.world.address(0), &other).await.connects(stage.world.address(0)).await;
    assert_eq!(socket.does(json!({ "do": "send", "text": "early" })).await["ok"], "yes");
    let second = Bot::made(&stage.owner, &other, "second_bot").await;
    // Whoever asks bots next begins where something was last noted: before that.
    stage.world.restart_hub(0).await;
    let visitor = Visitor::comes(stage.world.address(0), &other).await;
    let mut socket = visitor.connects(stage.world.address(0)).await;
    assert_eq!(socket.does(json!({ "do": "send", "text": "late" })).await["ok"], "yes");
    hears(&second, "late").await;
    assert_eq!(waiting(&second).await, ["late"]);
}

#[tokio::test]
async fn a_bot_that_comes_to_a_case_that_people_answer_is_out_until_the_next() {
    let stage = Stage::open().await;
    let path = format!("/api/bots/{}", stage.bot.id);
    stage.owner.patch(&path, json!({ "inboxes": [] })).await;
    let (mut guest, chat) = stage.guest("hello").await;
    answers(&stage, &guest, "This is Olga").await;
    let inboxes = json!([{ "inbox_id": stage.inbox.id, "rank": 1, "answers": "always" }]);
    stage.owner.patch(&path, json!({ "inboxes": inboxes })).await;
    let blocked = block(&stage, &guest.conversation).await;
    assert_eq!((&blocked["why"], &blocked["by"]["kind"]), (&json!("answered"), &json!("agent")));
    let write = json!({ "chat_id": chat, "text": "hello too" });
    stage.bot.refused("sendMessage", write.clone()).await;
    closes(&stage, &guest).await;
    guest.writes("another thing").await;
    hears(&stage.bot, "another thing").await;
    stage.bot.does("sendMessage", write).await;
    assert_eq!(block(&stage, &guest.conversation).await, Value::Null);
}

#[rstest]
#[case(Alone)]
#[case(Pair)]
#[tokio::test]
async fn who_asks_for_a_person_is_heard_once_a_case_whoever_was_out_before(#[case] setting: Setting) {
    let stage = Stage::on(setting).await;
    let (mut guest, _) = stage.guest("hello").await;
    answers(&stage, &guest, "I take this").await;
    says_line(&stage, &guest, "bot_blocked", Some("answered")).await;
    let ask = json!({ "do": "ask_human", "conversation_id": guest.conversation });
    for _ in 0..2 {
        assert_eq!(guest.socket.does(ask.clone()).await["ok"], "yes");
    }
    left_to_a_person(&mut guest, true).await;
    let says_so = |line: &Value| line["kind"] == "asked_person" || line["why"] == "asked";
    let asked = |lines: Vec<Value>| lines.into_iter().filter(says_so).count();
    assert_eq!(asked(lines(&stage, &guest).await), 1);
    closes(&stage, &guest).await;
    left_to_a_person(&mut guest, false).await;
    guest.writes("me again").await;
    hears(&stage.bot, "me again").await;
    assert_eq!(guest.socket.does(ask).await["ok"], "yes");
    left_to_a_person(&mut guest, true).await;
    assert_eq!(asked(lines(&stage, &guest).await), 2);
    // Who lets a bot answer again lets the visitor ask again.
    stage.owner.delete(&of_bot(&guest, &stage.bot, "block")).await;
    left_to_a_person(&mut guest, false).await;
}

#[rstest]
#[case(Alone)]
#[case(Pair)]
#[tokio::test]
async fn whom_no_bot_answers_waits_for_a_person(#[case] setting: Setting) {
    let stage = Stage::on(setting).await;
    let (mut guest, chat) = stage.guest("hello").await;
    stage.bot.does("switchboard.handOver", json!({ "chat_id": chat, "reason": "too hard" })).await;
    left_to_a_person(&mut guest, true).await;
    assert_eq!(stage.owner.detail(&guest.conversation).await["row"]["asked_person"], true);
    closes(&stage, &guest).await;
    left_to_a_person(&mut guest, false).await;

    let rules = json!({ "quiet_minutes": null, "back_on_close": true, "patience_seconds": 1 });
    stage.owner.put(&format!("/api/inboxes/{}/bot-rules", stage.inbox.id), rules).await;
    guest.writes("is anybody there?").await;
    left_to_a_person(&mut guest, true).await;
    says_line(&stage, &guest, "bot_blocked", Some("silent")).await;
}

#[tokio::test]
async fn a_bot_without_a_token_is_passed_over() {
    let stage = Stage::open().await;
    let next = Bot::made_at(&stage.owner, &stage.inbox, "next_bot", 2).await;
    stage.owner.delete(&format!("/api/bots/{}/token", stage.bot.id)).await;
    stage.guest("hello").await;
    hears(&next, "hello").await;
}

#[tokio::test]
async fn an_agent_makes_a_block_that_came_of_itself_her_own() {
    let stage = Stage::open().await;
    let rules = json!({ "quiet_minutes": 15, "back_on_close": true, "patience_seconds": 30 });
    stage.owner.put(&format!("/api/inboxes/{}/bot-rules", stage.inbox.id), rules).await;
    let (guest, _) = stage.guest("hello").await;
    answers(&stage, &guest, "This is Olga").await;
    says_line(&stage, &guest, "bot_blocked", Some("answered")).await;
    stage.owner.put(&of_bot(&guest, &stage.bot, "block"), json!({})).await;
    says_line(&stage, &guest, "bot_blocked", Some("agent")).await;
    let blocked = block(&stage, &guest.conversation).await;
    assert_eq!((&blocked["why"], &blocked["until"]), (&json!("agent"), &Value::Null));
    let soon = stage.world.app(0).clock.now() + 600_000;
    stage.owner.put(&of_bot(&guest, &stage.bot, "block"), json!({ "until": soon })).await;
    assert_eq!(block(&stage, &guest.conversation).await["until"], soon);
}

/// A case that an agent has answered and in which the bot may write all the same, and the next thing as a case of its own.
async fn split(stage: &Stage) -> (Guest, String, i64) {
    let (mut guest, _) = stage.guest("where is my parcel?").await;
    answers(stage, &guest, "on its way").await;
    says_line(stage, &guest, "bot_blocked", Some("answered")).await;
    stage.owner.delete(&of_bot(&guest, &stage.bot, "block")).await;
    guest.writes("do you sell lamps?").await;
    let detail = stage.owner.detail(&guest.conversation).await;
    let messages = detail["messages"].as_array().expect("messages");
    let number =
        messages.iter().find(|message| message["text"] == "do you sell lamps?").expect("it is there")["number"].clone();
    let body = json!({ "number": number, "and_after": true });
    let other = stage.owner.post(&format!("/api/conversations/{}/split", guest.conversation), body).await;
    let number = other["number"].as_i64().expect("a number");
    (guest, text(&other["id"]), number)
}

#[tokio::test]
async fn answers_that_kept_nobody_out_keep_nobody_out_where_they_are_merged_to() {
    let stage = Stage::open().await;
    let (guest, other, chat) = split(&stage).await;
    stage.owner.put(&format!("/api/conversations/{other}/merged/{}", guest.conversation), Value::Null).await;
    stage.bot.does("sendMessage", json!({ "chat_id": chat, "text": "we do" })).await;
    assert_eq!(block(&stage, &other).await, Value::Null);
}

#[tokio::test]
async fn a_block_goes_along_with_a_merge_and_the_team_hears_of_it() {
    let stage = Stage::open().await;
    let (guest, other, chat) = split(&stage).await;
    stage.owner.put(&of_bot(&guest, &stage.bot, "block"), json!({})).await;
    let mut socket = stage.owner.connects().await;
    stage.owner.put(&format!("/api/conversations/{other}/merged/{}", guest.conversation), Value::Null).await;
    let here = |event: &Value| {
        let bots = &event["bots"];
        (event["event"] == "conversation_bots_changed" && bots["conversation_id"] == other.as_str())
            .then(|| bots["bots"][0]["blocked"]["why"].clone())
    };
    assert_eq!(socket.wait_for("conversation_bots_changed", here).await, "agent");
    stage.bot.refused("sendMessage", json!({ "chat_id": chat, "text": "we do" })).await;
    // Taken apart again it stays.
    stage.owner.delete(&format!("/api/conversations/{other}/merged/{}", guest.conversation)).await;
    eventually("both are blocked", || async {
        let both = (block(&stage, &other).await, block(&stage, &guest.conversation).await);
        (both.0["why"] == "agent" && both.1["why"] == "agent").then_some(())
    })
    .await;
}
