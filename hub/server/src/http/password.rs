//! `/api/password`: changing one's own password, and setting a new one with a link in place of one that is forgotten.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use switchboard_protocol::rest::{ChangePassword, Me, SetPassword};

use crate::app::Shared;
use crate::caller::{Caller, Origin};
use crate::commands::{password_links, sign_in};
use crate::docs::Problems;
use crate::error::Answer;
use crate::http::auth::not_cross_site;
use crate::http::cookie;
use crate::http::extract::Json;

/// Changes one's own password and ends one's other sessions. API tokens stay good, whoever made them: a program goes on. Look
/// through `GET /api/tokens` if somebody else may have known the old password.
#[utoipa::path(post, path = "/api/password", tag = "signing in", request_body = ChangePassword,
    responses((status = 204), Problems))]
pub async fn change(State(app): State<Shared>, caller: Caller, Json(body): Json<ChangePassword>) -> Answer<StatusCode> {
    sign_in::change_password(&app, &caller, body).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Uses a link for a new password up: sets it, ends all sessions that were open, and signs in.
#[utoipa::path(post, path = "/api/password/new", tag = "signing in", request_body = SetPassword,
    responses((status = 200, body = Me, headers(("set-cookie" = String, description = "The session."))), Problems), security(()))]
pub async fn set(
    State(app): State<Shared>,
    from: Origin,
    headers: HeaderMap,
    Json(body): Json<SetPassword>,
) -> Answer<Response> {
    not_cross_site(&app, &headers)?;
    let secure = from.secure;
    let signed_in = password_links::set(&app, body, from).await?;
    cookie::signed_in(&app, signed_in, secure).await
}
