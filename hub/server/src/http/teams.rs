//! `/api/teams`: departments.

use axum::extract::State;
use axum::http::StatusCode;
use switchboard_protocol::TeamId;
use switchboard_protocol::model::Team;
use switchboard_protocol::rest::{SaveTeam, Teams};
use switchboard_store::teams as rows;

use crate::app::Shared;
use crate::caller::{Manage, May, Read};
use crate::commands::teams;
use crate::docs::Problems;
use crate::error::Answer;
use crate::http::extract::{Id, IdempotencyKey, Json};

/// All teams.
#[utoipa::path(get, path = "/api/teams", tag = "team", responses((status = 200, body = Teams), Problems))]
pub async fn list(State(app): State<Shared>, _: May<Read>) -> Answer<Json<Teams>> {
    Ok(Json(Teams { teams: rows::list(&app.store).await? }))
}

/// Makes a team.
#[utoipa::path(post, path = "/api/teams", tag = "team", request_body = SaveTeam,
    params(("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 64)),
    responses((status = 201, body = Team), Problems))]
pub async fn create(
    State(app): State<Shared>,
    caller: May<Manage>,
    IdempotencyKey(key): IdempotencyKey,
    Json(body): Json<SaveTeam>,
) -> Answer<(StatusCode, Json<Team>)> {
    Ok((StatusCode::CREATED, Json(teams::create(&app, &caller, body, key).await?)))
}

/// Replaces a team's name and members.
#[utoipa::path(put, path = "/api/teams/{id}", tag = "team", params(("id" = TeamId, Path)), request_body = SaveTeam,
    responses((status = 200, body = Team), Problems))]
pub async fn save(
    State(app): State<Shared>,
    caller: May<Manage>,
    Id(id): Id<TeamId>,
    Json(body): Json<SaveTeam>,
) -> Answer<Json<Team>> {
    Ok(Json(teams::save(&app, &caller, id, body).await?))
}

/// Removes a team; its conversations stay.
#[utoipa::path(delete, path = "/api/teams/{id}", tag = "team", params(("id" = TeamId, Path)),
    responses((status = 204), Problems))]
pub async fn remove(State(app): State<Shared>, caller: May<Manage>, Id(id): Id<TeamId>) -> Answer<StatusCode> {
    teams::remove(&app, &caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
