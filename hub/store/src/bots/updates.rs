//! What waits for bots, and how far the feed has been looked through for them.
//!
//! An update is written in the transaction that moves the place in the feed behind the event that it tells of: each event
//! becomes one update of a bot or none, whatever dies in between. It waits until its bot has confirmed it (by fetching on
//! behind it, or by its webhook's answer) or [`KEPT_MS`] are over.

use sqlx::FromRow;
use switchboard_protocol::{BotId, ConversationId, Position, UnixMs};

use crate::db::sql;
use crate::error::{ChangeError, ReadError};
use crate::row::{id, set};
use crate::{Store, Tx, settings};

/// An update is kept so long, milliseconds, as the Bot API says (24 hours).
pub const KEPT_MS: i64 = 24 * 3_600_000;
/// Most updates that wait for one bot: of more the oldest go.
pub const WAITING: i64 = 10_000;
/// Most updates forgotten at once.
pub const PRUNE_ROWS: i64 = 10_000;
/// The name of the place in the feed among the settings.
const PLACE: &str = "bots_place";

/// How far the feed has been looked through, in SQL. What is written behind it (a press is, at once) is given and confirmed when
/// the place has come there: a smaller number may still be written before it, and would be lost to who has confirmed the greater.
macro_rules! looked_at {
    () => {
        "COALESCE((SELECT CAST(s.value AS BIGINT) FROM settings AS s WHERE s.name = 'bots_place'), 0)"
    };
}

/// Something that a bot is to hear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Update {
    /// Of the event that it tells of; its number for the bot.
    pub position: Position,
    pub conversation_id: ConversationId,
    /// As the Bot API calls its kinds.
    pub kind: String,
    /// Its fields beside `update_id`, as JSON: `{"message":{…}}`.
    pub content: String,
    pub at: UnixMs,
}

#[derive(FromRow)]
struct Columns {
    position: i64,
    conversation_id: String,
    kind: String,
    content: String,
    at: i64,
}

impl Columns {
    fn update(self) -> Result<Update, ReadError> {
        Ok(Update {
            position: self.position,
            conversation_id: id("an update's conversation", &self.conversation_id)?,
            kind: self.kind,
            content: self.content,
            at: self.at,
        })
    }
}

/// Everything of the feed up to here has been looked at; none: nothing yet.
pub async fn place(store: &Store) -> Result<Option<Position>, ReadError> {
    parsed(settings::find(store, PLACE).await?)
}

/// Where no inbox had a bot until now: what was said before is no bot's to hear.
pub async fn begin(tx: &mut Tx) -> Result<(), ChangeError> {
    let place = tx.next_position() - 1;
    settings::set(tx, PLACE, &place.to_string()).await
}

/// Moves the place on. False, and nothing is moved: somebody else has moved it from where it was.
pub async fn advance(tx: &mut Tx, from: Option<Position>, to: Position) -> Result<bool, ChangeError> {
    if parsed(settings::load(tx, PLACE).await?)? != from {
        return Ok(false);
    }
    settings::set(tx, PLACE, &to.to_string()).await?;
    Ok(true)
}

fn parsed(text: Option<String>) -> Result<Option<Position>, ReadError> {
    text.map(|text| text.parse().map_err(|_| ReadError::unreadable("the bots' place in the feed"))).transpose()
}

/// A repeat is no second one.
pub async fn insert(tx: &mut Tx, bot_id: BotId, update: &Update) -> Result<(), ChangeError> {
    let insert = sql(
        "write a bot's update",
        "INSERT INTO bot_updates (bot_id, position, conversation_id, kind, content, at, due_at, attempts) \
         VALUES ($1, $2, $3, $4, $5, $6, $6, 0) ON CONFLICT DO NOTHING",
    )
    .bind(bot_id)
    .bind(update.position)
    .bind(update.conversation_id)
    .bind(update.kind.as_str())
    .bind(update.content.as_str())
    .bind(update.at);
    tx.link().run(insert).await?;
    Ok(())
}

/// In order, from `from` on.
pub async fn waiting(
    store: &Store,
    bot_id: BotId,
    from: Position,
    limit: usize,
    kinds: Option<&[String]>,
) -> Result<Vec<Update>, ReadError> {
    let select = sql(
        "read a bot's updates",
        concat!(
            "SELECT position, conversation_id, kind, content, at FROM bot_updates WHERE bot_id = $1 AND position >= $2 \
             AND position <= ",
            looked_at!(),
            " AND ($3 IS NULL OR kind IN (SELECT v.value->>'id' FROM jsonb_each(COALESCE($3, '[]')) AS v)) \
             ORDER BY position LIMIT $4"
        ),
    )
    .bind(bot_id)
    .bind(from)
    .bind(kinds.map(set))
    .bind(limit as i64);
    let rows: Vec<Columns> = store.reading().await?.link().all(select).await?;
    rows.into_iter().map(Columns::update).collect()
}

