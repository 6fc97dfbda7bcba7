//! A message that did not go out, or of which nobody knows, is tried again because somebody of the team says so.

use switchboard_protocol::MessageId;
use switchboard_protocol::error::{ApiError, ErrorCode};
use switchboard_store::{conversations, messages, outbox};

use crate::app::App;
use crate::caller::{Answer, May};
use crate::error::CommandError;

/// Queues it anew. What was uncertain may then arrive twice: that is for the agent to weigh.
pub async fn send_again(app: &App, by: &May<Answer>, id: MessageId) -> Result<(), CommandError> {
    let (now, visibility) = (app.clock.now(), by.visibility.clone());
    app.write_as(by, move |tx| {
        Box::pin(async move {
            let gone = || CommandError::not_found("message");
            let message = messages::load(tx, id).await?.ok_or_else(gone)?;
            conversations::load(tx, &visibility, message.conversation_id).await?.ok_or_else(gone)?;
            if !outbox::again(tx, id, now).await? {
                let sentence = "This message is on its way or has gone out already.";
                return Err(ApiError::new(ErrorCode::Conflict, sentence).into());
            }
            Ok(())
        })
    })
    .await?;
    app.channels.call_senders();
    Ok(())
}
