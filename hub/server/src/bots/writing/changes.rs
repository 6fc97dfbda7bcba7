//! What a bot does with the case: hands it over, sorts it.

use switchboard_domain::{Visibility, change as changes};
use switchboard_protocol::agent::ConversationChange;
use switchboard_protocol::bots::BlockReason;
use switchboard_protocol::error::ApiError;
use switchboard_protocol::model::{Author, Conversation, Priority};
use switchboard_protocol::rest::ChangeContact;
use switchboard_protocol::{Number, limits};
use switchboard_store::conversations;

use super::{Moment, within};
use crate::app::App;
use crate::bots::chats::again;
use crate::bots::control::{self, Shut};
use crate::bots::{BotCaller, BotRefusal};
use crate::commands::contacts;

/// Gives the conversation to people: no bot is asked here until it is closed.
pub async fn hand_over(app: &App, bot: &BotCaller, chat: Number, reason: Option<String>) -> Result<(), BotRefusal> {
    let moment = Moment::of(app);
    let by = Author::Bot { id: bot.id };
    let note = reason.map(|reason| reason.trim().chars().take(limits::QUOTE_CHARS).collect::<String>());
    let shut = Shut { why: BlockReason::HandedOver, by, until: None, note: note.filter(|note| !note.is_empty()) };
    within(app, bot, chat, move |tx, _admitted, row| {
        Box::pin(async move {
            control::shut_all(tx, &row, &shut, moment.now, &moment.random).await?;
            // With the lines that were just written.
            let row = again(tx, &row).await?;
            control::left_to_people(tx, &row, Vec::new(), by, moment.now, &moment.random).await?;
            Ok(())
        })
    })
    .await
}

/// Puts tags on the conversation, or another priority.
pub async fn change(
    app: &App,
    bot: &BotCaller,
    chat: Number,
    tags: Option<Vec<String>>,
    priority: Option<Priority>,
) -> Result<Conversation, BotRefusal> {
    let moment = Moment::of(app);
    let by = Author::Bot { id: bot.id };
    let wanted = ConversationChange { tags, priority, ..ConversationChange::default() };
    within(app, bot, chat, move |tx, _admitted, row| {
        Box::pin(async move {
            let decided = changes::change(&row, &wanted, moment.now)
                .map_err(|refusal| ApiError::field(refusal.field(), "invalid", format!("{refusal}.")))?;
            let mut line_id = || moment.message_id();
            let changed = conversations::change(tx, &row, decided, by, moment.now, &mut line_id).await?;
            Ok(changed.map_or(row, |changed| changed.conversation))
        })
    })
    .await
}

/// Writes an attribute on the customer's card, as the conversation's inbox knows it. An empty value takes it away.
pub async fn set_attribute(
    app: &App,
    bot: &BotCaller,
    chat: Number,
    name: String,
    value: String,
) -> Result<Conversation, BotRefusal> {
    let now = app.clock.now();
    let wanted = ChangeContact { attributes: Some([(name, value)].into()), ..ChangeContact::default() };
    let wanted = contacts::checked(wanted)?;
    within(app, bot, chat, move |tx, _admitted, row| {
        Box::pin(async move {
            let sees = Visibility::Inboxes([row.inbox_id].into());
            contacts::write(tx, &sees, row.contact.id, &wanted, now).await?;
            Ok(row)
        })
    })
    .await
}
