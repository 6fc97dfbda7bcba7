//! The one place that reads the time of day. Everything else takes it from here, so that a test can hold it still.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use switchboard_protocol::UnixMs;
use tokio::time::Instant;

/// Where the time comes from.
#[derive(Debug, Clone)]
pub struct Clock(Source);

#[derive(Debug, Clone)]
enum Source {
    /// With when it was made.
    System(Instant),
    Held(Arc<AtomicI64>),
}

impl Clock {
    pub fn system() -> Self {
        Self(Source::System(Instant::now()))
    }

    /// Stands still until it is advanced. Clones move together.
    pub fn held(at: UnixMs) -> Self {
        Self(Source::Held(Arc::new(AtomicI64::new(at))))
    }

    #[expect(clippy::disallowed_methods, reason = "this is the edge where the time comes in")]
    pub fn now(&self) -> UnixMs {
        match &self.0 {
            Source::System(_) => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH);
                since.map_or(0, |duration| duration.as_millis() as UnixMs)
            }
            Source::Held(at) => at.load(Ordering::SeqCst),
        }
    }

    /// Milliseconds that only ever go on, from no particular moment: for how long something takes. The time of day may be
    /// set back and forth under a running hub.
    pub fn ticks(&self) -> i64 {
        match &self.0 {
            Source::System(since) => since.elapsed().as_millis() as i64,
            Source::Held(at) => at.load(Ordering::SeqCst),
        }
    }

    /// When it will be `at`, in [`Clock::ticks`].
    pub fn ticks_at(&self, at: UnixMs) -> i64 {
        self.ticks().saturating_add(at.saturating_sub(self.now()))
    }

    /// Moves a held clock on; the system's clock goes its own way.
    pub fn advance(&self, ms: UnixMs) {
        if let Source::Held(at) = &self.0 {
            at.fetch_add(ms, Ordering::SeqCst);
        }
    }
}
