//! Takes what waits in one inbox's outbox and hands it to its channel, each message once.
//!
//! A message is claimed, put together, and then begun: that its provider is about to be called is committed before the call,
//! and what came of it after. A hub that dies leaves in doubt what it had begun and nothing else ([`super::left`]), and nobody
//! sends that blindly again. Conversations go side by side, within one its messages in order; both are the claim's doing.
//!
//! Each message has its own mark, committed by itself: the store commits in groups, so that those of messages under way
//! together share a commit. Of 500 answers while the hub was killed 20 times, 17 and 15 were in doubt that had never left
//! without the mark, 2 and none with it; what went out a second (60 and 62, 96 and 43; `load-tests`, `outbound`, in turn) varied
//! more with the machine than by the mark. Smaller claims would have left one in doubt for each that was claimed.

use std::collections::{HashMap, HashSet};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use futures_util::FutureExt;
use switchboard_connector::limits::SEND;
use switchboard_connector::{SendError, Sent};
use switchboard_protocol::{MessageId, UnixMs};
use switchboard_store::channels::Setup;
use switchboard_store::outbox::{self, Claimed, Outcome, Settled};
use switchboard_store::references;
use tokio::task::{self, JoinSet};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

use super::left::{Asked, again};
use super::outgoing;
use super::way::{Ready, Way};
use crate::app::{Shared, Unasked};
use crate::commands::undelivered;
use crate::error::CommandError;

/// Messages of one inbox on their way at once, of a hub and of a process that carries out what hubs hand it.
pub const AT_ONCE: usize = 4;
/// The first wait after a message did not go out, and the longest.
const BACK_OFF: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(15 * 60));
/// Tries of one message, over some eight hours, after which it has failed. While its channel is away for all messages none is
/// counted.
const TRIES: usize = 40;
/// What has waited for so long has failed, whatever it waited for: as long as mail servers try (RFC 5321, section 4.5.4.1).
const GIVEN_UP: Duration = Duration::from_secs(5 * 24 * 3_600);
/// Shortest and longest wait that a provider's own word makes. Some round down to nothing, which says nothing.
const HEEDED: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(6 * 3_600));
/// How often the outbox is looked at when nothing calls: what another hub has queued without being heard.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// Between two tries to note what came of a message while the store does not answer.
pub const SETTLE_AGAIN: Duration = Duration::from_millis(500);

/// What agents read where a message could not be put together by a fault.
const FAULT: &str = "A fault in the hub kept this message from going out.";

/// A claim that was perhaps committed: nobody has said so.
struct Unheard;

