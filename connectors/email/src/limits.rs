//! How much of a mail is looked at. Whoever has our address may send anything, so that everything has a bound. What is
//! carried on has those of the contract.

/// HTML beyond it is not shown as HTML: its text is.
pub(crate) use switchboard_connector::limits::BODY_BYTES as HTML_BYTES;
/// Largest mail that is read whole; of a larger one the hub is told sender and subject.
pub use switchboard_connector::limits::MESSAGE_BYTES as MAIL_BYTES;
pub(crate) use switchboard_connector::limits::{
    ADDRESS_CHARS, ADDRESSES, FILES, NAME_CHARS, REFERENCES, SUBJECT_CHARS,
};

/// Parts and headers that are looked for: lines that begin like a boundary or hold a colon. Encoded files have neither, so
/// that no mail of a person comes near it. The parser spends about a hundred bytes on each.
pub(crate) const STRUCTURE_LINES: usize = 400_000;

/// Of the text as it came, bytes.
pub(crate) const TEXT_BYTES: usize = 1024 * 1024;

/// Open elements within each other; a parser of HTML takes time by the square of it.
pub(crate) const HTML_DEPTH: usize = 500;
/// Elements that a parser makes of one mail, some KB of memory each. A page of a mail program has hundreds.
pub(crate) const HTML_ELEMENTS: usize = 50_000;

/// Longest Message-ID that is taken for one, bytes: RFC 5322 allows lines of 998.
pub(crate) const MESSAGE_ID_BYTES: usize = 998;

/// Recipients of whom one delivery report speaks, and words of it that are told.
pub(crate) const REPORTED: usize = 100;

/// The first `bytes` of a text at most, cut between characters.
pub(crate) fn cut(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}

/// The first `chars` of a text at most.
pub(crate) fn cut_chars(text: &str, chars: usize) -> &str {
    text.char_indices().nth(chars).map_or(text, |(end, _)| &text[..end])
}
