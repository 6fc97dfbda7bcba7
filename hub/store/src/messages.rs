//! The messages of a thread.
use switchboard_domain::Visibility;
use switchboard_protocol::model::Message;
use switchboard_protocol::visitor::VisitorMessage;
use switchboard_protocol::{ConversationId, IdentityId, MessageId, Number};

use crate::error::ReadError;
use crate::{Store, Tx};

/// In rising number.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<M> {
    pub messages: Vec<M>,
    /// There are older ones.
    pub more: bool,
}

/// The newest before `before`, or the newest of all. None: no such conversation, or not visible.
pub async fn page(
    _store: &Store,
    _visibility: &Visibility,
    _conversation_id: ConversationId,
    _before: Option<Number>,
    _limit: usize,
) -> Result<Option<Page<Message>>, ReadError> {
    todo!()
}
/// As the visitor sees them: without notes and system lines.
pub async fn page_for_identity(
    _store: &Store,
    _identity_id: IdentityId,
    _conversation_id: ConversationId,
    _before: Option<Number>,
    _limit: usize,
) -> Result<Option<Page<VisitorMessage>>, ReadError> {
    todo!()
}
/// Those with these numbers (R5: the replies that the writer has not seen).
pub async fn find_numbers(
    _store: &Store,
    _visibility: &Visibility,
    _conversation_id: ConversationId,
    _numbers: &[Number],
) -> Result<Vec<Message>, ReadError> {
    todo!()
}
pub async fn load(_tx: &mut Tx, _visibility: &Visibility, _id: MessageId) -> Result<Option<Message>, ReadError> {
    todo!()
}
