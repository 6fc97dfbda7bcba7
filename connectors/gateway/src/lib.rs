//! Any HTTP gateway that a configuration describes: how a message of ours is written as a request, and where in the
//! gateway's requests lies what we want to know.
//!
//! Kannel, for example (<https://www.kannel.org/download/1.4.5/userguide-1.4.5/userguide.html>, its `sendsms` and `get-url`):
//!
//! | setting | value |
//! | --- | --- |
//! | send, url | `http://kannel:13013/cgi-bin/sendsms?username={{ secret.user \| urlencode }}&password={{ secret.password \| urlencode }}&from={{ from \| urlencode }}&to={{ to \| urlencode }}&text={{ text \| urlencode }}&charset=UTF-8&coding=2&dlr-mask=31&dlr-url={{ (status_url ~ "&status=%d") \| urlencode }}` |
//! | receive | id `id`, from `from`, text `text` |
//! | status | id `message`, status `status`, delivered `1`, failed `2` and `16` |
//! | Kannel's `sms-service` | `get-url = "<this inbox's address>?secret=…&id=%I&from=%p&text=%b"`, `max-messages = 0` |
//!
//! Deliberately not here: gateways that sign, or that want several requests for one message. They are a crate beside this one.

mod incoming;
mod outcome;
mod request;

use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use switchboard_connector::{
    Capabilities, Connector, Edge, Outgoing, Receipts, Secrets, SendError, Sent, Threads, Trouble, Webhook,
    WebhookAnswer,
};
use switchboard_connector_http::Http;
use switchboard_protocol::channels::GatewaySettings;

use outcome::Missing;
use request::{Fault, Ours, Request, Templates};

/// Longest text of one message, characters: ten SMS, which every gateway takes.
const TEXT_CHARS: u32 = 1_530;

/// The secret that the gateway shows when it calls us.
const INBOUND: &str = "inbound";

/// A gateway as its settings describe it.
pub struct Gateway {
    settings: GatewaySettings,
    secrets: Secrets,
    /// This inbox's own address under the hub's, without a slash at its end; none: the gateway cannot call us.
    address: Option<String>,
    http: Http,
    /// It has taken a message: its address is right.
    has_taken: AtomicBool,
}

impl Gateway {
    pub fn new(settings: GatewaySettings, secrets: Secrets, address: Option<String>, http: Http) -> Self {
        Self { settings, secrets, address, http, has_taken: AtomicBool::new(false) }
    }

    fn templates(&self) -> Templates<'_> {
        Templates::new(&self.settings, &self.secrets, self.address.as_deref())
    }
}

#[async_trait]
impl Connector for Gateway {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            rich_text: false,
            files: 0,
            file_bytes: 0,
            text_chars: TEXT_CHARS,
            subject: false,
            typing: false,
            receipts: if self.settings.status.is_some() { Receipts::Delivered } else { Receipts::Nothing },
            threads: Threads::Person,
            writes_first: true,
            segments: self.settings.sms,
            answers: false,
        }
    }

    /// No request is harmless that nobody has described. So a message is written as a request and looked at, and not sent;
    /// and somebody has to take connections where it would go.
    async fn check(&self) -> Result<String, Trouble> {
        if self.secrets.of(INBOUND).expose().is_empty() {
            let why = format!("The secret “{INBOUND}” is missing: by it the gateway is known when it calls.");
            return Err(Trouble::Settings(why));
        }
        let url = self.templates().check().map_err(Trouble::Settings)?;
        self.http.reach(&url).await?;
        let host = url.host_str().unwrap_or_default();
        Ok(format!("A message can be written as a request, and {host} takes connections. Nothing was sent."))
    }

    async fn webhook(&self, request: Webhook, edge: &dyn Edge) -> WebhookAnswer {
        incoming::answer(&self.settings, &self.secrets.of(INBOUND), &request, edge).await
    }

    async fn send(&self, message: &Outgoing) -> Result<Sent, SendError> {
        if message.text.trim().is_empty() {
            return Err(SendError::Refused { why: "A message without a text cannot be sent.".to_owned() });
        }
        let ours = message.message_id.to_string();
        let named = Ours { id: &ours, queued_at: message.queued_at };
        let request = self.templates().request(self.http.client(), &message.to.key, &message.text, named);
        let Request { builder, is_at_its_own_path } = request.map_err(|fault| match fault {
            Fault::Settings(why) => SendError::Broken { why },
            Fault::Message(why) => SendError::Refused { why },
        })?;
        let answer = self.http.call(builder).await?;
        if answer.is_success() {
            self.has_taken.store(true, Ordering::Relaxed);
        }
        let missing = match (is_at_its_own_path, self.has_taken.load(Ordering::Relaxed)) {
            (true, true) => Missing::Recipient,
            // The recipient's, or everybody's address: nothing has gone there yet.
            (true, false) | (false, true) => Missing::Something,
            (false, false) => Missing::Address,
        };
        outcome::of_sending(&answer, &self.settings.send.id_at, ours, missing)
    }
}
