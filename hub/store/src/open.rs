//! Opening the store: which engine, its connections, its tables, its epoch.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use sqlx::migrate::Migrator;
use sqlx::postgres::PgConnectOptions;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;

use crate::append::{Append, AppendedAt};
use crate::connect::{CLOSE_LIMIT, Connector};
use crate::db::{Db, Own, Reading, sql};
use crate::error::{AppendError, ChangeError, InvalidDatabaseUrl, OpenError, ReadError, Unavailable, WriteError};
use crate::event::Batch;
use crate::writer::{Tx, Writer, WriterHandle, Written};
use crate::{BoxFuture, dialect, search, settings};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// `sqlite:PATH` or `postgres://…`. Shown without its password.
#[derive(Clone)]
pub struct DatabaseUrl(Address);

#[derive(Clone)]
enum Address {
    Sqlite(PathBuf),
    Postgres(Box<PgConnectOptions>),
}

impl DatabaseUrl {
    /// A database file. It is made if it does not exist; its folder must.
    pub fn sqlite(path: impl AsRef<Path>) -> Self {
        Self(Address::Sqlite(path.as_ref().to_owned()))
    }

    fn connector(&self) -> Connector {
        match &self.0 {
            Address::Sqlite(path) => Connector::sqlite(path),
            Address::Postgres(options) => Connector::postgres(options),
        }
    }

    pub fn engine(&self) -> Engine {
        match self.0 {
            Address::Sqlite(_) => Engine::Sqlite,
            Address::Postgres(_) => Engine::Postgres,
        }
    }
}

impl FromStr for DatabaseUrl {
    type Err = InvalidDatabaseUrl;

    fn from_str(text: &str) -> Result<Self, InvalidDatabaseUrl> {
        if let Some(path) = text.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            if path.is_empty() || path == ":memory:" {
                return Err(InvalidDatabaseUrl);
            }
            return Ok(Self::sqlite(path));
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            let options = PgConnectOptions::from_str(text).map_err(|_| InvalidDatabaseUrl)?;
            return Ok(Self(Address::Postgres(Box::new(options))));
        }
        Err(InvalidDatabaseUrl)
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Address::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Address::Postgres(options) => write!(
                f,
                "postgres://{}@{}:{}/{}",
                options.get_username(),
                options.get_host(),
                options.get_port(),
                options.get_database().unwrap_or_default()
            ),
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}

#[derive(Debug, Clone)]
pub struct Options {
    /// What a new database takes as its epoch: random text from the edge. One that has an epoch keeps it.
    pub new_epoch: String,
}

/// A cheap handle. The writer ends, after what is queued, when the last one is dropped or [`Store::close`] is called.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    engine: Engine,
    epoch: String,
    db: Db,
    writer: WriterHandle,
    task: AbortHandle,
}

impl Store {
    /// Opens, brings the tables up to date (one process at a time), reads or makes the epoch, starts the writer.
    pub async fn open(url: &DatabaseUrl, options: Options) -> Result<Self, OpenError> {
        let connector = url.connector();
        migrate(connector.connect_to_migrate().await.map_err(|source| connecting(url, source))?).await?;
        let mut connection = connector.connect().await.map_err(|source| connecting(url, source))?;
        begin(&mut connection, &options.new_epoch).await?;
        let store = Self::start(connector, connection, url.engine()).await?;
        search::follow(&store);
        Ok(store)
    }

    /// Opens what a start of this version has left, for somebody who comes by: no file, table or epoch is made, and the
    /// search index is left to the hubs.
    pub async fn open_as_it_is(url: &DatabaseUrl) -> Result<Self, OpenError> {
        if let Address::Sqlite(path) = &url.0
            && !path.exists()
        {
            return Err(OpenError::Empty);
        }
        let connector = url.connector();
        let mut connection = connector.connect().await.map_err(|source| connecting(url, source))?;
        is_of_this_version(&mut connection).await?;
        Self::start(connector, connection, url.engine()).await
    }

    async fn start(connector: Connector, mut connection: Own, engine: Engine) -> Result<Self, OpenError> {
        let epoch = epoch(&mut connection).await?;
        let db = connector.readers();
        let (writer, handle) = Writer::new(connector, connection);
        let task = tokio::spawn(writer.run()).abort_handle();
        Ok(Self(Arc::new(Inner { engine, epoch, db, writer: handle, task })))
    }

    pub fn epoch(&self) -> &str {
        &self.0.epoch
    }

    pub fn engine(&self) -> Engine {
        self.0.engine
    }

    /// The batches that this process commits from now on, in order of position, each after its COMMIT. Bounded: the
    /// writer waits for whoever takes them.
    ///
    /// # Panics
    /// When it is taken a second time.
    pub fn committed(&self) -> mpsc::Receiver<Batch> {
        self.0.writer.committed().expect("the committed batches can be taken once: they are the feed's")
    }

    /// Runs one operation in the writer's transaction, under its own savepoint: what it wrote and emitted is committed
    /// if it returns `Ok`, and gone if not. An operation that the database has refused a statement must return that
    /// error. Once queued it runs, even if the caller goes away.
    pub async fn write<T, E>(
        &self,
        op: impl for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
    ) -> Result<Written<T>, WriteError<E>>
    where
        T: Send + 'static,
        E: Send + 'static,
    {
        self.0.writer.write(op).await
    }

