//! What is kept: SQL, and nothing that decides. Nothing outside this crate names a database driver.
//!
//! * [`Store`] opens SQLite or PostgreSQL, migrates, and hands out reads and the one way to write.
//! * [`Store::write`] runs an operation inside the writer's transaction (group commit: many operations, one COMMIT); what
//!   it emits becomes events with positions in the same transaction. Each operation has a savepoint of its own.
//! * [`Store::append`] is the hot path: messages into existing conversations, set-based, a few statements a batch.
//! * The committed batches come out of [`Store::committed`] in order of position, after the COMMIT and never before.
pub mod event;
