//! The presence map of one node, as a state machine: no transport, no clock of its own, no task.
//!
//! Each node owns the entries of its own connections and holds a copy of everybody else's. Inputs are what happens here
//! ([`Replica::join`], [`Replica::leave`]), what is heard ([`Replica::hear`]), the link ([`Replica::link`],
//! [`Replica::gap`]) and time ([`Replica::tick`]); outputs are [`Effects`]. Lost gossip is found by version (every
//! heartbeat carries it) and repaired by a snapshot.
//!
//! Invariants (checked by [`Replica::check_invariants`] in tests): an entry is in the map exactly when its node's key
//! set has it; a group without members and a member without entries are not kept.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;

use super::gossip::{Change, ConnectionId, Gossip, Group, Key, Member};
use super::{MAX_ENTRIES, Refused};
use crate::NodeId;

/// How often a node says that it lives.
pub(crate) const HEARTBEAT: Duration = Duration::from_secs(2);
/// A node silent for so long is gone, and everybody on it.
pub(crate) const SILENCE: Duration = Duration::from_secs(8);
/// While this node's own link is down the silence may be its own: it keeps the others for so long before it lets go.
pub(crate) const LINK_GRACE: Duration = Duration::from_secs(30);
/// The least time between two snapshots of one node, however many ask.
const SNAPSHOT_SPACING: Duration = Duration::from_millis(500);
/// The least time between two requests for one node's snapshot.
const ASK_SPACING: Duration = Duration::from_secs(1);
/// Changes or entries in one message: at the largest names and metas it stays below [`crate::MAX_PAYLOAD_BYTES`].
const MESSAGE_ENTRIES: usize = 512;
/// More nodes than this are not a deployment of ours; further ones are not listened to.
const MAX_NODES: usize = 512;

pub(crate) type Subject = (Group, Member);

/// What an input led to: gossip for the others, and whose view has changed here.
#[derive(Debug, Default)]
pub(crate) struct Effects {
    pub send: Vec<Gossip>,
    pub changed: Vec<Subject>,
}

pub(crate) struct Replica {
    me: NodeId,
    version: u64,
    groups: HashMap<Group, HashMap<Member, Vec<Slot>>>,
    own: HashSet<Key>,
    // When a lingering entry of ours lapses: by key to find it, by time to expire it.
    lapse_of: HashMap<Key, Instant>,
    lapses: BTreeSet<(Instant, Key)>,
    peers: HashMap<NodeId, Peer>,
    link_down_since: Option<Instant>,
    next_heartbeat: Instant,
    snapshot_wanted: bool,
    snapshot_allowed_at: Instant,
    unsent: Vec<Change>,
    send: Vec<Gossip>,
    changed: HashSet<Subject>,
}

struct Slot {
    node: NodeId,
    connection: ConnectionId,
    meta: Bytes,
    lingering: bool,
}

struct Peer {
    version: u64,
    keys: HashSet<Key>,
    heard: Instant,
    asked: Option<Instant>,
    /// A snapshot of which some parts have come.
    partial: Option<Partial>,
}

struct Partial {
    version: u64,
    next_part: u32,
    entries: Vec<Change>,
}

impl Replica {
    pub fn new(me: NodeId, now: Instant) -> Self {
        Self {
            me,
            version: 0,
            groups: HashMap::new(),
            own: HashSet::new(),
            lapse_of: HashMap::new(),
            lapses: BTreeSet::new(),
            peers: HashMap::new(),
            link_down_since: Some(now),
            next_heartbeat: now,
            snapshot_wanted: false,
            snapshot_allowed_at: now,
            unsent: Vec::new(),
            send: Vec::new(),
            changed: HashSet::new(),
        }
    }

    /// A connection of this node is there, with this meta (or has another meta now).
    pub fn join(&mut self, key: Key, meta: Bytes) -> Result<(), Refused> {
        if !self.own.contains(&key) && self.own.len() >= MAX_ENTRIES {
            return Err(Refused::Full);
        }
        self.forget_lapse(&key);
        let same = self.slot(&self.me, &key).is_some_and(|slot| !slot.lingering && slot.meta == meta);
        if !same {
            self.change_own(Change::Put { key, meta, lingering: false });
        }
        Ok(())
    }