/// The position of the `back`th update of these kinds from the end: what a negative offset means.
pub async fn from_the_end(
    store: &Store,
    bot_id: BotId,
    back: i64,
    kinds: Option<&[String]>,
) -> Result<Position, ReadError> {
    let select = sql(
        "find a bot's newest updates",
        concat!(
            "SELECT position FROM bot_updates WHERE bot_id = $1 AND position <= ",
            looked_at!(),
            " AND ($2 IS NULL OR kind IN (SELECT v.value->>'id' FROM jsonb_each(COALESCE($2, '[]')) AS v)) \
             ORDER BY position DESC LIMIT $3"
        ),
    )
    .bind(bot_id)
    .bind(kinds.map(set))
    .bind(back);
    let rows: Vec<(i64,)> = store.reading().await?.link().all(select).await?;
    Ok(rows.last().map_or(0, |(position,)| *position))
}

/// What stands before `before` has come to the bot.
pub async fn confirm(tx: &mut Tx, bot_id: BotId, before: Position) -> Result<u64, ChangeError> {
    let delete = sql(
        "forget what a bot has",
        concat!("DELETE FROM bot_updates WHERE bot_id = $1 AND position < $2 AND position <= ", looked_at!()),
    );
    Ok(tx.link().run(delete.bind(bot_id).bind(before)).await?)
}

/// Of conversations in whose inboxes it is not asked any more, nothing waits for a bot.
pub async fn leave(tx: &mut Tx, bot_id: BotId) -> Result<u64, ChangeError> {
    let delete = sql(
        "forget what a bot is not to hear any more",
        "DELETE FROM bot_updates WHERE bot_id = $1 AND conversation_id NOT IN \
             (SELECT c.id FROM conversations AS c JOIN bot_inboxes AS i ON i.inbox_id = c.inbox_id \
                 JOIN bots AS b ON b.id = i.bot_id WHERE b.id = $1 AND NOT b.off \
                 AND c.id IN (SELECT conversation_id FROM bot_updates WHERE bot_id = $1))",
    );
    Ok(tx.link().run(delete.bind(bot_id)).await?)
}

/// Whether there is anything before `before`.
pub async fn any_before(store: &Store, bot_id: BotId, before: Position) -> Result<bool, ReadError> {
    let find = sql(
        "look for a bot's updates",
        concat!(
            "SELECT position FROM bot_updates WHERE bot_id = $1 AND position < $2 AND position <= ",
            looked_at!(),
            " LIMIT 1"
        ),
    );
    let row: Option<(i64,)> = store.reading().await?.link().one(find.bind(bot_id).bind(before)).await?;
    Ok(row.is_some())
}

pub async fn count(store: &Store, bot_id: BotId) -> Result<i64, ReadError> {
    let count = sql("count a bot's updates", "SELECT COUNT(*) FROM bot_updates WHERE bot_id = $1").bind(bot_id);
    let row: Option<(i64,)> = store.reading().await?.link().one(count).await?;
    Ok(row.map_or(0, |(count,)| count))
}

/// Bots that have a webhook and something that waits.
pub async fn bots_with_webhooks(store: &Store) -> Result<Vec<BotId>, ReadError> {
    let select = sql(
        "find bots whose updates are brought",
        "SELECT b.id FROM bots AS b WHERE b.webhook IS NOT NULL AND b.removed_at IS NULL AND NOT b.off \
         AND EXISTS (SELECT 1 FROM bot_updates AS u WHERE u.bot_id = b.id)",
    );
    let rows: Vec<(String,)> = store.reading().await?.link().all(select).await?;
    rows.iter().map(|(bot,)| id("a bot's id", bot)).collect()
}

/// The first of each conversation that is due, the oldest first: what stands behind it waits for it.
pub async fn due(store: &Store, bot_id: BotId, now: UnixMs, limit: usize) -> Result<Vec<(Update, i64)>, ReadError> {
    #[derive(FromRow)]
    struct Due {
        #[sqlx(flatten)]
        update: Columns,
        attempts: i64,
    }
    let select = sql(
        "find updates to bring",
        concat!(
            "SELECT u.position, u.conversation_id, u.kind, u.content, u.at, u.attempts FROM bot_updates AS u \
             WHERE u.bot_id = $1 AND u.due_at <= $2 AND u.position = (SELECT MIN(f.position) FROM bot_updates AS f \
                 WHERE f.bot_id = $1 AND f.conversation_id = u.conversation_id) AND u.position <= ",
            looked_at!(),
            " ORDER BY u.position LIMIT $3"
        ),
    )
    .bind(bot_id)
    .bind(now)
    .bind(limit as i64);
    let rows: Vec<Due> = store.reading().await?.link().all(select).await?;
    rows.into_iter().map(|row| Ok((row.update.update()?, row.attempts))).collect()
}

