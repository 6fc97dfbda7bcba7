//! What the team knows of a customer.

use std::collections::BTreeSet;

use switchboard_domain::validate::Fields;
use switchboard_domain::{Visibility, person};
use switchboard_protocol::agent::AgentEvent;
use switchboard_protocol::customers::MakeContact;
use switchboard_protocol::error::ApiError;
use switchboard_protocol::model::Contact;
use switchboard_protocol::rest::ChangeContact;
use switchboard_protocol::{ContactId, UnixMs, limits};
use switchboard_store::edge_keys::Scope;
use switchboard_store::{Audience, Emit, Tx, contacts, inboxes, people};

use super::{for_team, idempotent};
use crate::app::App;
use crate::caller::{Answer, May};
use crate::error::CommandError;

/// Longest telephone number as people write it, characters.
pub(super) const PHONE_CHARS: usize = 40;
/// Longest language tag that software must take (RFC 5646, section 4.4.1), characters.
const LANGUAGE_CHARS: usize = 35;
/// Longest notes on a customer, characters.
const NOTES_CHARS: usize = 10_000;

/// Changes a customer's card; of a person with several, each that the caller sees. An empty text takes the value away.
pub async fn change(app: &App, by: &May<Answer>, id: ContactId, body: ChangeContact) -> Result<Contact, CommandError> {
    let body = checked(body)?;
    let (now, visibility) = (app.clock.now(), by.visibility.clone());
    let written = app.write_as(by, move |tx| Box::pin(async move { write(tx, &visibility, id, &body, now).await }));
    Ok(written.await?.value)
}

/// Writes a customer down by hand, of whom the team knows something and who has not written yet; the same key does it once.
pub async fn make(
    app: &App,
    by: &May<Answer>,
    body: MakeContact,
    key: Option<String>,
) -> Result<Contact, CommandError> {
    let request = idempotent::Request::new(Scope::Http(by.agent_id), key, "contact", &body);
    let MakeContact { name, email, phone, language, notes } = body;
    let given = checked(ChangeContact { name, email, phone, language, notes, ..ChangeContact::default() })?;
    if [&given.name, &given.email, &given.phone].iter().all(|one| one.as_deref().unwrap_or_default().is_empty()) {
        let sentence = "Give a name, a mail address or a telephone number.";
        return Err(ApiError::field("name", "required", sentence).into());
    }
    let (now, visibility, agent) = (app.clock.now(), by.visibility.clone(), by.agent_id);
    let id = ContactId(app.random.ulid(now));
    let written = app.write_as(by, move |tx| {
        Box::pin(async move {
            if let Some(made) = request.answered(tx, now).await? {
                return Ok(made);
            }
            let blank = Contact {
                id,
                name: None,
                email: None,
                phone: None,
                language: None,
                time_zone: None,
                notes: String::new(),
                tags: Vec::new(),
                attributes: Default::default(),
                identities: Vec::new(),
                merged: Vec::new(),
                created_at: now,
            };
            contacts::insert(tx, &blank).await?;
            contacts::set_made_by(tx, id, agent).await?;
            let made = write(tx, &visibility, id, &given, now).await?;
            request.keep(tx, &made).await?;
            Ok(made)
        })
    });
    Ok(written.await?.value)
}

/// The same of what has been [`checked`], for whoever sees this of the customer.
pub(crate) async fn write(
    tx: &mut Tx,
    visibility: &Visibility,
    id: ContactId,
    change: &ChangeContact,
    now: UnixMs,
) -> Result<Contact, CommandError> {
    let not_found = || CommandError::not_found("contact");
    let before = contacts::load_seen(tx, visibility, id).await?.ok_or_else(not_found)?;
    let changed = person::changed(before.person, &before.cards, change);
    let bytes = |card: &Contact| card.attributes.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>();
    if changed.iter().any(|card| bytes(card) > limits::ATTRIBUTES_BYTES) {
        let sentence = format!("All attributes together may have at most {} bytes.", limits::ATTRIBUTES_BYTES);
        return Err(ApiError::field("attributes", "too_long", sentence).into());
    }
    if changed.iter().any(|card| card.attributes.len() > limits::ATTRIBUTES) {
        let sentence = format!("At most {} attributes.", limits::ATTRIBUTES);
        return Err(ApiError::field("attributes", "too_many", sentence).into());
    }
    for card in &changed {
        contacts::update(tx, card).await?;
        if change.phone.is_some() {
            let key = one_spelling(tx, card.phone.as_deref()).await?;
            contacts::set_phone_key(tx, card.id, key).await?;
        }
    }
    if !changed.is_empty() {
        tell(tx, id, now).await?;
    }
    contacts::load(tx, visibility, id).await?.ok_or_else(not_found)
}

