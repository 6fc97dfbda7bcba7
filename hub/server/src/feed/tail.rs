//! The newest events in memory, so that a storm of reconnecting clients does not reach the database.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use switchboard_domain::Visibility;
use switchboard_protocol::agent::{AgentEvent, AgentEventFrame, AgentServerFrame};
use switchboard_protocol::{AgentId, ContactId, ConversationId, IdentityId, Position, UnixMs};
use switchboard_store::event::{Audience, CommittedEvent};

use super::{Caught, Room};

/// Most events kept.
pub(super) const TAIL_EVENTS: usize = 16_384;

/// Most bytes of frames kept.
const TAIL_BYTES: usize = 8 * 1024 * 1024;

/// Where a frame says what it tells, bytes from its beginning.
const NAMED_WITHIN: usize = 120;

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
            let Some(oldest) = self.events.front().map(|event| event.position) else { break };
            self.let_go(|event| event.position <= oldest);
        }
    }

    /// What was deleted forever is not kept here either: what told of it says that it is gone, under its own position. Where
    /// some of it stood in conversations that stay, the store tells those anew: what is kept of them is let go, and who is
    /// behind it is caught up from there.
    pub fn forget(&mut self, told: &[CommittedEvent]) {
        let mut gone = Gone::default();
        told.iter().filter(|event| tells_removal(event)).for_each(|event| gone.add(event));
        if gone.is_empty() {
            return;
        }
        let mut last = None;
        for event in &mut self.events {
            if gone.stood_in(event) {
                last = Some(event.position);
            }
            let Some(said) = gone.instead(event) else { continue };
            self.bytes -= size(event);
            let (position, at) = (event.position, told_at(&event.staff));
            let frame = AgentServerFrame::Event(Box::new(AgentEventFrame { position, at, event: said }));
            event.staff = serde_json::to_string(&frame).expect("a frame of ids and numbers is JSON").into();
            event.visitor = None;
            self.bytes += size(event);
        }
        if let Some(last) = last {
            self.let_go(|oldest| oldest.position <= last);
        }
    }

    fn let_go(&mut self, mut goes: impl FnMut(&CommittedEvent) -> bool) {
        while self.events.front().is_some_and(&mut goes) {
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

/// What was deleted forever.
#[derive(Debug, Default)]
struct Gone {
    /// With the position of the event that tells it, which stays as it is.
    conversations: HashMap<ConversationId, Position>,
    contacts: HashSet<ContactId>,
    /// Conversations that stay, with the position up to which they are told anew.
    elsewhere: HashMap<ConversationId, Position>,
}

impl Gone {
    fn add(&mut self, removal: &CommittedEvent) {
        let position = removal.position;
        match told(&removal.staff) {
            Some(AgentEvent::ConversationRemoved { conversation_id, elsewhere }) => {
                self.conversations.insert(conversation_id, position);
                self.elsewhere.extend(elsewhere.into_iter().map(|of| (of, position)));
            }
            Some(AgentEvent::ContactRemoved { contact_id }) => drop(self.contacts.insert(contact_id)),
            _ => {}
        }
    }

    fn is_empty(&self) -> bool {
        self.conversations.is_empty() && self.contacts.is_empty()
    }

    fn stood_in(&self, event: &CommittedEvent) -> bool {
        let until = event.conversation_id.and_then(|of| self.elsewhere.get(&of));
        until.is_some_and(|until| event.position < *until)
    }

    /// What the event says now; none: what it said.
    fn instead(&self, event: &CommittedEvent) -> Option<AgentEvent> {
        if let Some(conversation_id) = event.conversation_id {
            let removed = self.conversations.get(&conversation_id)?;
            let gone = AgentEvent::ConversationRemoved { conversation_id, elsewhere: Vec::new() };
            return (event.position != *removed).then_some(gone);
        }
        if self.contacts.is_empty() || !says(event, "contact_changed") {
            return None;
        }
        match told(&event.staff) {
            Some(AgentEvent::ContactChanged { contact }) if self.contacts.contains(&contact.id) => {
                Some(AgentEvent::ContactRemoved { contact_id: contact.id })
            }
            _ => None,
        }
    }
}

/// Whether it may tell that something was deleted forever. Most tell something else, and are not taken apart.
pub(super) fn tells_removal(event: &CommittedEvent) -> bool {
    says(event, "conversation_removed") || says(event, "contact_removed")
}

fn says(event: &CommittedEvent, name: &str) -> bool {
    let head = event.staff.get(..NAMED_WITHIN).unwrap_or(&event.staff);
    head.split_once("\"event\":\"")
        .is_some_and(|(_, rest)| rest.strip_prefix(name).is_some_and(|end| end.starts_with('"')))
}

fn told(staff: &str) -> Option<AgentEvent> {
    match serde_json::from_str(staff) {
        Ok(AgentServerFrame::Event(frame)) => Some(frame.event),
        _ => None,
    }
}

/// When it was told, as its frame says near its beginning.
fn told_at(staff: &str) -> UnixMs {
    let digits = staff.split_once("\"at\":").map_or("", |(_, rest)| rest);
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    digits[..end].parse().unwrap_or_default()
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
