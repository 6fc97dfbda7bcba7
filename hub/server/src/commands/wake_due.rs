//! Brings back what was snoozed until now. Any number of hubs may do it at once: whoever comes second finds it awake.

use switchboard_domain::Visibility;
use switchboard_domain::change::change;
use switchboard_protocol::MessageId;
use switchboard_protocol::agent::ConversationChange;
use switchboard_protocol::model::{Author, Status};
use switchboard_store::conversations;

use crate::app::{App, Unasked};
use crate::error::CommandError;

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
                let Some(thread) = conversations::load(tx, &Visibility::All, id).await? else { continue };
                let row = thread.conversation;
                // Looked at again: it may have been snoozed anew, or opened, since it was found.
                let still = row.status == Status::Snoozed && row.snoozed_until.is_some_and(|until| until <= now);
                if !still {
                    continue;
                }
                let open = ConversationChange { status: Some(Status::Open), ..ConversationChange::default() };
                let mut changed = change(&row, &open, now).map_err(|refusal| CommandError::fault("waking", refusal))?;
                // A reminder that comes back where nobody looks reminds nobody.
                changed.patch.last_activity_at = Some(now);
                let mut line_id = || MessageId(random.ulid(now));
                conversations::change(tx, &row, changed, Author::System, now, &mut line_id).await?;
            }
            Ok(())
        })
    })
    .await?;
    Ok(found)
}
