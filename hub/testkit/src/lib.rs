//! Real servers for tests: [`Redis`], [`Postgres`] and [`MailHost`], started on free ports with their own folders, gone
//! when the test process is, however it ends. [`Program`] is any other, which a test describes itself. [`Telegram`] alone is
//! none, but speaks as it does.
//!
//! For tests and load drills only, so problems are panics that say what is missing. What a server needs to be installed:
//! `redis-server`, `postgresql`, `dovecot-imapd`, `dovecot-lmtpd`, `postfix` (Debian's packages; nothing of them needs to be
//! running).
//!
//! Deliberately not here: anything of Switchboard's own, and drivers. A test talks to these servers as the product does.

mod mail;
mod postgres;
mod process;
mod program;
mod redis;
mod telegram;

pub use mail::MailHost;
pub use postgres::Postgres;
pub use program::{Program, free_ports};
pub use redis::Redis;
pub use telegram::Telegram;
