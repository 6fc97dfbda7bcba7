//! Providers' calls that are being read, counted by size: their bodies lie in memory until their connector has looked at them,
//! and whose they are nobody knows before.

use std::time::Duration;

use switchboard_connector::limits::CALL_BYTES;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

/// Calls of at most [`CALL_BYTES`] read at once: 64 MiB.
const SMALL: usize = 64;
/// Larger ones, which are mails: 240 MiB.
const LARGE: usize = 6;
/// A call waits so long for its turn. Then its provider is asked to come again.
const TURN: Duration = Duration::from_secs(5);

pub struct Calls {
    small: Semaphore,
    large: Semaphore,
}

impl Default for Calls {
    fn default() -> Self {
        Self { small: Semaphore::new(SMALL), large: Semaphore::new(LARGE) }
    }
}

impl Calls {
    /// A place for a call with a body of so many bytes, until it is dropped. None: too many are being read.
    pub async fn begin(&self, bytes: usize) -> Option<SemaphorePermit<'_>> {
        let places = if bytes <= CALL_BYTES { &self.small } else { &self.large };
        timeout(TURN, places.acquire()).await.ok()?.ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn large_calls_keep_out_no_small_ones() {
        let calls = Calls::default();
        let mut going = Vec::new();
        for _ in 0..LARGE {
            going.push(calls.begin(CALL_BYTES + 1).await.expect("a place"));
        }
        let waits = timeout(Duration::from_millis(10), calls.begin(CALL_BYTES + 1)).await;
        assert!(waits.is_err(), "it waits for its turn");
        assert!(calls.begin(CALL_BYTES).await.is_some());
        going.pop();
        assert!(calls.begin(CALL_BYTES + 1).await.is_some());
    }
}
