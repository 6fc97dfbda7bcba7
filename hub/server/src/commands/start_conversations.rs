//! An agent writes first: a message to one customer, or the same to several, of whom each gets a conversation of their own.
//!
//! It is service and no marketing: recipients are counted, who does not want to be written to is left out and named, and a
//! channel on which one cannot begin (a bot's, a web chat's) says so. All of it is one operation: either the agent hears what
//! became of each recipient, or nothing was begun.

use std::collections::HashSet;

use switchboard_connector::Capabilities;
use switchboard_domain::Visibility;
use switchboard_domain::person::Card;
use switchboard_domain::thread::NewMessage;
use switchboard_domain::validate::{self, Fields};
use switchboard_protocol::error::ApiError;
use switchboard_protocol::model::{Channel, Contact, Identity, Inbox, MailAddress, MessageKind, MessageMail, Source};
use switchboard_protocol::rest::{
    NotStarted, NotStartedReason, StartConversations, StartTo, Started, StartedConversations,
};
use switchboard_protocol::{ContactId, ConversationId, IdentityId, MessageId, UnixMs, limits};
use switchboard_store::bodies::{self, Body};
use switchboard_store::contacts::{self, Known};
use switchboard_store::edge_keys::Scope;
use switchboard_store::{Sender, Tx, conversations, inboxes, references};

use super::{idempotent, write_mail};
use crate::app::App;
use crate::caller::{Answer, May};
use crate::error::CommandError;
use crate::ids::Random;

/// Begins a conversation with each of those it is to; the same key begins them once.
pub async fn start(
    app: &App,
    by: &May<Answer>,
    body: StartConversations,
    key: Option<String>,
) -> Result<StartedConversations, CommandError> {
    let request = idempotent::Request::new(Scope::Http(by.agent_id), key, "conversations", &body);
    let now = app.clock.now();
    checked(&body)?;
    let (head, html) = match body.mail.clone() {
        Some(mail) => write_mail::checked(app, by.agent_id, mail).await.map(|(head, html)| (Some(head), html))?,
        None => (None, None),
    };
    let starting = Starting {
        visibility: by.visibility.clone(),
        sender: by.sender(),
        random: app.random.clone(),
        now,
        body,
        head,
        html,
    };
    let written = app.write_as(by, move |tx| {
        Box::pin(async move {
            if let Some(made) = request.answered(tx, now).await? {
                return Ok(made);
            }
            let made = starting.all(tx).await?;
            request.keep(tx, &made).await?;
            Ok(made)
        })
    });
    let made = written.await?.value;
    app.channels.call_senders();
    Ok(made)
}

/// What can be said without a look at the inbox.
fn checked(body: &StartConversations) -> Result<(), CommandError> {
    validate::message(&body.text, body.attachments.len(), None)?;
    let mut fields = Fields::new();
    match body.to.len() {
        0 => fields.wrong("to", "required", "Choose somebody to write to."),
        1..=limits::START_RECIPIENTS => {}
        _ => fields.wrong("to", "too_many", format!("At most {} recipients.", limits::START_RECIPIENTS)),
    }
    // Each recipient's mail has the copies: what is bounded is what goes out.
    let copies = body.mail.as_ref().map_or(0, |mail| mail.cc.len() + mail.bcc.len());
    if copies > 0 && body.to.len() * (1 + copies) > limits::START_RECIPIENTS {
        let wrong = format!("At most {} mails at a time: copies go with each recipient's.", limits::START_RECIPIENTS);
        fields.wrong("mail.cc", "too_many", wrong);
    }
    if body.to.len() > 1 && !body.attachments.is_empty() {
        fields.wrong("attachments", "too_many", "Files go to one recipient at a time.");
    }
    for (place, to) in body.to.iter().enumerate() {
        if let StartTo::Address { name: Some(name), .. } = to {
            fields.bounded(&format!("to.{place}.name"), name, 0, limits::NAME_CHARS);
        }
    }
    Ok(fields.done()?)
}

/// One request, in its transaction.
struct Starting {
    visibility: Visibility,
    sender: Sender,
    random: Random,
    now: UnixMs,
    body: StartConversations,
    head: Option<MessageMail>,
    html: Option<String>,
}

/// Somebody who can be written to, or why not.
type Reached = Result<Known, NotStartedReason>;

