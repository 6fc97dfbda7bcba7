//! The hub, as a connector sees it.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use switchboard_protocol::UnixMs;

use crate::Incoming;

/// What became of one thing that was handed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Taken {
    /// It is committed.
    New,
    /// It had been committed before.
    Again,
    /// It is about something that the hub does not know, or says nothing; the provider may forget it.
    Ignored,
}

/// Nothing is known to be committed: hand it in again later, and tell the provider nothing meanwhile.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("what came in could not be committed: {0}")]
pub struct NotTaken(pub String);

#[async_trait]
pub trait Edge: Send + Sync {
    /// Commits all of these, in this order; returns after the commit. When it fails some may be committed all the same: hand
    /// all of them in again, their keys make each once. At most [`crate::Incoming::KEY_CHARS`] a
    /// key; what one message may hold the hub cuts to its bounds rather than refusing it.
    async fn take(&self, items: Vec<Incoming>) -> Result<Vec<Taken>, NotTaken>;

    /// Where fetching goes on, by a name of the connector's own ("INBOX", "updates"); none at the first start.
    async fn cursor(&self, name: &str) -> Result<Option<String>, NotTaken>;

    /// Keeps the place. Called after the [`Edge::take`] of all that lies before it.
    async fn keep_cursor(&self, name: &str, place: &str) -> Result<(), NotTaken>;

    /// A token that the hub signed for a reply address is one; checked again when the mail is taken.
    fn is_reply_token(&self, token: &str) -> bool;

    /// What time it is, by the hub's clock.
    fn now(&self) -> UnixMs;

    /// The connection to the provider is good again, or for the first time.
    fn receiving(&self);
}
