//! Customers, and how they are known on each channel.

use sqlx::FromRow;
use switchboard_domain::Visibility;
use switchboard_protocol::model::{Channel, Contact, Identity};
use switchboard_protocol::{ContactId, IdentityId, InboxId, UnixMs};

use crate::agents::touched;
use crate::db::{Link, sql};
use crate::error::{ChangeError, ReadError};
use crate::row::{Where, id, json, to_json, word};
use crate::{Store, Tx, search};

/// An identity and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    pub identity: Identity,
    pub contact_id: ContactId,
}

#[derive(FromRow)]
struct Columns {
    id: String,
    name: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    language: Option<String>,
    time_zone: Option<String>,
    notes: String,
    tags: String,
    created_at: i64,
}

impl Columns {
    fn contact(self, identities: Vec<Identity>) -> Result<Contact, ReadError> {
        let id = id("a contact's id", &self.id)?;
        Ok(Contact {
            id,
            name: self.name,
            email: self.email,
            phone: self.phone,
            language: self.language,
            time_zone: self.time_zone,
            notes: self.notes,
            tags: json("tags", &self.tags).map_err(|error| error.in_row(id))?,
            identities,
            created_at: self.created_at,
        })
    }
}

#[derive(FromRow)]
struct IdentityColumns {
    id: String,
    contact_id: String,
    inbox_id: String,
    channel: String,
    address: Option<String>,
    verified: bool,
    stopped_at: Option<i64>,
}

impl IdentityColumns {
    fn known(self) -> Result<Known, ReadError> {
        Ok(Known {
            identity: Identity {
                id: id("an identity's id", &self.id)?,
                inbox_id: id("an identity's inbox", &self.inbox_id)?,
                channel: word("a channel", &self.channel, Channel::from_word)?,
                address: self.address,
                verified: self.verified,
                stopped_at: self.stopped_at,
            },
            contact_id: id("an identity's contact", &self.contact_id)?,
        })
    }
}

/// Visible through a conversation in a visible inbox; of its identities, those in visible inboxes.
pub async fn find(store: &Store, visibility: &Visibility, contact_id: ContactId) -> Result<Option<Contact>, ReadError> {
    select(&mut store.reading().await?.link(), visibility, contact_id).await
}

pub async fn load(tx: &mut Tx, visibility: &Visibility, contact_id: ContactId) -> Result<Option<Contact>, ReadError> {
    select(&mut tx.link(), visibility, contact_id).await
}

async fn select(
    link: &mut Link<'_>,
    visibility: &Visibility,
    contact_id: ContactId,
) -> Result<Option<Contact>, ReadError> {
    let mut wanted = Where::new();
    let contact = wanted.value(contact_id);
    wanted.and(format!("c.contact_id = {contact}"));
    wanted.visible("c.inbox_id", visibility);
    let text = format!(
        "SELECT k.id, k.name, k.email, k.phone, k.language, k.time_zone, k.notes, k.tags, k.created_at \
         FROM contacts AS k WHERE k.id = {contact} AND EXISTS (SELECT 1 FROM conversations AS c {})",
        wanted.text()
    );
    let row: Option<Columns> = link.one(sql("find a contact", text).bind_all(wanted.values())).await?;
    let Some(row) = row else { return Ok(None) };
    let mut wanted = Where::new();
    wanted.equal("d.contact_id", contact_id);
    wanted.visible("d.inbox_id", visibility);
    let text = format!(
        "SELECT d.id, d.contact_id, d.inbox_id, d.channel, d.address, d.verified, d.stopped_at FROM identities AS d {} ORDER BY d.id",
        wanted.text()
    );
    let rows: Vec<IdentityColumns> = link.all(sql("read identities", text).bind_all(wanted.values())).await?;
    let identities = rows.into_iter().map(|row| Ok(row.known()?.identity)).collect::<Result<_, ReadError>>()?;
    row.contact(identities).map(Some)
}

/// For the identity's own visitor.
pub async fn find_identity(store: &Store, identity_id: IdentityId) -> Result<Option<Known>, ReadError> {
    select_identity(&mut store.reading().await?.link(), identity_id).await
}

pub async fn load_identity(tx: &mut Tx, identity_id: IdentityId) -> Result<Option<Known>, ReadError> {
    select_identity(&mut tx.link(), identity_id).await
}

async fn select_identity(link: &mut Link<'_>, identity_id: IdentityId) -> Result<Option<Known>, ReadError> {
    let find = sql(
        "find an identity",
        "SELECT id, contact_id, inbox_id, channel, address, verified, stopped_at FROM identities WHERE id = $1",
    )
    .bind(identity_id);
    link.one::<IdentityColumns>(find).await?.map(IdentityColumns::known).transpose()
}

