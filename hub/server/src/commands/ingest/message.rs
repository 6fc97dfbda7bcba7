//! A customer's message: whose it is, into which conversation it goes, and what is kept of it.

use switchboard_connector::{Automatic as Machine, Consent, IncomingMessage, MailHead, Person, Taken, Thread};
use switchboard_domain::thread::NewMessage;
use switchboard_domain::threading::{self, Candidate, Hints};
use switchboard_domain::validate;
use switchboard_protocol::channels::ChannelSettings;
use switchboard_protocol::model::{
    Author, Automatic, Channel, Contact, Identity, MailAddress, MessageKind, MessageMail, Source, ThreadedBy,
};
use switchboard_protocol::{AttachmentId, ContactId, ConversationId, IdentityId, MessageId, limits};
use switchboard_store::append::{self, Append};
use switchboard_store::bodies::{self, Body};
use switchboard_store::contacts::{self, Known};
use switchboard_store::{Sender, Tx, conversations, messages, references};

use super::Edge;
use crate::error::CommandError;
use crate::secret;

/// Files kept of one message.
pub const FILES: usize = 50;
/// Addresses kept of a mail, of each kind.
const ADDRESSES: usize = 30;
/// Longest address kept, characters (RFC 5321, section 4.5.3.1.3).
const ADDRESS_CHARS: usize = 254;
/// Names by which a message is known, and that it answers.
const REFERENCES: usize = 50;
/// Longest of them that is kept as it is, bytes: an index has no room for much more. Of a longer one its hash is.
const NAME_BYTES: usize = 500;
/// Longest word of a channel on why a message failed, characters.
pub(super) const NOTE_CHARS: usize = 500;
/// Longest whole text, and longest HTML, that is kept of a mail, bytes.
const BODY_BYTES: usize = 2 * 1024 * 1024;

