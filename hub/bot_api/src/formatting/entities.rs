//! A list of entities ("MessageEntity"), as a bot gives it in place of a `parse_mode`.

use serde_json::Value;
use switchboard_protocol::bots::{Format, FormatKind};

use super::links;
use super::out::Out;
use crate::answer::Refusal;
use crate::{request, units};

/// Largest offset and length, UTF-16 code units: what is beyond is a mistake in any text.
const MOST: i64 = 1_000_000;

/// All that the Bot API knows.
const KINDS: [&str; 19] = [
    "mention",
    "hashtag",
    "cashtag",
    "bot_command",
    "url",
    "email",
    "phone_number",
    "bold",
    "italic",
    "underline",
    "strikethrough",
    "spoiler",
    "blockquote",
    "expandable_blockquote",
    "code",
    "pre",
    "text_link",
    "text_mention",
    "custom_emoji",
];

pub(super) fn read(text: &str, entities: Option<&Value>) -> Result<Out, Refusal> {
    let mut out = Out { text: text.to_owned(), units: units::length(text), formats: Vec::new() };
    // Anything but a list is nothing, as there.
    let Some(Value::Array(entities)) = entities else { return Ok(out) };
    for entity in entities {
        if let Some(format) = one(text, out.units, entity)? {
            out.formats.push(format);
        }
    }
    Ok(out)
}

fn one(text: &str, most: u32, entity: &Value) -> Result<Option<Format>, Refusal> {
    let unread = |why: &str| Refusal::bad(format_args!("can't parse MessageEntity: {why}"));
    if !entity.is_object() {
        return Err(unread("expected an Object"));
    }
    let missing = |name: &str| unread(&format!("Can't find field \"{name}\""));
    let number = |name: &str| request::number(&entity[name]).ok_or_else(|| missing(name));
    let (offset, length) = (number("offset")?, number("length")?);
    let kind = entity["type"].as_str().ok_or_else(|| missing("type"))?;
    if !KINDS.contains(&kind) {
        return Err(unread("Unsupported type specified"));
    }
    for (name, value) in [("offset", offset), ("length", length)] {
        if !(0..=MOST).contains(&value) {
            return Err(Refusal::bad(format_args!("receive an entity with incorrect {name} {value}")));
        }
    }
    let (offset, length) = (u32::try_from(offset).unwrap_or_default(), u32::try_from(length).unwrap_or_default());
    if length == 0 {
        return Ok(None);
    }
    placed(text, most, offset, length)?;
    let Some(kind) = kind_of(kind) else { return Ok(None) };
    let url = match kind {
        FormatKind::Link => {
            let given = entity["url"].as_str().ok_or_else(|| missing("url"))?;
            let wrong = |why| Refusal::bad(format_args!("entity URL '{given}' is invalid: {why}"));
            match links::check(given).map_err(wrong)? {
                Some(url) => Some(url),
                None => return Ok(None),
            }
        }
        _ => None,
    };
    Ok(Some(Format { kind, offset, length, url }))
}

/// Refuses what does not lie on characters of the text.
fn placed(text: &str, most: u32, offset: u32, length: u32) -> Result<(), Refusal> {
    let end = offset + length;
    if offset >= most {
        return Err(Refusal::bad(format_args!("entity begins after the end of the text at UTF-16 offset {offset}")));
    }
    if end > most {
        return Err(Refusal::bad(format_args!(
            "entity beginning at UTF-16 offset {offset} ends after the end of the text at UTF-16 offset {end}"
        )));
    }
    if units::byte_at(text, offset).is_none() {
        return Err(Refusal::bad(format_args!(
            "entity begins in a middle of a UTF-16 symbol at UTF-16 offset {offset}"
        )));
    }
    if units::byte_at(text, end).is_none() {
        return Err(Refusal::bad(format_args!(
            "entity beginning at UTF-16 offset {offset} ends in a middle of a UTF-16 symbol at UTF-16 offset {end}"
        )));
    }
    Ok(())
}

/// None: it has no mark here.
fn kind_of(name: &str) -> Option<FormatKind> {
    Some(match name {
        "bold" => FormatKind::Bold,
        "italic" => FormatKind::Italic,
        "underline" => FormatKind::Underline,
        "strikethrough" => FormatKind::Strikethrough,
        "spoiler" => FormatKind::Spoiler,
        "code" => FormatKind::Code,
        "pre" => FormatKind::Pre,
        "blockquote" | "expandable_blockquote" => FormatKind::Quote,
        "text_link" => FormatKind::Link,
        _ => return None,
    })
}
