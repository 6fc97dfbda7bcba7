//! The sockets through their own door: real hubs, real connections, people who write, look, lose their network and come
//! back. One hub on SQLite, and two on PostgreSQL and Redis. Which test stands for which invariant: `../README.md`.

mod acknowledge;
mod answers;
mod behind;
mod bot;
mod channels;
mod chat;
mod collision;
mod deleted;
mod drain;
mod floods;
mod forms;
mod hanging;
mod heartbeat;
mod held;
mod in_hand;
mod input;
mod live;
mod loops;
mod mailbox;
mod mails;
mod media;
mod moving;
mod notifications;
mod others;
mod outside;
mod outside_program;
mod people;
mod presence;
mod proof;
mod provider;
mod ratings;
mod resume;
mod setups;
mod shop;
mod stalled;
mod starting;
#[path = "../support/mod.rs"]
mod support;
mod suspended;
mod timers;
mod typing;
