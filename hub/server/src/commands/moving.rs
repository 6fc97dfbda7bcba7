//! The team puts messages into another conversation: splits some off, merges two conversations, and takes that back.
//!
//! Which may go where, `switchboard_domain::moving` says. What is on its way out stays until it has gone: its channel is
//! told by conversation what to send next. Nobody comes into a conversation by any of this who did not take part before, nor
//! by what they write into it afterwards: they take part in what they took part in (`commands/ingest/message.rs`).

use switchboard_domain::moving::{self as rules, Refusal};
use switchboard_domain::{Visibility, threading};
use switchboard_protocol::error::{ApiError, ErrorCode};
use switchboard_protocol::model::{Channel, Conversation, Message, MessageKind, Source, ThreadedBy};
use switchboard_protocol::rest::SplitConversation;
use switchboard_protocol::{ConversationId, MessageId, UnixMs, limits};
use switchboard_store::conversations::{self, Heading};
use switchboard_store::edge_keys::Scope;
use switchboard_store::moving::{self, By};
use switchboard_store::{Tx, contacts, inboxes, messages, references};

use super::idempotent::Request;
use crate::app::App;
use crate::caller::{Answer, May};
use crate::error::{CommandError, merged};
use crate::ids::Random;

/// Gives messages of a conversation one of their own, of whoever wrote them. The same key again is the same conversation.
pub async fn split(
    app: &App,
    by: &May<Answer>,
    id: ConversationId,
    body: SplitConversation,
    key: Option<String>,
) -> Result<Conversation, CommandError> {
    let request = Request::new(Scope::Agent(by.agent_id), key, "split", &(id, &body));
    let (now, random, visibility, author) = (app.clock.now(), app.random.clone(), by.visibility.clone(), by.author());
    let written = app.write_as(by, move |tx| {
        Box::pin(async move {
            // Before what was answered is repeated: who has lost the inbox since has lost that too.
            let from = seen(tx, &visibility, id).await?;
            if let Some(made) = request.answered(tx, now).await? {
                return Ok(made);
            }
            let going = moving::load_talk_from(tx, id, body.number, body.and_after).await?;
            let first = going.first().filter(|first| first.number == body.number);
            let kind = first.map_or(MessageKind::System, |first| first.kind);
            let talk_left = moving::leaves_talk(tx, id, &going).await?;
            rules::may_split(&from, kind, !body.and_after, talk_left).map_err(refused)?;
            may_go(tx, &going).await?;
            let heading = heading(tx, &from, &going, ConversationId(random.ulid(now))).await?;
            let addresses = takes_part(tx, &from, &going).await?;
            let mut line_id = ids(&random, now);
            let made =
                moving::split(tx, &from, heading, going, &mut By { author, at: now, line_id: &mut line_id }).await?;
            references::join(tx, made.id, &addresses).await?;
            request.keep(tx, &made).await?;
            Ok(made)
        })
    });
    Ok(written.await?.value)
}

/// Puts all of `other` into `id`, which then takes what would come into `other`. Once merged, the same again changes nothing.
pub async fn merge(
    app: &App,
    by: &May<Answer>,
    id: ConversationId,
    other: ConversationId,
) -> Result<Conversation, CommandError> {
    let (now, random, visibility, author) = (app.clock.now(), app.random.clone(), by.visibility.clone(), by.author());
    let written = app.write_as(by, move |tx| {
        Box::pin(async move {
            let (into, part) = (seen(tx, &visibility, id).await?, seen(tx, &visibility, other).await?);
            if is_in(&part, &into) {
                return Ok(into);
            }
            let going = moving::load_talk(tx, other).await?;
            rules::may_merge(&into, &part, moving::goes_back(tx, id, &going).await?).map_err(refused)?;
            if moving::depth(tx, other).await? >= limits::MERGED_IN_A_ROW {
                return Err(refused(Refusal::TooDeep));
            }
            may_go(tx, &going).await?;
            let mut line_id = ids(&random, now);
            let mut by = By { author, at: now, line_id: &mut line_id };
            Ok(moving::merge(tx, &into, &part, going, &mut by).await?)
        })
    });
    Ok(written.await?.value)
}

/// Puts back what was merged into `id` from `other`, and answers with `other`. What was said since stays where it is, and what
/// has been moved on to somewhere else. Of one that is not merged into it nothing changes.
pub async fn separate(
    app: &App,
    by: &May<Answer>,
    id: ConversationId,
    other: ConversationId,
) -> Result<Conversation, CommandError> {
    let (now, random, visibility, author) = (app.clock.now(), app.random.clone(), by.visibility.clone(), by.author());
    let written = app.write_as(by, move |tx| {
        Box::pin(async move {
            let (into, part) = (seen(tx, &visibility, id).await?, seen(tx, &visibility, other).await?);
            if !is_in(&part, &into) {
                return Ok(part);
            }
            let merged = moving::load_merged(tx, other).await?;
            let (going, gone): (Vec<_>, Vec<_>) = merged.into_iter().partition(|message| message.conversation_id == id);
            if going.is_empty() && !gone.is_empty() {
                return Err(refused(Refusal::MovedOn));
            }
            may_go(tx, &going).await?;
            let mut line_id = ids(&random, now);
            let mut by = By { author, at: now, line_id: &mut line_id };
            Ok(moving::separate(tx, &into, &part, going, &mut by).await?)
        })
    });
    Ok(written.await?.value)
}

