//! The registry, the fan-out, and the ways of joining and of falling behind, in a closed world: no socket, no clock. Random
//! people come, read, stop reading, lose their rights and go while events are committed; each must hold exactly what it may
//! see, in order, once, and what waits for them is bounded.

use std::collections::BTreeSet;
use std::io::{self, IoSlice};
use std::sync::Arc;

use bytes::Bytes;
use parking_lot::Mutex;
use proptest::prelude::*;
use switchboard_domain::Visibility;
use switchboard_protocol::{AgentId, ConnectionId, ConversationId, IdentityId, InboxId, Position, Ulid};
use switchboard_store::event::{Audience, CommittedEvent};
use tungstenite::protocol::{Role, WebSocketContext};

use super::fanout::Fanout;
use super::registry::{Overdue, Start};
use super::{
    Close, EVENT_BYTES, NEVER, Person, QUEUE_BYTES, Registry, SIGNAL_SLOTS, Session, SignalKey, Topic, Transport,
};
use crate::feed::Reader;
use crate::feed::tail::Tail;
use crate::ws::frame;

/// A socket that takes so many bytes and then is full.
#[derive(Debug, Default)]
struct Pipe {
    room: Mutex<usize>,
    written: Mutex<Vec<u8>>,
}

impl Transport for Pipe {
    fn try_write(&self, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
        let mut room = self.room.lock();
        if *room == 0 {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let bytes: Vec<u8> = pieces.iter().flat_map(|piece| piece.iter().copied()).take(*room).collect();
        *room -= bytes.len();
        self.written.lock().extend_from_slice(&bytes);
        Ok(bytes.len())
    }
}

impl Pipe {
    fn drain(session: &Session<Self>) {
        *session.transport().room.lock() = usize::MAX;
        session.flush(0);
    }

    /// What an independent client reads.
    fn texts(&self) -> Vec<String> {
        struct Wire<'a>(&'a [u8]);
        impl io::Read for Wire<'_> {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                if self.0.is_empty() {
                    Err(io::ErrorKind::WouldBlock.into())
                } else {
                    io::Read::read(&mut self.0, buffer)
                }
            }
        }
        impl io::Write for Wire<'_> {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                Ok(bytes.len())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let written = self.written.lock();
        let (mut wire, mut client) = (Wire(&written), WebSocketContext::new(Role::Client, None));
        let mut texts = Vec::new();
        while let Ok(message) = client.read(&mut wire) {
            texts.push(message.to_text().unwrap().to_owned());
        }
        texts
    }
}

fn inbox(n: u8) -> InboxId {
    InboxId(Ulid(u128::from(n)))
}

fn agent(n: u8) -> AgentId {
    AgentId(Ulid(u128::from(n)))
}

fn identity(n: u8) -> IdentityId {
    IdentityId(Ulid(u128::from(n)))
}

/// One step of the world.
#[derive(Debug, Clone)]
enum Step {
    /// So many events are committed together.
    Events {
        audience: u8,
        visitor: Option<u8>,
        count: usize,
    },
    /// The session starts to listen, from this many events ago.
    Start {
        who: usize,
        ago: usize,
    },
    /// It is handed a part of what it has missed.
    CatchUp {
        who: usize,
    },
    /// The team is online, somebody came, or looks at something.
    Signal {
        kind: u8,
    },
    /// What it may see changes.
    Reset {
        who: usize,
    },
    /// Its socket takes so many bytes more.
    Room {
        who: usize,
        bytes: usize,
    },
    Leave {
        who: usize,
    },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let who = 0..6usize;
    let step = prop_oneof![
        6 => (0..8u8, prop::option::of(0..3u8), 1..8usize)
            .prop_map(|(audience, visitor, count)| Step::Events { audience, visitor, count }),
        2 => (who.clone(), 0..5usize).prop_map(|(who, ago)| Step::Start { who, ago }),
        3 => who.clone().prop_map(|who| Step::CatchUp { who }),
        2 => (who.clone(), 1..2 * EVENT_BYTES).prop_map(|(who, bytes)| Step::Room { who, bytes }),
        2 => (0..3u8).prop_map(|kind| Step::Signal { kind }),
        1 => who.clone().prop_map(|who| Step::Reset { who }),
        1 => who.prop_map(|who| Step::Leave { who }),
    ];
    prop::collection::vec(step, 1..160)
}

