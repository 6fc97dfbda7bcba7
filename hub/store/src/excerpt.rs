//! Why something was found: of a text, the part around the first word that was looked for, with such words marked.

use switchboard_protocol::rest::ExcerptPart;

use crate::words::{Wanted, places};

/// Longest part that is shown of a text, characters.
const EXCERPT_CHARS: usize = 160;
/// Of it, at most so many stand before the first word found, characters: a row of a list shows little more than a line.
const LEAD_CHARS: usize = 24;
/// Stands where the text goes on.
const CUT: &str = "…";

/// None if no word of the text is looked for.
pub(crate) fn excerpt(text: &str, wanted: &[Wanted]) -> Option<Vec<ExcerptPart>> {
    let mut hits =
        places(text).filter(|(_, word)| wanted.iter().any(|one| one.is(word))).map(|(place, _)| place).peekable();
    let first = hits.peek()?.start;
    let from = beginning(text, first);
    let to = text[from..].char_indices().nth(EXCERPT_CHARS).map_or(text.len(), |(length, _)| from + length);
    let mut parts = Parts(Vec::new());
    let mut done = from;
    parts.add(if from > 0 { CUT } else { "" }, false);
    for hit in hits.take_while(|hit| hit.start < to) {
        // Signs that fold into several words (½) are one place.
        if hit.start < done {
            continue;
        }
        let end = hit.end.min(to);
        parts.add(&text[done..hit.start], false);
        parts.add(&text[hit.start..end], true);
        done = end;
    }
    parts.add(&text[done..to], false);
    parts.add(if to < text.len() { CUT } else { "" }, false);
    Some(parts.0)
}

/// The whole text as one word found.
pub(crate) fn whole(text: &str) -> Vec<ExcerptPart> {
    vec![ExcerptPart { text: text.chars().take(EXCERPT_CHARS).collect(), found: true }]
}

/// Where the excerpt begins: with a word if one begins near before the place.
fn beginning(text: &str, place: usize) -> usize {
    let before = &text[..place];
    let Some((early, _)) = before.char_indices().rev().nth(LEAD_CHARS) else { return 0 };
    let blank = before[early..].char_indices().find(|(_, c)| c.is_whitespace());
    blank.map_or(early, |(at, c)| early + at + c.len_utf8())
}

struct Parts(Vec<ExcerptPart>);

impl Parts {
    fn add(&mut self, text: &str, found: bool) {
        match self.0.last_mut() {
            _ if text.is_empty() => {}
            Some(last) if last.found == found => last.text.push_str(text),
            _ => self.0.push(ExcerptPart { text: text.into(), found }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::wanted;

    /// As a line, with what was found in brackets.
    fn shown(text: &str, query: &str) -> Option<String> {
        let parts = excerpt(text, &wanted(query))?;
        Some(parts.iter().map(|part| if part.found { format!("[{}]", part.text) } else { part.text.clone() }).collect())
    }

    #[test]
    fn what_was_looked_for_is_marked_as_it_is_written() {
        for (text, query, line) in [
            ("Where is my parcel?", "PARC", "Where is my [parcel]?"),
            ("Hei fra Øyvind i A\u{30a}lesund.", "oyvind alesund", "Hei fra [Øyvind] i [A\u{30a}lesund]."),
            ("cafe\u{301}, please", "cafe", "[cafe\u{301}], please"),
            ("أين الدفع؟", "دفع", "أين [الدفع]؟"),
            ("田中さんにあげて", "田中", "[田中]さんにあげて"),
            ("½ or 1", "1", "[½] or [1]"),
            ("½ or 1", "1 2", "[½] or [1]"),
            ("1½ ½", "2 1", "1[½] [½]"),
            ("order SB-4711", "sb-4711", "order [SB]-[4711]"),
        ] {
            assert_eq!(shown(text, query).as_deref(), Some(line), "{query:?}");
        }
        assert_eq!(shown("Where is my parcel?", "lamp"), None);
        assert_eq!(shown("", "lamp"), None);
    }

    proptest::proptest! {
        /// Signs that become several words, several signs that become one, signs without a word.
        #[test]
        fn it_is_a_piece_of_the_text_whatever_that_is(
            text in "(\\PC{0,200}|[12a½ .]{0,60}|[12a½⅓ﷺéßİ\u{301}\u{200d}👩🏽 .\\x00\\n-]{0,300})",
            query in "[12a½é ]{1,6}",
        ) {
            if let Some(parts) = excerpt(&text, &wanted(&query)) {
                let line: String = parts.iter().map(|part| part.text.as_str()).collect();
                let piece = line.strip_prefix(CUT).filter(|_| !text.starts_with(&line)).unwrap_or(&line);
                let piece = piece.strip_suffix(CUT).filter(|_| !text.ends_with(piece)).unwrap_or(piece);
                proptest::prop_assert!(text.contains(piece), "{line:?} of {text:?}");
                proptest::prop_assert!(parts.iter().any(|part| part.found));
            }
        }
    }

    #[test]
    fn of_a_long_text_it_is_the_part_around_the_first_word() {
        let long = format!("{}the blue lamp {}lamp", "once upon a time ".repeat(100), "and so on ".repeat(100));
        let line = shown(&long, "lamp").unwrap();
        assert!(line.starts_with("…upon a time the blue [lamp] and so on"), "{line}");
        assert!(line.ends_with('…') && line.matches('[').count() == 1, "{line}");
        assert!(line.chars().count() <= EXCERPT_CHARS + 4, "{line}");
        let solid = format!("{}lamp{}", "田".repeat(500), "x".repeat(500));
        let line = shown(&solid, "lamp").unwrap();
        assert!(line.chars().count() <= EXCERPT_CHARS + 4, "{line}");
    }
}
