//! Who is here: a map in every node's memory, kept equal by gossip. Nothing of it is stored anywhere.
//!
//! A member (a person) is in a group as long as one of their connections is, on whatever node; each connection carries
//! a small meta (a page, a status) that the server gives meaning to. [`replica`] is the state machine; this module
//! turns its crank and hands out changes.

mod gossip;
mod replica;
#[cfg(test)]
mod tests;

use std::collections::{HashSet, VecDeque};
use std::sync::{Arc, Weak};
use std::time::Duration;

use bytes::Bytes;
use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio::time::Instant;

pub use gossip::{ConnectionId, Group, Member};
use gossip::{Gossip, Key};
use replica::{Replica, Subject};

use crate::NodeId;

/// How many connections one node may have in the map, over all groups.
pub const MAX_ENTRIES: usize = 200_000;
/// The longest name of a group or member, in bytes.
pub const MAX_NAME_BYTES: usize = 256;
/// The largest meta of a connection, in bytes.
pub const MAX_META_BYTES: usize = 1024;

/// Why a connection was not taken into the map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("this node has {MAX_ENTRIES} connections in the presence map")]
    Full,
    #[error("a name has more than {MAX_NAME_BYTES} bytes, or the meta more than {MAX_META_BYTES}")]
    TooLarge,
}

/// Somebody came, went, or is there otherwise than before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PresenceChange {
    pub group: Group,
    pub member: Member,
    /// The distinct metas of their connections, sorted; empty: gone.
    pub metas: Vec<Bytes>,
}

/// A node's presence map. Cheap to clone.
#[derive(Clone)]
pub struct Presence(Arc<Shared>);

struct Shared {
    // A plain lock: every use is short and never waits for anything.
    replica: Mutex<Replica>,
    /// The replica has something to send, or an earlier deadline.
    wake: Notify,
    watchers: Mutex<Watchers>,
}

#[derive(Default)]
struct Watchers {
    closed: bool,
    queues: Vec<Weak<Queue>>,
}

impl Presence {
    pub(crate) fn new(node: NodeId) -> Self {
        Self(Arc::new(Shared {
            replica: Mutex::new(Replica::new(node, Instant::now())),
            wake: Notify::new(),
            watchers: Mutex::default(),
        }))
    }

    /// A connection of this node is there with this meta; again with another meta to change it.
    pub fn join(&self, group: Group, member: Member, connection: ConnectionId, meta: Bytes) -> Result<(), Refused> {
        let name_bytes = group.as_str().len().max(member.as_str().len());
        if name_bytes > MAX_NAME_BYTES || meta.len() > MAX_META_BYTES {
            return Err(Refused::TooLarge);
        }
        self.0.with(|replica| replica.join(Key { group, member, connection }, meta))
    }

    /// A connection of this node is gone. Its member still counts for `linger`, unless another of their connections
    /// (on any node) is there: so a reconnect does not flicker.
    pub fn leave(&self, group: Group, member: Member, connection: ConnectionId, linger: Duration) {
        self.0.with(|replica| replica.leave(Instant::now(), Key { group, member, connection }, linger));
    }

    /// Everybody in a group, on all nodes, in no order: each member with the distinct metas of their connections.
    pub fn members(&self, group: &Group) -> Vec<(Member, Vec<Bytes>)> {
        self.0.replica.lock().members(group)
    }

    /// The groups that have somebody in them, on all nodes, in no order.
    pub fn groups(&self) -> Vec<Group> {
        self.0.replica.lock().groups()
    }

    /// One member's metas; empty when they are not there.
    pub fn member(&self, group: &Group, member: &Member) -> Vec<Bytes> {
        self.0.replica.lock().metas(group, member)
    }

    /// The other nodes that are alive, as far as this one knows.
    pub fn nodes(&self) -> Vec<NodeId> {
        self.0.replica.lock().peers()
    }

    /// What changes from now on. A slow reader gets each member's latest state once, not every step.
    pub fn changes(&self) -> PresenceChanges {
        let queue = Arc::new(Queue::default());
        let mut watchers = self.0.watchers.lock();
        if watchers.closed {
            queue.close();
        }
        watchers.queues.push(Arc::downgrade(&queue));
        PresenceChanges { shared: self.0.clone(), queue }
    }

