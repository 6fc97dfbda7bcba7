//! How the bots of an inbox stand in one of its conversations. What was never touched has no row.

use sqlx::FromRow;
use switchboard_domain::Visibility;
use switchboard_domain::bots::{Standing, Writes};
use switchboard_domain::thread::Thread;
use switchboard_protocol::agent::AgentEvent;
use switchboard_protocol::bots::{BlockReason, BotAnswers, BotBlock, ConversationBot, ConversationBots};
use switchboard_protocol::model::{Author, Conversation};
use switchboard_protocol::{BotId, ConversationId, InboxId, Number, UnixMs};

use super::load_rules;
use crate::db::{Link, sql};
use crate::error::{ChangeError, ReadError};
use crate::row::{Where, id, json, to_json, word};
use crate::{Audience, Emit, Store, Tx, conversations, messages};

#[derive(FromRow)]
struct Columns {
    id: String,
    off: bool,
    rank: i64,
    answers: String,
    why: Option<String>,
    by_whom: Option<String>,
    blocked_at: Option<i64>,
    blocked_until: Option<i64>,
    cleared_number: Option<i64>,
    pass_until: Option<i64>,
    asked_at: Option<i64>,
    due_at: Option<i64>,
    failing: Option<bool>,
}

impl Columns {
    fn standing(self) -> Result<Standing, ReadError> {
        let blocked = match (self.why, self.by_whom, self.blocked_at) {
            (Some(why), Some(by), Some(at)) => Some(BotBlock {
                why: word("why a bot is blocked", &why, BlockReason::from_word)?,
                by: json("an author", &by)?,
                at,
                until: self.blocked_until,
            }),
            _ => None,
        };
        Ok(Standing {
            bot: ConversationBot {
                bot_id: id("a bot's id", &self.id)?,
                blocked,
                asked_at: self.asked_at,
                failing: self.failing.unwrap_or_default(),
            },
            off: self.off,
            rank: self.rank as u32,
            answers: word("when a bot answers", &self.answers, BotAnswers::from_word)?,
            cleared_number: self.cleared_number.unwrap_or_default(),
            pass_until: self.pass_until,
            due_at: self.due_at,
        })
    }
}

/// Of all bots of the inbox, in the order in which they are asked.
async fn read(
    link: &mut Link<'_>,
    inbox_id: InboxId,
    conversation_id: ConversationId,
) -> Result<Vec<Standing>, ReadError> {
    let select = sql(
        "read how bots stand",
        "SELECT b.id, b.off, i.rank, i.answers, s.why, s.by_whom, s.blocked_at, s.blocked_until, s.cleared_number, \
             s.pass_until, s.asked_at, s.due_at, s.failing \
         FROM bot_inboxes AS i JOIN bots AS b ON b.id = i.bot_id \
         LEFT JOIN conversation_bots AS s ON s.bot_id = b.id AND s.conversation_id = $2 \
         WHERE i.inbox_id = $1 AND b.removed_at IS NULL ORDER BY i.rank, b.id",
    )
    .bind(inbox_id)
    .bind(conversation_id);
    let rows: Vec<Columns> = link.all(select).await?;
    rows.into_iter().map(Columns::standing).collect()
}

pub async fn load(tx: &mut Tx, row: &Conversation) -> Result<Vec<Standing>, ReadError> {
    read(&mut tx.link(), row.inbox_id, row.id).await
}

/// For the team. None: no such conversation, or not visible.
pub async fn find(
    store: &Store,
    visibility: &Visibility,
    conversation_id: ConversationId,
    now: UnixMs,
) -> Result<Option<ConversationBots>, ReadError> {
    let mut wanted = Where::new();
    wanted.equal("c.id", conversation_id);
    wanted.visible("c.inbox_id", visibility);
    let text = format!("SELECT c.inbox_id FROM conversations AS c {}", wanted.text());
    let mut reading = store.reading().await?;
    let mut link = reading.link();
    let row: Option<(String,)> = link.one(sql("find a conversation's inbox", text).bind_all(wanted.values())).await?;
    let Some((inbox,)) = row else { return Ok(None) };
    let standings = read(&mut link, id("an inbox's id", &inbox)?, conversation_id).await?;
    Ok(Some(shown(conversation_id, &standings, now)))
}

/// As the team is shown them.
pub fn shown(conversation_id: ConversationId, standings: &[Standing], now: UnixMs) -> ConversationBots {
    let bot = |one: &Standing| ConversationBot { blocked: one.block(now).cloned(), ..one.bot.clone() };
    ConversationBots { conversation_id, bots: standings.iter().map(bot).collect() }
}

