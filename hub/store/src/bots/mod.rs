//! Bots: who they are, where they are asked, how they stand in conversations, what waits for them.
//!
//! A bot's token is kept as a hash. One that is removed keeps its row, for what it wrote keeps its name; everything else of
//! it goes.

pub mod console;
pub mod log;
pub mod markups;
pub mod standings;
pub mod updates;

use std::collections::HashMap;

use sqlx::FromRow;
use switchboard_domain::bots::{self as domain, RULES};
use switchboard_protocol::bots::{Bot, BotAnswers, BotBrief, BotInbox, BotRules};
use switchboard_protocol::{BotId, InboxId, Number, UnixMs};

use crate::agents::touched;
use crate::db::{Link, sql};
use crate::error::{ChangeError, ReadError};
use crate::row::{id, json, set, to_json, word};
use crate::{Store, Tx};

const COLUMNS: &str = "b.id, b.number, b.name, b.username, b.off, b.token_hint, b.webhook, b.trouble, b.created_at, \
    b.last_seen_at, (SELECT COUNT(*) FROM bot_updates AS u WHERE u.bot_id = b.id) AS waiting";

#[derive(FromRow)]
struct Columns {
    id: String,
    number: i64,
    name: String,
    username: String,
    off: bool,
    token_hint: Option<String>,
    webhook: Option<String>,
    trouble: Option<String>,
    created_at: i64,
    last_seen_at: Option<i64>,
    waiting: i64,
}

impl Columns {
    fn bot(self, inboxes: Vec<BotInbox>) -> Result<Bot, ReadError> {
        let webhook = self.webhook.as_deref().map(|text| json::<Webhook>("a webhook", text)).transpose()?;
        Ok(Bot {
            id: id("a bot's id", &self.id)?,
            number: self.number,
            name: self.name,
            username: self.username,
            off: self.off,
            token_hint: self.token_hint,
            inboxes,
            webhook: webhook.map(|webhook| webhook.url),
            waiting: self.waiting,
            trouble: self.trouble,
            created_at: self.created_at,
            last_seen_at: self.last_seen_at,
        })
    }
}

/// Where a bot wants its updates brought.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Webhook {
    pub url: String,
    /// Sealed by the vault.
    pub secret: Option<String>,
    /// How many conversations' updates are under way at once.
    pub max_connections: u32,
}

/// A bot as it calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    pub id: BotId,
    pub number: Number,
    pub name: String,
    pub username: String,
    pub off: bool,
    pub webhook: Option<Webhook>,
    /// Kinds of updates that it wants; none: all.
    pub allowed: Option<Vec<String>>,
    pub last_seen_at: Option<UnixMs>,
    pub trouble: Option<String>,
    pub trouble_at: Option<UnixMs>,
}

#[derive(FromRow)]
struct KnownColumns {
    id: String,
    number: i64,
    name: String,
    username: String,
    off: bool,
    webhook: Option<String>,
    allowed: Option<String>,
    last_seen_at: Option<i64>,
    trouble: Option<String>,
    trouble_at: Option<i64>,
}

const KNOWN: &str =
    "b.id, b.number, b.name, b.username, b.off, b.webhook, b.allowed, b.last_seen_at, b.trouble, b.trouble_at";

impl KnownColumns {
    fn known(self) -> Result<Known, ReadError> {
        Ok(Known {
            id: id("a bot's id", &self.id)?,
            number: self.number,
            name: self.name,
            username: self.username,
            off: self.off,
            webhook: self.webhook.as_deref().map(|text| json("a webhook", text)).transpose()?,
            allowed: self.allowed.as_deref().map(|text| json("kinds of updates", text)).transpose()?,
            last_seen_at: self.last_seen_at,
            trouble: self.trouble,
            trouble_at: self.trouble_at,
        })
    }
}

