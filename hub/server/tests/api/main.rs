//! The HTTP API through its own door, on both databases.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod attributes;
mod bad_input;
mod bulk;
mod conversations;
mod customers;
mod delete_forever;
mod demo;
mod documents;
mod files;
mod hours;
mod identity;
mod links;
mod lists;
mod moving;
mod notifications;
mod operator;
mod program;
mod retention;
mod rights;
mod signing_in;
mod tags;
mod team;
mod templates;
mod visibility;
mod visitors;
mod world;
