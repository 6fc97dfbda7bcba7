//! Which inboxes somebody may see: granted to the person, or to a team they are in.

use switchboard_domain::Visibility;
use switchboard_protocol::agent::AgentEvent;
use switchboard_protocol::model::Role;
use switchboard_protocol::rest::Access;
use switchboard_protocol::{AgentId, InboxId, Position, UnixMs};

use crate::db::{Link, sql};
use crate::error::{ChangeError, ReadError};
use crate::event::{Audience, Emit};
use crate::row::{self, id, word};
use crate::{Store, Tx};

/// Whether the agent `a` sees the inbox `$1`, or the one that is named: owners, admins, those granted, and members of the
/// teams granted. Without the disabled.
macro_rules! sees_inbox {
    () => {
        crate::access::sees_inbox!("$1")
    };
    ($inbox:literal) => {
        concat!(
            "NOT a.disabled AND (a.role IN ('owner', 'admin') \
             OR EXISTS (SELECT 1 FROM inbox_agents AS g WHERE g.inbox_id = ",
            $inbox,
            " AND g.agent_id = a.id) \
             OR EXISTS (SELECT 1 FROM inbox_teams AS t JOIN team_members AS m ON m.team_id = t.team_id \
                        WHERE t.inbox_id = ",
            $inbox,
            " AND m.agent_id = a.id))"
        )
    };
}
pub(crate) use sees_inbox;

/// None: there is no such agent, or they are disabled.
pub async fn visibility_of(store: &Store, agent_id: AgentId) -> Result<Option<Visibility>, ReadError> {
    visibility(&mut store.reading().await?.link(), agent_id).await
}

pub async fn load_visibility_of(tx: &mut Tx, agent_id: AgentId) -> Result<Option<Visibility>, ReadError> {
    visibility(&mut tx.link(), agent_id).await
}

async fn visibility(link: &mut Link<'_>, agent_id: AgentId) -> Result<Option<Visibility>, ReadError> {
    let role = sql("read an agent's role", "SELECT role FROM agents WHERE id = $1 AND NOT disabled").bind(agent_id);
    let Some((role,)) = link.one::<(String,)>(role).await? else { return Ok(None) };
    let granted = sql(
        "read what an agent may see",
        "SELECT g.inbox_id FROM inbox_agents AS g WHERE g.agent_id = $1 \
         UNION SELECT t.inbox_id FROM inbox_teams AS t JOIN team_members AS m ON m.team_id = t.team_id \
         WHERE m.agent_id = $1",
    )
    .bind(agent_id);
    let rows: Vec<(String,)> = link.all(granted).await?;
    let granted = rows.iter().map(|(inbox,)| id("an inbox's id", inbox)).collect::<Result<Vec<InboxId>, _>>()?;
    Ok(Some(Visibility::of(word("a role", &role, Role::from_word)?, granted)))
}

/// Feed position of the last change to what an agent may do or see, the end of a session or token of theirs among it:
/// what was looked up before holds as long as this stays. None: there is no such agent.
pub async fn position_of(store: &Store, agent_id: AgentId) -> Result<Option<Position>, ReadError> {
    position(&mut store.reading().await?.link(), agent_id).await
}

/// The same in a transaction, where it cannot move before what is written is committed.
pub async fn load_position_of(tx: &mut Tx, agent_id: AgentId) -> Result<Option<Position>, ReadError> {
    position(&mut tx.link(), agent_id).await
}

async fn position(link: &mut Link<'_>, agent_id: AgentId) -> Result<Option<Position>, ReadError> {
    let select = sql("read when access changed", "SELECT access_position FROM agents WHERE id = $1").bind(agent_id);
    let row: Option<(i64,)> = link.one(select).await?;
    Ok(row.map(|(position,)| position))
}

pub async fn find(store: &Store, inbox_id: InboxId) -> Result<Access, ReadError> {
    read(&mut store.reading().await?.link(), inbox_id).await
}

