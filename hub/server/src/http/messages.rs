//! `/api/messages/{id}`: what of a message its row does not hold, and sending it again.

use axum::extract::State;
use axum::http::StatusCode;
use switchboard_protocol::MessageId;
use switchboard_protocol::rest::MessageBody;
use switchboard_store::bodies;

use crate::app::Shared;
use crate::caller::{Answer as Answers, May, Read};
use crate::commands::send_again;
use crate::docs::Problems;
use crate::error::{Answer, CommandError};
use crate::http::extract::{Id, Json};

/// The whole text of a mail, with what it quotes, and the mail as its author meant it, sanitised.
#[utoipa::path(get, path = "/api/messages/{id}/body", tag = "conversations", params(("id" = MessageId, Path)),
    responses((status = 200, body = MessageBody), Problems))]
pub async fn body(State(app): State<Shared>, caller: May<Read>, Id(id): Id<MessageId>) -> Answer<Json<MessageBody>> {
    let body = bodies::find(&app.store, &caller.visibility, id).await?;
    let body = body.ok_or_else(|| CommandError::not_found("message"))?;
    Ok(Json(MessageBody { whole_text: body.whole_text, html: body.html }))
}

/// Tries to send a message again that has failed or is uncertain.
#[utoipa::path(post, path = "/api/messages/{id}/send-again", tag = "conversations", params(("id" = MessageId, Path)),
    responses((status = 204), Problems))]
pub async fn send_again(State(app): State<Shared>, caller: May<Answers>, Id(id): Id<MessageId>) -> Answer<StatusCode> {
    send_again::send_again(&app, &caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
