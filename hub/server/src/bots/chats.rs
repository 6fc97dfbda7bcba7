//! What a bot may look at: conversations of its inboxes, what was said in them, the files with that.

use switchboard_domain::thread::Thread;
use switchboard_domain::{Visibility, hours};
use switchboard_protocol::model::{Attachment, Contact, Conversation, Message, MessageKind};
use switchboard_protocol::{AttachmentId, InboxId, Number, UnixMs};
use switchboard_store::bots::standings;
use switchboard_store::{Tx, attachments, contacts, conversations, inboxes, messages};

use super::{BotCaller, BotRefusal};
use crate::app::{App, Unasked};
use crate::error::CommandError;

/// A conversation and whose it is.
#[derive(Debug, Clone)]
pub struct Chat {
    pub conversation: Conversation,
    /// The card, as the conversation's inbox knows it.
    pub contact: Contact,
}

/// Where something stands that a bot wrote.
#[derive(Debug, Clone)]
pub struct Sent {
    pub conversation: Conversation,
    pub message: Message,
}

/// The conversation with this number.
pub async fn chat(app: &App, bot: &BotCaller, number: Number) -> Result<Chat, BotRefusal> {
    let id = bot.id;
    let found = app.write_unasked(Unasked::Bot, move |tx| {
        Box::pin(async move {
            let Some(thread) = standings::load_chat(tx, id, number).await? else { return Ok(None) };
            let row = thread.conversation;
            let sees = Visibility::Inboxes([row.inbox_id].into());
            let contact = contacts::load(tx, &sees, row.contact.id).await?;
            Ok(contact.map(|contact| Chat { conversation: row, contact }))
        })
    });
    found.await?.value.ok_or(BotRefusal::ChatNotFound)
}

/// Whether the inbox is open, and when it is next, where it has business hours.
pub async fn hours(app: &App, inbox_id: InboxId) -> Result<Option<(bool, Option<UnixMs>)>, CommandError> {
    let (now, hours) = (app.clock.now(), inboxes::find_hours(&app.store, inbox_id).await?);
    Ok(hours.map(|hours| (hours::is_open(&hours, now), hours::next_opening(&hours, now))))
}

/// A message that the customer has too.
pub async fn message(app: &App, bot: &BotCaller, chat: Number, number: Number) -> Result<Message, BotRefusal> {
    let id = bot.id;
    let found = app.write_unasked(Unasked::Bot, move |tx| {
        Box::pin(async move {
            let Some(thread) = standings::load_chat(tx, id, chat).await? else { return Ok(None) };
            Ok(Some(said(tx, &thread, chat, number).await?))
        })
    });
    found.await?.value.ok_or(BotRefusal::ChatNotFound)?.ok_or(BotRefusal::MessageNotFound)
}

/// A message that the customer has too, by its number.
pub(super) async fn said(
    tx: &mut Tx,
    thread: &Thread,
    chat: Number,
    number: Number,
) -> Result<Option<Message>, CommandError> {
    if thread.conversation.number != chat {
        // Merged: its messages have other numbers now.
        return Ok(None);
    }
    let found = messages::load_at(tx, thread.conversation.id, number).await?;
    Ok(found
        .filter(|message| message.deleted_at.is_none() && matches!(message.kind, MessageKind::In | MessageKind::Out)))
}

/// A file of one of its conversations, or one that it has sent up.
pub async fn file(app: &App, bot: &BotCaller, id: AttachmentId) -> Result<Attachment, BotRefusal> {
    attachments::find_for_bot(&app.store, bot.id, id)
        .await?
        .ok_or_else(|| BotRefusal::BadFile("wrong file_id or the file is temporarily unavailable".to_owned()))
}

/// As it is now, for an answer.
pub(super) async fn again(tx: &mut Tx, row: &Conversation) -> Result<Conversation, CommandError> {
    let thread = conversations::load(tx, &Visibility::All, row.id).await?;
    Ok(thread.map_or_else(|| row.clone(), |thread| thread.conversation))
}
