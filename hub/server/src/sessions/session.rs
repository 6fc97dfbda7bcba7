//! One socket's way out.
//!
//! Anybody may hand a frame to a session at any time, from any thread, without waiting: it is written at once when the
//! socket takes it, and queued when the socket is full. Events beyond the queue's bound are not kept: the session notes its
//! place in the feed and is *behind* from then on, until its own task, which alone waits for a full socket to drain, has
//! handed it what it missed ([`Session::catch_up`]). One that resumes is behind in just this way. A session ends as
//! stalled when its socket takes nothing for [`super::STALLED_AFTER`], or has no room for an answer; for no event and no signal.

use std::io::{self, IoSlice};
use std::sync::atomic::{AtomicI64, Ordering};

use bytes::Bytes;
use parking_lot::Mutex;
use switchboard_protocol::agent::ByeReason;
use switchboard_protocol::{AgentId, ConnectionId, IdentityId, Position};
use tokio::net::TcpStream;
use tokio::sync::Notify;

use super::SignalKey;
use super::outgoing::{Kind, NoRoom, Outgoing};
use super::registry::{Overdue, Start};

/// Whose socket it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub enum Person {
    Agent(AgentId),
    Visitor(IdentityId),
}

/// The writing half of what a session stands on. A real one is a [`TcpStream`]; tests of the fan-out have their own.
pub trait Transport: Send + Sync {
    /// Writes what the socket takes now, or `WouldBlock`.
    fn try_write(&self, pieces: &[IoSlice<'_>]) -> io::Result<usize>;
}

impl Transport for TcpStream {
    fn try_write(&self, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
        match pieces {
            // One piece is the common case, and `send` is cheaper than `writev`.
            [one] => TcpStream::try_write(self, one),
            many => self.try_write_vectored(many),
        }
    }
}

/// Why a session ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Close {
    /// The peer went, or the network did.
    Gone,
    /// A bye was queued; the socket closes when it is out.
    Bye(ByeReason),
    /// It took nothing for too long, or more answers waited than may.
    Stalled,
}

/// Where a session is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Not listening to events: before the first resume and after a reset. `lapsed`: it has waited for too long.
    Waiting {
        lapsed: bool,
    },
    /// Listens, and says where it goes on from in a moment. Events up to `missed` have passed it by in the meantime.
    Joining {
        missed: Position,
    },
    /// Has everything up to `position`, and is to be handed the rest. Events up to `missed` have passed it by.
    Behind {
        position: Position,
        missed: Position,
    },
    /// Has everything up to `position`, gets the rest as it happens.
    Live {
        position: Position,
    },
    Leaving(Close),
}

#[derive(Debug)]
struct State {
    phase: Phase,
    outgoing: Outgoing,
    /// Said by the session's own task as soon as it has nothing in hand. Rare, so on the heap.
    dismissal: Option<Box<(ByeReason, Bytes)>>,
}

/// A moment that does not come, in the clock's ticks.
pub const NEVER: i64 = i64::MAX;

/// In [`Session::stuck_since`]: nothing waits for the socket.
const NOTHING_WAITS: i64 = i64::MAX;

/// In [`Session::stuck_since`]: something waits, and nobody has looked yet since the socket last took something.
const UNSEEN: i64 = i64::MAX - 1;

/// See the module.
#[derive(Debug)]
pub struct Session<T = TcpStream> {
    pub id: ConnectionId,
    pub person: Person,
    transport: T,
    /// A plain mutex: held for a non-blocking write at most, never across an await.
    state: Mutex<State>,
    /// When a byte last came from the peer, in the clock's ticks. Atomic, since the heartbeat looks at all sessions from outside.
    heard_at: AtomicI64,
    /// Since when the socket has taken nothing of what waits for it, in the clock's ticks, as far as the heartbeat has
    /// looked; [`NOTHING_WAITS`], [`UNSEEN`]. Atomic for the same reason; who fills and empties the queue has no clock.
    stuck_since: AtomicI64,
    /// Until when it may go on by what its client has proved, in the clock's ticks; after a reset, until when the client is
    /// to resume. Atomic for the same reason, and set under the lock together with the phase that it belongs to.
    holds_until: AtomicI64,
    /// Tells the session's own task to look: the socket was full, or the session is to close.
    wake: Notify,
}

impl<T: Transport> Session<T> {
    pub fn new(id: ConnectionId, person: Person, transport: T, now: i64) -> Self {
        let phase = Phase::Waiting { lapsed: false };
        let state = Mutex::new(State { phase, outgoing: Outgoing::default(), dismissal: None });
        let (heard_at, stuck_since) = (AtomicI64::new(now), AtomicI64::new(NOTHING_WAITS));
        let holds_until = AtomicI64::new(NEVER);
        Self { id, person, transport, state, heard_at, stuck_since, holds_until, wake: Notify::new() }
    }

