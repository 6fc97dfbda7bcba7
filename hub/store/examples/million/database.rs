//! Rows put into either engine by one text: the elements of a JSON array.

use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};

use crate::Failure;

pub enum Database {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

/// What runs on both. `jsonb_each($1)` has the bound rows.
macro_rules! on {
    ($database:expr, $one:ident => $do:expr) => {
        match $database {
            Database::Sqlite($one) => $do,
            Database::Postgres($one) => $do,
        }
    };
}

impl Database {
    /// For a run of writes that may be lost as a whole.
    pub async fn open(address: &str) -> Result<Self, Failure> {
        if address.starts_with("postgres") {
            let mut one = PgConnection::connect(address).await?;
            sqlx::query("SET synchronous_commit = off").execute(&mut one).await?;
            return Ok(Self::Postgres(one));
        }
        let mut one = SqliteConnection::connect(address).await?;
        for pragma in ["PRAGMA synchronous = OFF", "PRAGMA cache_size = -400000", "PRAGMA busy_timeout = 10000"] {
            sqlx::query(pragma).execute(&mut one).await?;
        }
        Ok(Self::Sqlite(one))
    }

    pub async fn run(&mut self, text: &str) -> Result<(), Failure> {
        on!(self, one => { sqlx::query(AssertSqlSafe(text)).execute(one).await?; });
        Ok(())
    }

    pub async fn number(&mut self, text: &str) -> Result<i64, Failure> {
        Ok(on!(self, one => sqlx::query_as::<_, (i64,)>(AssertSqlSafe(text)).fetch_one(one).await?.0))
    }

    pub async fn words(&mut self, text: &str) -> Result<Vec<(String, String)>, Failure> {
        Ok(on!(self, one => sqlx::query_as(AssertSqlSafe(text)).fetch_all(one).await?))
    }

    /// Each row has its columns by name; a column is a text unless its name stands with `::` and what it is.
    pub async fn put(&mut self, table: &str, columns: &[&str], rows: Vec<Value>) -> Result<(), Failure> {
        if rows.is_empty() {
            return Ok(());
        }
        let names: Vec<_> = columns.iter().map(|column| column.split("::").next().unwrap_or(column)).collect();
        let values: Vec<_> = columns
            .iter()
            .map(|column| match column.split_once("::") {
                Some((name, kind)) => format!("CAST(v.value->>'{name}' AS {kind})"),
                None => format!("v.value->>'{column}'"),
            })
            .collect();
        let text =
            format!("INSERT INTO {table} ({}) SELECT {} FROM jsonb_each($1) AS v", names.join(", "), values.join(", "));
        let rows = Value::Array(rows).to_string();
        on!(self, one => { sqlx::query(AssertSqlSafe(text)).bind(rows).execute(one).await?; });
        Ok(())
    }
}
