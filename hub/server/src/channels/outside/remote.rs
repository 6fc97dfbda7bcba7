//! The hub's side of what goes out: what is sent is carried out by the process that holds the inbox.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use switchboard_backplane::stream::AppendError;
use switchboard_backplane::{Offer, Terms, Unavailable, Withdraw};
use switchboard_connector::{Capabilities, Connector, Outgoing, SendError, Sent};
use switchboard_protocol::{InboxId, MessageId};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};

use super::room::Taken;
use super::wire::{
    BEGUN_WITHIN, Job, LOOK_EVERY, OFFER_KEPT, Outcome, PARCEL_BYTES, Parcel, answer_key, beat_key, decode, encode,
    has_been_away, jobs, jobs_key,
};
use crate::app::Shared;
use crate::channels::way::Became;
use crate::wakes::Waiting;

/// A process that has begun a message and says nothing of it for so long, while Redis answers, is gone: longer than it takes
/// to reach a Redis that is back.
const SILENT: Duration = Duration::from_secs(10);

/// A message that finds no room for so long is tried again later: it holds up those behind it in its conversation.
const ROOM_WITHIN: Duration = Duration::from_secs(60);

const NO_ROOM: &str = "Other large messages are being handed over just now.";
const GONE: &str = "The connector process stopped while this was being sent. It may or may not have arrived.";
const BOTH_GONE: &str = "The hub that was sending this has stopped or lost track of it, and no process has said what became of \
                         it. It may or may not have arrived.";
const TOO_LARGE: &str = "This message is too large for this channel. Send its files in another way.";
const NOT_BEGUN: &str = "No connector process has taken it up.";
const NOT_TOLD: &str = "The connector process cannot be told of it: Redis does not answer.";

/// Sends by another process.
pub struct Remote {
    pub app: Shared,
    pub inbox: InboxId,
    /// The same channel, made by this hub.
    pub here: Arc<dyn Connector>,
    /// Who holds the channel, as of a moment ago: the number of its lease.
    pub holder: watch::Receiver<Option<u64>>,
    /// The number of the lease under which this hub hands out.
    pub rank: u64,
}

/// A message that lies ready for its process, which has not been told of it: it has certainly not gone out.
pub struct Packed {
    name: String,
    parcel: Parcel,
    payload: Bytes,
    _room: Taken,
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

impl Remote {
    pub fn capabilities(&self) -> Capabilities {
        self.here.capabilities()
    }

    /// Makes it ready. `nonce` is no other message's and no other try's.
    pub async fn pack(&self, nonce: String, message: &Outgoing) -> Result<Packed, SendError> {
        let files: usize = message.files.iter().map(|file| file.bytes.len()).sum();
        let bytes = files + message.text.len() + message.html.as_ref().map_or(0, String::len);
        let Ok(room) = timeout(ROOM_WITHIN, self.app.channels.room.take(bytes)).await else {
            return Err(SendError::Later { why: NO_ROOM.into(), after: None, all: false });
        };
        let payload = encode(message);
        if payload.len() > PARCEL_BYTES {
            return Err(SendError::Refused { why: TOO_LARGE.into() });
        }
        let laying = timeout(BEGUN_WITHIN, async {
            loop {
                match Parcel::lay_out(&self.app.backplane, nonce.clone(), payload.clone()).await {
                    Ok(parcel) => return parcel,
                    Err(_) => sleep(LOOK_EVERY).await,
                }
            }
        });
        let Ok(parcel) = laying.await else {
            // The pieces that it did take.
            Parcel::forget(&self.app.backplane, &nonce, payload.len()).await;
            return Err(later(NOT_TOLD));
        };
        Ok(Packed { name: self.name(message.message_id), parcel, payload, _room: room })
    }

    /// It is not sent after all.
    pub async fn throw_away(&self, packed: Packed) {
        packed.parcel.throw_away(&self.app.backplane).await;
    }

