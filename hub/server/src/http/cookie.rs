//! The session cookie: not readable by scripts, not sent along by other sites' forms, gone when the session is.

use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use switchboard_protocol::model::Scope;

use crate::app::App;
use crate::caller::Origin;
use crate::commands::sign_in::SignedIn;
use crate::error::{Answer, CommandError, Problem};
use crate::http::auth::{self, COOKIE};
use crate::http::extract::Json;
use crate::http::me::me;
use crate::limits;

/// The answer to everything that signs somebody in: who they are, and the cookie.
pub async fn signed_in(app: &App, signed_in: SignedIn, secure: bool) -> Answer<Response> {
    let caller = auth::by_session_token(app, signed_in.token.expose()).await?;
    debug_assert_eq!(caller.scopes, Scope::ALL);
    let mut response = Json(me(app, &caller).await?).into_response();
    keep(response.headers_mut(), signed_in.token.expose(), secure)?;
    Ok(response)
}

/// Hands the browser its session for the whole time that a session lasts from now on.
pub fn keep(headers: &mut HeaderMap, token: &str, secure: bool) -> Result<(), Problem> {
    let seconds = limits::SESSION_MS / 1000;
    set(headers, &format!("{token}; Max-Age={seconds}"), secure)
}

/// An answer without a body that takes the cookie away.
pub fn signed_out(from: &Origin) -> Answer<Response> {
    let mut response = axum::http::StatusCode::NO_CONTENT.into_response();
    set(response.headers_mut(), "; Max-Age=0", from.secure)?;
    Ok(response)
}

fn set(headers: &mut HeaderMap, value: &str, secure: bool) -> Result<(), Problem> {
    let secure = if secure { "; Secure" } else { "" };
    let cookie = format!("{COOKIE}={value}; Path=/; HttpOnly; SameSite=Lax{secure}");
    let cookie = HeaderValue::from_str(&cookie).map_err(|error| CommandError::fault("setting the cookie", error))?;
    headers.insert(header::SET_COOKIE, cookie);
    Ok(())
}