    /// What the transport heard from another node.
    pub(crate) fn hear(&self, from: &NodeId, bytes: &[u8]) {
        match Gossip::decode(bytes) {
            Ok(gossip) => self.0.with(|replica| replica.hear(Instant::now(), from, gossip)),
            Err(error) => {
                tracing::warn!(node = %from, %error, "presence of another node cannot be read: ignored")
            }
        }
    }

    pub(crate) fn link(&self, up: bool) {
        self.0.with(|replica| replica.link(Instant::now(), up));
    }

    pub(crate) fn gap(&self) {
        self.0.with(Replica::gap);
    }

    /// Turns the crank: sends what the replica has to say, for as long as the node lives.
    pub(crate) async fn run(self, send: impl Fn(Bytes)) {
        loop {
            let (outgoing, due) = {
                let mut replica = self.0.replica.lock();
                replica.tick(Instant::now());
                let effects = replica.effects();
                let due = replica.next_due();
                drop(replica);
                self.0.tell_watchers(effects.changed);
                (effects.send, due)
            };
            for gossip in &outgoing {
                send(gossip.encode());
            }
            tokio::select! {
                () = self.0.wake.notified() => {}
                () = tokio::time::sleep_until(due) => {}
            }
        }
    }

    /// The node is gone: its watchers come to an end.
    pub(crate) fn close(&self) {
        let mut watchers = self.0.watchers.lock();
        watchers.closed = true;
        watchers.queues.drain(..).filter_map(|queue| queue.upgrade()).for_each(|queue| queue.close());
    }
}

impl Shared {
    fn with<T>(&self, input: impl FnOnce(&mut Replica) -> T) -> T {
        let result = input(&mut self.replica.lock());
        self.wake.notify_one();
        result
    }

    fn tell_watchers(&self, changed: Vec<Subject>) {
        if changed.is_empty() {
            return;
        }
        self.watchers.lock().queues.retain(|queue| {
            let Some(queue) = queue.upgrade() else {
                return false;
            };
            queue.push(&changed);
            true
        });
    }
}

/// Changes to the map, as one reader sees them.
pub struct PresenceChanges {
    shared: Arc<Shared>,
    queue: Arc<Queue>,
}

impl PresenceChanges {
    /// The next change; `None` when the node's last [`crate::Backplane`] handle is gone. Cancel safe.
    pub async fn recv(&mut self) -> Option<PresenceChange> {
        loop {
            match self.queue.pop() {
                Popped::Changed((group, member)) => {
                    let metas = self.shared.replica.lock().metas(&group, &member);
                    return Some(PresenceChange { group, member, metas });
                }
                Popped::Closed => return None,
                Popped::Empty => self.queue.filled.notified().await,
            }
        }
    }
}

/// Whose view a reader has not looked at yet: each once, so it is bounded by the map.
#[derive(Default)]
struct Queue {
    waiting: Mutex<Waiting>,
    filled: Notify,
}

#[derive(Default)]
struct Waiting {
    order: VecDeque<Subject>,
    present: HashSet<Subject>,
    closed: bool,
}

enum Popped {
    Changed(Subject),
    Empty,
    Closed,
}

impl Queue {
    fn push(&self, subjects: &[Subject]) {
        let mut waiting = self.waiting.lock();
        for subject in subjects {
            if waiting.present.insert(subject.clone()) {
                waiting.order.push_back(subject.clone());
            }
        }
        self.filled.notify_one();
    }

    fn pop(&self) -> Popped {
        let mut waiting = self.waiting.lock();
        match waiting.order.pop_front() {
            Some(subject) => {
                waiting.present.remove(&subject);
                Popped::Changed(subject)
            }
            None if waiting.closed => Popped::Closed,
            None => Popped::Empty,
        }
    }

    fn close(&self) {
        self.waiting.lock().closed = true;
        self.filled.notify_one();
    }
}
