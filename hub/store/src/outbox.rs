//! What waits to go out: a row for each message on another channel than web chat, written in the transaction of the message
//! and kept until it has gone.
//!
//! ```text
//! queued ──claim──► claimed ──begin──► sending ──► (gone: the row is deleted)
//!   ▲                  │                  ├──► queued, later         it certainly did not go out
//!   ├──────────────────┘                  ├──► failed                it never will
//!   │  its hub ended before it began      └──► uncertain             nobody can know: also what a hub had begun that ended
//!   └────────────── somebody of the team tries again
//! ```
//!
//! Each step is one UPDATE that only one hub can make, so a message is handed to its channel once, whatever leases say. A
//! channel is called after the step to sending is committed and not before: what is merely claimed has certainly not gone
//! out, and waits again when its hub has ended. A claim is known by its holder, its number and its time, and whoever has lost
//! it can neither begin nor settle. Of one conversation one message is on its way at a time, in order.

use sqlx::FromRow;
use switchboard_domain::change::Changed;
use switchboard_domain::{Visibility, delivery};
use switchboard_protocol::agent::AgentEvent;
use switchboard_protocol::model::{Author, ConversationPatch, Delivery, Message};
use switchboard_protocol::{ConversationId, InboxId, MessageId, UnixMs};

use crate::db::sql;
use crate::error::{ChangeError, ReadError};
use crate::event::{Audience, Emit};
use crate::row::{id, to_json};
use crate::{Store, Tx, channels, conversations, messages, references};

/// Most messages of removed inboxes that are called failed at once.
pub const REMOVED_ROWS: i64 = 200;
/// What agents read of them.
const REMOVED: &str = "This inbox was removed before the message went out.";
/// Longest remarks about one message, bytes.
const REMARKS_BYTES: usize = 2_000;

/// A message that a hub has in hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claimed {
    pub message_id: MessageId,
    pub conversation_id: ConversationId,
    pub inbox_id: InboxId,
    /// Counting this one; those before at which the channel was away for all messages do not count.
    pub attempts: i64,
    /// When it was written, or when somebody last wanted it tried again.
    pub queued_at: UnixMs,
    /// When it was taken in hand.
    pub claimed_at: UnixMs,
}

#[derive(FromRow)]
struct Columns {
    message_id: String,
    conversation_id: String,
    inbox_id: String,
    attempts: i64,
    created_at: i64,
    tried_at: i64,
}

impl Columns {
    fn claimed(self) -> Result<Claimed, ReadError> {
        Ok(Claimed {
            message_id: id("a message's id", &self.message_id)?,
            conversation_id: id("a message's conversation", &self.conversation_id)?,
            inbox_id: id("a message's inbox", &self.inbox_id)?,
            attempts: self.attempts,
            queued_at: self.created_at,
            claimed_at: self.tried_at,
        })
    }
}

/// Of each conversation the first that waits, if nothing of it is on its way: a condition on `o`.
const FIRST: &str = "NOT EXISTS (SELECT 1 FROM outbox AS p JOIN messages AS q ON q.id = p.message_id \
    WHERE p.conversation_id = o.conversation_id AND p.state IN ('queued', 'claimed', 'sending') AND q.number < \
        (SELECT m.number FROM messages AS m WHERE m.id = o.message_id))";

/// Takes in hand what is due in this inbox, the longest due first, at most `most`: of each conversation the first that
/// waits, if nothing of it is on its way.
pub async fn claim(
    tx: &mut Tx,
    inbox_id: InboxId,
    holder: &str,
    now: UnixMs,
    most: usize,
) -> Result<Vec<Claimed>, ChangeError> {
    let text = format!(
        "UPDATE outbox SET state = 'claimed', holder = $2, tried_at = $3, attempts = attempts + 1 \
         WHERE state = 'queued' AND message_id IN (SELECT o.message_id FROM outbox AS o \
             WHERE o.inbox_id = $1 AND o.state = 'queued' AND o.due_at <= $3 AND {FIRST} \
             ORDER BY o.due_at, o.message_id LIMIT $4) \
         RETURNING message_id, conversation_id, inbox_id, attempts, created_at, tried_at"
    );
    let claim = sql("take messages in hand", text).bind(inbox_id).bind(holder).bind(now).bind(most as i64);
    let rows: Vec<Columns> = tx.link().all(claim).await?;
    let mut claimed = rows.into_iter().map(Columns::claimed).collect::<Result<Vec<_>, _>>()?;
    claimed.sort_by_key(|one| one.message_id);
    Ok(claimed)
}