impl Edge<'_> {
    pub(super) async fn take_message(
        &self,
        tx: &mut Tx,
        id: MessageId,
        message: IncomingMessage,
        files: Vec<AttachmentId>,
    ) -> Result<Taken, CommandError> {
        if message.automatic == Machine::Loop {
            return Ok(Taken::Ignored);
        }
        let inbox_id = self.from.inbox_id;
        let names = bounded_references(&message.references);
        // A mail that lies in two folders has another place in each and one name. Names of ours are nobody else's to use up.
        if let (Some(name), Some(_)) = (names.first(), &message.mail)
            && references::load_message(tx, inbox_id, name).await?.is_some_and(|known| known.kind == MessageKind::In)
        {
            return Ok(Taken::Again);
        }
        // What a report says of a message of ours stands with that message; of others somebody should read it.
        if message.automatic == Machine::Report && self.answers_ours(tx, &message).await? {
            return Ok(Taken::Ignored);
        }
        let known = self.person(tx, &message.from).await?;
        if let Some(consent) = message.consent {
            self.note_consent(tx, known.identity.id, consent).await?;
        }
        let (conversation, threaded) = self.thread(tx, &message, known.identity.id).await?;
        let (text, cut) = bounded_text(message.text);
        let body = Body {
            whole_text: message.whole_text.map(bounded_body).or(cut),
            html: message.html.filter(|html| html.len() <= BODY_BYTES),
        };
        let mail = message.mail.as_ref().map(|head| {
            Box::new(MessageMail {
                html: body.html.is_some(),
                folded: body.whole_text.is_some(),
                automatic: automatic(message.automatic),
                threaded: Some(threaded),
                ..mail_head(&message.from, head)
            })
        });
        let addresses = mail.as_ref().map(|mail| self.participants(mail)).unwrap_or_default();
        let new = NewMessage {
            id,
            kind: MessageKind::In,
            author: Author::System,
            at: self.now,
            text,
            attachments: Vec::new(),
            mail,
            client_id: None,
            seen: None,
        };
        let sender = Sender::Channel { inbox_id, contact_id: known.contact_id };
        let conversation_id = match conversation {
            Some(conversation_id) => {
                let line_ids = std::array::from_fn(|_| MessageId(self.random.ulid(self.now)));
                let into = Append { conversation_id, sender, message: new, attachment_ids: files, line_ids };
                append::append(tx, into).await?;
                conversation_id
            }
            None => {
                let begin = conversations::Begin {
                    id: ConversationId(self.random.ulid(self.now)),
                    contact_id: known.contact_id,
                    identity_id: known.identity.id,
                    inbox_id,
                    subject: message.mail.as_ref().and_then(|head| subject(&head.subject, &self.from.case_prefix)),
                    language: message.from.language.clone(),
                    source: source(&message.origin),
                    first: new,
                    sender,
                    attachment_ids: files,
                };
                conversations::begin(tx, begin).await?.conversation.id
            }
        };
        references::add(tx, inbox_id, id, &names).await?;
        if body != Body::default() {
            bodies::insert(tx, id, &body).await?;
        }
        if !addresses.is_empty() {
            references::join(tx, conversation_id, &addresses).await?;
        }
        Ok(Taken::New)
    }

    /// A part of a message: the first that is committed makes it, the others add to it.
    pub(super) async fn take_part(
        &self,
        tx: &mut Tx,
        id: MessageId,
        whole: String,
        mut part: IncomingMessage,
        files: Vec<AttachmentId>,
    ) -> Result<Taken, CommandError> {
        let inbox_id = self.from.inbox_id;
        let whole = bounded_name(&whole);
        let Some(message) = references::load_message(tx, inbox_id, &whole).await? else {
            part.references.push(whole);
            return self.take_message(tx, id, part, files).await;
        };
        let (text, _) = bounded_text(part.text);
        let text = if message.text.is_empty() { text } else { message.text.clone() };
        messages::add_files(tx, &message, inbox_id, &files, text, self.now).await?;
        references::add(tx, inbox_id, message.id, &bounded_references(&part.references)).await?;
        Ok(Taken::New)
    }

    /// What somebody has said about being written to, without a message. Of whom we do not know there is nothing to note.
    pub(super) async fn take_consent(
        &self,
        tx: &mut Tx,
        person: &Person,
        consent: Consent,
    ) -> Result<Taken, CommandError> {
        let key = bounded_name(&person.key);
        let Some(known) = contacts::load_identity_by_key(tx, self.from.inbox_id, &key).await? else {
            return Ok(Taken::Ignored);
        };
        self.note_consent(tx, known.identity.id, consent).await?;
        Ok(Taken::New)
    }

    /// Who it is; contact and identity are made of somebody who has never written here. That two identities are one person
    /// is for the team to say.
    async fn person(&self, tx: &mut Tx, person: &Person) -> Result<Known, CommandError> {
        let key = bounded_name(&person.key);
        if let Some(known) = contacts::load_identity_by_key(tx, self.from.inbox_id, &key).await? {
            return Ok(known);
        }
        let address = person.address.as_deref().map(|address| bounded(address, ADDRESS_CHARS));
        let (email, phone) = match self.from.channel {
            Channel::Email => (address.clone(), None),
            Channel::Sms | Channel::Gateway => (None, address.clone()),
            Channel::Telegram | Channel::Web | Channel::Api => (None, None),
        };
        let name = person.name.as_deref().map(|name| bounded(name, limits::NAME_CHARS));
        let contact = Contact {
            id: ContactId(self.random.ulid(self.now)),
            name: name.filter(|name| !name.is_empty()),
            email,
            phone,
            language: person.language.as_deref().map(|language| bounded(language, limits::NAME_CHARS)),
            time_zone: None,
            notes: String::new(),
            tags: Vec::new(),
            identities: Vec::new(),
            created_at: self.now,
        };
        let identity = Identity {
            id: IdentityId(self.random.ulid(self.now)),
            inbox_id: self.from.inbox_id,
            channel: self.from.channel,
            address,
            verified: false,
        };
        contacts::insert(tx, &contact).await?;
        contacts::insert_identity(tx, contact.id, &identity, &key, self.now).await?;
        Ok(Known { identity, contact_id: contact.id })
    }

    async fn note_consent(&self, tx: &mut Tx, identity: IdentityId, consent: Consent) -> Result<(), CommandError> {
        match consent {
            Consent::Stop => contacts::set_stopped(tx, identity, Some(self.now)).await?,
            Consent::Start => contacts::set_stopped(tx, identity, None).await?,
            Consent::Help => {}
        }
        Ok(())
    }

    /// Who takes part from now on: who wrote, and to whom. Not we: whoever writes in our name would take part everywhere.
    fn participants(&self, mail: &MessageMail) -> Vec<String> {
        let all = mail.from.iter().chain(&mail.to).chain(&mail.cc).map(|one| one.address.to_lowercase());
        let all = all.chain(mail.reply_to.as_deref().map(str::to_lowercase));
        all.filter(|address| !self.is_ours(address)).collect()
    }

    fn is_ours(&self, address: &str) -> bool {
        let ChannelSettings::Email(settings) = &self.from.settings else { return false };
        let ours = settings.address.to_lowercase();
        let (Some((our_name, our_domain)), Some((name, domain))) = (ours.rsplit_once('@'), address.rsplit_once('@'))
        else {
            return false;
        };
        domain == our_domain && name.split('+').next() == Some(our_name)
    }

    /// Whether it names a message of this inbox as what it answers.
    async fn answers_ours(&self, tx: &mut Tx, message: &IncomingMessage) -> Result<bool, CommandError> {
        let Thread::References { references: answered, .. } = &message.thread else { return Ok(false) };
        let answered = bounded_references(answered);
        Ok(!references::conversations_of(tx, self.from.inbox_id, &answered, &message.from.key).await?.is_empty())
    }

    /// The conversation that it goes into, none for a new one; and why.
    async fn thread(
        &self,
        tx: &mut Tx,
        message: &IncomingMessage,
        identity: IdentityId,
    ) -> Result<(Option<ConversationId>, ThreadedBy), CommandError> {
        let Thread::References { reply_tokens, references: answered } = &message.thread else {
            return Ok((conversations::running(tx, identity).await?, ThreadedBy::Nothing));
        };
        let inbox_id = self.from.inbox_id;
        let sender = message.from.key.as_str();
        let mut signed = None;
        for token in reply_tokens.iter().take(REFERENCES) {
            let Some(conversation) = self.reply_key.verify(token) else { continue };
            if conversations::is_in(tx, conversation, inbox_id).await? {
                signed = Some(conversation);
                break;
            }
        }
        let answered = bounded_references(answered);
        let found = references::conversations_of(tx, inbox_id, &answered, sender).await?;
        let answered: Vec<Candidate> = answered.iter().filter_map(|name| found.get(name).copied()).collect();
        let subject = message.mail.as_ref().map(|mail| mail.subject.as_str()).unwrap_or_default();
        let numbered = match threading::case_number(subject, &self.from.case_prefix) {
            Some(number) => references::conversation_numbered(tx, inbox_id, number, sender).await?,
            None => None,
        };
        Ok(threading::choose(&Hints { signed, answered, numbered }))
    }
}

