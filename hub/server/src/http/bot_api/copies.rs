//! "copyMessage" and "forwardMessage": what stands in one conversation, into another one of the bot's.

use serde_json::json;
use switchboard_bot_api::things::{self, Beside};
use switchboard_protocol::bots::Format;
use switchboard_protocol::model::{Message, MessageKind};

use super::files::{again, together};
use super::refusals::{Refused, Wanted, about};
use super::sends::{Draft, caption_of};
use super::{Ask, Done, Outcome};
use crate::bots::{self, Sent};

/// Answers with the new message's number alone.
pub async fn copy(ask: &Ask<'_>) -> Outcome {
    let original = original(ask, Wanted::Copied).await?;
    // Another caption, also an empty one, takes the place of the old; a text has none.
    let recaptioned = ask.call.has("caption") && !original.attachments.is_empty();
    let words = if recaptioned { Some(caption_of(ask.call)?) } else { None };
    let sent = sent_again(ask, &original, words).await?;
    let told = json!({ "message_id": sent.message.number });
    Ok(Done::of(told).in_conversation(sent.conversation.id))
}

pub async fn forward(ask: &Ask<'_>) -> Outcome {
    let from = ask.call.chat("from_chat_id")?;
    let original = original(ask, Wanted::Forwarded).await?;
    let there = bots::chat(ask.app, ask.bot, from).await.map_err(about(Wanted::Forwarded))?;
    let sent = sent_again(ask, &original, None).await?;
    let mut told = things::message(&ask.talk(&sent.conversation), &sent.message, Beside::default());
    let author = match original.kind {
        MessageKind::In => things::user(&ask.talk(&there.conversation)),
        _ => things::bot(ask.me()),
    };
    // "MessageOriginUser".
    told["forward_origin"] = json!({ "type": "user", "date": original.at.div_euclid(1_000), "sender_user": author });
    Ok(Done::of(told).in_conversation(sent.conversation.id))
}

async fn original(ask: &Ask<'_>, wanted: Wanted) -> Result<Message, Refused> {
    ask.call.chat("chat_id")?;
    let (from, number) = (ask.call.chat("from_chat_id")?, ask.call.message("message_id")?);
    bots::message(ask.app, ask.bot, from, number).await.map_err(about(wanted))
}

/// Its buttons stay behind, as there, unless others are given.
async fn sent_again(ask: &Ask<'_>, original: &Message, words: Option<(String, Vec<Format>)>) -> Result<Sent, Refused> {
    let formats = original.rich.as_ref().map(|rich| rich.formats.clone()).unwrap_or_default();
    let (text, formats) = words.unwrap_or_else(|| (original.text.clone(), formats));
    let mut draft = Draft::of(ask.call, text, formats)?;
    together(&original.attachments)?;
    if !original.attachments.is_empty() {
        draft.may_be_sent(ask).await?;
    }
    let mut files = Vec::new();
    for file in &original.attachments {
        files.push(again(ask, file).await?.id);
    }
    let (sent, _) = draft.send(ask, files).await?;
    Ok(sent)
}
