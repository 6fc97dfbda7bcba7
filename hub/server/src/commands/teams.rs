//! Departments. Being in one can show its members an inbox, so a change of members is a change of access.

use std::collections::BTreeSet;

use switchboard_domain::validate::Fields;
use switchboard_protocol::agent::AgentEvent;
use switchboard_protocol::error::ApiError;
use switchboard_protocol::model::Team;
use switchboard_protocol::rest::SaveTeam;
use switchboard_protocol::{AgentId, TeamId};
use switchboard_store::edge_keys::Scope;
use switchboard_store::{ChangeError, Tx, access, agents, teams};

use super::{for_team, idempotent};
use crate::app::App;
use crate::caller::{Manage, May};
use crate::error::CommandError;
use crate::limits;

/// Makes a team; the same key makes it once.
pub async fn create(app: &App, by: &May<Manage>, body: SaveTeam, key: Option<String>) -> Result<Team, CommandError> {
    let request = idempotent::Request::new(Scope::Http(by.agent_id), key, "team", &body);
    let (name, members) = checked(body)?;
    let now = app.clock.now();
    let team = Team { id: TeamId(app.random.ulid(now)), name, members };
    let written = app.write_as(by, move |tx| {
        Box::pin(async move {
            if let Some(made) = request.answered(tx, now).await? {
                return Ok(made);
            }
            members_exist(tx, &team.members).await?;
            teams::insert(tx, &team).await.map_err(name_taken)?;
            tx.emit(for_team(now, AgentEvent::TeamChanged { team: team.clone() }));
            access::changed(tx, &team.members, now).await?;
            request.keep(tx, &team).await?;
            Ok(team)
        })
    });
    Ok(written.await?.value)
}

/// Replaces name and members.
pub async fn save(app: &App, by: &May<Manage>, id: TeamId, body: SaveTeam) -> Result<Team, CommandError> {
    let (name, members) = checked(body)?;
    let now = app.clock.now();
    let written = app.write_as(by, move |tx| {
        Box::pin(async move {
            let before = teams::load(tx, id).await?.ok_or_else(|| CommandError::not_found("team"))?;
            let team = Team { id, name, members };
            if before == team {
                return Ok(team);
            }
            members_exist(tx, &team.members).await?;
            teams::update(tx, &team).await.map_err(name_taken)?;
            tx.emit(for_team(now, AgentEvent::TeamChanged { team: team.clone() }));
            let (was, is): (BTreeSet<_>, BTreeSet<_>) =
                (before.members.iter().collect(), team.members.iter().collect());
            let moved: Vec<AgentId> = was.symmetric_difference(&is).map(|id| **id).collect();
            access::changed(tx, &moved, now).await?;
            Ok(team)
        })
    });
    Ok(written.await?.value)
}

/// Removes a team. Its conversations stay, without one.
pub async fn remove(app: &App, by: &May<Manage>, id: TeamId) -> Result<(), CommandError> {
    let now = app.clock.now();
    app.write_as(by, move |tx| {
        Box::pin(async move {
            let team = teams::load(tx, id).await?.ok_or_else(|| CommandError::not_found("team"))?;
            teams::remove(tx, id).await?;
            tx.emit(for_team(now, AgentEvent::TeamRemoved { team_id: id }));
            access::changed(tx, &team.members, now).await?;
            Ok(())
        })
    })
    .await?;
    Ok(())
}

fn checked(body: SaveTeam) -> Result<(String, Vec<AgentId>), ApiError> {
    let mut fields = Fields::new();
    let name = fields.name("name", &body.name);
    let members: Vec<_> = body.members.into_iter().collect::<BTreeSet<_>>().into_iter().collect();
    if members.len() > limits::MEMBERS {
        fields.wrong("members", "too_many", format!("A team may have at most {} members.", limits::MEMBERS));
    }
    fields.done().map(|()| (name, members))
}

pub(super) async fn members_exist(tx: &mut Tx, members: &[AgentId]) -> Result<(), CommandError> {
    if agents::load_many(tx, members).await?.len() == members.len() {
        return Ok(());
    }
    Err(ApiError::field("members", "unknown", "One of these people is not in the team any more.").into())
}

fn name_taken(error: ChangeError) -> CommandError {
    match error {
        ChangeError::Taken { .. } => super::idempotent::taken("name", "Another team has this name."),
        other => other.into(),
    }
}
