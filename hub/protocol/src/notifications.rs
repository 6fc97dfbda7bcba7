//! What is told to one person of the team because it concerns them.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::agent::ResumePoint;
use crate::model::{Author, ContactBrief, Preview, closed, wire};
use crate::{ConversationId, Number, UnixMs};

closed! {
    /// Why somebody is told.
    NotificationKind {
        /// Somebody has put them on a conversation.
        Assigned = "assigned",
        /// Somebody has named them in a note.
        Mention = "mention",
        /// The customer has written in a conversation that is theirs.
        Answered = "answered",
        /// A customer has begun a conversation.
        NewConversation = "new_conversation",
        /// A reminder that they have set is due.
        ReminderDue = "reminder_due",
    }
}

wire! {
/// There is one of a kind for a conversation, of the last time that it happened.
pub struct Notification {
    pub kind: NotificationKind,
    pub conversation_id: ConversationId,
    /// Number of the message or line that tells of it.
    pub number: Number,

    pub at: UnixMs,
    /// Who did it.
    pub by: Author,
    pub read: bool,
    /// What follows is the conversation's, as it stands.
    pub contact: ContactBrief,
    pub case_number: String,
    pub subject: Option<String>,
    pub preview: Option<Preview>,
}

/// How somebody wants to be told of a kind. With none of them they are not.
#[derive(Eq, Copy)]
#[serde(deny_unknown_fields)]
pub struct NotificationChoice {
    pub kind: NotificationKind,
    /// In the list behind the bell.
    pub app: bool,
    pub sound: bool,
    /// By the browser, outside of its page.
    pub desktop: bool,
}

/// What somebody has been told, newest first, as far back as is kept and at most 100 of them.
pub struct Notifications {
    pub rows: Vec<Notification>,
    /// Of every kind.
    pub choices: Vec<NotificationChoice>,
    pub at: ResumePoint,
}

#[derive(Eq)]
#[serde(deny_unknown_fields)]
pub struct ReadNotifications {
    /// Those of this conversation; absent: all.
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub conversation_id: Option<ConversationId>,
}

/// Of a kind that is not named, the choice stays.
#[derive(Eq)]
#[serde(deny_unknown_fields)]
pub struct NotificationChoices {
    pub choices: Vec<NotificationChoice>,
}
}
