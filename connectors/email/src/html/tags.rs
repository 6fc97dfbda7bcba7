//! The tags of strangers' HTML, written anew so that a parser's time is bounded by them.
//!
//! A parser of HTML compares each attribute of a tag with all before it: the square of what a stranger chooses. Here each
//! tag gets few attributes, each `<` that begins none becomes text, and comments, scripts and style sheets go. What is
//! allowed in the tags is not decided here, nor how many there may be.

/// Attributes kept of one tag.
const ATTRIBUTES: usize = 64;
/// Longest name of a tag or an attribute, bytes.
const NAME_BYTES: usize = 40;

/// What stands in these is no HTML, not even a comment, and none of it is shown.
const RAW: [&str; 7] = ["script", "style", "title", "textarea", "iframe", "noframes", "noembed"];

pub(super) fn rewritten(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(open) = rest.find('<') {
        out.push_str(&rest[..open]);
        rest = &rest[open + 1..];
        if let Some(comment) = rest.strip_prefix("!--") {
            rest = after_comment(comment);
        } else if rest.starts_with(['!', '?']) {
            rest = after(rest, ">");
        } else if let Some(end) = rest.strip_prefix('/') {
            if end.is_empty() {
                out.push_str("&lt;/");
            }
            let (name, tail) = name_of(end);
            rest = if name.is_empty() { end } else { after(tail, ">") };
            if is_plain(name) {
                out.push_str(&format!("</{name}>"));
            }
        } else {
            let (name, tail) = name_of(rest);
            if !is_plain(name) {
                out.push_str("&lt;");
                continue;
            }
            out.push('<');
            out.push_str(name);
            rest = attributes(tail, &mut out);
            out.push('>');
            if let Some(raw) = RAW.iter().find(|raw| name.eq_ignore_ascii_case(raw)) {
                rest = from_end_tag(rest, raw);
            }
        }
    }
    out.push_str(rest);
    out
}

/// What comes after a comment, as browsers end it: also by `--!>`, and by a `>` at its beginning.
fn after_comment(text: &str) -> &str {
    if let Some(rest) = text.strip_prefix('>').or(text.strip_prefix("->")) {
        return rest;
    }
    let mut ends = text.match_indices('>').map(|(at, _)| text.split_at(at + 1));
    ends.find(|(comment, _)| comment.ends_with("-->") || comment.ends_with("--!>")).map_or("", |(_, rest)| rest)
}

/// What comes after the first of these; nothing if there is none.
fn after<'a>(text: &'a str, end: &str) -> &'a str {
    text.find(end).map_or("", |at| &text[at + end.len()..])
}

/// From `</name` on, in any case; nothing if there is none.
fn from_end_tag<'a>(text: &'a str, name: &str) -> &'a str {
    let ends = text
        .match_indices("</")
        .find(|(at, _)| text.get(at + 2..at + 2 + name.len()).is_some_and(|found| found.eq_ignore_ascii_case(name)));
    ends.map_or("", |(at, _)| &text[at..])
}

fn name_of(text: &str) -> (&str, &str) {
    text.split_at(text.find(|c: char| c.is_ascii_whitespace() || matches!(c, '/' | '>')).unwrap_or(text.len()))
}

/// A name that every parser takes for the same.
fn is_plain(name: &str) -> bool {
    name.len() <= NAME_BYTES
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b':' | b'_'))
}

/// Writes the attributes of a tag; gives what comes after the tag.
fn attributes<'a>(mut rest: &'a str, out: &mut String) -> &'a str {
    let mut written = 0;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
        if rest.is_empty() {
            return rest;
        }
        if let Some(tail) = rest.strip_prefix('>') {
            return tail;
        }
        // A `=` at its beginning belongs to the name, as browsers have it.
        let from = rest.chars().next().map_or(0, char::len_utf8);
        let end = rest[from..].find(|c: char| c.is_ascii_whitespace() || matches!(c, '/' | '>' | '='));
        let (name, tail) = rest.split_at(end.map_or(rest.len(), |end| from + end));
        let (value, tail) = value_of(tail);
        rest = tail;
        if is_plain(name) && written < ATTRIBUTES {
            written += 1;
            out.push_str(&format!(" {name}=\"{}\"", value.replace('"', "&quot;")));
        }
    }
}

/// The value after a name, empty if it has none, and what comes after.
fn value_of(text: &str) -> (&str, &str) {
    let Some(value) = text.trim_start().strip_prefix('=') else { return ("", text) };
    let value = value.trim_start();
    for quote in ['"', '\''] {
        if let Some(quoted) = value.strip_prefix(quote) {
            return quoted.split_once(quote).unwrap_or((quoted, ""));
        }
    }
    value.split_at(value.find(|c: char| c.is_ascii_whitespace() || c == '>').unwrap_or(value.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_anew() {
        let cases = [
            ("<p>a < b & c</p>", "<p>a &lt; b & c</p>"),
            ("<P CLASS=x title='a\"b>c' checked>t</P junk>", "<P CLASS=\"x\" title=\"a&quot;b>c\" checked=\"\">t</P>"),
            ("a<!-- <p b=\"--><i>c</i>", "a<i>c</i>"),
            ("<!doctype html><?xml?><![if x]>y<![endif]>", "y"),
            ("<style><!-- p > a {} --></STYLE>x", "<style></STYLE>x"),
            ("<script>if (a<b) \"</script>x", "<script></script>x"),
            ("<a href=http://x/y?a=b>z", "<a href=\"http://x/y?a=b\">z"),
            ("<a href = \"x\"b='y'>", "<a href=\"x\" b=\"y\">"),
            ("<b<i>", "&lt;b<i>"),
            ("<a ==\"x y\">", "<a>"),
            ("<p title=\"open", "<p title=\"open\">"),
            ("a</", "a&lt;/"),
            ("a<!-->b<!--->c<!-- x --!>d<!-- y -->e", "abcde"),
            ("<title><!--</title>a<iframe>b</iframe>c", "<title></title>a<iframe></iframe>c"),
        ];
        for (html, expected) in cases {
            assert_eq!(rewritten(html), expected, "{html}");
        }
    }

    #[test]
    fn bounded() {
        let many: String = (0..100_000).map(|n| format!(" a{n}=\">\" <b{n}")).collect();
        let tag = rewritten(&format!("<p{many}>"));
        assert_eq!(tag.matches('=').count(), ATTRIBUTES);
    }
}
