//! A mail that the hub writes by itself: "yours is here". Queued in the transaction of what it is about, as a message of the
//! hub's own ([`Sender::Hub`]), which answers nobody.
//!
//! Anybody can give anybody's address, in a form or as a mail's From. So it goes to whom it is about and nobody else, has
//! not a word of whoever gave the address, and is bounded by its reader, whatever it is about, and by inbox and kind
//! ([`AUTOMATIC_MAILS`]). The same bounds end what a program answers that does not say that it is one.

use switchboard_domain::automatic::{reader, reads_mail};
use switchboard_domain::thread::NewMessage;
use switchboard_domain::{Visibility, validate};
use switchboard_protocol::model::{Author, Automatic, MessageKind, MessageMail};
use switchboard_protocol::{ConversationId, IdentityId, MessageId, UnixMs};
use switchboard_store::append::{self, Append};
use switchboard_store::automatic_mails::{self, Kind};
use switchboard_store::channels::Setup;
use switchboard_store::{Sender, Tx, contacts, conversations};

use crate::error::CommandError;
use crate::ids::Random;
use crate::limits::AUTOMATIC_MAILS;

/// What writing one needs in the transaction.
pub(super) struct Writing<'a> {
    pub from: &'a Setup,
    pub kind: Kind,
    pub random: &'a Random,
    pub now: UnixMs,
}

/// Whom it is about, and where it stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct About<'a> {
    pub conversation_id: ConversationId,
    pub identity_id: IdentityId,
    /// In lower case.
    pub address: &'a str,
}

impl Writing<'_> {
    /// Queues the mail, if this address may be written to; `words` makes subject and text of the case number. Whether it is
    /// queued.
    pub async fn queue(
        &self,
        tx: &mut Tx,
        about: About<'_>,
        words: impl FnOnce(&str) -> Result<(String, String), CommandError>,
    ) -> Result<bool, CommandError> {
        let About { conversation_id, identity_id, address } = about;
        let inbox_id = self.from.inbox_id;
        let reach = contacts::load_reach(tx, identity_id).await?;
        if reach.is_none_or(|reach| reach.stopped_at.is_some()) {
            return Ok(false);
        }
        if !reads_mail(address, &automatic_mails::mailboxes(tx).await?) {
            return Ok(false);
        }
        let Some(thread) = conversations::load(tx, &Visibility::All, conversation_id).await? else { return Ok(false) };
        let (subject, text) = words(&thread.conversation.case_number)?;
        if !automatic_mails::may(tx, inbox_id, self.kind, &reader(address), self.now, AUTOMATIC_MAILS).await? {
            metrics::counter!("switchboard_automatic_mails_held_back_total").increment(1);
            return Ok(false);
        }
        let sender = Sender::Hub { inbox_id };
        let line_ids = std::array::from_fn(|_| self.id());
        let message = self.message(subject, text);
        append::append(tx, Append { conversation_id, sender, message, attachment_ids: Vec::new(), line_ids }).await?;
        Ok(true)
    }

    fn id(&self) -> MessageId {
        MessageId(self.random.ulid(self.now))
    }

    fn message(&self, subject: String, text: String) -> NewMessage {
        let mail = MessageMail { subject, automatic: Some(Automatic::Reply), ..MessageMail::default() };
        NewMessage {
            id: self.id(),
            kind: MessageKind::Out,
            author: Author::System,
            at: self.now,
            text: validate::message_text(text),
            attachments: Vec::new(),
            mail: Some(Box::new(mail)),
            client_id: None,
            seen: None,
            answers: None,
            rich: None,
            quote: None,
            mentions: Vec::new(),
        }
    }
}
