//! What waits to be written to one socket. No I/O of its own: the caller hands in the write.

use std::collections::VecDeque;
use std::io::{self, IoSlice};

use bytes::Bytes;
use switchboard_protocol::model::Author;
use switchboard_protocol::{ConversationId, InboxId};

use super::{ANSWER_BYTES, EVENT_BYTES, SIGNAL_BYTES, SIGNAL_SLOTS};

/// Most pieces handed to the kernel in one vectored write (Linux takes 1,024).
const PIECES_A_WRITE: usize = 64;

/// Which signal replaces which: only the newest of a key waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub enum SignalKey {
    Typing(ConversationId, Author),
    Viewers(ConversationId),
    /// Changes of presence do not replace each other: each names other people. The number tells them apart.
    Team(u64),
    Visitors(InboxId, u64),
    TeamOnline,
    /// What a bot says of a button that was pressed, by the press.
    Told(ConversationId, i64),
}

impl SignalKey {
    /// Whether it may be forgotten: a client forgets it by itself. The others tell of a change once, and when one was left
    /// out its client is told anew what is true now, as after each `welcome`.
    fn runs_out(&self) -> bool {
        matches!(self, Self::Typing(..) | Self::Told(..))
    }
}

/// The queue of one session: whole frames, of which the first may be partly written.
#[derive(Debug, Default)]
pub struct Outgoing {
    frames: VecDeque<Bytes>,
    /// Bytes in `frames`.
    bytes: usize,
    signals: Vec<(SignalKey, Bytes)>,
    /// Bytes in `signals`.
    signal_bytes: usize,
    /// Some of what is true now was left out: the client is to be told anew.
    untold: bool,
}

/// What a frame is: how much may wait with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A part of the feed. What does not fit is read from there later.
    Event,
    /// Anything else. What does not fit is lost.
    Answer,
}

impl Kind {
    fn most_bytes(self) -> usize {
        match self {
            Self::Event => EVENT_BYTES,
            Self::Answer => EVENT_BYTES + ANSWER_BYTES,
        }
    }
}

/// More would wait than may.
#[derive(Debug, PartialEq, Eq)]
pub struct NoRoom;

impl Outgoing {
    pub fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// Bytes that wait.
    pub fn bytes(&self) -> usize {
        self.bytes + self.signal_bytes
    }

    /// Whether answers have begun to use up their room.
    pub fn is_full(&self) -> bool {
        self.bytes > EVENT_BYTES
    }

    /// Queues what could not be written at once. One frame alone, or the rest of one, is always taken: its beginning is out.
    pub fn push(&mut self, frame: Bytes, kind: Kind) -> Result<(), NoRoom> {
        let alone = self.frames.is_empty() || kind == Kind::Answer && self.holds_one_too_long();
        if !alone && self.bytes + frame.len() > kind.most_bytes() {
            return Err(NoRoom);
        }
        self.bytes += frame.len();
        self.frames.push_back(frame);
        Ok(())
    }

    /// One frame that takes all the room by itself must not keep out the answer to a command that is in hand.
    fn holds_one_too_long(&self) -> bool {
        self.frames.len() == 1 && self.bytes > EVENT_BYTES
    }

    /// Keeps a signal for when the queue has gone out; the newest of its key wins. Beyond the bounds, those that run
    /// out by themselves are forgotten, oldest first, and then the others: the client is to be told anew
    /// ([`Outgoing::take_untold`]).
    pub fn keep_signal(&mut self, key: SignalKey, frame: Bytes) {
        self.signal_bytes += frame.len();
        match self.signals.iter_mut().find(|(other, _)| *other == key) {
            Some((_, slot)) => self.signal_bytes -= std::mem::replace(slot, frame).len(),
            None => self.signals.push((key, frame)),
        }
        while self.signals.len() > SIGNAL_SLOTS || self.signal_bytes > SIGNAL_BYTES {
            let forgotten = self.signals.iter().position(|(key, _)| key.runs_out());
            self.untold |= forgotten.is_none();
            self.signal_bytes -= self.signals.remove(forgotten.unwrap_or(0)).1.len();
        }
    }

    /// Leaves the signals out that wait.
    pub fn drop_signals(&mut self) {
        self.signals = Vec::new();
        self.signal_bytes = 0;
        self.untold = false;
    }

    /// Something true now could not be told.
    pub fn leave_untold(&mut self) {
        self.untold = true;
    }

    /// Whether the client is to be told anew what is true now; asked once.
    pub fn take_untold(&mut self) -> bool {
        std::mem::take(&mut self.untold)
    }

    /// Writes until all is out or the socket is full. `Ok(true)`: nothing waits any more.
    pub fn flush(&mut self, mut write: impl FnMut(&[IoSlice<'_>]) -> io::Result<usize>) -> io::Result<bool> {
        loop {
            if self.frames.is_empty() {
                self.release_signals();
                if self.frames.is_empty() {
                    return Ok(true);
                }
            }
            let slices: Vec<IoSlice<'_>> = self.frames.iter().take(PIECES_A_WRITE).map(|f| IoSlice::new(f)).collect();
            match write(&slices) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => self.advance(written),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
                Err(error) => return Err(error),
            }
        }
    }

    /// Forgets everything; the socket is about to go.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    fn release_signals(&mut self) {
        self.signal_bytes = 0;
        for (_, frame) in std::mem::take(&mut self.signals) {
            self.bytes += frame.len();
            self.frames.push_back(frame);
        }
    }

