//! What another holder of the inbox had in hand when it ended, and what this one has without knowing it: what was not begun
//! waits again at once, of the rest it is asked what became, and where nobody can know the agents are told so.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use switchboard_backplane::Backplane;
use switchboard_connector::SendError;
use switchboard_connector::limits::SEND;
use switchboard_protocol::{MessageId, UnixMs};
use switchboard_store::outbox::{self, Left, Outcome};
use switchboard_store::{Engine, ReadError, Written};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::sender::{SETTLE_AGAIN, Sender};
use super::way::Became;
use crate::app::Unasked;
use crate::error::CommandError;

/// How often it is looked for, in leases: each minute.
const EVERY_LEASES: u32 = 6;
/// What has been in hand for longer was forgotten by whoever had it.
const STALE: Duration = Duration::from_secs(2 * SEND.as_secs());
/// Where hubs do not know of each other another one may be sending: it has ended when it would have given up by itself.
const OF_HUBS_UNKNOWN: Duration = Duration::from_secs(SEND.as_secs() + 60);
/// Messages that are asked after at once: more than several hubs have in hand. The rest is found at the next look.
const AT_ONCE: usize = 100;
/// The first wait while the store does not answer, and the longest.
const AGAIN: (Duration, Duration) = (SETTLE_AGAIN, Duration::from_secs(30));

/// After so many looks or claims in a row that failed before this one.
pub fn again(failed: u32) -> Duration {
    AGAIN.0.saturating_mul(2_u32.saturating_pow(failed)).min(AGAIN.1)
}

/// What was left, and is being asked after. Dropping it ends that; the next holder asks again.
#[derive(Default)]
pub struct Asked {
    asking: JoinSet<MessageId>,
    of: HashSet<MessageId>,
    /// Looks in a row that have failed.
    failed: u32,
}

impl Asked {
    /// Whether there is room for this one: it is not asked after already.
    fn begin(&mut self, message: MessageId) -> bool {
        while let Some(ended) = self.asking.try_join_next() {
            if let Ok(ended) = ended {
                self.of.remove(&ended);
            }
        }
        self.of.insert(message)
    }

    /// Looks once. What was not begun waits again when this returns, what was begun is asked after behind it. How long until
    /// it is to be looked again.
    pub async fn look(&mut self, sender: &Arc<Sender>, under_way: &HashSet<MessageId>) -> Duration {
        match self.try_to_look(sender, under_way).await {
            Ok(()) => {
                self.failed = 0;
                sender.app.channels.lease * EVERY_LEASES
            }
            Err(Failed) => {
                let wait = again(self.failed);
                self.failed = self.failed.saturating_add(1);
                wait
            }
        }
    }

    async fn try_to_look(&mut self, sender: &Arc<Sender>, under_way: &HashSet<MessageId>) -> Result<(), Failed> {
        let (app, inbox_id, now) = (&sender.app, sender.setup.inbox_id, sender.app.clock.now());
        let before = |time: Duration| now - time.as_millis() as UnixMs;
        let found = outbox::left(&app.store, inbox_id, &sender.holder, before(STALE), AT_ONCE).await;
        let found = read(sender, found)?;
        let (begun, not_begun): (Vec<Left>, Vec<Left>) = found.into_iter().partition(|left| left.begun);
        // Its own are those of a claim that was committed and of which this sender did not hear.
        let forgotten = |left: &Left| left.holder != sender.holder || !under_way.contains(&left.claimed.message_id);
        let not_begun: Vec<Left> = not_begun.into_iter().filter(forgotten).collect();
        if !not_begun.is_empty() {
            give_back(sender, not_begun).await?;
        }
        hurry_after_a_clock(sender).await?;
        // Hubs on one database that share no leases.
        let others_may_be_at_it =
            app.store.engine() == Engine::Postgres && matches!(app.backplane, Backplane::Local(_));
        let is_over = |left: &Left| !others_may_be_at_it || left.claimed.claimed_at < before(OF_HUBS_UNKNOWN);
        for left in begun.into_iter().filter(is_over) {
            if self.begin(left.claimed.message_id) {
                let sender = sender.clone();
                self.asking.spawn(async move {
                    ask(&sender, &left).await;
                    left.claimed.message_id
                });
            }
        }
        Ok(())
    }
}

/// A look that came to nothing, which is said.
struct Failed;

fn read<T>(sender: &Sender, found: Result<T, ReadError>) -> Result<T, Failed> {
    match found {
        Ok(found) => {
            sender.app.channels.store_answers();
            Ok(found)
        }
        Err(error) => {
            sender.app.channels.store_does_not_answer(&error);
            Err(Failed)
        }
    }
}

fn written<T>(sender: &Sender, written: Result<Written<T>, CommandError>) -> Result<T, Failed> {
    match written {
        Ok(written) => {
            sender.app.channels.store_takes();
            Ok(written.value)
        }
        Err(error) => {
            sender.app.channels.store_takes_nothing(&error);
            Err(Failed)
        }
    }
}

/// What waits for a time that was reckoned by a clock that has been set back since would wait for as long as that was ahead.
async fn hurry_after_a_clock(sender: &Sender) -> Result<(), Failed> {
    let (app, inbox_id, now) = (&sender.app, sender.setup.inbox_id, sender.app.clock.now());
    // Looked at before anything is written.
    if !read(sender, outbox::waits_by_a_clock_ahead(&app.store, inbox_id, now).await)? {
        return Ok(());
    }
    let hurried = app.write_unasked(Unasked::Channel, move |tx| {
        Box::pin(async move { Ok(outbox::hurry_after_a_clock(tx, inbox_id, now).await?) })
    });
    let messages = written(sender, hurried.await)?;
    if messages > 0 {
        tracing::info!(inbox = %inbox_id, messages, "the clock was set back: what waited by it as it was goes out now");
        app.channels.call_senders();
    }
    Ok(())
}

async fn give_back(sender: &Sender, not_begun: Vec<Left>) -> Result<(), Failed> {
    let given_back = sender.app.write_unasked(Unasked::Channel, move |tx| {
        Box::pin(async move {
            let mut given_back = 0;
            for left in &not_begun {
                given_back += usize::from(outbox::give_back(tx, left).await?);
            }
            Ok(given_back)
        })
    });
    let messages = written(sender, given_back.await)?;
    if messages > 0 {
        tracing::info!(inbox = %sender.setup.inbox_id, messages, "what a hub had in hand and had not begun goes out now");
    }
    Ok(())
}

async fn ask(sender: &Sender, left: &Left) {
    let became = timeout(SEND, sender.way.became(&left.claimed, &left.holder)).await;
    let outcome = match became {
        Ok(Became::NotBegun) => Outcome::NotBegun,
        Ok(Became::Known(sent)) => sender.outcome(&left.claimed, sent).0,
        Err(_late) => sender.outcome(&left.claimed, Err(SendError::Uncertain { why: NOT_TOLD.into() })).0,
    };
    if let Outcome::Uncertain { .. } = outcome {
        tracing::warn!(
            inbox = %sender.setup.inbox_id,
            message = %left.claimed.message_id,
            "a message was being sent by a hub that ended or lost track of it: it is marked uncertain, and agents decide about it"
        );
    }
    sender.settle(&left.claimed, &left.holder, &outcome).await;
}

/// What agents read then.
const NOT_TOLD: &str =
    "The hub that was sending this has stopped or lost track of it, and nobody has said what became of it.";
