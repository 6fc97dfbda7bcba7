//! The task that delivers. See the module above for what it is for.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use switchboard_backplane::{Backplane, Channel, Incoming, MAX_PAYLOAD_BYTES};
use switchboard_protocol::agent::{AgentServerFrame, Bye, ByeReason, ResetReason};
use switchboard_protocol::{AgentId, Position};
use switchboard_store::Engine;
use switchboard_store::event::{Audience, Batch, CommittedEvent};
use switchboard_store::feed::Next;
use tokio::sync::mpsc;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval, sleep_until};

use super::fences::Fences;
use super::reading::{Found, Reading};
use super::sequence::Sequencer;
use super::tail::Tail;
use super::{Feed, GAP_PATIENCE, POLL_EVERY, POLLS_LEFT_OUT, READ_EVENTS, RIGHTS_AGE, Reach, Signal};
use crate::clock::Clock;
use crate::sessions::fanout::{Fanout, signal};
use crate::sessions::{Close, Overdue, Person, STALLED_AFTER, Session};
use crate::ws::frame::{self, CloseCode};

/// Local batches taken together when several have been committed since the last look.
const BATCHES_AT_ONCE: usize = 64;

/// Bytes of events in one publication to the other hubs, unless one alone is longer: the longest text takes some 120 kB in
/// both renderings, which is far below the backplane's bound too.
const PUBLICATION_BYTES: usize = MAX_PAYLOAD_BYTES / 4;

/// What an event takes in a publication besides its texts, bytes: two ids, and numbers.
const EVENT_HEAD_BYTES: usize = 128;

/// The heartbeat goes round once in this many steps.
const HEARTBEAT_STEPS: usize = 28;

struct Pump {
    feed: Arc<Feed>,
    backplane: Backplane,
    clock: Clock,
    sequencer: Sequencer,
    fanout: Fanout,
    fences: Fences,
    /// When the hole that is now open was first seen.
    gap_since: Option<Instant>,
    reading: Reading,
    heartbeat_step: usize,
    /// Polls left out since the last one, because nobody else should have written.
    polls_left_out: u32,
}

/// What others want told.
pub(super) struct Inlets {
    /// May be dropped before they come here.
    pub signals: mpsc::Receiver<(Signal, Reach)>,
    /// May not; their senders wait.
    pub told: mpsc::Receiver<Signal>,
}

/// What a read of the store brought. Nothing: it cannot be read.
struct Read {
    begun: Instant,
    next: Option<Next>,
}

pub(super) async fn run(feed: Arc<Feed>, backplane: Backplane, mut inlets: Inlets, clock: Clock, head: Position) {
    let mut committed = feed.store.committed();
    let mut others = backplane.subscribe();
    let (read_in, mut reads) = mpsc::channel::<Read>(1);
    let mut beat = every(feed.heartbeat() / HEARTBEAT_STEPS as u32);
    let mut poll = every(POLL_EVERY);
    let mut pump = Pump {
        sequencer: Sequencer::starting_after(head),
        fanout: Fanout::default(),
        fences: Fences::default(),
        gap_since: None,
        reading: Reading::starting(Instant::now()),
        heartbeat_step: 0,
        polls_left_out: 0,
        feed,
        backplane,
        clock,
    };
    let mut batches: Vec<Batch> = Vec::with_capacity(BATCHES_AT_ONCE);
    loop {
        let gap = pump.gap_since.map(|since| since + GAP_PATIENCE);
        tokio::select! {
            taken = committed.recv_many(&mut batches, BATCHES_AT_ONCE) => {
                if taken == 0 {
                    return;
                }
                pump.committed_here(&mut batches);
            }
            Some(incoming) = others.recv() => pump.heard(incoming, &read_in),
            Some((signal, reach)) = inlets.signals.recv() => pump.signal(&signal, reach),
            Some(signal) = inlets.told.recv(), if pump.knows_rights() => pump.signal(&signal, Reach::Here),
            Some(read) = reads.recv() => pump.take(read, &read_in),
            _ = beat.tick() => pump.heartbeat(),
            _ = poll.tick() => pump.poll(&read_in),
            () = sleep_until(gap.unwrap_or_else(Instant::now)), if gap.is_some() && !pump.reading.is_under_way() => {
                pump.read_store(&read_in);
            }
        }
    }
}

