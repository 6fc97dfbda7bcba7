//! Thousands of client sockets on one thread: an epoll loop (mio), one shared read buffer, frames handed to the scenario
//! where they lie. It knows WebSocket frames and nothing of what they say; that is the scenario's [`Driver`].
//!
//! Deliberately not here: TLS, compression, fragmented frames, fairness between sockets. It shares two cores with the
//! hub that it measures, so that what it does not do is the point of it.

use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};
use socket2::{Domain, Protocol, Socket as RawSocket, Type};

use crate::clock::{Clock, Nanos};
use crate::ws::{self, Answer};

/// One read takes at most this much, bytes.
const READ_BYTES: usize = 256 * 1024;
/// Events taken from the kernel in one go.
const EVENTS: usize = 1024;
/// Connections come from 127.0.0.1 … 127.0.0.32, so that neither ports run out nor an address looks like a flood.
pub const SOURCES: u8 = 32;

/// A socket of the swarm. Never used again for another one, so that a late event finds nothing rather than a stranger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SocketId(pub usize);

/// How a socket ended, other than by our own word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Closed {
    /// The handshake was answered with something else; the answer's first line.
    Refused(String),
    /// End of stream or a close frame.
    ByPeer,
    Error(io::ErrorKind),
    /// The server sent what it must not.
    Bad(ws::Bad),
}

/// What a scenario does with what happens. It may send, close and connect from within.
pub trait Driver {
    fn opened(&mut self, swarm: &mut Swarm, id: SocketId);
    /// A whole text frame; `now` is when the read that brought it returned.
    fn frame(&mut self, swarm: &mut Swarm, id: SocketId, frame: &[u8], now: Nanos);
    fn closed(&mut self, swarm: &mut Swarm, id: SocketId, why: Closed);
}

/// How to connect.
pub struct Dial<'a> {
    pub to: SocketAddr,
    pub path: &'a str,
    pub cookie: Option<&'a str>,
    /// Kernel receive buffer, bytes; none: the system's own growing one.
    pub receive_buffer: Option<usize>,
}

/// Bytes and frames on the wire, all sockets together.
#[derive(Debug, Default, Clone, Copy)]
pub struct Wire {
    pub received: u64,
    pub sent: u64,
    pub frames: u64,
    pub reads: u64,
}

struct Socket {
    stream: TcpStream,
    open: bool,
    paused: bool,
    /// Begun but not whole frame from the last read.
    held: Vec<u8>,
    /// What waits to be written.
    output: Vec<u8>,
    dirty: bool,
}

pub struct Swarm {
    poll: Poll,
    events: Events,
    sockets: Vec<Option<Socket>>,
    scratch: Vec<u8>,
    dirty: Vec<SocketId>,
    source: u8,
    pub clock: Clock,
    pub wire: Wire,
}

impl Swarm {
    pub fn new(clock: Clock) -> io::Result<Self> {
        Ok(Self {
            poll: Poll::new()?,
            events: Events::with_capacity(EVENTS),
            sockets: Vec::new(),
            scratch: vec![0; READ_BYTES],
            dirty: Vec::new(),
            source: 0,
            clock,
            wire: Wire::default(),
        })
    }

    pub fn now(&self) -> Nanos {
        self.clock.now()
    }

    /// Begins to connect; [`Driver::opened`] or [`Driver::closed`] follows.
    pub fn connect(&mut self, dial: &Dial<'_>) -> io::Result<SocketId> {
        let raw = RawSocket::new(Domain::for_address(dial.to), Type::STREAM.nonblocking(), Some(Protocol::TCP))?;
        if let Some(bytes) = dial.receive_buffer {
            raw.set_recv_buffer_size(bytes)?;
        }
        if dial.to.ip().is_loopback() && dial.to.is_ipv4() {
            self.source = self.source % SOURCES + 1;
            let from = IpAddr::V4(Ipv4Addr::new(127, 0, 0, self.source));
            raw.bind(&SocketAddr::new(from, 0).into())?;
        }
        raw.set_tcp_nodelay(true)?;
        match raw.connect(&dial.to.into()) {
            Ok(()) => {}
            // EINPROGRESS: it goes on by itself, the socket becomes writable.
            Err(error) if error.raw_os_error() == Some(rustix::io::Errno::INPROGRESS.raw_os_error()) => {}
            Err(error) => return Err(error),
        }
        let mut stream = TcpStream::from_std(raw.into());
        let id = SocketId(self.sockets.len());
        self.poll.registry().register(&mut stream, Token(id.0), Interest::READABLE | Interest::WRITABLE)?;
        let host = dial.to.to_string();
        let output = ws::request(&ws::Handshake { host: &host, path: dial.path, cookie: dial.cookie });
        self.sockets.push(Some(Socket { stream, open: false, paused: false, held: Vec::new(), output, dirty: false }));
        Ok(id)
    }

