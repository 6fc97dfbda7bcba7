//! The one place that knows that there are two drivers. A statement is a text and its values; [`Link`] runs it on
//! whichever engine is behind it. What a statement means never depends on which one that is: see [`crate::dialect`].

use std::borrow::Cow;
use std::ops::DerefMut;

use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnection, PgPool, PgRow, Postgres};
use sqlx::sqlite::{Sqlite, SqliteConnection, SqlitePool, SqliteRow};
use sqlx::{AssertSqlSafe, FromRow};

use crate::BoxFuture;
use crate::connect::{ANSWER_LIMIT, SOUND_LIMIT, no_answer};
use crate::error::Unavailable;
use crate::open::Engine;
use crate::row::without_nul;

/// Expands one body for both engines.
macro_rules! on_db {
    ($db:ident: $value:expr, $link:ident => $body:expr) => {
        match $value {
            $db::Sqlite($link) => $body,
            $db::Postgres($link) => $body,
        }
    };
}

/// The pools that reads come from.
pub(crate) enum Db {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

impl Db {
    pub async fn reading(&self) -> Result<Reading, Unavailable> {
        let doing = "get a connection to read";
        Ok(match self {
            Self::Sqlite(pool) => Reading::Sqlite(pool.acquire().await.map_err(|e| Unavailable::new(doing, e))?),
            Self::Postgres(pool) => Reading::Postgres(pool.acquire().await.map_err(|e| Unavailable::new(doing, e))?),
        })
    }

    pub async fn close(&self) {
        on_db!(Db: self, pool => pool.close().await);
    }
}

/// A connection for one read, given back when dropped: once it has shown that it is sound, and else closed.
pub(crate) enum Reading {
    Sqlite(PoolConnection<Sqlite>),
    Postgres(PoolConnection<Postgres>),
}

impl Reading {
    pub fn link(&mut self) -> Link<'_> {
        match self {
            Self::Sqlite(connection) => Link::to(To::Sqlite(connection.deref_mut())),
            Self::Postgres(connection) => Link::to(To::Postgres(connection.deref_mut())),
        }
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        // As the pool does it by itself, but not for as long as a server that stands still likes.
        let back: BoxFuture<'static, ()> = on_db!(Reading: self, connection => Box::pin(connection.return_to_pool()));
        // Without a runtime the process is ending, and its connections with it.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(tokio::time::timeout(SOUND_LIMIT, back));
        }
    }
}

/// A connection of the writer's own.
pub(crate) enum Own {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Own {
    pub fn link(&mut self) -> Link<'_> {
        match self {
            Self::Sqlite(connection) => Link::to(To::Sqlite(connection)),
            Self::Postgres(connection) => Link::to(To::Postgres(connection)),
        }
    }

    pub async fn close(self) -> Result<(), sqlx::Error> {
        on_db!(Own: self, connection => sqlx::Connection::close(connection).await)
    }
}

/// A connection that statements run on.
pub(crate) struct Link<'a> {
    to: To<'a>,
    /// Where it is noted what the last statement that failed was for.
    failed: Option<&'a mut Option<&'static str>>,
}

enum To<'a> {
    Sqlite(&'a mut SqliteConnection),
    Postgres(&'a mut PgConnection),
}

/// A row type that both engines' rows give.
pub(crate) trait Row: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin {}
impl<T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin> Row for T {}

/// A statement, what it is for, and its values. The text is ours: values come in by parameter alone.
pub(crate) struct Sql {
    doing: &'static str,
    text: Cow<'static, str>,
    values: Vec<Value>,
}

pub(crate) fn sql(doing: &'static str, text: impl Into<Cow<'static, str>>) -> Sql {
    Sql { doing, text: text.into(), values: Vec::new() }
}

impl Sql {
    pub fn bind(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self
    }

    /// How SQLite would go about it.
    #[cfg(test)]
    pub fn explained(self) -> Self {
        Self { text: format!("EXPLAIN QUERY PLAN {}", self.text).into(), ..self }
    }

    pub fn bind_all(mut self, values: Vec<Value>) -> Self {
        self.values.extend(values);
        self
    }
}

/// What may be bound: the portable column types.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Text(Option<String>),
    Int(Option<i64>),
    Bool(bool),
}

