//! The way to the writer from everywhere else.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use switchboard_protocol::Position;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{Notify, mpsc, oneshot};

use super::job::{AppendJob, Job, OperationJob};
use super::{COMMITTED_BATCHES, Committed, Tx};
use crate::BoxFuture;
use crate::append::{Append, AppendedAt};
use crate::error::{AppendError, Unavailable, WriteError};
use crate::event::Batch;

/// What an operation made, and the position of the last event that it emitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written<T> {
    pub value: T,
    pub position: Option<Position>,
}

pub(crate) struct WriterHandle {
    queue: mpsc::Sender<Job>,
    committed: Committed,
    /// Whether the committed batches have a taker.
    taken: std::sync::atomic::AtomicBool,
    commits: Arc<AtomicU64>,
    told: Arc<Notify>,
}

impl WriterHandle {
    pub(super) fn new(
        queue: mpsc::Sender<Job>,
        committed: Committed,
        commits: Arc<AtomicU64>,
        told: Arc<Notify>,
    ) -> Self {
        Self { queue, committed, taken: Default::default(), commits, told }
    }

    pub fn committed(&self) -> Option<mpsc::Receiver<Batch>> {
        if self.taken.swap(true, Ordering::Relaxed) {
            return None;
        }
        let (sender, receiver) = mpsc::channel(COMMITTED_BATCHES);
        *self.committed.lock() = Some(sender);
        Some(receiver)
    }

    pub fn commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }

    /// Notified after each commit that has told of something.
    pub fn told(&self) -> Arc<Notify> {
        self.told.clone()
    }

    pub async fn append(&self, append: Append) -> Result<AppendedAt, AppendError> {
        let (reply, answer) = oneshot::channel();
        let job = Job::Append(Box::new(AppendJob { append, result: None, reply }));
        self.queue.try_send(job).map_err(|full| match full {
            TrySendError::Full(_) => AppendError::Overloaded,
            TrySendError::Closed(_) => closed().into(),
        })?;
        answer.await.unwrap_or_else(|_| Err(closed().into()))
    }

    pub async fn write<T, E, F>(&self, op: F) -> Result<Written<T>, WriteError<E>>
    where
        T: Send + 'static,
        E: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        self.queue.try_send(Job::Operation(OperationJob::new(op, reply))).map_err(|full| match full {
            TrySendError::Full(_) => WriteError::Overloaded,
            TrySendError::Closed(_) => closed().into(),
        })?;
        answer.await.unwrap_or_else(|_| Err(closed().into()))
    }

    pub fn is_closed(&self) -> bool {
        self.queue.is_closed()
    }

    pub async fn ended(&self) {
        self.queue.closed().await;
    }

    /// Returns when what was queued is done. A second call returns at once.
    pub async fn close(&self) {
        let (done, closed) = oneshot::channel();
        if self.queue.send(Job::Close(done)).await.is_ok() {
            // An error means that another close came first and the writer is gone already.
            let _ = closed.await;
        }
    }
}

fn closed() -> Unavailable {
    Unavailable::without_cause("write: the store is closed")
}
