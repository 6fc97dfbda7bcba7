//! One run of appends, set-based.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Serialize;
use switchboard_domain::thread::{self, Appended, Thread};
use switchboard_protocol::agent::AgentEvent;
use switchboard_protocol::model::{Attachment, Channel, Conversation, ConversationPatch, Message, MessageKind, Place};
use switchboard_protocol::notifications::NotificationKind;
use switchboard_protocol::visitor::VisitorEvent;
use switchboard_protocol::{ConversationId, Number, Position, UnixMs};

use super::repeats::{self, Standing};
use super::senders::Senders;
use super::{Append, AppendedAt, Files, apply};
use crate::conversations::{self, COLUMNS, Columns, FROM};
use crate::db::sql;
use crate::error::{AppendError, ChangeError, ReadError};
use crate::event::{Audience, Emit};
use crate::messages;
use crate::notifications::{self, About};
use crate::row::{set, to_json, without_nul};
use crate::visitor::{self, Names};
use crate::writer::Tx;

pub(super) type Answer = Result<AppendedAt, AppendError>;

/// A message that is decided, with the row before and after it.
struct Decided {
    index: usize,
    appended: Appended,
    before: Conversation,
    after: Conversation,
}

impl Decided {
    /// Whether the message has moved its conversation, and not only talked in it.
    fn moved(&self) -> bool {
        let standing = |row: &Conversation| (row.status, row.place, row.snoozed_until, row.asked_person);
        standing(&self.before) != standing(&self.after)
    }
}

/// The answers in the order of the appends. An error is one of the run as a whole: nothing of it may be kept.
pub(crate) async fn append_all(tx: &mut Tx, appends: &[&Append]) -> Result<Vec<Answer>, AppendError> {
    let (mut answers, mut rest) = (Vec::with_capacity(appends.len()), appends);
    while !rest.is_empty() {
        let (run, later) = rest.split_at(repeats::without_repeats(rest));
        answers.extend(append_run(tx, run).await?);
        rest = later;
    }
    Ok(answers)
}

/// The same for appends of which no two have one key.
async fn append_run(tx: &mut Tx, appends: &[&Append]) -> Result<Vec<Answer>, AppendError> {
    let standing = repeats::claim(tx, appends).await?;
    let fresh: Vec<usize> =
        standing.iter().enumerate().filter(|(_, s)| matches!(s, Standing::Fresh)).map(|(index, _)| index).collect();

    let senders = Senders::load(tx, appends.iter().copied()).await?;
    let sent_before = standing.iter().filter_map(Standing::conversation);
    let ids = fresh.iter().map(|index| appends[*index].conversation_id).chain(sent_before);
    let mut threads = load_threads(tx, ids).await?;
    load_replies(tx, fresh.iter().map(|index| appends[*index]), &mut threads).await?;
    load_answered(tx, fresh.iter().map(|index| appends[*index]), &mut threads).await?;
    let files: Vec<_> = fresh.iter().flat_map(|index| appends[*index].attachment_ids.iter().copied()).collect();
    let mut files = Files::load(tx, &files).await?;
    let mut answers: HashMap<usize, Answer> = HashMap::new();
    let mut decided = Vec::with_capacity(fresh.len());
    for index in fresh {
        match decide(appends[index], &senders, &mut threads, &mut files) {
            Ok((appended, before, after)) => decided.push(Decided { index, appended, before, after }),
            Err(refused) => {
                answers.insert(index, Err(refused));
            }
        }
    }
    repeats::give_back(tx, answers.keys().map(|index| appends[*index])).await?;
    answers.extend(write(tx, decided, &senders, &threads, files).await?);
    let answer = |(index, standing): (usize, &Standing)| match standing {
        Standing::Fresh => answers[&index].clone(),
        Standing::Repeated(first) => {
            let first = first.as_deref().ok_or(AppendError::NotFound)?;
            repeats::answer(appends[index], &senders, &threads, first)
        }
    };
    Ok(standing.iter().enumerate().map(answer).collect())
}

/// What would be said of it now, with its files; nothing is written. None: it was sent before.
pub(super) async fn would_take(tx: &mut Tx, append: &Append) -> Result<Option<Vec<Attachment>>, AppendError> {
    if repeats::is_one(tx, append).await? {
        return Ok(None);
    }
    let senders = Senders::load(tx, std::iter::once(append)).await?;
    let mut threads = load_threads(tx, std::iter::once(append.conversation_id)).await?;
    load_replies(tx, std::iter::once(append), &mut threads).await?;
    load_answered(tx, std::iter::once(append), &mut threads).await?;
    let mut files = Files::load(tx, &append.attachment_ids).await?;
    let (appended, ..) = decide(append, &senders, &mut threads, &mut files)?;
    Ok(Some(appended.message().attachments.clone()))
}

