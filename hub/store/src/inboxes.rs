//! The places where customers' messages come in.
use switchboard_domain::Visibility;
use switchboard_protocol::model::Inbox;
use switchboard_protocol::{InboxId, UnixMs};

use crate::error::{ChangeError, ReadError};
use crate::{Store, Tx};

pub async fn list(_store: &Store, _visibility: &Visibility) -> Result<Vec<Inbox>, ReadError> {
    todo!()
}
pub async fn find(_store: &Store, _visibility: &Visibility, _id: InboxId) -> Result<Option<Inbox>, ReadError> {
    todo!()
}
/// For visitors: the inbox whose widget has this key.
pub async fn find_by_widget_key(_store: &Store, _key: &str) -> Result<Option<Inbox>, ReadError> {
    todo!()
}
pub async fn load(_tx: &mut Tx, _visibility: &Visibility, _id: InboxId) -> Result<Option<Inbox>, ReadError> {
    todo!()
}
pub async fn insert(_tx: &mut Tx, _inbox: &Inbox, _created_at: UnixMs) -> Result<(), ChangeError> {
    todo!()
}
/// Name, prefix, web settings. Numbers that conversations have already got stay.
pub async fn update(_tx: &mut Tx, _inbox: &Inbox) -> Result<(), ChangeError> {
    todo!()
}
/// Takes it out of use with its access and widget key. Its conversations stay, for owners and admins.
pub async fn remove(_tx: &mut Tx, _id: InboxId, _at: UnixMs) -> Result<bool, ChangeError> {
    todo!()
}
