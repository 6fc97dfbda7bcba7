//! Mail: IMAP in, SMTP out, and raw MIME by HTTP.
//!
//! * [`Mailbox`] is the connector: one address with its servers.
//! * [`read`] makes of a mail's bytes what the hub is told; it never fails. [`sanitise`] makes strangers' HTML harmless;
//!   [`shown`] makes of it what stands in a document of its own.
//! * [`compose`] makes of what the hub sends a mail that other mail programs thread rightly.
//!
//! Deliberately not here: POP3, a list of what was seen (keys are the mails' own), retries.

mod apart;
mod compose;
mod html;
mod html_text;
mod imap;
mod limits;
mod mailbox;
mod net;
mod parse;
mod smtp;
mod webhook;

pub use apart::apart_for_the_team;
pub use compose::{Composed, compose};
pub use html::{Shown, sanitise, shown};
pub use imap::is_day;
pub use limits::MAIL_BYTES;
pub use mailbox::Mailbox;
pub use parse::{HEAD_BYTES, is_address, read, too_large};
