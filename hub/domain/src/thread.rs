//! What a new message does to its conversation.
//!
//! | message | status | place | waiting | activity |
//! | --- | --- | --- | --- | --- |
//! | in | closed, snoozed → open, unless it was snoozed to stay so | archived, trash → inbox; spam stays | since the first unanswered one | now |
//! | out | as it was | as it was | nobody waits | now |
//! | out, by the hub itself | as it was | as it was | as it was | as it was |
//! | note, system | as it was | as it was | as it was | as it was |

use std::collections::BTreeMap;

use switchboard_protocol::bots::Rich;
use switchboard_protocol::model::{
    Attachment, Author, CaseLink, Channel, Conversation, ConversationPatch, Delivery, Message, MessageKind,
    MessageMail, Place, Preview, Status, SystemLine,
};
use switchboard_protocol::{AgentId, MessageId, Number, UnixMs, limits};

/// Most replies that a writer is told not to have seen.
pub const REPLIES_TOLD: usize = 20;

/// A conversation with what the decisions need beside the row that everybody sees.
#[derive(Debug, Clone, PartialEq)]
pub struct Thread {
    pub conversation: Conversation,
    /// The last message that went out and whose it was, after those before it that a writer may not have seen: what a
    /// reply may collide with.
    pub replies: Vec<(Number, Author)>,
    /// Of the messages that new ones want to answer, those that there are, and what they are.
    pub answered: BTreeMap<Number, MessageKind>,
}

/// A message that somebody wants in the thread.
#[derive(Debug, Clone, PartialEq)]
pub struct NewMessage {
    pub id: MessageId,
    /// In, out or note; system lines come from decisions, not from outside.
    pub kind: MessageKind,
    pub author: Author,
    /// When it was written, as those who read it are told. That may be long before it came; its id says when it came.
    pub at: UnixMs,
    pub text: String,
    /// Of bots.
    pub rich: Option<Box<Rich>>,
    /// Number of the message that it answers.
    pub answers: Option<Number>,
    /// What the customer answers, in the channel's words.
    pub quote: Option<String>,
    /// Of notes: who is named in it.
    pub mentions: Vec<AgentId>,
    pub attachments: Vec<Attachment>,
    /// Of mails.
    pub mail: Option<Box<MessageMail>>,
    pub client_id: Option<String>,
    /// The last message that the writer has seen; none: the writer does not ask to be warned.
    pub seen: Option<Number>,
}

/// Why a message is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Somebody else's replies stand after the last message that the writer has seen: the newest [`REPLIES_TOLD`] of them,
    /// in rising number.
    #[error("a reply that the writer has not seen stands before this one")]
    ReplyUnseen { numbers: Vec<Number> },
    #[error("a conversation in the trash takes no answers")]
    InTrash,
    #[error("the conversation was merged into another")]
    Merged { into: CaseLink },
    #[error("nothing goes out from an inbox that was removed")]
    InboxRemoved,
    #[error("what it is to answer is no message that both sides have")]
    AnswersNothing,
}

/// What is to be written: the messages in order (system lines after the one that caused them) and the row's changes.
#[derive(Debug, Clone, PartialEq)]
pub struct Appended {
    pub messages: Vec<Message>,
    pub patch: ConversationPatch,
}

impl Appended {
    /// The message itself; what follows it are the system lines that it caused.
    pub fn message(&self) -> &Message {
        &self.messages[0]
    }
}

/// Decides what `new` does to `thread`. `line_id` makes the id of each system line that it causes.
pub fn append(thread: &Thread, new: NewMessage, line_id: &mut dyn FnMut() -> MessageId) -> Result<Appended, Refusal> {
    let row = &thread.conversation;
    if let Some(into) = row.merged_into.clone() {
        return Err(Refusal::Merged { into });
    }
    if new.kind == MessageKind::Out {
        refuse_if_colliding(thread, &new)?;
    }
    if let Some(number) = new.answers {
        refuse_unless_both_have(thread, number)?;
    }
    let mut patch = ConversationPatch::default();
    let mut lines = Vec::new();
    let number = row.last_number + 1;
    let talk = is_talk(new.kind, new.author);
    match new.kind {
        MessageKind::In => came_in(row, &new, number, &mut patch, &mut lines),
        MessageKind::Out if talk => {
            patch.waiting_since = row.waiting_since.is_some().then_some(None);
            // It is the newest now, and nothing is known against it.
            patch.undelivered_number = row.undelivered_number.is_some().then_some(None);
            // Who waited for a person has one.
            let person = matches!(new.author, Author::Agent { .. });
            patch.asked_person = (person && row.asked_person).then_some(false);
        }
        MessageKind::Out | MessageKind::Note | MessageKind::System => {}
    }
    if talk {
        // What was written a while ago and comes only now takes nothing back.
        patch.last_activity_at = Some(new.at.max(row.last_activity_at));
    }
    patch.has_files = (!new.attachments.is_empty() && !row.has_files).then_some(true);
    let (author, at) = (new.author, new.at);
    let mut messages = vec![message(row, new, number)];
    if talk {
        patch.preview = Some(preview_of(&messages[0]));
    }
    for line in lines {
        let number = number + messages.len() as Number;
        messages.push(system_line(row, line_id(), number, author, at, line));
    }
    patch.last_number = Some(row.last_number + messages.len() as Number);
    Ok(Appended { messages, patch })
}

/// Whether a message is a word of the talk, to which the other side may be waiting for an answer. A confirmation that the
/// hub sends by itself answers nothing, and nobody has to have read it before they answer.
pub fn is_talk(kind: MessageKind, author: Author) -> bool {
    match kind {
        MessageKind::In => true,
        MessageKind::Out => author != Author::System,
        MessageKind::Note | MessageKind::System => false,
    }
}

