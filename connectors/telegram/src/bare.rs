//! A message read by its bones: who, when, whatever text it has, and each file in it. For messages whose kind or whose details
//! teloxide cannot read; a customer's message is shown with what could be read of it rather than not at all.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use switchboard_connector::{Person, Quote};
use teloxide_core::types::MessageId;

use crate::content::{Content, UNKNOWN_KIND};
use crate::files::Wanted;
use crate::read::Letter;

#[derive(Deserialize)]
struct BareUpdate {
    message: Option<Bare>,
    edited_message: Option<Bare>,
}

#[derive(Deserialize)]
struct Bare {
    message_id: i32,
    date: i64,
    edit_date: Option<i64>,
    chat: BareChat,
    text: Option<String>,
    caption: Option<String>,
    media_group_id: Option<String>,
    from: Option<BareUser>,
    #[serde(flatten)]
    rest: BTreeMap<String, Value>,
}

#[derive(Deserialize)]
struct BareChat {
    id: i64,
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Deserialize)]
struct BareUser {
    first_name: Option<String>,
    last_name: Option<String>,
    username: Option<String>,
    language_code: Option<String>,
}

#[derive(Deserialize)]
struct BareFile {
    file_id: String,
    file_name: Option<String>,
    file_size: Option<u64>,
}

#[derive(Deserialize)]
struct BareAnswered {
    message_id: i32,
    text: Option<String>,
    caption: Option<String>,
}

#[derive(Deserialize)]
struct BareQuote {
    text: String,
    #[serde(default)]
    is_manual: bool,
}

/// Messages of the service that nobody wrote: a pinned message, a timer, a permission.
const SERVICE: &[&str] = &[
    "pinned_message",
    "message_auto_delete_timer_changed",
    "write_access_allowed",
    "connected_website",
    "chat_background_set",
    "boost_added",
    "forum_topic_created",
    "forum_topic_edited",
    "forum_topic_closed",
    "forum_topic_reopened",
];

/// None: not a message, not in a private chat, or nobody wrote it.
pub(crate) fn read(update: &RawValue) -> Option<Letter> {
    let bare = match serde_json::from_str::<BareUpdate>(update.get()) {
        Ok(BareUpdate { message, edited_message }) => message.or(edited_message)?,
        Err(error) => {
            tracing::error!(%error, "an update has not even the bones of a message and is not read");
            return None;
        }
    };
    if bare.chat.kind != "private" || SERVICE.iter().any(|kind| bare.rest.contains_key(*kind)) {
        tracing::debug!(chat = bare.chat.id, "a message that no person wrote to the bot is not read");
        return None;
    }
    let files: Vec<Wanted> = bare.rest.iter().filter_map(|(kind, value)| file(kind, value, bare.message_id)).collect();
    let (answers, quote) = answered(&bare.rest);
    let mut text = bare.text.or(bare.caption).unwrap_or_default();
    if text.is_empty() && files.is_empty() {
        text = UNKNOWN_KIND.into();
    }
    Some(Letter {
        chat: bare.chat.id,
        id: MessageId(bare.message_id),
        date: bare.date,
        edited: bare.edit_date,
        person: person(bare.chat.id, bare.from?),
        album: bare.media_group_id,
        answers,
        quote,
        forwarded: None,
        content: Content { text, html: None, files },
    })
}

fn person(chat: i64, user: BareUser) -> Person {
    let name = [user.first_name, user.last_name].into_iter().flatten().collect::<Vec<_>>().join(" ");
    Person {
        key: chat.to_string(),
        address: user.username.map(|name| format!("@{name}")),
        name: Some(name).filter(|name| !name.trim().is_empty()),
        language: user.language_code,
    }
}

fn answered(rest: &BTreeMap<String, Value>) -> (Option<MessageId>, Option<Quote>) {
    let answered = rest.get("reply_to_message").and_then(|it| BareAnswered::deserialize(it).ok());
    let id = answered.as_ref().map(|answered| MessageId(answered.message_id));
    let quote = match rest.get("quote").and_then(|it| BareQuote::deserialize(it).ok()) {
        Some(BareQuote { text, is_manual: true }) => Some(Quote::Picked(text)),
        Some(BareQuote { text, is_manual: false }) => Some(Quote::Whole(text)),
        None => answered.and_then(|answered| answered.text.or(answered.caption)).map(Quote::Whole),
    };
    (id, quote)
}

/// A file stands in the message as an object with a `file_id`, a picture as a list of its sizes, the largest last.
fn file(kind: &str, value: &Value, message: i32) -> Option<Wanted> {
    let value = match value {
        Value::Array(sizes) => sizes.last()?,
        other => other,
    };
    let file: BareFile = BareFile::deserialize(value).ok()?;
    let name = file.file_name.unwrap_or_else(|| format!("{kind}-{message}"));
    Some(Wanted { id: file.file_id, name, bytes: file.file_size })
}
