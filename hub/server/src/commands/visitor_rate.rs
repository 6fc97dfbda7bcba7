//! A visitor says how they found it, once their conversation is closed.

use switchboard_domain::Visibility;
use switchboard_domain::change::Changed;
use switchboard_domain::validate::Fields;
use switchboard_protocol::error::{ApiError, ErrorCode};
use switchboard_protocol::limits::{RATING_CHARS, RATING_MOST};
use switchboard_protocol::model::{Author, ConversationPatch, Status, SystemLine};
use switchboard_protocol::{ConversationId, MessageId};
use switchboard_store::{Written, conversations, inboxes};

use crate::app::{App, Unasked};
use crate::caller::Visitor;
use crate::error::CommandError;

/// Keeps the score with the conversation; with their words it stands in the thread. The same score again without words is no news.
pub async fn rate(
    app: &App,
    visitor: Visitor,
    conversation_id: ConversationId,
    score: u32,
    words: Option<String>,
) -> Result<Written<()>, CommandError> {
    let mut fields = Fields::new();
    if !(1..=RATING_MOST).contains(&score) {
        fields.wrong("score", "invalid", format!("A score is between 1 and {RATING_MOST}."));
    }
    let words = fields.bounded("words", words.as_deref().unwrap_or_default(), 0, RATING_CHARS);
    fields.done()?;
    let words = Some(words).filter(|words| !words.is_empty());
    let (now, random) = (app.clock.now(), app.random.clone());
    app.write_unasked(Unasked::Visitor, move |tx| {
        Box::pin(async move {
            let thread = conversations::load_for_identity(tx, visitor.identity_id, conversation_id).await?;
            let row = thread.ok_or_else(|| CommandError::not_found("conversation"))?.conversation;
            let inbox = inboxes::load(tx, &Visibility::All, row.inbox_id).await?;
            let asks = inbox.and_then(|inbox| inbox.web).is_some_and(|web| web.ask_rating);
            if !asks || row.status != Status::Closed || row.merged_into.is_some() {
                let sentence = "Nobody asks how you found it now.";
                return Err(ApiError::new(ErrorCode::Conflict, sentence).into());
            }
            if row.rating == Some(score) && words.is_none() {
                return Ok(());
            }
            let patch = ConversationPatch { rating: Some(Some(score)), ..ConversationPatch::default() };
            let changed = Changed { patch, lines: vec![SystemLine::Rated { score, words }] };
            let by = Author::Contact { id: row.contact.id };
            let mut line_id = || MessageId(random.ulid(now));
            conversations::change(tx, &row, changed, by, now, &mut line_id).await?;
            Ok(())
        })
    })
    .await
}