async fn load_threads(
    tx: &mut Tx,
    ids: impl Iterator<Item = ConversationId>,
) -> Result<HashMap<ConversationId, Thread>, ReadError> {
    let ids: BTreeSet<_> = ids.collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let text = format!("SELECT {COLUMNS} FROM {FROM} WHERE c.id IN (SELECT v.value->>'id' FROM jsonb_each($1) AS v)");
    let rows: Vec<Columns> = tx.link().all(sql("load threads", text).bind(set(ids))).await?;
    rows.into_iter()
        .map(|row| {
            let thread = row.thread()?;
            Ok((thread.conversation.id, thread))
        })
        .collect()
}

/// Reads the replies that one of the writers has not seen, of which a row has the last alone. Mostly there are none.
async fn load_replies(
    tx: &mut Tx,
    appends: impl Iterator<Item = &Append>,
    threads: &mut HashMap<ConversationId, Thread>,
) -> Result<(), ReadError> {
    let mut unseen: BTreeMap<ConversationId, Number> = BTreeMap::new();
    for append in appends.filter(|append| append.message.kind == MessageKind::Out) {
        let last = threads.get(&append.conversation_id).and_then(|thread| thread.replies.last());
        if let (Some(seen), Some((last, _))) = (append.message.seen, last)
            && *last > seen
        {
            let least = unseen.entry(append.conversation_id).or_insert(seen);
            *least = seen.min(*least);
        }
    }
    for (id, seen) in unseen {
        let replies = messages::replies_after(tx, id, seen).await?;
        threads.entry(id).and_modify(|thread| thread.replies = replies);
    }
    Ok(())
}

/// Reads what the messages want to answer. Mostly they answer none.
async fn load_answered(
    tx: &mut Tx,
    appends: impl Iterator<Item = &Append>,
    threads: &mut HashMap<ConversationId, Thread>,
) -> Result<(), ReadError> {
    let mut wanted: BTreeMap<ConversationId, BTreeSet<Number>> = BTreeMap::new();
    for append in appends {
        let number = append.message.answers.filter(|_| threads.contains_key(&append.conversation_id));
        if let Some(number) = number {
            wanted.entry(append.conversation_id).or_default().insert(number);
        }
    }
    for (id, numbers) in wanted {
        let answered = messages::kinds(tx, id, &numbers).await?;
        threads.entry(id).and_modify(|thread| thread.answered = answered);
    }
    Ok(())
}

/// Decides one message on the row as the ones before it in the run have left it.
fn decide(
    append: &Append,
    senders: &Senders,
    threads: &mut HashMap<ConversationId, Thread>,
    files: &mut Files,
) -> Result<(Appended, Conversation, Conversation), AppendError> {
    let thread = threads.get_mut(&append.conversation_id);
    senders.may_write_in(&append.sender, thread.as_deref())?;
    let thread = thread.ok_or(AppendError::NotFound)?;
    senders.goes_out(append.message.kind, thread.conversation.inbox_id)?;
    let mut new = append.message.clone();
    new.author = append.sender.author(thread.conversation.contact.id);
    new.text = without_nul(new.text);
    new.quote = new.quote.map(without_nul);
    new.client_id = new.client_id.map(without_nul);
    new.attachments =
        files.take(append.sender.uploader(), &append.attachment_ids).ok_or(AppendError::UnknownAttachment)?;
    let mut line_ids = append.line_ids.into_iter();
    let mut line_id = || line_ids.next().expect("one message causes at most LINES_MAX system lines");
    let appended = thread::append(thread, new, &mut line_id)?;
    files.settle(appended.message());
    let before = thread.conversation.clone();
    apply(thread, &appended);
    Ok((appended, before, thread.conversation.clone()))
}

async fn write(
    tx: &mut Tx,
    decided: Vec<Decided>,
    senders: &Senders,
    threads: &HashMap<ConversationId, Thread>,
    files: Files,
) -> Result<Vec<(usize, Answer)>, AppendError> {
    if decided.is_empty() {
        return Ok(Vec::new());
    }
    let positions: Vec<Position> = decided.iter().map(|one| tell(tx, one, &senders.names)).collect();
    let placed: Vec<(&Message, Position)> = decided
        .iter()
        .zip(&positions)
        .flat_map(|(one, position)| one.appended.messages.iter().map(move |message| (message, *position)))
        .collect();
    messages::insert(tx, &placed).await?;
    save(tx, &decided, threads).await?;
    files.give(tx).await?;
    let out: Vec<_> = decided.iter().map(|one| (&one.after, one.appended.message())).collect();
    queue_for_connectors(tx, &out).await?;
    tell_whose_they_are(tx, &decided).await?;
    Ok(decided
        .into_iter()
        .zip(positions)
        .map(|(one, position)| {
            let mut messages = one.appended.messages;
            let message = messages.swap_remove(0);
            (one.index, Ok(AppendedAt { message, position, repeated: false }))
        })
        .collect())
}