/// The bot whose token has this hash.
pub async fn find_by_token(store: &Store, hash: &str) -> Result<Option<Known>, ReadError> {
    let text = format!("SELECT {KNOWN} FROM bots AS b WHERE b.token_hash = $1 AND b.removed_at IS NULL");
    let row: Option<KnownColumns> =
        store.reading().await?.link().one(sql("find a bot by its token", text).bind(hash)).await?;
    row.map(KnownColumns::known).transpose()
}

pub async fn find_known(store: &Store, bot_id: BotId) -> Result<Option<Known>, ReadError> {
    let text = format!("SELECT {KNOWN} FROM bots AS b WHERE b.id = $1 AND b.removed_at IS NULL");
    let row: Option<KnownColumns> = store.reading().await?.link().one(sql("find a bot", text).bind(bot_id)).await?;
    row.map(KnownColumns::known).transpose()
}

/// As it is in this transaction.
pub async fn load_known(tx: &mut Tx, bot_id: BotId) -> Result<Option<Known>, ReadError> {
    let text = format!("SELECT {KNOWN} FROM bots AS b WHERE b.id = $1 AND b.removed_at IS NULL");
    let row: Option<KnownColumns> = tx.link().one(sql("load a bot", text).bind(bot_id)).await?;
    row.map(KnownColumns::known).transpose()
}

/// For everybody of the team, by name; also those that were removed, as switched off: what they wrote shows their names.
pub async fn briefs(store: &Store) -> Result<Vec<BotBrief>, ReadError> {
    let select = sql("list bots", "SELECT id, name, off OR removed_at IS NOT NULL FROM bots ORDER BY name, id");
    let rows: Vec<(String, String, bool)> = store.reading().await?.link().all(select).await?;
    rows.into_iter().map(|(bot, name, off)| Ok(BotBrief { id: id("a bot's id", &bot)?, name, off })).collect()
}

/// For admins, by name.
pub async fn list(store: &Store) -> Result<Vec<Bot>, ReadError> {
    select(&mut store.reading().await?.link(), None).await
}

pub async fn find(store: &Store, bot_id: BotId) -> Result<Option<Bot>, ReadError> {
    Ok(select(&mut store.reading().await?.link(), Some(bot_id)).await?.pop())
}

pub async fn load(tx: &mut Tx, bot_id: BotId) -> Result<Option<Bot>, ReadError> {
    Ok(select(&mut tx.link(), Some(bot_id)).await?.pop())
}

async fn select(link: &mut Link<'_>, only: Option<BotId>) -> Result<Vec<Bot>, ReadError> {
    let text = format!(
        "SELECT {COLUMNS} FROM bots AS b WHERE b.removed_at IS NULL AND b.id = COALESCE($1, b.id) ORDER BY b.name, b.id"
    );
    let rows: Vec<Columns> = link.all(sql("read bots", text).bind(only)).await?;
    let inboxes = sql(
        "read where bots are asked",
        "SELECT bot_id, inbox_id, rank, answers FROM bot_inboxes WHERE bot_id = COALESCE($1, bot_id) ORDER BY inbox_id",
    )
    .bind(only);
    let mut by_bot: HashMap<String, Vec<BotInbox>> = HashMap::new();
    for (bot, inbox, rank, answers) in link.all::<(String, String, i64, String)>(inboxes).await? {
        let inbox_id = id("an inbox's id", &inbox)?;
        if domain::console::is_one(inbox_id) {
            continue;
        }
        by_bot.entry(bot).or_default().push(BotInbox {
            inbox_id,
            rank: rank as u32,
            answers: word("when a bot answers", &answers, BotAnswers::from_word)?,
        });
    }
    rows.into_iter()
        .map(|row| {
            let inboxes = by_bot.remove(&row.id).unwrap_or_default();
            row.bot(inboxes)
        })
        .collect()
}

/// How many there are.
pub async fn count(tx: &mut Tx) -> Result<i64, ReadError> {
    let row: Option<(i64,)> =
        tx.link().one(sql("count bots", "SELECT COUNT(*) FROM bots WHERE removed_at IS NULL")).await?;
    Ok(row.map_or(0, |(count,)| count))
}

