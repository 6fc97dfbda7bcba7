//! What comes at its time: a handler for each kind of timer, and the loop that calls them. Every hub does it; who takes a
//! timer's row does what it is for in the same transaction, so each is done once, whoever comes first.
//!
//! To add a kind: a variant in `store::timers::TimerKind`, an arm in [`ring`], and `timers::set` in the transaction that
//! wants it. A timer may come late, when no hub was there: its handler looks whether what it is for still stands.

use std::sync::{Arc, Weak};
use std::time::Duration;

use switchboard_protocol::UnixMs;
use switchboard_store::Tx;
use switchboard_store::timers::{self, Timer, TimerKind};

use crate::app::{App, Shared, Unasked};
use crate::commands::held_replies;
use crate::commands::wake_due::wake;
use crate::error::CommandError;

/// It is looked so often, milliseconds: another hub sets timers, too. What is due within that time is waited for exactly.
const LOOK_EVERY_MS: i64 = 1_000;
/// Between two looks there is always so much, milliseconds, for a clock that stands still.
const BREATH_MS: i64 = 10;
/// Done in one transaction.
pub const AT_ONCE: usize = 100;
/// What cannot be done is tried again after this, milliseconds: ten minutes.
const PUT_OFF_MS: i64 = 600_000;

pub async fn run(app: Weak<App>) {
    loop {
        let Some(strong) = app.upgrade() else { return };
        let wait = match round(&strong).await {
            Ok(wait) => wait,
            Err(error) => {
                tracing::warn!(%error, "what is due will be done with the next look");
                LOOK_EVERY_MS
            }
        };
        drop(strong);
        tokio::time::sleep(Duration::from_millis(wait.clamp(BREATH_MS, LOOK_EVERY_MS) as u64)).await;
    }
}

/// Does all that is due, the longest due first; how long until the next is, or until one should look again, milliseconds.
pub async fn round(app: &Shared) -> Result<i64, CommandError> {
    loop {
        let now = app.clock.now();
        let mut found = timers::due(&app.store, now + LOOK_EVERY_MS, AT_ONCE).await?;
        let due = found.partition_point(|timer| timer.due_at <= now);
        let later = found.split_off(due);
        if found.is_empty() {
            return Ok(later.first().map_or(LOOK_EVERY_MS, |next| next.due_at - now));
        }
        together(app, found, now).await?;
    }
}

/// All in one transaction: a whole team may have put its Monday off to nine o'clock. If one of them cannot be done, each in its
/// own, so that it holds up no other.
async fn together(app: &Shared, found: Vec<Timer>, now: UnixMs) -> Result<(), CommandError> {
    match ring_all(app, found.clone(), now).await {
        Err(error) if error.is_for_good() => {}
        done => return done,
    }
    for timer in found {
        match ring_all(app, vec![timer.clone()], now).await {
            Err(error) if error.is_for_good() => {
                tracing::error!(
                    %error, kind = timer.kind.as_str(), subject = timer.subject,
                    "what is due cannot be done and is put off: if a row is named, put it right from a backup"
                );
                put_off(app, timer, now + PUT_OFF_MS).await?;
            }
            done => done?,
        }
    }
    Ok(())
}

async fn ring_all(app: &Shared, found: Vec<Timer>, now: UnixMs) -> Result<(), CommandError> {
    let with = Arc::clone(app);
    let sends = found.iter().any(|timer| timer.kind == TimerKind::HeldSend);
    app.write_unasked(Unasked::Hub, move |tx| {
        Box::pin(async move {
            for timer in found {
                if timers::take(tx, &timer).await? {
                    ring(&with, tx, &timer, now).await?;
                }
            }
            Ok(())
        })
    })
    .await?;
    if sends {
        app.channels.call_senders();
    }
    Ok(())
}

/// Does what it is for.
async fn ring(app: &App, tx: &mut Tx, timer: &Timer, now: UnixMs) -> Result<(), CommandError> {
    let unreadable = || CommandError::fault("reading whom a timer is for", timer.subject.clone());
    match timer.kind {
        TimerKind::HeldSend => held_replies::send(app, tx, &timer.subject, now).await,
        TimerKind::Wake => wake(tx, timer.subject.parse().map_err(|_| unreadable())?, now, &app.random).await,
    }
}

async fn put_off(app: &App, timer: Timer, until: UnixMs) -> Result<(), CommandError> {
    app.write_unasked(Unasked::Hub, move |tx| {
        Box::pin(async move {
            if timers::take(tx, &timer).await? {
                timers::set(tx, timer.kind, &timer.subject, until).await?;
            }
            Ok(())
        })
    })
    .await?;
    Ok(())
}