/// Those whose conversations these are hear that the customer has written; of several messages in a run, of the last.
async fn tell_whose_they_are(tx: &mut Tx, decided: &[Decided]) -> Result<(), ChangeError> {
    // Nobody answers to a program, or looks where that lies.
    let of_people = |message: &Message| message.mail.as_ref().is_none_or(|mail| mail.automatic.is_none());
    let came = decided.iter().filter(|one| {
        let (message, place) = (one.appended.message(), one.after.place);
        message.kind == MessageKind::In && of_people(message) && !matches!(place, Place::Spam | Place::Trash)
    });
    let last: BTreeMap<_, _> =
        came.filter(|one| !one.after.assignees.is_empty()).map(|one| (one.after.id, one)).collect();
    let mut told = Vec::with_capacity(last.len());
    for Decided { appended, after: row, .. } in last.into_values() {
        let message = appended.message();
        let (kind, number, at) = (NotificationKind::Answered, message.number, told_at(message));
        told.push((About { kind, row, number, by: message.author, at }, row.assignees.as_slice()));
    }
    notifications::tell_all(tx, &told).await
}

/// Writes the rows as the run has left them, each once.
async fn save(tx: &mut Tx, decided: &[Decided], threads: &HashMap<ConversationId, Thread>) -> Result<(), ChangeError> {
    let rows = |decided: &mut dyn Iterator<Item = &Decided>| {
        let ids: BTreeSet<_> = decided.map(|one| one.after.id).collect();
        ids.iter().map(|id| &threads[id]).collect::<Vec<_>>()
    };
    conversations::save_talk(tx, &rows(&mut decided.iter())).await?;
    conversations::save_standing(tx, &rows(&mut decided.iter().filter(|one| one.moved()))).await
}

/// Emits the message, and, if it moved the conversation, the change with its system lines. The position is the message's.
fn tell(tx: &mut Tx, decided: &Decided, names: &Names) -> Position {
    let Decided { appended, before, after, .. } = decided;
    let message = appended.message();
    let lines = &appended.messages[1..];
    let emit = |staff, visitor: Option<VisitorEvent>| Emit {
        at: told_at(message),
        audience: Audience::Inbox(after.inbox_id),
        conversation_id: Some(after.id),
        staff,
        visitor: visitor.map(|event| (after.identity_id, event)),
    };
    let shown =
        visitor::message(message, names).map(|message| VisitorEvent::MessageCreated { message: Box::new(message) });
    let mut patch = appended.patch.clone();
    let moved = !lines.is_empty() || appended.patch.asked_person.is_some();
    if moved {
        // What the lines say comes with the lines, and what the visitor is to know as well with a change.
        patch.last_number = Some(message.number);
        (patch.status, patch.snoozed_until, patch.place, patch.asked_person) = (None, None, None, None);
    }
    let position =
        tx.emit(emit(AgentEvent::MessageCreated { message: Box::new(message.clone()), patch: Box::new(patch) }, shown));
    if moved {
        let patch = ConversationPatch {
            asked_person: appended.patch.asked_person,
            status: appended.patch.status,
            snoozed_until: appended.patch.snoozed_until,
            place: appended.patch.place,
            last_number: appended.patch.last_number,
            ..ConversationPatch::default()
        };
        let (was, is) = (visitor::conversation(before), visitor::conversation(after));
        let shows = (was.closed, was.asked_person) != (is.closed, is.asked_person);
        let shown = shows.then_some(VisitorEvent::ConversationChanged { conversation: is });
        tx.emit(emit(
            AgentEvent::ConversationChanged {
                conversation_id: after.id,
                by: message.author,
                patch: Box::new(patch),
                lines: lines.to_vec(),
            },
            shown,
        ));
    }
    position
}

/// A message may have been written long before it came; the feed tells when things were committed, and is kept by that.
pub(crate) fn told_at(message: &Message) -> UnixMs {
    message.at.max(message.id.0.timestamp_ms() as UnixMs)
}

#[derive(Serialize)]
struct OutboxRow {
    message_id: String,
    conversation_id: String,
    inbox_id: String,
    channel: &'static str,
    at: UnixMs,
}

/// What goes out on a channel that has a connector waits for it, from the same transaction on. Web chat has none: there
/// committed is sent.
pub(crate) async fn queue_for_connectors(
    tx: &mut Tx,
    messages: &[(&Conversation, &Message)],
) -> Result<(), ChangeError> {
    let rows: Vec<_> = messages
        .iter()
        .filter(|(conversation, message)| {
            message.kind == MessageKind::Out && !matches!(conversation.channel, Channel::Web)
        })
        .map(|(conversation, message)| OutboxRow {
            message_id: message.id.to_string(),
            conversation_id: conversation.id.to_string(),
            inbox_id: conversation.inbox_id.to_string(),
            channel: conversation.channel.as_str(),
            at: message.at,
        })
        .collect();
    if rows.is_empty() {
        return Ok(());
    }
    let insert = sql(
        "queue messages for their connectors",
        "INSERT INTO outbox (message_id, conversation_id, inbox_id, channel, state, attempts, due_at, created_at) \
         SELECT o.value->>'message_id', o.value->>'conversation_id', o.value->>'inbox_id', o.value->>'channel', \
             'queued', 0, CAST(o.value->>'at' AS BIGINT), CAST(o.value->>'at' AS BIGINT) FROM jsonb_each($1) AS o",
    )
    .bind(to_json(&rows));
    tx.link().run(insert).await?;
    Ok(())
}
