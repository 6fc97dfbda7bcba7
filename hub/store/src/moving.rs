//! Messages that get another conversation, by hand: split off, merged, and put back. What may go, `switchboard_domain::moving`
//! decides.
//!
//! There is one primitive, [`shift`]. A message keeps its row, and with it its id, files, names, place in the outbox and the
//! position by which the search knows it; it gets another conversation and number. Where it stood a line says so, which
//! knows the message (`moved_id`): a message that comes back to a conversation takes the place of its line there.

mod shift;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use switchboard_domain::change::Changed;
use switchboard_domain::moving::{self, Said};
use switchboard_domain::thread;
use switchboard_domain::{Visibility, moving::difference};
use switchboard_protocol::agent::AgentEvent;
use switchboard_protocol::model::{Author, CaseLink, Conversation, Message, MessageKind, Status, SystemLine};
use switchboard_protocol::visitor::VisitorEvent;
use switchboard_protocol::{AgentId, ConversationId, MessageId, Number, Position, UnixMs, limits};

use crate::bots::standings::Carried;
use crate::conversations::{self, Heading, save};
use crate::db::sql;
use crate::error::{AppendError, ChangeError, ReadError};
use crate::event::{Audience, Emit};
use crate::row::{id, json, set, to_json};
use crate::visitor;
use crate::{Tx, messages};
use shift::{Shift, shift};

/// Who moves, when, and what makes ids for the lines.
pub struct By<'a> {
    pub author: Author,
    pub at: UnixMs,
    pub line_id: &'a mut (dyn FnMut() -> MessageId + Send),
}

/// How a conversation stood before it was merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Before {
    status: Status,
    snoozed_until: Option<UnixMs>,
    waiting_since: Option<UnixMs>,
    /// Not of those that were merged before this was kept.
    #[serde(default)]
    asked_person: bool,
}

/// All that goes along of a conversation, in its order; at most one more than may.
pub async fn load_talk(tx: &mut Tx, of: ConversationId) -> Result<Vec<Message>, ReadError> {
    messages::talk(tx, of, 0, Number::MAX, limits::MOVED_MESSAGES + 1).await
}

/// The same from this number on, or of this number alone.
pub async fn load_talk_from(
    tx: &mut Tx,
    of: ConversationId,
    number: Number,
    and_after: bool,
) -> Result<Vec<Message>, ReadError> {
    let last = if and_after { Number::MAX } else { number };
    messages::talk(tx, of, number, last, limits::MOVED_MESSAGES + 1).await
}

/// Whether anything of the talk of a conversation would be left without these.
pub async fn leaves_talk(tx: &mut Tx, of: ConversationId, going: &[Message]) -> Result<bool, ReadError> {
    let find = sql(
        "find what stays",
        "SELECT m.number FROM messages AS m WHERE m.conversation_id = $1 AND m.kind IN ('in', 'out') \
         AND m.id NOT IN (SELECT v.value->>'id' FROM jsonb_each($2) AS v) LIMIT 1",
    );
    let find = find.bind(of).bind(set(going.iter().map(|message| message.id)));
    Ok(tx.link().one::<(i64,)>(find).await?.is_some())
}

/// What stood in a conversation until it was merged, wherever it is now.
pub async fn load_merged(tx: &mut Tx, of: ConversationId) -> Result<Vec<Message>, ReadError> {
    let find = sql(
        "find what was merged",
        "SELECT l.moved_id FROM messages AS l JOIN conversations AS c ON c.id = l.conversation_id \
         WHERE c.id = $1 AND l.moved_id IS NOT NULL AND l.position = c.merged_position ORDER BY l.number",
    );
    let ids: Vec<(String,)> = tx.link().all(find.bind(of)).await?;
    let mut found = messages::load_placed(tx, ids.iter().map(|(id,)| id.as_str())).await?;
    Ok(ids.iter().filter_map(|(id,)| found.remove(id)).map(|(message, _)| message).collect())
}

