//! The floors: the least that a WebSocket broadcast server can cost, to compare the hub with in the same run on the same
//! machine. No JSON, no store, no visibility, no queues: what one writes in an afternoon, and what the hub's price is
//! counted from.
//!
//! Both speak the hub's own handshake. A socket on `/ws/visitor` sends; each of its text frames goes out unchanged to each
//! socket on `/ws/agent`. A floor is a process of its own so that its CPU time is its own.

pub mod epoll;
pub mod tokio_tasks;

use std::net::SocketAddr;

use tungstenite::handshake::derive_accept_key;

/// What a socket is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Sends,
    Receives,
}

/// Largest handshake and largest frame that a floor takes, bytes.
const INPUT_BYTES: usize = 64 * 1024;

/// A line on stdout that the starter waits for.
fn say_ready(at: SocketAddr) {
    println!("listening on {at}");
}

/// The handshake, if it has come whole: the answer, what the socket is for, and how many bytes it took.
fn shake(bytes: &[u8]) -> Option<(String, Role, usize)> {
    let end = memchr::memmem::find(bytes, b"\r\n\r\n")? + 4;
    let head = String::from_utf8_lossy(&bytes[..end]);
    let role = if head.starts_with("GET /ws/visitor") { Role::Sends } else { Role::Receives };
    let key = head.lines().find_map(|line| line.strip_prefix("Sec-WebSocket-Key: ")).unwrap_or_default();
    let accept = derive_accept_key(key.as_bytes());
    let answer = format!(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: {accept}\r\n\
         Sec-WebSocket-Protocol: {}\r\n\r\n",
        switchboard_protocol::SUBPROTOCOL
    );
    Some((answer, role, end))
}

/// A client's frame.
struct Sent {
    /// The same frame as the server sends it: unmasked, the payload unchanged. None: not a text frame.
    onward: Option<Vec<u8>>,
    /// Bytes that it took of the input.
    end: usize,
}

/// The first client frame in these bytes, if it has come whole.
fn take_frame(bytes: &[u8]) -> Option<Sent> {
    let (&first, &second) = (bytes.first()?, bytes.get(1)?);
    let (mask_at, length) = match second & 0x7F {
        126 => (4, usize::from(u16::from_be_bytes(*bytes.get(2..)?.first_chunk()?))),
        127 => (10, u64::from_be_bytes(*bytes.get(2..)?.first_chunk()?) as usize),
        short => (2, usize::from(short)),
    };
    let mask: [u8; 4] = *bytes.get(mask_at..)?.first_chunk()?;
    let end = mask_at + 4 + length;
    let payload = bytes.get(mask_at + 4..end)?;
    let onward = (first & 0x0F == crate::ws::TEXT).then(|| {
        let mut frame = Vec::with_capacity(payload.len() + 10);
        frame.push(first);
        frame.extend_from_slice(&[second & 0x7F]);
        frame.extend_from_slice(&bytes[2..mask_at]);
        frame.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
        frame
    });
    Some(Sent { onward, end })
}
