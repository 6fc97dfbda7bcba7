//! The people of the team.

use sqlx::FromRow;
use switchboard_protocol::ids::Ulid;
use switchboard_protocol::model::{Agent, Availability, Role};
use switchboard_protocol::{AgentId, MessageId, Position, UnixMs};

use crate::db::{Link, Sql, sql};
use crate::error::{ChangeError, ReadError};
use crate::row::{id, set, word};
use crate::{Store, Tx};

/// The clocks of two hubs, from which ids have their times, may be so far apart, milliseconds.
const CLOCKS_APART_MS: u64 = 3_600_000;

/// An agent with what only the hub may know.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    pub agent: Agent,
    /// None: invited, and not yet here.
    pub password_hash: Option<String>,
    pub availability: Availability,
    /// What they may see changed last at this position of the feed; resume from before it is a reset.
    pub access_position: Position,
    pub created_at: UnixMs,
}

pub(crate) const COLUMNS: &str = "a.id AS agent_id, a.name AS agent_name, a.email, a.role, a.display_name, a.disabled, \
    a.password_hash, a.availability, a.access_position, a.created_at AS agent_created_at";

#[derive(FromRow)]
pub(crate) struct Columns {
    agent_id: String,
    agent_name: String,
    email: String,
    role: String,
    display_name: Option<String>,
    disabled: bool,
    password_hash: Option<String>,
    availability: String,
    access_position: i64,
    agent_created_at: i64,
}

impl Columns {
    pub fn account(self) -> Result<Account, ReadError> {
        Ok(Account {
            agent: Agent {
                id: id("an agent's id", &self.agent_id)?,
                name: self.agent_name,
                email: self.email,
                role: word("a role", &self.role, Role::from_word)?,
                display_name: self.display_name,
                disabled: self.disabled,
            },
            password_hash: self.password_hash,
            availability: word("an availability", &self.availability, Availability::from_word)?,
            access_position: self.access_position,
            created_at: self.agent_created_at,
        })
    }
}

fn select(condition: &str) -> Sql {
    sql("read agents", format!("SELECT {COLUMNS} FROM agents AS a {condition}"))
}

async fn one(link: &mut Link<'_>, select: Sql) -> Result<Option<Account>, ReadError> {
    link.one::<Columns>(select).await?.map(Columns::account).transpose()
}

/// By name.
pub async fn list(store: &Store) -> Result<Vec<Agent>, ReadError> {
    let rows: Vec<Columns> = store.reading().await?.link().all(select("ORDER BY a.name, a.id")).await?;
    rows.into_iter().map(|row| Ok(row.account()?.agent)).collect()
}

pub async fn find(store: &Store, agent_id: AgentId) -> Result<Option<Account>, ReadError> {
    one(&mut store.reading().await?.link(), select("WHERE a.id = $1").bind(agent_id)).await
}

/// `email` in lower case.
pub async fn find_by_email(store: &Store, email: &str) -> Result<Option<Account>, ReadError> {
    one(&mut store.reading().await?.link(), select("WHERE a.email = $1").bind(email)).await
}

pub async fn load(tx: &mut Tx, agent_id: AgentId) -> Result<Option<Account>, ReadError> {
    one(&mut tx.link(), select("WHERE a.id = $1").bind(agent_id)).await
}

/// `email` in lower case.
pub async fn load_by_email(tx: &mut Tx, email: &str) -> Result<Option<Account>, ReadError> {
    one(&mut tx.link(), select("WHERE a.email = $1").bind(email)).await
}

/// Those of `ids` that exist.
pub async fn load_many(tx: &mut Tx, ids: &[AgentId]) -> Result<Vec<Agent>, ReadError> {
    let select = select("WHERE a.id IN (SELECT v.value->>'id' FROM jsonb_each($1) AS v)").bind(set(ids));
    let rows: Vec<Columns> = tx.link().all(select).await?;
    rows.into_iter().map(|row| Ok(row.account()?.agent)).collect()
}

/// Whether anybody is here at all; if not, the hub waits for its first owner.
pub async fn any(store: &Store) -> Result<bool, ReadError> {
    exists(&mut store.reading().await?.link()).await
}

pub async fn any_in(tx: &mut Tx) -> Result<bool, ReadError> {
    exists(&mut tx.link()).await
}

async fn exists(link: &mut Link<'_>) -> Result<bool, ReadError> {
    let row: Option<(bool,)> = link.one(sql("look for agents", "SELECT EXISTS (SELECT 1 FROM agents)")).await?;
    Ok(row.is_some_and(|(any,)| any))
}