/// Six people: an admin, three agents with other inboxes each, two visitors.
fn reader(who: usize) -> Reader {
    let of = |inboxes: &[u8]| Visibility::Inboxes(inboxes.iter().map(|n| inbox(*n)).collect::<BTreeSet<_>>());
    match who {
        0 => Reader::Agent { id: agent(0), visibility: Visibility::All },
        1 => Reader::Agent { id: agent(1), visibility: of(&[0, 1]) },
        2 => Reader::Agent { id: agent(2), visibility: of(&[2]) },
        3 => Reader::Agent { id: agent(3), visibility: of(&[]) },
        n => Reader::Visitor { identity: identity(n as u8 - 4) },
    }
}

fn topics(reader: &Reader) -> (Person, Vec<Topic>) {
    match reader {
        Reader::Visitor { identity } => (Person::Visitor(*identity), vec![Topic::Identity(*identity)]),
        Reader::Agent { id, visibility } => {
            let mut topics = vec![Topic::Team, Topic::Agent(*id)];
            match visibility {
                Visibility::All | Visibility::Team => topics.push(Topic::EveryInbox),
                Visibility::Inboxes(inboxes) => topics.extend(inboxes.iter().map(|id| Topic::Inbox(*id))),
            }
            (Person::Agent(*id), topics)
        }
    }
}

#[derive(Default)]
struct World {
    registry: Registry<Pipe>,
    fanout: Fanout,
    events: Vec<CommittedEvent>,
    tail: Option<Tail>,
    next_id: u128,
    signals: u64,
}

/// A session with where it began, and where its rights ended.
struct Here {
    session: Arc<Session<Pipe>>,
    from: Position,
    reset: Option<Position>,
}

/// So few events fill a queue.
const EVENT_LENGTH: usize = EVENT_BYTES / 10;

/// An event, long enough that queues overflow.
fn text(side: &str, position: Position) -> Arc<str> {
    format!("{side} {position} {}", "x".repeat(EVENT_LENGTH)).into()
}

impl World {
    fn commit(&mut self, audience: u8, visitor: Option<u8>, count: usize) {
        let audience = match audience {
            0..=3 => Audience::Inbox(inbox(audience)),
            4..=6 => Audience::Agent(agent(audience - 4)),
            _ => Audience::Team,
        };
        let newest = self.events.len() as Position;
        let event = |position| CommittedEvent {
            position,
            audience,
            conversation_id: None,
            staff: text("staff", position),
            visitor: visitor.map(|n| (identity(n), text("visitor", position))),
        };
        let batch: Vec<_> = (newest + 1..=newest + count as Position).map(event).collect();
        let tail = self.tail.get_or_insert_with(|| Tail::starting_after(0));
        batch.iter().for_each(|event| tail.push(event.clone()));
        self.fanout.deliver(&self.registry, &batch);
        self.events.extend(batch);
    }

    fn start(&mut self, who: usize, ago: usize) -> Here {
        let reader = reader(who);
        let (person, topics) = topics(&reader);
        self.next_id += 1;
        let session = Arc::new(Session::new(ConnectionId(Ulid(self.next_id)), person, Pipe::default(), 0));
        self.registry.add(session.clone());
        session.start_joining();
        let from = self.events.len().saturating_sub(ago) as Position;
        let start = Start { position: from, holds_until: NEVER };
        let newest = || self.tail.as_ref().map_or(0, Tail::newest);
        assert!(self.registry.join(&session, topics, start, newest, frame::text("welcome")));
        Here { session, from, reset: None }
    }

