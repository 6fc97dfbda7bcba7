//! An agent answers or notes.

use switchboard_domain::thread::NewMessage;
use switchboard_domain::validate;
use switchboard_protocol::agent::{AfterReply, ReplyMail};
use switchboard_protocol::error::ApiError;
use switchboard_protocol::model::MessageKind;
use switchboard_protocol::{AttachmentId, ConversationId, MessageId, Number};
use switchboard_store::{Append, AppendedAt, append};

use super::{change_conversation, write_mail};
use crate::app::App;
use crate::caller::{Answer, May};
use crate::error::CommandError;

/// What an agent wants written.
#[derive(Debug)]
pub struct Write {
    pub conversation_id: ConversationId,
    pub text: String,
    pub attachments: Vec<AttachmentId>,
    /// Number of the message that it answers.
    pub answers: Option<Number>,
    /// The sender's own id for it: the same again is the same message.
    pub client_id: String,
    /// Of answers by mail.
    pub mail: Option<ReplyMail>,
    /// What becomes of the conversation with it.
    pub after: Option<AfterReply>,
}

/// Answers the contact. `seen` is the last message that the writer has seen: if a colleague's reply stands after it,
/// nothing is sent (`reply_unseen`). None: send whatever stands there.
pub async fn reply(
    app: &App,
    by: &May<Answer>,
    write: Write,
    seen: Option<Number>,
) -> Result<AppendedAt, CommandError> {
    match (write.mail.clone(), write.after) {
        (None, None) => app.append(compose(app, by, MessageKind::Out, write, seen)?).await,
        (None, Some(after)) => reply_and_then(app, by, compose(app, by, MessageKind::Out, write, seen)?, after).await,
        (Some(mail), after) => {
            write_mail::reply(app, by, compose(app, by, MessageKind::Out, write, seen)?, mail, after).await
        }
    }
}

/// An answer and what comes of it in one operation, off the hot path.
async fn reply_and_then(
    app: &App,
    by: &May<Answer>,
    append: Append,
    after: AfterReply,
) -> Result<AppendedAt, CommandError> {
    let settle = change_conversation::Settle::new(app, by, append.conversation_id);
    let written = app.write_as(by, move |tx| {
        Box::pin(async move {
            let appended = append::append(tx, append).await?;
            settle.after(tx, &appended, Some(after)).await?;
            Ok(appended)
        })
    });
    let appended = written.await?.value;
    app.channels.call_senders();
    Ok(appended)
}

/// Writes what only the team sees.
pub async fn note(app: &App, by: &May<Answer>, write: Write) -> Result<AppendedAt, CommandError> {
    if write.mail.is_some() {
        return Err(ApiError::field("mail", "unknown", "A note is no mail.").into());
    }
    if write.answers.is_some() {
        return Err(ApiError::field("answers", "unknown", "A note answers no message.").into());
    }
    if write.after.is_some() {
        return Err(ApiError::field("after", "unknown", "A note leaves the conversation as it is.").into());
    }
    app.append(compose(app, by, MessageKind::Note, write, None)?).await
}

fn compose(
    app: &App,
    by: &May<Answer>,
    kind: MessageKind,
    write: Write,
    seen: Option<Number>,
) -> Result<Append, CommandError> {
    validate::message(&write.text, write.attachments.len(), Some(&write.client_id))?;
    let now = app.clock.now();
    let message = NewMessage {
        id: MessageId(app.random.ulid(now)),
        kind,
        author: by.author(),
        at: now,
        text: validate::message_text(write.text),
        answers: write.answers,
        rich: None,
        quote: None,
        attachments: Vec::new(),
        mail: None,
        client_id: Some(write.client_id),
        seen,
    };
    Ok(Append {
        conversation_id: write.conversation_id,
        sender: by.sender(),
        message,
        attachment_ids: write.attachments,
        line_ids: app.line_ids(now),
    })
}
