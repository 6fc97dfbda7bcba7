//! An answer that has more than a text: formatting, where the channel takes it, and of mails a subject of their own and copies.

use switchboard_domain::Visibility;
use switchboard_domain::validate::Fields;
use switchboard_protocol::agent::{AfterReply, ReplyMail};
use switchboard_protocol::error::ApiError;
use switchboard_protocol::model::{AnswersTo, Channel, Conversation, MailAddress, MessageMail};
use switchboard_protocol::{AgentId, InboxId, limits};
use switchboard_store::bodies::{self, Body};
use switchboard_store::{Append, AppendError, AppendedAt, Tx, agents, append, conversations, inboxes, references};

use super::change_conversation::Settle;
use crate::app::App;
use crate::caller::{Answer, May};
use crate::error::CommandError;

/// Copies of one mail, of each kind.
const COPIES: usize = 30;
/// Largest formatted text of an answer, bytes.
pub(super) const HTML_BYTES: usize = 200_000;

/// What a mail has beside its text, checked and harmless.
#[derive(Debug)]
pub(super) struct Letter {
    pub head: MessageMail,
    pub html: Option<String>,
}

/// Answers with what the mail has beside its text. Those who are copied take part from now on.
pub async fn reply(
    app: &App,
    by: &May<Answer>,
    append: Append,
    mail: ReplyMail,
    after: Option<AfterReply>,
) -> Result<AppendedAt, CommandError> {
    let settle = Settle::new(app, by, append.conversation_id);
    let letter = checked_letter(app, by.agent_id, mail).await?;
    let visibility = by.visibility.clone();
    let written = app.write_as(by, move |tx| {
        Box::pin(async move {
            let thread = conversations::load(tx, &visibility, append.conversation_id).await?;
            let row = thread.ok_or_else(|| CommandError::not_found("conversation"))?.conversation;
            let appended = write_in(tx, &row, append, Some(letter)).await?;
            settle.after(tx, &appended, after).await?;
            Ok(appended)
        })
    });
    let appended = written.await?.value;
    app.channels.call_senders();
    Ok(appended)
}

/// The same as a part of an operation, in this conversation.
pub(super) async fn write_in(
    tx: &mut Tx,
    row: &Conversation,
    mut append: Append,
    letter: Option<Letter>,
) -> Result<AppendedAt, CommandError> {
    append.message.mail = head_in(tx, row, letter.as_ref()).await?;
    let appended = append::append(tx, append).await?;
    let Some(Letter { head, html }) = letter else { return Ok(appended) };
    if appended.repeated {
        let first = bodies::load(tx, appended.message.id).await?.and_then(|body| body.html);
        if appended.message.deleted_at.is_none() && first != html {
            return Err(AppendError::KeyReused.into());
        }
    } else {
        if html.is_some() {
            bodies::insert(tx, appended.message.id, &Body { whole_text: None, html }).await?;
        }
        references::join(tx, row.id, &joining(&head)).await?;
    }
    Ok(appended)
}

/// What of it this conversation's channel carries.
pub(super) async fn head_in(
    tx: &mut Tx,
    row: &Conversation,
    letter: Option<&Letter>,
) -> Result<Option<Box<MessageMail>>, CommandError> {
    let Some(Letter { head, .. }) = letter else { return Ok(None) };
    if row.channel == Channel::Email {
        return Ok(Some(Box::new(head.clone())));
    }
    let formatted_only = head.subject.is_empty() && joining(head).is_empty() && head.reply_to.is_none();
    if !formatted_only || !takes_formatting(tx, row.inbox_id).await? {
        let sentence = "Only answers by mail have a subject and copies, and this channel no formatting.";
        return Err(ApiError::field("mail", "unknown", sentence).into());
    }
    Ok(None)
}

/// Who takes part from then on.
fn joining(head: &MessageMail) -> Vec<String> {
    head.to.iter().chain(&head.cc).chain(&head.bcc).map(|one| one.address.clone()).collect()
}

/// The same as [`checked`], in one piece.
pub(super) async fn checked_letter(app: &App, by: AgentId, mail: ReplyMail) -> Result<Letter, CommandError> {
    let (head, html) = checked(app, by, mail).await?;
    Ok(Letter { head, html })
}

async fn takes_formatting(tx: &mut Tx, inbox: InboxId) -> Result<bool, CommandError> {
    let inbox = inboxes::load(tx, &Visibility::All, inbox).await?;
    Ok(inbox.and_then(|inbox| inbox.carries).is_some_and(|carries| carries.rich_text))
}

/// What was given, within bounds, and its formatting sanitised.
pub(super) async fn checked(
    app: &App,
    by: AgentId,
    mail: ReplyMail,
) -> Result<(MessageMail, Option<String>), CommandError> {
    let mut fields = Fields::new();
    let mut addresses = |field: &str, list: &[String]| -> Vec<MailAddress> {
        if list.len() > COPIES {
            fields.wrong(field, "too_many", format!("At most {COPIES} addresses."));
        }
        let each = list.iter().take(COPIES).enumerate();
        each.map(|(n, text)| MailAddress { name: None, address: fields.email(&format!("{field}.{n}"), text) }).collect()
    };
    let (cc, bcc) = (addresses("mail.cc", &mail.cc), addresses("mail.bcc", &mail.bcc));
    let to = mail.to.map(|to| MailAddress { name: None, address: fields.email("mail.to", &to) });
    let subject = mail.subject.map(|text| fields.bounded("mail.subject", &text, 1, limits::SUBJECT_CHARS));
    if subject.as_deref().is_some_and(|subject| subject.contains(['\n', '\t'])) {
        fields.wrong("mail.subject", "control_characters", "A subject is one line.");
    }
    if mail.html.as_deref().is_some_and(|html| html.len() > HTML_BYTES) {
        fields.wrong("mail.html", "too_long", format!("At most {HTML_BYTES} bytes."));
    }
    fields.done()?;
    let html = match mail.html {
        None => None,
        Some(html) => {
            let made = switchboard_email::apart_for_the_team(move || switchboard_email::sanitise(&html)).await;
            made.map_err(|error| CommandError::fault("making an answer's HTML harmless", error))?
        }
    };
    let reply_to = match mail.answers_to.unwrap_or(AnswersTo::Inbox) {
        AnswersTo::Inbox => None,
        AnswersTo::Own => agents::find(&app.store, by).await?.map(|account| account.agent.email),
    };
    let to = to.into_iter().collect();
    let subject = subject.unwrap_or_default();
    let head = MessageMail { subject, to, cc, bcc, reply_to, html: html.is_some(), ..MessageMail::default() };
    Ok((head, html))
}
