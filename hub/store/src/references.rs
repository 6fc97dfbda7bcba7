//! By what channels name messages, and who takes part in a conversation of mails.

use std::collections::{HashMap, HashSet};

use sqlx::FromRow;
use switchboard_domain::threading::Candidate;
use switchboard_protocol::model::{Delivery, Message, MessageMail};
use switchboard_protocol::{ConversationId, InboxId, MessageId, Number, UnixMs};

use crate::db::sql;
use crate::error::{ChangeError, ReadError};
use crate::row::{id, json, set, word};
use crate::{Store, Tx, messages};

/// Most early words forgotten at once.
pub const EARLY_PRUNE_ROWS: i64 = 1_000;
/// Most early words of one inbox.
const EARLY_WORDS: i64 = 1_000;
/// Of the mails before an answer so many are looked at for who is answered.
const MAILS_ANSWERED: i64 = 20;

/// Before the name that is a message's own key. No Message-ID has a space.
const KEY: &str = "key ";

/// The name under which a message's key is known for ever, when the edge keys of those of long ago are forgotten. It is
/// nobody's to answer.
pub fn name_of_key(key: &str) -> String {
    format!("{KEY}{key}")
}

/// Notes by what the channel will name this message. A name that another message has stays with that one: it is the
/// sender's to choose, and must take nothing from anybody.
pub async fn add(
    tx: &mut Tx,
    inbox_id: InboxId,
    message_id: MessageId,
    references: &[String],
) -> Result<(), ChangeError> {
    for reference in references {
        let insert = sql(
            "note a message's name",
            "INSERT INTO message_references (inbox_id, reference, message_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        )
        .bind(inbox_id)
        .bind(reference.as_str())
        .bind(message_id);
        tx.link().run(insert).await?;
    }
    Ok(())
}

/// The message of this name.
pub async fn load_message(tx: &mut Tx, inbox_id: InboxId, reference: &str) -> Result<Option<Message>, ReadError> {
    let find = sql(
        "find a message by its name",
        "SELECT message_id FROM message_references WHERE inbox_id = $1 AND reference = $2",
    )
    .bind(inbox_id)
    .bind(reference);
    let row: Option<(String,)> = tx.link().one(find).await?;
    let Some((message,)) = row else { return Ok(None) };
    let mut found = messages::load_placed(tx, std::iter::once(message.as_str())).await?;
    Ok(found.remove(&message).map(|(message, _)| message))
}

/// By which names the channel knows the message of this number.
pub async fn names_of(tx: &mut Tx, conversation_id: ConversationId, number: Number) -> Result<Vec<String>, ReadError> {
    let find = sql(
        "find a message's names",
        "SELECT r.reference FROM message_references AS r JOIN messages AS m ON m.id = r.message_id \
         WHERE m.conversation_id = $1 AND m.number = $2 ORDER BY r.reference",
    );
    let rows: Vec<(String,)> = tx.link().all(find.bind(conversation_id).bind(number)).await?;
    Ok(rows.into_iter().map(|(name,)| name).collect())
}

/// Those of the names that messages have, as of now: to save work, not to decide.
pub async fn known(store: &Store, inbox_id: InboxId, names: &[String]) -> Result<HashSet<String>, ReadError> {
    let find = sql(
        "find known names",
        "SELECT r.reference FROM message_references AS r WHERE r.inbox_id = $1 \
         AND r.reference IN (SELECT v.value->>'id' FROM jsonb_each($2) AS v)",
    )
    .bind(inbox_id)
    .bind(set(names));
    let rows: Vec<(String,)> = store.reading().await?.link().all(find).await?;
    Ok(rows.into_iter().map(|(name,)| name).collect())
}

#[derive(FromRow)]
struct Known {
    reference: String,
    conversation_id: String,
    takes_part_in: Option<String>,
}

impl Known {
    fn candidate(&self) -> Result<Candidate, ReadError> {
        let conversation_id = id("a message's conversation", &self.conversation_id)?;
        let part = self.takes_part_in.as_ref().map(|part| id("where somebody takes part", part)).transpose()?;
        Ok(Candidate { conversation_id, takes_part_in: part })
    }
}

/// In which conversations of the inbox the messages of these names are. Who took part where a message stood goes on with it
/// where that was merged into, and takes part where it stood alone.
pub async fn conversations_of(
    tx: &mut Tx,
    inbox_id: InboxId,
    references: &[String],
    address: &str,
) -> Result<HashMap<String, Candidate>, ReadError> {
    if references.is_empty() {
        return Ok(HashMap::new());
    }
    let find = sql(
        "find what a mail answers",
        "SELECT r.reference, m.conversation_id, COALESCE((SELECT o.id FROM messages AS l \
                 JOIN conversations AS o ON o.id = l.conversation_id \
                 JOIN participants AS q ON q.conversation_id = o.id AND q.address = $3 \
                 WHERE l.moved_id = m.id AND o.merged_into IS NOT NULL ORDER BY l.position LIMIT 1), \
             (SELECT p.conversation_id FROM participants AS p \
                 WHERE p.conversation_id = m.conversation_id AND p.address = $3)) AS takes_part_in \
         FROM message_references AS r JOIN messages AS m ON m.id = r.message_id \
         WHERE r.inbox_id = $1 AND r.reference IN (SELECT v.value->>'id' FROM jsonb_each($2) AS v)",
    )
    .bind(inbox_id)
    .bind(set(references))
    .bind(address);
    let rows: Vec<Known> = tx.link().all(find).await?;
    rows.into_iter().map(|row| row.candidate().map(|known| (row.reference, known))).collect()
}

/// The inbox's conversation with this number.
pub async fn conversation_numbered(
    tx: &mut Tx,
    inbox_id: InboxId,
    number: Number,
    address: &str,
) -> Result<Option<Candidate>, ReadError> {
    let find = sql(
        "find a conversation by its number",
        "SELECT '' AS reference, c.id AS conversation_id, (SELECT p.conversation_id FROM participants AS p \
             WHERE p.conversation_id = c.id AND p.address = $3) AS takes_part_in \
         FROM conversations AS c WHERE c.inbox_id = $1 AND c.number = $2",
    )
    .bind(inbox_id)
    .bind(number)
    .bind(address);
    let row: Option<Known> = tx.link().one(find).await?;
    row.map(|row| row.candidate()).transpose()
}

/// These addresses take part from now on, in lower case.
pub async fn join(tx: &mut Tx, conversation_id: ConversationId, addresses: &[String]) -> Result<(), ChangeError> {
    let insert = sql(
        "note who takes part",
        "INSERT INTO participants (conversation_id, address) \
         SELECT DISTINCT $1, v.value->>'id' FROM jsonb_each($2) AS v WHERE TRUE ON CONFLICT DO NOTHING",
    )
    .bind(conversation_id)
    .bind(set(addresses));
    tx.link().run(insert).await?;
    Ok(())
}

/// The names of what was said in a conversation before this message, in the order of the commits: the chain that it continues. Where there
/// are more than `most`, the first and the newest: mail programs find a thread by both.
pub async fn chain(
    tx: &mut Tx,
    conversation_id: ConversationId,
    before: Number,
    most: i64,
) -> Result<Vec<String>, ReadError> {
    let read = |order: &str, most: i64| {
        let text = format!(
            "SELECT r.reference FROM message_references AS r JOIN messages AS m ON m.id = r.message_id \
             WHERE m.conversation_id = $1 AND m.number < $2 AND r.reference NOT LIKE '{KEY}%' \
             ORDER BY m.position {order}, m.number {order}, r.reference LIMIT $3"
        );
        sql("read the chain of a conversation", text).bind(conversation_id).bind(before).bind(most)
    };
    let newest: Vec<(String,)> = tx.link().all(read("DESC", most)).await?;
    let mut chain: Vec<String> = newest.into_iter().rev().map(|(reference,)| reference).collect();
    if chain.len() as i64 == most {
        let root: Vec<(String,)> = tx.link().all(read("ASC", 1)).await?;
        if let Some((root,)) = root.into_iter().next().filter(|(root,)| !chain.contains(root)) {
            chain[0] = root;
        }
    }
    Ok(chain)
}

/// The heads of what customers wrote in a conversation before this message, the newest first: who is answered by it. In the
/// order of the commits, for what was merged into the conversation has numbers behind what is newer, and clocks differ.
pub async fn mails_before(
    tx: &mut Tx,
    conversation_id: ConversationId,
    before: Number,
) -> Result<Vec<MessageMail>, ReadError> {
    let read = sql(
        "read what is answered",
        "SELECT mail FROM messages WHERE conversation_id = $1 AND number < $2 AND kind = 'in' AND mail IS NOT NULL \
         ORDER BY position DESC, number DESC LIMIT $3",
    )
    .bind(conversation_id)
    .bind(before)
    .bind(MAILS_ANSWERED);
    let rows: Vec<(String,)> = tx.link().all(read).await?;
    rows.iter().map(|(mail,)| json("a mail's head", mail)).collect()
}

/// What the channel has said of a name that nothing has yet: it was faster than we. The last word is kept, of so many names
/// of an inbox at a time; a channel is not faster by more.
pub async fn keep_early(
    tx: &mut Tx,
    inbox_id: InboxId,
    reference: &str,
    delivery: Delivery,
    note: Option<&str>,
    at: UnixMs,
) -> Result<(), ChangeError> {
    let upsert = sql(
        "keep an early word",
        "INSERT INTO early_progress (inbox_id, reference, delivery, note, at) \
         SELECT $1, $2, $3, $4, CAST($5 AS BIGINT) WHERE (SELECT COUNT(*) FROM \
             (SELECT 1 FROM early_progress AS e WHERE e.inbox_id = $1 LIMIT $6) AS known) < $6 \
         ON CONFLICT (inbox_id, reference) DO UPDATE SET delivery = excluded.delivery, note = excluded.note, \
         at = excluded.at",
    )
    .bind(inbox_id)
    .bind(reference)
    .bind(delivery.as_str())
    .bind(note.map(str::to_owned))
    .bind(at)
    .bind(EARLY_WORDS);
    tx.link().run(upsert).await?;
    Ok(())
}

/// Takes the early words of these names.
pub(crate) async fn take_early(
    tx: &mut Tx,
    inbox_id: InboxId,
    references: &[String],
) -> Result<Vec<(Delivery, Option<String>)>, ChangeError> {
    if references.is_empty() {
        return Ok(Vec::new());
    }
    let take = sql(
        "take early words",
        "DELETE FROM early_progress WHERE inbox_id = $1 \
         AND reference IN (SELECT v.value->>'id' FROM jsonb_each($2) AS v) RETURNING delivery, note",
    )
    .bind(inbox_id)
    .bind(set(references));
    let rows: Vec<(String, Option<String>)> = tx.link().all(take).await?;
    rows.into_iter().map(|(delivery, note)| Ok((word("a delivery", &delivery, Delivery::from_word)?, note))).collect()
}

/// Forgets words about names that never came, said before this time.
pub async fn prune_early(tx: &mut Tx, before: UnixMs) -> Result<u64, ChangeError> {
    let delete = sql(
        "forget early words",
        "DELETE FROM early_progress WHERE (inbox_id, reference) IN \
         (SELECT inbox_id, reference FROM early_progress WHERE at < $1 ORDER BY at LIMIT $2)",
    )
    .bind(before)
    .bind(EARLY_PRUNE_ROWS);
    Ok(tx.link().run(delete).await?)
}
