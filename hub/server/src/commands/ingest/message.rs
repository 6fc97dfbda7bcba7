//! A customer's message: whose it is, into which conversation it goes, and what is kept of it.

use switchboard_connector::{
    Automatic as Machine, IncomingMessage, MailHead, Person, Taken, Thread, limits as carried,
};
use switchboard_domain::thread::NewMessage;
use switchboard_domain::threading::{self, Candidate, Hints};
use switchboard_protocol::channels::ChannelSettings;
use switchboard_protocol::model::{Author, Automatic, MailAddress, MessageKind, MessageMail, Source, ThreadedBy};
use switchboard_protocol::{AttachmentId, ConversationId, IdentityId, MessageId, UnixMs, limits};
use switchboard_store::append::{self, Append};
use switchboard_store::bodies::{self, Body};
use switchboard_store::{Sender, Tx, conversations, messages, references};

use super::Edge;
use super::bounds::{bounded, bounded_body, bounded_name, bounded_references, bounded_text, written_at};
use crate::error::CommandError;

/// Conversations that one address may begin by mail within [`FLOOD_MS`] while nobody answers. What it writes beyond that goes
/// into the newest of them.
const FLOOD: usize = 20;
/// An hour, milliseconds.
const FLOOD_MS: UnixMs = 3_600_000;

/// What is known of a message before anything is decided about it.
pub(super) struct Placing {
    pub id: MessageId,
    /// The provider's.
    pub key: String,
    pub said_at: UnixMs,
}

/// The name under which a mail's key stands among references.
pub(super) fn mail_name(key: &str) -> String {
    bounded_name(&references::name_of_key(key))
}

