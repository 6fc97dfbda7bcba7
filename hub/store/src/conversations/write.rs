//! Beginning and changing conversations. What is to change is decided in the domain; here it is written and told.

use std::collections::BTreeMap;

use sqlx::FromRow;
use switchboard_domain::change::Changed;
use switchboard_domain::thread::{self, NewMessage, Thread};
use switchboard_domain::{Visibility, thread::Appended};
use switchboard_protocol::agent::AgentEvent;
use switchboard_protocol::model::{
    Author, Channel, Conversation, ConversationPatch, Message, MessageKind, Place, Priority, Source, Status,
};
use switchboard_protocol::notifications::NotificationKind;
use switchboard_protocol::visitor::VisitorEvent;
use switchboard_protocol::{
    AgentId, AttachmentId, ContactId, ConversationId, IdentityId, InboxId, MessageId, Number, Position, UnixMs,
};

use super::columns::{contact_brief, first, insert, save, whose};
use super::load;
use crate::append::{self, Sender};
use crate::contacts::in_order;
use crate::db::sql;
use crate::error::{AppendError, ChangeError, ReadError};
use crate::event::{Audience, Emit};
use crate::messages;
use crate::notifications::{self, About};
use crate::row::{set, without_nul, word};
use crate::rows;
use crate::search;
use crate::visitor::{self, Names};
use crate::writer::Tx;

/// A conversation that begins, with its first message.
#[derive(Debug, Clone)]
pub struct Begin {
    pub id: ConversationId,
    /// The identity's own card, also where that was merged into another.
    pub contact_id: ContactId,
    pub identity_id: IdentityId,
    pub inbox_id: InboxId,
    pub subject: Option<String>,
    pub language: Option<String>,
    pub source: Source,
    pub first: NewMessage,
    pub sender: Sender,
    pub attachment_ids: Vec<AttachmentId>,
}

