//! The task that delivers. See the module above for what it is for.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use switchboard_backplane::{Backplane, Channel, Incoming};
use switchboard_protocol::agent::{AgentServerFrame, Bye, ByeReason, ResetReason};
use switchboard_protocol::{AgentId, Position, limits};
use switchboard_store::event::{Audience, Batch, CommittedEvent};
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};

use super::sequence::Sequencer;
use super::{Feed, GAP_PATIENCE, POLL_EVERY, POLL_EVERY_ALONE, READ_EVENTS, Reach, Signal};
use crate::clock::Clock;
use crate::sessions::fanout::{Fanout, signal};
use crate::sessions::{Close, Person};
use crate::ws::frame::{self, CloseCode};

/// Local batches taken together when several have been committed since the last look.
const BATCHES_AT_ONCE: usize = 64;

/// Events in one publication to the other hubs; keeps it below the backplane's bound on payloads.
const EVENTS_A_PUBLICATION: usize = 128;

/// The heartbeat goes round once in this many steps.
const HEARTBEAT_STEPS: usize = 28;

struct Pump {
    feed: Arc<Feed>,
    backplane: Backplane,
    clock: Clock,
    sequencer: Sequencer,
    fanout: Fanout,
    /// When the hole that is now open was first seen.
    gap_since: Option<Instant>,
    /// A read of the store is under way.
    reading: bool,
    heartbeat_step: usize,
}

/// What a read of the store brought.
type Read = Vec<CommittedEvent>;

pub(super) async fn run(
    feed: Arc<Feed>,
    backplane: Backplane,
    mut signals: mpsc::Receiver<(Signal, Reach)>,
    clock: Clock,
    head: Position,
) {
    let mut committed = feed.store.committed();
    let mut others = backplane.subscribe();
    let (read_in, mut reads) = mpsc::channel::<Read>(1);
    let mut beat = interval(std::time::Duration::from_millis(u64::from(limits::HEARTBEAT_MS)) / HEARTBEAT_STEPS as u32);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut poll_at = Instant::now() + POLL_EVERY;
    let mut pump = Pump {
        sequencer: Sequencer::starting_after(head),
        fanout: Fanout::default(),
        gap_since: None,
        reading: false,
        heartbeat_step: 0,
        feed,
        backplane,
        clock,
    };
    let mut batches: Vec<Batch> = Vec::with_capacity(BATCHES_AT_ONCE);
    loop {
        let patience = pump.gap_since.map_or(poll_at, |since| since + GAP_PATIENCE).min(poll_at);
        tokio::select! {
            taken = committed.recv_many(&mut batches, BATCHES_AT_ONCE) => {
                if taken == 0 {
                    return;
                }
                pump.committed_here(&mut batches);
            }
            Some(incoming) = others.recv() => pump.heard(incoming, &read_in),
            Some((signal, reach)) = signals.recv() => pump.signal(&signal, reach),
            Some(events) = reads.recv() => {
                pump.reading = false;
                let full = events.len() == READ_EVENTS;
                pump.deliver(events);
                if full {
                    pump.read_store(&read_in);
                }
            }
            _ = beat.tick() => pump.heartbeat(),
            () = sleep_until(patience) => {
                let alone = !pump.backplane.health().connected;
                poll_at = Instant::now() + if alone { POLL_EVERY_ALONE } else { POLL_EVERY };
                pump.read_store(&read_in);
            }
        }
    }
}

impl Pump {
    fn committed_here(&mut self, batches: &mut Vec<Batch>) {
        let events: Vec<CommittedEvent> = batches.drain(..).flat_map(|batch| batch.to_vec()).collect();
        if self.backplane.has_others() {
            self.publish(&events);
        }
        self.deliver(events);
    }

    fn publish(&self, events: &[CommittedEvent]) {
        for part in events.chunks(EVENTS_A_PUBLICATION) {
            match postcard::to_stdvec(part) {
                Ok(bytes) => self.backplane.publish(Channel::Feed, Bytes::from(bytes)),
                Err(error) => {
                    tracing::error!(%error, "a batch of events cannot be encoded; the other hubs read the store")
                }
            }
        }
    }