impl Edge<'_> {
    /// `names` are those by which it is known from now on, `at` is when it was written.
    pub(super) async fn take_message(
        &self,
        tx: &mut Tx,
        new: Placing,
        message: IncomingMessage,
        files: Vec<AttachmentId>,
    ) -> Result<Taken, CommandError> {
        let names = self.names(&message, &new.key);
        if let Some(ended) = self.needs_no_place(tx, &message, &names).await? {
            return Ok(ended);
        }
        let known = self.person(tx, &message.from).await?;
        if let Some(consent) = message.consent {
            self.note_consent(tx, &known, consent).await?;
        }
        let (conversation, threaded) = self.thread(tx, &message, known.identity.id).await?;
        let subject = message.mail.as_ref().and_then(|head| subject(&head.subject, &self.from.case_prefix));
        let (language, source) = (message.from.language.clone(), source(&message.origin));
        let (first, body) = self.kept(new, message, threaded);
        let (id, addresses) = (first.id, first.mail.as_deref().map(|mail| self.participants(mail)).unwrap_or_default());
        let sender = Sender::Channel { inbox_id: self.from.inbox_id, contact_id: known.contact_id };
        let conversation_id = match conversation {
            Some(conversation_id) => {
                let line_ids = std::array::from_fn(|_| MessageId(self.random.ulid(self.now)));
                let into = Append { conversation_id, sender, message: first, attachment_ids: files, line_ids };
                append::append(tx, into).await?;
                conversation_id
            }
            None => {
                let begin = conversations::Begin {
                    id: ConversationId(self.random.ulid(self.now)),
                    contact_id: known.contact_id,
                    identity_id: known.identity.id,
                    inbox_id: self.from.inbox_id,
                    subject,
                    language,
                    source,
                    first,
                    sender,
                    attachment_ids: files,
                };
                conversations::begin(tx, begin).await?.conversation.id
            }
        };
        references::add(tx, self.from.inbox_id, id, &names).await?;
        if body != Body::default() {
            bodies::insert(tx, id, &body).await?;
        }
        if !addresses.is_empty() {
            references::join(tx, conversation_id, &addresses).await?;
        }
        Ok(Taken::New)
    }

    /// By which later things name it. A mail is also known by its key, for ever: its server may number its mails anew when
    /// the edge keys of those of long ago are forgotten.
    fn names(&self, message: &IncomingMessage, key: &str) -> Vec<String> {
        let mut names = bounded_references(&message.references);
        if message.mail.is_some() {
            names.push(mail_name(key));
        }
        names
    }

    /// What came of it, if it is nothing that is to stand in a conversation.
    async fn needs_no_place(
        &self,
        tx: &mut Tx,
        message: &IncomingMessage,
        names: &[String],
    ) -> Result<Option<Taken>, CommandError> {
        if message.automatic == Machine::Loop {
            return Ok(Some(Taken::Ignored));
        }
        if let (Some(name), Some(_)) = (names.last(), &message.mail)
            && references::load_message(tx, self.from.inbox_id, name).await?.is_some()
        {
            return Ok(Some(Taken::Again));
        }
        // What a report said of a message of ours stands with that message. One that said nothing somebody should read.
        if message.automatic == Machine::Report
            && let Thread::References { references: reported, .. } = &message.thread
            && bounded_references(reported).iter().any(|name| self.told.contains(name))
        {
            return Ok(Some(Taken::Ignored));
        }
        Ok(None)
    }

    /// What is kept of it, in the message's row and beside it.
    fn kept(&self, new: Placing, message: IncomingMessage, threaded: ThreadedBy) -> (NewMessage, Body) {
        let (text, cut) = bounded_text(message.text);
        let body = Body {
            whole_text: message.whole_text.map(bounded_body).or(cut),
            html: message.html.filter(|html| html.len() <= carried::BODY_BYTES),
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
        let kept = NewMessage {
            id: new.id,
            kind: MessageKind::In,
            author: Author::System,
            at: written_at(new.said_at, self.now),
            text,
            attachments: Vec::new(),
            mail,
            client_id: None,
            seen: None,
        };
        (kept, body)
    }

    /// A part of a message: the first that is committed makes it, the others add to it.
    pub(super) async fn take_part(
        &self,
        tx: &mut Tx,
        new: Placing,
        whole: String,
        mut part: IncomingMessage,
        files: Vec<AttachmentId>,
    ) -> Result<Taken, CommandError> {
        let inbox_id = self.from.inbox_id;
        let whole = bounded_name(&whole);
        let Some(message) = references::load_message(tx, inbox_id, &whole).await? else {
            part.references.push(whole);
            return self.take_message(tx, new, part, files).await;
        };
        let (text, _) = bounded_text(part.text);
        let text = if message.text.is_empty() { text } else { message.text.clone() };
        messages::add_files(tx, &message, inbox_id, &files, text, self.now).await?;
        references::add(tx, inbox_id, message.id, &bounded_references(&part.references)).await?;
        Ok(Taken::New)
    }

    /// Who takes part from now on: who wrote, and to whom. Not we: whoever writes in our name would take part everywhere.
    fn participants(&self, mail: &MessageMail) -> Vec<String> {
        let all = mail.from.iter().chain(&mail.to).chain(&mail.cc).map(|one| one.address.to_lowercase());
        let all = all.chain(mail.reply_to.as_deref().map(str::to_lowercase));
        all.filter(|address| !self.is_ours(address)).collect()
    }

    fn is_ours(&self, address: &str) -> bool {
        matches!(&self.from.settings, ChannelSettings::Email(of) if threading::is_ours(address, &of.address))
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
        for token in reply_tokens.iter().take(carried::REFERENCES) {
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
        let (chosen, why) = threading::choose(&Hints { signed, answered, numbered });
        if chosen.is_some() {
            return Ok((chosen, why));
        }
        // Two machines that write to each other, or somebody who means harm, would bury what others write.
        match conversations::flooded(tx, identity, self.now - FLOOD_MS, FLOOD).await? {
            Some(newest) => Ok((Some(newest), ThreadedBy::Flood)),
            None => Ok((None, why)),
        }
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
        address: bounded(address, carried::ADDRESS_CHARS),
    };
    let all = |list: &[(Option<String>, String)]| list.iter().take(carried::ADDRESSES).map(address).collect();
    MessageMail {
        from: Some(MailAddress {
            name: from.name.as_deref().map(|name| bounded(name, limits::NAME_CHARS)),
            address: bounded(from.address.as_deref().unwrap_or("unknown"), carried::ADDRESS_CHARS),
        }),
        subject: bounded(&head.subject, limits::SUBJECT_CHARS),
        to: all(&head.to),
        cc: all(&head.cc),
        reply_to: head.reply_to.as_deref().map(|address| bounded(address, carried::ADDRESS_CHARS)),
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