    fn advance(&mut self, mut written: usize) {
        self.bytes -= written;
        while written > 0 {
            let Some(front) = self.frames.front_mut() else { return };
            if written < front.len() {
                let _ = front.split_to(written);
                return;
            }
            written -= front.len();
            self.frames.pop_front();
        }
        // A burst must not leave its queue's memory with an idle session.
        if self.frames.is_empty() && self.frames.capacity() > 0 {
            self.frames = VecDeque::new();
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Whatever the socket takes at a time, the bytes come out in order, each once.
        #[test]
        fn partial_writes_lose_and_repeat_nothing(
            frames in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..40), 1..80),
            takes in prop::collection::vec(0usize..60, 1..400),
        ) {
            let mut outgoing = Outgoing::default();
            let mut written = Vec::new();
            for frame in &frames {
                outgoing.push(Bytes::from(frame.clone()), Kind::Answer).expect("far below the bound");
            }
            for take in takes.into_iter().chain(std::iter::repeat_n(1_000_000, 200)) {
                let mut once = true;
                let done = outgoing.flush(|slices| {
                    if take == 0 || !std::mem::take(&mut once) {
                        return Err(io::ErrorKind::WouldBlock.into());
                    }
                    let all: Vec<u8> = slices.iter().flat_map(|s| s.iter().copied()).take(take).collect();
                    written.extend_from_slice(&all);
                    Ok(all.len())
                }).expect("no error but a full socket");
                if done { break; }
            }
            prop_assert_eq!(written, frames.concat());
            prop_assert_eq!(outgoing.bytes(), 0);
        }
    }

    #[test]
    fn the_newest_signal_of_a_key_takes_the_place_of_the_one_before() {
        let mut outgoing = Outgoing::default();
        outgoing.keep_signal(SignalKey::TeamOnline, Bytes::from_static(b"old"));
        outgoing.keep_signal(SignalKey::TeamOnline, Bytes::from_static(b"new"));
        let mut written = Vec::new();
        outgoing
            .flush(|slices| {
                written.extend(slices.iter().flat_map(|s| s.to_vec()));
                Ok(slices.iter().map(|s| s.len()).sum())
            })
            .expect("the socket takes all");
        assert_eq!(written, b"new");
    }

    #[test]
    fn beyond_the_bound_typing_is_forgotten_and_a_change_is_told_anew() {
        let mut outgoing = Outgoing::default();
        let conversation = |n: usize| ConversationId(switchboard_protocol::Ulid(n as u128));
        let mut keep = |key| {
            outgoing.keep_signal(key, Bytes::from_static(b"signal"));
            (outgoing.signals[0].0, outgoing.take_untold())
        };
        let viewers = |n| SignalKey::Viewers(conversation(n));
        assert_eq!(keep(viewers(0)), (viewers(0), false));
        for n in 0..3 * SIGNAL_SLOTS {
            let kept = keep(SignalKey::Typing(conversation(n), Author::System));
            assert_eq!(kept, (viewers(0), false), "the oldest typing goes");
        }
        for n in 1..SIGNAL_SLOTS {
            assert_eq!(keep(SignalKey::Team(n as u64)), (viewers(0), false));
        }
        assert_eq!(keep(viewers(1)), (SignalKey::Team(1), true), "the oldest of all goes");
        assert_eq!(keep(SignalKey::TeamOnline), (SignalKey::Team(2), true));
        assert_eq!(outgoing.signals.len(), SIGNAL_SLOTS);
    }

    #[test]
    fn signals_have_a_bound_in_bytes() {
        let mut outgoing = Outgoing::default();
        let half = Bytes::from(vec![0; SIGNAL_BYTES / 2]);
        for n in 0..3 {
            outgoing.keep_signal(SignalKey::Team(n), half.clone());
            assert_eq!(outgoing.take_untold(), n == 2);
        }
        assert_eq!(outgoing.bytes(), SIGNAL_BYTES);
        outgoing.keep_signal(SignalKey::Team(3), Bytes::from(vec![0; SIGNAL_BYTES + 1]));
        assert_eq!((outgoing.bytes(), outgoing.take_untold()), (0, true), "one alone is too long");
    }

    #[test]
    fn a_frame_that_is_longer_than_the_queue_keeps_no_answer_out() {
        let mut outgoing = Outgoing::default();
        assert_eq!(outgoing.push(Bytes::from(vec![0; 2 * (EVENT_BYTES + ANSWER_BYTES)]), Kind::Event), Ok(()));
        assert!(outgoing.is_full(), "nothing more is asked");
        assert_eq!(outgoing.push(Bytes::from_static(b"event"), Kind::Event), Err(NoRoom));
        assert_eq!(outgoing.push(Bytes::from_static(b"the one in hand"), Kind::Answer), Ok(()));
        assert_eq!(outgoing.push(Bytes::from_static(b"another"), Kind::Answer), Err(NoRoom));
    }

    #[test]
    fn events_leave_room_for_answers() {
        let mut outgoing = Outgoing::default();
        let (much, little) = (Bytes::from(vec![0; EVENT_BYTES]), Bytes::from(vec![0; ANSWER_BYTES]));
        assert_eq!(outgoing.push(much, Kind::Event), Ok(()));
        assert_eq!(outgoing.push(Bytes::from_static(b"e"), Kind::Event), Err(NoRoom));
        assert!(!outgoing.is_full(), "events alone never stop the reading");
        assert_eq!(outgoing.push(little, Kind::Answer), Ok(()));
        assert!(outgoing.is_full());
        assert_eq!(outgoing.push(Bytes::from_static(b"a"), Kind::Answer), Err(NoRoom));
    }
}
