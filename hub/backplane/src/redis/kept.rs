//! Values for a time, and offers: each step of an offer is one script.

use std::sync::LazyLock;
use std::time::Duration;

use bytes::Bytes;
use redis::Script;

use super::RedisNode;
use crate::Unavailable;
use crate::offer::{Begin, Beginner, Offer, WITHDRAWN, Withdraw};

/// What all steps need: the time in µs, and which run of which Redis this is.
const HERE: &str = r"
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
";

/// KEYS: the offer. ARGV: its nonce, the time in which it may be begun and the time for which it is kept, in ms.
static OFFER: LazyLock<Script> = LazyLock::new(|| {
    Script::new(&format!(
        r"{HERE}
        redis.call('DEL', KEYS[1])
        redis.call('HSET', KEYS[1], 'nonce', ARGV[1], 'run', run, 'until', string.format('%.0f', now + ARGV[2] * 1000))
        redis.call('PEXPIRE', KEYS[1], ARGV[3])",
    ))
});

/// KEYS: the offer, the lease. ARGV: the nonce, the holder's fencing number, the mark.
static BEGIN: LazyLock<Script> = LazyLock::new(|| {
    Script::new(&format!(
        r"{HERE}
        local it = redis.call('HMGET', KEYS[1], 'nonce', 'run', 'until', 'mark')
        if it[1] ~= ARGV[1] or it[2] ~= run then return 0 end
        if it[4] then return it[4] == ARGV[3] and 1 or 0 end
        if tonumber(it[3]) < now or redis.call('GET', KEYS[2]) ~= ARGV[2] then return 0 end
        redis.call('HSET', KEYS[1], 'mark', ARGV[3])
        return 1",
    ))
});

/// KEYS: the offer. ARGV: the nonce. 0: begun; 1: never begun; 2: unknown. An offer of before a restart is ended as well.
static WITHDRAW: LazyLock<Script> = LazyLock::new(|| {
    Script::new(&format!(
        r"{HERE}
        local it = redis.call('HMGET', KEYS[1], 'nonce', 'run', 'mark')
        if it[1] ~= ARGV[1] then return 2 end
        if it[3] then return it[3] == '{WITHDRAWN}' and 1 or 0 end
        redis.call('HSET', KEYS[1], 'mark', '{WITHDRAWN}')
        return it[2] == run and 1 or 2",
    ))
});

impl RedisNode {
    pub(crate) async fn keep(&self, key: &str, value: &[u8], ttl: Duration) -> Result<(), Unavailable> {
        let mut connection = self.connection().await?;
        let mut set = redis::cmd("SET");
        set.arg(self.key("kept", key)).arg(value).arg("PX").arg(ttl.as_millis() as u64);
        Ok(set.exec_async(&mut *connection).await?)
    }

    pub(crate) async fn kept(&self, key: &str) -> Result<Option<Bytes>, Unavailable> {
        let mut connection = self.connection().await?;
        let value: Option<Vec<u8>> = redis::cmd("GET").arg(self.key("kept", key)).query_async(&mut *connection).await?;
        Ok(value.map(Bytes::from))
    }

    pub(crate) async fn forget(&self, keys: &[String]) -> Result<(), Unavailable> {
        let mut connection = self.connection().await?;
        let mut unlink = redis::cmd("UNLINK");
        for key in keys {
            unlink.arg(self.key("kept", key));
        }
        Ok(unlink.exec_async(&mut *connection).await?)
    }

    pub(crate) async fn offer(&self, offer: &Offer, time: Duration, kept: Duration) -> Result<(), Unavailable> {
        let mut connection = self.connection().await?;
        let mut script = OFFER.key(self.key("offer", &offer.name));
        script.arg(&offer.nonce).arg(time.as_millis() as u64).arg(kept.as_millis() as u64);
        Ok(script.invoke_async(&mut *connection).await?)
    }

    pub(crate) async fn begin(&self, offer: &Offer, by: &Beginner) -> Result<Begin, Unavailable> {
        let mut connection = self.connection().await?;
        let mut script = BEGIN.key(self.key("offer", &offer.name));
        script.key(self.key("lease", &by.lease)).arg(&offer.nonce).arg(by.fencing).arg(&by.mark);
        let begun: bool = script.invoke_async(&mut *connection).await?;
        Ok(if begun { Begin::Begun } else { Begin::Not })
    }

    pub(crate) async fn withdraw(&self, offer: &Offer) -> Result<Withdraw, Unavailable> {
        let mut connection = self.connection().await?;
        let found: u8 =
            WITHDRAW.key(self.key("offer", &offer.name)).arg(&offer.nonce).invoke_async(&mut *connection).await?;
        Ok(match found {
            0 => Withdraw::Begun,
            1 => Withdraw::NeverBegun,
            _ => Withdraw::Unknown,
        })
    }
}
