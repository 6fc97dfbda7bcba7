//! A customer's message: whose it is, into which conversation it goes, and what is kept of it.

use switchboard_connector::{
    Automatic as Machine, IncomingMessage, MailHead, Person, Quote, Taken, Thread, limits as carried,
};
use switchboard_domain::thread::NewMessage;
use switchboard_domain::threading::{self, Candidate, Chosen, Hints};
use switchboard_protocol::channels::ChannelSettings;
use switchboard_protocol::model::{Author, Automatic, MailAddress, MessageKind, MessageMail, Source, ThreadedBy};
use switchboard_protocol::{AttachmentId, ConversationId, IdentityId, MessageId, Number, UnixMs, limits};
use switchboard_store::append::{self, Append};
use switchboard_store::bodies::{self, Body};
use switchboard_store::{Sender, Tx, conversations, messages, moving, references};

use super::Edge;
use super::acknowledge::Begun;
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
        &mut self,
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
        self.note_name(tx, &known, message.from.name.as_deref()).await?;
        if let Some(consent) = message.consent {
            self.note_consent(tx, &known, consent, new.said_at).await?;
        }
        let Threaded { conversation, takes_part_in, by: threaded } =
            self.thread(tx, &message, known.identity.id).await?;
        let subject = message.mail.as_ref().and_then(|head| subject(&head.subject, &self.from.case_prefix));
        let (language, source) = (message.from.language.clone(), source(&message.origin));
        let answered = self.answered(tx, &message, conversation).await?;
        let acknowledged = self.acknowledged(&message, conversation, new.said_at);
        let (mut first, body) = self.kept(new, message, threaded);
        (first.answers, first.quote) = answered;
        let id = first.id;
        // A number can be guessed, and a From forged: who is in such a mail besides its sender is nobody to us.
        let mail = first.mail.as_deref().filter(|_| threaded != ThreadedBy::CaseNumber);
        let addresses = mail.map(|mail| self.participants(mail)).unwrap_or_default();
        let sender = Sender::Channel { inbox_id: self.from.inbox_id, contact_id: known.contact_id };
        let conversation_id = match conversation {
            Some(conversation_id) => {
                // What began the conversation is kept as its source. Whoever comes by another link later says so here.
                if let Some((_, payload)) = source.campaign.first() {
                    first.text = format!("{} {payload}", first.text);
                }
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
            references::join(tx, takes_part_in.unwrap_or(conversation_id), &addresses).await?;
        }
        if let Some(words) = acknowledged {
            let begun = Begun { conversation_id, identity_id: known.identity.id, first: id };
            self.acknowledge(tx, words, begun).await?;
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

    /// Which message of its conversation it answers, and what of that its author quotes. Of one that we do not know, or that
    /// stands in another conversation, all that the channel says of it.
    async fn answered(
        &self,
        tx: &mut Tx,
        message: &IncomingMessage,
        conversation: Option<ConversationId>,
    ) -> Result<(Option<Number>, Option<String>), CommandError> {
        let known = match &message.answers {
            Some(name) => references::load_message(tx, self.from.inbox_id, &bounded_name(name)).await?,
            None => None,
        };
        let known = known.filter(|known| conversation == Some(known.conversation_id));
        let quote = match (&known, &message.quote) {
            // Its words are gone for good, whatever a person's phone still shows of them.
            (Some(known), _) if known.deleted_at.is_some() => None,
            (_, Some(Quote::Picked(words))) | (None, Some(Quote::Whole(words))) => Some(words),
            (Some(_), Some(Quote::Whole(_))) | (_, None) => None,
        };
        let quote = quote.map(|words| bounded(words, limits::QUOTE_CHARS)).filter(|words| !words.is_empty());
        Ok((known.map(|known| known.number), quote))
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
            answers: None,
            rich: None,
            quote: None,
            mentions: Vec::new(),
            attachments: Vec::new(),
            mail,
            client_id: None,
            seen: None,
        };
        (kept, body)
    }

    /// A part of a message: the first that is committed makes it, the others add to it.
    pub(super) async fn take_part(
        &mut self,
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
        // A caption of its own, or what is to be said of a file that could not be had.
        let text = [message.text.as_str(), &text].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>();
        let (text, _) = bounded_text(text.join("\n"));
        messages::add_files(tx, &message, inbox_id, &files, text, self.now).await?;
        references::add(tx, inbox_id, message.id, &bounded_references(&part.references)).await?;
        Ok(Taken::New)
    }

    /// Who takes part from now on.
    fn participants(&self, mail: &MessageMail) -> Vec<String> {
        let ours = match &self.from.settings {
            ChannelSettings::Email(of) => of.address.as_str(),
            ChannelSettings::Sms(_) | ChannelSettings::Telegram(_) | ChannelSettings::Gateway(_) => "",
        };
        threading::participants(mail, ours)
    }

    async fn thread(
        &self,
        tx: &mut Tx,
        message: &IncomingMessage,
        identity: IdentityId,
    ) -> Result<Threaded, CommandError> {
        let all_of = |conversation, by| Threaded { conversation, takes_part_in: None, by };
        let Thread::References { reply_tokens, references: answered } = &message.thread else {
            return Ok(all_of(conversations::running(tx, identity).await?, ThreadedBy::Nothing));
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
        let names = bounded_references(answered);
        let found = references::conversations_of(tx, inbox_id, &names, sender).await?;
        let answered: Vec<Candidate> = names.iter().filter_map(|name| found.get(name).copied()).collect();
        let subject = message.mail.as_ref().map(|mail| mail.subject.as_str()).unwrap_or_default();
        let numbered = match threading::case_number(subject, &self.from.case_prefix) {
            Some(number) => references::conversation_numbered(tx, inbox_id, number, sender).await?,
            None => None,
        };
        let (chosen, why) = threading::choose(&Hints { signed, answered, numbered });
        if let Some(Chosen { conversation_id: chosen, takes_part_in }) = chosen {
            // Where the team has put what it answers since.
            let top = moving::top(tx, chosen).await?;
            let moved = match (why, names.first()) {
                (ThreadedBy::ReplyAddress, Some(name)) => moving::follow(tx, chosen, name).await?,
                _ => None,
            };
            let there = moved.unwrap_or(top);
            // In all of what it was merged into, nobody takes part by that. What was split off stands alone.
            let takes_part_in = if there == top { takes_part_in } else { there };
            return Ok(Threaded { conversation: Some(there), takes_part_in: Some(takes_part_in), by: why });
        }
        // Two machines that write to each other, or somebody who means harm, would bury what others write.
        match conversations::flooded(tx, identity, self.now - FLOOD_MS, FLOOD).await? {
            Some(newest) => Ok(all_of(Some(newest), ThreadedBy::Flood)),
            None => Ok(all_of(None, why)),
        }
    }
}

/// Where a message goes, and why.
struct Threaded {
    /// None: it begins one.
    conversation: Option<ConversationId>,
    /// In what those who are in it take part, if not in all of that: in one that was merged into it.
    takes_part_in: Option<ConversationId>,
    by: ThreadedBy,
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
