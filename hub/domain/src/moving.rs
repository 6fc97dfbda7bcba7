//! Messages that the team puts into another conversation, by hand: which may go where, and how the two conversations stand
//! afterwards.
//!
//! A message that moves stays what it is: its id, and with that its files, delivery, names and the words that find it. It
//! gets another conversation and a number there. Where it stood a line says so, under the same number, so numbers keep no
//! hole; and a message that comes back takes the place of its line.
//!
//! Deliberately not here: who takes part in a conversation of mails. That stays as it was said ([`crate::threading`]); what
//! is moved lets nobody in, and whoever answers it later takes part where it stood.

use switchboard_protocol::model::{
    Author, CaseLink, Channel, Conversation, ConversationPatch, Message, MessageKind, Place, Status, SystemLine,
};
use switchboard_protocol::{Number, UnixMs, limits};

use crate::change::Changed;
use crate::thread::preview_of;

/// Why messages stay where they are.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("A conversation cannot be merged with itself.")]
    Itself,
    #[error("These conversations are of different inboxes. Only conversations of one inbox can be merged.")]
    OtherInbox,
    #[error("These conversations are of different customers. If they are one person, merge their cards first.")]
    OtherPerson,
    #[error(
        "These conversations are with different addresses of the customer, and answers could only go to one of them. They \
         cannot be merged."
    )]
    OtherAddress,
    #[error("One of these conversations is in the trash. Restore it first.")]
    InTrash,
    #[error(
        "The conversation into which the other one would go is in Spam, where nobody would see it. Move it out of Spam first."
    )]
    InSpam,
    #[error("The conversation was merged into {}.", into.case_number)]
    Merged { into: CaseLink },
    #[error("At most {} messages and notes can be moved at once.", limits::MOVED_MESSAGES)]
    TooMany,
    #[error("At most {} conversations can be merged one into the next.", limits::MERGED_IN_A_ROW)]
    TooDeep,
    #[error("Only a message that came in or went out can begin a conversation of its own.")]
    NoTalk,
    #[error(
        "In a chat a message moves with all after it: what is said next belongs to what was said last. Say `and_after`."
    )]
    Alone,
    #[error("All of the conversation would move. Leave at least one message in it.")]
    NothingLeft,
    #[error("All of its messages have been moved on since. Move one of them back first.")]
    MovedOn,
}

/// Whether this is moved with its conversation; the lines stay, they say what happened there.
pub fn goes_along(kind: MessageKind) -> bool {
    match kind {
        MessageKind::In | MessageKind::Out | MessageKind::Note => true,
        MessageKind::System => false,
    }
}

/// Whether all of `other` may go into `into`; `goes_back`: all that is said in it stood there before. A mail that came wrong is
/// somebody else's, and its split must not be for good.
pub fn may_merge(into: &Conversation, other: &Conversation, goes_back: bool) -> Result<(), Refusal> {
    if into.id == other.id {
        return Err(Refusal::Itself);
    }
    if let Some(merged) = into.merged_into.as_ref().or(other.merged_into.as_ref()) {
        return Err(Refusal::Merged { into: merged.clone() });
    }
    if into.inbox_id != other.inbox_id {
        return Err(Refusal::OtherInbox);
    }
    if into.place == Place::Trash || other.place == Place::Trash {
        return Err(Refusal::InTrash);
    }
    if goes_back {
        return Ok(());
    }
    if into.contact.id != other.contact.id {
        return Err(Refusal::OtherPerson);
    }
    // A mail says itself where its answer goes. Everywhere else that is the conversation's own address; a visitor would even
    // read what was written from another browser.
    let answered_by_message = match into.channel {
        Channel::Email => true,
        Channel::Web | Channel::Sms | Channel::Telegram | Channel::Gateway | Channel::Api => false,
    };
    if into.identity_id != other.identity_id && !answered_by_message {
        return Err(Refusal::OtherAddress);
    }
    if into.place == Place::Spam {
        return Err(Refusal::InSpam);
    }
    Ok(())
}

/// What `other` changes in the conversation into which it comes: that one is seen no later than `other` would have been. What
/// was archived, nobody would have seen, unless it sleeps: at its time it comes out of the archive.
pub fn opening(into: &Conversation, other: &Conversation) -> Changed {
    let mut out = Changed::default();
    let line = match (into.status, other.status) {
        (_, Status::Closed) => return out,
        (_, Status::Open) if other.place == Place::Archived => return out,
        (Status::Open, _) if into.place == Place::Archived => SystemLine::Moved { place: Place::Inbox },
        (Status::Open, _) => return out,
        (Status::Closed | Status::Snoozed, Status::Open) => {
            out.patch.status = Some(Status::Open);
            out.patch.snoozed_until = into.snoozed_until.is_some().then_some(None);
            SystemLine::Reopened
        }
        (Status::Closed | Status::Snoozed, Status::Snoozed) => {
            let sooner = |until: &UnixMs| into.snoozed_until.is_none_or(|own| *until < own);
            let Some(until) = other.snoozed_until.filter(sooner) else { return out };
            out.patch.status = Some(Status::Snoozed);
            out.patch.snoozed_until = Some(Some(until));
            out.patch.snooze_stays = Some(other.snooze_stays);
            out.patch.snoozed_by = Some(other.snoozed_by);
            SystemLine::Snoozed { until, stays: other.snooze_stays }
        }
    };
    out.patch.place = (into.place == Place::Archived).then_some(Place::Inbox);
    out.lines.push(line);
    out
}

