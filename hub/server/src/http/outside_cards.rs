//! `/api/contacts/{id}/cards`, `/api/cards/{source}`: what other systems say of a customer.

use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use switchboard_protocol::ContactId;
use switchboard_protocol::customers::{OutsideCard, OutsideCards, SaveCard};
use switchboard_protocol::error::ApiError;
use utoipa::IntoParams;

use crate::app::Shared;
use crate::caller::{Answer as Answers, May, Read};
use crate::commands::outside_cards::{self, Whose};
use crate::docs::Problems;
use crate::error::Answer;
use crate::http::extract::{Id, Json, Params};

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct WhoseParams {
    /// Everybody who has this mail address, as it stands on their card or as they write from it.
    email: Option<String>,
    /// As the system calls them: the `outside_id` that it has given before.
    outside_id: Option<String>,
}

impl WhoseParams {
    fn whose(self) -> Result<Whose, ApiError> {
        match (self.email, self.outside_id) {
            (Some(email), None) => Ok(Whose::Email(email)),
            (None, Some(id)) => Ok(Whose::Outside(id)),
            _ => Err(ApiError::field("email", "required", "Say whose card it is: `email` or `outside_id`.")),
        }
    }
}

/// What other systems say of a customer: of each system its newest card that the caller sees.
#[utoipa::path(get, path = "/api/contacts/{id}/cards", tag = "contacts", params(("id" = ContactId, Path)),
    responses((status = 200, body = OutsideCards), Problems))]
pub async fn list(State(app): State<Shared>, caller: May<Read>, Id(id): Id<ContactId>) -> Answer<Json<OutsideCards>> {
    Ok(Json(outside_cards::of(&app, &caller, id).await?))
}

/// Replaces what a system says of a customer: it shows at once on each screen that has the customer open. For programs, with a
/// token that may write.
#[utoipa::path(put, path = "/api/contacts/{id}/cards/{source}", tag = "contacts",
    params(("id" = ContactId, Path), ("source" = String, Path, description = "The system: letters, digits, - and _")),
    request_body = SaveCard, responses((status = 200, body = OutsideCard), Problems))]
pub async fn save(
    State(app): State<Shared>,
    caller: May<Answers>,
    Id((id, source)): Id<(ContactId, String)>,
    Json(body): Json<SaveCard>,
) -> Answer<Json<OutsideCard>> {
    Ok(Json(outside_cards::save(&app, &caller, Whose::Contact(id), &source, body).await?))
}

/// Takes away what a system says of a customer.
#[utoipa::path(delete, path = "/api/contacts/{id}/cards/{source}", tag = "contacts",
    params(("id" = ContactId, Path), ("source" = String, Path)), responses((status = 204), Problems))]
pub async fn remove(
    State(app): State<Shared>,
    caller: May<Answers>,
    Id((id, source)): Id<(ContactId, String)>,
) -> Answer<StatusCode> {
    outside_cards::remove(&app, &caller, Whose::Contact(id), &source).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The same by mail address, or by how the system calls the customer. Where there is no such customer yet it is `not_found`.
#[utoipa::path(put, path = "/api/cards/{source}", tag = "contacts",
    params(("source" = String, Path), WhoseParams),
    request_body = SaveCard, responses((status = 200, body = OutsideCard), Problems))]
pub async fn save_found(
    State(app): State<Shared>,
    caller: May<Answers>,
    Id(source): Id<String>,
    Params(params): Params<WhoseParams>,
    Json(body): Json<SaveCard>,
) -> Answer<Json<OutsideCard>> {
    Ok(Json(outside_cards::save(&app, &caller, params.whose()?, &source, body).await?))
}

/// Takes it away, by mail address or by how the system calls the customer.
#[utoipa::path(delete, path = "/api/cards/{source}", tag = "contacts",
    params(("source" = String, Path), WhoseParams), responses((status = 204), Problems))]
pub async fn remove_found(
    State(app): State<Shared>,
    caller: May<Answers>,
    Id(source): Id<String>,
    Params(params): Params<WhoseParams>,
) -> Answer<StatusCode> {
    outside_cards::remove(&app, &caller, params.whose()?, &source).await?;
    Ok(StatusCode::NO_CONTENT)
}
