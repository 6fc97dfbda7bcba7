//! Which session listens to what. Synchronous: no await inside, and the guard is never handed out.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use parking_lot::Mutex;
use switchboard_domain::bots::console;
use switchboard_protocol::{AgentId, ConnectionId, IdentityId, InboxId, Position};
use tokio::net::TcpStream;

use super::session::{Person, Session, Transport};

/// What one can listen to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub enum Topic {
    /// Events of one inbox, for agents to whom it was granted.
    Inbox(InboxId),
    /// Events of every inbox that the team has, also of those that come later: owners and admins.
    EveryInbox,
    /// One person's own.
    Agent(AgentId),
    /// What the whole team may know.
    Team,
    /// What one visitor may know.
    Identity(IdentityId),
    /// Signals to all visitors.
    EveryVisitor,
}

impl Topic {
    /// Of everybody of the team who may see an inbox.
    pub fn of(inbox: InboxId) -> [Option<Self>; 2] {
        [Some(Self::Inbox(inbox)), (!console::is_one(inbox)).then_some(Self::EveryInbox)]
    }
}

/// Why a session may not go on as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overdue {
    /// Nothing came from its peer.
    Silent,
    /// Its socket takes nothing.
    Stalled,
    /// What its client has proved has ended, or the client has not resumed after a reset.
    Unproved,
}

/// From where, and for how long, a session goes on.
#[derive(Debug, Clone, Copy)]
pub struct Start {
    pub position: Position,
    /// When what its client has proved ends by itself, in the clock's ticks.
    pub holds_until: i64,
}

/// A place in [`Sessions::slots`].
type Slot = u32;

/// See the module. Shared by all sockets' tasks and the fan-out.
#[derive(Debug)]
pub struct Registry<T = TcpStream> {
    /// One lock for all of it: changes are rare beside deliveries, and a delivery must see topics and slots agree.
    sessions: Mutex<Sessions<T>>,
}

#[derive(Debug)]
pub(super) struct Sessions<T> {
    slots: Vec<Option<Entry<T>>>,
    free: Vec<Slot>,
    by_id: HashMap<ConnectionId, Slot>,
    topics: HashMap<Topic, Vec<Slot>>,
}

#[derive(Debug)]
struct Entry<T> {
    session: Arc<Session<T>>,
    topics: Vec<Topic>,
}

impl<T> Default for Registry<T> {
    fn default() -> Self {
        let sessions = Sessions { slots: Vec::new(), free: Vec::new(), by_id: HashMap::new(), topics: HashMap::new() };
        Self { sessions: Mutex::new(sessions) }
    }
}

impl<T: Transport> Registry<T> {
    /// Takes a session in, listening to nothing yet.
    pub fn add(&self, session: Arc<Session<T>>) {
        let mut sessions = self.sessions.lock();
        let id = session.id;
        let entry = Some(Entry { session, topics: Vec::new() });
        let slot = match sessions.free.pop() {
            Some(slot) => {
                sessions.slots[slot as usize] = entry;
                slot
            }
            None => {
                sessions.slots.push(entry);
                (sessions.slots.len() - 1) as Slot
            }
        };
        sessions.by_id.insert(id, slot);
    }

    /// From now on it listens to these topics and to no others.
    pub fn listen(&self, id: ConnectionId, topics: Vec<Topic>) {
        let mut sessions = self.sessions.lock();
        let Some(&slot) = sessions.by_id.get(&id) else { return };
        sessions.stop_listening(slot);
        for topic in &topics {
            sessions.topics.entry(*topic).or_default().push(slot);
        }
        if let Some(entry) = &mut sessions.slots[slot as usize] {
            entry.topics = topics;
        }
    }

    /// Lets a session that has begun to join ([`Session::start_joining`]) go on from its start, so that it misses nothing and
    /// gets nothing twice: it listens, then `newest` says how far has been, or is just now being, handed out; up to there it
    /// is behind, and what comes later passes it by and is noted. False: a reset came between.
    pub fn join(
        &self,
        session: &Session<T>,
        topics: Vec<Topic>,
        start: Start,
        newest: impl FnOnce() -> Position,
        welcome: Bytes,
    ) -> bool {
        self.listen(session.id, topics);
        session.join(start, newest(), welcome)
    }

