//! `/api/inboxes/{id}/hours`: when an inbox is open.

use axum::extract::State;
use switchboard_domain::Visibility;
use switchboard_protocol::InboxId;
use switchboard_protocol::hours::InboxHours;
use switchboard_store::inboxes as rows;

use crate::app::Shared;
use crate::caller::{Manage, May};
use crate::commands::hours;
use crate::docs::Problems;
use crate::error::{Answer, CommandError};
use crate::http::extract::{Id, Json};

/// The business hours of an inbox.
#[utoipa::path(get, path = "/api/inboxes/{id}/hours", tag = "inboxes", params(("id" = InboxId, Path)),
    responses((status = 200, body = InboxHours), Problems))]
pub async fn show(State(app): State<Shared>, _: May<Manage>, Id(id): Id<InboxId>) -> Answer<Json<InboxHours>> {
    let inbox = rows::find(&app.store, &Visibility::Team, id).await?;
    inbox.ok_or_else(|| CommandError::not_found("inbox"))?;
    Ok(Json(InboxHours { hours: rows::find_hours(&app.store, id).await? }))
}

/// Replaces them. `null`: no hours are set, and the inbox is never outside of them.
#[utoipa::path(put, path = "/api/inboxes/{id}/hours", tag = "inboxes", params(("id" = InboxId, Path)),
    request_body = InboxHours, responses((status = 200, body = InboxHours), Problems))]
pub async fn save(
    State(app): State<Shared>,
    caller: May<Manage>,
    Id(id): Id<InboxId>,
    Json(body): Json<InboxHours>,
) -> Answer<Json<InboxHours>> {
    Ok(Json(hours::set(&app, &caller, id, body).await?))
}
