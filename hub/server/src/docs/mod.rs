//! The documents: what the API and the sockets take and give, generated from the types that they are made of, and a page
//! for people.

pub mod asyncapi;
pub mod openapi;
mod page;

use std::sync::Arc;

use axum::Router;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::app::Shared;
pub use openapi::Problems;

/// `/api/openapi.json`, `/api/asyncapi.json`, `/api/docs`.
pub fn routes(document: utoipa::openapi::OpenApi) -> Router<Shared> {
    let openapi = serde_json::to_value(openapi::finished(document)).expect("a document is plain data");
    let (openapi_text, asyncapi_text) = (text(&openapi), text(&asyncapi::document()));
    let html: Arc<str> = page::render(&openapi).into();
    Router::new()
        .route("/api/openapi.json", get(async move || json(openapi_text)))
        .route("/api/asyncapi.json", get(async move || json(asyncapi_text)))
        .route("/api/docs", get(async move || html_page(html)))
        .route("/api/docs/docs.css", get(async || css()))
}

fn text(document: &serde_json::Value) -> Arc<str> {
    document.to_string().into()
}

fn json(text: Arc<str>) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], text.to_string()).into_response()
}

fn css() -> Response {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("docs.css")).into_response()
}

fn html_page(html: Arc<str>) -> Response {
    let mut response = axum::response::Html(html.to_string()).into_response();
    let policy =
        HeaderValue::from_static("default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'");
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    response
}
