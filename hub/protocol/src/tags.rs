//! The tags of conversations as a list: how often each is used, its colour, and one put in the place of another.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::model::{closed, wire};

closed! {
    TagColour { Green = "green", Amber = "amber", Red = "red", Violet = "violet", Blue = "blue", }
}

wire! {
#[derive(Eq)]
pub struct TagRow {
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub colour: Option<TagColour>,
    /// That the reader sees.
    pub conversations: u32,
}

/// By name; at most [`crate::limits::TAG_ROWS`].
#[derive(Eq)]
pub struct TagList { pub tags: Vec<TagRow> }

/// Gives a tag its colour, or takes it away; one that there is not yet comes to be.
#[derive(Eq)]
#[serde(deny_unknown_fields)]
pub struct SaveTag {
    pub name: String,
    pub colour: Option<TagColour>,
}

/// Puts one tag in the place of another, on every conversation that has it: a new name, or a tag that there is already.
#[derive(Eq)]
#[serde(deny_unknown_fields)]
pub struct RenameTag { pub from: String, pub to: String }

#[derive(Eq)]
#[serde(deny_unknown_fields)]
pub struct RemoveTag { pub name: String }

/// How many conversations have changed. While there are `more`, ask again.
#[derive(Eq)]
pub struct TagChanged {
    pub conversations: u32,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")] #[ts(optional, as = "Option<bool>")]
    pub more: bool,
}
}
