//! "Getting updates": the long poll, and webhooks.

use std::time::Duration;

use serde_json::{Value, json};
use switchboard_bot_api::{Refusal, answer, things};

use super::refusals::{failed, plain};
use super::{Ask, Done, Outcome};
use crate::bots::{self, Asked, Updates, Webhook};

/// A poll waits so long at most, as there.
pub const LONGEST: Duration = Duration::from_secs(50);

/// Most updates of one answer ("limit").
const MOST: i64 = 100;

/// Connections of a webhook ("max_connections").
const CONNECTIONS: std::ops::RangeInclusive<i64> = 1..=100;
const CONNECTIONS_DEFAULT: i64 = 40;

/// Longest "secret_token", characters.
const SECRET_CHARS: usize = 256;

pub async fn get(ask: &Ask<'_>) -> Outcome {
    let call = ask.call;
    let seconds = call.bounded("timeout", 0, 0, LONGEST.as_secs().cast_signed());
    let asked = Asked {
        offset: call.integer("offset"),
        limit: usize::try_from(call.bounded("limit", MOST, 1, MOST)).unwrap_or(1),
        timeout: Duration::from_secs(seconds.unsigned_abs()),
        allowed: call.kinds("allowed_updates")?,
    };
    // A hub that goes answers its polls at once, with nothing: whoever asks again comes to another one.
    let found = tokio::select! {
        found = bots::updates(ask.app, ask.bot, asked) => found.map_err(failed)?,
        () = ask.app.draining.cancelled() => Updates::Some(Vec::new()),
    };
    match found {
        Updates::Some(found) => Ok(Done { body: things::updates(&found), conversation_id: None }),
        Updates::WebhookSet => Err(answer::WEBHOOK_SET.into()),
        Updates::AnotherPoller => Err(answer::ANOTHER_POLLER.into()),
    }
}

pub async fn set_webhook(ask: &Ask<'_>) -> Outcome {
    let call = ask.call;
    let Some(url) = call.text("url").map(str::trim).filter(|url| !url.is_empty()) else {
        return delete_webhook(ask).await;
    };
    let secret = call.text("secret_token");
    let of_a_secret = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    match secret {
        Some(secret) if secret.len() > SECRET_CHARS => return Err(Refusal::bad("secret token is too long").into()),
        Some(secret) if !secret.bytes().all(of_a_secret) => {
            return Err(Refusal::bad("secret token contains unallowed characters").into());
        }
        _ => {}
    }
    let connections = call.bounded("max_connections", CONNECTIONS_DEFAULT, *CONNECTIONS.start(), *CONNECTIONS.end());
    let webhook = Webhook {
        url: url.to_owned(),
        secret: secret.map(str::to_owned),
        max_connections: u32::try_from(connections).unwrap_or(1),
        allowed: call.kinds("allowed_updates")?,
        drop_pending: call.boolean("drop_pending_updates"),
    };
    bots::set_webhook(ask.app, ask.bot, Some(webhook)).await.map_err(plain)?;
    Ok(Done::described("Webhook was set"))
}

pub async fn delete_webhook(ask: &Ask<'_>) -> Outcome {
    let was = bots::webhook_info(ask.app, ask.bot).await.map_err(failed)?;
    let drop_pending = ask.call.boolean("drop_pending_updates");
    if was.url.is_empty() && !drop_pending {
        return Ok(Done::described("Webhook is already deleted"));
    }
    let none = Webhook { url: String::new(), secret: None, max_connections: 0, allowed: was.allowed, drop_pending };
    bots::set_webhook(ask.app, ask.bot, Some(none)).await.map_err(plain)?;
    Ok(Done::described(if was.url.is_empty() { "Webhook is already deleted" } else { "Webhook was deleted" }))
}

/// "WebhookInfo".
pub async fn webhook_info(ask: &Ask<'_>) -> Outcome {
    let info = bots::webhook_info(ask.app, ask.bot).await.map_err(failed)?;
    let mut told = json!({
        "url": info.url,
        "has_custom_certificate": false,
        "pending_update_count": info.pending,
    });
    let mut tell = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            told[name] = value;
        }
    };
    tell("max_connections", (!info.url.is_empty()).then(|| json!(info.max_connections)));
    tell("allowed_updates", info.allowed.map(|allowed| json!(allowed)));
    tell("last_error_date", info.last_error_at.map(|at| json!(at.div_euclid(1_000))));
    tell("last_error_message", info.last_error.map(|error| json!(error)));
    Ok(Done::of(told))
}
