//! Invitations: a link that opens once. Only the hash of its token is kept.
use switchboard_protocol::{AgentId, InvitationId, UnixMs};

use crate::error::{ChangeError, ReadError};
use crate::{Store, Tx};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    pub id: InvitationId,
    pub agent_id: AgentId,
    pub created_at: UnixMs,
    pub expires_at: UnixMs,
}

/// The invitation of this token's hash, if it is neither used nor expired.
pub async fn find(_store: &Store, _token_hash: &str, _now: UnixMs) -> Result<Option<Invitation>, ReadError> {
    todo!()
}
/// Replaces what was open for this agent.
pub async fn insert(_tx: &mut Tx, _invitation: &Invitation, _token_hash: &str) -> Result<(), ChangeError> {
    todo!()
}
/// Uses it up: none if it is used, expired or was never made.
pub async fn take(_tx: &mut Tx, _token_hash: &str, _now: UnixMs) -> Result<Option<Invitation>, ChangeError> {
    todo!()
}