    /// A connection of this node is gone; its member still counts until `linger` is over, unless it joins again.
    pub fn leave(&mut self, now: Instant, key: Key, linger: Duration) {
        if !self.own.contains(&key) {
            return;
        }
        self.forget_lapse(&key);
        if linger.is_zero() {
            self.change_own(Change::Drop { key });
            return;
        }
        self.lapse_of.insert(key.clone(), now + linger);
        self.lapses.insert((now + linger, key.clone()));
        self.change_own(Change::Linger { key });
    }

    /// What another node said.
    pub fn hear(&mut self, now: Instant, from: &NodeId, gossip: Gossip) {
        if *from == self.me || (!self.peers.contains_key(from) && self.peers.len() >= MAX_NODES) {
            return;
        }
        let peer = self.peers.entry(from.clone()).or_insert_with(|| Peer::new(now));
        peer.heard = now;
        match gossip {
            Gossip::Heartbeat { version } => {
                if version != peer.version {
                    self.ask(now, from);
                }
            }
            Gossip::Delta { base, changes } => {
                if base != peer.version {
                    self.ask(now, from);
                    return;
                }
                peer.version = base + changes.len() as u64;
                self.apply(from, changes);
            }
            Gossip::Snapshot { version, part, parts, entries } => {
                if let Some(entries) = peer.assemble(version, part, parts, entries) {
                    peer.version = version;
                    self.replace(from, entries);
                }
            }
            Gossip::Ask { of } => {
                if of.is_none_or(|of| of == self.me) {
                    self.snapshot_wanted = true;
                }
            }
        }
    }

    /// This node's own link went up or down.
    pub fn link(&mut self, now: Instant, up: bool) {
        if up {
            self.link_down_since = None;
            for peer in self.peers.values_mut() {
                peer.heard = now;
            }
            self.next_heartbeat = now;
            self.gap();
        } else if self.link_down_since.is_none() {
            self.link_down_since = Some(now);
        }
    }

    /// Gossip may have been missed: asks everybody now rather than finding out by their heartbeats.
    pub fn gap(&mut self) {
        self.send.push(Gossip::Ask { of: None });
    }

    /// Does what is due. Call it at [`Replica::next_due`].
    pub fn tick(&mut self, now: Instant) {
        while let Some((at, _)) = self.lapses.first()
            && *at <= now
        {
            let (_, key) = self.lapses.pop_first().expect("it was just looked at");
            self.lapse_of.remove(&key);
            self.change_own(Change::Drop { key });
        }
        if self.link_down_since.is_none_or(|since| since + LINK_GRACE <= now) {
            let silent = self.peers.iter().filter(|(_, peer)| peer.heard + SILENCE <= now);
            for node in silent.map(|(node, _)| node.clone()).collect::<Vec<_>>() {
                self.drop_peer(&node);
            }
        }
        if self.next_heartbeat <= now {
            self.next_heartbeat = now + HEARTBEAT;
            self.flush();
            self.send.push(Gossip::Heartbeat { version: self.version });
        }
        if self.snapshot_wanted && self.snapshot_allowed_at <= now {
            self.snapshot_wanted = false;
            self.snapshot_allowed_at = now + SNAPSHOT_SPACING;
            self.flush();
            self.send_snapshot();
        }
    }

    /// When [`Replica::tick`] has something to do.
    pub fn next_due(&self) -> Instant {
        let mut due = self.next_heartbeat;
        if let Some((at, _)) = self.lapses.first() {
            due = due.min(*at);
        }
        if self.snapshot_wanted {
            due = due.min(self.snapshot_allowed_at);
        }
        let patience = self.link_down_since.map(|since| since + LINK_GRACE);
        for peer in self.peers.values() {
            due = due.min((peer.heard + SILENCE).max(patience.unwrap_or(peer.heard)));
        }
        due
    }

    /// Takes what the inputs since the last call led to.
    pub fn effects(&mut self) -> Effects {
        self.flush();
        Effects { send: std::mem::take(&mut self.send), changed: self.changed.drain().collect() }
    }