    pub fn remove(&self, id: ConnectionId) {
        let mut sessions = self.sessions.lock();
        let Some(slot) = sessions.by_id.remove(&id) else { return };
        sessions.stop_listening(slot);
        sessions.slots[slot as usize] = None;
        sessions.free.push(slot);
    }

    /// Sessions of one person on this process.
    pub fn of(&self, person: Person) -> Vec<Arc<Session<T>>> {
        let topic = match person {
            Person::Agent(id) => Topic::Agent(id),
            Person::Visitor(id) => Topic::Identity(id),
        };
        self.sessions.lock().listening(topic).map(|(_, session)| session.clone()).collect()
    }

    /// All sessions whose slot falls into the `part`th of `parts`: the heartbeat goes round in parts, so that ten
    /// thousand sockets are not written to in the same moment.
    pub fn part(&self, part: usize, parts: usize) -> Vec<Arc<Session<T>>> {
        let sessions = self.sessions.lock();
        let slots = sessions.slots.iter().skip(part).step_by(parts);
        slots.flatten().map(|entry| entry.session.clone()).collect()
    }

    /// Sessions that may not go on as they are, and why: nothing came from their peers since `silent`, their sockets have
    /// taken nothing of what waits since `stalled`, or their proof has ended by `now`, all in the clock's ticks.
    pub fn overdue(&self, now: i64, silent: i64, stalled: i64) -> Vec<(Arc<Session<T>>, Overdue)> {
        let sessions = self.sessions.lock();
        let overdue = |entry: &Entry<T>| Some((entry.session.clone(), entry.session.overdue(now, silent, stalled)?));
        sessions.slots.iter().flatten().filter_map(overdue).collect()
    }

    /// Agents' and visitors' sockets.
    pub fn count(&self) -> (usize, usize) {
        let sessions = self.sessions.lock();
        let agents = sessions.slots.iter().flatten().filter(|entry| matches!(entry.session.person, Person::Agent(_)));
        let agents = agents.count();
        (agents, sessions.by_id.len() - agents)
    }

    pub(super) fn with<R>(&self, look: impl FnOnce(&Sessions<T>) -> R) -> R {
        look(&self.sessions.lock())
    }

    /// Topics and slots say the same. For tests.
    pub fn check_invariants(&self) {
        let sessions = self.sessions.lock();
        let live = sessions.slots.iter().flatten().count();
        assert_eq!(live, sessions.by_id.len(), "each session has one slot");
        assert_eq!(sessions.slots.len(), live + sessions.free.len(), "each slot is used or free");
        for (topic, slots) in &sessions.topics {
            assert!(!slots.is_empty(), "no empty topic stays: {topic:?}");
            for slot in slots {
                let entry = sessions.slots[*slot as usize].as_ref().expect("a topic names a used slot");
                assert!(entry.topics.contains(topic), "session and topic agree on {topic:?}");
            }
        }
        let listed: usize = sessions.slots.iter().flatten().map(|entry| entry.topics.len()).sum();
        assert_eq!(listed, sessions.topics.values().map(Vec::len).sum::<usize>(), "each listening is listed once");
    }
}

impl<T> Sessions<T> {
    /// Sessions that listen to a topic.
    pub(super) fn listening(&self, topic: Topic) -> impl Iterator<Item = (usize, &Arc<Session<T>>)> {
        self.topics
            .get(&topic)
            .into_iter()
            .flatten()
            .filter_map(|&slot| self.slots[slot as usize].as_ref().map(|entry| (slot as usize, &entry.session)))
    }

    pub(super) fn at(&self, slot: usize) -> Option<&Arc<Session<T>>> {
        self.slots.get(slot).and_then(Option::as_ref).map(|entry| &entry.session)
    }

    pub(super) fn slots(&self) -> usize {
        self.slots.len()
    }

    fn stop_listening(&mut self, slot: Slot) {
        let Some(entry) = &mut self.slots[slot as usize] else { return };
        for topic in std::mem::take(&mut entry.topics) {
            if let Some(slots) = self.topics.get_mut(&topic) {
                if let Some(place) = slots.iter().position(|other| *other == slot) {
                    slots.swap_remove(place);
                }
                if slots.is_empty() {
                    self.topics.remove(&topic);
                }
            }
        }
    }
}
