//! What conversations with customers have and the Bot API does not: methods whose names begin with `switchboard.`.

use serde_json::{Value, json};
use switchboard_bot_api::{Refusal, answer};
use switchboard_protocol::model::Priority;

use super::refusals::{failed, plain};
use super::{Ask, Done, Outcome};
use crate::bots;

/// `switchboard.handOver`: people go on from here. `reason`: for them to read.
pub async fn hand_over(ask: &Ask<'_>) -> Outcome {
    let chat = ask.call.chat("chat_id")?;
    let reason = ask.call.text("reason").map(str::to_owned);
    bots::hand_over(ask.app, ask.bot, chat, reason).await.map_err(plain)?;
    Ok(Done::yes())
}

/// `switchboard.addNote`: only the team sees it.
pub async fn add_note(ask: &Ask<'_>) -> Outcome {
    let text = ask.call.text("text").map(str::trim).filter(|text| !text.is_empty()).ok_or(answer::EMPTY_TEXT)?;
    let chat = ask.call.chat("chat_id")?;
    let sent = bots::note(ask.app, ask.bot, chat, text.to_owned()).await.map_err(plain)?;
    Ok(Done::of(json!({ "message_id": sent.message.number })).in_conversation(sent.conversation.id))
}

/// `switchboard.setTags`: these and no others.
pub async fn set_tags(ask: &Ask<'_>) -> Outcome {
    let wrong = || Refusal::bad("expected an Array of String as tags");
    let Some(Value::Array(tags)) = ask.call.json("tags", "tags")? else { return Err(wrong().into()) };
    let tags: Option<Vec<String>> = tags.iter().map(|tag| tag.as_str().map(str::to_owned)).collect();
    let chat = ask.call.chat("chat_id")?;
    let changed = bots::change(ask.app, ask.bot, chat, Some(tags.ok_or_else(wrong)?), None).await.map_err(plain)?;
    Ok(Done::yes().in_conversation(changed.id))
}

/// `switchboard.setPriority`.
pub async fn set_priority(ask: &Ask<'_>) -> Outcome {
    let priority = Priority::from_word(ask.call.text("priority").unwrap_or_default());
    let priority =
        priority.ok_or_else(|| Refusal::bad("priority must be one of none, low, medium, high and urgent"))?;
    let chat = ask.call.chat("chat_id")?;
    let changed = bots::change(ask.app, ask.bot, chat, None, Some(priority)).await.map_err(plain)?;
    Ok(Done::yes().in_conversation(changed.id))
}

/// `switchboard.setAttribute`: on the customer's card. An empty value takes it away.
pub async fn set_attribute(ask: &Ask<'_>) -> Outcome {
    let name = ask.call.text("name").map(str::trim).filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| Refusal::bad("name must be non-empty"))?.to_owned();
    if !ask.call.has("value") {
        return Err(Refusal::bad("value is required").into());
    }
    let value = ask.call.text("value").unwrap_or_default().to_owned();
    let chat = ask.call.chat("chat_id")?;
    let row = bots::set_attribute(ask.app, ask.bot, chat, name, value).await.map_err(plain)?;
    Ok(Done::yes().in_conversation(row.id))
}

/// `switchboard.getConversation`: by which channel, in which language, and the customer's card, without what the team has
/// noted on it for itself.
pub async fn get_conversation(ask: &Ask<'_>) -> Outcome {
    let chat = bots::chat(ask.app, ask.bot, ask.call.chat("chat_id")?).await.map_err(plain)?;
    let (row, card) = (chat.conversation, chat.contact);
    let hours = bots::hours(ask.app, row.inbox_id).await.map_err(failed)?;
    let told = json!({
        "chat_id": row.number,
        "case_number": row.case_number,
        "channel": row.channel,
        "language": row.language,
        "subject": row.subject,
        "status": row.status,
        "priority": row.priority,
        "tags": row.tags,
        "created_at": row.created_at.div_euclid(1_000),
        "source": row.source,
        "hours": hours.map(|(open, next)| json!({ "open": open, "next_opening": next.map(|at| at.div_euclid(1_000)) })),
        "contact": {
            "id": card.id,
            "name": card.name,
            "email": card.email,
            "phone": card.phone,
            "language": card.language,
            "time_zone": card.time_zone,
            "tags": card.tags,
            "attributes": card.attributes,
        },
    });
    Ok(Done::of(told).in_conversation(row.id))
}