    /// Appends a message to an existing conversation. A repeat of (sender, client's id) gets what came of the first.
    pub async fn append(&self, append: Append) -> Result<AppendedAt, AppendError> {
        self.0.writer.append(append).await
    }

    /// Whether the database answers those who read.
    pub async fn ping(&self) -> Result<(), Unavailable> {
        let mut reading = self.reading().await?;
        reading.link().one::<(i64,)>(sql("reach the database", "SELECT position FROM feed_head")).await?;
        Ok(())
    }

    /// Whether the writer takes work and the database keeps a row: an empty transaction also succeeds on a disk that is full
    /// and on a server that may only be read. Waits behind what is queued.
    pub async fn ping_writer(&self) -> Result<(), Unavailable> {
        // Of a value that is the same nothing would be written.
        let value = self.commits().to_string();
        match self.write(|tx| Box::pin(async move { settings::set(tx, PINGED, &value).await })).await {
            Ok(_) => Ok(()),
            Err(WriteError::Unavailable(unavailable)) => Err(unavailable),
            Err(WriteError::Overloaded) => Err(Unavailable::without_cause("reach the writer: its queue is full")),
            Err(WriteError::Refused(ChangeError::Read(ReadError::Unavailable(unavailable)))) => Err(unavailable),
            Err(WriteError::Refused(_)) => Err(Unavailable::without_cause("write a row: it was refused")),
        }
    }

    /// Transactions that this process has committed.
    pub fn commits(&self) -> u64 {
        self.0.writer.commits()
    }

    /// Finishes what is queued, takes nothing more, and closes the connections. What a database that does not answer
    /// leaves unfinished is given up in time, and its callers are told.
    pub async fn close(&self) {
        if tokio::time::timeout(CLOSE_LIMIT, self.0.writer.close()).await.is_err() {
            tracing::error!("the database does not answer: what was still to be written is given up");
            self.0.task.abort();
        }
        if tokio::time::timeout(CLOSE_LIMIT, self.0.db.close()).await.is_err() {
            tracing::warn!("some connections to the database did not close in time");
        }
    }

    /// Returns when nothing can be written any more: the store was closed, or its writer has ended by a fault.
    pub async fn ended(&self) {
        self.0.writer.ended().await;
    }

    pub(crate) async fn reading(&self) -> Result<Reading, Unavailable> {
        self.0.db.reading().await
    }

    pub(crate) fn writer(&self) -> &WriterHandle {
        &self.0.writer
    }
}

fn connecting(url: &DatabaseUrl, source: sqlx::Error) -> OpenError {
    OpenError::Connect { url: url.to_string(), source: Box::new(source) }
}

static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");

/// The setting that is written to see whether it can be.
const PINGED: &str = "pinged";

/// Where sqlx keeps which migrations have run.
const MIGRATED: &str = "_sqlx_migrations";

async fn migrate(mut connection: Own) -> Result<(), OpenError> {
    let done = match &mut connection {
        Own::Sqlite(connection) => SQLITE.run_direct(None, connection, false).await,
        Own::Postgres(connection) => POSTGRES.run_direct(None, connection, false).await,
    };
    done.map_err(|source| OpenError::Migrate(Box::new(source)))
}

async fn is_of_this_version(connection: &mut Own) -> Result<(), OpenError> {
    let ours = match connection {
        Own::Sqlite(_) => &SQLITE,
        Own::Postgres(_) => &POSTGRES,
    };
    let ours = ours.iter().map(|migration| migration.version).max();
    let mut link = connection.link();
    if !dialect::has_table(&mut link, MIGRATED).await.map_err(ReadError::from)? {
        return Err(OpenError::Empty);
    }
    let newest = sql("read which tables there are", format!("SELECT MAX(version) FROM {MIGRATED}"));
    let row: Option<(Option<i64>,)> = link.one(newest).await.map_err(ReadError::from)?;
    match row.and_then(|(version,)| version) {
        None => Err(OpenError::Empty),
        theirs if theirs < ours => Err(OpenError::Older),
        theirs if theirs > ours => Err(OpenError::Newer),
        _ => Ok(()),
    }
}

/// The first process to come gives the epoch.
async fn begin(connection: &mut Own, epoch: &str) -> Result<(), ReadError> {
    let begin = sql(
        "begin the feed",
        "INSERT INTO feed_head (one, epoch, position, last_conversation_number) VALUES (1, $1, 0, 0) \
         ON CONFLICT DO NOTHING",
    );
    connection.link().run(begin.bind(epoch)).await?;
    Ok(())
}

async fn epoch(connection: &mut Own) -> Result<String, ReadError> {
    let row: Option<(String,)> = connection.link().one(sql("read the epoch", "SELECT epoch FROM feed_head")).await?;
    row.map(|(epoch,)| epoch).ok_or_else(|| ReadError::unreadable("the feed's head"))
}

/// A handle that does not keep the store open.
pub(crate) struct Weak(std::sync::Weak<Inner>);

impl Weak {
    pub fn upgrade(&self) -> Option<Store> {
        self.0.upgrade().map(Store)
    }
}

impl Store {
    pub(crate) fn downgrade(&self) -> Weak {
        Weak(Arc::downgrade(&self.0))
    }
}
