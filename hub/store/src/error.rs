//! What can go wrong here. Each variant says what was attempted; the driver's own words are the `source`. No error says
//! what a row holds, in no form: errors are logged, and rows are what customers wrote.

use std::fmt;
use std::sync::Arc;

use sqlx::error::{DatabaseError, ErrorKind};
use sqlx::postgres::PgDatabaseError;
use switchboard_domain::thread;

use crate::db::Failed;

/// The database could not be reached, or what it did is not known. Trying again is harmless.
#[derive(Clone, thiserror::Error)]
#[error("the store is not available: could not {doing}")]
pub struct Unavailable {
    pub doing: &'static str,
    #[source]
    source: Option<Arc<sqlx::Error>>,
    /// It was not the database: our own code failed on what it was to keep.
    panicked: bool,
}

/// The driver's own form for programmers has the row that failed.
impl fmt::Debug for Unavailable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let source = self.source.as_ref().map(ToString::to_string);
        f.debug_struct("Unavailable").field("doing", &self.doing).field("source", &source).finish()
    }
}

impl Unavailable {
    pub(crate) fn new(doing: &'static str, source: sqlx::Error) -> Self {
        Self { doing, source: Some(Arc::new(source)), panicked: false }
    }

    pub(crate) fn without_cause(doing: &'static str) -> Self {
        Self { doing, source: None, panicked: false }
    }

    pub(crate) fn panicked(doing: &'static str) -> Self {
        Self { doing, source: None, panicked: true }
    }

    /// Whether what was to be kept is to blame: other values may be kept by the same store, now, and these never. Everything
    /// else passes, such as a disk that is full or a time limit, and is tried again as it is.
    pub fn is_of_the_values(&self) -> bool {
        match self.source.as_deref() {
            None => self.panicked,
            Some(sqlx::Error::Encode(_) | sqlx::Error::Decode(_) | sqlx::Error::ColumnDecode { .. }) => true,
            Some(error) => error.as_database_error().is_some_and(refuses_values),
        }
    }
}

/// PostgreSQL by the class of its SQLSTATE (appendix A): data exceptions, constraints, program limits, what a trigger raises.
/// SQLite by its primary result code: TOOBIG, CONSTRAINT (which a trigger raises too), MISMATCH.
fn refuses_values(error: &dyn DatabaseError) -> bool {
    let Some(code) = error.code() else { return false };
    if error.try_downcast_ref::<PgDatabaseError>().is_some() {
        return ["22", "23", "54"].iter().any(|class| code.starts_with(class)) || code == "P0001";
    }
    code.parse::<u32>().is_ok_and(|code| matches!(code & 0xff, 18..=20))
}

/// Something could not be read.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ReadError {
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    /// A row that this version cannot have written.
    #[error("{what} in the store is not readable (row {})", row.as_deref().unwrap_or("unknown"))]
    Unreadable { what: &'static str, row: Option<String> },
    /// The cursor is none of ours, or of another sort order.
    #[error("not a cursor of this list")]
    BadCursor,
}

impl ReadError {
    pub(crate) fn unreadable(what: &'static str) -> Self {
        Self::Unreadable { what, row: None }
    }

    /// The key of the row that it is about.
    pub(crate) fn in_row(self, key: impl ToString) -> Self {
        match self {
            Self::Unreadable { what, row: None } => Self::Unreadable { what, row: Some(key.to_string()) },
            other => other,
        }
    }
}

