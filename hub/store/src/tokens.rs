//! API tokens. Only the hash of the secret is kept.
use switchboard_protocol::model::Scope;
use switchboard_protocol::{AgentId, TokenId, UnixMs};

use crate::agents::Account;
use crate::error::{ChangeError, ReadError};
use crate::{Store, Tx};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    pub id: TokenId,
    pub agent_id: AgentId,
    pub name: String,
    pub scopes: Vec<Scope>,
    pub created_at: UnixMs,
    pub last_used_at: Option<UnixMs>,
    pub expires_at: Option<UnixMs>,
}

/// The token with this hash, if it is still good and its agent may sign in.
pub async fn find(_store: &Store, _hash: &str, _now: UnixMs) -> Result<Option<(Token, Account)>, ReadError> {
    todo!()
}
/// Newest first.
pub async fn list(_store: &Store, _agent_id: AgentId) -> Result<Vec<Token>, ReadError> {
    todo!()
}
pub async fn insert(_tx: &mut Tx, _token: &Token, _hash: &str) -> Result<(), ChangeError> {
    todo!()
}
pub async fn used(_tx: &mut Tx, _id: TokenId, _at: UnixMs) -> Result<(), ChangeError> {
    todo!()
}
/// Whether there was one.
pub async fn remove(_tx: &mut Tx, _agent_id: AgentId, _id: TokenId) -> Result<bool, ChangeError> {
    todo!()
}
