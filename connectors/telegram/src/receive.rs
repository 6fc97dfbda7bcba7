//! Fetching: long polling, or watching over the webhook that Telegram calls.

use std::time::Duration;

use futures_util::{StreamExt, stream};
use serde_json::value::RawValue;
use switchboard_connector::{Edge, Happened, Incoming, NotTaken, Trouble};
use teloxide_core::payloads::{
    DeleteWebhook, GetUpdates, GetUpdatesSetters, GetWebhookInfo, SetWebhook, SetWebhookSetters,
};
use teloxide_core::types::{AllowedUpdate, WebhookInfo};
use url::Url;

use crate::Bot;
use crate::api::Failure;
use crate::files::complete;
use crate::read::{Numbered, read};

/// How long the server holds a request open when nothing happens.
const POLL: Duration = Duration::from_secs(50);
/// Between two looks at the webhook.
const LOOK: Duration = Duration::from_secs(60);
/// Between two looks while it is not clear whether an error is an old one.
const QUICK_LOOK: Duration = Duration::from_secs(1);
const QUICK_LOOKS: u32 = 3;
/// Updates whose files are fetched at a time.
const AT_A_TIME: usize = 4;
/// Bytes of files that are held before they are handed in.
const HELD_BYTES: usize = 24 * 1024 * 1024;
/// Requests that Telegram may have open to us at a time. It sends a chat's updates one after another whatever this is.
const CONNECTIONS: u8 = 20;
/// All that [`read`] knows; the server does not even keep what is not here.
const UPDATES: [AllowedUpdate; 3] = [AllowedUpdate::Message, AllowedUpdate::EditedMessage, AllowedUpdate::MyChatMember];

/// Fetches until there is trouble. An update is confirmed to Telegram by asking for those after it, so only after the commit.
pub(crate) async fn poll(bot: &Bot, edge: &dyn Edge) -> Result<(), Trouble> {
    bot.api.call(&DeleteWebhook::new()).await.map_err(Failure::trouble)?;
    let name = bot.number.cursor();
    let mut offset: Option<i32> = edge.cursor(&name).await.map_err(not_taken)?.and_then(|place| place.parse().ok());
    // The first request asks what is there and does not wait, so that a good connection shows at once.
    let mut wait = Duration::ZERO;
    loop {
        let mut method = GetUpdates::new().limit(100).timeout(wait.as_secs() as u32).allowed_updates(UPDATES);
        method.offset = offset;
        let updates: Vec<Box<RawValue>> = bot.api.call_for(&method, wait).await.map_err(Failure::trouble)?;
        if wait.is_zero() {
            edge.receiving();
        }
        wait = POLL;
        // The last one's number and not the highest ever: after a quiet week Telegram begins anew at any number, and a place
        // that is too high is answered from the beginning.
        let next = hand_in(bot, edge, &name, &updates).await?;
        if !updates.is_empty() && (next.is_none() || next == offset) {
            // Asked at once, it would say the same at once.
            return Err(Trouble::away("The Bot API server tells updates without a number by which to go on."));
        }
        offset = next.or(offset);
    }
}

/// Hands in all updates in their order; what comes after the last of them. Files are fetched a few at a time, so that an
/// album is not as slow as its pictures one after another.
async fn hand_in(bot: &Bot, edge: &dyn Edge, name: &str, updates: &[Box<RawValue>]) -> Result<Option<i32>, Trouble> {
    let mut next = None;
    let mut items: Vec<Incoming> = Vec::new();
    let mut held = 0;
    let fetched: Vec<_> = updates.iter().map(|update| one(bot, update)).collect();
    let mut fetched = stream::iter(fetched).buffered(AT_A_TIME);
    while let Some((number, outcome)) = fetched.next().await {
        match outcome {
            Ok(item) => {
                held += item.as_ref().map_or(0, bytes);
                items.extend(item);
            }
            Err(trouble) => {
                keep(edge, name, items, next).await?;
                return Err(trouble);
            }
        }
        next = number.map(|number| number.saturating_add(1)).or(next);
        if held > HELD_BYTES {
            keep(edge, name, std::mem::take(&mut items), next).await?;
            held = 0;
        }
    }
    keep(edge, name, items, next).await?;
    Ok(next)
}

/// An update's number and what it says, with its files.
async fn one(bot: &Bot, update: &RawValue) -> (Option<i32>, Result<Option<Incoming>, Trouble>) {
    let number = serde_json::from_str::<Numbered>(update.get()).map(|it| it.update_id).ok();
    let item = match read(bot.number, update) {
        None => Ok(None),
        Some(read) => complete(&bot.api, &bot.tries, read).await.map(Some),
    };
    (number, item)
}

async fn keep(edge: &dyn Edge, name: &str, items: Vec<Incoming>, next: Option<i32>) -> Result<(), Trouble> {
    if !items.is_empty() {
        edge.take(items).await.map_err(not_taken)?;
    }
    if let Some(next) = next {
        edge.keep_cursor(name, &next.to_string()).await.map_err(not_taken)?;
    }
    Ok(())
}

fn bytes(item: &Incoming) -> usize {
    match &item.what {
        Happened::Message(message) | Happened::Part { message, .. } => {
            message.files.iter().map(|file| file.bytes.len()).sum()
        }
        _ => 0,
    }
}

fn not_taken(error: NotTaken) -> Trouble {
    Trouble::away(error.to_string())
}

/// Tells Telegram where to call us.
pub(crate) async fn set_webhook(bot: &Bot, address: &Url) -> Result<(), Trouble> {
    let method = SetWebhook::new(address.clone())
        .secret_token(crate::webhook::secret(&bot.token))
        .allowed_updates(UPDATES)
        .max_connections(CONNECTIONS);
    bot.api.call(&method).await.map_err(Failure::trouble)?;
    Ok(())
}

/// Looks every minute whether Telegram still calls us, and says when it cannot. Two programs with one bot take the webhook
/// from each other: ours is set again.
///
/// Telegram keeps its last error for ever, also long after all is well. So an error counts when it is a newer one than at the
/// look before; if messages wait and there is an error, a few quick looks say whether it is old.
pub(crate) async fn watch(bot: &Bot, edge: &dyn Edge) -> Result<(), Trouble> {
    let mut quick = QUICK_LOOKS;
    let mut good = false;
    loop {
        let info: WebhookInfo = bot.api.call(&GetWebhookInfo::new()).await.map_err(Failure::trouble)?;
        let ours = bot.webhook.lock().address.clone();
        if let Some(ours) = ours.filter(|ours| info.url.as_ref() != Some(ours)) {
            tracing::warn!("the bot's webhook was not ours, and is set again: another program uses this bot");
            set_webhook(bot, &ours).await?;
        }
        let error = info.last_error_date.map(|date| date.timestamp());
        let before = bot.webhook.lock().last_error.replace(error);
        if error.is_some() && before.is_some_and(|before| before != error) {
            let why = info.last_error_message.unwrap_or_else(|| "it does not say why".into());
            let waiting = info.pending_update_count;
            return Err(Trouble::away(format!("Telegram cannot call the hub, {waiting} messages wait there: {why}.")));
        }
        let doubtful = error.is_some() && info.pending_update_count > 0 && quick > 0;
        if doubtful {
            quick -= 1;
        } else if !good {
            edge.receiving();
            good = true;
        }
        tokio::time::sleep(if doubtful { QUICK_LOOK } else { LOOK }).await;
    }
}
