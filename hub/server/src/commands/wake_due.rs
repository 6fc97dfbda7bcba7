//! A snoozed conversation comes back when its time has come; see [`crate::timers`].

use switchboard_domain::Visibility;
use switchboard_domain::change::change;
use switchboard_protocol::agent::ConversationChange;
use switchboard_protocol::model::{Author, Status};
use switchboard_protocol::notifications::NotificationKind;
use switchboard_protocol::{ConversationId, MessageId, UnixMs};
use switchboard_store::notifications::{self, About};
use switchboard_store::{Tx, access, conversations};

use crate::error::CommandError;
use crate::ids::Random;

/// Opens it, if it is due.
pub async fn wake(tx: &mut Tx, id: ConversationId, now: UnixMs, random: &Random) -> Result<(), CommandError> {
    let Some(thread) = conversations::load(tx, &Visibility::All, id).await? else { return Ok(()) };
    let row = thread.conversation;
    let due = row.status == Status::Snoozed && row.snoozed_until.is_some_and(|until| until <= now);
    if !due {
        return Ok(());
    }
    let open = ConversationChange { status: Some(Status::Open), ..ConversationChange::default() };
    let mut changed = change(&row, &open, now).map_err(|refusal| CommandError::fault("waking", refusal))?;
    // A reminder that comes back where nobody looks reminds nobody.
    changed.patch.last_activity_at = Some(now);
    let mut line_id = || MessageId(random.ulid(now));
    let woken = conversations::change(tx, &row, changed, Author::System, now, &mut line_id).await?;
    let row = woken.map_or(row, |woken| woken.conversation);
    // Where nobody knows whose it is, or that one cannot see it any more, it concerns those who have the conversation.
    let whose = match row.snoozed_by {
        Some(agent) if access::load_visibility_of(tx, agent).await?.is_some_and(|seen| seen.sees(row.inbox_id)) => {
            vec![agent]
        }
        _ => row.assignees.clone(),
    };
    let kind = NotificationKind::ReminderDue;
    let about = About { kind, row: &row, number: row.last_number, by: Author::System, at: now };
    notifications::tell(tx, &about, &whose).await?;
    Ok(())
}