/// One inbox's sender, as long as this hub holds its lease.
pub struct Sender {
    pub app: Shared,
    pub setup: Arc<Setup>,
    pub way: Way,
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
        let mut left = Asked::default();
        let mut look_at = Instant::now();
        // Claims in a row of which it is not known whether they were committed.
        let mut unheard = 0;
        let mut sending = UnderWay::default();
        // The provider has asked the whole inbox to wait until then.
        let mut held_until = Instant::now();
        let mut news = self.app.channels.news();
        while !self.stop.is_cancelled() {
            if look_at <= Instant::now() {
                look_at = Instant::now() + left.look(&self, &sending.messages()).await;
            }
            let room = AT_ONCE - sending.tasks.len();
            let mut wait_until = Instant::now() + LOOK_EVERY;
            if room > 0 && held_until <= Instant::now() {
                match self.claim(room).await {
                    Ok(claimed) => {
                        unheard = 0;
                        for one in claimed {
                            sending.begin(&self, one);
                        }
                        wait_until = wait_until.min(self.next_due().await);
                    }
                    Err(Unheard) => {
                        look_at = look_at.min(Instant::now() + again(unheard));
                        unheard += 1;
                    }
                }
            } else if room > 0 {
                wait_until = wait_until.min(held_until);
            }
            tokio::select! {
                () = self.stop.cancelled() => {}
                Some(until) = sending.ends() => held_until = held_until.max(until.unwrap_or(held_until)),
                _ = news.changed(), if held_until <= Instant::now() => {}
                () = sleep_until(wait_until.min(look_at)) => {}
            }
        }
        while sending.ends().await.is_some() {}
    }

    async fn claim(&self, most: usize) -> Result<Vec<Claimed>, Unheard> {
        let (inbox_id, holder, now) = (self.setup.inbox_id, self.holder.clone(), self.app.clock.now());
        // Looked at before anything is written: an outbox in which nothing is due costs no transaction.
        match outbox::next_due(&self.app.store, inbox_id).await {
            Ok(Some(due)) if due <= now => {}
            Ok(_) => return Ok(Vec::new()),
            Err(error) => {
                self.app.channels.store_does_not_answer(&error);
                return Ok(Vec::new());
            }
        }
        let claimed = self.app.write_unasked(Unasked::Channel, move |tx| {
            Box::pin(async move { Ok(outbox::claim(tx, inbox_id, &holder, now, most).await?) })
        });
        match claimed.await {
            Ok(claimed) => {
                self.app.channels.store_takes();
                Ok(claimed.value)
            }
            Err(error) => {
                self.app.channels.store_takes_nothing(&error);
                Err(Unheard)
            }
        }
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
        let sent = match self.put_together(&claimed).await {
            Err(error) => Err(error),
            Ok(ready) => match self.begin(&claimed).await {
                Ok(true) => self.hand_over(ready).await,
                // It is another's by now.
                Ok(false) => {
                    self.way.throw_away(ready).await;
                    return None;
                }
                // Perhaps it is committed. The provider has certainly not been called.
                Err(error) => {
                    self.way.throw_away(ready).await;
                    Err(later(&error))
                }
            },
        };
        let (outcome, held) = self.outcome(&claimed, sent);
        count(&self.setup, &outcome);
        self.settle(&claimed, &self.holder, &outcome).await;
        held
    }

    async fn put_together(&self, claimed: &Claimed) -> Result<Ready, SendError> {
        let putting = async {
            match outgoing::build(&self.app, &self.setup, &self.way.capabilities(), claimed).await {
                Ok(Ok(message)) => self.way.ready(claimed, &self.holder, message).await,
                Ok(Err(refused)) => Err(SendError::Refused { why: refused.to_owned() }),
                Err(error) => Err(later(&error)),
            }
        };
        let fault = |_| Err(SendError::Later { why: FAULT.into(), after: None, all: false });
        AssertUnwindSafe(putting).catch_unwind().await.unwrap_or_else(fault)
    }

    async fn hand_over(&self, ready: Ready) -> Result<Sent, SendError> {
        // A panic is the connector's, and its message alone is in doubt.
        match timeout(SEND, AssertUnwindSafe(self.way.send(ready)).catch_unwind()).await {
            Ok(Ok(sent)) => sent,
            Ok(Err(_panic)) => Err(SendError::Uncertain { why: "A fault of the hub's own.".into() }),
            Err(_late) => Err(SendError::Uncertain { why: "The provider did not answer in time.".into() }),
        }
    }

    /// From here on it may have gone out.
    async fn begin(&self, claimed: &Claimed) -> Result<bool, CommandError> {
        let (claimed, holder, names) = (*claimed, self.holder.clone(), outgoing::names(&self.setup, claimed));
        let begun = self.app.write_unasked(Unasked::Channel, move |tx| {
            Box::pin(async move {
                let begun = outbox::begin(tx, &claimed, &holder).await?;
                if begun {
                    // Known before it goes out: an answer or a bounce may be here before we are told that it went.
                    references::add(tx, claimed.inbox_id, claimed.message_id, &names).await?;
                }
                Ok(begun)
            })
        });
        Ok(begun.await?.value)
    }

    /// What is noted of it, and until when the whole inbox is to wait, if it is.
    pub fn outcome(&self, claimed: &Claimed, sent: Result<Sent, SendError>) -> (Outcome, Option<Instant>) {
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
                let wait = heeded(after).or_else(|| self.wait(times)).unwrap_or(BACK_OFF.1);
                (self.later(wait, why, false), Some(Instant::now() + wait))
            }
            Err(SendError::Later { why, after, all: false }) => match self.wait(claimed.attempts - 1) {
                None => (Outcome::Failed { why }, None),
                Some(own) => (self.later(heeded(after).map_or(own, |after| after.max(own)), why, true), None),
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

    /// In the name of whoever claimed it, until it is noted: what is not would be in doubt, and an agent bothered with it. A
    /// hub that has to go does not wait for a store that does not answer.
    pub async fn settle(&self, claimed: &Claimed, holder: &str, outcome: &Outcome) {
        let drain = Duration::from_secs(self.app.config.shutdown.drain_seconds);
        let must_go = async {
            self.app.draining.cancelled().await;
            tokio::time::sleep(drain).await;
        };
        tokio::select! {
            () = self.note(claimed, holder, outcome) => {}
            () = must_go => {
                tracing::warn!(message = %claimed.message_id, "what came of a message is not noted: it will be in doubt");
            }
        }
    }

    async fn note(&self, claimed: &Claimed, holder: &str, outcome: &Outcome) {
        loop {
            let (claimed, holder, outcome, now) = (*claimed, holder.to_owned(), outcome.clone(), self.app.clock.now());
            let random = self.app.random.clone();
            let settled = self.app.write_unasked(Unasked::Channel, move |tx| {
                Box::pin(async move {
                    if outbox::settle(tx, &claimed, &holder, &outcome, now).await? == Settled::Told {
                        undelivered::bring_back(tx, claimed.message_id, now, &random).await?;
                    }
                    Ok(())
                })
            });
            match settled.await {
                Ok(_) => return,
                Err(CommandError::Unavailable { .. } | CommandError::Overloaded) => {
                    tokio::time::sleep(SETTLE_AGAIN).await;
                }
                Err(error) => {
                    tracing::error!(%error, message = %claimed.message_id, "what came of a message cannot be noted");
                    return;
                }
            }
        }
    }
}