/// Writes these, and tells the team of all.
pub async fn save(tx: &mut Tx, row: &Conversation, all: &[Standing], at: UnixMs) -> Result<(), ChangeError> {
    for one in all {
        let block = one.bot.blocked.as_ref();
        let upsert = sql(
            "write how a bot stands",
            "INSERT INTO conversation_bots (conversation_id, bot_id, why, by_whom, blocked_at, blocked_until, \
                 cleared_number, pass_until, asked_at, due_at, failing) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
             ON CONFLICT (conversation_id, bot_id) DO UPDATE SET why = excluded.why, by_whom = excluded.by_whom, \
                 blocked_at = excluded.blocked_at, blocked_until = excluded.blocked_until, \
                 cleared_number = excluded.cleared_number, pass_until = excluded.pass_until, \
                 asked_at = excluded.asked_at, due_at = excluded.due_at, failing = excluded.failing",
        )
        .bind(row.id)
        .bind(one.id())
        .bind(block.map(|block| block.why.as_str().to_owned()))
        .bind(block.map(|block| to_json(&block.by)))
        .bind(block.map(|block| block.at))
        .bind(block.and_then(|block| block.until))
        .bind(one.cleared_number)
        .bind(one.pass_until)
        .bind(one.bot.asked_at)
        .bind(one.due_at)
        .bind(one.bot.failing);
        tx.link().run(upsert).await?;
    }
    tx.emit(Emit {
        at,
        audience: Audience::Inbox(row.inbox_id),
        conversation_id: Some(row.id),
        staff: AgentEvent::ConversationBotsChanged { bots: Box::new(shown(row.id, all, at)) },
        visitor: None,
    });
    Ok(())
}

/// A conversation in which a bot may write, at this moment: the only way to [`crate::Sender::Bot`]. It is good within the
/// transaction in which it was made, which is what keeps a bot out from the moment at which its block was acknowledged.
#[derive(Debug, Clone)]
pub struct Admitted {
    bot_id: BotId,
    /// Under which visitors know it.
    name: String,
    conversation_id: ConversationId,
}

impl Admitted {
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub fn bot_id(&self) -> BotId {
        self.bot_id
    }

    /// Whether it was made for this conversation.
    pub(crate) fn holds(&self, conversation_id: ConversationId) -> bool {
        self.conversation_id == conversation_id
    }
}

/// Why a bot may not write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// There is no such conversation in its inboxes.
    Unknown,
    Out,
}

/// The conversation with this number, or the one that it was merged into, if the bot is in its inbox.
pub async fn load_chat(tx: &mut Tx, bot_id: BotId, number: Number) -> Result<Option<Thread>, ReadError> {
    let find = sql(
        "find a bot's conversation",
        "SELECT c.id FROM conversations AS c JOIN bot_inboxes AS i ON i.inbox_id = c.inbox_id \
         WHERE c.number = $2 AND i.bot_id = $1",
    );
    let row: Option<(String,)> = tx.link().one(find.bind(bot_id).bind(number)).await?;
    let Some((text,)) = row else { return Ok(None) };
    let mut next = Some(id("a conversation's id", &text)?);
    let mut found = None;
    for _ in 0..=switchboard_protocol::limits::MERGED_IN_A_ROW {
        let Some(wanted) = next else { break };
        found = conversations::load(tx, &Visibility::All, wanted).await?;
        next = found.as_ref().and_then(|thread| thread.conversation.merged_into.as_ref()).map(|link| link.id);
    }
    Ok(found)
}

/// The number of the team's last answer, as far as it counts for these: also one that a bot's word stands behind.
pub async fn answered(tx: &mut Tx, thread: &Thread, all: &[Standing]) -> Result<Option<Number>, ReadError> {
    let Some((last, author)) = thread.replies.last() else { return Ok(None) };
    if let Author::Agent { .. } = author {
        return Ok(Some(*last));
    }
    let least = all.iter().map(|one| one.cleared_number).min().unwrap_or(*last);
    if least >= *last {
        return Ok(None);
    }
    let replies = messages::replies_after(tx, thread.conversation.id, least).await?;
    let by_agent = replies.iter().rev().find(|(_, author)| matches!(author, Author::Agent { .. }));
    Ok(by_agent.map(|(number, _)| *number))
}

/// The fence: whether the bot may write in the conversation now. A pass is used up by that. A bot that writes is waited for no
/// longer.
pub async fn admit(
    tx: &mut Tx,
    bot_id: BotId,
    thread: &Thread,
    now: UnixMs,
) -> Result<Result<Admitted, Kept>, ChangeError> {
    let row = &thread.conversation;
    let mut all = load(tx, row).await?;
    let inbox = load_rules(tx, row.inbox_id).await?;
    let answered = answered(tx, thread, &all).await?;
    let Some(one) = all.iter_mut().find(|one| one.id() == bot_id) else { return Ok(Err(Kept::Unknown)) };
    let before = one.clone();
    if one.may_write(&inbox, answered, now) == Writes::No {
        return Ok(Err(Kept::Out));
    }
    // Whatever it writes is the answer that was asked for.
    one.pass_until = None;
    one.answered_now();
    if *one != before {
        save(tx, row, &all, now).await?;
    }
    let select = sql("read a bot's name", "SELECT name FROM bots WHERE id = $1").bind(bot_id);
    let named: Option<(String,)> = tx.link().one(select).await?;
    let name = named.map(|(name,)| name).unwrap_or_default();
    Ok(Ok(Admitted { bot_id, name, conversation_id: row.id }))
}

