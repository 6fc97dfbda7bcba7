//! The log of what bots call and how their webhooks answer. It is for people who look for a reason: what cannot be written is
//! not missed, and no call waits for it.

use std::sync::Arc;

use switchboard_protocol::bots::{BotLogKind, BotLogLine};
use switchboard_protocol::{BotId, ConversationId};
use switchboard_store::bots::log;

use crate::app::{App, Unasked};

/// Longest note kept, characters.
const NOTE_CHARS: usize = 300;

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

/// Notes a call, behind the caller's back.
pub fn note_call(app: &Arc<App>, bot: BotId, call: Call) {
    let at = app.clock.now();
    let id = app.random.ulid(at).to_string();
    let Call { kind, what, conversation_id, status, note, took_ms } = call;
    let note = note.map(|note| note.chars().take(NOTE_CHARS).collect());
    let line = BotLogLine { at, kind, what, conversation_id, status, note, took_ms };
    let app_ = app.clone();
    app.tasks.spawn(async move {
        let written = app_.write_unasked(Unasked::Bot, move |tx| {
            Box::pin(async move { Ok(log::insert(tx, &id, bot, &line).await?) })
        });
        if let Err(error) = written.await {
            tracing::debug!(%error, "a line of a bot's log is missing");
        }
    });
}
