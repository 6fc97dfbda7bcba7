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

use axum::Router;
use axum::routing::get;

use crate::app::Shared;

pub use drain::drain;

pub fn routes() -> Router<Shared> {
    let router = Router::new().route("/ws/agent", get(agent::open)).route("/ws/visitor", get(visitor::open));
    #[cfg(debug_assertions)]
    let router = router.route("/ws/echo", get(echo::open));
    router
}
