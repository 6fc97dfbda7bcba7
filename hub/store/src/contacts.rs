//! Customers, and how they are known on each channel. What becomes of cards that are merged is in [`crate::people`].

use std::collections::HashMap;

use sqlx::FromRow;
use switchboard_domain::Visibility;
use switchboard_domain::person::{self, Card, Merged};
use switchboard_protocol::model::{Channel, Contact, Identity};
use switchboard_protocol::{AgentId, ContactId, IdentityId, InboxId, UnixMs, limits};

use crate::agents::touched;
use crate::db::{Link, sql};
use crate::error::{ChangeError, ReadError};
use crate::row::{Where, id, json, maybe_id, set, to_json, word};
use crate::{Store, Tx, search};

/// An identity and whose it is: the card that it was made with, also where that was merged into another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    pub identity: Identity,
    pub contact_id: ContactId,
}

/// The order of a person's cards, by the name of their table: the one at the top, then as they were merged.
macro_rules! in_order {
    ($of:literal) => {
        concat!("COALESCE(", $of, ".merged_at, 0), ", $of, ".id")
    };
}
pub(crate) use in_order;

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
    attributes: String,
    created_at: i64,
    person_id: Option<String>,
    merged_into: Option<String>,
    merged_at: Option<i64>,
    merged_by: Option<String>,
}

impl Columns {
    fn merged(&self) -> Result<Option<Merged>, ReadError> {
        let (Some(into), Some(at)) = (&self.merged_into, self.merged_at) else { return Ok(None) };
        let by = maybe_id("who merged a contact", self.merged_by.as_deref())?;
        Ok(Some(Merged { into: id("what a contact was merged into", into)?, at, by }))
    }

