//! Takes what waits in one inbox's outbox and hands it to its channel, each message once.
//!
//! A message is claimed (committed as "sending") before its connector sees it and settled after: a hub that dies in between
//! leaves it in doubt and nobody sends it blindly again. Conversations go side by side, within one its messages in order;
//! both are the claim's doing.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use futures_util::FutureExt;
use switchboard_connector::limits::SEND;
use switchboard_connector::{Connector, SendError};
use switchboard_protocol::UnixMs;
use switchboard_store::channels::Setup;
use switchboard_store::outbox::{self, Claimed, Outcome};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

use super::outgoing;
use crate::app::{Shared, Unasked};
use crate::error::CommandError;

/// Messages of one inbox on their way at once.
const AT_ONCE: usize = 4;
/// What has been in hand for longer was forgotten by whoever had it.
const STALE: Duration = Duration::from_secs(2 * SEND.as_secs());
/// How often that is looked for.
const DOUBT_EVERY: Duration = Duration::from_secs(60);
/// The first wait after a message did not go out, and the longest.
const BACK_OFF: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(15 * 60));
/// Tries of one message, over some eight hours, after which it has failed. While its channel is away for all messages none is
/// counted.
const TRIES: usize = 40;
/// What has waited for so long has failed, whatever it waited for: as long as mail servers try (RFC 5321, section 4.5.4.1).
const GIVEN_UP: Duration = Duration::from_secs(5 * 24 * 3_600);
/// Longest wait that a provider's own word makes.
const WAIT_MOST: Duration = Duration::from_secs(6 * 3_600);
/// How often the outbox is looked at when nothing calls: what another hub has queued without being heard.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// How long settling is tried again while the store does not answer.
const SETTLE_AGAIN: Duration = Duration::from_millis(500);
/// What a hub left in hand is looked at so many rows at a time.
const DOUBTED_AT_ONCE: usize = 100;
/// What agents read of a message that a hub had in hand when it ended.
const DOUBT: &str = "The hub stopped while this was being sent. It may or may not have arrived.";

/// One inbox's sender, as long as this hub holds its lease.
pub struct Sender {
    pub app: Shared,
    pub setup: Arc<Setup>,
    pub connector: Arc<dyn Connector>,
    /// Names this holder in the outbox.
    pub holder: String,
    /// Cancelled when the lease is over or the settings have changed.
    pub stop: CancellationToken,
    /// How many times in a row the channel was away for all messages.
    pub away: AtomicI64,
}

impl Sender {
    /// Until it is stopped; what is under way then is finished.
    pub async fn run(self: Arc<Self>) {
        self.doubt_what_was_left().await;
        let mut doubted = Instant::now();
        let mut sending: JoinSet<Option<Instant>> = JoinSet::new();
        // The provider has asked the whole inbox to wait until then.
        let mut held_until = Instant::now();
        let mut news = self.app.channels.news();
        while !self.stop.is_cancelled() {
            if doubted.elapsed() >= DOUBT_EVERY {
                self.doubt_what_was_left().await;
                doubted = Instant::now();
            }
            let room = AT_ONCE - sending.len();
            let mut wait_until = Instant::now() + LOOK_EVERY;
            if room > 0 && held_until <= Instant::now() {
                match self.claim(room).await {
                    Ok(claimed) => {
                        for one in claimed {
                            let sender = self.clone();
                            sending.spawn(async move { sender.send(one).await });
                        }
                        wait_until = wait_until.min(self.next_due().await);
                    }
                    Err(error) => tracing::warn!(%error, "the outbox cannot be read; it is looked at again"),
                }
            } else if room > 0 {
                wait_until = held_until;
            }
            tokio::select! {
                () = self.stop.cancelled() => {}
                Some(ended) = sending.join_next() => {
                    if let Ok(Some(until)) = ended {
                        held_until = held_until.max(until);
                    }
                }
                _ = news.changed(), if held_until <= Instant::now() => {}
                () = sleep_until(wait_until) => {}
            }
        }
        while sending.join_next().await.is_some() {}
    }

