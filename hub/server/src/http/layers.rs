//! What goes around every request, outermost first: security headers, request id with log line and metrics, panics, time,
//! rights that change meanwhile.

use std::any::Any;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http_body_util::BodyExt;
use switchboard_protocol::error::{ApiError, ErrorCode};
use tokio::time::Instant;
use tracing::Instrument;

use crate::app::App;
use crate::error::{Problem, render};
use crate::limits;

/// Header that carries the id under which the log has a request.
pub const REQUEST_ID: &str = "x-request-id";

/// Gives the request its id, logs it without anything that a person wrote, counts it.
pub async fn observe(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let id = app.random.ulid(app.clock.now()).to_string();
    let route = request.extensions().get::<MatchedPath>().map_or("pages", MatchedPath::as_str).to_owned();
    let method = request.method().clone();
    let span = tracing::info_span!("request", request_id = %id);
    let started = Instant::now();
    let mut response = next.run(request).instrument(span.clone()).await;
    if let Some(Problem { error, .. }) = response.extensions().get() {
        let error = ApiError { request_id: Some(id.clone()), ..(**error).clone() };
        let mut rendered = render(&error);
        *rendered.status_mut() = response.status();
        // Only these: the rest described the body that this one replaces.
        for name in [header::SET_COOKIE, header::ALLOW, header::ACCESS_CONTROL_ALLOW_ORIGIN, header::VARY] {
            for value in response.headers().get_all(&name) {
                rendered.headers_mut().append(&name, value.clone());
            }
        }
        response = rendered;
    }
    let (status, took) = (response.status().as_u16(), started.elapsed());
    let _in_span = span.enter();
    if status >= 500 {
        tracing::warn!(%method, route, status, took_ms = took.as_millis() as u64, "a request failed");
    } else {
        tracing::debug!(%method, route, status, took_ms = took.as_millis() as u64, "a request was answered");
    }
    count(method.as_str(), route, status, took);
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

fn count(method: &str, route: String, status: u16, took: Duration) {
    let method = match method {
        "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS" => method.to_owned(),
        // Anything may be written there; a label may not take every value.
        _ => "other".to_owned(),
    };
    let labels = [("method", method), ("route", route), ("status", status.to_string())];
    metrics::counter!("switchboard_http_requests_total", &labels).increment(1);
    metrics::histogram!("switchboard_http_request_seconds", &labels[1..2]).record(took.as_secs_f64());
}

/// Headers that every answer carries, unless the handler has said otherwise.
pub async fn guard(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let defaults = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        // Nothing but pages is for a browser to show; those set a policy of their own.
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
        (header::HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ];
    for (name, value) in defaults {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// A request whose caller got other rights after they were looked up has left nothing behind (see
/// [`App::write_as`]): it is carried out once more, from the look-up on, as if it had come just now.
pub async fn proved_anew(request: Request, next: Next) -> Response {
    if request.method().is_safe() {
        return next.run(request).await;
    }
    let (head, body) = request.into_parts();
    let read = Arc::<Mutex<Vec<Bytes>>>::default();
    let noted = read.clone();
    // What the handler reads, and no more: who may not send a body is refused before it has come.
    let body = body.map_frame(move |frame| {
        if let (Some(bytes), Ok(mut noted)) = (frame.data_ref(), noted.lock()) {
            noted.push(bytes.clone());
        }
        frame
    });
    let response = next.clone().run(Request::from_parts(head.clone(), Body::new(body))).await;
    if !response.extensions().get().is_some_and(|problem: &Problem| problem.access_changed) {
        return response;
    }
    let body = read.lock().map(|read| read.concat()).unwrap_or_default();
    next.run(Request::from_parts(head, Body::from(body))).await
}

/// A request that takes longer than [`limits::REQUEST`] is given up.
pub async fn in_time(request: Request, next: Next) -> Response {
    within(limits::REQUEST, request, next).await
}

/// The same for uploads, which may take [`limits::UPLOAD`].
pub async fn in_time_for_uploads(request: Request, next: Next) -> Response {
    within(limits::UPLOAD, request, next).await
}

async fn within(bound: Duration, request: Request, next: Next) -> Response {
    match tokio::time::timeout(bound, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            let sentence = "This took too long and was given up; it may or may not have been done.";
            Problem::from(ApiError::new(ErrorCode::Unavailable, sentence)).into_response()
        }
    }
}

/// A handler that panics costs its own request and no other. The panic itself is told by the process's hook.
pub fn panicked(_panic: Box<dyn Any + Send + 'static>) -> Response {
    Problem::from(ApiError::new(ErrorCode::Internal, "Something went wrong in the hub. It has been noted."))
        .into_response()
}
