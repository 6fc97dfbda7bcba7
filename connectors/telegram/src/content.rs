//! What a message says: its text, its formatting, its files.

use teloxide_core::types::{
    Checklist, Contact, FileMeta, Location, MediaKind, Message, MessageEntity, MessageId, MessageKind, PhotoSize, Poll,
    Sticker,
};

use crate::files::{MOST_BYTES, Wanted};
use crate::markup_in::html;

/// What stands for a message that cannot be shown.
pub(crate) const UNKNOWN_KIND: &str = "[A kind of message that cannot be shown here. It can be seen in Telegram.]";

#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Content {
    pub text: String,
    /// Only if it says more than the text.
    pub html: Option<String>,
    pub files: Vec<Wanted>,
}

impl Content {
    fn said(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    fn formatted(text: &str, entities: &[MessageEntity]) -> Self {
        Self { text: text.to_owned(), html: html(text, entities), files: Vec::new() }
    }

    fn file(caption: Option<&String>, entities: &[MessageEntity], file: Wanted) -> Self {
        let mut content = Self::formatted(caption.map_or("", String::as_str), entities);
        content.files.push(file);
        content
    }
}

/// None: teloxide could not read it, or nobody wrote it.
pub(crate) fn content(message: &Message) -> Option<Content> {
    let common = match &message.kind {
        MessageKind::Common(common) => common,
        MessageKind::Dice(dice) => {
            let emoji = serde_json::to_value(dice.dice.emoji).ok();
            let emoji = emoji.as_ref().and_then(|emoji| emoji.as_str()).unwrap_or("🎲");
            return Some(Content::said(format!("{emoji} {}", dice.dice.value)));
        }
        _ => return None,
    };
    let id = message.id;
    Some(match &common.media_kind {
        MediaKind::Text(it) => Content::formatted(&it.text, &it.entities),
        MediaKind::Photo(it) => match largest(&it.photo) {
            Some(photo) => {
                Content::file(it.caption.as_ref(), &it.caption_entities, named(&photo.file, "photo", id, "jpg"))
            }
            None => Content::formatted(it.caption.as_deref().unwrap_or(""), &it.caption_entities),
        },
        MediaKind::Document(it) => {
            let file = called(&it.document.file, it.document.file_name.as_ref(), "document", id, "bin");
            Content::file(it.caption.as_ref(), &it.caption_entities, file)
        }
        MediaKind::Voice(it) => {
            Content::file(it.caption.as_ref(), &it.caption_entities, named(&it.voice.file, "voice", id, "ogg"))
        }
        MediaKind::Audio(it) => {
            let file = called(&it.audio.file, it.audio.file_name.as_ref(), "audio", id, "mp3");
            Content::file(it.caption.as_ref(), &it.caption_entities, file)
        }
        MediaKind::Video(it) => {
            let file = called(&it.video.file, it.video.file_name.as_ref(), "video", id, "mp4");
            Content::file(it.caption.as_ref(), &it.caption_entities, file)
        }
        MediaKind::Animation(it) => {
            let file = called(&it.animation.file, it.animation.file_name.as_ref(), "animation", id, "mp4");
            Content::file(it.caption.as_ref(), &it.caption_entities, file)
        }
        MediaKind::VideoNote(it) => Content::file(None, &[], named(&it.video_note.file, "video", id, "mp4")),
        MediaKind::Sticker(it) => sticker(&it.sticker, id),
        MediaKind::Location(it) => Content::said(place(&it.location)),
        MediaKind::Venue(it) => {
            Content::said(format!("{}\n{}\n{}", it.venue.title, it.venue.address, place(&it.venue.location)))
        }
        MediaKind::Contact(it) => Content::said(card(&it.contact)),
        MediaKind::Poll(it) => Content::said(poll(&it.poll)),
        MediaKind::Checklist(it) => Content::said(checklist(&it.checklist)),
        MediaKind::Game(it) => Content::said(format!("{}\n{}", it.game.title, it.game.description)),
        MediaKind::PaidMedia(_) | MediaKind::Story(_) => Content::said(UNKNOWN_KIND),
        MediaKind::Migration(_) => return None,
    })
}

/// A line for a message that another one answers.
pub(crate) fn summary(message: &Message) -> String {
    let Some(content) = content(message) else { return UNKNOWN_KIND.into() };
    match content.files.first() {
        Some(file) if content.text.is_empty() => format!("[{}]", file.name),
        _ => content.text,
    }
}

/// The largest that may be fetched; of those that are too large the smallest, so that the note tells the truth.
fn largest(sizes: &[PhotoSize]) -> Option<&PhotoSize> {
    let area = |size: &&PhotoSize| u64::from(size.width) * u64::from(size.height);
    let fits = |size: &&PhotoSize| size.file.size == u32::MAX || size.file.size as usize <= MOST_BYTES;
    sizes.iter().filter(fits).max_by_key(area).or_else(|| sizes.iter().min_by_key(area))
}

fn named(file: &FileMeta, kind: &str, id: MessageId, extension: &str) -> Wanted {
    called(file, None, kind, id, extension)
}

fn called(file: &FileMeta, name: Option<&String>, kind: &str, id: MessageId, extension: &str) -> Wanted {
    let name = name.filter(|name| !name.is_empty()).cloned();
    Wanted {
        id: file.id.0.clone(),
        name: name.unwrap_or_else(|| format!("{kind}-{}.{extension}", id.0)),
        // What stands there if the server did not say.
        bytes: (file.size != u32::MAX).then_some(u64::from(file.size)),
    }
}

/// A moving sticker is in a format that no browser shows; its thumbnail is a picture.
fn sticker(sticker: &Sticker, id: MessageId) -> Content {
    let emoji = sticker.emoji.clone().unwrap_or_default();
    let file = match &sticker.thumbnail {
        Some(thumbnail) if sticker.flags.is_animated => Some(named(&thumbnail.file, "sticker", id, "webp")),
        None if sticker.flags.is_animated => None,
        _ if sticker.flags.is_video => Some(named(&sticker.file, "sticker", id, "webm")),
        _ => Some(named(&sticker.file, "sticker", id, "webp")),
    };
    let text = if emoji.is_empty() && file.is_none() { UNKNOWN_KIND.into() } else { emoji };
    Content { text, html: None, files: file.into_iter().collect() }
}

fn place(location: &Location) -> String {
    let (lat, lon) = (location.latitude, location.longitude);
    format!("{lat}, {lon}\nhttps://www.openstreetmap.org/?mlat={lat}&mlon={lon}#map=17/{lat}/{lon}")
}

fn card(contact: &Contact) -> String {
    let name = [Some(&contact.first_name), contact.last_name.as_ref()];
    let name = name.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(" ");
    format!("{name}\n{}", contact.phone_number)
}

fn poll(poll: &Poll) -> String {
    let options = poll.options.iter().map(|option| format!("\n• {}", option.text));
    poll.question.chars().chain(options.flat_map(|option| option.chars().collect::<Vec<_>>())).collect()
}

fn checklist(list: &Checklist) -> String {
    let mut text = list.title.clone();
    for task in &list.tasks {
        text.push_str(if task.is_completed() { "\n☑ " } else { "\n☐ " });
        text.push_str(&task.text);
    }
    text
}