/// What a conversation is, before anything is said in it.
#[derive(Debug, Clone)]
pub struct Heading {
    pub id: ConversationId,
    /// The identity's own card, also where that was merged into another.
    pub contact_id: ContactId,
    pub identity_id: IdentityId,
    pub inbox_id: InboxId,
    pub subject: Option<String>,
    pub language: Option<String>,
    pub source: Source,
    /// Who of the team begins it.
    pub started_by: Option<AgentId>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Begun {
    pub conversation: Conversation,
    pub message: Message,
    pub position: Position,
}

/// Gives it its number, writes it with its message, emits `conversation_created` to the team and the visitor.
/// Contact and identity exist already. The caller has claimed the message's edge key.
pub async fn begin(tx: &mut Tx, begin: Begin) -> Result<Begun, AppendError> {
    let Begin { id, contact_id, identity_id, inbox_id, subject, language, source, mut first, sender, attachment_ids } =
        begin;
    first.author = sender.author(contact_id);
    first.text = without_nul(first.text);
    first.quote = first.quote.map(without_nul);
    let at = first.at;
    let started_by = match first.author {
        Author::Agent { id } => Some(id),
        _ => None,
    };
    let heading = Heading { id, contact_id, identity_id, inbox_id, subject, language, source, started_by };
    let conversation = begin_without_talk(tx, heading, at).await?;
    let mut thread = Thread { conversation, replies: Vec::new(), answered: BTreeMap::new() };

    let mut files = append::Files::load(tx, &attachment_ids).await?;
    first.attachments = files.take(sender.uploader(), &attachment_ids).ok_or(AppendError::UnknownAttachment)?;
    let mut no_lines = || -> MessageId { unreachable!("a first message reopens nothing and moves nothing") };
    let appended = thread::append(&thread, first, &mut no_lines)?;
    append::apply(&mut thread, &appended);
    files.settle(appended.message());
    let Appended { messages: written, .. } = appended;

    let names = Names::load(tx, &written).await?;
    let conversation = thread.conversation.clone();
    let visitor = VisitorEvent::ConversationCreated {
        conversation: visitor::conversation(&conversation),
        messages: written.iter().filter_map(|message| visitor::message(message, &names)).collect(),
    };
    let position = tx.emit(Emit {
        at: append::told_at(&written[0]),
        audience: Audience::Inbox(conversation.inbox_id),
        conversation_id: Some(conversation.id),
        staff: AgentEvent::ConversationCreated {
            conversation: Box::new(conversation.clone()),
            messages: written.clone(),
        },
        visitor: Some((conversation.identity_id, visitor)),
    });
    save(tx, &[&thread]).await?;
    let placed: Vec<_> = written.iter().map(|message| (message, position)).collect();
    messages::insert(tx, &placed).await?;
    files.give(tx).await?;
    append::queue_for_connectors(tx, &[(&conversation, &written[0])]).await?;
    if written[0].kind == MessageKind::In {
        let Message { number, author: by, .. } = written[0];
        let about = About {
            kind: NotificationKind::NewConversation,
            row: &conversation,
            number,
            by,
            at: append::told_at(&written[0]),
        };
        notifications::tell_who_wants(tx, &about).await?;
    }
    Ok(Begun { conversation, message: written.into_iter().next().expect("appended has its message"), position })
}

/// Gives it its number and writes its row, which the caller fills and tells of.
pub(crate) async fn begin_without_talk(tx: &mut Tx, heading: Heading, at: UnixMs) -> Result<Conversation, AppendError> {
    let card = heading.contact_id;
    let row = first_row(tx, heading, at).await?;
    insert(tx, &row, card).await?;
    search::describe(tx, row.id).await?;
    Ok(row)
}

#[derive(FromRow)]
struct Surroundings {
    channel: String,
    case_prefix: String,
    contact_id: String,
    contact_name: Option<String>,
    contact_address: Option<String>,
}

async fn first_row(tx: &mut Tx, heading: Heading, at: UnixMs) -> Result<Conversation, AppendError> {
    let around = sql(
        "find the inbox and the contact",
        concat!(
            "SELECT i.channel, i.case_prefix, COALESCE(k.person_id, k.id) AS contact_id, ",
            whose!("e.inbox_id = i.id"),
            " FROM inboxes AS i, contacts AS k WHERE i.id = $1 AND k.id = $2 AND i.removed_at IS NULL"
        ),
    )
    .bind(heading.inbox_id)
    .bind(heading.contact_id);
    let around: Surroundings = tx.link().one(around).await?.ok_or(AppendError::NotFound)?;
    let number = next_number(tx).await?;
    Ok(Conversation {
        id: heading.id,
        number,
        case_number: format!("{}{number}", around.case_prefix),
        inbox_id: heading.inbox_id,
        channel: word("a channel", &around.channel, Channel::from_word)?,
        contact: contact_brief(&around.contact_id, around.contact_name, around.contact_address)?,
        identity_id: heading.identity_id,
        subject: heading.subject,
        status: Status::Open,
        place: Place::Inbox,
        snoozed_until: None,
        snooze_stays: false,
        snoozed_by: None,
        assignees: Vec::new(),
        team_id: None,
        flagged: false,
        priority: Priority::None,
        tags: Vec::new(),
        language: heading.language,
        source: heading.source,
        started_by: heading.started_by,
        has_files: false,
        created_at: at,
        last_activity_at: at,
        waiting_since: None,
        last_number: 0,
        last_in_number: 0,
        preview: None,
        delivered_number: 0,
        contact_read_number: 0,
        staff_read_number: 0,
        undelivered_number: None,
        merged_into: None,
        asked_person: false,
        rating: None,
    })
}

/// Dense: given back if the operation is rolled back.
async fn next_number(tx: &mut Tx) -> Result<Number, ReadError> {
    let next = sql(
        "give a conversation its number",
        "UPDATE feed_head SET last_conversation_number = last_conversation_number + 1 RETURNING last_conversation_number",
    );
    let row: Option<(i64,)> = tx.link().one(next).await?;
    row.map(|(number,)| number).ok_or_else(|| ReadError::unreadable("the feed's head"))
}

/// What a change made.
#[derive(Debug, Clone, PartialEq)]
pub struct ChangedAt {
    pub conversation: Conversation,
    pub lines: Vec<Message>,
    pub position: Position,
}

/// Writes what [`switchboard_domain::change::change`] decided (or a patch of one's own, such as watermarks, without
/// lines) and emits `conversation_changed`; the visitor hears of it if it shows on their side. None: it changes nothing.
///
/// `row` is as this transaction has loaded it.
pub async fn change(
    tx: &mut Tx,
    row: &Conversation,
    changed: Changed,
    by: Author,
    at: UnixMs,
    line_id: &mut (dyn FnMut() -> MessageId + Send),
) -> Result<Option<ChangedAt>, ChangeError> {
    // Nothing is read for what changes nothing.
    if changed == Changed::default() {
        return Ok(None);
    }
    // Loaded again for what the row alone does not hold: whose the last reply was.
    let missing = ChangeError::Missing { doing: "change a conversation" };
    let thread = load(tx, &Visibility::All, row.id).await?.ok_or(missing)?;
    Ok(change_all(tx, vec![(thread, changed)], by, at, line_id).await?.pop())
}

/// The same for many at once, by few statements. Those that nothing changes are left out.
pub async fn change_all(
    tx: &mut Tx,
    changes: Vec<(Thread, Changed)>,
    by: Author,
    at: UnixMs,
    line_id: &mut (dyn FnMut() -> MessageId + Send),
) -> Result<Vec<ChangedAt>, ChangeError> {
    let (mut threads, mut patches, mut made, mut had) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (mut thread, Changed { mut patch, lines }) in changes {
        if patch == ConversationPatch::default() && lines.is_empty() {
            continue;
        }
        if let (Some(Some(_)), None, Author::Agent { id }) = (patch.snoozed_until, patch.snoozed_by, by) {
            patch.snoozed_by = Some(Some(id));
        }
        let row = &thread.conversation;
        had.push(row.assignees.clone());
        let lines: Vec<_> = (row.last_number + 1..)
            .zip(lines)
            .map(|(number, line)| thread::system_line(row, line_id(), number, by, at, line))
            .collect();
        if let Some(last) = lines.last() {
            patch.last_number = Some(last.number);
        }
        let before = visitor::conversation(row);
        thread::apply(&mut thread.conversation, &patch);
        let row = &thread.conversation;
        let after = visitor::conversation(row);
        let shows = (before.closed, before.staff_read_number, before.read_number, before.asked_person, before.rating)
            != (after.closed, after.staff_read_number, after.read_number, after.asked_person, after.rating);
        let position = tx.emit(Emit {
            at,
            audience: Audience::Inbox(row.inbox_id),
            conversation_id: Some(row.id),
            staff: AgentEvent::ConversationChanged {
                conversation_id: row.id,
                by,
                patch: Box::new(patch.clone()),
                lines: lines.clone(),
            },
            visitor: shows.then_some((row.identity_id, VisitorEvent::ConversationChanged { conversation: after })),
        });
        made.push(ChangedAt { conversation: row.clone(), lines, position });
        patches.push((row.id, patch));
        threads.push(thread);
    }
    save(tx, &threads.iter().collect::<Vec<_>>()).await?;
    write_assignees(tx, &patches).await?;
    write_tags(tx, &patches).await?;
    let described = patches.iter().filter(|(_, patch)| patch.subject.is_some() || patch.tags.is_some());
    search::describe_many(tx, described.map(|(id, _)| *id)).await?;
    let placed: Vec<_> = made.iter().flat_map(|one| one.lines.iter().map(|line| (line, one.position))).collect();
    messages::insert(tx, &placed).await?;
    tell_who_came(tx, &made, &had, by, at).await?;
    Ok(made)
}

/// Who was assigned hears of it; `had`: who was before.
async fn tell_who_came(
    tx: &mut Tx,
    made: &[ChangedAt],
    had: &[Vec<AgentId>],
    by: Author,
    at: UnixMs,
) -> Result<(), ChangeError> {
    let came = made.iter().zip(had).map(|(one, before)| -> Vec<AgentId> {
        one.conversation.assignees.iter().filter(|agent| !before.contains(agent)).copied().collect()
    });
    let came: Vec<_> = came.collect();
    let mut told = Vec::new();
    for (ChangedAt { conversation: row, .. }, whom) in made.iter().zip(&came).filter(|(_, whom)| !whom.is_empty()) {
        told.push((About { kind: NotificationKind::Assigned, row, number: row.last_number, by, at }, whom.as_slice()));
    }
    notifications::tell_all(tx, &told).await
}

async fn write_assignees(tx: &mut Tx, patches: &[(ConversationId, ConversationPatch)]) -> Result<(), ChangeError> {
    let changed: Vec<_> = patches.iter().filter_map(|(id, patch)| Some((id, patch.assignees.as_ref()?))).collect();
    if changed.is_empty() {
        return Ok(());
    }
    let clear = sql(
        "clear assignees",
        "DELETE FROM conversation_assignees WHERE conversation_id IN (SELECT v.value->>'id' FROM jsonb_each($1) AS v)",
    )
    .bind(set(changed.iter().map(|(id, _)| id)));
    tx.link().run(clear).await?;
    let assigned =
        changed.iter().flat_map(|(id, agents)| agents.iter().map(|agent| [(**id).into(), (*agent).into()])).collect();
    for (rows, values) in rows::at_once(tx.link().engine(), assigned) {
        let text = format!("INSERT INTO conversation_assignees (conversation_id, agent_id) VALUES {rows}");
        tx.link().run(sql("write assignees", text).bind_all(values)).await?;
    }
    Ok(())
}

async fn write_tags(tx: &mut Tx, patches: &[(ConversationId, ConversationPatch)]) -> Result<(), ChangeError> {
    let changed: Vec<_> = patches.iter().filter_map(|(id, patch)| Some((id, patch.tags.as_ref()?))).collect();
    if changed.is_empty() {
        return Ok(());
    }
    let clear = sql(
        "clear tags",
        "DELETE FROM conversation_tags WHERE conversation_id IN (SELECT v.value->>'id' FROM jsonb_each($1) AS v)",
    )
    .bind(set(changed.iter().map(|(id, _)| id)));
    tx.link().run(clear).await?;
    let tagged =
        changed.iter().flat_map(|(id, tags)| tags.iter().map(|tag| [(**id).into(), tag.clone().into()])).collect();
    for (rows, values) in rows::at_once(tx.link().engine(), tagged) {
        let text = format!("INSERT INTO conversation_tags (conversation_id, tag) VALUES {rows}");
        tx.link().run(sql("write tags", text).bind_all(values)).await?;
    }
    Ok(())
}
