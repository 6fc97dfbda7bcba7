//! Departments and who is in them.

use std::collections::HashMap;

use switchboard_protocol::model::Team;
use switchboard_protocol::{AgentId, TeamId};

use crate::agents::touched;
use crate::db::{Link, sql};
use crate::error::{ChangeError, ReadError};
use crate::row::{id, set};
use crate::{Store, Tx};

/// By name.
pub async fn list(store: &Store) -> Result<Vec<Team>, ReadError> {
    select(&mut store.reading().await?.link(), None).await
}

pub async fn load(tx: &mut Tx, team_id: TeamId) -> Result<Option<Team>, ReadError> {
    Ok(select(&mut tx.link(), Some(team_id)).await?.pop())
}

/// Those that this agent is in.
pub async fn load_of(tx: &mut Tx, agent_id: AgentId) -> Result<Vec<Team>, ReadError> {
    let teams = select(&mut tx.link(), None).await?;
    Ok(teams.into_iter().filter(|team| team.members.contains(&agent_id)).collect())
}

async fn select(link: &mut Link<'_>, only: Option<TeamId>) -> Result<Vec<Team>, ReadError> {
    let teams =
        sql("read teams", "SELECT id, name FROM teams WHERE id = COALESCE($1, id) ORDER BY name, id").bind(only);
    let teams: Vec<(String, String)> = link.all(teams).await?;
    let members = sql(
        "read the members of teams",
        "SELECT team_id, agent_id FROM team_members WHERE team_id = COALESCE($1, team_id) ORDER BY agent_id",
    )
    .bind(only);
    let mut by_team: HashMap<String, Vec<AgentId>> = HashMap::new();
    for (team, agent) in link.all::<(String, String)>(members).await? {
        by_team.entry(team).or_default().push(id("a member's id", &agent)?);
    }
    teams
        .into_iter()
        .map(|(team, name)| {
            Ok(Team { id: id("a team's id", &team)?, name, members: by_team.remove(&team).unwrap_or_default() })
        })
        .collect()
}

pub async fn insert(tx: &mut Tx, team: &Team) -> Result<(), ChangeError> {
    let insert =
        sql("make a team", "INSERT INTO teams (id, name) VALUES ($1, $2)").bind(team.id).bind(team.name.as_str());
    tx.link().run(insert).await?;
    write_members(tx, team).await
}

/// Name and members. Who gained or lost access by it is for [`crate::access::changed`] to be told.
pub async fn update(tx: &mut Tx, team: &Team) -> Result<(), ChangeError> {
    let doing = "change a team";
    let update = sql(doing, "UPDATE teams SET name = $2 WHERE id = $1").bind(team.id).bind(team.name.as_str());
    touched(doing, tx.link().run(update).await?)?;
    write_members(tx, team).await
}

async fn write_members(tx: &mut Tx, team: &Team) -> Result<(), ChangeError> {
    let clear = sql("clear a team's members", "DELETE FROM team_members WHERE team_id = $1").bind(team.id);
    tx.link().run(clear).await?;
    let insert = sql(
        "write a team's members",
        "INSERT INTO team_members (team_id, agent_id) SELECT DISTINCT $1, v.value->>'id' FROM jsonb_each($2) AS v",
    )
    .bind(team.id)
    .bind(set(&team.members));
    tx.link().run(insert).await?;
    Ok(())
}

/// Its conversations stay, without a team. Whether there was one.
pub async fn remove(tx: &mut Tx, team_id: TeamId) -> Result<bool, ChangeError> {
    Ok(tx.link().run(sql("remove a team", "DELETE FROM teams WHERE id = $1").bind(team_id)).await? > 0)
}
