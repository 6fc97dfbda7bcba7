//! `GET /api/visitor/history`: what the panel shows at opening, and older messages.

use axum::extract::State;
use serde::Deserialize;
use switchboard_protocol::error::ApiError;
use switchboard_protocol::rest::VisitorHistory;
use switchboard_protocol::{ConversationId, Number};
use switchboard_store::{conversations, messages};
use utoipa::IntoParams;

use crate::app::Shared;
use crate::caller::Visitor;
use crate::docs::Problems;
use crate::error::Answer;
use crate::http::extract::{Json, Params};
use crate::limits::DETAIL_MESSAGES;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct HistoryParams {
    /// Messages with a smaller number than this, and what was said before that conversation; none: the newest.
    #[param(minimum = 1)]
    before: Option<Number>,
    /// Of which conversation; none: the newest.
    conversation: Option<ConversationId>,
}

/// The visitor's own conversations, the newest first, and what was said in them, oldest first.
#[utoipa::path(get, path = "/api/visitor/history", tag = "visitors", params(HistoryParams),
    responses((status = 200, body = VisitorHistory), Problems), security(("visitor" = [])))]
pub async fn show(
    State(app): State<Shared>,
    visitor: Visitor,
    Params(params): Params<HistoryParams>,
) -> Answer<Json<VisitorHistory>> {
    if params.before.is_some_and(|before| before < 1) {
        return Err(ApiError::field("before", "invalid", "Messages are numbered from 1.").into());
    }
    let at = app.at().await?;
    let conversations = conversations::of_identity(&app.store, visitor.identity_id).await?;
    let from = params.conversation.map_or(Some(0), |from| conversations.iter().position(|one| one.id == from));
    let of = conversations.get(from.unwrap_or(conversations.len())..).unwrap_or_default();
    let (mut messages, mut before, mut more) = (Vec::new(), params.before, false);
    // One talk to whoever reads it, whatever the team has made of it: before each conversation stands the one before.
    for conversation in of {
        let (room, id) = (DETAIL_MESSAGES.saturating_sub(messages.len()), conversation.id);
        if room == 0 {
            more = true;
            break;
        }
        let page = messages::page_for_identity(&app.store, visitor.identity_id, id, before.take(), room).await?;
        let Some(page) = page else { continue };
        messages.splice(0..0, page.messages);
        more = page.more;
        if more {
            break;
        }
    }
    Ok(Json(VisitorHistory { conversations, messages, more, at }))
}
