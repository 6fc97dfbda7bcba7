//! The process's side of what goes out: takes jobs from its inbox's stream, begins each, hands it to the connector, answers.

use std::collections::VecDeque;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use parking_lot::Mutex;
use switchboard_backplane::stream::{Entry, MAX_CLAIM};
use switchboard_backplane::{Begin, Beginner, Unavailable};
use switchboard_connector::{Connector, Outgoing, SendError, limits};
use switchboard_protocol::InboxId;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::process::Process;
use super::wire::{
    ANSWER_KEPT, BEAT_EVERY, BEAT_KEPT, BEGUN_WITHIN, Job, LOOK_EVERY, Outcome, answer_key, beat_key, decode, encode,
    jobs, jobs_key,
};
use crate::channels::sender::AT_ONCE;

/// A connector must have answered by then: before the hub stops waiting.
const SEND: Duration = Duration::from_secs(limits::SEND.as_secs() - 60);
/// Between two tries to reach Redis.
const AGAIN: Duration = Duration::from_millis(200);

/// One inbox's jobs, as long as this process holds its lease.
pub struct Worker {
    pub process: Arc<Process>,
    pub inbox: InboxId,
    pub connector: Arc<dyn Connector>,
    /// The lease and its number: who has another begins nothing.
    pub lease: String,
    pub fencing: u64,
    pub stop: CancellationToken,
    pub begun: Begun,
}

/// Answers that are remembered beyond the jobs that are in hand: many times what hubs wait for at once.
const REMEMBERED: usize = 1_000;

/// What this holder has begun, and the answers to it: Redis may forget them. A plain lock: held for a look.
#[derive(Default)]
pub struct Begun(Mutex<VecDeque<(String, Option<Outcome>)>>);

impl Begun {
    /// None: it is begun now. Else what is known of it: in hand, or answered.
    fn begin(&self, id: &str) -> Option<Option<Outcome>> {
        let mut begun = self.0.lock();
        if let Some((_, answer)) = begun.iter().find(|(known, _)| known == id) {
            return Some(answer.clone());
        }
        if begun.len() >= REMEMBERED
            && let Some(oldest) = begun.iter().position(|(_, answer)| answer.is_some())
        {
            begun.remove(oldest);
        }
        begun.push_back((id.to_owned(), None));
        None
    }

    fn answered(&self, id: &str, outcome: &Outcome) {
        if let Some((_, answer)) = self.0.lock().iter_mut().find(|(known, _)| known == id) {
            *answer = Some(outcome.clone());
        }
    }

    /// It was not begun after all.
    fn forget(&self, id: &str) {
        self.0.lock().retain(|(known, _)| known != id);
    }
}

impl Worker {
    /// Until it is stopped; what was begun then is finished.
    pub async fn run(self: Arc<Self>) {
        let waiting = self.process.wakes.wait(jobs_key(self.inbox));
        let mut left = self.left().await;
        let mut sending: JoinSet<()> = JoinSet::new();
        while !self.stop.is_cancelled() {
            while sending.len() < AT_ONCE
                && let Some(entry) = left.pop_front()
            {
                let worker = self.clone();
                sending.spawn(async move { worker.carry_out(entry).await });
            }
            let room = AT_ONCE - sending.len();
            if room > 0 {
                left = self.claim(room).await;
                if !left.is_empty() {
                    continue;
                }
            }
            tokio::select! {
                () = self.stop.cancelled() => {}
                Some(_) = sending.join_next() => {}
                () = waiting.woken(LOOK_EVERY) => {}
            }
        }
        while sending.join_next().await.is_some() {}
    }

    /// What the one before had in hand: a job that it has begun cannot be begun again, the others are done now.
    async fn left(&self) -> VecDeque<Entry> {
        let (stream, consumer) = (jobs(&self.process.backplane, self.inbox), self.process.backplane.node().as_str());
        match stream.reclaim(consumer, Duration::ZERO, MAX_CLAIM).await {
            Ok(entries) => entries.into(),
            // Nothing of it is lost: its hub withdraws it, and hands it out anew.
            Err(error) => {
                tracing::debug!(%error, "what another process had in hand cannot be looked at");
                VecDeque::new()
            }
        }
    }

