//! `/api/contacts/{id}`: what the team knows of a customer.

use axum::extract::State;
use switchboard_protocol::ContactId;
use switchboard_protocol::model::Contact;
use switchboard_protocol::rest::ChangeContact;
use switchboard_store::contacts as rows;

use crate::app::Shared;
use crate::caller::{Answer as Answers, May, Read};
use crate::commands::contacts;
use crate::docs::Problems;
use crate::error::{Answer, CommandError};
use crate::http::extract::{Id, Json};

/// A customer's card.
#[utoipa::path(get, path = "/api/contacts/{id}", tag = "contacts", params(("id" = ContactId, Path)),
    responses((status = 200, body = Contact), Problems))]
pub async fn show(State(app): State<Shared>, caller: May<Read>, Id(id): Id<ContactId>) -> Answer<Json<Contact>> {
    let contact = rows::find(&app.store, &caller.visibility, id).await?;
    Ok(Json(contact.ok_or_else(|| CommandError::not_found("contact"))?))
}

/// Changes it. An empty text takes a value away.
#[utoipa::path(patch, path = "/api/contacts/{id}", tag = "contacts", params(("id" = ContactId, Path)),
    request_body = ChangeContact, responses((status = 200, body = Contact), Problems))]
pub async fn change(
    State(app): State<Shared>,
    caller: May<Answers>,
    Id(id): Id<ContactId>,
    Json(body): Json<ChangeContact>,
) -> Answer<Json<Contact>> {
    Ok(Json(contacts::change(&app, &caller, id, body).await?))
}