pub async fn insert(tx: &mut Tx, bot: &Bot, token_hash: &str) -> Result<(), ChangeError> {
    let insert = sql(
        "make a bot",
        "INSERT INTO bots (id, number, name, username, off, token_hash, token_hint, commands, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, '{}', $8)",
    )
    .bind(bot.id)
    .bind(bot.number)
    .bind(bot.name.as_str())
    .bind(bot.username.to_lowercase())
    .bind(bot.off)
    .bind(token_hash)
    .bind(bot.token_hint.clone())
    .bind(bot.created_at);
    tx.link().run(insert).await?;
    write_inboxes(tx, bot).await
}

/// Name, whether it is off, its inboxes.
pub async fn update(tx: &mut Tx, bot: &Bot) -> Result<(), ChangeError> {
    let doing = "change a bot";
    // One that is switched on comes to all of them now.
    let on = sql(
        "note since when a bot is asked",
        "UPDATE bot_inboxes SET since = $2 WHERE bot_id = $1 AND NOT $3 \
         AND EXISTS (SELECT 1 FROM bots AS b WHERE b.id = $1 AND b.off)",
    );
    let from = tx.next_position();
    tx.link().run(on.bind(bot.id).bind(from).bind(bot.off)).await?;
    let update = sql(doing, "UPDATE bots SET name = $2, off = $3 WHERE id = $1 AND removed_at IS NULL")
        .bind(bot.id)
        .bind(bot.name.as_str())
        .bind(bot.off);
    touched(doing, tx.link().run(update).await?)?;
    write_inboxes(tx, bot).await
}

/// Of those that it was in before it keeps since when.
async fn write_inboxes(tx: &mut Tx, bot: &Bot) -> Result<(), ChangeError> {
    let left = sql(
        "clear where a bot is asked",
        "DELETE FROM bot_inboxes WHERE bot_id = $1 AND inbox_id NOT IN (SELECT v.value->>'id' FROM jsonb_each($2) AS v)",
    );
    // Its console stays.
    let stay = bot.inboxes.iter().map(|place| place.inbox_id).chain([domain::console::of(bot.id)]);
    tx.link().run(left.bind(bot.id).bind(set(stay))).await?;
    let from = tx.next_position();
    for inbox in &bot.inboxes {
        let upsert = sql(
            "write where a bot is asked",
            "INSERT INTO bot_inboxes (bot_id, inbox_id, rank, answers, since) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (bot_id, inbox_id) DO UPDATE SET rank = excluded.rank, answers = excluded.answers",
        )
        .bind(bot.id)
        .bind(inbox.inbox_id)
        .bind(i64::from(inbox.rank))
        .bind(inbox.answers.as_str())
        .bind(from);
        tx.link().run(upsert).await?;
    }
    Ok(())
}

/// The bots of an inbox in the order in which they are asked.
pub async fn ranks(tx: &mut Tx, inbox_id: InboxId) -> Result<Vec<(BotId, u32)>, ReadError> {
    let select =
        sql("read the order of bots", "SELECT bot_id, rank FROM bot_inboxes WHERE inbox_id = $1 ORDER BY rank, bot_id");
    let rows: Vec<(String, i64)> = tx.link().all(select.bind(inbox_id)).await?;
    rows.into_iter().map(|(bot, rank)| Ok((id("a bot's id", &bot)?, rank as u32))).collect()
}

pub async fn set_rank(tx: &mut Tx, bot_id: BotId, inbox_id: InboxId, rank: u32) -> Result<(), ChangeError> {
    let update = sql(
        "write when a bot is asked among others",
        "UPDATE bot_inboxes SET rank = $3 WHERE bot_id = $1 AND inbox_id = $2",
    );
    tx.link().run(update.bind(bot_id).bind(inbox_id).bind(i64::from(rank))).await?;
    Ok(())
}

