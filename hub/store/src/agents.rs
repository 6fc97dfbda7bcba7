//! The people of the team.
use switchboard_protocol::model::{Agent, Availability};
use switchboard_protocol::{AgentId, Position, UnixMs};

use crate::error::{ChangeError, ReadError};
use crate::{Store, Tx};

/// An agent with what only the hub may know.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    pub agent: Agent,
    /// None: invited, and not yet here.
    pub password_hash: Option<String>,
    pub availability: Availability,
    /// What they may see changed last at this position of the feed; resume from before it is a reset.
    pub access_position: Position,
    pub created_at: UnixMs,
}

pub async fn list(_store: &Store) -> Result<Vec<Agent>, ReadError> {
    todo!()
}
pub async fn availabilities(_store: &Store) -> Result<Vec<(AgentId, Availability)>, ReadError> {
    todo!()
}
pub async fn find(_store: &Store, _id: AgentId) -> Result<Option<Account>, ReadError> {
    todo!()
}
/// `email` in lower case.
pub async fn find_by_email(_store: &Store, _email: &str) -> Result<Option<Account>, ReadError> {
    todo!()
}
/// Whether anybody is here at all; if not, the hub waits for its first owner.
pub async fn any(_store: &Store) -> Result<bool, ReadError> {
    todo!()
}
pub async fn load(_tx: &mut Tx, _id: AgentId) -> Result<Option<Account>, ReadError> {
    todo!()
}
pub async fn load_by_email(_tx: &mut Tx, _email: &str) -> Result<Option<Account>, ReadError> {
    todo!()
}
/// Those of `ids` that exist.
pub async fn load_many(_tx: &mut Tx, _ids: &[AgentId]) -> Result<Vec<Agent>, ReadError> {
    todo!()
}
/// Owners who can sign in. There must always be one.
pub async fn active_owners(_tx: &mut Tx) -> Result<i64, ReadError> {
    todo!()
}
pub async fn any_in(_tx: &mut Tx) -> Result<bool, ReadError> {
    todo!()
}
pub async fn insert(_tx: &mut Tx, _account: &Account) -> Result<(), ChangeError> {
    todo!()
}
/// Name, role, display name, disabled.
pub async fn update(_tx: &mut Tx, _agent: &Agent) -> Result<(), ChangeError> {
    todo!()
}
pub async fn set_password(_tx: &mut Tx, _id: AgentId, _hash: &str) -> Result<(), ChangeError> {
    todo!()
}
pub async fn set_availability(_tx: &mut Tx, _id: AgentId, _availability: Availability) -> Result<(), ChangeError> {
    todo!()
}
