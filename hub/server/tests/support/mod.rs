//! The world of the hub's tests: real hubs with real doors, and people who use them.
//!
//! [`World`] is one hub on SQLite, or two on PostgreSQL and Redis; [`Person`] signs in and calls the API, [`Visitor`]
//! writes; both open a [`Socket`]. Nothing here looks into a hub except to read what is committed. Waiting is for a
//! condition and bounded ([`PATIENCE`]); nothing sleeps and hopes.

#![allow(dead_code, unused_imports, reason = "each test binary uses its part")]

pub mod people;
pub mod socket;
pub mod world;

use std::time::Duration;

pub use people::{Person, Visitor};
pub use socket::{Heard, Refused, Socket};
use tokio::time::Instant;
pub use world::{Setting, World};

/// How long anything may take that should happen at once; generous, since the machine may be busy.
pub const PATIENCE: Duration = Duration::from_secs(15);

/// Looks again and again until `ready` gives something.
pub async fn eventually<T, F: Future<Output = Option<T>>>(what: &str, mut ready: impl FnMut() -> F) -> T {
    let since = Instant::now();
    loop {
        if let Some(found) = ready().await {
            return found;
        }
        assert!(since.elapsed() < PATIENCE, "it did not come to be: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