/// Inboxes in which a bot may be asked.
pub async fn asked_inboxes(store: &Store) -> Result<Vec<InboxId>, ReadError> {
    let select = sql(
        "find inboxes with bots",
        "SELECT DISTINCT i.inbox_id FROM bot_inboxes AS i JOIN bots AS b ON b.id = i.bot_id \
         WHERE b.removed_at IS NULL AND NOT b.off",
    );
    let rows: Vec<(String,)> = store.reading().await?.link().all(select).await?;
    rows.iter().map(|(inbox,)| id("an inbox's id", inbox)).collect()
}

/// Whether there are any of [`asked_inboxes`].
pub async fn any_asked(tx: &mut Tx) -> Result<bool, ReadError> {
    let look = sql(
        "look for bots in inboxes",
        "SELECT i.bot_id FROM bot_inboxes AS i JOIN bots AS b ON b.id = i.bot_id \
         WHERE b.removed_at IS NULL AND NOT b.off LIMIT 1",
    );
    let row: Option<(String,)> = tx.link().one(look).await?;
    Ok(row.is_some())
}

/// How many bots an inbox has.
pub async fn count_in(tx: &mut Tx, inbox_id: InboxId) -> Result<i64, ReadError> {
    let count = sql("count the bots of an inbox", "SELECT COUNT(*) FROM bot_inboxes WHERE inbox_id = $1");
    let row: Option<(i64,)> = tx.link().one(count.bind(inbox_id)).await?;
    Ok(row.map_or(0, |(count,)| count))
}

/// None: it has no token any more.
pub async fn set_token(tx: &mut Tx, bot_id: BotId, token: Option<(&str, &str)>) -> Result<(), ChangeError> {
    let doing = "give a bot its token";
    let (hash, hint) = token.map(|(hash, hint)| (hash.to_owned(), hint.to_owned())).unzip();
    let update =
        sql(doing, "UPDATE bots SET token_hash = $2, token_hint = $3 WHERE id = $1").bind(bot_id).bind(hash).bind(hint);
    touched(doing, tx.link().run(update).await?)
}

/// Its row stays, for its name.
pub async fn remove(tx: &mut Tx, bot_id: BotId, at: UnixMs) -> Result<(), ChangeError> {
    let doing = "remove a bot";
    let update = sql(
        doing,
        "UPDATE bots SET removed_at = $2, token_hash = NULL, token_hint = NULL, webhook = NULL, off = TRUE, \
             username = id || ':' || username WHERE id = $1 AND removed_at IS NULL",
    )
    .bind(bot_id)
    .bind(at);
    touched(doing, tx.link().run(update).await?)?;
    for (doing, text) in [
        ("take a bot out of its inboxes", "DELETE FROM bot_inboxes WHERE bot_id = $1"),
        ("forget what waits for a bot", "DELETE FROM bot_updates WHERE bot_id = $1"),
        ("forget how a bot stands", "DELETE FROM conversation_bots WHERE bot_id = $1"),
        ("forget a bot's log", "DELETE FROM bot_log WHERE bot_id = $1"),
    ] {
        tx.link().run(sql(doing, text).bind(bot_id)).await?;
    }
    console::remove(tx, bot_id).await
}

/// It called at `at`; to be called once a minute at most.
pub async fn seen(tx: &mut Tx, bot_id: BotId, at: UnixMs) -> Result<(), ChangeError> {
    tx.link()
        .run(sql("note that a bot called", "UPDATE bots SET last_seen_at = $2 WHERE id = $1").bind(bot_id).bind(at))
        .await?;
    Ok(())
}

/// Where its updates are brought, and which kinds it wants.
pub async fn set_delivery(
    tx: &mut Tx,
    bot_id: BotId,
    webhook: Option<&Webhook>,
    allowed: Option<&[String]>,
) -> Result<(), ChangeError> {
    let update = sql(
        "write how a bot is told",
        "UPDATE bots SET webhook = $2, allowed = $3, trouble = NULL, trouble_at = NULL WHERE id = $1",
    )
    .bind(bot_id)
    .bind(webhook.map(to_json::<Webhook>))
    .bind(allowed.map(to_json::<[String]>));
    tx.link().run(update).await?;
    Ok(())
}

