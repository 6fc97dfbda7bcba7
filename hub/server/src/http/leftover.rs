//! What is left of a request's body when its answer is there already: a refusal seldom reads it.
//!
//! HTTP/1.1 keeps the connection for the next request only behind a body that has been read (RFC 9112, section 9.3).
//! hyper hangs up otherwise and says so to nobody: what a proxy sent on the same connection, perhaps for somebody else,
//! is lost. So a little that is left is read, and for more the answer says that the connection ends with it.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use http_body_util::BodyExt;
use hyper::body::{Frame, SizeHint};
use parking_lot::Mutex;
use switchboard_protocol::limits::BODY_BYTES;
use tokio::time::timeout;

/// How long the rest of a body is waited for.
const PATIENCE: Duration = Duration::from_millis(500);

/// A body that the handler and this room hold together. One of them reads at a time.
#[derive(Clone)]
struct Held(Arc<Mutex<Body>>);

impl HttpBody for Held {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut *self.0.lock()).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.0.lock().is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.lock().size_hint()
    }
}

/// Leaves the connection as the answer says it is.
pub async fn read(request: Request, next: Next) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    // To read would ask for it (RFC 9110, section 10.1.1).
    let asks_first = request.headers().contains_key(header::EXPECT);
    let (head, body) = request.into_parts();
    let held = Held(Arc::new(Mutex::new(body)));
    let mut response = next.run(Request::from_parts(head, Body::new(held.clone()))).await;
    let whole = held.is_end_stream() || !asks_first && timeout(PATIENCE, ends(held)).await.unwrap_or(false);
    if !whole {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// Reads to the end, if that is near.
async fn ends(mut body: Held) -> bool {
    let mut read = 0;
    while read <= BODY_BYTES {
        match body.frame().await {
            None => return true,
            Some(Ok(frame)) => read += frame.data_ref().map_or(0, Bytes::len),
            Some(Err(_)) => return false,
        }
    }
    false
}
