//! How much of what comes in is carried to the hub and kept there. One table for both sides: what a connector would carry
//! beyond it the hub would cut off. What people read has the bounds of [`switchboard_protocol::limits`].

use std::time::Duration;

pub use switchboard_protocol::limits::{ATTACHMENT_BYTES as FILE_BYTES, NAME_CHARS, SUBJECT_CHARS};

/// Largest message that is read whole, bytes: a mail with [`FILE_BYTES`] of files, in base64.
pub const MESSAGE_BYTES: usize = 40 * 1024 * 1024;
/// Largest body of a provider's call, bytes, unless its connector takes larger ones ([`crate::Connector::webhook_bytes`]).
pub const CALL_BYTES: usize = 1024 * 1024;
/// Files of one message; each has at most [`FILE_BYTES`].
pub const FILES: usize = 50;
/// Longest whole text, and longest HTML, of one message, bytes.
pub const BODY_BYTES: usize = 2 * 1024 * 1024;
/// Addresses of a mail, of each kind.
pub const ADDRESSES: usize = 50;
/// Longest address, characters (RFC 5321, section 4.5.3.1.3).
pub const ADDRESS_CHARS: usize = 254;
/// Names by which a message is known, and that it answers.
pub const REFERENCES: usize = 50;
/// Longest word on what is wrong with a message or a channel, characters.
pub const NOTE_CHARS: usize = 500;
/// A connector must have said by then what became of a message that it was handed: 25 MiB over a slow line take their time.
/// What it has not answered is in doubt. Its own limits have to be shorter.
pub const SEND: Duration = Duration::from_secs(15 * 60);

/// What is said of it, cut to [`NOTE_CHARS`]: a provider's words may be of any length.
pub fn note(mut why: String) -> String {
    if let Some((end, _)) = why.char_indices().nth(NOTE_CHARS) {
        why.truncate(end);
        why.push('…');
    }
    why
}
