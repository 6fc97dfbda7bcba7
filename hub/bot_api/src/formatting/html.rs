//! "HTML style".

use switchboard_protocol::bots::FormatKind;

use super::links;
use super::out::{Out, Source, blank};

/// An element that is open.
struct Open {
    tag: String,
    /// Of `a`: where it leads.
    href: String,
    /// Where its text begins, in units and in bytes.
    units: u32,
    bytes: usize,
}

pub(super) fn read(text: &str) -> Result<Out, String> {
    let (mut source, mut out, mut open) = (Source::new(text), Out::default(), Vec::new());
    while !source.ended() {
        match (source.peek(0), source.peek(1)) {
            (b'&', _) => {
                let character = match reference(&mut source)? {
                    Some(character) => character,
                    None => source.character().unwrap_or('&'),
                };
                out.push(character);
            }
            (b'<', b'/') => end(&mut source, &mut out, &mut open)?,
            (b'<', _) => open.push(begin(&mut source, &out)?),
            _ => {
                if let Some(character) = source.character() {
                    out.push(character);
                }
            }
        }
    }
    match open.last() {
        Some(open) => Err(format!("Can't find end tag corresponding to start tag \"{}\"", open.tag)),
        None => Ok(out),
    }
}

/// A character reference; none: the sign stands for itself.
fn reference(source: &mut Source<'_>) -> Result<Option<char>, String> {
    let rest = &source.rest()[1..];
    let digits = |text: &str, radix| -> usize { text.chars().take_while(|digit| digit.is_digit(radix)).count() };
    let (code, length) = if let Some(hex) = rest.strip_prefix("#x") {
        let length = digits(hex, 16);
        (u32::from_str_radix(&hex[..length], 16).ok(), 2 + length)
    } else if let Some(decimal) = rest.strip_prefix('#') {
        let length = digits(decimal, 10);
        (decimal[..length].parse().ok(), 1 + length)
    } else {
        let length = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
        (named(&rest[..length]).map(u32::from), length)
    };
    // Whatever takes so long is none (there: ten signs with the first).
    let Some(code) = code.filter(|code| (1..0x10_ffff).contains(code) && length < 9) else { return Ok(None) };
    let Some(character) = char::from_u32(code) else {
        return Err("Text contains invalid Unicode characters after decoding HTML entities, check for unmatched \
                    surrogate code units"
            .into());
    };
    source.at += 1 + length;
    source.at += usize::from(source.peek(0) == b';');
    Ok(Some(character))
}

fn named(name: &str) -> Option<char> {
    Some(match name {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        _ => return None,
    })
}

fn begin(source: &mut Source<'_>, out: &Out) -> Result<Open, String> {
    let from = source.at;
    source.at += 1;
    let tag = source.take_while(|byte| !blank(byte) && byte != b'>').to_lowercase();
    if source.ended() {
        return Err(format!("Unclosed start tag at byte offset {from}"));
    }
    if !known(&tag) {
        return Err(format!("Unsupported start tag \"{tag}\" at byte offset {from}"));
    }
    let (mut href, mut spoiler) = (String::new(), false);
    while let Some((name, value)) = attribute(source, &tag, from)? {
        match (tag.as_str(), name) {
            ("a", "href") => href = value,
            ("span", "class") => spoiler = value == "tg-spoiler",
            // The language of code, the expandability of a quote: nothing here shows them.
            _ => {}
        }
    }
    source.at += 1;
    if tag == "span" && !spoiler {
        return Err(format!("Tag \"span\" must have class \"tg-spoiler\" at byte offset {from}"));
    }
    Ok(Open { tag, href, units: out.units, bytes: out.text.len() })
}

/// The next attribute of the tag; none before its `>`.
fn attribute<'a>(source: &mut Source<'a>, tag: &str, from: usize) -> Result<Option<(&'a str, String)>, String> {
    let unclosed = || format!("Unclosed start tag at byte offset {from}");
    source.take_while(blank);
    if source.peek(0) == b'>' {
        return Ok(None);
    }
    let name = source.take_while(|byte| !blank(byte) && !matches!(byte, b'=' | b'>' | b'/' | b'"' | b'\''));
    if source.ended() {
        return Err(unclosed());
    }
    if name.is_empty() {
        return Err(format!("Empty attribute name in the tag \"{tag}\" at byte offset {from}"));
    }
    source.take_while(blank);
    if source.peek(0) != b'=' {
        return Ok(Some((name, String::new())));
    }
    source.at += 1;
    source.take_while(blank);
    let value = match source.peek(0) {
        quote @ (b'"' | b'\'') => quoted(source, quote)?,
        _ => token(source)?,
    };
    if source.ended() { Err(unclosed()) } else { Ok(Some((name, value))) }
}

fn quoted(source: &mut Source<'_>, quote: u8) -> Result<String, String> {
    source.at += 1;
    let mut value = String::new();
    while !source.ended() && source.peek(0) != quote {
        let referred = if source.peek(0) == b'&' { reference(source)? } else { None };
        value.extend(referred.or_else(|| source.character()));
    }
    source.at += usize::from(!source.ended());
    Ok(value)
}

fn token(source: &mut Source<'_>) -> Result<String, String> {
    let from = source.at;
    let value = source.take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'));
    if !blank(source.peek(0)) && source.peek(0) != b'>' {
        return Err(format!("Unexpected end of name token at byte offset {from}"));
    }
    Ok(value.to_ascii_lowercase())
}

fn end(source: &mut Source<'_>, out: &mut Out, open: &mut Vec<Open>) -> Result<(), String> {
    let from = source.at;
    let Some(Open { tag, href, units, bytes }) = open.pop() else {
        return Err(format!("Unexpected end tag at byte offset {from}"));
    };
    source.at += 2;
    let found = source.take_while(|byte| !blank(byte) && byte != b'>').to_lowercase();
    source.take_while(blank);
    if source.peek(0) != b'>' {
        return Err(format!("Unclosed end tag at byte offset {from}"));
    }
    source.at += 1;
    if !found.is_empty() && found != tag {
        return Err(format!("Unmatched end tag at byte offset {from}, expected \"</{tag}>\", found \"</{found}>\""));
    }
    let kind = match tag.as_str() {
        "b" | "strong" => FormatKind::Bold,
        "i" | "em" => FormatKind::Italic,
        "u" | "ins" => FormatKind::Underline,
        "s" | "strike" | "del" => FormatKind::Strikethrough,
        "span" | "tg-spoiler" => FormatKind::Spoiler,
        "code" => FormatKind::Code,
        "pre" => FormatKind::Pre,
        "blockquote" => FormatKind::Quote,
        "a" => {
            let address = if href.is_empty() { &out.text[bytes..] } else { &href };
            if let Some(url) = links::checked(address) {
                out.mark(FormatKind::Link, units, Some(url));
            }
            return Ok(());
        }
        // A custom emoji: its text is an ordinary one.
        _ => return Ok(()),
    };
    out.mark(kind, units, None);
    Ok(())
}

fn known(tag: &str) -> bool {
    matches!(
        tag,
        "a" | "b"
            | "strong"
            | "i"
            | "em"
            | "s"
            | "strike"
            | "del"
            | "u"
            | "ins"
            | "tg-spoiler"
            | "tg-emoji"
            | "span"
            | "pre"
            | "code"
            | "blockquote"
    )
}
