//! A bot: a program that speaks to a hub by its Bot API, as any of them does that was written for Telegram's. What it is
//! refused comes in that API's words.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use reqwest::Client;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Serialize};

use crate::swarm::SOURCES;

/// What Telegram says of a bot that was blocked, to the letter.
pub const BLOCKED: &str = "Forbidden: bot was blocked by the user";
/// A call is given up after so long; the longest wait for updates is 50 s.
const ANSWER_WITHIN: Duration = Duration::from_secs(80);

/// One bot, as it is known on each of the hubs.
#[derive(Clone)]
pub struct Bot {
    client: Client,
    /// Addresses up to the method's name, one for each hub.
    bases: Vec<String>,
}

/// Why a call came to nothing.
#[derive(Debug)]
pub enum Refused {
    /// 403, in Telegram's words.
    Blocked,
    /// 429: again after so long, and no sooner if one is not in a race.
    TooOften { after: Duration },
    /// Any other answer that is not `ok`.
    Otherwise { status: u16, description: String },
    /// No answer: the hub is not there.
    Away,
}

#[derive(Deserialize)]
struct Answer<T> {
    ok: bool,
    result: Option<T>,
    description: Option<String>,
    parameters: Option<Parameters>,
}

#[derive(Deserialize)]
struct Parameters {
    retry_after: Option<u64>,
}

/// An update, as far as a drill looks into it.
#[derive(Debug, Clone, Deserialize)]
pub struct Update {
    pub update_id: i64,
    pub message: Option<Incoming>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Incoming {
    pub chat: Chat,
    #[serde(default)]
    pub text: String,
}

#[derive(Debug, Clone, Copy, Deserialize)]
pub struct Chat {
    pub id: i64,
}

/// What a message that was sent is known by.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct Sent {
    pub message_id: i64,
}

#[derive(Debug, Clone, Deserialize)]
pub struct WebhookInfo {
    #[serde(default)]
    pub last_error_message: String,
}

#[derive(Serialize)]
struct Text<'a> {
    chat_id: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_id: Option<i64>,
    text: &'a str,
}

#[derive(Serialize)]
struct Action {
    chat_id: i64,
    action: &'static str,
}

#[derive(Serialize)]
struct Poll {
    offset: i64,
    timeout: u64,
}

#[derive(Serialize)]
struct Webhook<'a> {
    url: &'a str,
    secret_token: &'a str,
}

#[derive(Serialize)]
struct Nothing {}

impl Bot {
    /// `number` tells bots apart: they come from several addresses.
    pub fn at(hubs: &[SocketAddr], token: &str, number: usize) -> reqwest::Result<Self> {
        let last = (number % usize::from(SOURCES)) as u8 + 1;
        let from = IpAddr::V4(Ipv4Addr::new(127, 0, 0, last));
        let client = Client::builder().local_address(from).no_proxy().build()?;
        Ok(Self { client, bases: Vec::new() }.beside(hubs, token))
    }

    /// Another bot of the same program.
    pub fn beside(&self, hubs: &[SocketAddr], token: &str) -> Self {
        let bases = hubs.iter().map(|hub| format!("http://{hub}/bot{token}/")).collect();
        Self { client: self.client.clone(), bases }
    }

    pub async fn send(&self, hub: usize, chat_id: i64, text: &str) -> Result<Sent, Refused> {
        self.call(hub, "sendMessage", &Text { chat_id, message_id: None, text }).await
    }

    pub async fn edit(&self, hub: usize, chat_id: i64, message_id: i64, text: &str) -> Result<Sent, Refused> {
        self.call(hub, "editMessageText", &Text { chat_id, message_id: Some(message_id), text }).await
    }

    pub async fn typing(&self, hub: usize, chat_id: i64) -> Result<(), Refused> {
        let action = Action { chat_id, action: "typing" };
        self.call::<IgnoredAny>(hub, "sendChatAction", &action).await.map(drop)
    }

    /// What waits from `offset` on; waits for it so long.
    pub async fn updates(&self, hub: usize, offset: i64, wait: Duration) -> Result<Vec<Update>, Refused> {
        self.call(hub, "getUpdates", &Poll { offset, timeout: wait.as_secs() }).await
    }

    pub async fn set_webhook(&self, url: &str, secret_token: &str) -> Result<(), Refused> {
        self.call::<IgnoredAny>(0, "setWebhook", &Webhook { url, secret_token }).await.map(drop)
    }

    pub async fn webhook_info(&self) -> Result<WebhookInfo, Refused> {
        self.call(0, "getWebhookInfo", &Nothing {}).await
    }

    async fn call<T: DeserializeOwned>(
        &self,
        hub: usize,
        method: &str,
        body: &(impl Serialize + Sync),
    ) -> Result<T, Refused> {
        let url = format!("{}{method}", self.bases[hub % self.bases.len()]);
        let asked = self.client.post(url).json(body).timeout(ANSWER_WITHIN).send();
        let answer = asked.await.map_err(|_| Refused::Away)?;
        let status = answer.status().as_u16();
        let text = answer.text().await.map_err(|_| Refused::Away)?;
        let unread = |_| Refused::Otherwise { status, description: format!("not an answer of a Bot API: {text}") };
        let answer: Answer<T> = serde_json::from_str(&text).map_err(unread)?;
        if let (true, Some(result)) = (answer.ok, answer.result) {
            return Ok(result);
        }
        let description = answer.description.unwrap_or_default();
        Err(match (status, answer.parameters.and_then(|parameters| parameters.retry_after)) {
            (403, _) if description == BLOCKED => Refused::Blocked,
            (429, Some(seconds)) => Refused::TooOften { after: Duration::from_secs(seconds) },
            _ => Refused::Otherwise { status, description },
        })
    }
}