    /// Queues a text frame; it is written at the end of this turn, together with whatever else waits for this socket.
    pub fn send(&mut self, id: SocketId, text: &[u8]) {
        self.queue(id, ws::TEXT, text);
    }

    /// Closes as a browser does that leaves the page.
    pub fn close(&mut self, id: SocketId) {
        self.queue(id, ws::CLOSE, &1001u16.to_be_bytes());
        if let Some(Some(socket)) = self.sockets.get_mut(id.0) {
            // What cannot be written at once is not worth waiting for: the socket goes now.
            let _ = socket.stream.write(&socket.output);
        }
        self.forget(id);
    }

    /// Drops without a word (RST), as a cable does that is pulled.
    pub fn drop_hard(&mut self, id: SocketId) {
        if let Some(Some(socket)) = self.sockets.get(id.0) {
            let _ = socket2::SockRef::from(&socket.stream).set_linger(Some(Duration::ZERO));
        }
        self.forget(id);
    }

    /// Stops reading: the kernel's buffer fills, then the hub's.
    pub fn pause(&mut self, id: SocketId) -> io::Result<()> {
        if let Some(Some(socket)) = self.sockets.get_mut(id.0) {
            socket.paused = true;
            self.poll.registry().deregister(&mut socket.stream)?;
        }
        Ok(())
    }

    /// Reads again after [`Swarm::pause`].
    pub fn resume(&mut self, id: SocketId) -> io::Result<()> {
        if let Some(Some(socket)) = self.sockets.get_mut(id.0) {
            socket.paused = false;
            self.poll.registry().register(&mut socket.stream, Token(id.0), Interest::READABLE | Interest::WRITABLE)?;
        }
        Ok(())
    }

    /// Waits at most this long for something to happen and hands all of it to the driver.
    pub fn turn(&mut self, driver: &mut impl Driver, wait: Duration) -> io::Result<()> {
        self.flush(driver);
        let mut events = std::mem::replace(&mut self.events, Events::with_capacity(0));
        match self.poll.poll(&mut events, Some(wait)) {
            Err(error) if error.kind() != io::ErrorKind::Interrupted => return Err(error),
            _ => {}
        }
        for event in &events {
            let id = SocketId(event.token().0);
            if event.is_writable() {
                self.write(driver, id);
            }
            if event.is_readable() || event.is_read_closed() || event.is_error() {
                self.read(driver, id, event.is_read_closed() || event.is_error());
            }
        }
        self.events = events;
        self.flush(driver);
        Ok(())
    }

    /// Turns until the condition holds; false if it did not within this time.
    pub fn turn_until<D: Driver>(
        &mut self,
        driver: &mut D,
        within: Duration,
        mut met: impl FnMut(&D) -> bool,
    ) -> io::Result<bool> {
        let end = self.now() + within.as_nanos() as u64;
        while !met(driver) {
            if self.now() >= end {
                return Ok(false);
            }
            self.turn(driver, Duration::from_millis(5))?;
        }
        Ok(true)
    }

    fn queue(&mut self, id: SocketId, opcode: u8, payload: &[u8]) {
        let Some(Some(socket)) = self.sockets.get_mut(id.0) else { return };
        ws::write_frame(&mut socket.output, opcode, payload);
        if !socket.dirty {
            socket.dirty = true;
            self.dirty.push(id);
        }
    }

