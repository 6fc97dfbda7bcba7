//! A Bot API server in memory: one bot, its private chats, its updates by long polling or webhook, its files, its refusals.
//!
//! It follows the Bot API's documentation, not our connector's use of it: [`crate::clients`] has teloxide's client and
//! python-telegram-bot work with it unchanged. Deliberately not here: groups, keyboards, `parse_mode`, payments.

mod door;
mod http;
mod methods;
mod updates;

use std::collections::{HashMap, HashSet, VecDeque};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::sync::Notify;

pub use door::User;

/// The bot's number and name.
pub const BOT: i64 = 110_201_543;
pub const NAME: &str = "shop_bot";
pub const TOKEN: &str = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw";

pub struct BotApi {
    pub url: String,
    state: Arc<State>,
    server: tokio::task::JoinHandle<()>,
}

struct State {
    /// A plain lock: held for moments and never across a wait.
    world: Mutex<World>,
    /// There are new updates, or a newer poller.
    news: Notify,
    /// Something was sent to a chat.
    sent: Notify,
}

#[derive(Default)]
struct World {
    updates: VecDeque<(i32, Value)>,
    last_update: i32,
    last_message: i32,
    last_file: u32,
    /// Seconds; each message is one later.
    clock: i64,
    /// The newest getUpdates; an older one that still waits ends with 409.
    poller: u64,
    webhook: Option<Hook>,
    allowed: Option<Vec<String>>,
    /// By id: the path and the bytes.
    files: HashMap<String, (String, Vec<u8>)>,
    /// Downloads that are to fail with 500 before they work.
    failing_downloads: u32,
    chats: HashMap<i64, Value>,
    blocked: HashSet<i64>,
    /// Chats that are told to wait for so many seconds, at every message.
    flooded: HashMap<i64, u64>,
    /// What the next requests of a method get instead of what they asked for.
    surprises: VecDeque<(&'static str, Surprise)>,
    sent: Vec<Sent>,
    calls: Vec<String>,
}

#[derive(Clone)]
struct Hook {
    url: String,
    secret: Option<String>,
    max_connections: i64,
    last_error: Option<(i64, String)>,
}

/// Something that a message was made of, as the customer sees it.
#[derive(Debug, Clone)]
pub struct Sent {
    /// In small letters: "sendphoto".
    pub method: String,
    /// The Bot API's object, as it was answered.
    pub message: Value,
    /// Name, media type and content of the file in it.
    pub file: Option<(String, String, Vec<u8>)>,
}

#[derive(Debug, Clone)]
pub enum Surprise {
    Refuse {
        code: u16,
        description: &'static str,
        retry_after: Option<u64>,
    },
    /// This is the result, and nothing is done.
    Result(Value),
    /// It is done, and then the connection breaks before the answer.
    DoneAndLost,
    /// A page of something that stands before the server.
    Page {
        code: u16,
    },
}

impl BotApi {
    pub async fn start() -> Self {
        let world = World { last_update: 1_000, clock: 1_790_000_000, ..World::default() };
        let state = Arc::new(State { world: Mutex::new(world), news: Notify::new(), sent: Notify::new() });
        let listener = tokio::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let routes = http::routes(state.clone());
        let hook = tokio::spawn(updates::call_webhook(state.clone()));
        let server = tokio::spawn(async move {
            axum::serve(listener, routes).await.unwrap();
            hook.abort();
        });
        Self { url, state, server }
    }

    /// The person with this chat; its name and language say who.
    pub fn user(&self, chat: i64) -> User {
        let person = json!({"id": chat, "is_bot": false, "first_name": "An", "last_name": "Nguyễn",
            "username": format!("an{chat}"), "language_code": "vi"});
        self.state.world.lock().chats.insert(chat, person);
        User::new(chat, self.state.clone())
    }

    pub fn surprise(&self, method: &'static str, surprise: Surprise) {
        self.state.world.lock().surprises.push_back((method, surprise));
    }

    pub fn flood(&self, chat: i64, retry_after_seconds: u64) {
        self.state.world.lock().flooded.insert(chat, retry_after_seconds);
    }

    pub fn fail_downloads(&self, times: u32) {
        self.state.world.lock().failing_downloads = times;
    }

    /// After a week of quiet Telegram counts updates anew, at any number.
    pub fn count_updates_from(&self, number: i32) {
        self.state.world.lock().last_update = number - 1;
    }

    /// What the webhook is called with to prove who calls.
    pub fn webhook_secret(&self) -> Option<String> {
        self.state.world.lock().webhook.as_ref()?.secret.clone()
    }

    /// The webhook has not taken an update.
    pub fn has_webhook_failed(&self) -> bool {
        self.state.world.lock().webhook.as_ref().is_some_and(|hook| hook.last_error.is_some())
    }

    /// Updates that nobody has confirmed.
    pub fn waiting(&self) -> usize {
        self.state.world.lock().updates.len()
    }

    pub fn sent(&self) -> Vec<Sent> {
        self.state.world.lock().sent.clone()
    }

    /// Names of all methods that were called, in small letters.
    pub fn calls(&self) -> Vec<String> {
        self.state.world.lock().calls.clone()
    }

    /// Waits until a condition on what was called holds.
    pub async fn until(&self, what: impl Fn(&BotApi) -> bool) {
        tokio::time::timeout(Duration::from_secs(30), async {
            while !what(self) {
                let _ = tokio::time::timeout(Duration::from_millis(20), self.state.sent.notified()).await;
            }
        })
        .await
        .expect("it should have come to this within 30 s");
    }
}

impl Drop for BotApi {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl World {
    fn tick(&mut self) -> i64 {
        self.clock += 1;
        self.clock
    }

    fn next_message(&mut self) -> i32 {
        self.last_message += 1;
        self.last_message
    }

    /// Keeps a file; its object without what only one kind of file has.
    fn keep_file(&mut self, folder: &str, bytes: Vec<u8>) -> Value {
        self.last_file += 1;
        let id = format!("AgAC{:08}", self.last_file);
        let file =
            json!({"file_id": id, "file_unique_id": format!("Q{:08}", self.last_file), "file_size": bytes.len()});
        self.files.insert(id, (format!("{folder}/file_{}.dat", self.last_file), bytes));
        file
    }

    fn chat(&self, chat: i64) -> Option<Value> {
        let person = self.chats.get(&chat)?;
        Some(
            json!({"id": chat, "type": "private", "first_name": person["first_name"], "last_name": person["last_name"],
            "username": person["username"]}),
        )
    }
}

fn bot() -> Value {
    json!({"id": BOT, "is_bot": true, "first_name": "Shop", "username": NAME})
}
