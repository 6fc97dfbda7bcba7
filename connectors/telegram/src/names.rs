//! How bots, chats and messages are named in keys and references.
//!
//! A message's number is unique within a chat, and a private chat has its person's number with every bot. So a reference names
//! the bot too: an inbox that is given another bot does not take new messages for old ones.

use switchboard_connector::Secret;
use teloxide_core::types::MessageId;

/// A bot's number, which its token begins with. It stays when the token is renewed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BotNumber(u64);

impl BotNumber {
    /// Zero for what is no token: the server refuses that anyway.
    pub fn of(token: &Secret) -> Self {
        Self(token.expose().split(':').next().and_then(|number| number.parse().ok()).unwrap_or(0))
    }

    /// The place in the bot's updates.
    pub fn cursor(self) -> String {
        format!("updates:{}", self.0)
    }

    pub fn reference(self, chat: i64, message: MessageId) -> String {
        format!("{}:{chat}:{}", self.0, message.0)
    }

    pub fn album(self, chat: i64, group: &str) -> String {
        format!("{}:{chat}:album:{group}", self.0)
    }

    /// The message that a reference names, if it is in this bot's chat with this person.
    pub fn message_in(self, chat: i64, reference: &str) -> Option<MessageId> {
        let rest = reference.strip_prefix(&format!("{}:{chat}:", self.0))?;
        rest.parse().ok().map(MessageId)
    }
}