fn automatic(machine: Machine) -> Option<Automatic> {
    match machine {
        Machine::No | Machine::Loop => None,
        Machine::Reply => Some(Automatic::Reply),
        Machine::List => Some(Automatic::List),
        Machine::Report => Some(Automatic::Report),
    }
}

fn mail_head(from: &Person, head: &MailHead) -> MessageMail {
    let address = |(name, address): &(Option<String>, String)| MailAddress {
        name: name.as_deref().map(|name| bounded(name, limits::NAME_CHARS)).filter(|name| !name.is_empty()),
        address: bounded(address, ADDRESS_CHARS),
    };
    let all = |list: &[(Option<String>, String)]| list.iter().take(ADDRESSES).map(address).collect();
    MessageMail {
        from: Some(MailAddress {
            name: from.name.as_deref().map(|name| bounded(name, limits::NAME_CHARS)),
            address: bounded(from.address.as_deref().unwrap_or(&from.key), ADDRESS_CHARS),
        }),
        subject: bounded(&head.subject, limits::SUBJECT_CHARS),
        to: all(&head.to),
        cc: all(&head.cc),
        reply_to: head.reply_to.as_deref().map(|address| bounded(address, ADDRESS_CHARS)),
        ..MessageMail::default()
    }
}

fn subject(text: &str, prefix: &str) -> Option<String> {
    let bare = bounded(threading::bare_subject(text, prefix), limits::SUBJECT_CHARS);
    (!bare.is_empty()).then_some(bare)
}

fn source(origin: &switchboard_connector::Origin) -> Source {
    let campaign = origin.payload.as_deref().map(|payload| ("start".to_owned(), bounded(payload, limits::URL_CHARS)));
    Source { campaign: campaign.into_iter().collect(), ..Source::default() }
}

/// One line of at most so many characters, with nothing in it that is not to be seen.
pub(super) fn bounded(text: &str, chars: usize) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    line.trim().chars().take(chars).collect()
}

fn bounded_references(names: &[String]) -> Vec<String> {
    names.iter().take(REFERENCES).map(|name| bounded_name(name)).filter(|name| !name.is_empty()).collect()
}

/// A name by which a channel knows a message or a person, as it fits an index.
pub(super) fn bounded_name(name: &str) -> String {
    let name = bounded(name, usize::MAX);
    if name.len() <= NAME_BYTES { name } else { format!("sha256:{}", secret::hash(&name)) }
}

/// The text as a message has it, and the whole of it if that is more.
pub(super) fn bounded_text(text: String) -> (String, Option<String>) {
    let text = validate::message_text(text);
    match text.char_indices().nth(limits::MESSAGE_TEXT_CHARS) {
        Some((end, _)) => (text[..end].to_owned(), Some(bounded_body(text))),
        None => (text, None),
    }
}

fn bounded_body(mut text: String) -> String {
    let mut end = text.len().min(BODY_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
    validate::message_text(text)
}