/// A number as numbers are compared. One that is written as people write it at home is taken to be of the country of our own
/// numbers, if these agree on what it is.
async fn one_spelling(tx: &mut Tx, phone: Option<&str>) -> Result<Option<String>, CommandError> {
    let Some(phone) = phone else { return Ok(None) };
    let ours = inboxes::load_own_numbers(tx).await?;
    let of_us = ours.iter().map(|ours| Some(ours.as_str())).chain([None]);
    let read: BTreeSet<String> = of_us.filter_map(|ours| switchboard_numbers::e164(phone, ours)).collect();
    Ok(if read.len() == 1 { read.into_iter().next() } else { None })
}

/// Told in each inbox that knows the person, as who sees only this inbox may have it: how a customer is known elsewhere is
/// not theirs to hear, whoever made the change. Whoever hears of several ends with the name that they are shown anyway: the
/// inbox that knows it is told last.
pub(super) async fn tell(tx: &mut Tx, id: ContactId, now: UnixMs) -> Result<(), CommandError> {
    let mut told = Vec::new();
    // By its top: a card itself may not be known in each of them.
    let top = people::top(tx, id).await?;
    // What was written down by hand, in no inbox yet, is everybody's. Who hears more of the person hears it after this.
    let nowhere = Visibility::Inboxes(BTreeSet::new());
    if let Some(contact) = contacts::load(tx, &nowhere, top).await? {
        tx.emit(for_team(now, AgentEvent::ContactChanged { contact: Box::new(contact) }));
    }
    for inbox in contacts::inboxes_of(tx, top).await? {
        let there = Visibility::Inboxes(BTreeSet::from([inbox]));
        let Some(seen) = contacts::load_seen(tx, &there, top).await? else { continue };
        let Some(card) = seen.contact() else { continue };
        let named = seen.cards.iter().find(|card| card.contact.name.is_some());
        let rank = named.map(|card| (card.merged.map_or(0, |merged| merged.at), card.contact.id));
        told.push((rank, inbox, card));
    }
    // Unnamed ones first, then from the last to the first that gives its name.
    told.sort_by_key(|(rank, inbox, _)| (rank.is_some(), std::cmp::Reverse(*rank), *inbox));
    for (_, inbox, card) in told {
        let staff = AgentEvent::ContactChanged { contact: Box::new(card) };
        let audience = Audience::Inbox(inbox);
        tx.emit(Emit { at: now, audience, conversation_id: None, staff, visitor: None });
    }
    Ok(())
}

/// What somebody wants changed, in order, or what is wrong with it.
pub(crate) fn checked(body: ChangeContact) -> Result<ChangeContact, CommandError> {
    let mut fields = Fields::new();
    let mut text =
        |field: &str, value: Option<String>, max: usize| value.map(|value| fields.bounded(field, &value, 0, max));
    let name = text("name", body.name, limits::NAME_CHARS);
    let phone = text("phone", body.phone, PHONE_CHARS);
    let language = text("language", body.language, LANGUAGE_CHARS);
    let notes = text("notes", body.notes, NOTES_CHARS);
    let email =
        body.email.map(|email| if email.trim().is_empty() { String::new() } else { fields.email("email", &email) });
    let tags = body.tags.map(|tags| {
        if tags.len() > limits::TAGS {
            fields.wrong("tags", "too_many", format!("At most {} tags.", limits::TAGS));
        }
        let tags = tags.iter().enumerate().map(|(place, tag)| fields.name(&format!("tags.{place}"), tag));
        tags.collect::<BTreeSet<_>>().into_iter().collect()
    });
    let attributes = body.attributes.map(|all| {
        let bounded = |(name, value): (&String, &String)| {
            let short = name.chars().count() <= limits::ATTRIBUTE_NAME_CHARS;
            let field = if short { format!("attributes.{name}") } else { "attributes".to_owned() };
            (
                fields.bounded(&field, name, 1, limits::ATTRIBUTE_NAME_CHARS),
                fields.bounded(&field, value, 0, limits::ATTRIBUTE_CHARS),
            )
        };
        all.iter().map(bounded).collect()
    });
    fields.done()?;
    Ok(ChangeContact { name, email, phone, language, notes, tags, attributes })
}