    fn heard(&mut self, incoming: Incoming, read_in: &mpsc::Sender<Read>) {
        match incoming {
            Incoming::Message { channel: Channel::Feed, payload, .. } => {
                match postcard::from_bytes::<Vec<CommittedEvent>>(&payload) {
                    Ok(events) => self.deliver(events),
                    // Another version of the hub: what it says is in the store all the same.
                    Err(_) => self.read_store(read_in),
                }
            }
            Incoming::Message { channel: Channel::Signals, payload, .. } => {
                if let Ok(signal) = serde_json::from_slice::<Signal>(&payload) {
                    self.signal(&signal, Reach::Here);
                }
            }
            Incoming::Message { channel: Channel::Control, .. } => {}
            Incoming::Gap => self.read_store(read_in),
        }
    }

    /// Hands out what is due. Resets follow the event that causes them, before anything after it.
    fn deliver(&mut self, events: Vec<CommittedEvent>) {
        let due = self.sequencer.offer(events);
        self.gap_since = match (self.sequencer.has_gap(), self.gap_since) {
            (false, _) => None,
            (true, Some(since)) if due.is_empty() => Some(since),
            (true, _) => Some(Instant::now()),
        };
        let mut rest = &due[..];
        while !rest.is_empty() {
            let reset = rest.iter().position(|event| matches!(event.audience, Audience::Access(_)));
            let (now, later) = rest.split_at(reset.map_or(rest.len(), |at| at + 1));
            // The tail first: a session that begins to listen after this fan-out must find the events there.
            let mut tail = self.feed.tail.lock();
            now.iter().for_each(|event| tail.push(event.clone()));
            drop(tail);
            let deliveries = self.fanout.deliver(&self.feed.registry, now);
            self.feed.deliveries.fetch_add(deliveries, Ordering::Relaxed);
            self.feed.delivered.store(now[now.len() - 1].position, Ordering::Release);
            if let Some(Audience::Access(agent)) = reset.map(|at| rest[at].audience) {
                self.reset(agent);
            }
            rest = later;
        }
    }

    /// What this person may see has changed: their sockets hear nothing more until they have proved themselves anew.
    fn reset(&self, agent: AgentId) {
        let frame = frame::agent(&AgentServerFrame::Reset { why: ResetReason::AccessChanged });
        for session in self.feed.registry.of(Person::Agent(agent)) {
            self.feed.registry.listen(session.id, Vec::new());
            session.reset(frame.clone());
        }
    }

    fn signal(&self, told: &Signal, reach: Reach) {
        if reach == Reach::Everywhere
            && self.backplane.has_others()
            && let Ok(bytes) = serde_json::to_vec(told)
        {
            self.backplane.publish(Channel::Signals, Bytes::from(bytes));
        }
        signal(&self.feed.registry, &told.topics, told.except, told.key, &told.json);
    }

    /// Reads on from what was delivered, in a task of its own: the pump waits for no database.
    fn read_store(&mut self, read_in: &mpsc::Sender<Read>) {
        if std::mem::replace(&mut self.reading, true) {
            return;
        }
        self.gap_since = self.gap_since.map(|_| Instant::now());
        let (store, after, read_in) = (self.feed.store.clone(), self.sequencer.delivered(), read_in.clone());
        tokio::spawn(async move {
            let events = match switchboard_store::feed::since(&store, after, READ_EVENTS).await {
                Ok(events) => events,
                Err(error) => {
                    tracing::warn!(%error, after, "the feed cannot be read; live updates go on when the store is back");
                    Vec::new()
                }
            };
            let _ = read_in.send(events).await;
        });
    }

    /// One part of the sessions gets its heartbeat; those from whom nothing came for two of them are let go.
    fn heartbeat(&mut self) {
        self.heartbeat_step = (self.heartbeat_step + 1) % HEARTBEAT_STEPS;
        let now = self.clock.now();
        let ping = frame::agent(&AgentServerFrame::Ping { position: self.feed.delivered() });
        let silent_since = now - 2 * i64::from(limits::HEARTBEAT_MS);
        for session in self.feed.registry.part(self.heartbeat_step, HEARTBEAT_STEPS) {
            if session.heard_at() < silent_since {
                let bye = Bye { why: ByeReason::Silent, after_ms: 0 };
                session.send(frame::bye(bye, CloseCode::GoingAway));
                session.close(Close::Gone);
            } else if session.is_live() {
                session.send(ping.clone());
            }
        }
    }
}
