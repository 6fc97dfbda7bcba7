//! By what the sites of web inboxes sign who is signed in there: sealed, one row an inbox.

use sqlx::FromRow;
use switchboard_protocol::{InboxId, UnixMs};

use crate::db::{Link, sql};
use crate::error::{ChangeError, ReadError};
use crate::{Store, Tx};

#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Kept {
    pub sealed: String,
    pub made_at: UnixMs,
    /// When the last of the older ones ends.
    pub old_until: Option<UnixMs>,
}

async fn select(link: &mut Link<'_>, inbox_id: InboxId) -> Result<Option<Kept>, ReadError> {
    let find = sql(
        "read an identity secret",
        "SELECT s.sealed, s.made_at, s.old_until FROM identity_secrets AS s JOIN inboxes AS i ON i.id = s.inbox_id \
         WHERE s.inbox_id = $1 AND i.removed_at IS NULL",
    );
    Ok(link.one(find.bind(inbox_id)).await?)
}

/// Of an inbox that is in use.
pub async fn find(store: &Store, inbox_id: InboxId) -> Result<Option<Kept>, ReadError> {
    select(&mut store.reading().await?.link(), inbox_id).await
}

pub async fn load(tx: &mut Tx, inbox_id: InboxId) -> Result<Option<Kept>, ReadError> {
    select(&mut tx.link(), inbox_id).await
}

pub async fn save(tx: &mut Tx, inbox_id: InboxId, kept: &Kept) -> Result<(), ChangeError> {
    let upsert = sql(
        "keep an identity secret",
        "INSERT INTO identity_secrets (inbox_id, sealed, made_at, old_until) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (inbox_id) DO UPDATE SET sealed = excluded.sealed, made_at = excluded.made_at, \
             old_until = excluded.old_until",
    )
    .bind(inbox_id)
    .bind(kept.sealed.as_str())
    .bind(kept.made_at)
    .bind(kept.old_until);
    tx.link().run(upsert).await?;
    Ok(())
}

pub async fn remove(tx: &mut Tx, inbox_id: InboxId) -> Result<(), ChangeError> {
    let delete = sql("take an identity secret away", "DELETE FROM identity_secrets WHERE inbox_id = $1");
    tx.link().run(delete.bind(inbox_id)).await?;
    Ok(())
}
