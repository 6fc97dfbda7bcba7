//! The backplane within one process: what Redis does for many, a few maps do here.
//!
//! A [`Fabric`] stands for the network; production has one node on it, tests put several there.

use std::collections::hash_map::Entry as Place;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use dashmap::DashMap;
use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::bus::{MAX_PAYLOAD_BYTES, Subscribers};
use crate::limit::LocalLimits;
use crate::offer::{Begin, Beginner, DOUBTED, Offer, Terms, WITHDRAWN, Withdraw};
use crate::stream::{AppendError, Entry, EntryId, MAX_ENTRIES};
use crate::{Backplane, Channel, Health, Incoming, Lease, NodeId, Presence, Quota, RetryAfter, Subscription};

/// What the nodes of one process share.
#[derive(Clone, Default)]
pub struct Fabric(Arc<Shared>);

#[derive(Default)]
struct Shared {
    nodes: DashMap<NodeId, Port>,
    limits: LocalLimits,
    leases: Mutex<Leases>,
    streams: DashMap<String, Arc<LocalStream>>,
    kept: DashMap<String, (Instant, Bytes)>,
    offers: Mutex<HashMap<String, LocalOffer>>,
}

/// Where a node hears the others.
struct Port {
    subscribers: Arc<Subscribers>,
    presence: Presence,
}

#[derive(Default)]
struct Leases {
    last_fencing: u64,
    held: HashMap<String, HeldLease>,
}

struct HeldLease {
    fencing: u64,
    until: Instant,
}

/// One node of a [`Fabric`].
pub struct LocalNode {
    node: NodeId,
    fabric: Fabric,
    subscribers: Arc<Subscribers>,
    presence: Presence,
    dropped: std::sync::atomic::AtomicU64,
    since: Instant,
    _tasks: JoinSet<()>,
}

impl Fabric {
    /// Adds a node; it leaves when the last clone of the handle is dropped, without a word, as a crash would.
    pub fn join(&self, node: NodeId) -> Backplane {
        let subscribers = Arc::new(Subscribers::new());
        let presence = Presence::new(node.clone());
        let port = Port { subscribers: subscribers.clone(), presence: presence.clone() };
        self.0.nodes.insert(node.clone(), port);
        presence.link(true);
        let mut tasks = JoinSet::new();
        let (fabric, me) = (self.clone(), node.clone());
        tasks.spawn(presence.clone().run(move |gossip| fabric.gossip(&me, &gossip)));
        Backplane::Local(Arc::new(LocalNode {
            node,
            fabric: self.clone(),
            subscribers,
            presence,
            dropped: Default::default(),
            since: Instant::now(),
            _tasks: tasks,
        }))
    }

    fn gossip(&self, from: &NodeId, bytes: &[u8]) {
        for port in self.0.nodes.iter().filter(|port| port.key() != from) {
            port.presence.hear(from, bytes);
        }
    }
}

impl Drop for LocalNode {
    fn drop(&mut self) {
        self.fabric.0.nodes.remove(&self.node);
        self.presence.close();
        self.subscribers.close();
    }
}

impl LocalNode {
    pub(crate) fn node(&self) -> &NodeId {
        &self.node
    }

    pub(crate) fn health(&self) -> Health {
        let dropped = self.dropped.load(std::sync::atomic::Ordering::Relaxed);
        Health { connected: true, since: self.since, dropped }
    }

    /// Whether there is another node in this process.
    pub(crate) fn has_others(&self) -> bool {
        self.fabric.0.nodes.len() > 1
    }

    pub(crate) fn publish(&self, channel: Channel, payload: Bytes) {
        let incoming = if payload.len() > MAX_PAYLOAD_BYTES {
            self.dropped.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            Incoming::Gap
        } else {
            Incoming::Message { channel, from: self.node.clone(), payload }
        };
        for port in self.fabric.0.nodes.iter().filter(|port| *port.key() != self.node) {
            port.subscribers.hand_out(incoming.clone());
        }
    }

    pub(crate) fn subscribe(&self) -> Subscription {
        self.subscribers.subscribe()
    }

    pub(crate) fn presence(&self) -> &Presence {
        &self.presence
    }

