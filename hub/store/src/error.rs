//! What can go wrong here. Each variant says what was attempted; the driver's own words are the `source`. No error says
//! what a row holds, in no form: errors are logged, and rows are what customers wrote.

use std::fmt;
use std::sync::Arc;

use sqlx::error::ErrorKind;
use switchboard_domain::thread;

use crate::db::Failed;

/// The database could not be reached, or what it did is not known. Trying again is harmless.
#[derive(Clone, thiserror::Error)]
#[error("the store is not available: could not {doing}")]
pub struct Unavailable {
    pub doing: &'static str,
    #[source]
    source: Option<Arc<sqlx::Error>>,
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
        Self { doing, source: Some(Arc::new(source)) }
    }

    pub(crate) fn without_cause(doing: &'static str) -> Self {
        Self { doing, source: None }
    }
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
