//! What waits to go out: a row for each message on another channel than web chat, written in the transaction of the message
//! and kept until it has gone.
//!
//! ```text
//! queued ──claim──► sending ──► (gone: the row is deleted)
//!   ▲                  ├──► queued, later         it certainly did not go out
//!   │                  ├──► failed                it never will
//!   │                  └──► uncertain             nobody can know; also what a hub had in hand that ended
//!   └────────────── somebody of the team tries again
//! ```
//!
//! The step from queued to sending is one UPDATE that only one hub can make, so a message is handed to its channel once,
//! whatever leases say. Of one conversation one message is on its way at a time, in order.

use sqlx::FromRow;
use switchboard_domain::change::Changed;
use switchboard_domain::{Visibility, delivery};
use switchboard_protocol::agent::AgentEvent;
use switchboard_protocol::model::{Author, ConversationPatch, Delivery, Message};
use switchboard_protocol::{ConversationId, InboxId, MessageId, UnixMs};

use crate::db::sql;
use crate::error::{ChangeError, ReadError};
use crate::event::{Audience, Emit};
use crate::row::id;
use crate::{Store, Tx, channels, conversations, messages, references};

/// Most messages of removed inboxes that are called failed at once.
pub const REMOVED_ROWS: i64 = 200;
/// What agents read of them.
const REMOVED: &str = "This inbox was removed before the message went out.";
/// Longest remarks about one message, bytes.
const REMARKS_BYTES: usize = 2_000;

/// A message that this hub has in hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claimed {
    pub message_id: MessageId,
    pub conversation_id: ConversationId,
    pub inbox_id: InboxId,
    /// Counting this one; those before at which the channel was away for all messages do not count.
    pub attempts: i64,
    /// When it was written, or when somebody last wanted it tried again.
    pub queued_at: UnixMs,
}

#[derive(FromRow)]
struct Columns {
    message_id: String,
    conversation_id: String,
    inbox_id: String,
    attempts: i64,
    created_at: i64,
}

impl Columns {
    fn claimed(self) -> Result<Claimed, ReadError> {
        Ok(Claimed {
            message_id: id("a message's id", &self.message_id)?,
            conversation_id: id("a message's conversation", &self.conversation_id)?,
            inbox_id: id("a message's inbox", &self.inbox_id)?,
            attempts: self.attempts,
            queued_at: self.created_at,
        })
    }
}

/// Of each conversation the first that waits, if nothing of it is on its way: a condition on `o`.
const FIRST: &str = "NOT EXISTS (SELECT 1 FROM outbox AS p JOIN messages AS q ON q.id = p.message_id \
    WHERE p.conversation_id = o.conversation_id AND p.state IN ('queued', 'sending') AND q.number < \
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
        "UPDATE outbox SET state = 'sending', holder = $2, tried_at = $3, attempts = attempts + 1 \
         WHERE state = 'queued' AND message_id IN (SELECT o.message_id FROM outbox AS o \
             WHERE o.inbox_id = $1 AND o.state = 'queued' AND o.due_at <= $3 AND {FIRST} \
             ORDER BY o.due_at, o.message_id LIMIT $4) \
         RETURNING message_id, conversation_id, inbox_id, attempts, created_at"
    );
    let claim = sql("take messages in hand", text).bind(inbox_id).bind(holder).bind(now).bind(most as i64);
    let rows: Vec<Columns> = tx.link().all(claim).await?;
    let mut claimed = rows.into_iter().map(Columns::claimed).collect::<Result<Vec<_>, _>>()?;
    claimed.sort_by_key(|one| one.message_id);
    Ok(claimed)
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

/// Notes what came of it. Whether it was still this hub's to say: that another hub has called it uncertain meanwhile is
/// ended by what this one knows.
pub async fn settle(
    tx: &mut Tx,
    claimed: &Claimed,
    holder: &str,
    outcome: &Outcome,
    now: UnixMs,
) -> Result<bool, ChangeError> {
    let mine = sql(
        "find a message in hand",
        "SELECT state FROM outbox WHERE message_id = $1 AND holder = $2 AND attempts = $3 \
         AND state IN ('sending', 'uncertain')",
    )
    .bind(claimed.message_id)
    .bind(holder)
    .bind(claimed.attempts);
    let row: Option<(String,)> = tx.link().one(mine).await?;
    if row.is_none() {
        return Ok(false);
    }
    match outcome {
        Outcome::Sent { references } => sent(tx, claimed, references, now).await?,
        Outcome::Later { due_at, why, counts } => {
            put(tx, claimed.message_id, "queued", *due_at, Some(why)).await?;
            if !counts {
                uncount(tx, claimed.message_id).await?;
            }
            tell(tx, claimed.message_id, Delivery::Queued, Some(why), now, Which::Any).await?;
        }
        Outcome::Failed { why } => {
            put(tx, claimed.message_id, "failed", now, Some(why)).await?;
            tell(tx, claimed.message_id, Delivery::Failed, Some(why), now, Which::News).await?;
        }
        Outcome::Uncertain { why } => {
            put(tx, claimed.message_id, "uncertain", now, Some(why)).await?;
            tell(tx, claimed.message_id, Delivery::Uncertain, Some(why), now, Which::News).await?;
        }
    }
    Ok(true)
}

