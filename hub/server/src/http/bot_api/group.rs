//! "sendMediaGroup": several files with one message.

use serde_json::Value;
use switchboard_bot_api::request::{FILES, FILES_BYTES, Source};
use switchboard_bot_api::things::{self, Beside};
use switchboard_bot_api::{Refusal, answer, formatting, units};
use switchboard_protocol::bots::Format;

use super::files::{taken, together};
use super::sends::Draft;
use super::{Ask, Done, Outcome};

/// One message with all of them. Its answer tells of each apart, as there: with the one number that the message has.
pub async fn send(ask: &Ask<'_>) -> Outcome {
    let media = ask.call.json("media", "media")?.ok_or_else(|| Refusal::bad("parameter \"media\" is required"))?;
    let Value::Array(media) = media else { return Err(Refusal::bad("expected an Array of InputMedia").into()) };
    if !(1..=FILES).contains(&media.len()) {
        return Err(Refusal::bad("group send failed: wrong number of media").into());
    }
    let (text, formats) = captions(&media)?;
    let mut draft = Draft::of(ask.call, text, formats)?;
    draft.may_be_sent(ask).await?;
    let sources = media.iter().map(|item| {
        let named = item["media"].as_str().map_or(Source::Missing, |media| ask.call.source_named(media));
        (named, item["type"].as_str().unwrap_or("file"))
    });
    // What is sent up with the call is weighed before any of it is kept.
    let sent_up =
        sources.clone().map(|(source, _)| if let Source::Upload(file) = source { file.bytes.len() } else { 0 });
    if sent_up.sum::<usize>() > FILES_BYTES {
        return Err(answer::TOO_LARGE.into());
    }
    let mut files = Vec::new();
    for (source, kind) in sources {
        files.push(taken(ask, source, kind).await?);
        together(&files)?;
    }
    let (sent, answered) = draft.send(ask, files.iter().map(|file| file.id).collect()).await?;
    let talk = ask.talk(&sent.conversation);
    let told = sent.message.attachments.iter().enumerate().map(|(at, file)| {
        let mut one = sent.message.clone();
        one.attachments = vec![file.clone()];
        if at > 0 {
            (one.text, one.rich) = (String::new(), None);
        }
        let mut told = things::message(&talk, &one, Beside { answered: answered.as_ref(), markup: None });
        told["media_group_id"] = Value::String(sent.message.id.to_string());
        told
    });
    Ok(Done::of(told.collect::<Vec<_>>()).in_conversation(sent.conversation.id))
}

/// The words with each of the files, one under the other.
fn captions(media: &[Value]) -> Result<(String, Vec<Format>), Refusal> {
    let (mut text, mut formats) = (String::new(), Vec::new());
    for item in media {
        let given = item["caption"].as_str().unwrap_or_default();
        let (caption, parts) = formatting::parse(given, item["parse_mode"].as_str(), item.get("caption_entities"))?;
        if units::length(&caption) > formatting::CAPTION_UNITS {
            return Err(answer::CAPTION_TOO_LONG);
        }
        if caption.is_empty() {
            continue;
        }
        if !text.is_empty() {
            text.push('\n');
        }
        let before = units::length(&text);
        text.push_str(&caption);
        formats.extend(parts.into_iter().map(|part| Format { offset: part.offset + before, ..part }));
    }
    formats.truncate(switchboard_protocol::limits::FORMATS);
    Ok((text, formats))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_words_of_all_files_stand_under_one_another() {
        let media = [
            json!({"type": "photo", "media": "a", "caption": "😀 one"}),
            json!({"type": "photo", "media": "b"}),
            json!({"type": "photo", "media": "c", "caption": "<b>two</b>", "parse_mode": "HTML"}),
        ];
        let (text, formats) = captions(&media).unwrap();
        assert_eq!(text, "😀 one\ntwo");
        assert_eq!((formats[0].offset, formats[0].length), (7, 3));
    }
}
