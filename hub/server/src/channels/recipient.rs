//! To whom an answer by mail goes. Said in one place, for sending it and for believing what is reported of it; it follows from
//! what stood in the conversation before the answer and so is the same whenever it is asked.

use switchboard_domain::{Visibility, threading};
use switchboard_protocol::model::Message;
use switchboard_store::{Tx, contacts, conversations, references};

use crate::error::CommandError;

/// Whom the agent has named, else where the last mail before it asks for answers, else who wrote that, else the customer whose
/// conversation it is. `ours` is the mailbox's address.
pub async fn of(tx: &mut Tx, message: &Message, ours: &str) -> Result<Option<String>, CommandError> {
    if let Some(named) = message.mail.as_ref().and_then(|mail| mail.to.first()) {
        return Ok(Some(named.address.clone()));
    }
    let before = references::mails_before(tx, message.conversation_id, message.number).await?;
    if let Some(address) = threading::answer_to(&before, ours) {
        return Ok(Some(address.to_owned()));
    }
    let Some(thread) = conversations::load(tx, &Visibility::All, message.conversation_id).await? else {
        return Ok(None);
    };
    let reach = contacts::load_reach(tx, thread.conversation.identity_id).await?;
    Ok(reach.map(|reach| reach.provider_key))
}
