//! Somebody signs in on the site whose browser has said something here before: that is theirs from now on, on each of their
//! devices.

use switchboard_protocol::agent::AgentEvent;
use switchboard_protocol::model::{Author, Channel, Conversation, ConversationPatch, Identity};
use switchboard_protocol::visitor::VisitorEvent;
use switchboard_protocol::{ContactId, UnixMs, limits};
use switchboard_store::{Audience, Emit, Tx, adopting, contacts, people};

use super::contacts::tell;
use crate::app::{App, Unasked};
use crate::caller::Visitor;
use crate::error::CommandError;
use crate::visitor_token::VisitorKey;

/// Gives what `browser` has said to `user`, who has the site's signature. Who is signed in themselves is no browser, and a browser
/// that was given to somebody is theirs for good: what it says later, from a page that has not heard, goes to them as well. Both
/// are of one inbox.
pub async fn adopt(app: &App, browser: Visitor, user: Visitor, user_id: &str) -> Result<(), CommandError> {
    if browser == user || VisitorKey::is_signed_in(browser.identity_id) {
        return Ok(());
    }
    if contacts::find_identity(&app.store, browser.identity_id).await?.is_none() {
        return Ok(());
    }
    let (now, user_id) = (app.clock.now(), user_id.to_owned());
    let written = app.write_unasked(Unasked::Visitor, move |tx| {
        Box::pin(async move {
            let known = contacts::load_identity(tx, browser.identity_id).await?;
            let theirs = |known: &Identity| !known.verified || known.address.as_deref() == Some(user_id.as_str());
            let Some(known) = known.filter(|known| theirs(&known.identity)) else { return Ok(()) };
            let card = card_of(tx, user, &user_id, known.contact_id, now).await?;
            // So that nobody who signs in later in the same browser gets anything by it.
            contacts::verify_identity(tx, browser.identity_id, &user_id).await?;
            let moved = adopting::adopt(tx, browser.identity_id, user.identity_id).await?;
            one_person(tx, card, known.contact_id, now).await?;
            tell(tx, card, now).await?;
            for conversation in &moved {
                tx.emit(theirs_now(conversation, user, now));
            }
            Ok(())
        })
    });
    written.await?;
    Ok(())
}

/// The card of the one who is signed in. Who has never written gets the browser's.
async fn card_of(
    tx: &mut Tx,
    user: Visitor,
    user_id: &str,
    browsers: ContactId,
    now: UnixMs,
) -> Result<ContactId, CommandError> {
    if let Some(known) = contacts::load_identity(tx, user.identity_id).await? {
        return Ok(known.contact_id);
    }
    let identity = Identity {
        id: user.identity_id,
        inbox_id: user.inbox_id,
        channel: Channel::Web,
        address: Some(user_id.to_owned()),
        verified: true,
        stopped_at: None,
    };
    contacts::insert_identity(tx, browsers, &identity, &user.identity_id.to_string(), now).await?;
    Ok(browsers)
}

/// Both cards are one person's, as far as a person may have so many: the site says so, and an agent can separate them.
async fn one_person(tx: &mut Tx, card: ContactId, browsers: ContactId, now: UnixMs) -> Result<(), CommandError> {
    let (top, part) = (people::top(tx, card).await?, people::top(tx, browsers).await?);
    if top == part {
        return Ok(());
    }
    let cards = people::cards(tx, top).await?.len() + people::cards(tx, part).await?.len();
    if cards <= limits::MERGED_CONTACTS {
        people::doubt(tx, top, part).await?;
        people::merge(tx, top, part, None, now).await?;
    }
    Ok(())
}

/// For the team nothing of the conversation has changed but whose it is, which the card says.
fn theirs_now(conversation: &Conversation, user: Visitor, now: UnixMs) -> Emit {
    let begun = VisitorEvent::ConversationCreated {
        conversation: adopting::shown(conversation),
        // Read by who hears of it.
        messages: Vec::new(),
    };
    Emit {
        at: now,
        audience: Audience::Inbox(conversation.inbox_id),
        conversation_id: Some(conversation.id),
        staff: AgentEvent::ConversationChanged {
            conversation_id: conversation.id,
            by: Author::System,
            patch: Box::new(ConversationPatch::default()),
            lines: Vec::new(),
        },
        visitor: Some((user.identity_id, begun)),
    }
}
