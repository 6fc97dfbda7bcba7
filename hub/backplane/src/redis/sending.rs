//! All that is fire-and-forget goes out here: one queue, one task, one connection, as many commands per round trip as
//! are waiting (pipelining is worth a factor of thirty).

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use bytes::Bytes;
use redis::aio::MultiplexedConnection;
use tokio::sync::mpsc;

use super::envelope::{Envelope, Kind};
use super::{Retry, Shared, patient};
use crate::bus::MAX_PAYLOAD_BYTES;

/// What may wait to be sent: so many things, and so many bytes of them.
const QUEUE_LENGTH: usize = 16 * 1024;
const QUEUE_BYTES: usize = 64 * 1024 * 1024;
/// Commands in one round trip.
const PIPELINE_COMMANDS: usize = 256;

/// The near end of the queue.
pub(super) struct Outbox {
    queue: mpsc::Sender<Outgoing>,
    queued_bytes: AtomicUsize,
    dropped: AtomicU64,
    /// Numbers every publication, sent or not. Taken together with the place in the queue, hence a lock.
    numbers: parking_lot::Mutex<u64>,
}

/// A publication on its way.
pub(super) struct Outgoing {
    kind: Kind,
    number: u64,
    payload: Bytes,
}

impl Outbox {
    pub fn new() -> (Self, mpsc::Receiver<Outgoing>) {
        let (queue, receiver) = mpsc::channel(QUEUE_LENGTH);
        let outbox = Self {
            queue,
            queued_bytes: AtomicUsize::new(0),
            dropped: AtomicU64::new(0),
            numbers: parking_lot::Mutex::new(0),
        };
        (outbox, receiver)
    }

    pub fn publish(&self, kind: Kind, payload: Bytes) {
        let mut numbers = self.numbers.lock();
        *numbers += 1;
        let fits = payload.len() <= MAX_PAYLOAD_BYTES;
        if !fits || !self.enqueue(payload.len(), Outgoing { kind, number: *numbers, payload }) {
            self.count_dropped(kind);
        }
    }

    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    fn enqueue(&self, bytes: usize, outgoing: Outgoing) -> bool {
        if self.queued_bytes.load(Ordering::Relaxed) + bytes > QUEUE_BYTES {
            return false;
        }
        self.queued_bytes.fetch_add(bytes, Ordering::Relaxed);
        let taken = self.queue.try_send(outgoing).is_ok();
        if !taken {
            self.queued_bytes.fetch_sub(bytes, Ordering::Relaxed);
        }
        taken
    }

    fn took(&self, batch: &[Outgoing]) {
        let bytes = batch.iter().map(|outgoing| outgoing.payload.len()).sum();
        self.queued_bytes.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// Gossip does not count: it repairs itself, and is always sent, connected or not.
    fn count_dropped(&self, kind: Kind) {
        if kind != Kind::Presence {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Sends for as long as the node lives; what comes while there is no connection is dropped, not kept for later: by
/// then everybody has been told of a gap and has read the store.
pub(super) async fn run(shared: Arc<Shared>, mut queue: mpsc::Receiver<Outgoing>) {
    let mut retry = Retry::new();
    let mut failed = false;
    loop {
        // A Redis that takes connections and nothing else is not asked at every publication.
        let attempt = async {
            if failed {
                retry.wait().await;
            }
            connect(&shared, &mut retry).await
        };
        let Some(mut connection) = while_dropping(attempt, &shared, &mut queue).await else { return };
        shared.link_changed(|link| link.sending = true);
        loop {
            let mut batch = Vec::new();
            if queue.recv_many(&mut batch, PIPELINE_COMMANDS).await == 0 {
                return;
            }
            shared.outbox.took(&batch);
            if let Err(error) = pipeline(&shared, &batch).exec_async(&mut connection).await {
                drop_unsent(&shared, &batch);
                tracing::warn!(%error, publications = batch.len(), "Redis did not take a batch: it is dropped");
                failed = true;
                break;
            }
            retry = Retry::new();
        }
        shared.link_changed(|link| link.sending = false);
    }
}

/// `None` when the node is gone.
async fn while_dropping(
    attempt: impl Future<Output = MultiplexedConnection>,
    shared: &Shared,
    queue: &mut mpsc::Receiver<Outgoing>,
) -> Option<MultiplexedConnection> {
    let mut attempt = std::pin::pin!(attempt);
    let mut batch = Vec::new();
    loop {
        tokio::select! {
            connection = &mut attempt => return Some(connection),
            taken = queue.recv_many(&mut batch, PIPELINE_COMMANDS) => {
                if taken == 0 {
                    return None;
                }
                shared.outbox.took(&batch);
                drop_unsent(shared, &batch);
                batch.clear();
            }
        }
    }
}

async fn connect(shared: &Shared, retry: &mut Retry) -> MultiplexedConnection {
    loop {
        match shared.client.get_multiplexed_async_connection_with_config(&patient()).await {
            Ok(connection) => return connection,
            Err(error) => tracing::debug!(%error, "Redis cannot be reached for sending: trying again"),
        }
        retry.wait().await;
    }
}

fn drop_unsent(shared: &Shared, batch: &[Outgoing]) {
    for outgoing in batch {
        shared.outbox.count_dropped(outgoing.kind);
    }
}

fn pipeline(shared: &Shared, batch: &[Outgoing]) -> redis::Pipeline {
    let bus = shared.bus();
    let mut pipeline = redis::Pipeline::with_capacity(batch.len());
    for Outgoing { kind, number, payload } in batch {
        let envelope = Envelope::encode(*kind, *number, &shared.node, payload);
        pipeline.cmd("PUBLISH").arg(&bus).arg(envelope.as_ref()).ignore();
    }
    pipeline
}
