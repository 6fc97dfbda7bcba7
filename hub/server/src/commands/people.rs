//! Which customers are one person: the team merges their cards, separates them again, and says of two that they are not.
//!
//! Whoever merges sees both: the rest of the team sees the same of each that it saw before (`switchboard_domain::person`).
//! Nothing here merges by itself (a browser's card when somebody signs in there does: `visitor_adopt`). What somebody says of themselves, on a page or in a form, is a reason to suggest it and no
//! proof.

use switchboard_domain::Visibility;
use switchboard_protocol::error::{ApiError, ErrorCode};
use switchboard_protocol::model::Contact;
use switchboard_protocol::{ContactId, limits};
use switchboard_store::{Tx, contacts, people};

use super::contacts::tell;
use crate::app::App;
use crate::caller::{Answer, May};
use crate::error::CommandError;

/// Makes `other` and what is merged into it a part of `id`'s person. Of those that are one already nothing changes, however
/// they came to be: who merges the same two the other way round gets the same card.
pub async fn merge(app: &App, by: &May<Answer>, id: ContactId, other: ContactId) -> Result<Contact, CommandError> {
    let (now, visibility, agent) = (app.clock.now(), by.visibility.clone(), by.agent_id);
    let written = app.write_as(by, move |tx| {
        Box::pin(async move {
            let (top, part) = (seen(tx, &visibility, id).await?, seen(tx, &visibility, other).await?);
            if top != part {
                let cards = people::cards(tx, top).await?.len() + people::cards(tx, part).await?.len();
                if cards > limits::MERGED_CONTACTS {
                    let sentence = format!("At most {} cards can be one person's.", limits::MERGED_CONTACTS);
                    return Err(ApiError::new(ErrorCode::Conflict, sentence).into());
                }
                people::doubt(tx, top, part).await?;
                people::merge(tx, top, part, Some(agent), now).await?;
                tell(tx, top, now).await?;
            }
            contacts::load(tx, &visibility, top).await?.ok_or_else(|| CommandError::not_found("contact"))
        })
    });
    Ok(written.await?.value)
}

/// Takes the card `part` out of `id`'s person, with what was merged into it before, and answers with `id`'s card. Of one that
/// is not a part nothing changes.
pub async fn separate(app: &App, by: &May<Answer>, id: ContactId, part: ContactId) -> Result<Contact, CommandError> {
    let (now, visibility) = (app.clock.now(), by.visibility.clone());
    let written = app.write_as(by, move |tx| {
        Box::pin(async move {
            let top = seen(tx, &visibility, id).await?;
            let not_found = || CommandError::not_found("contact");
            let person = contacts::load_seen(tx, &visibility, part).await?.ok_or_else(not_found)?;
            // By the name of the whole nobody separates a card that they do not see.
            let is_seen = person.cards.iter().any(|card| card.contact.id == part);
            if person.person == top && is_seen && people::separate(tx, part).await? {
                tell(tx, top, now).await?;
                tell(tx, part, now).await?;
            }
            // Who sees nothing else of this person is left with the card.
            let left = contacts::load(tx, &visibility, top).await?;
            match left {
                Some(card) => Ok(card),
                None => contacts::load(tx, &visibility, part).await?.ok_or_else(not_found),
            }
        })
    });
    Ok(written.await?.value)
}

/// These are two people: neither is suggested for the other any more, to anybody.
pub async fn tell_apart(app: &App, by: &May<Answer>, id: ContactId, other: ContactId) -> Result<(), CommandError> {
    let (now, visibility, agent) = (app.clock.now(), by.visibility.clone(), by.agent_id);
    let written = app.write_as(by, move |tx| {
        Box::pin(async move {
            let (one, other) = (seen(tx, &visibility, id).await?, seen(tx, &visibility, other).await?);
            if one == other {
                let sentence = "These cards are merged. Separate them first.";
                return Err(ApiError::new(ErrorCode::Conflict, sentence).into());
            }
            people::tell_apart(tx, one, other, agent, now).await?;
            tell(tx, one, now).await?;
            tell(tx, other, now).await
        })
    });
    written.await?;
    Ok(())
}

/// Takes that back.
pub async fn doubt(app: &App, by: &May<Answer>, id: ContactId, other: ContactId) -> Result<(), CommandError> {
    let (now, visibility) = (app.clock.now(), by.visibility.clone());
    let written = app.write_as(by, move |tx| {
        Box::pin(async move {
            let (one, other) = (seen(tx, &visibility, id).await?, seen(tx, &visibility, other).await?);
            people::doubt(tx, one, other).await?;
            tell(tx, one, now).await?;
            tell(tx, other, now).await
        })
    });
    written.await?;
    Ok(())
}

/// The card at the top of a person of whom the caller sees something.
async fn seen(tx: &mut Tx, visibility: &Visibility, id: ContactId) -> Result<ContactId, CommandError> {
    let seen = contacts::load_seen(tx, visibility, id).await?;
    Ok(seen.ok_or_else(|| CommandError::not_found("contact"))?.person)
}
