//! The hot path: messages into existing conversations.
use switchboard_domain::Visibility;
use switchboard_domain::thread::NewMessage;
use switchboard_protocol::model::Message;
use switchboard_protocol::{AgentId, AttachmentId, ConversationId, IdentityId, MessageId, Position};

use crate::error::AppendError;
use crate::writer::Tx;

/// Most system lines that one message causes.
pub const LINES_MAX: usize = 2;

/// Who sends. With the client's id it is the identity of what was sent; it also decides whether the conversation is
/// theirs to write in.
#[derive(Debug, Clone)]
pub enum Sender {
    Agent { id: AgentId, visibility: Visibility },
    Visitor { identity_id: IdentityId },
}

/// A message on its way into an existing conversation.
#[derive(Debug, Clone)]
pub struct Append {
    pub conversation_id: ConversationId,
    pub sender: Sender,
    /// Its `attachments` are filled in by the store, from `attachment_ids`.
    pub message: NewMessage,
    pub attachment_ids: Vec<AttachmentId>,
    /// Ids for the system lines that it may cause.
    pub line_ids: [MessageId; LINES_MAX],
}

/// Where a message came to stand.
#[derive(Debug, Clone, PartialEq)]
pub struct AppendedAt {
    pub message: Message,
    pub position: Position,
    /// It had been sent before; this is what came of the first one.
    pub repeated: bool,
}

/// The same as [`crate::Store::append`], as a part of an operation.
pub async fn append(_tx: &mut Tx, _append: Append) -> Result<AppendedAt, AppendError> {
    todo!()
}
