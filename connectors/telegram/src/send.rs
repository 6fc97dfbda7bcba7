//! A message goes out: as one message of Telegram where it fits one, else as several in order.
//!
//! What became of it is said exactly. Until the first part is out, a refusal or a server that cannot be reached means that
//! nothing went out. After it that can no longer be said: a part that certainly did not go is tried again here, and if it
//! cannot go the message is uncertain, with a sentence that says which part of it the customer has.

use std::time::Duration;

use switchboard_connector::{OutFile, Outgoing, SendError, Sent};
use teloxide_core::payloads::{
    SendDocument, SendDocumentSetters, SendMediaGroup, SendMessage, SendMessageSetters, SendPhoto, SendPhotoSetters,
};
use teloxide_core::types::{
    ChatId, FileId, InputFile, InputMedia, InputMediaDocument, InputMediaPhoto, MessageId, ReplyParameters,
};
use tokio::time::Instant;

use crate::api::{Api, Attached, Failure, REDIRECTED};
use crate::markup_out::{Marked, Piece, units};
use crate::names::BotNumber;
use crate::pace::Pace;

/// Longest text of one message, UTF-16 units (core.telegram.org/bots/api#sendmessage).
const TEXT_UNITS: usize = 4_096;
/// Longest text below a file.
const CAPTION_UNITS: usize = 1_024;
/// Files in one album.
const ALBUM: usize = 10;
/// Largest picture that is shown as one; larger ones go as files.
const PICTURE_BYTES: usize = 10 * 1024 * 1024;
/// Counted from the beginning of the whole message: later than this no part is tried again. The hub gives up a message a good
/// while later ([`switchboard_connector::limits::SEND`]), and could not say how far it went.
const TRY_UNTIL: Duration = Duration::from_secs(5 * 60);
/// The first wait if the server does not say how long.
const FIRST_WAIT: Duration = Duration::from_secs(1);

/// One message or album of Telegram.
#[derive(Debug, PartialEq)]
enum Part<'a> {
    Text(Piece),
    Picture(&'a OutFile, Option<Piece>),
    Document(&'a OutFile, Option<Piece>),
    Album { files: &'a [&'a OutFile], pictures: bool, caption: Option<Piece> },
}

/// Where a part goes.
struct Place<'a> {
    api: &'a Api,
    chat: ChatId,
    reply: Option<ReplyParameters>,
}

pub(crate) async fn send(api: &Api, bot: BotNumber, pace: &Pace, message: &Outgoing) -> Result<Sent, SendError> {
    let chat: i64 = message.to.key.parse().map_err(|_| refused("the customer has no Telegram chat"))?;
    // Of one that went out in parts, or of an album, the first is pointed at.
    let answered = message.answers.iter().filter_map(|reference| bot.message_in(chat, reference)).min_by_key(|id| id.0);
    let mut reply = answered.map(|id| ReplyParameters::new(id).allow_sending_without_reply());
    let (pictures, documents): (Vec<&OutFile>, Vec<&OutFile>) = message.files.iter().partition(|file| is_picture(file));
    let parts = parts(message, &pictures, &documents);
    if parts.is_empty() {
        return Err(refused("the message is empty"));
    }
    let mut references = Vec::new();
    let until = Instant::now() + TRY_UNTIL;
    for (index, part) in parts.iter().enumerate() {
        let place = Place { api, chat: ChatId(chat), reply: reply.take() };
        let outcome = if index == 0 {
            pace.turn(chat).await;
            place.put(part).await.map_err(|failure| sorted(failure, message, pace, chat))
        } else {
            place.put_surely(part, pace, until).await.map_err(|failure| torn(failure, index, parts.len()))
        };
        references.extend(outcome?.into_iter().map(|id| bot.reference(chat, id)));
    }
    Ok(Sent { references })
}

fn is_picture(file: &OutFile) -> bool {
    matches!(file.media_type.as_str(), "image/jpeg" | "image/png" | "image/webp") && file.bytes.len() <= PICTURE_BYTES
}

