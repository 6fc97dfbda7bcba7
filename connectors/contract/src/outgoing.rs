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
    /// When it was put into the queue: later than `at` where somebody has wanted it tried again.
    #[serde(default)]
    pub queued_at: UnixMs,
    pub to: Recipient,
    pub text: String,
    /// Rich text, where the channel takes it; sanitised.
    pub html: Option<String>,
    pub files: Vec<OutFile>,
    /// The names by which the provider knows the message that this answers, where the channel shows that: one message of ours
    /// may be several of theirs. None: it answers none, or one that they do not know.
    #[serde(default)]
    pub answers: Vec<String>,
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
    /// Where its author wants answers, if not at the inbox: then its reply address is not given to anybody.
    #[serde(default)]
    pub reply_to: Option<String>,
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

/// What agents read of each message that may have gone out, behind why nobody knows.
pub const ASK_FIRST: &str = "It may or may not have arrived; ask the customer before you send it again.";

impl SendError {
    /// The same with a word that can be kept and shown: a provider's own may be of any length. Of what is uncertain it says
    /// what to do.
    pub fn noted(mut self) -> Self {
        if let Self::Uncertain { why } = self {
            let why = why.trim_end().strip_suffix("It may or may not have arrived.").unwrap_or(&why).trim_end();
            let why = limits::note(why.to_owned());
            let stop = if why.ends_with(['.', '!', '?', '…']) { "" } else { "." };
            return Self::Uncertain { why: format!("{why}{stop} {ASK_FIRST}") };
        }
        let (Self::Later { why, .. } | Self::Refused { why } | Self::Broken { why } | Self::Uncertain { why }) =
            &mut self;
        *why = limits::note(std::mem::take(why));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_what_is_uncertain_is_said_what_to_do() {
        let noted = |why: &str| SendError::Uncertain { why: why.to_owned() }.noted();
        let said = |why: &str| SendError::Uncertain { why: format!("{why} {ASK_FIRST}") };
        assert_eq!(noted("the answer was cut"), said("the answer was cut."));
        assert_eq!(noted("The process stopped. It may or may not have arrived."), said("The process stopped."));
        let SendError::Uncertain { why } = noted(&"x".repeat(9_000)) else { panic!("it is uncertain") };
        assert!(why.ends_with(ASK_FIRST) && why.chars().count() < 600, "{why}");
    }
}
