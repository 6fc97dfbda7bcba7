//! Links through which somebody comes in and chooses their own password: each opens once, and for a time. Only the hash of
//! a link's token is kept, and at most one link is open for an agent.

use sqlx::FromRow;
use switchboard_protocol::model::Agent;
use switchboard_protocol::rest::LinkPurpose;
use switchboard_protocol::{AgentId, UnixMs};

use crate::agents::{self, Account};
use crate::db::{Link, Sql, sql};
use crate::error::{ChangeError, ReadError};
use crate::row::{id, word};
use crate::{Store, Tx};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryLink {
    pub agent_id: AgentId,
    pub purpose: LinkPurpose,
    pub created_at: UnixMs,
    pub expires_at: UnixMs,
}

#[derive(FromRow)]
struct Columns {
    purpose: String,
    created_at: i64,
    expires_at: i64,
    #[sqlx(flatten)]
    account: agents::Columns,
}

impl Columns {
    fn opened(self) -> Result<(EntryLink, Account), ReadError> {
        let account = self.account.account()?;
        let link = EntryLink {
            agent_id: account.agent.id,
            purpose: word("what a link is for", &self.purpose, LinkPurpose::from_word)?,
            created_at: self.created_at,
            expires_at: self.expires_at,
        };
        Ok((link, account))
    }
}

fn good(token_hash: &str, now: UnixMs) -> Sql {
    let text = format!(
        "SELECT l.purpose, l.created_at, l.expires_at, {} FROM entry_links AS l JOIN agents AS a ON a.id = l.agent_id \
         WHERE l.token_hash = $1 AND l.expires_at > $2 AND NOT a.disabled",
        agents::COLUMNS
    );
    sql("find a link", text).bind(token_hash).bind(now)
}

async fn opened(link: &mut Link<'_>, token_hash: &str, now: UnixMs) -> Result<Option<(EntryLink, Account)>, ReadError> {
    link.one::<Columns>(good(token_hash, now)).await?.map(Columns::opened).transpose()
}

/// The link of this token's hash and whose it is, if it is neither used nor expired and they may sign in.
pub async fn find(store: &Store, token_hash: &str, now: UnixMs) -> Result<Option<(EntryLink, Agent)>, ReadError> {
    let found = opened(&mut store.reading().await?.link(), token_hash, now).await?;
    Ok(found.map(|(link, account)| (link, account.agent)))
}

/// Uses it up: none if it is not good, or good for something else.
pub async fn take(
    tx: &mut Tx,
    token_hash: &str,
    purpose: LinkPurpose,
    now: UnixMs,
) -> Result<Option<Account>, ChangeError> {
    let found = opened(&mut tx.link(), token_hash, now).await?;
    let Some((link, account)) = found.filter(|(link, _)| link.purpose == purpose) else { return Ok(None) };
    withdraw(tx, link.agent_id).await?;
    Ok(Some(account))
}

/// Replaces what was open for this agent.
pub async fn replace(tx: &mut Tx, link: &EntryLink, token_hash: &str) -> Result<(), ChangeError> {
    withdraw(tx, link.agent_id).await?;
    let insert = sql(
        "make a link",
        "INSERT INTO entry_links (agent_id, token_hash, purpose, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(link.agent_id)
    .bind(token_hash)
    .bind(link.purpose.as_str())
    .bind(link.created_at)
    .bind(link.expires_at);
    tx.link().run(insert).await?;
    Ok(())
}

/// What is open for this agent opens no more.
pub async fn withdraw(tx: &mut Tx, agent_id: AgentId) -> Result<(), ChangeError> {
    let delete = sql("withdraw a link", "DELETE FROM entry_links WHERE agent_id = $1").bind(agent_id);
    tx.link().run(delete).await?;
    Ok(())
}

/// Who is to come and has not: until when their link opens, or since when they have none.
pub async fn awaited(store: &Store) -> Result<Vec<(AgentId, UnixMs)>, ReadError> {
    let awaited = sql(
        "list who was invited",
        "SELECT a.id, COALESCE(l.expires_at, a.created_at) FROM agents AS a LEFT JOIN entry_links AS l ON l.agent_id = a.id \
         WHERE a.password_hash IS NULL AND NOT a.disabled ORDER BY a.id",
    );
    let rows: Vec<(String, i64)> = store.reading().await?.link().all(awaited).await?;
    rows.iter().map(|(agent, at)| Ok((id("an invited agent", agent)?, *at))).collect()
}
