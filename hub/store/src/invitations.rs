//! Invitations: a link that opens once. Only the hash of its token is kept.

use sqlx::FromRow;
use switchboard_protocol::{AgentId, InvitationId, UnixMs};

use crate::db::sql;
use crate::error::{ChangeError, ReadError};
use crate::row::id;
use crate::{Store, Tx};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    pub id: InvitationId,
    pub agent_id: AgentId,
    pub created_at: UnixMs,
    pub expires_at: UnixMs,
}

#[derive(FromRow)]
struct Columns {
    id: String,
    agent_id: String,
    created_at: i64,
    expires_at: i64,
}

impl Columns {
    fn invitation(self) -> Result<Invitation, ReadError> {
        Ok(Invitation {
            id: id("an invitation's id", &self.id)?,
            agent_id: id("an invitation's agent", &self.agent_id)?,
            created_at: self.created_at,
            expires_at: self.expires_at,
        })
    }
}

/// The invitation of this token's hash, if it is neither used nor expired.
pub async fn find(store: &Store, token_hash: &str, now: UnixMs) -> Result<Option<Invitation>, ReadError> {
    let find = sql(
        "find an invitation",
        "SELECT id, agent_id, created_at, expires_at FROM invitations WHERE token_hash = $1 AND expires_at > $2",
    )
    .bind(token_hash)
    .bind(now);
    let row: Option<Columns> = store.reading().await?.link().one(find).await?;
    row.map(Columns::invitation).transpose()
}

/// Who is to come and has not: until when their newest link opens.
pub async fn open(store: &Store) -> Result<Vec<(AgentId, UnixMs)>, ReadError> {
    let open = sql(
        "list invitations",
        "SELECT i.agent_id, i.expires_at FROM invitations AS i JOIN agents AS a ON a.id = i.agent_id \
         WHERE a.password_hash IS NULL AND NOT a.disabled ORDER BY i.agent_id",
    );
    let rows: Vec<(String, i64)> = store.reading().await?.link().all(open).await?;
    rows.iter().map(|(agent, at)| Ok((id("an invitation's agent", agent)?, *at))).collect()
}

/// Its link opens no more.
pub async fn withdraw(tx: &mut Tx, agent_id: AgentId) -> Result<(), ChangeError> {
    let delete = sql("withdraw an invitation", "DELETE FROM invitations WHERE agent_id = $1").bind(agent_id);
    tx.link().run(delete).await?;
    Ok(())
}

/// Replaces what was open for this agent.
pub async fn insert(tx: &mut Tx, invitation: &Invitation, token_hash: &str) -> Result<(), ChangeError> {
    withdraw(tx, invitation.agent_id).await?;
    let insert = sql(
        "invite an agent",
        "INSERT INTO invitations (id, token_hash, agent_id, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(invitation.id)
    .bind(token_hash)
    .bind(invitation.agent_id)
    .bind(invitation.created_at)
    .bind(invitation.expires_at);
    tx.link().run(insert).await?;
    Ok(())
}

/// Uses it up: none if it is used, expired or was never made.
pub async fn take(tx: &mut Tx, token_hash: &str, now: UnixMs) -> Result<Option<Invitation>, ChangeError> {
    let delete = sql(
        "accept an invitation",
        "DELETE FROM invitations WHERE token_hash = $1 AND expires_at > $2 \
         RETURNING id, agent_id, created_at, expires_at",
    )
    .bind(token_hash)
    .bind(now);
    let row: Option<Columns> = tx.link().one(delete).await?;
    Ok(row.map(Columns::invitation).transpose()?)
}
