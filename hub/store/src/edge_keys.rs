//! Identities of what comes from outside: the constraint decides what is new.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fmt;

use serde::Serialize;
use switchboard_protocol::{AgentId, BotId, IdentityId, InboxId, Ulid, UnixMs};

use crate::db::{Value, sql};
use crate::error::{ChangeError, ReadError};
use crate::row::{set, to_json};
use crate::{Store, Tx, rows};

/// Most keys forgotten at once.
pub const PRUNE_ROWS: i64 = 10_000;
/// Length of an id.
const ID_CHARS: usize = 26;

/// Within what a key is unique.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// (author, client's id) of what an agent sends. The target is the message's id.
    Agent(AgentId),
    /// (author, client's id) of what a visitor sends. The target is the message's id.
    Identity(IdentityId),
    /// (inbox, provider's id) of what comes in. The target is the message's id.
    Inbox(InboxId),
    /// What bots write; they have no ids of their own for it.
    Bot(BotId),
    /// `Idempotency-Key` of an agent's HTTP requests. The target is the hash of the request.
    Http(AgentId),
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Agent(id) => write!(f, "agent:{id}"),
            Self::Identity(id) => write!(f, "identity:{id}"),
            Self::Inbox(id) => write!(f, "inbox:{id}"),
            Self::Bot(id) => write!(f, "bot:{id}"),
            Self::Http(id) => write!(f, "http:{id}"),
        }
    }
}

/// What came of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// It is the caller's.
    New,
    /// It had been claimed for this target; with the answer that was kept, if one was.
    Taken { target: String, answer: Option<String> },
}

pub async fn claim(tx: &mut Tx, scope: Scope, key: &str, target: &str, at: UnixMs) -> Result<Claim, ChangeError> {
    let insert = sql(
        "claim a key",
        "INSERT INTO edge_keys (scope, name, target, at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
    )
    .bind(scope.to_string())
    .bind(key)
    .bind(target)
    .bind(at);
    if tx.link().run(insert).await? == 1 {
        return Ok(Claim::New);
    }
    let row: Option<(String, Option<String>)> = tx.link().one(select(scope, key)).await?;
    let missing = ChangeError::Missing { doing: "claim a key" };
    row.map(|(target, answer)| Claim::Taken { target, answer }).ok_or(missing)
}

/// Those of the keys that are taken, as of now: to save work, not to decide.
pub async fn known(store: &Store, scope: Scope, keys: &[String]) -> Result<HashSet<String>, ReadError> {
    let find = sql(
        "find known keys",
        "SELECT e.name FROM edge_keys AS e WHERE e.scope = $1 \
         AND e.name IN (SELECT v.value->>'id' FROM jsonb_each($2) AS v)",
    )
    .bind(scope.to_string())
    .bind(set(keys));
    let rows: Vec<(String,)> = store.reading().await?.link().all(find).await?;
    Ok(rows.into_iter().map(|(name,)| name).collect())
}

fn select(scope: Scope, key: &str) -> crate::db::Sql {
    sql("find a key", "SELECT target, answer FROM edge_keys WHERE scope = $1 AND name = $2")
        .bind(scope.to_string())
        .bind(key)
}

/// Whether somebody has it, in a transaction that does not claim it.
pub(crate) async fn is_taken(tx: &mut Tx, scope: Scope, key: &str) -> Result<bool, ReadError> {
    let row: Option<(String, Option<String>)> = tx.link().one(select(scope, key)).await?;
    Ok(row.is_some())
}

/// Keeps the answer that a repeat is to get. What it names is noted: when that is deleted forever the answer is forgotten.
pub async fn keep_answer(tx: &mut Tx, scope: Scope, key: &str, answer: &str) -> Result<(), ChangeError> {
    let update = sql("keep an answer", "UPDATE edge_keys SET answer = $3 WHERE scope = $1 AND name = $2")
        .bind(scope.to_string())
        .bind(key)
        .bind(answer);
    tx.link().run(update).await?;
    let note = sql(
        "note what an answer names",
        "INSERT INTO answers_of (id, name, scope) SELECT v.value->>'id', $2, $3 FROM jsonb_each($1) AS v",
    )
    .bind(set(named(answer)))
    .bind(key)
    .bind(scope.to_string());
    tx.link().run(note).await?;
    Ok(())
}