fn refuse_if_colliding(thread: &Thread, new: &NewMessage) -> Result<(), Refusal> {
    if thread.conversation.place == Place::Trash {
        return Err(Refusal::InTrash);
    }
    let Some(seen) = new.seen else { return Ok(()) };
    let theirs = thread.replies.iter().filter(|(number, author)| *number > seen && *author != new.author);
    let mut numbers: Vec<_> = theirs.map(|(number, _)| *number).collect();
    if numbers.is_empty() {
        return Ok(());
    }
    numbers.drain(..numbers.len().saturating_sub(REPLIES_TOLD));
    Err(Refusal::ReplyUnseen { numbers })
}

/// Only what the customer and the team both have can be answered. Whoever reads an answer may be shown what it answers, so
/// a note, which the customer must not hear of, never is; nor a line that nobody said.
fn refuse_unless_both_have(thread: &Thread, number: Number) -> Result<(), Refusal> {
    match thread.answered.get(&number) {
        Some(MessageKind::In | MessageKind::Out) => Ok(()),
        Some(MessageKind::Note | MessageKind::System) | None => Err(Refusal::AnswersNothing),
    }
}

fn came_in(
    row: &Conversation,
    new: &NewMessage,
    number: Number,
    patch: &mut ConversationPatch,
    lines: &mut Vec<SystemLine>,
) {
    patch.last_in_number = Some(number);
    if row.waiting_since.is_none() {
        patch.waiting_since = Some(Some(new.at));
    }
    match row.status {
        Status::Open => {}
        Status::Closed => {
            patch.status = Some(Status::Open);
            lines.push(SystemLine::ReopenedByContact);
        }
        // Whoever set the reminder wants it at its time, whatever comes before.
        Status::Snoozed if row.snooze_stays => {}
        Status::Snoozed => {
            patch.status = Some(Status::Open);
            patch.snoozed_until = Some(None);
            lines.push(SystemLine::Woken);
        }
    }
    if matches!(row.place, Place::Archived | Place::Trash) {
        patch.place = Some(Place::Inbox);
        lines.push(SystemLine::Moved { place: Place::Inbox });
    }
}

fn message(row: &Conversation, new: NewMessage, number: Number) -> Message {
    Message {
        id: new.id,
        conversation_id: row.id,
        number,
        kind: new.kind,
        author: new.author,
        at: new.at,
        text: new.text,
        rich: new.rich,
        answers: new.answers,
        quote: new.quote,
        mentions: new.mentions,
        attachments: new.attachments,
        delivery: (new.kind == MessageKind::Out).then(|| first_delivery(row.channel)),
        delivery_note: None,
        mail: new.mail,
        line: None,
        client_id: new.client_id,
        edited_at: None,
        deleted_at: None,
    }
}

/// On web chat the hub itself is the channel: committed is sent. Everywhere else a connector has yet to take it.
fn first_delivery(channel: Channel) -> Delivery {
    match channel {
        Channel::Web => Delivery::Sent,
        Channel::Email | Channel::Sms | Channel::Telegram | Channel::Gateway | Channel::Api => Delivery::Queued,
    }
}

/// A line in the thread that says what happened, written by the hub in the name of who did it.
pub fn system_line(
    row: &Conversation,
    id: MessageId,
    number: Number,
    author: Author,
    at: UnixMs,
    line: SystemLine,
) -> Message {
    Message {
        id,
        conversation_id: row.id,
        number,
        kind: MessageKind::System,
        author,
        at,
        text: String::new(),
        rich: None,
        answers: None,
        quote: None,
        mentions: Vec::new(),
        attachments: Vec::new(),
        delivery: None,
        delivery_note: None,
        mail: None,
        line: Some(line),
        client_id: None,
        edited_at: None,
        deleted_at: None,
    }
}

/// First words of a message, for the list.
pub fn preview_of(message: &Message) -> Preview {
    let flat = message.text.split_whitespace().collect::<Vec<_>>().join(" ");
    Preview {
        number: message.number,
        kind: message.kind,
        author: message.author,
        text: flat.chars().take(limits::PREVIEW_CHARS).collect(),
        attachments: message.attachments.len() as u32,
    }
}

/// The row after the change: the same function that the pages apply to their copy.
pub fn apply(row: &mut Conversation, patch: &ConversationPatch) {
    // Each by its name and none left out: a new one that is not applied below does not compile without a warning.
    let ConversationPatch {
        contact,
        subject,
        status,
        place,
        snoozed_until,
        snooze_stays,
        snoozed_by,
        assignees,
        team_id,
        flagged,
        priority,
        tags,
        last_activity_at,
        waiting_since,
        last_number,
        last_in_number,
        preview,
        delivered_number,
        contact_read_number,
        staff_read_number,
        undelivered_number,
        merged_into,
        asked_person,
        has_files,
        rating,
    } = patch;
    macro_rules! set {
        ($($field:ident),*) => {$( if let Some(value) = $field { row.$field = value.clone(); } )*};
    }
    set!(
        contact,
        subject,
        status,
        place,
        snoozed_until,
        snooze_stays,
        snoozed_by,
        assignees,
        team_id,
        flagged,
        priority,
        tags,
        last_activity_at,
        waiting_since,
        last_number,
        last_in_number,
        delivered_number,
        contact_read_number,
        staff_read_number,
        undelivered_number,
        asked_person,
        merged_into,
        has_files,
        rating
    );
    if let Some(preview) = preview {
        row.preview = Some(preview.clone());
    }
}
