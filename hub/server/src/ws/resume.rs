//! Brings a session from where its client is to where the feed is, without a hole and without a repeat: one that resumes,
//! and one that has fallen behind because more came than its socket took.
//!
//! 1. The session starts to listen; what passes by from then on is noted, not sent ([`crate::sessions::Registry::join`]).
//! 2. Whenever nothing waits for its socket, a part of what came after its position is read (from memory or the store) and
//!    sent. In between its client is listened to and answered, like any other.
//! 3. When nothing passed by that was not read, the session is live ([`Session::catch_up`]).

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use switchboard_protocol::Position;
use switchboard_protocol::agent::{AgentServerFrame, ResetReason, ResumePoint, Welcome};

use super::frame;
use crate::app::App;
use crate::feed::{Feed, Follows, Reader, Unreadable};
use crate::sessions::{EVENT_BYTES, Session, Start, Topic};

/// Read and sent at a time while a client catches up, bytes; nothing more is held for it.
const CATCH_UP_BYTES: usize = EVENT_BYTES / 4 * 3;

/// Parts sent while the socket takes all of them, before its client and others get their turn.
const PARTS_A_TURN: usize = 8;

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

/// Welcomes a session that is joining ([`Session::start_joining`]) at its start, from where [`catch_up`] goes on. If
/// something resets it meanwhile it is [`NoResume::Gone`].
pub fn join(app: &App, session: &Session, topics: Vec<Topic>, start: Start) -> Result<(), NoResume> {
    let feed = &app.feed;
    let welcome = Welcome {
        connection_id: session.id,
        epoch: feed.epoch().to_owned(),
        position: start.position,
        heartbeat_ms: feed.heartbeat().as_millis() as u32,
        now: app.clock.now(),
    };
    let welcome = frame::agent(&AgentServerFrame::Welcome(welcome));
    let joined = feed.registry().join(session, topics, start, || feed.newest(), welcome);
    if joined { Ok(()) } else { Err(NoResume::Gone) }
}

/// Sends a session that is behind as much of what it missed as its socket takes now. Waits for no reader: the rest is for
/// another turn. Whatever resets the session meanwhile has the last word.
pub async fn catch_up(feed: &Feed, session: &Session, reader: &Reader) -> Result<(), NoResume> {
    for _ in 0..PARTS_A_TURN {
        let Some(position) = session.catches_up_from() else { break };
        let missed = feed.after(reader, position, CATCH_UP_BYTES).await?;
        let missed = missed.ok_or(NoResume::Reset(ResetReason::TooOld))?;
        session.catch_up(position, together(&missed.frames), missed.position);
    }
    Ok(())
}

fn together(texts: &[Arc<str>]) -> Bytes {
    let mut bytes = BytesMut::new();
    for text in texts {
        frame::put_text(&mut bytes, text);
    }
    bytes.freeze()
}
