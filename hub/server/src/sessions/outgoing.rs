//! What waits to be written to one socket. No I/O of its own: the caller hands in the write.

use std::collections::VecDeque;
use std::io::{self, IoSlice};

use bytes::Bytes;
use switchboard_protocol::model::Author;
use switchboard_protocol::{ConversationId, InboxId};

use super::{QUEUE_BYTES, SIGNAL_SLOTS};

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
}

impl SignalKey {
    /// Whether it may be forgotten: a client forgets it by itself. The others tell of a change once.
    fn runs_out(&self) -> bool {
        matches!(self, Self::Typing(..))
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
}

/// More waits than may ([`QUEUE_BYTES`], [`SIGNAL_SLOTS`]): the reader has stalled.
#[derive(Debug, PartialEq, Eq)]
pub struct Stalled;

impl Outgoing {
    pub fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// Bytes that wait.
    pub fn bytes(&self) -> usize {
        self.bytes + self.signal_bytes
    }

    /// Queues what could not be written at once.
    pub fn push(&mut self, frame: Bytes) -> Result<(), Stalled> {
        if self.bytes() + frame.len() > QUEUE_BYTES {
            return Err(Stalled);
        }
        self.bytes += frame.len();
        self.frames.push_back(frame);
        Ok(())
    }

    /// Keeps a signal for when the queue has gone out; the newest of its key wins. Beyond the bounds, those that run
    /// out by themselves are forgotten, oldest first; any other would leave the client with what is no longer so.
    pub fn keep_signal(&mut self, key: SignalKey, frame: Bytes) -> Result<(), Stalled> {
        self.signal_bytes += frame.len();
        match self.signals.iter_mut().find(|(other, _)| *other == key) {
            Some((_, slot)) => self.signal_bytes -= std::mem::replace(slot, frame).len(),
            None => self.signals.push((key, frame)),
        }
        while self.signals.len() > SIGNAL_SLOTS || self.bytes() > QUEUE_BYTES {
            let oldest = self.signals.iter().position(|(key, _)| key.runs_out()).ok_or(Stalled)?;
            self.signal_bytes -= self.signals.remove(oldest).1.len();
        }
        Ok(())
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
        for (_, frame) in self.signals.drain(..) {
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
                outgoing.push(Bytes::from(frame.clone())).expect("far below the bound");
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
        outgoing.keep_signal(SignalKey::TeamOnline, Bytes::from_static(b"old")).expect("room");
        outgoing.keep_signal(SignalKey::TeamOnline, Bytes::from_static(b"new")).expect("room");
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
    fn typing_is_forgotten_beyond_the_bound_and_a_change_never() {
        let mut outgoing = Outgoing::default();
        let typing =
            |n: usize| SignalKey::Typing(ConversationId(switchboard_protocol::Ulid(n as u128)), Author::System);
        outgoing.keep_signal(SignalKey::Team(0), Bytes::from_static(b"team ")).expect("room");
        for n in 0..3 * SIGNAL_SLOTS {
            outgoing.keep_signal(typing(n), Bytes::from_static(b"typing ")).expect("the oldest typing goes");
        }
        assert_eq!(outgoing.signals.len(), SIGNAL_SLOTS);
        assert_eq!(outgoing.signals[0].0, SignalKey::Team(0));
        for n in 1..SIGNAL_SLOTS as u64 {
            outgoing.keep_signal(SignalKey::Team(n), Bytes::from_static(b"team ")).expect("typing makes room");
        }
        assert_eq!(outgoing.keep_signal(SignalKey::Team(1_000), Bytes::from_static(b"team ")), Err(Stalled));
    }

    #[test]
    fn signals_count_into_the_bound_in_bytes() {
        let mut outgoing = Outgoing::default();
        let half = Bytes::from(vec![0; QUEUE_BYTES / 2]);
        assert_eq!(outgoing.push(half.clone()), Ok(()));
        assert_eq!(outgoing.keep_signal(SignalKey::Team(1), half.clone()), Ok(()));
        assert_eq!(outgoing.keep_signal(SignalKey::Team(2), half), Err(Stalled));
    }

    #[test]
    fn a_queue_beyond_its_bound_is_a_stalled_reader() {
        let mut outgoing = Outgoing::default();
        let frame = Bytes::from(vec![0; QUEUE_BYTES / 2]);
        assert_eq!(outgoing.push(frame.clone()), Ok(()));
        assert_eq!(outgoing.push(frame.clone()), Ok(()));
        assert_eq!(outgoing.push(frame), Err(Stalled));
    }
}
