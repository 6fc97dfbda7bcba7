//! Telegram calls us: one update a request, proved by a secret in a header (core.telegram.org/bots/api#setwebhook).

use hmac::{Hmac, KeyInit, Mac};
use serde_json::value::RawValue;
use sha2::Sha256;
use subtle::ConstantTimeEq;
use switchboard_connector::{Edge, Secret, Webhook, WebhookAnswer};

use crate::Bot;
use crate::files::complete;
use crate::read::{Numbered, read};

const HEADER: &str = "x-telegram-bot-api-secret-token";

/// Made from the bot's token, so that every hub knows it, nothing more is kept, and a new token makes a new one.
pub(crate) fn secret(token: &Secret) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(token.expose().as_bytes()).expect("HMAC takes keys of any length");
    mac.update(b"switchboard/telegram/webhook");
    mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(crate) async fn webhook(bot: &Bot, request: Webhook, edge: &dyn Edge) -> WebhookAnswer {
    if request.method != "POST" || !request.rest.is_empty() {
        return WebhookAnswer::not_found();
    }
    let proof = request.header(HEADER).unwrap_or_default();
    if !bool::from(proof.as_bytes().ct_eq(secret(&bot.token).as_bytes())) {
        return WebhookAnswer::forbidden();
    }
    let update = match serde_json::from_slice::<Box<RawValue>>(&request.body) {
        Ok(update) if serde_json::from_str::<Numbered>(update.get()).is_ok() => update,
        _ => return WebhookAnswer::malformed("This is not an update of the Bot API.\n"),
    };
    let Some(read) = read(bot.number, &update) else { return WebhookAnswer::done() };
    let item = match complete(&bot.api, &bot.tries, read).await {
        Ok(item) => item,
        Err(trouble) => {
            tracing::warn!(%trouble, "an update from Telegram is not taken yet; it comes again");
            return WebhookAnswer::unavailable();
        }
    };
    match edge.take(vec![item]).await {
        Ok(_) => WebhookAnswer::done(),
        Err(error) => {
            tracing::warn!(%error, "an update from Telegram is not taken yet; it comes again");
            WebhookAnswer::unavailable()
        }
    }
}
