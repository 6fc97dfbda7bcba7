//! Opening the store: which engine, its connections, its tables, its epoch.

use tokio::sync::mpsc;

use crate::append::{Append, AppendedAt};
use crate::error::{AppendError, InvalidDatabaseUrl, OpenError, Unavailable, WriteError};
use crate::event::Batch;
use crate::writer::{Tx, Written};
use crate::BoxFuture;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// `sqlite:PATH` or `postgres://…`. Shown without its password.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(String);

impl std::str::FromStr for DatabaseUrl {
    type Err = InvalidDatabaseUrl;
    fn from_str(text: &str) -> Result<Self, InvalidDatabaseUrl> {
        Ok(Self(text.into()))
    }
}

impl DatabaseUrl {
    /// A database file. It is made if it does not exist; its folder must.
    pub fn sqlite(path: impl AsRef<std::path::Path>) -> Self {
        Self(format!("sqlite:{}", path.as_ref().display()))
    }
}

impl std::fmt::Display for DatabaseUrl {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        todo!()
    }
}

impl std::fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}

#[derive(Debug, Clone)]
pub struct Options {
    /// What a new database takes as its epoch: random text from the edge. One that has an epoch keeps it.
    pub new_epoch: String,
}

/// A cheap handle.
#[derive(Clone)]
pub struct Store;

impl Store {
    pub async fn open(_url: &DatabaseUrl, _options: Options) -> Result<Self, OpenError> {
        todo!()
    }
    pub fn epoch(&self) -> &str {
        todo!()
    }
    pub fn engine(&self) -> Engine {
        todo!()
    }
    /// The batches that this process commits from now on. Can be taken once.
    pub fn committed(&self) -> mpsc::Receiver<Batch> {
        todo!()
    }
    pub async fn write<T, E>(
        &self,
        _op: impl for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
    ) -> Result<Written<T>, WriteError<E>>
    where
        T: Send + 'static,
        E: Send + 'static,
    {
        todo!()
    }
    pub async fn append(&self, _append: Append) -> Result<AppendedAt, AppendError> {
        todo!()
    }
    pub async fn ping(&self) -> Result<(), Unavailable> {
        todo!()
    }
    pub async fn close(&self) {
        todo!()
    }
}
