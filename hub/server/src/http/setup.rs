//! `POST /api/setup`: the first person becomes the owner.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use switchboard_protocol::rest::{Me, SetUp};

use crate::app::Shared;
use crate::caller::Origin;
use crate::commands::sign_in;
use crate::docs::Problems;
use crate::error::Answer;
use crate::http::auth::not_cross_site;
use crate::http::cookie;
use crate::http::extract::Json;

/// Makes the owner, with the one-time link that the hub printed at its first start.
#[utoipa::path(post, path = "/api/setup", tag = "signing in", request_body = SetUp,
    responses((status = 200, body = Me, headers(("set-cookie" = String, description = "The session."))), Problems), security(()))]
pub async fn set_up(
    State(app): State<Shared>,
    from: Origin,
    headers: HeaderMap,
    Json(body): Json<SetUp>,
) -> Answer<Response> {
    not_cross_site(&app, &headers)?;
    let secure = from.secure;
    let signed_in = sign_in::set_up(&app, body, from).await?;
    cookie::signed_in(&app, signed_in, secure).await
}
