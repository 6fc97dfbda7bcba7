//! `/api/inboxes/{id}/identity`: by what a web inbox's site signs who is signed in there.

use axum::extract::State;
use axum::http::StatusCode;
use switchboard_protocol::InboxId;
use switchboard_protocol::rest::{InboxIdentity, NewIdentitySecret, RenewIdentitySecret};

use crate::app::Shared;
use crate::caller::{Manage, May};
use crate::commands::identity_secrets;
use crate::docs::Problems;
use crate::error::Answer;
use crate::http::extract::{Id, Json};

/// Whether there is an identity secret, and since when. It is never shown again.
#[utoipa::path(get, path = "/api/inboxes/{id}/identity", tag = "inboxes", params(("id" = InboxId, Path)),
    responses((status = 200, body = InboxIdentity), Problems))]
pub async fn show(State(app): State<Shared>, _: May<Manage>, Id(id): Id<InboxId>) -> Answer<Json<InboxIdentity>> {
    Ok(Json(identity_secrets::show(&app, id).await?))
}

/// Makes the identity secret, or a new one; the one before counts for a while, so that sites can take it over in peace.
#[utoipa::path(post, path = "/api/inboxes/{id}/identity", tag = "inboxes", params(("id" = InboxId, Path)),
    request_body = RenewIdentitySecret, responses((status = 200, body = NewIdentitySecret), Problems))]
pub async fn renew(
    State(app): State<Shared>,
    caller: May<Manage>,
    Id(id): Id<InboxId>,
    Json(body): Json<RenewIdentitySecret>,
) -> Answer<Json<NewIdentitySecret>> {
    Ok(Json(identity_secrets::renew(&app, &caller, id, body).await?))
}

/// Takes the identity secret away: whoever says that they are signed in is refused from now on.
#[utoipa::path(delete, path = "/api/inboxes/{id}/identity", tag = "inboxes", params(("id" = InboxId, Path)),
    responses((status = 204), Problems))]
pub async fn remove(State(app): State<Shared>, caller: May<Manage>, Id(id): Id<InboxId>) -> Answer<StatusCode> {
    identity_secrets::remove(&app, &caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