/// By the provider's id for the person.
pub async fn load_identity_by_key(tx: &mut Tx, inbox_id: InboxId, key: &str) -> Result<Option<Known>, ReadError> {
    let find = sql(
        "find an identity by its key",
        "SELECT id, contact_id, inbox_id, channel, address, verified, stopped_at FROM identities \
         WHERE inbox_id = $1 AND provider_key = $2",
    )
    .bind(inbox_id)
    .bind(key);
    tx.link().one::<IdentityColumns>(find).await?.map(IdentityColumns::known).transpose()
}

/// Where a message to this identity goes.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Reach {
    pub provider_key: String,
    /// They do not want to be written to, since then.
    pub stopped_at: Option<UnixMs>,
}

pub async fn load_reach(tx: &mut Tx, identity_id: IdentityId) -> Result<Option<Reach>, ReadError> {
    select_reach(&mut tx.link(), identity_id).await
}

/// Outside of a transaction, for what is only told and not kept.
pub async fn find_reach(store: &Store, identity_id: IdentityId) -> Result<Option<Reach>, ReadError> {
    select_reach(&mut store.reading().await?.link(), identity_id).await
}

async fn select_reach(link: &mut Link<'_>, identity_id: IdentityId) -> Result<Option<Reach>, ReadError> {
    let find =
        sql("find where an identity is reached", "SELECT provider_key, stopped_at FROM identities WHERE id = $1");
    Ok(link.one(find.bind(identity_id)).await?)
}

/// They do not want to be written to since `at`; none: they do.
pub async fn set_stopped(tx: &mut Tx, identity_id: IdentityId, at: Option<UnixMs>) -> Result<(), ChangeError> {
    let doing = "note whether somebody wants to be written to";
    let update = sql(doing, "UPDATE identities SET stopped_at = $2 WHERE id = $1").bind(identity_id).bind(at);
    touched(doing, tx.link().run(update).await?)
}

/// Without its identities.
pub async fn insert(tx: &mut Tx, contact: &Contact) -> Result<(), ChangeError> {
    let insert = sql(
        "add a contact",
        "INSERT INTO contacts (id, name, email, phone, language, time_zone, notes, tags, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(contact.id)
    .bind(contact.name.clone())
    .bind(contact.email.clone())
    .bind(contact.phone.clone())
    .bind(contact.language.clone())
    .bind(contact.time_zone.clone())
    .bind(contact.notes.as_str())
    .bind(to_json(&contact.tags))
    .bind(contact.created_at);
    tx.link().run(insert).await?;
    Ok(())
}

/// `key` is the provider's id for the person, unique in the inbox; for web chat the identity's own id.
pub async fn insert_identity(
    tx: &mut Tx,
    contact_id: ContactId,
    identity: &Identity,
    key: &str,
    at: UnixMs,
) -> Result<(), ChangeError> {
    let insert = sql(
        "add an identity",
        "INSERT INTO identities (id, contact_id, inbox_id, channel, provider_key, address, verified, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(identity.id)
    .bind(contact_id)
    .bind(identity.inbox_id)
    .bind(identity.channel.as_str())
    .bind(key)
    .bind(identity.address.clone())
    .bind(identity.verified)
    .bind(at);
    tx.link().run(insert).await?;
    Ok(())
}

/// Everything but the identities.
pub async fn update(tx: &mut Tx, contact: &Contact) -> Result<(), ChangeError> {
    let doing = "change a contact";
    let update = sql(
        doing,
        "UPDATE contacts SET name = $2, email = $3, phone = $4, language = $5, time_zone = $6, notes = $7, tags = $8 \
         WHERE id = $1",
    )
    .bind(contact.id)
    .bind(contact.name.clone())
    .bind(contact.email.clone())
    .bind(contact.phone.clone())
    .bind(contact.language.clone())
    .bind(contact.time_zone.clone())
    .bind(contact.notes.as_str())
    .bind(to_json(&contact.tags));
    touched(doing, tx.link().run(update).await?)?;
    search::describe_those_of(tx, contact.id).await
}

/// The inboxes in which this contact has conversations: who of the team hears of a change.
pub async fn inboxes_of(tx: &mut Tx, contact_id: ContactId) -> Result<Vec<InboxId>, ReadError> {
    let select = sql(
        "find a contact's inboxes",
        "SELECT DISTINCT inbox_id FROM conversations WHERE contact_id = $1 ORDER BY inbox_id",
    )
    .bind(contact_id);
    let rows: Vec<(String,)> = tx.link().all(select).await?;
    rows.iter().map(|(inbox,)| id("an inbox's id", inbox)).collect()
}
