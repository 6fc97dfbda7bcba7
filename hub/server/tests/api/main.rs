//! The HTTP API through its own door, on both databases.

mod bad_input;
mod conversations;
mod documents;
mod files;
mod signing_in;
mod team;
mod visibility;
mod visitors;
mod world;
