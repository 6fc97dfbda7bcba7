//! "MessageEntity" of a text: what it is set in, and what stands in it that libraries look for, above all commands.

use serde_json::{Value, json};
use switchboard_protocol::bots::{Format, FormatKind};

use crate::units;

/// Longest name of a command, characters ("BotCommand" has 32; in a text Telegram finds these).
const COMMAND_CHARS: usize = 64;

/// All of a text, in order.
pub(super) fn entities(text: &str, formats: &[Format]) -> Vec<Value> {
    let told = formats.iter().map(|format| (format.offset, format.length, kind(format.kind), format.url.as_deref()));
    let mut told: Vec<_> = told.collect();
    // Code and links are what they are.
    let covered = |offset: u32, length: u32| {
        let whole = formats
            .iter()
            .filter(|format| matches!(format.kind, FormatKind::Code | FormatKind::Pre | FormatKind::Link));
        whole.into_iter().any(|format| offset < format.offset + format.length && format.offset < offset + length)
    };
    told.extend(found(text).into_iter().filter(|(offset, length, ..)| !covered(*offset, *length)));
    told.sort_by_key(|(offset, length, ..)| (*offset, std::cmp::Reverse(*length)));
    told.into_iter()
        .map(|(offset, length, kind, url)| {
            let mut entity = json!({ "type": kind, "offset": offset, "length": length });
            if let Some(url) = url {
                entity["url"] = json!(url);
            }
            entity
        })
        .collect()
}

fn kind(kind: FormatKind) -> &'static str {
    match kind {
        FormatKind::Bold => "bold",
        FormatKind::Italic => "italic",
        FormatKind::Underline => "underline",
        FormatKind::Strikethrough => "strikethrough",
        FormatKind::Spoiler => "spoiler",
        FormatKind::Code => "code",
        FormatKind::Pre => "pre",
        FormatKind::Quote => "blockquote",
        FormatKind::Link => "text_link",
    }
}

type Found = (u32, u32, &'static str, Option<&'static str>);

/// Commands, addresses of sites and of mail: a word each.
fn found(text: &str) -> Vec<Found> {
    let mut found = Vec::new();
    let mut offset = 0;
    for word in text.split_inclusive(char::is_whitespace) {
        let bare = word.trim_end();
        let opened = bare.trim_start_matches(['(', '[', '{', '"', '\'', '<', '«', '„', '“']);
        let closed =
            opened.trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']', '}', '"', '\'', '>', '»', '”', '“', '…']);
        let kind = if command(bare).is_some() {
            command(bare).map(|command| (bare, command, "bot_command"))
        } else if site(closed) {
            Some((opened, closed, "url"))
        } else if mail(closed) {
            Some((opened, closed, "email"))
        } else {
            None
        };
        if let Some((from, part, kind)) = kind {
            let before = units::length(bare) - units::length(from);
            found.push((offset + before, units::length(part), kind, None));
        }
        offset += units::length(word);
    }
    found
}

/// `/command` or `/command@bot`, at the beginning of a word.
fn command(word: &str) -> Option<&str> {
    let of_a_name = |character: char| character.is_ascii_alphanumeric() || character == '_';
    let rest = word.strip_prefix('/')?;
    let name = rest.find(|character| !of_a_name(character)).unwrap_or(rest.len());
    if !(1..=COMMAND_CHARS).contains(&name) {
        return None;
    }
    let mut end = 1 + name;
    if let Some(bot) = rest[name..].strip_prefix('@') {
        let bot = bot.find(|character| !of_a_name(character)).unwrap_or(bot.len());
        if bot > 0 {
            end += 1 + bot;
        }
    }
    // A path is no command.
    let next = word[end..].chars().next();
    (!next.is_some_and(|next| matches!(next, '/' | '<' | '>') || next.is_alphanumeric())).then(|| &word[..end])
}

fn site(word: &str) -> bool {
    let lower = word.get(..8).unwrap_or(word).to_ascii_lowercase();
    let rest = lower.strip_prefix("https://").or_else(|| lower.strip_prefix("http://"));
    rest.is_some() && word.len() > "https://".len() && url::Url::parse(word).is_ok()
}

fn mail(word: &str) -> bool {
    let Some((name, host)) = word.split_once('@') else { return false };
    let of_a_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'+' | b'%');
    let of_a_host = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
    let parts = host.split('.').collect::<Vec<_>>();
    !name.is_empty()
        && name.bytes().all(of_a_name)
        && host.bytes().all(of_a_host)
        && parts.len() > 1
        && parts.iter().all(|part| !part.is_empty())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Vec<(String, String)> {
        let at = |unit| units::byte_at(text, unit).unwrap();
        let found = found(text).into_iter();
        found
            .map(|(offset, length, kind, _)| (kind.to_owned(), text[at(offset)..at(offset + length)].to_owned()))
            .collect()
    }

    #[test]
    fn commands_and_addresses_are_found() {
        let expected = [
            ("bot_command", "/start"),
            ("bot_command", "/help@the_bot"),
            ("url", "https://example.com/a?b"),
            ("email", "an@example.com"),
        ]
        .map(|(kind, text)| (kind.to_owned(), text.to_owned()));
        assert_eq!(read("/start 😀 /help@the_bot, (https://example.com/a?b). <an@example.com>"), expected);
        assert_eq!(read("a/b /usr/bin 1/2 @name x@y https:// /ä / //x"), []);
    }

    #[test]
    fn code_is_not_looked_into() {
        let code = Format { kind: FormatKind::Code, offset: 0, length: 6, url: None };
        let told = entities("/start /stop", &[code]);
        assert_eq!(told[0]["type"], "code");
        assert_eq!((&told[1]["type"], &told[1]["offset"]), (&json!("bot_command"), &json!(7)));
        assert_eq!(told.len(), 2);
    }

    proptest! {
        #[test]
        fn whatever_stands_there_parts_lie_in_it(text in "[a-z /@.:😀é<>\\n]{0,60}") {
            for (_, part) in read(&text) {
                prop_assert!(!part.is_empty());
            }
        }
    }
}
