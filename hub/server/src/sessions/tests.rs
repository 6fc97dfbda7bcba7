//! The registry, the fan-out and the way of joining, in a closed world: no socket, no clock. Random people come, read,
//! stall and go while events are committed; each must hold exactly what it may see, in order, once.

use std::collections::BTreeSet;
use std::io::{self, IoSlice};
use std::sync::Arc;

use parking_lot::Mutex;
use proptest::prelude::*;
use switchboard_domain::Visibility;
use switchboard_protocol::{AgentId, ConnectionId, IdentityId, InboxId, Position, Ulid};
use switchboard_store::event::{Audience, CommittedEvent};
use tungstenite::protocol::{Role, WebSocketContext};

use super::fanout::Fanout;
use super::{Close, Joined, Joining, Person, QUEUE_BYTES, Registry, Session, Topic, Transport};
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
        session.flush();
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
    Event {
        audience: u8,
        visitor: Option<u8>,
    },
    /// The session starts to listen, from this many events ago.
    Start {
        who: usize,
        ago: usize,
    },
    /// It reads what it has missed and tries to go live.
    CatchUp {
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
        6 => (0..8u8, prop::option::of(0..3u8)).prop_map(|(audience, visitor)| Step::Event { audience, visitor }),
        2 => (who.clone(), 0..5usize).prop_map(|(who, ago)| Step::Start { who, ago }),
        3 => who.clone().prop_map(|who| Step::CatchUp { who }),
        2 => (who.clone(), 1..200usize).prop_map(|(who, bytes)| Step::Room { who, bytes }),
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
                Visibility::All => topics.push(Topic::EveryInbox),
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
}

/// A session with where it began and how far it has come.
struct Here {
    session: Arc<Session<Pipe>>,
    from: Position,
    joining: Joining,
}

impl World {
    fn commit(&mut self, audience: u8, visitor: Option<u8>) {
        let position = self.events.len() as Position + 1;
        let audience = match audience {
            0..=3 => Audience::Inbox(inbox(audience)),
            4..=6 => Audience::Agent(agent(audience - 4)),
            _ => Audience::Team,
        };
        let event = CommittedEvent {
            position,
            audience,
            conversation_id: None,
            staff: format!("staff {position}").into(),
            visitor: visitor.map(|n| (identity(n), format!("visitor {position}").into())),
        };
        self.events.push(event.clone());
        self.tail.get_or_insert_with(|| Tail::starting_after(0)).push(event.clone());
        self.fanout.deliver(&self.registry, &[event]);
    }

    fn start(&mut self, who: usize, ago: usize) -> Here {
        let reader = reader(who);
        let (person, topics) = topics(&reader);
        self.next_id += 1;
        let session = Arc::new(Session::new(ConnectionId(Ulid(self.next_id)), person, Pipe::default(), 0));
        self.registry.add(session.clone());
        session.start_joining();
        let from = self.events.len().saturating_sub(ago) as Position;
        let newest = || self.tail.as_ref().map_or(0, Tail::newest);
        let joining = Joining::begin(&self.registry, &session, topics, from, newest);
        Here { session, from, joining }
    }

    fn catch_up(&self, who: usize, here: &mut Here) {
        let Some(tail) = &self.tail else { return };
        let caught = tail.after(&reader(who), here.joining.position(), 3).unwrap();
        for text in &caught.frames {
            here.session.catch_up(frame::text(text));
        }
        here.joining.caught_up(&here.session, caught.position);
    }

    fn expected(&self, who: usize, here: &Here) -> Vec<String> {
        let reader = reader(who);
        let after = self.events.iter().filter(|event| event.position > here.from);
        after.filter_map(|event| reader.frame(event)).map(|frame| frame.to_string()).collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn everybody_gets_what_is_theirs_in_order_and_once(steps in steps()) {
        let mut world = World::default();
        let mut people: Vec<Option<Here>> = (0..6).map(|_| None).collect();
        for step in steps {
            match step {
                Step::Event { audience, visitor } => world.commit(audience, visitor),
                Step::Start { who, ago } => if people[who].is_none() { people[who] = Some(world.start(who, ago)) },
                Step::CatchUp { who } => if let Some(here) = people[who].as_mut().filter(|here| !here.session.is_live()) {
                    world.catch_up(who, here);
                },
                Step::Room { who, bytes } => if let Some(here) = &people[who] {
                    *here.session.transport().room.lock() += bytes;
                    here.session.flush();
                },
                Step::Leave { who } => if let Some(here) = people[who].take() { world.registry.remove(here.session.id) },
            }
            world.registry.check_invariants();
        }
        for (who, here) in people.iter_mut().enumerate() {
            let Some(here) = here else { continue };
            while !here.session.is_live() && world.tail.is_some() {
                world.catch_up(who, here);
            }
            Pipe::drain(&here.session);
            prop_assert_eq!(here.session.transport().texts(), world.expected(who, here), "person {}", who);
        }
    }
}

#[test]
fn a_stalled_reader_is_let_go_and_the_others_hear_everything() {
    let mut world = World::default();
    let mut stalled = world.start(0, 0);
    let mut reading = world.start(1, 0);
    *reading.session.transport().room.lock() = usize::MAX;
    for here in [&mut stalled, &mut reading] {
        assert_eq!(here.session.join_at(0), Joined::Live);
    }
    let enough = QUEUE_BYTES / "staff 1".len();
    for _ in 0..enough {
        world.commit(0, None);
    }
    assert_eq!(stalled.session.closing(), Some(Close::Stalled));
    assert_eq!(stalled.session.queued_bytes(), 0, "what it cost is given back");
    assert_eq!(reading.session.transport().texts().len(), enough);
}

#[test]
fn several_events_of_one_round_leave_in_one_write_of_shared_bytes() {
    let mut world = World::default();
    let here = world.start(0, 0);
    *here.session.transport().room.lock() = usize::MAX;
    here.session.join_at(0);
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
    assert_eq!(here.session.transport().texts(), expected);
}