pub async fn load(tx: &mut Tx, inbox_id: InboxId) -> Result<Access, ReadError> {
    read(&mut tx.link(), inbox_id).await
}

async fn read(link: &mut Link<'_>, inbox_id: InboxId) -> Result<Access, ReadError> {
    let agents =
        sql("read access", "SELECT agent_id FROM inbox_agents WHERE inbox_id = $1 ORDER BY agent_id").bind(inbox_id);
    let agents: Vec<(String,)> = link.all(agents).await?;
    let teams =
        sql("read access", "SELECT team_id FROM inbox_teams WHERE inbox_id = $1 ORDER BY team_id").bind(inbox_id);
    let teams: Vec<(String,)> = link.all(teams).await?;
    Ok(Access {
        agents: agents.iter().map(|(agent,)| id("an agent's id", agent)).collect::<Result<_, _>>()?,
        teams: teams.iter().map(|(team,)| id("a team's id", team)).collect::<Result<_, _>>()?,
    })
}

/// Replaces it.
pub async fn set(tx: &mut Tx, inbox_id: InboxId, access: &Access) -> Result<(), ChangeError> {
    let clear = sql("take access away", "DELETE FROM inbox_agents WHERE inbox_id = $1").bind(inbox_id);
    tx.link().run(clear).await?;
    let clear = sql("take access away", "DELETE FROM inbox_teams WHERE inbox_id = $1").bind(inbox_id);
    tx.link().run(clear).await?;
    let agents = sql(
        "give access",
        "INSERT INTO inbox_agents (inbox_id, agent_id) SELECT DISTINCT $1, v.value->>'id' FROM jsonb_each($2) AS v",
    )
    .bind(inbox_id)
    .bind(row::set(&access.agents));
    tx.link().run(agents).await?;
    let teams = sql(
        "give access",
        "INSERT INTO inbox_teams (inbox_id, team_id) SELECT DISTINCT $1, v.value->>'id' FROM jsonb_each($2) AS v",
    )
    .bind(inbox_id)
    .bind(row::set(&access.teams));
    tx.link().run(teams).await?;
    Ok(())
}

/// All who can see this inbox.
pub async fn agents_who_see(tx: &mut Tx, inbox_id: InboxId) -> Result<Vec<AgentId>, ReadError> {
    who_see(&mut tx.link(), inbox_id).await
}

/// The same, of what is committed.
pub async fn find_agents_who_see(store: &Store, inbox_id: InboxId) -> Result<Vec<AgentId>, ReadError> {
    who_see(&mut store.reading().await?.link(), inbox_id).await
}

async fn who_see(link: &mut Link<'_>, inbox_id: InboxId) -> Result<Vec<AgentId>, ReadError> {
    let select =
        sql("find who sees an inbox", concat!("SELECT a.id FROM agents AS a WHERE ", sees_inbox!(), " ORDER BY a.id"))
            .bind(inbox_id);
    let rows: Vec<(String,)> = link.all(select).await?;
    rows.iter().map(|(agent,)| id("an agent's id", agent)).collect()
}

/// What these agents may see has changed: emits `access_changed` to each and keeps its position as their
/// [`crate::agents::Account::access_position`].
pub async fn changed(tx: &mut Tx, agents: &[AgentId], at: UnixMs) -> Result<Option<Position>, ChangeError> {
    let mut last = None;
    for agent_id in agents.iter().copied() {
        let position = tx.emit(Emit {
            at,
            audience: Audience::Access(agent_id),
            conversation_id: None,
            staff: AgentEvent::AccessChanged { agent_id },
            visitor: None,
        });
        let update = sql("note a change of access", "UPDATE agents SET access_position = $2 WHERE id = $1")
            .bind(agent_id)
            .bind(position);
        tx.link().run(update).await?;
        last = Some(position);
    }
    Ok(last)
}
