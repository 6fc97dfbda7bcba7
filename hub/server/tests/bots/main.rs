//! Bots through their own door: a hub, a bot that speaks the Bot API over HTTP, a visitor at a socket, an agent. What a
//! library makes of it: `library`.

mod bounds;
mod brought;
mod calls;
mod cases;
mod console;
mod control;
mod files;
mod hours;
mod library;
mod order;
mod polls;
mod reins;
mod stage;
#[path = "../support/mod.rs"]
mod support;
mod waits;
