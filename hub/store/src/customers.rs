//! The list of customers: persons, the newest first, of whom the reader sees a card.

use std::collections::{BTreeSet, HashMap};

use sqlx::FromRow;
use switchboard_domain::Visibility;
use switchboard_protocol::customers::{ContactPage, ContactRow};
use switchboard_protocol::model::{Channel, Contact};
use switchboard_protocol::{ContactId, ConversationId, limits};

use crate::Store;
use crate::contacts::{self, seen_by};
use crate::db::{Link, sql};
use crate::error::ReadError;
use crate::row::{Where, id, set};
use crate::search::described_by;
use crate::words::{self, Wanted};

/// Of the persons that words may mean, so many of the newest are looked at.
const FOUND_PERSONS: i64 = 2_000;

/// The card's person, by the name of its table.
const PERSON: &str = "COALESCE(k.person_id, k.id)";

/// A page of those of whom the reader sees a card, and to whom all of these words belong: name, mail address, number.
pub async fn page(
    store: &Store,
    visibility: &Visibility,
    words: Option<&str>,
    cursor: Option<&str>,
    limit: usize,
) -> Result<ContactPage, ReadError> {
    let limit = limit.clamp(1, limits::PAGE_ROWS);
    let mut before = cursor.map(|text| text.parse::<ContactId>().map_err(|_| ReadError::BadCursor)).transpose()?;
    let wanted = words.map(words::wanted);
    if wanted.as_ref().is_some_and(Vec::is_empty) {
        return Ok(ContactPage { contacts: Vec::new(), next: None });
    }
    let mut found: Vec<Contact> = Vec::new();
    // Of those that words may mean some are passed over: until the page is full, or there are no more.
    let mut looked_at = 0;
    let next = loop {
        let persons = persons(store, visibility, words, before, limit as i64 + 1).await?;
        let more = persons.len() > limit;
        let persons = &persons[..persons.len().min(limit)];
        let mut cards = contacts::find_persons(store, visibility, persons).await?;
        for person in persons {
            before = Some(*person);
            let Some(contact) = cards.remove(person) else { continue };
            if wanted.as_ref().is_none_or(|wanted| is_meant(&contact, wanted)) {
                found.push(contact);
            }
            if found.len() == limit {
                break;
            }
        }
        looked_at += persons.len() as i64;
        let full = found.len() == limit;
        let last = persons.last().copied();
        if full {
            break (more || before != last).then_some(before).flatten();
        }
        if !more || looked_at >= FOUND_PERSONS {
            break None;
        }
    };
    let counted = counted(&mut store.reading().await?.link(), visibility, &found).await?;
    let contacts = found.into_iter().map(|contact| row(contact, &counted)).collect();
    Ok(ContactPage { contacts, next: next.map(|id| id.to_string()) })
}

/// Persons before this one, the newest first. With words only those that they may mean: who has a conversation that is
/// described by them, and who was written down by hand.
async fn persons(
    store: &Store,
    visibility: &Visibility,
    words: Option<&str>,
    before: Option<ContactId>,
    most: i64,
) -> Result<Vec<ContactId>, ReadError> {
    let mut asked = Where::new();
    let seen = seen_by(&mut asked, visibility);
    asked.and(seen);
    if let Some(before) = before {
        let before = asked.value(before);
        asked.and(format!("{PERSON} < {before}"));
    }
    if let Some(words) = words {
        let described = described_by(store, &mut asked, visibility, words);
        asked.and(format!(
            "(k.made_by IS NOT NULL OR k.id IN (SELECT c.contact_id FROM conversations AS c WHERE {described}))"
        ));
    }
    let most = asked.value(most);
    let text = format!(
        "SELECT DISTINCT {PERSON} AS person_id FROM contacts AS k {} ORDER BY person_id DESC LIMIT {most}",
        asked.text()
    );
    let rows: Vec<(String,)> =
        store.reading().await?.link().all(sql("list customers", text).bind_all(asked.values())).await?;
    rows.iter().map(|(person,)| id("a contact's id", person)).collect()
}

