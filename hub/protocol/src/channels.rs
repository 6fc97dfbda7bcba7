//! Channels other than web chat: what each can carry, how an admin sets it up, how it does.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::model::{Channel, ContactBrief, Delivery, closed, wire};
use crate::{ConversationId, InboxId, MessageId, Number, UnixMs};

closed! {
    /// How a channel keeps messages together.
    Threads {
        /// One thread for each person: chat, SMS.
        Person = "person",
        /// By subject and references: mail. A person may have several.
        Subject = "subject",
    }

    /// How far the channel tells us that a message came.
    Receipts { Nothing = "nothing", Delivered = "delivered", Read = "read", }

    /// How a connection to a mail server is kept from being read.
    Security {
        /// TLS from the first byte (IMAP 993, SMTP 465).
        Tls = "tls",
        /// Plain first, then TLS; without TLS nothing is said (IMAP 143, SMTP 587).
        Starttls = "starttls",
        /// In the clear: on one machine or a network of one's own.
        None = "none",
    }

    /// How a mail server is told who we are.
    MailAuth {
        /// User name and password.
        Password = "password",
        /// User name and an OAuth 2 token (Google, Microsoft): SASL XOAUTH2.
        Xoauth2 = "xoauth2",
    }

    /// How a Telegram bot hears of messages.
    TelegramMode { Polling = "polling", Webhook = "webhook", }

    /// Whether a channel works, as of its last try.
    ChannelState {
        /// Set up, not tried yet.
        Starting = "starting",
        Working = "working",
        /// Tried again by itself.
        Away = "away",
        /// An admin has to mend the settings.
        Broken = "broken",
        /// Filled in for the demo, and tried by nobody until somebody saves settings of their own: nothing comes in, and
        /// what goes out waits.
        Unconnected = "unconnected",
    }
}

wire! {
/// What a channel can carry. The reply bar follows it.
#[derive(Eq)]
pub struct ChannelCapabilities {
    /// Bold, lists, links.
    pub rich_text: bool,
    /// Files with one message; 0: none.
    pub files: u32,
    /// All files of one message together, bytes.
    pub file_bytes: i64,
    /// Longest text of one message, characters.
    pub text_chars: u32,
    /// Subject, CC and BCC.
    pub subject: bool,
    /// The customer sees that an agent writes.
    pub typing: bool,
    pub receipts: Receipts,
    pub threads: Threads,
    /// We may write first, to anybody whose address we have.
    pub writes_first: bool,
    /// Texts are charged and cut by SMS segments: the composer counts them.
    pub segments: bool,
    /// A message can point at the one that it answers, and the customer sees which.
    #[serde(default)] #[ts(optional, as = "Option<bool>")]
    pub answers: bool,
}

/// What an admin fills in for a channel. Secrets are apart, see [`SaveChannel::secrets`].
#[derive(Eq)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ChannelSettings {
    Email(EmailSettings),
    Sms(SmsSettings),
    Telegram(TelegramSettings),
    Gateway(GatewaySettings),
}

/// A mailbox. Secrets: `imap_password`, `smtp_password` (for XOAUTH2 the access token), `push_secret` (of the address for
/// raw mails by HTTP).
#[derive(Eq)]
pub struct EmailSettings {
    /// Customers write to it and answers come from it.
    pub address: String,
    /// None: mails come by HTTP only.
    #[serde(default)] #[ts(optional)]
    pub imap: Option<MailServer>,
    /// Folders that are read, `INBOX` if empty.
    #[serde(default)] #[ts(optional, as = "Option<Vec<String>>")]
    pub folders: Vec<String>,
    /// `2026-02-01`: of what lies in a folder when it is read for the first time, the mails since that day become
    /// conversations. Empty: only what comes from then on.
    #[serde(default)] #[ts(optional, as = "Option<String>")]
    pub import_since: String,
    #[serde(default)] #[ts(optional)]
    pub smtp: Option<MailServer>,
    /// The mail server delivers `support+anything@` to `support@`: answers are led back by a signed address.
    #[serde(default)] #[ts(optional, as = "Option<bool>")]
    pub plus_addresses: bool,
    /// What whoever begins a conversation by mail is told at once; none: nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub acknowledgement: Option<Acknowledgement>,
}

/// A mail that says "yours is here". In both texts [`Acknowledgement::CASE_NUMBER`] stands for the case number; nothing of
/// the mail that it answers is in them.
#[derive(Eq)]
pub struct Acknowledgement {
    /// One line.
    pub subject: String,
    pub text: String,
}

#[derive(Eq)]
pub struct MailServer {
    pub host: String,
    pub port: u16,
    pub security: Security,
    /// Empty: nothing is asked for.
    #[serde(default)] #[ts(optional, as = "Option<String>")]
    pub username: String,
    #[serde(default = "password")] #[ts(optional, as = "Option<MailAuth>")]
    pub auth: MailAuth,
}

/// A number at a provider that speaks Twilio's REST dialect. Secret: `auth_token`.
#[derive(Eq)]
pub struct SmsSettings {
    pub account_sid: String,
    /// In E.164, or a messaging service's `MG…`.
    pub from: String,
    /// Empty: Twilio's own.
    #[serde(default)] #[ts(optional, as = "Option<String>")]
    pub base_url: String,
}

/// A bot. Secret: `token`, as BotFather gave it.
#[derive(Eq)]
pub struct TelegramSettings {
    pub mode: TelegramMode,
    /// Empty: Telegram's own; else a Bot API server of one's own.
    #[serde(default)] #[ts(optional, as = "Option<String>")]
    pub base_url: String,
}

