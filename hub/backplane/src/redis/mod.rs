//! The backplane over Redis. Nothing in it is needed twice: whatever Redis forgets is rebuilt.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use crate::bus::Subscribers;
use crate::health::LinkState;
use crate::limit::LocalLimits;
use crate::stream::{AppendError, Entry, EntryId};
use crate::tail::Batch;
use crate::{Channel, Health, Lease, NodeId, Presence, Quota, RetryAfter, Subscription, Unavailable};

/// Where Redis is and who this node is.
#[derive(Clone)]
pub struct RedisConfig {
    /// `redis://[user:password@]host:port[/db]`.
    pub url: String,
    /// Stands before every key and channel: deployments that share a Redis have different ones.
    pub prefix: String,
    pub node: NodeId,
}

/// The configuration makes no sense. (A Redis that cannot be reached is no error: it may come.)
#[derive(Debug, thiserror::Error)]
pub enum RedisConfigError {
    #[error("the Redis URL cannot be used")]
    Url(#[source] redis::RedisError),
}

/// One node on a Redis. (The connection is not made yet: it is a node that never reaches the others.)
pub struct RedisNode {
    node: NodeId,
    subscribers: Subscribers,
    presence: Presence,
    limits: LocalLimits,
    link: LinkState,
}

impl RedisNode {
    pub(crate) fn start(config: RedisConfig) -> Result<Arc<Self>, RedisConfigError> {
        redis::Client::open(config.url).map_err(RedisConfigError::Url)?;
        Ok(Arc::new(Self {
            presence: Presence::new(config.node.clone()),
            node: config.node,
            subscribers: Subscribers::new(),
            limits: LocalLimits::default(),
            link: LinkState::down(),
        }))
    }

    pub(crate) fn node(&self) -> &NodeId {
        &self.node
    }

    pub(crate) fn health(&self) -> Health {
        Health { connected: self.link.connected(), since: self.link.since(), dropped: 0 }
    }

    pub(crate) async fn connected(&self) {
        self.link.wait_connected().await;
    }

    pub(crate) fn publish(&self, _channel: Channel, _payload: Bytes) {}

    pub(crate) fn subscribe(&self) -> Subscription {
        self.subscribers.subscribe()
    }

    pub(crate) fn presence(&self) -> &Presence {
        &self.presence
    }

    pub(crate) async fn limit(&self, key: &str, quota: Quota) -> Result<(), RetryAfter> {
        self.limits.check(key, quota)
    }

    pub(crate) async fn lease(self: &Arc<Self>, _name: &str, _ttl: Duration) -> Result<Option<Lease>, Unavailable> {
        Err(away())
    }

    pub(crate) async fn lease_renew(&self, _name: &str, _fencing: u64, _ttl: Duration) -> Result<bool, Unavailable> {
        Err(away())
    }

    pub(crate) async fn lease_release(&self, _name: &str, _fencing: u64) {}

    pub(crate) fn tail_push(&self, _epoch: &str, _batch: Batch) {}

    pub(crate) async fn tail_read(&self, _epoch: &str, _after: i64) -> Option<Vec<Batch>> {
        None
    }

    pub(crate) async fn stream_append(&self, _name: &str, _payload: Bytes) -> Result<EntryId, AppendError> {
        Err(away().into())
    }

    pub(crate) async fn stream_claim(
        &self,
        _: &str,
        _: &str,
        _: usize,
        _: Duration,
    ) -> Result<Vec<Entry>, Unavailable> {
        Err(away())
    }

    pub(crate) async fn stream_ack(&self, _name: &str, _ids: &[EntryId]) -> Result<(), Unavailable> {
        Err(away())
    }

    pub(crate) async fn stream_reclaim(
        &self,
        _: &str,
        _: &str,
        _: Duration,
        _: usize,
    ) -> Result<Vec<Entry>, Unavailable> {
        Err(away())
    }
}

fn away() -> Unavailable {
    Unavailable("not connected".to_owned())
}
