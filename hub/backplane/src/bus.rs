//! Publish and subscribe: what a node tells all others, and how a reader learns that something may be missing.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use tokio::sync::broadcast;

/// The largest payload of one publication, in bytes. A feed batch is cut below it by its maker.
pub const MAX_PAYLOAD_BYTES: usize = 1024 * 1024;

/// How many publications a slow subscriber may lag behind before it hears [`Incoming::Gap`] instead.
pub(crate) const SUBSCRIBER_BACKLOG: usize = 4096;

/// The longest name of a node, in bytes: one length byte on the wire.
const MAX_NODE_ID_BYTES: usize = 64;

/// The name of one run of one hub process. A restarted process takes a new one.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct NodeId(Arc<str>);

impl From<String> for NodeId {
    fn from(name: String) -> Self {
        Self::new(&name)
    }
}

impl From<NodeId> for String {
    fn from(node: NodeId) -> Self {
        node.0.as_ref().to_owned()
    }
}

impl NodeId {
    /// `name` is unique per run of a process (a ULID, say); what exceeds 64 bytes is cut off.
    pub fn new(name: &str) -> Self {
        let mut end = name.len().min(MAX_NODE_ID_BYTES);
        while !name.is_char_boundary(end) {
            end -= 1;
        }
        Self(name[..end].into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// What a publication is about. (Presence talks over a channel of its own, which nobody else hears.)
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Channel {
    /// Committed events, in batches with their positions.
    Feed,
    /// Typing and other things that expire.
    Signals,
    /// That something lies under a key of which somebody waits ([`crate::Backplane::kept`]).
    Calls,
}

/// What a subscriber hears.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Incoming {
    Message {
        channel: Channel,
        from: NodeId,
        payload: Bytes,
    },
    /// Something may be missing before this point: a connection was lost, a node could not send, or this subscriber
    /// was too slow. Read the store, ask again, start afresh.
    Gap,
}

/// A subscriber's end. What it has not read yet is bounded; beyond that it hears [`Incoming::Gap`] and goes on.
pub struct Subscription(broadcast::Receiver<Incoming>);

impl Subscription {
    /// The next publication of another node; `None` when this node's last [`crate::Backplane`] handle is gone.
    /// Cancel safe.
    pub async fn recv(&mut self) -> Option<Incoming> {
        match self.0.recv().await {
            Ok(incoming) => Some(incoming),
            Err(broadcast::error::RecvError::Lagged(_)) => Some(Incoming::Gap),
            Err(broadcast::error::RecvError::Closed) => None,
        }
    }
}

/// The node's end: what came in from the others, handed to every subscriber.
pub(crate) struct Subscribers(Mutex<Option<broadcast::Sender<Incoming>>>);

impl Subscribers {
    pub fn new() -> Self {
        Self(Mutex::new(Some(broadcast::Sender::new(SUBSCRIBER_BACKLOG))))
    }

    pub fn subscribe(&self) -> Subscription {
        // Whoever calls this holds the node, so it is not closed; if it were, the subscription would end at once.
        Subscription(self.0.lock().as_ref().map_or_else(|| broadcast::channel(1).1, broadcast::Sender::subscribe))
    }

    pub fn hand_out(&self, incoming: Incoming) {
        if let Some(sender) = self.0.lock().as_ref() {
            // Nobody listening is no error.
            let _ = sender.send(incoming);
        }
    }

    /// The node is gone: its subscriptions come to an end.
    pub fn close(&self) {
        self.0.lock().take();
    }
}
