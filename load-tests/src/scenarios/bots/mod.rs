//! What bots do under load, and what agents do to them. `bots` is all of these, one after another.

mod arena;
mod pen;
pub mod race;
