//! Where a bot does nothing, how often it writes, and what it hears no more.

use std::num::NonZeroU32;
use std::time::Duration;

use serde_json::{Value, json};
use switchboard::config::Rate;
use tokio::time::timeout;

use crate::reins::says_line;
use crate::stage::Stage;
use crate::support::Setting::Pair;
use crate::support::people::text;
use crate::support::{PATIENCE, World, eventually};

#[tokio::test]
async fn where_nobody_is_answered_a_bot_changes_shows_and_sorts_nothing() {
    let stage = Stage::open().await;
    let (guest, chat) = stage.guest("hello").await;
    let sent = stage.bot.does("sendMessage", json!({ "chat_id": chat, "text": "one" })).await;
    let number = &sent["message_id"];
    for (place, why) in [("trash", "the conversation is in the trash"), ("spam", "the conversation is in spam")] {
        let path = format!("/api/conversations/{}", guest.conversation);
        stage.owner.patch(&path, json!({ "place": place })).await;
        for (method, parameters) in [
            ("sendMessage", json!({ "text": "two" })),
            ("editMessageText", json!({ "message_id": number, "text": "two" })),
            ("deleteMessage", json!({ "message_id": number })),
            ("sendChatAction", json!({ "action": "typing" })),
            ("switchboard.addNote", json!({ "text": "two" })),
            ("switchboard.setTags", json!({ "tags": ["two"] })),
            ("switchboard.setPriority", json!({ "priority": "high" })),
            ("switchboard.handOver", json!({})),
        ] {
            let mut call = parameters;
            call["chat_id"] = json!(chat);
            let refused = stage.bot.refused(method, call).await;
            assert_eq!(refused, format!("400 Bad Request: have no rights to send a message: {why}"), "{method}");
        }
    }
}

#[tokio::test]
async fn in_an_inbox_that_was_removed_a_bot_does_nothing() {
    let stage = Stage::open().await;
    let (_guest, chat) = stage.guest("hello").await;
    let sent = stage.bot.does("sendMessage", json!({ "chat_id": chat, "text": "one" })).await;
    stage.owner.delete(&format!("/api/inboxes/{}", stage.inbox.id)).await;
    let edit = json!({ "chat_id": chat, "message_id": sent["message_id"], "text": "two" });
    let refused = stage.bot.refused("editMessageText", edit).await;
    assert_eq!(refused, "400 Bad Request: have no rights to send a message: the inbox of the conversation was removed");
}

#[tokio::test]
async fn a_number_of_a_merged_conversation_means_no_message_of_the_other() {
    let stage = Stage::open().await;
    let (mut guest, first) = stage.guest("hello").await;
    guest.writes("and another thing").await;
    let split = format!("/api/conversations/{}/split", guest.conversation);
    let other = text(&stage.owner.post(&split, json!({ "number": 2, "and_after": true })).await["id"]);
    let second = stage.owner.detail(&other).await["row"]["number"].as_i64().expect("a number");
    let send = |chat: i64| stage.bot.does("sendMessage", json!({ "chat_id": chat, "text": "yes?" }));
    let (kept, merged) = (send(first).await, send(second).await);
    assert_eq!(kept["message_id"], merged["message_id"]);
    stage.owner.put(&format!("/api/conversations/{}/merged/{other}", guest.conversation), Value::Null).await;

    let number = &merged["message_id"];
    let of = |more: Value| {
        let mut call = json!({ "chat_id": second, "message_id": number });
        call.as_object_mut().expect("fields").extend(more.as_object().expect("fields").clone());
        call
    };
    let edited = stage.bot.refused("editMessageText", of(json!({ "text": "no" }))).await;
    assert_eq!(edited, "400 Bad Request: message to edit not found");
    let deleted = stage.bot.refused("deleteMessage", of(json!({}))).await;
    assert_eq!(deleted, "400 Bad Request: message to delete not found");
    let answer = json!({ "chat_id": second, "text": "no", "reply_parameters": { "message_id": number } });
    assert_eq!(stage.bot.refused("sendMessage", answer).await, "400 Bad Request: message to be replied not found");
    // The chat itself is the other one now.
    let sent = stage.bot.does("sendMessage", json!({ "chat_id": second, "text": "here" })).await;
    assert_eq!(sent["chat"]["id"], first);
}

#[tokio::test]
async fn what_is_changed_counts_as_what_is_sent() {
    let few = Rate::Of { burst: NonZeroU32::new(2).expect("two"), per: Duration::from_secs(60) };
    let stage = Stage::tuned(move |config, _| config.limits.bot_messages = few).await;
    let (_guest, chat) = stage.guest("hello").await;
    let sent = stage.bot.does("sendMessage", json!({ "chat_id": chat, "text": "one" })).await;
    let edit = |words: &str| json!({ "chat_id": chat, "message_id": sent["message_id"], "text": words });
    stage.bot.does("editMessageText", edit("one two")).await;
    assert!(stage.bot.refused("editMessageText", edit("one two three")).await.starts_with("429 Too Many Requests"));
}

