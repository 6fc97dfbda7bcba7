//! A mail's parts: mail-parser finds them, and here they are decoded.
//!
//! The parser is told nothing of transfer encodings. It would else parse a mail that is an encoded part of another one as
//! well, and its time and stack would be the sender's to choose; and a file would come with the bytes of its text rather
//! than with its own.

use mail_parser::decoders::base64::base64_decode;
use mail_parser::decoders::charsets::map::charset_decoder;
use mail_parser::{HeaderName, Message, MessageParser, MessagePart, MimeHeaders, PartType};

use crate::limits::{STRUCTURE_LINES, TEXT_BYTES};

/// A mail and what it was made of. Dropping it does not recurse, however deep mails lie in mails.
pub(super) struct Mail<'x> {
    pub message: Message<'x>,
    raw: &'x [u8],
}

impl<'x> Mail<'x> {
    /// None: not even a header.
    pub fn read(raw: &'x [u8]) -> Option<Self> {
        let raw = readable(raw);
        let message = parser().parse(raw)?;
        (!message.parts.is_empty()).then_some(Self { message, raw })
    }

    /// A part's own bytes.
    pub fn bytes(&self, part: &MessagePart<'_>) -> Vec<u8> {
        let (start, end) = (part.offset_body as usize, part.offset_end as usize);
        let body = self.raw.get(start..end.max(start)).unwrap_or_default();
        match self.encoding(part) {
            Encoding::Base64 => base64(body),
            Encoding::QuotedPrintable => quoted_printable(body),
            Encoding::None => body.to_vec(),
        }
    }

    /// A part's bytes as text, by its charset. Where that is missing or wrong: UTF-8 if it is, else Windows-1252, in which
    /// every byte is a character.
    pub fn text(&self, part: &MessagePart<'_>) -> String {
        let bytes = self.bytes(part);
        let label = part.content_type().and_then(|kind| kind.attribute("charset"));
        let named = label.filter(|label| !is_utf8(label)).and_then(|label| charset_decoder(label.trim().as_bytes()));
        let text = match (named, String::from_utf8(bytes)) {
            // Many say us-ascii or iso-8859-1 and write UTF-8; no text of a person is UTF-8 by accident.
            (None, Ok(text)) => text,
            (Some(_), Ok(text)) if is_western(label.unwrap_or_default()) => text,
            (Some(decode), Ok(text)) => decode(text.as_bytes()),
            (Some(decode), Err(bytes)) => decode(bytes.as_bytes()),
            (None, Err(bytes)) => latin(bytes.as_bytes()),
        };
        text.replace("\r\n", "\n").replace(['\r', '\0'], "")
    }

    /// What comes after the headers, in pieces; all of them are the same however its lines ended on the way here.
    pub fn body(&self) -> impl Iterator<Item = &[u8]> {
        let start = self.message.parts.first().map_or(0, |part| part.offset_body as usize);
        let body = self.raw.get(start..).unwrap_or_default().trim_ascii_end();
        body.split(|byte| *byte == b'\r')
    }

    /// All that comes after the headers, for a mail whose parts cannot be told apart: after the first empty line or from the
    /// first that is no header, for some programs leave out the empty one.
    pub fn undivided(&self) -> String {
        let mut body = self.raw;
        while let Some(line) = body.split_inclusive(|byte| *byte == b'\n').next() {
            let is_blank = line.trim_ascii().is_empty();
            if !is_blank && !is_header(line) {
                break;
            }
            body = &body[line.len()..];
            if is_blank {
                break;
            }
        }
        String::from_utf8_lossy(&body[..body.len().min(TEXT_BYTES)]).replace("\r\n", "\n").replace(['\r', '\0'], "")
    }

    /// The bytes of a header of a part, without its name.
    pub fn header<'a>(&self, part: &'a MessagePart<'_>, name: &'a HeaderName<'_>) -> Option<&'x [u8]> {
        let header = part.headers.iter().find(|header| header.name == *name)?;
        self.raw.get(header.offset_start as usize..header.offset_end as usize)
    }

    /// The values of the mail's own headers of this name, as they stand.
    pub fn headers(&self, name: &str) -> impl Iterator<Item = String> {
        let own = self.message.parts.first().map_or(&[][..], |part| &part.headers);
        own.iter().filter(move |header| header.name.as_str().eq_ignore_ascii_case(name)).map(|header| {
            let raw = self.raw.get(header.offset_start as usize..header.offset_end as usize).unwrap_or_default();
            String::from_utf8_lossy(raw).trim().to_owned()
        })
    }

    /// Whether it has a header whose name begins so.
    pub fn headers_beginning(&self, begin: &str) -> bool {
        let own = self.message.parts.first().map_or(&[][..], |part| &part.headers);
        own.iter()
            .any(|header| header.name.as_str().get(..begin.len()).is_some_and(|name| name.eq_ignore_ascii_case(begin)))
    }

    fn encoding(&self, part: &MessagePart<'_>) -> Encoding {
        let value = self.header(part, &HeaderName::ContentTransferEncoding).unwrap_or_default();
        match value.trim_ascii().to_ascii_lowercase().as_slice() {
            b"base64" => Encoding::Base64,
            b"quoted-printable" => Encoding::QuotedPrintable,
            _ => Encoding::None,
        }
    }
}

/// A mail within a mail within a mail would be dropped by recursion: it is taken apart instead.
impl Drop for Mail<'_> {
    fn drop(&mut self) {
        let mut left = vec![std::mem::take(&mut self.message)];
        while let Some(mut message) = left.pop() {
            for part in &mut message.parts {
                if let PartType::Message(inner) = &mut part.body {
                    left.push(std::mem::take(inner));
                }
            }
        }
    }
}

