//! A message by a contact form: it opens a case in its mail inbox or joins its sender's active one, and the sender is told
//! that it is here.
//!
//! Anybody can type anybody's address into a form. So whoever sends is told nothing of what is there; the confirmation goes
//! once in [`FORM_CONFIRM_MS`] to an address and has not a word of whoever typed it in; and the message says of itself that
//! nobody has proved whose it is.

use std::collections::HashSet;
use std::sync::Arc;

use switchboard_connector::Person;
use switchboard_domain::thread::NewMessage;
use switchboard_domain::validate;
use switchboard_protocol::channels::ChannelSettings;
use switchboard_protocol::model::{Author, MailAddress, MessageKind, MessageMail, Source};
use switchboard_protocol::{AttachmentId, ConversationId, MessageId, UnixMs};
use switchboard_store::append::{self, Append};
use switchboard_store::channels::{self, Setup};
use switchboard_store::contact_forms::{self, Active};
use switchboard_store::edge_keys::{Claim, Scope, claim};
use switchboard_store::{Sender, Tx, contacts, conversations, references};

use super::ingest::Edge;
use crate::app::{App, Shared, Unasked};
use crate::channels::own_name;
use crate::error::CommandError;
use crate::forms::gate::Checked;
use crate::forms::words::Words;
use crate::limits::FORM_CONFIRM_MS;

/// What came by a form.
#[derive(Debug)]
pub struct ByForm {
    /// The same again is the same message.
    pub nonce: String,
    pub checked: Checked,
    pub words: &'static Words,
    pub files: Vec<AttachmentId>,
    /// The sender is to be told that it is here.
    pub confirm: bool,
}

/// The edge key of a message by a form.
pub fn key(nonce: &str) -> String {
    format!("form:{nonce}")
}

/// Takes it in: once, however often it is sent.
pub async fn take(app: &Shared, setup: &Arc<Setup>, by_form: ByForm) -> Result<(), CommandError> {
    let (shared, setup) = (app.clone(), setup.clone());
    let written = app.write_unasked(Unasked::Channel, move |tx| {
        Box::pin(async move { Taking { app: &shared, setup: &setup, now: shared.clock.now() }.take(tx, by_form).await })
    });
    written.await?;
    app.channels.call_senders();
    metrics::counter!("switchboard_form_messages_total").increment(1);
    Ok(())
}

/// What taking needs in the transaction.
struct Taking<'a> {
    app: &'a App,
    setup: &'a Setup,
    now: UnixMs,
}

impl Taking<'_> {
    async fn take(&self, tx: &mut Tx, by_form: ByForm) -> Result<(), CommandError> {
        let id = self.message_id();
        let scope = Scope::Inbox(self.setup.inbox_id);
        if let Claim::Taken { .. } = claim(tx, scope, &key(&by_form.nonce), &id.to_string(), self.now).await? {
            return Ok(());
        }
        let ByForm { checked, words, files, confirm, .. } = by_form;
        let edge = Edge {
            from: self.setup,
            random: &self.app.random,
            now: self.now,
            reply_key: &self.app.reply_key,
            told: HashSet::new(),
        };
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
        let stopped = contacts::load_reach(tx, known.identity.id).await?.is_none_or(|reach| reach.stopped_at.is_some());
        if confirm && !stopped && !active.is_some_and(|active| active.spam) {
            self.confirm(tx, conversation_id, &checked.email, words).await?;
        }
        Ok(())
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
        self.unsaid(id, MessageKind::In, text, mail)
    }

    /// Before the store has said whose it is.
    fn unsaid(&self, id: MessageId, kind: MessageKind, text: String, mail: MessageMail) -> NewMessage {
        NewMessage {
            id,
            kind,
            author: Author::System,
            at: self.now,
            text,
            attachments: Vec::new(),
            mail: Some(Box::new(mail)),
            client_id: None,
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

    /// Queues the mail that says that the message is here, unless this address has had one lately.
    async fn confirm(
        &self,
        tx: &mut Tx,
        conversation_id: ConversationId,
        address: &str,
        words: &'static Words,
    ) -> Result<(), CommandError> {
        if !contact_forms::confirm(tx, address, self.now, self.now - FORM_CONFIRM_MS).await? {
            return Ok(());
        }
        let all = switchboard_domain::Visibility::All;
        let Some(thread) = conversations::load(tx, &all, conversation_id).await? else { return Ok(()) };
        let (subject, text) = self.app.forms.confirmation(words, &thread.conversation.case_number)?;
        let mail = MessageMail { subject, ..MessageMail::default() };
        let message = self.unsaid(self.message_id(), MessageKind::Out, text, mail);
        let sender = Sender::Hub { inbox_id: self.setup.inbox_id };
        self.append(tx, conversation_id, sender, message, Vec::new()).await
    }
}
