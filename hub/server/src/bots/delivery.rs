//! How a bot wants to be told: by fetching, or at an address of its own. And what it says of its commands.

use std::net::IpAddr;

use switchboard_connector::{Secret, Secrets};
use switchboard_protocol::UnixMs;
use switchboard_store::bots::{self as rows, updates as queue};
use url::Url;

use super::{BotCaller, BotRefusal};
use crate::app::{App, Unasked};
use crate::error::CommandError;

/// Most conversations of one bot whose updates are under way at once.
const CONNECTIONS: u32 = 100;
/// The same of a bot that says nothing.
const CONNECTIONS_DEFAULT: u32 = 40;
/// Longest address of a webhook, bytes.
const URL_BYTES: usize = 2_000;
/// The name of the webhook's secret among sealed ones.
pub(super) const SECRET: &str = "secret_token";

/// Where a bot wants its updates brought.
#[derive(Debug, Clone)]
pub struct Webhook {
    pub url: String,
    /// Sent along with each update, so that the bot knows from whom it is.
    pub secret: Option<String>,
    pub max_connections: u32,
    pub allowed: Option<Vec<String>>,
    /// What waits is thrown away.
    pub drop_pending: bool,
}

/// How bringing updates goes.
#[derive(Debug, Clone, Default)]
pub struct WebhookInfo {
    /// Empty: the bot fetches.
    pub url: String,
    pub pending: i64,
    pub max_connections: u32,
    pub allowed: Option<Vec<String>>,
    pub last_error_at: Option<UnixMs>,
    pub last_error: Option<String>,
}

/// Sets the webhook; none: the bot fetches again.
pub async fn set_webhook(app: &App, bot: &BotCaller, webhook: Option<Webhook>) -> Result<(), BotRefusal> {
    let id = bot.id;
    let drop_pending = webhook.as_ref().is_some_and(|webhook| webhook.drop_pending);
    // What it wants to hear of stays as it was, until it says otherwise ("allowed_updates").
    let allowed = match webhook.as_ref().and_then(|webhook| webhook.allowed.clone()) {
        Some(kinds) => Some(kinds).filter(|kinds| !kinds.is_empty()),
        None => rows::find_known(&app.store, id).await?.and_then(|known| known.allowed),
    };
    let kept = match webhook.filter(|webhook| !webhook.url.is_empty()) {
        None => None,
        Some(webhook) => {
            acceptable(app, &webhook.url)?;
            let secret = webhook.secret.map(|secret| {
                let secrets = Secrets([(SECRET.to_owned(), Secret::new(secret))].into());
                app.vault.seal(id, &secrets, &app.random)
            });
            let max_connections = match webhook.max_connections {
                0 => CONNECTIONS_DEFAULT,
                wanted => wanted.min(CONNECTIONS),
            };
            Some(rows::Webhook { url: webhook.url, secret, max_connections })
        }
    };
    let (now, brought) = (app.clock.now(), kept.is_some());
    app.write_unasked(Unasked::Bot, move |tx| {
        Box::pin(async move {
            rows::set_delivery(tx, id, kept.as_ref(), allowed.as_deref()).await?;
            // Who sets it anew has mended it.
            queue::try_now(tx, id, None, now).await?;
            if drop_pending {
                queue::confirm(tx, id, i64::MAX).await?;
            }
            Ok(())
        })
    })
    .await?;
    if brought {
        app.bots.end_fetching(app, id);
    }
    app.bots.call(app, &[id]);
    Ok(())
}

/// Whether the hub may call there. Names are looked at when they are resolved.
fn acceptable(app: &App, url: &str) -> Result<(), BotRefusal> {
    let bad = |why: &str| BotRefusal::Closed(format!("bad webhook: {why}"));
    let parsed = Url::parse(url).ok().filter(|_| url.len() <= URL_BYTES).ok_or_else(|| bad("invalid URL"))?;
    let private = app.config.channels.private_addresses;
    if parsed.scheme() != "https" && !(private && parsed.scheme() == "http") {
        return Err(bad("An HTTPS URL must be provided for webhook"));
    }
    let address: Option<IpAddr> = match parsed.host() {
        Some(url::Host::Ipv4(address)) => Some(address.into()),
        Some(url::Host::Ipv6(address)) => Some(address.into()),
        Some(url::Host::Domain(_)) => None,
        None => return Err(bad("invalid URL")),
    };
    if address.is_some_and(|address| !crate::hub::addresses(&app.config).allows(address)) {
        return Err(bad("IP address is reserved"));
    }
    Ok(())
}

pub async fn webhook_info(app: &App, bot: &BotCaller) -> Result<WebhookInfo, CommandError> {
    let Some(known) = rows::find_known(&app.store, bot.id).await? else { return Ok(WebhookInfo::default()) };
    let pending = queue::count(&app.store, bot.id).await?;
    let webhook = known.webhook;
    Ok(WebhookInfo {
        max_connections: webhook.as_ref().map_or(CONNECTIONS_DEFAULT, |webhook| webhook.max_connections),
        url: webhook.map(|webhook| webhook.url).unwrap_or_default(),
        pending,
        allowed: known.allowed,
        last_error_at: known.trouble_at.filter(|_| known.trouble.is_some()),
        last_error: known.trouble,
    })
}

/// What the bot has said of its commands, as the door keeps it.
pub async fn commands(app: &App, bot: &BotCaller) -> Result<serde_json::Value, CommandError> {
    let text = rows::commands(&app.store, bot.id).await?;
    serde_json::from_str(&text).map_err(|error| CommandError::fault("reading a bot's commands", error))
}

pub async fn set_commands(app: &App, bot: &BotCaller, commands: serde_json::Value) -> Result<(), CommandError> {
    let (id, text) = (bot.id, commands.to_string());
    app.write_unasked(Unasked::Bot, move |tx| Box::pin(async move { Ok(rows::set_commands(tx, id, &text).await?) }))
        .await?;
    Ok(())
}
