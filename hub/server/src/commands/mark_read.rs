//! An agent has read up to a message, or wants it unread again.

use switchboard_domain::change::Changed;
use switchboard_protocol::agent::AgentEvent;
use switchboard_protocol::model::ConversationPatch;
use switchboard_protocol::{ConversationId, MessageId, Number};
use switchboard_store::{Audience, Emit, Written, conversations, notifications, reads};

use crate::app::App;
use crate::caller::{Mark, May};
use crate::error::CommandError;

/// Moves the reader's own position forward (their other tabs hear of it) and, if nobody of the team had read so far, the
/// team's, which the contact sees as "read".
pub async fn mark_read(
    app: &App,
    by: &May<Mark>,
    conversation_id: ConversationId,
    number: Number,
) -> Result<Written<()>, CommandError> {
    let (now, random, caller) = (app.clock.now(), app.random.clone(), (*by).clone());
    app.write_as(by, move |tx| {
        Box::pin(async move {
            let thread = conversations::load(tx, &caller.visibility, conversation_id).await?;
            let row = thread.ok_or_else(|| CommandError::not_found("conversation"))?.conversation;
            let number = number.clamp(0, row.last_number);
            let seen = notifications::seen(tx, caller.agent_id, conversation_id, number, now).await?;
            if !reads::advance(tx, caller.agent_id, conversation_id, number).await? {
                // Where the position moves, that tells it.
                if seen {
                    super::notifications::tell_seen(tx, caller.agent_id, Some(conversation_id), now);
                }
                return Ok(());
            }
            tx.emit(Emit {
                at: now,
                audience: Audience::Agent(caller.agent_id),
                conversation_id: Some(conversation_id),
                staff: AgentEvent::ReadChanged { conversation_id, number },
                visitor: None,
            });
            if number > row.staff_read_number {
                let patch = ConversationPatch { staff_read_number: Some(number), ..Default::default() };
                let changed = Changed { patch, lines: Vec::new() };
                let mut line_id = || MessageId(random.ulid(now));
                conversations::change(tx, &row, changed, caller.author(), now, &mut line_id).await?;
            }
            Ok(())
        })
    })
    .await
}

/// Takes back that the caller has read the contact's last message. What the team has read, and the contact was told of,
/// stays.
pub async fn mark_unread(
    app: &App,
    by: &May<Mark>,
    conversation_id: ConversationId,
) -> Result<Written<()>, CommandError> {
    let (now, caller) = (app.clock.now(), (*by).clone());
    app.write_as(by, move |tx| {
        Box::pin(async move {
            let thread = conversations::load(tx, &caller.visibility, conversation_id).await?;
            let row = thread.ok_or_else(|| CommandError::not_found("conversation"))?.conversation;
            let number = (row.last_in_number - 1).max(0);
            if row.last_in_number == 0 || !reads::set_back(tx, caller.agent_id, conversation_id, number).await? {
                return Ok(());
            }
            tx.emit(Emit {
                at: now,
                audience: Audience::Agent(caller.agent_id),
                conversation_id: Some(conversation_id),
                staff: AgentEvent::ReadChanged { conversation_id, number },
                visitor: None,
            });
            Ok(())
        })
    })
    .await
}