/// Owners who can sign in. There must always be one.
pub async fn active_owners(tx: &mut Tx) -> Result<i64, ReadError> {
    let count = sql(
        "count owners",
        "SELECT count(*) FROM agents WHERE role = 'owner' AND NOT disabled AND password_hash IS NOT NULL",
    );
    Ok(tx.link().one::<(i64,)>(count).await?.map_or(0, |(count,)| count))
}

pub async fn insert(tx: &mut Tx, account: &Account) -> Result<(), ChangeError> {
    let agent = &account.agent;
    let insert = sql(
        "add an agent",
        "INSERT INTO agents (id, name, email, role, display_name, disabled, password_hash, availability, \
         access_position, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(agent.id)
    .bind(agent.name.as_str())
    .bind(agent.email.as_str())
    .bind(agent.role.as_str())
    .bind(agent.display_name.clone())
    .bind(agent.disabled)
    .bind(account.password_hash.clone())
    .bind(account.availability.as_str())
    .bind(account.access_position)
    .bind(account.created_at);
    tx.link().run(insert).await?;
    Ok(())
}

/// Whether a conversation is or was ever given to this agent, so that their name is still asked for. Only lines that were
/// written since they came to be are looked at, which is told from the ids.
pub async fn is_named(store: &Store, agent_id: AgentId) -> Result<bool, ReadError> {
    let since = agent_id.0.timestamp_ms().saturating_sub(CLOCKS_APART_MS);
    let find = sql(
        "look for work given to an agent",
        "SELECT EXISTS (SELECT 1 FROM conversation_assignees WHERE agent_id = $1) \
         OR EXISTS (SELECT 1 FROM messages WHERE id > $2 AND line LIKE '%' || $1 || '%')",
    )
    .bind(agent_id)
    .bind(MessageId(Ulid::from_parts(since, 0)));
    let row: Option<(bool,)> = store.reading().await?.link().one(find).await?;
    Ok(row.is_some_and(|(named,)| named))
}

/// Forgets an agent who never came in, unless a conversation is theirs. Whether they are gone.
pub async fn remove(tx: &mut Tx, agent_id: AgentId) -> Result<bool, ChangeError> {
    let delete = sql(
        "remove an agent",
        "DELETE FROM agents WHERE id = $1 AND password_hash IS NULL \
         AND NOT EXISTS (SELECT 1 FROM conversation_assignees WHERE agent_id = $1)",
    )
    .bind(agent_id);
    Ok(tx.link().run(delete).await? > 0)
}

/// Name, mail address, role, display name, disabled.
pub async fn update(tx: &mut Tx, agent: &Agent) -> Result<(), ChangeError> {
    let doing = "change an agent";
    let update = sql(
        doing,
        "UPDATE agents SET name = $2, email = $3, role = $4, display_name = $5, disabled = $6 WHERE id = $1",
    )
    .bind(agent.id)
    .bind(agent.name.as_str())
    .bind(agent.email.as_str())
    .bind(agent.role.as_str())
    .bind(agent.display_name.clone())
    .bind(agent.disabled);
    touched(doing, tx.link().run(update).await?)
}

pub async fn set_password(tx: &mut Tx, agent_id: AgentId, hash: &str) -> Result<(), ChangeError> {
    let doing = "set a password";
    let update = sql(doing, "UPDATE agents SET password_hash = $2 WHERE id = $1").bind(agent_id).bind(hash);
    touched(doing, tx.link().run(update).await?)
}

pub async fn set_availability(tx: &mut Tx, agent_id: AgentId, availability: Availability) -> Result<(), ChangeError> {
    let doing = "set an availability";
    let update =
        sql(doing, "UPDATE agents SET availability = $2 WHERE id = $1").bind(agent_id).bind(availability.as_str());
    touched(doing, tx.link().run(update).await?)
}

/// What was to be changed must have been there.
pub(crate) fn touched(doing: &'static str, rows: u64) -> Result<(), ChangeError> {
    if rows == 0 { Err(ChangeError::Missing { doing }) } else { Ok(()) }
}

/// Under which name customers know this agent.
pub async fn load_shown_name(tx: &mut Tx, agent_id: AgentId) -> Result<Option<String>, ReadError> {
    let find =
        sql("find an agent's name", "SELECT COALESCE(display_name, name) FROM agents WHERE id = $1").bind(agent_id);
    let row: Option<(String,)> = tx.link().one(find).await?;
    Ok(row.map(|(name,)| name))
}