/// Whether one of these is about to go out, or on its way.
pub async fn is_being_sent(tx: &mut Tx, messages: &[Message]) -> Result<bool, ReadError> {
    let find = sql(
        "find what is being sent",
        "SELECT message_id FROM outbox WHERE state IN ('queued', 'claimed', 'sending') \
         AND message_id IN (SELECT v.value->>'id' FROM jsonb_each($1) AS v) LIMIT 1",
    );
    let find = find.bind(set(messages.iter().map(|message| message.id)));
    Ok(tx.link().one::<(String,)>(find).await?.is_some())
}

/// The conversation in which all of this one is now: itself, if it was not merged. As far as the chain may reach.
pub async fn top(tx: &mut Tx, of: ConversationId) -> Result<ConversationId, ReadError> {
    let mut top = of;
    for _ in 0..limits::MERGED_IN_A_ROW {
        let find = sql("follow a merge", "SELECT merged_into FROM conversations WHERE id = $1").bind(top);
        let row: Option<(Option<String>,)> = tx.link().one(find).await?;
        let Some(into) = row.and_then(|(into,)| into) else { break };
        top = id("what a conversation was merged into", &into)?;
    }
    Ok(top)
}

/// The number that what somebody had seen in this conversation has now, wherever that was moved: none if nothing of it was.
pub async fn seen_there(tx: &mut Tx, from: ConversationId, seen: Number) -> Result<Option<Number>, ReadError> {
    let find = sql(
        "find where what was seen has gone",
        "SELECT m.number FROM messages AS l JOIN messages AS m ON m.id = l.moved_id \
         WHERE l.conversation_id = $1 AND l.number <= $2 ORDER BY l.number DESC LIMIT 1",
    );
    let row: Option<(i64,)> = tx.link().one(find.bind(from).bind(seen)).await?;
    Ok(row.map(|(number,)| number))
}

/// Where the message of this name is, which stood in this conversation before it was moved.
pub async fn follow(tx: &mut Tx, from: ConversationId, name: &str) -> Result<Option<ConversationId>, ReadError> {
    let find = sql(
        "find where a message has gone",
        "SELECT m.conversation_id FROM messages AS l JOIN messages AS m ON m.id = l.moved_id \
         JOIN message_references AS r ON r.message_id = m.id WHERE l.conversation_id = $1 AND r.reference = $2",
    );
    let row: Option<(String,)> = tx.link().one(find.bind(from).bind(name)).await?;
    row.map(|(there,)| id("a message's conversation", &there)).transpose()
}

/// Whether all that is said in these stood in this conversation before: they would only go back.
pub async fn goes_back(tx: &mut Tx, to: ConversationId, going: &[Message]) -> Result<bool, ReadError> {
    let talk = going.iter().filter(|message| matches!(message.kind, MessageKind::In | MessageKind::Out));
    let talk: Vec<_> = talk.map(|message| message.id).collect();
    if talk.is_empty() {
        return Ok(false);
    }
    let find = sql(
        "find what never stood in a conversation",
        "SELECT v.value->>'id' FROM jsonb_each($1) AS v WHERE NOT EXISTS (SELECT 1 FROM messages AS l \
         WHERE l.conversation_id = $2 AND l.moved_id = v.value->>'id') LIMIT 1",
    );
    Ok(tx.link().one::<(String,)>(find.bind(set(talk)).bind(to)).await?.is_none())
}

/// Whether a message stood in this conversation before it was moved.
pub(crate) async fn stood_in(tx: &mut Tx, message: MessageId, there: ConversationId) -> Result<bool, ReadError> {
    let find = sql(
        "find whether a message stood in a conversation",
        "SELECT number FROM messages WHERE moved_id = $1 AND conversation_id = $2",
    );
    Ok(tx.link().one::<(i64,)>(find.bind(message).bind(there)).await?.is_some())
}

