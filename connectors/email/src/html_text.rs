//! The text of sanitised HTML: for mails that come without a plain part.
//!
//! What was quoted comes out as mail programs quote in plain text, each line after `> `, so that it can be folded. Links
//! keep their words alone: the HTML is shown beside.

/// Quotes in quotes that are told apart.
const DEPTH: usize = 10;

/// `html` is what [`crate::html::sanitise`] gave: well-formed, each `<` begins a tag.
pub(crate) fn text_of(html: &str) -> String {
    let mut page = Page::default();
    let mut rest = html;
    while let Some(open) = rest.find('<') {
        page.text(&rest[..open]);
        rest = &rest[open + 1..];
        let end = tag_end(rest);
        page.tag(&rest[..end]);
        rest = rest.get(end + 1..).unwrap_or_default();
    }
    page.text(rest);
    page.finish()
}

/// Where the tag ends: at a `>` outside of quotes.
fn tag_end(tag: &str) -> usize {
    let mut quoted = false;
    let end = tag.bytes().position(|byte| {
        quoted ^= byte == b'"';
        byte == b'>' && !quoted
    });
    end.unwrap_or(tag.len())
}

#[derive(Default)]
struct Page {
    out: String,
    line: String,
    /// A space is due before the next word.
    space: bool,
    /// Lines that are empty at the end of `out`.
    empty: usize,
    quotes: usize,
    pre: usize,
}

impl Page {
    fn text(&mut self, coded: &str) {
        if coded.is_empty() {
            return;
        }
        let text = coded.replace("&nbsp;", " ").replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
        for c in text.replace("&amp;", "&").chars() {
            if self.pre > 0 && c == '\n' {
                self.end_line();
            } else if self.pre == 0 && (c.is_ascii_whitespace() || c == '\u{a0}') {
                self.space = true;
            } else if c != '\u{200b}' {
                if self.space && !self.line.is_empty() {
                    self.line.push(' ');
                }
                self.space = false;
                self.line.push(c);
            }
        }
    }

    fn tag(&mut self, tag: &str) {
        let (closes, tag) = tag.strip_prefix('/').map_or((false, tag), |rest| (true, rest));
        match tag.split([' ', '/']).next().unwrap_or_default() {
            "br" => self.end_line(),
            "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "table" | "ul" | "ol" | "dl" => self.paragraph(),
            "blockquote" if closes => {
                self.block();
                self.quotes = self.quotes.saturating_sub(1);
                self.paragraph();
            }
            "blockquote" => {
                self.paragraph();
                self.quotes += 1;
            }
            "pre" => {
                self.block();
                self.pre = if closes { self.pre.saturating_sub(1) } else { self.pre + 1 };
            }
            "li" if !closes => {
                self.block();
                self.line.push_str("- ");
            }
            "hr" => {
                self.block();
                self.line.push_str("________________________________");
                self.end_line();
            }
            "td" | "th" => self.space = true,
            "div" | "tr" | "li" | "dt" | "dd" | "section" | "article" | "header" | "footer" | "main" | "aside"
            | "nav" | "center" | "address" | "figure" | "figcaption" | "caption" => self.block(),
            _ => {}
        }
    }

    /// What comes next begins a line.
    fn block(&mut self) {
        if !self.line.is_empty() {
            self.end_line();
        }
        self.space = false;
    }

    /// What comes next begins a line after an empty one.
    fn paragraph(&mut self) {
        self.block();
        if self.empty == 0 {
            self.end_line();
        }
    }

    fn end_line(&mut self) {
        let line = self.line.trim_end();
        self.empty = if line.is_empty() { self.empty + 1 } else { 0 };
        // One empty line says all that more of them say.
        if self.empty < 2 && !(self.out.is_empty() && line.is_empty()) {
            for _ in 0..self.quotes.min(DEPTH) {
                self.out.push_str("> ");
            }
            self.out.push_str(line);
            self.out.truncate(self.out.trim_end_matches(' ').len());
            self.out.push('\n');
        }
        self.line.clear();
        self.space = false;
    }

    fn finish(mut self) -> String {
        self.block();
        self.out.truncate(self.out.trim_end().len());
        self.out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::html::sanitise;

    #[test]
    fn as_it_would_be_read_aloud() {
        let cases = [
            ("Hello<br>World", "Hello\nWorld"),
            ("<p>One</p><p>Two &amp; &lt;three&gt;</p>", "One\n\nTwo & <three>"),
            ("<div>One</div><div><br></div><div>Two</div>", "One\n\nTwo"),
            ("<ul><li>a</li><li>b</li></ul>", "- a\n- b"),
            ("<table><tr><td>Name</td><td>Ann</td></tr><tr><td>Age</td><td>3</td></tr></table>", "Name Ann\nAge 3"),
            ("new<blockquote>old<br>older</blockquote>", "new\n\n> old\n> older"),
            ("<pre>a\n  b</pre>", "a\n  b"),
            ("  spread \n over   lines ", "spread over lines"),
            ("<a href=\"https://x.example/?a>b\" title=\"a > b\">x</a>y", "xy"),
        ];
        for (html, text) in cases {
            assert_eq!(text_of(&sanitise(html).unwrap_or_default()), text, "{html}");
        }
    }
}
