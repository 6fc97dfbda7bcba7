//! Brings back what was snoozed until now. Any number of hubs may do it at once: whoever comes second finds it awake.

use switchboard_domain::Visibility;
use switchboard_domain::change::change;
use switchboard_protocol::agent::ConversationChange;
use switchboard_protocol::model::{Author, Status};
use switchboard_protocol::{ConversationId, MessageId, UnixMs};
use switchboard_store::{ReadError, Tx, conversations};

use crate::app::{App, Unasked};
use crate::error::CommandError;
use crate::ids::Random;

/// Woken in one transaction.
pub const AT_ONCE: usize = 100;

/// Opens what is due, at most [`AT_ONCE`]; how many were found. Reads first: when nothing is due, nothing is written.
pub async fn wake_due(app: &App) -> Result<usize, CommandError> {
    let (now, random) = (app.clock.now(), app.random.clone());
    let due = conversations::due(&app.store, now, AT_ONCE).await?;
    let found = due.len();
    if found == 0 {
        return Ok(0);
    }
    app.write_unasked(Unasked::Hub, move |tx| {
        Box::pin(async move {
            for id in due {
                wake(tx, id, now, &random).await?;
            }
            Ok(())
        })
    })
    .await?;
    Ok(found)
}

/// Opens it, if it is still due. What is wrong with one keeps no other asleep; that the database does not answer does.
async fn wake(tx: &mut Tx, id: ConversationId, now: UnixMs, random: &Random) -> Result<(), CommandError> {
    let thread = match conversations::load(tx, &Visibility::All, id).await {
        Ok(Some(thread)) => thread,
        Ok(None) => return Ok(()),
        Err(error @ ReadError::Unreadable { .. }) => {
            tracing::error!(%error, %id, "a snoozed conversation stays asleep: it cannot be read");
            return Ok(());
        }
        Err(error) => return Err(error.into()),
    };
    let row = thread.conversation;
    // Looked at again: it may have been snoozed anew, or opened, since it was found.
    let still = row.status == Status::Snoozed && row.snoozed_until.is_some_and(|until| until <= now);
    if !still {
        return Ok(());
    }
    let open = ConversationChange { status: Some(Status::Open), ..ConversationChange::default() };
    match change(&row, &open, now) {
        Ok(mut changed) => {
            // A reminder that comes back where nobody looks reminds nobody.
            changed.patch.last_activity_at = Some(now);
            let mut line_id = || MessageId(random.ulid(now));
            conversations::change(tx, &row, changed, Author::System, now, &mut line_id).await?;
        }
        Err(refusal) => tracing::error!(%refusal, %id, "a snoozed conversation stays asleep: it may not be opened"),
    }
    Ok(())
}
