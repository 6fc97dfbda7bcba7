//! `/api/sessions`: where one is signed in, and ending it from afar.

use axum::extract::State;
use axum::http::StatusCode;
use switchboard_protocol::SessionId;
use switchboard_protocol::rest::{Session, Sessions};
use switchboard_store::sessions;

use crate::app::Shared;
use crate::caller::{Caller, May, Read};
use crate::commands::sign_in;
use crate::docs::Problems;
use crate::error::Answer;
use crate::http::extract::{Id, Json};

/// One's own signed-in browsers, newest first.
#[utoipa::path(get, path = "/api/sessions", tag = "signing in", responses((status = 200, body = Sessions), Problems))]
pub async fn list(State(app): State<Shared>, caller: May<Read>) -> Answer<Json<Sessions>> {
    let rows = sessions::list(&app.store, caller.agent_id, app.clock.now()).await?;
    let current = caller.by.session_id();
    let shown = rows.into_iter().map(|row| Session {
        id: row.id,
        current: current == Some(row.id),
        user_agent: row.user_agent,
        address: row.address,
        created_at: row.created_at,
        last_seen_at: row.last_seen_at,
    });
    Ok(Json(Sessions { sessions: shown.collect() }))
}

/// Ends one of one's own sessions.
#[utoipa::path(delete, path = "/api/sessions/{id}", tag = "signing in", params(("id" = SessionId, Path)),
    responses((status = 204), Problems))]
pub async fn end(State(app): State<Shared>, caller: Caller, Id(id): Id<SessionId>) -> Answer<StatusCode> {
    caller.in_person("end sessions")?;
    sign_in::end_session(&app, &caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
