//! `GET /api/counts`: what lies in each folder.

use axum::extract::State;
use switchboard_protocol::rest::Counts;
use switchboard_store::conversations;

use crate::app::Shared;
use crate::caller::{May, Read};
use crate::docs::Problems;
use crate::error::Answer;
use crate::http::extract::Json;

/// Conversations in each folder and inbox, of those that the caller may see.
#[utoipa::path(get, path = "/api/counts", tag = "conversations", responses((status = 200, body = Counts), Problems))]
pub async fn show(State(app): State<Shared>, caller: May<Read>) -> Answer<Json<Counts>> {
    let at = app.at().await?;
    let counted = conversations::counts(&app.store, &caller.visibility, caller.agent_id).await?;
    Ok(Json(Counts { folders: counted.folders, inboxes: counted.inboxes, teams: counted.teams, at }))
}
