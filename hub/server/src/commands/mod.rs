//! One function per thing that happens. These are the only writers: HTTP handlers, sockets and automation all call them,
//! and everything else hears of it from the events that they emit.
//!
//! A command checks what it was given, decides by `switchboard_domain`, writes state and event in one operation
//! ([`crate::App::write_as`]), and returns what it made. Who may call it stands in its signature ([`crate::caller::May`]).
//! Deliberately not here: HTTP, frames, cookies.

pub mod agents;
mod automatic_mail;
pub mod availability;
pub mod bot_console;
pub mod bots;
pub mod change_conversation;
pub mod change_many;
mod channel_bounds;
mod channel_secrets;
pub mod channels;
pub mod contact_form;
pub mod contact_forms;
pub mod contacts;
pub mod customer_whole;
pub mod delete_forever;
pub mod entry_links;
pub mod held_replies;
pub mod hours;
pub mod idempotent;
pub mod identity_secrets;
pub mod inboxes;
pub mod ingest;
pub mod invitations;
pub mod mark_read;
pub mod moving;
pub mod notifications;
pub mod outside_cards;
pub mod password_links;
pub mod people;
pub mod retention;
pub mod send_again;
pub mod sign_in;
pub mod start_conversations;
pub mod tags;
pub mod teams;
pub mod templates;
pub mod tokens;
pub mod undelivered;
pub mod uploads;
pub mod views;
pub mod visitor_about;
pub mod visitor_adopt;
pub mod visitor_rate;
pub mod visitor_seen;
pub mod visitor_send;
pub mod wake_due;
pub mod write_mail;
pub mod write_message;

use switchboard_protocol::UnixMs;
use switchboard_protocol::agent::AgentEvent;
use switchboard_store::{Audience, Emit};

/// An event for the whole team that is about no conversation.
fn for_team(at: UnixMs, staff: AgentEvent) -> Emit {
    Emit { at, audience: Audience::Team, conversation_id: None, staff, visitor: None }
}
