//! Answers to presses on buttons.

use switchboard_protocol::model::{Author, Channel, Conversation, SystemLine};
use switchboard_protocol::visitor::{VisitorServerFrame, VisitorSignal};
use switchboard_protocol::{BotId, Number, UnixMs, limits};
use switchboard_store::{Tx, messages};

use super::within;
use crate::app::App;
use crate::bots::{BotCaller, BotRefusal};
use crate::feed::fences::AsOf;
use crate::feed::{Reach, Signal};
use crate::sessions::{SignalKey, Topic};

/// How long a press on a button may be answered, milliseconds.
const QUERY_MS: i64 = 15 * 60_000;

/// Answers a press on a button of the bot's own, with words or without.
pub async fn tell(app: &App, bot: &BotCaller, query_id: &str, text: String, alert: bool) -> Result<(), BotRefusal> {
    let query = Query::read(query_id).ok_or(BotRefusal::QueryTooOld)?;
    if app.clock.now() - query.at > QUERY_MS {
        return Err(BotRefusal::QueryTooOld);
    }
    // The bot has said something: nobody waits for it any more.
    let said = within(app, bot, query.chat, move |tx, admitted, row| {
        Box::pin(async move {
            if !was_pressed(tx, admitted.bot_id(), &row, query).await? {
                return Err(BotRefusal::QueryTooOld);
            }
            Ok((row, tx.as_of()))
        })
    });
    let (row, position) = said.await?;
    if text.is_empty() || row.channel != Channel::Web {
        return Ok(());
    }
    let text = text.chars().take(limits::QUOTE_CHARS).collect();
    let frame = VisitorServerFrame::Signal(VisitorSignal::Told { conversation_id: row.id, text, alert });
    match serde_json::to_string(&frame) {
        Ok(json) => {
            let (topics, key) = (vec![Topic::Identity(row.identity_id)], SignalKey::Told(row.id, query.line));
            let as_of = Some(AsOf { conversation_id: row.id, position });
            app.feed.signal(Signal { topics, except: None, key, json, as_of }, Reach::Everywhere);
        }
        Err(error) => tracing::error!(%error, "a signal cannot be written"),
    }
    Ok(())
}

/// Whether there was this press, on a button of this bot.
async fn was_pressed(tx: &mut Tx, bot_id: BotId, row: &Conversation, query: Query) -> Result<bool, BotRefusal> {
    // Where it was merged its lines have other numbers.
    if row.number != query.chat {
        return Ok(false);
    }
    let line = messages::load_at(tx, row.id, query.line).await?.filter(|line| line.at == query.at);
    let Some(SystemLine::Pressed { number, .. }) = line.and_then(|line| line.line) else { return Ok(false) };
    let pressed = messages::load_at(tx, row.id, number).await?;
    Ok(pressed.is_some_and(|message| message.author == Author::Bot { id: bot_id }))
}

/// A press on a button, as a bot names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::bots) struct Query {
    pub chat: Number,
    pub at: UnixMs,
    /// Number of the line that says so.
    pub line: Number,
}

impl Query {
    pub fn name(self) -> String {
        format!("{}-{}-{}", self.chat, self.at, self.line)
    }

    fn read(name: &str) -> Option<Self> {
        let mut parts = name.splitn(3, '-').map(|part| part.parse().ok());
        Some(Self { chat: parts.next()??, at: parts.next()??, line: parts.next()?? })
    }
}
