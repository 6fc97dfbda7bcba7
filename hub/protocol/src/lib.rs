//! What goes over the wire: socket frames, REST bodies, errors.
//!
//! Every other room speaks these types; the pages get them as TypeScript (`generated.ts`), the documents at
//! `/api/openapi.json` and `/api/asyncapi.json` are made from them. Only shapes live here: no decision, no I/O, no
//! clock. Times are unix milliseconds, sizes are bytes, ids are 26-character ULIDs in text.
//!
//! The frames come in four kinds, each a type of its own:
//!
//! * a **command** is what a client wants, with the client's own id for it;
//! * a **reply** answers one command of this socket;
//! * an **event** happened: it is committed, has a position and is never lost;
//! * a **signal** is true now and soon not: it has no position, an expiry, and may be lost.
//!
//! To add an event: a variant in [`agent::AgentEvent`] (and, if the visitor may know, in [`visitor::VisitorEvent`]), then
//! `./dev generate` for the TypeScript, then the command in the server that emits it.

pub mod agent;
pub mod bots;
pub mod bulk;
pub mod channels;
pub mod customers;
pub mod error;
pub mod forms;
pub mod hours;
pub mod ids;
pub mod limits;
pub mod model;
pub mod notifications;
pub mod rest;
pub mod tags;
pub mod templates;
pub mod views;
pub mod visitor;

pub use ids::*;

/// Unix time in milliseconds. Comes in as a parameter from the edge, never from a clock below it.
pub type UnixMs = i64;

/// Place of an event in the feed: starts at 1, grows by one with every committed event of the deployment.
pub type Position = i64;

/// Number of a message within its conversation (starts at 1), or of a conversation within the deployment.
pub type Number = i64;

/// The WebSocket subprotocol that both socket endpoints speak.
pub const SUBPROTOCOL: &str = "switchboard.v1";