    pub(crate) fn limit(&self, key: &str, quota: Quota) -> Result<(), RetryAfter> {
        self.fabric.0.limits.check(key, quota)
    }
}

struct LocalOffer {
    rank: u64,
    only: Option<u64>,
    nonce: String,
    until: Instant,
    mark: Option<String>,
}

impl LocalOffer {
    fn fresh(offer: &Offer, only: Option<u64>, terms: Terms, mark: Option<String>) -> Self {
        Self { rank: terms.rank, only, nonce: offer.nonce.clone(), until: Instant::now() + terms.time, mark }
    }

    /// Whether it is another one, by somebody who came later, or this one, and was withdrawn.
    fn goes_before(&self, offer: &Offer, terms: Terms) -> bool {
        if self.nonce == offer.nonce {
            return self.mark.as_deref().is_some_and(|mark| mark == WITHDRAWN || mark == DOUBTED);
        }
        self.rank > terms.rank
    }
}

/// Values for a time, and offers.
impl LocalNode {
    pub(crate) fn keep(&self, key: &str, value: Bytes, ttl: Duration) {
        let now = Instant::now();
        self.fabric.0.kept.retain(|_, (until, _)| *until > now);
        self.fabric.0.kept.insert(key.to_owned(), (now + ttl, value));
    }

    pub(crate) fn kept(&self, key: &str) -> Option<Bytes> {
        let kept = self.fabric.0.kept.get(key)?;
        (kept.0 > Instant::now()).then(|| kept.1.clone())
    }

    pub(crate) fn forget(&self, keys: &[String]) {
        for key in keys {
            self.fabric.0.kept.remove(key);
        }
    }

    pub(crate) fn offer(&self, offer: &Offer, terms: Terms) -> bool {
        self.lay_offer(offer, None, terms, false)
    }

    pub(crate) fn offer_again(&self, offer: &Offer, only: Option<u64>, terms: Terms) -> bool {
        self.lay_offer(offer, only, terms, true)
    }

    fn lay_offer(&self, offer: &Offer, only: Option<u64>, terms: Terms, again: bool) -> bool {
        let mut offers = self.fabric.0.offers.lock();
        let known = offers.get(&offer.name);
        if known.is_some_and(|it| it.goes_before(offer, terms)) {
            return false;
        }
        let same = known.filter(|it| again && it.nonce == offer.nonce);
        let mark = same.and_then(|it| it.mark.clone());
        offers.insert(offer.name.clone(), LocalOffer::fresh(offer, only, terms, mark));
        true
    }

    pub(crate) fn begin(&self, offer: &Offer, by: &Beginner) -> Begin {
        let now = Instant::now();
        let leases = self.fabric.0.leases.lock();
        let holds = leases.held.get(&by.lease).is_some_and(|held| held.fencing == by.fencing && held.until > now);
        let mut offers = self.fabric.0.offers.lock();
        let Some(it) = offers.get_mut(&offer.name).filter(|it| it.nonce == offer.nonce) else { return Begin::Not };
        if it.mark.is_none() && holds && it.until >= now && it.only.is_none_or(|only| only == by.fencing) {
            it.mark = Some(by.mark.clone());
        }
        if it.mark.as_ref() == Some(&by.mark) { Begin::Begun } else { Begin::Not }
    }

    pub(crate) fn withdraw(&self, offer: &Offer, rank: u64) -> Withdraw {
        let mut offers = self.fabric.0.offers.lock();
        let it = match offers.entry(offer.name.clone()) {
            Place::Occupied(place) => place.into_mut(),
            Place::Vacant(place) => {
                let terms = Terms { rank, time: Duration::ZERO, kept: Duration::ZERO };
                place.insert(LocalOffer::fresh(offer, None, terms, Some(DOUBTED.to_owned())));
                return Withdraw::Unknown;
            }
        };
        it.rank = it.rank.max(rank);
        if it.nonce != offer.nonce {
            return Withdraw::Unknown;
        }
        match it.mark.get_or_insert_with(|| WITHDRAWN.to_owned()).as_str() {
            WITHDRAWN => Withdraw::NeverBegun,
            DOUBTED => Withdraw::Unknown,
            _ => Withdraw::Begun,
        }
    }
}