fn is_in(part: &Conversation, into: &Conversation) -> bool {
    part.merged_into.as_ref().is_some_and(|merged| merged.id == into.id)
}

async fn seen(tx: &mut Tx, visibility: &Visibility, id: ConversationId) -> Result<Conversation, CommandError> {
    let thread = conversations::load(tx, visibility, id).await?;
    Ok(thread.ok_or_else(|| CommandError::not_found("conversation"))?.conversation)
}

/// Within the bound, and nothing of it on its way out.
async fn may_go(tx: &mut Tx, going: &[Message]) -> Result<(), CommandError> {
    if going.len() > limits::MOVED_MESSAGES {
        return Err(refused(Refusal::TooMany));
    }
    if moving::is_being_sent(tx, going).await? {
        let sentence = "One of the messages is being sent. Try again when it has gone out.";
        return Err(ApiError::new(ErrorCode::BeingSent, sentence).into());
    }
    Ok(())
}

fn refused(refusal: Refusal) -> CommandError {
    match refusal {
        Refusal::Merged { into } => merged(&into).into(),
        other => ApiError::new(ErrorCode::CannotMove, other.to_string()).into(),
    }
}

fn ids(random: &Random, now: UnixMs) -> impl FnMut() -> MessageId + Send + '_ {
    move || MessageId(random.ulid(now))
}

/// Whose the new conversation is, and its subject: of the first message that came in, else as in the one that it leaves.
async fn heading(
    tx: &mut Tx,
    from: &Conversation,
    going: &[Message],
    id: ConversationId,
) -> Result<Heading, CommandError> {
    let not_found = || CommandError::not_found("contact");
    let mut whose = contacts::load_identity(tx, from.identity_id).await?.ok_or_else(not_found)?;
    let mail =
        going.iter().filter(|message| message.kind == MessageKind::In).find_map(|message| message.mail.as_deref());
    if from.channel == Channel::Email {
        let sender = mail.and_then(|mail| mail.from.as_ref()).map(|sender| sender.address.clone());
        let address = match sender {
            Some(sender) => Some(sender),
            None => messages::went_to(tx, going.iter().map(|message| message.id)).await?.into_iter().next(),
        };
        if let Some(key) = address.map(|address| address.to_lowercase()) {
            whose = contacts::load_identity_by_key(tx, from.inbox_id, &key).await?.unwrap_or(whose);
        }
    }
    let mail = mail.or_else(|| going.iter().find_map(|message| message.mail.as_deref()));
    let prefix = from.case_number.trim_end_matches(|c: char| c.is_ascii_digit());
    let subject = mail.map(|mail| threading::bare_subject(&mail.subject, prefix).to_owned());
    Ok(Heading {
        id,
        contact_id: whose.contact_id,
        identity_id: whose.identity.id,
        inbox_id: from.inbox_id,
        subject: subject.filter(|subject| !subject.is_empty()),
        language: from.language.clone(),
        source: Source::default(),
        started_by: None,
    })
}

/// Who has written or been written to in these mails. Of one that had come by its case number only its sender is believed.
async fn takes_part(tx: &mut Tx, from: &Conversation, going: &[Message]) -> Result<Vec<String>, CommandError> {
    let inbox = inboxes::load(tx, &Visibility::All, from.inbox_id).await?;
    let ours = inbox.and_then(|inbox| inbox.address).unwrap_or_default();
    let addressed = messages::went_to(tx, going.iter().map(|message| message.id)).await?;
    let mails = going.iter().filter_map(|message| Some((message.kind, message.mail.as_deref()?)));
    let addresses = mails.flat_map(|(kind, mail)| match (kind, mail.threaded) {
        (MessageKind::In, Some(ThreadedBy::CaseNumber)) => {
            mail.from.iter().map(|sender| sender.address.to_lowercase()).collect()
        }
        // Where an agent wants the answers is the agent's own address.
        (MessageKind::Out, _) => {
            let to = mail.to.iter().chain(&mail.cc).chain(&mail.bcc).map(|one| one.address.to_lowercase());
            to.filter(|address| !threading::is_ours(address, &ours)).collect()
        }
        _ => threading::participants(mail, &ours),
    });
    let addressed = addressed.into_iter().map(|address| address.to_lowercase());
    Ok(addresses.chain(addressed.filter(|address| !threading::is_ours(address, &ours))).collect())
}
