//! What other systems say of customers. Each stands on a card, so that it is seen by whom the card is, and goes with it.

use sqlx::FromRow;
use switchboard_domain::Visibility;
use switchboard_protocol::customers::{OutsideCard, SaveCard};
use switchboard_protocol::{ContactId, UnixMs};

use crate::contacts::seen_by;
use crate::db::{Link, sql};
use crate::error::{ChangeError, ReadError};
use crate::row::{Where, id, json, to_json};
use crate::{Store, Tx};

/// Persons who are looked for by one address: an office's may stand on any number of cards.
const PERSONS: i64 = 10;

#[derive(FromRow)]
struct Columns {
    source: String,
    content: String,
    changed_at: i64,
}

/// Of a person whose card this is, on whichever of their cards that the reader sees: of each system what it said last.
pub async fn of(store: &Store, visibility: &Visibility, contact_id: ContactId) -> Result<Vec<OutsideCard>, ReadError> {
    select(&mut store.reading().await?.link(), visibility, contact_id).await
}

async fn select(
    link: &mut Link<'_>,
    visibility: &Visibility,
    contact_id: ContactId,
) -> Result<Vec<OutsideCard>, ReadError> {
    let mut wanted = Where::new();
    let contact = wanted.value(contact_id);
    wanted.and(format!(
        "(k.id = {contact} OR k.person_id = (SELECT p.person_id FROM contacts AS p WHERE p.id = {contact}))"
    ));
    let seen = seen_by(&mut wanted, visibility);
    wanted.and(seen);
    let text = format!(
        "SELECT o.source, o.content, o.changed_at FROM contact_cards AS o JOIN contacts AS k ON k.id = o.contact_id {} \
         ORDER BY o.source, o.changed_at DESC, k.id",
        wanted.text()
    );
    let rows: Vec<Columns> = link.all(sql("read what other systems say", text).bind_all(wanted.values())).await?;
    let mut cards: Vec<OutsideCard> = Vec::new();
    for Columns { source, content, changed_at } in rows {
        if cards.last().is_none_or(|last| last.source != source) {
            cards.push(OutsideCard { source, changed_at, card: json("what another system says", &content)? });
        }
    }
    Ok(cards)
}

/// What this system says of this card, in place of what it said.
pub async fn set(
    tx: &mut Tx,
    contact_id: ContactId,
    source: &str,
    card: &SaveCard,
    at: UnixMs,
) -> Result<(), ChangeError> {
    let insert = sql(
        "keep what another system says",
        "INSERT INTO contact_cards (contact_id, source, outside_id, content, changed_at) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (contact_id, source) DO UPDATE SET outside_id = COALESCE(excluded.outside_id, contact_cards.outside_id), \
             content = excluded.content, changed_at = excluded.changed_at",
    )
    .bind(contact_id)
    .bind(source)
    .bind(card.outside_id.clone())
    .bind(to_json(card))
    .bind(at);
    tx.link().run(insert).await?;
    Ok(())
}

/// Whether there was something to take away.
pub async fn remove(tx: &mut Tx, contact_id: ContactId, source: &str) -> Result<bool, ChangeError> {
    let delete =
        sql("take away what another system says", "DELETE FROM contact_cards WHERE contact_id = $1 AND source = $2");
    Ok(tx.link().run(delete.bind(contact_id).bind(source)).await? > 0)
}

/// Systems besides this one that say something of this card.
pub async fn count_others(tx: &mut Tx, contact_id: ContactId, source: &str) -> Result<i64, ReadError> {
    let count = sql(
        "count what other systems say",
        "SELECT COUNT(*) FROM contact_cards WHERE contact_id = $1 AND source <> $2",
    );
    let row: Option<(i64,)> = tx.link().one(count.bind(contact_id).bind(source)).await?;
    Ok(row.map_or(0, |(count,)| count))
}

/// Persons of whom a card is seen that has this mail address, typed in or written from.
pub async fn load_by_email(tx: &mut Tx, visibility: &Visibility, email: &str) -> Result<Vec<ContactId>, ReadError> {
    let mut wanted = Where::new();
    let address = wanted.value(email.trim().to_lowercase());
    let there = wanted.sees("i.inbox_id", visibility).unwrap_or_else(|| "TRUE".into());
    wanted.and(format!(
        "(k.email_key = {address} OR k.id IN (SELECT i.contact_id FROM identities AS i \
         WHERE i.channel = 'email' AND i.provider_key = {address} AND {there}))"
    ));
    persons(tx, visibility, wanted).await
}

/// The same by how this system calls them.
pub async fn load_by_outside_id(
    tx: &mut Tx,
    visibility: &Visibility,
    source: &str,
    outside_id: &str,
) -> Result<Vec<ContactId>, ReadError> {
    let mut wanted = Where::new();
    let (source, outside_id) = (wanted.value(source), wanted.value(outside_id));
    wanted.and(format!(
        "k.id IN (SELECT o.contact_id FROM contact_cards AS o WHERE o.source = {source} AND o.outside_id = {outside_id})"
    ));
    persons(tx, visibility, wanted).await
}

async fn persons(tx: &mut Tx, visibility: &Visibility, mut wanted: Where) -> Result<Vec<ContactId>, ReadError> {
    let seen = seen_by(&mut wanted, visibility);
    wanted.and(seen);
    let most = wanted.value(PERSONS);
    let text = format!(
        "SELECT DISTINCT COALESCE(k.person_id, k.id) AS person_id FROM contacts AS k {} ORDER BY person_id LIMIT {most}",
        wanted.text()
    );
    let rows: Vec<(String,)> =
        tx.link().all(sql("find customers by what a system knows", text).bind_all(wanted.values())).await?;
    rows.iter().map(|(person,)| id("a contact's id", person)).collect()
}
