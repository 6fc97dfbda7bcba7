//! A visitor's client has messages, or has shown them: what "delivered" and "read" mean on web chat.

use switchboard_domain::change::Changed;
use switchboard_protocol::model::{Author, ConversationPatch};
use switchboard_protocol::{ConversationId, MessageId, Number};
use switchboard_store::{Written, conversations};

use crate::app::{App, Unasked};
use crate::caller::Visitor;
use crate::error::CommandError;

/// Moves the conversation's watermarks forward; they never go back, and never beyond what there is.
pub async fn seen(
    app: &App,
    visitor: Visitor,
    conversation_id: ConversationId,
    delivered: Number,
    read: Number,
) -> Result<Written<()>, CommandError> {
    let (now, random) = (app.clock.now(), app.random.clone());
    app.write_unasked(Unasked::Visitor, move |tx| {
        Box::pin(async move {
            let thread = conversations::load_for_identity(tx, visitor.identity_id, conversation_id).await?;
            let row = thread.ok_or_else(|| CommandError::not_found("conversation"))?.conversation;
            let read = read.min(row.last_number);
            // What is read has arrived.
            let delivered = delivered.min(row.last_number).max(read);
            let patch = ConversationPatch {
                delivered_number: (delivered > row.delivered_number).then_some(delivered),
                contact_read_number: (read > row.contact_read_number).then_some(read),
                ..Default::default()
            };
            if patch != ConversationPatch::default() {
                let by = Author::Contact { id: row.contact.id };
                let changed = Changed { patch, lines: Vec::new() };
                let mut line_id = || MessageId(random.ulid(now));
                conversations::change(tx, &row, changed, by, now, &mut line_id).await?;
            }
            Ok(())
        })
    })
    .await
}
