//! API tokens. Only the hash of the secret is kept.

use sqlx::FromRow;
use switchboard_protocol::model::Scope;
use switchboard_protocol::{AgentId, TokenId, UnixMs};

use crate::agents::{self, Account};
use crate::db::sql;
use crate::error::{ChangeError, ReadError};
use crate::row::{id, json, to_json};
use crate::{Store, Tx};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    pub id: TokenId,
    pub agent_id: AgentId,
    pub name: String,
    pub scopes: Vec<Scope>,
    pub created_at: UnixMs,
    pub last_used_at: Option<UnixMs>,
    pub expires_at: Option<UnixMs>,
}

const COLUMNS: &str =
    "t.id, t.agent_id AS token_agent_id, t.name, t.scopes, t.created_at, t.last_used_at, t.expires_at";

#[derive(FromRow)]
struct Columns {
    id: String,
    token_agent_id: String,
    name: String,
    scopes: String,
    created_at: i64,
    last_used_at: Option<i64>,
    expires_at: Option<i64>,
}

impl Columns {
    fn token(self) -> Result<Token, ReadError> {
        Ok(Token {
            id: id("a token's id", &self.id)?,
            agent_id: id("a token's agent", &self.token_agent_id)?,
            name: self.name,
            scopes: json("scopes", &self.scopes)?,
            created_at: self.created_at,
            last_used_at: self.last_used_at,
            expires_at: self.expires_at,
        })
    }
}

#[derive(FromRow)]
struct SignedIn {
    #[sqlx(flatten)]
    token: Columns,
    #[sqlx(flatten)]
    account: agents::Columns,
}

/// The token with this hash, if it is still good and its agent may sign in.
pub async fn find(store: &Store, hash: &str, now: UnixMs) -> Result<Option<(Token, Account)>, ReadError> {
    let text = format!(
        "SELECT {COLUMNS}, {} FROM tokens AS t JOIN agents AS a ON a.id = t.agent_id \
         WHERE t.token_hash = $1 AND COALESCE(t.expires_at, 9223372036854775807) > $2 AND NOT a.disabled",
        agents::COLUMNS
    );
    let find = sql("find a token", text).bind(hash).bind(now);
    let row: Option<SignedIn> = store.reading().await?.link().one(find).await?;
    row.map(|row| Ok((row.token.token()?, row.account.account()?))).transpose()
}

/// Newest first.
pub async fn list(store: &Store, agent_id: AgentId) -> Result<Vec<Token>, ReadError> {
    let text = format!("SELECT {COLUMNS} FROM tokens AS t WHERE t.agent_id = $1 ORDER BY t.created_at DESC, t.id DESC");
    let rows: Vec<Columns> = store.reading().await?.link().all(sql("list tokens", text).bind(agent_id)).await?;
    rows.into_iter().map(Columns::token).collect()
}

pub async fn insert(tx: &mut Tx, token: &Token, hash: &str) -> Result<(), ChangeError> {
    let insert = sql(
        "make a token",
        "INSERT INTO tokens (id, token_hash, agent_id, name, scopes, created_at, last_used_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(token.id)
    .bind(hash)
    .bind(token.agent_id)
    .bind(token.name.as_str())
    .bind(to_json(&token.scopes))
    .bind(token.created_at)
    .bind(token.last_used_at)
    .bind(token.expires_at);
    tx.link().run(insert).await?;
    Ok(())
}

/// It was used at `at`, unless a use later than `last` is noted already: whether it was not. To be called once an hour, not
/// at each request.
pub async fn used(tx: &mut Tx, token_id: TokenId, at: UnixMs, last: UnixMs) -> Result<bool, ChangeError> {
    let update = sql(
        "note a token's use",
        "UPDATE tokens SET last_used_at = $2 WHERE id = $1 AND COALESCE(last_used_at, $3) <= $3",
    )
    .bind(token_id)
    .bind(at)
    .bind(last);
    Ok(tx.link().run(update).await? > 0)
}

/// Whether there was one.
pub async fn remove(tx: &mut Tx, agent_id: AgentId, token_id: TokenId) -> Result<bool, ChangeError> {
    let delete =
        sql("revoke a token", "DELETE FROM tokens WHERE id = $1 AND agent_id = $2").bind(token_id).bind(agent_id);
    Ok(tx.link().run(delete).await? > 0)
}
