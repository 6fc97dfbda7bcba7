//! The people of a run: agents' sockets that receive, visitors' sockets that write, each checked and timed. What most
//! scenarios drive; `fanout` has a smaller one of its own.
//!
//! A visitor writes one message at a time and keeps it until the hub has accepted it, over a lost connection too, with the
//! same id (the outbox of the real panel). An agent keeps its position and resumes from it.

mod seat;

use std::collections::{BTreeMap, BTreeSet, HashSet, VecDeque};
use std::io;
use std::time::Duration;

use hdrhistogram::Histogram;
use switchboard_protocol::agent::ResumePoint;
use switchboard_protocol::{ConversationId, Position};

use crate::clock::{MILLISECOND, Nanos};
use crate::ledger::{Verdict, Witness};
use crate::report::{histogram, record};
use crate::say;
use crate::scan::{self, Kind, Stamp};
use crate::stage::{LoadError, Target};
use crate::swarm::{Closed, Dial, Driver, SocketId, Swarm};

pub use seat::{Part, Seat};
use seat::{Timing, Waiting};

/// Handshakes under way at once: more than the hub's listen queue would be dropped by the kernel and tried again in 1 s.
const DIALS_AT_ONCE: usize = 256;
/// One agent socket in so many is a witness (reads every frame whole), and the first always.
const WITNESS_EVERY: usize = 100;
/// Agents' stamps are told from visitors' by this.
const AGENT_SENDERS: u32 = 1_000_000;
const OPEN_WITHIN: Duration = Duration::from_secs(60);
const SETTLE_WITHIN: Duration = Duration::from_secs(15);

/// How to behave.
#[derive(Debug, Clone, Copy)]
pub struct Manner {
    /// Text of a message, bytes.
    pub text_bytes: usize,
    /// A visitor writes again as soon as its message is accepted.
    pub closed_loop: bool,
    /// A socket that ends is connected again at once and resumes.
    pub reconnect: bool,
}

/// Everything that the run counts.
pub struct Counts {
    /// From the visitor's write to the hub's reply "committed".
    pub accept: Histogram<u64>,
    /// From the visitor's write to an agent's screen (the read that brought the event): includes accept's way in.
    pub write_to_screen: Histogram<u64>,
    /// From the event's `at` (the hub's clock, whole milliseconds, taken before the commit) to an agent's screen.
    pub at_to_screen: Histogram<u64>,
    /// From the moment the writer reads "committed" to an agent's screen; zero if the screen has it first. The nearest that
    /// one can come to commit to screen from outside.
    pub reply_to_screen: Histogram<u64>,
    /// Refused commands by error code.
    pub refused: BTreeMap<String, u64>,
    /// Frames that are neither events nor answers: presence, typing.
    pub signals: u64,
    pub resets: u64,
    pub byes: u64,
    pub accepted: u64,
    /// Sockets that ended without our doing, by how.
    pub ended: BTreeMap<String, u64>,
}

impl Counts {
    /// What was refused and who was cut off, if anything: belongs into every report.
    pub fn trouble(&self) -> Option<String> {
        let quiet = self.refused.is_empty() && self.ended.is_empty() && self.resets == 0 && self.byes == 0;
        let Self { refused, ended, resets, byes, .. } = self;
        (!quiet).then(|| format!("refused {refused:?}, ended {ended:?}, resets {resets}, byes {byes}"))
    }

    fn new() -> Self {
        Self {
            accept: histogram(),
            write_to_screen: histogram(),
            at_to_screen: histogram(),
            reply_to_screen: histogram(),
            refused: BTreeMap::new(),
            signals: 0,
            resets: 0,
            byes: 0,
            accepted: 0,
            ended: BTreeMap::new(),
        }
    }
}

pub struct Crew {
    target: Target,
    manner: Manner,
    pub seats: Vec<Seat>,
    /// Seat of each socket.
    seat_of: Vec<usize>,
    /// Seats that wait to be connected.
    to_dial: VecDeque<usize>,
    dialling: usize,
    /// Visitors with nothing under way.
    idle: VecDeque<usize>,
    timing: Timing,
    /// Positions of accepted messages: what every agent must have.
    pub accepted: BTreeSet<Position>,
    /// Their (sender, sequence): what every witness must have.
    stamps: HashSet<(u32, u32)>,
    pub counts: Counts,
    /// Latencies are recorded.
    pub measuring: bool,
    /// Visitors write.
    pub writing: bool,
}

impl Crew {
    pub fn new(target: Target, manner: Manner) -> Self {
        let base = target.point.as_ref().map_or(0, |point| point.position);
        Self {
            target,
            manner,
            seats: Vec::new(),
            seat_of: Vec::new(),
            to_dial: VecDeque::new(),
            dialling: 0,
            idle: VecDeque::new(),
            timing: Timing::from(base),
            accepted: BTreeSet::new(),
            stamps: HashSet::new(),
            counts: Counts::new(),
            measuring: false,
            writing: false,
        }
    }

