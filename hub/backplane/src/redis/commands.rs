//! Leases and rate limits: commands with an answer. What must be one step is a script.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use redis::Script;
use tokio::time::Instant;

use super::RedisNode;
use crate::{Backplane, Lease, Quota, RetryAfter, Unavailable};

/// How long whoever is limited waits for Redis to say so, getting a connection included.
const LIMIT_PATIENCE: Duration = Duration::from_millis(200);

/// Takes a lease. KEYS: the lease, its last fencing number, the time since when this Redis remembers. ARGV: ttl in ms.
/// A number is at least the time in microseconds, so that it grows even over a Redis that forgot the last one.
/// A Redis that remembers for less than the ttl grants nothing: it may have forgotten a holder.
static LEASE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        r"local time = redis.call('TIME')
        local now = time[1] * 1000000 + time[2]
        local since = tonumber(redis.call('GET', KEYS[3]))
        if not since then
            since = now
            redis.call('SET', KEYS[3], string.format('%.0f', now))
        end
        if now < since + ARGV[1] * 1000 or redis.call('EXISTS', KEYS[1]) == 1 then return false end
        local fencing = math.max(now, tonumber(redis.call('GET', KEYS[2]) or '0') + 1)
        fencing = string.format('%.0f', fencing)
        redis.call('SET', KEYS[2], fencing)
        redis.call('SET', KEYS[1], fencing, 'PX', ARGV[1])
        return fencing",
    )
});

/// Renews a lease. KEYS: the lease, its last fencing number. ARGV: the holder's fencing number, ttl in ms.
/// A lease that is gone while nobody has held it since (Redis forgot it) is the holder's again.
static RENEW: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        r"local held = redis.call('GET', KEYS[1])
        local last = redis.call('GET', KEYS[2])
        if (held and held ~= ARGV[1]) or (last and last ~= ARGV[1]) then return 0 end
        redis.call('SET', KEYS[2], ARGV[1])
        redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
        return 1",
    )
});

/// Gives a lease back. KEYS: the lease. ARGV: the holder's fencing number.
static RELEASE: LazyLock<Script> = LazyLock::new(|| {
    Script::new("if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0")
});

/// GCRA. KEYS: the theoretical arrival time. ARGV: the interval of one use and the burst's whole span, in µs.
/// Returns 0, or the µs until the next use is allowed.
static LIMIT: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        r"local time = redis.call('TIME')
        local now = time[1] * 1000000 + time[2]
        local arrival = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now) + ARGV[1]
        local early = arrival - now - ARGV[2]
        if early > 0 then return early end
        redis.call('SET', KEYS[1], string.format('%.0f', arrival), 'PX', math.ceil((arrival - now) / 1000))
        return 0",
    )
});

impl RedisNode {
    pub(crate) async fn lease(self: &Arc<Self>, name: &str, ttl: Duration) -> Result<Option<Lease>, Unavailable> {
        let mut connection = self.connection().await?;
        let asked_at = Instant::now();
        let fencing: Option<u64> = LEASE
            .key(self.key("lease", name))
            .key(self.key("fencing", name))
            .key(self.key("remembers", "since"))
            .arg(millis(ttl))
            .invoke_async(&mut *connection)
            .await?;
        Ok(fencing.map(|fencing| Lease::new(Backplane::Redis(self.clone()), name, ttl, fencing, asked_at)))
    }

    pub(crate) async fn lease_renew(&self, name: &str, fencing: u64, ttl: Duration) -> Result<bool, Unavailable> {
        let mut connection = self.connection().await?;
        let renewed = RENEW
            .key(self.key("lease", name))
            .key(self.key("fencing", name))
            .arg(fencing)
            .arg(millis(ttl))
            .invoke_async(&mut *connection)
            .await?;
        Ok(renewed)
    }

    pub(crate) async fn lease_release(&self, name: &str, fencing: u64) {
        let Ok(mut connection) = self.connection().await else { return };
        let key = self.key("lease", name);
        let released: Result<bool, _> = RELEASE.key(key).arg(fencing).invoke_async(&mut *connection).await;
        if let Err(error) = released {
            tracing::debug!(%error, lease = name, "a lease was not given back: it expires");
        }
    }

    /// Counts over all nodes, or over this one alone while Redis is away or slow.
    pub(crate) async fn limit(&self, key: &str, quota: Quota) -> Result<(), RetryAfter> {
        match tokio::time::timeout(LIMIT_PATIENCE, self.shared_limit(key, quota)).await {
            Ok(Ok(0)) => Ok(()),
            Ok(Ok(early)) => Err(RetryAfter(Duration::from_micros(early))),
            Ok(Err(_)) | Err(_) => self.limits.check(key, quota),
        }
    }

    pub(crate) fn limit_here(&self, key: &str, quota: Quota) -> Result<(), RetryAfter> {
        self.limits.check(key, quota)
    }

    async fn shared_limit(&self, key: &str, quota: Quota) -> Result<u64, Unavailable> {
        let interval = quota.interval().as_micros() as u64;
        let mut connection = self.connection().await?;
        // The quota is part of the key, as it is locally: two quotas on one key are two counts.
        let key = self.key("limit", &format!("{interval}x{}:{key}", quota.burst));
        let span = interval * u64::from(quota.burst.max(1));
        Ok(LIMIT.key(key).arg(interval).arg(span).invoke_async(&mut *connection).await?)
    }
}

fn millis(duration: Duration) -> u64 {
    (duration.as_millis() as u64).max(1)
}
