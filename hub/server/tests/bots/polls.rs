//! Getting updates.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};

use crate::stage::Stage;
use crate::support::PATIENCE;

#[tokio::test]
async fn a_poll_waits_for_what_comes_and_no_longer() {
    let stage = Stage::open().await;
    let bot = stage.bot.clone();
    let begun = Instant::now();
    let poll = tokio::spawn(async move { bot.does("getUpdates", json!({ "timeout": 50 })).await });
    let (_guest, chat) = stage.guest("are you there").await;
    let found = timeout(PATIENCE, poll).await.expect("it does not wait to the end").expect("it is answered");
    assert_eq!(found[0]["message"]["chat"]["id"], chat);
    assert!(begun.elapsed() < Duration::from_secs(20));
    // Confirmed, and nothing else is there: one that does not wait is answered at once.
    let next = found[0]["update_id"].as_i64().expect("a number") + 1;
    assert_eq!(stage.bot.does("getUpdates", json!({ "offset": next })).await, json!([]));
}

#[tokio::test]
async fn a_second_poller_ends_the_first_and_a_webhook_both() {
    let stage = Stage::tuned(|config, _| config.channels.private_addresses = true).await;
    let bot = stage.bot.clone();
    let first = tokio::spawn(async move { bot.refused("getUpdates", json!({ "timeout": 50 })).await });
    let conflict =
        "409 Conflict: terminated by other getUpdates request; make sure that only one bot instance is running";
    let ended = timeout(PATIENCE, async {
        // The first may not be there yet.
        while !first.is_finished() {
            stage.bot.does("getUpdates", json!({ "timeout": 0 })).await;
        }
        first.await.expect("it is answered")
    });
    assert_eq!(ended.await.expect("in time"), conflict);

    let waits = under_way(&stage).await;
    let set = json!({ "url": "https://127.0.0.1:9/hook", "secret_token": "s3cret_-", "allowed_updates": ["message"], "max_connections": 7 });
    let (_, answer) = stage.bot.asks("setWebhook", set).await;
    assert_eq!((&answer["result"], &answer["description"]), (&json!(true), &json!("Webhook was set")));
    let active =
        "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first";
    assert_eq!(stage.bot.refused("getUpdates", json!({})).await, format!("409 {active}"));
    // What comes now is the webhook's, and not also that of a call which waits since before.
    let (status, answer) = timeout(PATIENCE, waits).await.expect("in time").expect("it is answered");
    assert_eq!((status, &answer["description"]), (409, &json!(active)));
    let info = stage.bot.does("getWebhookInfo", json!({})).await;
    assert_eq!((&info["url"], &info["max_connections"]), (&json!("https://127.0.0.1:9/hook"), &json!(7)));
    assert_eq!((&info["allowed_updates"], &info["has_custom_certificate"]), (&json!(["message"]), &json!(false)));
    let (_, answer) = stage.bot.asks("deleteWebhook", json!({ "drop_pending_updates": true })).await;
    assert_eq!(answer["description"], "Webhook was deleted");
    assert_eq!(stage.bot.does("getUpdates", json!({})).await, json!([]));
    let info = stage.bot.does("getWebhookInfo", json!({})).await;
    assert_eq!(info["url"], "");
    // What it wants to hear of stays, until it says otherwise.
    assert_eq!(info["allowed_updates"], json!(["message"]));
}

/// A call that waits for updates, and is known to.
async fn under_way(stage: &Stage) -> JoinHandle<(u16, Value)> {
    let poll = || {
        let bot = stage.bot.clone();
        tokio::spawn(async move { bot.asks("getUpdates", json!({ "timeout": 50 })).await })
    };
    // One of two ends the other, and is then there.
    let (mut one, mut other) = (poll(), poll());
    tokio::select! {
        _ = &mut one => other,
        _ = &mut other => one,
        () = tokio::time::sleep(PATIENCE) => panic!("neither ends the other"),
    }
}

#[tokio::test]
async fn a_hub_that_goes_answers_its_polls() {
    let mut stage = Stage::open().await;
    let left = under_way(&stage).await;
    let begun = Instant::now();
    timeout(PATIENCE, stage.world.stop_hub(0)).await.expect("the hub goes");
    let (status, answer) = timeout(PATIENCE, left).await.expect("in time").expect("it is answered");
    assert_eq!((status, &answer["result"]), (200, &json!([])));
    assert!(begun.elapsed() < Duration::from_secs(20));
}

#[tokio::test]
async fn a_bot_that_wants_no_words_leaves_them_to_the_next() {
    let stage = Stage::open().await;
    stage.bot.does("getUpdates", json!({ "allowed_updates": ["callback_query"] })).await;
    let next = crate::stage::Bot::made_at(&stage.owner, &stage.inbox, "next_bot", 2).await;
    stage.guest("hello").await;
    assert_eq!(next.fetches(0).await[0]["message"]["text"], "hello");
}

#[tokio::test]
async fn only_the_kinds_that_are_wanted_come() {
    let stage = Stage::open().await;
    stage.bot.does("getUpdates", json!({ "allowed_updates": ["callback_query"] })).await;
    let (mut guest, chat) = stage.guest("hello").await;
    let markup = json!({ "inline_keyboard": [[{ "text": "Go", "callback_data": "g" }]] });
    let sent = stage.bot.does("sendMessage", json!({ "chat_id": chat, "text": "Go?", "reply_markup": markup })).await;
    guest.socket.message_event("Go?").await;
    guest.presses(sent["message_id"].as_i64().expect("a number"), 0, 0).await;
    let found = stage.bot.fetches(0).await;
    assert!(found[0].get("callback_query").is_some() && found.len() == 1, "{found:?}");
}
