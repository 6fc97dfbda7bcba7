//! Messages: to the customer, or for the team alone, and the files with them.

use bytes::Bytes;
use switchboard_domain::thread::NewMessage;
use switchboard_domain::validate;
use switchboard_protocol::bots::Rich;
use switchboard_protocol::error::ErrorCode;
use switchboard_protocol::model::{Attachment, Author, Conversation, MessageKind};
use switchboard_protocol::{AttachmentId, Number};
use switchboard_store::append::{self, LINES_MAX};
use switchboard_store::bots::markups;
use switchboard_store::bots::standings::Admitted;
use switchboard_store::{Append, Sender, Tx};

use super::{Moment, bounded, within};
use crate::app::App;
use crate::bots::chats::again;
use crate::bots::{BotCaller, BotRefusal, Sent};
use crate::commands::uploads;
use crate::error::CommandError;

/// A message that a bot wants to send.
#[derive(Debug, Clone)]
pub struct BotWrite {
    /// The conversation's number.
    pub chat: Number,
    pub text: String,
    pub rich: Option<Box<Rich>>,
    /// `reply_markup` as the bot wrote it: what its buttons say is in it, and stays in the hub.
    pub markup: Option<serde_json::Value>,
    /// Number of the message that it answers.
    pub answers: Option<Number>,
    pub attachments: Vec<AttachmentId>,
}

/// Sends to the customer.
pub async fn send(app: &App, bot: &BotCaller, write: BotWrite) -> Result<Sent, BotRefusal> {
    validate::message(&write.text, write.attachments.len(), None).map_err(CommandError::from)?;
    bounded(write.markup.as_ref())?;
    let moment = Moment::of(app);
    within(app, bot, write.chat, move |tx, admitted, row| {
        Box::pin(async move { append_to(tx, &moment, admitted, &row, MessageKind::Out, write).await })
    })
    .await
}

/// Writes what only the team sees. A bot that may not write may not do this either.
pub async fn note(app: &App, bot: &BotCaller, chat: Number, text: String) -> Result<Sent, BotRefusal> {
    validate::message(&text, 0, None).map_err(CommandError::from)?;
    let moment = Moment::of(app);
    let write = BotWrite { chat, text, rich: None, markup: None, answers: None, attachments: Vec::new() };
    within(app, bot, chat, move |tx, admitted, row| {
        Box::pin(async move { append_to(tx, &moment, admitted, &row, MessageKind::Note, write).await })
    })
    .await
}

/// Puts it into the conversation, behind the fence.
pub(super) async fn append_to(
    tx: &mut Tx,
    moment: &Moment,
    admitted: Admitted,
    row: &Conversation,
    kind: MessageKind,
    write: BotWrite,
) -> Result<Sent, BotRefusal> {
    let new = NewMessage {
        id: moment.message_id(),
        kind,
        author: Author::Bot { id: admitted.bot_id() },
        at: moment.now,
        text: write.text,
        rich: write.rich,
        answers: write.answers,
        quote: None,
        mentions: Vec::new(),
        attachments: Vec::new(),
        mail: None,
        client_id: None,
        seen: None,
    };
    let appended = append::append(
        tx,
        Append {
            conversation_id: row.id,
            sender: Sender::Bot(admitted),
            message: new,
            attachment_ids: write.attachments,
            line_ids: std::array::from_fn::<_, LINES_MAX, _>(|_| moment.message_id()),
        },
    )
    .await?;
    if let Some(markup) = &write.markup {
        markups::set(tx, appended.message.id, Some(&markup.to_string())).await?;
    }
    Ok(Sent { conversation: again(tx, row).await?, message: appended.message })
}

/// Takes a file for a message that follows.
pub async fn upload(app: &App, bot: &BotCaller, name: &str, bytes: Bytes) -> Result<Attachment, BotRefusal> {
    match uploads::take_from_bot(app, bot.id, name, bytes).await {
        Ok(file) => Ok(file),
        Err(CommandError::Refused(error)) if error.code != ErrorCode::RateLimited => {
            Err(BotRefusal::BadFile(error.message))
        }
        Err(error) => Err(error.into()),
    }
}
