//! The newest events in memory, so that a storm of reconnecting clients does not reach the database.

use std::collections::VecDeque;
use std::sync::Arc;

use switchboard_domain::Visibility;
use switchboard_protocol::{AgentId, IdentityId, Position};
use switchboard_store::event::{Audience, CommittedEvent};

use super::Caught;

/// Most events kept.
pub(super) const TAIL_EVENTS: usize = 16_384;

/// Most bytes of frames kept.
const TAIL_BYTES: usize = 8 * 1024 * 1024;

/// Who reads the feed: decides which events, and which rendering.
#[derive(Debug, Clone)]
pub enum Reader {
    Agent { id: AgentId, visibility: Visibility },
    Visitor { identity: IdentityId },
}

impl Reader {
    /// What this reader gets of an event: nothing, or its frame.
    pub fn frame(&self, event: &CommittedEvent) -> Option<Arc<str>> {
        match self {
            Self::Agent { id, visibility } => match event.audience {
                Audience::Inbox(inbox) => visibility.sees(inbox),
                Audience::Agent(agent) | Audience::Access(agent) => agent == *id,
                Audience::Team => true,
            }
            .then(|| event.staff.clone()),
            Self::Visitor { identity } => {
                event.visitor.as_ref().filter(|(whose, _)| whose == identity).map(|(_, frame)| frame.clone())
            }
        }
    }
}

/// A ring of the newest events, without a hole between them.
#[derive(Debug)]
pub struct Tail {
    /// The position before the first event kept.
    before: Position,
    events: VecDeque<CommittedEvent>,
    bytes: usize,
}

impl Tail {
    pub fn starting_after(position: Position) -> Self {
        Self { before: position, events: VecDeque::new(), bytes: 0 }
    }

    /// Appends the next event in order.
    pub fn push(&mut self, event: CommittedEvent) {
        debug_assert_eq!(event.position, self.before + self.events.len() as Position + 1);
        self.bytes += size(&event);
        self.events.push_back(event);
        while self.events.len() > TAIL_EVENTS || self.bytes > TAIL_BYTES {
            let Some(oldest) = self.events.pop_front() else { break };
            self.bytes -= size(&oldest);
            self.before = oldest.position;
        }
    }

    /// The position of the newest event.
    pub fn newest(&self) -> Position {
        self.before + self.events.len() as Position
    }

    /// Whether everything after `position` is here.
    pub fn reaches(&self, position: Position) -> bool {
        position >= self.before
    }

    /// What came after `position`, or nothing if the ring does not reach back so far.
    pub fn after(&self, reader: &Reader, position: Position, limit: usize) -> Option<Caught> {
        let skip = usize::try_from(position - self.before).ok()?;
        let mut caught = Caught { frames: Vec::new(), position };
        for event in self.events.iter().skip(skip) {
            caught.position = event.position;
            caught.frames.extend(reader.frame(event));
            if caught.frames.len() == limit {
                break;
            }
        }
        Some(caught)
    }
}

fn size(event: &CommittedEvent) -> usize {
    event.staff.len() + event.visitor.as_ref().map_or(0, |(_, frame)| frame.len())
}
