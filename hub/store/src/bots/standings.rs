//! How the bots of an inbox stand in one of its conversations. What was never touched has no row.

use sqlx::FromRow;
use switchboard_domain::Visibility;
use switchboard_domain::bots::{Answer, Standing, Writes};
use switchboard_domain::thread::Thread;
use switchboard_protocol::agent::AgentEvent;
use switchboard_protocol::bots::{BlockReason, BotAnswers, BotBlock, BotRules, ConversationBot, ConversationBots};
use switchboard_protocol::model::{Author, Conversation};
use switchboard_protocol::{BotId, ConversationId, InboxId, Number, UnixMs};

use super::{load_rules, rules_of};
use crate::db::{Link, sql};
use crate::error::{ChangeError, ReadError};
use crate::row::{Where, id, json, to_json, word};
use crate::{Audience, Emit, Store, Tx, conversations, held, messages};

#[derive(FromRow)]
struct Columns {
    id: String,
    off: bool,
    rank: i64,
    answers: String,
    since: i64,
    why: Option<String>,
    by_whom: Option<String>,
    blocked_at: Option<i64>,
    blocked_until: Option<i64>,
    cleared_number: Option<i64>,
    pass_until: Option<i64>,
    asked_at: Option<i64>,
    due_at: Option<i64>,
    failing: Option<bool>,
    asked_person: bool,
    waits_since: i64,
    contact_id: String,
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
            // Whoever comes, or comes back, while the customer waits for a person is out like those who were there.
            _ if self.asked_person => Some(BotBlock {
                why: BlockReason::Asked,
                by: Author::Contact { id: id("a contact's id", &self.contact_id)? },
                at: self.waits_since,
                until: None,
            }),
            _ => None,
        };
        let answers = word("when a bot answers", &self.answers, BotAnswers::from_word)?;
        Ok(Standing {
            bot: ConversationBot {
                answers: Some(answers).filter(|answers| *answers != BotAnswers::Always),
                bot_id: id("a bot's id", &self.id)?,
                blocked,
                asked_at: self.asked_at,
                failing: self.failing.unwrap_or_default(),
            },
            off: self.off,
            rank: self.rank as u32,
            answers,
            since: self.since,
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
        // One without a token is as good as off: nobody waits for it.
        "SELECT b.id, (b.off OR b.token_hash IS NULL) AS off, i.rank, i.answers, i.since, s.why, s.by_whom, s.blocked_at, s.blocked_until, s.cleared_number, \
             s.pass_until, s.asked_at, s.due_at, s.failing, c.asked_person, \
             COALESCE(c.waiting_since, c.last_activity_at) AS waits_since, c.contact_id \
         FROM bot_inboxes AS i JOIN bots AS b ON b.id = i.bot_id JOIN conversations AS c ON c.id = $2 \
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
    let inbox_id = id("an inbox's id", &inbox)?;
    let standings = read(&mut link, inbox_id, conversation_id).await?;
    Ok(Some(shown_by(&mut link, inbox_id, conversation_id, standings, now).await?))
}

/// As the team is shown them: somebody's answer keeps bots out also where no row says so yet, or ever did because they came
/// later.
pub async fn shown(
    tx: &mut Tx,
    row: &Conversation,
    standings: &[Standing],
    now: UnixMs,
) -> Result<ConversationBots, ReadError> {
    shown_by(&mut tx.link(), row.inbox_id, row.id, standings.to_vec(), now).await
}

async fn shown_by(
    link: &mut Link<'_>,
    inbox_id: InboxId,
    conversation_id: ConversationId,
    mut all: Vec<Standing>,
    now: UnixMs,
) -> Result<ConversationBots, ReadError> {
    let free = all.iter().filter(|one| !one.off && one.block(now).is_none());
    if let Some(least) = free.map(|one| one.cleared_number).min()
        && let Some(answer) = last_answer(link, conversation_id, least).await?
    {
        let rules = rules_of(link, inbox_id).await?;
        for one in &mut all {
            // Asked by hand it owes an answer all the same.
            let asked_at = one.bot.asked_at.filter(|_| one.pass_until.is_some_and(|until| until > now));
            one.settle(&rules, Some(&answer), now);
            one.bot.asked_at = one.bot.asked_at.or(asked_at);
        }
    }
    let bots = all.into_iter().map(|one| ConversationBot { blocked: one.block(now).cloned(), ..one.bot }).collect();
    Ok(ConversationBots { conversation_id, bots })
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
    let bots = Box::new(shown(tx, row, all, at).await?);
    tx.emit(Emit {
        at,
        audience: Audience::Inbox(row.inbox_id),
        conversation_id: Some(row.id),
        staff: AgentEvent::ConversationBotsChanged { bots },
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

/// The number of the team's last answer, as far as it counts for these: also one that a bot's word stands behind, and none
/// after which bots may write again by now.
pub async fn answered(
    tx: &mut Tx,
    thread: &Thread,
    all: &[Standing],
    rules: &BotRules,
    now: UnixMs,
) -> Result<Option<Number>, ReadError> {
    // An answer that can still be taken back is one: a bot that came in between would keep it from going out.
    if let Some((by, at)) = held::answering(tx, thread.conversation.id).await? {
        let held = Answer { number: thread.conversation.last_number, by: Author::Agent { id: by }, at };
        if held.keeps_out(rules, now) {
            return Ok(Some(held.number));
        }
    }
    let Some((last, _)) = thread.replies.last() else { return Ok(None) };
    let least = all.iter().map(|one| one.cleared_number).min().unwrap_or(*last);
    if least >= *last {
        return Ok(None);
    }
    let answer = last_answer(&mut tx.link(), thread.conversation.id, least).await?;
    Ok(answer.filter(|answer| answer.keeps_out(rules, now)).map(|answer| answer.number))
}

/// The team's last answer behind this number, if it is among the newest that went out.
async fn last_answer(
    link: &mut Link<'_>,
    conversation_id: ConversationId,
    behind: Number,
) -> Result<Option<Answer>, ReadError> {
    let select = sql(
        "find the team's last answer",
        "SELECT number, author, at FROM messages WHERE conversation_id = $1 AND number > $2 AND kind = 'out' \
         ORDER BY number DESC LIMIT $3",
    );
    let rows: Vec<(i64, String, i64)> =
        link.all(select.bind(conversation_id).bind(behind).bind(messages::REPLIES_LOOKED_AT)).await?;
    for (number, author, at) in rows {
        if let by @ Author::Agent { .. } = json("an author", &author)? {
            return Ok(Some(Answer { number, by, at }));
        }
    }
    Ok(None)
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
    let answered = answered(tx, thread, &all, &inbox, now).await?;
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
    let answered = answered(tx, thread, &all, &inbox, now).await?;
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

/// What keeps bots out of two conversations before messages of the one go to the other. What it becomes is written behind
/// them, when the answers among them have their numbers there.
pub(crate) struct Carried {
    from: Vec<Standing>,
    to: Vec<Standing>,
}

impl Carried {
    pub(crate) async fn load(
        tx: &mut Tx,
        from: &Conversation,
        to: &Conversation,
        at: UnixMs,
    ) -> Result<Self, ReadError> {
        Ok(Self { from: settled(tx, from, at).await?, to: settled(tx, to, at).await? })
    }

    /// Into `to`, as it is now. `ended`: nothing is left in this one, and what its bots owe they owe there.
    pub(crate) async fn write(
        mut self,
        tx: &mut Tx,
        to: &Conversation,
        ended: Option<&Conversation>,
        at: UnixMs,
    ) -> Result<(), ChangeError> {
        if self.to.is_empty() {
            return Ok(());
        }
        for one in &mut self.to {
            if let Some(other) = self.from.iter_mut().find(|other| other.id() == one.id()) {
                one.carry(other, at);
                if ended.is_some() {
                    one.take_over(other, at);
                }
            }
            one.clear(to.last_number);
        }
        save(tx, to, &self.to, at).await?;
        if let Some(ended) = ended {
            save(tx, ended, &self.from, at).await?;
        }
        Ok(())
    }
}

/// The bots of a conversation, with the team's answers as the blocks that they are.
async fn settled(tx: &mut Tx, row: &Conversation, at: UnixMs) -> Result<Vec<Standing>, ReadError> {
    let mut all = load(tx, row).await?;
    let Some(least) = all.iter().map(|one| one.cleared_number).min() else { return Ok(all) };
    let rules = load_rules(tx, row.inbox_id).await?;
    let answer = last_answer(&mut tx.link(), row.id, least).await?;
    all.iter_mut().for_each(|one| one.settle(&rules, answer.as_ref(), at));
    Ok(all)
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
