//! A bot fetches what waits for it: the long poll of `getUpdates`.
//!
//! One fetches at a time, as in the Bot API: a second call ends the first, on whichever hub that waits. An update stays until
//! the bot asks on behind it.

use std::time::Duration;

use serde_json::value::RawValue;
use switchboard_protocol::{BotId, Position};
use switchboard_store::bots::{self as rows, updates as queue};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{BotCaller, key};
use crate::app::{App, Unasked};
use crate::error::CommandError;

/// Whoever waits looks so often by itself, where another hub may put something there without waking it.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// The same where every hub wakes it: for a hub that died between the two.
const LOOK_EVERY_IF_WOKEN: Duration = Duration::from_secs(10);

/// What a bot asks for.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The first update wanted: what stands before it has come. Negative: so many from the end.
    pub offset: Option<i64>,
    pub limit: usize,
    /// How long to wait for the first.
    pub timeout: Duration,
    /// From now on only these kinds; none: as before.
    pub allowed: Option<Vec<String>>,
}

/// What a bot is given.
#[derive(Debug)]
pub enum Updates {
    /// Each with its number, and as the fields beside `update_id`.
    Some(Vec<(Position, Box<RawValue>)>),
    /// Its updates are brought to it.
    WebhookSet,
    /// Another call has taken its place.
    AnotherPoller,
}

/// Gives what waits; waits for it up to the time that is asked for, or until the hub goes.
pub async fn updates(app: &App, bot: &BotCaller, asked: Asked) -> Result<Updates, CommandError> {
    let id = bot.id;
    let Some(known) = fetches(app, id).await? else { return Ok(Updates::WebhookSet) };
    let allowed = match asked.allowed {
        Some(allowed) => Some(allowed).filter(|kinds| !kinds.is_empty()),
        None => known.allowed.clone(),
    };
    if allowed != known.allowed {
        let allowed = allowed.clone();
        let written = app.write_unasked(Unasked::Bot, move |tx| {
            Box::pin(async move { Ok(rows::set_allowed(tx, id, allowed.as_deref()).await?) })
        });
        // A webhook may have been set since it was looked.
        if !written.await?.value {
            return Ok(Updates::WebhookSet);
        }
    }
    let turn = Turn::take(app, id);
    let elsewhere = app.wakes.wait_by_name(taken_key(id));
    let waiting = app.wakes.wait(key(id));
    let from = confirm(app, id, asked.offset, allowed.as_deref()).await?;
    let until = Instant::now() + asked.timeout;
    loop {
        let found = queue::waiting(&app.store, id, from, asked.limit, allowed.as_deref()).await?;
        if !found.is_empty() || Instant::now() >= until || app.draining.is_cancelled() {
            // What it waited for may be brought to it by now.
            if fetches(app, id).await?.is_none() {
                return Ok(Updates::WebhookSet);
            }
            return Ok(Updates::Some(found.into_iter().filter_map(raw).collect()));
        }
        let left = look_every(app).min(until - Instant::now());
        tokio::select! {
            () = waiting.woken(left) => {}
            () = elsewhere.woken(asked.timeout) => {
                if Instant::now() < until {
                    return ended(app, id).await;
                }
            }
            () = turn.over.cancelled() => return ended(app, id).await,
            () = app.draining.cancelled() => {}
        }
    }
}

/// The bot, if it fetches its updates.
async fn fetches(app: &App, id: BotId) -> Result<Option<rows::Known>, CommandError> {
    Ok(rows::find_known(&app.store, id).await?.filter(|known| known.webhook.is_none()))
}

/// Why a call that waited is over before its time.
async fn ended(app: &App, id: BotId) -> Result<Updates, CommandError> {
    Ok(if fetches(app, id).await?.is_some() { Updates::AnotherPoller } else { Updates::WebhookSet })
}

/// Five hundred bots that looked each two seconds took 0.08 of a core with nothing to do (`switchboard-load run bots-crowd`).
fn look_every(app: &App) -> Duration {
    let alone = !app.config.database.url.expose().starts_with("postgres");
    let told = !app.config.redis.url.is_empty() && app.backplane.health().connected;
    if alone || told { LOOK_EVERY_IF_WOKEN } else { LOOK_EVERY }
}

/// Forgets what stands before the offset; where to go on from.
async fn confirm(
    app: &App,
    id: BotId,
    offset: Option<i64>,
    kinds: Option<&[String]>,
) -> Result<Position, CommandError> {
    let from = match offset {
        None | Some(0) => return Ok(0),
        Some(back) if back < 0 => {
            let back = back.unsigned_abs().min(100) as i64;
            queue::from_the_end(&app.store, id, back, kinds).await?
        }
        Some(from) => from,
    };
    if queue::any_before(&app.store, id, from).await? {
        let now = app.clock.now();
        app.write_unasked(Unasked::Bot, move |tx| {
            Box::pin(async move {
                queue::confirm(tx, id, from).await?;
                // It takes its updates again.
                Ok(rows::set_trouble(tx, id, None, now).await?)
            })
        })
        .await?;
    }
    Ok(from)
}

fn raw(update: queue::Update) -> Option<(Position, Box<RawValue>)> {
    match RawValue::from_string(update.content) {
        Ok(raw) => Some((update.position, raw)),
        Err(error) => {
            tracing::error!(%error, position = update.position, "an update in the store is no JSON and is left out");
            None
        }
    }
}

/// The key under which whoever fetches hears that it is over.
pub(super) fn taken_key(bot: BotId) -> String {
    format!("fetching:{bot}")
}

/// The right to fetch, as long as nobody else takes it.
struct Turn<'a> {
    app: &'a App,
    bot: BotId,
    over: CancellationToken,
}

impl<'a> Turn<'a> {
    fn take(app: &'a App, bot: BotId) -> Self {
        let over = CancellationToken::new();
        if let Some(before) = app.bots.fetching.lock().insert(bot, over.clone()) {
            before.cancel();
        }
        app.wakes.tell(&app.backplane, &taken_key(bot));
        Self { app, bot, over }
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut fetching = self.app.bots.fetching.lock();
        // Whoever came after has put their own there.
        if !self.over.is_cancelled() {
            fetching.remove(&self.bot);
        }
    }
}
