//! The documents: what the API and the sockets take and give, generated from the types that they are made of, and a page
//! for people.

pub mod openapi;

use axum::Router;
use axum::routing::get;

use crate::app::Shared;
pub use openapi::Problems;

/// `/api/openapi.json` and its friends.
pub fn routes(document: utoipa::openapi::OpenApi) -> Router<Shared> {
    let openapi = openapi::finished(document);
    Router::new().route("/api/openapi.json", get(async move || axum::Json(openapi)))
}
