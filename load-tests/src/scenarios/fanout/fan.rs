//! The sockets of `fanout`: receivers, and senders that write again when their message is on every receiver.

use std::collections::BTreeSet;
use std::io;
use std::time::Duration;

use switchboard_protocol::ConversationId;
use switchboard_protocol::agent::ResumePoint;

use crate::clock::{Clock, Nanos};
use crate::ledger::{Track, Verdict};
use crate::scan::{self, Kind, Stamp};
use crate::stage::{LoadError, Target};
use crate::swarm::{Closed, Dial, Driver, SocketId, Swarm};
use crate::{say, scan::position};

const OPEN_WITHIN: Duration = Duration::from_secs(20);
const QUIET_WITHIN: Duration = Duration::from_secs(5);
/// Text of a message to the hub, bytes.
const TEXT_BYTES: usize = 64;

enum Part {
    Receiver(Track),
    Sender(u32),
}

struct Sender {
    socket: SocketId,
    sequence: u32,
    conversation: Option<ConversationId>,
    /// Receivers that do not have the message under way yet.
    missing: usize,
}

/// Driver and state; apart from the swarm so that the swarm can call it.
struct Deck {
    target: Target,
    /// Makes the ids of this fan's messages others than those of the fans before it on the same hub.
    name: String,
    parts: Vec<Part>,
    senders: Vec<Sender>,
    receivers: usize,
    live: usize,
    deliveries: u64,
    bytes: u64,
    frame_bytes: usize,
    writing: bool,
    /// A floor does not number its frames: the senders do.
    position: i64,
    sent: BTreeSet<i64>,
    ended: Vec<Closed>,
}

pub struct Fan {
    swarm: Swarm,
    deck: Deck,
}

impl Fan {
    /// Connects all sockets and waits until each is live.
    pub fn open(target: Target, receivers: usize, senders: usize, frame_bytes: usize) -> Result<Self, LoadError> {
        let swarm = Swarm::new(Clock::start())?;
        let deck = Deck {
            name: format!("{receivers}-{senders}"),
            target,
            parts: Vec::new(),
            senders: Vec::new(),
            receivers,
            live: 0,
            deliveries: 0,
            bytes: 0,
            frame_bytes,
            writing: false,
            position: 0,
            sent: BTreeSet::new(),
            ended: Vec::new(),
        };
        let mut fan = Self { swarm, deck };
        for index in 0..receivers {
            let target = &fan.deck.target;
            let cookie = target.cookies.get(index % target.cookies.len().max(1)).map(String::as_str);
            fan.swarm.connect(&Dial { to: target.address, path: "/ws/agent", cookie, receive_buffer: None })?;
            // A floor's frames are numbered from 1, a hub's from wherever its feed is.
            let from = target.point.as_ref().map_or(0, |point| point.position);
            fan.deck.parts.push(Part::Receiver(Track::from(from)));
        }
        fan.wait_for_live(receivers)?;
        for index in 0..senders {
            let socket = fan.swarm.connect(&Dial {
                to: fan.deck.target.address,
                path: "/ws/visitor",
                cookie: None,
                receive_buffer: None,
            })?;
            fan.deck.parts.push(Part::Sender(index as u32));
            fan.deck.senders.push(Sender { socket, sequence: 0, conversation: None, missing: 0 });
        }
        fan.wait_for_live(receivers + senders)?;
        Ok(fan)
    }

    pub fn now(&self) -> Nanos {
        self.swarm.now()
    }

    pub fn deliveries(&self) -> u64 {
        self.deck.deliveries
    }

    /// Mean payload of the delivered frames, bytes.
    pub fn frame_bytes(&self) -> usize {
        self.deck.bytes.checked_div(self.deck.deliveries).unwrap_or(0) as usize
    }

    /// All senders write for this long, each as fast as its messages arrive; then waits until the last has arrived.
    pub fn write_for(&mut self, time: Duration) -> io::Result<()> {
        let end = self.swarm.now() + time.as_nanos() as u64;
        self.deck.writing = true;
        for sender in 0..self.deck.senders.len() {
            self.deck.write(&mut self.swarm, sender);
        }
        while self.swarm.now() < end {
            // Without sleeping: a receiver that sleeps must be woken by the server's send, and on a virtual machine that
            // wake-up (an interrupt to the other core) costs ten times what the send does.
            self.swarm.turn(&mut self.deck, Duration::ZERO)?;
        }
        self.deck.writing = false;
        // What does not come in this time is lost, and counted as that.
        self.swarm
            .turn_until(&mut self.deck, QUIET_WITHIN, |deck| deck.senders.iter().all(|sender| sender.missing == 0))?;
        Ok(())
    }