/// The ids that stand in a JSON text, each once.
fn named(json: &str) -> BTreeSet<Ulid> {
    json.split('"').filter(|part| part.len() == ID_CHARS).filter_map(|part| part.parse().ok()).collect()
}

/// Forgets keys claimed before this time, at most [`PRUNE_ROWS`].
pub async fn prune(tx: &mut Tx, before: UnixMs) -> Result<u64, ChangeError> {
    let delete = sql(
        "forget old keys",
        "DELETE FROM edge_keys WHERE (scope, name) IN \
         (SELECT scope, name FROM edge_keys WHERE at < $1 ORDER BY at LIMIT $2)",
    )
    .bind(before)
    .bind(PRUNE_ROWS);
    Ok(tx.link().run(delete).await?)
}

/// One of a set of keys.
#[derive(Debug, Clone)]
pub(crate) struct Key {
    pub scope: Scope,
    pub name: String,
    /// No two claims have the same.
    pub target: String,
    pub at: UnixMs,
}

fn values(key: &Key) -> [Value; 4] {
    [key.name.as_str().into(), key.scope.to_string().into(), key.target.as_str().into(), key.at.into()]
}

#[derive(Serialize)]
struct Name<'a> {
    scope: String,
    name: &'a str,
}

/// The names of keys, for `jsonb_each`.
fn names(keys: &[Key]) -> String {
    to_json(&keys.iter().map(|key| Name { scope: key.scope.to_string(), name: &key.name }).collect::<Vec<_>>())
}

/// What came of claiming a set.
pub(crate) struct Claimed {
    /// Those that somebody had before, with the target that they had them for.
    pub taken: Vec<Key>,
}

/// Claims `keys`, which are different from each other.
pub(crate) async fn claim_all(tx: &mut Tx, keys: &[Key]) -> Result<Claimed, ChangeError> {
    if keys.is_empty() {
        return Ok(Claimed { taken: Vec::new() });
    }
    let mut claimed = 0;
    for (rows, values) in rows::at_once(tx.link().engine(), keys.iter().map(values).collect()) {
        let text = format!("INSERT INTO edge_keys (name, scope, target, at) VALUES {rows} ON CONFLICT DO NOTHING");
        claimed += tx.link().run(sql("claim keys", text).bind_all(values)).await?;
    }
    if claimed == keys.len() as u64 {
        return Ok(Claimed { taken: Vec::new() });
    }
    let select = sql(
        "find keys",
        "SELECT e.scope, e.name, e.target FROM jsonb_each($1) AS k \
         JOIN edge_keys AS e ON e.scope = k.value->>'scope' AND e.name = k.value->>'name'",
    )
    .bind(names(keys));
    let found: Vec<(String, String, String)> = tx.link().all(select).await?;
    let targets: HashMap<_, _> = found.into_iter().map(|(scope, name, target)| ((scope, name), target)).collect();
    let taken = keys
        .iter()
        .filter_map(|key| {
            let target = targets.get(&(key.scope.to_string(), key.name.clone()))?;
            // Each attempt has a target of its own, so one that is not ours was there before.
            (*target != key.target).then(|| Key { target: target.clone(), ..key.clone() })
        })
        .collect();
    Ok(Claimed { taken })
}

/// Lets go of keys that this transaction has claimed.
pub(crate) async fn give_back(tx: &mut Tx, keys: &[Key]) -> Result<(), ChangeError> {
    if keys.is_empty() {
        return Ok(());
    }
    let delete = sql(
        "give keys back",
        "DELETE FROM edge_keys WHERE (scope, name) IN \
         (SELECT k.value->>'scope', k.value->>'name' FROM jsonb_each($1) AS k)",
    )
    .bind(names(keys));
    tx.link().run(delete).await?;
    Ok(())
}
