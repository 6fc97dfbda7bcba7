//! A visitor writes. Their first message makes the contact, the identity and the conversation, in one transaction with
//! it; before it there is no row of them.

use switchboard_domain::thread::{NewMessage, Refusal};
use switchboard_domain::{Visibility, validate};
use switchboard_protocol::model::{Author, Channel, Contact, Identity, MessageKind, Source};
use switchboard_protocol::visitor::About;
use switchboard_protocol::{AttachmentId, ContactId, ConversationId, MessageId, Number, Position, UnixMs, limits};
use switchboard_store::edge_keys::{Claim, Scope, claim};
use switchboard_store::{Append, AppendError, AppendedAt, Sender, Tx, append, contacts, conversations, inboxes};

use super::visitor_about::{self, Said};
use crate::app::{App, Unasked};
use crate::caller::Visitor;
use crate::error::CommandError;
use crate::ids::Random;

/// Pages kept of those seen before the first message: the newest.
const PAGES_KEPT: usize = 20;

/// Campaign parameters kept.
const CAMPAIGN_KEPT: usize = 20;

/// What a visitor wants sent.
#[derive(Debug)]
pub struct Send {
    /// The same again is the same message.
    pub client_id: String,
    pub text: String,
    pub attachments: Vec<AttachmentId>,
    /// None: the running one, or a new one.
    pub conversation_id: Option<ConversationId>,
    pub source: Option<Box<Source>>,
    /// Counts with the message that begins a conversation.
    pub about: Option<Box<About>>,
}

/// Where it came to stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sent {
    pub conversation_id: ConversationId,
    pub message_id: MessageId,
    pub number: Number,
    pub at: UnixMs,
    pub position: Position,
}

impl From<AppendedAt> for Sent {
    fn from(appended: AppendedAt) -> Self {
        let AppendedAt { message, position, .. } = appended;
        let (conversation_id, message_id) = (message.conversation_id, message.id);
        Self { conversation_id, message_id, number: message.number, at: message.at, position }
    }
}

/// Takes a visitor's message in: once, however often it is sent.
pub async fn send(app: &App, visitor: Visitor, send: Send) -> Result<Sent, CommandError> {
    validate::message(&send.text, send.attachments.len(), Some(&send.client_id))?;
    let now = app.clock.now();
    if let Some(conversation_id) = send.conversation_id {
        let append = into_running(app, visitor, send, conversation_id, now);
        return into_where_it_is(app, append).await;
    }
    let (random, line_ids) = (app.random.clone(), app.line_ids(now));
    let said = send.about.clone().map(|about| Said::of(app, visitor, *about)).unwrap_or_default();
    let written = app
        .write_unasked(Unasked::Visitor, move |tx| {
            Box::pin(async move {
                match conversations::running(tx, visitor.identity_id).await? {
                    Some(conversation_id) => {
                        let message = new_message(&random, &send, now);
                        let sender = Sender::Visitor { identity_id: visitor.identity_id };
                        let attachment_ids = send.attachments;
                        let into = Append { conversation_id, sender, message, attachment_ids, line_ids };
                        Ok(append::append(tx, into).await?.into())
                    }
                    None => begin(tx, &random, visitor, send, said, now).await,
                }
            })
        })
        .await?;
    Ok(written.value)
}

/// A page that has not heard yet that the team has merged its conversation means the one that it is in now.
async fn into_where_it_is(app: &App, mut append: Append) -> Result<Sent, CommandError> {
    for _ in 0..limits::MERGED_IN_A_ROW {
        match app.try_append(append.clone()).await {
            Err(AppendError::Refused(Refusal::Merged { into })) => append.conversation_id = into.id,
            other => return Ok(other?.into()),
        }
    }
    Ok(app.append(append).await?.into())
}

fn into_running(app: &App, visitor: Visitor, send: Send, conversation_id: ConversationId, now: UnixMs) -> Append {
    Append {
        conversation_id,
        sender: Sender::Visitor { identity_id: visitor.identity_id },
        message: new_message(&app.random, &send, now),
        attachment_ids: send.attachments,
        line_ids: app.line_ids(now),
    }
}

