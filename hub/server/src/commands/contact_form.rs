//! A message by a contact form: it opens a case in its mail inbox or joins its sender's active one, and the sender is told
//! that it is here.
//!
//! Anybody can type anybody's address into a form. So whoever sends is told nothing of what is there; the confirmation is
//! bounded and has not a word of whoever typed the address in ([`super::automatic_mail`]); and the message says of itself
//! that nobody has proved whose it is.

use std::sync::Arc;

use switchboard_connector::Person;
use switchboard_domain::thread::NewMessage;
use switchboard_domain::validate;
use switchboard_protocol::channels::ChannelSettings;
use switchboard_protocol::model::{Author, MailAddress, MessageKind, MessageMail, Source};
use switchboard_protocol::{AttachmentId, ConversationId, MessageId, UnixMs};
use switchboard_store::append::{self, Append};
use switchboard_store::automatic_mails::Kind;
use switchboard_store::channels::{self, Setup};
use switchboard_store::contact_forms::{self, Active};
use switchboard_store::edge_keys::{Claim, Scope, claim};
use switchboard_store::{Sender, Tx, conversations, references};

use super::automatic_mail::{About, Writing};
use super::ingest::Edge;
use crate::app::{App, Shared, Unasked};
use crate::channels::own_name;
use crate::error::CommandError;
use crate::forms::gate::Checked;
use crate::forms::words::Words;

/// What came by a form.
#[derive(Debug)]
pub struct ByForm {
    /// The same again is the same message.
    pub nonce: String,
    pub checked: Checked,
    /// Of all that it says.
    pub digest: String,
    pub words: &'static Words,
    pub files: Vec<AttachmentId>,
    /// The sender is to be told that it is here.
    pub confirm: bool,
}

/// The edge key of a message by a form.
pub fn key(nonce: &str) -> String {
    format!("form:{nonce}")
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// It is here, by this or by an earlier one that said the same.
    Here,
    /// Something else is here by this token, and this is not: somebody has sent it, heard no answer and gone on writing.
    TokenSpent,
}

/// Takes it in: once, however often it is sent.
pub async fn take(app: &Shared, setup: &Arc<Setup>, by_form: ByForm) -> Result<Taken, CommandError> {
    let (shared, setup) = (app.clone(), setup.clone());
    let written = app.write_unasked(Unasked::Channel, move |tx| {
        Box::pin(async move { Taking { app: &shared, setup: &setup, now: shared.clock.now() }.take(tx, by_form).await })
    });
    let taken = written.await?.value;
    if taken == Taken::Here {
        app.channels.call_senders();
        metrics::counter!("switchboard_form_messages_total").increment(1);
    }
    Ok(taken)
}

/// What taking needs in the transaction.
struct Taking<'a> {
    app: &'a App,
    setup: &'a Setup,
    now: UnixMs,
}

impl Taking<'_> {
    async fn take(&self, tx: &mut Tx, by_form: ByForm) -> Result<Taken, CommandError> {
        let id = self.message_id();
        let scope = Scope::Inbox(self.setup.inbox_id);
        let said = by_form.digest.clone();
        match claim(tx, scope, &key(&by_form.nonce), &said, self.now).await? {
            Claim::New => {}
            Claim::Taken { target, .. } if target == said => return Ok(Taken::Here),
            Claim::Taken { .. } => return Ok(Taken::TokenSpent),
        }
        let ByForm { checked, words, files, confirm, .. } = by_form;
        let edge = Edge::new(self.setup, &self.app.random, self.now, &self.app.reply_key);
        let person = Person {
            key: checked.email.clone(),
            address: Some(checked.email.clone()),
            name: checked.name.clone(),
            language: Some(words.tag.to_owned()),
        };
        let known = edge.person(tx, &person).await?;
        let sender = Sender::Channel { inbox_id: self.setup.inbox_id, contact_id: known.contact_id };
        let active = contact_forms::active(tx, known.identity.id).await?;
        let first = self.message(id, &checked);
        let conversation_id = match active {
            Some(Active { conversation_id, .. }) => {
                self.append(tx, conversation_id, sender, first, files).await?;
                conversation_id
            }
            None => {
                let page = (!checked.page.is_empty()).then(|| checked.page.clone());
                let begin = conversations::Begin {
                    id: ConversationId(self.app.random.ulid(self.now)),
                    contact_id: known.contact_id,
                    identity_id: known.identity.id,
                    inbox_id: self.setup.inbox_id,
                    subject: (!checked.subject.is_empty()).then(|| checked.subject.clone()),
                    language: Some(words.tag.to_owned()),
                    source: Source { url: page, language: Some(words.tag.to_owned()), ..Source::default() },
                    first,
                    sender,
                    attachment_ids: files,
                };
                conversations::begin(tx, begin).await?.conversation.id
            }
        };
        // The name that a mail would have: what answers it goes on from there.
        references::add(tx, self.setup.inbox_id, id, &[own_name(self.setup, id)]).await?;
        references::join(tx, conversation_id, std::slice::from_ref(&checked.email)).await?;
        channels::note_received(tx, self.setup.inbox_id, self.now).await?;
        if confirm && !active.is_some_and(|active| active.spam) {
            let writing =
                Writing { from: self.setup, kind: Kind::Confirmation, random: &self.app.random, now: self.now };
            let about = About { conversation_id, identity_id: known.identity.id, address: &checked.email };
            writing.queue(tx, about, |number| self.app.forms.confirmation(words, number)).await?;
        }
        Ok(Taken::Here)
    }

    fn message_id(&self) -> MessageId {
        MessageId(self.app.random.ulid(self.now))
    }

    /// As a mail has it, and that it is none.
    fn message(&self, id: MessageId, checked: &Checked) -> NewMessage {
        let ours = match &self.setup.settings {
            ChannelSettings::Email(mailbox) => mailbox.address.clone(),
            ChannelSettings::Sms(_) | ChannelSettings::Telegram(_) | ChannelSettings::Gateway(_) => String::new(),
        };
        let mail = MessageMail {
            from: Some(MailAddress { name: checked.name.clone(), address: checked.email.clone() }),
            subject: checked.subject.clone(),
            to: vec![MailAddress { name: None, address: ours }],
            form: Some(checked.page.clone()),
            ..MessageMail::default()
        };
        let text = validate::message_text(checked.text.clone());
        NewMessage {
            id,
            kind: MessageKind::In,
            // Until the store has said whose it is.
            author: Author::System,
            at: self.now,
            text,
            attachments: Vec::new(),
            mail: Some(Box::new(mail)),
            client_id: None,
            answers: None,
            rich: None,
            quote: None,
            mentions: Vec::new(),
            seen: None,
        }
    }

    async fn append(
        &self,
        tx: &mut Tx,
        conversation_id: ConversationId,
        sender: Sender,
        message: NewMessage,
        attachment_ids: Vec<AttachmentId>,
    ) -> Result<(), CommandError> {
        let line_ids = self.app.line_ids(self.now);
        append::append(tx, Append { conversation_id, sender, message, attachment_ids, line_ids }).await?;
        Ok(())
    }
}
