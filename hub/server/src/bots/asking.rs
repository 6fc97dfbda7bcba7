//! Looks through the feed for what bots are to hear.
//!
//! Reads the feed on from a place that is kept in the store. What `rounds` decides and the place are written in one transaction,
//! and only if the place is still where it was: each event counts once, whatever dies in between and however many hubs try.
//! Where no inbox has a bot the feed is not read.

use std::collections::HashSet;
use std::time::Duration;

use switchboard_protocol::agent::{AgentEvent, AgentServerFrame};
use switchboard_protocol::{InboxId, Position, UnixMs};
use switchboard_store::bots::{self as rows, updates};
use switchboard_store::{Audience, CommittedEvent, Written, feed};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::rounds::Round;
use super::writing::show_typing;
use crate::app::{Shared, Unasked};
use crate::channels::pause;
use crate::error::CommandError;

/// Events looked at together.
const AT_ONCE: usize = 200;
/// So long one transaction of it may keep others from writing, at most.
const ROUND_TIME: Duration = Duration::from_millis(100);
/// It is looked so often, if nothing is heard of the feed.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// The place is written at the latest when so many events have passed that concern no bot.
const UNWRITTEN: Position = 1_000;

/// So far into an event its word is looked for, bytes.
const HEAD: usize = 120;

/// Events that bots may hear of, by the word that they have in the feed.
const KINDS: [&str; 4] = ["conversation_created", "message_created", "message_changed", "conversation_changed"];

