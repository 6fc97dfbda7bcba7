//! The one place that reads the time of day. Everything else takes it from here, so that a test can hold it still.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use switchboard_protocol::UnixMs;

/// Where the time comes from.
#[derive(Debug, Clone)]
pub struct Clock(Source);

#[derive(Debug, Clone)]
enum Source {
    System,
    Held(Arc<AtomicI64>),
}

impl Clock {
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// Stands still until it is advanced. Clones move together.
    pub fn held(at: UnixMs) -> Self {
        Self(Source::Held(Arc::new(AtomicI64::new(at))))
    }

    #[expect(clippy::disallowed_methods, reason = "this is the edge where the time comes in")]
    pub fn now(&self) -> UnixMs {
        match &self.0 {
            Source::System => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH);
                since.map_or(0, |duration| duration.as_millis() as UnixMs)
            }
            Source::Held(at) => at.load(Ordering::SeqCst),
        }
    }

    /// Moves a held clock on; the system's clock goes its own way.
    pub fn advance(&self, ms: UnixMs) {
        if let Source::Held(at) = &self.0 {
            at.fetch_add(ms, Ordering::SeqCst);
        }
    }
}
