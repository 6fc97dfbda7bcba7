//! A batch of committed events to everybody who may have it.
//!
//! At most 64 events go round at a time, so that what one session gets of them is one `u64`: bit *i* is the *i*th event.
//! Sessions with the same mask (agents of the same inboxes, mostly all of them) get the same bytes, put together once.
//! One write a session and round, whatever the number of events in it.

use std::collections::HashMap;

use bytes::{Bytes, BytesMut};
use switchboard_protocol::Position;
use switchboard_store::event::{Audience, CommittedEvent};

use super::registry::{Registry, Sessions, Topic};
use super::session::{Person, Transport};
use super::{EVENT_BYTES, SignalKey};
use crate::ws::frame;

/// Events in one round: the bits of a mask.
const ROUND: usize = 64;

/// Most bytes of one round, unless one event is longer: what a full socket leaves of it must fit into a session's queue.
const ROUND_BYTES: usize = EVENT_BYTES;

/// Which of the two renderings of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Side {
    Staff,
    Visitor,
}

/// Reused from round to round, so that a delivery allocates nothing but the bytes that it sends.
#[derive(Debug, Default)]
pub struct Fanout {
    masks: Vec<u64>,
    touched: Vec<usize>,
}

impl Fanout {
    /// Hands each event to the sessions that may have it. Positions rise by one. Returns the number of deliveries.
    pub fn deliver<T: Transport>(&mut self, registry: &Registry<T>, events: &[CommittedEvent]) -> u64 {
        let (mut rest, mut deliveries) = (events, 0);
        while !rest.is_empty() {
            let (round, later) = rest.split_at(round_of(rest));
            deliveries += registry.with(|sessions| self.round(sessions, round));
            rest = later;
        }
        deliveries
    }

    fn round<T: Transport>(&mut self, sessions: &Sessions<T>, events: &[CommittedEvent]) -> u64 {
        self.mark(sessions, events);
        let (first, last) = (events[0].position, events[events.len() - 1].position);
        let mut shared = Shared { events, blobs: HashMap::new() };
        let mut deliveries = 0;
        for slot in self.touched.drain(..) {
            let mask = std::mem::take(&mut self.masks[slot]);
            let Some(session) = sessions.at(slot) else { continue };
            let side = match session.person {
                Person::Agent(_) => Side::Staff,
                Person::Visitor(_) => Side::Visitor,
            };
            deliveries += u64::from(mask.count_ones());
            let blob = shared.blob(side, mask);
            session.deliver(first, last, &blob, |has| {
                let rest = mask & !events_up_to(has, first);
                (rest != 0).then(|| shared.blob(side, rest))
            });
        }
        deliveries
    }

    /// Sets, for each session concerned, the bits of its events.
    fn mark<T: Transport>(&mut self, sessions: &Sessions<T>, events: &[CommittedEvent]) {
        self.masks.resize(sessions.slots().max(self.masks.len()), 0);
        for (bit, event) in events.iter().enumerate() {
            let staff = match event.audience {
                Audience::Inbox(id) => Topic::of(id),
                Audience::Agent(id) | Audience::Access(id) => [Some(Topic::Agent(id)), None],
                Audience::Team => [Some(Topic::Team), None],
            };
            let visitor = event.visitor.as_ref().map(|(identity, _)| Topic::Identity(*identity));
            for topic in staff.into_iter().chain([visitor]).flatten() {
                for (slot, _) in sessions.listening(topic) {
                    if self.masks[slot] == 0 {
                        self.touched.push(slot);
                    }
                    self.masks[slot] |= 1 << bit;
                }
            }
        }
    }
}

/// Tells what is true now to those who listen to any of the topics, but not to `except` (who said it). What may not wait is
/// left out where a socket is full.
pub fn signal<T: Transport>(
    registry: &Registry<T>,
    topics: &[Topic],
    except: Option<Person>,
    (key, may_wait): (SignalKey, bool),
    json: &str,
) {
    let frame = frame::text(json);
    registry.with(|sessions| {
        for topic in topics {
            for (_, session) in sessions.listening(*topic) {
                if Some(session.person) != except {
                    session.signal(key, &frame, may_wait);
                }
            }
        }
    });
}

/// How many of these events make the next round; one at least.
fn round_of(events: &[CommittedEvent]) -> usize {
    let mut bytes = 0;
    let fit = events.iter().take(ROUND).take_while(|event| {
        bytes += event.staff.len();
        bytes <= ROUND_BYTES
    });
    fit.count().max(1)
}

/// The bits of the events that somebody who has `position` has already.
fn events_up_to(position: Position, first: Position) -> u64 {
    let had = (position + 1 - first).clamp(0, ROUND as Position) as u32;
    1u64.checked_shl(had).map_or(u64::MAX, |bit| bit - 1)
}

/// The bytes of a round, each combination put together once.
struct Shared<'e> {
    events: &'e [CommittedEvent],
    blobs: HashMap<(Side, u64), Bytes>,
}

impl Shared<'_> {
    fn blob(&mut self, side: Side, mask: u64) -> Bytes {
        if let Some(blob) = self.blobs.get(&(side, mask)) {
            return blob.clone();
        }
        let bits = (0..self.events.len()).filter(|bit| mask & (1 << bit) != 0);
        let texts = bits.filter_map(|bit| match side {
            Side::Staff => Some(&*self.events[bit].staff),
            Side::Visitor => self.events[bit].visitor.as_ref().map(|(_, text)| &**text),
        });
        let mut bytes = BytesMut::new();
        for text in texts {
            frame::put_text(&mut bytes, text);
        }
        let blob = bytes.freeze();
        self.blobs.insert((side, mask), blob.clone());
        blob
    }
}
