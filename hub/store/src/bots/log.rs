//! What bots called and how their webhooks answered, for whoever looks for the reason of a silence.

use sqlx::FromRow;
use switchboard_domain::bots::console;
use switchboard_protocol::bots::{BotLogKind, BotLogLine};
use switchboard_protocol::{BotId, ConversationId, UnixMs, limits};

use crate::db::sql;
use crate::error::{ChangeError, ReadError};
use crate::row::{maybe_id, without_nul, word};
use crate::{Store, Tx};

/// A line is kept so long, milliseconds.
pub const KEPT_MS: i64 = 7 * 24 * 3_600_000;
/// Most lines kept of one bot: of more the oldest go ([`cut`]).
pub const KEPT_LINES: i64 = 10_000;
/// Most lines forgotten at once.
pub const PRUNE_ROWS: i64 = 10_000;

#[derive(FromRow)]
struct Columns {
    at: i64,
    kind: String,
    what: String,
    conversation_id: Option<String>,
    status: i64,
    note: Option<String>,
    took_ms: i64,
}

/// `id` is a ULID of its time.
pub async fn insert(tx: &mut Tx, id: &str, bot_id: BotId, line: &BotLogLine) -> Result<(), ChangeError> {
    let insert = sql(
        "write a line of a bot's log",
        "INSERT INTO bot_log (id, bot_id, conversation_id, at, kind, what, status, note, took_ms) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(id)
    .bind(bot_id)
    .bind(line.conversation_id)
    .bind(line.at)
    .bind(line.kind.as_str())
    .bind(line.what.as_str())
    .bind(i64::from(line.status))
    .bind(line.note.clone().map(without_nul))
    .bind(i64::from(line.took_ms));
    tx.link().run(insert).await?;
    Ok(())
}

/// Newest first, at most [`limits::BOT_LOG_LINES`]; of one conversation, if one is named.
pub async fn list(
    store: &Store,
    bot_id: BotId,
    conversation_id: Option<ConversationId>,
) -> Result<Vec<BotLogLine>, ReadError> {
    let doing = "read a bot's log";
    // Two statements: each has an index of its own.
    let select = match conversation_id {
        None => sql(
            doing,
            // Which one of its console's it was leads nowhere.
            "SELECT l.at, l.kind, l.what, c.id AS conversation_id, l.status, l.note, l.took_ms FROM bot_log AS l \
             LEFT JOIN conversations AS c ON c.id = l.conversation_id AND c.inbox_id <> $3 \
             WHERE l.bot_id = $1 ORDER BY l.id DESC LIMIT $2",
        )
        .bind(bot_id)
        .bind(limits::BOT_LOG_LINES as i64)
        .bind(console::of(bot_id)),
        Some(conversation_id) => sql(
            doing,
            "SELECT at, kind, what, conversation_id, status, note, took_ms FROM bot_log \
             WHERE bot_id = $1 AND conversation_id = $3 ORDER BY id DESC LIMIT $2",
        )
        .bind(bot_id)
        .bind(limits::BOT_LOG_LINES as i64)
        .bind(conversation_id),
    };
    let rows: Vec<Columns> = store.reading().await?.link().all(select).await?;
    rows.into_iter()
        .map(|row| {
            Ok(BotLogLine {
                at: row.at,
                kind: word("what a log's line is about", &row.kind, BotLogKind::from_word)?,
                what: row.what,
                conversation_id: maybe_id("a conversation's id", row.conversation_id.as_deref())?,
                status: row.status as u16,
                note: row.note,
                took_ms: row.took_ms as u32,
            })
        })
        .collect()
}

/// Keeps so many of the newest; how many went.
pub async fn cut(tx: &mut Tx, bot_id: BotId, keep: i64) -> Result<u64, ChangeError> {
    let delete = sql(
        "forget a bot's oldest lines",
        "DELETE FROM bot_log WHERE bot_id = $1 AND id <= COALESCE((SELECT id FROM bot_log WHERE bot_id = $1 \
             ORDER BY id DESC LIMIT 1 OFFSET $2), '')",
    );
    Ok(tx.link().run(delete.bind(bot_id).bind(keep)).await?)
}

/// What is older than this time, at most [`PRUNE_ROWS`]; how many.
pub async fn prune(tx: &mut Tx, before: UnixMs) -> Result<u64, ChangeError> {
    let delete = sql(
        "forget old lines of bots' logs",
        "DELETE FROM bot_log WHERE id IN (SELECT id FROM bot_log WHERE at < $1 ORDER BY at LIMIT $2)",
    );
    Ok(tx.link().run(delete.bind(before).bind(PRUNE_ROWS)).await?)
}