/// How many conversations stand one under the other below this one, itself included; no further than may be.
pub async fn depth(tx: &mut Tx, of: ConversationId) -> Result<usize, ReadError> {
    let mut level = BTreeSet::from([of.to_string()]);
    for depth in 1..=limits::MERGED_IN_A_ROW {
        let find = sql(
            "find what was merged into conversations",
            "SELECT c.id FROM conversations AS c WHERE c.merged_into IN (SELECT v.value->>'id' FROM jsonb_each($1) AS v)",
        );
        let below: Vec<(String,)> = tx.link().all(find.bind(set(&level))).await?;
        if below.is_empty() {
            return Ok(depth);
        }
        level = below.into_iter().map(|(id,)| id).collect();
    }
    Ok(limits::MERGED_IN_A_ROW + 1)
}

/// Puts all of `other`, which is `going`, into `into`. `other` is closed and takes nothing any more. Both are as this
/// transaction has loaded them.
pub async fn merge(
    tx: &mut Tx,
    into: &Conversation,
    other: &Conversation,
    going: Vec<Message>,
    by: &mut By<'_>,
) -> Result<Conversation, ChangeError> {
    let (to, from) = (link(into), link(other));
    let bots = Carried::load(tx, other, into, by.at).await?;
    let mut opening = moving::opening(into, other);
    opening.lines.push(SystemLine::Merged { from, messages: going.len() as u32 });
    let row = change(tx, into, opening, by).await?;
    let readers = Readers { of: into, and: other };
    let came: Vec<_> = going.iter().filter(|message| message.kind == MessageKind::In).map(|one| one.id).collect();
    let (last_number, position) = shift(tx, Shift { going, from: other, to: &row }, by).await?;
    let row = Conversation { last_number, ..row };
    let after = moving::joined(&row, other, &said(tx, row.id).await?);
    let after = save_and_tell(tx, &row, after, by).await?;
    readers.carry(tx, &after, by.at).await?;
    readers.forget(tx, &after, &came, by.at).await?;

    let before = Before {
        status: other.status,
        snoozed_until: other.snoozed_until,
        waiting_since: other.waiting_since,
        asked_person: other.asked_person,
    };
    set_merged(tx, other.id, Some((into.id, position, before))).await?;
    let emptied = moving::recounted(other, &said(tx, other.id).await?, false);
    let emptied = Conversation {
        status: Status::Closed,
        snoozed_until: None,
        merged_into: Some(to.clone()),
        asked_person: false,
        ..emptied
    };
    let emptied = close(tx, other, emptied, SystemLine::MergedInto { into: to }, by).await?;
    bots.write(tx, &after, Some(&emptied), by.at).await?;
    Ok(after)
}

/// Puts back into `other` what was merged into `into` from it, which is `going`: all of that which is still there.
pub async fn separate(
    tx: &mut Tx,
    into: &Conversation,
    other: &Conversation,
    going: Vec<Message>,
    by: &mut By<'_>,
) -> Result<Conversation, ChangeError> {
    let from = link(into);
    let before = merged_before(tx, other.id).await?;
    let bots = Carried::load(tx, into, other, by.at).await?;
    let (last_number, _) = shift(tx, Shift { going, from: into, to: other }, by).await?;
    set_merged(tx, other.id, None).await?;
    let other = Conversation { last_number, ..other.clone() };
    let mut back = moving::recounted(&other, &said(tx, other.id).await?, false);
    back.merged_into = None;
    // Unless they were answered where it was.
    back.asked_person = before.asked_person && into.asked_person;
    back.waiting_since = before.waiting_since.filter(|_| into.waiting_since.is_some());
    (back.status, back.snoozed_until) = match before.snoozed_until {
        Some(until) if until > by.at => (Status::Snoozed, Some(until)),
        Some(_) => (Status::Open, None),
        None => (before.status, None),
    };
    let back = close(tx, &other, back, SystemLine::Separated { from }, by).await?;

    let (row, waits) = (into.clone(), into.waiting_since.is_some());
    let after = moving::recounted(&row, &said(tx, row.id).await?, waits);
    save_and_tell(tx, &row, after, by).await?;
    bots.write(tx, &back, None, by.at).await?;
    Ok(back)
}

