//! `/api/notifications`: what the caller was told because it concerns them, and how they want to be told.

use axum::extract::State;
use axum::http::StatusCode;
use switchboard_protocol::notifications::{NotificationChoices, Notifications, ReadNotifications};
use switchboard_store::notifications;

use crate::app::Shared;
use crate::caller::{Mark, May, Read};
use crate::commands::notifications as commands;
use crate::docs::Problems;
use crate::error::Answer;
use crate::http::extract::Json;

/// Newest first, of conversations that the caller may see, and how they want to be told.
#[utoipa::path(get, path = "/api/notifications", tag = "notifications",
    responses((status = 200, body = Notifications), Problems))]
pub async fn list(State(app): State<Shared>, caller: May<Read>) -> Answer<Json<Notifications>> {
    let at = app.at().await?;
    let rows = notifications::of(&app.store, caller.agent_id, &caller.visibility).await?;
    let choices = notifications::choices_of(&app.store, caller.agent_id).await?;
    Ok(Json(Notifications { rows, choices, at }))
}

/// The caller has seen what they were told of a conversation, or all. Reading the conversation does the same for what it shows.
#[utoipa::path(post, path = "/api/notifications/read", tag = "notifications", request_body = ReadNotifications,
    responses((status = 204), Problems))]
pub async fn read(
    State(app): State<Shared>,
    caller: May<Mark>,
    Json(body): Json<ReadNotifications>,
) -> Answer<StatusCode> {
    commands::seen(&app, &caller, body).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// How the caller wants to be told of some kinds. The answer has all of them.
#[utoipa::path(put, path = "/api/notifications/choices", tag = "notifications", request_body = NotificationChoices,
    responses((status = 200, body = NotificationChoices), Problems))]
pub async fn choose(
    State(app): State<Shared>,
    caller: May<Mark>,
    Json(body): Json<NotificationChoices>,
) -> Answer<Json<NotificationChoices>> {
    Ok(Json(commands::choose(&app, &caller, body).await?))
}
