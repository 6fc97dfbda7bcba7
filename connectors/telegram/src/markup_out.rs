//! An agent's rich text as Telegram takes it: a plain text and marks upon it ("MessageEntity").
//!
//! Marks rather than a `parse_mode`: there is nothing to escape, a text can be cut anywhere and its marks with it, and no
//! element that Telegram does not know makes it refuse the whole message. What has no mark (a list, a heading, a paragraph)
//! becomes plain text that looks like it. The HTML comes sanitised from the hub; whatever else stands in it is left out and
//! its text kept.

use std::ops::Range;

use teloxide_core::types::{MessageEntity, MessageEntityKind as Kind};
use url::Url;

/// A text with marks, by bytes.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Marked {
    pub text: String,
    marks: Vec<(Range<usize>, Kind)>,
}

/// A text that fits one message or caption, with its marks in Telegram's units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Piece {
    pub text: String,
    pub entities: Vec<MessageEntity>,
}

impl Marked {
    pub fn plain(text: &str) -> Self {
        Self { text: text.to_owned(), marks: Vec::new() }
    }

    pub fn html(html: &str) -> Self {
        let mut builder = Builder::default();
        let mut rest = html;
        while let Some(open) = rest.find('<') {
            builder.text(&rest[..open]);
            rest = &rest[open..];
            let after = if rest.starts_with("<!--") { rest.find("-->").map(|at| at + 3) } else { end_of_tag(rest) };
            let Some(after) = after else { break };
            builder.tag(&rest[1..after - 1]);
            rest = &rest[after..];
        }
        if !rest.starts_with('<') {
            builder.text(rest);
        }
        builder.finish()
    }

    /// Cut into pieces of at most `most` units: between paragraphs if that is possible, else lines, sentences, words.
    pub fn pieces(&self, most: usize) -> Vec<Piece> {
        let mut pieces = Vec::new();
        let mut start = self.text.len() - self.text.trim_start().len();
        let end = self.text.trim_end().len();
        while start < end {
            let cut = start + cut(&self.text[start..end], most);
            let piece = start..start + self.text[start..cut].trim_end().len();
            if !piece.is_empty() {
                pieces.push(self.piece(piece));
            }
            start = end - self.text[cut..end].trim_start().len();
        }
        pieces
    }

    fn piece(&self, range: Range<usize>) -> Piece {
        let text = &self.text[range.clone()];
        let units_to = |byte: usize| units(&self.text[range.start..byte]);
        let entities = self.marks.iter().filter_map(|(mark, kind)| {
            let (start, end) = (mark.start.max(range.start), mark.end.min(range.end));
            (start < end).then(|| MessageEntity::new(kind.clone(), units_to(start), units(&self.text[start..end])))
        });
        Piece { text: text.to_owned(), entities: entities.collect() }
    }
}

/// Telegram counts a text's length in UTF-16 units.
pub(crate) fn units(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// The byte at which to cut; the whole length if it fits.
fn cut(text: &str, most: usize) -> usize {
    let mut count = 0;
    let full = text.char_indices().find(|(_, character)| {
        count += character.len_utf16();
        count > most
    });
    let Some((full, _)) = full else { return text.len() };
    let head = &text[..full];
    // Not so early that a long word or an early paragraph makes a message of a few words.
    let earliest = full / 2;
    let at = |mark: &str| head.rfind(mark).map(|at| at + mark.len()).filter(|at| *at > earliest);
    let place = at("\n\n").or_else(|| at("\n")).or_else(|| at(". ")).or_else(|| at(" ")).unwrap_or(full);
    // At least one character, or nothing would ever end.
    place.max(text.chars().next().map_or(1, char::len_utf8))
}

/// Where a tag ends: the first `>` outside of quotes.
fn end_of_tag(rest: &str) -> Option<usize> {
    let mut quote = None;
    for (at, byte) in rest.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return Some(at + 1),
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), byte) if open == byte => quote = None,
            _ => {}
        }
    }
    None
}

struct Open {
    name: String,
    kind: Option<Kind>,
    start: usize,
}

#[derive(Default)]
struct Builder {
    out: Marked,
    open: Vec<Open>,
    /// Line ends that are owed before the next text: a block that is followed by nothing ends with none.
    owed: usize,
    /// The number of the next item of each list that is open; none: bullets.
    lists: Vec<Option<u32>>,
    /// Within `pre`, where blanks count.
    pre: usize,
    /// Within an element whose text is no text.
    silent: usize,
}

impl Builder {
    fn text(&mut self, raw: &str) {
        if self.silent > 0 {
            return;
        }
        let decoded = decode(raw);
        if self.pre > 0 {
            self.pay();
            self.out.text.push_str(&decoded);
            return;
        }
        for character in decoded.chars() {
            if character.is_ascii_whitespace() {
                let blank = self.owed > 0 || self.out.text.is_empty() || self.out.text.ends_with([' ', '\n']);
                if !blank {
                    self.out.text.push(' ');
                }
            } else {
                self.pay();
                self.out.text.push(character);
            }
        }
    }

