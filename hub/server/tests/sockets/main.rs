//! The sockets through their own door: real hubs, real connections, people who write, look, lose their network and come
//! back. One hub on SQLite, and two on PostgreSQL and Redis. Which test stands for which invariant: `../README.md`.

mod behind;
mod channels;
mod chat;
mod collision;
mod drain;
mod floods;
mod forms;
mod hanging;
mod heartbeat;
mod input;
mod live;
mod mailbox;
mod mails;
mod media;
mod others;
mod outside;
mod presence;
mod proof;
mod provider;
mod resume;
mod shop;
mod stalled;
mod starting;
#[path = "../support/mod.rs"]
mod support;
mod suspended;
mod typing;
