//! The ingest stream as a Redis Stream with one consumer group, in which all hubs are consumers.

use std::time::Duration;

use bytes::Bytes;
use redis::streams::{StreamAutoClaimReply, StreamId, StreamReadReply};
use redis::{RedisError, RedisResult};
use tokio::time::Instant;

use super::{PATIENCE, RedisNode};
use crate::Unavailable;
use crate::stream::{AppendError, Entry, EntryId, MAX_ENTRIES};

const GROUP: &str = "hubs";
const FIELD: &str = "payload";
/// One wait for entries within a claim: shorter than the connection's patience, so that a dead one is noticed.
const BLOCK: Duration = PATIENCE.checked_div(2).expect("two is not zero");

impl RedisNode {
    pub(crate) async fn stream_append(&self, name: &str, payload: Bytes) -> Result<EntryId, AppendError> {
        let key = self.key("stream", name);
        let mut connection = self.connection().await?;
        let length: usize = redis::cmd("XLEN").arg(&key).query_async(&mut *connection).await.map_err(away)?;
        if length >= MAX_ENTRIES {
            return Err(AppendError::Full);
        }
        let mut append = redis::cmd("XADD");
        append.arg(&key).arg("*").arg(FIELD).arg(payload.as_ref());
        Ok(EntryId(append.query_async(&mut *connection).await.map_err(away)?))
    }

    pub(crate) async fn stream_claim(
        &self,
        name: &str,
        consumer: &str,
        most: usize,
        wait: Duration,
    ) -> Result<Vec<Entry>, Unavailable> {
        let until = Instant::now() + wait;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let entries = self.claim_once(name, consumer, most, left.min(BLOCK)).await?;
            if !entries.is_empty() || left <= BLOCK {
                return Ok(entries);
            }
        }
    }

    async fn claim_once(
        &self,
        name: &str,
        consumer: &str,
        most: usize,
        block: Duration,
    ) -> Result<Vec<Entry>, Unavailable> {
        let key = self.key("stream", name);
        let mut read = redis::cmd("XREADGROUP");
        read.arg("GROUP").arg(GROUP).arg(consumer).arg("COUNT").arg(most);
        if !block.is_zero() {
            read.arg("BLOCK").arg(block.as_millis().max(1) as u64);
        }
        read.arg("STREAMS").arg(&key).arg(">");
        let reply: Option<StreamReadReply> = self.with_group(&key, &read).await?;
        let ids = reply.into_iter().flat_map(|reply| reply.keys).flat_map(|key| key.ids);
        Ok(ids.filter_map(entry).collect())
    }

    pub(crate) async fn stream_ack(&self, name: &str, ids: &[EntryId]) -> Result<(), Unavailable> {
        let key = self.key("stream", name);
        let ids: Vec<&str> = ids.iter().map(|id| id.0.as_str()).collect();
        let mut connection = self.connection().await?;
        let mut both = redis::pipe();
        both.atomic().cmd("XACK").arg(&key).arg(GROUP).arg(&ids).ignore();
        both.cmd("XDEL").arg(&key).arg(&ids).ignore();
        Ok(both.exec_async(&mut *connection).await?)
    }

    pub(crate) async fn stream_reclaim(
        &self,
        name: &str,
        consumer: &str,
        idle: Duration,
        most: usize,
    ) -> Result<Vec<Entry>, Unavailable> {
        let key = self.key("stream", name);
        let mut claim = redis::cmd("XAUTOCLAIM");
        claim.arg(&key).arg(GROUP).arg(consumer).arg(idle.as_millis() as u64).arg("0-0").arg("COUNT").arg(most);
        let reply: StreamAutoClaimReply = self.with_group(&key, &claim).await?;
        Ok(reply.claimed.into_iter().filter_map(entry).collect())
    }

    /// Runs a command that needs the consumer group; makes the group where there is none (a new or emptied Redis).
    async fn with_group<T: redis::FromRedisValue>(&self, key: &str, command: &redis::Cmd) -> Result<T, Unavailable> {
        let mut connection = self.connection().await?;
        match command.query_async(&mut *connection).await {
            Err(error) if error.code() == Some("NOGROUP") => {}
            result => return Ok(result?),
        }
        let mut create = redis::cmd("XGROUP");
        create.arg("CREATE").arg(key).arg(GROUP).arg("0").arg("MKSTREAM");
        let created: RedisResult<()> = create.query_async(&mut *connection).await;
        match created {
            // Another node was faster.
            Err(error) if error.code() == Some("BUSYGROUP") => {}
            result => result?,
        }
        Ok(command.query_async(&mut *connection).await?)
    }
}

fn away(error: RedisError) -> Unavailable {
    error.into()
}

fn entry(stream: StreamId) -> Option<Entry> {
    let payload: Vec<u8> = stream.get(FIELD)?;
    Some(Entry { id: EntryId(stream.id), payload: payload.into() })
}
