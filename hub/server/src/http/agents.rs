//! `/api/agents`: the people of the team.

use axum::extract::State;
use axum::http::StatusCode;
use switchboard_protocol::AgentId;
use switchboard_protocol::model::Agent;
use switchboard_protocol::rest::{Agents, ChangeAgent, Invitation, InviteAgent, PasswordLink, PendingInvitation};
use switchboard_store::{agents as rows, entry_links};

use crate::app::Shared;
use crate::caller::Origin;
use crate::caller::{Caller, Manage, May, Read};
use crate::commands::{agents, invitations, password_links};
use crate::docs::Problems;
use crate::error::Answer;
use crate::http::extract::{Id, Json};

/// Everybody of the team, with those who sign in no more, and those who have yet to come.
#[utoipa::path(get, path = "/api/agents", tag = "team", responses((status = 200, body = Agents), Problems))]
pub async fn list(State(app): State<Shared>, caller: May<Read>) -> Answer<Json<Agents>> {
    let open = match caller.may::<Manage>() {
        Ok(_) => entry_links::awaited(&app.store).await?,
        Err(_) => Vec::new(),
    };
    let invited = open.into_iter().map(|(agent_id, expires_at)| PendingInvitation { agent_id, expires_at }).collect();
    Ok(Json(Agents { agents: rows::list(&app.store).await?, invited }))
}

/// Takes an invitation back. Whoever has joined already is disabled instead, by a change.
#[utoipa::path(delete, path = "/api/agents/{id}/invitation", tag = "team", params(("id" = AgentId, Path)),
    responses((status = 204), Problems))]
pub async fn withdraw(State(app): State<Shared>, caller: May<Manage>, Id(id): Id<AgentId>) -> Answer<StatusCode> {
    invitations::withdraw(&app, &caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Invites a person. The link in the answer opens once.
#[utoipa::path(post, path = "/api/agents", tag = "team", request_body = InviteAgent,
    responses((status = 201, body = Invitation), Problems))]
pub async fn invite(
    State(app): State<Shared>,
    caller: May<Manage>,
    from: Origin,
    Json(body): Json<InviteAgent>,
) -> Answer<(StatusCode, Json<Invitation>)> {
    Ok((StatusCode::CREATED, Json(invitations::invite(&app, &caller, body, from).await?)))
}

/// Makes a link through which somebody else sets a new password, in place of one that they have forgotten. It opens once;
/// an owner's is made by owners only.
#[utoipa::path(post, path = "/api/agents/{id}/password-link", tag = "team", params(("id" = AgentId, Path)),
    responses((status = 201, body = PasswordLink), Problems))]
pub async fn make_password_link(
    State(app): State<Shared>,
    caller: May<Manage>,
    from: Origin,
    Id(id): Id<AgentId>,
) -> Answer<(StatusCode, Json<PasswordLink>)> {
    Ok((StatusCode::CREATED, Json(password_links::make(&app, &caller, id, from).await?)))
}

/// Changes somebody's names, role, or whether they may sign in. One's own names everybody may change.
#[utoipa::path(patch, path = "/api/agents/{id}", tag = "team", params(("id" = AgentId, Path)),
    request_body = ChangeAgent, responses((status = 200, body = Agent), Problems))]
pub async fn change(
    State(app): State<Shared>,
    caller: Caller,
    Id(id): Id<AgentId>,
    Json(body): Json<ChangeAgent>,
) -> Answer<Json<Agent>> {
    Ok(Json(agents::change(&app, &caller, id, body).await?))
}
