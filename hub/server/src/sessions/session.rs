//! One socket's way out.
//!
//! Anybody may hand a frame to a session at any time, from any thread, without waiting: it is written at once when the
//! socket takes it, queued when the socket is full, and a queue beyond its bound ends the session (it resumes on a new
//! socket). Only the session's own task waits, for a full socket to drain.

use std::io::{self, IoSlice};
use std::sync::atomic::{AtomicI64, Ordering};

use bytes::Bytes;
use parking_lot::Mutex;
use switchboard_protocol::agent::ByeReason;
use switchboard_protocol::{AgentId, ConnectionId, IdentityId, Position};
use tokio::net::TcpStream;
use tokio::sync::Notify;

use super::SignalKey;
use super::outgoing::{Outgoing, Stalled};

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
    /// More waited than may wait.
    Stalled,
}

/// Where a session is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Not listening to events: before the first resume and after a reset.
    Waiting,
    /// Being brought up to date from the store. Events up to `missed` have passed it by in the meantime.
    Joining {
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
    /// Said by the session's own task as soon as it has nothing in hand.
    dismissal: Option<(ByeReason, Bytes)>,
}

/// What [`Session::join_at`] found.
#[derive(Debug, PartialEq, Eq)]
pub enum Joined {
    Live,
    /// Events up to this position passed meanwhile: read on and try again.
    Behind(Position),
    /// It is leaving, or was reset.
    No,
}

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
    /// Tells the session's own task to look: the socket was full, or the session is to close.
    wake: Notify,
}

impl<T: Transport> Session<T> {
    pub fn new(id: ConnectionId, person: Person, transport: T, now: i64) -> Self {
        let state = State { phase: Phase::Waiting, outgoing: Outgoing::default(), dismissal: None };
        let heard_at = AtomicI64::new(now);
        Self { id, person, transport, state: Mutex::new(state), heard_at, wake: Notify::new() }
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

    /// From now on events are noted (not sent) until [`Session::join_at`] says that all before are out. Also for one
    /// that is live: its client wants to go on from somewhere else.
    pub fn start_joining(&self) {
        let mut state = self.state.lock();
        if !matches!(state.phase, Phase::Leaving(_)) {
            state.phase = Phase::Joining { missed: 0 };
        }
    }

    /// Sends a part of what brings the client up to date. False: it is no longer to have it (a reset came between).
    pub fn catch_up(&self, frame: Bytes) -> bool {
        let mut state = self.state.lock();
        let joining = matches!(state.phase, Phase::Joining { .. });
        if joining {
            self.enqueue(&mut state, frame);
        }
        joining
    }

    /// All events up to `position` have been handed to the session: go live, unless more came meanwhile.
    pub fn join_at(&self, position: Position) -> Joined {
        let mut state = self.state.lock();
        match state.phase {
            Phase::Joining { missed } if missed <= position => {
                state.phase = Phase::Live { position };
                Joined::Live
            }
            Phase::Joining { missed } => Joined::Behind(missed),
            Phase::Live { .. } => Joined::Live,
            Phase::Waiting | Phase::Leaving(_) => Joined::No,
        }
    }

    /// Sends a frame that is not part of the feed: a reply, a welcome, a control frame.
    pub fn send(&self, frame: Bytes) {
        let mut state = self.state.lock();
        if !matches!(state.phase, Phase::Leaving(_)) {
            self.enqueue(&mut state, frame);
        }
    }

    /// Sends the frame of the events `first..=last` that concern this session, if it is live. `trimmed` makes the frame
    /// without those up to the position that the session has already.
    pub fn deliver(
        &self,
        first: Position,
        last: Position,
        frame: &Bytes,
        trimmed: impl FnOnce(Position) -> Option<Bytes>,
    ) {
        let mut state = self.state.lock();
        match state.phase {
            Phase::Joining { missed } => state.phase = Phase::Joining { missed: missed.max(last) },
            Phase::Live { position } if position < first => {
                state.phase = Phase::Live { position: last };
                self.enqueue(&mut state, frame.clone());
            }
            Phase::Live { position } if position < last => {
                state.phase = Phase::Live { position: last };
                if let Some(rest) = trimmed(position) {
                    self.enqueue(&mut state, rest);
                }
            }
            Phase::Live { .. } | Phase::Waiting | Phase::Leaving(_) => {}
        }
    }

    /// Sends what is true now; if the socket is full only the newest of its key waits.
    pub fn signal(&self, key: SignalKey, frame: &Bytes) {
        let mut state = self.state.lock();
        if !matches!(state.phase, Phase::Live { .. }) {
            return;
        }
        if state.outgoing.is_empty() {
            self.enqueue(&mut state, frame.clone());
        } else if let Err(Stalled) = state.outgoing.keep_signal(key, frame.clone()) {
            self.leave(&mut state, Close::Stalled);
        }
    }

    /// Whether it gets live events.
    pub fn is_live(&self) -> bool {
        matches!(self.state.lock().phase, Phase::Live { .. })
    }

    /// Stops the events; the client must take a new snapshot and resume.
    pub fn reset(&self, frame: Bytes) {
        let mut state = self.state.lock();
        if !matches!(state.phase, Phase::Leaving(_)) {
            state.phase = Phase::Waiting;
            self.enqueue(&mut state, frame);
        }
    }

    /// Ends the session after `last` has gone out.
    pub fn bye(&self, why: ByeReason, last: Bytes) {
        let mut state = self.state.lock();
        if !matches!(state.phase, Phase::Leaving(_)) {
            self.enqueue(&mut state, last);
            if !matches!(state.phase, Phase::Leaving(_)) {
                state.phase = Phase::Leaving(Close::Bye(why));
            }
        }
        self.wake.notify_one();
    }

    /// Asks the session's task for a good-bye: what is in hand is finished, and its reply goes out before.
    pub fn dismiss(&self, why: ByeReason, last: Bytes) {
        self.state.lock().dismissal = Some((why, last));
        self.wake.notify_one();
    }

    /// Whether [`Session::take_leave`] has something to say.
    pub fn is_dismissed(&self) -> bool {
        self.state.lock().dismissal.is_some()
    }

    /// Says the good-bye that was asked for, if one was.
    pub fn take_leave(&self) {
        let dismissal = self.state.lock().dismissal.take();
        if let Some((why, last)) = dismissal {
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

    /// Writes what waits, as far as the socket takes it. True: nothing waits any more.
    pub fn flush(&self) -> bool {
        let mut state = self.state.lock();
        match state.outgoing.flush(|pieces| self.transport.try_write(pieces)) {
            Ok(done) => done,
            Err(_) => {
                self.leave(&mut state, Close::Gone);
                true
            }
        }
    }

    fn enqueue(&self, state: &mut State, mut frame: Bytes) {
        if state.outgoing.is_empty() {
            match self.transport.try_write(&[IoSlice::new(&frame)]) {
                Ok(written) if written == frame.len() => return,
                Ok(written) => {
                    let _ = frame.split_to(written);
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(_) => return self.leave(state, Close::Gone),
            }
            self.wake.notify_one();
        }
        if let Err(Stalled) = state.outgoing.push(frame) {
            self.leave(state, Close::Stalled);
        }
    }

    fn leave(&self, state: &mut State, why: Close) {
        if !matches!(state.phase, Phase::Leaving(_)) {
            state.phase = Phase::Leaving(why);
        }
        state.outgoing.clear();
        self.wake.notify_one();
    }
}
