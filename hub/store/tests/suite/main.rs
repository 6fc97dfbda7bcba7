//! One suite, both engines: what the store promises, through its public door.

mod exactly_once;
mod feed;
mod lists;
mod nouns;
mod order;
mod schema;
mod texts;
mod transactions;
mod visibility;
mod world;
