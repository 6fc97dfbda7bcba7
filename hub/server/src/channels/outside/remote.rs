//! The hub's side of what goes out: a connector whose `send` is carried out by the process that holds the inbox.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use switchboard_backplane::stream::AppendError;
use switchboard_backplane::{Offer, Unavailable, Withdraw};
use switchboard_connector::{Capabilities, Connector, Outgoing, SendError, Sent, Trouble};
use switchboard_protocol::InboxId;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};

use super::wakes::Waiting;
use super::wire::{
    BEGUN_WITHIN, Job, LOOK_EVERY, OFFER_KEPT, Outcome, Parcel, answer_key, beat_key, decode, encode, has_been_away,
    jobs, jobs_key,
};
use crate::app::Shared;

/// A process that has begun a message and says nothing of it for so long, while Redis answers, is gone: longer than it takes
/// to reach a Redis that is back.
const SILENT: Duration = Duration::from_secs(10);

const GONE: &str = "The connector process stopped while this was being sent. It may or may not have arrived.";
const NOT_BEGUN: &str = "No connector process has taken it up.";
const NOT_TOLD: &str = "The connector process cannot be told of it: Redis does not answer.";

/// Sends by another process; all else is done here.
pub struct RemoteConnector {
    pub app: Shared,
    pub inbox: InboxId,
    /// The same channel, made by this hub.
    pub here: Arc<dyn Connector>,
    /// Who holds the channel, as of a moment ago: the number of its lease.
    pub holder: watch::Receiver<Option<u64>>,
}

/// A message that was handed out.
struct Handed {
    job: Job,
    payload: Bytes,
    /// Who held the channel then. Whoever has begun it had this lease or a later one.
    holder: Option<u64>,
}

/// How it stands.
enum Stands {
    Answered(Outcome),
    InHand,
    Silent,
}

#[async_trait]
impl Connector for RemoteConnector {
    fn capabilities(&self) -> Capabilities {
        self.here.capabilities()
    }

    async fn check(&self) -> Result<String, Trouble> {
        self.here.check().await
    }

    fn webhook_bytes(&self) -> usize {
        self.here.webhook_bytes()
    }

    async fn send(&self, message: &Outgoing) -> Result<Sent, SendError> {
        let backplane = &self.app.backplane;
        let bytes: usize = message.files.iter().map(|file| file.bytes.len()).sum();
        let _room = self.app.channels.room.take(bytes + message.text.len()).await;
        let (payload, holder) = (encode(message), *self.holder.borrow());
        let nonce = self.app.random.ulid(self.app.clock.now()).to_string();
        let waiting = self.app.channels.wakes.wait(answer_key(&nonce));
        // Until the job is in the stream nobody knows of it.
        let name = format!("{}/{}", self.inbox, message.message_id);
        let offering = timeout(BEGUN_WITHIN, async {
            loop {
                match self.offer(&name, &nonce, &payload).await {
                    Ok(job) => return job,
                    Err(_) => sleep(LOOK_EVERY).await,
                }
            }
        });
        let Ok(job) = offering.await else { return Err(later(NOT_TOLD)) };
        match self.append(&job).await {
            Err(AppendError::Full) => return Err(later(NOT_BEGUN)),
            // It may be there: waited for like one that is.
            Ok(()) | Err(AppendError::Unavailable(_)) => {}
        }
        let mut handed = Handed { job, payload, holder };
        let outcome = self.outcome(&mut handed, &waiting).await;
        handed.job.parcel.throw_away(backplane).await;
        outcome
    }
}

impl RemoteConnector {
    async fn offer(&self, name: &str, nonce: &str, payload: &Bytes) -> Result<Job, Unavailable> {
        let backplane = &self.app.backplane;
        let parcel = Parcel::lay_out(backplane, nonce.to_owned(), payload.clone()).await?;
        let job = Job { name: name.to_owned(), parcel, again: None };
        backplane.offer(&job.offer(), BEGUN_WITHIN, OFFER_KEPT).await?;
        Ok(job)
    }

    async fn append(&self, job: &Job) -> Result<(), AppendError> {
        jobs(&self.app.backplane, self.inbox).append(encode(job)).await?;
        self.app.channels.wakes.tell(&self.app.backplane, &jobs_key(self.inbox));
        Ok(())
    }

    /// Waits for the answer; or until nobody has begun it and nobody will; or until whoever has begun it is gone.
    async fn outcome(&self, handed: &mut Handed, waiting: &Waiting) -> Outcome {
        let backplane = &self.app.backplane;
        let offer = handed.job.offer();
        let mut offered = Instant::now();
        let mut begun = false;
        let mut silent_since: Option<Instant> = None;
        loop {
            match self.look(&offer).await {
                Ok(Stands::Answered(outcome)) => return outcome,
                Ok(Stands::InHand) => (begun, silent_since) = (true, None),
                // From here on it counts as begun: what Redis has forgotten it cannot say.
                Ok(Stands::Silent) if has_been_away(backplane, offered) => {
                    if self.offer_again(handed).await.is_ok() {
                        (begun, silent_since, offered) = (true, None, Instant::now());
                    }
                }
                Ok(Stands::Silent) if begun => {
                    if silent_since.get_or_insert_with(Instant::now).elapsed() >= SILENT
                        && backplane.withdraw(&offer).await.is_ok()
                    {
                        return Err(SendError::Uncertain { why: GONE.into() });
                    }
                }
                Ok(Stands::Silent) if offered.elapsed() >= BEGUN_WITHIN => match backplane.withdraw(&offer).await {
                    Ok(Withdraw::NeverBegun) => return Err(later(NOT_BEGUN)),
                    Ok(Withdraw::Begun | Withdraw::Unknown) => begun = true,
                    Err(_) => {}
                },
                Ok(Stands::Silent) => {}
                // Nobody is heard while Redis is away.
                Err(_) => silent_since = None,
            }
            waiting.woken(LOOK_EVERY).await;
        }
    }

    /// To the process that had the channel when it was offered first. If that still has it, it knows what it has begun, and
    /// says again what came of it, or begins it now.
    async fn offer_again(&self, handed: &mut Handed) -> Result<(), AppendError> {
        let Some(holder) = handed.holder else { return Ok(()) };
        let (backplane, id) = (&self.app.backplane, handed.job.parcel.id.clone());
        handed.job.parcel = Parcel::lay_out(backplane, id, handed.payload.clone()).await?;
        handed.job.again = Some(holder);
        backplane.offer(&handed.job.offer(), SILENT, OFFER_KEPT).await?;
        self.append(&handed.job).await
    }

    async fn look(&self, offer: &Offer) -> Result<Stands, Unavailable> {
        let backplane = &self.app.backplane;
        if let Some(answer) = backplane.kept(&answer_key(&offer.nonce)).await? {
            let unreadable =
                || Err(SendError::Uncertain { why: "The connector process is of another version.".into() });
            return Ok(Stands::Answered(decode(&answer).unwrap_or_else(unreadable)));
        }
        let beat = backplane.kept(&beat_key(&offer.nonce)).await?;
        Ok(if beat.is_some() { Stands::InHand } else { Stands::Silent })
    }
}

/// It certainly did not go out, and nor would another one. By the hub's own back-off: there is no word on when.
fn later(why: &str) -> SendError {
    SendError::Later { why: why.into(), after: None, all: true }
}