impl Starting {
    async fn all(&self, tx: &mut Tx) -> Result<StartedConversations, CommandError> {
        let inbox = inboxes::load(tx, &self.visibility, self.body.inbox_id).await?;
        let inbox = inbox.ok_or_else(|| CommandError::not_found("inbox"))?;
        self.carried(&inbox)?;
        let mut made = StartedConversations { started: Vec::new(), not_started: Vec::new() };
        let mut written_to = HashSet::new();
        for (place, to) in self.body.to.iter().enumerate() {
            let place = u32::try_from(place).expect("there are few recipients");
            match self.reach(tx, &inbox, to, &mut written_to).await? {
                Ok(known) => made.started.push(self.begin(tx, &inbox, place, known).await?),
                Err(why) => made.not_started.push(NotStarted { to: place, why }),
            }
        }
        Ok(made)
    }

    /// Whether the inbox's channel takes it, before anything is begun that never could go out.
    fn carried(&self, inbox: &Inbox) -> Result<(), CommandError> {
        let begins = |carries: &&Capabilities| carries.writes_first;
        let Some(carries) = inbox.carries.as_ref().filter(begins) else {
            let sentence = "On this inbox's channel customers write first, or it is not set up yet.";
            return Err(ApiError::field("inbox_id", "cannot_begin", sentence).into());
        };
        let mut fields = Fields::new();
        if self.body.text.chars().count() > carries.text_chars as usize {
            fields.wrong("text", "too_long", format!("This channel takes {} characters.", carries.text_chars));
        }
        if self.body.attachments.len() > carries.files as usize {
            fields.wrong("attachments", "too_many", format!("This channel takes {} files.", carries.files));
        }
        let subject = self.head.as_ref().map(|head| head.subject.as_str()).unwrap_or_default();
        if carries.subject && subject.is_empty() {
            fields.wrong("mail.subject", "required", "A new mail needs a subject.");
        } else if !carries.subject && self.head.is_some() {
            fields.wrong("mail", "unknown", "Only mails have a subject, copies and formatting.");
        }
        Ok(fields.done()?)
    }

    /// Who it is in this inbox; somebody new is made.
    async fn reach(
        &self,
        tx: &mut Tx,
        inbox: &Inbox,
        to: &StartTo,
        written_to: &mut HashSet<IdentityId>,
    ) -> Result<Reached, CommandError> {
        let known = match to {
            StartTo::Contact { contact_id } => self.reach_contact(tx, inbox, *contact_id).await?,
            StartTo::Address { address, name } => match key(inbox, address) {
                None => Err(NotStartedReason::NotAnAddress),
                Some(key) => Ok(self.reach_address(tx, inbox, key, Someone::New(name.as_deref())).await?),
            },
        };
        let Ok(known) = known else { return Ok(known) };
        if known.identity.stopped_at.is_some() {
            return Ok(Err(NotStartedReason::Stopped));
        }
        Ok(if written_to.insert(known.identity.id) { Ok(known) } else { Err(NotStartedReason::Twice) })
    }

    /// By how they are known in this inbox, or else by what stands on their card.
    async fn reach_contact(&self, tx: &mut Tx, inbox: &Inbox, id: ContactId) -> Result<Reached, CommandError> {
        let Some(person) = contacts::load_seen(tx, &self.visibility, id).await? else {
            return Ok(Err(NotStartedReason::Unknown));
        };
        let here = |one: &&Identity| one.inbox_id == inbox.id && one.address.is_some();
        let identities = |card: &Card| card.contact.identities.iter().filter(here).max_by_key(|one| one.id).cloned();
        let known = person
            .cards
            .iter()
            .filter_map(|card| identities(card).map(|identity| Known { identity, contact_id: card.contact.id }));
        if let Some(known) = known.max_by_key(|known| known.identity.id) {
            return Ok(Ok(known));
        }
        let address = |contact: &Contact| match inbox.channel {
            Channel::Email => contact.email.clone(),
            _ => contact.phone.clone(),
        };
        // It becomes one more identity of the card on which it stands.
        let mut written = person.cards.iter().filter_map(|card| Some((card.contact.id, address(&card.contact)?)));
        let Some((card, address)) = written.next() else { return Ok(Err(NotStartedReason::NoAddress)) };
        let Some(key) = key(inbox, &address) else { return Ok(Err(NotStartedReason::NotAnAddress)) };
        Ok(Ok(self.reach_address(tx, inbox, key, Someone::Known(card)).await?))
    }

