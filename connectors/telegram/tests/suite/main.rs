//! The connector against a Bot API server, through the doors that the hub uses.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod bot_api;
mod clients;
mod fuzz;
mod hub;
mod kinds;
mod polling;
mod sending;
mod webhook;
