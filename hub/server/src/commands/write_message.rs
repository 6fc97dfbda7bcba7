//! An agent answers or notes.

use std::collections::BTreeSet;

use switchboard_domain::thread::NewMessage;
use switchboard_domain::validate::{self, Fields};
use switchboard_protocol::agent::{AfterReply, ReplyMail};
use switchboard_protocol::error::ApiError;
use switchboard_protocol::model::MessageKind;
use switchboard_protocol::notifications::NotificationKind;
use switchboard_protocol::{AgentId, AttachmentId, ConversationId, InboxId, MessageId, Number, limits};
use switchboard_store::notifications::{self, About};
use switchboard_store::{Append, AppendedAt, Tx, access, append, conversations};

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
    /// Of notes: colleagues who are named in it.
    pub mentions: Vec<AgentId>,
}

/// Answers the contact. `seen` is the last message that the writer has seen: if a colleague's reply stands after it,
/// nothing is sent (`reply_unseen`). None: send whatever stands there.
pub async fn reply(
    app: &App,
    by: &May<Answer>,
    write: Write,
    seen: Option<Number>,
) -> Result<AppendedAt, CommandError> {
    if !write.mentions.is_empty() {
        let sentence = "Colleagues are named in notes, which no customer sees.";
        return Err(ApiError::field("mentions", "unknown", sentence).into());
    }
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
    let named = !write.mentions.is_empty();
    let append = compose(app, by, MessageKind::Note, write, None)?;
    if named { note_and_tell(app, by, append).await } else { app.append(append).await }
}

/// A note and the word of it to those who are named in it, in one operation, off the hot path.
async fn note_and_tell(app: &App, by: &May<Answer>, append: Append) -> Result<AppendedAt, CommandError> {
    let visibility = by.visibility.clone();
    let written = app.write_as(by, move |tx| {
        Box::pin(async move {
            let appended = append::append(tx, append).await?;
            // A repeat: they were told with the first one.
            if appended.repeated {
                return Ok(appended);
            }
            let note = &appended.message;
            let thread = conversations::load(tx, &visibility, note.conversation_id).await?;
            let row = thread.ok_or_else(|| CommandError::not_found("conversation"))?.conversation;
            all_may_see(tx, row.inbox_id, &note.mentions).await?;
            let (number, by, at) = (note.number, note.author, note.at);
            let about = About { kind: NotificationKind::Mention, row: &row, number, by, at };
            notifications::tell(tx, &about, &note.mentions).await?;
            Ok(appended)
        })
    });
    Ok(written.await?.value)
}

/// Nobody is named who could not read what they are told of.
async fn all_may_see(tx: &mut Tx, inbox_id: InboxId, named: &[AgentId]) -> Result<(), CommandError> {
    let who = access::agents_who_see(tx, inbox_id).await?;
    let mut fields = Fields::new();
    for (place, _) in named.iter().enumerate().filter(|(_, agent)| !who.contains(agent)) {
        fields.wrong(&format!("mentions.{place}"), "cannot_see", "This person cannot see the inbox.");
    }
    Ok(fields.done()?)
}

/// Each once, in their order.
fn named_in(mentions: Vec<AgentId>) -> Result<Vec<AgentId>, ApiError> {
    if mentions.len() > limits::MENTIONS {
        return Err(ApiError::field("mentions", "too_many", format!("At most {} people.", limits::MENTIONS)));
    }
    let mut once = BTreeSet::new();
    Ok(mentions.into_iter().filter(|agent| once.insert(*agent)).collect())
}

pub(super) fn compose(
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
        mentions: named_in(write.mentions)?,
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
