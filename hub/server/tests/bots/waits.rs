//! A customer who waits for a person: no bot comes between, and the team sees who waits as long as they do.

use rstest::rstest;
use serde_json::{Value, json};

use crate::reins::{answers, hears, lines, of_bot, says_line, waiting};
use crate::stage::{Bot, Guest, Stage};
use crate::support::Setting::{self, Alone, Pair};
use crate::support::eventually;

const BLOCKED: &str = "403 Forbidden: bot was blocked by the user";

async fn asks_for_a_person(guest: &mut Guest) {
    let ask = json!({ "do": "ask_human", "conversation_id": guest.conversation });
    assert_eq!(guest.socket.does(ask).await["ok"], "yes");
}

async fn waits(stage: &Stage, guest: &Guest) -> bool {
    stage.owner.detail(&guest.conversation).await["row"]["asked_person"].as_bool().unwrap_or_default()
}

async fn waits_by_now(stage: &Stage, guest: &Guest) {
    eventually("the customer waits for a person", || async { waits(stage, guest).await.then_some(()) }).await;
}

/// Bots are given so many seconds.
async fn patience(stage: &Stage, seconds: u32) {
    let rules = json!({ "quiet_minutes": null, "back_on_close": true, "patience_seconds": seconds });
    stage.owner.put(&format!("/api/inboxes/{}/bot-rules", stage.inbox.id), rules).await;
}

async fn changes(stage: &Stage, bot: &Bot, change: Value) {
    stage.owner.patch(&format!("/api/bots/{}", bot.id), change).await;
}

/// How a bot that was not there when the customer asked comes to be.
#[derive(Debug, Clone, Copy)]
enum Comes {
    SwitchedOn,
    ToTheInbox,
    WithAToken,
}

#[rstest]
#[case(Comes::SwitchedOn)]
#[case(Comes::ToTheInbox)]
#[case(Comes::WithAToken)]
#[tokio::test]
async fn a_bot_that_comes_later_is_out_like_those_that_were_there(#[case] comes: Comes) {
    let stage = Stage::open().await;
    let mut second = Bot::made_at(&stage.owner, &stage.inbox, "second_bot", 2).await;
    let token = format!("/api/bots/{}/token", second.id);
    // It has been there: how it stood is known.
    let (mut guest, chat) = stage.guest("hello").await;
    hears(&stage.bot, "hello").await;
    match comes {
        Comes::SwitchedOn => changes(&stage, &second, json!({ "off": true })).await,
        Comes::ToTheInbox => changes(&stage, &second, json!({ "inboxes": [] })).await,
        Comes::WithAToken => drop(stage.owner.delete(&token).await),
    }
    asks_for_a_person(&mut guest).await;
    match comes {
        Comes::SwitchedOn => changes(&stage, &second, json!({ "off": false })).await,
        Comes::ToTheInbox => {
            let inboxes = json!([{ "inbox_id": stage.inbox.id, "rank": 2, "answers": "always" }]);
            changes(&stage, &second, json!({ "inboxes": inboxes })).await;
        }
        Comes::WithAToken => {
            second.token = stage.owner.post(&token, json!({})).await["token"].as_str().expect("a token").to_owned();
        }
    }
    let write = json!({ "chat_id": chat, "text": "may I help?" });
    assert_eq!(second.refused("sendMessage", write.clone()).await, BLOCKED);
    assert!(waits(&stage, &guest).await);
    // Until somebody of the team lets it.
    stage.owner.delete(&of_bot(&guest, &second, "block")).await;
    second.does("sendMessage", write).await;
    assert!(!waits(&stage, &guest).await);
}

#[rstest]
#[case(Alone)]
#[case(Pair)]
#[tokio::test]
async fn who_was_answered_waits_no_more(#[case] setting: Setting) {
    let stage = Stage::on(setting).await;
    let (mut guest, chat) = stage.guest("hello").await;
    asks_for_a_person(&mut guest).await;
    assert!(waits(&stage, &guest).await);
    answers(&stage, &guest, "This is Olga").await;
    assert!(!waits(&stage, &guest).await);
    // The bots stay out.
    assert_eq!(stage.bot.refused("sendMessage", json!({ "chat_id": chat, "text": "and me" })).await, BLOCKED);
    asks_for_a_person(&mut guest).await;
    assert!(waits(&stage, &guest).await);
}

