//! The reading side of a socket, and the small task that keeps it going.
//!
//! tungstenite's protocol machine parses, checks and answers control frames; it reads straight from the TCP stream and
//! what it wants to write (pongs, the close echo) goes through the session's queue, in order with everything else.

use std::io::{self, IoSlice, Read, Write};
use std::ops::ControlFlow;
use std::time::Duration;

use switchboard_protocol::agent::{Bye, ByeReason};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tungstenite::protocol::{Role, WebSocketConfig, WebSocketContext};
use tungstenite::{Error, Message, Utf8Bytes};

use super::frame::{self, CloseCode};
use super::handshake::Upgraded;
use crate::clock::Clock;
use crate::sessions::{Close, Session, Transport};

/// Read at a time, bytes. Allocated for as long as the socket lives, so small: a longer frame grows it for a while.
const READ_BUFFER_BYTES: usize = 1024;

/// Messages handled before other sockets get their turn.
const MESSAGES_A_TURN: usize = 32;

/// How long a client may take to say who it is.
const FIRST_FRAME: Duration = Duration::from_secs(10);

/// How long a closing socket may take to take its last frames and hang up.
const LAST_FRAMES: Duration = Duration::from_secs(2);

/// How a socket ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// The peer said good-bye: a closed tab, a page left.
    Closed,
    /// The connection broke, stalled, or was ended by us.
    Cut,
}

/// What somebody does with the messages of a socket.
pub trait Handler: Send {
    /// Handles one text message. `Break` ends the socket with a bye.
    fn text(&mut self, text: &str) -> impl Future<Output = ControlFlow<ByeReason>> + Send;
}

/// The state of reading one socket.
pub struct Link {
    context: WebSocketContext,
}

impl Link {
    pub fn new(upgraded: Upgraded, longest_message: usize) -> (Self, TcpStream) {
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER_BYTES)
            .write_buffer_size(0)
            .max_message_size(Some(longest_message))
            .max_frame_size(Some(longest_message));
        let Upgraded { stream, read_ahead } = upgraded;
        let context = if read_ahead.is_empty() {
            WebSocketContext::new(Role::Server, Some(config))
        } else {
            WebSocketContext::from_partially_read(read_ahead, Role::Server, Some(config))
        };
        (Self { context }, stream)
    }

    /// The first text message, before there is a session. None: it did not come, or not in time.
    pub async fn first_text(&mut self, stream: &TcpStream) -> Option<Utf8Bytes> {
        timeout(FIRST_FRAME, async {
            loop {
                match self.context.read(&mut Wire(stream)) {
                    Ok(Message::Text(text)) => return Some(text),
                    Ok(Message::Ping(_) | Message::Pong(_)) => {}
                    Ok(_) => return None,
                    Err(Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => {
                        stream.readable().await.ok()?;
                    }
                    Err(_) => return None,
                }
            }
        })
        .await
        .ok()?
    }

    /// Runs the socket until it ends.
    pub async fn run(&mut self, session: &Session, clock: &Clock, handler: &mut impl Handler) -> Ended {
        let ended = loop {
            match self.read(session, clock, handler).await {
                ControlFlow::Break(ended) => break ended,
                ControlFlow::Continue(()) => {}
            }
            let blocked = session.blocked();
            tokio::select! {
                () = session.woken() => {}
                ready = session.transport().readable() => if ready.is_err() { break Ended::Cut },
                ready = session.transport().writable(), if blocked => if ready.is_err() { break Ended::Cut },
            }
            session.flush();
            if session.closing().is_some() {
                break Ended::Cut;
            }
        };
        hang_up(session).await;
        ended
    }

    /// Handles what has come in, until the socket has nothing more.
    async fn read(&mut self, session: &Session, clock: &Clock, handler: &mut impl Handler) -> ControlFlow<Ended> {
        let mut handled = 0;
        loop {
            let message = match self.context.read(&mut Wire(session)) {
                Ok(message) => message,
                Err(Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => return ControlFlow::Continue(()),
                Err(error) => return ControlFlow::Break(refuse(session, &error)),
            };
            session.heard(clock.now());
            match message {
                Message::Text(text) => {
                    if let ControlFlow::Break(why) = handler.text(&text).await {
                        say_bye(session, why, CloseCode::Policy);
                        return ControlFlow::Break(Ended::Cut);
                    }
                }
                Message::Binary(_) => {
                    say_bye(session, ByeReason::Protocol, CloseCode::Unsupported);
                    return ControlFlow::Break(Ended::Cut);
                }
                // The machine has its echo ready; one more look sends it and reports the end.
                Message::Close(_) => {
                    let _ = self.context.read(&mut Wire(session));
                    return ControlFlow::Break(Ended::Closed);
                }
                Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
            }
            if session.closing().is_some() {
                return ControlFlow::Break(Ended::Cut);
            }
            handled += 1;
            if handled % MESSAGES_A_TURN == 0 {
                tokio::task::yield_now().await;
            }
        }
    }
}

/// What broke the protocol is told with the code that RFC 6455 has for it.
fn refuse(session: &Session, error: &Error) -> Ended {
    let code = match error {
        Error::Capacity(_) => CloseCode::TooBig,
        Error::Utf8(_) => CloseCode::Payload,
        Error::Protocol(_) => CloseCode::Protocol,
        _ => return Ended::Cut,
    };
    say_bye(session, ByeReason::Protocol, code);
    Ended::Cut
}

fn say_bye(session: &Session, why: ByeReason, code: CloseCode) {
    session.bye(why, frame::bye(Bye { why, after_ms: 0 }, code));
}

/// Lets the last frames out and waits for the peer to hang up; what has stalled is dropped at once, so that the kernel
/// gives its buffers back.
async fn hang_up(session: &Session) {
    let stream = session.transport();
    let socket = socket2::SockRef::from(stream);
    if matches!(session.closing(), Some(Close::Stalled | Close::Gone)) {
        let _ = socket.set_linger(Some(Duration::ZERO));
        return;
    }
    let last = timeout(LAST_FRAMES, async {
        while !session.flush() {
            stream.writable().await?;
        }
        socket.shutdown(std::net::Shutdown::Write)?;
        let mut rest = [0; 512];
        loop {
            stream.readable().await?;
            match stream.try_read(&mut rest) {
                Ok(0) => return Ok(()),
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
    });
    // Whatever comes of it: the socket is over.
    let _: Result<io::Result<()>, _> = last.await;
}

/// What tungstenite reads from and writes to. Reading never waits; writing goes out in order with the session's frames.
struct Wire<T>(T);

impl Read for Wire<&Session> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.transport().try_read(buffer)
    }
}

impl Write for Wire<&Session> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.send(bytes::Bytes::copy_from_slice(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Read for Wire<&TcpStream> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.try_read(buffer)
    }
}

/// Before there is a session only a pong or the echo of a close can be written; a peer whose socket is full already
/// does without.
impl Write for Wire<&TcpStream> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Transport::try_write(self.0, &[IoSlice::new(bytes)]).or(Ok(bytes.len()))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
