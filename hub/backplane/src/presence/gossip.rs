//! What replicas of the presence map tell each other. Binary (postcard); nodes of one deployment run one version of it,
//! and what cannot be read is ignored: a snapshot asked for later repairs it.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::NodeId;

macro_rules! name {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(from = "String", into = "String")]
        pub struct $name(Arc<str>);

        impl From<String> for $name {
            fn from(name: String) -> Self {
                Self(name.into())
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0.as_ref().to_owned()
            }
        }

        impl $name {
            pub fn new(name: &str) -> Self {
                Self(name.into())
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, f)
            }
        }
    };
}

name! {
    /// Where somebody can be; what its name means is the user's.
    Group
}
name! {
    /// Who is there: one person, however many tabs and devices.
    Member
}

/// One tab or device of a member; unique within its node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ConnectionId(pub u64);

/// One connection's place in the map of its node.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Key {
    pub group: Group,
    pub member: Member,
    pub connection: ConnectionId,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Change {
    /// `lingering`: it has left, and still counts for a while in case it comes back.
    Put {
        key: Key,
        #[serde(with = "octets")]
        meta: Bytes,
        lingering: bool,
    },
    Linger {
        key: Key,
    },
    Drop {
        key: Key,
    },
}

impl Change {
    pub fn key(&self) -> &Key {
        match self {
            Self::Put { key, .. } | Self::Linger { key } | Self::Drop { key } => key,
        }
    }
}

/// A node's version counts the changes to its own entries; only the node itself changes them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Gossip {
    /// "I live, and stand at this version."
    Heartbeat { version: u64 },
    /// From version `base`, these changes in order.
    Delta { base: u64, changes: Vec<Change> },
    /// Everything of mine, as `parts` messages of [`Change::Put`]; the last one makes it whole.
    Snapshot { version: u64, part: u32, parts: u32, entries: Vec<Change> },
    /// "Send your snapshot": one node, or (`None`) everybody.
    Ask { of: Option<NodeId> },
}

impl Gossip {
    pub fn encode(&self) -> Bytes {
        postcard::to_stdvec(self).expect("gossip is plain data, which postcard always writes").into()
    }

    pub fn decode(bytes: &[u8]) -> Result<Self, postcard::Error> {
        postcard::from_bytes(bytes)
    }
}

/// [`Bytes`] in serde's words, without turning on a feature of `bytes` for the whole program.
mod octets {
    use bytes::Bytes;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub fn serialize<S: Serializer>(bytes: &Bytes, serializer: S) -> Result<S::Ok, S::Error> {
        bytes.as_ref().serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Bytes, D::Error> {
        Vec::<u8>::deserialize(deserializer).map(Bytes::from)
    }
}
