//! The backplane over Redis. Nothing in it is needed twice: whatever Redis forgets is rebuilt.
//!
//! Three kinds of connection: [`hearing`] subscribes, [`sending`] pipelines all that is fire-and-forget, and a pool
//! serves the commands that have an answer. All make themselves anew after a loss. One Redis (or a Sentinel's or proxy's
//! address for one); a Redis Cluster is not spoken yet.
//!
//! All hubs share one channel, `<prefix>:bus`: every node needs every publication anyway, and one channel keeps one
//! sender's publications in order, which is what makes a hole visible ([`envelope`]).

mod commands;
mod envelope;
mod hearing;
mod kept;
mod sending;
mod streams;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use deadpool_redis::{Pool, PoolConfig, Runtime, Timeouts};
use redis::AsyncConnectionConfig;
use tokio::task::JoinSet;

use crate::bus::Subscribers;
use crate::health::{Link, LinkState};
use crate::limit::LocalLimits;
use crate::{Channel, Health, NodeId, Presence, Subscription, Unavailable};
use envelope::Kind;
use sending::Outbox;

/// How long Redis may take to answer a command, or to accept a connection.
const PATIENCE: Duration = Duration::from_secs(1);
/// A Redis that has not been reached so long after the start is missing.
const MISSING_AFTER: Duration = Duration::from_secs(3);
/// Commands in flight at once, each on a connection of the pool.
const POOL_CONNECTIONS: usize = 16;
/// Between two attempts to connect: from the first, doubling, to the last.
const RETRY_FIRST: Duration = Duration::from_millis(50);
const RETRY_LAST: Duration = Duration::from_secs(2);

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
    #[error("the connections to Redis cannot be set up")]
    Pool(#[source] deadpool_redis::BuildError),
}

/// One node on a Redis.
pub struct RedisNode {
    shared: Arc<Shared>,
    pool: Pool,
    limits: LocalLimits,
    /// End with the node.
    _tasks: JoinSet<()>,
}

/// What the node and its connection tasks share.
struct Shared {
    node: NodeId,
    prefix: String,
    client: redis::Client,
    link: LinkState,
    subscribers: Subscribers,
    presence: Presence,
    outbox: Outbox,
}

impl RedisNode {
    pub(crate) fn start(config: RedisConfig) -> Result<Arc<Self>, RedisConfigError> {
        let client = redis::Client::open(config.url.as_str()).map_err(RedisConfigError::Url)?;
        let pool = pool(&config.url)?;
        let (outbox, queue) = Outbox::new();
        let shared = Arc::new(Shared {
            presence: Presence::new(config.node.clone()),
            node: config.node,
            prefix: config.prefix,
            client,
            link: LinkState::down(),
            subscribers: Subscribers::new(),
            outbox,
        });
        let mut tasks = JoinSet::new();
        tasks.spawn(sending::run(shared.clone(), queue));
        tasks.spawn(hearing::run(shared.clone()));
        let gossip = shared.clone();
        tasks.spawn(shared.presence.clone().run(move |bytes| gossip.outbox.publish(Kind::Presence, bytes)));
        tasks.spawn(say_if_it_is_missing(shared.clone()));
        Ok(Arc::new(Self { shared, pool, limits: LocalLimits::default(), _tasks: tasks }))
    }

    pub(crate) fn node(&self) -> &NodeId {
        &self.shared.node
    }

    pub(crate) fn health(&self) -> Health {
        let (connected, since) = self.shared.link.now();
        Health { connected, since, dropped: self.shared.outbox.dropped() }
    }

    pub(crate) async fn connected(&self) {
        self.shared.link.wait_connected().await;
    }

    pub(crate) fn publish(&self, channel: Channel, payload: Bytes) {
        self.shared.outbox.publish(Kind::Of(channel), payload);
    }

    pub(crate) fn subscribe(&self) -> Subscription {
        self.shared.subscribers.subscribe()
    }

    pub(crate) fn presence(&self) -> &Presence {
        &self.shared.presence
    }

    /// A connection for a command with an answer; at once an error while Redis is known to be away.
    async fn connection(&self) -> Result<deadpool_redis::Connection, Unavailable> {
        if !self.shared.link.connected() {
            return Err(Unavailable("not connected".to_owned()));
        }
        self.pool.get().await.map_err(|error| Unavailable(error.to_string()))
    }

    fn key(&self, kind: &str, name: &str) -> String {
        format!("{}:{kind}:{name}", self.shared.prefix)
    }
}

/// A Redis that goes is said when it goes; one that never was there is said here.
async fn say_if_it_is_missing(shared: Arc<Shared>) {
    if tokio::time::timeout(MISSING_AFTER, shared.link.wait_connected()).await.is_err() {
        tracing::warn!("Redis does not answer: this hub hears only itself until it does");
    }
}

impl Drop for RedisNode {
    fn drop(&mut self) {
        self.shared.presence.close();
        self.shared.subscribers.close();
    }
}

impl Shared {
    fn bus(&self) -> String {
        format!("{}:bus", self.prefix)
    }

    /// Notes one direction going up or down; the log and the presence map hear when the whole link changes.
    fn link_changed(&self, change: impl FnOnce(&mut Link)) {
        self.link.set(change, |connected| {
            if connected {
                tracing::info!("connected to Redis: this hub hears the others");
            } else {
                tracing::warn!("Redis is away: this hub hears only itself until it is back");
            }
            self.presence.link(connected);
        });
    }
}

impl From<redis::RedisError> for Unavailable {
    fn from(error: redis::RedisError) -> Self {
        Self(error.to_string())
    }
}

fn pool(url: &str) -> Result<Pool, RedisConfigError> {
    let manager = deadpool_redis::Manager::new_with_config(url, patient()).map_err(RedisConfigError::Url)?;
    let timeouts = Timeouts { wait: Some(PATIENCE), create: Some(PATIENCE), recycle: Some(PATIENCE) };
    let mut config = PoolConfig::new(POOL_CONNECTIONS);
    config.timeouts = timeouts;
    Pool::builder(manager).config(config).runtime(Runtime::Tokio1).build().map_err(RedisConfigError::Pool)
}

fn patient() -> AsyncConnectionConfig {
    AsyncConnectionConfig::new().set_connection_timeout(Some(PATIENCE)).set_response_timeout(Some(PATIENCE))
}

/// The waits between attempts to connect.
struct Retry(Duration);

impl Retry {
    fn new() -> Self {
        Self(RETRY_FIRST)
    }

    async fn wait(&mut self) {
        tokio::time::sleep(self.0).await;
        self.0 = (self.0 * 2).min(RETRY_LAST);
    }
}