    pub async fn send(&self, packed: Packed) -> Result<Sent, SendError> {
        let Packed { name, parcel, payload, _room } = packed;
        let (backplane, holder) = (&self.app.backplane, *self.holder.borrow());
        let waiting = self.app.wakes.wait(answer_key(&parcel.id));
        let job = Job { name, parcel, again: None };
        // Until the job is in the stream nobody knows of it.
        let offering = timeout(BEGUN_WITHIN, async {
            let mut again = false;
            loop {
                match self.offer(&job, again).await {
                    Ok(stands) => return stands,
                    Err(_) => sleep(LOOK_EVERY).await,
                }
                again = true;
            }
        });
        let untold = match offering.await {
            // If it could not be asked whether it is there, it is waited for like one that is.
            Ok(true) => matches!(self.append(&job).await, Err(AppendError::Full)).then_some(NOT_BEGUN),
            // Another hub has gone on with it; or it was there, though nobody said so, and another has withdrawn it.
            Ok(false) => Some(NOT_BEGUN),
            Err(_late) => Some(NOT_TOLD),
        };
        if let Some(why) = untold {
            job.parcel.throw_away(backplane).await;
            return Err(later(why));
        }
        let mut handed = Handed { job, payload, holder };
        let outcome = self.outcome(&mut handed, &waiting).await;
        handed.job.parcel.throw_away(backplane).await;
        outcome
    }

    /// What became of a message that another hub had handed out, or was about to: the answer, if the process has left one or
    /// has it in hand; else it is withdrawn.
    pub async fn became(&self, message: MessageId, nonce: &str) -> Became {
        let offer = Offer { name: self.name(message), nonce: nonce.to_owned() };
        let waiting = self.app.wakes.wait(answer_key(nonce));
        let mut silent_since: Option<Instant> = None;
        loop {
            match self.look(&offer).await {
                Ok(Stands::Answered(outcome)) => return Became::Known(outcome),
                Ok(Stands::InHand) => silent_since = None,
                Ok(Stands::Silent) => match (silent_since, self.withdraw(&offer).await) {
                    (_, Ok(Withdraw::NeverBegun)) => return Became::NotBegun,
                    (Some(since), Ok(_)) if since.elapsed() >= SILENT => {
                        return Became::Known(Err(SendError::Uncertain { why: BOTH_GONE.into() }));
                    }
                    (None, Ok(_)) => silent_since = Some(Instant::now()),
                    (Some(_), Ok(_)) => {}
                    (_, Err(_)) => silent_since = None,
                },
                // Nobody is heard while Redis is away.
                Err(_) => silent_since = None,
            }
            waiting.woken(LOOK_EVERY).await;
        }
    }

    /// Whose it is to begin: one offer of a message at a time.
    fn name(&self, message: MessageId) -> String {
        format!("{}/{message}", self.inbox)
    }

    /// False: somebody else has gone on with it, or asked after it.
    async fn offer(&self, job: &Job, again: bool) -> Result<bool, Unavailable> {
        let (backplane, terms) = (&self.app.backplane, self.terms(BEGUN_WITHIN));
        if again {
            return backplane.offer_again(&job.offer(), None, terms).await;
        }
        backplane.offer(&job.offer(), terms).await
    }

    /// What was not there yet when it was withdrawn cannot be offered later by a hub that stood still.
    async fn withdraw(&self, offer: &Offer) -> Result<Withdraw, Unavailable> {
        self.app.backplane.withdraw(offer, self.rank, OFFER_KEPT).await
    }

    fn terms(&self, time: Duration) -> Terms {
        Terms { rank: self.rank, time, kept: OFFER_KEPT }
    }

    async fn append(&self, job: &Job) -> Result<(), AppendError> {
        jobs(&self.app.backplane, self.inbox).append(encode(job)).await?;
        self.app.wakes.tell(&self.app.backplane, &jobs_key(self.inbox));
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
                        && self.withdraw(&offer).await.is_ok()
                    {
                        return Err(SendError::Uncertain { why: GONE.into() });
                    }
                }
                Ok(Stands::Silent) if offered.elapsed() >= BEGUN_WITHIN => match self.withdraw(&offer).await {
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
        // Another hub may have gone on with it meanwhile, as it does for one that does not answer.
        if backplane.offer_again(&handed.job.offer(), Some(holder), self.terms(SILENT)).await? {
            self.append(&handed.job).await?;
        }
        Ok(())
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
