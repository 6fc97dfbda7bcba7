//! The HTTP door: one endpoint, one file.

pub mod accept;
pub mod auth;
pub mod extract;
pub mod layers;

use std::sync::Arc;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::get;
use tower_http::catch_panic::CatchPanicLayer;

use crate::app::App;
use crate::ops;

/// Everything that the hub answers.
pub fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/healthz", get(ops::health::alive))
        .route("/readyz", get(ops::health::ready))
        .route("/metrics", get(ops::metrics::page))
        .layer(CatchPanicLayer::custom(layers::panicked))
        .layer(from_fn(layers::guard))
        .layer(from_fn_with_state(app.clone(), layers::observe))
        .with_state(app)
}
