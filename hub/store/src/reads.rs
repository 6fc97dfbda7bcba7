//! How far each person of the team has read.

use switchboard_protocol::{AgentId, ConversationId, Number};

use crate::Tx;
use crate::db::sql;
use crate::error::ChangeError;

/// Moves it back, never forward. Whether it moved.
pub async fn set_back(
    tx: &mut Tx,
    agent_id: AgentId,
    conversation_id: ConversationId,
    number: Number,
) -> Result<bool, ChangeError> {
    let update = sql(
        "note that somebody wants to read again",
        "UPDATE reads SET number = $3 WHERE conversation_id = $1 AND agent_id = $2 AND number > $3",
    )
    .bind(conversation_id)
    .bind(agent_id)
    .bind(number);
    Ok(tx.link().run(update).await? > 0)
}

/// Moves it forward, never back. Whether it moved.
pub async fn advance(
    tx: &mut Tx,
    agent_id: AgentId,
    conversation_id: ConversationId,
    number: Number,
) -> Result<bool, ChangeError> {
    let upsert = sql(
        "note how far somebody has read",
        "INSERT INTO reads (conversation_id, agent_id, number) VALUES ($1, $2, $3) \
         ON CONFLICT (conversation_id, agent_id) DO UPDATE SET number = excluded.number \
         WHERE reads.number < excluded.number",
    )
    .bind(conversation_id)
    .bind(agent_id)
    .bind(number);
    Ok(tx.link().run(upsert).await? > 0)
}