    /// The same for somebody whose proof ends by itself.
    pub fn that_holds_until(self, until: i64) -> Self {
        self.holds_until.store(until, Ordering::Relaxed);
        self
    }

    pub fn transport(&self) -> &T {
        &self.transport
    }

    /// Waits until somebody wants the session's task to look at [`Session::closing`] and [`Session::blocked`].
    pub async fn woken(&self) {
        self.wake.notified().await;
    }

    pub fn heard(&self, now: i64) {
        self.heard_at.store(now, Ordering::Relaxed);
    }

    pub fn heard_at(&self) -> i64 {
        self.heard_at.load(Ordering::Relaxed)
    }

    /// Why it may not go on as it is: silence since `silent`, a socket that has taken nothing since `stalled`, or a proof
    /// that has ended by `now`, all in the clock's ticks. The first look at what waits begins the count.
    pub(super) fn overdue(&self, now: i64, silent: i64, stalled: i64) -> Option<Overdue> {
        if self.heard_at() < silent {
            return Some(Overdue::Silent);
        }
        if self.holds_until.load(Ordering::Relaxed) <= now {
            return Some(Overdue::Unproved);
        }
        if self.stuck_since.load(Ordering::Relaxed) == UNSEEN {
            // Whoever was quicker has let something out.
            let _ = self.stuck_since.compare_exchange(UNSEEN, now, Ordering::Relaxed, Ordering::Relaxed);
        }
        self.stuck_since().filter(|since| *since <= stalled).map(|_| Overdue::Stalled)
    }

    /// Since when its socket has taken nothing of what waits, as far as the heartbeat has looked.
    pub fn stuck_since(&self) -> Option<i64> {
        Some(self.stuck_since.load(Ordering::Relaxed)).filter(|since| *since < UNSEEN)
    }

    /// From now on events are noted (not sent) until [`Session::join`] says where it goes on from. Also for one that is
    /// live: its client wants to go on from somewhere else.
    pub fn start_joining(&self) {
        let mut state = self.state.lock();
        if !matches!(state.phase, Phase::Leaving(_)) {
            state.phase = Phase::Joining { missed: 0 };
            // How that comes out says from when on it is too long.
            self.holds_until.store(NEVER, Ordering::Relaxed);
        }
    }

    /// Goes on from `position`, behind the `welcome`; what was handed out up to `newest` may have passed it by. False: it is
    /// not to (a reset came between). The order of joining is [`super::Registry::join`]'s.
    pub(super) fn join(&self, Start { position, holds_until }: Start, newest: Position, welcome: Bytes) -> bool {
        let mut state = self.state.lock();
        let Phase::Joining { missed } = state.phase else { return false };
        self.holds_until.store(holds_until, Ordering::Relaxed);
        state.phase = Phase::Behind { position, missed: missed.max(newest) };
        // What signals were left out until now, and what they say otherwise by now, is told anew.
        state.outgoing.leave_untold();
        self.answer(&mut state, welcome);
        true
    }

    /// What its client has proved, and has joined by, is good until then. One that waits to be proved anew has its own time
    /// for it.
    pub fn put_off(&self, until: i64) {
        let state = self.state.lock();
        if matches!(state.phase, Phase::Live { .. } | Phase::Behind { .. }) {
            self.holds_until.store(until, Ordering::Relaxed);
        }
    }

    /// Where to read on from for one that is behind, as soon as what was queued is out.
    pub fn catches_up_from(&self) -> Option<Position> {
        let state = self.state.lock();
        match state.phase {
            Phase::Behind { position, .. } if state.outgoing.is_empty() => Some(position),
            _ => None,
        }
    }

    /// Hands it what came after `from` and concerns it, up to `upto`: it is live if that is all that passed it by. Nothing
    /// happens if it is no longer there (a reset came between), or if something else has taken the room.
    pub fn catch_up(&self, from: Position, frames: Bytes, upto: Position) {
        let mut state = self.state.lock();
        let Phase::Behind { position, missed } = state.phase else { return };
        if position != from || !frames.is_empty() && self.put(&mut state, frames, Kind::Event).is_err() {
            return;
        }
        let position = position.max(upto);
        if matches!(state.phase, Phase::Behind { .. }) {
            state.phase =
                if missed <= position { Phase::Live { position } } else { Phase::Behind { position, missed } };
        }
    }

