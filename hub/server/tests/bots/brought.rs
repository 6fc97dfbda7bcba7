//! Bots that are called at an address of theirs, and what goes on while something is away.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use parking_lot::Mutex;
use serde_json::{Value, json};
use switchboard::Parts;
use switchboard::clock::Clock;
use switchboard::config::Config;

use crate::reins::{hears, says_line};
use crate::stage::{Bot, Stage};
use crate::support::Setting::Pair;
use crate::support::{Visitor, World, eventually};

/// A bot's own server.
#[derive(Clone, Default)]
struct Hook {
    /// Words of the messages that it was called with.
    heard: Arc<Mutex<Vec<String>>>,
    /// It never answers.
    hangs: bool,
}

impl Hook {
    /// Where it is.
    async fn opens(&self) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let router = Router::new().route("/hook", post(called)).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        format!("http://{address}/hook")
    }
}

/// Takes what it is called with at the second try.
async fn called(State(hook): State<Hook>, axum::Json(update): axum::Json<Value>) -> StatusCode {
    let words = update["message"]["text"].as_str().unwrap_or_default().to_owned();
    let first = {
        let mut heard = hook.heard.lock();
        heard.push(words.clone());
        heard.iter().filter(|before| **before == words).count() == 1
    };
    if hook.hangs {
        std::future::pending::<()>().await;
    }
    if first { StatusCode::INTERNAL_SERVER_ERROR } else { StatusCode::OK }
}

#[tokio::test]
async fn a_webhook_hears_a_conversation_in_order_and_again_after_trouble() {
    let stage = Stage::tuned(|config, _| config.channels.private_addresses = true).await;
    let hook = Hook::default();
    let url = hook.opens().await;
    stage.bot.does("setWebhook", json!({ "url": url, "allowed_updates": ["message"] })).await;
    let (mut guest, _) = stage.guest("one").await;
    guest.writes("two").await;
    guest.writes("three").await;
    let (_other, _) = stage.guest("elsewhere").await;
    let heard = eventually("all has come", || async {
        let heard = hook.heard.lock().clone();
        (heard.len() == 8).then_some(heard)
    })
    .await;
    let here: Vec<_> = heard.iter().filter(|words| *words != "elsewhere").collect();
    assert_eq!(here, ["one", "one", "two", "two", "three", "three"]);
    let at = heard.iter().position(|words| words == "elsewhere").expect("it has come");
    assert!(at < 5, "one conversation's trouble holds up no other: {heard:?}");
}

/// A bot's own server that answers when it is let, and with this.
async fn thinks(answer: Value) -> (String, Arc<tokio::sync::Semaphore>, Arc<tokio::sync::Semaphore>) {
    let (asked, let_go) = (Arc::new(tokio::sync::Semaphore::new(0)), Arc::new(tokio::sync::Semaphore::new(0)));
    let (tells, waits) = (asked.clone(), let_go.clone());
    let called = move || async move {
        tells.add_permits(1);
        waits.acquire().await.expect("it is open").forget();
        axum::Json(answer)
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/hook", listener.local_addr().expect("an address"));
    let router = Router::new().route("/hook", post(called));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, asked, let_go)
}

#[tokio::test]
async fn who_has_lost_its_token_while_it_thought_says_nothing_more() {
    let stage = Stage::tuned(|config, _| config.channels.private_addresses = true).await;
    let mut guests = Vec::new();
    let (first, number) = stage.guest("first").await;
    guests.push(first);
    let answer = json!({ "method": "sendMessage", "chat_id": number, "text": "from the answer" });
    let (url, asked, let_go) = thinks(answer).await;
    stage.bot.does("setWebhook", json!({ "url": url, "allowed_updates": ["message"] })).await;
    asked.acquire().await.expect("it is called").forget();
    let_go.add_permits(1);
    guests[0].socket.message_event("from the answer").await;

    guests[0].writes("second").await;
    asked.acquire().await.expect("it is called").forget();
    // Another one, so that the bot is not kept out for having none.
    stage.owner.post(&format!("/api/bots/{}/token", stage.bot.id), json!({})).await;
    let_go.add_permits(1);
    // It has been taken: what was to be done for its answer was done before.
    eventually("nothing is in hand", || async {
        let bots = stage.owner.get("/api/bots").await;
        (bots["bots"][0]["waiting"] == 0).then_some(())
    })
    .await;
    let said = stage.owner.detail(&guests[0].conversation).await["messages"].to_string();
    assert_eq!(said.matches("from the answer").count(), 1, "{said}");
}

#[tokio::test]
async fn a_webhook_that_is_set_anew_hears_at_once_what_the_one_before_has_not_taken() {
    // On a clock that stands still nothing that was put off comes due.
    let clock = Clock::held(1_790_000_000_000);
    let tune = move |config: &mut Config, parts: &mut Parts| {
        config.channels.private_addresses = true;
        parts.clock = clock.clone();
    };
    let stage = Stage::tuned(tune).await;
    let nobody = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/hook", nobody.local_addr().expect("an address"));
    drop(nobody);
    stage.bot.does("setWebhook", json!({ "url": url, "allowed_updates": ["message"] })).await;
    let (_guest, _) = stage.guest("is anybody there?").await;
    eventually("it has failed", || async {
        let info = stage.bot.does("getWebhookInfo", json!({})).await;
        info.get("last_error_message").is_some().then_some(())
    })
    .await;
    let hook = Hook::default();
    stage.bot.does("setWebhook", json!({ "url": hook.opens().await })).await;
    eventually("it hears", || async { (!hook.heard.lock().is_empty()).then_some(()) }).await;
}

#[tokio::test]
async fn bots_are_asked_at_once_though_a_webhook_hangs_when_the_turn_ends() {
    let world = World::tuned(Pair, |config, _| config.channels.private_addresses = true).await;
    let mut stage = Stage::in_world(world).await;
    let hook = Hook { hangs: true, ..Hook::default() };
    let url = hook.opens().await;
    stage.bot.does("setWebhook", json!({ "url": url })).await;
    stage.world.kill_hub(1);
    let other = stage.owner.makes_inbox("Other").await;
    let second = Bot::made(&stage.owner, &other, "second_bot").await;
    let (_guest, _) = stage.guest("hello").await;
    eventually("it is called", || async { (!hook.heard.lock().is_empty()).then_some(()) }).await;
    stage.world.redis.as_mut().expect("a pair has one").kill();
    let at = stage.world.address(0);
    let mut socket = Visitor::comes(at, &other).await.connects(at).await;
    assert_eq!(socket.does(json!({ "do": "send", "text": "anybody?" })).await["ok"], "yes");
    hears(&second, "anybody?").await;
    assert_eq!(hook.heard.lock().len(), 1, "what is under way is in one hand");
}

#[tokio::test]
async fn without_redis_bots_hear_and_give_way_all_the_same() {
    let mut stage = Stage::on(Pair).await;
    let rules = json!({ "quiet_minutes": null, "back_on_close": true, "patience_seconds": 2 });
    stage.owner.put(&format!("/api/inboxes/{}/bot-rules", stage.inbox.id), rules).await;
    stage.world.redis.as_mut().expect("a pair has one").kill();
    let (guest, _) = stage.guest_at(1, "is anybody there?").await;
    hears(&stage.bot, "is anybody there?").await;
    says_line(&stage, &guest, "bot_blocked", Some("silent")).await;
}