/// The author is put in by the store, which knows whose identity it is; until then it is nobody's.
fn new_message(random: &Random, send: &Send, now: UnixMs) -> NewMessage {
    NewMessage {
        id: MessageId(random.ulid(now)),
        kind: MessageKind::In,
        author: Author::System,
        at: now,
        text: validate::message_text(send.text.clone()),
        attachments: Vec::new(),
        mail: None,
        client_id: Some(send.client_id.clone()),
        answers: None,
        rich: None,
        quote: None,
        mentions: Vec::new(),
        seen: None,
    }
}

async fn begin(
    tx: &mut Tx,
    random: &Random,
    visitor: Visitor,
    send: Send,
    said: Said,
    now: UnixMs,
) -> Result<Sent, CommandError> {
    let inbox = inboxes::load(tx, &Visibility::All, visitor.inbox_id).await?;
    inbox.filter(|inbox| inbox.channel == Channel::Web).ok_or_else(|| CommandError::not_found("inbox"))?;
    let mut first = new_message(random, &send, now);
    let scope = Scope::Identity(visitor.identity_id);
    if let Claim::Taken { .. } = claim(tx, scope, &send.client_id, &first.id.to_string(), now).await? {
        // Sent before, into a conversation that is not there any more: it is not to come back.
        return Err(CommandError::not_found("conversation"));
    }
    let source = send.source.map(|source| bounded(*source, now)).unwrap_or_default();
    let known = contacts::load_identity(tx, visitor.identity_id).await?;
    let contact_id = match &known {
        Some(known) => known.contact_id,
        None => new_contact(tx, random, visitor, source.language.clone(), &said, now).await?,
    };
    first.author = Author::Contact { id: contact_id };
    let begun = conversations::begin(
        tx,
        conversations::Begin {
            id: ConversationId(random.ulid(now)),
            contact_id,
            identity_id: visitor.identity_id,
            inbox_id: visitor.inbox_id,
            subject: None,
            language: source.language.clone(),
            source,
            first,
            sender: Sender::Visitor { identity_id: visitor.identity_id },
            attachment_ids: send.attachments,
        },
    )
    .await?;
    if let Some(known) = known {
        visitor_about::note(tx, visitor, contact_id, &known.identity, &said, now).await?;
    }
    let message = begun.message;
    Ok(Sent {
        conversation_id: begun.conversation.id,
        message_id: message.id,
        number: message.number,
        at: message.at,
        position: begun.position,
    })
}

/// The contact and the identity of a visitor who has never written.
async fn new_contact(
    tx: &mut Tx,
    random: &Random,
    visitor: Visitor,
    language: Option<String>,
    said: &Said,
    now: UnixMs,
) -> Result<ContactId, CommandError> {
    let mut contact = Contact {
        id: ContactId(random.ulid(now)),
        name: None,
        email: None,
        phone: None,
        language,
        time_zone: None,
        notes: String::new(),
        tags: Vec::new(),
        attributes: Default::default(),
        identities: Vec::new(),
        merged: Vec::new(),
        created_at: now,
    };
    said.write_on(&mut contact);
    let identity = Identity {
        id: visitor.identity_id,
        inbox_id: visitor.inbox_id,
        channel: Channel::Web,
        address: said.user_id.clone(),
        verified: said.user_id.is_some(),
        stopped_at: None,
    };
    contacts::insert(tx, &contact).await?;
    contacts::insert_identity(tx, contact.id, &identity, &visitor.identity_id.to_string(), now).await?;
    Ok(contact.id)
}

/// What a page says of itself, cut to its bounds rather than refused: it must not keep a visitor from writing.
fn bounded(mut source: Source, now: UnixMs) -> Source {
    let cut = |text: &mut String| {
        let end = text.char_indices().nth(limits::URL_CHARS).map_or(text.len(), |(at, _)| at);
        text.truncate(end);
        text.retain(|c| !c.is_control());
    };
    let optional = [&mut source.url, &mut source.title, &mut source.referrer, &mut source.language];
    optional.into_iter().flatten().for_each(cut);
    source.campaign.truncate(CAMPAIGN_KEPT);
    source.campaign.iter_mut().for_each(|(name, value)| {
        cut(name);
        cut(value);
    });
    let surplus = source.pages.len().saturating_sub(PAGES_KEPT);
    source.pages.drain(..surplus);
    for page in &mut source.pages {
        // A page's clock may be wrong; nobody has seen a page that is yet to come.
        page.at = page.at.clamp(0, now);
        cut(&mut page.url);
        page.title.as_mut().into_iter().for_each(cut);
    }
    source
}
