//! "MarkdownV2 style".

use std::fmt;

use switchboard_protocol::bots::FormatKind;

use super::links;
use super::out::{Out, Source};

/// Signs that must be escaped wherever they mean nothing; the line end is among them for the sake of quotes.
const RESERVED: &[u8] = b"_*[]()~`>#+-=|{}.!\n";

/// A part that is open.
struct Open {
    kind: Kind,
    /// Where its sign stands, bytes of the source.
    sign: usize,
    /// Where its text begins, in units and bytes of the plain text.
    units: u32,
    bytes: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Marked(FormatKind),
    /// Leaves its text only.
    Emoji,
}

impl fmt::Display for Kind {
    /// As Telegram's sentences name it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Marked(FormatKind::Bold) => "Bold",
            Self::Marked(FormatKind::Italic) => "Italic",
            Self::Marked(FormatKind::Underline) => "Underline",
            Self::Marked(FormatKind::Strikethrough) => "Strikethrough",
            Self::Marked(FormatKind::Spoiler) => "Spoiler",
            Self::Marked(FormatKind::Code) => "Code",
            Self::Marked(FormatKind::Pre) => "Pre",
            Self::Marked(FormatKind::Quote) => "BlockQuote",
            Self::Marked(FormatKind::Link) => "TextUrl",
            Self::Emoji => "CustomEmoji",
        })
    }
}

struct Reader<'a> {
    source: Source<'a>,
    out: Out,
    open: Vec<Open>,
    /// A quote is open.
    quote: bool,
    /// Nothing was written on this line, so that `>` begins a quote.
    line_begins: bool,
}

pub(super) fn read(text: &str) -> Result<Out, String> {
    let (source, out) = (Source::new(text), Out::default());
    let mut reader = Reader { source, out, open: Vec::new(), quote: false, line_begins: true };
    while !reader.source.ended() {
        reader.step()?;
    }
    if reader.innermost() == Some(Kind::Marked(FormatKind::Quote)) {
        reader.close(FormatKind::Quote, 0);
    }
    match reader.open.last() {
        Some(open) => Err(unended(open)),
        None => Ok(reader.out),
    }
}

fn unended(open: &Open) -> String {
    format!("Can't find end of {} entity at byte offset {}", open.kind, open.sign)
}

