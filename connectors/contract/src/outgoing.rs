//! What goes out.

use crate::limits;
use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use switchboard_protocol::{ConversationId, MessageId, UnixMs};

/// A message on its way to a customer. The hub hands it in once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outgoing {
    /// Ours; where the provider takes an idempotency key, this is it.
    pub message_id: MessageId,
    pub conversation_id: ConversationId,
    pub at: UnixMs,
    pub to: Recipient,
    pub text: String,
    /// Rich text, where the channel takes it; sanitised.
    pub html: Option<String>,
    pub files: Vec<OutFile>,
    /// The provider's id of the message that this answers, where the channel shows that.
    pub answers: Option<String>,
    pub mail: Option<MailOut>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipient {
    /// [`crate::Person::key`].
    pub key: String,
    pub name: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutFile {
    pub name: String,
    pub media_type: String,
    pub bytes: Bytes,
    /// Where the provider may fetch it for some hours, if it is one that fetches; none: the hub has no public address.
    #[serde(default)]
    pub address: Option<String>,
}

/// What only mails have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailOut {
    /// What stands before our address: "An of Example Shop".
    pub from_name: String,
    pub subject: String,
    pub cc: Vec<String>,
    pub bcc: Vec<String>,
    /// Without angle brackets, the same at each attempt: made from the message's id.
    pub message_id: String,
    /// Oldest first, without angle brackets; the last one is what is answered.
    pub references: Vec<String>,
    /// Goes after the `+` of the reply address: signed by the hub, it leads the answer back into the conversation.
    pub reply_token: String,
    /// Written by a machine: nothing automatic is to answer it (RFC 3834, section 5).
    pub automatic: bool,
}

/// It went out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// By which the provider will name it: in status callbacks, bounces, answers.
    pub references: Vec<String>,
}

/// It did not go out, or nobody can know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum SendError {
    /// It certainly did not, and may later: the provider is busy or away, or has said when.
    #[error("not now: {why}")]
    Later {
        why: String,
        /// The provider's own word on when. None: the hub's back-off.
        after: Option<Duration>,
        /// The whole inbox is to wait, not this message alone.
        all: bool,
    },
    /// It certainly did not, and never will: this recipient, this content.
    #[error("refused: {why}")]
    Refused { why: String },
    /// It certainly did not, and nothing will until an admin mends the settings.
    #[error("the channel is broken: {why}")]
    Broken { why: String },
    /// It may have gone out. It is not tried again by itself.
    #[error("uncertain: {why}")]
    Uncertain { why: String },
}

impl SendError {
    /// The same with a word that can be kept and shown: a provider's own may be of any length.
    pub fn noted(mut self) -> Self {
        let (Self::Later { why, .. } | Self::Refused { why } | Self::Broken { why } | Self::Uncertain { why }) =
            &mut self;
        *why = limits::note(std::mem::take(why));
        self
    }
}
