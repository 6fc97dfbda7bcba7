//! `POST /api/password`: changing one's own password.

use axum::extract::State;
use axum::http::StatusCode;
use switchboard_protocol::rest::ChangePassword;

use crate::app::Shared;
use crate::caller::Caller;
use crate::commands::sign_in;
use crate::docs::Problems;
use crate::error::Answer;
use crate::http::extract::Json;

/// Changes one's own password and ends one's other sessions.
#[utoipa::path(post, path = "/api/password", tag = "signing in", request_body = ChangePassword,
    responses((status = 204), Problems))]
pub async fn change(State(app): State<Shared>, caller: Caller, Json(body): Json<ChangePassword>) -> Answer<StatusCode> {
    sign_in::change_password(&app, &caller, body).await?;
    Ok(StatusCode::NO_CONTENT)
}
