//! How far each person of the team has read.

use std::collections::HashMap;

use switchboard_protocol::{AgentId, ConversationId, Number};

use crate::Tx;
use crate::db::sql;
use crate::error::{ChangeError, ReadError};
use crate::{row, rows};

/// How far somebody has read in each of these. One that is not named: not at all.
pub async fn load_many(
    tx: &mut Tx,
    agent_id: AgentId,
    ids: &[ConversationId],
) -> Result<HashMap<ConversationId, Number>, ReadError> {
    let read = sql(
        "read how far somebody has read",
        "SELECT conversation_id, number FROM reads WHERE agent_id = $1 \
         AND conversation_id IN (SELECT v.value->>'id' FROM jsonb_each($2) AS v)",
    )
    .bind(agent_id)
    .bind(row::set(ids));
    let rows: Vec<(String, i64)> = tx.link().all(read).await?;
    rows.iter().map(|(text, number)| Ok((row::id("a conversation's id", text)?, *number))).collect()
}

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

/// Sets it where it is to be in each of these, which are different, either way.
pub async fn set_many(tx: &mut Tx, agent_id: AgentId, to: &[(ConversationId, Number)]) -> Result<(), ChangeError> {
    if to.is_empty() {
        return Ok(());
    }
    let rows = to.iter().map(|(id, number)| [(*id).into(), agent_id.into(), (*number).into()]).collect();
    for (rows, values) in rows::at_once(tx.link().engine(), rows) {
        let text = format!(
            "INSERT INTO reads (conversation_id, agent_id, number) VALUES {rows} \
             ON CONFLICT (conversation_id, agent_id) DO UPDATE SET number = excluded.number"
        );
        tx.link().run(sql("set how far somebody has read", text).bind_all(values)).await?;
    }
    Ok(())
}