pub(super) async fn run(app: &Shared, over: &CancellationToken) {
    let mut moved = app.feed.moved();
    let mut set_up = app.bots.set_up.subscribe();
    let mut looking = Looking::default();
    while !over.is_cancelled() {
        match looking.step(app).await {
            Ok(true) => continue,
            Ok(false) => {}
            Err(error) => {
                tracing::warn!(%error, "bots will be asked later: the feed cannot be looked through");
                looking = Looking::default();
                pause(over, LOOK_EVERY).await;
            }
        }
        tokio::select! {
            () = over.cancelled() => return,
            _ = moved.changed() => {}
            _ = set_up.changed() => looking.looked_at = None,
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}

/// How far the feed has been looked through.
#[derive(Default)]
struct Looking {
    /// As the store has it, once that was read.
    written: Option<Position>,
    /// Everything up to here concerns no bot or has been done.
    read: Position,
    /// Something among the events up to here cannot be done: they are looked at one by one.
    careful: Option<Position>,
    inboxes: HashSet<InboxId>,
    /// When those were read.
    looked_at: Option<Instant>,
}

impl Looking {
    /// Looks at the next events. Whether there may be more.
    async fn step(&mut self, app: &Shared) -> Result<bool, CommandError> {
        if self.looked_at.is_none_or(|at| at.elapsed() >= LOOK_EVERY) {
            self.look_at_inboxes(app).await?;
        }
        if self.inboxes.is_empty() {
            (self.written, self.careful) = (None, None);
            return Ok(false);
        }
        let written = match self.written {
            Some(written) => written,
            None => {
                let Some(written) = updates::place(&app.store).await? else { return Ok(false) };
                (self.written, self.read) = (Some(written), written);
                written
            }
        };
        self.careful = self.careful.filter(|upto| self.read < *upto);
        let at_once = if self.careful.is_some() { 1 } else { AT_ONCE };
        let events = match feed::next(&app.store, self.read, at_once).await? {
            feed::Next::Events { events, .. } => events,
            feed::Next::Forgotten { floor, .. } => {
                tracing::warn!(
                    from = self.read,
                    to = floor,
                    "bots were not asked for longer than events are kept: what customers wrote in between they do not hear"
                );
                self.read = floor;
                return Ok(true);
            }
        };
        let Some(last) = events.last().map(|event| event.position) else { return Ok(false) };
        let more = events.len() == at_once;
        // Bots that came meanwhile hear what comes after them.
        if events.iter().any(|event| is_of(event, &["bot_changed"])) {
            self.look_at_inboxes(app).await?;
        }
        let inboxes = &self.inboxes;
        let found: Vec<Found> = events.iter().filter_map(|event| Found::of(event, inboxes)).collect();
        if found.is_empty() && last - written < UNWRITTEN {
            self.read = last;
            return Ok(more);
        }
        let round = Round::new(app);
        let done = app.write_unasked(Unasked::Hub, move |tx| {
            Box::pin(async move {
                if !updates::advance(tx, Some(written), last).await? {
                    return Ok(None);
                }
                let (mut round, mut upto, begun) = (round, last, Instant::now());
                let mut found = found.into_iter().peekable();
                while let Some(one) = found.next() {
                    let at = one.position;
                    round.look(tx, one).await?;
                    // Others wait for the writer: the rest is another round's.
                    if found.peek().is_some() && begun.elapsed() >= ROUND_TIME {
                        updates::advance(tx, Some(last), at).await?;
                        upto = at;
                        break;
                    }
                }
                Ok(Some((round.told, round.quiet, upto)))
            })
        });
        let (told, quiet, upto) = match done.await {
            Ok(Written { value: Some(done), .. }) => done,
            Ok(Written { value: None, .. }) => {
                // Another hub is at it.
                *self = Self::default();
                return Ok(true);
            }
            Err(error) if error.is_for_good() && self.careful.is_some() => {
                tracing::error!(%error, position = last, "no bot hears of an event: it cannot be told");
                let passed = app.write_unasked(Unasked::Hub, move |tx| {
                    Box::pin(async move { Ok(updates::advance(tx, Some(written), last).await?) })
                });
                passed.await?;
                (self.written, self.read) = (Some(last), last);
                return Ok(true);
            }
            Err(error) if error.is_for_good() => {
                tracing::warn!(%error, "one of the next events cannot be told: they are looked at one by one");
                self.careful = Some(last);
                return Ok(true);
            }
            Err(error) => return Err(error),
        };
        (self.written, self.read) = (Some(upto), upto);
        for (row, bot) in quiet {
            show_typing(app, &row, bot, "", None);
        }
        app.bots.call(app, &told.into_iter().collect::<Vec<_>>());
        Ok(more || upto < last)
    }

    async fn look_at_inboxes(&mut self, app: &Shared) -> Result<(), CommandError> {
        self.inboxes = rows::asked_inboxes(&app.store).await?.into_iter().collect();
        self.looked_at = Some(Instant::now());
        Ok(())
    }
}

/// Whether an event is one of these, by the word at its beginning: most are read positions and presence of rows, and are not
/// taken apart.
fn is_of(event: &CommittedEvent, kinds: &[&str]) -> bool {
    let head = event.staff.as_bytes();
    let head = String::from_utf8_lossy(&head[..head.len().min(HEAD)]);
    kinds.iter().any(|kind| head.contains(&format!("\"event\":\"{kind}\"")))
}

/// An event that concerns the bots of an inbox.
pub(super) struct Found {
    pub position: Position,
    pub at: UnixMs,
    pub event: AgentEvent,
}

impl Found {
    fn of(event: &CommittedEvent, inboxes: &HashSet<InboxId>) -> Option<Self> {
        match event.audience {
            Audience::Inbox(inbox) if inboxes.contains(&inbox) => {}
            _ => return None,
        }
        if !is_of(event, &KINDS) {
            return None;
        }
        match serde_json::from_str::<AgentServerFrame>(&event.staff) {
            Ok(AgentServerFrame::Event(frame)) => {
                Some(Self { position: frame.position, at: frame.at, event: frame.event })
            }
            Ok(_) => None,
            Err(error) => {
                tracing::error!(%error, position = event.position, "an event cannot be read: no bot hears of it");
                None
            }
        }
    }
}