/// Begins a conversation with these messages of `from`. Its row is `heading`'s.
pub async fn split(
    tx: &mut Tx,
    from: &Conversation,
    heading: Heading,
    going: Vec<Message>,
    by: &mut By<'_>,
) -> Result<Conversation, AppendError> {
    let row = conversations::begin_without_talk(tx, heading, by.at).await?;
    let bots = Carried::load(tx, from, &row, by.at).await?;
    let line = SystemLine::SplitFrom { from: link(from) };
    let line = thread::system_line(&row, (by.line_id)(), 1, by.author, by.at, line);
    let row = Conversation { last_number: 1, ..row };
    let last_moved = going.iter().map(|message| message.number).max().unwrap_or_default();
    // Told with nothing but its line: what moves there tells of itself, with where it came from.
    let visitor = VisitorEvent::ConversationCreated { conversation: visitor::conversation(&row), messages: Vec::new() };
    let position = tx.emit(Emit {
        at: by.at,
        audience: Audience::Inbox(row.inbox_id),
        conversation_id: Some(row.id),
        staff: AgentEvent::ConversationCreated { conversation: Box::new(row.clone()), messages: vec![line.clone()] },
        visitor: Some((row.identity_id, visitor)),
    });
    messages::insert(tx, &[(&line, position)]).await?;
    let (last_number, _) = shift(tx, Shift { going, from, to: &row }, by).await?;
    let row = Conversation { last_number, ..row };
    let waits = from.waiting_since.is_some();
    let mut after = moving::recounted(&row, &said(tx, row.id).await?, waits);
    // As far as somebody of the team had read there.
    if from.staff_read_number >= last_moved {
        after.staff_read_number = last_number;
    }
    if from.contact_read_number >= last_moved {
        (after.delivered_number, after.contact_read_number) = (last_number, last_number);
    }
    after.asked_person = from.asked_person && after.waiting_since.is_some();
    let after = save_and_tell(tx, &row, after, by).await?;
    carry_reads(tx, from.id, last_moved, &after, by.at).await?;

    let left = moving::recounted(from, &said(tx, from.id).await?, waits);
    save_and_tell(tx, from, left, by).await?;
    bots.write(tx, &after, None, by.at).await?;
    Ok(after)
}

/// How a conversation is named in another one.
pub fn link(row: &Conversation) -> CaseLink {
    CaseLink { id: row.id, case_number: row.case_number.clone() }
}

async fn change(
    tx: &mut Tx,
    row: &Conversation,
    changed: Changed,
    by: &mut By<'_>,
) -> Result<Conversation, ChangeError> {
    let changed = conversations::change(tx, row, changed, by.author, by.at, by.line_id).await?;
    Ok(changed.map_or_else(|| row.clone(), |changed| changed.conversation))
}

/// Writes a row as it is after messages have come or gone, and tells of what is other than in `before`.
async fn save_and_tell(
    tx: &mut Tx,
    before: &Conversation,
    after: Conversation,
    by: &mut By<'_>,
) -> Result<Conversation, ChangeError> {
    save_with(tx, before, after, Vec::new(), by).await
}

/// The same with a line at the end.
async fn close(
    tx: &mut Tx,
    before: &Conversation,
    after: Conversation,
    line: SystemLine,
    by: &mut By<'_>,
) -> Result<Conversation, ChangeError> {
    let number = before.last_number + 1;
    let line = thread::system_line(before, (by.line_id)(), number, by.author, by.at, line);
    save_with(tx, before, Conversation { last_number: number, ..after }, vec![line], by).await
}

