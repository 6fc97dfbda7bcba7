//! Contact forms of mail inboxes.

use sqlx::FromRow;
use switchboard_protocol::forms::ContactForm;
use switchboard_protocol::model::Place;
use switchboard_protocol::{ConversationId, IdentityId, InboxId};

use crate::db::{Link, sql};
use crate::error::{ChangeError, ReadError};
use crate::row::{Where, id, json, to_json};
use crate::{Store, Tx};

/// A form as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    pub inbox_id: InboxId,
    pub key: String,
    pub form: ContactForm,
}

#[derive(FromRow)]
struct Columns {
    inbox_id: String,
    form_key: String,
    settings: String,
}

async fn select(link: &mut Link<'_>, mut wanted: Where) -> Result<Option<Kept>, ReadError> {
    wanted.and("i.removed_at IS NULL");
    let text = format!(
        "SELECT f.inbox_id, f.form_key, f.settings FROM contact_forms AS f JOIN inboxes AS i ON i.id = f.inbox_id {}",
        wanted.text()
    );
    let row: Option<Columns> = link.one(sql("read a contact form", text).bind_all(wanted.values())).await?;
    row.map(|row| {
        let inbox_id = id("a contact form's inbox", &row.inbox_id)?;
        let form = json("a contact form's settings", &row.settings).map_err(|error| error.in_row(inbox_id))?;
        Ok(Kept { inbox_id, key: row.form_key, form })
    })
    .transpose()
}

/// Of an inbox that is in use.
pub async fn find(store: &Store, inbox_id: InboxId) -> Result<Option<Kept>, ReadError> {
    let mut wanted = Where::new();
    wanted.equal("f.inbox_id", inbox_id);
    select(&mut store.reading().await?.link(), wanted).await
}

/// The form to which pages send at this address.
pub async fn find_by_key(store: &Store, key: &str) -> Result<Option<Kept>, ReadError> {
    let mut wanted = Where::new();
    wanted.equal("f.form_key", key);
    select(&mut store.reading().await?.link(), wanted).await
}

/// Makes or changes; one that is there keeps its key.
pub async fn save(tx: &mut Tx, kept: &Kept) -> Result<(), ChangeError> {
    let upsert = sql(
        "keep a contact form",
        "INSERT INTO contact_forms (inbox_id, form_key, settings) VALUES ($1, $2, $3) \
         ON CONFLICT (inbox_id) DO UPDATE SET settings = excluded.settings",
    )
    .bind(kept.inbox_id)
    .bind(kept.key.as_str())
    .bind(to_json(&kept.form));
    tx.link().run(upsert).await?;
    Ok(())
}

/// The newest conversation of this identity, or into which one of its was merged, that is neither closed nor in the trash; and
/// whether it is spam.
pub async fn active(tx: &mut Tx, identity_id: IdentityId) -> Result<Option<Active>, ReadError> {
    let newest = sql(
        "find the active conversation",
        "WITH RECURSIVE own AS (SELECT o.id, o.merged_into FROM conversations AS o WHERE o.identity_id = $1 \
             UNION SELECT m.id, m.merged_into FROM conversations AS m JOIN own ON m.id = own.merged_into) \
         SELECT c.id, c.place FROM conversations AS c WHERE c.id IN (SELECT own.id FROM own) \
         AND c.status <> 'closed' AND c.place <> 'trash' ORDER BY c.number DESC LIMIT 1",
    )
    .bind(identity_id);
    let row: Option<(String, String)> = tx.link().one(newest).await?;
    row.map(|(text, place)| {
        Ok(Active { conversation_id: id("a conversation's id", &text)?, spam: place == Place::Spam.as_str() })
    })
    .transpose()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Active {
    pub conversation_id: ConversationId,
    pub spam: bool,
}
