//! That a bot writes.

use switchboard_protocol::model::{Author, Conversation};
use switchboard_protocol::visitor::VisitorAuthor;
use switchboard_protocol::{BotId, Number, Position};
use switchboard_store::bots::standings;

use super::takes;
use crate::app::{App, Shared};
use crate::bots::{BotCaller, BotRefusal};
use crate::feed::fences::AsOf;
use crate::ws::typing::{self, Typing};

/// Shows that the bot writes.
pub async fn typing(app: &Shared, bot: &BotCaller, chat: Number) -> Result<(), BotRefusal> {
    let (row, position) = allowed(app, bot.id, chat).await?;
    show_typing(app, &row, bot.id, &bot.name, Some(position));
    let (inbox, conversation, identity) = (row.inbox_id, row.id, row.identity_id);
    // A channel is told later than the sockets: it is asked again at the last moment.
    let (again, bot) = (app.clone(), bot.id);
    let still = async move { allowed(&again, bot, chat).await.is_ok() };
    crate::channels::show_typing_if(app, inbox, conversation, identity, still);
    Ok(())
}

/// The conversation, and as of which position the bot may write in it; nothing is changed by asking.
async fn allowed(app: &App, bot: BotId, chat: Number) -> Result<(Conversation, Position), BotRefusal> {
    let now = app.clock.now();
    let looked = app.write_for_bot(move |tx| {
        Box::pin(async move {
            let thread = standings::load_chat(tx, bot, chat).await?.ok_or(BotRefusal::ChatNotFound)?;
            takes(tx, &thread.conversation).await?;
            if !standings::may_write(tx, bot, &thread, now).await? {
                return Err(BotRefusal::Blocked { conversation_id: thread.conversation.id });
            }
            Ok((thread.conversation, tx.as_of()))
        })
    });
    Ok(looked.await?.value)
}

/// That a bot writes, as far as it was allowed to at that position; none: that it does no more.
pub(in crate::bots) fn show_typing(app: &App, row: &Conversation, bot: BotId, name: &str, allowed: Option<Position>) {
    let as_of = allowed.map(|position| AsOf { conversation_id: row.id, position });
    let (who, on) = (Author::Bot { id: bot }, allowed.is_some());
    let shown = Typing { conversation_id: row.id, who, on, note: false, as_of };
    typing::tell_staff(app, row.inbox_id, None, shown);
    typing::tell_visitor(app, row.identity_id, VisitorAuthor::Bot { name: name.to_owned() }, shown);
}
