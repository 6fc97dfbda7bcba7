//! The demo shop: a page as a customer of ours would have it, with the widget's one script tag on it, a contact form, and a strict policy
//! over it. Served only by `--demo`.

use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderMap, header};
use axum::response::{Redirect, Response};
use axum::routing::get;
use rust_embed::RustEmbed;

use super::{Fresh, no_such_page, page, set};
use crate::app::Shared;

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/assets/demo"]
struct Shop;

/// What the strictest of sites would allow: nothing inline, nothing from elsewhere, the panel's frame.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; frame-src 'self'; \
    connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/demo", get(Redirect::permanent("/demo/")))
        .route("/demo/", get(|headers: HeaderMap| async move { show("index.html", &headers) }))
        .route(
            "/demo/{*path}",
            get(|Path(path): Path<String>, headers: HeaderMap| async move { show(&path, &headers) }),
        )
}

fn show(path: &str, headers: &HeaderMap) -> Response {
    // Pages of the shop have no ending in their address.
    let name = if path.contains('.') { path.to_owned() } else { format!("{path}.html") };
    let Some(file) = Shop::get(&name) else { return no_such_page() };
    let mut response = page(Some(file), &name, Fresh::Never, headers);
    set(&mut response, header::CONTENT_SECURITY_POLICY.as_str(), POLICY);
    response
}