    /// The check of every message.
    pub fn finish(mut self) -> Result<Verdict, LoadError> {
        let mut verdict = Verdict { accepted: self.deck.sent.len() as u64, ..Verdict::default() };
        let undelivered: usize = self.deck.senders.iter().map(|sender| sender.missing).sum();
        for part in &self.deck.parts {
            if let Part::Receiver(track) = part {
                verdict.add(track.judge(&self.deck.sent));
            }
        }
        verdict.lost = verdict.lost.max(undelivered as u64);
        if self.deck.target.point.is_none() {
            // Numbered by the senders here: between two sockets that send, a floor promises no order.
            verdict.disordered = 0;
        }
        for index in 0..self.deck.parts.len() {
            self.swarm.close(SocketId(index));
        }
        Ok(verdict)
    }

    fn wait_for_live(&mut self, count: usize) -> Result<(), LoadError> {
        let all =
            self.swarm.turn_until(&mut self.deck, OPEN_WITHIN, |deck| deck.live >= count || !deck.ended.is_empty())?;
        if !all || !self.deck.ended.is_empty() {
            let said = format!("closed: {:?}", self.deck.ended.first());
            return Err(LoadError::NotInTime { waiting: count - self.deck.live, of: count, state: "live", said });
        }
        Ok(())
    }
}

impl Deck {
    fn write(&mut self, swarm: &mut Swarm, index: usize) {
        let sender = &mut self.senders[index];
        sender.sequence += 1;
        sender.missing = self.receivers;
        let stamp = Stamp { sender: index as u32, sequence: sender.sequence, sent: swarm.now() };
        let frame = if self.target.point.is_some() {
            say::send(
                format!("{}-{index}-{}", self.name, sender.sequence),
                stamp.to_text(TEXT_BYTES),
                sender.conversation,
            )
        } else {
            self.position += 1;
            self.sent.insert(self.position);
            floor_frame(self.position, stamp, self.frame_bytes)
        };
        swarm.send(sender.socket, &frame);
    }

    /// A receiver has an event; one that it had before does not bring its message any further.
    fn delivered(&mut self, swarm: &mut Swarm, frame: &[u8], first: bool) {
        let Some(stamp) = Stamp::find(frame).filter(|_| first) else { return };
        self.deliveries += 1;
        self.bytes += frame.len() as u64;
        let Some(sender) = self.senders.get_mut(stamp.sender as usize) else { return };
        if sender.sequence != stamp.sequence {
            return;
        }
        sender.missing = sender.missing.saturating_sub(1);
        if sender.missing == 0 && self.writing {
            self.write(swarm, stamp.sender as usize);
        }
    }
}

impl Driver for Deck {
    fn opened(&mut self, swarm: &mut Swarm, id: SocketId) {
        let Some(point) = &self.target.point else {
            self.live += 1;
            return;
        };
        let first = match &self.parts[id.0] {
            Part::Receiver(track) => say::resume(ResumePoint { epoch: point.epoch.clone(), position: track.last() }),
            Part::Sender(index) => say::hello(&self.target.tokens[*index as usize], None),
        };
        swarm.send(id, &first);
    }

    fn frame(&mut self, swarm: &mut Swarm, id: SocketId, frame: &[u8], _now: Nanos) {
        match (scan::kind(frame), &mut self.parts[id.0]) {
            (Kind::Event, Part::Receiver(track)) => {
                let first = position(frame).is_some_and(|position| track.see(position));
                self.delivered(swarm, frame, first);
            }
            (Kind::Reply, Part::Sender(sender)) => match position(frame) {
                Some(position) if scan::done(frame) => {
                    self.senders[*sender as usize].conversation = scan::conversation(frame);
                    self.sent.insert(position);
                }
                _ => self.ended.push(Closed::Refused(String::from_utf8_lossy(frame).into_owned())),
            },
            (Kind::Welcome, _) => self.live += 1,
            (Kind::Ping, _) => swarm.send(id, say::PONG),
            (Kind::Reset | Kind::Bye, _) => {
                self.ended.push(Closed::Refused(String::from_utf8_lossy(frame).into_owned()))
            }
            _ => {}
        }
    }

    fn closed(&mut self, _swarm: &mut Swarm, _id: SocketId, why: Closed) {
        self.ended.push(why);
    }
}

/// As long as the hub's frame and in the same form, so that both are read the same way.
fn floor_frame(position: i64, stamp: Stamp, bytes: usize) -> Vec<u8> {
    let head = format!("{{\"t\":\"event\",\"position\":{position},\"text\":\"");
    let text = stamp.to_text(bytes.saturating_sub(head.len() + 2));
    format!("{head}{text}\"}}").into_bytes()
}
