//! Somebody has seen what they were told, or says how they want to be told. What they are told is written with what causes it:
//! `store::notifications`.

use switchboard_protocol::agent::AgentEvent;
use switchboard_protocol::error::ApiError;
use switchboard_protocol::notifications::{
    NotificationChoice, NotificationChoices, NotificationKind, ReadNotifications,
};
use switchboard_protocol::{AgentId, ConversationId, Number, UnixMs};
use switchboard_store::{Audience, Emit, Tx, notifications};

use crate::app::App;
use crate::caller::{Mark, May};
use crate::error::CommandError;

/// Of one conversation, or all.
pub async fn seen(app: &App, by: &May<Mark>, what: ReadNotifications) -> Result<(), CommandError> {
    let (now, agent) = (app.clock.now(), by.agent_id);
    app.write_as(by, move |tx| {
        Box::pin(async move {
            let some = match what.conversation_id {
                Some(of) => notifications::seen(tx, agent, of, Number::MAX, now).await?,
                None => notifications::seen_all(tx, agent, now).await?,
            };
            if some {
                tell_seen(tx, agent, what.conversation_id, now);
            }
            Ok(())
        })
    })
    .await?;
    Ok(())
}

/// For their other tabs.
pub(super) fn tell_seen(tx: &mut Tx, agent: AgentId, conversation_id: Option<ConversationId>, at: UnixMs) {
    tx.emit(Emit {
        at,
        audience: Audience::Agent(agent),
        conversation_id,
        staff: AgentEvent::NotificationsRead { conversation_id },
        visitor: None,
    });
}

/// How one wants to be told of some kinds; of all of them, as it is then.
pub async fn choose(
    app: &App,
    by: &May<Mark>,
    wanted: NotificationChoices,
) -> Result<NotificationChoices, CommandError> {
    let (now, agent, choices) = (app.clock.now(), by.agent_id, wanted.choices);
    if choices.len() > NotificationKind::ALL.len() {
        return Err(ApiError::field("choices", "too_many", "Each kind once.").into());
    }
    let written = app.write_as(by, move |tx| {
        Box::pin(async move {
            for choice in choices {
                notifications::choose(tx, agent, choice).await?;
            }
            let choices: Vec<NotificationChoice> = notifications::load_choices_of(tx, agent).await?;
            tx.emit(Emit {
                at: now,
                audience: Audience::Agent(agent),
                conversation_id: None,
                staff: AgentEvent::NotificationChoicesChanged { choices: choices.clone() },
                visitor: None,
            });
            Ok(NotificationChoices { choices })
        })
    });
    Ok(written.await?.value)
}
