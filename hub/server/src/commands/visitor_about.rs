//! What is said of a visitor, by their page or by themselves: nobody has checked it, but for who they are where the site's server
//! has signed that. It fills what is empty on their card and stands in nobody's way: what cannot be kept is left out.

use std::collections::{BTreeMap, BTreeSet};

use switchboard_domain::Visibility;
use switchboard_domain::validate::Fields;
use switchboard_protocol::model::{Contact, Identity};
use switchboard_protocol::rest::ChangeContact;
use switchboard_protocol::visitor::About;
use switchboard_protocol::{ContactId, Position, UnixMs, limits};
use switchboard_store::{Tx, contacts};

use super::contacts::{self as cards, PHONE_CHARS};
use crate::app::{App, Unasked};
use crate::caller::Visitor;
use crate::error::CommandError;

/// Notes it on the card of a visitor who has written. Of whom there is no row, nothing is kept.
pub async fn describe(app: &App, visitor: Visitor, about: About) -> Result<Option<Position>, CommandError> {
    let (now, said) = (app.clock.now(), Said::of(app, visitor, about));
    let written = app.write_unasked(Unasked::Visitor, move |tx| {
        Box::pin(async move {
            let Some(known) = contacts::load_identity(tx, visitor.identity_id).await? else { return Ok(()) };
            note(tx, visitor, known.contact_id, &known.identity, &said, now).await
        })
    });
    Ok(written.await?.position)
}

/// What is said, as far as it can be kept.
#[derive(Debug, Default, Clone)]
pub(super) struct Said {
    /// Who the site's server says that they are.
    pub user_id: Option<String>,
    name: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    attributes: BTreeMap<String, String>,
}

impl Said {
    pub fn of(app: &App, visitor: Visitor, about: About) -> Self {
        let text = |text: Option<String>, most: usize| text.and_then(|text| kept(&text, most));
        let is_theirs = |user_id: &String| app.visitor_key.signed_in(visitor.inbox_id, user_id) == visitor;
        let attributes = about.attributes.into_iter().filter_map(|(name, value)| {
            let name = kept(&name, limits::ATTRIBUTE_NAME_CHARS)?;
            Some((name, kept(&value, limits::ATTRIBUTE_CHARS).unwrap_or_default()))
        });
        Self {
            user_id: about.user_id.filter(is_theirs),
            name: text(about.name, limits::NAME_CHARS),
            email: about.email.filter(|email| {
                let mut fields = Fields::new();
                fields.email("email", email);
                fields.done().is_ok()
            }),
            phone: text(about.phone, PHONE_CHARS),
            attributes: attributes.take(limits::ATTRIBUTES).collect(),
        }
    }

    /// On a card that is made this moment.
    pub fn write_on(&self, contact: &mut Contact) {
        contact.name.clone_from(&self.name);
        contact.email.clone_from(&self.email);
        contact.phone.clone_from(&self.phone);
        contact.attributes = fitting(BTreeMap::new(), &self.attributes);
    }
}

/// None where nothing is left of it.
fn kept(text: &str, most: usize) -> Option<String> {
    let text: String = text.trim().chars().filter(|c| !c.is_control()).take(most).collect();
    (!text.is_empty()).then_some(text)
}

/// What a card has then: of what would be more than a card takes, what it had stays. An empty text takes one away.
fn fitting(before: BTreeMap<String, String>, said: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let mut after = before;
    for (name, value) in said {
        let had = after.remove(name);
        let bytes: usize = after.iter().map(|(name, value)| name.len() + value.len()).sum();
        let fits = after.len() < limits::ATTRIBUTES && bytes + name.len() + value.len() <= limits::ATTRIBUTES_BYTES;
        if let Some(value) = if fits { Some(value.clone()).filter(|value| !value.is_empty()) } else { had } {
            after.insert(name.clone(), value);
        }
    }
    after
}

/// The same on a card that is there.
pub(super) async fn note(
    tx: &mut Tx,
    visitor: Visitor,
    contact_id: ContactId,
    identity: &Identity,
    said: &Said,
    now: UnixMs,
) -> Result<(), CommandError> {
    let newly_known = said.user_id.as_deref().filter(|_| !identity.verified);
    if let Some(user_id) = newly_known {
        contacts::verify_identity(tx, visitor.identity_id, user_id).await?;
    }
    // As their inbox knows them: what is known of them elsewhere is not theirs to change.
    let there = Visibility::Inboxes(BTreeSet::from([visitor.inbox_id]));
    let Some(card) = contacts::load(tx, &there, contact_id).await? else { return Ok(()) };
    let empty = |had: &Option<String>, said: &Option<String>| said.clone().filter(|_| had.is_none());
    let mut attributes = fitting(card.attributes.clone(), &said.attributes);
    for name in card.attributes.keys().filter(|name| !attributes.contains_key(*name)).cloned().collect::<Vec<_>>() {
        attributes.insert(name, String::new());
    }
    attributes.retain(|name, value| card.attributes.get(name) != Some(value));
    let change = ChangeContact {
        name: empty(&card.name, &said.name),
        email: empty(&card.email, &said.email),
        phone: empty(&card.phone, &said.phone),
        attributes: (!attributes.is_empty()).then_some(attributes),
        ..ChangeContact::default()
    };
    if change != ChangeContact::default() {
        cards::write(tx, &there, contact_id, &change, now).await?;
    } else if newly_known.is_some() {
        cards::tell(tx, contact_id, now).await?;
    }
    Ok(())
}
