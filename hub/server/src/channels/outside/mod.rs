//! Channels that processes of their own run (`switchboard connector email`), over Redis and without the database.
//!
//! ```text
//! hub, whose channels.outside names the kind           process
//!   publish   ── setups, their secrets sealed ────────►  process: looks, a runner for each, under the lease
//!   answering ◄─ asks, a stream: take, cursors ────────  edge: waits for the answer, which is given after the commit
//!   sending   ◄─ a report: that it lives, how it does ─  report
//!   remote    ── jobs, a stream for each inbox ───────►  work: begins it, sends, answers
//! ```
//!
//! The contract makes both sides calls that may be repeated or that may not, and the two are kept apart:
//!
//! * **What comes in may be asked any number of times**: its keys make it once. So an ask that is not answered in time is
//!   given up and the connector fetches again, whatever became of it: a hub that died, a Redis that forgot.
//! * **What goes out is begun at most once.** A job is an *offer* ([`switchboard_backplane::Offer`]): the process that holds
//!   the inbox's lease begins it in one step on Redis before it calls the provider, or the hub withdraws it, never both, and
//!   neither later than [`wire::BEGUN_WITHIN`]. Withdrawn, it certainly did not go out; begun and never answered, nobody
//!   knows. What Redis may have forgotten counts as begun. A job's name is that of its claim in the outbox: a hub that goes on
//!   for one that has ended reads the answers that the process has left, waits for those that are coming, and withdraws the
//!   rest.
//!
//! A hub keeps for itself what needs no one holder: providers' calls (`/hooks`), the button "Test", that somebody writes.
//! Publications on the bus only wake who waits; all that counts lies under keys and is looked at anyway.
//!
//! Deliberately not here: which messages wait and in what order, trying again, what an answer does to a message (the hub's
//! [`super::sender`], which does not know where its connector is); what comes in does to a conversation (`commands::ingest`).

mod answering;
mod edge;
mod health;
pub mod process;
mod publish;
mod remote;
mod report;
mod room;
mod sending;
mod wire;
mod work;

pub use answering::run as answer;
pub use publish::{Laid, publish};
pub use remote::{Packed, Remote};
pub use room::Room;
pub use sending::run as send;