    /// The feed's epoch and where the run began in it.
    fn point(&self) -> ResumePoint {
        self.target.point.clone().unwrap_or(ResumePoint { epoch: String::new(), position: 0 })
    }

    /// Adds so many agent sockets, the agents' cookies in turn; they connect in [`Crew::open`].
    pub fn add_agents(&mut self, sockets: usize) {
        let before = self.seats.iter().filter(|seat| seat.part == Part::Agent).count();
        for index in before..before + sockets {
            let witness = index.is_multiple_of(WITNESS_EVERY).then(Box::<Witness>::default);
            self.to_dial.push_back(self.seats.len());
            self.seats.push(Seat::agent(index, self.point().position, witness));
        }
    }

    /// Adds agent sockets that have everything up to this position already.
    pub fn add_agents_at(&mut self, sockets: usize, position: Position) {
        for index in 0..sockets {
            self.to_dial.push_back(self.seats.len());
            self.seats.push(Seat::agent(index, position, None));
        }
    }

    /// Adds a socket for each of so many visitor tokens.
    pub fn add_visitors(&mut self, sockets: usize) {
        for index in 0..sockets {
            self.to_dial.push_back(self.seats.len());
            self.seats.push(Seat::visitor(index, self.point().position));
        }
    }

    pub fn live(&self) -> usize {
        self.seats.iter().filter(|seat| seat.live).count()
    }

    /// Starts the latencies afresh and hands back those before.
    pub fn take_counts(&mut self) -> Counts {
        std::mem::replace(&mut self.counts, Counts::new())
    }

    /// Connects everyone who is not, and waits until all are live.
    pub fn open(&mut self, swarm: &mut Swarm) -> Result<(), LoadError> {
        self.dial(swarm);
        let all =
            swarm.turn_until(self, OPEN_WITHIN, |crew| crew.to_dial.is_empty() && crew.live() == crew.seats.len())?;
        if all {
            return Ok(());
        }
        let said = self.counts.trouble().unwrap_or_default();
        Err(LoadError::NotInTime { waiting: self.seats.len() - self.live(), of: self.seats.len(), state: "live", said })
    }

    /// Lets the next free visitor write. False: none is free.
    pub fn write_next(&mut self, swarm: &mut Swarm) -> bool {
        while let Some(index) = self.idle.pop_front() {
            let seat = &mut self.seats[index];
            seat.queued = false;
            // Lost its socket while it waited: it comes again when it is welcomed.
            if seat.live && seat.waiting.is_none() {
                self.write(swarm, index);
                return true;
            }
        }
        false
    }

    /// All visitors write for this long, each as fast as it is accepted.
    pub fn write_as_fast_as_accepted(&mut self, swarm: &mut Swarm, time: Duration) -> io::Result<()> {
        let end = swarm.now() + time.as_nanos() as u64;
        self.writing = true;
        while self.write_next(swarm) {}
        while swarm.now() < end {
            swarm.turn(self, Duration::from_millis(20))?;
        }
        self.writing = false;
        Ok(())
    }

    /// Visitors write at this rate, whatever the hub does; hands back the messages that no visitor was free for.
    pub fn write_at_rate(&mut self, swarm: &mut Swarm, per_second: f64, time: Duration) -> io::Result<u64> {
        let (start, mut due, mut missed) = (swarm.now(), 0u64, 0);
        let every = 1e9 / per_second;
        let total = (time.as_secs_f64() * per_second) as u64;
        while due < total {
            let now = swarm.now() - start;
            while due < total && (due as f64 * every) as u64 <= now {
                missed += u64::from(!self.write_next(swarm));
                due += 1;
            }
            let wait = ((due as f64 * every) as u64).saturating_sub(swarm.now() - start);
            swarm.turn(self, Duration::from_nanos(wait.min(20 * MILLISECOND)))?;
        }
        Ok(missed)
    }

    /// Waits until nothing is under way: every message accepted, on every agent's screen and back with who wrote it (the
    /// answer comes before the event). False: not in time, and the verdict will say what is missing.
    pub fn settle(&mut self, swarm: &mut Swarm) -> io::Result<bool> {
        swarm.turn_until(self, SETTLE_WITHIN, |crew| {
            let last = crew.accepted.last().copied().unwrap_or(0);
            crew.seats.iter().all(|seat| match seat.part {
                Part::Agent => seat.away || (seat.track.last() >= last && seat.waiting.is_none()),
                Part::Visitor => {
                    let own = seat.own.last().copied().unwrap_or(0);
                    seat.away || (seat.track.last() >= own && seat.waiting.is_none())
                }
            })
        })
    }