/// Notes that this message is about to be handed to its channel, which must not be called before the commit. False: it is no
/// longer this holder's, and must not go out. Noted a second time, because the first commit was not heard of, it is the same.
pub async fn begin(tx: &mut Tx, claimed: &Claimed, holder: &str) -> Result<bool, ChangeError> {
    let update = sql(
        "begin to send a message",
        "UPDATE outbox SET state = 'sending' WHERE message_id = $1 AND holder = $2 AND attempts = $3 AND tried_at = $4 \
         AND state IN ('claimed', 'sending')",
    )
    .bind(claimed.message_id)
    .bind(holder)
    .bind(claimed.attempts)
    .bind(claimed.claimed_at);
    Ok(tx.link().run(update).await? > 0)
}

/// When the next message of this inbox can be taken in hand; none: none waits for its time alone.
pub async fn next_due(store: &Store, inbox_id: InboxId) -> Result<Option<UnixMs>, ReadError> {
    let text =
        format!("SELECT MIN(o.due_at) FROM outbox AS o WHERE o.inbox_id = $1 AND o.state = 'queued' AND {FIRST}");
    let next = sql("find when the next is due", text).bind(inbox_id);
    let row: Option<(Option<i64>,)> = store.reading().await?.link().one(next).await?;
    Ok(row.and_then(|(due,)| due))
}

/// What came of a message that was in hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The channel has it, and will name it so.
    Sent {
        references: Vec<String>,
    },
    /// Nobody has begun it: it waits as if it had not been in hand.
    NotBegun,
    /// It certainly did not go out; it is due again then.
    Later {
        due_at: UnixMs,
        why: String,
        /// It was this message that could not go, and not the channel that was away.
        counts: bool,
    },
    Failed {
        why: String,
    },
    Uncertain {
        why: String,
    },
}

/// What noting has come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// It was no longer this holder's to say.
    NotTheirs,
    /// The team knew as much, or better.
    Known,
    /// The team was told something new.
    Told,
}

/// Notes what came of it, if it is still this hub's to say: that another hub has called it uncertain meanwhile is ended by what
/// this one knows.
pub async fn settle(
    tx: &mut Tx,
    claimed: &Claimed,
    holder: &str,
    outcome: &Outcome,
    now: UnixMs,
) -> Result<Settled, ChangeError> {
    let mine = sql(
        "find a message in hand",
        "SELECT state FROM outbox WHERE message_id = $1 AND holder = $2 AND attempts = $3 AND tried_at = $4 \
         AND state IN ('claimed', 'sending', 'uncertain')",
    )
    .bind(claimed.message_id)
    .bind(holder)
    .bind(claimed.attempts)
    .bind(claimed.claimed_at);
    let row: Option<(String,)> = tx.link().one(mine).await?;
    if row.is_none() {
        return Ok(Settled::NotTheirs);
    }
    if is_answered(tx, claimed.message_id, outcome).await? {
        forget(tx, claimed.message_id).await?;
        return Ok(Settled::Known);
    }
    let told = match outcome {
        Outcome::Sent { references } => sent(tx, claimed, references, now).await?,
        Outcome::NotBegun => {
            put(tx, claimed.message_id, "queued", now, None).await?;
            uncount(tx, claimed.message_id).await?;
            tell(tx, claimed.message_id, Delivery::Queued, None, now, Which::Any).await?
        }
        Outcome::Later { due_at, why, counts } => {
            put(tx, claimed.message_id, "queued", *due_at, Some(why)).await?;
            if !counts {
                uncount(tx, claimed.message_id).await?;
            }
            tell(tx, claimed.message_id, Delivery::Queued, Some(why), now, Which::Any).await?
        }
        Outcome::Failed { why } => {
            put(tx, claimed.message_id, "failed", now, Some(why)).await?;
            tell(tx, claimed.message_id, Delivery::Failed, Some(why), now, Which::News).await?
        }
        Outcome::Uncertain { why } => {
            put(tx, claimed.message_id, "uncertain", now, Some(why)).await?;
            tell(tx, claimed.message_id, Delivery::Uncertain, Some(why), now, Which::News).await?
        }
    };
    Ok(if told { Settled::Told } else { Settled::Known })
}

/// Whether the channel has told meanwhile, by the message's own name, what became of it: it knows better than whoever handed it
/// the message and heard nothing, and than a try that came after one that had arrived.
async fn is_answered(tx: &mut Tx, message_id: MessageId, outcome: &Outcome) -> Result<bool, ReadError> {
    let said = messages::load(tx, message_id).await?.and_then(|message| message.delivery);
    Ok(match outcome {
        Outcome::Sent { .. } => false,
        Outcome::NotBegun | Outcome::Later { .. } | Outcome::Uncertain { .. } => {
            matches!(said, Some(Delivery::Sent | Delivery::Delivered | Delivery::Read))
        }
        Outcome::Failed { .. } => matches!(said, Some(Delivery::Delivered | Delivery::Read)),
    })
}

