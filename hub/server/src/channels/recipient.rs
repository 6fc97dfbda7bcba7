//! To whom an answer by mail goes. Said in one place, for sending it and for believing what is reported of it. It follows from
//! what stands in the conversation before the answer, until the answer is put together to be sent: from then on it is
//! kept, because messages can be moved.

use switchboard_domain::{Visibility, threading};
use switchboard_protocol::model::{Author, Message};
use switchboard_store::{Tx, contacts, conversations, messages, references};

use crate::error::CommandError;

/// What the hub writes by itself goes to nobody else than to whom it is about. Of the rest: whom the agent has named, else where
/// the last mail before it asks for answers, else who wrote that, else the customer whose conversation it is. `ours` is the
/// mailbox's address.
pub async fn of(tx: &mut Tx, message: &Message, ours: &str) -> Result<Option<String>, CommandError> {
    if let Some(address) = messages::went_to(tx, std::iter::once(message.id)).await?.pop() {
        return Ok(Some(address));
    }
    if message.author == Author::System {
        return customer(tx, message).await;
    }
    if let Some(named) = message.mail.as_ref().and_then(|mail| mail.to.first()) {
        return Ok(Some(named.address.clone()));
    }
    let before = references::mails_before(tx, message.conversation_id, message.number).await?;
    if let Some(address) = threading::answer_to(&before, ours) {
        return Ok(Some(address.to_owned()));
    }
    customer(tx, message).await
}

/// Whose conversation it is.
async fn customer(tx: &mut Tx, message: &Message) -> Result<Option<String>, CommandError> {
    let Some(thread) = conversations::load(tx, &Visibility::All, message.conversation_id).await? else {
        return Ok(None);
    };
    let reach = contacts::load_reach(tx, thread.conversation.identity_id).await?;
    Ok(reach.map(|reach| reach.provider_key))
}
