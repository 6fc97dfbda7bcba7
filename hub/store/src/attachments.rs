//! What is known of each file. The bytes are elsewhere, under the file's id.
use switchboard_domain::Visibility;
use switchboard_protocol::model::Attachment;
use switchboard_protocol::{AgentId, AttachmentId, IdentityId, UnixMs};

use crate::error::{ChangeError, ReadError};
use crate::{Store, Tx};

/// Who sent the file up. Only they can put it into a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Uploader {
    Agent(AgentId),
    Identity(IdentityId),
}

pub async fn insert(_tx: &mut Tx, _attachment: &Attachment, _by: Uploader, _at: UnixMs) -> Result<(), ChangeError> {
    todo!()
}
/// For the team: one's own upload, or a file of a visible conversation.
pub async fn find(
    _store: &Store,
    _visibility: &Visibility,
    _reader: AgentId,
    _id: AttachmentId,
) -> Result<Option<Attachment>, ReadError> {
    todo!()
}
/// For a visitor: one's own upload, or a file of a message in one's own conversation. Never a note's.
pub async fn find_for_identity(
    _store: &Store,
    _identity_id: IdentityId,
    _id: AttachmentId,
) -> Result<Option<Attachment>, ReadError> {
    todo!()
}
/// Forgets files that no message has named since `before`, at most [`PRUNE_ROWS`]; their bytes are the caller's to remove.
pub async fn prune(_tx: &mut Tx, _before: UnixMs) -> Result<Vec<AttachmentId>, ChangeError> {
    todo!()
}

/// Most files forgotten at once.
pub const PRUNE_ROWS: i64 = 1_000;