    async fn doubt_what_was_left(&self) {
        loop {
            let (inbox_id, holder, now) = (self.setup.inbox_id, self.holder.clone(), self.app.clock.now());
            let doubted = self.app.write_unasked(Unasked::Channel, move |tx| {
                let stale = now - STALE.as_millis() as UnixMs;
                Box::pin(
                    async move { Ok(outbox::doubt(tx, inbox_id, &holder, DOUBT, now, stale, DOUBTED_AT_ONCE).await?) },
                )
            });
            match doubted.await {
                Ok(found) if found.value == 0 => return,
                Ok(found) => tracing::warn!(
                    inbox = %inbox_id,
                    messages = found.value,
                    "messages were being sent when a hub ended: they are marked uncertain, and agents decide about them"
                ),
                Err(error) => {
                    tracing::warn!(%error, "what another hub has left cannot be looked at; tried again");
                    tokio::time::sleep(SETTLE_AGAIN).await;
                }
            }
            if self.stop.is_cancelled() {
                return;
            }
        }
    }

    async fn claim(&self, most: usize) -> Result<Vec<Claimed>, CommandError> {
        let (inbox_id, holder, now) = (self.setup.inbox_id, self.holder.clone(), self.app.clock.now());
        // Looked at before anything is written: an outbox in which nothing is due costs no transaction.
        match outbox::next_due(&self.app.store, inbox_id).await? {
            Some(due) if due <= now => {}
            _ => return Ok(Vec::new()),
        }
        let claimed = self.app.write_unasked(Unasked::Channel, move |tx| {
            Box::pin(async move { Ok(outbox::claim(tx, inbox_id, &holder, now, most).await?) })
        });
        Ok(claimed.await?.value)
    }

    async fn next_due(&self) -> Instant {
        let far = Instant::now() + LOOK_EVERY;
        match outbox::next_due(&self.app.store, self.setup.inbox_id).await {
            Ok(Some(due)) => {
                let wait = u64::try_from(due - self.app.clock.now()).unwrap_or(0);
                // What is due already waits for an earlier one of its conversation.
                if wait == 0 { far } else { far.min(Instant::now() + Duration::from_millis(wait)) }
            }
            Ok(None) | Err(_) => far,
        }
    }

    /// Sends one message and notes what came of it; until when the whole inbox is to wait, if it is.
    async fn send(&self, claimed: Claimed) -> Option<Instant> {
        // A panic is the connector's, and its message alone is in doubt.
        let sent = AssertUnwindSafe(self.hand_over(&claimed)).catch_unwind().await;
        let sent = sent.unwrap_or_else(|_| Err(SendError::Uncertain { why: "A fault of the hub's own.".into() }));
        let (outcome, held) = self.outcome(&claimed, sent);
        count(&self.setup, &outcome);
        self.settle(&claimed, &outcome).await;
        held
    }

    async fn hand_over(&self, claimed: &Claimed) -> Result<switchboard_connector::Sent, SendError> {
        match outgoing::build(&self.app, &self.setup, &self.connector.capabilities(), claimed).await {
            Ok(Ok(message)) => match timeout(SEND, self.connector.send(&message)).await {
                Ok(sent) => sent,
                Err(_) => Err(SendError::Uncertain { why: "The provider did not answer in time.".into() }),
            },
            Ok(Err(refused)) => Err(SendError::Refused { why: refused.to_owned() }),
            Err(error) => Err(SendError::Later { why: error.to_string(), after: None, all: false }),
        }
    }

