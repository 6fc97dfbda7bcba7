//! Rate limits: one quota per key, counted by the generic cell rate algorithm (GCRA) in both implementations, so that
//! they agree to the use.

use std::ops::Add;
use std::sync::Arc;
use std::time::Duration;

use dashmap::DashMap;
use governor::clock::{Clock, Reference};
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::{RateLimiter, state::keyed::DashMapStateStore};
use tokio::time::Instant;

/// Above this many keys in memory, those that are back at their full burst are forgotten.
const MAX_LOCAL_KEYS: usize = 100_000;

/// `burst` uses at once, refilled evenly over `per`: never more than `burst` in a moment, one more every `per / burst`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Quota {
    pub burst: u32,
    pub per: Duration,
}

impl Quota {
    /// The time one use takes to come back. (A quota of nothing counts as one.)
    pub(crate) fn interval(self) -> Duration {
        (self.per / self.burst.max(1)).max(Duration::from_micros(1))
    }
}

/// Too often; the next use is allowed after this time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("allowed again in {} ms", .0.as_millis())]
pub struct RetryAfter(pub Duration);

type Limiter = RateLimiter<String, DashMapStateStore<String>, TokioClock, NoOpMiddleware<TokioInstant>>;

/// This process's own counts.
#[derive(Default)]
pub(crate) struct LocalLimits {
    // A limiter of governor holds one quota; quotas are constants of the program, so these stay few.
    by_quota: DashMap<Quota, Arc<Limiter>>,
}

impl LocalLimits {
    pub fn check(&self, key: &str, quota: Quota) -> Result<(), RetryAfter> {
        let limiter = self.by_quota.entry(quota).or_insert_with(|| Arc::new(limiter(quota))).clone();
        if limiter.len() > MAX_LOCAL_KEYS {
            limiter.retain_recent();
        }
        limiter.check_key(&key.to_owned()).map_err(|not_until| RetryAfter(not_until.wait_time_from(TokioClock.now())))
    }
}

fn limiter(quota: Quota) -> Limiter {
    let burst = std::num::NonZeroU32::new(quota.burst).unwrap_or(std::num::NonZeroU32::MIN);
    let quota = governor::Quota::with_period(quota.interval())
        .expect("an interval is at least a microsecond")
        .allow_burst(burst);
    RateLimiter::new(quota, DashMapStateStore::default(), TokioClock)
}

/// governor on tokio's time, so that paused time reaches it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct TokioClock;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TokioInstant(Instant);

impl Clock for TokioClock {
    type Instant = TokioInstant;

    fn now(&self) -> TokioInstant {
        TokioInstant(Instant::now())
    }
}

impl Add<Nanos> for TokioInstant {
    type Output = Self;

    fn add(self, nanos: Nanos) -> Self {
        Self(self.0 + Duration::from(nanos))
    }
}

impl Reference for TokioInstant {
    fn duration_since(&self, earlier: Self) -> Nanos {
        self.0.saturating_duration_since(earlier.0).into()
    }

    fn saturating_sub(&self, duration: Nanos) -> Self {
        Self(self.0.checked_sub(duration.into()).unwrap_or(self.0))
    }
}
