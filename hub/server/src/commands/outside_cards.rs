//! What other systems say of a customer: a shop's orders, a plan, what is owed. Each system has one card of each customer, and
//! replaces it as a whole.

use std::collections::BTreeSet;

use switchboard_domain::{Visibility, outside_cards as decided};
use switchboard_protocol::agent::AgentEvent;
use switchboard_protocol::customers::{OutsideCard, OutsideCards, SaveCard};
use switchboard_protocol::error::ApiError;
use switchboard_protocol::{ContactId, UnixMs, limits};
use switchboard_store::{Audience, Emit, Tx, contacts, outside_cards as kept, people};

use super::for_team;
use crate::app::App;
use crate::caller::{Answer, May, Read};
use crate::error::CommandError;

/// Whose card it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whose {
    Contact(ContactId),
    /// Everybody who has this mail address.
    Email(String),
    /// As the system calls them.
    Outside(String),
}

/// What is said of a customer.
pub async fn of(app: &App, by: &May<Read>, id: ContactId) -> Result<OutsideCards, CommandError> {
    let seen = contacts::find(&app.store, &by.visibility, id).await?;
    seen.ok_or_else(unknown)?;
    Ok(OutsideCards { cards: kept::of(&app.store, &by.visibility, id).await? })
}

/// Replaces what the system says, on each card of the customer that the caller sees.
pub async fn save(
    app: &App,
    by: &May<Answer>,
    whose: Whose,
    source: &str,
    card: SaveCard,
) -> Result<OutsideCard, CommandError> {
    let source = decided::source(source)?;
    let mut card = decided::checked(card)?;
    if let (None, Whose::Outside(id)) = (&card.outside_id, &whose) {
        card.outside_id = Some(id.clone());
    }
    let bytes = serde_json::to_string(&card).map_or(usize::MAX, |text| text.len());
    if bytes > limits::OUTSIDE_CARD_BYTES {
        let sentence = format!("All of it may have at most {} bytes.", limits::OUTSIDE_CARD_BYTES);
        return Err(ApiError::field("rows", "too_long", sentence).into());
    }
    let (now, visibility) = (app.clock.now(), by.visibility.clone());
    let written = app.write_as(by, move |tx| {
        Box::pin(async move {
            for (person, cards) in meant(tx, &visibility, &whose, &source).await? {
                for contact in cards {
                    if kept::count_others(tx, contact, &source).await? >= limits::OUTSIDE_CARDS as i64 {
                        let sentence = format!("At most {} systems speak of one customer.", limits::OUTSIDE_CARDS);
                        return Err(ApiError::field("source", "too_many", sentence).into());
                    }
                    kept::set(tx, contact, &source, &card, now).await?;
                }
                tell(tx, person, now).await?;
            }
            Ok(OutsideCard { source, changed_at: now, card })
        })
    });
    Ok(written.await?.value)
}

/// Takes it away; where there is nothing, nothing happens.
pub async fn remove(app: &App, by: &May<Answer>, whose: Whose, source: &str) -> Result<(), CommandError> {
    let source = decided::source(source)?;
    let (now, visibility) = (app.clock.now(), by.visibility.clone());
    app.write_as(by, move |tx| {
        Box::pin(async move {
            for (person, cards) in meant(tx, &visibility, &whose, &source).await? {
                let mut gone = false;
                for contact in cards {
                    gone |= kept::remove(tx, contact, &source).await?;
                }
                if gone {
                    tell(tx, person, now).await?;
                }
            }
            Ok(())
        })
    })
    .await?;
    Ok(())
}

/// The persons, each with their cards that the caller sees.
async fn meant(
    tx: &mut Tx,
    visibility: &Visibility,
    whose: &Whose,
    source: &str,
) -> Result<Vec<(ContactId, Vec<ContactId>)>, CommandError> {
    let persons = match whose {
        Whose::Contact(id) => vec![*id],
        Whose::Email(email) => kept::load_by_email(tx, visibility, email).await?,
        Whose::Outside(id) => kept::load_by_outside_id(tx, visibility, source, id).await?,
    };
    let mut found = Vec::new();
    for person in persons {
        let seen = contacts::load_seen(tx, visibility, person).await?.ok_or_else(unknown)?;
        found.push((seen.person, seen.cards.iter().map(|card| card.contact.id).collect()));
    }
    if found.is_empty() { Err(unknown()) } else { Ok(found) }
}

/// It says nothing of what is said: whoever hears it asks for what is theirs to see.
async fn tell(tx: &mut Tx, person: ContactId, at: UnixMs) -> Result<(), CommandError> {
    let contact_id = people::top(tx, person).await?;
    let staff = AgentEvent::ContactCardsChanged { contact_id };
    let nowhere = Visibility::Inboxes(BTreeSet::new());
    if contacts::load_seen(tx, &nowhere, contact_id).await?.is_some() {
        tx.emit(for_team(at, staff));
        return Ok(());
    }
    for inbox in contacts::inboxes_of(tx, contact_id).await? {
        let audience = Audience::Inbox(inbox);
        tx.emit(Emit { at, audience, conversation_id: None, staff: staff.clone(), visitor: None });
    }
    Ok(())
}

fn unknown() -> CommandError {
    CommandError::not_found("contact")
}