async fn save_with(
    tx: &mut Tx,
    before: &Conversation,
    after: Conversation,
    lines: Vec<Message>,
    by: &mut By<'_>,
) -> Result<Conversation, ChangeError> {
    let replies = said(tx, after.id).await?.last_out.into_iter().collect();
    let thread = thread::Thread { conversation: after, replies, answered: Default::default() };
    save(tx, &[&thread]).await?;
    // Read again for what follows from its messages.
    let missing = ChangeError::Missing { doing: "write a conversation whose messages were moved" };
    let after = conversations::load(tx, &Visibility::All, before.id).await?.ok_or(missing)?.conversation;
    let mut patch = difference(before, &after);
    // It came with what moved: a page that has it from there takes no harm.
    patch.last_number = Some(after.last_number);
    let shows = visitor::conversation(before) != visitor::conversation(&after);
    let position = tx.emit(Emit {
        at: by.at,
        audience: Audience::Inbox(after.inbox_id),
        conversation_id: Some(after.id),
        staff: AgentEvent::ConversationChanged {
            conversation_id: after.id,
            by: by.author,
            patch: Box::new(patch),
            lines: lines.clone(),
        },
        visitor: shows.then(|| {
            let conversation = visitor::conversation(&after);
            (after.identity_id, VisitorEvent::ConversationChanged { conversation })
        }),
    });
    let placed: Vec<_> = lines.iter().map(|line| (line, position)).collect();
    messages::insert(tx, &placed).await?;
    Ok(after)
}

/// What is said in a conversation, as it is now.
async fn said(tx: &mut Tx, of: ConversationId) -> Result<Said, ReadError> {
    let system = to_json(&Author::System);
    let last = sql(
        "find what was said last",
        "SELECT (SELECT COALESCE(MAX(i.number), 0) FROM messages AS i WHERE i.conversation_id = $1 AND i.kind = 'in') \
             AS last_in, \
         (SELECT m.id FROM messages AS m WHERE m.conversation_id = $1 AND m.kind IN ('in', 'out') AND m.author <> $2 \
             ORDER BY m.position DESC, m.number DESC LIMIT 1) AS last, \
         EXISTS (SELECT 1 FROM messages AS f WHERE f.conversation_id = $1 AND f.attachments <> '[]') AS files",
    );
    let row: Option<(i64, Option<String>, bool)> = tx.link().one(last.bind(of).bind(system.as_str())).await?;
    let (last_in, last, files) = row.unwrap_or_default();
    let out = sql(
        "find the last answer",
        "SELECT number, author FROM messages WHERE conversation_id = $1 AND kind = 'out' AND author <> $2 \
         ORDER BY position DESC, number DESC LIMIT 1",
    );
    let out: Option<(i64, String)> = tx.link().one(out.bind(of).bind(system.as_str())).await?;
    let last_out = out.map(|(number, author)| Ok::<_, ReadError>((number, json("an author", &author)?))).transpose()?;
    let unanswered = sql(
        "find what is not answered",
        "SELECT i.at FROM messages AS i WHERE i.conversation_id = $1 AND i.kind = 'in' AND NOT EXISTS (SELECT 1 FROM \
             (SELECT o.position, o.number FROM messages AS o WHERE o.conversation_id = $1 AND o.kind = 'out' \
             AND o.author <> $2 ORDER BY o.position DESC, o.number DESC LIMIT 1) AS answer \
             WHERE answer.position > i.position OR (answer.position = i.position AND answer.number > i.number)) \
         ORDER BY i.position, i.number LIMIT 1",
    );
    let unanswered: Option<(i64,)> = tx.link().one(unanswered.bind(of).bind(system.as_str())).await?;
    let last = match last {
        Some(key) => messages::load_placed(tx, std::iter::once(key.as_str())).await?.remove(&key),
        None => None,
    };
    let last = last.map(|(message, _)| message);
    Ok(Said { last_in, last_out, last, unanswered_since: unanswered.map(|(at,)| at), files })
}

async fn set_merged(
    tx: &mut Tx,
    of: ConversationId,
    merged: Option<(ConversationId, Position, Before)>,
) -> Result<(), ChangeError> {
    let (into, position, before) = match merged {
        Some((into, position, before)) => (Some(into), Some(position), Some(to_json(&before))),
        None => (None, None, None),
    };
    let update = sql(
        "note where a conversation has gone",
        // What is put back lies where it lay from then on.
        "UPDATE conversations SET merged_into = $2, merged_position = $3, merged_before = $4, placed_at = NULL WHERE id = $1",
    );
    tx.link().run(update.bind(of).bind(into).bind(position).bind(before)).await?;
    Ok(())
}

