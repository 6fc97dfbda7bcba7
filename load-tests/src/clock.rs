//! The one place that reads the time. All of the generator counts in nanoseconds since it started, so that a stamp fits
//! into a message's text and comes back as what was put in.
#![expect(clippy::disallowed_methods, reason = "a load generator measures; its clock is read here and nowhere else")]

use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Nanoseconds since the generator started.
pub type Nanos = u64;

pub const MILLISECOND: Nanos = 1_000_000;
pub const SECOND: Nanos = 1_000_000_000;

#[derive(Clone, Copy)]
pub struct Clock {
    start: Instant,
    start_unix_ns: u64,
}

impl Clock {
    pub fn start() -> Self {
        let unix = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { start: Instant::now(), start_unix_ns: unix.as_nanos() as u64 }
    }

    pub fn now(&self) -> Nanos {
        self.start.elapsed().as_nanos() as u64
    }

    /// The same moment on the wall clock, unix nanoseconds. The hub's `at` is on this scale (same machine).
    pub fn unix_ns(&self, at: Nanos) -> u64 {
        self.start_unix_ns + at
    }
}

/// As milliseconds, for people.
pub fn ms(nanos: Nanos) -> f64 {
    nanos as f64 / MILLISECOND as f64
}

/// As seconds, for people.
pub fn seconds(nanos: Nanos) -> f64 {
    nanos as f64 / SECOND as f64
}