async fn sent(tx: &mut Tx, claimed: &Claimed, names: &[String], now: UnixMs) -> Result<(), ChangeError> {
    forget(tx, claimed.message_id).await?;
    references::add(tx, claimed.inbox_id, claimed.message_id, names).await?;
    channels::note_sent(tx, claimed.inbox_id, now).await?;
    tell(tx, claimed.message_id, Delivery::Sent, None, now, Which::News).await?;
    for (delivery, note) in references::take_early(tx, claimed.inbox_id, names).await? {
        tell(tx, claimed.message_id, delivery, note.as_deref(), now, Which::News).await?;
    }
    Ok(())
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

/// What waits in inboxes that have been removed never goes: nobody sends for them any more. At most [`REMOVED_ROWS`]; how many.
pub async fn fail_removed(tx: &mut Tx, now: UnixMs) -> Result<usize, ChangeError> {
    let find = sql(
        "find what waits in removed inboxes",
        "SELECT o.message_id FROM outbox AS o JOIN inboxes AS i ON i.id = o.inbox_id \
         WHERE o.state = 'queued' AND i.removed_at IS NOT NULL ORDER BY o.message_id LIMIT $1",
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

/// What another holder of this inbox has in hand is in doubt: it has ended, or lost its lease. So is what anybody has had in
/// hand since before `stale`. At most `most`; how many.
pub async fn doubt(
    tx: &mut Tx,
    inbox_id: InboxId,
    holder: &str,
    why: &str,
    now: UnixMs,
    stale: UnixMs,
    most: usize,
) -> Result<usize, ChangeError> {
    let find = sql(
        "find messages in doubt",
        "SELECT message_id, conversation_id, inbox_id, attempts, created_at FROM outbox \
         WHERE inbox_id = $1 AND state = 'sending' AND (holder <> $2 OR tried_at < $3) ORDER BY message_id LIMIT $4",
    )
    .bind(inbox_id)
    .bind(holder)
    .bind(stale)
    .bind(most as i64);
    let rows: Vec<Columns> = tx.link().all(find).await?;
    let found = rows.len();
    for row in rows {
        let claimed = row.claimed()?;
        put(tx, claimed.message_id, "uncertain", now, Some(why)).await?;
        tell(tx, claimed.message_id, Delivery::Uncertain, Some(why), now, Which::News).await?;
    }
    Ok(found)
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

/// The channel's word on a message that went out; also ends a doubt about it, and a second try that has not begun.
pub async fn progress(
    tx: &mut Tx,
    message_id: MessageId,
    said: Delivery,
    note: Option<&str>,
    now: UnixMs,
) -> Result<(), ChangeError> {
    if matches!(said, Delivery::Sent | Delivery::Delivered | Delivery::Read) {
        let certain = sql(
            "end a doubt",
            "DELETE FROM outbox WHERE message_id = $1 AND state IN ('uncertain', 'failed', 'queued')",
        )
        .bind(message_id);
        tx.link().run(certain).await?;
    }
    tell(tx, message_id, said, note, now, Which::News).await
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
    tell(tx, message.id, delivery, Some(&all), now, Which::Any).await
}

/// Whether a state is told that is no step on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Which {
    News,
    Any,
}

/// Writes how far a message has come, and tells the team: of the message, and of the conversation if its newest answer has not
/// arrived, or has after all.
async fn tell(
    tx: &mut Tx,
    message_id: MessageId,
    said: Delivery,
    note: Option<&str>,
    now: UnixMs,
    which: Which,
) -> Result<(), ChangeError> {
    let key = message_id.to_string();
    let Some((message, _)) = messages::load_placed(tx, std::iter::once(key.as_str())).await?.remove(&key) else {
        return Ok(());
    };
    let Some(before) = message.delivery else { return Ok(()) };
    let delivery = match which {
        Which::News => match delivery::after(before, said) {
            Some(delivery) => delivery,
            None => return Ok(()),
        },
        Which::Any => said,
    };
    if delivery == before && message.delivery_note.as_deref() == note {
        return Ok(());
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
    Ok(())
}
