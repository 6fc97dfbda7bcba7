//! Signed-in browsers. Only the hash of the cookie's token is kept.

use sqlx::FromRow;
use switchboard_protocol::{AgentId, SessionId, UnixMs};

use crate::agents::{self, Account};
use crate::db::sql;
use crate::error::{ChangeError, ReadError};
use crate::row::id;
use crate::{Store, Tx};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    pub id: SessionId,
    pub agent_id: AgentId,
    pub created_at: UnixMs,
    /// To the hour.
    pub last_seen_at: UnixMs,
    pub expires_at: UnixMs,
    pub address: String,
    pub user_agent: String,
}

const COLUMNS: &str = "s.id, s.agent_id AS session_agent_id, s.created_at, s.last_seen_at, s.expires_at, s.address, \
    s.user_agent";

#[derive(FromRow)]
struct Columns {
    id: String,
    session_agent_id: String,
    created_at: i64,
    last_seen_at: i64,
    expires_at: i64,
    address: String,
    user_agent: String,
}

impl Columns {
    fn session(self) -> Result<Session, ReadError> {
        Ok(Session {
            id: id("a session's id", &self.id)?,
            agent_id: id("a session's agent", &self.session_agent_id)?,
            created_at: self.created_at,
            last_seen_at: self.last_seen_at,
            expires_at: self.expires_at,
            address: self.address,
            user_agent: self.user_agent,
        })
    }
}

#[derive(FromRow)]
struct SignedIn {
    #[sqlx(flatten)]
    session: Columns,
    #[sqlx(flatten)]
    account: agents::Columns,
}

/// The session of this token's hash, if it is still good and its agent may sign in.
pub async fn find(store: &Store, token_hash: &str, now: UnixMs) -> Result<Option<(Session, Account)>, ReadError> {
    let text = format!(
        "SELECT {COLUMNS}, {} FROM sessions AS s JOIN agents AS a ON a.id = s.agent_id \
         WHERE s.token_hash = $1 AND s.expires_at > $2 AND NOT a.disabled",
        agents::COLUMNS
    );
    let find = sql("find a session", text).bind(token_hash).bind(now);
    let row: Option<SignedIn> = store.reading().await?.link().one(find).await?;
    row.map(|row| Ok((row.session.session()?, row.account.account()?))).transpose()
}

/// Newest first.
pub async fn list(store: &Store, agent_id: AgentId, now: UnixMs) -> Result<Vec<Session>, ReadError> {
    let text = format!(
        "SELECT {COLUMNS} FROM sessions AS s WHERE s.agent_id = $1 AND s.expires_at > $2 \
         ORDER BY s.created_at DESC, s.id DESC"
    );
    let list = sql("list sessions", text).bind(agent_id).bind(now);
    let rows: Vec<Columns> = store.reading().await?.link().all(list).await?;
    rows.into_iter().map(Columns::session).collect()
}

pub async fn insert(tx: &mut Tx, session: &Session, token_hash: &str) -> Result<(), ChangeError> {
    let insert = sql(
        "begin a session",
        "INSERT INTO sessions (id, token_hash, agent_id, created_at, last_seen_at, expires_at, address, user_agent) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(session.id)
    .bind(token_hash)
    .bind(session.agent_id)
    .bind(session.created_at)
    .bind(session.last_seen_at)
    .bind(session.expires_at)
    .bind(session.address.as_str())
    .bind(session.user_agent.as_str());
    tx.link().run(insert).await?;
    Ok(())
}

/// It was used at `at` and is now good until `expires_at`, unless a use later than `last` is noted already: whether it was
/// not. To be called once an hour, not at each request.
pub async fn seen(
    tx: &mut Tx,
    session_id: SessionId,
    at: UnixMs,
    last: UnixMs,
    expires_at: UnixMs,
) -> Result<bool, ChangeError> {
    let update = sql(
        "keep a session",
        "UPDATE sessions SET last_seen_at = $2, expires_at = $4 WHERE id = $1 AND last_seen_at <= $3",
    )
    .bind(session_id)
    .bind(at)
    .bind(last)
    .bind(expires_at);
    Ok(tx.link().run(update).await? > 0)
}

/// Whether there was one.
pub async fn remove(tx: &mut Tx, agent_id: AgentId, session_id: SessionId) -> Result<bool, ChangeError> {
    let delete =
        sql("end a session", "DELETE FROM sessions WHERE id = $1 AND agent_id = $2").bind(session_id).bind(agent_id);
    Ok(tx.link().run(delete).await? > 0)
}

/// All of this agent's but `keep`; which they were.
pub async fn remove_all(
    tx: &mut Tx,
    agent_id: AgentId,
    keep: Option<SessionId>,
) -> Result<Vec<SessionId>, ChangeError> {
    let keep = keep.map(|id| id.to_string()).unwrap_or_default();
    let delete = sql("end sessions", "DELETE FROM sessions WHERE agent_id = $1 AND id <> $2 RETURNING id")
        .bind(agent_id)
        .bind(keep);
    let rows: Vec<(String,)> = tx.link().all(delete).await?;
    rows.iter().map(|(text,)| Ok(id("a session's id", text)?)).collect()
}

/// Those that have expired; how many.
pub async fn prune(tx: &mut Tx, now: UnixMs) -> Result<u64, ChangeError> {
    let delete = sql("forget expired sessions", "DELETE FROM sessions WHERE expires_at <= $1").bind(now);
    Ok(tx.link().run(delete).await?)
}
