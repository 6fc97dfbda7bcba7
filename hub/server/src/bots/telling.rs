//! What a bot is told: an event of a conversation, as an update of the Bot API.

use serde_json::Value;
use switchboard_bot_api::keyboard;
use switchboard_bot_api::things::{self, Me, Talk};
use switchboard_protocol::model::{Conversation, Message};
use switchboard_protocol::{BotId, MessageId, Number, Position, UnixMs};
use switchboard_store::bots::updates::{self, Update};
use switchboard_store::bots::{self as rows, markups};
use switchboard_store::{Tx, messages};

use super::writing::Query;
use crate::error::CommandError;

/// What waits is counted once in so many positions.
const CUT_EVERY: Position = 64;

/// What the team reads of a bot for which more waited, or longer, than is kept.
pub const NOT_FETCHED: &str = "It did not take its updates: the oldest were thrown away.";

/// Something that a bot is to hear.
#[derive(Debug, Clone, Copy)]
pub(super) enum News<'a> {
    Message(&'a Message),
    Edited(&'a Message),
    Pressed {
        /// Of the line that says so.
        line: Number,
        number: Number,
        row: usize,
        column: usize,
    },
    /// Whether it may write.
    Blocked(bool),
}

impl News<'_> {
    /// As the Bot API calls it.
    fn kind(self) -> &'static str {
        match self {
            Self::Message(_) => "message",
            Self::Edited(_) => "edited_message",
            Self::Pressed { .. } => "callback_query",
            Self::Blocked(_) => "my_chat_member",
        }
    }
}

/// Puts an update into the bot's queue, numbered by the event that it tells of. False: the bot does not want to hear of such,
/// or the button says nothing to it.
pub(super) async fn tell(
    tx: &mut Tx,
    bot_id: BotId,
    row: &Conversation,
    news: News<'_>,
    position: Position,
    at: UnixMs,
) -> Result<bool, CommandError> {
    let Some(bot) = rows::load_known(tx, bot_id).await? else { return Ok(false) };
    if bot.allowed.as_ref().is_some_and(|kinds| !kinds.iter().any(|kind| kind == news.kind())) {
        return Ok(false);
    }
    let me = Me { number: bot.number, name: &bot.name, username: &bot.username };
    let talk = Talk { conversation: row, contact_name: row.contact.name.as_deref(), me };
    let fields = match news {
        News::Message(message) => {
            let answered = answered(tx, row, message).await?;
            things::update_message(&talk, message, answered.as_ref())
        }
        News::Edited(message) => {
            let answered = answered(tx, row, message).await?;
            things::update_edited(&talk, message, answered.as_ref())
        }
        News::Pressed { line, number, row: at_row, column } => {
            let Some(pressed) = messages::load_at(tx, row.id, number).await? else { return Ok(false) };
            let markup = markups::load(tx, pressed.id).await?;
            let Some(markup) = markup.and_then(|text| serde_json::from_str::<Value>(&text).ok()) else {
                return Ok(false);
            };
            let Some(data) = keyboard::data_at(&markup, at_row, column) else { return Ok(false) };
            let query = Query { chat: row.number, at, line }.name();
            things::update_callback(&talk, &query, &pressed, Some(&markup), &data)
        }
        News::Blocked(blocked) => things::update_my_chat_member(&talk, at, blocked),
    };
    let update =
        Update { position, conversation_id: row.id, kind: news.kind().to_owned(), content: fields.to_string(), at };
    updates::insert(tx, bot_id, &update).await?;
    // Counting all that waits costs more than one more that waits.
    if position % CUT_EVERY == 0 {
        let lost = updates::cut(tx, bot_id).await?;
        if lost > 0 {
            tracing::warn!(bot = %bot_id, lost, "more waits for a bot than is kept: the oldest is thrown away");
            rows::set_trouble(tx, bot_id, Some(NOT_FETCHED), at).await?;
        }
    }
    Ok(true)
}

/// Whether the bot would hear of a press on this button of this message.
pub(super) async fn hears_press(
    tx: &mut Tx,
    bot_id: BotId,
    message: MessageId,
    (row, column): (usize, usize),
) -> Result<bool, CommandError> {
    let Some(bot) = rows::load_known(tx, bot_id).await? else { return Ok(false) };
    let kind = News::Pressed { line: 0, number: 0, row, column }.kind();
    if bot.allowed.is_some_and(|kinds| !kinds.iter().any(|wanted| wanted == kind)) {
        return Ok(false);
    }
    let markup = markups::load(tx, message).await?.and_then(|text| serde_json::from_str::<Value>(&text).ok());
    Ok(markup.is_some_and(|markup| keyboard::data_at(&markup, row, column).is_some()))
}

async fn answered(tx: &mut Tx, row: &Conversation, message: &Message) -> Result<Option<Message>, CommandError> {
    let Some(number) = message.answers else { return Ok(None) };
    Ok(messages::load_at(tx, row.id, number).await?.filter(|answered| answered.deleted_at.is_none()))
}
