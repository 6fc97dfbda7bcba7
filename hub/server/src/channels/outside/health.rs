//! `/healthz` and `/readyz` of a connector process, if the operator wants them: that it lives, and that it can work.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use tokio::net::TcpListener;

use super::process::Process;

/// Answers until the process goes.
pub async fn serve(process: Arc<Process>, listener: TcpListener) {
    let router = Router::new().route("/healthz", get(alive)).route("/readyz", get(ready)).with_state(process.clone());
    let served = axum::serve(listener, router).with_graceful_shutdown(async move { process.goes().await });
    if let Err(error) = served.await {
        tracing::error!(%error, "nobody is told any more how this process does");
    }
}

pub async fn listen(address: SocketAddr) -> std::io::Result<TcpListener> {
    TcpListener::bind(address).await
}

async fn alive() -> &'static str {
    "ok\n"
}

/// Without Redis it reaches no hub.
async fn ready(State(process): State<Arc<Process>>) -> (StatusCode, &'static str) {
    if process.backplane.health().connected && !process.is_going() {
        (StatusCode::OK, "ready\n")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "Redis does not answer, or the process is going.\n")
    }
}
