//! Signed-in browsers. Only the hash of the cookie's token is kept.
use switchboard_protocol::{AgentId, SessionId, UnixMs};

use crate::agents::Account;
use crate::error::{ChangeError, ReadError};
use crate::{Store, Tx};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    pub id: SessionId,
    pub agent_id: AgentId,
    pub created_at: UnixMs,
    /// To the hour.
    pub last_seen_at: UnixMs,
    pub expires_at: UnixMs,
    pub address: String,
    pub user_agent: String,
}

/// The session of this token's hash, if it is still good and its agent may sign in.
pub async fn find(_store: &Store, _token_hash: &str, _now: UnixMs) -> Result<Option<(Session, Account)>, ReadError> {
    todo!()
}
/// Newest first.
pub async fn list(_store: &Store, _agent_id: AgentId, _now: UnixMs) -> Result<Vec<Session>, ReadError> {
    todo!()
}
pub async fn insert(_tx: &mut Tx, _session: &Session, _token_hash: &str) -> Result<(), ChangeError> {
    todo!()
}
pub async fn seen(_tx: &mut Tx, _id: SessionId, _at: UnixMs, _expires_at: UnixMs) -> Result<(), ChangeError> {
    todo!()
}
/// Whether there was one.
pub async fn remove(_tx: &mut Tx, _agent_id: AgentId, _id: SessionId) -> Result<bool, ChangeError> {
    todo!()
}
/// All of this agent's but `keep`; which they were.
pub async fn remove_all(_tx: &mut Tx, _agent_id: AgentId, _keep: Option<SessionId>) -> Result<Vec<SessionId>, ChangeError> {
    todo!()
}
/// Those that have expired; how many.
pub async fn prune(_tx: &mut Tx, _now: UnixMs) -> Result<u64, ChangeError> {
    todo!()
}
