//! Answers that wait a moment before they go out, so that whoever wrote them can take them back.
//!
//! The hub holds them, not the page: they go out at their time though the tab is closed, whichever hub is there. The team sees
//! them as held, the customer not at all. Whether they may go out is looked at twice, by the same rules: when they are held,
//! so that their writer hears at once, and when they go, in the transaction that writes them. What is refused then stays where
//! it is, with the reason, for its writer to decide; what the customer writes meanwhile stops nothing, as it stops nothing
//! that is on its way. Of somebody who may not see the conversation any more nothing goes out.

use switchboard_domain::Visibility;
use switchboard_domain::permission::Permission;
use switchboard_domain::thread::NewMessage;
use switchboard_protocol::agent::{AfterReply, AgentEvent};
use switchboard_protocol::error::{ApiError, ErrorCode};
use switchboard_protocol::model::{Author, Conversation, MessageKind, Scope};
use switchboard_protocol::{AgentId, MessageId, Number, UnixMs, limits};
use switchboard_store::held::{self, Content, Held};
use switchboard_store::timers::{self, TimerKind};
use switchboard_store::{
    Append, AppendedAt, Audience, Emit, Sender, Tx, Written, access, agents, append, conversations, moving,
};

use super::change_conversation::Settle;
use super::write_mail::{self, Letter};
use super::write_message::{Write, compose};
use crate::app::App;
use crate::caller::{Answer, May};
use crate::error::CommandError;

/// What came of it.
#[derive(Debug)]
pub enum Kept {
    /// It goes out then.
    Held { until: UnixMs },
    /// It was held and taken back before, and is not held again.
    TakenBack,
    /// It has gone out already.
    Gone(Box<AppendedAt>),
}

/// Holds an answer for so many seconds. The same again is the same answer.
pub async fn hold(
    app: &App,
    by: &May<Answer>,
    write: Write,
    seen: Option<Number>,
    seconds: u32,
) -> Result<Written<Kept>, CommandError> {
    if seconds > limits::HOLD_SECONDS {
        let sentence = format!("At most {} seconds.", limits::HOLD_SECONDS);
        return Err(ApiError::field("hold", "too_long", sentence).into());
    }
    let (mail, after) = (write.mail.clone(), write.after);
    let mut append = compose(app, by, MessageKind::Out, write, seen)?;
    let letter = match mail.clone() {
        None => None,
        Some(mail) => Some(write_mail::checked_letter(app, by.agent_id, mail).await?),
    };
    // Whoever is refused for it then could do nothing about it.
    if matches!(after, Some(AfterReply::Snooze { until }) if until > app.clock.now() + limits::SNOOZE_MS) {
        return Err(ApiError::field("after", "invalid", "That is too far from now.").into());
    }
    let (agent, visibility, now) = (by.agent_id, by.visibility.clone(), app.clock.now());
    let written = app.write_as(by, move |tx| {
        Box::pin(async move {
            let client_id = append.message.client_id.clone().unwrap_or_default().replace('\0', "");
            if let Some(before) = held::load(tx, agent, &client_id).await? {
                let until = before.due_at;
                return Ok(if before.content.is_some() { Kept::Held { until } } else { Kept::TakenBack });
            }
            let thread = conversations::load(tx, &visibility, append.conversation_id).await?;
            let row = thread.ok_or_else(|| CommandError::not_found("conversation"))?.conversation;
            append.message.mail = write_mail::head_in(tx, &row, letter.as_ref()).await?;
            let Some(attachments) = append::would_take(tx, &append).await? else {
                // It went out before: the first one's answer, by the same look as ever.
                return Ok(Kept::Gone(Box::new(append::append(tx, append).await?)));
            };
            let waiting = held::load_in_conversation(tx, row.id).await?;
            // What one person says goes out in the order in which they said it.
            let last = waiting.iter().filter(|one| one.by == agent).map(|one| one.due_at + 1).max();
            let due_at = last.unwrap_or(0).max(now + i64::from(seconds) * 1_000);
            let (head, html) = letter.map_or((None, None), |letter| (Some(Box::new(letter.head)), letter.html));
            let message = append.message;
            let content =
                Content { text: message.text, attachments, answers: message.answers, seen, mail, head, html, after };
            let one = Held {
                by: agent,
                client_id,
                conversation_id: row.id,
                at: now,
                due_at,
                content: Some(content),
                refused: None,
            };
            held::insert(tx, &one).await?;
            timers::set(tx, TimerKind::HeldSend, &one.subject(), due_at).await?;
            tell(tx, &row, &one, now);
            Ok(Kept::Held { until: due_at })
        })
    });
    written.await
}

/// It does not go out. Its writer has its words from the event that told of it.
pub async fn take_back(app: &App, by: &May<Answer>, client_id: String) -> Result<Written<()>, CommandError> {
    let (agent, now) = (by.agent_id, app.clock.now());
    app.write_as(by, move |tx| {
        Box::pin(async move {
            let gone = || ApiError::new(ErrorCode::Conflict, "It has gone out already.");
            let one = held::load(tx, agent, &client_id).await?.ok_or_else(gone)?;
            if one.content.is_none() {
                return Ok(());
            }
            timers::clear(tx, TimerKind::HeldSend, &one.subject()).await?;
            held::take_back(tx, &one).await?;
            if let Some(thread) = conversations::load(tx, &Visibility::All, one.conversation_id).await? {
                tell_gone(tx, &thread.conversation, &one, now);
            }
            Ok(())
        })
    })
    .await
}

