//! `/api/session`: signing in, who is signed in, signing out.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use switchboard_protocol::rest::{Me, SignIn};

use crate::app::Shared;
use crate::caller::{Caller, May, Read};
use crate::commands::sign_in;
use crate::docs::Problems;
use crate::error::Answer;
use crate::http::auth::{Origin, not_cross_site};
use crate::http::cookie;
use crate::http::extract::Json;
use crate::http::me::me;

/// Signs in with a password.
#[utoipa::path(post, path = "/api/session", tag = "signing in", request_body = SignIn,
    responses((status = 200, body = Me, headers(("set-cookie" = String, description = "The session."))), Problems), security(()))]
pub async fn open(
    State(app): State<Shared>,
    from: Origin,
    headers: HeaderMap,
    Json(body): Json<SignIn>,
) -> Answer<Response> {
    not_cross_site(&app, &headers)?;
    let secure = from.secure;
    let signed_in = sign_in::sign_in(&app, body, from).await?;
    cookie::signed_in(&app, signed_in, secure).await
}

/// Who is signed in.
#[utoipa::path(get, path = "/api/session", tag = "signing in", responses((status = 200, body = Me), Problems))]
pub async fn show(State(app): State<Shared>, caller: May<Read>) -> Answer<Json<Me>> {
    Ok(Json(me(&app, &caller).await?))
}

/// Signs out: this session ends and its sockets close.
#[utoipa::path(delete, path = "/api/session", tag = "signing in", responses((status = 204), Problems))]
pub async fn close(State(app): State<Shared>, caller: Caller, from: Origin) -> Answer<Response> {
    if let Some(id) = caller.by.session_id() {
        sign_in::end_session(&app, &caller, id).await?;
    }
    cookie::signed_out(&from)
}
