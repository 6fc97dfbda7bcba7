//! Who is connected to this process, and how something gets to all of them at once.
//!
//! * [`Registry`] knows which session listens to which topics. Synchronous; its guard never crosses an await.
//! * [`Session`] is one socket's way out: a bounded queue in front of a non-blocking write, tried at once.
//! * [`fanout`] gives a batch of committed events to those who may have it, each frame encoded once.
//!
//! What is not here: what a frame means (`ws`), where events come from (`feed`), who is who (`http::auth`).

pub mod fanout;
mod joining;
mod outgoing;
mod registry;
mod session;
#[cfg(test)]
mod tests;

pub use joining::Joining;
pub use outgoing::SignalKey;
pub use registry::{Registry, Topic};
pub use session::{Close, Joined, Person, Session, Transport};

/// Most bytes that wait for one session before it is taken for stalled and its socket reset. With [`SEND_BUFFER_BYTES`]
/// (which the kernel doubles) a stalled reader costs at most 256 KiB.
pub const QUEUE_BYTES: usize = 96 * 1024;

/// Asked of the kernel for each socket; it reserves twice as much.
pub const SEND_BUFFER_BYTES: usize = 64 * 1024;

/// Most signals that wait for one session. A signal says what is true now, so the newest of a kind takes the place of
/// the one before; their bytes count into [`QUEUE_BYTES`].
pub const SIGNAL_SLOTS: usize = 32;
