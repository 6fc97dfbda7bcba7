//! The log of what bots call and how their webhooks answer. It is for people who look for a reason: what cannot be written is
//! not missed but counted, and no call waits for it.
//!
//! A bot that is refused at its full rate has a line for each call. They are written together, once a second, so that the
//! writer is there for messages.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use switchboard_protocol::bots::{BotLogKind, BotLogLine};
use switchboard_protocol::{BotId, ConversationId};
use switchboard_store::bots::log;
use tokio::sync::mpsc::{self, error::TrySendError};
use tokio::time::{Instant, sleep_until};

use crate::app::{App, Unasked};

/// Longest note kept, characters.
const NOTE_CHARS: usize = 300;
/// Lines are written so often at most, unless there are [`AT_ONCE`].
const EVERY: Duration = Duration::from_secs(1);
/// Most lines written together.
const AT_ONCE: usize = 100;
/// Most lines that wait to be written; more are lost.
const WAITING: usize = 2_000;
/// All lines of a bot are counted once in so many of them that this hub has written, and by its first.
const CUT_EVERY: usize = 500;

/// A line of the log, without its time.
#[derive(Debug, Clone)]
pub struct Call {
    pub kind: BotLogKind,
    /// The method, or the kind of update.
    pub what: String,
    pub conversation_id: Option<ConversationId>,
    pub status: u16,
    pub note: Option<String>,
    pub took_ms: u32,
}

/// A line with its id, a ULID of its time, and whose it is.
struct Line {
    id: String,
    bot: BotId,
    line: BotLogLine,
}

/// Lines on their way to the store.
pub(super) struct Lines {
    sender: mpsc::Sender<Line>,
    /// Until somebody writes them.
    waiting: Mutex<Option<mpsc::Receiver<Line>>>,
}

impl Lines {
    pub(super) fn new() -> Self {
        let (sender, waiting) = mpsc::channel(WAITING);
        Self { sender, waiting: Mutex::new(Some(waiting)) }
    }
}

/// Notes a call, behind the caller's back.
pub fn note_call(app: &Arc<App>, bot: BotId, call: Call) {
    let at = app.clock.now();
    let id = app.random.ulid(at).to_string();
    let Call { kind, what, conversation_id, status, note, took_ms } = call;
    let note = note.map(|note| note.chars().take(NOTE_CHARS).collect());
    let line = BotLogLine { at, kind, what, conversation_id, status, note, took_ms };
    match app.bots.lines.sender.try_send(Line { id, bot, line }) {
        Ok(()) => {}
        Err(TrySendError::Full(_)) => lost(1),
        // The hub goes, and what bots do until it has gone is written as it comes.
        Err(TrySendError::Closed(line)) => {
            let app_ = app.clone();
            app.tasks.spawn(async move { put(&app_, vec![line], Vec::new()).await });
        }
    }
}

/// Writes lines as they come, until the hub is told to go and those are written that came before.
pub(super) async fn write(app: &App) {
    let Some(mut lines) = app.bots.lines.waiting.lock().take() else { return };
    let mut written = Written::default();
    let mut batch = Vec::new();
    let mut not_before = Instant::now();
    loop {
        let room = AT_ONCE - batch.len();
        tokio::select! {
            () = app.draining.cancelled() => break,
            () = sleep_until(not_before), if !batch.is_empty() => {}
            _ = lines.recv_many(&mut batch, room), if room > 0 => if batch.len() < AT_ONCE { continue },
        }
        let long = written.long(&batch);
        put(app, std::mem::take(&mut batch), long).await;
        not_before = Instant::now() + EVERY;
    }
    lines.close();
    while lines.recv_many(&mut batch, AT_ONCE).await > 0 {
        put(app, std::mem::take(&mut batch), Vec::new()).await;
    }
    put(app, batch, Vec::new()).await;
}

/// How many lines of each bot this hub has written.
#[derive(Default)]
struct Written(HashMap<BotId, usize>);

impl Written {
    /// Counts these; the bots whose logs are to be counted now.
    fn long(&mut self, batch: &[Line]) -> Vec<BotId> {
        let mut long = Vec::new();
        for line in batch {
            let count = self.0.entry(line.bot).or_default();
            if count.is_multiple_of(CUT_EVERY) {
                long.push(line.bot);
            }
            *count += 1;
        }
        long
    }
}

async fn put(app: &App, batch: Vec<Line>, long: Vec<BotId>) {
    if batch.is_empty() {
        return;
    }
    let count = batch.len();
    let written = app.write_unasked(Unasked::Bot, move |tx| {
        Box::pin(async move {
            for Line { id, bot, line } in &batch {
                log::insert(tx, id, *bot, line).await?;
            }
            for bot in long {
                log::cut(tx, bot, log::KEPT_LINES).await?;
            }
            Ok(())
        })
    });
    if let Err(error) = written.await {
        tracing::debug!(%error, count, "lines of bots' logs are missing");
        lost(count);
    }
}

fn lost(count: usize) {
    metrics::counter!("switchboard_bot_log_lines_lost_total").increment(count as u64);
}
