//! An answer by mail that has more than a text: a subject of its own, copies, formatting.

use switchboard_domain::validate::Fields;
use switchboard_protocol::agent::ReplyMail;
use switchboard_protocol::error::ApiError;
use switchboard_protocol::limits;
use switchboard_protocol::model::{Channel, MailAddress, MessageMail};
use switchboard_store::bodies::{self, Body};
use switchboard_store::{Append, AppendedAt, append, conversations, references};

use crate::app::App;
use crate::caller::{Answer, May};
use crate::error::CommandError;

/// Copies of one mail, of each kind.
const COPIES: usize = 30;
/// Largest formatted text of an answer, bytes.
const HTML_BYTES: usize = 200_000;

/// Answers with what the mail has beside its text. Those who are copied take part from now on.
pub async fn reply(
    app: &App,
    by: &May<Answer>,
    mut append: Append,
    mail: ReplyMail,
) -> Result<AppendedAt, CommandError> {
    let (head, html) = checked(mail)?;
    let (id, visibility) = (append.conversation_id, by.visibility.clone());
    let joining: Vec<String> = head.cc.iter().chain(&head.bcc).map(|one| one.address.clone()).collect();
    append.message.mail = Some(Box::new(head));
    let written = app.write_as(by, move |tx| {
        Box::pin(async move {
            let thread = conversations::load(tx, &visibility, id).await?;
            let thread = thread.ok_or_else(|| CommandError::not_found("conversation"))?;
            if thread.conversation.channel != Channel::Email {
                let sentence = "Only answers by mail have a subject, copies and formatting.";
                return Err(ApiError::field("mail", "unknown", sentence).into());
            }
            let appended = append::append(tx, append).await?;
            if !appended.repeated {
                if html.is_some() {
                    bodies::insert(tx, appended.message.id, &Body { whole_text: None, html }).await?;
                }
                references::join(tx, id, &joining).await?;
            }
            Ok(appended)
        })
    });
    let appended = written.await?.value;
    app.channels.call_senders();
    Ok(appended)
}

fn checked(mail: ReplyMail) -> Result<(MessageMail, Option<String>), CommandError> {
    let mut fields = Fields::new();
    let mut addresses = |field: &str, list: &[String]| -> Vec<MailAddress> {
        if list.len() > COPIES {
            fields.wrong(field, "too_many", format!("At most {COPIES} addresses."));
        }
        let each = list.iter().take(COPIES).enumerate();
        each.map(|(n, text)| MailAddress { name: None, address: fields.email(&format!("{field}.{n}"), text) }).collect()
    };
    let (cc, bcc) = (addresses("mail.cc", &mail.cc), addresses("mail.bcc", &mail.bcc));
    let subject = mail.subject.map(|text| fields.bounded("mail.subject", &text, 1, limits::SUBJECT_CHARS));
    if subject.as_deref().is_some_and(|subject| subject.contains(['\n', '\t'])) {
        fields.wrong("mail.subject", "control_characters", "A subject is one line.");
    }
    if mail.html.as_deref().is_some_and(|html| html.len() > HTML_BYTES) {
        fields.wrong("mail.html", "too_long", format!("At most {HTML_BYTES} bytes."));
    }
    fields.done()?;
    let html = mail.html.as_deref().and_then(switchboard_email::sanitise);
    let head =
        MessageMail { subject: subject.unwrap_or_default(), cc, bcc, html: html.is_some(), ..MessageMail::default() };
    Ok((head, html))
}
