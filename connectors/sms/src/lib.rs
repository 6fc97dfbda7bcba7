//! SMS by a provider that speaks Twilio's REST dialect: <https://www.twilio.com/docs/messaging/api/message-resource>, and
//! for what comes in <https://www.twilio.com/docs/messaging/guides/webhook-request>.
//!
//! [`Line`] is one number, or one messaging service with its numbers. The provider charges by [`segments`].
//!
//! Deliberately not here: what follows from STOP (the hub keeps it for each person), and telling the provider where to call
//! us: the number may serve more than this inbox, so an admin says it there, and [`Line::check`] tells what is said now.
//!
//! Files go out as MMS: the provider fetches them from the hub, so there are none while the hub has no public address.

mod account;
mod arrived;
mod media;
mod missed;
mod outcome;
mod pictures;
mod place;
pub mod segments;
mod signature;
mod webhook;
mod words;

use async_trait::async_trait;
use switchboard_connector::{
    Capabilities, Connector, Edge, Outgoing, Receipts, Secrets, SendError, Sent, Threads, Trouble, Webhook,
    WebhookAnswer,
};
use switchboard_connector_http::Http;
use switchboard_protocol::channels::SmsSettings;

use account::Account;
use tokio_util::sync::CancellationToken;

/// Longest text that the provider takes, characters; it cuts it into segments itself.
const TEXT_CHARS: u32 = 1_600;
/// Short codes have no country.
const SHORT_CODE_DIGITS: usize = 8;

/// A number at its provider.
pub struct Line {
    account: Account,
    /// Our number in E.164, a short code, or a messaging service.
    from: String,
    /// This inbox's own address under the hub's, without a slash at its end; none: the provider cannot call us.
    address: Option<String>,
}

impl Line {
    /// The secret is `auth_token`: requests are made with it, and the provider signs with it.
    pub fn new(settings: SmsSettings, secrets: &Secrets, address: Option<String>, http: Http) -> Self {
        let SmsSettings { account_sid, from, base_url } = settings;
        let account = Account::new(http, account_sid, secrets.of("auth_token"), base_url);
        // As the provider writes it, which is what it is compared with.
        let from = switchboard_numbers::e164(&from, None).unwrap_or_else(|| from.trim().to_owned());
        Self { account, from, address }
    }

    fn is_messaging_service(&self) -> bool {
        self.from.starts_with("MG")
    }
}

/// A whole telephone number, and from which country it does not say. Short codes and names of senders are none.
fn is_written_at_home(from: &str) -> bool {
    let digits = from.chars().filter(char::is_ascii_digit).count();
    digits > SHORT_CODE_DIGITS && from.chars().all(|sign| sign.is_ascii_digit() || " -/().".contains(sign))
}

#[async_trait]
impl Connector for Line {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            rich_text: false,
            files: if self.address.is_some() { pictures::FILES } else { 0 },
            file_bytes: if self.address.is_some() { pictures::BYTES } else { 0 },
            text_chars: TEXT_CHARS,
            subject: false,
            typing: false,
            receipts: Receipts::Delivered,
            threads: Threads::Person,
            writes_first: true,
            segments: true,
            answers: false,
        }
    }

    async fn check(&self) -> Result<String, Trouble> {
        if is_written_at_home(&self.from) {
            let wrong = format!("{} is not written with its country. Write it like +31612345678.", self.from);
            return Err(Trouble::Settings(wrong));
        }
        let owner = self.account.check().await?;
        // A messaging service is asked for at another address than the account's, and senders of letters nowhere.
        if !self.from.starts_with('+') {
            return Ok(format!("The account “{owner}” is active."));
        }
        let number = self.account.number(&self.from).await?;
        if !number.capabilities.sms {
            return Err(Trouble::Settings(format!("{} is a number of the account, but one without SMS.", self.from)));
        }
        let mut found = format!("{} is a number of the account “{owner}” and can do SMS.", self.from);
        if let Some(address) = self.address.as_deref().filter(|address| number.sms_url != *address) {
            found.push_str(&match number.sms_url.as_str() {
                "" => format!(" What customers write to it does not come here yet: let it come to {address}."),
                now => format!(" What customers write to it goes to {now}: let it come to {address}."),
            });
        }
        if self.address.is_none() {
            found.push_str(" Files cannot be sent: the provider fetches them from the hub, and public_url is not set.");
        }
        Ok(found)
    }

    async fn receive(&self, edge: &dyn Edge, stop: CancellationToken) -> Result<(), Trouble> {
        missed::look(&self.account, &self.from, edge, stop).await
    }

    async fn webhook(&self, request: Webhook, edge: &dyn Edge) -> WebhookAnswer {
        webhook::answer(&self.account, &request, edge).await
    }

    async fn send(&self, message: &Outgoing) -> Result<Sent, SendError> {
        let files = pictures::addresses(&message.files)?;
        if message.text.trim().is_empty() && files.is_empty() {
            return Err(SendError::Refused { why: "An SMS without a text cannot be sent.".to_owned() });
        }
        let from = if self.is_messaging_service() { "MessagingServiceSid" } else { "From" };
        let mut form = vec![("To", message.to.key.as_str()), (from, &self.from), ("Body", &message.text)];
        form.extend(files.into_iter().map(|address| ("MediaUrl", address)));
        let status = self.address.as_ref().map(|address| format!("{address}/status"));
        if let Some(status) = &status {
            form.push(("StatusCallback", status));
        }
        outcome::of_sending(&self.account.post_message(&form).await?)
    }
}
