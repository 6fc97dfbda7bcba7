//! Connections: all of them set the same way, and how long each thing may take on one.
//!
//! A database that does not answer must never hold anybody for good: not a reader, not the writer, and not, by a lock that
//! nobody gives back, the other hubs. So each wait has a limit, on both sides: PostgreSQL ends what a hub that was cut off
//! has left, and a hub gives up on a PostgreSQL that stands still. What an operator has put into the address's own
//! `options` wins over the limits of PostgreSQL's side.

use std::path::Path;
use std::time::Duration;

use sqlx::ConnectOptions;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

use crate::db::{Db, Own};

/// Connections that read, on SQLite: each is a thread and a page cache.
const SQLITE_READERS: u32 = 4;
/// Connections that read, on PostgreSQL.
const POSTGRES_READERS: u32 = 8;
/// How long a connection waits for a lock that another process holds on a SQLite file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Page cache of a SQLite connection that reads, KiB.
const SQLITE_READER_CACHE_KIB: i64 = 2_000;
/// Page cache of the one that writes, KiB: what one group touches must fit, or pages are written twice.
const SQLITE_WRITER_CACHE_KIB: i64 = 8_000;
/// A write-ahead log of this length, pages of 4 KiB, is brought into the database file by the writer itself: what the
/// checkpoints beside it have left.
pub(crate) const LONG_LOG_PAGES: i64 = 16_000;
/// Prepared statements kept by one connection.
const STATEMENTS: usize = 200;

/// How long making a connection may take.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);
/// How long a read waits for a connection.
const ACQUIRE_LIMIT: Duration = Duration::from_secs(5);
/// How long a connection may take to show that it is sound, before others get it or the writer uses it again.
pub(crate) const SOUND_LIMIT: Duration = Duration::from_secs(3);
/// How long one statement may take until its answer is here. Longer than [`STATEMENT_LIMIT_MS`]: the database's own word
/// says more.
pub(crate) const ANSWER_LIMIT: Duration = Duration::from_secs(12);
/// How long the writer's transaction may take, from BEGIN to the answer to COMMIT.
pub(crate) const TRANSACTION_LIMIT: Duration = Duration::from_secs(20);
/// How long closing waits for what is queued, and then for the connections. A supervisor's patience is 30 s, and the
/// sockets have had some of it.
pub(crate) const CLOSE_LIMIT: Duration = Duration::from_secs(8);

/// How long PostgreSQL works on one statement, milliseconds.
const STATEMENT_LIMIT_MS: u32 = 10_000;
/// How long a statement waits for a lock there, above all for the other hubs' transactions, milliseconds.
const LOCK_LIMIT_MS: u32 = 8_000;
/// How long PostgreSQL lets a transaction stand in which nothing happens, milliseconds: a hub that was cut off in the
/// middle of one holds the feed's lock. Shorter than [`LOCK_LIMIT_MS`], so that the others lose nothing by it.
const IDLE_IN_TRANSACTION_LIMIT_MS: u32 = 5_000;
/// After this much silence PostgreSQL asks whether the hub is still there, seconds.
const KEEPALIVE_IDLE_S: u32 = 10;
/// How long it waits for an answer to that, seconds.
const KEEPALIVE_INTERVAL_S: u32 = 5;
/// How often it asks.
const KEEPALIVE_COUNT: u32 = 3;
/// How long what PostgreSQL sends may stay without a receipt, milliseconds.
const RECEIPT_LIMIT_MS: u32 = 25_000;

#[derive(Clone)]
pub(crate) enum Connector {
    Sqlite(Box<SqliteConnectOptions>),
    Postgres(Box<PgConnectOptions>),
}

impl Connector {
    pub fn sqlite(path: &Path) -> Self {
        Self::Sqlite(Box::new(
            SqliteConnectOptions::new()
                .filename(path)
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .foreign_keys(true)
                .busy_timeout(BUSY_TIMEOUT)
                // SQLite takes KiB as a negative number.
                .pragma("cache_size", (-SQLITE_WRITER_CACHE_KIB).to_string())
                // What a savepoint would have to put back is kept in memory, not in a file.
                .pragma("temp_store", "memory")
                .pragma("wal_autocheckpoint", LONG_LOG_PAGES.to_string())
                .statement_cache_capacity(STATEMENTS)
                .disable_statement_logging(),
        ))
    }

    pub fn postgres(options: &PgConnectOptions) -> Self {
        let options = options.clone().statement_cache_capacity(STATEMENTS).disable_statement_logging();
        Self::Postgres(Box::new(options))
    }

    pub async fn connect(&self) -> Result<Own, sqlx::Error> {
        within(match self {
            Self::Sqlite(options) => Self::Sqlite(options.clone()),
            Self::Postgres(options) => Self::Postgres(Box::new(limited(options))),
        })
        .await
    }

    /// For what may take its time: PostgreSQL ends neither a long statement nor the wait for another process's migration.
    pub async fn connect_to_migrate(&self) -> Result<Own, sqlx::Error> {
        if let Self::Sqlite(options) = self {
            begin_private(options.get_filename()).map_err(sqlx::Error::Io)?;
        }
        within(self.clone()).await
    }

    /// Opened as they are needed: a database that is away at times does not stop the hub from starting again.
    pub fn readers(&self) -> Db {
        match self {
            Self::Sqlite(options) => Db::Sqlite(
                SqlitePoolOptions::new()
                    .max_connections(SQLITE_READERS)
                    .acquire_timeout(ACQUIRE_LIMIT)
                    .connect_lazy_with(
                        options
                            .as_ref()
                            .clone()
                            .read_only(true)
                            .create_if_missing(false)
                            .pragma("cache_size", (-SQLITE_READER_CACHE_KIB).to_string()),
                    ),
            ),
            Self::Postgres(options) => Db::Postgres(
                PgPoolOptions::new()
                    .max_connections(POSTGRES_READERS)
                    .acquire_timeout(ACQUIRE_LIMIT)
                    .connect_lazy_with(limited(options)),
            ),
        }
    }
}

/// A new database file is its owner's alone: it holds what customers wrote. SQLite gives its other files the same rights.
fn begin_private(path: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

async fn within(connector: Connector) -> Result<Own, sqlx::Error> {
    let connecting = async {
        Ok(match connector {
            Connector::Sqlite(options) => Own::Sqlite(options.connect().await?),
            Connector::Postgres(options) => Own::Postgres(options.connect().await?),
        })
    };
    tokio::time::timeout(CONNECT_LIMIT, connecting).await.unwrap_or_else(|_| Err(no_answer()))
}

/// What a limit of ours that has passed is for whoever asked.
pub(crate) fn no_answer() -> sqlx::Error {
    sqlx::Error::Io(std::io::Error::new(std::io::ErrorKind::TimedOut, "the database does not answer"))
}

fn limited(options: &PgConnectOptions) -> PgConnectOptions {
    let named = options.get_options().unwrap_or_default().to_owned();
    let limits = [
        ("statement_timeout", STATEMENT_LIMIT_MS),
        ("lock_timeout", LOCK_LIMIT_MS),
        ("idle_in_transaction_session_timeout", IDLE_IN_TRANSACTION_LIMIT_MS),
        ("tcp_keepalives_idle", KEEPALIVE_IDLE_S),
        ("tcp_keepalives_interval", KEEPALIVE_INTERVAL_S),
        ("tcp_keepalives_count", KEEPALIVE_COUNT),
        ("tcp_user_timeout", RECEIPT_LIMIT_MS),
    ];
    options.clone().options(limits.into_iter().filter(|(name, _)| !named.contains(name)))
}