async fn merged_before(tx: &mut Tx, of: ConversationId) -> Result<Before, ReadError> {
    let find = sql("read how a conversation stood", "SELECT merged_before FROM conversations WHERE id = $1").bind(of);
    let row: Option<(Option<String>,)> = tx.link().one(find).await?;
    let before = row.and_then(|(before,)| before);
    before.map_or_else(
        || Err(ReadError::unreadable("how a conversation stood before it was merged")),
        |before| json("how a conversation stood before it was merged", &before),
    )
}

/// Who of the team had read two conversations to their ends has read the one that they have become.
struct Readers<'a> {
    of: &'a Conversation,
    and: &'a Conversation,
}

impl Readers<'_> {
    async fn carry(&self, tx: &mut Tx, after: &Conversation, at: UnixMs) -> Result<(), ChangeError> {
        let advance = sql(
            "carry over how far people have read",
            "UPDATE reads SET number = $3 WHERE conversation_id = $1 AND number >= $4 AND EXISTS (SELECT 1 FROM reads AS o \
             WHERE o.conversation_id = $2 AND o.agent_id = reads.agent_id AND o.number >= $5) RETURNING agent_id",
        )
        .bind(after.id)
        .bind(self.and.id)
        .bind(after.last_number)
        .bind(self.of.last_in_number)
        .bind(self.and.last_in_number);
        let readers: Vec<(String,)> = tx.link().all(advance).await?;
        tell_readers(tx, readers, after, at)
    }

    /// What comes back takes its old place, and who has read beyond that has read the line there: if they have not read it
    /// where it comes from, they have read to before it.
    async fn forget(
        &self,
        tx: &mut Tx,
        after: &Conversation,
        came: &[MessageId],
        at: UnixMs,
    ) -> Result<(), ChangeError> {
        let first = "(SELECT MIN(m.number) FROM messages AS m WHERE m.conversation_id = $1 \
             AND m.id IN (SELECT v.value->>'id' FROM jsonb_each($3) AS v))";
        let text = format!(
            "UPDATE reads SET number = {first} - 1 WHERE conversation_id = $1 AND number >= {first} \
             AND NOT EXISTS (SELECT 1 FROM reads AS o WHERE o.conversation_id = $2 AND o.agent_id = reads.agent_id \
             AND o.number >= $4) RETURNING agent_id, number"
        );
        let back = sql("note what comes back as unread", text)
            .bind(after.id)
            .bind(self.and.id)
            .bind(set(came))
            .bind(self.and.last_in_number);
        let readers: Vec<(String, i64)> = tx.link().all(back).await?;
        for (reader, number) in readers {
            tell_reader(tx, &reader, after, number, at)?;
        }
        Ok(())
    }
}

/// Who had read so far in the conversation from which it came has read all of this one.
async fn carry_reads(
    tx: &mut Tx,
    from: ConversationId,
    read: Number,
    after: &Conversation,
    at: UnixMs,
) -> Result<(), ChangeError> {
    let insert = sql(
        "carry over how far people have read",
        "INSERT INTO reads (conversation_id, agent_id, number) SELECT $1, r.agent_id, CAST($3 AS BIGINT) FROM reads AS r \
         WHERE r.conversation_id = $2 AND r.number >= $4 RETURNING agent_id",
    )
    .bind(after.id)
    .bind(from)
    .bind(after.last_number)
    .bind(read);
    let readers: Vec<(String,)> = tx.link().all(insert).await?;
    tell_readers(tx, readers, after, at)
}

fn tell_readers(tx: &mut Tx, readers: Vec<(String,)>, row: &Conversation, at: UnixMs) -> Result<(), ChangeError> {
    readers.iter().try_for_each(|(reader,)| tell_reader(tx, reader, row, row.last_number, at))
}

fn tell_reader(tx: &mut Tx, reader: &str, row: &Conversation, number: Number, at: UnixMs) -> Result<(), ChangeError> {
    let agent: AgentId = id("an agent's id", reader)?;
    tx.emit(Emit {
        at,
        audience: Audience::Agent(agent),
        conversation_id: Some(row.id),
        staff: AgentEvent::ReadChanged { conversation_id: row.id, number },
        visitor: None,
    });
    Ok(())
}
