//! Who is connected to this process, and how something gets to all of them at once.
//!
//! * [`Registry`] knows which session listens to which topics. Synchronous; its guard never crosses an await.
//! * [`Session`] is one socket's way out: a bounded queue in front of a non-blocking write, tried at once. What of the feed
//!   does not fit is not kept: the session is behind, and its own task reads it from the feed when there is room.
//! * [`fanout`] gives a batch of committed events to those who may have it, each frame encoded once.
//!
//! What is not here: what a frame means (`ws`), where events come from (`feed`), who is who (`http::auth`).

use std::time::Duration;

pub mod fanout;
mod outgoing;
mod registry;
mod session;
#[cfg(test)]
mod tests;

pub use outgoing::SignalKey;
pub use registry::{Overdue, Registry, Start, Topic};
pub use session::{Close, NEVER, Person, Session, Transport};

/// Most bytes that wait for one session, unless one frame alone is longer. With [`SEND_BUFFER_BYTES`] (which the kernel
/// doubles) a reader that takes nothing costs at most 256 KiB, for [`STALLED_AFTER`].
pub const QUEUE_BYTES: usize = EVENT_BYTES + SIGNAL_BYTES + ANSWER_BYTES;

/// Most bytes of events that wait for one session; the others are read from the feed later.
pub(crate) const EVENT_BYTES: usize = 48 * 1024;

/// Most bytes of signals that wait for one session.
const SIGNAL_BYTES: usize = 32 * 1024;

/// Room that events and signals leave for answers, bytes. Nothing more is read from a socket that has used it up.
const ANSWER_BYTES: usize = 16 * 1024;

/// How long a socket may take no byte of what waits for it before it is cut. Long, because who reads slowly takes none for
/// a while: the kernel asks for more when a third of its buffer is free, and a proxy opens its window in steps of up to
/// 375 KB (nginx on Linux: 4 kB/s read behind it are 94 s between two of them). What such a reader costs is bounded
/// either way; one that is gone is found by its silence.
pub const STALLED_AFTER: Duration = Duration::from_secs(100);

/// Asked of the kernel for each socket; it reserves twice as much.
pub const SEND_BUFFER_BYTES: usize = 64 * 1024;

/// Most signals that wait for one session. A signal says what is true now, so the newest of a kind takes the place of
/// the one before.
pub const SIGNAL_SLOTS: usize = 128;
