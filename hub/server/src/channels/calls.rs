//! Providers' calls that are being read, counted by size: their bodies lie in memory until their connector has looked at them,
//! and whose they are nobody knows before.

use std::time::Duration;

use switchboard_connector::limits::CALL_BYTES;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

/// Calls of at most [`CALL_BYTES`] are read at once up to so much, KiB.
const SMALL_KIB: usize = 64 * 1024;
/// Larger ones, which are mails, KiB.
const LARGE_KIB: usize = 240 * 1024;
/// A call waits so long for its turn. Then its provider is asked to come again.
const TURN: Duration = Duration::from_secs(5);

pub struct Calls {
    small: Semaphore,
    large: Semaphore,
}

impl Default for Calls {
    fn default() -> Self {
        Self { small: Semaphore::new(SMALL_KIB), large: Semaphore::new(LARGE_KIB) }
    }
}

impl Calls {
    /// Room for a call with a body of so many bytes, until it is dropped. None: too much is being read.
    pub async fn begin(&self, bytes: usize) -> Option<SemaphorePermit<'_>> {
        let places = if bytes <= CALL_BYTES { &self.small } else { &self.large };
        let kib = u32::try_from(bytes.div_ceil(1024).max(1)).ok()?;
        timeout(TURN, places.acquire_many(kib)).await.ok()?.ok()
    }
}

#[cfg(test)]
mod tests {
    use switchboard_connector::limits::MESSAGE_BYTES;

    use super::*;

    #[tokio::test]
    async fn large_calls_keep_out_no_small_ones() {
        let calls = Calls::default();
        let mut going = Vec::new();
        for _ in 0..LARGE_KIB / (40 * 1024) {
            going.push(calls.begin(MESSAGE_BYTES).await.expect("room"));
        }
        let waits = timeout(Duration::from_millis(10), calls.begin(CALL_BYTES + 1)).await;
        assert!(waits.is_err(), "it waits for its turn");
        assert!(calls.begin(CALL_BYTES).await.is_some());
        going.pop();
        assert!(calls.begin(CALL_BYTES + 1).await.is_some());
    }
}