/// Whether each of the words says something of the customer: a conversation may be described by what it is about.
fn is_meant(contact: &Contact, wanted: &[Wanted]) -> bool {
    let addresses = contact.identities.iter().filter_map(|one| one.address.as_deref());
    let said = [contact.name.as_deref(), contact.email.as_deref()].into_iter().flatten();
    let said: Vec<&str> = said.chain(contact.tags.iter().map(String::as_str)).chain(addresses.clone()).collect();
    let words: BTreeSet<String> = said.iter().flat_map(|text| words::places(text).map(|(_, word)| word)).collect();
    let numbers: Vec<&str> = contact.phone.as_deref().into_iter().chain(addresses).collect();
    wanted
        .iter()
        .all(|one| words.iter().any(|word| one.is(word)) || numbers.iter().any(|number| one.is_in_telephone(number)))
}

/// The conversations that somebody sees of a person, on their cards or by how they are known, in the order in which they began.
pub async fn conversations_of(
    store: &Store,
    visibility: &Visibility,
    person: ContactId,
) -> Result<Vec<ConversationId>, ReadError> {
    let mut asked = Where::new();
    asked.equal(PERSON, person);
    asked.visible("c.inbox_id", visibility);
    let text = format!(
        "SELECT c.id AS id, c.number AS number FROM contacts AS k JOIN conversations AS c ON c.contact_id = k.id {seen} \
         UNION SELECT c.id, c.number FROM contacts AS k JOIN identities AS i ON i.contact_id = k.id \
         JOIN conversations AS c ON c.identity_id = i.id {seen} ORDER BY number",
        seen = asked.text()
    );
    let find = sql("find a customer's conversations", text).bind_all(asked.values());
    let rows: Vec<(String, i64)> = store.reading().await?.link().all(find).await?;
    rows.iter().map(|(text, _)| id("a conversation's id", text)).collect()
}

#[derive(FromRow)]
struct Counted {
    person_id: String,
    conversations: i64,
    last_activity_at: Option<i64>,
}

/// The conversations that the reader sees of each.
async fn counted(
    link: &mut Link<'_>,
    visibility: &Visibility,
    of: &[Contact],
) -> Result<HashMap<ContactId, Counted>, ReadError> {
    let mut asked = Where::new();
    let persons = asked.value(set(of.iter().map(|contact| contact.id)));
    asked.and("c.contact_id = k.id");
    asked.visible("c.inbox_id", visibility);
    let text = format!(
        "SELECT {PERSON} AS person_id, COUNT(*) AS conversations, MAX(c.last_activity_at) AS last_activity_at \
         FROM jsonb_each({persons}) AS v JOIN contacts AS k ON {PERSON} = v.value->>'id' \
         JOIN conversations AS c ON c.contact_id = k.id {} GROUP BY {PERSON}",
        asked.text()
    );
    let rows: Vec<Counted> = link.all(sql("count customers' conversations", text).bind_all(asked.values())).await?;
    rows.into_iter().map(|row| Ok((id("a contact's id", &row.person_id)?, row))).collect()
}

fn row(contact: Contact, counted: &HashMap<ContactId, Counted>) -> ContactRow {
    let counted = counted.get(&contact.id);
    let known: BTreeSet<&'static str> = contact.identities.iter().map(|one| one.channel.as_str()).collect();
    ContactRow {
        id: contact.id,
        name: contact.name,
        email: contact.email,
        phone: contact.phone,
        tags: contact.tags,
        channels: Channel::ALL.iter().copied().filter(|channel| known.contains(channel.as_str())).collect(),
        conversations: counted.map_or(0, |one| u32::try_from(one.conversations).unwrap_or(u32::MAX)),
        last_activity_at: counted.and_then(|one| one.last_activity_at),
        created_at: contact.created_at,
    }
}
