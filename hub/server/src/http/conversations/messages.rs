//! `/api/conversations/{id}/messages`: older messages, and writing one.

use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use switchboard_protocol::error::ApiError;
use switchboard_protocol::model::{Message, MessageKind};
use switchboard_protocol::rest::{MessagePage, WriteMessage};
use switchboard_protocol::{ConversationId, Number};
use switchboard_store::messages;
use utoipa::IntoParams;

use crate::app::Shared;
use crate::caller::{Answer as Answers, May, Read};
use crate::commands::write_message::{self, Write};
use crate::docs::Problems;
use crate::error::{Answer, CommandError};
use crate::http::extract::{Id, IdempotencyKey, Json, Params, page_limit};

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageParams {
    /// Messages with a smaller number than this; none: the newest.
    #[param(minimum = 1)]
    before: Option<Number>,
    #[param(minimum = 1, maximum = 100)]
    limit: Option<usize>,
}

/// Messages, notes and system lines, in rising number.
#[utoipa::path(get, path = "/api/conversations/{id}/messages", tag = "conversations",
    params(("id" = ConversationId, Path), PageParams), responses((status = 200, body = MessagePage), Problems))]
pub async fn page(
    State(app): State<Shared>,
    caller: May<Read>,
    Id(id): Id<ConversationId>,
    Params(params): Params<PageParams>,
) -> Answer<Json<MessagePage>> {
    if params.before.is_some_and(|before| before < 1) {
        return Err(ApiError::field("before", "invalid", "Messages are numbered from 1.").into());
    }
    let limit = page_limit(params.limit)?;
    let page = messages::page(&app.store, &caller.visibility, id, params.before, limit).await?;
    let page = page.ok_or_else(|| CommandError::not_found("conversation"))?;
    Ok(Json(MessagePage { messages: page.messages, more: page.more }))
}

/// Answers the contact, or writes a note. The same idempotency key again is the same message.
#[utoipa::path(post, path = "/api/conversations/{id}/messages", tag = "conversations", request_body = WriteMessage,
    params(("id" = ConversationId, Path), ("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 64)),
    responses((status = 201, body = Message), Problems))]
pub async fn write(
    State(app): State<Shared>,
    caller: May<Answers>,
    Id(id): Id<ConversationId>,
    IdempotencyKey(key): IdempotencyKey,
    Json(body): Json<WriteMessage>,
) -> Answer<(StatusCode, Json<Message>)> {
    let client_id = key.unwrap_or_else(|| app.random.ulid(app.clock.now()).to_string());
    let kind = if body.note { MessageKind::Note } else { MessageKind::Out };
    let WriteMessage { text, attachments, answers, mail, after, mentions, .. } = body;
    let write = Write { conversation_id: id, text, attachments, answers, client_id, mail, after, mentions };
    let written = match kind {
        MessageKind::Note => write_message::note(&app, &caller, write).await?,
        _ => write_message::reply(&app, &caller, write, body.seen).await?,
    };
    Ok((StatusCode::CREATED, Json(written.message)))
}