impl Reader<'_> {
    fn innermost(&self) -> Option<Kind> {
        self.open.last().map(|open| open.kind)
    }

    fn step(&mut self) -> Result<(), String> {
        let sign = self.source.peek(0);
        if sign == b'\\' && (1..=126).contains(&self.source.peek(1)) {
            self.source.at += 1;
            self.text();
            return Ok(());
        }
        let innermost = self.innermost();
        let in_code = matches!(innermost, Some(Kind::Marked(FormatKind::Code | FormatKind::Pre)));
        let means_something = if in_code { sign == b'`' } else { RESERVED.contains(&sign) };
        if !means_something {
            self.text();
            return Ok(());
        }
        if self.quote && sign == b'\n' && self.source.peek(1) != b'>' {
            return self.end_quote();
        }
        match innermost {
            Some(kind) if self.ends(kind) => self.end(kind),
            _ => self.begin(),
        }
    }

    /// The next character, as it stands.
    fn text(&mut self) {
        if let Some(character) = self.source.character() {
            self.out.push(character);
            self.line_begins = false;
        }
    }

    fn ends(&self, kind: Kind) -> bool {
        let rest = self.source.rest();
        match kind {
            Kind::Marked(FormatKind::Bold) => rest.starts_with('*'),
            // Two of them always belong to an underline.
            Kind::Marked(FormatKind::Italic) => rest.starts_with('_') && !rest.starts_with("__"),
            Kind::Marked(FormatKind::Underline) => rest.starts_with("__"),
            Kind::Marked(FormatKind::Strikethrough) => rest.starts_with('~'),
            Kind::Marked(FormatKind::Spoiler) => rest.starts_with("||"),
            Kind::Marked(FormatKind::Code) => rest.starts_with('`'),
            Kind::Marked(FormatKind::Pre) => rest.starts_with("```"),
            Kind::Marked(FormatKind::Link) | Kind::Emoji => rest.starts_with(']'),
            // Its last line may end with the mark of a quote that can be folded.
            Kind::Marked(FormatKind::Quote) => rest
                .strip_prefix("||")
                .is_some_and(|rest| rest.is_empty() || (rest.starts_with('\n') && !rest.starts_with("\n>"))),
        }
    }

    fn begin(&mut self) -> Result<(), String> {
        let rest = self.source.rest();
        let reserved =
            |sign: char| format!("Character '{sign}' is reserved and must be escaped with the preceding '\\'");
        let (kind, length) = match self.source.peek(0) {
            b'_' if rest.starts_with("__") => (FormatKind::Underline, 2),
            b'_' => (FormatKind::Italic, 1),
            b'*' => (FormatKind::Bold, 1),
            b'~' => (FormatKind::Strikethrough, 1),
            b'|' if rest.starts_with("||") => (FormatKind::Spoiler, 2),
            b'[' => (FormatKind::Link, 1),
            b'`' if rest.starts_with("```") => (FormatKind::Pre, 3),
            b'`' => (FormatKind::Code, 1),
            b'>' if self.line_begins && !self.quote => (FormatKind::Quote, 1),
            b'!' if rest.starts_with("![") => return self.open(Kind::Emoji, 2),
            b'\n' => {
                self.line();
                return Ok(());
            }
            sign => return Err(reserved(char::from(sign))),
        };
        self.quote |= kind == FormatKind::Quote;
        self.open(Kind::Marked(kind), length)?;
        if kind == FormatKind::Pre {
            self.source.skip_language();
        }
        Ok(())
    }

    /// The next line; of a quote that goes on its sign is no text.
    fn line(&mut self) {
        self.text();
        self.line_begins = true;
        if self.quote && self.source.peek(0) == b'>' {
            self.source.at += 1;
            self.line_begins = false;
        }
    }

    fn open(&mut self, kind: Kind, length: usize) -> Result<(), String> {
        self.open.push(Open { kind, sign: self.source.at, units: self.out.units, bytes: self.out.text.len() });
        self.source.at += length;
        Ok(())
    }

    fn end(&mut self, kind: Kind) -> Result<(), String> {
        match kind {
            Kind::Marked(FormatKind::Link) => self.end_link(),
            Kind::Emoji => self.end_emoji(),
            Kind::Marked(kind) => {
                let length = match kind {
                    FormatKind::Underline | FormatKind::Spoiler | FormatKind::Quote => 2,
                    FormatKind::Pre => 3,
                    _ => 1,
                };
                self.close(kind, length);
                Ok(())
            }
        }
    }

    fn close(&mut self, kind: FormatKind, length: usize) {
        if let Some(open) = self.open.pop() {
            self.out.mark(kind, open.units, None);
        }
        self.quote &= kind != FormatKind::Quote;
        self.source.at += length;
    }

    /// A quote ends with its line; within it everything must have ended by then.
    fn end_quote(&mut self) -> Result<(), String> {
        match self.open.last() {
            Some(open) if open.kind != Kind::Marked(FormatKind::Quote) => return Err(unended(open)),
            _ => {}
        }
        self.close(FormatKind::Quote, 0);
        self.line();
        Ok(())
    }

    fn end_link(&mut self) -> Result<(), String> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        self.source.at += 1;
        let address =
            if self.source.peek(0) == b'(' { self.address("URL")? } else { self.out.text[open.bytes..].to_owned() };
        if let Some(url) = links::checked(&address) {
            self.out.mark(FormatKind::Link, open.units, Some(url));
        }
        Ok(())
    }

    fn end_emoji(&mut self) -> Result<(), String> {
        self.open.pop();
        self.source.at += 1;
        if self.source.peek(0) != b'(' {
            return Err("Custom emoji entity must contain a tg://emoji URL".into());
        }
        self.address("custom emoji URL").map(drop)
    }

    /// What stands in round brackets.
    fn address(&mut self, what: &str) -> Result<String, String> {
        self.source.at += 1;
        let (from, mut address) = (self.source.at, String::new());
        while !self.source.ended() && self.source.peek(0) != b')' {
            if self.source.peek(0) == b'\\' && (1..=126).contains(&self.source.peek(1)) {
                self.source.at += 1;
            }
            address.extend(self.source.character());
        }
        if self.source.ended() {
            return Err(format!("Can't find end of a {what} at byte offset {from}"));
        }
        self.source.at += 1;
        Ok(address)
    }
}
