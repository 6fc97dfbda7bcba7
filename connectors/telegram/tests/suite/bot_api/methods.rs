//! Methods that send, and those about the bot and its files.

use std::sync::Arc;

use serde_json::{Value, json};

use super::http::{Outcome, Params, Refusal, refuse};
use super::{BOT, Sent, State, World, bot};

/// Largest file that getFile gives.
const FILE_BYTES: usize = 20 * 1024 * 1024;

pub fn get_me() -> Value {
    let mut me = bot();
    for (name, value) in [
        ("can_join_groups", true),
        ("can_read_all_group_messages", false),
        ("supports_inline_queries", false),
        ("can_connect_to_business", false),
        ("has_main_web_app", false),
    ] {
        me[name] = json!(value);
    }
    me
}

pub fn get_file(state: &Arc<State>, params: &Params) -> Outcome {
    let world = state.world.lock();
    let id = params.text("file_id").unwrap_or_default();
    let (path, bytes) = world
        .files
        .get(&id)
        .ok_or_else(|| refuse(400, "Bad Request: wrong file_id or the file is temporarily unavailable"))?;
    if bytes.len() > FILE_BYTES {
        return Err(refuse(400, "Bad Request: file is too big"));
    }
    Ok(json!({"file_id": id, "file_unique_id": format!("U{id}"), "file_size": bytes.len(), "file_path": path}))
}

pub fn send(state: &Arc<State>, method: &str, params: &Params) -> Outcome {
    let mut world = state.world.lock();
    let chat = params.int("chat_id").ok_or_else(|| refuse(400, "Bad Request: chat_id is empty"))?;
    let known = world.chat(chat).ok_or_else(|| refuse(400, "Bad Request: chat not found"))?;
    if world.blocked.contains(&chat) {
        return Err(refuse(403, "Forbidden: bot was blocked by the user"));
    }
    if method == "sendchataction" {
        return Ok(json!(true));
    }
    if let Some(seconds) = world.flooded.get(&chat).copied() {
        let description = format!("Too Many Requests: retry after {seconds}");
        return Err(Refusal { code: 429, description, retry_after: Some(seconds) });
    }
    let reply = reply(&world, chat, params)?;
    let mut base = json!({"from": bot(), "chat": known});
    if let Some(reply) = reply {
        base["reply_to_message"] = reply;
    }
    let sent = match method {
        "sendmessage" => vec![text(base, params)?],
        "sendphoto" => vec![photo(
            &mut world,
            base,
            params.file("photo"),
            caption(params.text("caption"), params.json("caption_entities"))?,
        )?],
        "senddocument" => vec![document(
            &mut world,
            base,
            params.file("document"),
            caption(params.text("caption"), params.json("caption_entities"))?,
        )?],
        _ => album(&mut world, &base, params)?,
    };
    let mut messages = Vec::new();
    for (mut message, file) in sent {
        message["message_id"] = json!(world.next_message());
        message["date"] = json!(world.tick());
        messages.push(message.clone());
        world.sent.push(Sent { method: method.to_owned(), message, file });
    }
    state.sent.notify_waiters();
    Ok(if method == "sendmediagroup" { Value::Array(messages) } else { messages.remove(0) })
}

type Made = (Value, Option<(String, String, Vec<u8>)>);

fn reply(world: &World, chat: i64, params: &Params) -> Result<Option<Value>, Refusal> {
    let Some(reply) = params.json("reply_parameters") else { return Ok(None) };
    let id = reply["message_id"].as_i64().ok_or_else(|| refuse(400, "Bad Request: can't parse reply parameters"))?;
    let known = 0 < id && id <= i64::from(world.last_message);
    if known {
        let chat = world.chat(chat);
        return Ok(Some(json!({"message_id": id, "date": world.clock, "chat": chat, "text": "the answered message"})));
    }
    if reply["allow_sending_without_reply"] == json!(true) {
        Ok(None)
    } else {
        Err(refuse(400, "Bad Request: message to be replied not found"))
    }
}

fn text(mut message: Value, params: &Params) -> Result<Made, Refusal> {
    let text = params.text("text").unwrap_or_default();
    if text.trim().is_empty() {
        return Err(refuse(400, "Bad Request: message text is empty"));
    }
    if text.encode_utf16().count() > 4096 {
        return Err(refuse(400, "Bad Request: message is too long"));
    }
    message["text"] = json!(text);
    if let Some(entities) = entities(&text, params.json("entities"))? {
        message["entities"] = entities;
    }
    Ok((message, None))
}