    fn flush(&mut self, driver: &mut impl Driver) {
        // What the driver queues from within waits for the next turn.
        for id in std::mem::take(&mut self.dirty) {
            self.write(driver, id);
        }
    }

    fn forget(&mut self, id: SocketId) {
        if let Some(slot) = self.sockets.get_mut(id.0) {
            *slot = None;
        }
    }

    fn end(&mut self, driver: &mut impl Driver, id: SocketId, why: Closed) {
        self.forget(id);
        driver.closed(self, id, why);
    }

    fn write(&mut self, driver: &mut impl Driver, id: SocketId) {
        let Some(Some(socket)) = self.sockets.get_mut(id.0) else { return };
        socket.dirty = false;
        if socket.paused {
            return;
        }
        while !socket.output.is_empty() {
            match socket.stream.write(&socket.output) {
                Ok(written) => {
                    self.wire.sent += written as u64;
                    socket.output.drain(..written);
                }
                Err(error)
                    if error.kind() == io::ErrorKind::WouldBlock || error.kind() == io::ErrorKind::NotConnected =>
                {
                    return;
                }
                Err(error) => return self.end(driver, id, Closed::Error(error.kind())),
            }
        }
        // An idle generator socket keeps nothing, or ten thousand of them push the hub out of memory's sight.
        socket.output = Vec::new();
    }

    fn read(&mut self, driver: &mut impl Driver, id: SocketId, ending: bool) {
        loop {
            let Some(Some(socket)) = self.sockets.get_mut(id.0) else { return };
            if socket.paused {
                return;
            }
            let held = socket.held.len();
            let mut scratch = std::mem::take(&mut self.scratch);
            scratch.resize(scratch.len().max(held + READ_BYTES), 0);
            scratch[..held].copy_from_slice(&socket.held);
            let got = socket.stream.read(&mut scratch[held..]);
            let more = match got {
                Ok(0) => Err(Closed::ByPeer),
                Ok(bytes) => {
                    self.wire.received += bytes as u64;
                    self.wire.reads += 1;
                    let room = scratch.len() - held;
                    self.take(driver, id, &scratch[..held + bytes]).map(|()| ending || bytes == room)
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(false),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(true),
                Err(error) => Err(Closed::Error(error.kind())),
            };
            self.scratch = scratch;
            match more {
                // A short read has emptied the socket; the next byte comes with an edge of its own (epoll(7)).
                Ok(false) => return,
                Ok(true) => {}
                Err(why) => return self.end(driver, id, why),
            }
        }
    }

    /// Hands out the whole frames among these bytes and holds the rest.
    fn take(&mut self, driver: &mut impl Driver, id: SocketId, bytes: &[u8]) -> Result<(), Closed> {
        let now = self.now();
        let mut at = 0;
        let Some(Some(socket)) = self.sockets.get_mut(id.0) else { return Ok(()) };
        if !socket.open {
            match ws::answer(bytes) {
                Answer::More => return self.hold(id, bytes),
                Answer::Refused(line) => return Err(Closed::Refused(line)),
                Answer::Open(first) => at = first,
            }
            socket.open = true;
            driver.opened(self, id);
        }
        while let Some(head) = ws::read_head(&bytes[at..]).map_err(Closed::Bad)? {
            if at + head.end > bytes.len() {
                break;
            }
            let payload = &bytes[at + head.payload..at + head.end];
            at += head.end;
            match head.opcode {
                ws::TEXT => {
                    self.wire.frames += 1;
                    driver.frame(self, id, payload, now);
                }
                ws::PING => self.queue(id, ws::PONG, payload),
                ws::CLOSE => return Err(Closed::ByPeer),
                _ => {}
            }
            if self.sockets[id.0].is_none() {
                return Ok(());
            }
        }
        self.hold(id, &bytes[at..])
    }

    fn hold(&mut self, id: SocketId, rest: &[u8]) -> Result<(), Closed> {
        if let Some(Some(socket)) = self.sockets.get_mut(id.0) {
            if rest.is_empty() {
                socket.held = Vec::new();
            } else {
                socket.held.clear();
                socket.held.extend_from_slice(rest);
            }
        }
        Ok(())
    }
}
