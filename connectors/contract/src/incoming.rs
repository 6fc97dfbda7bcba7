//! What comes in.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use switchboard_protocol::UnixMs;

/// One thing that happened at the provider.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Incoming {
    /// The provider's id for it, unique within the inbox: the same key again is the same thing. At most
    /// [`Incoming::KEY_CHARS`] characters; a longer one is to be hashed.
    pub key: String,
    /// When it happened, by the provider's clock: what people read as the message's time. Order is that of the commits.
    pub at: UnixMs,
    pub what: Happened,
}

impl Incoming {
    /// Longest key, characters.
    pub const KEY_CHARS: usize = 250;
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Happened {
    Message(Box<IncomingMessage>),
    /// A part of one message that its provider delivers in parts, each by itself and perhaps to different hubs (an album of
    /// pictures). The first that is committed makes the message, which has `whole` among its references; each later one
    /// adds its files, references and text to that.
    Part {
        /// By which the parts know one another. Unique within the inbox, as all references are.
        whole: String,
        message: Box<IncomingMessage>,
    },
    /// What a person has said about being written to, without a message: has blocked the bot, has let it in again.
    Consent {
        from: Person,
        consent: Consent,
    },
    /// A message that came in has a new text.
    Edited {
        reference: String,
        text: String,
    },
    /// A message that came in is to be gone.
    Deleted {
        reference: String,
    },
    /// The channel's word on a message that went out.
    Progress(Progress),
}

/// A message from a customer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IncomingMessage {
    pub from: Person,
    /// What the person wrote, plain, without what they quoted.
    pub text: String,
    /// The whole text as it came, with what was quoted, if that is more than `text`.
    pub whole_text: Option<String>,
    /// As its author meant it. Already sanitised by the connector; pictures inside refer to `cid:`.
    pub html: Option<String>,
    pub files: Vec<File>,
    /// By which later things name this message: a Message-ID, a chat's message number. Unique within the inbox.
    pub references: Vec<String>,
    /// The message that this one answers, by one of its references, where people point at one; mails say it in `thread`.
    pub answers: Option<String>,
    /// What stands in the message that it answers.
    #[serde(default)]
    pub quote: Option<Quote>,
    pub thread: Thread,
    pub automatic: Automatic,
    pub mail: Option<MailHead>,
    pub consent: Option<Consent>,
    pub origin: Origin,
}

/// Words of a message that another one answers, as the provider gives them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Quote {
    /// The part that the person picked.
    Picked(String),
    /// All of it: shown only where the hub does not know that message.
    Whole(String),
}

/// Who wrote, as the provider knows them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The provider's id for the person, in one spelling only: a mail address in lower case, a number in E.164, a chat's id.
    pub key: String,
    /// By which a human knows them: mail address, number, `@name`.
    pub address: Option<String>,
    pub name: Option<String>,
    /// BCP 47.
    pub language: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    /// As the sender called it; the hub cuts and cleans it.
    pub name: String,
    pub bytes: Bytes,
    /// `cid:` of an inline picture, without the angle brackets.
    pub content_id: Option<String>,
}

/// How a message finds its conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Thread {
    /// The channel has one thread for each person: the newest conversation goes on.
    Person,
    /// The channel threads by references. In this order, and the first that holds decides: a reply address that we signed;
    /// a message that we know and in whose conversation the sender takes part; a case number and such a sender. Else it
    /// begins a conversation.
    References {
        /// What stood after the `+` of addresses of ours that it was sent to.
        reply_tokens: Vec<String>,
        /// Newest first: In-Reply-To, then References from its end.
        references: Vec<String>,
    },
}

/// Whether a program wrote it: nothing automatic ever answers such a message (RFC 3834, section 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Automatic {
    No,
    /// An out-of-office or another machine's answer.
    Reply,
    /// A mailing list or bulk mail.
    List,
    /// A delivery report; what it says of our messages comes as [`Progress`] before it, in the same call. One that says
    /// something of a message of ours is not shown beside it.
    Report,
    /// Our own, come back.
    Loop,
}

/// What only mails have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailHead {
    pub subject: String,
    /// Addresses as they stood, at most as many as the hub keeps.
    pub to: Vec<(Option<String>, String)>,
    pub cc: Vec<(Option<String>, String)>,
    /// Where an answer is to go, if not to the sender.
    pub reply_to: Option<String>,
    /// The chain that an answer continues, oldest first.
    pub references: Vec<String>,
}

/// What a person has said about being written to at all (STOP, START, HELP).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Consent {
    Stop,
    Start,
    Help,
}

/// Where the person came from.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Origin {
    /// The payload of a deep link (`/start payload`).
    pub payload: Option<String>,
}

/// The channel's word on a message that went out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// One of [`crate::Sent::references`].
    pub reference: String,
    /// Of whom it is told, where one message goes to several: a mail's To and its copies, by address in lower case. The hub
    /// believes a mail's word only about somebody to whom the mail went.
    #[serde(default)]
    pub recipient: Option<String>,
    pub reached: Reached,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reached {
    Sent,
    Delivered,
    Read,
    /// It takes longer. In the channel's words, for the agent.
    Delayed {
        why: String,
    },
    /// In the channel's words, for the agent.
    Failed {
        why: String,
    },
}
