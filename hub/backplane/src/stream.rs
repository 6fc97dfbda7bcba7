//! The ingest stream: what a connector received and the hub has not committed yet. At least once, in order of arrival.
//!
//! A consumer claims entries, commits them, and acknowledges. What a consumer claimed and never acknowledged (it died)
//! another reclaims. Redis may forget all of it: a connector tells its provider "received" only after the hub's receipt.

use std::time::Duration;

use bytes::Bytes;

use crate::{Backplane, Unavailable};

/// How many entries may wait in a stream; the appender is told when it is full.
pub const MAX_ENTRIES: usize = 100_000;
/// The most entries one claim returns.
pub const MAX_CLAIM: usize = 1000;

/// A named stream. All nodes together are its consumers: each entry goes to one of them.
#[derive(Clone)]
pub struct IngestStream {
    backplane: Backplane,
    name: String,
}

/// The name of an entry within its stream.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct EntryId(pub(crate) String);

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub id: EntryId,
    pub payload: Bytes,
}

#[derive(Debug, Clone, thiserror::Error)]
pub enum AppendError {
    #[error("the stream holds {MAX_ENTRIES} entries that nobody has taken")]
    Full,
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl IngestStream {
    pub(crate) fn new(backplane: Backplane, name: &str) -> Self {
        Self { backplane, name: name.to_owned() }
    }

    pub async fn append(&self, payload: Bytes) -> Result<EntryId, AppendError> {
        match &self.backplane {
            Backplane::Local(node) => node.stream_append(&self.name, payload),
            Backplane::Redis(node) => node.stream_append(&self.name, payload).await,
        }
    }

    /// Up to `most` entries that nobody has claimed yet, waiting up to `wait` for the first. Empty when none came.
    pub async fn claim(&self, consumer: &str, most: usize, wait: Duration) -> Result<Vec<Entry>, Unavailable> {
        let most = most.clamp(1, MAX_CLAIM);
        match &self.backplane {
            Backplane::Local(node) => Ok(node.stream_claim(&self.name, most, wait).await),
            Backplane::Redis(node) => node.stream_claim(&self.name, consumer, most, wait).await,
        }
    }

    /// These are committed: forget them.
    pub async fn ack(&self, entries: &[EntryId]) -> Result<(), Unavailable> {
        if entries.is_empty() {
            return Ok(());
        }
        match &self.backplane {
            Backplane::Local(node) => {
                node.stream_ack(&self.name, entries);
                Ok(())
            }
            Backplane::Redis(node) => node.stream_ack(&self.name, entries).await,
        }
    }

    /// Takes over entries that were claimed at least `idle` ago and never acknowledged, oldest first.
    pub async fn reclaim(&self, consumer: &str, idle: Duration, most: usize) -> Result<Vec<Entry>, Unavailable> {
        let most = most.clamp(1, MAX_CLAIM);
        match &self.backplane {
            Backplane::Local(node) => Ok(node.stream_reclaim(&self.name, idle, most)),
            Backplane::Redis(node) => node.stream_reclaim(&self.name, consumer, idle, most).await,
        }
    }
}