    /// The check of every message at every agent's socket that is not [`Seat::away`].
    pub fn judge(&self) -> Verdict {
        let mut verdict = Verdict { accepted: self.accepted.len() as u64, ..Verdict::default() };
        for seat in self.seats.iter().filter(|seat| seat.part == Part::Agent && !seat.away) {
            verdict.add(seat.track.judge(&self.accepted));
            if let Some(witness) = &seat.witness {
                let seen = witness.judge(&self.stamps);
                verdict.add(Verdict { accepted: 0, delivered: 0, ..seen });
            }
        }
        verdict
    }

    /// The check of each visitor's socket: answers, and what it wrote itself (a person's other devices see that, so it
    /// must come).
    pub fn judge_visitors(&self) -> Verdict {
        let mut verdict = Verdict::default();
        for seat in self.seats.iter().filter(|seat| seat.part == Part::Visitor && !seat.away) {
            verdict.add(seat.track.judge(&seat.own));
        }
        verdict
    }

    /// (sender, sequence) of all that was accepted.
    pub fn accepted_stamps(&self) -> &HashSet<(u32, u32)> {
        &self.stamps
    }

    /// Conversations that a witness has seen.
    pub fn conversations(&self) -> BTreeSet<ConversationId> {
        self.seats.iter().filter_map(|seat| seat.witness.as_ref()).flat_map(|witness| witness.conversations()).collect()
    }

    /// Closes a seat's socket as one does who leaves the page.
    pub fn leave(&mut self, swarm: &mut Swarm, seat: usize) {
        if let Some(socket) = self.seats[seat].socket.take() {
            swarm.close(socket);
        }
        self.seats[seat].live = false;
    }

    /// Drops a seat's socket without a word.
    pub fn cut(&mut self, swarm: &mut Swarm, seat: usize) {
        if let Some(socket) = self.seats[seat].socket.take() {
            swarm.drop_hard(socket);
        }
        self.seats[seat].live = false;
    }

    /// Connects a seat again, resuming from its position.
    pub fn redial(&mut self, swarm: &mut Swarm, seat: usize) {
        self.seats[seat].socket = None;
        self.seats[seat].live = false;
        self.to_dial.push_back(seat);
        self.dial(swarm);
    }

    /// Begins to connect those who are not.
    pub fn dial_waiting(&mut self, swarm: &mut Swarm) {
        self.dial(swarm);
    }

    fn dial(&mut self, swarm: &mut Swarm) {
        while self.dialling < DIALS_AT_ONCE
            && let Some(index) = self.to_dial.pop_front()
        {
            let seat = &self.seats[index];
            let (path, cookie) = match seat.part {
                Part::Agent => ("/ws/agent", self.target.cookies.get(seat.key % self.target.cookies.len().max(1))),
                Part::Visitor => ("/ws/visitor", None),
            };
            let cookie = cookie.map(String::as_str);
            match swarm.connect(&Dial { to: self.target.address, path, cookie, receive_buffer: seat.receive_buffer }) {
                Ok(id) => {
                    self.seat_of.resize(id.0 + 1, usize::MAX);
                    self.seat_of[id.0] = index;
                    self.seats[index].socket = Some(id);
                    self.dialling += 1;
                }
                Err(error) => {
                    *self.counts.ended.entry(format!("connect: {error}")).or_default() += 1;
                    self.to_dial.push_back(index);
                    return;
                }
            }
        }
    }

    /// A visitor has nothing under way.
    fn free(&mut self, index: usize) {
        if !std::mem::replace(&mut self.seats[index].queued, true) {
            self.idle.push_back(index);
        }
    }

    fn write(&mut self, swarm: &mut Swarm, index: usize) {
        let seat = &mut self.seats[index];
        seat.sequence += 1;
        let stamp = Stamp { sender: seat.key as u32, sequence: seat.sequence, sent: swarm.now() };
        let frame = say::send(client_id(&stamp), stamp.to_text(self.manner.text_bytes), seat.conversation);
        if let Some(id) = seat.socket {
            swarm.send(id, &frame);
        }
        seat.waiting = Some(Waiting { stamp, frame, visitor: index });
    }

    /// An agent answers a visitor. False: not now, or the visitor has not written yet.
    pub fn answer(&mut self, swarm: &mut Swarm, agent: usize, visitor: usize) -> bool {
        let sender = self.seats[visitor].key as u32;
        let conversation = self.seats.iter().find_map(|seat| seat.witness.as_ref()?.conversation_of(sender));
        let seat = &mut self.seats[agent];
        let (Some(conversation), Some(id), true) = (conversation, seat.socket, seat.live && seat.waiting.is_none())
        else {
            return false;
        };
        seat.sequence += 1;
        let sender = AGENT_SENDERS + seat.key as u32;
        let stamp = Stamp { sender, sequence: seat.sequence, sent: swarm.now() };
        let text = stamp.to_text(self.manner.text_bytes);
        let frame = say::reply(client_id(&stamp), conversation, text);
        swarm.send(id, &frame);
        seat.waiting = Some(Waiting { stamp, frame, visitor });
        true
    }

