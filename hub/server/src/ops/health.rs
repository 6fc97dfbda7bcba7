//! `/healthz`: the process lives. `/readyz`: it can take work, that is: it reaches its store and is not going.
//! A backplane that is away does not make a hub unready: it goes on with its own sockets and reads the store.

use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;

use crate::app::Shared;

pub async fn alive() -> &'static str {
    "ok\n"
}

#[derive(Serialize)]
pub struct Readiness {
    ready: bool,
    store: bool,
    /// False is a warning only.
    backplane: bool,
    draining: bool,
}

pub async fn ready(State(app): State<Shared>) -> (StatusCode, axum::Json<Readiness>) {
    let bound = std::time::Duration::from_secs(2);
    let store = matches!(tokio::time::timeout(bound, app.store.ping()).await, Ok(Ok(())));
    let draining = app.draining.is_cancelled();
    let ready = store && !draining;
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, axum::Json(Readiness { ready, store, backplane: app.backplane.health().connected, draining }))
}
