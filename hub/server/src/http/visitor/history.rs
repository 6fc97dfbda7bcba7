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
    /// Messages with a smaller number than this; none: the newest.
    #[param(minimum = 1)]
    before: Option<Number>,
    /// Of which conversation; none: the newest.
    conversation: Option<ConversationId>,
}

/// The visitor's own conversations, and messages of one of them.
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
    let wanted = params.conversation.or(conversations.first().map(|newest| newest.id));
    let page = match wanted {
        Some(id) => {
            messages::page_for_identity(&app.store, visitor.identity_id, id, params.before, DETAIL_MESSAGES).await?
        }
        None => None,
    };
    let (messages, more) = page.map_or((Vec::new(), false), |page| (page.messages, page.more));
    Ok(Json(VisitorHistory { conversations, messages, more, at }))
}