#[tokio::test]
async fn an_answer_that_grows_is_not_a_row_of_text_messages() {
    let stage = Stage::on(Pair).await;
    let (mut guest, chat) = stage.guest("hello").await;
    let sent = stage.bot.does("sendMessage", json!({ "chat_id": chat, "text": "one" })).await;
    let by_sms = format!("UPDATE conversations SET channel = 'sms' WHERE id = '{}'", guest.conversation);
    stage.world.database_does(&by_sms).await;
    let edit = json!({ "chat_id": chat, "message_id": sent["message_id"], "text": "one two" });
    let (status, answer) = stage.bot.asks("editMessageText", edit).await;
    let wait = answer["parameters"]["retry_after"].as_i64().expect("seconds");
    assert!(status == 429 && (1..=20).contains(&wait), "{status} {answer}");
    // What they have written since is answered at once.
    guest.writes("and?").await;
    let changed = stage
        .bot
        .does("editMessageText", json!({ "chat_id": chat, "message_id": sent["message_id"], "text": "one two three" }))
        .await;
    assert_ne!(changed["message_id"], sent["message_id"], "it is a message of its own there");
}

/// Two programs that answer each other do so for ever, unless somebody ends it.
#[tokio::test]
async fn a_talk_of_programs_ends() {
    let many = Rate::Of { burst: NonZeroU32::new(1_000).expect("a thousand"), per: Duration::from_secs(1) };
    let world = World::tuned(Pair, move |config, _| config.limits.bot_messages = many).await;
    let stage = Stage::in_world(world).await;
    let (mut guest, chat) = stage.guest("hello").await;
    let by_sms = format!("UPDATE conversations SET channel = 'sms' WHERE id = '{}'", guest.conversation);
    stage.world.database_does(&by_sms).await;
    for n in 0..switchboard_protocol::limits::BOT_ANSWERS_AN_HOUR {
        stage.bot.does("sendMessage", json!({ "chat_id": chat, "text": format!("answer {n}") })).await;
    }
    guest.writes("thank you for your message").await;
    says_line(&stage, &guest, "bot_blocked", Some("failing")).await;
    let late = stage.bot.refused("sendMessage", json!({ "chat_id": chat, "text": "once more" })).await;
    assert_eq!(late, "403 Forbidden: bot was blocked by the user");
}

#[tokio::test]
async fn a_bot_that_is_switched_off_is_sent_away_and_nothing_waits_for_it() {
    let stage = Stage::open().await;
    let (mut guest, _) = stage.guest("hello").await;
    let updates = stage.bot.fetches(0).await;
    let next = updates[0]["update_id"].as_i64().expect("a number") + 1;
    let bot = stage.bot.clone();
    let poll = tokio::spawn(async move { bot.asks("getUpdates", json!({ "offset": next, "timeout": 50 })).await });
    eventually("the poll is under way", || async {
        let info = stage.bot.does("getWebhookInfo", json!({})).await;
        (info["pending_update_count"] == 0).then_some(())
    })
    .await;
    stage.owner.patch(&format!("/api/bots/{}", stage.bot.id), json!({ "off": true })).await;
    let (status, _) = timeout(PATIENCE, poll).await.expect("it is ended").expect("it is answered");
    assert_eq!(status, 409);
    // Once the one behind it hears, it has been looked who is asked.
    let next = crate::stage::Bot::made_at(&stage.owner, &stage.inbox, "next_bot", 2).await;
    guest.writes("still there?").await;
    crate::reins::hears(&next, "still there?").await;
    assert_eq!(stage.bot.does("getUpdates", json!({})).await, json!([]));
}

#[tokio::test]
async fn what_waits_of_an_inbox_goes_when_the_bot_does() {
    let stage = Stage::open().await;
    let (_guest, _) = stage.guest("hello").await;
    let elsewhere = stage.owner.makes_inbox("Elsewhere").await;
    stage.bot.fetches(0).await;
    let there = json!([{ "inbox_id": elsewhere.id, "rank": 1, "answers": "always" }]);
    stage.owner.patch(&format!("/api/bots/{}", stage.bot.id), json!({ "inboxes": there })).await;
    assert_eq!(stage.bot.does("getUpdates", json!({})).await, json!([]));
}

#[tokio::test]
async fn another_token_changes_nothing_of_what_a_bot_wants_to_hear() {
    let stage = Stage::open().await;
    stage.bot.does("getUpdates", json!({ "allowed_updates": ["callback_query"] })).await;
    let made = stage.owner.post(&format!("/api/bots/{}/token", stage.bot.id), json!({})).await;
    let bot = crate::stage::Bot { token: text(&made["token"]), ..stage.bot.clone() };
    assert_eq!(bot.does("getWebhookInfo", json!({})).await["allowed_updates"], json!(["callback_query"]));
}
