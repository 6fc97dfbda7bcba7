//! `/api/conversations`: the list, a conversation, its messages, and what agents do there.

pub mod change;
pub mod delete_forever;
pub mod detail;
pub mod list;
pub mod many;
pub mod messages;
pub mod moving;
pub mod read;
pub mod start;