/// Something could not be changed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ChangeError {
    /// Somebody else has the name, address or key already.
    #[error("could not {doing}: it is taken")]
    Taken { doing: &'static str },
    /// It refers to something that does not exist (any more).
    #[error("could not {doing}: what it refers to does not exist")]
    Missing { doing: &'static str },
    #[error(transparent)]
    Read(#[from] ReadError),
}

impl From<Unavailable> for ChangeError {
    fn from(error: Unavailable) -> Self {
        Self::Read(error.into())
    }
}

/// Why an operation handed to [`crate::Store::write`] left nothing behind.
#[derive(Debug, thiserror::Error)]
pub enum WriteError<E> {
    /// The operation itself said no; what it wrote is rolled back.
    #[error("refused: {0}")]
    Refused(E),
    /// The writer's queue is full.
    #[error("the writer's queue is full")]
    Overloaded,
    /// Not known to be committed. The same operation can be tried again if its identity is an edge key.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// Why a message was not appended.
#[derive(Debug, Clone, thiserror::Error)]
pub enum AppendError {
    /// No such conversation, or not the sender's to see.
    #[error("no such conversation")]
    NotFound,
    #[error(transparent)]
    Refused(#[from] thread::Refusal),
    /// What the sender may see has changed since it was read.
    #[error("the sender's rights have changed")]
    AccessChanged,
    /// The sender's key stands for a message that was another: in another place, with another text or other files.
    #[error("the key was used for another message")]
    KeyReused,
    /// No such file, or another's, or already with another message.
    #[error("no such attachment")]
    UnknownAttachment,
    /// The message itself cannot be kept (an id that is in use).
    #[error("the message cannot be kept")]
    Unacceptable(#[source] ChangeError),
    #[error("the writer's queue is full")]
    Overloaded,
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl From<ChangeError> for AppendError {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::Read(ReadError::Unavailable(error)) => Self::Unavailable(error),
            other => Self::Unacceptable(other),
        }
    }
}

impl From<ReadError> for AppendError {
    fn from(error: ReadError) -> Self {
        ChangeError::from(error).into()
    }
}

/// Why the store could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("could not open the database {url}")]
    Connect {
        url: String,
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Nothing was made in it.
    #[error("there are no tables of Switchboard in it")]
    Empty,
    #[error("its tables are of an older version of Switchboard; the next start brings them up to date")]
    Older,
    #[error("its tables are of a newer version of Switchboard than this program")]
    Newer,
    #[error("could not bring the tables up to date")]
    Migrate(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error(transparent)]
    Read(#[from] ReadError),
}

/// The text is no database address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidDatabaseUrl;

impl fmt::Display for InvalidDatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a database address is `sqlite:PATH` or `postgres://USER@HOST/NAME`")
    }
}

impl std::error::Error for InvalidDatabaseUrl {}

impl From<Failed> for ReadError {
    fn from(failed: Failed) -> Self {
        Unavailable::new(failed.doing, failed.source).into()
    }
}

/// Only `kind()` tells errors apart on both engines: SQLite names no constraint.
impl From<Failed> for ChangeError {
    fn from(failed: Failed) -> Self {
        let doing = failed.doing;
        match failed.source.as_database_error().map(|error| error.kind()) {
            Some(ErrorKind::UniqueViolation) => Self::Taken { doing },
            Some(ErrorKind::ForeignKeyViolation) => Self::Missing { doing },
            _ => Self::Read(failed.into()),
        }
    }
}

impl From<Failed> for AppendError {
    fn from(failed: Failed) -> Self {
        ChangeError::from(failed).into()
    }
}

impl From<Failed> for Unavailable {
    fn from(failed: Failed) -> Self {
        Self::new(failed.doing, failed.source)
    }
}

#[cfg(test)]
mod tests {
    use sqlx::Connection;

    use super::*;

    async fn fails(doing: &'static str, prepare: &'static str, statement: &'static str) -> Unavailable {
        let mut memory = sqlx::SqliteConnection::connect("sqlite::memory:").await.expect("it opens");
        sqlx::raw_sql(prepare).execute(&mut memory).await.expect("prepared");
        let failed = sqlx::raw_sql(statement).execute(&mut memory).await.expect_err("it fails");
        Unavailable::new(doing, failed)
    }

    #[tokio::test]
    async fn values_are_to_blame_for_what_other_values_would_not_do() {
        let refused = [
            fails("", "CREATE TABLE t (a TEXT NOT NULL)", "INSERT INTO t VALUES (NULL)").await,
            fails("", "SELECT 1", "SELECT zeroblob(2000000000)").await,
            Unavailable::panicked("finish an operation"),
        ];
        assert!(refused.iter().all(Unavailable::is_of_the_values), "{refused:?}");
        let full = "PRAGMA max_page_count = 3; CREATE TABLE t (a BLOB)";
        let passing = [
            fails("", full, "INSERT INTO t VALUES (zeroblob(100000))").await,
            Unavailable::new("", sqlx::Error::PoolTimedOut),
            Unavailable::without_cause("reach the writer"),
        ];
        assert!(!passing.iter().any(Unavailable::is_of_the_values), "{passing:?}");
    }
}
