//! `POST /api/conversations/changes` and `…/changes/undone`: one change to many conversations, and back; and
//! `POST /api/conversations/read`, for all of a list.

use axum::extract::State;
use switchboard_protocol::bulk::{ChangeConversations, ChangedConversations, UndoConversations};

use crate::app::Shared;
use crate::caller::{Mark, May};
use crate::commands::change_many;
use crate::docs::Problems;
use crate::error::Answer;
use crate::http::conversations::list::{ListParams, query};
use crate::http::extract::{Json, Params};

/// Changes up to 500 conversations in one transaction; each has its lines in the thread and its event, as if it had been
/// changed alone. Answers what became of each: what was changed comes with what it takes to undo it.
#[utoipa::path(post, path = "/api/conversations/changes", tag = "conversations", request_body = ChangeConversations,
    responses((status = 200, body = ChangedConversations), Problems))]
pub async fn change(
    State(app): State<Shared>,
    caller: May<Mark>,
    Json(body): Json<ChangeConversations>,
) -> Answer<Json<ChangedConversations>> {
    Ok(Json(change_many::change(&app, &caller, body).await?))
}

/// Takes such a change back, in one transaction: `turns` are those of its answer. What somebody has changed since stays as
/// they left it.
#[utoipa::path(post, path = "/api/conversations/changes/undone", tag = "conversations", request_body = UndoConversations,
    responses((status = 200, body = ChangedConversations), Problems))]
pub async fn undo(
    State(app): State<Shared>,
    caller: May<Mark>,
    Json(body): Json<UndoConversations>,
) -> Answer<Json<ChangedConversations>> {
    Ok(Json(change_many::undo(&app, &caller, body).await?))
}

/// Marks as read what the caller has not read of the list that the parameters ask for, as `GET /api/conversations` has
/// them: at most 500 at a time. Where `more` is set there is more, to be asked for again. It is undone as any change.
#[utoipa::path(post, path = "/api/conversations/read", tag = "conversations", params(ListParams),
    responses((status = 200, body = ChangedConversations), Problems))]
pub async fn read(
    State(app): State<Shared>,
    caller: May<Mark>,
    Params(params): Params<ListParams>,
) -> Answer<Json<ChangedConversations>> {
    let query = query(caller.agent_id, params)?;
    Ok(Json(change_many::read_all(&app, &caller, query).await?))
}
