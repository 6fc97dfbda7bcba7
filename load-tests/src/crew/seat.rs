//! One place in the crew: a person's socket and what is known of it across connections.

use std::collections::BTreeSet;

use switchboard_protocol::Position;

use crate::clock::Nanos;
use crate::ledger::{Track, Witness};
use crate::scan::{self, Stamp};
use crate::swarm::SocketId;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Agent,
    Visitor,
}

/// A message that is not accepted yet.
pub struct Waiting {
    pub stamp: Stamp,
    pub frame: Vec<u8>,
    /// Seat of the visitor whose conversation it goes into.
    pub visitor: usize,
}

pub struct Seat {
    pub part: Part,
    /// Which cookie or token.
    pub key: usize,
    pub socket: Option<SocketId>,
    /// Welcomed, and not ended since.
    pub live: bool,
    /// How often it was welcomed.
    pub welcomes: u32,
    /// Left out of the check and of settling: it is meant to be behind.
    pub away: bool,
    /// What has come here, over all connections.
    pub track: Track,
    pub witness: Option<Box<Witness>>,
    pub waiting: Option<Waiting>,
    /// Stands in the queue of those who can write.
    pub queued: bool,
    /// Positions of what was accepted in this visitor's conversation.
    pub own: BTreeSet<Position>,
    pub sequence: u32,
    /// Kernel receive buffer, bytes; none: the system's own.
    pub receive_buffer: Option<usize>,
}

impl Seat {
    pub fn agent(key: usize, position: Position, witness: Option<Box<Witness>>) -> Self {
        Self { witness, ..Self::new(Part::Agent, key, position) }
    }

    pub fn visitor(key: usize, position: Position) -> Self {
        Self::new(Part::Visitor, key, position)
    }

    fn new(part: Part, key: usize, position: Position) -> Self {
        Self {
            part,
            key,
            socket: None,
            live: false,
            welcomes: 0,
            away: false,
            track: Track::from(position),
            witness: None,
            waiting: None,
            queued: false,
            own: BTreeSet::new(),
            sequence: 0,
            receive_buffer: None,
        }
    }
}

/// When each position's message was written and stamped, found in the first frame that carries it and looked up for all
/// the others: searching the text of each of a million frames would cost more than everything else here.
pub struct Timing {
    base: Position,
    /// Written (generator's clock) and `at` (unix ms); zeros: not seen yet. A `sent` of 1 stands for "no message of ours".
    found: Vec<(Nanos, u64)>,
}

impl Timing {
    pub fn from(base: Position) -> Self {
        Self { base, found: Vec::new() }
    }

    /// Of the event with this position, which this frame carries. None: it is no message of the generator's.
    pub fn of(&mut self, position: Position, frame: &[u8]) -> Option<(Nanos, u64)> {
        let offset = usize::try_from(position - self.base).ok()?;
        if self.found.len() <= offset {
            self.found.resize(offset + 1, (0, 0));
        }
        let slot = &mut self.found[offset];
        if slot.0 == 0 {
            let sent = Stamp::find(frame).map_or(1, |stamp| stamp.sent.max(2));
            let at = scan::number(frame, b"\"at\":").and_then(|at| u64::try_from(at).ok()).unwrap_or(0);
            *slot = (sent, at);
        }
        (slot.0 > 1).then_some(*slot)
    }
}
