//! How much a socket may send, at a time and for one message.
//!
//! tungstenite puts a message together from its fragments inside one call that ends only when the socket has nothing more:
//! a peer that sends fragments without end would keep the thread that reads them. So it reads through a [`Wire`] that is
//! dry after [`BYTES_A_TURN`], and what the message in hand has taken is counted on the way.

use std::io::{self, Read, Write};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::Instant;
use tungstenite::Message;

use crate::sessions::{Session, Transport};

/// Read from one socket before others get their turn, bytes.
const BYTES_A_TURN: usize = 16 * 1024;

/// What the headers of one message's fragments may take besides the message itself, bytes: some thousand fragments.
const HEADERS_BYTES: usize = 16 * 1024;

/// How long a message may take from its first fragment to its last: the longest that people write, at 20 kbit/s.
const MESSAGE: Duration = Duration::from_secs(20);

/// A client's frame is masked: what surrounds the payload of a control frame, bytes (RFC 6455, section 5.2).
const CONTROL_HEADER_BYTES: usize = 6;

/// The state of one socket's intake.
#[derive(Debug)]
pub struct Intake {
    /// Longest message, with the headers of its fragments, bytes.
    longest: usize,
    /// What is left of this turn, bytes.
    left: usize,
    /// What the message in hand has taken at least, bytes.
    taken: usize,
    /// When a turn first ended with that message unfinished.
    begun: Option<Instant>,
}

/// Why a message will never be whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Endless {
    TooBig,
    TooSlow,
}

impl Intake {
    pub fn new(longest_message: usize) -> Self {
        Self { longest: longest_message + HEADERS_BYTES, left: BYTES_A_TURN, taken: 0, begun: None }
    }

    /// What tungstenite reads from and writes to.
    pub fn wire<T>(&mut self, to: T) -> Wire<'_, T> {
        Wire { to, intake: self }
    }

    /// One message is whole.
    pub fn whole(&mut self, message: &Message) {
        match message {
            // Stands between the fragments of another, or alone.
            Message::Ping(payload) | Message::Pong(payload) => {
                self.taken = self.taken.saturating_sub(CONTROL_HEADER_BYTES + payload.len());
            }
            _ => self.taken = 0,
        }
        if self.taken == 0 {
            self.begun = None;
        }
    }

    /// Nothing is read for a while, which is no slowness of the peer's.
    pub fn pauses(&mut self) {
        self.begun = None;
    }

    /// Ends a turn, and begins the next. True: this one ended though the socket may have more.
    pub fn end_turn(&mut self, now: Instant) -> Result<bool, Endless> {
        let spent = std::mem::replace(&mut self.left, BYTES_A_TURN) == 0;
        if self.taken > self.longest {
            return Err(Endless::TooBig);
        }
        if self.taken > 0 && now.duration_since(*self.begun.get_or_insert(now)) > MESSAGE {
            return Err(Endless::TooSlow);
        }
        Ok(spent)
    }

    fn read(&mut self, stream: &TcpStream, buffer: &mut [u8]) -> io::Result<usize> {
        let room = buffer.len().min(self.left);
        if room == 0 {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let read = stream.try_read(&mut buffer[..room])?;
        self.left -= read;
        self.taken += read;
        Ok(read)
    }
}

/// Reading never waits; writing goes out in order with the session's frames.
pub struct Wire<'i, T> {
    to: T,
    intake: &'i mut Intake,
}

impl Read for Wire<'_, &Session> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.intake.read(self.to.transport(), buffer)
    }
}

impl Write for Wire<'_, &Session> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.to.send(bytes::Bytes::copy_from_slice(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Read for Wire<'_, &TcpStream> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.intake.read(self.to, buffer)
    }
}

/// Before there is a session only a pong or the echo of a close can be written; a peer whose socket is full already
/// does without.
impl Write for Wire<'_, &TcpStream> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Transport::try_write(self.to, &[io::IoSlice::new(bytes)]).or(Ok(bytes.len()))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pong(length: usize) -> Message {
        Message::Pong(vec![0; length].into())
    }

    #[test]
    fn a_message_that_is_never_whole_is_endless_however_it_comes() {
        let start = Instant::now();
        let mut intake = Intake::new(1_000);
        intake.taken = 1_000 + HEADERS_BYTES + 1;
        assert_eq!(intake.end_turn(start), Err(Endless::TooBig));

        let mut intake = Intake::new(1_000);
        intake.taken = 10;
        assert_eq!(intake.end_turn(start), Ok(false));
        assert_eq!(intake.end_turn(start + MESSAGE), Ok(false));
        // Sound pongs between its fragments make it no younger.
        intake.taken += CONTROL_HEADER_BYTES + 20;
        intake.whole(&pong(20));
        assert_eq!(intake.end_turn(start + MESSAGE + Duration::from_millis(1)), Err(Endless::TooSlow));
    }

    #[test]
    fn to_be_left_unread_is_no_slowness() {
        let start = Instant::now();
        let mut intake = Intake::new(1_000);
        intake.taken = 10;
        assert_eq!(intake.end_turn(start), Ok(false));
        intake.pauses();
        assert_eq!(intake.end_turn(start + 2 * MESSAGE), Ok(false));
        assert_eq!(intake.end_turn(start + 4 * MESSAGE), Err(Endless::TooSlow));
    }

    #[test]
    fn what_is_whole_in_time_counts_no_longer() {
        let start = Instant::now();
        let mut intake = Intake::new(1_000);
        for message in [Message::text("hello"), pong(125)] {
            intake.taken = CONTROL_HEADER_BYTES + 125;
            assert_eq!(intake.end_turn(start), Ok(false));
            intake.whole(&message);
            assert_eq!(intake.end_turn(start + 2 * MESSAGE), Ok(false));
        }
        intake.left = 0;
        assert_eq!(intake.end_turn(start), Ok(true));
        assert_eq!(intake.end_turn(start), Ok(false), "each turn begins anew");
    }
}
