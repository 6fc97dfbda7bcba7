//! How far each person of the team has read.
use switchboard_protocol::{AgentId, ConversationId, Number};

use crate::error::ChangeError;
use crate::Tx;

/// Moves it forward, never back. Whether it moved.
pub async fn advance(
    _tx: &mut Tx,
    _agent_id: AgentId,
    _conversation_id: ConversationId,
    _number: Number,
) -> Result<bool, ChangeError> {
    todo!()
}
