//! Finds the few fields that the generator needs in a frame, without reading it as JSON: at a million deliveries a second
//! a parser would cost more than the hub does. What is found here is checked against real parsing by the witnesses
//! ([`crate::ledger`]), which read some sockets' frames whole.

use memchr::memmem;
use switchboard_protocol::ConversationId;

/// Which kind of frame the hub sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Event,
    Reply,
    Signal,
    Ping,
    Welcome,
    Reset,
    Bye,
    Other,
}

/// By the frame's first field, which is always its tag.
pub fn kind(frame: &[u8]) -> Kind {
    let Some(tag) = frame.strip_prefix(b"{\"t\":\"") else { return Kind::Other };
    match tag {
        [b'e', b'v', ..] => Kind::Event,
        [b'r', b'e', b'p', ..] => Kind::Reply,
        [b'r', b'e', b's', ..] => Kind::Reset,
        [b's', ..] => Kind::Signal,
        [b'p', ..] => Kind::Ping,
        [b'w', ..] => Kind::Welcome,
        [b'b', ..] => Kind::Bye,
        _ => Kind::Other,
    }
}

/// The number after the first occurrence of this key (`"position":`).
pub fn number(frame: &[u8], key: &[u8]) -> Option<i64> {
    let at = memmem::find(frame, key)? + key.len();
    digits(&frame[at..])
}

/// The feed position of an event, ping or welcome.
pub fn position(frame: &[u8]) -> Option<i64> {
    // The usual place first: right behind an event's tag.
    if let Some(rest) = frame.strip_prefix(b"{\"t\":\"event\",\"position\":") {
        return digits(rest);
    }
    number(frame, b"\"position\":")
}

/// The text between quotes after the first occurrence of this key (`"id":"`). Only for texts without escapes.
pub fn text<'a>(frame: &'a [u8], key: &[u8]) -> Option<&'a [u8]> {
    let at = memmem::find(frame, key)? + key.len();
    let rest = &frame[at..];
    Some(&rest[..memchr::memchr(b'"', rest)?])
}

/// The conversation that a reply names.
pub fn conversation(frame: &[u8]) -> Option<ConversationId> {
    std::str::from_utf8(text(frame, b"\"conversation_id\":\"")?).ok()?.parse().ok()
}

/// The reply says that the command was done.
pub fn done(frame: &[u8]) -> bool {
    memmem::find(frame, b"\"ok\":\"yes\"").is_some()
}

fn digits(bytes: &[u8]) -> Option<i64> {
    let end = bytes.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(bytes.len());
    (end > 0).then(|| bytes[..end].iter().fold(0i64, |sum, digit| sum.wrapping_mul(10) + i64::from(digit - b'0')))
}

/// What the generator writes into each message: who sent it, its place in that sender's row, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    pub sender: u32,
    pub sequence: u32,
    pub sent: crate::clock::Nanos,
}

impl Stamp {
    const MARK: &'static [u8] = b"~load ";

    /// As text of this many bytes (at least as long as the stamp itself).
    pub fn to_text(self, bytes: usize) -> String {
        use std::fmt::Write;
        let mut text = String::with_capacity(bytes);
        write!(text, "~load {} {} {} ", self.sender, self.sequence, self.sent).expect("a String takes everything");
        while text.len() < bytes {
            text.push_str("where is my parcel? ");
        }
        text.truncate(bytes.max(text.find("where").unwrap_or(text.len())));
        text
    }

    /// The first stamp anywhere in these bytes.
    pub fn find(bytes: &[u8]) -> Option<Self> {
        let at = memmem::find(bytes, Self::MARK)? + Self::MARK.len();
        let mut words = bytes[at..].splitn(4, |byte| *byte == b' ');
        let mut next = || digits(words.next()?);
        Some(Self { sender: next()? as u32, sequence: next()? as u32, sent: next()? as u64 })
    }
}

#[cfg(test)]
mod tests {
    use switchboard_protocol::agent::{AgentEvent, AgentEventFrame, AgentServerFrame, Done, Outcome};

    use super::*;

    fn json(frame: &AgentServerFrame) -> Vec<u8> {
        serde_json::to_vec(frame).expect("a frame is JSON")
    }

    #[test]
    fn finds_what_the_protocol_writes() {
        let event = AgentEvent::TeamRemoved { team_id: "01JD6Q4Z8V3M6W0X5T9R2K7B1C".parse().expect("an id") };
        let event = json(&AgentServerFrame::Event(Box::new(AgentEventFrame { position: 4711, at: 12, event })));
        assert_eq!((kind(&event), position(&event), number(&event, b"\"at\":")), (Kind::Event, Some(4711), Some(12)));

        let ping = json(&AgentServerFrame::Ping { position: 9 });
        assert_eq!((kind(&ping), position(&ping)), (Kind::Ping, Some(9)));

        let done = Done { position: Some(7), ..Done::default() };
        let reply = json(&AgentServerFrame::Reply { id: "a1".into(), outcome: Outcome::Done { done } });
        assert_eq!(
            (kind(&reply), position(&reply), text(&reply, b"\"id\":\"")),
            (Kind::Reply, Some(7), Some(&b"a1"[..]))
        );
        assert!(super::done(&reply));
    }

    #[test]
    fn stamps_come_back() {
        let stamp = Stamp { sender: 3, sequence: 99, sent: 1_234_567_890_123 };
        assert_eq!(stamp.to_text(120).len(), 120);
        assert_eq!(Stamp::find(stamp.to_text(120).as_bytes()), Some(stamp));
        assert_eq!(Stamp::find(stamp.to_text(1).as_bytes()), Some(stamp));
        assert_eq!(Stamp::find(b"{}"), None);
    }
}
