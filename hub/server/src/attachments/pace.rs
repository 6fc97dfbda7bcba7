//! How fast a transfer must be at least. Places for them are few, and whoever lets a byte through a minute holds one as well
//! as whoever takes the file; so the others need not wait for those who hardly move.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

/// The least rate, over the whole of a transfer so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    pub bytes_a_second: u64,
    /// How far behind that a transfer may be.
    pub patience: Duration,
}

impl Pace {
    /// By when the next byte must be through, of a transfer that began at `begun` and of which so many are.
    pub fn due(&self, begun: Instant, bytes: u64) -> Instant {
        begun + self.patience + Duration::from_millis(bytes.saturating_mul(1_000) / self.bytes_a_second)
    }

    /// The same stream, watched: if its reader is too slow, `cut` is cancelled. The clock runs beside it: a body is not asked for
    /// more while the socket takes nothing, so it cannot look by itself. What waits in the kernel counts as taken.
    pub fn watch<E>(
        self,
        bytes: impl Stream<Item = Result<Bytes, E>>,
        cut: CancellationToken,
    ) -> impl Stream<Item = Result<Bytes, E>> {
        let through = Arc::<AtomicU64>::default();
        let watching = AbortOnDropHandle::new(tokio::spawn(self.watch_over(through.clone(), cut)));
        bytes.inspect(move |part| {
            // Goes on for as long as somebody has the stream in hand.
            let _ = &watching;
            through.fetch_add(part.as_ref().map_or(0, |part| part.len() as u64), Ordering::Relaxed);
        })
    }

    async fn watch_over(self, through: Arc<AtomicU64>, cut: CancellationToken) {
        let begun = Instant::now();
        let due = || self.due(begun, through.load(Ordering::Relaxed));
        while due() > Instant::now() {
            sleep_until(due()).await;
        }
        cut.cancel();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_ahead_may_rest_for_as_long_as_it_is_ahead() {
        let pace = Pace { bytes_a_second: 1_000, patience: Duration::from_secs(5) };
        let begun = Instant::now();
        for (bytes, seconds) in [(0, 5), (999, 5), (1_000, 6), (25_000, 30)] {
            assert_eq!((pace.due(begun, bytes) - begun).as_secs(), seconds, "{bytes} bytes");
        }
    }
}