/// Which kinds of updates a bot that fetches wants. False, and nothing is written: they are brought to it.
pub async fn set_allowed(tx: &mut Tx, bot_id: BotId, allowed: Option<&[String]>) -> Result<bool, ChangeError> {
    let update =
        sql("write what a bot wants to hear of", "UPDATE bots SET allowed = $2 WHERE id = $1 AND webhook IS NULL");
    Ok(tx.link().run(update.bind(bot_id).bind(allowed.map(to_json::<[String]>))).await? > 0)
}

/// Nothing is brought to it any more. What it wants to hear of stays as it was.
pub async fn forget_webhook(tx: &mut Tx, bot_id: BotId) -> Result<(), ChangeError> {
    let update =
        sql("forget a webhook", "UPDATE bots SET webhook = NULL, trouble = NULL, trouble_at = NULL WHERE id = $1");
    tx.link().run(update.bind(bot_id)).await?;
    Ok(())
}

/// Why its last delivery failed; none: it was taken. Whether that is news.
pub async fn set_trouble(tx: &mut Tx, bot_id: BotId, trouble: Option<&str>, at: UnixMs) -> Result<bool, ChangeError> {
    let update = sql(
        "write how deliveries to a bot do",
        "UPDATE bots SET trouble = $2, trouble_at = $3 WHERE id = $1 AND COALESCE(trouble, '') <> COALESCE($2, '')",
    )
    .bind(bot_id)
    .bind(trouble.map(str::to_owned))
    .bind(trouble.map(|_| at));
    Ok(tx.link().run(update).await? > 0)
}

/// What it has said of its commands, by scope and language; `{}` if nothing.
pub async fn commands(store: &Store, bot_id: BotId) -> Result<String, ReadError> {
    let select = sql("read a bot's commands", "SELECT commands FROM bots WHERE id = $1").bind(bot_id);
    let row: Option<(String,)> = store.reading().await?.link().one(select).await?;
    Ok(row.map_or_else(|| "{}".to_owned(), |(commands,)| commands))
}

pub async fn set_commands(tx: &mut Tx, bot_id: BotId, commands: &str) -> Result<(), ChangeError> {
    let update = sql("write a bot's commands", "UPDATE bots SET commands = $2 WHERE id = $1");
    tx.link().run(update.bind(bot_id).bind(commands)).await?;
    Ok(())
}

/// The rules of an inbox.
pub async fn find_rules(store: &Store, inbox_id: InboxId) -> Result<BotRules, ReadError> {
    rules_of(&mut store.reading().await?.link(), inbox_id).await
}

pub async fn load_rules(tx: &mut Tx, inbox_id: InboxId) -> Result<BotRules, ReadError> {
    rules_of(&mut tx.link(), inbox_id).await
}

async fn rules_of(link: &mut Link<'_>, inbox_id: InboxId) -> Result<BotRules, ReadError> {
    let select = sql("read an inbox's rules for bots", "SELECT bot_rules FROM inboxes WHERE id = $1").bind(inbox_id);
    let row: Option<(Option<String>,)> = link.one(select).await?;
    let text = row.and_then(|(text,)| text);
    Ok(text.as_deref().map(|text| json("rules for bots", text)).transpose()?.unwrap_or(RULES))
}

pub async fn set_rules(tx: &mut Tx, inbox_id: InboxId, rules: &BotRules) -> Result<(), ChangeError> {
    let doing = "write an inbox's rules for bots";
    let update = sql(doing, "UPDATE inboxes SET bot_rules = $2 WHERE id = $1 AND removed_at IS NULL");
    touched(doing, tx.link().run(update.bind(inbox_id).bind(to_json(rules))).await?)
}