async fn sent(tx: &mut Tx, claimed: &Claimed, names: &[String], now: UnixMs) -> Result<bool, ChangeError> {
    forget(tx, claimed.message_id).await?;
    references::add(tx, claimed.inbox_id, claimed.message_id, names).await?;
    channels::note_sent(tx, claimed.inbox_id, now).await?;
    let mut told = tell(tx, claimed.message_id, Delivery::Sent, None, now, Which::News).await?;
    for (delivery, note) in references::take_early(tx, claimed.inbox_id, names).await? {
        told |= tell(tx, claimed.message_id, delivery, note.as_deref(), now, Which::News).await?;
    }
    keep_failed(tx, claimed.message_id, now).await?;
    Ok(told)
}

async fn put(
    tx: &mut Tx,
    message_id: MessageId,
    state: &'static str,
    due_at: UnixMs,
    note: Option<&str>,
) -> Result<(), ChangeError> {
    let update = sql(
        "note what came of a message",
        "UPDATE outbox SET state = $2, due_at = $3, note = $4 WHERE message_id = $1",
    )
    .bind(message_id)
    .bind(state)
    .bind(due_at)
    .bind(note.map(str::to_owned));
    tx.link().run(update).await?;
    Ok(())
}

async fn uncount(tx: &mut Tx, message_id: MessageId) -> Result<(), ChangeError> {
    let update =
        sql("take a try back", "UPDATE outbox SET attempts = attempts - 1 WHERE message_id = $1").bind(message_id);
    tx.link().run(update).await?;
    Ok(())
}

/// What waits in this inbox is due now: whatever it waited for has been mended.
pub(crate) async fn hurry(tx: &mut Tx, inbox_id: InboxId, now: UnixMs) -> Result<(), ChangeError> {
    let update = sql(
        "make what waits due",
        "UPDATE outbox SET due_at = $2 WHERE inbox_id = $1 AND state = 'queued' AND due_at > $2",
    )
    .bind(inbox_id)
    .bind(now);
    tx.link().run(update).await?;
    Ok(())
}

/// A time that lies so far ahead of the clock was written by one that was wrong, ms: those of hubs do not differ by as much.
const AHEAD: i64 = 60_000;
/// What is not due and was tried, or written, at a time that has not come: the clock was ahead then, and its own back-off goes by
/// that.
const BY_A_CLOCK_AHEAD: &str =
    "inbox_id = $1 AND state = 'queued' AND due_at > $2 AND COALESCE(tried_at, created_at) > $3";

/// Whether something of this inbox waits for a time by a clock that has been set back since.
pub async fn waits_by_a_clock_ahead(store: &Store, inbox_id: InboxId, now: UnixMs) -> Result<bool, ReadError> {
    let find = sql(
        "find what waits by a clock that was ahead",
        format!("SELECT COUNT(*) FROM outbox WHERE {BY_A_CLOCK_AHEAD}"),
    )
    .bind(inbox_id)
    .bind(now)
    .bind(now + AHEAD);
    let row: Option<(i64,)> = store.reading().await?.link().one(find).await?;
    Ok(row.is_some_and(|(messages,)| messages > 0))
}

/// It is due now. How many were.
pub async fn hurry_after_a_clock(tx: &mut Tx, inbox_id: InboxId, now: UnixMs) -> Result<u64, ChangeError> {
    let update = sql(
        "make due what waits by a clock that was ahead",
        format!("UPDATE outbox SET due_at = $2 WHERE {BY_A_CLOCK_AHEAD}"),
    )
    .bind(inbox_id)
    .bind(now)
    .bind(now + AHEAD);
    Ok(tx.link().run(update).await?)
}

/// What waits in inboxes that have been removed never goes: nobody sends for them any more. Nor does what is claimed there and
/// not begun. At most [`REMOVED_ROWS`]; how many.
pub async fn fail_removed(tx: &mut Tx, now: UnixMs) -> Result<usize, ChangeError> {
    let find = sql(
        "find what waits in removed inboxes",
        "SELECT o.message_id FROM outbox AS o JOIN inboxes AS i ON i.id = o.inbox_id \
         WHERE o.state IN ('queued', 'claimed') AND i.removed_at IS NOT NULL ORDER BY o.message_id LIMIT $1",
    )
    .bind(REMOVED_ROWS);
    let rows: Vec<(String,)> = tx.link().all(find).await?;
    for (message,) in &rows {
        let message_id = id("a message's id", message)?;
        put(tx, message_id, "failed", now, Some(REMOVED)).await?;
        tell(tx, message_id, Delivery::Failed, Some(REMOVED), now, Which::News).await?;
    }
    Ok(rows.len())
}