    fn outcome(
        &self,
        claimed: &Claimed,
        sent: Result<switchboard_connector::Sent, SendError>,
    ) -> (Outcome, Option<Instant>) {
        if !matches!(sent, Err(SendError::Later { all: true, .. })) {
            self.away.store(0, Ordering::Relaxed);
        }
        let waited = self.app.clock.now() - claimed.queued_at;
        match sent.map_err(SendError::noted) {
            Ok(sent) => (Outcome::Sent { references: sent.references }, None),
            Err(SendError::Later { why, .. } | SendError::Broken { why })
                if waited > GIVEN_UP.as_millis() as UnixMs =>
            {
                (Outcome::Failed { why }, None)
            }
            Err(SendError::Refused { why }) => (Outcome::Failed { why }, None),
            Err(SendError::Uncertain { why }) => (Outcome::Uncertain { why }, None),
            Err(SendError::Broken { why }) => {
                // Waits for an admin, and is tried again slowly meanwhile: a password may be right again by itself.
                let wait = BACK_OFF.1;
                (self.later(wait, why, false), Some(Instant::now() + Duration::from_secs(60)))
            }
            Err(SendError::Later { why, after, all: true }) => {
                let times = self.away.fetch_add(1, Ordering::Relaxed);
                // Asking again costs one request; a provider that says a silly time would silence an inbox.
                let wait = after.or_else(|| self.wait(times)).unwrap_or(BACK_OFF.1).min(BACK_OFF.1);
                (self.later(wait, why, false), Some(Instant::now() + wait))
            }
            Err(SendError::Later { why, after, all: false }) => match self.wait(claimed.attempts - 1) {
                None => (Outcome::Failed { why }, None),
                Some(own) => (self.later(after.map_or(own, |after| after.min(WAIT_MOST)), why, true), None),
            },
        }
    }

    fn later(&self, wait: Duration, why: String, counts: bool) -> Outcome {
        Outcome::Later { due_at: self.app.clock.now() + wait.as_millis() as UnixMs, why, counts }
    }

    /// Before the next try, after so many that failed; none: there have been enough.
    fn wait(&self, failed: i64) -> Option<Duration> {
        let failed = usize::try_from(failed).unwrap_or(usize::MAX);
        let waits = ExponentialBuilder::new()
            .with_min_delay(BACK_OFF.0)
            .with_max_delay(BACK_OFF.1)
            .with_max_times(TRIES)
            .with_jitter()
            .with_jitter_seed(self.app.random.below(u64::MAX))
            .build();
        waits.into_iter().nth(failed)
    }

    /// Until it is noted: what is not would be in doubt, and an agent bothered with it. A hub that has to go does not wait for
    /// a store that does not answer.
    async fn settle(&self, claimed: &Claimed, outcome: &Outcome) {
        let drain = Duration::from_secs(self.app.config.shutdown.drain_seconds);
        let must_go = async {
            self.app.draining.cancelled().await;
            tokio::time::sleep(drain).await;
        };
        let mut must_go = std::pin::pin!(must_go);
        loop {
            let (claimed, holder, outcome, now) =
                (*claimed, self.holder.clone(), outcome.clone(), self.app.clock.now());
            let settled = self.app.write_unasked(Unasked::Channel, move |tx| {
                Box::pin(async move { Ok(outbox::settle(tx, &claimed, &holder, &outcome, now).await?) })
            });
            match settled.await {
                Ok(_) => return,
                Err(CommandError::Unavailable { .. } | CommandError::Overloaded) => {
                    tokio::select! {
                        () = tokio::time::sleep(SETTLE_AGAIN) => {}
                        () = &mut must_go => {
                            tracing::warn!(message = %claimed.message_id, "what came of a message is not noted: it will be in doubt");
                            return;
                        }
                    }
                }
                Err(error) => {
                    tracing::error!(%error, message = %claimed.message_id, "what came of a message cannot be noted");
                    return;
                }
            }
        }
    }
}

fn count(setup: &Setup, outcome: &Outcome) {
    let word = match outcome {
        Outcome::Sent { .. } => "sent",
        Outcome::Later { .. } => "later",
        Outcome::Failed { .. } => "failed",
        Outcome::Uncertain { .. } => "uncertain",
    };
    metrics::counter!("switchboard_channel_sends_total", "channel" => setup.channel.as_str(), "outcome" => word)
        .increment(1);
}
