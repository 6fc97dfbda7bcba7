//! The writer: one task that owns the one connection that writes, and commits in groups.
//!
//! ```text
//! queue ──recv_many──► BEGIN ─► run of appends │ operation │ run of appends … ─► COMMIT ─► acknowledgements, batch
//!                              each in a savepoint of its own, if it is not alone
//! ```
//!
//! Neighbouring appends are one run and cost a few statements together ([`crate::append`]). What fails inside a savepoint
//! is rolled back to it and hurts nobody else; a run that fails is done again one by one. When the database is lost, all
//! whose COMMIT is not known to have happened are told [`Unavailable`]; trying again is harmless by their edge keys. A
//! panic is a failure like any other: the writer outlives it, for a hub whose writer has ended looks well and is not.
//!
//! Not here: what an append or an operation does, and who hears of it.

mod checkpoint;
mod job;
mod queue;
mod tx;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::{Notify, mpsc};
use tokio::time::Instant;

use crate::append;
use crate::connect::{Connector, TRANSACTION_LIMIT, no_answer};
use crate::db::Own;
use crate::dialect;
use crate::error::Unavailable;
use crate::event::{Batch, CommittedEvent};
use checkpoint::Checkpoints;
pub(crate) use job::caught;
use job::{AppendJob, Job, OperationJob};
pub(crate) use queue::WriterHandle;
pub use queue::Written;
pub use tx::Tx;

/// Most jobs taken at once, and so in one transaction.
const BATCH_JOBS: usize = 256;
/// A transaction that has taken so long takes no more in; the rest of its group makes the next one. All who are in it
/// wait for its end, and on PostgreSQL the other hubs do: a group of first messages is hundreds of round trips.
const GROUP_TIME: Duration = Duration::from_millis(100);
/// Jobs that wait for the writer; one more is refused as overloaded.
const QUEUE_JOBS: usize = 8_192;
/// Committed batches that wait for the feed; the writer waits while there are more.
const COMMITTED_BATCHES: usize = 256;

type Committed = Arc<Mutex<Option<mpsc::Sender<Batch>>>>;

pub(crate) struct Writer {
    connector: Connector,
    /// None after it was lost; made again for the next batch.
    connection: Option<Own>,
    queue: mpsc::Receiver<Job>,
    committed: Committed,
    commits: Arc<AtomicU64>,
    /// Wakes what follows the feed inside the store.
    told: Arc<Notify>,
    checkpoints: Option<Checkpoints>,
}

impl Writer {
    pub fn new(connector: Connector, connection: Own) -> (Self, WriterHandle) {
        let (sender, queue) = mpsc::channel(QUEUE_JOBS);
        let committed = Committed::default();
        let commits = Arc::new(AtomicU64::new(0));
        let told = Arc::new(Notify::new());
        let handle = WriterHandle::new(sender, committed.clone(), commits.clone(), told.clone());
        let checkpoints = Checkpoints::start(&connector);
        (Self { connector, connection: Some(connection), queue, committed, commits, told, checkpoints }, handle)
    }

    /// Until every handle is gone or one of them closes; what is queued by then is done first.
    pub async fn run(mut self) {
        let mut jobs = Vec::with_capacity(BATCH_JOBS);
        let mut closing = Vec::new();
        while self.queue.recv_many(&mut jobs, BATCH_JOBS).await > 0 {
            let mut batch = Vec::with_capacity(jobs.len());
            for job in jobs.drain(..) {
                match job {
                    Job::Append(append) => batch.push(Part::Run(vec![*append])),
                    Job::Operation(operation) => batch.push(Part::Operation(operation)),
                    Job::Close(done) => {
                        self.queue.close();
                        closing.push(done);
                    }
                }
            }
            let mut parts = runs(batch);
            while !parts.is_empty() {
                parts = self.group(parts).await;
            }
        }
        if let Some(checkpoints) = self.checkpoints.take() {
            checkpoints.stop().await;
        }
        if let Some(mut connection) = self.connection.take() {
            if let Err(error) = dialect::settle(&mut connection.link()).await {
                tracing::warn!(%error, "what was written lies in the database's log still");
            }
            if let Err(error) = connection.close().await {
                tracing::warn!(%error, "the writer's connection did not close cleanly");
            }
        }
        for done in closing {
            let _gone = done.send(());
        }
    }

    /// One transaction, and the answers to all who are part of it. What there was no time for is given back.
    async fn group(&mut self, mut parts: Vec<Part>) -> Vec<Part> {
        match self.bounded(&mut parts).await {
            Ok((batch, done)) => {
                let left = parts.split_off(done);
                for part in parts {
                    part.committed();
                }
                self.publish(batch).await;
                left
            }
            // A database that is lost for one is lost for all: nobody waits for his own turn to hear it.
            Err(unavailable) => {
                let cause = std::error::Error::source(&unavailable).map(ToString::to_string);
                tracing::error!(error = %unavailable, cause, "a group of writes was lost");
                for part in parts {
                    part.lost(&unavailable);
                }
                Vec::new()
            }
        }
    }

    /// Whatever becomes of it, it ends, and in time.
    async fn bounded(&mut self, parts: &mut [Part]) -> Result<(Vec<CommittedEvent>, usize), Unavailable> {
        let doing = "finish a group of writes";
        match caught(tokio::time::timeout(TRANSACTION_LIMIT, self.transaction(parts))).await {
            Some(Ok(done)) => done,
            Some(Err(_elapsed)) => Err(Unavailable::new(doing, no_answer())),
            None => Err(Unavailable::without_cause("finish a group of writes: it panicked")),
        }
    }

