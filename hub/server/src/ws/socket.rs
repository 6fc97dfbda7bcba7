//! The reading side of a socket, and the small task that keeps it going.
//!
//! tungstenite's protocol machine parses, checks and answers control frames; it reads straight from the TCP stream and
//! what it wants to write (pongs, the close echo) goes through the session's queue, in order with everything else.

use std::io::{self, IoSlice};
use std::ops::ControlFlow;
use std::time::Duration;

use bytes::Bytes;
use switchboard_protocol::agent::{Bye, ByeReason};
use tokio::net::TcpStream;
use tokio::task::yield_now;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;
use tungstenite::protocol::{Role, WebSocketConfig, WebSocketContext};
use tungstenite::{Error, Message, Utf8Bytes};

use super::frame::{self, CloseCode};
use super::handshake::Upgraded;
use super::intake::{Endless, Intake};
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

/// The close code of a client that will be back: of a connection that it takes for dead, or of a new snapshot.
const BACK_SOON: u16 = 4000;

/// How a socket ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// The peer is not coming back: a closed tab, a page left, signed out.
    Closed,
    /// The connection broke, stalled, or was ended by us; or the peer says that it will be back.
    Cut,
}

/// What somebody does with the messages of a socket.
pub trait Handler: Send {
    /// Handles one text message. `Break` ends the socket with a bye.
    fn text(&mut self, text: &str) -> impl Future<Output = ControlFlow<Bye>> + Send;

    /// Sends a session that is behind a part of what it missed. Waits for no reader.
    fn catch_up(&mut self) -> impl Future<Output = ControlFlow<Bye>> + Send;

    /// Whether one that should have resumed, or whose proof has run out, may stay. `Break` ends the socket with a bye.
    fn lapsed(&mut self) -> impl Future<Output = ControlFlow<Bye>> + Send;

    /// What is true now, for a client of whom some of it was kept: all frames of it in one piece.
    fn now(&self) -> Bytes;
}

/// Why somebody gets no session.
#[derive(Debug, Clone, Copy)]
pub struct TurnedAway {
    pub bye: Bye,
    pub code: CloseCode,
}

impl From<Bye> for TurnedAway {
    fn from(bye: Bye) -> Self {
        Self { bye, code: CloseCode::of(bye.why) }
    }
}

impl From<ByeReason> for TurnedAway {
    fn from(why: ByeReason) -> Self {
        Bye { why, after_ms: 0 }.into()
    }
}

/// The state of reading one socket.
pub struct Link {
    context: WebSocketContext,
    intake: Intake,
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
        (Self { context, intake: Intake::new(longest_message) }, stream)
    }

    /// The first text message, before there is a session. Waits for [`FIRST_FRAME`] at most, and not for a hub that goes.
    pub async fn first_text(
        &mut self,
        stream: &TcpStream,
        draining: &CancellationToken,
    ) -> Result<Utf8Bytes, TurnedAway> {
        let first = async {
            loop {
                match self.context.read(&mut self.intake.wire(stream)) {
                    Ok(message @ (Message::Text(_) | Message::Ping(_) | Message::Pong(_))) => {
                        self.intake.whole(&message);
                        if let Message::Text(text) = message {
                            return Ok(text);
                        }
                    }
                    Ok(Message::Binary(_)) => {
                        return Err(TurnedAway { code: CloseCode::Unsupported, ..ByeReason::Protocol.into() });
                    }
                    Ok(_) => return Err(ByeReason::Protocol.into()),
                    Err(Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => {
                        match self.intake.end_turn(Instant::now()) {
                            Ok(true) => yield_now().await,
                            Ok(false) => stream.readable().await.map_err(|_| ByeReason::Silent)?,
                            Err(endless) => {
                                return Err(TurnedAway { code: endless.code(), ..ByeReason::Protocol.into() });
                            }
                        }
                    }
                    Err(error) => {
                        let code = code_for(&error).unwrap_or(CloseCode::Protocol);
                        return Err(TurnedAway { code, ..ByeReason::Protocol.into() });
                    }
                }
            }
        };
        tokio::select! {
            first = timeout(FIRST_FRAME, first) => first.unwrap_or(Err(ByeReason::Silent.into())),
            () = draining.cancelled() => Err(ByeReason::Draining.into()),
        }
    }

    /// Runs the socket until it ends. What is left to do then is [`hang_up`].
    pub async fn run(&mut self, session: &Session, clock: &Clock, handler: &mut impl Handler) -> Ended {
        loop {
            let rest = match self.turn(session, clock, handler).await {
                ControlFlow::Break(ended) => return ended,
                ControlFlow::Continue(rest) => rest,
            };
            if session.catches_up_from().is_some()
                && let ControlFlow::Break(bye) = handler.catch_up().await
            {
                return end(session, bye);
            }
            if session.has_lapsed()
                && let ControlFlow::Break(bye) = handler.lapsed().await
            {
                return end(session, bye);
            }
            if session.take_untold() {
                session.tell_anew(handler.now());
            }
            if rest == Rest::More || session.catches_up_from().is_some() {
                yield_now().await;
            } else if wait(session, rest).await.is_err() {
                return Ended::Cut;
            }
            session.flush(clock.ticks());
            session.take_leave();
            if session.closing().is_some() {
                return Ended::Cut;
            }
        }
    }

    /// Handles what has come in, until the socket has nothing more or it is the others' turn.
    async fn turn(&mut self, session: &Session, clock: &Clock, handler: &mut impl Handler) -> ControlFlow<Ended, Rest> {
        for _ in 0..MESSAGES_A_TURN {
            if session.is_full() {
                self.intake.pauses();
                return ControlFlow::Continue(Rest::Unread);
            }
            let message = match self.context.read(&mut self.intake.wire(session)) {
                Ok(message) => message,
                Err(Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => return self.end_turn(session),
                Err(error) => return ControlFlow::Break(refuse(session, code_for(&error))),
            };
            self.intake.whole(&message);
            session.heard(clock.ticks());
            match message {
                Message::Text(text) => {
                    if let ControlFlow::Break(bye) = handler.text(&text).await {
                        return ControlFlow::Break(end(session, bye));
                    }
                }
                Message::Binary(_) => {
                    say_bye(session, AGAINST_PROTOCOL, CloseCode::Unsupported);
                    return ControlFlow::Break(Ended::Cut);
                }
                // The machine has its echo ready; one more look sends it and reports the end.
                Message::Close(close) => {
                    let _ = self.context.read(&mut self.intake.wire(session));
                    let back_soon = close.is_some_and(|close| u16::from(close.code) == BACK_SOON);
                    return ControlFlow::Break(if back_soon { Ended::Cut } else { Ended::Closed });
                }
                Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
            }
            session.take_leave();
            if session.closing().is_some() {
                return ControlFlow::Break(Ended::Cut);
            }
        }
        self.end_turn(session).map_continue(|_| Rest::More)
    }

    fn end_turn(&mut self, session: &Session) -> ControlFlow<Ended, Rest> {
        match self.intake.end_turn(Instant::now()) {
            Ok(true) => ControlFlow::Continue(Rest::More),
            Ok(false) => ControlFlow::Continue(Rest::Nothing),
            Err(endless) => ControlFlow::Break(refuse(session, Some(endless.code()))),
        }
    }
}

/// What a socket has left after a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rest {
    Nothing,
    /// Perhaps more: nobody wakes us for it.
    More,
    /// Perhaps more, which stays where it is until its peer has taken the answers to what it said before.
    Unread,
}

