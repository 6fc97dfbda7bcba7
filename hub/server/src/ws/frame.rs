//! What the hub writes on a socket, header included, encoded once whoever it goes to (RFC 6455, section 5.2; a server
//! does not mask). Reading is tungstenite's, see `socket`.

use bytes::{BufMut, Bytes, BytesMut};
use switchboard_protocol::agent::{AgentServerFrame, Bye, ByeReason};
use switchboard_protocol::visitor::VisitorServerFrame;

const FINAL_TEXT: u8 = 0x81;
const FINAL_CLOSE: u8 = 0x88;

/// Status codes of RFC 6455, section 7.4.1, and IANA's registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u16)]
pub enum CloseCode {
    Normal = 1000,
    GoingAway = 1001,
    Protocol = 1002,
    Unsupported = 1003,
    Payload = 1007,
    Policy = 1008,
    TooBig = 1009,
    TryAgain = 1013,
}

/// A whole text frame.
pub fn text(text: &str) -> Bytes {
    let mut bytes = BytesMut::with_capacity(text.len() + 10);
    put_text(&mut bytes, text);
    bytes.freeze()
}

/// Appends a whole text frame.
pub fn put_text(bytes: &mut BytesMut, text: &str) {
    bytes.reserve(text.len() + 10);
    bytes.put_u8(FINAL_TEXT);
    match text.len() {
        length @ 0..=125 => bytes.put_u8(length as u8),
        length @ 126..=0xFFFF => {
            bytes.put_u8(126);
            bytes.put_u16(length as u16);
        }
        length => {
            bytes.put_u8(127);
            bytes.put_u64(length as u64);
        }
    }
    bytes.put_slice(text.as_bytes());
}

/// A close frame.
pub fn close(code: CloseCode) -> Bytes {
    let mut bytes = BytesMut::with_capacity(4);
    bytes.put_slice(&[FINAL_CLOSE, 2]);
    bytes.put_u16(code as u16);
    bytes.freeze()
}

pub fn agent(frame: &AgentServerFrame) -> Bytes {
    text(&json(frame))
}

pub fn visitor(frame: &VisitorServerFrame) -> Bytes {
    text(&json(frame))
}

impl CloseCode {
    /// The code that goes with a reason, unless the protocol has a more exact one.
    pub fn of(why: ByeReason) -> Self {
        match why {
            ByeReason::SignedOut | ByeReason::Protocol => Self::Policy,
            ByeReason::Draining | ByeReason::Unavailable => Self::TryAgain,
            ByeReason::Silent => Self::GoingAway,
        }
    }
}

/// A bye as both kinds of client read it, and the close frame behind it.
pub fn bye(bye: Bye, code: CloseCode) -> Bytes {
    let mut bytes = BytesMut::new();
    put_text(&mut bytes, &json(&AgentServerFrame::Bye(bye)));
    bytes.put_slice(&close(code));
    bytes.freeze()
}

fn json(frame: &impl serde::Serialize) -> String {
    serde_json::to_string(frame).expect("wire types have string keys and no failing serialiser")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tungstenite::protocol::{Role, WebSocketContext};

    use super::*;

    struct Wire<'a>(&'a [u8]);

    impl std::io::Read for Wire<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            self.0.read(buffer)
        }
    }

    impl std::io::Write for Wire<'_> {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    proptest! {
        /// An independent client reads what we write, over all three forms of the length.
        #[test]
        fn another_implementation_reads_our_frames(texts in prop::collection::vec(".{0,200}", 1..5), long in 0usize..70_000) {
            let mut bytes = BytesMut::new();
            let long = "é".repeat(long);
            for text in texts.iter().chain([&long]) {
                put_text(&mut bytes, text);
            }
            let mut client = WebSocketContext::new(Role::Client, None);
            let mut wire = Wire(&bytes);
            for text in texts.iter().chain([&long]) {
                let message = client.read(&mut wire).expect("a frame");
                prop_assert_eq!(message.to_text().expect("text"), text);
            }
        }
    }
}
