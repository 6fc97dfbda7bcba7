//! Rate limits: one quota per key, counted by the generic cell rate algorithm (GCRA) in both implementations, so that
//! they agree to the use.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Add;
use std::sync::Arc;
use std::time::Duration;

use dashmap::DashMap;
use governor::clock::{Clock, Reference};
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::{NotUntil, RateLimiter, state::keyed::DashMapStateStore};
use parking_lot::Mutex;
use tokio::time::Instant;

/// Above this many keys of one quota in memory, those that are back at their full burst are forgotten.
const MAX_LOCAL_KEYS: usize = 100_000;
/// Between two times of forgetting, which looks at every key.
const FORGET_EVERY: Duration = Duration::from_secs(10);
/// As long as there are too many keys, so many counts are shared by all of them: somebody uses more addresses than a
/// memory holds, and must not get more by it.
const SHARED_COUNTS: u64 = 4_096;

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
    by_quota: DashMap<Quota, Arc<Counts>>,
}

/// The counts of one quota.
struct Counts {
    limiter: Limiter,
    // Held for a comparison only.
    forgot_at: Mutex<Option<Instant>>,
}

impl LocalLimits {
    pub fn check(&self, key: &str, quota: Quota) -> Result<(), RetryAfter> {
        let new = || Arc::new(Counts { limiter: limiter(quota), forgot_at: Mutex::new(None) });
        let counts = self.by_quota.entry(quota).or_insert_with(new).clone();
        counts.check(key).map_err(|not_until| RetryAfter(not_until.wait_time_from(TokioClock.now())))
    }
}

impl Counts {
    fn check(&self, key: &str) -> Result<(), NotUntil<TokioInstant>> {
        if self.limiter.len() < MAX_LOCAL_KEYS {
            return self.limiter.check_key(&key.to_owned());
        }
        if self.may_forget() {
            self.limiter.retain_recent();
        }
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        self.limiter.check_key(&format!("shared:{}", hasher.finish() % SHARED_COUNTS))
    }

    fn may_forget(&self) -> bool {
        let now = Instant::now();
        let mut forgot_at = self.forgot_at.lock();
        let may = forgot_at.is_none_or(|at| now - at >= FORGET_EVERY);
        if may {
            *forgot_at = Some(now);
        }
        may
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn more_addresses_than_a_memory_holds_are_counted_together() {
        let limits = LocalLimits::default();
        let quota = Quota { burst: 2, per: Duration::from_secs(60) };
        let held = |limits: &LocalLimits| limits.by_quota.get(&quota).map(|counts| counts.limiter.len());
        let mut allowed = 0;
        for number in 0..3 * MAX_LOCAL_KEYS {
            allowed += usize::from(limits.check(&format!("address {number}"), quota).is_ok());
        }
        assert!(held(&limits).is_some_and(|keys| keys <= MAX_LOCAL_KEYS + SHARED_COUNTS as usize));
        assert!(allowed <= MAX_LOCAL_KEYS + 2 * SHARED_COUNTS as usize, "{allowed}");
        // When they are gone, everybody has a count of their own again.
        tokio::time::advance(Duration::from_secs(120)).await;
        let _swept = limits.check("one", quota);
        assert!(held(&limits).is_some_and(|keys| keys < 10));
        assert_eq!(limits.check("another", quota), Ok(()));
        assert_eq!(limits.check("another", quota), Ok(()));
        assert!(limits.check("another", quota).is_err());
    }
}
