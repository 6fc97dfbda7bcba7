//! From an HTTP request to a bare stream (RFC 6455, section 4.2).

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Request, StatusCode, header};
use axum::response::Response;
use hyper_util::rt::TokioIo;
use switchboard_protocol::SUBPROTOCOL;
use switchboard_protocol::error::{ApiError, ErrorCode};
use tokio::net::TcpStream;
use tokio_util::task::TaskTracker;
use tungstenite::handshake::derive_accept_key;

use crate::limits;
use crate::sessions::SEND_BUFFER_BYTES;

/// A request that asks for a socket and may have one.
pub struct Handshake {
    request: Request<Body>,
    accept: String,
    subprotocol: bool,
}

/// The stream of an accepted handshake, and what the client had sent behind it already.
pub struct Upgraded {
    pub stream: TcpStream,
    pub read_ahead: Vec<u8>,
}

impl Handshake {
    /// Checks all that can be checked before the connection changes its protocol.
    pub fn check(request: Request<Body>) -> Result<Self, ApiError> {
        let headers = request.headers();
        let malformed = |sentence: &str| ApiError::new(ErrorCode::Malformed, sentence);
        if !has_token(headers, header::CONNECTION, "upgrade") || !has_token(headers, header::UPGRADE, "websocket") {
            return Err(malformed("This address speaks WebSocket only."));
        }
        if headers.get(header::SEC_WEBSOCKET_VERSION).is_none_or(|version| version != "13") {
            return Err(malformed("Only version 13 of the WebSocket protocol is spoken here."));
        }
        let key = headers.get(header::SEC_WEBSOCKET_KEY).filter(|key| key.len() == 24);
        let accept = derive_accept_key(key.ok_or_else(|| malformed("The WebSocket key is missing."))?.as_bytes());
        let subprotocol = headers.contains_key(header::SEC_WEBSOCKET_PROTOCOL);
        if subprotocol && !has_token(headers, header::SEC_WEBSOCKET_PROTOCOL, SUBPROTOCOL) {
            return Err(malformed("The only subprotocol here is switchboard.v1."));
        }
        Ok(Self { request, accept, subprotocol })
    }

    /// Answers 101 and runs `then` on the stream once the answer is out.
    /// The socket is one of `tasks`: a hub that goes waits for it.
    pub fn accept<F>(mut self, tasks: &TaskTracker, then: impl FnOnce(Upgraded) -> F + Send + 'static) -> Response
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let upgrade = hyper::upgrade::on(&mut self.request);
        tasks.spawn(async move {
            // The peer may be gone before the answer is out; then there is nobody to talk to.
            let Ok(upgraded) = upgrade.await else { return };
            let Ok(parts) = upgraded.downcast::<TokioIo<TcpStream>>() else {
                tracing::error!("a socket does not stand on a plain TCP stream");
                return;
            };
            // Both parts are taken out: what is left in `parts` would be kept for as long as the socket lives, and that is
            // the buffer that the request was read into, 8 KiB.
            let read_ahead = parts.read_buf.to_vec();
            let stream = parts.io.into_inner();
            drop(parts.read_buf);
            let socket = socket2::SockRef::from(&stream);
            if let Err(error) = socket.set_send_buffer_size(SEND_BUFFER_BYTES) {
                tracing::debug!(%error, "the send buffer keeps its size");
            }
            #[cfg(target_os = "linux")]
            if let Err(error) = socket.set_tcp_user_timeout(Some(limits::SOCKET_NO_PROGRESS)) {
                tracing::debug!(%error, "TCP_USER_TIMEOUT keeps its time");
            }
            then(Upgraded { stream, read_ahead }).await;
        });
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        let headers = response.headers_mut();
        headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        if let Ok(accept) = HeaderValue::from_str(&self.accept) {
            headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
        }
        if self.subprotocol {
            headers.insert(header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(SUBPROTOCOL));
        }
        response
    }
}

/// Whether a comma-separated header names a token, in any case.
fn has_token(headers: &HeaderMap, name: header::HeaderName, token: &str) -> bool {
    headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|part| part.trim().eq_ignore_ascii_case(token))
}
