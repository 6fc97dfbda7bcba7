//! `/api/contacts`: the list of customers; `/api/contacts/{id}`: what the team knows of a customer, and with which others they are one person.

use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use switchboard_protocol::ContactId;
use switchboard_protocol::customers::{ContactPage, MakeContact};
use switchboard_protocol::model::Contact;
use switchboard_protocol::rest::{ChangeContact, ContactSuggestions};
use switchboard_store::{contacts as rows, customers};
use utoipa::IntoParams;

use crate::app::Shared;
use crate::caller::{Answer as Answers, May, Read};
use crate::commands::{contacts, people};
use crate::docs::Problems;
use crate::error::{Answer, CommandError};
use crate::http::extract::{Id, IdempotencyKey, Json, Params, page_limit, search_words};

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListParams {
    /// Only those whose name, mail address or number has each of these words.
    #[param(min_length = 1, max_length = 200)]
    q: Option<String>,
    /// `next` of the page before.
    cursor: Option<String>,
    #[param(minimum = 1, maximum = 100)]
    limit: Option<usize>,
}

/// Customers of whom the caller sees a conversation, and those who were written down by hand and have not written yet. The
/// newest first.
#[utoipa::path(get, path = "/api/contacts", tag = "contacts", params(ListParams),
    responses((status = 200, body = ContactPage), Problems))]
pub async fn list(
    State(app): State<Shared>,
    caller: May<Read>,
    Params(params): Params<ListParams>,
) -> Answer<Json<ContactPage>> {
    let limit = page_limit(params.limit)?;
    let words = params.q.as_deref().map(search_words).transpose()?;
    let cursor = params.cursor.as_deref();
    Ok(Json(customers::page(&app.store, &caller.visibility, words.as_deref(), cursor, limit).await?))
}

/// Writes a customer down who has not written yet. Everybody sees the card until they do; then those who see the inbox.
#[utoipa::path(post, path = "/api/contacts", tag = "contacts", request_body = MakeContact,
    params(("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 64)),
    responses((status = 201, body = Contact), Problems))]
pub async fn make(
    State(app): State<Shared>,
    caller: May<Answers>,
    IdempotencyKey(key): IdempotencyKey,
    Json(body): Json<MakeContact>,
) -> Answer<(StatusCode, Json<Contact>)> {
    Ok((StatusCode::CREATED, Json(contacts::make(&app, &caller, body, key).await?)))
}

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

/// Customers who may be the same person: they share a mail address or a number with what the caller sees of this one. What
/// somebody has said of themselves counts as much as what was typed on a card, so nothing is merged by itself.
#[utoipa::path(get, path = "/api/contacts/{id}/suggestions", tag = "contacts", params(("id" = ContactId, Path)),
    responses((status = 200, body = ContactSuggestions), Problems))]
pub async fn suggestions(
    State(app): State<Shared>,
    caller: May<Read>,
    Id(id): Id<ContactId>,
) -> Answer<Json<ContactSuggestions>> {
    let found = switchboard_store::people::suggestions(&app.store, &caller.visibility, id).await?;
    Ok(Json(ContactSuggestions { suggestions: found.ok_or_else(|| CommandError::not_found("contact"))? }))
}

/// Merges another customer's card into this one. Each keeps what stands on it, and the merged card shows what the reader may
/// see of both; a colleague who saw one of them before sees no more than that. Once merged, the same again, or the other way
/// round, changes nothing and answers with the card that stands for both.
#[utoipa::path(put, path = "/api/contacts/{id}/merged/{other}", tag = "contacts",
    params(("id" = ContactId, Path), ("other" = ContactId, Path)),
    responses((status = 200, body = Contact), Problems))]
pub async fn merge(
    State(app): State<Shared>,
    caller: May<Answers>,
    Id((id, other)): Id<(ContactId, ContactId)>,
) -> Answer<Json<Contact>> {
    Ok(Json(people::merge(&app, &caller, id, other).await?))
}

/// Separates a card that was merged into this one; it takes with it what was merged into it before.
#[utoipa::path(delete, path = "/api/contacts/{id}/merged/{other}", tag = "contacts",
    params(("id" = ContactId, Path), ("other" = ContactId, Path)),
    responses((status = 200, body = Contact), Problems))]
pub async fn separate(
    State(app): State<Shared>,
    caller: May<Answers>,
    Id((id, other)): Id<(ContactId, ContactId)>,
) -> Answer<Json<Contact>> {
    Ok(Json(people::separate(&app, &caller, id, other).await?))
}

/// Says that these customers are two people: neither is suggested for the other any more, to anybody of the team.
#[utoipa::path(put, path = "/api/contacts/{id}/different/{other}", tag = "contacts",
    params(("id" = ContactId, Path), ("other" = ContactId, Path)), responses((status = 204), Problems))]
pub async fn tell_apart(
    State(app): State<Shared>,
    caller: May<Answers>,
    Id((id, other)): Id<(ContactId, ContactId)>,
) -> Answer<StatusCode> {
    people::tell_apart(&app, &caller, id, other).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes that back.
#[utoipa::path(delete, path = "/api/contacts/{id}/different/{other}", tag = "contacts",
    params(("id" = ContactId, Path), ("other" = ContactId, Path)), responses((status = 204), Problems))]
pub async fn doubt(
    State(app): State<Shared>,
    caller: May<Answers>,
    Id((id, other)): Id<(ContactId, ContactId)>,
) -> Answer<StatusCode> {
    people::doubt(&app, &caller, id, other).await?;
    Ok(StatusCode::NO_CONTENT)
}
