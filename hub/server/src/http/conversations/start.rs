//! `POST /api/conversations`: an agent writes first.

use axum::extract::State;
use axum::http::StatusCode;
use switchboard_protocol::rest::{StartConversations, StartedConversations};

use crate::app::Shared;
use crate::caller::{Answer as Answers, May};
use crate::commands::start_conversations;
use crate::docs::Problems;
use crate::error::Answer;
use crate::http::extract::{IdempotencyKey, Json};

/// Writes to customers, each of whom gets a conversation of their own. Who could not be written to is named with the reason;
/// the same idempotency key again begins nothing anew.
#[utoipa::path(post, path = "/api/conversations", tag = "conversations", request_body = StartConversations,
    params(("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 64)),
    responses((status = 201, body = StartedConversations), Problems))]
pub async fn start(
    State(app): State<Shared>,
    caller: May<Answers>,
    IdempotencyKey(key): IdempotencyKey,
    Json(body): Json<StartConversations>,
) -> Answer<(StatusCode, Json<StartedConversations>)> {
    Ok((StatusCode::CREATED, Json(start_conversations::start(&app, &caller, body, key).await?)))
}