async fn forget(tx: &mut Tx, message_id: MessageId) -> Result<(), ChangeError> {
    let delete = sql("take a message out of the outbox", "DELETE FROM outbox WHERE message_id = $1").bind(message_id);
    tx.link().run(delete).await?;
    Ok(())
}

/// A message that somebody had in hand who has ended, or lost the lease of the inbox, or forgotten it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    pub claimed: Claimed,
    /// Whose it was: what becomes of it is settled in this name.
    pub holder: String,
    /// Its channel may have been called.
    pub begun: bool,
}

#[derive(FromRow)]
struct LeftColumns {
    #[sqlx(flatten)]
    columns: Columns,
    holder: String,
    state: String,
}

/// What others have in hand of this inbox, what anybody has had in hand since before `stale`, and what `holder` has not begun:
/// it knows of which of these it knows. At most `most`.
pub async fn left(
    store: &Store,
    inbox_id: InboxId,
    holder: &str,
    stale: UnixMs,
    most: usize,
) -> Result<Vec<Left>, ReadError> {
    let find = sql(
        "find messages that others have in hand",
        "SELECT message_id, conversation_id, inbox_id, attempts, created_at, tried_at, holder, state FROM outbox \
         WHERE inbox_id = $1 AND state IN ('claimed', 'sending') AND (holder <> $2 OR state = 'claimed' OR tried_at < $3) \
         ORDER BY message_id LIMIT $4",
    )
    .bind(inbox_id)
    .bind(holder)
    .bind(stale)
    .bind(most as i64);
    let rows: Vec<LeftColumns> = store.reading().await?.link().all(find).await?;
    let left = |row: LeftColumns| {
        Ok(Left { claimed: row.columns.claimed()?, holder: row.holder, begun: row.state == "sending" })
    };
    rows.into_iter().map(left).collect()
}

/// Puts one that was not begun back into the queue, unless it has been begun by now. Whoever had it can no longer begin it.
pub async fn give_back(tx: &mut Tx, left: &Left) -> Result<bool, ChangeError> {
    let update = sql(
        "put a message back into the queue",
        "UPDATE outbox SET state = 'queued', holder = NULL, attempts = attempts - 1 \
         WHERE message_id = $1 AND holder = $2 AND attempts = $3 AND tried_at = $4 AND state = 'claimed'",
    )
    .bind(left.claimed.message_id)
    .bind(left.holder.as_str())
    .bind(left.claimed.attempts)
    .bind(left.claimed.claimed_at);
    Ok(tx.link().run(update).await? > 0)
}

/// Somebody of the team wants it tried again. Whether it was there to be tried: failed, or uncertain; also what the channel
/// had taken and then brought back.
pub async fn again(tx: &mut Tx, message_id: MessageId, now: UnixMs) -> Result<bool, ChangeError> {
    let Some(message) = messages::load(tx, message_id).await? else { return Ok(false) };
    if !matches!(message.delivery, Some(Delivery::Failed | Delivery::Uncertain)) || message.deleted_at.is_some() {
        return Ok(false);
    }
    let upsert = sql(
        "queue a message again",
        "INSERT INTO outbox (message_id, conversation_id, inbox_id, channel, state, attempts, due_at, created_at) \
         SELECT m.id, c.id, c.inbox_id, c.channel, 'queued', 0, CAST($2 AS BIGINT), CAST($2 AS BIGINT) \
         FROM messages AS m JOIN conversations AS c ON c.id = m.conversation_id WHERE m.id = $1 AND c.channel <> 'web' \
         ON CONFLICT (message_id) DO UPDATE SET state = 'queued', due_at = excluded.due_at, attempts = 0, note = NULL, \
         created_at = excluded.created_at \
         WHERE outbox.state IN ('failed', 'uncertain')",
    )
    .bind(message_id)
    .bind(now);
    if tx.link().run(upsert).await? == 0 {
        return Ok(false);
    }
    tell(tx, message_id, Delivery::Queued, None, now, Which::Any).await?;
    Ok(true)
}