/// The webhook has taken it.
pub async fn taken(tx: &mut Tx, bot_id: BotId, position: Position) -> Result<(), ChangeError> {
    let delete = sql("forget a bot's update", "DELETE FROM bot_updates WHERE bot_id = $1 AND position = $2");
    tx.link().run(delete.bind(bot_id).bind(position)).await?;
    Ok(())
}

/// Takes it in hand until then: false, and nothing is done, if it is in another's, or has been brought.
pub async fn claim(
    tx: &mut Tx,
    bot_id: BotId,
    position: Position,
    now: UnixMs,
    until: UnixMs,
) -> Result<bool, ChangeError> {
    let update = sql(
        "take a bot's update in hand",
        "UPDATE bot_updates SET due_at = $4 WHERE bot_id = $1 AND position = $2 AND due_at <= $3",
    );
    Ok(tx.link().run(update.bind(bot_id).bind(position).bind(now).bind(until)).await? > 0)
}

/// It has not, and is tried again then.
pub async fn again(tx: &mut Tx, bot_id: BotId, position: Position, due_at: UnixMs) -> Result<(), ChangeError> {
    let update = sql(
        "put off a bot's update",
        "UPDATE bot_updates SET due_at = $3, attempts = attempts + 1 WHERE bot_id = $1 AND position = $2",
    );
    tx.link().run(update.bind(bot_id).bind(position).bind(due_at)).await?;
    Ok(())
}

/// What is in hand stays there until then.
pub async fn hold(tx: &mut Tx, bot_id: BotId, position: Position, until: UnixMs) -> Result<(), ChangeError> {
    let update =
        sql("keep a bot's update in hand", "UPDATE bot_updates SET due_at = $3 WHERE bot_id = $1 AND position = $2");
    tx.link().run(update.bind(bot_id).bind(position).bind(until)).await?;
    Ok(())
}

/// What was put off after trouble is tried now, and as if for the first time: of one conversation, or of all.
pub async fn try_now(
    tx: &mut Tx,
    bot_id: BotId,
    conversation_id: Option<ConversationId>,
    now: UnixMs,
) -> Result<(), ChangeError> {
    let update = sql(
        "try a bot's updates now",
        "UPDATE bot_updates SET due_at = $3, attempts = 0 \
         WHERE bot_id = $1 AND attempts > 0 AND conversation_id = COALESCE($2, conversation_id)",
    );
    tx.link().run(update.bind(bot_id).bind(conversation_id).bind(now)).await?;
    Ok(())
}

/// Keeps the newest [`WAITING`]; how many went.
pub async fn cut(tx: &mut Tx, bot_id: BotId) -> Result<u64, ChangeError> {
    let delete = sql(
        "forget a bot's oldest updates",
        "DELETE FROM bot_updates WHERE bot_id = $1 AND position <= COALESCE((SELECT position FROM bot_updates \
             WHERE bot_id = $1 ORDER BY position DESC LIMIT 1 OFFSET $2), 0)",
    );
    Ok(tx.link().run(delete.bind(bot_id).bind(WAITING)).await?)
}

/// Bots for which something older than this time waits.
pub async fn old(tx: &mut Tx, before: UnixMs) -> Result<Vec<BotId>, ReadError> {
    let select = sql("find bots that take no updates", "SELECT DISTINCT bot_id FROM bot_updates WHERE at < $1");
    let rows: Vec<(String,)> = tx.link().all(select.bind(before)).await?;
    rows.iter().map(|(bot,)| id("a bot's id", bot)).collect()
}

/// Of all bots, what is older than this time, at most [`PRUNE_ROWS`]; how many.
pub async fn prune(tx: &mut Tx, before: UnixMs) -> Result<u64, ChangeError> {
    let delete = sql(
        "forget old updates",
        "DELETE FROM bot_updates WHERE (bot_id, position) IN \
             (SELECT bot_id, position FROM bot_updates WHERE at < $1 ORDER BY at LIMIT $2)",
    );
    Ok(tx.link().run(delete.bind(before).bind(PRUNE_ROWS)).await?)
}
