//! Decisions, and nothing but: what a message does to a conversation, what a change means, who may see what.
//!
//! Pure functions over the wire's own types. No I/O, no clock, no randomness: time and ids come in as parameters, what
//! should be written goes out as a value, and the store writes it. A rule that is about the product (who may reopen,
//! what a customer's answer does to a snoozed case) is here and nowhere else.

pub mod automatic;
pub mod before_chat;
pub mod bots;
pub mod bulk;
pub mod change;
pub mod delivery;
pub mod hours;
pub mod moving;
pub mod notifying;
pub mod outside_cards;
pub mod permission;
pub mod person;
pub mod templates;
pub mod thread;
pub mod threading;
pub mod validate;
pub mod visibility;

pub use visibility::Visibility;