#[tokio::test]
async fn a_block_that_ends_lets_nobody_between_the_customer_and_a_person() {
    let stage = Stage::open().await;
    let second = Bot::made_at(&stage.owner, &stage.inbox, "second_bot", 2).await;
    let (mut guest, chat) = stage.guest("hello").await;
    asks_for_a_person(&mut guest).await;
    let soon = stage.world.app(0).clock.now() + 1_000;
    stage.owner.put(&of_bot(&guest, &second, "block"), json!({ "until": soon })).await;
    eventually("the time is over", || async { (stage.world.app(0).clock.now() > soon + 2_000).then_some(()) }).await;
    assert!(waits(&stage, &guest).await);
    assert_eq!(second.refused("sendMessage", json!({ "chat_id": chat, "text": "back again" })).await, BLOCKED);
}

#[tokio::test]
async fn who_pressed_a_button_that_nobody_answers_waits_for_a_person() {
    let stage = Stage::open().await;
    let (mut guest, chat) = stage.guest("hello").await;
    let keys = json!({ "inline_keyboard": [[{ "text": "Yes", "callback_data": "y" }]] });
    let sent = stage.bot.does("sendMessage", json!({ "chat_id": chat, "text": "blue?", "reply_markup": keys })).await;
    patience(&stage, 1).await;
    let number = sent["message_id"].as_i64().expect("a number");
    guest.presses(number, 0, 0).await;
    says_line(&stage, &guest, "bot_blocked", Some("silent")).await;
    waits_by_now(&stage, &guest).await;
}

/// How a bot goes that was asked.
#[derive(Debug, Clone, Copy)]
enum Goes {
    Off,
    WithoutToken,
    FromTheInbox,
}

#[rstest]
#[case(Goes::Off)]
#[case(Goes::WithoutToken)]
#[case(Goes::FromTheInbox)]
#[tokio::test]
async fn what_a_bot_owes_that_went_the_next_one_is_asked(#[case] goes: Goes) {
    let stage = Stage::open().await;
    let second = Bot::made_at(&stage.owner, &stage.inbox, "second_bot", 2).await;
    patience(&stage, 1).await;
    let (_guest, _) = stage.guest("hello").await;
    hears(&stage.bot, "hello").await;
    leaves(&stage, goes).await;
    hears(&second, "hello").await;
}

#[rstest]
#[case(Goes::Off)]
#[case(Goes::WithoutToken)]
#[case(Goes::FromTheInbox)]
#[tokio::test]
async fn whom_a_bot_left_without_an_answer_waits_for_a_person(#[case] goes: Goes) {
    let stage = Stage::open().await;
    patience(&stage, 1).await;
    let (guest, _) = stage.guest("hello").await;
    hears(&stage.bot, "hello").await;
    leaves(&stage, goes).await;
    waits_by_now(&stage, &guest).await;
}

async fn leaves(stage: &Stage, goes: Goes) {
    match goes {
        Goes::Off => changes(stage, &stage.bot, json!({ "off": true })).await,
        Goes::WithoutToken => drop(stage.owner.delete(&format!("/api/bots/{}/token", stage.bot.id)).await),
        Goes::FromTheInbox => changes(stage, &stage.bot, json!({ "inboxes": [] })).await,
    }
}

#[tokio::test]
async fn what_is_put_back_leaves_the_customer_to_people_again() {
    let stage = Stage::open().await;
    let (guest, chat) = stage.guest("hello").await;
    stage.bot.does("switchboard.handOver", json!({ "chat_id": chat, "reason": "too hard" })).await;
    let path = format!("/api/conversations/{}/bots", guest.conversation);
    let began = stage.owner.get(&path).await["bots"][0]["blocked"]["at"].clone();
    stage.owner.delete(&of_bot(&guest, &stage.bot, "block")).await;
    assert!(!waits(&stage, &guest).await);
    stage.owner.put(&of_bot(&guest, &stage.bot, "block"), json!({ "put_back": began })).await;
    assert!(waits(&stage, &guest).await);
}

#[tokio::test]
async fn who_waits_again_because_a_change_was_undone_is_kept_from_bots() {
    let stage = Stage::open().await;
    let (mut guest, chat) = stage.guest("hello").await;
    asks_for_a_person(&mut guest).await;
    let change = json!({ "ids": [guest.conversation], "change": { "status": "closed" } });
    let done = stage.owner.post("/api/conversations/changes", change).await;
    says_line(&stage, &guest, "bot_unblocked", None).await;
    stage.owner.post("/api/conversations/changes/undone", json!({ "turns": done["changed"] })).await;
    assert!(waits(&stage, &guest).await);
    let write = json!({ "chat_id": chat, "text": "may I help?" });
    assert_eq!(stage.bot.refused("sendMessage", write).await, BLOCKED);
    guest.writes("is somebody there?").await;
    assert!(waits(&stage, &guest).await);
}

