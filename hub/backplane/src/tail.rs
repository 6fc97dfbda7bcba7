//! The hot tail of the feed: the newest batches, kept beside the store so that a reconnect storm does not reach it.
//!
//! Batches may be pushed out of order by several nodes; the reader gets a run without holes or nothing at all. Each
//! epoch has a tail of its own, so that positions of a restored database never mix with older ones.

use std::time::Duration;

use bytes::Bytes;

use crate::Backplane;

/// How many batches a tail keeps.
pub(crate) const TAIL_BATCHES: usize = 512;
/// A batch larger than this, in bytes, is not kept (readers behind it read the store): a tail is at most 64 MiB.
pub(crate) const TAIL_BATCH_BYTES: usize = 128 * 1024;
/// How long the tail of an epoch that nobody pushes to is kept.
pub(crate) const TAIL_KEPT: Duration = Duration::from_secs(3600);

/// The newest batches of one epoch's feed.
#[derive(Clone)]
pub struct FeedTail {
    backplane: Backplane,
    epoch: String,
}

/// One batch with the positions of its first and last event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Batch {
    pub first: i64,
    pub last: i64,
    pub payload: Bytes,
}

impl FeedTail {
    pub(crate) fn new(backplane: Backplane, epoch: &str) -> Self {
        Self { backplane, epoch: epoch.to_owned() }
    }

    /// Adds the batch with the events `first..=last`; returns at once, like [`Backplane::publish`].
    pub fn push(&self, first: i64, last: i64, payload: Bytes) {
        if first > last || payload.len() > TAIL_BATCH_BYTES {
            return;
        }
        let batch = Batch { first, last, payload };
        match &self.backplane {
            Backplane::Local(node) => node.tail_push(&self.epoch, batch),
            Backplane::Redis(node) => node.tail_push(&self.epoch, batch),
        }
    }

    /// Every batch with an event after `after`, in order and without a hole; the first may begin earlier. `None` when
    /// the tail does not reach back that far, has a hole, or cannot be reached: read the store.
    pub async fn read(&self, after: i64) -> Option<Vec<Bytes>> {
        let batches = match &self.backplane {
            Backplane::Local(node) => node.tail_read(&self.epoch, after),
            Backplane::Redis(node) => node.tail_read(&self.epoch, after).await?,
        };
        run_after(after, batches)
    }
}

/// The payloads that bring a reader at `after` up to the newest of `batches` (those that end at or after `after`).
fn run_after(after: i64, mut batches: Vec<Batch>) -> Option<Vec<Bytes>> {
    batches.sort_by_key(|batch| (batch.first, batch.last));
    // Nothing that even ends at `after`: the tail cannot tell "up to date" from "forgotten".
    let mut reached = batches.first().map(|batch| batch.last.min(after).max(batch.first - 1))?;
    if reached > after {
        return None;
    }
    let mut run = Vec::with_capacity(batches.len());
    for batch in batches {
        if batch.first > reached + 1 {
            return None;
        }
        if batch.last > after.max(reached) {
            reached = batch.last;
            run.push(batch.payload);
        }
    }
    Some(run)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(first: i64, last: i64) -> Batch {
        Batch { first, last, payload: Bytes::from(format!("{first}-{last}")) }
    }

    fn run(after: i64, batches: &[Batch]) -> Option<Vec<String>> {
        let run = run_after(after, batches.iter().filter(|batch| batch.last >= after).cloned().collect())?;
        Some(run.iter().map(|payload| String::from_utf8_lossy(payload).into_owned()).collect())
    }

    #[test]
    fn gives_a_run_without_holes_or_nothing() {
        let batches = [batch(4, 6), batch(1, 3), batch(7, 7)];
        assert_eq!(run(0, &batches), Some(vec!["1-3".into(), "4-6".into(), "7-7".into()]));
        assert_eq!(run(3, &batches), Some(vec!["4-6".into(), "7-7".into()]));
        assert_eq!(run(5, &batches), Some(vec!["4-6".into(), "7-7".into()]));
        assert_eq!(run(7, &batches), Some(vec![]));
        assert_eq!(run(8, &batches), None, "ahead of the tail: it cannot know");
        assert_eq!(run(0, &[]), None);
        assert_eq!(run(1, &[batch(3, 4)]), None, "does not reach back");
        assert_eq!(run(3, &[batch(1, 3), batch(5, 6)]), None, "a hole");
        assert_eq!(run(0, &[batch(1, 3), batch(1, 3), batch(2, 4)]), Some(vec!["1-3".into(), "2-4".into()]));
    }
}