/// A batch in parts that the backplane takes, one event at least in each.
fn publications(events: &[CommittedEvent]) -> impl Iterator<Item = &[CommittedEvent]> {
    let bytes = |event: &CommittedEvent| {
        EVENT_HEAD_BYTES + event.staff.len() + event.visitor.as_ref().map_or(0, |(_, text)| text.len())
    };
    let mut taken = 0;
    events.chunk_by(move |last, next| {
        taken += bytes(last);
        let fits = taken + bytes(next) <= PUBLICATION_BYTES;
        if !fits {
            taken = 0;
        }
        fits
    })
}

fn every(period: Duration) -> Interval {
    let mut interval = interval(period);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    interval
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
        for part in publications(events) {
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
                    Err(_) => self.lost(read_in),
                }
            }
            Incoming::Message { channel: Channel::Signals, payload, .. } => {
                if let Ok(signal) = serde_json::from_slice::<Signal>(&payload) {
                    self.signal(&signal, Reach::Here);
                }
            }
            // Whoever waits for an answer hears it by itself.
            Incoming::Message { channel: Channel::Calls, .. } => {}
            Incoming::Gap => self.lost(read_in),
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
            tail.forget(now);
            drop(tail);
            now.iter().for_each(|event| self.fences.note(event));
            let deliveries = self.fanout.deliver(&self.feed.registry, now);
            self.feed.deliveries.fetch_add(deliveries, Ordering::Relaxed);
            if let Some(Audience::Access(agent)) = reset.map(|at| rest[at].audience) {
                self.reset(agent);
            }
            // After the reset: who reads the store up to here must not be one whose rights ended before.
            let newest = now[now.len() - 1].position;
            self.feed.delivered.store(newest, Ordering::Release);
            self.feed.moved.send_replace(newest);
            rest = later;
        }
    }

    /// What this person may see has changed.
    fn reset(&self, agent: AgentId) {
        for session in self.feed.registry.of(Person::Agent(agent)) {
            self.must_prove(&session, ResetReason::AccessChanged);
        }
    }

    /// A socket hears nothing more until it has proved itself anew. One that does not try to within a heartbeat ends.
    fn must_prove(&self, session: &Session, why: ResetReason) {
        self.feed.registry.listen(session.id, Vec::new());
        let frame = frame::agent(&AgentServerFrame::Reset { why });
        session.reset(frame, self.clock.ticks() + self.feed.heartbeat().as_millis() as i64);
    }

    fn signal(&self, told: &Signal, reach: Reach) {
        if reach == Reach::Everywhere
            && self.backplane.has_others()
            && let Ok(bytes) = serde_json::to_vec(told)
        {
            self.backplane.publish(Channel::Signals, Bytes::from(bytes));
        }
        let late = told.as_of.is_some_and(|as_of| !self.fences.lets(as_of));
        if late || !self.knows_rights() {
            metrics::counter!("switchboard_signals_dropped_total").increment(1);
            return;
        }
        let key = (told.key, told.may_wait());
        signal(&self.feed.registry, &told.topics, told.except, key, &told.json);
    }

    /// Looks whether the others have committed something of which the backplane said nothing: rights that end there end
    /// here too.
    fn poll(&mut self, read_in: &mpsc::Sender<Read>) {
        self.polls_left_out += 1;
        if self.may_have_others() || self.polls_left_out >= POLLS_LEFT_OUT {
            self.polls_left_out = 0;
            self.read_store(read_in);
        }
    }

    /// Reads on from what was delivered, in a task of its own: the pump waits for no database.
    fn read_store(&mut self, read_in: &mpsc::Sender<Read>) {
        if !self.reading.begins() {
            return;
        }
        let begun = Instant::now();
        self.gap_since = self.gap_since.map(|_| begun);
        let (store, after, read_in) = (self.feed.store.clone(), self.sequencer.delivered(), read_in.clone());
        tokio::spawn(async move {
            let next = match switchboard_store::feed::next(&store, after, READ_EVENTS).await {
                Ok(next) => Some(next),
                Err(error) => {
                    tracing::warn!(%error, after, "the feed cannot be read; live updates go on when the store is back");
                    None
                }
            };
            let _ = read_in.send(Read { begun, next }).await;
        });
    }

    /// Some of what the others committed has not come, or not in a form that can be read.
    fn lost(&mut self, read_in: &mpsc::Sender<Read>) {
        self.reading.lost();
        self.read_store(read_in);
    }

    fn take(&mut self, Read { begun, next }: Read, read_in: &mpsc::Sender<Read>) {
        let found = next.map(|next| match next {
            Next::Events { events, head } => {
                let full = events.len() == READ_EVENTS;
                self.deliver(events);
                Found { full, reached: self.sequencer.delivered() >= head }
            }
            Next::Forgotten { floor, head } => {
                // Unless it has been told meanwhile.
                if self.sequencer.delivered() < floor {
                    self.start_again(head);
                }
                Found { full: true, reached: self.sequencer.delivered() >= head }
            }
        });
        if self.reading.ended(begun, found) {
            self.read_store(read_in);
        }
    }

    /// The feed is followed from `head` on: what should have come next is forgotten, since this process stood still for
    /// longer than events are kept. Nobody here can be told what they missed, so everybody starts afresh; agents at once, whose
    /// rights may have ended in what is missing.
    fn start_again(&mut self, head: Position) {
        let after = self.sequencer.delivered();
        tracing::warn!(
            after,
            head,
            "the feed no longer reaches back to where this hub was; everybody here starts afresh"
        );
        self.sequencer.pass_over(head);
        *self.feed.tail.lock() = Tail::starting_after(self.sequencer.delivered());
        for session in self.feed.registry.part(0, 1) {
            match session.person {
                Person::Agent(_) => self.must_prove(&session, ResetReason::TooOld),
                Person::Visitor(_) => session.passed_by(head),
            }
        }
        self.feed.delivered.store(self.sequencer.delivered(), Ordering::Release);
        self.feed.moved.send_replace(self.sequencer.delivered());
        // What came early and follows right behind.
        self.deliver(Vec::new());
    }

    /// Whether rights that have ended on another hub have ended here too. Events stand in one order with the end of
    /// rights, and wait for it; what is true now stands in none.
    fn knows_rights(&self) -> bool {
        !self.may_have_others() || self.reading.age(Instant::now()) <= RIGHTS_AGE
    }

    /// Whether another hub may write to the same database: what can be shared may be, whether or not anybody has named a
    /// backplane to share too.
    fn may_have_others(&self) -> bool {
        self.backplane.has_others() || self.feed.store.engine() == Engine::Postgres
    }

    /// One part of the sessions gets its heartbeat. Those from whom nothing came for two of them are let go, and those whose
    /// sockets take nothing, whichever part they are in: another round would be too late. So would it be for those whose
    /// session or token has run out.
    fn heartbeat(&mut self) {
        let now = self.clock.ticks();
        let silent = now - 2 * self.feed.heartbeat().as_millis() as i64;
        let stalled = now - STALLED_AFTER.as_millis() as i64;
        for (session, overdue) in self.feed.registry.overdue(now, silent, stalled) {
            match overdue {
                Overdue::Silent => {
                    let bye = Bye { why: ByeReason::Silent, after_ms: 0 };
                    session.send(frame::bye(bye, CloseCode::GoingAway));
                    session.close(Close::Gone);
                }
                Overdue::Stalled => session.close(Close::Stalled),
                Overdue::Unproved if session.has_joined() => self.must_prove(&session, ResetReason::AccessChanged),
                Overdue::Unproved => session.lapse(),
            }
        }
        self.heartbeat_step = (self.heartbeat_step + 1) % HEARTBEAT_STEPS;
        let ping = |position| frame::agent(&AgentServerFrame::Ping { position });
        let (up_to, nowhere) = (ping(self.feed.delivered()), ping(0));
        for session in self.feed.registry.part(self.heartbeat_step, HEARTBEAT_STEPS) {
            session.beat(&up_to, &nowhere);
        }
    }
}

#[cfg(test)]
mod tests {
    use switchboard_protocol::{IdentityId, Ulid};

    use super::*;

    #[test]
    fn what_is_published_is_never_too_long_for_the_backplane_and_all_of_it_is() {
        let event = |position| {
            // Small ones between long ones, and one that takes a part by itself.
            let text: Arc<str> = "x".repeat([10, 30_000, 5_000, 400_000][(position % 4) as usize]).into();
            let visitor = Some((IdentityId(Ulid(1)), text.clone()));
            CommittedEvent { position, audience: Audience::Team, conversation_id: None, staff: text, visitor }
        };
        let events: Vec<_> = (1..=300).map(event).collect();
        for part in publications(&events) {
            let bytes = postcard::to_stdvec(part).expect("it can be encoded").len();
            assert!(bytes <= MAX_PAYLOAD_BYTES, "{} events are {bytes} bytes", part.len());
        }
        assert_eq!(publications(&events).collect::<Vec<_>>().concat(), events);
        let small: Vec<_> = (1..=100).map(|n| event(4 * n)).collect();
        assert_eq!(publications(&small).count(), 1, "what fits goes together");
    }
}