#[tokio::test]
async fn a_bot_that_is_off_does_not_come_back_when_the_case_closes() {
    let stage = Stage::open().await;
    let second = Bot::made_at(&stage.owner, &stage.inbox, "second_bot", 2).await;
    changes(&stage, &second, json!({ "off": true })).await;
    let (mut guest, _) = stage.guest("hello").await;
    asks_for_a_person(&mut guest).await;
    let path = format!("/api/conversations/{}", guest.conversation);
    stage.owner.patch(&path, json!({ "status": "closed" })).await;
    says_line(&stage, &guest, "bot_unblocked", None).await;
    let back: Vec<_> = lines(&stage, &guest).await.into_iter().filter(|line| line["kind"] == "bot_unblocked").collect();
    assert_eq!(back.iter().map(|line| &line["bot_id"]).collect::<Vec<_>>(), [&json!(stage.bot.id)]);
}

#[rstest]
#[case(Alone)]
#[case(Pair)]
#[tokio::test]
async fn what_was_split_off_and_deleted_waits_for_no_bot(#[case] setting: Setting) {
    let stage = Stage::on(setting).await;
    let (mut guest, _) = stage.guest("hello").await;
    guest.writes("my zanzibarine is broken").await;
    hears(&stage.bot, "my zanzibarine is broken").await;
    let path = format!("/api/conversations/{}", guest.conversation);
    let detail = stage.owner.detail(&guest.conversation).await;
    let mut said = detail["messages"].as_array().expect("messages").iter();
    let number = said.rfind(|message| message["kind"] == "in").expect("it was said")["number"].clone();
    let split = stage.owner.post(&format!("{path}/split"), json!({ "number": number, "and_after": true })).await;
    let there = format!("/api/conversations/{}", split["id"].as_str().expect("an id"));
    stage.owner.patch(&there, json!({ "place": "trash" })).await;
    stage.owner.call(reqwest::Method::DELETE, &there, None).await;
    assert_eq!(waiting(&stage.bot).await, ["hello"]);
}

/// An answer that can still be taken back: a bot that came in between would keep it from going out.
#[rstest]
#[case(Alone)]
#[case(Pair)]
#[tokio::test]
async fn no_bot_writes_while_an_answer_of_the_team_is_held(#[case] setting: Setting) {
    let stage = Stage::on(setting).await;
    let (guest, chat) = stage.guest("hello").await;
    hears(&stage.bot, "hello").await;
    let mut agent = stage.owner.connects().await;
    let answer =
        json!({ "do": "reply", "conversation_id": guest.conversation, "text": "This is Olga", "seen": 1, "hold": 30 });
    assert!(agent.does_as("held", answer).await["held_until"].is_number());
    let write = json!({ "chat_id": chat, "text": "may I help?" });
    assert_eq!(stage.bot.refused("sendMessage", write.clone()).await, BLOCKED);
    assert_eq!(agent.does(json!({ "do": "take_back", "client_id": "held" })).await["ok"], "yes");
    stage.bot.does("sendMessage", write).await;
}

/// Who waits for a person waits where they asked.
#[tokio::test]
async fn who_waits_is_known_where_their_question_goes() {
    let stage = Stage::open().await;
    let (mut guest, _) = stage.guest("hello").await;
    asks_for_a_person(&mut guest).await;
    guest.writes("and my lamp?").await;
    let path = format!("/api/conversations/{}", guest.conversation);
    let detail = stage.owner.detail(&guest.conversation).await;
    let mut said = detail["messages"].as_array().expect("messages").iter();
    let number = said.rfind(|message| message["kind"] == "in").expect("it was said")["number"].clone();
    let split = stage.owner.post(&format!("{path}/split"), json!({ "number": number, "and_after": true })).await;
    assert_eq!(split["asked_person"], true);
    // Answered where it was merged to, nobody waits where it is put back.
    let merged = format!("{path}/merged/{}", split["id"].as_str().expect("an id"));
    stage.owner.put(&merged, json!(null)).await;
    answers(&stage, &guest, "This is Olga").await;
    let back = stage.owner.delete(&merged).await;
    assert!(!back["asked_person"].as_bool().unwrap_or_default(), "{back}");
}
