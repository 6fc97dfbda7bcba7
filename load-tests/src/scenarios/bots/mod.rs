//! What bots do under load, and what agents do to them. `bots` is all of these, one after another.

mod arena;
pub mod crowd;
pub mod kill;
pub mod latency;
mod pen;
pub mod race;
pub mod webhook;
