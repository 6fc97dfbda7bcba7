//! What stands around a payload on the bus: who sent it, what it is about, and its number.
//!
//! A sender numbers everything that it was asked to publish, including what it could not send. So a hearer sees every
//! hole, whoever lost it, with the next publication; and one comes at the latest with the next heartbeat.

use std::collections::HashMap;

use bytes::{BufMut, Bytes, BytesMut};

use crate::{Channel, NodeId};

/// The layout: version (u8), kind (u8), number (u64, big endian), length of the sender's name (u8), name, payload.
const VERSION: u8 = 1;
const FIXED_BYTES: usize = 11;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Of(Channel),
    Presence,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Envelope {
    pub kind: Kind,
    pub number: u64,
    pub from: NodeId,
    pub payload: Bytes,
}

impl Envelope {
    pub fn encode(kind: Kind, number: u64, from: &NodeId, payload: &[u8]) -> Bytes {
        let name = from.as_str().as_bytes();
        let mut bytes = BytesMut::with_capacity(FIXED_BYTES + name.len() + payload.len());
        bytes.put_u8(VERSION);
        bytes.put_u8(match kind {
            Kind::Of(Channel::Feed) => 0,
            Kind::Of(Channel::Signals) => 1,
            Kind::Of(Channel::Calls) => 2,
            Kind::Presence => 3,
        });
        bytes.put_u64(number);
        bytes.put_u8(name.len() as u8);
        bytes.put_slice(name);
        bytes.put_slice(payload);
        bytes.freeze()
    }

    /// `None` for what is not ours, or of a version that this hub does not know.
    pub fn decode(bytes: &Bytes) -> Option<Self> {
        let kind = match bytes.get(..2)? {
            [VERSION, 0] => Kind::Of(Channel::Feed),
            [VERSION, 1] => Kind::Of(Channel::Signals),
            [VERSION, 2] => Kind::Of(Channel::Calls),
            [VERSION, 3] => Kind::Presence,
            _ => return None,
        };
        let number = u64::from_be_bytes(bytes.get(2..10)?.try_into().ok()?);
        let name_end = FIXED_BYTES + usize::from(*bytes.get(10)?);
        let name = std::str::from_utf8(bytes.get(FIXED_BYTES..name_end)?).ok()?;
        Some(Self { kind, number, from: NodeId::new(name), payload: bytes.slice(name_end..) })
    }
}

/// The last number heard of each sender, on one connection.
#[derive(Default)]
pub(super) struct Numbers(HashMap<NodeId, u64>);

impl Numbers {
    /// More senders than this on one connection (restarted hubs, over months) and it forgets them all and starts anew.
    const MAX_SENDERS: usize = 4096;

    /// Whether something of this sender is missing before `number`. The first one heard starts the count.
    pub fn hole_before(&mut self, from: &NodeId, number: u64) -> bool {
        match self.0.get_mut(from) {
            Some(last) => number != std::mem::replace(last, number).wrapping_add(1),
            None => {
                if self.0.len() >= Self::MAX_SENDERS {
                    self.0.clear();
                }
                self.0.insert(from.clone(), number);
                false
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes_and_refuses_the_rest() {
        let node = NodeId::new("hub-ü");
        for kind in [Kind::Of(Channel::Feed), Kind::Of(Channel::Signals), Kind::Of(Channel::Calls), Kind::Presence] {
            let bytes = Envelope::encode(kind, 7, &node, b"payload");
            let payload = Bytes::from_static(b"payload");
            assert_eq!(Envelope::decode(&bytes), Some(Envelope { kind, number: 7, from: node.clone(), payload }));
            for cut in 0..FIXED_BYTES + node.as_str().len() {
                assert_eq!(Envelope::decode(&bytes.slice(..cut)), None);
            }
        }
        assert_eq!(Envelope::decode(&Bytes::from_static(b"hello, world, this is not ours")), None);
    }

    #[test]
    fn a_hole_is_seen_once() {
        let (one, other) = (NodeId::new("one"), NodeId::new("other"));
        let mut numbers = Numbers::default();
        assert!(!numbers.hole_before(&one, 5));
        assert!(!numbers.hole_before(&other, 90));
        assert!(!numbers.hole_before(&one, 6));
        assert!(numbers.hole_before(&one, 8));
        assert!(!numbers.hole_before(&one, 9));
        assert!(numbers.hole_before(&one, 1), "the same name started over");
    }
}
