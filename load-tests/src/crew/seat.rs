//! One place in the crew: a person's socket and what is known of it across connections.

use std::collections::BTreeSet;

use switchboard_protocol::{ConversationId, Position};

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
    /// Of a visitor, once it has written.
    pub conversation: Option<ConversationId>,
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
            conversation: None,
            receive_buffer: None,
        }
    }
}

/// When each position's message was written and stamped, found in the first frame that carries it and looked up for all
/// the others: searching the text of each of a million frames would cost more than everything else here.
pub struct Timing {
    base: Position,
    found: Vec<Moments>,
}

/// What is known of the message at one position.
#[derive(Debug, Default, Clone, Copy)]
pub struct Moments {
    /// The frame has been searched.
    searched: bool,
    /// Handed to the writer's socket (generator's clock); zero: it is no message of the generator's.
    pub written: Nanos,
    /// The event's `at`, unix milliseconds.
    pub at_ms: u64,
    /// The writer's reply ("committed") was read; zero: not yet.
    pub replied: Nanos,
}

impl Timing {
    pub fn from(base: Position) -> Self {
        Self { base, found: Vec::new() }
    }

    /// Of the event with this position, which this frame carries. None: it is no message of the generator's.
    pub fn of(&mut self, position: Position, frame: &[u8]) -> Option<Moments> {
        let moments = self.at(position)?;
        if !moments.searched {
            moments.searched = true;
            moments.written = Stamp::find(frame).map_or(0, |stamp| stamp.sent);
            moments.at_ms = scan::number(frame, b"\"at\":").and_then(|at| u64::try_from(at).ok()).unwrap_or(0);
        }
        (moments.written > 0).then_some(*moments)
    }

    /// The writer has read that its message is committed at this position.
    pub fn replied(&mut self, position: Position, now: Nanos) {
        if let Some(moments) = self.at(position) {
            moments.replied = now;
        }
    }

    fn at(&mut self, position: Position) -> Option<&mut Moments> {
        let offset = usize::try_from(position - self.base).ok()?;
        if self.found.len() <= offset {
            self.found.resize(offset + 1, Moments::default());
        }
        self.found.get_mut(offset)
    }
}
