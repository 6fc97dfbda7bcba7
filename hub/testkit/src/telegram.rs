//! Telegram, as far as a bot that sends and gets texts sees it: long polling and `sendMessage`, after the Bot API's
//! documentation. What it was handed it remembers, so that a drill can count.
//!
//! Deliberately not here: files, edits, webhooks, refusals. Those are the connector's own suite's, which has a larger one.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep, timeout_at};

/// It thinks so long before it answers that it has taken a message, so that whoever is killed has something in hand.
const THINKS: Duration = Duration::from_millis(10);
/// Longest that a request for updates is held open (core.telegram.org/bots/api#getupdates), seconds.
const HELD_OPEN: u64 = 50;
/// Updates in one answer.
const TOGETHER: usize = 100;

/// The provider. Serves until the runtime that it was started on ends.
pub struct Telegram {
    address: SocketAddr,
    state: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    /// A plain lock: held for moments and never across a wait.
    world: Mutex<World>,
    /// There are new updates, or a newer request for them.
    news: Notify,
}

#[derive(Default)]
struct World {
    updates: VecDeque<(i64, Value)>,
    last_update: i64,
    last_message: i64,
    /// Requests for updates so far; an older one that still waits ends with 409.
    fetches: usize,
    sent: Vec<(i64, String)>,
}

impl Telegram {
    /// What @BotFather gave.
    pub const TOKEN: &str = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw";

    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let address = listener.local_addr().expect("its address");
        let state = Arc::new(Shared::default());
        // The token stands in one part of the path with a word: `/bot<token>/<method>`.
        let router = Router::new().route("/{bot}/{method}", post(answer)).with_state(state.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, state }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Somebody writes to the bot.
    pub fn writes(&self, chat: i64, text: &str) {
        let mut world = self.state.world.lock();
        world.last_update += 1;
        let number = world.last_update;
        let message = world.message(chat, &json!({"id": chat, "is_bot": false, "first_name": "An"}), text);
        world.updates.push_back((number, json!({"update_id": number, "message": message})));
        drop(world);
        self.state.news.notify_waiters();
    }

    /// To whom and what, each time that it was handed something, in order.
    pub fn sent(&self) -> Vec<(i64, String)> {
        self.state.world.lock().sent.clone()
    }

    /// How often it was asked for updates.
    pub fn fetches(&self) -> usize {
        self.state.world.lock().fetches
    }
}

impl World {
    fn message(&mut self, chat: i64, from: &Value, text: &str) -> Value {
        self.last_message += 1;
        let date = 1_790_000_000 + self.last_message;
        let chat = json!({"id": chat, "type": "private", "first_name": "An"});
        json!({"message_id": self.last_message, "date": date, "chat": chat, "from": from, "text": text})
    }
}

fn bot() -> Value {
    json!({
        "id": 110_201_543, "is_bot": true, "first_name": "Shop", "username": "shop_bot", "can_join_groups": true,
        "can_read_all_group_messages": false, "supports_inline_queries": false, "can_connect_to_business": false,
        "has_main_web_app": false,
    })
}

async fn answer(
    State(state): State<Arc<Shared>>,
    Path((_bot, method)): Path<(String, String)>,
    Json(asked): Json<Value>,
) -> (StatusCode, Json<Value>) {
    // The names of methods are read in any case.
    match method.to_ascii_lowercase().as_str() {
        "getme" => done(bot()),
        "getupdates" => updates(&state, &asked).await,
        "sendmessage" => {
            let (chat, text) =
                (asked["chat_id"].as_i64().unwrap_or_default(), asked["text"].as_str().unwrap_or_default());
            let message = {
                let mut world = state.world.lock();
                world.sent.push((chat, text.to_owned()));
                world.message(chat, &bot(), text)
            };
            // It has it from here on, whether or not anybody hears so.
            sleep(THINKS).await;
            done(message)
        }
        _ => done(json!(true)),
    }
}

async fn updates(state: &Shared, asked: &Value) -> (StatusCode, Json<Value>) {
    let mine = {
        let mut world = state.world.lock();
        let offset = asked["offset"].as_i64().unwrap_or(0);
        world.updates.retain(|(number, _)| *number >= offset);
        world.fetches += 1;
        world.fetches
    };
    state.news.notify_waiters();
    let end = Instant::now() + Duration::from_secs(asked["timeout"].as_u64().unwrap_or(0).min(HELD_OPEN));
    loop {
        let mut news = std::pin::pin!(state.news.notified());
        news.as_mut().enable();
        {
            let world = state.world.lock();
            if world.fetches != mine {
                let why = "Conflict: terminated by other getUpdates request";
                return (StatusCode::CONFLICT, Json(json!({"ok": false, "error_code": 409, "description": why})));
            }
            if !world.updates.is_empty() || Instant::now() >= end {
                return done(world.updates.iter().take(TOGETHER).map(|(_, update)| update.clone()).collect());
            }
        }
        let _ = timeout_at(end, news).await;
    }
}

fn done(result: Value) -> (StatusCode, Json<Value>) {
    (StatusCode::OK, Json(json!({"ok": true, "result": result})))
}
