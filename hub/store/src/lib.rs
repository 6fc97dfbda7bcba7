//! What is kept: SQL, and nothing that decides. Nothing outside this crate names a database driver.
//!
//! * [`Store`] opens SQLite or PostgreSQL, migrates, and hands out reads and the one way to write.
//! * [`Store::write`] runs an operation inside the writer's transaction (group commit: many operations, one COMMIT); what
//!   it emits becomes events with positions in the same transaction. Each operation has a savepoint of its own.
//! * [`Store::append`] is the hot path: messages into existing conversations, set-based, a few statements a batch.
//! * The committed batches come out of [`Store::committed`] in order of position, after the COMMIT and never before.
//!
//! Each noun has a module of functions. Those that take `&Store` read what is committed; those that take `&mut Tx` see
//! and change what the running operation has done. Whatever a person of the team reads takes their [`Visibility`]: it is
//! part of the query. What takes none is for the hub itself, and says so: it reads for nobody.
//!
//! To add a noun: a table in `migrations/{sqlite,postgres}` (same name, same columns), a module with its row struct and
//! functions here, and a test that calls each of them on both engines.

pub mod access;
pub mod adopting;
pub mod agents;
pub mod append;
pub mod attachments;
pub mod automatic_mails;
pub mod bodies;
pub mod bots;
pub mod channels;
mod connect;
pub mod contact_forms;
pub mod contacts;
pub mod conversations;
pub mod customers;
mod db;
pub mod deleting;
mod dialect;
pub mod edge_keys;
pub mod entry_links;
mod error;
pub mod event;
mod excerpt;
pub mod feed;
pub mod held;
pub mod identity_secrets;
pub mod inboxes;
pub mod messages;
pub mod moving;
pub mod notifications;
mod open;
pub mod outbox;
pub mod outside_cards;
pub mod people;
pub mod reads;
pub mod references;
mod row;
mod rows;
pub mod search;
pub mod sessions;
pub mod settings;
pub mod tags;
pub mod teams;
pub mod templates;
pub mod timers;
pub mod tokens;
pub mod views;
mod visitor;
mod words;
mod writer;

use std::future::Future;
use std::pin::Pin;

pub use append::{Append, AppendedAt, Sender};
pub use error::{AppendError, ChangeError, InvalidDatabaseUrl, OpenError, ReadError, Unavailable, WriteError};
pub use event::{Audience, Batch, CommittedEvent, Emit};
pub use open::{DatabaseUrl, Engine, Options, Store};
pub use switchboard_domain::Visibility;
pub use writer::{Tx, Written};

/// A future on the heap, as operations return it: `Box::pin(async move { .. })`.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
