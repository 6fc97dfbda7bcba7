//! `/api/session`: signing in, who is signed in, signing out.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use switchboard_protocol::rest::{Me, SignIn};

use crate::app::Shared;
use crate::caller::Origin;
use crate::caller::{Caller, May, Read};
use crate::commands::sign_in;
use crate::docs::Problems;
use crate::error::Answer;
use crate::http::auth::{self, not_cross_site};
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

/// Who is signed in. A page asks it when it opens, so a browser that comes again is handed its session anew.
#[utoipa::path(get, path = "/api/session", tag = "signing in", responses((status = 200, body = Me), Problems))]
pub async fn show(State(app): State<Shared>, caller: May<Read>, from: Origin, headers: HeaderMap) -> Answer<Response> {
    let mut response = Json(me(&app, &caller).await?).into_response();
    if let (Some(_), Some(token)) = (caller.by.session_id(), auth::cookie(&headers)) {
        cookie::keep(response.headers_mut(), token, from.secure)?;
    }
    Ok(response)
}

/// Signs out: this session ends and its sockets close.
#[utoipa::path(delete, path = "/api/session", tag = "signing in", responses((status = 204), Problems))]
pub async fn close(State(app): State<Shared>, caller: Caller, from: Origin) -> Answer<Response> {
    if let Some(id) = caller.by.session_id() {
        sign_in::end_session(&app, &caller, id).await?;
    }
    cookie::signed_out(&from)
}
