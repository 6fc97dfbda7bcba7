//! One suite, both engines: what the store promises, through its public door.

#![expect(clippy::unwrap_used, reason = "what a test did not expect is its failure, in helpers too")]

mod bots;
mod deleting;
mod exactly_once;
mod feed;
mod lists;
mod nouns;
mod order;
mod outbox;
mod patience;
mod people;
mod schema;
mod search;
mod texts;
mod timers;
mod transactions;
mod visibility;
mod world;
