//! Telegram's formatting as HTML: a text and marks upon it ("MessageEntity") become elements. All text is escaped and only
//! these elements are made, so that the result is clean by construction.

use std::fmt::Write;
use std::ops::Range;

use teloxide_core::types::{MessageEntity, MessageEntityKind as Kind};

/// None: the text says it all.
pub(crate) fn html(text: &str, entities: &[MessageEntity]) -> Option<String> {
    let marks: Vec<(Range<usize>, Tag)> =
        entities.iter().filter_map(|entity| Some((range(text, entity)?, tag(&entity.kind)?))).collect();
    if marks.is_empty() {
        return None;
    }
    let mut cuts: Vec<usize> =
        marks.iter().flat_map(|(range, _)| [range.start, range.end]).chain([0, text.len()]).collect();
    cuts.sort_unstable();
    cuts.dedup();
    let mut html = String::with_capacity(text.len() * 2);
    for piece in cuts.windows(2) {
        let [start, end] = [piece[0], piece[1]];
        // The same order for each piece, so that elements that a piece has in common with the next nest alike.
        let over: Vec<&Tag> =
            marks.iter().filter(|(range, _)| range.start <= start && end <= range.end).map(|(_, tag)| tag).collect();
        for tag in &over {
            html.push_str(&tag.open);
        }
        html.push_str(&escape(&text[start..end]).replace('\n', "<br>"));
        for tag in over.iter().rev() {
            let _ = write!(html, "</{}>", tag.name);
        }
    }
    Some(html)
}

pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

struct Tag {
    name: &'static str,
    open: String,
}

fn tag(kind: &Kind) -> Option<Tag> {
    let name = match kind {
        Kind::Bold => "b",
        Kind::Italic => "i",
        Kind::Underline => "u",
        Kind::Strikethrough => "s",
        Kind::Code => "code",
        Kind::Pre { .. } => "pre",
        Kind::Blockquote | Kind::ExpandableBlockquote => "blockquote",
        Kind::TextLink { url } if matches!(url.scheme(), "http" | "https" | "mailto" | "tel") => {
            return Some(Tag { name: "a", open: format!("<a href=\"{}\">", escape(url.as_str())) });
        }
        // The text shows by itself what these are.
        _ => return None,
    };
    Some(Tag { name, open: format!("<{name}>") })
}

/// Bytes for UTF-16 units; none if the units do not lie on characters of the text.
fn range(text: &str, entity: &MessageEntity) -> Option<Range<usize>> {
    let start = byte_of(text, entity.offset)?;
    let end = byte_of(text, entity.offset.checked_add(entity.length)?)?;
    (start < end).then_some(start..end)
}

fn byte_of(text: &str, unit: usize) -> Option<usize> {
    let mut units = 0;
    for (byte, character) in text.char_indices() {
        if units == unit {
            return Some(byte);
        }
        units += character.len_utf16();
    }
    (units == unit).then_some(text.len())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Marks come from outside: wherever they lie, nothing breaks, and the text between the elements is the text.
        #[test]
        fn wherever_marks_lie_the_text_stays_what_it_was(
            text in "[a-z<>&\"😀é\n]{0,20}",
            marks in prop::collection::vec((0usize..25, 0usize..25, 0usize..4), 0..6),
        ) {
            let kinds = [Kind::Bold, Kind::Italic, Kind::Pre { language: None }, Kind::Hashtag];
            let marks: Vec<MessageEntity> =
                marks.into_iter().map(|(at, long, kind)| MessageEntity::new(kinds[kind].clone(), at, long)).collect();
            if let Some(mut html) = html(&text, &marks) {
                for tag in ["<b>", "</b>", "<i>", "</i>", "<pre>", "</pre>"] {
                    html = html.replace(tag, "");
                }
                prop_assert_eq!(html, escape(&text).replace('\n', "<br>"));
            }
        }
    }
}
