//! From the commit to the sockets: the feed of this process.
//!
//! One task, the pump, takes committed batches from this process's writer and from the other hubs, puts them in order of
//! position ([`sequence`]), keeps the newest in memory ([`tail`]) and hands them to the sessions. Whatever the backplane
//! loses is found as a gap and read from the store: live delivery is a hint, the store is the truth.
//!
//! The pump is the only one that delivers events, so everything that must stand in one order with them (the position in
//! a heartbeat, the reset after an access change) happens in it too.

pub mod fences;
mod pump;
mod reading;
pub mod sequence;
pub mod tail;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use switchboard_backplane::Backplane;
use switchboard_protocol::Position;
use switchboard_store::Store;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::DropGuard;

use crate::clock::Clock;
use fences::AsOf;

use crate::sessions::{Person, Registry, SignalKey, Topic};
pub use tail::Reader;
use tail::{TAIL_EVENTS, Tail, tells_removal};

/// Signals that wait for the pump. Beyond it they are dropped and counted: they run out by themselves and are repeated.
const SIGNALS_WAITING: usize = 4096;

/// Signals that wait for the pump and may not be dropped; whoever has one more waits.
const TOLD_WAITING: usize = 64;

/// How long a hole between positions may stay open before it is read from the store: the other hub's publication is
/// usually a millisecond behind.
const GAP_PATIENCE: Duration = Duration::from_millis(25);

/// How often the feed is read on from the store, whatever the backplane says: it may be away, slow, or have lost something.
const POLL_EVERY: Duration = Duration::from_millis(500);

/// A hub that is alone, on a database that it can share with nobody, reads only every so many times.
const POLLS_LEFT_OUT: u32 = 10;

/// How old what this hub knows of rights may be for it to tell what is true now: presence then waits, typing is dropped.
/// The polls above, with time for a slow answer; longer than that only a hub that cannot read its store has to wait.
const RIGHTS_AGE: Duration = Duration::from_secs(2);

/// Events read from the store at a time.
const READ_EVENTS: usize = 512;

/// Events read from the store at a time for somebody who is far behind: about as many as are sent at a time.
const CATCH_UP_EVENTS: usize = 64;

/// What is true now, on its way to those who listen to any of the topics, on every hub.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct Signal {
    pub topics: Vec<Topic>,
    /// Who said it need not hear it.
    pub except: Option<Person>,
    pub key: SignalKey,
    pub json: String,
    /// Of what only a bot that is not blocked may show; none: nothing keeps it back.
    #[serde(default)]
    pub as_of: Option<AsOf>,
}

impl Signal {
    /// Whether it may wait behind what a full socket has to take first. That a bot writes may not: its block may come to stand
    /// before it meanwhile.
    fn may_wait(&self) -> bool {
        self.as_of.is_none() || !matches!(self.key, SignalKey::Typing(..))
    }
}

/// The handle to the feed of this process.
pub struct Feed {
    store: Store,
    registry: Arc<Registry>,
    epoch: String,
    /// Everything up to here has been handed to the sessions. Written by the pump only.
    delivered: AtomicI64,
    /// Moves with it, for those in this process who look at the store when something has happened.
    moved: watch::Sender<Position>,
    /// Event deliveries to sockets since start.
    deliveries: AtomicU64,
    /// Locked for a look at a thousand events at most.
    tail: Mutex<Tail>,
    heartbeat: Duration,
    signals: mpsc::Sender<(Signal, Reach)>,
    told: mpsc::Sender<Signal>,
}

/// How far a signal goes from here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// To this process's sessions: every hub makes the same signal for itself.
    Here,
    /// To every hub's sessions.
    Everywhere,
}

/// Events for one reader, and how far the reader now is.
#[derive(Debug)]
pub struct Caught {
    pub frames: Vec<Arc<str>>,
    /// Nothing up to here concerns the reader but what is in `frames`.
    pub position: Position,
}

/// Room for frames that are read for somebody, in bytes.
#[derive(Debug)]
struct Room {
    left: usize,
    used: bool,
}

impl Room {
    fn of(bytes: usize) -> Self {
        Self { left: bytes, used: false }
    }

    /// Whether one more has room. The first always has: there must be a way on.
    fn takes(&mut self, frame: &str) -> bool {
        let fits = frame.len() <= self.left || !self.used;
        self.left = self.left.saturating_sub(frame.len());
        self.used = true;
        fits
    }
}

/// Whether the feed can be followed from a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Follows {
    Yes,
    /// It no longer reaches back so far.
    TooOld,
    /// It has never come so far: the database was restored from a backup.
    Unheard,
}

