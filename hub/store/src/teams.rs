//! Departments and who is in them.
use switchboard_protocol::model::Team;
use switchboard_protocol::TeamId;

use crate::error::{ChangeError, ReadError};
use crate::{Store, Tx};

pub async fn list(_store: &Store) -> Result<Vec<Team>, ReadError> {
    todo!()
}
pub async fn load(_tx: &mut Tx, _id: TeamId) -> Result<Option<Team>, ReadError> {
    todo!()
}
pub async fn insert(_tx: &mut Tx, _team: &Team) -> Result<(), ChangeError> {
    todo!()
}
/// Name and members. Who gained or lost access by it is for [`crate::access::changed`] to be told.
pub async fn update(_tx: &mut Tx, _team: &Team) -> Result<(), ChangeError> {
    todo!()
}
/// Its conversations stay, without a team. Whether there was one.
pub async fn remove(_tx: &mut Tx, _id: TeamId) -> Result<bool, ChangeError> {
    todo!()
}