/// Its time has come: it goes out in this transaction, or stays with the reason. `subject` is its timer's.
pub async fn send(app: &App, tx: &mut Tx, subject: &str, now: UnixMs) -> Result<(), CommandError> {
    let unreadable = || CommandError::fault("reading what is held by a timer", subject.to_owned());
    let (agent, client_id) = subject.split_once('/').ok_or_else(unreadable)?;
    let agent: AgentId = agent.parse().map_err(|_| unreadable())?;
    let Some(one) = held::load(tx, agent, client_id).await? else { return Ok(()) };
    let Some(mut content) = one.content.clone().filter(|_| one.refused.is_none()) else { return Ok(()) };
    // What was merged meanwhile has gone on in another conversation, and what was written to it goes there.
    let now_in = moving::top(tx, one.conversation_id).await?;
    if now_in != one.conversation_id {
        // Numbers of where it was written. What its writer had seen stands there under another.
        content.answers = None;
        content.seen = match content.seen {
            Some(seen) => Some(moving::seen_there(tx, one.conversation_id, seen).await?.unwrap_or_default()),
            None => None,
        };
    }
    let Some(thread) = conversations::load(tx, &Visibility::All, now_in).await? else { return Ok(()) };
    let row = thread.conversation;
    let Some(sender) = who_may(tx, agent, &row).await? else {
        held::remove(tx, &one).await?;
        tell_gone(tx, &row, &one, now);
        return Ok(());
    };
    match write(app, tx, &row, &one, content, sender, now).await {
        Ok(()) => {
            held::remove(tx, &one).await?;
            if now_in != one.conversation_id {
                tell_gone(tx, &row, &one, now);
            }
            Ok(())
        }
        Err(CommandError::Refused(why)) => {
            held::refuse(tx, &one, &why).await?;
            tell(tx, &row, &Held { refused: Some(*why), ..one }, now);
            Ok(())
        }
        Err(error) => Err(error),
    }
}

/// The writer, with what they may see now; none if they may not answer here any more.
async fn who_may(tx: &mut Tx, agent: AgentId, row: &Conversation) -> Result<Option<Sender>, CommandError> {
    let Some(account) = agents::load(tx, agent).await? else { return Ok(None) };
    let answers = !account.agent.disabled && Permission::Answer.granted_to(account.agent.role, &[Scope::Write]);
    let visibility = access::load_visibility_of(tx, agent).await?.filter(|seen| answers && seen.sees(row.inbox_id));
    let access_position = account.access_position;
    Ok(visibility.map(|visibility| Sender::Agent { id: agent, visibility, access_position }))
}

async fn write(
    app: &App,
    tx: &mut Tx,
    row: &Conversation,
    one: &Held,
    content: Content,
    sender: Sender,
    now: UnixMs,
) -> Result<(), CommandError> {
    let Content { text, attachments, answers, seen, head, html, after, .. } = content;
    let author = Author::Agent { id: one.by };
    let message = NewMessage {
        id: MessageId(app.random.ulid(now)),
        kind: MessageKind::Out,
        author,
        at: now,
        text,
        answers,
        rich: None,
        quote: None,
        mentions: Vec::new(),
        attachments: Vec::new(),
        mail: None,
        client_id: Some(one.client_id.clone()),
        seen,
    };
    let append = Append {
        conversation_id: row.id,
        sender,
        message,
        attachment_ids: attachments.iter().map(|file| file.id).collect(),
        line_ids: app.line_ids(now),
    };
    let letter = head.map(|head| Letter { head: *head, html });
    let appended = write_mail::write_in(tx, row, append, letter).await?;
    let settle =
        Settle { conversation_id: row.id, author, visibility: Visibility::All, now, random: app.random.clone() };
    // It is written by now: what is wrong from here on is no refusal of it.
    settle.after(tx, &appended, after).await.map_err(|error| match error {
        CommandError::Refused(why) => CommandError::fault("settling what was held", why.message),
        error => error,
    })
}

fn tell(tx: &mut Tx, row: &Conversation, one: &Held, at: UnixMs) {
    let Some(held) = one.shown() else { return };
    emit(tx, row, AgentEvent::ReplyHeld { held: Box::new(held) }, at);
}

fn tell_gone(tx: &mut Tx, row: &Conversation, one: &Held, at: UnixMs) {
    let (conversation_id, by, client_id) = (one.conversation_id, one.by, one.client_id.clone());
    emit(tx, row, AgentEvent::HeldReplyGone { conversation_id, by, client_id }, at);
}

fn emit(tx: &mut Tx, row: &Conversation, staff: AgentEvent, at: UnixMs) {
    tx.emit(Emit { at, audience: Audience::Inbox(row.inbox_id), conversation_id: Some(row.id), staff, visitor: None });
}
