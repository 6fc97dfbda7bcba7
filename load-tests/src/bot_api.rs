//! Telegram inside the generator: a Bot API server that knows one bot, and its people, who write by the bot's webhook. It calls
//! the hub as Telegram does: where it was told to, with the secret that it was told, one update a call, again until it is
//! answered with success.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};
use switchboard_protocol::channels::{ChannelSettings, SaveChannel, TelegramMode, TelegramSettings};
use tokio::sync::watch;

use crate::clock::{Clock, Nanos};
use crate::scan::Stamp;

const TOKEN: &str = "7000001:carrier";
/// One request to the hub; Telegram waits about so long, too.
const ANSWER_WITHIN: Duration = Duration::from_secs(15);
/// The hub tells where it is to be called by then.
const TOLD_WITHIN: Duration = Duration::from_secs(30);
/// People's numbers are made from here on.
const FIRST_PERSON: u64 = 100_000;
/// More messages of one person than any scenario writes.
const MESSAGES: u32 = 100;

/// What the hub has said by setWebhook.
#[derive(Debug, Clone, Default)]
struct Told {
    url: String,
    secret: String,
}

/// The server. Serves until the runtime that it was started on ends.
pub struct BotApi {
    address: SocketAddr,
    told: watch::Receiver<Told>,
    client: reqwest::Client,
}

impl BotApi {
    pub async fn start() -> std::io::Result<Self> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let (tells, told) = watch::channel(Told::default());
        let router = Router::new().route("/{bot}/{method}", post(answer)).with_state(Arc::new(tells));
        tokio::spawn(async move { axum::serve(listener, router).await });
        let client =
            reqwest::Client::builder().timeout(ANSWER_WITHIN).no_proxy().build().map_err(std::io::Error::other)?;
        Ok(Self { address, told, client })
    }

    /// What an admin fills in.
    pub fn settings(&self) -> SaveChannel {
        let base_url = format!("http://{}", self.address);
        let settings = TelegramSettings { mode: TelegramMode::Webhook, base_url };
        let secrets = [("token".to_owned(), TOKEN.to_owned())].into();
        SaveChannel { settings: ChannelSettings::Telegram(settings), secrets, untested: true }
    }

    /// Waits until the hub has said where it is to be called, and by which secret it knows us.
    pub async fn is_told(&self) -> std::io::Result<()> {
        let mut told = self.told.clone();
        let said = tokio::time::timeout(TOLD_WITHIN, told.wait_for(|told| !told.url.is_empty())).await;
        said.map_err(std::io::Error::other)?.map_err(std::io::Error::other)?;
        Ok(())
    }

    /// Brings a message of this person to a hub, once, and how long the hub took to say that it has it; None: it did not.
    pub async fn bring(&self, clock: &Clock, hub: SocketAddr, stamp: Stamp) -> Option<Nanos> {
        let told = self.told.borrow().clone();
        // The path that was told, at the hub whose turn it is.
        let path = &told.url[told.url.find("/hooks/")?..];
        let person = FIRST_PERSON + u64::from(stamp.sender);
        let from =
            json!({ "id": person, "is_bot": false, "first_name": format!("Person {person}"), "language_code": "en" });
        let body = json!({
            "update_id": stamp.sender * MESSAGES + stamp.sequence + 1,
            "message": {
                "message_id": stamp.sequence + 1,
                "date": 1_790_000_000,
                "chat": { "id": person, "type": "private", "first_name": format!("Person {person}") },
                "from": from,
                "text": stamp.to_text(80),
            },
        });
        let start = clock.now();
        let request = self.client.post(format!("http://{hub}{path}"));
        let request = request.header("x-telegram-bot-api-secret-token", &told.secret).json(&body);
        let answer = request.send().await.ok()?;
        answer.status().is_success().then(|| clock.now() - start)
    }
}

async fn answer(
    State(tells): State<Arc<watch::Sender<Told>>>,
    Path((_, method)): Path<(String, String)>,
    body: Option<Json<Value>>,
) -> Json<Value> {
    let said = |name: &str| body.as_ref().and_then(|Json(body)| body[name].as_str()).unwrap_or_default().to_owned();
    let result = match method.to_ascii_lowercase().as_str() {
        "getme" => json!({ "id": 7_000_001, "is_bot": true, "first_name": "Shop", "username": "shop_bot",
            "can_join_groups": true, "can_read_all_group_messages": false, "supports_inline_queries": false,
            "can_connect_to_business": false, "has_main_web_app": false }),
        "setwebhook" => {
            tells.send_replace(Told { url: said("url"), secret: said("secret_token") });
            json!(true)
        }
        "getwebhookinfo" => {
            json!({ "url": tells.borrow().url, "has_custom_certificate": false, "pending_update_count": 0 })
        }
        _ => json!(true),
    };
    Json(json!({ "ok": true, "result": result }))
}