    fn replied(&mut self, swarm: &mut Swarm, index: usize, frame: &[u8], now: Nanos) {
        let Some(waiting) = self.seats[index].waiting.take() else { return };
        match scan::position(frame) {
            Some(position) if scan::done(frame) => {
                self.counts.accepted += 1;
                self.accepted.insert(position);
                self.stamps.insert((waiting.stamp.sender, waiting.stamp.sequence));
                if self.measuring {
                    record(&mut self.counts.accept, now - waiting.stamp.sent);
                }
                self.timing.replied(position, now);
                self.seats[waiting.visitor].own.insert(position);
                if self.seats[index].part == Part::Visitor {
                    self.seats[index].conversation = scan::conversation(frame);
                    self.free(index);
                }
                if self.manner.closed_loop && self.writing {
                    self.write_next(swarm);
                }
            }
            _ => {
                // Refused for good: this visitor writes no more, so that a limit shows as a number and not as a storm.
                let code = scan::text(frame, b"\"code\":\"").unwrap_or(b"?");
                *self.counts.refused.entry(String::from_utf8_lossy(code).into_owned()).or_default() += 1;
            }
        }
    }

    fn event(&mut self, index: usize, frame: &[u8], now: Nanos, unix_ns: u64) {
        let Some(position) = scan::position(frame) else { return };
        let seat = &mut self.seats[index];
        if let Some(witness) = &mut seat.witness {
            witness.see(frame);
        }
        if !seat.track.see(position) || !self.measuring || seat.part != Part::Agent {
            return;
        }
        let Some(moments) = self.timing.of(position, frame) else { return };
        record(&mut self.counts.write_to_screen, now.saturating_sub(moments.written));
        record(&mut self.counts.at_to_screen, unix_ns.saturating_sub(moments.at_ms * MILLISECOND));
        let after_reply = if moments.replied == 0 { 0 } else { now - moments.replied };
        record(&mut self.counts.reply_to_screen, after_reply);
    }

    fn welcomed(&mut self, swarm: &mut Swarm, index: usize) {
        self.dialling = self.dialling.saturating_sub(1);
        let seat = &mut self.seats[index];
        seat.live = true;
        seat.welcomes += 1;
        match (&seat.waiting, seat.socket) {
            // The outbox: what was not accepted goes again, the same id.
            (Some(waiting), Some(id)) => swarm.send(id, &waiting.frame),
            _ if seat.part == Part::Visitor => self.free(index),
            _ => {}
        }
        self.dial(swarm);
    }
}

/// As the pages' client makes them: the time first.
fn client_id(stamp: &Stamp) -> String {
    format!("{:016x}{:08x}{:08x}", stamp.sent, stamp.sender, stamp.sequence)
}

impl Driver for Crew {
    fn opened(&mut self, swarm: &mut Swarm, id: SocketId) {
        let seat = &self.seats[self.seat_of[id.0]];
        let from = ResumePoint { epoch: self.point().epoch, position: seat.track.last() };
        let first = match seat.part {
            Part::Agent => say::resume(from),
            Part::Visitor => say::hello(&self.target.tokens[seat.key], Some(from)),
        };
        swarm.send(id, &first);
    }

    fn frame(&mut self, swarm: &mut Swarm, id: SocketId, frame: &[u8], now: Nanos) {
        let index = self.seat_of[id.0];
        match scan::kind(frame) {
            Kind::Event => self.event(index, frame, now, swarm.clock.unix_ns(now)),
            Kind::Reply => self.replied(swarm, index, frame, now),
            Kind::Ping => swarm.send(id, say::PONG),
            Kind::Welcome => self.welcomed(swarm, index),
            Kind::Reset => self.counts.resets += 1,
            Kind::Bye => self.counts.byes += 1,
            Kind::Signal | Kind::Other => self.counts.signals += 1,
        }
    }

    fn closed(&mut self, swarm: &mut Swarm, id: SocketId, why: Closed) {
        let index = self.seat_of[id.0];
        *self.counts.ended.entry(format!("{why:?}")).or_default() += 1;
        if self.seats[index].socket != Some(id) {
            return;
        }
        if !self.seats[index].live {
            self.dialling = self.dialling.saturating_sub(1);
        }
        self.seats[index].live = false;
        self.seats[index].socket = None;
        if self.manner.reconnect {
            self.redial(swarm, index);
        }
    }
}
