//! What hub processes tell each other, and processes that run channels: fan-out, presence, leases, rate limits, streams,
//! what is kept for a time, what at most one may begin.
//!
//! One closed interface, [`Backplane`], two implementations, one conformance suite (`tests/conformance.rs`) that both
//! pass. [`Backplane::local`] needs nothing; [`Backplane::redis`] joins as many processes as wanted.
//!
//! What every user of it must know:
//!
//! * **It may lose anything.** The store is the truth; whoever hears [`Incoming::Gap`] reads the store. Nobody waits for
//!   it so that they would notice: publishing returns at once, what cannot be sent is counted and dropped, and a limit that
//!   Redis does not answer soon is this node's own.
//! * **Redis may be absent**: at the start, later, or back again with nothing in it. Everything recovers by itself;
//!   [`Backplane::health`] and the log say how things stand.
//! * Time is tokio's, so tests without Redis run under paused time. Constructors must be called within a tokio runtime.
//!
//! Deliberately not here: what a payload means (bytes in, bytes out), who may see what, and anything durable. This
//! crate knows neither the store nor the server.

mod bus;
mod health;
mod kept;
mod lease;
mod limit;
mod local;
mod offer;
pub mod presence;
mod redis;
pub mod stream;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

pub use bus::{Channel, Incoming, MAX_PAYLOAD_BYTES, NodeId, Subscription};
pub use health::Health;
pub use kept::PIECE_BYTES;
pub use lease::{Lease, LeaseLost};
pub use limit::{Quota, RetryAfter};
pub use local::Fabric;
pub use offer::{Begin, Beginner, Offer, Terms, Withdraw};
pub use presence::{ConnectionId, Group, Member, Presence, PresenceChange};
pub use redis::{RedisConfig, RedisConfigError};
pub use stream::IngestStream;

/// A node's handle to the others: cheap to clone; the node leaves when the last clone is dropped.
#[derive(Clone)]
pub enum Backplane {
    Local(Arc<local::LocalNode>),
    Redis(Arc<redis::RedisNode>),
}

/// The backplane could not be reached in time; what was asked may or may not have happened.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the backplane cannot be reached: {0}")]
pub struct Unavailable(pub(crate) String);

impl Backplane {
    /// A node on its own. (Several in one process, for tests: [`Fabric`].)
    pub fn local(node: NodeId) -> Self {
        Fabric::default().join(node)
    }

    /// A node among others on one Redis. Returns at once: the connection is made, and made again, behind it.
    pub fn redis(config: RedisConfig) -> Result<Self, RedisConfigError> {
        redis::RedisNode::start(config).map(Self::Redis)
    }

    pub fn node(&self) -> &NodeId {
        match self {
            Self::Local(node) => node.node(),
            Self::Redis(node) => node.node(),
        }
    }

    /// How things stand now.
    pub fn health(&self) -> Health {
        match self {
            Self::Local(node) => node.health(),
            Self::Redis(node) => node.health(),
        }
    }

    /// Returns once the backplane is (or already was) connected; for start-up logs, `doctor` and tests.
    pub async fn connected(&self) {
        match self {
            Self::Local(_) => {}
            Self::Redis(node) => node.connected().await,
        }
    }

    /// Tells every other node; never blocks. What cannot be sent (no connection, a full queue, a payload above
    /// [`MAX_PAYLOAD_BYTES`]) is counted in [`Health::dropped`]; the others learn of the hole as [`Incoming::Gap`].
    pub fn publish(&self, channel: Channel, payload: Bytes) {
        match self {
            Self::Local(node) => node.publish(channel, payload),
            Self::Redis(node) => node.publish(channel, payload),
        }
    }

    /// Whether anybody could hear a publication: what nobody hears need not be encoded.
    pub fn has_others(&self) -> bool {
        match self {
            Self::Local(node) => node.has_others(),
            // They may join at any moment, and must not find a hole.
            Self::Redis(_) => true,
        }
    }

    /// Everything that the other nodes publish from now on. A node does not hear itself.
    pub fn subscribe(&self) -> Subscription {
        match self {
            Self::Local(node) => node.subscribe(),
            Self::Redis(node) => node.subscribe(),
        }
    }

    /// Who is here, on any node.
    pub fn presence(&self) -> &Presence {
        match self {
            Self::Local(node) => node.presence(),
            Self::Redis(node) => node.presence(),
        }
    }

    /// Takes the named lease for `ttl` if nobody holds it. At most one node holds a name at any time, as long as clocks
    /// run at the same speed; writes made under it carry [`Lease::fencing`], which only ever grows.
    ///
    /// A Redis that has lost its memory grants a name only after `ttl`: somebody may still hold it.
    pub async fn lease(&self, name: &str, ttl: Duration) -> Result<Option<Lease>, Unavailable> {
        match self {
            Self::Local(node) => Ok(node.lease(name, ttl)),
            Self::Redis(node) => node.lease(name, ttl).await,
        }
    }

    /// Counts one use of `key` against `quota` over all nodes; while Redis is away or slow, over this node.
    pub async fn limit(&self, key: &str, quota: Quota) -> Result<(), RetryAfter> {
        match self {
            Self::Local(node) => node.limit(key, quota),
            Self::Redis(node) => node.limit(key, quota).await,
        }
    }

    /// Counts one use of `key` against `quota` over this node alone, without asking anybody: for what is done so often that
    /// the others' counts are not worth a way there and back.
    pub fn limit_here(&self, key: &str, quota: Quota) -> Result<(), RetryAfter> {
        match self {
            Self::Local(node) => node.limit(key, quota),
            Self::Redis(node) => node.limit_here(key, quota),
        }
    }

    /// A stream of things that came in from outside and wait to be committed.
    pub fn stream(&self, name: &str) -> IngestStream {
        IngestStream::new(self.clone(), name)
    }
}