/// The channel's word on a message that went out; also ends a doubt about it, and a second try that has not begun. Whether it
/// was news.
pub async fn progress(
    tx: &mut Tx,
    message_id: MessageId,
    said: Delivery,
    note: Option<&str>,
    now: UnixMs,
) -> Result<bool, ChangeError> {
    if matches!(said, Delivery::Sent | Delivery::Delivered | Delivery::Read) {
        let certain = sql(
            "end a doubt",
            "DELETE FROM outbox WHERE message_id = $1 AND state IN ('uncertain', 'failed', 'queued', 'claimed')",
        )
        .bind(message_id);
        tx.link().run(certain).await?;
    }
    let told = tell(tx, message_id, said, note, now, Which::News).await?;
    // Also where the word came out of order: what failed stays among what somebody has to decide about.
    keep_failed(tx, message_id, now).await?;
    Ok(told)
}

/// A message that the channel had taken, and brought back: it is counted, listed and tried again as one that never went. Not
/// what the hub wrote by itself: nobody waits for it, and anybody can give an address that brings it back.
async fn keep_failed(tx: &mut Tx, message_id: MessageId, now: UnixMs) -> Result<(), ChangeError> {
    let insert = sql(
        "put a message that came back among those that did not go",
        "INSERT INTO outbox (message_id, conversation_id, inbox_id, channel, state, attempts, due_at, created_at, note) \
         SELECT m.id, c.id, c.inbox_id, c.channel, 'failed', 1, CAST($2 AS BIGINT), CAST($2 AS BIGINT), m.delivery_note \
         FROM messages AS m JOIN conversations AS c ON c.id = m.conversation_id \
         WHERE m.id = $1 AND m.delivery = 'failed' AND m.deleted_at IS NULL AND m.author <> $3 AND c.channel <> 'web' \
         ON CONFLICT (message_id) DO NOTHING",
    )
    .bind(message_id)
    .bind(now)
    .bind(to_json(&Author::System));
    tx.link().run(insert).await?;
    Ok(())
}

/// The channel's word on a message that says nothing of whether it reached the one it is for: it takes longer, or one of its
/// copies came back.
pub async fn remark(tx: &mut Tx, message: &Message, note: &str, now: UnixMs) -> Result<(), ChangeError> {
    let Some(delivery) = message.delivery else { return Ok(()) };
    let before = message.delivery_note.as_deref().unwrap_or_default();
    if before.contains(note) || before.len() + note.len() > REMARKS_BYTES {
        return Ok(());
    }
    let all = if before.is_empty() { note.to_owned() } else { format!("{before} {note}") };
    tell(tx, message.id, delivery, Some(&all), now, Which::Any).await?;
    Ok(())
}

/// Whether a state is told that is no step on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Which {
    News,
    Any,
}

/// Writes how far a message has come, and tells the team: of the message, and of the conversation if its newest answer has not
/// arrived, or has after all. Whether there was something to tell.
async fn tell(
    tx: &mut Tx,
    message_id: MessageId,
    said: Delivery,
    note: Option<&str>,
    now: UnixMs,
    which: Which,
) -> Result<bool, ChangeError> {
    let key = message_id.to_string();
    let Some((message, _)) = messages::load_placed(tx, std::iter::once(key.as_str())).await?.remove(&key) else {
        return Ok(false);
    };
    let Some(before) = message.delivery else { return Ok(false) };
    let delivery = match which {
        Which::News => match delivery::after(before, said) {
            Some(delivery) => delivery,
            None => return Ok(false),
        },
        Which::Any => said,
    };
    if delivery == before && message.delivery_note.as_deref() == note {
        return Ok(false);
    }
    messages::set_delivery(tx, message_id, delivery, note).await?;
    let thread = conversations::load(tx, &Visibility::All, message.conversation_id).await?;
    let thread = thread.ok_or(ChangeError::Missing { doing: "tell how far a message has come" })?;
    tx.emit(Emit {
        at: now,
        audience: Audience::Inbox(thread.conversation.inbox_id),
        conversation_id: Some(message.conversation_id),
        staff: AgentEvent::DeliveryChanged {
            conversation_id: message.conversation_id,
            message_id,
            number: message.number,
            delivery,
            note: note.map(str::to_owned),
        },
        visitor: None,
    });
    let doubtful = |delivery| matches!(delivery, Delivery::Failed | Delivery::Uncertain);
    let newest = thread.replies.last().is_some_and(|(number, _)| *number == message.number);
    if newest && doubtful(before) != doubtful(delivery) {
        let undelivered_number = Some(doubtful(delivery).then_some(message.number));
        let patch = ConversationPatch { undelivered_number, ..ConversationPatch::default() };
        let changed = Changed { patch, lines: Vec::new() };
        let mut no_lines = || -> MessageId { unreachable!("how far a message has come is no line") };
        conversations::change(tx, &thread.conversation, changed, Author::System, now, &mut no_lines).await?;
    }
    Ok(true)
}