    /// Whose the address is in this inbox: whoever has it already, for an address is one person's.
    async fn reach_address(
        &self,
        tx: &mut Tx,
        inbox: &Inbox,
        key: String,
        someone: Someone<'_>,
    ) -> Result<Known, CommandError> {
        if let Some(known) = contacts::load_identity_by_key(tx, inbox.id, &key).await? {
            return Ok(known);
        }
        let contact_id = match someone {
            Someone::Known(id) => id,
            Someone::New(name) => {
                let contact = self.new_contact(inbox, &key, name);
                contacts::insert(tx, &contact).await?;
                contact.id
            }
        };
        let identity = Identity {
            id: IdentityId(self.random.ulid(self.now)),
            inbox_id: inbox.id,
            channel: inbox.channel,
            address: Some(key.clone()),
            verified: false,
            stopped_at: None,
        };
        contacts::insert_identity(tx, contact_id, &identity, &key, self.now).await?;
        Ok(Known { identity, contact_id })
    }

    fn new_contact(&self, inbox: &Inbox, address: &str, name: Option<&str>) -> Contact {
        let mail = inbox.channel == Channel::Email;
        Contact {
            id: ContactId(self.random.ulid(self.now)),
            name: name.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()),
            email: mail.then(|| address.to_owned()),
            phone: address.starts_with('+').then(|| address.to_owned()),
            language: None,
            time_zone: None,
            notes: String::new(),
            tags: Vec::new(),
            attributes: Default::default(),
            identities: Vec::new(),
            merged: Vec::new(),
            created_at: self.now,
        }
    }

    async fn begin(&self, tx: &mut Tx, inbox: &Inbox, place: u32, known: Known) -> Result<Started, CommandError> {
        let address = known.identity.address.clone().unwrap_or_default();
        let mail = self.head.clone().map(|head| {
            let to = vec![MailAddress { name: None, address: address.clone() }];
            Box::new(MessageMail { to, ..head })
        });
        let copied = mail.iter().flat_map(|mail| mail.cc.iter().chain(&mail.bcc)).map(|one| one.address.clone());
        let taking_part: Vec<String> = copied.chain([address.to_lowercase()]).collect();
        let first = NewMessage {
            id: MessageId(self.random.ulid(self.now)),
            kind: MessageKind::Out,
            author: switchboard_protocol::model::Author::System,
            at: self.now,
            text: validate::message_text(self.body.text.clone()),
            attachments: Vec::new(),
            mail,
            client_id: None,
            answers: None,
            rich: None,
            quote: None,
            mentions: Vec::new(),
            seen: None,
        };
        let begin = conversations::Begin {
            id: ConversationId(self.random.ulid(self.now)),
            contact_id: known.contact_id,
            identity_id: known.identity.id,
            inbox_id: inbox.id,
            subject: self.head.as_ref().map(|head| head.subject.clone()),
            language: None,
            source: Source::default(),
            first,
            sender: self.sender.clone(),
            attachment_ids: self.body.attachments.clone(),
        };
        let begun = conversations::begin(tx, begin).await?;
        if let Some(html) = self.html.clone() {
            bodies::insert(tx, begun.message.id, &Body { whole_text: None, html: Some(html) }).await?;
        }
        if self.head.is_some() {
            references::join(tx, begun.conversation.id, &taking_part).await?;
        }
        Ok(Started { to: place, conversation_id: begun.conversation.id, case_number: begun.conversation.case_number })
    }
}

/// Whose an address is that the inbox does not know yet.
enum Someone<'a> {
    Known(ContactId),
    /// Somebody new, by a name if one was given.
    New(Option<&'a str>),
}

/// Longest name by which a gateway may know somebody, characters.
const GATEWAY_ID_CHARS: usize = 200;

/// The spelling in which the inbox's channel knows this address; none if it is none.
fn key(inbox: &Inbox, address: &str) -> Option<String> {
    match inbox.channel {
        Channel::Email => {
            let mut fields = Fields::new();
            let address = fields.email("to", address);
            fields.done().is_ok().then_some(address)
        }
        Channel::Sms => switchboard_numbers::e164(address, inbox.address.as_deref()),
        Channel::Gateway if inbox.carries.as_ref().is_some_and(|carries| carries.segments) => {
            switchboard_numbers::e164_of_gateway(address, inbox.address.as_deref())
        }
        // What a gateway calls people is its own, and taken as it is, also from those who write in.
        Channel::Gateway => {
            let is_id = |id: &&str| !id.is_empty() && id.chars().count() <= GATEWAY_ID_CHARS;
            let id = Some(address.trim()).filter(is_id).filter(|id| !id.chars().any(char::is_control))?;
            let number = id.starts_with('+').then(|| switchboard_numbers::e164(id, None)).flatten();
            Some(number.unwrap_or_else(|| id.to_owned()))
        }
        Channel::Telegram | Channel::Web | Channel::Api => None,
    }
}