    /// Sends a frame that is not part of the feed: a reply, a control frame.
    pub fn send(&self, frame: Bytes) {
        let mut state = self.state.lock();
        if !matches!(state.phase, Phase::Leaving(_)) {
            self.answer(&mut state, frame);
        }
    }

    /// Sends a heartbeat, unless there is no room: then what waits is sign of life enough. `up_to` names how far whoever is
    /// live has come; who is behind, or has yet to say from where they go on, has nothing up to any position.
    pub fn beat(&self, up_to: &Bytes, nowhere: &Bytes) {
        let mut state = self.state.lock();
        let frame = match state.phase {
            Phase::Leaving(_) => return,
            Phase::Live { .. } => up_to,
            Phase::Waiting { .. } | Phase::Joining { .. } | Phase::Behind { .. } => nowhere,
        };
        let _ = self.put(&mut state, frame.clone(), Kind::Answer);
    }

    /// Tells this client alone what is true now: in one piece, and later if something else waits ([`Session::take_untold`]).
    pub fn tell(&self, frames: Bytes) {
        let mut state = self.state.lock();
        match state.phase {
            Phase::Leaving(_) => {}
            _ if state.outgoing.is_empty() => self.answer(&mut state, frames),
            _ => state.outgoing.leave_untold(),
        }
    }

    /// Whether what is true now should be told anew: some of it was left out, and all that waited is out.
    pub fn take_untold(&self) -> bool {
        let mut state = self.state.lock();
        state.outgoing.is_empty() && state.outgoing.take_untold()
    }

    /// Tells it anew, unless a reset has come between: then it may be no longer theirs to know.
    pub fn tell_anew(&self, frames: Bytes) {
        if self.has_joined() {
            self.tell(frames);
        }
    }

    /// Sends the frame of the events `first..=last` that concern this session, if it is live. `trimmed` makes the frame
    /// without those up to the position that the session has already. What does not fit is caught up later.
    pub fn deliver(
        &self,
        first: Position,
        last: Position,
        frame: &Bytes,
        trimmed: impl FnOnce(Position) -> Option<Bytes>,
    ) {
        let mut state = self.state.lock();
        let position = match state.phase {
            Phase::Live { position } if position < last => position,
            Phase::Behind { position, missed } => {
                state.phase = Phase::Behind { position, missed: missed.max(last) };
                return;
            }
            Phase::Joining { missed } => {
                state.phase = Phase::Joining { missed: missed.max(last) };
                return;
            }
            Phase::Live { .. } | Phase::Waiting { .. } | Phase::Leaving(_) => return,
        };
        state.phase = Phase::Live { position: last };
        let news = if position < first { Some(frame.clone()) } else { trimmed(position) };
        if let Some(news) = news
            && let Err(NoRoom) = self.put(&mut state, news, Kind::Event)
        {
            state.phase = Phase::Behind { position, missed: last };
            metrics::counter!("switchboard_sockets_fell_behind_total").increment(1);
        }
    }

    /// Everything up to here has passed it by and is not to be had from the pump any more: it is caught up, or starts afresh.
    pub fn passed_by(&self, upto: Position) {
        let mut state = self.state.lock();
        state.phase = match state.phase {
            Phase::Live { position } if position < upto => Phase::Behind { position, missed: upto },
            Phase::Behind { position, missed } => Phase::Behind { position, missed: missed.max(upto) },
            Phase::Joining { missed } => Phase::Joining { missed: missed.max(upto) },
            as_it_is => as_it_is,
        };
        self.wake.notify_one();
    }

    /// Sends what is true now; if the socket is full only the newest of its key waits, if it may wait at all. What has no room even so is told anew
    /// when the socket has some ([`Session::take_untold`]), or runs out by itself: a signal ends nobody.
    pub fn signal(&self, key: SignalKey, frame: &Bytes, may_wait: bool) {
        let mut state = self.state.lock();
        if !matches!(state.phase, Phase::Live { .. } | Phase::Behind { .. }) {
            return;
        }
        if state.outgoing.is_empty() {
            self.answer(&mut state, frame.clone());
        } else if may_wait {
            state.outgoing.keep_signal(key, frame.clone());
        }
    }

    /// Whether it has joined the feed and was not reset since: what was proved for that still holds.
    pub fn has_joined(&self) -> bool {
        matches!(self.state.lock().phase, Phase::Live { .. } | Phase::Behind { .. })
    }

    /// Whether it gets live events.
    pub fn is_live(&self) -> bool {
        matches!(self.state.lock().phase, Phase::Live { .. })
    }

