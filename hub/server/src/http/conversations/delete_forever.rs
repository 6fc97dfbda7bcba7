//! `DELETE /api/conversations/{id}`, `POST /api/conversations/removed`, `POST /api/folders/{place}/emptied`: out of the trash
//! and the spam, forever.

use axum::extract::State;
use axum::http::StatusCode;
use switchboard_protocol::ConversationId;
use switchboard_protocol::bulk::{RemoveConversations, RemovedConversations};
use switchboard_protocol::model::Place;

use crate::app::Shared;
use crate::caller::{Manage, May};
use crate::commands::delete_forever;
use crate::docs::Problems;
use crate::error::Answer;
use crate::http::extract::{Id, Json};

/// Deletes a conversation forever, with its messages, notes and files, and its customer's card if it was their last. It lies in
/// the trash or the spam; for owners and admins. There is no way back.
#[utoipa::path(delete, path = "/api/conversations/{id}", tag = "conversations",
    params(("id" = ConversationId, Path)), responses((status = 204), Problems))]
pub async fn one(State(app): State<Shared>, caller: May<Manage>, Id(id): Id<ConversationId>) -> Answer<StatusCode> {
    delete_forever::one(&app, &caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Deletes up to 500 conversations forever, fifty in a transaction: after an error some are gone, and the same request deletes the
/// rest. Those that lie neither in the trash nor in the spam, and those that are part of another case, are named and stay.
#[utoipa::path(post, path = "/api/conversations/removed", tag = "conversations", request_body = RemoveConversations,
    responses((status = 200, body = RemovedConversations), Problems))]
pub async fn many(
    State(app): State<Shared>,
    caller: May<Manage>,
    Json(body): Json<RemoveConversations>,
) -> Answer<Json<RemovedConversations>> {
    Ok(Json(delete_forever::many(&app, &caller, body.ids).await?))
}

/// Empties the trash or the spam, of what the caller sees: up to 500 conversations, those that have lain longest first. While
/// `more` is said there are more.
#[utoipa::path(post, path = "/api/folders/{place}/emptied", tag = "conversations",
    params(("place" = Place, Path, description = "`trash` or `spam`")),
    responses((status = 200, body = RemovedConversations), Problems))]
pub async fn all(
    State(app): State<Shared>,
    caller: May<Manage>,
    Id(place): Id<Place>,
) -> Answer<Json<RemovedConversations>> {
    Ok(Json(delete_forever::all(&app, &caller, place).await?))
}
