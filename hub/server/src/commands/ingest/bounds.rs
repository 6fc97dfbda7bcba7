//! How much is kept of what strangers send. All of it is cut to fit and nothing refused for being too long.

use switchboard_connector::{Incoming, limits as carried};
use switchboard_domain::validate;
use switchboard_protocol::{UnixMs, limits};

use crate::secret;

/// Longest of the names that a channel has for a message or person that is kept as it is, bytes: an index has no room for
/// much more. Of a longer one its hash is.
const NAME_BYTES: usize = 500;
/// No message is older, whatever its provider's clock says: 2000-01-01.
const OLDEST_MS: UnixMs = 946_684_800_000;

/// When it was written, for those who read it: its channel's word, unless that cannot be.
pub fn written_at(said: UnixMs, now: UnixMs) -> UnixMs {
    if (OLDEST_MS..=now).contains(&said) { said } else { now }
}

/// A key that fits its column; of a longer one its hash, which is as much its own.
pub fn bounded_key(key: &str) -> String {
    if key.chars().count() <= Incoming::KEY_CHARS && !key.contains('\0') {
        return key.to_owned();
    }
    format!("sha256:{}", secret::hash(key))
}

/// One line of at most so many characters, with nothing in it that is not to be seen.
pub fn bounded(text: &str, chars: usize) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    line.trim().chars().take(chars).collect()
}

pub fn bounded_references(names: &[String]) -> Vec<String> {
    names.iter().take(carried::REFERENCES).map(|name| bounded_name(name)).filter(|name| !name.is_empty()).collect()
}

/// A name by which a channel knows a message or a person, as it fits an index.
pub fn bounded_name(name: &str) -> String {
    let name = bounded(name, usize::MAX);
    if name.len() <= NAME_BYTES { name } else { format!("sha256:{}", secret::hash(&name)) }
}

/// The text as a message has it, and the whole of it if that is more.
pub fn bounded_text(text: String) -> (String, Option<String>) {
    let text = validate::message_text(text);
    match text.char_indices().nth(limits::MESSAGE_TEXT_CHARS) {
        Some((end, _)) => (text[..end].to_owned(), Some(bounded_body(text))),
        None => (text, None),
    }
}

pub fn bounded_body(mut text: String) -> String {
    let mut end = text.len().min(carried::BODY_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
    validate::message_text(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_keys_stay_apart() {
        let long = "x".repeat(Incoming::KEY_CHARS + 1);
        assert_eq!(bounded_key("<a@b>"), "<a@b>");
        assert!(bounded_key(&long).chars().count() <= Incoming::KEY_CHARS);
        assert_ne!(bounded_key(&long), bounded_key(&format!("{long}y")));
    }

    #[test]
    fn a_time_that_cannot_be_is_now() {
        let now = 1_700_000_000_000;
        for (said, is) in [(now - 1, now - 1), (now, now), (now + 1, now), (0, now), (-5, now), (OLDEST_MS, OLDEST_MS)]
        {
            assert_eq!(written_at(said, now), is);
        }
    }
}
