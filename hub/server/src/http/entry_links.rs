//! `POST /api/links/show`: what a link is good for, before its holder types anything.

use axum::extract::State;
use switchboard_protocol::rest::{LinkShown, ShowLink};

use crate::app::Shared;
use crate::caller::Origin;
use crate::commands::entry_links;
use crate::docs::Problems;
use crate::error::Answer;
use crate::http::extract::Json;

/// What an invitation or a link for a new password is good for, and whose it is. `not_found`: it is used, too old, or was
/// taken back.
#[utoipa::path(post, path = "/api/links/show", tag = "signing in", request_body = ShowLink,
    responses((status = 200, body = LinkShown), Problems), security(()))]
pub async fn show(State(app): State<Shared>, from: Origin, Json(body): Json<ShowLink>) -> Answer<Json<LinkShown>> {
    Ok(Json(entry_links::show(&app, body, from).await?))
}