    fn catch_up(&self, who: usize, here: &Here) {
        let (Some(tail), Some(position)) = (&self.tail, here.session.catches_up_from()) else { return };
        let caught = tail.after(&reader(who), position, 3 * EVENT_LENGTH).unwrap();
        let frames: Vec<u8> = caught.frames.iter().flat_map(|text| frame::text(text)).collect();
        here.session.catch_up(position, frames.into(), caught.position);
    }

    fn signal(&mut self, kind: u8) {
        self.signals += 1;
        let key = match kind {
            0 => SignalKey::TeamOnline,
            1 => SignalKey::Team(self.signals),
            _ => SignalKey::Viewers(ConversationId(Ulid(self.signals.into()))),
        };
        super::fanout::signal(&self.registry, &[Topic::Team, Topic::EveryVisitor], None, (key, true), "signal");
    }

    /// As the pump does.
    fn reset(&self, here: &mut Here) {
        self.registry.listen(here.session.id, Vec::new());
        here.session.reset(frame::text("reset"), NEVER);
        here.reset = Some(self.events.len() as Position);
    }

    /// Reads all that there is for it.
    fn reads_to_the_end(&self, who: usize, here: &Here) {
        Pipe::drain(&here.session);
        while self.tail.is_some() && here.reset.is_none() && !here.session.is_live() {
            self.catch_up(who, here);
        }
    }

