//! Identities of what comes from outside: the constraint decides what is new (invariant 4).
use switchboard_protocol::{AgentId, IdentityId, InboxId, UnixMs};

use crate::error::{ChangeError, ReadError};
use crate::{Store, Tx};

/// Within what a key is unique.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// (author, client's id) of what an agent sends. The target is the message's id.
    Agent(AgentId),
    /// (author, client's id) of what a visitor sends. The target is the message's id.
    Identity(IdentityId),
    /// (inbox, provider's id) of what comes in. The target is the message's id.
    Inbox(InboxId),
    /// `Idempotency-Key` of an agent's HTTP requests. The target is the hash of the request.
    Http(AgentId),
}

/// What came of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// It is the caller's.
    New,
    /// It had been claimed for this target; with the answer that was kept, if one was.
    Taken { target: String, answer: Option<String> },
}

pub async fn claim(
    _tx: &mut Tx,
    _scope: Scope,
    _key: &str,
    _target: &str,
    _at: UnixMs,
) -> Result<Claim, ChangeError> {
    todo!()
}
/// Keeps the answer that a repeat is to get.
pub async fn keep_answer(_tx: &mut Tx, _scope: Scope, _key: &str, _answer: &str) -> Result<(), ChangeError> {
    todo!()
}
pub async fn find(_store: &Store, _scope: Scope, _key: &str) -> Result<Option<Claim>, ReadError> {
    todo!()
}
/// Forgets keys claimed before this time, at most [`PRUNE_ROWS`].
pub async fn prune(_tx: &mut Tx, _before: UnixMs) -> Result<u64, ChangeError> {
    todo!()
}

/// Most keys forgotten at once.
pub const PRUNE_ROWS: i64 = 10_000;
