//! `PATCH /api/conversations/{id}`: status, assignees, team, place, priority, flag, tags, subject.

use axum::extract::State;
use switchboard_protocol::ConversationId;
use switchboard_protocol::agent::ConversationChange;
use switchboard_protocol::model::Conversation;

use crate::app::Shared;
use crate::caller::{Answer as Answers, May};
use crate::commands::change_conversation;
use crate::docs::Problems;
use crate::error::Answer;
use crate::http::extract::{Id, Json};

/// Changes what the body names; each change is a line in the thread.
#[utoipa::path(patch, path = "/api/conversations/{id}", tag = "conversations", params(("id" = ConversationId, Path)),
    request_body = ConversationChange, responses((status = 200, body = Conversation), Problems))]
pub async fn change(
    State(app): State<Shared>,
    caller: May<Answers>,
    Id(id): Id<ConversationId>,
    Json(body): Json<ConversationChange>,
) -> Answer<Json<Conversation>> {
    Ok(Json(change_conversation::change(&app, &caller, id, body).await?.value))
}
