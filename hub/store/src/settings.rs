//! Single values of the deployment: the secret that keys and the set-up link are derived from, how far the search
//! index is, how far the demo.

use crate::db::{Link, sql};
use crate::error::{ChangeError, ReadError};
use crate::{Store, Tx};

pub async fn find(store: &Store, key: &str) -> Result<Option<String>, ReadError> {
    read(&mut store.reading().await?.link(), key).await
}

pub async fn load(tx: &mut Tx, key: &str) -> Result<Option<String>, ReadError> {
    read(&mut tx.link(), key).await
}

async fn read(link: &mut Link<'_>, key: &str) -> Result<Option<String>, ReadError> {
    let row: Option<(String,)> =
        link.one(sql("read a setting", "SELECT value FROM settings WHERE name = $1").bind(key)).await?;
    Ok(row.map(|(value,)| value))
}

pub async fn set(tx: &mut Tx, key: &str, value: &str) -> Result<(), ChangeError> {
    let upsert = sql(
        "write a setting",
        "INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    )
    .bind(key)
    .bind(value);
    tx.link().run(upsert).await?;
    Ok(())
}

/// Keeps `value` unless there is one already; the one that holds.
pub async fn set_once(tx: &mut Tx, key: &str, value: &str) -> Result<String, ChangeError> {
    let insert =
        sql("write a setting once", "INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING")
            .bind(key)
            .bind(value);
    tx.link().run(insert).await?;
    load(tx, key).await?.ok_or(ChangeError::Missing { doing: "read a setting" })
}
