//! `/healthz`: the process lives. `/readyz`: it can take work, that is: it can read and write its store, none of its parts
//! has ended, and it is not going.
//! A backplane that is away does not make a hub unready: it goes on with its own sockets and reads the store.

use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;

use tokio::time::timeout;

use crate::app::Shared;

/// How long reader and writer may take together: less than probes wait.
const STORE_ANSWERS: Duration = Duration::from_secs(2);

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
    let answers = async { app.store.ping().await.is_ok() && app.store.ping_writer().await.is_ok() };
    let store = timeout(STORE_ANSWERS, answers).await.unwrap_or(false);
    let draining = app.draining.is_cancelled();
    let ready = store && !draining && !app.failed.is_cancelled();
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, axum::Json(Readiness { ready, store, backplane: app.backplane.health().connected, draining }))
}
