//! Brings a session from where its client is to where the feed is, without a hole and without a repeat.
//!
//! 1. The session starts to listen; what passes by from then on is noted, not sent.
//! 2. What came after the client's position is read (from memory or the store) and sent.
//! 3. If that reaches to where the feed was at 1, and nothing passed by meanwhile that was not read, the session is live;
//!    otherwise on with 2.
//!
//! The order of these is [`Joining`]'s.

use bytes::{Bytes, BytesMut};
use switchboard_protocol::Position;
use switchboard_protocol::agent::{AgentServerFrame, ResetReason, ResumePoint, Welcome};

use super::frame;
use crate::app::App;
use crate::feed::{Feed, Follows, Reader, Unreadable};
use crate::sessions::{Joined, Joining, QUEUE_BYTES, Session, Topic};

/// Sent at a time while a client catches up, bytes: leaves room in the queue for a reply and a heartbeat.
const CATCH_UP_BYTES: usize = QUEUE_BYTES / 2;

/// Why a client cannot go on from where it is.
#[derive(Debug)]
pub enum NoResume {
    Reset(ResetReason),
    Unreadable(Unreadable),
    /// It went away meanwhile.
    Gone,
}

impl From<Unreadable> for NoResume {
    fn from(error: Unreadable) -> Self {
        Self::Unreadable(error)
    }
}

/// Where a client may go on from, if it may. `access` is the position of the last change to what it may see.
pub async fn start(
    feed: &Feed,
    reader: &Reader,
    from: Option<&ResumePoint>,
    access: Position,
) -> Result<Position, NoResume> {
    let Some(from) = from else { return Ok(feed.delivered()) };
    if from.epoch != feed.epoch() {
        return Err(NoResume::Reset(ResetReason::OtherEpoch));
    }
    if from.position < access {
        return Err(NoResume::Reset(ResetReason::AccessChanged));
    }
    match feed.follows(reader, from.position).await? {
        Follows::Yes => Ok(from.position),
        Follows::TooOld => Err(NoResume::Reset(ResetReason::TooOld)),
        Follows::Unheard => Err(NoResume::Reset(ResetReason::OtherEpoch)),
    }
}

/// Welcomes a session that is joining ([`Session::start_joining`]) at `position`, sends what came after, and leaves it
/// live. Whatever resets it meanwhile has the last word: nothing more goes out, and it is [`NoResume::Gone`].
pub async fn join(
    app: &App,
    session: &Session,
    reader: &Reader,
    topics: Vec<Topic>,
    position: Position,
) -> Result<(), NoResume> {
    let feed = &app.feed;
    let mut joining = Joining::begin(feed.registry(), session, topics, position, || feed.newest());
    let welcome = Welcome {
        connection_id: session.id,
        epoch: feed.epoch().to_owned(),
        position,
        heartbeat_ms: feed.heartbeat().as_millis() as u32,
        now: app.clock.now(),
    };
    send(session, frame::agent(&AgentServerFrame::Welcome(welcome)))?;
    loop {
        let caught = feed.after(reader, joining.position()).await?.ok_or(NoResume::Reset(ResetReason::TooOld))?;
        send_all(app, session, &caught.frames).await?;
        match joining.caught_up(session, caught.position) {
            Joined::Live => return Ok(()),
            Joined::Behind(_) => {}
            Joined::No => return Err(NoResume::Gone),
        }
    }
}

/// Sends frames as fast as the client takes them: here, and only here, a slow reader is waited for, by its own task.
async fn send_all(app: &App, session: &Session, frames: &[std::sync::Arc<str>]) -> Result<(), NoResume> {
    let mut bytes = BytesMut::new();
    for frame in frames {
        if bytes.len() + frame.len() > CATCH_UP_BYTES && !bytes.is_empty() {
            send_when_there_is_room(app, session, bytes.split()).await?;
        }
        frame::put_text(&mut bytes, frame);
    }
    if bytes.is_empty() { Ok(()) } else { send_when_there_is_room(app, session, bytes).await }
}

async fn send_when_there_is_room(app: &App, session: &Session, bytes: BytesMut) -> Result<(), NoResume> {
    while session.blocked() {
        tokio::select! {
            ready = session.transport().writable() => ready.map_err(|_| NoResume::Gone)?,
            () = session.woken() => {}
        }
        let waiting = session.queued_bytes();
        session.flush();
        if session.closing().is_some() || session.is_dismissed() {
            return Err(NoResume::Gone);
        }
        // Nobody reads from it meanwhile; that it takes bytes shows that it lives.
        if session.queued_bytes() < waiting {
            session.heard(app.clock.ticks());
        }
    }
    send(session, bytes.freeze())
}

fn send(session: &Session, frame: Bytes) -> Result<(), NoResume> {
    if session.catch_up(frame) { Ok(()) } else { Err(NoResume::Gone) }
}
