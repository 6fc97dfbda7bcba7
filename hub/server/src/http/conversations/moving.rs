//! `/api/conversations/{id}/split` and `…/merged/{other}`: messages get another conversation, by hand.

use axum::extract::State;
use axum::http::StatusCode;
use switchboard_protocol::ConversationId;
use switchboard_protocol::model::Conversation;
use switchboard_protocol::rest::SplitConversation;

use crate::app::Shared;
use crate::caller::{Answer as Answers, May};
use crate::commands::moving;
use crate::docs::Problems;
use crate::error::Answer;
use crate::http::extract::{Id, IdempotencyKey, Json};

/// Gives a message a conversation of its own, alone or with all messages and notes after it: of whoever wrote it, in the same
/// inbox, with a mail's subject. They keep their ids; where they stood lines say where they are. Answers with the new
/// conversation; the same idempotency key again splits nothing more. To take it back, merge it into the one it came from:
/// the messages get their old places. That may be done whoever wrote them, until something else is said in it.
#[utoipa::path(post, path = "/api/conversations/{id}/split", tag = "conversations", request_body = SplitConversation,
    params(("id" = ConversationId, Path), ("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 64)),
    responses((status = 201, body = Conversation), Problems))]
pub async fn split(
    State(app): State<Shared>,
    caller: May<Answers>,
    Id(id): Id<ConversationId>,
    IdempotencyKey(key): IdempotencyKey,
    Json(body): Json<SplitConversation>,
) -> Answer<(StatusCode, Json<Conversation>)> {
    Ok((StatusCode::CREATED, Json(moving::split(&app, &caller, id, body, key).await?)))
}

/// Merges another conversation of the same customer and inbox into this one, with all its messages and notes (at most 500).
/// The other one is closed, and what would come into it comes into this one. Answers with this conversation.
#[utoipa::path(put, path = "/api/conversations/{id}/merged/{other}", tag = "conversations",
    params(("id" = ConversationId, Path), ("other" = ConversationId, Path)),
    responses((status = 200, body = Conversation), Problems))]
pub async fn merge(
    State(app): State<Shared>,
    caller: May<Answers>,
    Id((id, other)): Id<(ConversationId, ConversationId)>,
) -> Answer<Json<Conversation>> {
    Ok(Json(moving::merge(&app, &caller, id, other).await?))
}

/// Takes that back: what was merged gets its old places, what was said since stays, as does what has been moved on to
/// somewhere else. Answers with the other conversation.
#[utoipa::path(delete, path = "/api/conversations/{id}/merged/{other}", tag = "conversations",
    params(("id" = ConversationId, Path), ("other" = ConversationId, Path)),
    responses((status = 200, body = Conversation), Problems))]
pub async fn separate(
    State(app): State<Shared>,
    caller: May<Answers>,
    Id((id, other)): Id<(ConversationId, ConversationId)>,
) -> Answer<Json<Conversation>> {
    Ok(Json(moving::separate(&app, &caller, id, other).await?))
}
