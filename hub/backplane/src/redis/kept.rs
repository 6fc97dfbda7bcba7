//! Values for a time, and offers: each step of an offer is one script.

use std::sync::LazyLock;
use std::time::Duration;

use bytes::Bytes;
use redis::Script;

use super::RedisNode;
use crate::Unavailable;
use crate::offer::{Begin, Beginner, DOUBTED, Offer, Terms, WITHDRAWN, Withdraw};

/// What all steps need: the time in µs, and which run of which Redis this is.
const HERE: &str = r"
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
";

/// KEYS: the offer. ARGV: its nonce, the time in which it may be begun and the time for which it is kept, in ms, whether it
/// was offered before, who alone may begin it, or nothing, and the rank of whoever offers. Of what was offered before nothing
/// is forgotten that Redis knows, also not by an older run of it: whose it is above all. Another of its name is an earlier
/// claim's unless somebody who came later has offered it.
static OFFER: LazyLock<Script> = LazyLock::new(|| {
    Script::new(&format!(
        r"{HERE}
        local mark = false
        local it = redis.call('HMGET', KEYS[1], 'nonce', 'mark', 'rank')
        if it[1] == ARGV[1] then
            if it[2] == '{WITHDRAWN}' or it[2] == '{DOUBTED}' then return 0 end
            if ARGV[4] == '1' then mark = it[2] end
        elseif tonumber(it[3] or '0') > tonumber(ARGV[6]) then
            return 0
        end
        redis.call('DEL', KEYS[1])
        redis.call('HSET', KEYS[1], 'nonce', ARGV[1], 'run', run, 'until', string.format('%.0f', now + ARGV[2] * 1000))
        if mark then redis.call('HSET', KEYS[1], 'mark', mark) end
        redis.call('HSET', KEYS[1], 'rank', ARGV[6])
        if ARGV[5] ~= '' then redis.call('HSET', KEYS[1], 'only', ARGV[5]) end
        redis.call('PEXPIRE', KEYS[1], ARGV[3])
        return 1",
    ))
});

/// KEYS: the offer, the lease. ARGV: the nonce, the holder's fencing number, the mark.
static BEGIN: LazyLock<Script> = LazyLock::new(|| {
    Script::new(&format!(
        r"{HERE}
        local it = redis.call('HMGET', KEYS[1], 'nonce', 'run', 'until', 'mark', 'only')
        if it[1] ~= ARGV[1] or it[2] ~= run then return 0 end
        if it[4] then return it[4] == ARGV[3] and 1 or 0 end
        if it[5] and it[5] ~= ARGV[2] then return 0 end
        if tonumber(it[3]) < now or redis.call('GET', KEYS[2]) ~= ARGV[2] then return 0 end
        redis.call('HSET', KEYS[1], 'mark', ARGV[3])
        return 1",
    ))
});

/// KEYS: the offer. ARGV: the nonce, the rank of whoever withdraws, and the time for which a mark is kept where there was
/// nothing, in ms. 0: begun; 1: never begun; 2: unknown. An offer of before a restart is ended as well.
static WITHDRAW: LazyLock<Script> = LazyLock::new(|| {
    Script::new(&format!(
        r"{HERE}
        local it = redis.call('HMGET', KEYS[1], 'nonce', 'run', 'mark', 'rank')
        if not it[1] then
            redis.call('HSET', KEYS[1], 'nonce', ARGV[1], 'run', run, 'until', string.format('%.0f', now))
            redis.call('HSET', KEYS[1], 'mark', '{DOUBTED}', 'rank', ARGV[2])
            redis.call('PEXPIRE', KEYS[1], ARGV[3])
            return 2
        end
        if tonumber(it[4] or '0') < tonumber(ARGV[2]) then redis.call('HSET', KEYS[1], 'rank', ARGV[2]) end
        if it[1] ~= ARGV[1] or it[3] == '{DOUBTED}' then return 2 end
        if it[3] then return it[3] == '{WITHDRAWN}' and 1 or 0 end
        redis.call('HSET', KEYS[1], 'mark', it[2] == run and '{WITHDRAWN}' or '{DOUBTED}')
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

    pub(crate) async fn offer(&self, offer: &Offer, terms: Terms) -> Result<bool, Unavailable> {
        self.lay_offer(offer, None, terms, false).await
    }

    pub(crate) async fn offer_again(
        &self,
        offer: &Offer,
        only: Option<u64>,
        terms: Terms,
    ) -> Result<bool, Unavailable> {
        self.lay_offer(offer, only, terms, true).await
    }

    async fn lay_offer(
        &self,
        offer: &Offer,
        only: Option<u64>,
        terms: Terms,
        again: bool,
    ) -> Result<bool, Unavailable> {
        let Terms { rank, time, kept } = terms;
        let mut connection = self.connection().await?;
        let mut script = OFFER.key(self.key("offer", &offer.name));
        script.arg(&offer.nonce).arg(time.as_millis() as u64).arg(kept.as_millis() as u64).arg(u8::from(again));
        script.arg(only.map_or_else(String::new, |holder| holder.to_string())).arg(rank);
        Ok(script.invoke_async(&mut *connection).await?)
    }

    pub(crate) async fn begin(&self, offer: &Offer, by: &Beginner) -> Result<Begin, Unavailable> {
        let mut connection = self.connection().await?;
        let mut script = BEGIN.key(self.key("offer", &offer.name));
        script.key(self.key("lease", &by.lease)).arg(&offer.nonce).arg(by.fencing).arg(&by.mark);
        let begun: bool = script.invoke_async(&mut *connection).await?;
        Ok(if begun { Begin::Begun } else { Begin::Not })
    }

    pub(crate) async fn withdraw(&self, offer: &Offer, rank: u64, kept: Duration) -> Result<Withdraw, Unavailable> {
        let mut connection = self.connection().await?;
        let mut script = WITHDRAW.key(self.key("offer", &offer.name));
        script.arg(&offer.nonce).arg(rank).arg(kept.as_millis() as u64);
        let found: u8 = script.invoke_async(&mut *connection).await?;
        Ok(match found {
            0 => Withdraw::Begun,
            1 => Withdraw::NeverBegun,
            _ => Withdraw::Unknown,
        })
    }
}
