//! One change to many conversations at once, and the way back.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::model::{Place, Priority, Status, closed, patch, wire};
use crate::{AgentId, ConversationId, Number, Position, TeamId, UnixMs};

closed! {
    /// Why a conversation was left as it was.
    NotChangedReason {
        /// There is no such conversation, or it is not the caller's to see.
        NotFound = "not_found",
        /// It was merged into another and stays closed.
        Merged = "merged",
        /// One of the agents cannot see its inbox.
        Assignee = "assignee",
        /// The team that it had is no more.
        Team = "team",
        /// It would have more tags than a conversation may have.
        TooManyTags = "too_many_tags",
    }
}

closed! {
    /// Why a conversation was not deleted.
    NotRemovedReason {
        /// There is no such conversation, or it is not the caller's to see.
        NotFound = "not_found",
        /// It lies neither in the trash nor in the spam.
        NotInTrash = "not_in_trash",
    }
}

wire! {
/// Deletes conversations forever, fifty in a transaction.
#[derive(Eq)]
#[serde(deny_unknown_fields)]
pub struct RemoveConversations {
    /// At most [`crate::limits::BULK`], from the trash or the spam.
    pub ids: Vec<ConversationId>,
}

/// What became of each.
#[derive(Eq, Default)]
pub struct RemovedConversations {
    pub removed: Vec<ConversationId>,
    pub refused: Vec<NotRemoved>,
    /// Of a folder that was to be emptied: there are more, ask again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")] #[ts(optional, as = "Option<bool>")]
    pub more: bool,
}

#[derive(Eq)]
pub struct NotRemoved {
    pub conversation_id: ConversationId,
    pub why: NotRemovedReason,
}

/// Changes many conversations in one transaction.
#[derive(Eq)]
#[serde(deny_unknown_fields)]
pub struct ChangeConversations {
    /// At most [`crate::limits::BULK`]; one that is named twice is changed once.
    pub ids: Vec<ConversationId>,
    pub change: BulkChange,
}

/// What is done to each of them. An absent field stays as it is.
#[derive(Eq, Default)]
#[serde(deny_unknown_fields)]
pub struct BulkChange {
    /// `open` and `closed`; `snoozed` by `snoozed_until`.
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub status: Option<Status>,
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub snoozed_until: Option<UnixMs>,
    /// The reminder stands also when the customer answers before.
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub snooze_stays: Option<bool>,
    /// All of them, the primary one first; empty for nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub assignees: Option<Vec<AgentId>>,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "patch::nullable")]
    #[ts(optional)] #[cfg_attr(feature = "schema", schema(value_type = Option<String>))]
    pub team_id: Option<Option<TeamId>>,
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub flagged: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub priority: Option<Priority>,
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub place: Option<Place>,
    /// Beside those that each has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")] #[ts(optional, as = "Option<Vec<String>>")]
    pub add_tags: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")] #[ts(optional, as = "Option<Vec<String>>")]
    pub remove_tags: Vec<String>,
    /// By the caller: all that is in it, or with `false` the contact's last message not.
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub read: Option<bool>,
}

/// Takes back what [`ChangedConversations`] says of each: only what is still as that change left it.
#[derive(Eq)]
#[serde(deny_unknown_fields)]
pub struct UndoConversations {
    /// At most [`crate::limits::BULK`].
    pub turns: Vec<Turn>,
}

/// What became of each conversation.
#[derive(Eq, Default)]
pub struct ChangedConversations {
    /// With what it takes to undo it.
    pub changed: Vec<Turn>,
    /// They were so already; of an undo, they are no longer as they were left.
    pub unchanged: Vec<ConversationId>,
    pub refused: Vec<NotChanged>,
    /// Committed at this position; none: nothing was changed.
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub position: Option<Position>,
    /// Of a list that was to be changed: there is more, ask again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")] #[ts(optional, as = "Option<bool>")]
    pub more: bool,
}

#[derive(Eq)]
pub struct NotChanged {
    pub conversation_id: ConversationId,
    pub why: NotChangedReason,
}

/// How a change has turned one conversation: of what it has touched, what was before and what is since.
#[derive(Eq)]
#[serde(deny_unknown_fields)]
pub struct Turn {
    pub conversation_id: ConversationId,
    pub was: Standing,
    pub became: Standing,
    /// Its last message or line when it was changed: who was answered behind it waits no more.
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub last_number: Option<Number>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")] #[ts(optional, as = "Option<Vec<String>>")]
    pub added_tags: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")] #[ts(optional, as = "Option<Vec<String>>")]
    pub removed_tags: Vec<String>,
}

/// How a conversation stands, as far as a change has touched it.
#[derive(Eq, Default)]
#[serde(deny_unknown_fields)]
pub struct Standing {
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub status: Option<Status>,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "patch::nullable")]
    #[ts(optional)] #[cfg_attr(feature = "schema", schema(value_type = Option<i64>))]
    pub snoozed_until: Option<Option<UnixMs>>,
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub snooze_stays: Option<bool>,
    /// Whose the reminder is.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "patch::nullable")]
    #[ts(optional)] #[cfg_attr(feature = "schema", schema(value_type = Option<String>))]
    pub snoozed_by: Option<Option<AgentId>>,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "patch::nullable")]
    #[ts(optional)] #[cfg_attr(feature = "schema", schema(value_type = Option<i64>))]
    pub waiting_since: Option<Option<UnixMs>>,
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub asked_person: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub assignees: Option<Vec<AgentId>>,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "patch::nullable")]
    #[ts(optional)] #[cfg_attr(feature = "schema", schema(value_type = Option<String>))]
    pub team_id: Option<Option<TeamId>>,
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub flagged: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub priority: Option<Priority>,
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub place: Option<Place>,
    /// How far the caller has read.
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub read_number: Option<Number>,
}
}
