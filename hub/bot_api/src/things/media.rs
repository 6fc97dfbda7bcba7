//! Files of messages. A message of Telegram has one; of ours the first is told as there, and all of them under
//! `switchboard.attachments` where there are more. How large a picture is and how long a sound lasts the hub does not know:
//! both are 0.

use serde_json::{Value, json};
use switchboard_protocol::AttachmentId;
use switchboard_protocol::model::Attachment;

/// Longest ending of a file's name, characters.
const ENDING_CHARS: usize = 10;

/// The fields of a message that has these, of which there is at least one.
pub(super) fn of(attachments: &[Attachment]) -> Vec<(&'static str, Value)> {
    let mut fields = Vec::new();
    if let Some(first) = attachments.first() {
        let (name, value) = one(first);
        if name == "animation" {
            // "For backward compatibility, when this field is set, the document field will also be set".
            fields.push(("document", document(first)));
        }
        fields.push((name, value));
    }
    if attachments.len() > 1 {
        let all: Vec<Value> = attachments.iter().map(document).collect();
        fields.push(("switchboard", json!({ "attachments": all })));
    }
    fields
}

fn one(attachment: &Attachment) -> (&'static str, Value) {
    let mut told = document(attachment);
    match attachment.media_type.as_str() {
        "image/gif" => {
            measure(&mut told, &["width", "height", "duration"]);
            ("animation", told)
        }
        kind if attachment.picture && kind.starts_with("image/") => {
            let mut size = meta(attachment);
            measure(&mut size, &["width", "height"]);
            // "Available sizes of the photo": there is one.
            ("photo", json!([size]))
        }
        "audio/ogg" | "audio/opus" => {
            measure(&mut told, &["duration"]);
            ("voice", told)
        }
        kind if kind.starts_with("audio/") => {
            measure(&mut told, &["duration"]);
            ("audio", told)
        }
        kind if kind.starts_with("video/") => {
            measure(&mut told, &["width", "height", "duration"]);
            ("video", told)
        }
        _ => ("document", told),
    }
}

fn measure(told: &mut Value, names: &[&str]) {
    for name in names {
        told[*name] = json!(0);
    }
}

fn meta(attachment: &Attachment) -> Value {
    json!({
        "file_id": attachment.id.to_string(),
        "file_unique_id": attachment.id.to_string(),
        "file_size": attachment.bytes,
    })
}

pub(super) fn document(attachment: &Attachment) -> Value {
    let mut told = meta(attachment);
    told["file_name"] = json!(attachment.name);
    told["mime_type"] = json!(attachment.media_type);
    told
}

/// "File". The path names it, and ends as its name does: libraries call what they save by it.
pub fn file(attachment: &Attachment) -> Value {
    let ending = attachment.name.rsplit_once('.').map(|(_, ending)| ending).filter(|ending| {
        (1..=ENDING_CHARS).contains(&ending.len()) && ending.bytes().all(|byte| byte.is_ascii_alphanumeric())
    });
    let mut told = meta(attachment);
    told["file_path"] = json!(match ending {
        Some(ending) => format!("files/{}.{}", attachment.id, ending.to_ascii_lowercase()),
        None => format!("files/{}", attachment.id),
    });
    told
}

/// Which file a path means that [`file`] gave.
pub fn file_id_of_path(path: &str) -> Option<AttachmentId> {
    let name = path.strip_prefix("files/")?;
    name.split_once('.').map_or(name, |(id, _)| id).parse().ok()
}