    /// Stops the events and signals; the client must take a new snapshot and resume, by `until` in the clock's ticks.
    pub fn reset(&self, frame: Bytes, until: i64) {
        let mut state = self.state.lock();
        if !matches!(state.phase, Phase::Leaving(_)) {
            state.phase = Phase::Waiting { lapsed: false };
            self.holds_until.store(until, Ordering::Relaxed);
            state.outgoing.drop_signals();
            self.answer(&mut state, frame);
        }
    }

    /// Ends the session after `last` has gone out.
    pub fn bye(&self, why: ByeReason, last: Bytes) {
        let mut state = self.state.lock();
        if !matches!(state.phase, Phase::Leaving(_)) {
            self.answer(&mut state, last);
            if !matches!(state.phase, Phase::Leaving(_)) {
                state.phase = Phase::Leaving(Close::Bye(why));
            }
        }
        self.wake.notify_one();
    }

    /// Asks the session's task for a good-bye: what is in hand is finished, and its reply goes out before.
    pub fn dismiss(&self, why: ByeReason, last: Bytes) {
        self.state.lock().dismissal = Some(Box::new((why, last)));
        self.wake.notify_one();
    }

    /// Asks the session's task to end it: it does not listen, and its client should have said or shown something by now.
    pub fn lapse(&self) {
        if let Phase::Waiting { lapsed } = &mut self.state.lock().phase {
            *lapsed = true;
        }
        self.wake.notify_one();
    }

    /// Whether that was asked for, and the client has not resumed since.
    pub fn has_lapsed(&self) -> bool {
        matches!(self.state.lock().phase, Phase::Waiting { lapsed: true })
    }

    /// Says the good-bye that was asked for, if one was.
    pub fn take_leave(&self) {
        let dismissal = self.state.lock().dismissal.take();
        if let Some(dismissal) = dismissal {
            let (why, last) = *dismissal;
            self.bye(why, last);
        }
    }

    /// Ends the session now.
    pub fn close(&self, why: Close) {
        let mut state = self.state.lock();
        self.leave(&mut state, why);
    }

    /// Why it is to end, if it is.
    pub fn closing(&self) -> Option<Close> {
        match self.state.lock().phase {
            Phase::Leaving(why) => Some(why),
            _ => None,
        }
    }

    /// Whether something waits for the socket to drain.
    pub fn blocked(&self) -> bool {
        !self.state.lock().outgoing.is_empty()
    }

    /// Bytes that wait for the socket.
    pub fn queued_bytes(&self) -> usize {
        self.state.lock().outgoing.bytes()
    }

    /// Whether so much waits that nothing more should be read from its peer: every message may want an answer.
    pub fn is_full(&self) -> bool {
        self.state.lock().outgoing.is_full()
    }

    /// Writes what waits, as far as the socket takes it. True: nothing waits any more.
    pub fn flush(&self, now: i64) -> bool {
        let mut state = self.state.lock();
        let waited = state.outgoing.bytes();
        match state.outgoing.flush(|pieces| self.transport.try_write(pieces)) {
            Ok(done) => {
                // That a full socket takes something shows that its peer lives, whose pongs may come late.
                if state.outgoing.bytes() < waited {
                    self.heard(now);
                    self.stuck_since.store(if done { NOTHING_WAITS } else { UNSEEN }, Ordering::Relaxed);
                }
                done
            }
            Err(_) => {
                self.leave(&mut state, Close::Gone);
                true
            }
        }
    }

    /// For what may not be left out. No room for it is the end: its peer made us answer more than it reads.
    fn answer(&self, state: &mut State, frame: Bytes) {
        if let Err(NoRoom) = self.put(state, frame, Kind::Answer) {
            self.leave(state, Close::Stalled);
        }
    }

    /// Writes what the socket takes, and queues the rest. If there is no room, none of it is written.
    fn put(&self, state: &mut State, mut frame: Bytes, kind: Kind) -> Result<(), NoRoom> {
        if state.outgoing.is_empty() {
            match self.transport.try_write(&[IoSlice::new(&frame)]) {
                Ok(written) if written == frame.len() => return Ok(()),
                Ok(written) => {
                    let _ = frame.split_to(written);
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(_) => {
                    self.leave(state, Close::Gone);
                    return Ok(());
                }
            }
            self.stuck_since.store(UNSEEN, Ordering::Relaxed);
            self.wake.notify_one();
        }
        state.outgoing.push(frame, kind)
    }

    fn leave(&self, state: &mut State, why: Close) {
        if !matches!(state.phase, Phase::Leaving(_)) {
            state.phase = Phase::Leaving(why);
            if why == Close::Stalled {
                metrics::counter!("switchboard_sockets_stalled_total").increment(1);
            }
        }
        state.outgoing.clear();
        self.stuck_since.store(NOTHING_WAITS, Ordering::Relaxed);
        self.wake.notify_one();
    }
}
