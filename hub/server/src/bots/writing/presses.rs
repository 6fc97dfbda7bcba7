//! Answers to presses on buttons.

use switchboard_protocol::model::Channel;
use switchboard_protocol::visitor::{VisitorServerFrame, VisitorSignal};
use switchboard_protocol::{Number, UnixMs, limits};

use super::within;
use crate::app::App;
use crate::bots::{BotCaller, BotRefusal};
use crate::feed::fences::AsOf;
use crate::feed::{Reach, Signal};
use crate::sessions::{SignalKey, Topic};

/// How long a press on a button may be answered, milliseconds.
const QUERY_MS: i64 = 15 * 60_000;

/// Answers a press on a button, with words or without.
pub async fn tell(app: &App, bot: &BotCaller, query_id: &str, text: String, alert: bool) -> Result<(), BotRefusal> {
    let query = Query::read(query_id).ok_or(BotRefusal::QueryTooOld)?;
    if app.clock.now() - query.at > QUERY_MS {
        return Err(BotRefusal::QueryTooOld);
    }
    // The bot has said something: nobody waits for it any more.
    let said = within(app, bot, query.chat, move |tx, _admitted, row| Box::pin(async move { Ok((row, tx.as_of())) }));
    let (row, position) = said.await?;
    if text.is_empty() || row.channel != Channel::Web {
        return Ok(());
    }
    let text = text.chars().take(limits::QUOTE_CHARS).collect();
    let frame = VisitorServerFrame::Signal(VisitorSignal::Told { conversation_id: row.id, text, alert });
    match serde_json::to_string(&frame) {
        Ok(json) => {
            let (topics, key) = (vec![Topic::Identity(row.identity_id)], SignalKey::Told(row.id, query.position));
            let as_of = Some(AsOf { conversation_id: row.id, position });
            app.feed.signal(Signal { topics, except: None, key, json, as_of }, Reach::Everywhere);
        }
        Err(error) => tracing::error!(%error, "a signal cannot be written"),
    }
    Ok(())
}

/// A press on a button, as a bot names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::bots) struct Query {
    pub chat: Number,
    pub at: UnixMs,
    pub position: i64,
}

impl Query {
    pub fn name(self) -> String {
        format!("{}-{}-{}", self.chat, self.at, self.position)
    }

    fn read(name: &str) -> Option<Self> {
        let mut parts = name.splitn(3, '-').map(|part| part.parse().ok());
        Some(Self { chat: parts.next()??, at: parts.next()??, position: parts.next()?? })
    }
}