/// The text is the caption of the first file if it fits there, else it goes first.
fn parts<'a>(message: &Outgoing, pictures: &'a [&'a OutFile], documents: &'a [&'a OutFile]) -> Vec<Part<'a>> {
    let marked = message.html.as_deref().map_or_else(|| Marked::plain(&message.text), Marked::html);
    // Rich text of nothing but what cannot be shown.
    let marked = if marked.text.trim().is_empty() { Marked::plain(&message.text) } else { marked };
    let caption_fits = !message.files.is_empty() && units(marked.text.trim()) <= CAPTION_UNITS;
    let mut pieces = marked.pieces(if caption_fits { CAPTION_UNITS } else { TEXT_UNITS }).into_iter();
    let mut caption = if caption_fits { pieces.next() } else { None };
    let mut parts: Vec<Part> = pieces.map(Part::Text).collect();
    // Telegram keeps pictures and other files in albums of their own.
    for (files, pictures) in [(pictures, true), (documents, false)] {
        for files in files.chunks(ALBUM) {
            let caption = caption.take();
            parts.push(match files {
                [file] if pictures => Part::Picture(file, caption),
                [file] => Part::Document(file, caption),
                files => Part::Album { files, pictures, caption },
            });
        }
    }
    parts
}

impl Place<'_> {
    /// A later part: one that certainly did not go is tried again.
    async fn put_surely(&self, part: &Part<'_>, pace: &Pace, until: Instant) -> Result<Vec<MessageId>, Failure> {
        let mut wait = FIRST_WAIT;
        loop {
            pace.turn(self.chat.0).await;
            let failure = match self.put(part).await {
                Ok(ids) => return Ok(ids),
                Err(failure) => failure,
            };
            let after = match &failure {
                Failure::Refused { code: 429, retry_after, .. } => retry_after.unwrap_or(wait),
                Failure::Unreachable(_) => wait,
                _ => return Err(failure),
            };
            if Instant::now() + after > until {
                return Err(failure);
            }
            tokio::time::sleep(after).await;
            wait *= 2;
        }
    }

    async fn put(&self, part: &Part<'_>) -> Result<Vec<MessageId>, Failure> {
        let put = match part {
            Part::Text(piece) => self.text(piece).await.map(one),
            Part::Document(file, caption) => self.document(file, caption.as_ref()).await.map(one),
            Part::Picture(file, caption) => self.picture(file, caption.as_ref()).await.map(one),
            Part::Album { files, pictures, caption } => self.album(files, *pictures, caption.as_ref()).await,
        };
        match (put, part) {
            // Too long, too narrow, not what its name says: it can still go as a file.
            (Err(failure), Part::Picture(file, caption)) if is_about_a_picture(&failure) => {
                self.document(file, caption.as_ref()).await.map(one)
            }
            (Err(failure), Part::Album { files, pictures: true, caption }) if is_about_a_picture(&failure) => {
                self.album(files, false, caption.as_ref()).await
            }
            (put, _) => put,
        }
    }

    // Of what Telegram answers only the number is read: a message that went out is not to fail at an answer of a new shape.
    async fn text(&self, piece: &Piece) -> Result<MessageId, Failure> {
        let mut method = SendMessage::new(self.chat, &piece.text).entities(piece.entities.clone());
        method.reply_parameters = self.reply.clone();
        self.api.call_for(&method, Duration::ZERO).await
    }

    async fn picture(&self, file: &OutFile, caption: Option<&Piece>) -> Result<MessageId, Failure> {
        let (input, attached) = attach(0, file);
        let mut method = SendPhoto::new(self.chat, input);
        method.reply_parameters = self.reply.clone();
        if let Some(piece) = caption {
            method = method.caption(&piece.text).caption_entities(piece.entities.clone());
        }
        self.api.upload(&method, vec![attached]).await
    }

    async fn document(&self, file: &OutFile, caption: Option<&Piece>) -> Result<MessageId, Failure> {
        let (input, attached) = attach(0, file);
        let mut method = SendDocument::new(self.chat, input);
        method.reply_parameters = self.reply.clone();
        if let Some(piece) = caption {
            method = method.caption(&piece.text).caption_entities(piece.entities.clone());
        }
        self.api.upload(&method, vec![attached]).await
    }

    async fn album(
        &self,
        files: &[&OutFile],
        pictures: bool,
        caption: Option<&Piece>,
    ) -> Result<Vec<MessageId>, Failure> {
        let mut attached = Vec::with_capacity(files.len());
        let media = files.iter().enumerate().map(|(index, file)| {
            let (input, file) = attach(index, file);
            attached.push(file);
            // Telegram shows a caption below the album if one item alone has one.
            let caption = caption.filter(|_| index == 0).cloned();
            let (text, entities) = caption.map_or((None, None), |piece| (Some(piece.text), Some(piece.entities)));
            if pictures {
                InputMedia::Photo(InputMediaPhoto {
                    caption: text,
                    caption_entities: entities,
                    ..InputMediaPhoto::new(input)
                })
            } else {
                let document = InputMediaDocument::new(input);
                InputMedia::Document(InputMediaDocument { caption: text, caption_entities: entities, ..document })
            }
        });
        let media: Vec<InputMedia> = media.collect();
        let mut method = SendMediaGroup::new(self.chat, media);
        method.reply_parameters = self.reply.clone();
        self.api.upload(&method, attached).await
    }
}

fn one(id: MessageId) -> Vec<MessageId> {
    vec![id]
}

/// `attach://name` stands for the part of the form of that name ("Sending files").
fn attach(index: usize, file: &OutFile) -> (InputFile, Attached) {
    let at = format!("file{index}");
    let input = InputFile::file_id(FileId(format!("attach://{at}")));
    (input, Attached { at, name: file.name.clone(), media_type: file.media_type.clone(), bytes: file.bytes.clone() })
}

fn is_about_a_picture(failure: &Failure) -> bool {
    matches!(failure, Failure::Refused { code: 400, sentence, .. }
        if ["PHOTO", "IMAGE", "wrong file type", "wrong type of the web page"].iter().any(|word| sentence.contains(word)))
}

fn refused(why: impl Into<String>) -> SendError {
    SendError::Refused { why: why.into() }
}

/// Nothing of the message has gone out, or nobody knows.
fn sorted(failure: Failure, message: &Outgoing, pace: &Pace, chat: i64) -> SendError {
    let (code, sentence, retry_after) = match failure {
        Failure::Settings(why) => return SendError::Broken { why },
        Failure::Unreachable(why) => {
            return SendError::Later { why: format!("Telegram: {why}"), after: None, all: true };
        }
        Failure::Unknown(why) => {
            return SendError::Uncertain { why: format!("Telegram did not say whether it was sent: {why}") };
        }
        Failure::Refused { code, sentence, retry_after } => (code, sentence, retry_after),
    };
    let name = message.to.name.as_deref().unwrap_or("The customer");
    match code {
        401 | 404 => SendError::Broken { why: "Telegram does not know the bot's token".into() },
        300..=399 => SendError::Broken { why: REDIRECTED.into() },
        403 if sentence.contains("blocked") => refused(format!("{name} has blocked the bot")),
        403 if sentence.contains("deactivated") => refused(format!("{name} has deleted their Telegram account")),
        403 if sentence.contains("initiate") => {
            refused(format!("{name} has not written to the bot yet, and a bot cannot begin"))
        }
        429 => {
            let all = pace.is_asked_to_wait(chat, retry_after.unwrap_or(FIRST_WAIT));
            SendError::Later { why: "Telegram asks to wait".into(), after: retry_after, all }
        }
        413 => refused("the files are too large for Telegram (50 MB)"),
        _ => refused(format!("Telegram says: {sentence}")),
    }
}

/// Some of it has gone out.
fn torn(failure: Failure, sent: usize, all: usize) -> SendError {
    let (state, why) = match failure {
        Failure::Settings(why) | Failure::Unreachable(why) => ("the rest was not sent", why),
        Failure::Refused { sentence, .. } => ("the rest was not sent", sentence),
        Failure::Unknown(why) => ("nobody knows of the rest", why),
    };
    SendError::Uncertain { why: format!("{sent} of {all} parts were sent, {state}: {why}") }
}
