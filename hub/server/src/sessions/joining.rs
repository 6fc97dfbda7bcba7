//! The order in which a session joins, so that it misses nothing and gets nothing twice:
//! it listens, then looks how far has been handed out, then reads at least so far, and then goes live at what it has read,
//! unless more passed it by meanwhile. No I/O of its own: reading and sending is the caller's.

use switchboard_protocol::Position;

use super::registry::{Registry, Topic};
use super::session::{Joined, Session, Transport};

/// A session on its way from where its client is to where the feed is.
#[derive(Debug)]
pub struct Joining {
    /// Everything up to here has been read.
    position: Position,
    /// What was handed out before the session listened did not pass it by: up to here it must be read, however many reads
    /// it takes.
    before: Position,
}

impl Joining {
    /// Begins for a session that notes what passes ([`Session::start_joining`]). `newest` is asked how far the feed has
    /// been, or is just now being, handed out.
    pub fn begin<T: Transport>(
        registry: &Registry<T>,
        session: &Session<T>,
        topics: Vec<Topic>,
        position: Position,
        newest: impl FnOnce() -> Position,
    ) -> Self {
        registry.listen(session.id, topics);
        Self { position, before: newest() }
    }

    /// Where to read on from.
    pub fn position(&self) -> Position {
        self.position
    }

    /// What concerns the session up to `upto` has been handed to it: goes live if that is all.
    pub fn caught_up<T: Transport>(&mut self, session: &Session<T>, upto: Position) -> Joined {
        self.position = self.position.max(upto);
        if self.position < self.before {
            return Joined::Behind(self.before);
        }
        session.join_at(self.position)
    }
}