    fn pay(&mut self) {
        if self.owed > 0 && !self.out.text.is_empty() {
            let kept = self.out.text.trim_end_matches(' ').len();
            if self.open.iter().all(|open| open.start <= kept) {
                self.out.text.truncate(kept);
            }
            self.out.text.extend(std::iter::repeat_n('\n', self.owed));
        }
        self.owed = 0;
    }

    fn block(&mut self, lines: usize) {
        self.owed = self.owed.max(lines);
    }

    fn tag(&mut self, inside: &str) {
        let (inside, closes) = inside.strip_prefix('/').map_or((inside, false), |rest| (rest, true));
        let name: String =
            inside.chars().take_while(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
        match name.as_str() {
            "br" if self.silent == 0 => self.owed += 1,
            "hr" => self.block(2),
            "img" => self.text(&attribute(inside, "alt").unwrap_or_default()),
            "" | "br" | "wbr" | "col" | "input" => {}
            _ if closes => self.close(&name),
            _ => self.begin(name, inside),
        }
    }

    fn begin(&mut self, name: String, inside: &str) {
        let kind = match name.as_str() {
            "b" | "strong" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "th" => Some(Kind::Bold),
            "i" | "em" | "cite" => Some(Kind::Italic),
            "u" | "ins" => Some(Kind::Underline),
            "s" | "strike" | "del" => Some(Kind::Strikethrough),
            "code" | "kbd" | "samp" if self.pre == 0 => Some(Kind::Code),
            "pre" => Some(Kind::Pre { language: None }),
            "blockquote" if !self.open.iter().any(|open| open.kind == Some(Kind::Blockquote)) => Some(Kind::Blockquote),
            "a" => attribute(inside, "href").and_then(|href| Url::parse(&href).ok()).map(|url| Kind::TextLink { url }),
            _ => None,
        };
        self.block(lines_around(&name));
        match name.as_str() {
            "pre" => self.pre += 1,
            "script" | "style" | "template" | "head" => self.silent += 1,
            "ul" => self.lists.push(None),
            "ol" => self.lists.push(Some(attribute(inside, "start").and_then(|start| start.parse().ok()).unwrap_or(1))),
            "li" => self.item(),
            _ => {}
        }
        // A mark begins with its text and not with the line ends before it.
        if kind.is_some() {
            self.pay();
        }
        self.open.push(Open { name, kind, start: self.out.text.len() });
    }

    fn item(&mut self) {
        let depth = self.lists.len().saturating_sub(1);
        let sign = match self.lists.last_mut() {
            Some(Some(number)) => {
                let sign = format!("{number}. ");
                *number = number.saturating_add(1);
                sign
            }
            _ => "• ".to_owned(),
        };
        self.pay();
        self.out.text.extend(std::iter::repeat_n("  ", depth));
        self.out.text.push_str(&sign);
    }

    /// Ends the element, and those within it that have not ended.
    fn close(&mut self, name: &str) {
        let Some(at) = self.open.iter().rposition(|open| open.name == name) else { return };
        for Open { name, kind, start } in self.open.split_off(at).into_iter().rev() {
            let end = self.out.text.trim_end().len();
            if let Some(kind) = kind.filter(|_| start < end) {
                self.out.marks.push((start..end, kind));
            }
            match name.as_str() {
                "pre" => self.pre -= 1,
                "script" | "style" | "template" | "head" => self.silent -= 1,
                "ul" | "ol" => drop(self.lists.pop()),
                _ => {}
            }
            self.block(lines_around(&name));
        }
    }

    fn finish(mut self) -> Marked {
        if let Some(first) = self.open.first().map(|open| open.name.clone()) {
            self.close(&first);
        }
        // Outer marks first, as Telegram gives them.
        self.out.marks.sort_by_key(|(range, _)| (range.start, std::cmp::Reverse(range.end)));
        self.out
    }
}

/// How many line ends stand before and after an element.
fn lines_around(name: &str) -> usize {
    match name {
        "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "blockquote" | "pre" | "table" => 2,
        "div" | "ul" | "ol" | "li" | "tr" | "section" | "article" => 1,
        _ => 0,
    }
}

fn attribute(inside: &str, name: &str) -> Option<String> {
    let mut from = 0;
    loop {
        let at = from + inside[from..].find(name)?;
        from = at + name.len();
        let own = inside[..at].ends_with(|before: char| before.is_ascii_whitespace());
        let Some(value) = inside[from..].trim_start().strip_prefix('=').map(str::trim_start).filter(|_| own) else {
            continue;
        };
        let quote = value.chars().next().filter(|first| matches!(first, '"' | '\''));
        let value = match quote {
            Some(quote) => value[1..].split(quote).next(),
            None => value.split(|end: char| end.is_ascii_whitespace()).next(),
        };
        return value.map(decode);
    }
}

/// The references that a serialiser of HTML writes, and numeric ones.
fn decode(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let reference = rest.find(';').filter(|end| *end <= 10).map(|end| (&rest[1..end], end + 1));
        match reference.and_then(|(name, length)| Some((named(name)?, length))) {
            Some((character, length)) => {
                out.push(character);
                rest = &rest[length..];
            }
            None => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

fn named(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => '\u{a0}',
        _ => {
            let number = name.strip_prefix('#')?;
            let hex = number.strip_prefix(['x', 'X']).map(|hex| u32::from_str_radix(hex, 16));
            char::from_u32(hex.unwrap_or_else(|| number.parse()).ok()?)?
        }
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn marked(html: &str) -> (String, Vec<(String, String)>) {
        let marked = Marked::html(html);
        let kind = |kind: &Kind| format!("{kind:?}").split([' ', '{']).next().unwrap_or_default().to_lowercase();
        let marks =
            marked.marks.iter().map(|(range, mark)| (kind(mark), marked.text[range.clone()].to_owned())).collect();
        (marked.text, marks)
    }

    fn mark(kind: &str, text: &str) -> (String, String) {
        (kind.to_owned(), text.to_owned())
    }

    #[test]
    fn rich_text_keeps_its_look() {
        let (text, marks) = marked(
            "<p>Hello <b>An &amp; <i>Bo</i></b>,</p>\n<p>see <a href=\"https://example.com/?a=1&amp;b=2\">the page</a>:<br>now</p>\
             <ul><li>one</li><li>two<ol><li>deep</li></ol></li></ul><pre>let  x;\n  y</pre><blockquote>so<p>said</p></blockquote>end",
        );
        assert_eq!(
            text,
            "Hello An & Bo,\n\nsee the page:\nnow\n\n• one\n• two\n  1. deep\n\nlet  x;\n  y\n\nso\n\nsaid\n\nend"
        );
        let expected = [
            mark("bold", "An & Bo"),
            mark("italic", "Bo"),
            mark("textlink", "the page"),
            mark("pre", "let  x;\n  y"),
            mark("blockquote", "so\n\nsaid"),
        ];
        assert_eq!(marks, expected);
    }

    #[test]
    fn what_is_not_text_is_left_out_and_what_never_ends_ends() {
        assert_eq!(marked("a<script>b</script><style>c</style><!-- d > -->e").0, "ae");
        assert_eq!(
            marked("<b>open <i>still"),
            ("open still".into(), vec![mark("bold", "open still"), mark("italic", "still")])
        );
        assert_eq!(marked("1 &lt; 2 &unknown; &#x1F600; <img alt='a > b'> </b>x").0, "1 < 2 &unknown; 😀 a > b x");
        assert_eq!(marked("<a href=\"javascript").0, "");
    }

    #[test]
    fn a_long_text_is_cut_where_a_reader_would_and_nothing_is_lost() {
        let text = format!("{}\n\n{}. {}", "a".repeat(60), "b".repeat(60), "c ".repeat(80));
        let pieces = Marked::plain(&text).pieces(100);
        assert!(pieces.iter().all(|piece| units(&piece.text) <= 100));
        assert_eq!(pieces[0].text, "a".repeat(60));
        let solid = |text: &str| text.split_whitespace().collect::<String>();
        assert_eq!(solid(&pieces.iter().map(|piece| piece.text.as_str()).collect::<Vec<_>>().join(" ")), solid(&text));
    }

    #[test]
    fn marks_are_cut_with_the_text_and_counted_as_telegram_counts() {
        let pieces = Marked::html("😀<b>bold words here</b>").pieces(10);
        let first = MessageEntity::bold(2, 4);
        assert_eq!(pieces[0], Piece { text: "😀bold".into(), entities: vec![first] });
        assert_eq!(pieces[1], Piece { text: "words here".into(), entities: vec![MessageEntity::bold(0, 10)] });
        assert_eq!(Marked::plain(&"😀".repeat(10)).pieces(7)[0].text, "😀😀😀");
        assert!(Marked::plain(" \n ").pieces(10).is_empty());
    }

    proptest! {
        #[test]
        fn whatever_is_written_fits_and_its_marks_lie_within_it(
            parts in prop::collection::vec(
                prop_oneof![
                    "[a-z 😀é\n&<>\"';#=/-]{0,12}".boxed(),
                    "</?(b|i|a|p|pre|ul|ol|li|blockquote|script|br|h1|table|div)( href=\"[a-z:/&;]{0,9}\")?>".boxed(),
                ],
                0..40,
            ),
            most in 1usize..60,
        ) {
            let marked = Marked::html(&parts.concat());
            for piece in marked.pieces(most) {
                let length = units(&piece.text);
                prop_assert!(0 < length && (length <= most || piece.text.chars().count() == 1));
                prop_assert_eq!(piece.text.trim(), &piece.text);
                for mark in piece.entities {
                    prop_assert!(mark.length > 0 && mark.offset + mark.length <= length);
                }
            }
        }

        #[test]
        fn nothing_that_can_be_seen_is_lost_in_cutting(text in "[a-z\n .😀]{0,300}", most in 2usize..40) {
            let solid = |text: &str| text.split_whitespace().collect::<String>();
            let pieces = Marked::plain(&text).pieces(most);
            prop_assert_eq!(solid(&pieces.into_iter().map(|piece| piece.text).collect::<String>()), solid(&text));
        }
    }
}