/// Any HTTP gateway, described by templates and places in its answers. Secrets may be used in templates as `secret.NAME`.
#[derive(Eq)]
pub struct GatewaySettings {
    /// Our own number or name there.
    pub from: String,
    pub send: GatewaySend,
    pub receive: GatewayReceive,
    /// How the gateway tells what became of a message; none: it does not.
    #[serde(default)] #[ts(optional)]
    pub status: Option<GatewayStatus>,
    /// Texts are counted as SMS.
    #[serde(default)] #[ts(optional, as = "Option<bool>")]
    pub sms: bool,
}

/// One request a message. Templates (Jinja) know `to`, `from`, `text`, `id` (ours), `status_url`, `secret`, and write them by
/// the filters `urlencode` and `json`. `status_url` has our id as the field `message` and always a query: `&status=%d` can
/// be added to it.
#[derive(Eq)]
pub struct GatewaySend {
    /// GET or POST.
    pub method: String,
    /// Template of the address.
    pub url: String,
    /// Name and template.
    #[serde(default)] #[ts(optional, as = "Option<Vec<(String, String)>>")]
    pub headers: Vec<(String, String)>,
    /// Template of the body; empty: none.
    #[serde(default)] #[ts(optional, as = "Option<String>")]
    pub body: String,
    /// JSON pointer (RFC 6901) of the gateway's id in its answer; empty: the whole body is the id, if it is one word.
    #[serde(default)] #[ts(optional, as = "Option<String>")]
    pub id_at: String,
}

/// How a message looks that the gateway brings us: JSON pointers, or names of a form's or query's fields.
#[derive(Eq)]
pub struct GatewayReceive {
    pub id_at: String,
    pub from_at: String,
    pub text_at: String,
    /// The header that carries the secret `inbound`; empty: the query field `secret` does.
    #[serde(default)] #[ts(optional, as = "Option<String>")]
    pub secret_header: String,
}

#[derive(Eq)]
pub struct GatewayStatus {
    /// The gateway's id or ours: `message`, where the gateway calls `status_url`.
    pub id_at: String,
    pub status_at: String,
    /// Words of the gateway that mean: arrived.
    pub delivered: Vec<String>,
    /// Words of the gateway that mean: it never will.
    pub failed: Vec<String>,
}

/// Sets a channel up or changes it. It is tried before it is saved.
pub struct SaveChannel {
    pub settings: ChannelSettings,
    /// By name; one that is not named stays as it is, an empty one is taken away.
    #[serde(default)] #[ts(optional, as = "Option<BTreeMap<String, String>>")]
    pub secrets: BTreeMap<String, String>,
    /// Save although the try failed: the provider may be away just now.
    #[serde(default)] #[ts(optional, as = "Option<bool>")]
    pub untested: bool,
}

/// A channel as an admin sees it.
#[derive(Eq)]
pub struct ChannelSetup {
    pub channel: Channel,
    pub settings: Option<ChannelSettings>,
    /// Names of the secrets that are kept. Nobody is shown them again.
    pub secrets: Vec<String>,
    /// Where the provider calls us; none while the hub does not know its public address.
    pub webhook: Option<String>,
    pub health: ChannelHealth,
}

/// How a channel does.
#[derive(Eq)]
pub struct ChannelHealth {
    pub state: ChannelState,
    /// What is wrong, for whoever mends it.
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub trouble: Option<String>,
    /// Since when.
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub since: Option<UnixMs>,
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub last_received_at: Option<UnixMs>,
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub last_sent_at: Option<UnixMs>,
    /// Messages that wait to go out.
    pub waiting: u32,
    /// Messages that did not, and that nobody has decided about.
    pub failed: u32,
}

/// How the channel of an inbox does, as those who work in it see it. What is wrong in the provider's own words is for admins
/// ([`ChannelHealth::trouble`]).
#[derive(Eq)]
pub struct InboxHealth {
    pub inbox_id: InboxId,
    /// `away` and `broken`: what customers write does not show here.
    pub state: ChannelState,
    /// Since when it works, or does not.
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub since: Option<UnixMs>,
    /// As of when this was told: it is not told of each message.
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub last_received_at: Option<UnixMs>,
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub last_sent_at: Option<UnixMs>,
}

/// A message that has not gone out, for whoever looks after the channel.
#[derive(Eq)]
pub struct HeldMessage {
    pub message_id: MessageId,
    pub conversation_id: ConversationId,
    pub number: Number,
    pub case_number: String,
    pub contact: ContactBrief,
    /// `queued`, `failed` or `uncertain`.
    pub delivery: Delivery,
    /// Why, in the channel's words.
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub note: Option<String>,
    /// When it was written.
    pub at: UnixMs,
}

/// Messages of a channel that have not gone out: those that failed or are uncertain first, each kind oldest first.
#[derive(Eq)]
pub struct HeldMessages {
    pub messages: Vec<HeldMessage>,
    /// There are more than are listed.
    pub more: bool,
}

/// What a try of the settings found.
#[derive(Eq)]
pub struct ChannelTried {
    pub ok: bool,
    /// What was found, or what is wrong and what to do.
    pub sentence: String,
}
}

impl Acknowledgement {
    /// What stands for the case number.
    pub const CASE_NUMBER: &str = "{case_number}";
    /// Longest subject, characters: with the number it is one that mail programs show.
    pub const SUBJECT_CHARS: usize = 150;
    /// Longest text, characters.
    pub const TEXT_CHARS: usize = 5_000;
}

fn password() -> MailAuth {
    MailAuth::Password
}
