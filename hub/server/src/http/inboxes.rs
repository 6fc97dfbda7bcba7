//! `/api/inboxes`: where customers' messages come in, and who may see them.

use axum::extract::State;
use axum::http::StatusCode;
use switchboard_domain::Visibility;
use switchboard_protocol::InboxId;
use switchboard_protocol::model::Inbox;
use switchboard_protocol::rest::{Access, ChangeInbox, CreateInbox, InboxAgents, Inboxes};
use switchboard_store::{access, inboxes as rows};

use crate::app::Shared;
use crate::caller::{Manage, May, Read};
use crate::commands::inboxes;
use crate::docs::Problems;
use crate::error::{Answer, CommandError};
use crate::http::extract::{Id, IdempotencyKey, Json};

/// The inboxes that the caller may see.
#[utoipa::path(get, path = "/api/inboxes", tag = "inboxes", responses((status = 200, body = Inboxes), Problems))]
pub async fn list(State(app): State<Shared>, caller: May<Read>) -> Answer<Json<Inboxes>> {
    Ok(Json(Inboxes { inboxes: rows::list(&app.store, &caller.visibility).await? }))
}

/// Makes an inbox.
#[utoipa::path(post, path = "/api/inboxes", tag = "inboxes", request_body = CreateInbox,
    params(("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 64)),
    responses((status = 201, body = Inbox), Problems))]
pub async fn create(
    State(app): State<Shared>,
    caller: May<Manage>,
    IdempotencyKey(key): IdempotencyKey,
    Json(body): Json<CreateInbox>,
) -> Answer<(StatusCode, Json<Inbox>)> {
    Ok((StatusCode::CREATED, Json(inboxes::create(&app, &caller, body, key).await?)))
}

/// Changes an inbox's name, case prefix or widget.
#[utoipa::path(patch, path = "/api/inboxes/{id}", tag = "inboxes", params(("id" = InboxId, Path)),
    request_body = ChangeInbox, responses((status = 200, body = Inbox), Problems))]
pub async fn change(
    State(app): State<Shared>,
    caller: May<Manage>,
    Id(id): Id<InboxId>,
    Json(body): Json<ChangeInbox>,
) -> Answer<Json<Inbox>> {
    Ok(Json(inboxes::change(&app, &caller, id, body).await?))
}

/// Takes an inbox out of use; its conversations stay for owners and admins.
#[utoipa::path(delete, path = "/api/inboxes/{id}", tag = "inboxes", params(("id" = InboxId, Path)),
    responses((status = 204), Problems))]
pub async fn remove(State(app): State<Shared>, caller: May<Manage>, Id(id): Id<InboxId>) -> Answer<StatusCode> {
    inboxes::remove(&app, &caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Who may see an inbox, beside owners and admins.
#[utoipa::path(get, path = "/api/inboxes/{id}/access", tag = "inboxes", params(("id" = InboxId, Path)),
    responses((status = 200, body = Access), Problems))]
pub async fn show_access(State(app): State<Shared>, _: May<Manage>, Id(id): Id<InboxId>) -> Answer<Json<Access>> {
    let inbox = rows::find(&app.store, &Visibility::Team, id).await?;
    inbox.ok_or_else(|| CommandError::not_found("inbox"))?;
    Ok(Json(access::find(&app.store, id).await?))
}

/// To whom a conversation of this inbox may be given.
#[utoipa::path(get, path = "/api/inboxes/{id}/agents", tag = "inboxes", params(("id" = InboxId, Path)),
    responses((status = 200, body = InboxAgents), Problems))]
pub async fn agents(State(app): State<Shared>, caller: May<Read>, Id(id): Id<InboxId>) -> Answer<Json<InboxAgents>> {
    let inbox = rows::find(&app.store, &caller.visibility, id).await?;
    inbox.ok_or_else(|| CommandError::not_found("inbox"))?;
    Ok(Json(InboxAgents { agents: access::find_agents_who_see(&app.store, id).await? }))
}

/// Says who may see an inbox. It counts at once, on open sockets too.
#[utoipa::path(put, path = "/api/inboxes/{id}/access", tag = "inboxes", params(("id" = InboxId, Path)),
    request_body = Access, responses((status = 200, body = Access), Problems))]
pub async fn set_access(
    State(app): State<Shared>,
    caller: May<Manage>,
    Id(id): Id<InboxId>,
    Json(body): Json<Access>,
) -> Answer<Json<Access>> {
    Ok(Json(inboxes::set_access(&app, &caller, id, body).await?))
}
