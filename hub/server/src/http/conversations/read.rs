//! `POST /api/conversations/{id}/read`: how far one has read.

use axum::extract::State;
use axum::http::StatusCode;
use switchboard_protocol::ConversationId;
use switchboard_protocol::error::ApiError;
use switchboard_protocol::rest::MarkRead;

use crate::app::Shared;
use crate::caller::{Mark, May};
use crate::commands::mark_read;
use crate::docs::Problems;
use crate::error::Answer;
use crate::http::extract::{Id, Json};

/// Moves the caller's read position forward; never back.
#[utoipa::path(post, path = "/api/conversations/{id}/read", tag = "conversations",
    params(("id" = ConversationId, Path)), request_body = MarkRead, responses((status = 204), Problems))]
pub async fn mark(
    State(app): State<Shared>,
    caller: May<Mark>,
    Id(id): Id<ConversationId>,
    Json(body): Json<MarkRead>,
) -> Answer<StatusCode> {
    if body.number < 0 {
        return Err(ApiError::field("number", "invalid", "Messages are numbered from 1.").into());
    }
    mark_read::mark_read(&app, &caller, id, body.number).await?;
    Ok(StatusCode::NO_CONTENT)
}
