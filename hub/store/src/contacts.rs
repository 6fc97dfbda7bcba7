//! Customers, and how they are known on each channel.
use switchboard_domain::Visibility;
use switchboard_protocol::model::{Contact, Identity};
use switchboard_protocol::{ContactId, IdentityId, InboxId, UnixMs};

use crate::error::{ChangeError, ReadError};
use crate::{Store, Tx};

/// An identity and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    pub identity: Identity,
    pub contact_id: ContactId,
}

/// Visible through a conversation in a visible inbox.
pub async fn find(_store: &Store, _visibility: &Visibility, _id: ContactId) -> Result<Option<Contact>, ReadError> {
    todo!()
}
pub async fn load(_tx: &mut Tx, _visibility: &Visibility, _id: ContactId) -> Result<Option<Contact>, ReadError> {
    todo!()
}
/// For the identity's own visitor.
pub async fn find_identity(_store: &Store, _id: IdentityId) -> Result<Option<Known>, ReadError> {
    todo!()
}
pub async fn load_identity(_tx: &mut Tx, _id: IdentityId) -> Result<Option<Known>, ReadError> {
    todo!()
}
/// Without its identities.
pub async fn insert(_tx: &mut Tx, _contact: &Contact) -> Result<(), ChangeError> {
    todo!()
}
/// `key` is the provider's id for the person, unique in the inbox; for web chat the identity's own id.
pub async fn insert_identity(
    _tx: &mut Tx,
    _contact_id: ContactId,
    _identity: &Identity,
    _key: &str,
    _at: UnixMs,
) -> Result<(), ChangeError> {
    todo!()
}
/// Everything but the identities.
pub async fn update(_tx: &mut Tx, _contact: &Contact) -> Result<(), ChangeError> {
    todo!()
}
/// The inboxes in which this contact has conversations: who of the team hears of a change.
pub async fn inboxes_of(_tx: &mut Tx, _id: ContactId) -> Result<Vec<InboxId>, ReadError> {
    todo!()
}