/// Waits until there is something to do for a socket.
async fn wait(session: &Session, rest: Rest) -> io::Result<()> {
    let (stream, blocked) = (session.transport(), session.blocked());
    tokio::select! {
        () = session.woken() => Ok(()),
        ready = stream.readable(), if rest != Rest::Unread || !blocked => ready,
        ready = stream.writable(), if blocked => ready,
    }
}

/// Ends a socket with a bye.
fn end(session: &Session, bye: Bye) -> Ended {
    say_bye(session, bye, CloseCode::of(bye.why));
    if bye.why == ByeReason::SignedOut { Ended::Closed } else { Ended::Cut }
}

const AGAINST_PROTOCOL: Bye = Bye { why: ByeReason::Protocol, after_ms: 0 };

/// What broke the protocol is told with the code that RFC 6455 has for it.
fn refuse(session: &Session, code: Option<CloseCode>) -> Ended {
    if let Some(code) = code {
        say_bye(session, AGAINST_PROTOCOL, code);
    }
    Ended::Cut
}

impl Endless {
    fn code(self) -> CloseCode {
        match self {
            Self::TooBig => CloseCode::TooBig,
            Self::TooSlow => CloseCode::Policy,
        }
    }
}

fn code_for(error: &Error) -> Option<CloseCode> {
    match error {
        Error::Capacity(_) => Some(CloseCode::TooBig),
        Error::Utf8(_) => Some(CloseCode::Payload),
        Error::Protocol(_) => Some(CloseCode::Protocol),
        _ => None,
    }
}

fn say_bye(session: &Session, bye: Bye, code: CloseCode) {
    session.bye(bye.why, frame::bye(bye, code));
}

/// Says good-bye to a peer that gets no session. If its socket is full it does without.
pub async fn turn_away(stream: &TcpStream, TurnedAway { bye, code }: TurnedAway) {
    let _ = Transport::try_write(stream, &[IoSlice::new(&frame::bye(bye, code))]);
    let _: Result<io::Result<()>, _> = timeout(LAST_FRAMES, peer_hangs_up(stream)).await;
}

/// Lets the last frames out and waits for the peer to hang up; what has stalled is dropped at once, so that the kernel
/// gives its buffers back. The session is nobody's any more: what others see of it has ended before.
pub async fn hang_up(session: &Session) {
    let stream = session.transport();
    let socket = socket2::SockRef::from(stream);
    if matches!(session.closing(), Some(Close::Stalled | Close::Gone)) {
        let _ = socket.set_linger(Some(Duration::ZERO));
        return;
    }
    let last = timeout(LAST_FRAMES, async {
        // How long it takes is bounded here, whatever the socket takes.
        while !session.flush(session.heard_at()) {
            stream.writable().await?;
        }
        peer_hangs_up(stream).await
    });
    // Whatever comes of it: the socket is over.
    let _: Result<io::Result<()>, _> = last.await;
}

/// Reads on until the peer's end, since closing a socket with unread bytes would destroy what is on its way out.
async fn peer_hangs_up(stream: &TcpStream) -> io::Result<()> {
    socket2::SockRef::from(stream).shutdown(std::net::Shutdown::Write)?;
    let mut rest = [0; 512];
    loop {
        stream.readable().await?;
        match stream.try_read(&mut rest) {
            Ok(0) => return Ok(()),
            // To wait for what is there already gives nobody else a turn.
            Ok(_) => yield_now().await,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
}
