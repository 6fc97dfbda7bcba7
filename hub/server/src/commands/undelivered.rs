//! What did not arrive brings its conversation back: whoever closed it believes that the customer has been answered.

use switchboard_domain::change::change;
use switchboard_domain::{Visibility, thread};
use switchboard_protocol::agent::ConversationChange;
use switchboard_protocol::model::{Author, Delivery, Status};
use switchboard_protocol::{MessageId, UnixMs};
use switchboard_store::{Tx, conversations, messages};

use crate::error::CommandError;
use crate::ids::Random;

/// Asked of each message of which something new was told. Opens its conversation if that is closed; one that somebody has open,
/// or sleeps until a day of theirs, stays as it is. What the hub writes by itself answers nobody, and brings nothing back.
pub async fn bring_back(tx: &mut Tx, id: MessageId, now: UnixMs, random: &Random) -> Result<(), CommandError> {
    let Some(message) = messages::load(tx, id).await? else { return Ok(()) };
    // Nobody knows, or it did not: in both it is the team's to do something about it.
    let arrived = !matches!(message.delivery, Some(Delivery::Failed | Delivery::Uncertain));
    if arrived || !thread::is_talk(message.kind, message.author) {
        return Ok(());
    }
    let id = message.conversation_id;
    let Some(thread) = conversations::load(tx, &Visibility::All, id).await? else { return Ok(()) };
    let row = thread.conversation;
    if row.status != Status::Closed {
        return Ok(());
    }
    let open = ConversationChange { status: Some(Status::Open), ..ConversationChange::default() };
    match change(&row, &open, now) {
        Ok(mut changed) => {
            changed.patch.last_activity_at = Some(now);
            let mut line_id = || MessageId(random.ulid(now));
            conversations::change(tx, &row, changed, Author::System, now, &mut line_id).await?;
        }
        Err(refusal) => tracing::error!(%refusal, %id, "what did not arrive stays in a closed conversation"),
    }
    Ok(())
}
