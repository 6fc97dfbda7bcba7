//! What the inbox costs when there is much of it. Three verbs, on a database file or a PostgreSQL database:
//!
//! ```sh
//! cargo run --release -p switchboard-store --example million -- fill  DATABASE_URL [CONVERSATIONS]
//! cargo run --release -p switchboard-store --example million -- ask   DATABASE_URL [CALLS]
//! cargo run --release -p switchboard-store --example million -- drift DATABASE_URL [EVENTS]
//! ```
//!
//! `fill` adds conversations of ten messages on average, most of them long closed, to what is there: to a database of its
//! own, or to a demo's, whose hub must be down meanwhile. `ask` says how long folders, filters, counts and searches take
//! against reading one row by its id. `drift` does random things to few conversations and compares what is kept as
//! numbers with what is there.

#![expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]

mod ask;
mod database;
mod drift;
mod fill;
mod random;

use std::error::Error;
use std::sync::atomic::{AtomicU64, Ordering};

use switchboard_protocol::Ulid;
use switchboard_store::{DatabaseUrl, Options, Store};

pub type Failure = Box<dyn Error + Send + Sync>;

static IDS: AtomicU64 = AtomicU64::new(1);

/// An id of this moment, in milliseconds; those of one run are all different.
pub fn id_of(at: i64) -> Ulid {
    Ulid(
        (at as u128) << 80
            | u128::from(IDS.fetch_add(1, Ordering::Relaxed)) << 8
            | u128::from(std::process::id() & 0xff),
    )
}

pub fn now() -> i64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_millis() as i64)
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (verb, address) = match arguments.as_slice() {
        [verb, address, ..] => (verb.as_str(), address.as_str()),
        _ => return Err("million fill|ask|drift DATABASE_URL [HOW_MANY]".into()),
    };
    let many: Option<usize> = arguments.get(2).map(|many| many.parse()).transpose()?;
    let url: DatabaseUrl = address.parse()?;
    let store = Store::open(&url, Options { new_epoch: id_of(now()).to_string() }).await?;
    match verb {
        "fill" => {
            // Its tables are there now; the index of the searches is brought up to date by the next who opens it.
            store.close().await;
            fill::fill(address, many.unwrap_or(1_000_000)).await?;
            fill::index(&url).await
        }
        "ask" => ask::ask(&store, address, many.unwrap_or(200)).await,
        "drift" => drift::drift(&store, address, many.unwrap_or(1_000_000)).await,
        _ => Err("fill, ask or drift".into()),
    }
}
