//! What a bot asks of a conversation, and what it shows there besides messages.

use switchboard_bot_api::{Refusal, things};

use super::refusals::plain;
use super::{Ask, Done, Outcome};
use crate::bots;

/// Longest answer to a press on a button ("answerCallbackQuery"), characters.
const TOLD_CHARS: usize = 200;

/// All of them are "typing" to a customer ("sendChatAction").
const ACTIONS: [&str; 13] = [
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "record_audio",
    "upload_audio",
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
];

pub async fn get(ask: &Ask<'_>) -> Outcome {
    let chat = bots::chat(ask.app, ask.bot, ask.call.chat("chat_id")?).await.map_err(plain)?;
    let talk = things::Talk { contact_name: chat.contact.name.as_deref(), ..ask.talk(&chat.conversation) };
    Ok(Done::of(things::full_chat(&talk)).in_conversation(chat.conversation.id))
}

pub async fn action(ask: &Ask<'_>) -> Outcome {
    let chat = ask.call.chat("chat_id")?;
    let action = ask.call.text("action").unwrap_or_default().to_ascii_lowercase();
    if !ACTIONS.contains(&action.as_str()) {
        return Err(Refusal::bad("wrong parameter action in request").into());
    }
    bots::typing(ask.app, ask.bot, chat).await.map_err(plain)?;
    Ok(Done::yes())
}

pub async fn answer_query(ask: &Ask<'_>) -> Outcome {
    let text = ask.call.text("text").unwrap_or_default();
    if text.chars().count() > TOLD_CHARS {
        return Err(Refusal::bad("MESSAGE_TOO_LONG").into());
    }
    let (id, alert) = (ask.call.text("callback_query_id").unwrap_or_default(), ask.call.boolean("show_alert"));
    bots::tell(ask.app, ask.bot, id, text.to_owned(), alert).await.map_err(plain)?;
    Ok(Done::yes())
}
