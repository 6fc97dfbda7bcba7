//! The sockets: `/ws/agent` and `/ws/visitor`.
//!
//! * [`frame`] writes: frames encoded once, header included.
//! * [`socket`] reads: tungstenite's protocol machine on the bare TCP stream, driven by one small task a socket; [`intake`]
//!   bounds what it reads.
//! * [`handshake`] turns an HTTP request into that stream.
//! * [`agent`] and [`visitor`] say what each frame means and call `commands` for all that changes something.
//!
//! Why not a ready-made WebSocket stream: it owns the socket, so that each frame would be copied for each reader and
//! pass through a task of its own. Here a frame is shared bytes and is written by whoever has it, at once. Measured with
//! 327-byte frames at 100 sockets on one core: 0.86 µs a delivery against 1.21 to 2.89, and 1 KiB an idle socket
//! against 7 to 134.

mod agent;
mod drain;
#[cfg(debug_assertions)]
mod echo;
pub mod frame;
mod handshake;
mod incoming;
mod intake;
mod resume;
mod socket;
pub(crate) mod typing;
mod visitor;

use std::net::Ipv4Addr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::routing::get;
use switchboard_protocol::ConnectionId;
use switchboard_protocol::agent::{Bye, ByeReason};
use switchboard_protocol::error::{ApiError, ErrorCode};

use crate::app::{App, Shared};
use crate::error::CommandError;
use crate::http::accept::Peer;
use crate::http::auth;
use crate::places::{Full, Most, Place};
use crate::sessions::{Registry, Session};

pub use drain::drain;

/// A client whose reading failed is asked to wait at least this long, milliseconds, and at most twice as long.
const COME_BACK_MS: u64 = 1_000;

/// When somebody with too many sockets may try again, milliseconds.
const TRY_AGAIN_MS: u64 = 5_000;

pub fn routes() -> Router<Shared> {
    let router = Router::new().route("/ws/agent", get(agent::open)).route("/ws/visitor", get(visitor::open));
    #[cfg(debug_assertions)]
    let router = router.route("/ws/echo", get(echo::open));
    router
}

/// A place for the socket that is asked for. One more than the bounds, or one that comes while the hub goes away, is
/// refused before it costs anything.
fn place(app: &App, request: &Request<Body>) -> Result<Place, CommandError> {
    if app.draining.is_cancelled() {
        let sentence = "This hub is going away. Connect again in a moment.";
        return Err(ApiError { retry_after_ms: Some(500), ..ApiError::new(ErrorCode::Overloaded, sentence) }.into());
    }
    let peer = request.extensions().get::<Peer>().map_or(Ipv4Addr::UNSPECIFIED.into(), |Peer(peer)| peer.ip());
    let address = auth::address(app, request.headers(), peer.to_canonical());
    let limits = &app.config.limits;
    let from_one = if limits.sockets_per_address == 0 { usize::MAX } else { limits.sockets_per_address };
    app.sockets.take(address, Most { in_all: limits.sockets, from_one }).map_err(|full| {
        let (code, sentence) = match full {
            Full::FromOne => (ErrorCode::RateLimited, "Too many sockets are open from your address. Close some."),
            Full::InAll => {
                (ErrorCode::Overloaded, "This hub has as many sockets open as it may. Try again in a moment.")
            }
        };
        ApiError { retry_after_ms: Some(TRY_AGAIN_MS), ..ApiError::new(code, sentence) }.into()
    })
}

/// Lets a session in, until what this returns is dropped. One that comes while the hub goes away, too late for [`drain`] to
/// see it, is dismissed at once.
fn enter(app: &App, session: &Arc<Session>) -> Entered {
    let registry = app.feed.registry().clone();
    registry.add(session.clone());
    if app.draining.is_cancelled() {
        drain::dismiss(app, session, 1);
    }
    Entered { registry, id: session.id }
}

/// A session that is known to the fan-out. However its task ends, it is known no longer then.
#[must_use = "the session is out again when it is dropped"]
struct Entered {
    registry: Arc<Registry>,
    id: ConnectionId,
}

impl Drop for Entered {
    fn drop(&mut self) {
        self.registry.remove(self.id);
    }
}

/// What was shown is not good, or such a thing was shown too often.
fn not_let_in(error: &ApiError) -> Bye {
    match error.code {
        ErrorCode::RateLimited => too_often(error),
        _ => Bye { why: ByeReason::SignedOut, after_ms: 0 },
    }
}

fn too_often(limited: &ApiError) -> Bye {
    Bye { why: ByeReason::Protocol, after_ms: limited.retry_after_ms.unwrap_or_default() as u32 }
}

/// The hub cannot say who somebody is, or what they have missed, because a part of it is away.
fn unavailable(app: &App) -> Bye {
    let after_ms = (COME_BACK_MS + app.random.below(COME_BACK_MS)) as u32;
    Bye { why: ByeReason::Unavailable, after_ms }
}
