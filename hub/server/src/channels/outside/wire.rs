//! What hubs and processes say to each other, where it lies, and the bounds of it.
//!
//! The number in the keys is raised with each change that one side would not understand of the other: then they do not see
//! each other, which both say, rather than misread each other.

use std::time::Duration;

use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use switchboard_backplane::{Backplane, IngestStream, Offer, Unavailable};
use switchboard_connector::{Incoming, SendError, Sent, Taken};
use switchboard_protocol::InboxId;
use switchboard_protocol::channels::ChannelState;
use switchboard_store::channels::Setup;
use tokio::time::Instant;

/// Where the setups lie, as JSON: a list of [`Published`].
pub const SETUPS: &str = "outside1/setups";
/// Hubs publish them every second; without hubs they are soon gone.
pub const SETUPS_KEPT: Duration = Duration::from_secs(60);

/// An ask that is not answered by then is given up, and what came in is fetched again.
pub const ANSWERED_WITHIN: Duration = Duration::from_secs(30);
/// Answers wait so long for whoever asked.
pub const ANSWER_KEPT: Duration = Duration::from_secs(3_600);
/// What an entry of a stream carries in pieces beside it.
pub const PARCEL_KEPT: Duration = Duration::from_secs(3_600);
/// A parcel up to this size lies in its entry, bytes.
const INLINE_BYTES: usize = 16 * 1024;

/// After so long no process may begin a job any more: longer than it takes until another has the lease of one that died.
pub const BEGUN_WITHIN: Duration = Duration::from_secs(30);
/// Whether a job was begun is known for so long.
pub const OFFER_KEPT: Duration = Duration::from_secs(3_600);
/// Whoever has begun a job says so often that it still has it in hand,
pub const BEAT_EVERY: Duration = Duration::from_secs(2);
/// and is believed for so long.
pub const BEAT_KEPT: Duration = Duration::from_secs(6);

/// Whoever waits looks so often by itself, if nothing wakes it.
pub const LOOK_EVERY: Duration = Duration::from_millis(500);

/// A setup as a process needs it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Published {
    pub setup: Setup,
    /// Where the provider calls the hubs.
    pub webhook: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Ask {
    pub inbox: InboxId,
    pub what: What,
}

#[derive(Debug, Serialize, Deserialize)]
pub enum What {
    Take(Vec<Incoming>),
    Cursor { name: String },
    KeepCursor { name: String, place: String },
}

#[derive(Debug, Serialize, Deserialize)]
pub enum Told {
    Taken(Vec<Taken>),
    Cursor(Option<String>),
    Kept,
    /// Nothing is known to be committed.
    NotTaken(String),
}

/// A message that is to go out.
#[derive(Debug, Serialize, Deserialize)]
pub struct Job {
    pub name: String,
    pub parcel: Parcel,
    /// Offered once more, because Redis may have forgotten: only to the holder that had the lease at the first time and has
    /// had it since, by its number. Nobody else knows that it was not begun.
    pub again: Option<u64>,
}

impl Job {
    pub fn offer(&self) -> Offer {
        Offer { name: self.name.clone(), nonce: self.parcel.id.clone() }
    }
}

/// What became of a job.
pub type Outcome = Result<Sent, SendError>;

/// How a channel does, said by whoever holds it, for as long as it does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Of the setup.
    pub version: i64,
    /// The number of the lease of whoever has it: what is to go out may be handed to it. None: said by one who could not run
    /// the channel.
    pub holder: Option<u64>,
    pub state: ChannelState,
    pub trouble: Option<String>,
}

/// Whether the connection to Redis was lost since: it may have forgotten what was laid out.
pub fn has_been_away(backplane: &Backplane, since: Instant) -> bool {
    let health = backplane.health();
    health.connected && health.since > since
}

pub fn jobs(backplane: &Backplane, inbox: InboxId) -> IngestStream {
    backplane.stream(&jobs_key(inbox))
}

/// Also what whoever waits for jobs is woken by.
pub fn jobs_key(inbox: InboxId) -> String {
    format!("outside1/jobs/{inbox}")
}

pub fn asks(backplane: &Backplane) -> IngestStream {
    backplane.stream("outside1/asks")
}

pub fn report_key(inbox: InboxId) -> String {
    format!("outside1/report/{inbox}")
}

/// Of an ask or a job.
pub fn answer_key(id: &str) -> String {
    format!("outside1/answer/{id}")
}

pub fn beat_key(id: &str) -> String {
    format!("outside1/beat/{id}")
}

/// Something of any size behind an entry of a stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parcel {
    pub id: String,
    pub bytes: usize,
    inline: Option<Bytes>,
}

impl Parcel {
    /// Lays it out, so that whoever gets the entry can open it.
    pub async fn lay_out(backplane: &Backplane, id: String, payload: Bytes) -> Result<Self, Unavailable> {
        let bytes = payload.len();
        if bytes <= INLINE_BYTES {
            return Ok(Self { id, bytes, inline: Some(payload) });
        }
        backplane.keep_large(&key(&id), &payload, PARCEL_KEPT).await?;
        Ok(Self { id, bytes, inline: None })
    }

    /// None: it is gone, and so is whoever waited for what would come of it, or Redis has forgotten.
    pub async fn open(&self, backplane: &Backplane) -> Result<Option<Bytes>, Unavailable> {
        match &self.inline {
            Some(payload) => Ok(Some(payload.clone())),
            None => backplane.kept_large(&key(&self.id), self.bytes).await,
        }
    }

    /// What is not thrown away is gone by itself, later.
    pub async fn throw_away(&self, backplane: &Backplane) {
        if self.inline.is_none() {
            let _ = backplane.forget_large(&key(&self.id), self.bytes).await;
        }
    }
}

fn key(id: &str) -> String {
    format!("outside1/parcel/{id}")
}

pub fn encode(value: &impl Serialize) -> Bytes {
    postcard::to_stdvec(value).expect("what is said here has a binary form").into()
}

/// None: it is not ours.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    postcard::from_bytes(bytes).ok()
}