/// The server drops marks that lie outside of the text, and refuses what is no list of marks.
fn entities(text: &str, entities: Option<Value>) -> Result<Option<Value>, Refusal> {
    let Some(entities) = entities else { return Ok(None) };
    let list =
        entities.as_array().ok_or_else(|| refuse(400, "Bad Request: can't parse entities: expected an Array"))?;
    let length = text.encode_utf16().count() as u64;
    let inside = |mark: &&Value| {
        mark["offset"].as_u64().zip(mark["length"].as_u64()).is_some_and(|(at, long)| at + long <= length)
    };
    let kept: Vec<Value> = list.iter().filter(inside).cloned().collect();
    Ok((!kept.is_empty()).then_some(Value::Array(kept)))
}

fn caption(caption: Option<String>, marks: Option<Value>) -> Result<Option<(String, Option<Value>)>, Refusal> {
    let Some(caption) = caption.filter(|caption| !caption.is_empty()) else { return Ok(None) };
    if caption.encode_utf16().count() > 1024 {
        return Err(refuse(400, "Bad Request: message caption is too long"));
    }
    let marks = entities(&caption, marks)?;
    Ok(Some((caption, marks)))
}

fn put_caption(message: &mut Value, caption: Option<(String, Option<Value>)>) {
    if let Some((caption, marks)) = caption {
        message["caption"] = json!(caption);
        if let Some(marks) = marks {
            message["caption_entities"] = marks;
        }
    }
}

fn photo(
    world: &mut World,
    mut message: Value,
    file: Option<(String, String, Vec<u8>)>,
    caption: Option<(String, Option<Value>)>,
) -> Result<Made, Refusal> {
    let file = file.ok_or_else(|| refuse(400, "Bad Request: there is no photo in the request"))?;
    if !(file.2.starts_with(b"\x89PNG") || file.2.starts_with(b"\xff\xd8\xff")) {
        return Err(refuse(400, "Bad Request: IMAGE_PROCESS_FAILED"));
    }
    let mut size = world.keep_file("photos", file.2.clone());
    size["width"] = json!(90);
    size["height"] = json!(67);
    message["photo"] = json!([size]);
    put_caption(&mut message, caption);
    Ok((message, Some(file)))
}

fn document(
    world: &mut World,
    mut message: Value,
    file: Option<(String, String, Vec<u8>)>,
    caption: Option<(String, Option<Value>)>,
) -> Result<Made, Refusal> {
    let file = file.ok_or_else(|| refuse(400, "Bad Request: there is no document in the request"))?;
    let mut document = world.keep_file("documents", file.2.clone());
    document["file_name"] = json!(file.0);
    document["mime_type"] = json!(file.1);
    message["document"] = document;
    put_caption(&mut message, caption);
    Ok((message, Some(file)))
}

fn album(world: &mut World, base: &Value, params: &Params) -> Result<Vec<Made>, Refusal> {
    let media = params.json("media").and_then(|media| media.as_array().cloned()).unwrap_or_default();
    if !(2..=10).contains(&media.len()) {
        return Err(refuse(400, "Bad Request: expected 2-10 items in an album"));
    }
    let kinds: std::collections::HashSet<&str> = media.iter().filter_map(|item| item["type"].as_str()).collect();
    if kinds.len() > 1 {
        return Err(refuse(400, "Bad Request: documents can't be mixed with other media types"));
    }
    let group = format!("{BOT}{}", world.tick());
    let mut made = Vec::new();
    for item in &media {
        let part = item["media"].as_str().and_then(|media| media.strip_prefix("attach://"));
        let file = part.and_then(|part| params.files.get(part).cloned());
        let caption = caption(item["caption"].as_str().map(str::to_owned), item.get("caption_entities").cloned())?;
        let mut message = base.clone();
        message["media_group_id"] = json!(group);
        made.push(match item["type"].as_str() {
            Some("photo") => photo(world, message, file, caption)?,
            Some("document") => document(world, message, file, caption)?,
            _ => return Err(refuse(400, "Bad Request: type of the media is not known here")),
        });
    }
    Ok(made)
}
