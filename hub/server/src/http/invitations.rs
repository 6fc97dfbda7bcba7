//! `POST /api/invitations/accept`: an invited person chooses a password and is in.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use switchboard_protocol::rest::{AcceptInvitation, Me};

use crate::app::Shared;
use crate::caller::Origin;
use crate::commands::invitations;
use crate::docs::Problems;
use crate::error::Answer;
use crate::http::auth::not_cross_site;
use crate::http::cookie;
use crate::http::extract::Json;

/// Uses the invitation up, sets the password and signs in.
#[utoipa::path(post, path = "/api/invitations/accept", tag = "signing in", request_body = AcceptInvitation,
    responses((status = 200, body = Me, headers(("set-cookie" = String, description = "The session."))), Problems), security(()))]
pub async fn accept(
    State(app): State<Shared>,
    from: Origin,
    headers: HeaderMap,
    Json(body): Json<AcceptInvitation>,
) -> Answer<Response> {
    not_cross_site(&app, &headers)?;
    let secure = from.secure;
    let signed_in = invitations::accept(&app, body, from).await?;
    cookie::signed_in(&app, signed_in, secure).await
}
