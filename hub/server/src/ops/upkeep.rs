//! What is thrown away after its time: expired sessions, old events, keys of repeats and files that no message has named.
//! Every hub does it; doing it twice does no harm, so no lease is needed. What comes at a time of its own is the timers'
//! ([`crate::timers`]); their loop is started here.

use std::sync::{Arc, Weak};
use std::time::Duration;

use switchboard_protocol::UnixMs;
use switchboard_store::attachments::{self, Settled};
use switchboard_store::bots::{self, log, updates};
use switchboard_store::{automatic_mails, edge_keys, feed, notifications, outbox, references, sessions, templates};

use crate::app::{App, Unasked};
use crate::bots::NOT_FETCHED;
use crate::commands::retention;
use crate::error::CommandError;
use crate::{limits, timers};

/// Between two rounds; the first comes after one of them, so that a start is not slowed.
const EVERY: Duration = Duration::from_secs(600);
/// Metrics are folded this often, so that histograms nobody reads do not grow.
const FOLD_METRICS: Duration = Duration::from_secs(30);
/// How long the feed is kept, milliseconds: a client away for longer starts afresh.
const FEED_MS: i64 = 7 * 24 * 3_600_000;
/// An uploaded file that no message names is kept this long, milliseconds.
const ORPHAN_MS: i64 = 24 * 3_600_000;
/// What a channel has said of a message that nobody knows is kept this long, milliseconds: the name comes in seconds.
const EARLY_MS: i64 = 24 * 3_600_000;

/// What somebody was told because it concerns them is kept this long, milliseconds.
const NOTIFIED_MS: i64 = 30 * 24 * 3_600_000;

/// Most steps of one kind in a round.
const STEPS: usize = 200;

/// Starts the rounds; they end with the hub. One that ends by itself takes the hub along: without it the hub looks well
/// and is not.
pub fn start(app: &Arc<App>) {
    let metrics = app.metrics.clone();
    let fold = async move {
        loop {
            tokio::time::sleep(FOLD_METRICS).await;
            metrics.run_upkeep();
        }
    };
    until_drained(app, rounds(Arc::downgrade(app)));
    until_drained(app, timers::run(Arc::downgrade(app)));
    until_drained(app, fold);
}

fn until_drained(app: &App, work: impl Future<Output = ()> + Send + 'static) {
    let (draining, alive) = (app.draining.clone(), app.failed.clone().drop_guard());
    tokio::spawn(async move {
        draining.run_until_cancelled(work).await;
        drop(alive);
    });
}

async fn rounds(app: Weak<App>) {
    loop {
        tokio::time::sleep(EVERY).await;
        let Some(app) = app.upgrade() else { return };
        if let Err(error) = round(&app).await {
            tracing::warn!(%error, "the upkeep will be tried again");
        }
    }
}

/// One round. Each step is an operation of its own, so that none holds the writer for long; there are as many as there is
/// something to do, up to a bound above what a hub can write in the time between two rounds.
pub async fn round(app: &App) -> Result<(), CommandError> {
    let now = app.clock.now();
    app.write_unasked(Unasked::Hub, move |tx| Box::pin(async move { Ok(sessions::prune(tx, now).await?) })).await?;
    steps(|| async {
        let pruned = app.write_unasked(Unasked::Hub, move |tx| {
            Box::pin(async move { Ok(edge_keys::prune(tx, now - limits::EDGE_KEYS_MS).await?) })
        });
        Ok(pruned.await?.value as i64 == edge_keys::PRUNE_ROWS)
    })
    .await?;
    steps(|| async {
        let pruned = app
            .write_unasked(Unasked::Hub, move |tx| Box::pin(async move { Ok(feed::prune(tx, now - FEED_MS).await?) }));
        Ok(pruned.await?.value as i64 == feed::PRUNE_ROWS)
    })
    .await?;
    steps(|| async {
        let pruned = app.write_unasked(Unasked::Hub, move |tx| {
            Box::pin(async move { Ok(references::prune_early(tx, now - EARLY_MS).await?) })
        });
        Ok(pruned.await?.value as i64 == references::EARLY_PRUNE_ROWS)
    })
    .await?;
    steps(|| async {
        let failed = app
            .write_unasked(Unasked::Hub, move |tx| Box::pin(async move { Ok(outbox::fail_removed(tx, now).await?) }));
        Ok(failed.await?.value as i64 == outbox::REMOVED_ROWS)
    })
    .await?;
    steps(|| async {
        let pruned = app.write_unasked(Unasked::Hub, move |tx| {
            Box::pin(async move { Ok(automatic_mails::prune(tx, now - limits::AUTOMATIC_MAILS.each_ms).await?) })
        });
        Ok(pruned.await?.value as i64 == automatic_mails::PRUNE_ROWS)
    })
    .await?;
    steps(|| async {
        let pruned = app.write_unasked(Unasked::Hub, move |tx| {
            Box::pin(async move {
                let before = now - updates::KEPT_MS;
                for bot in updates::old(tx, before).await? {
                    tracing::warn!(%bot, "what waited for a bot for a day is thrown away");
                    bots::set_trouble(tx, bot, Some(NOT_FETCHED), now).await?;
                }
                Ok(updates::prune(tx, before).await?)
            })
        });
        Ok(pruned.await?.value as i64 == updates::PRUNE_ROWS)
    })
    .await?;
    steps(|| async {
        let pruned = app.write_unasked(Unasked::Hub, move |tx| {
            Box::pin(async move { Ok(log::prune(tx, now - log::KEPT_MS).await?) })
        });
        Ok(pruned.await?.value as i64 == log::PRUNE_ROWS)
    })
    .await?;
    steps(|| async {
        let pruned = app.write_unasked(Unasked::Hub, move |tx| {
            Box::pin(async move { Ok(notifications::prune(tx, now - NOTIFIED_MS).await?) })
        });
        Ok(pruned.await?.value as i64 == notifications::PRUNE_ROWS)
    })
    .await?;
    // What cannot be emptied keeps nothing else from being looked after.
    if let Err(error) = retention::round(app, now).await {
        tracing::error!(%error, "the archive and the trash are not emptied: one conversation may be unreadable");
    }
    let before = now - ORPHAN_MS;
    app.write_unasked(Unasked::Hub, move |tx| Box::pin(async move { Ok(templates::prune(tx, before).await?) })).await?;
    steps(|| settle_uploads(app, before)).await
}

/// Of old uploads, what is in no message goes: the row first, then the bytes, then what reminds of them.
async fn settle_uploads(app: &App, before: UnixMs) -> Result<bool, CommandError> {
    let settled =
        app.write_unasked(Unasked::Hub, move |tx| Box::pin(async move { Ok(attachments::settle(tx, before).await?) }));
    let Settled { uploads, nothing } = settled.await?.value;
    if uploads.is_empty() {
        return Ok(false);
    }
    for id in nothing {
        app.files.discard(id).await.map_err(|error| CommandError::fault("removing a file that nobody named", error))?;
    }
    let more = uploads.len() as i64 == attachments::PRUNE_ROWS;
    app.write_unasked(Unasked::Hub, move |tx| Box::pin(async move { Ok(attachments::end(tx, &uploads).await?) }))
        .await?;
    Ok(more)
}

/// Takes one step after the other until one finds less than it may take at once.
async fn steps<F: Future<Output = Result<bool, CommandError>>>(
    mut more: impl FnMut() -> F,
) -> Result<(), CommandError> {
    for _ in 0..STEPS {
        if !more().await? {
            return Ok(());
        }
    }
    tracing::warn!("there is more to do than one round takes; the next goes on");
    Ok(())
}