/// Whether these messages of `row`, of which `first` is the one that was named, may begin a conversation of their own;
/// `alone`: that one, and not what stands after it. A mail says itself what it belongs to. Everywhere else what comes next
/// goes on in the customer's newest conversation, and a chat window shows no other.
pub fn may_split(row: &Conversation, first: MessageKind, alone: bool, talk_left: bool) -> Result<(), Refusal> {
    if let Some(into) = &row.merged_into {
        return Err(Refusal::Merged { into: into.clone() });
    }
    if row.place == Place::Trash {
        return Err(Refusal::InTrash);
    }
    match first {
        MessageKind::In | MessageKind::Out => {}
        MessageKind::Note | MessageKind::System => return Err(Refusal::NoTalk),
    }
    if alone && row.channel != Channel::Email {
        return Err(Refusal::Alone);
    }
    talk_left.then_some(()).ok_or(Refusal::NothingLeft)
}

/// What is said in a conversation, as far as its row tells of it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Said {
    pub last_in: Number,
    pub last_out: Option<(Number, Author)>,
    /// The newest word of the talk.
    pub last: Option<Message>,
    /// When the first message came in that nothing has answered since, in the order in which they were said: what is moved
    /// stands last, and may be old.
    pub unanswered_since: Option<UnixMs>,
    /// Whether a file came with any of it.
    pub files: bool,
}

/// The row of a conversation that messages have left or come back to; `waited`: somebody waited in the conversation that
/// they were in. Of one with nothing said in it any more the list shows what it showed.
pub fn recounted(row: &Conversation, said: &Said, waited: bool) -> Conversation {
    let mut after = Conversation { last_in_number: said.last_in, has_files: said.files, ..row.clone() };
    after.waiting_since = said.unanswered_since.filter(|_| waited && row.status != Status::Closed);
    if let Some(last) = &said.last
        && row.preview.as_ref().is_none_or(|before| before.number != last.number)
    {
        after.preview = Some(preview_of(last));
        after.last_activity_at = last.at;
    }
    after
}

/// The row of a conversation into which all of `other` has come.
pub fn joined(row: &Conversation, other: &Conversation, said: &Said) -> Conversation {
    let mut after = Conversation { last_in_number: said.last_in, has_files: said.files, ..row.clone() };
    let waiting = [row.waiting_since, other.waiting_since];
    after.waiting_since = waiting.into_iter().flatten().min().filter(|_| row.status != Status::Closed);
    after.last_activity_at = row.last_activity_at.max(other.last_activity_at);
    if let Some(last) = &said.last {
        after.preview = Some(preview_of(last));
    }
    after.asked_person |= other.asked_person && row.status != Status::Closed;
    // Read is what both were read to their ends.
    let read = |one: &Conversation| one.staff_read_number >= one.last_in_number;
    if read(row) && read(other) {
        after.staff_read_number = row.last_number;
    }
    after
}

/// What leads from one row to the other.
pub fn difference(before: &Conversation, after: &Conversation) -> ConversationPatch {
    macro_rules! changed {
        ($field:ident) => {
            (before.$field != after.$field).then(|| after.$field.clone())
        };
    }
    ConversationPatch {
        contact: changed!(contact),
        subject: changed!(subject),
        status: changed!(status),
        place: changed!(place),
        snoozed_until: changed!(snoozed_until),
        snooze_stays: changed!(snooze_stays),
        snoozed_by: changed!(snoozed_by),
        assignees: changed!(assignees),
        team_id: changed!(team_id),
        flagged: changed!(flagged),
        priority: changed!(priority),
        tags: changed!(tags),
        last_activity_at: changed!(last_activity_at),
        waiting_since: changed!(waiting_since),
        last_number: changed!(last_number),
        last_in_number: changed!(last_in_number),
        preview: if before.preview == after.preview { None } else { after.preview.clone() },
        delivered_number: changed!(delivered_number),
        contact_read_number: changed!(contact_read_number),
        staff_read_number: changed!(staff_read_number),
        undelivered_number: changed!(undelivered_number),
        merged_into: changed!(merged_into),
        asked_person: changed!(asked_person),
        has_files: changed!(has_files),
        rating: changed!(rating),
    }
}
