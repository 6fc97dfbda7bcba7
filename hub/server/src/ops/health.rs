//! `/healthz`: the process lives. `/readyz`: it can take work, that is: it can read and write its store, none of its parts
//! has ended, and it is not going.
//! A backplane that is away does not make a hub unready: it goes on with its own sockets and reads the store.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use switchboard_store::Store;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

use crate::app::Shared;

/// How long reader and writer may take together: less than probes wait.
const STORE_ANSWERS: Duration = Duration::from_secs(2);

/// How long what the store has said is kept: anybody may ask, and asking it takes a transaction of the writer's.
const KEPT: Duration = Duration::from_secs(1);

/// Asks the store whether it answers, for all who want to know: one at a time, and not again for [`KEPT`].
#[derive(Debug, Default)]
pub struct Probe(Arc<Mutex<Option<(Instant, bool)>>>);

impl Probe {
    async fn answers(&self, store: &Store) -> bool {
        // Who comes meanwhile waits for the one that asks, and reads what it was told.
        let mut last = self.0.clone().lock_owned().await;
        if let Some((at, answered)) = *last
            && at.elapsed() < KEPT
        {
            return answered;
        }
        let store = store.clone();
        // By itself: what is with the writer stays there, so one who hangs up does not let the next one ask.
        let asked = tokio::spawn(async move {
            let asking = async { store.ping().await.is_ok() && store.ping_writer().await.is_ok() };
            let answered = timeout(STORE_ANSWERS, asking).await.unwrap_or(false);
            *last = Some((Instant::now(), answered));
            answered
        });
        asked.await.unwrap_or(false)
    }
}

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
    let store = app.store_answers.answers(&app.store).await;
    let draining = app.draining.is_cancelled();
    let ready = store && !draining && !app.failed.is_cancelled();
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, axum::Json(Readiness { ready, store, backplane: app.backplane.health().connected, draining }))
}
