//! Prometheus metrics at `/metrics`. Names begin with `switchboard_`, units end them; no label takes a value that a
//! stranger can choose.

use std::sync::OnceLock;

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

use crate::app::Shared;

/// Seconds: the bounds of the request histogram.
const SECONDS: [f64; 10] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0];

/// The recorder of this process; the `metrics` macros reach it from everywhere, so there is one for all hubs in it.
pub fn recorder() -> PrometheusHandle {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    let handle = HANDLE.get_or_init(|| {
        let builder = PrometheusBuilder::new().set_buckets(&SECONDS).expect("the bounds are not empty");
        let recorder = builder.build_recorder();
        let handle = recorder.handle();
        if metrics::set_global_recorder(recorder).is_err() {
            tracing::warn!("another part of the program records metrics; /metrics stays empty");
        }
        describe();
        handle
    });
    handle.clone()
}

fn describe() {
    use metrics::{describe_counter, describe_gauge, describe_histogram};
    describe_counter!("switchboard_http_requests_total", "Requests answered, by method, route and status.");
    describe_histogram!("switchboard_http_request_seconds", "Time from a request's head to its answer's, by route.");
    describe_counter!("switchboard_store_writes_total", "Operations and messages that were committed.");
    describe_counter!("switchboard_sign_in_failures_total", "Sign-ins refused.");
    describe_counter!("switchboard_uploads_total", "Files taken in.");
    describe_gauge!("switchboard_backplane_connected", "1 while this hub and the others hear each other.");
    describe_counter!("switchboard_backplane_dropped_total", "Publications to the other hubs that could not be sent.");
    describe_counter!(
        "switchboard_signals_dropped_total",
        "Signals (typing) dropped: too many waited, or rights might have ended."
    );
    describe_counter!(
        "switchboard_sockets_fell_behind_total",
        "Times that more came than a socket took; it is caught up from the feed."
    );
    describe_counter!("switchboard_sockets_stalled_total", "Sockets cut because they took nothing for too long.");
    describe_counter!("switchboard_log_lines_dropped_total", "Log lines dropped: nobody read those before them.");
    describe_counter!("switchboard_bot_log_lines_lost_total", "Lines of bots' logs that could not be written.");
    describe_counter!("switchboard_transfers_too_slow_total", "Downloads cut because they hardly moved.");
    describe_gauge!("switchboard_draining", "1 once this hub has been told to go.");
}

/// `GET /metrics`.
pub async fn page(State(app): State<Shared>) -> impl IntoResponse {
    let health = app.backplane.health();
    metrics::gauge!("switchboard_backplane_connected").set(if health.connected { 1.0 } else { 0.0 });
    metrics::counter!("switchboard_backplane_dropped_total").absolute(health.dropped);
    metrics::counter!("switchboard_log_lines_dropped_total").absolute(super::logs::lines_dropped());
    metrics::gauge!("switchboard_draining").set(if app.draining.is_cancelled() { 1.0 } else { 0.0 });
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], app.metrics.render())
}