/// Whether the bot may write in the conversation now; nothing is changed by asking.
pub async fn may_write(tx: &mut Tx, bot_id: BotId, thread: &Thread, now: UnixMs) -> Result<bool, ReadError> {
    let row = &thread.conversation;
    let (all, inbox) = (load(tx, row).await?, load_rules(tx, row.inbox_id).await?);
    let answered = answered(tx, thread, &all).await?;
    let one = all.iter().find(|one| one.id() == bot_id);
    Ok(one.is_some_and(|one| one.may_write(&inbox, answered, now) != Writes::No))
}

/// Bots that have not answered in time, the longest due first.
pub async fn silent(store: &Store, now: UnixMs, limit: usize) -> Result<Vec<(ConversationId, BotId)>, ReadError> {
    let select = sql(
        "find silent bots",
        "SELECT conversation_id, bot_id FROM conversation_bots WHERE due_at <= $1 ORDER BY due_at LIMIT $2",
    );
    let rows: Vec<(String, String)> = store.reading().await?.link().all(select.bind(now).bind(limit as i64)).await?;
    rows.iter().map(|(of, bot)| Ok((id("a conversation's id", of)?, id("a bot's id", bot)?))).collect()
}

/// Messages of one conversation stand in another now: what keeps bots out of the one keeps them out of the other.
pub(crate) async fn carry(tx: &mut Tx, from: ConversationId, to: ConversationId) -> Result<(), ChangeError> {
    let insert = sql(
        "carry what keeps bots out",
        "INSERT INTO conversation_bots (conversation_id, bot_id, why, by_whom, blocked_at, blocked_until, cleared_number, failing) \
         SELECT $2, s.bot_id, s.why, s.by_whom, s.blocked_at, s.blocked_until, 0, s.failing \
         FROM conversation_bots AS s WHERE s.conversation_id = $1 AND s.why IS NOT NULL \
         ON CONFLICT (conversation_id, bot_id) DO UPDATE SET why = excluded.why, by_whom = excluded.by_whom, \
             blocked_at = excluded.blocked_at, blocked_until = excluded.blocked_until \
         WHERE conversation_bots.why IS NULL OR COALESCE(conversation_bots.blocked_until, 9223372036854775807) \
             < COALESCE(excluded.blocked_until, 9223372036854775807)",
    );
    tx.link().run(insert.bind(from).bind(to)).await?;
    Ok(())
}

/// The bot has until then to answer.
pub async fn put_off(
    tx: &mut Tx,
    conversation_id: ConversationId,
    bot_id: BotId,
    due_at: UnixMs,
) -> Result<(), ChangeError> {
    let update = sql(
        "give a bot more time",
        "UPDATE conversation_bots SET due_at = $3 WHERE conversation_id = $1 AND bot_id = $2 AND due_at IS NOT NULL",
    );
    tx.link().run(update.bind(conversation_id).bind(bot_id).bind(due_at)).await?;
    Ok(())
}

/// What is due of a bot that is no longer in the inbox, or was done meanwhile, is not looked at again.
pub async fn forget(
    tx: &mut Tx,
    conversation_id: ConversationId,
    bot_id: BotId,
    now: UnixMs,
) -> Result<(), ChangeError> {
    let update = sql(
        "forget what was due of a bot",
        "UPDATE conversation_bots SET \
             due_at = CASE WHEN due_at <= $3 THEN NULL ELSE due_at END, \
             why = CASE WHEN blocked_until <= $3 THEN NULL ELSE why END, \
             blocked_until = CASE WHEN blocked_until <= $3 THEN NULL ELSE blocked_until END \
         WHERE conversation_id = $1 AND bot_id = $2",
    )
    .bind(conversation_id)
    .bind(bot_id)
    .bind(now);
    tx.link().run(update).await?;
    Ok(())
}

/// Blocks whose time is over.
pub async fn over(store: &Store, now: UnixMs, limit: usize) -> Result<Vec<(ConversationId, BotId)>, ReadError> {
    let select = sql(
        "find blocks that are over",
        "SELECT conversation_id, bot_id FROM conversation_bots WHERE blocked_until <= $1 ORDER BY blocked_until LIMIT $2",
    );
    let rows: Vec<(String, String)> = store.reading().await?.link().all(select.bind(now).bind(limit as i64)).await?;
    rows.iter().map(|(of, bot)| Ok((id("a conversation's id", of)?, id("a bot's id", bot)?))).collect()
}
