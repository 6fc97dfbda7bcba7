//! The newest events in memory, so that a storm of reconnecting clients does not reach the database.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use switchboard_domain::Visibility;
use switchboard_protocol::agent::{AgentEvent, AgentEventFrame, AgentServerFrame};
use switchboard_protocol::{AgentId, IdentityId, Position, UnixMs};
use switchboard_store::event::{Audience, CommittedEvent};

use super::{Caught, Room};

/// Most events kept.
pub(super) const TAIL_EVENTS: usize = 16_384;

/// Most bytes of frames kept.
const TAIL_BYTES: usize = 8 * 1024 * 1024;

/// Where a frame says what it tells, bytes from its beginning.
const REMOVED_WITHIN: usize = 120;

/// Most events looked at for one reader at a time, whoever they are for: the tail is locked meanwhile, and whoever
/// delivers waits. Further on the reader asks again.
const EVENTS_A_LOOK: usize = 1_024;

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
    /// Where the newest event of each visitor stands, of those that are here: most who come back have missed nothing, and
    /// need no look at what the others have written.
    newest_of: HashMap<IdentityId, Position>,
}

impl Tail {
    pub fn starting_after(position: Position) -> Self {
        Self { before: position, events: VecDeque::new(), bytes: 0, newest_of: HashMap::new() }
    }

    /// Appends the next event in order.
    pub fn push(&mut self, event: CommittedEvent) {
        debug_assert_eq!(event.position, self.before + self.events.len() as Position + 1);
        self.bytes += size(&event);
        if let Some((identity, _)) = event.visitor {
            self.newest_of.insert(identity, event.position);
        }
        self.events.push_back(event);
        while self.events.len() > TAIL_EVENTS || self.bytes > TAIL_BYTES {
            let Some(oldest) = self.events.pop_front() else { break };
            self.bytes -= size(&oldest);
            self.before = oldest.position;
            if let Some((identity, _)) = oldest.visitor
                && self.newest_of.get(&identity) == Some(&oldest.position)
            {
                self.newest_of.remove(&identity);
            }
        }
    }

    /// What was deleted forever is not kept here either: what told of it says that it is gone, under its own position.
    pub fn forget(&mut self, removal: &CommittedEvent) {
        let (Some(conversation_id), Some(at)) = (removal.conversation_id, removed_at(removal)) else { return };
        for event in self.events.iter_mut().filter(|event| event.conversation_id == Some(conversation_id)) {
            self.bytes -= size(event);
            let position = event.position;
            let gone = AgentEvent::ConversationRemoved { conversation_id };
            let told = AgentServerFrame::Event(Box::new(AgentEventFrame { position, at, event: gone }));
            event.staff = serde_json::to_string(&told).expect("a frame of ids and numbers is JSON").into();
            if position != removal.position {
                event.visitor = None;
            }
            self.bytes += size(event);
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

    /// What came after `position`, or nothing if the ring does not reach back so far. At most [`EVENTS_A_LOOK`] events, and
    /// of frames at most so many bytes (but one at least): [`Caught::position`] says how far it goes.
    pub fn after(&self, reader: &Reader, position: Position, bytes: usize) -> Option<Caught> {
        let skip = usize::try_from(position - self.before).ok()?;
        if self.has_nothing_for(reader, position) {
            return Some(Caught { frames: Vec::new(), position: self.newest().max(position) });
        }
        let mut caught = Caught { frames: Vec::new(), position };
        let mut room = Room::of(bytes);
        for event in self.events.iter().skip(skip).take(EVENTS_A_LOOK) {
            if let Some(frame) = reader.frame(event) {
                if !room.takes(&frame) {
                    break;
                }
                caught.frames.push(frame);
            }
            caught.position = event.position;
        }
        Some(caught)
    }

    fn has_nothing_for(&self, reader: &Reader, position: Position) -> bool {
        match reader {
            Reader::Agent { .. } => false,
            Reader::Visitor { identity } => self.newest_of.get(identity).is_none_or(|newest| *newest <= position),
        }
    }
}

/// When a conversation was deleted forever, if that is what the event tells. Most tell something else, and are not taken apart.
fn removed_at(event: &CommittedEvent) -> Option<UnixMs> {
    let head = event.staff.get(..REMOVED_WITHIN).unwrap_or(&event.staff);
    if !head.contains("\"event\":\"conversation_removed\"") {
        return None;
    }
    match serde_json::from_str(&event.staff) {
        Ok(AgentServerFrame::Event(frame)) if matches!(frame.event, AgentEvent::ConversationRemoved { .. }) => {
            Some(frame.at)
        }
        _ => None,
    }
}

fn size(event: &CommittedEvent) -> usize {
    event.staff.len() + event.visitor.as_ref().map_or(0, |(_, frame)| frame.len())
}

#[cfg(test)]
mod tests {
    use switchboard_protocol::Ulid;

    use super::*;

    fn identity(n: u128) -> IdentityId {
        IdentityId(Ulid(n))
    }

    /// Every event is one visitor's of ten.
    fn tail(events: Position) -> Tail {
        let mut tail = Tail::starting_after(0);
        for position in 1..=events {
            let visitor = Some((identity(position as u128 % 10), format!("{position}").into()));
            let (audience, staff) = (Audience::Team, "to the team".into());
            tail.push(CommittedEvent { position, audience, conversation_id: None, staff, visitor });
        }
        tail
    }

    #[test]
    fn who_has_missed_nothing_is_told_so_at_once() {
        let tail = tail(9_995);
        for (who, position) in [(77, 0), (5, 9_995), (4, 9_994)] {
            let caught =
                tail.after(&Reader::Visitor { identity: identity(who) }, position, 4 * 1024).expect("in memory");
            assert_eq!((caught.frames.len(), caught.position), (0, 9_995), "visitor {who}");
        }
    }

    #[test]
    fn the_tail_is_held_for_so_many_events_at_a_time_and_nothing_is_left_out() {
        let tail = tail(5_000);
        let reader = Reader::Visitor { identity: identity(3) };
        let (mut position, mut frames) = (0, Vec::new());
        while position < tail.newest() {
            let caught = tail.after(&reader, position, 4 * 1024).expect("in memory");
            assert!(caught.position - position <= EVENTS_A_LOOK as Position, "one look goes no further");
            position = caught.position;
            frames.extend(caught.frames);
        }
        assert_eq!(frames.len(), 500);
        assert_eq!((frames[0].as_ref(), frames[499].as_ref()), ("3", "4993"));
    }

    #[test]
    fn who_is_forgotten_by_the_ring_is_forgotten_altogether() {
        let mut tail = tail(10);
        for position in 11..=11 + TAIL_EVENTS as Position {
            let (audience, staff) = (Audience::Team, "to the team".into());
            tail.push(CommittedEvent { position, audience, conversation_id: None, staff, visitor: None });
        }
        assert!(tail.newest_of.is_empty());
    }
}