    fn card(self, identities: Vec<Identity>) -> Result<Card, ReadError> {
        let merged = self.merged()?;
        let id = id("a contact's id", &self.id)?;
        let contact = Contact {
            id,
            name: self.name,
            email: self.email,
            phone: self.phone,
            language: self.language,
            time_zone: self.time_zone,
            notes: self.notes,
            tags: json("tags", &self.tags).map_err(|error| error.in_row(id))?,
            attributes: json("attributes", &self.attributes).map_err(|error| error.in_row(id))?,
            identities,
            merged: Vec::new(),
            created_at: self.created_at,
        };
        Ok(Card { contact, merged })
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

/// A person, and of their cards those that somebody sees, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    pub person: ContactId,
    /// At least one.
    pub cards: Vec<Card>,
}

impl Seen {
    /// As they are shown to whoever sees these cards.
    pub fn contact(&self) -> Option<Contact> {
        person::shown(self.person, &self.cards)
    }
}

/// Visible through a conversation in a visible inbox; of the identities, those in visible inboxes. Of a person with several
/// cards that holds of each card: who sees one of them learns nothing of the others.
pub async fn find(store: &Store, visibility: &Visibility, contact_id: ContactId) -> Result<Option<Contact>, ReadError> {
    let seen = select(&mut store.reading().await?.link(), visibility, contact_id).await?;
    Ok(seen.as_ref().and_then(Seen::contact))
}

pub async fn load(tx: &mut Tx, visibility: &Visibility, contact_id: ContactId) -> Result<Option<Contact>, ReadError> {
    Ok(load_seen(tx, visibility, contact_id).await?.as_ref().and_then(Seen::contact))
}

/// The same card by card.
pub async fn load_seen(tx: &mut Tx, visibility: &Visibility, contact_id: ContactId) -> Result<Option<Seen>, ReadError> {
    select(&mut tx.link(), visibility, contact_id).await
}

pub async fn find_seen(
    store: &Store,
    visibility: &Visibility,
    contact_id: ContactId,
) -> Result<Option<Seen>, ReadError> {
    select(&mut store.reading().await?.link(), visibility, contact_id).await
}

/// Who sees the card `k`: who sees a conversation that came through it. One that was made by hand is everybody's until
/// there is a conversation.
pub(crate) fn seen_by(asked: &mut Where, visibility: &Visibility) -> String {
    let there = asked.sees("c.inbox_id", visibility).unwrap_or_else(|| "TRUE".into());
    format!(
        "(EXISTS (SELECT 1 FROM conversations AS c WHERE c.contact_id = k.id AND {there}) OR (k.made_by IS NOT NULL \
         AND NOT EXISTS (SELECT 1 FROM conversations AS n WHERE n.contact_id = k.id)))"
    )
}

async fn select(
    link: &mut Link<'_>,
    visibility: &Visibility,
    contact_id: ContactId,
) -> Result<Option<Seen>, ReadError> {
    let mut wanted = Where::new();
    let contact = wanted.value(contact_id);
    let (there, most) = (seen_by(&mut wanted, visibility), wanted.value(limits::MERGED_CONTACTS as i64));
    let text = format!(
        "SELECT k.id, k.name, k.email, k.phone, k.language, k.time_zone, k.notes, k.tags, k.attributes, k.created_at, \
             k.person_id, k.merged_into, k.merged_at, k.merged_by \
         FROM contacts AS k WHERE (k.id = {contact} \
             OR k.person_id = (SELECT p.person_id FROM contacts AS p WHERE p.id = {contact})) \
         AND {there} ORDER BY {} LIMIT {most}",
        in_order!("k")
    );
    let rows: Vec<Columns> = link.all(sql("find a contact", text).bind_all(wanted.values())).await?;
    let Some(first) = rows.first() else { return Ok(None) };
    let person = first.person_id.as_ref().unwrap_or(&first.id);
    let person = id("a contact's id", person)?;
    let mut identities = identities(link, visibility, &rows).await?;
    let card = |row: Columns| {
        let own = identities.remove(&row.id).unwrap_or_default();
        row.card(own)
    };
    let cards = rows.into_iter().map(card).collect::<Result<Vec<_>, _>>()?;
    // By the name of one that they do not see, nobody gets at the others.
    let named = contact_id == person || cards.iter().any(|card| card.contact.id == contact_id);
    Ok(named.then_some(Seen { person, cards }))
}

/// Of each of these persons what is seen of them, by the card at the top.
pub(crate) async fn find_persons(
    store: &Store,
    visibility: &Visibility,
    persons: &[ContactId],
) -> Result<HashMap<ContactId, Contact>, ReadError> {
    let mut wanted = Where::new();
    let asked = wanted.value(set(persons));
    let there = seen_by(&mut wanted, visibility);
    let text = format!(
        "SELECT k.id, k.name, k.email, k.phone, k.language, k.time_zone, k.notes, k.tags, k.attributes, k.created_at, \
             k.person_id, k.merged_into, k.merged_at, k.merged_by \
         FROM jsonb_each({asked}) AS v JOIN contacts AS k ON COALESCE(k.person_id, k.id) = v.value->>'id' \
         WHERE {there} ORDER BY {}",
        in_order!("k")
    );
    let mut reading = store.reading().await?;
    let rows: Vec<Columns> = reading.link().all(sql("find contacts", text).bind_all(wanted.values())).await?;
    let mut identities = identities(&mut reading.link(), visibility, &rows).await?;
    let mut cards: HashMap<ContactId, Vec<Card>> = HashMap::new();
    for row in rows {
        let person = id("a contact's id", row.person_id.as_ref().unwrap_or(&row.id))?;
        let own = identities.remove(&row.id).unwrap_or_default();
        let of_person = cards.entry(person).or_default();
        if of_person.len() < limits::MERGED_CONTACTS {
            of_person.push(row.card(own)?);
        }
    }
    Ok(cards.into_iter().filter_map(|(person, cards)| Some((person, person::shown(person, &cards)?))).collect())
}

async fn identities(
    link: &mut Link<'_>,
    visibility: &Visibility,
    of: &[Columns],
) -> Result<HashMap<String, Vec<Identity>>, ReadError> {
    let mut wanted = Where::new();
    let cards = wanted.value(set(of.iter().map(|row| &row.id)));
    wanted.and(format!("d.contact_id IN (SELECT v.value->>'id' FROM jsonb_each({cards}) AS v)"));
    wanted.visible("d.inbox_id", visibility);
    let text = format!(
        "SELECT d.id, d.contact_id, d.inbox_id, d.channel, d.address, d.verified, d.stopped_at FROM identities AS d {} \
         ORDER BY d.id",
        wanted.text()
    );
    let rows: Vec<IdentityColumns> = link.all(sql("read identities", text).bind_all(wanted.values())).await?;
    let mut found: HashMap<String, Vec<Identity>> = HashMap::new();
    for row in rows {
        let of = row.contact_id.clone();
        found.entry(of).or_default().push(row.known()?.identity);
    }
    Ok(found)
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

/// They have said at `said_at` that they do not want to be written to since `stopped_at`; none: that they do. False: they have
/// said something else since.
pub async fn consents(
    tx: &mut Tx,
    identity_id: IdentityId,
    stopped_at: Option<UnixMs>,
    said_at: UnixMs,
) -> Result<bool, ChangeError> {
    let update = sql(
        "note whether somebody wants to be written to",
        "UPDATE identities SET stopped_at = $2, consent_at = $3 WHERE id = $1 AND (consent_at IS NULL OR consent_at <= $3) \
         AND (stopped_at IS NULL OR stopped_at <= $3)",
    )
    .bind(identity_id)
    .bind(stopped_at)
    .bind(said_at);
    Ok(tx.link().run(update).await? > 0)
}

/// What its mail address is compared by.
fn email_key(contact: &Contact) -> Option<String> {
    contact.email.as_ref().map(|email| email.trim().to_lowercase())
}

/// Without its identities. A number that it begins with is in E.164: nobody has typed it in.
pub async fn insert(tx: &mut Tx, contact: &Contact) -> Result<(), ChangeError> {
    let insert = sql(
        "add a contact",
        "INSERT INTO contacts (id, name, email, phone, language, time_zone, notes, tags, created_at, email_key, phone_key, \
             attributes) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
    )
    .bind(contact.id)
    .bind(contact.name.clone())
    .bind(contact.email.clone())
    .bind(contact.phone.clone())
    .bind(contact.language.clone())
    .bind(contact.time_zone.clone())
    .bind(contact.notes.as_str())
    .bind(to_json(&contact.tags))
    .bind(contact.created_at)
    .bind(email_key(contact))
    .bind(contact.phone.clone())
    .bind(to_json(&contact.attributes));
    tx.link().run(insert).await?;
    Ok(())
}

/// Says of a card that has just been added that somebody of the team made it.
pub async fn set_made_by(tx: &mut Tx, contact_id: ContactId, by: AgentId) -> Result<(), ChangeError> {
    let doing = "note who made a contact";
    let update = sql(doing, "UPDATE contacts SET made_by = $2 WHERE id = $1").bind(contact_id).bind(by);
    touched(doing, tx.link().run(update).await?)
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

/// The site's server has signed who this is.
pub async fn verify_identity(tx: &mut Tx, identity_id: IdentityId, user_id: &str) -> Result<(), ChangeError> {
    let doing = "note who somebody is";
    let update = sql(doing, "UPDATE identities SET verified = TRUE, address = $2 WHERE id = $1").bind(identity_id);
    touched(doing, tx.link().run(update.bind(user_id)).await?)
}

/// What the card's number is compared by: in E.164.
pub async fn set_phone_key(tx: &mut Tx, contact_id: ContactId, key: Option<String>) -> Result<(), ChangeError> {
    let doing = "note a contact's number in one spelling";
    let update = sql(doing, "UPDATE contacts SET phone_key = $2 WHERE id = $1").bind(contact_id).bind(key);
    touched(doing, tx.link().run(update).await?)
}

/// One card, everything but the identities and [`set_phone_key`].
pub async fn update(tx: &mut Tx, contact: &Contact) -> Result<(), ChangeError> {
    let doing = "change a contact";
    let update = sql(
        doing,
        "UPDATE contacts SET name = $2, email = $3, phone = $4, language = $5, time_zone = $6, notes = $7, tags = $8, \
             email_key = $9, attributes = $10 WHERE id = $1",
    )
    .bind(contact.id)
    .bind(contact.name.clone())
    .bind(contact.email.clone())
    .bind(contact.phone.clone())
    .bind(contact.language.clone())
    .bind(contact.time_zone.clone())
    .bind(contact.notes.as_str())
    .bind(to_json(&contact.tags))
    .bind(email_key(contact))
    .bind(to_json(&contact.attributes));
    touched(doing, tx.link().run(update).await?)?;
    search::describe_those_of(tx, contact.id).await
}

/// Gives one who has no name this one; whether they had none.
pub async fn name_if_unnamed(tx: &mut Tx, contact_id: ContactId, name: &str) -> Result<bool, ChangeError> {
    let doing = "give a contact their name";
    let update = sql(doing, "UPDATE contacts SET name = $2 WHERE id = $1 AND name IS NULL").bind(contact_id).bind(name);
    let named = tx.link().run(update).await? > 0;
    if named {
        search::describe_those_of(tx, contact_id).await?;
    }
    Ok(named)
}

/// The inboxes in which this person has conversations, by whichever card: who of the team hears of a change.
pub async fn inboxes_of(tx: &mut Tx, contact_id: ContactId) -> Result<Vec<InboxId>, ReadError> {
    let select = sql(
        "find a contact's inboxes",
        "SELECT DISTINCT inbox_id FROM conversations WHERE contact_id IN (SELECT $1 UNION \
         SELECT k.id FROM contacts AS k WHERE k.person_id = (SELECT p.person_id FROM contacts AS p WHERE p.id = $1)) \
         ORDER BY inbox_id",
    )
    .bind(contact_id);
    let rows: Vec<(String,)> = tx.link().all(select).await?;
    rows.iter().map(|(inbox,)| id("an inbox's id", inbox)).collect()
}
