//! What the hub has, as the objects of the Bot API ("Available types", "Getting updates").
//!
//! A chat is a conversation, and its one other member the customer: both have the conversation's number. A message has its
//! number in it. Everything that the house has written comes from the bot, as customers see one counterpart and bots know of
//! no agents.

mod marks;
mod media;

use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use switchboard_protocol::model::{Attachment, Conversation, Message, MessageKind};
use switchboard_protocol::{Number, Position, UnixMs};

pub use media::{file, file_id_of_path};

/// The bot itself.
#[derive(Debug, Clone, Copy)]
pub struct Me<'a> {
    pub number: Number,
    pub name: &'a str,
    pub username: &'a str,
}

/// A conversation, as one bot sees it.
#[derive(Debug, Clone, Copy)]
pub struct Talk<'a> {
    pub conversation: &'a Conversation,
    /// None: they have not said.
    pub contact_name: Option<&'a str>,
    pub me: Me<'a>,
}

/// What is told with a message and not kept in it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Beside<'a> {
    /// The message that it answers.
    pub answered: Option<&'a Message>,
    /// The `reply_markup` as the bot gave it: of a keyboard the message itself keeps only what the customer sees.
    pub markup: Option<&'a Value>,
}

/// Kinds of updates that there are here ("allowed_updates").
pub const KINDS: [&str; 4] = ["message", "edited_message", "callback_query", "my_chat_member"];

/// "User": the bot.
pub fn bot(me: Me<'_>) -> Value {
    json!({ "id": me.number, "is_bot": true, "first_name": me.name, "username": me.username })
}

/// "User" as getMe gives it: groups, inline queries, businesses and web apps are not here.
pub fn get_me(me: Me<'_>) -> Value {
    let mut user = bot(me);
    for no in [
        "can_join_groups",
        "can_read_all_group_messages",
        "supports_inline_queries",
        "can_connect_to_business",
        "has_main_web_app",
        "has_topics_enabled",
        "allows_users_to_create_topics",
    ] {
        user[no] = json!(false);
    }
    user
}

/// "User": the customer.
pub fn user(talk: &Talk<'_>) -> Value {
    let mut user = json!({ "id": talk.conversation.number, "is_bot": false, "first_name": name(talk) });
    if let Some(language) = &talk.conversation.language {
        user["language_code"] = json!(language);
    }
    user
}

/// "Chat".
pub fn chat(talk: &Talk<'_>) -> Value {
    json!({ "id": talk.conversation.number, "type": "private", "first_name": name(talk) })
}

/// "ChatFullInfo", with the fields that libraries insist on.
pub fn full_chat(talk: &Talk<'_>) -> Value {
    let mut chat = chat(talk);
    chat["accent_color_id"] = json!(0);
    chat["max_reaction_count"] = json!(0);
    chat["accepted_gift_types"] = json!({
        "unlimited_gifts": false,
        "limited_gifts": false,
        "unique_gifts": false,
        "premium_subscription": false,
        "gifts_from_channels": false,
    });
    chat
}

/// What pages show of somebody without a name.
fn name(talk: &Talk<'_>) -> String {
    match talk.contact_name.map(str::trim).filter(|name| !name.is_empty()) {
        Some(name) => name.to_owned(),
        None => format!("Visitor {}", talk.conversation.number),
    }
}

/// "Message".
pub fn message(talk: &Talk<'_>, message: &Message, beside: Beside<'_>) -> Value {
    let mut told = bare(talk, message);
    // What an answered message answers is not told ("reply_to_message").
    if let Some(answered) = beside.answered {
        told.insert("reply_to_message".into(), Value::Object(bare(talk, answered)));
    }
    // Only of these a message tells ("reply_markup").
    if let Some(rows) = beside.markup.and_then(|markup| markup.get("inline_keyboard")) {
        told.insert("reply_markup".into(), json!({ "inline_keyboard": rows }));
    }
    Value::Object(told)
}

fn bare(talk: &Talk<'_>, message: &Message) -> Map<String, Value> {
    let incoming = message.kind == MessageKind::In;
    let mut told = Map::new();
    let mut tell = |name: &str, value: Value| told.insert(name.to_owned(), value);
    tell("message_id", json!(message.number));
    tell("from", if incoming { user(talk) } else { bot(talk.me) });
    tell("chat", chat(talk));
    tell("date", seconds(message.at));
    if let Some(at) = message.edited_at {
        tell("edit_date", seconds(at));
    }
    let formats = message.rich.as_ref().map(|rich| rich.formats.as_slice()).unwrap_or_default();
    let marks = marks::entities(&message.text, formats);
    let (text, entities) = match message.attachments.as_slice() {
        [] => ("text", "entities"),
        attachments => {
            for (name, value) in media::of(attachments) {
                tell(name, value);
            }
            ("caption", "caption_entities")
        }
    };
    if text == "text" || !message.text.is_empty() {
        tell(text, json!(message.text));
    }
    if !marks.is_empty() {
        tell(entities, json!(marks));
    }
    told
}

fn seconds(at: UnixMs) -> Value {
    json!(at.div_euclid(1_000))
}

/// An update's fields without its `update_id`: somebody wrote.
pub fn update_message(talk: &Talk<'_>, written: &Message, answered: Option<&Message>) -> Value {
    json!({ "message": message(talk, written, Beside { answered, markup: None }) })
}

/// The customer has changed what they wrote.
pub fn update_edited(talk: &Talk<'_>, written: &Message, answered: Option<&Message>) -> Value {
    let mut told = message(talk, written, Beside { answered, markup: None });
    // Libraries take it for given here.
    if told.get("edit_date").is_none() {
        told["edit_date"] = told["date"].clone();
    }
    json!({ "edited_message": told })
}

/// "CallbackQuery": the customer has pressed a button under this message.
pub fn update_callback(talk: &Talk<'_>, id: &str, pressed: &Message, markup: Option<&Value>, data: &str) -> Value {
    let pressed = message(talk, pressed, Beside { answered: None, markup });
    json!({ "callback_query": {
        "id": id,
        "from": user(talk),
        "message": pressed,
        "chat_instance": talk.conversation.number.to_string(),
        "data": data,
    }})
}

/// "ChatMemberUpdated": whether the bot may write. An agent who blocks it is told as the customer would be.
pub fn update_my_chat_member(talk: &Talk<'_>, at: UnixMs, blocked: bool) -> Value {
    let me = bot(talk.me);
    let member = json!({ "user": me, "status": "member" });
    let kicked = json!({ "user": me, "status": "kicked", "until_date": 0 });
    let (old, new) = if blocked { (member, kicked) } else { (kicked, member) };
    json!({ "my_chat_member": {
        "chat": chat(talk),
        "from": user(talk),
        "date": seconds(at),
        "old_chat_member": old,
        "new_chat_member": new,
    }})
}

/// An "Update", of its number and its other fields.
pub fn update(id: Position, fields: &RawValue) -> String {
    let fields = fields.get().trim().trim_start_matches('{').trim_start();
    let comma = if fields == "}" { "" } else { "," };
    format!("{{\"update_id\":{id}{comma}{fields}")
}

/// The answer of getUpdates. The updates are in the store as they go out, and are not taken apart again.
pub fn updates(updates: &[(Position, Box<RawValue>)]) -> String {
    let updates: Vec<String> = updates.iter().map(|(id, fields)| update(*id, fields)).collect();
    format!("{{\"ok\":true,\"result\":[{}]}}", updates.join(","))
}

/// A file as it is told of with a message ("Document").
pub fn document(attachment: &Attachment) -> Value {
    media::document(attachment)
}

#[cfg(test)]
mod tests;
