//! What a bot changes of its own messages, and takes back.

use switchboard_domain::validate;
use switchboard_protocol::bots::{Format, Keyboard, Rich};
use switchboard_protocol::model::{Author, Channel, Conversation, Message, MessageKind};
use switchboard_protocol::{Number, UnixMs};
use switchboard_store::bots::markups;
use switchboard_store::bots::standings::Admitted;
use switchboard_store::{Tx, messages};

use super::sending::append_to;
use super::{BotWrite, Moment, bounded, within};
use crate::app::App;
use crate::bots::chats::again;
use crate::bots::{BotCaller, BotRefusal, Sent};
use crate::error::CommandError;

/// Where a change is another message to the customer, so long after the last one, milliseconds.
const CHANGED_AFTER_MS: i64 = 20_000;

/// What a bot wants changed of a message of its own. Absent: as it is.
#[derive(Debug, Clone, Default)]
pub struct BotEdit {
    pub text: Option<(String, Vec<Format>)>,
    /// `Some(None)`: no buttons any more.
    pub keyboard: Option<Option<Keyboard>>,
    /// With `keyboard`: as the bot wrote it.
    pub markup: Option<serde_json::Value>,
}

/// Changes what a bot wrote. On channels that cannot show that, other words are another message: the customer has the first.
pub async fn edit(app: &App, bot: &BotCaller, chat: Number, number: Number, edit: BotEdit) -> Result<Sent, BotRefusal> {
    if let Some((text, _)) = &edit.text {
        // A file needs no words; whether there is one, the door has asked.
        validate::message(text, 1, None).map_err(CommandError::from)?;
    }
    bounded(edit.markup.as_ref())?;
    let moment = Moment::of(app);
    within(app, bot, chat, move |tx, admitted, row| {
        Box::pin(async move {
            let message = own(tx, &admitted, &row, chat, number).await?;
            let was = message.rich.clone().unwrap_or_default();
            let (text, formats) = edit.text.unwrap_or_else(|| (message.text.clone(), was.formats));
            // As in the Bot API, words without buttons take the buttons away.
            let keyboard = edit.keyboard.unwrap_or_default();
            let rich = Rich { formats, keyboard };
            let rich = (rich != Rich::default()).then(|| Box::new(rich));
            let markup = edit.markup.map(|markup| markup.to_string());
            if row.channel != Channel::Web && text != message.text {
                unhurried(tx, &row, message.author, moment.now).await?;
                let write = BotWrite { chat, text, rich, markup: None, answers: None, attachments: Vec::new() };
                let sent = append_to(tx, &moment, admitted, &row, MessageKind::Out, write).await?;
                markups::set(tx, sent.message.id, markup.as_deref()).await?;
                return Ok(sent);
            }
            let before = markups::load(tx, message.id).await?;
            markups::set(tx, message.id, markup.as_deref()).await?;
            let changed = messages::edit_out(tx, &message, text, rich, moment.now).await?;
            if !changed && before == markup {
                return Err(BotRefusal::NotModified);
            }
            let message = messages::load(tx, message.id).await?.unwrap_or(message);
            Ok(Sent { conversation: again(tx, &row).await?, message })
        })
    })
    .await
}

/// A program that shows its answer as it comes into being changes it many times over. Where each of these is a message to the
/// customer, one comes after some quiet, or after the customer's own words.
async fn unhurried(tx: &mut Tx, row: &Conversation, by: Author, now: UnixMs) -> Result<(), BotRefusal> {
    let last = messages::load_last(tx, row.id, MessageKind::Out, row.last_number + 1).await?;
    let Some(last) = last.filter(|last| last.author == by && last.number > row.last_in_number) else { return Ok(()) };
    let left = last.at + CHANGED_AFTER_MS - now;
    if left <= 0 {
        return Ok(());
    }
    Err(BotRefusal::TooSoon { conversation_id: row.id, seconds: left.unsigned_abs().div_ceil(1_000) })
}

/// Takes back what a bot wrote.
pub async fn delete(app: &App, bot: &BotCaller, chat: Number, number: Number) -> Result<(), BotRefusal> {
    let now = app.clock.now();
    within(app, bot, chat, move |tx, admitted, row| {
        Box::pin(async move {
            let message = own(tx, &admitted, &row, chat, number).await?;
            markups::set(tx, message.id, None).await?;
            messages::delete_text(tx, &message, now).await?;
            Ok(())
        })
    })
    .await
}

/// A message of the bot's own. In a conversation that was merged into this one it had another number, by which it is known no
/// more.
async fn own(
    tx: &mut Tx,
    admitted: &Admitted,
    row: &Conversation,
    chat: Number,
    number: Number,
) -> Result<Message, BotRefusal> {
    if row.number != chat {
        return Err(BotRefusal::MessageNotFound);
    }
    let found = messages::load_at(tx, row.id, number).await?;
    let message = found.filter(|message| message.deleted_at.is_none()).ok_or(BotRefusal::MessageNotFound)?;
    let own = message.kind == MessageKind::Out && message.author == (Author::Bot { id: admitted.bot_id() });
    if own { Ok(message) } else { Err(BotRefusal::NotYours) }
}