/// Leases.
impl LocalNode {
    pub(crate) fn lease(self: &Arc<Self>, name: &str, ttl: Duration) -> Option<Lease> {
        let now = Instant::now();
        let mut leases = self.fabric.0.leases.lock();
        leases.held.retain(|_, held| held.until > now);
        if leases.held.contains_key(name) {
            return None;
        }
        leases.last_fencing += 1;
        let fencing = leases.last_fencing;
        leases.held.insert(name.to_owned(), HeldLease { fencing, until: now + ttl });
        Some(Lease::new(Backplane::Local(self.clone()), name, ttl, fencing, now))
    }

    pub(crate) fn lease_renew(&self, name: &str, fencing: u64, ttl: Duration) -> bool {
        let mut leases = self.fabric.0.leases.lock();
        match leases.held.get_mut(name) {
            Some(held) if held.fencing == fencing => {
                held.until = Instant::now() + ttl;
                true
            }
            _ => false,
        }
    }

    pub(crate) fn lease_release(&self, name: &str, fencing: u64) {
        let mut leases = self.fabric.0.leases.lock();
        if leases.held.get(name).is_some_and(|held| held.fencing == fencing) {
            leases.held.remove(name);
        }
    }
}

#[derive(Default)]
struct LocalStream {
    entries: Mutex<Entries>,
    appended: Notify,
}

#[derive(Default)]
struct Entries {
    last_id: u64,
    waiting: VecDeque<(u64, Bytes)>,
    claimed: BTreeMap<u64, Claimed>,
}

struct Claimed {
    at: Instant,
    payload: Bytes,
}

/// The ingest stream.
impl LocalNode {
    pub(crate) fn stream_append(&self, name: &str, payload: Bytes) -> Result<EntryId, AppendError> {
        let stream = self.local_stream(name);
        let mut entries = stream.entries.lock();
        if entries.waiting.len() + entries.claimed.len() >= MAX_ENTRIES {
            return Err(AppendError::Full);
        }
        entries.last_id += 1;
        let id = entries.last_id;
        entries.waiting.push_back((id, payload));
        stream.appended.notify_one();
        Ok(entry_id(id))
    }

    pub(crate) async fn stream_claim(&self, name: &str, most: usize, wait: Duration) -> Vec<Entry> {
        let stream = self.local_stream(name);
        let until = Instant::now() + wait;
        loop {
            let claimed = stream.claim(most);
            if !claimed.is_empty() || tokio::time::timeout_at(until, stream.appended.notified()).await.is_err() {
                return claimed;
            }
        }
    }

    pub(crate) fn stream_ack(&self, name: &str, ids: &[EntryId]) {
        let stream = self.local_stream(name);
        let mut entries = stream.entries.lock();
        for id in ids.iter().filter_map(|id| id.0.parse().ok()) {
            entries.claimed.remove(&id);
        }
    }

    pub(crate) fn stream_reclaim(&self, name: &str, idle: Duration, most: usize) -> Vec<Entry> {
        let stream = self.local_stream(name);
        let now = Instant::now();
        let mut entries = stream.entries.lock();
        let stale = entries.claimed.iter_mut().filter(|(_, claimed)| claimed.at + idle <= now);
        let taken = stale.take(most).map(|(id, claimed)| {
            claimed.at = now;
            Entry { id: entry_id(*id), payload: claimed.payload.clone() }
        });
        taken.collect()
    }

    fn local_stream(&self, name: &str) -> Arc<LocalStream> {
        self.fabric.0.streams.entry(name.to_owned()).or_default().clone()
    }
}

impl LocalStream {
    fn claim(&self, most: usize) -> Vec<Entry> {
        let mut entries = self.entries.lock();
        let taken = most.min(entries.waiting.len());
        let batch: Vec<(u64, Bytes)> = entries.waiting.drain(..taken).collect();
        for (id, payload) in &batch {
            entries.claimed.insert(*id, Claimed { at: Instant::now(), payload: payload.clone() });
        }
        if !entries.waiting.is_empty() {
            // Another consumer may be waiting for what is left.
            self.appended.notify_one();
        }
        batch.into_iter().map(|(id, payload)| Entry { id: entry_id(id), payload }).collect()
    }
}

fn entry_id(id: u64) -> EntryId {
    EntryId(id.to_string())
}