/// The messages of one sender that are under way.
#[derive(Default)]
struct UnderWay {
    tasks: JoinSet<Option<Instant>>,
    of: HashMap<task::Id, MessageId>,
}

impl UnderWay {
    fn begin(&mut self, sender: &Arc<Sender>, claimed: Claimed) {
        let sender = sender.clone();
        let task = self.tasks.spawn(async move { sender.send(claimed).await });
        self.of.insert(task.id(), claimed.message_id);
    }

    fn messages(&self) -> HashSet<MessageId> {
        self.of.values().copied().collect()
    }

    /// When the next of them ends: until when the inbox is to wait, if it is. None: there is none.
    async fn ends(&mut self) -> Option<Option<Instant>> {
        let (task, until) = match self.tasks.join_next_with_id().await? {
            Ok(ended) => ended,
            Err(fault) => (fault.id(), None),
        };
        self.of.remove(&task);
        Some(until)
    }
}

/// It has certainly not gone out.
fn later(error: &CommandError) -> SendError {
    SendError::Later { why: error.to_string(), after: None, all: false }
}

fn count(setup: &Setup, outcome: &Outcome) {
    let word = match outcome {
        Outcome::Sent { .. } => "sent",
        Outcome::NotBegun | Outcome::Later { .. } => "later",
        Outcome::Failed { .. } => "failed",
        Outcome::Uncertain { .. } => "uncertain",
    };
    metrics::counter!("switchboard_channel_sends_total", "channel" => setup.channel.as_str(), "outcome" => word)
        .increment(1);
}

/// How long is waited on a provider's own word; none: as long as one waits without it.
pub fn heeded(after: Option<Duration>) -> Option<Duration> {
    after.filter(|after| *after >= HEEDED.0).map(|after| after.min(HEEDED.1))
}
