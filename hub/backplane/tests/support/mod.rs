//! The two worlds that the suites run in, and waiting for what must come.

#![allow(dead_code, reason = "each suite uses its part")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::time::Duration;

use bytes::Bytes;
use switchboard_backplane::{
    Backplane, Channel, ConnectionId, Fabric, Group, Incoming, Member, NodeId, RedisConfig, Subscription,
};
use testkit::Redis;

/// Longer than anything here may take; a test that reaches it has failed.
const PATIENCE: Duration = Duration::from_secs(20);

#[derive(Clone, Copy, Debug)]
pub enum Kind {
    Local,
    Redis,
}

/// Somewhere for nodes to meet.
pub enum World {
    Local(Fabric),
    Redis(Redis),
}

impl World {
    pub fn new(kind: Kind) -> Self {
        match kind {
            Kind::Local => Self::Local(Fabric::default()),
            Kind::Redis => Self::Redis(Redis::start()),
        }
    }

    /// A node that hears the others already.
    pub async fn node(&self, name: &str) -> Backplane {
        let node = match self {
            Self::Local(fabric) => fabric.join(NodeId::new(name)),
            Self::Redis(redis) => redis_node(redis, name),
        };
        within(node.connected()).await;
        node
    }
}

pub fn redis_node(redis: &Redis, name: &str) -> Backplane {
    let config = RedisConfig { url: redis.url(), prefix: "test".to_owned(), node: NodeId::new(name) };
    Backplane::redis(config).unwrap()
}

pub async fn within<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.expect("it should have come by now")
}

/// Looks again and again until it is so.
pub async fn until(mut so: impl FnMut() -> bool) {
    within(async {
        while !so() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
}

/// The next message's text; a gap is an error.
pub async fn text(subscription: &mut Subscription) -> String {
    match within(subscription.recv()).await {
        Some(Incoming::Message { payload, .. }) => String::from_utf8(payload.to_vec()).unwrap(),
        other => panic!("a message should have come, not {other:?}"),
    }
}

/// Publishes until a gap that is known to come is over: returns once `heard` gets what `by` publishes.
pub async fn until_heard(by: &Backplane, heard: &mut Subscription, marker: &'static str) {
    within(async {
        loop {
            by.publish(Channel::Signals, Bytes::from_static(marker.as_bytes()));
            let next = tokio::time::timeout(Duration::from_millis(50), heard.recv()).await;
            if matches!(next, Ok(Some(Incoming::Message { payload, .. })) if payload == marker) {
                return;
            }
        }
    })
    .await;
}

/// A person in a group, for short tests.
pub fn staff() -> Group {
    Group::new("staff")
}

pub fn an() -> Member {
    Member::new("an")
}

pub fn tab(number: u64) -> ConnectionId {
    ConnectionId(number)
}

pub fn metas(backplane: &Backplane, member: &Member) -> Vec<Bytes> {
    backplane.presence().member(&staff(), member)
}