    /// The distinct metas of a member's connections: of those that are there, or else of those that linger.
    pub fn metas(&self, group: &Group, member: &Member) -> Vec<Bytes> {
        self.groups.get(group).and_then(|members| members.get(member)).map(|slots| view(slots)).unwrap_or_default()
    }

    pub fn members(&self, group: &Group) -> Vec<(Member, Vec<Bytes>)> {
        let Some(members) = self.groups.get(group) else {
            return Vec::new();
        };
        members.iter().map(|(member, slots)| (member.clone(), view(slots))).collect()
    }

    pub fn groups(&self) -> Vec<Group> {
        self.groups.keys().cloned().collect()
    }

    /// The nodes that are alive as far as this one knows, without itself.
    pub fn peers(&self) -> Vec<NodeId> {
        self.peers.keys().cloned().collect()
    }

    fn ask(&mut self, now: Instant, of: &NodeId) {
        let Some(peer) = self.peers.get_mut(of) else {
            return;
        };
        if peer.asked.is_none_or(|asked| asked + ASK_SPACING <= now) {
            peer.asked = Some(now);
            self.send.push(Gossip::Ask { of: Some(of.clone()) });
        }
    }

    fn forget_lapse(&mut self, key: &Key) {
        if let Some(at) = self.lapse_of.remove(key) {
            self.lapses.remove(&(at, key.clone()));
        }
    }

    fn change_own(&mut self, change: Change) {
        self.version += 1;
        self.unsent.push(change.clone());
        let me = self.me.clone();
        self.apply(&me, vec![change]);
    }

    /// Turns the changes made since the last time into messages.
    fn flush(&mut self) {
        let changes = std::mem::take(&mut self.unsent);
        let mut base = self.version - changes.len() as u64;
        for part in changes.chunks(MESSAGE_ENTRIES) {
            self.send.push(Gossip::Delta { base, changes: part.to_vec() });
            base += part.len() as u64;
        }
    }

    fn send_snapshot(&mut self) {
        let entries: Vec<Change> = self
            .own
            .iter()
            .filter_map(|key| {
                let slot = self.slot(&self.me, key)?;
                Some(Change::Put { key: key.clone(), meta: slot.meta.clone(), lingering: slot.lingering })
            })
            .collect();
        let parts = entries.len().div_ceil(MESSAGE_ENTRIES).max(1);
        let mut chunks = entries.chunks(MESSAGE_ENTRIES);
        for part in 0..parts {
            self.send.push(Gossip::Snapshot {
                version: self.version,
                part: part as u32,
                parts: parts as u32,
                entries: chunks.next().unwrap_or_default().to_vec(),
            });
        }
    }

    fn drop_peer(&mut self, node: &NodeId) {
        self.replace(node, Vec::new());
        self.peers.remove(node);
        tracing::warn!(node = %node, silent_s = SILENCE.as_secs(), "a node fell silent: its presence is dropped");
    }

    /// Makes `entries` everything that this node has.
    fn replace(&mut self, node: &NodeId, entries: Vec<Change>) {
        let kept: HashSet<&Key> = entries.iter().map(Change::key).collect();
        let Some(peer) = self.peers.get(node) else {
            return;
        };
        let gone = peer.keys.iter().filter(|key| !kept.contains(key)).map(|key| Change::Drop { key: key.clone() });
        let mut changes: Vec<Change> = gone.collect();
        changes.extend(entries);
        self.apply(node, changes);
    }

    /// Applies changes of one node as one step: only what differs after all of them counts as changed.
    fn apply(&mut self, node: &NodeId, changes: Vec<Change>) {
        let mut before: HashMap<Subject, Vec<Bytes>> = HashMap::new();
        for change in &changes {
            let Key { group, member, .. } = change.key();
            before.entry((group.clone(), member.clone())).or_insert_with(|| self.metas(group, member));
        }
        for change in changes {
            self.apply_one(node, change);
        }
        for ((group, member), metas) in before {
            if self.metas(&group, &member) != metas {
                self.changed.insert((group, member));
            }
        }
    }