/// The store could not be read.
#[derive(Debug, thiserror::Error)]
#[error("the feed cannot be read")]
pub struct Unreadable(#[source] pub switchboard_store::ReadError);

/// The newest events as the store has them: a hub that comes back can bring everybody up to date from memory.
async fn remembered(store: &Store) -> Result<Tail, Unreadable> {
    let head = switchboard_store::feed::head(store).await.map_err(Unreadable)?;
    let floor = switchboard_store::feed::floor(store).await.map_err(Unreadable)?;
    let mut tail = Tail::starting_after(head.min(floor.max(head - TAIL_EVENTS as Position)));
    // What is deleted while this reads may have been read before.
    let mut removals = Vec::new();
    while tail.newest() < head {
        let events = switchboard_store::feed::since(store, tail.newest(), READ_EVENTS).await.map_err(Unreadable)?;
        if events.is_empty() {
            return Ok(Tail::starting_after(head));
        }
        for event in events {
            // What is forgotten meanwhile leaves a hole before the rest.
            if event.position != tail.newest() + 1 {
                tail = Tail::starting_after(event.position - 1);
            }
            if event.position > head && tells_removal(&event) {
                removals.push(event.clone());
            }
            tail.push(event);
        }
    }
    tail.forget(&removals);
    Ok(tail)
}

impl Feed {
    /// Starts the pump. It ends when the store's writer does, and `alive` is dropped with it.
    pub async fn start(
        store: Store,
        backplane: Backplane,
        registry: Arc<Registry>,
        clock: Clock,
        heartbeat: Duration,
        alive: DropGuard,
    ) -> Result<Arc<Self>, Unreadable> {
        let tail = remembered(&store).await?;
        let head = tail.newest();
        let (signals, signals_out) = mpsc::channel(SIGNALS_WAITING);
        let (told, told_out) = mpsc::channel(TOLD_WAITING);
        let feed = Arc::new(Self {
            epoch: store.epoch().to_owned(),
            registry,
            delivered: AtomicI64::new(head),
            moved: watch::Sender::new(head),
            deliveries: AtomicU64::new(0),
            tail: Mutex::new(tail),
            heartbeat,
            signals,
            told,
            store,
        });
        let inlets = pump::Inlets { signals: signals_out, told: told_out };
        let pumping = pump::run(feed.clone(), backplane, inlets, clock, head);
        tokio::spawn(async move {
            pumping.await;
            drop(alive);
        });
        Ok(feed)
    }

    pub fn epoch(&self) -> &str {
        &self.epoch
    }

    /// How often each socket gets its heartbeat.
    pub fn heartbeat(&self) -> Duration {
        self.heartbeat
    }

    /// Everything up to here has been handed to this process's sessions, and whoever it takes rights from was reset.
    /// Changes whenever something was committed, here or on another hub.
    pub fn moved(&self) -> watch::Receiver<Position> {
        self.moved.subscribe()
    }

    pub fn delivered(&self) -> Position {
        self.delivered.load(Ordering::Acquire)
    }

    pub fn deliveries(&self) -> u64 {
        self.deliveries.load(Ordering::Relaxed)
    }

    pub fn registry(&self) -> &Arc<Registry> {
        &self.registry
    }

    /// Tells those who listen what is true now and runs out by itself. Never waits; may be lost.
    pub fn signal(&self, signal: Signal, reach: Reach) {
        if self.signals.try_send((signal, reach)).is_err() {
            metrics::counter!("switchboard_signals_dropped_total").increment(1);
        }
    }

    /// Tells those who listen here of a change that nobody repeats. Waits for its turn.
    pub async fn tell(&self, signal: Signal) {
        // It ends with the pump: then nobody is here to be told.
        let _ = self.told.send(signal).await;
    }

    /// What came after `position` for this reader, at most so many bytes of it at a time (but one event at least): from
    /// memory if it reaches back so far, from the store otherwise. None: a part of it is forgotten by now. For a visitor that
    /// is all that memory does not reach: they are quicker with a new snapshot, which is one conversation, and so the store
    /// needs no index of who hears what, and its writes stay together.
    pub async fn after(&self, reader: &Reader, position: Position, bytes: usize) -> Result<Option<Caught>, Unreadable> {
        if let Some(caught) = self.tail.lock().after(reader, position, bytes) {
            return Ok(Some(caught));
        }
        let store = &self.store;
        let Reader::Agent { id, visibility } = reader else { return Ok(None) };
        let slice = switchboard_store::feed::since_for_staff(store, visibility, *id, position, CATCH_UP_EVENTS).await;
        let Some(slice) = slice.map_err(Unreadable)? else { return Ok(None) };
        // What is committed and not yet delivered may stand behind a change of the reader's rights that the pump has not
        // come to: it arrives live, or not at all.
        let delivered = self.delivered();
        let mut caught = Caught { frames: Vec::new(), position };
        let mut room = Room::of(bytes);
        for told in slice.events {
            if told.position > delivered {
                break;
            }
            if !room.takes(&told.frame) {
                return Ok(Some(caught));
            }
            caught.position = told.position;
            caught.frames.push(told.frame);
        }
        caught.position = caught.position.max(slice.upto.min(delivered));
        Ok(Some(caught))
    }

    /// Everything up to here has been, or is just now being, handed to the sessions. Whoever listens before asking this
    /// and then reads up to it has missed nothing: the pump lays an event into the tail before it hands it out.
    pub fn newest(&self) -> Position {
        self.tail.lock().newest()
    }

    /// Whether this reader can go on from `position`. Asks the store only if memory does not reach there.
    pub async fn follows(&self, reader: &Reader, position: Position) -> Result<Follows, Unreadable> {
        if self.tail.lock().reaches(position) && position <= self.delivered() {
            return Ok(Follows::Yes);
        }
        if position > self.delivered() {
            // Another hub may be ahead of this one; the store never is behind what a client has been told.
            let head = switchboard_store::feed::head(&self.store).await.map_err(Unreadable)?;
            return Ok(if position > head { Follows::Unheard } else { Follows::Yes });
        }
        if matches!(reader, Reader::Visitor { .. }) {
            return Ok(Follows::TooOld);
        }
        let floor = switchboard_store::feed::floor(&self.store).await.map_err(Unreadable)?;
        Ok(if position < floor { Follows::TooOld } else { Follows::Yes })
    }
}