    /// What it must have heard; of one that was reset, what it may have heard at most.
    fn expected(&self, who: usize, here: &Here) -> Vec<String> {
        let reader = reader(who);
        let until = here.reset.unwrap_or(Position::MAX);
        let theirs = self.events.iter().filter(|event| event.position > here.from && event.position <= until);
        theirs.filter_map(|event| reader.frame(event)).map(|frame| frame.to_string()).collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn everybody_gets_what_is_theirs_in_order_and_once(steps in steps()) {
        let mut world = World::default();
        let mut people: Vec<Option<Here>> = (0..6).map(|_| None).collect();
        for step in steps {
            match step {
                Step::Events { audience, visitor, count } => world.commit(audience, visitor, count),
                Step::Start { who, ago } => if people[who].is_none() { people[who] = Some(world.start(who, ago)) },
                Step::CatchUp { who } => if let Some(here) = &people[who] { world.catch_up(who, here) },
                Step::Room { who, bytes } => if let Some(here) = &people[who] {
                    *here.session.transport().room.lock() += bytes;
                    here.session.flush(0);
                },
                Step::Signal { kind } => world.signal(kind),
                Step::Reset { who } => if let Some(here) = &mut people[who] { world.reset(here) },
                Step::Leave { who } => if let Some(here) = people[who].take() { world.registry.remove(here.session.id) },
            }
            world.registry.check_invariants();
            for here in people.iter().flatten() {
                prop_assert!(here.session.queued_bytes() <= QUEUE_BYTES);
            }
        }
        for (who, here) in people.iter().enumerate() {
            let Some(here) = here else { continue };
            world.reads_to_the_end(who, here);
            prop_assert_eq!(here.session.closing(), None);
            let mut texts = here.session.transport().texts();
            let after_reset = texts.iter().position(|text| text == "reset").map(|at| texts.split_off(at));
            prop_assert_eq!(after_reset.is_some(), here.reset.is_some());
            prop_assert!(after_reset.is_none_or(|texts| texts.iter().all(|text| text == "reset")), "nothing more");
            prop_assert_eq!(texts.remove(0), "welcome");
            texts.retain(|text| text != "signal");
            let mut expected = world.expected(who, here);
            if here.reset.is_some() {
                expected.truncate(texts.len());
            }
            prop_assert!(texts == expected, "person {} has {} of {}", who, texts.len(), expected.len());
        }
    }
}

/// As many bytes of events as no queue and no socket holds, in one batch.
fn burst(events: Position) -> Vec<CommittedEvent> {
    let event = |position| CommittedEvent {
        position,
        audience: Audience::Team,
        conversation_id: None,
        staff: text("staff", position),
        visitor: None,
    };
    (1..=events).map(event).collect()
}

#[test]
fn a_burst_reaches_who_reads_and_ends_nobody() {
    let mut world = World::default();
    let (reading, resting) = (world.start(0, 0), world.start(1, 0));
    for here in [&reading, &resting] {
        Pipe::drain(&here.session);
        here.session.catch_up(0, Bytes::new(), 0);
        assert!(here.session.is_live());
        *here.session.transport().room.lock() = 3 * EVENT_BYTES;
    }
    let events = burst(256);
    world.events = events.clone();
    let tail = world.tail.insert(Tail::starting_after(0));
    events.iter().for_each(|event| tail.push(event.clone()));
    world.fanout.deliver(&world.registry, &events);
    for here in [&reading, &resting] {
        assert!(!here.session.is_live());
        assert_eq!(here.session.closing(), None);
        assert!(here.session.queued_bytes() <= QUEUE_BYTES);
    }
    world.reads_to_the_end(0, &reading);
    let texts = reading.session.transport().texts();
    assert!(texts[1..] == world.expected(0, &reading), "{} of {}", texts.len() - 1, events.len());
}

#[test]
fn no_number_of_signals_ends_who_does_not_read() {
    let mut world = World::default();
    let here = world.start(0, 0);
    for _ in 0..3 * SIGNAL_SLOTS {
        world.signal(2);
    }
    assert_eq!(here.session.closing(), None);
    assert!(here.session.queued_bytes() <= QUEUE_BYTES);
    Pipe::drain(&here.session);
    assert!(here.session.take_untold(), "it is told anew what is true now");
}

#[test]
fn what_may_not_wait_does_not_come_behind_events_that_a_full_socket_takes_first() {
    let mut world = World::default();
    let here = world.start(0, 0);
    Pipe::drain(&here.session);
    world.reads_to_the_end(0, &here);
    *here.session.transport().room.lock() = 0;
    world.commit(7, None, 1);
    for (key, may_wait, text) in [(SignalKey::TeamOnline, true, "waits"), (SignalKey::Team(1), false, "does not")] {
        super::fanout::signal(&world.registry, &[Topic::Team], None, (key, may_wait), text);
    }
    world.commit(7, None, 1);
    Pipe::drain(&here.session);
    let texts = here.session.transport().texts();
    assert!(texts.iter().any(|text| text == "waits") && !texts.iter().any(|text| text == "does not"), "{texts:?}");
}

/// Its client says, when it comes back, that it has everything up to what the last heartbeat named.
#[test]
fn a_heartbeat_names_a_position_only_to_who_has_everything_up_to_it() {
    let (up_to, nowhere) = (frame::text("up to 40"), frame::text("nowhere"));
    let mut world = World::default();
    let mut here = world.start(0, 0);
    let heard = |here: &Here| {
        here.session.beat(&up_to, &nowhere);
        Pipe::drain(&here.session);
        here.session.transport().texts().pop().unwrap()
    };
    assert_eq!(heard(&here), "nowhere", "it has yet to be told what it missed");
    world.commit(7, None, 1);
    world.reads_to_the_end(0, &here);
    assert_eq!(heard(&here), "up to 40");
    *here.session.transport().room.lock() = 0;
    world.commit(7, None, 40);
    assert_eq!(heard(&here), "nowhere", "it has fallen behind");
    world.reads_to_the_end(0, &here);
    assert_eq!(heard(&here), "up to 40");
    here.session.start_joining();
    assert_eq!(heard(&here), "nowhere", "it is to say from where it goes on");
    world.reset(&mut here);
    assert_eq!(heard(&here), "nowhere", "it is to take a new snapshot");
}

#[test]
fn who_takes_nothing_is_found_after_the_bound_and_who_takes_something_is_not() {
    const BOUND: i64 = 10;
    let world = World::default();
    let (stalled, slow, idle) = (full(&world), full(&world), full(&world));
    Pipe::drain(&idle);
    let found = |now: i64| -> Vec<_> {
        let found = world.registry.overdue(now, i64::MIN, now - BOUND);
        found.into_iter().map(|(session, why)| (session.id, why)).collect()
    };
    assert_eq!(found(100), [], "the first look begins the count");
    for now in [105, 109] {
        *slow.transport().room.lock() = 1;
        slow.flush(now);
        assert_eq!(found(now), []);
    }
    assert_eq!(found(110), [(stalled.id, Overdue::Stalled)]);
    assert_eq!(slow.heard_at(), 109, "to take something shows life");
    stalled.close(Close::Stalled);
    assert_eq!(stalled.queued_bytes(), 0, "what it cost is given back");
    assert_eq!(found(118), []);
    assert_eq!(found(119), [(slow.id, Overdue::Stalled)]);
    Pipe::drain(&slow);
    assert_eq!(found(1_000), [], "who has nothing to take is not stalled");
}

#[test]
fn who_does_not_resume_in_time_is_found_and_who_does_is_not() {
    let mut world = World::default();
    let (idle, late) = (world.start(0, 0).session, world.start(0, 0).session);
    let overdue = |now| -> Vec<_> { world.registry.overdue(now, i64::MIN, i64::MIN).into_iter().collect() };
    let found = |now| -> Vec<_> { overdue(now).iter().map(|(session, why)| (session.id, *why)).collect() };
    late.reset(frame::text("reset"), 10);
    idle.reset(frame::text("reset"), 10);
    assert_eq!(found(9), []);
    idle.start_joining();
    assert_eq!(found(10), [(late.id, Overdue::Unproved)]);
    let start = Start { position: 0, holds_until: 20 };
    assert!(world.registry.join(&idle, Vec::new(), start, || 0, frame::text("welcome")));
    for (session, _) in overdue(19) {
        session.lapse();
    }
    assert_eq!((late.has_lapsed(), idle.has_lapsed()), (true, false));
    late.put_off(30);
    assert_eq!(found(20), [(idle.id, Overdue::Unproved), (late.id, Overdue::Unproved)]);
    idle.put_off(30);
    assert_eq!(found(29), [(late.id, Overdue::Unproved)], "its proof is good for longer than was known");
    assert_eq!(found(30), [(idle.id, Overdue::Unproved), (late.id, Overdue::Unproved)]);
    idle.lapse();
    assert!(!idle.has_lapsed(), "who has joined is told first");
    late.start_joining();
    assert!(!late.has_lapsed(), "better late than never");
}

/// A session whose socket is full, with its welcome before it.
fn full(world: &World) -> Arc<Session<Pipe>> {
    let id = ConnectionId(Ulid(world.registry.count().0 as u128 + 1));
    let session = Arc::new(Session::new(id, Person::Agent(agent(0)), Pipe::default(), 0));
    world.registry.add(session.clone());
    session.send(frame::text("welcome"));
    session
}

#[test]
fn several_events_of_one_round_leave_in_one_write_of_shared_bytes() {
    let mut world = World::default();
    let here = world.start(0, 0);
    Pipe::drain(&here.session);
    here.session.catch_up(0, Bytes::new(), 0);
    let events: Vec<_> = (1..=200)
        .map(|position| CommittedEvent {
            position,
            audience: Audience::Team,
            conversation_id: None,
            staff: format!("staff {position}").into(),
            visitor: None,
        })
        .collect();
    let deliveries = world.fanout.deliver(&world.registry, &events);
    assert_eq!(deliveries, 200);
    let expected: Vec<_> = (1..=200).map(|position| format!("staff {position}")).collect();
    assert_eq!(here.session.transport().texts()[1..], expected);
}
