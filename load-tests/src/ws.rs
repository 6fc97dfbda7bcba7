//! The client's half of RFC 6455, as small as a generator of thousands of sockets can afford: text, ping, pong, close,
//! whole frames only. The masking key is zero, which is a valid key: the payload goes out as it is. Not for anything but
//! measuring one's own server: a proxy could be fooled by a predictable key (RFC 6455, section 10.3).

use switchboard_protocol::SUBPROTOCOL;
use tungstenite::handshake::derive_accept_key;

pub const TEXT: u8 = 0x1;
pub const CLOSE: u8 = 0x8;
pub const PING: u8 = 0x9;
pub const PONG: u8 = 0xA;

/// Each socket asks with the same key, so that the answer is known beforehand.
const KEY: &str = "c3dpdGNoYm9hcmQtbG9hZA==";

/// What goes into the handshake beside the constant part.
pub struct Handshake<'a> {
    pub host: &'a str,
    pub path: &'a str,
    pub cookie: Option<&'a str>,
}

pub fn request(handshake: &Handshake<'_>) -> Vec<u8> {
    let Handshake { host, path, cookie } = handshake;
    let cookie = cookie.map(|cookie| format!("Cookie: {cookie}\r\n")).unwrap_or_default();
    format!(
        "GET {path} HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\nSec-WebSocket-Protocol: {SUBPROTOCOL}\r\n{cookie}\r\n"
    )
    .into_bytes()
}

/// What has come of the handshake so far.
pub enum Answer {
    More,
    /// Good; the frames begin at this byte.
    Open(usize),
    /// Not a WebSocket; its first line.
    Refused(String),
}

/// Reads the answer to [`request`].
pub fn answer(bytes: &[u8]) -> Answer {
    let Some(end) = memchr::memmem::find(bytes, b"\r\n\r\n") else { return Answer::More };
    let head = String::from_utf8_lossy(&bytes[..end]);
    let first = head.lines().next().unwrap_or_default();
    if !first.starts_with("HTTP/1.1 101") {
        return Answer::Refused(first.to_owned());
    }
    if !head.contains(&derive_accept_key(KEY.as_bytes())) {
        return Answer::Refused(format!("{first}, with a wrong Sec-WebSocket-Accept"));
    }
    Answer::Open(end + 4)
}

/// Appends one frame, as a client sends it.
pub fn write_frame(out: &mut Vec<u8>, opcode: u8, payload: &[u8]) {
    const MASKED: u8 = 0x80;
    out.push(0x80 | opcode);
    match payload.len() {
        bytes @ 0..=125 => out.push(MASKED | bytes as u8),
        bytes @ 126..=0xFFFF => {
            out.push(MASKED | 126);
            out.extend_from_slice(&(bytes as u16).to_be_bytes());
        }
        bytes => {
            out.push(MASKED | 127);
            out.extend_from_slice(&(bytes as u64).to_be_bytes());
        }
    }
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(payload);
}

/// The head of a frame that a server sent.
pub struct Head {
    pub opcode: u8,
    /// Where the payload begins, bytes from the frame's start.
    pub payload: usize,
    /// Where the next frame begins.
    pub end: usize,
}

/// Why a frame cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bad {
    /// A server must not mask (RFC 6455, section 5.1).
    Masked,
    /// Fragmented: the hub never does that, and the generator does not put frames together.
    Fragmented,
}

/// The first frame's head; `None` if even the head has not come whole. The payload may still be under way.
pub fn read_head(bytes: &[u8]) -> Result<Option<Head>, Bad> {
    let [first, second, rest @ ..] = bytes else { return Ok(None) };
    if first & 0x80 == 0 {
        return Err(Bad::Fragmented);
    }
    if second & 0x80 != 0 {
        return Err(Bad::Masked);
    }
    let (payload, length) = match second & 0x7F {
        126 => match rest.first_chunk::<2>() {
            Some(length) => (4, usize::from(u16::from_be_bytes(*length))),
            None => return Ok(None),
        },
        127 => match rest.first_chunk::<8>() {
            Some(length) => (10, u64::from_be_bytes(*length) as usize),
            None => return Ok(None),
        },
        short => (2, usize::from(short)),
    };
    Ok(Some(Head { opcode: first & 0x0F, payload, end: payload + length }))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the server sees of a client's frame, by another implementation of the protocol.
    #[test]
    fn frames_are_read_by_tungstenite() {
        use tungstenite::protocol::{Role, WebSocket};
        for length in [0, 125, 126, 70_000] {
            let text = "x".repeat(length);
            let mut bytes = Vec::new();
            write_frame(&mut bytes, TEXT, text.as_bytes());
            let mut socket = WebSocket::from_raw_socket(std::io::Cursor::new(bytes), Role::Server, None);
            assert_eq!(socket.read().expect("a frame").into_text().expect("text").as_str(), text);
        }
    }

    #[test]
    fn heads_of_all_three_lengths() {
        for (length, payload) in [(5usize, 2), (300, 4), (70_000, 10)] {
            let mut client = Vec::new();
            write_frame(&mut client, TEXT, &vec![b'x'; length]);
            client[1] &= 0x7F;
            let masked_at = payload;
            client.drain(masked_at..masked_at + 4);
            let head = read_head(&client).expect("good").expect("whole");
            assert_eq!((head.opcode, head.payload, head.end), (TEXT, payload, payload + length));
            assert!(read_head(&client[..1]).expect("good").is_none());
        }
    }

    #[test]
    fn what_a_server_must_not_send_is_refused() {
        assert_eq!(read_head(&[0x81, 0x85, 0, 0, 0, 0]).err(), Some(Bad::Masked));
        assert_eq!(read_head(&[0x01, 0x05]).err(), Some(Bad::Fragmented));
    }
}
