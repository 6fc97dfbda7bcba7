//! The feed of committed events, as it is read again.
use std::sync::Arc;

use switchboard_domain::Visibility;
use switchboard_protocol::{AgentId, IdentityId, Position, UnixMs};

use crate::error::{ChangeError, ReadError};
use crate::event::CommittedEvent;
use crate::{Store, Tx};

/// An event for one reader: the frame as it goes over the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub position: Position,
    pub frame: Arc<str>,
}

/// A part of the feed as one reader sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slice {
    pub events: Vec<Told>,
    /// Everything up to here that concerns the reader is in `events` or was before it: go on from here. As long as it is
    /// smaller than the head, there may be more.
    pub upto: Position,
}

/// Position of the last committed event; 0: there was none. Read it before a list, so that what comes after it is told.
pub async fn head(_store: &Store) -> Result<Position, ReadError> {
    todo!()
}
/// The feed reaches back to here: a position below it can not be resumed from.
pub async fn floor(_store: &Store) -> Result<Position, ReadError> {
    todo!()
}
/// Every event after `after`, in order, at most `limit`.
pub async fn since(_store: &Store, _after: Position, _limit: usize) -> Result<Vec<CommittedEvent>, ReadError> {
    todo!()
}
pub async fn since_for_staff(
    _store: &Store,
    _visibility: &Visibility,
    _agent_id: AgentId,
    _after: Position,
    _limit: usize,
) -> Result<Slice, ReadError> {
    todo!()
}
pub async fn since_for_identity(
    _store: &Store,
    _identity_id: IdentityId,
    _after: Position,
    _limit: usize,
) -> Result<Slice, ReadError> {
    todo!()
}
/// Forgets events older than this time, from the beginning, at most [`PRUNE_ROWS`]; how many.
pub async fn prune(_tx: &mut Tx, _before: UnixMs) -> Result<u64, ChangeError> {
    todo!()
}

/// Most events forgotten at once.
pub const PRUNE_ROWS: i64 = 10_000;
