//! The sockets: `/ws/agent` and `/ws/visitor`.
//!
//! * [`frame`] writes: frames encoded once, header included.
//! * [`socket`] reads: tungstenite's protocol machine on the bare TCP stream, driven by one small task a socket.
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
mod resume;
mod socket;
mod typing;
mod visitor;

use std::io::IoSlice;

use axum::Router;
use axum::routing::get;
use switchboard_protocol::agent::{Bye, ByeReason};
use switchboard_protocol::error::{ApiError, ErrorCode};
use tokio::net::TcpStream;

use crate::app::{App, Shared};
use crate::error::CommandError;
use crate::sessions::Transport;

pub use drain::drain;

pub fn routes() -> Router<Shared> {
    let router = Router::new().route("/ws/agent", get(agent::open)).route("/ws/visitor", get(visitor::open));
    #[cfg(debug_assertions)]
    let router = router.route("/ws/echo", get(echo::open));
    router
}

/// A socket more than the bound, or one that comes while the hub goes away, is refused before it costs anything.
fn has_room(app: &App) -> Result<(), CommandError> {
    if app.draining.is_cancelled() {
        let sentence = "This hub is going away. Connect again in a moment.";
        return Err(ApiError { retry_after_ms: Some(500), ..ApiError::new(ErrorCode::Overloaded, sentence) }.into());
    }
    let (agents, visitors) = app.feed.registry().count();
    if agents + visitors >= app.config.limits.sockets {
        return Err(CommandError::Overloaded);
    }
    Ok(())
}

/// Says good-bye to a peer that gets no session. If its socket is full it does without.
fn turn_away(stream: &TcpStream, why: ByeReason, code: frame::CloseCode) {
    let bye = frame::bye(Bye { why, after_ms: 0 }, code);
    let _ = Transport::try_write(stream, &[IoSlice::new(&bye)]);
}