macro_rules! bound {
    ($query:expr, $values:expr) => {{
        let mut query = $query;
        for value in $values {
            query = match value {
                Value::Text(text) => query.bind(text),
                Value::Int(number) => query.bind(number),
                Value::Bool(truth) => query.bind(truth),
            };
        }
        query
    }};
}

impl<'a> Link<'a> {
    fn to(to: To<'a>) -> Self {
        Self { to, failed: None }
    }

    /// Notes there what a statement was for that fails, whether or not its caller goes on.
    pub fn noting(self, failed: &'a mut Option<&'static str>) -> Self {
        Self { failed: Some(failed), ..self }
    }

    fn noted<T>(&mut self, answer: Result<T, Failed>) -> Result<T, Failed> {
        if let (Err(error), Some(failed)) = (&answer, &mut self.failed) {
            **failed = Some(error.doing);
        }
        answer
    }

    pub fn engine(&self) -> Engine {
        match self.to {
            To::Sqlite(_) => Engine::Sqlite,
            To::Postgres(_) => Engine::Postgres,
        }
    }

    pub async fn all<R: Row>(&mut self, sql: Sql) -> Result<Vec<R>, Failed> {
        let doing = sql.doing;
        let answer = on_db!(To: &mut self.to, link => {
            answered(doing, bound!(sqlx::query_as(AssertSqlSafe(sql.text)), sql.values).fetch_all(&mut **link)).await
        });
        self.noted(answer)
    }

    pub async fn one<R: Row>(&mut self, sql: Sql) -> Result<Option<R>, Failed> {
        let doing = sql.doing;
        let answer = on_db!(To: &mut self.to, link => {
            answered(doing, bound!(sqlx::query_as(AssertSqlSafe(sql.text)), sql.values).fetch_optional(&mut **link)).await
        });
        self.noted(answer)
    }

    /// How many rows it touched.
    pub async fn run(&mut self, sql: Sql) -> Result<u64, Failed> {
        let doing = sql.doing;
        let answer = on_db!(To: &mut self.to, link => {
            answered(doing, bound!(sqlx::query(AssertSqlSafe(sql.text)), sql.values).execute(&mut **link))
                .await
                .map(|done| done.rows_affected())
        });
        self.noted(answer)
    }
}

async fn answered<T>(doing: &'static str, statement: impl Future<Output = sqlx::Result<T>>) -> Result<T, Failed> {
    let answer = tokio::time::timeout(ANSWER_LIMIT, statement).await.unwrap_or_else(|_| Err(no_answer()));
    answer.map_err(|source| Failed { doing, source })
}

/// A statement that did not do what it should.
#[derive(Debug)]
pub(crate) struct Failed {
    pub doing: &'static str,
    pub source: sqlx::Error,
}

macro_rules! values {
    ($($variant:ident($kind:ty);)*) => {$(
        impl From<$kind> for Value {
            fn from(value: $kind) -> Self { Self::$variant(Some(value)) }
        }
        impl From<Option<$kind>> for Value {
            fn from(value: Option<$kind>) -> Self { Self::$variant(value) }
        }
    )*};
}
values! { Int(i64); }

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(Some(without_nul(value)))
    }
}

impl From<Option<String>> for Value {
    fn from(value: Option<String>) -> Self {
        Self::Text(value.map(without_nul))
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        value.to_owned().into()
    }
}

macro_rules! id_values {
    ($($id:ident)*) => {$(
        impl From<switchboard_protocol::$id> for Value {
            fn from(id: switchboard_protocol::$id) -> Self { Self::Text(Some(id.to_string())) }
        }
        impl From<Option<switchboard_protocol::$id>> for Value {
            fn from(id: Option<switchboard_protocol::$id>) -> Self { Self::Text(id.map(|id| id.to_string())) }
        }
    )*};
}
id_values! { AgentId AttachmentId BotId ContactId ConversationId IdentityId InboxId MessageId SessionId TeamId TemplateId TokenId ViewId }
