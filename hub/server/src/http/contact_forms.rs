//! `/api/inboxes/{id}/form`: the contact form of a mail inbox. The form itself is at `/form/{key}`: see `http::forms`.

use axum::extract::State;
use switchboard_protocol::InboxId;
use switchboard_protocol::forms::{ContactForm, ContactFormSetup};

use crate::app::Shared;
use crate::caller::{Manage, May, Origin};
use crate::commands::contact_forms;
use crate::docs::Problems;
use crate::error::Answer;
use crate::http::extract::{Id, Json};

/// How the contact form is set, its address, and the HTML for a page of one's own.
#[utoipa::path(get, path = "/api/inboxes/{id}/form", tag = "inboxes", params(("id" = InboxId, Path)),
    responses((status = 200, body = ContactFormSetup), Problems))]
pub async fn show(
    State(app): State<Shared>,
    _: May<Manage>,
    from: Origin,
    Id(id): Id<InboxId>,
) -> Answer<Json<ContactFormSetup>> {
    Ok(Json(contact_forms::show(&app, &from, id).await?))
}

/// Sets the contact form.
#[utoipa::path(put, path = "/api/inboxes/{id}/form", tag = "inboxes", params(("id" = InboxId, Path)),
    request_body = ContactForm, responses((status = 200, body = ContactFormSetup), Problems))]
pub async fn save(
    State(app): State<Shared>,
    caller: May<Manage>,
    from: Origin,
    Id(id): Id<InboxId>,
    Json(body): Json<ContactForm>,
) -> Answer<Json<ContactFormSetup>> {
    Ok(Json(contact_forms::save(&app, &caller, &from, id, body).await?))
}
