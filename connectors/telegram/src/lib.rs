//! A Telegram bot: its private chats are conversations.
//!
//! Updates come by long polling or by webhook, as the admin chooses; both are read by the same code and handed in under the
//! same keys, so that changing from one to the other loses nothing and doubles nothing. Of teloxide it is teloxide-core, the
//! Bot API's methods and objects, that is used, without the framework around it: there is no dispatcher here to feed, and
//! what goes over the line is [`api`]'s.
//!
//! An album is one message whose parts come by themselves, by webhook perhaps to several hubs: each is handed in as a
//! [`switchboard_connector::Happened::Part`] under a key of its own, and the hub puts them together. To put them together
//! here would mean to wait, and to lose a part when the same album is cut differently the second time.
//!
//! Deliberately not here: groups and channels, inline queries, payments, business connections; retries of whole messages.

mod api;
mod bare;
mod content;
mod files;
mod markup_in;
mod markup_out;
mod names;
mod pace;
mod read;
mod receive;
mod send;
mod webhook;

use std::time::Duration;

use async_trait::async_trait;
use parking_lot::Mutex;
use switchboard_connector::{
    Capabilities, Connector, Edge, Outgoing, Receipts, Recipient, Secret, Secrets, SendError, Sent, Threads, Trouble,
    Webhook, WebhookAnswer,
};
use switchboard_connector_http::Http;
use switchboard_protocol::channels::{TelegramMode, TelegramSettings};
use switchboard_protocol::limits;
use teloxide_core::payloads::{GetMe, SendChatAction};
use teloxide_core::types::{ChatAction, ChatId, User};
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::api::{Api, Failure};
use crate::files::Tries;
use crate::names::BotNumber;
use crate::pace::Pace;

/// Name of the bot's token among the secrets, as @BotFather gave it.
pub const TOKEN: &str = "token";
/// Files with one message: one album.
const FILES: u32 = 10;
/// Largest file that a bot may send, bytes.
const FILE_BYTES: i64 = 50 * 1024 * 1024;
/// Telegram shows for five seconds that somebody writes; after them it is too late to say so.
const TYPING: Duration = Duration::from_secs(5);

pub struct Bot {
    mode: TelegramMode,
    number: BotNumber,
    token: Secret,
    api: Api,
    pace: Pace,
    tries: Tries,
    /// A plain lock: held for moments and never across a wait.
    webhook: Mutex<Watched>,
}

/// What is known of the webhook.
#[derive(Default)]
struct Watched {
    /// Where we have told Telegram to call us.
    address: Option<Url>,
    /// When Telegram could not, as of the last look; the outer one: there was a look. Seconds.
    last_error: Option<Option<i64>>,
}

impl Bot {
    pub fn new(settings: TelegramSettings, secrets: &Secrets, http: Http) -> Result<Self, Trouble> {
        let token = secrets.of(TOKEN);
        if token.expose().is_empty() {
            return Err(Trouble::Settings("The bot's token is missing. @BotFather gives it.".into()));
        }
        Ok(Self {
            mode: settings.mode,
            number: BotNumber::of(&token),
            api: Api::new(&settings.base_url, token.clone(), http)?,
            token,
            pace: Pace::new(),
            tries: Tries::default(),
            webhook: Mutex::default(),
        })
    }
}

#[async_trait]
impl Connector for Bot {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            rich_text: true,
            files: FILES,
            file_bytes: FILE_BYTES,
            // A longer one than Telegram's goes as several.
            text_chars: limits::MESSAGE_TEXT_CHARS as u32,
            subject: false,
            typing: true,
            // The Bot API does not say whether a message was delivered or read.
            receipts: Receipts::Nothing,
            threads: Threads::Person,
            // A bot cannot begin.
            writes_first: false,
            segments: false,
            answers: true,
        }
    }

    async fn check(&self) -> Result<String, Trouble> {
        let me: User = self.api.call_for(&GetMe::new(), Duration::ZERO).await.map_err(Failure::trouble)?;
        Ok(me.mention().unwrap_or_else(|| me.full_name()))
    }

    async fn receive(&self, edge: &dyn Edge, stop: CancellationToken) -> Result<(), Trouble> {
        // Dropping either is safe at any place: what was handed in has its key, and what was not is not confirmed.
        let work = async {
            match self.mode {
                TelegramMode::Polling => receive::poll(self, edge).await,
                TelegramMode::Webhook => receive::watch(self, edge).await,
            }
        };
        tokio::select! {
            () = stop.cancelled() => Ok(()),
            outcome = work => outcome,
        }
    }

    async fn announce(&self, address: Option<&str>) -> Result<(), Trouble> {
        if self.mode == TelegramMode::Polling {
            return Ok(());
        }
        let Some(address) = address else {
            let why = "The hub has no public address that Telegram could call. Set one, or choose polling.";
            return Err(Trouble::Settings(why.into()));
        };
        let address = Url::parse(address)
            .map_err(|_| Trouble::Settings("The hub's public address is not a web address.".into()))?;
        receive::set_webhook(self, &address).await?;
        self.webhook.lock().address = Some(address);
        Ok(())
    }

    async fn webhook(&self, request: Webhook, edge: &dyn Edge) -> WebhookAnswer {
        webhook::webhook(self, request, edge).await
    }

    async fn send(&self, message: &Outgoing) -> Result<Sent, SendError> {
        send::send(&self.api, self.number, &self.pace, message).await
    }

    async fn typing(&self, to: &Recipient) {
        let Ok(chat) = to.key.parse() else { return };
        let method = SendChatAction::new(ChatId(chat), ChatAction::Typing);
        let said = tokio::time::timeout(TYPING, self.api.call(&method)).await;
        if !matches!(said, Ok(Ok(_))) {
            tracing::debug!(?said, "the customer is not shown that an agent writes");
        }
    }
}