    fn apply_one(&mut self, node: &NodeId, change: Change) {
        let own = *node == self.me;
        let keys = match self.peers.get_mut(node) {
            _ if own => &mut self.own,
            Some(peer) => &mut peer.keys,
            None => return,
        };
        match change {
            Change::Put { key, meta, lingering } => {
                let members = self.groups.entry(key.group.clone()).or_default();
                let slots = members.entry(key.member.clone()).or_default();
                match slots.iter_mut().find(|slot| slot.is(node, key.connection)) {
                    Some(slot) => (slot.meta, slot.lingering) = (meta, lingering),
                    None => slots.push(Slot { node: node.clone(), connection: key.connection, meta, lingering }),
                }
                keys.insert(key);
            }
            Change::Linger { key } => {
                let slots = self.groups.get_mut(&key.group).and_then(|members| members.get_mut(&key.member));
                let slot = slots.and_then(|slots| slots.iter_mut().find(|slot| slot.is(node, key.connection)));
                if let Some(slot) = slot {
                    slot.lingering = true;
                }
            }
            Change::Drop { key } => {
                keys.remove(&key);
                let Some(members) = self.groups.get_mut(&key.group) else {
                    return;
                };
                if let Some(slots) = members.get_mut(&key.member) {
                    slots.retain(|slot| !slot.is(node, key.connection));
                    if slots.is_empty() {
                        members.remove(&key.member);
                    }
                }
                if members.is_empty() {
                    self.groups.remove(&key.group);
                }
            }
        }
    }

    fn slot(&self, node: &NodeId, key: &Key) -> Option<&Slot> {
        let slots = self.groups.get(&key.group)?.get(&key.member)?;
        slots.iter().find(|slot| slot.is(node, key.connection))
    }

    #[cfg(test)]
    pub fn check_invariants(&self) {
        let mut entries = 0;
        for members in self.groups.values() {
            assert!(!members.is_empty(), "an empty group is kept");
            for slots in members.values() {
                assert!(!slots.is_empty(), "a member without entries is kept");
                entries += slots.len();
            }
        }
        let of_peers = self.peers.iter().flat_map(|(node, peer)| peer.keys.iter().map(move |key| (node, key)));
        let keys: Vec<_> = of_peers.chain(self.own.iter().map(|key| (&self.me, key))).collect();
        assert_eq!(keys.len(), entries, "an entry without a key");
        for (node, key) in keys {
            assert!(self.slot(node, key).is_some(), "a key without an entry");
        }
        assert_eq!(self.lapse_of.len(), self.lapses.len());
        for key in self.lapse_of.keys() {
            assert!(self.slot(&self.me, key).is_some_and(|slot| slot.lingering), "a lapse of what does not linger");
        }
    }
}

fn view(slots: &[Slot]) -> Vec<Bytes> {
    let anybody_live = slots.iter().any(|slot| !slot.lingering);
    let counted = slots.iter().filter(|slot| !slot.lingering || !anybody_live);
    let mut metas: Vec<Bytes> = counted.map(|slot| slot.meta.clone()).collect();
    metas.sort();
    metas.dedup();
    metas
}

impl Slot {
    fn is(&self, node: &NodeId, connection: ConnectionId) -> bool {
        self.connection == connection && self.node == *node
    }
}

impl Peer {
    fn new(now: Instant) -> Self {
        Self { version: 0, keys: HashSet::new(), heard: now, asked: None, partial: None }
    }

    /// Takes one part of a snapshot; returns all its entries once the last is here.
    fn assemble(&mut self, version: u64, part: u32, parts: u32, entries: Vec<Change>) -> Option<Vec<Change>> {
        if part == 0 {
            self.partial = Some(Partial { version, next_part: 0, entries: Vec::new() });
        }
        let partial = self.partial.as_mut()?;
        if partial.version != version || partial.next_part != part || partial.entries.len() > MAX_ENTRIES {
            self.partial = None;
            return None;
        }
        partial.entries.extend(entries);
        partial.next_part += 1;
        if partial.next_part < parts {
            return None;
        }
        self.partial.take().map(|partial| partial.entries)
    }
}