    async fn claim(&self, most: usize) -> VecDeque<Entry> {
        let (stream, consumer) = (jobs(&self.process.backplane, self.inbox), self.process.backplane.node().as_str());
        match stream.claim(consumer, most, Duration::ZERO).await {
            Ok(entries) => entries.into(),
            Err(error) => {
                tracing::debug!(%error, "what is to go out cannot be looked at; looked at again");
                VecDeque::new()
            }
        }
    }

    async fn carry_out(&self, entry: Entry) {
        let backplane = &self.process.backplane;
        if let Some(job) = decode::<Job>(&entry.payload)
            && job.again.is_none_or(|holder| holder == self.fencing)
        {
            match self.begun.begin(&job.parcel.id) {
                None => match self.send(&job).await {
                    Some(outcome) => self.answer(&job, &outcome).await,
                    None => self.begun.forget(&job.parcel.id),
                },
                Some(Some(outcome)) => self.answer(&job, &outcome).await,
                // Whoever has it in hand says so.
                Some(None) => {}
            }
        }
        if let Err(error) = jobs(backplane, self.inbox).ack(&[entry.id]).await {
            tracing::debug!(%error, "a job that was carried out stays in the stream: nobody can begin it again");
        }
    }

    /// Hands it to the connector, if it is this process's to do. None: somebody else knows, or nobody.
    async fn send(&self, job: &Job) -> Option<Outcome> {
        // Nobody may begin it later.
        let _room = timeout(BEGUN_WITHIN, self.process.room_out.take(job.parcel.bytes)).await.ok()?;
        let payload = asked(|| job.parcel.open(&self.process.backplane)).await??;
        let message: Outgoing = decode(&payload)?;
        let mark = self.process.random.ulid(self.process.clock.now()).to_string();
        let by = Beginner { lease: self.lease.clone(), fencing: self.fencing, mark };
        // Asked again until it is known: what may be begun and is not sent would be in doubt.
        let offer = job.offer();
        let begun = asked(|| self.process.backplane.begin(&offer, &by)).await?;
        if begun == Begin::Not {
            return None;
        }
        let sending = timeout(SEND, AssertUnwindSafe(self.connector.send(&message)).catch_unwind());
        let sent = tokio::select! {
            sent = sending => sent,
            never = self.beat(job) => match never {},
        };
        Some(match sent {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_panic)) => Err(SendError::Uncertain { why: "A fault of the connector's own.".into() }),
            Err(_late) => Err(SendError::Uncertain { why: "The provider did not answer in time.".into() }),
        })
    }

    /// Says that it is in hand, for as long as this runs.
    async fn beat(&self, job: &Job) -> std::convert::Infallible {
        let key = beat_key(&job.parcel.id);
        loop {
            let kept = self.process.backplane.keep(&key, "here".into(), BEAT_KEPT).await;
            sleep(if kept.is_ok() { BEAT_EVERY } else { AGAIN }).await;
        }
    }

    /// Until it is laid down, however long Redis is away: nobody else knows it.
    async fn answer(&self, job: &Job, outcome: &Outcome) {
        self.begun.answered(&job.parcel.id, outcome);
        let (backplane, key) = (&self.process.backplane, answer_key(&job.parcel.id));
        let answer = encode(outcome);
        let begun = Instant::now();
        while let Err(error) = backplane.keep(&key, answer.clone(), ANSWER_KEPT).await {
            if begun.elapsed() >= SEND {
                tracing::warn!(%error, inbox = %self.inbox, "what became of a message could not be told: it is uncertain");
                return;
            }
            sleep(AGAIN).await;
        }
        self.process.wakes.tell(backplane, &key);
    }
}

/// What Redis says, asked until it answers or until it would be too late.
async fn asked<T, Asking>(ask: impl Fn() -> Asking) -> Option<T>
where
    Asking: Future<Output = Result<T, Unavailable>>,
{
    let asking = async {
        loop {
            match ask().await {
                Ok(answer) => return answer,
                Err(_) => sleep(AGAIN).await,
            }
        }
    };
    timeout(BEGUN_WITHIN, asking).await.ok()
}
