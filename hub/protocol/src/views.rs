//! Views: lists with their filters, kept under a name.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::model::{Channel, Priority, Status, closed, wire};
use crate::rest::{Folder, Sort};
use crate::{InboxId, TeamId, UnixMs, ViewId};

closed! {
    /// Who spoke last in a conversation.
    SpokeLast {
        Contact = "contact",
        Team = "team",
    }
}

wire! {
/// A list, as `GET /api/conversations` has it. An absent filter lets everything through.
#[derive(Eq)]
#[serde(deny_unknown_fields)]
pub struct ViewQuery {
    pub folder: Folder,
    pub sort: Sort,
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub inbox: Option<InboxId>,
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub channel: Option<Channel>,
    /// An agent's id, `me` (whoever looks) or `nobody`.
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub assignee: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub team: Option<TeamId>,
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub status: Option<Status>,
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub priority: Option<Priority>,
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub tag: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub last_by: Option<SpokeLast>,
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub flagged: Option<bool>,
    /// BCP 47.
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub language: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub has_files: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub created_from: Option<UnixMs>,
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub created_before: Option<UnixMs>,
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub active_from: Option<UnixMs>,
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub active_before: Option<UnixMs>,
}

#[derive(Eq)]
pub struct View {
    pub id: ViewId,
    pub name: String,
    pub query: ViewQuery,
    /// Everybody in the team has it; else whoever made it.
    pub shared: bool,
    /// Whether the one who asks may change and remove it.
    pub mine_to_change: bool,
}

#[derive(Eq)]
#[serde(deny_unknown_fields)]
pub struct SaveView {
    pub name: String,
    pub query: ViewQuery,
    #[serde(default)] #[ts(optional, as = "Option<bool>")]
    pub shared: bool,
}

/// Those that the caller sees, in their order: the shared ones first.
#[derive(Eq)]
pub struct Views {
    pub views: Vec<View>,
}

/// Their order from now on. One that is not named stays where it is.
#[derive(Eq)]
#[serde(deny_unknown_fields)]
pub struct OrderViews {
    pub ids: Vec<ViewId>,
}

/// After how many days what is put away is deleted forever; none: never.
#[derive(Eq, Copy)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// In the archive.
    pub archived_days: Option<u32>,
    pub trash_days: Option<u32>,
}
}
