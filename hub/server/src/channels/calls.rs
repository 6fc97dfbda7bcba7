//! Providers' calls that are being read, counted by size: their bodies lie in memory until their connector has looked at them,
//! and whose they are nobody knows before. So one inbox has a share and no more: its address is no secret, and whoever lets
//! calls at it stand still holds up no other's.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

use switchboard_connector::limits::CALL_BYTES;
use switchboard_protocol::InboxId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// Calls of at most [`CALL_BYTES`] are read at once up to so much, KiB.
const SMALL_KIB: usize = 64 * 1024;
/// Larger ones, which are mails, KiB.
const LARGE_KIB: usize = 240 * 1024;
/// A call waits so long for its turn. Then its provider is asked to come again.
const TURN: Duration = Duration::from_secs(5);

/// An inbox has one part in so many of either.
const SHARES: usize = 3;

/// Room for calls of both sizes.
#[derive(Clone)]
struct Room {
    small: Arc<Semaphore>,
    large: Arc<Semaphore>,
}

impl Room {
    fn of(small: usize, large: usize) -> Self {
        Self { small: Arc::new(Semaphore::new(small)), large: Arc::new(Semaphore::new(large)) }
    }

    async fn take(self, large: bool, kib: u32) -> Option<OwnedSemaphorePermit> {
        let places = if large { self.large } else { self.small };
        places.acquire_many_owned(kib).await.ok()
    }

    fn is_empty(&self) -> bool {
        self.small.available_permits() == SMALL_KIB / SHARES && self.large.available_permits() == LARGE_KIB / SHARES
    }
}

pub struct Calls {
    all: Room,
    /// Of inboxes that are being called.
    shares: Mutex<HashMap<InboxId, Room>>,
}

/// A call's place, until it is dropped.
pub struct Place {
    _share: OwnedSemaphorePermit,
    _all: OwnedSemaphorePermit,
}

impl Default for Calls {
    fn default() -> Self {
        Self { all: Room::of(SMALL_KIB, LARGE_KIB), shares: Mutex::default() }
    }
}

impl Calls {
    /// Room for a call at this inbox with a body of so many bytes. None: too much is being read.
    pub async fn begin(&self, inbox: InboxId, bytes: usize) -> Option<Place> {
        let large = bytes > CALL_BYTES;
        let kib = u32::try_from(bytes.div_ceil(1024).max(1)).ok()?;
        let share = self.share_of(inbox);
        let turn = async {
            // Whoever waits for their own share keeps nobody from the room of all.
            let _share = share.take(large, kib).await?;
            Some(Place { _share, _all: self.all.clone().take(large, kib).await? })
        };
        timeout(TURN, turn).await.ok()?
    }

    fn share_of(&self, inbox: InboxId) -> Room {
        let mut shares = self.shares.lock();
        shares.retain(|of, share| *of == inbox || !share.is_empty());
        shares.entry(inbox).or_insert_with(|| Room::of(SMALL_KIB / SHARES, LARGE_KIB / SHARES)).clone()
    }
}

#[cfg(test)]
mod tests {
    use switchboard_connector::limits::MESSAGE_BYTES;

    use super::*;

    fn inbox(number: u128) -> InboxId {
        InboxId(switchboard_protocol::Ulid(number))
    }

    #[tokio::test]
    async fn large_calls_keep_out_no_small_ones_and_no_inbox_another() {
        let calls = Calls::default();
        let mut going = Vec::new();
        while let Ok(place) = timeout(Duration::from_millis(10), calls.begin(inbox(1), MESSAGE_BYTES)).await {
            going.push(place.expect("room"));
        }
        assert!(!going.is_empty());
        assert!(calls.begin(inbox(1), CALL_BYTES).await.is_some(), "a small one");
        assert!(calls.begin(inbox(2), MESSAGE_BYTES).await.is_some(), "another's");
        going.pop();
        assert!(calls.begin(inbox(1), MESSAGE_BYTES).await.is_some());
    }

    #[tokio::test]
    async fn what_is_not_being_called_is_forgotten() {
        let calls = Calls::default();
        for number in 0..10 {
            drop(calls.begin(inbox(number), 1).await.expect("room"));
        }
        assert_eq!(calls.shares.lock().len(), 1);
    }
}
