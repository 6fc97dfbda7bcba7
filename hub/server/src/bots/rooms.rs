//! Room in memory for the files of bots' calls.

use std::sync::Arc;

use dashmap::DashMap;
use switchboard_protocol::BotId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Calls with files that are read and carried out at once, of all bots: each has up to
/// [`switchboard_bot_api::request::FILES_BYTES`] in memory.
const WITH_FILES: usize = 6;
/// Of those, of one bot: one that sends its files slowly keeps the others from nothing.
const WITH_FILES_EACH: usize = 2;

pub struct Rooms {
    all: Arc<Semaphore>,
    /// As many as there are bots that have sent files.
    each: DashMap<BotId, Arc<Semaphore>>,
}

/// Room of one call; given back when it is dropped.
pub struct Held {
    _of_its_bot: OwnedSemaphorePermit,
    _of_all: OwnedSemaphorePermit,
}

impl Default for Rooms {
    fn default() -> Self {
        Self { all: Arc::new(Semaphore::new(WITH_FILES)), each: DashMap::new() }
    }
}

impl Rooms {
    /// Waits for room. A bot's own turn comes first: who waits for it takes up nothing of the others'.
    pub async fn take(&self, bot: BotId) -> Option<Held> {
        let own = self.each.entry(bot).or_insert_with(|| Arc::new(Semaphore::new(WITH_FILES_EACH))).clone();
        let own = own.acquire_owned().await.ok()?;
        Some(Held { _of_its_bot: own, _of_all: self.all.clone().acquire_owned().await.ok()? })
    }
}
