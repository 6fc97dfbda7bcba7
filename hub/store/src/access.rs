//! Which inboxes somebody may see: granted to the person, or to a team they are in.
use switchboard_domain::Visibility;
use switchboard_protocol::rest::Access;
use switchboard_protocol::{AgentId, InboxId, Position, UnixMs};

use crate::error::{ChangeError, ReadError};
use crate::{Store, Tx};

/// None: there is no such agent, or they are disabled.
pub async fn visibility_of(_store: &Store, _agent_id: AgentId) -> Result<Option<Visibility>, ReadError> {
    todo!()
}
pub async fn load_visibility_of(_tx: &mut Tx, _agent_id: AgentId) -> Result<Option<Visibility>, ReadError> {
    todo!()
}
pub async fn find(_store: &Store, _inbox_id: InboxId) -> Result<Access, ReadError> {
    todo!()
}
pub async fn load(_tx: &mut Tx, _inbox_id: InboxId) -> Result<Access, ReadError> {
    todo!()
}
/// Replaces it.
pub async fn set(_tx: &mut Tx, _inbox_id: InboxId, _access: &Access) -> Result<(), ChangeError> {
    todo!()
}
/// All who can see this inbox: owners, admins, those granted, and members of the teams granted. Without the disabled.
pub async fn agents_who_see(_tx: &mut Tx, _inbox_id: InboxId) -> Result<Vec<AgentId>, ReadError> {
    todo!()
}
/// What these agents may see has changed: emits `access_changed` to each and keeps its position as their
/// [`crate::agents::Account::access_position`].
pub async fn changed(_tx: &mut Tx, _agents: &[AgentId], _at: UnixMs) -> Result<Option<Position>, ChangeError> {
    todo!()
}
