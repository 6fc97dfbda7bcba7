//! "Updating messages".

use switchboard_bot_api::things::Beside;
use switchboard_bot_api::{Refusal, answer, keyboard};
use switchboard_protocol::Number;

use super::refusals::{Wanted, about};
use super::sends::{caption_of, text_of};
use super::{Ask, Done, Outcome, markup_of};
use crate::bots::{self, BotEdit};

pub async fn text(ask: &Ask<'_>) -> Outcome {
    let words = text_of(ask.call)?;
    edit(ask, BotEdit { text: Some(words), ..BotEdit::default() }).await
}

pub async fn caption(ask: &Ask<'_>) -> Outcome {
    let words = caption_of(ask.call)?;
    edit(ask, BotEdit { text: Some(words), ..BotEdit::default() }).await
}

pub async fn markup(ask: &Ask<'_>) -> Outcome {
    edit(ask, BotEdit::default()).await
}

/// Words without buttons take the buttons away, as there: what is not given is gone.
async fn edit(ask: &Ask<'_>, edit: BotEdit) -> Outcome {
    let markup = markup_of(ask.call)?;
    let keyboard = keyboard::read_inline(markup.as_ref())?;
    let (chat, number) = place(ask)?;
    let edit = BotEdit { keyboard: Some(keyboard), markup: markup.clone(), ..edit };
    let sent = bots::edit(ask.app, ask.bot, chat, number, edit).await.map_err(about(Wanted::Edited))?;
    Ok(ask.sent(&sent, Beside { answered: None, markup: markup.as_ref() }))
}

pub async fn delete(ask: &Ask<'_>) -> Outcome {
    let chat = ask.call.chat("chat_id")?;
    let number = ask.call.message("message_id")?;
    bots::delete(ask.app, ask.bot, chat, number).await.map_err(about(Wanted::Deleted))?;
    Ok(Done::yes())
}

/// Messages of inline queries ("inline_message_id") are not here.
fn place(ask: &Ask<'_>) -> Result<(Number, Number), Refusal> {
    let number = ask.call.message("message_id");
    if ask.call.text("chat_id").is_none() && number.is_err() {
        return Err(match ask.call.text("inline_message_id") {
            Some(_) => Refusal::bad("MESSAGE_ID_INVALID"),
            None => answer::NO_MESSAGE,
        });
    }
    Ok((ask.call.chat("chat_id")?, number?))
}