    /// What is to be told, and how many of the parts it was. A connection in doubt is given up: dropping it rolls back
    /// whatever was open.
    async fn transaction(&mut self, parts: &mut [Part]) -> Result<(Vec<CommittedEvent>, usize), Unavailable> {
        let mut tx = self.begin(parts.len()).await?;
        let begun = Instant::now();
        let mut done = 0;
        for part in parts.iter_mut() {
            part.run(&mut tx).await?;
            done += 1;
            if begun.elapsed() >= GROUP_TIME {
                break;
            }
        }
        let (connection, batch) = tx.commit().await?;
        self.connection = Some(connection);
        self.commits.fetch_add(1, Ordering::Relaxed);
        if let Some(checkpoints) = &self.checkpoints {
            checkpoints.committed();
        }
        Ok((batch, done))
    }

    /// A connection that broke while nobody wrote is found here, when nothing has been done: another one may do.
    async fn begin(&mut self, parts: usize) -> Result<Tx, Unavailable> {
        if let Some(connection) = self.connection.take() {
            match Tx::begin(connection, parts).await {
                Ok(tx) => return Ok(tx),
                Err(unavailable) => tracing::warn!(error = %unavailable, "the writer takes a new connection"),
            }
        }
        let connection = self.connector.connect().await;
        Tx::begin(connection.map_err(|source| Unavailable::new("connect to the database", source))?, parts).await
    }

    async fn publish(&self, batch: Vec<CommittedEvent>) {
        if batch.is_empty() {
            return;
        }
        self.told.notify_one();
        let taker = self.committed.lock().clone();
        if let Some(taker) = taker
            && taker.send(batch.into()).await.is_err()
        {
            *self.committed.lock() = None;
        }
    }
}

/// What is done between two savepoints.
enum Part {
    /// Appends next to each other in the queue.
    Run(Vec<AppendJob>),
    Operation(OperationJob),
}

impl Part {
    /// An error here is one of the transaction as a whole; errors of single jobs are kept in them.
    async fn run(&mut self, tx: &mut Tx) -> Result<(), Unavailable> {
        match self {
            Self::Run(jobs) => run_appends(tx, jobs).await,
            Self::Operation(job) => run_operation(tx, job).await,
        }
    }

    fn committed(self) {
        match self {
            Self::Run(jobs) => jobs.into_iter().for_each(AppendJob::committed),
            Self::Operation(job) => job.finish(Ok(())),
        }
    }

    fn lost(self, unavailable: &Unavailable) {
        match self {
            Self::Run(jobs) => jobs.into_iter().for_each(|job| job.lost(unavailable)),
            Self::Operation(job) => job.finish(Err(unavailable.clone())),
        }
    }
}

/// Joins neighbouring appends.
fn runs(parts: Vec<Part>) -> Vec<Part> {
    let mut joined: Vec<Part> = Vec::new();
    for part in parts {
        match (joined.last_mut(), part) {
            (Some(Part::Run(run)), Part::Run(more)) => run.extend(more),
            (_, part) => joined.push(part),
        }
    }
    joined
}

async fn run_appends(tx: &mut Tx, jobs: &mut [AppendJob]) -> Result<(), Unavailable> {
    match appends_together(tx, jobs).await {
        Ok(()) => return Ok(()),
        Err(Undone::Transaction(unavailable)) => return Err(unavailable),
        Err(Undone::Part(error)) if jobs.len() == 1 => {
            jobs[0].result = Some(Err(error));
            return Ok(());
        }
        Err(Undone::Part(error)) => {
            tracing::warn!(%error, jobs = jobs.len(), "a run of appends failed; doing each alone")
        }
    }
    for job in jobs {
        match appends_together(tx, std::slice::from_mut(job)).await {
            Ok(()) => {}
            Err(Undone::Transaction(unavailable)) => return Err(unavailable),
            Err(Undone::Part(error)) => job.result = Some(Err(error)),
        }
    }
    Ok(())
}

/// Why nothing of a part is kept.
enum Undone {
    /// The part alone; the transaction goes on.
    Part(crate::AppendError),
    Transaction(Unavailable),
}

async fn appends_together(tx: &mut Tx, jobs: &mut [AppendJob]) -> Result<(), Undone> {
    tx.savepoint().await.map_err(Undone::Transaction)?;
    let appends: Vec<_> = jobs.iter().map(|job| &job.append).collect();
    let done = match caught(append::append_all(tx, &appends)).await {
        Some(Ok(results)) => tx.keep().await.map(|_last| results).map_err(crate::AppendError::from),
        Some(Err(error)) => Err(error),
        None => Err(Unavailable::panicked("append a message: it panicked").into()),
    };
    match done {
        Ok(results) => {
            for (job, result) in jobs.iter_mut().zip(results) {
                job.result = Some(result);
            }
            Ok(())
        }
        Err(error) => {
            tx.undo().await.map_err(Undone::Transaction)?;
            Err(Undone::Part(error))
        }
    }
}

async fn run_operation(tx: &mut Tx, job: &mut OperationJob) -> Result<(), Unavailable> {
    tx.savepoint().await?;
    if job.run(tx).await {
        match tx.keep().await {
            Ok(last) => {
                job.position = last;
                return Ok(());
            }
            // It went on after the database had refused it a statement, or its events cannot be kept.
            Err(unavailable) => job.failed = Some(unavailable),
        }
    }
    tx.undo().await
}
