//! The hub: HTTP, sockets, commands, wiring. A library so that tests start hubs in their own process; the binary is a
//! thin door to it.
//!
//! To find your way: a request comes in at [`http::accept`], passes [`http::layers`], is matched in [`http`], proves who
//! sends it in [`http::auth`], and ends in one of the [`commands`] or in a read of the store. To add an endpoint: a file
//! in `http/`, a line in `http::api`, the command in `commands/` if it changes something, a test in `tests/`.

#![deny(clippy::print_stdout, clippy::print_stderr, reason = "they panic when nobody reads: ops::logs::say")]

pub mod app;
pub mod attachments;
pub mod bots;
pub mod caller;
pub mod channels;
pub mod cli;
pub mod clock;
pub mod commands;
pub mod config;
pub mod demo;
pub mod docs;

pub mod error;
pub mod feed;
pub mod forms;
pub mod http;
pub mod hub;
pub mod ids;
pub mod limits;
pub mod ops;
pub mod pages;
pub mod password;
pub mod places;
pub mod presence;
pub mod secret;
pub mod sessions;
pub mod timers;
pub mod vault;
pub mod visitor_token;
pub mod wakes;
pub mod ws;

pub use app::App;
pub use hub::{Hub, Parts, Running, StartError};
