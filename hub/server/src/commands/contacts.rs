//! What the team knows of a customer.

use std::collections::BTreeSet;

use switchboard_domain::Visibility;
use switchboard_domain::validate::Fields;
use switchboard_protocol::agent::AgentEvent;
use switchboard_protocol::model::Contact;
use switchboard_protocol::rest::ChangeContact;
use switchboard_protocol::{ContactId, UnixMs, limits};
use switchboard_store::{Audience, Emit, Tx, contacts};

use crate::app::App;
use crate::caller::{Answer, May};
use crate::error::CommandError;

/// Longest telephone number as people write it, characters.
const PHONE_CHARS: usize = 40;
/// Longest language tag that software must take (RFC 5646, section 4.4.1), characters.
const LANGUAGE_CHARS: usize = 35;
/// Longest notes on a customer, characters.
const NOTES_CHARS: usize = 10_000;

/// Changes a customer's card. An empty text takes the value away.
pub async fn change(app: &App, by: &May<Answer>, id: ContactId, body: ChangeContact) -> Result<Contact, CommandError> {
    let body = checked(body)?;
    let (now, visibility) = (app.clock.now(), by.visibility.clone());
    let written = app.write_as(by, move |tx| {
        Box::pin(async move {
            let before =
                contacts::load(tx, &visibility, id).await?.ok_or_else(|| CommandError::not_found("contact"))?;
            let after = merged(&before, body);
            if after == before {
                return Ok(after);
            }
            contacts::update(tx, &after).await?;
            tell(tx, id, now).await?;
            Ok(after)
        })
    });
    Ok(written.await?.value)
}

/// Told in each inbox that knows the contact, as who sees only this inbox may have it: how a customer is known elsewhere is
/// not theirs to hear, whoever made the change.
pub(super) async fn tell(tx: &mut Tx, id: ContactId, now: UnixMs) -> Result<(), CommandError> {
    for inbox in contacts::inboxes_of(tx, id).await? {
        let there = Visibility::Inboxes(BTreeSet::from([inbox]));
        let Some(card) = contacts::load(tx, &there, id).await? else { continue };
        let staff = AgentEvent::ContactChanged { contact: Box::new(card) };
        let audience = Audience::Inbox(inbox);
        tx.emit(Emit { at: now, audience, conversation_id: None, staff, visitor: None });
    }
    Ok(())
}

fn checked(body: ChangeContact) -> Result<ChangeContact, CommandError> {
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
    fields.done()?;
    Ok(ChangeContact { name, email, phone, language, notes, tags })
}

fn merged(before: &Contact, body: ChangeContact) -> Contact {
    let set = |new: Option<String>, old: &Option<String>| match new {
        Some(text) => Some(text).filter(|text| !text.is_empty()),
        None => old.clone(),
    };
    Contact {
        name: set(body.name, &before.name),
        email: set(body.email, &before.email),
        phone: set(body.phone, &before.phone),
        language: set(body.language, &before.language),
        notes: body.notes.unwrap_or_else(|| before.notes.clone()),
        tags: body.tags.unwrap_or_else(|| before.tags.clone()),
        ..before.clone()
    }
}