enum Encoding {
    None,
    QuotedPrintable,
    Base64,
}

fn parser() -> MessageParser {
    MessageParser::new()
        .with_mime_headers()
        .with_date_headers()
        .with_address_headers()
        .with_message_ids()
        .header_text(HeaderName::Subject)
        .header_received(HeaderName::Received)
        .header_address(HeaderName::DeliveredTo)
        .ignore_header(HeaderName::ContentTransferEncoding)
}

/// The mail up to where it has more structure than any mail of a person.
fn readable(raw: &[u8]) -> &[u8] {
    let (mut structure, mut start) = (0, 0);
    while start < raw.len() {
        let end = raw[start..].iter().position(|byte| *byte == b'\n').map_or(raw.len(), |found| start + found + 1);
        let line = &raw[start..end];
        if line.starts_with(b"--") || line.contains(&b':') {
            structure += 1;
        }
        if structure > STRUCTURE_LINES {
            return &raw[..start];
        }
        start = end;
    }
    raw
}

/// A header's line, one that goes on with it (RFC 5322, section 2.2), or what an mbox puts before them.
fn is_header(line: &[u8]) -> bool {
    let name = line.split(|byte| *byte == b':').next().unwrap_or_default();
    let named = name.len() < line.len() && !name.is_empty() && name.trim_ascii_end().iter().all(u8::is_ascii_graphic);
    named || line.starts_with(b" ") || line.starts_with(b"\t") || line.starts_with(b"From ")
}

fn is_utf8(label: &str) -> bool {
    matches!(label.trim().to_ascii_lowercase().as_str(), "utf-8" | "utf8")
}

fn is_western(label: &str) -> bool {
    let label = label.trim().to_ascii_lowercase();
    matches!(label.as_str(), "us-ascii" | "ascii" | "iso-8859-1" | "latin1" | "iso-8859-15" | "windows-1252" | "cp1252")
}

fn latin(bytes: &[u8]) -> String {
    charset_decoder(b"windows-1252").map_or_else(|| String::from_utf8_lossy(bytes).into_owned(), |decode| decode(bytes))
}

/// Lenient: what is not of the alphabet is left out. It ends at the first `=` (RFC 2045, section 6.8), unless what comes after
/// is whole by itself: some programs encode a file piece by piece.
fn base64(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len() / 4 * 3);
    let mut rest = body;
    loop {
        let (piece, after) = rest.split_at(rest.iter().position(|byte| *byte == b'=').unwrap_or(rest.len()));
        out.extend(unpadded(piece));
        let next = after.iter().position(is_base64).map_or(&[][..], |at| &after[at..]);
        let is_first = rest.len() == body.len();
        let units = || next.iter().filter(|byte| is_base64(byte) || **byte == b'=').count();
        if next.is_empty() || is_first && units() % 4 != 0 {
            return out;
        }
        rest = next;
    }
}

fn unpadded(piece: &[u8]) -> Vec<u8> {
    base64_decode(piece).unwrap_or_else(|| {
        let mut clean: Vec<u8> = piece.iter().copied().filter(is_base64).collect();
        if clean.len() % 4 == 1 {
            clean.pop();
        }
        base64_decode(&clean).unwrap_or_default()
    })
}

fn is_base64(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')
}

/// RFC 2045, section 6.7; lenient: an `=` that begins nothing stays as it is.
fn quoted_printable(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len());
    for line in body.split_inclusive(|byte| *byte == b'\n') {
        let content = line.trim_ascii_end();
        let (content, soft) = match content.strip_suffix(b"=") {
            Some(content) => (content, true),
            None => (content, false),
        };
        let mut rest = content;
        while let Some((&byte, tail)) = rest.split_first() {
            let coded = (byte == b'=').then(|| tail.first_chunk::<2>().and_then(hex)).flatten();
            out.push(coded.unwrap_or(byte));
            rest = if coded.is_some() { &tail[2..] } else { tail };
        }
        if !soft && line.ends_with(b"\n") {
            out.push(b'\n');
        }
    }
    out
}

fn hex(digits: &[u8; 2]) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    u8::try_from(digit(digits[0])? * 16 + digit(digits[1])?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_printable_is_lenient() {
        let cases: [(&[u8], &str); 6] = [
            (b"a=3Db", "a=b"),
            (b"soft=\r\nly", "softly"),
            (b"50 = 50 =ZZ", "50 = 50 =ZZ"),
            (b"end=", "end"),
            (b"trailing  \r\nnext", "trailing\nnext"),
            (b"=C3=A4=c3=b6", "äö"),
        ];
        for (coded, plain) in cases {
            assert_eq!(String::from_utf8_lossy(&quoted_printable(coded)), plain);
        }
    }

    #[test]
    fn base64_with_rubbish_between() {
        assert_eq!(base64(b"aGVs\r\nbG8=\r\n"), b"hello");
        assert_eq!(base64(b"aGVs!!bG8*"), b"hello");
        assert_eq!(base64(b"aGVsbG8"), b"hello");
        assert_eq!(base64(b"aGVsbG8=\r\nignored"), b"hello");
        assert_eq!(base64(b"aGVsbG8=\r\naGVsbA==\r\n"), b"hellohell");
    }

    #[test]
    fn mails_in_mails_are_dropped_without_a_stack() {
        let mut raw = b"Content-Type: message/rfc822\n\n".repeat(200_000);
        raw.extend(b"Subject: inmost\n\nhello\n");
        assert!(Mail::read(&raw).is_some());
    }

    #[test]
    fn structure_is_bounded() {
        let raw = b"a:\n".repeat(STRUCTURE_LINES + 10);
        assert_eq!(readable(&raw).len(), STRUCTURE_LINES * 3);
    }
}
