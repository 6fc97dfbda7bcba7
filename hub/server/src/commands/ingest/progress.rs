//! What a channel says of messages that went out: of which, of whom, and whether it is to be believed.

use switchboard_connector::limits::NOTE_CHARS;
use switchboard_connector::{Progress, Reached, Taken};
use switchboard_protocol::channels::ChannelSettings;
use switchboard_protocol::model::{Delivery, Message};
use switchboard_store::{Tx, outbox, references};

use super::Edge;
use super::bounds::{bounded, bounded_name};
use crate::channels::recipient;
use crate::commands::undelivered;
use crate::error::CommandError;

/// Whom of those to whom a message went a word is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whom {
    /// The one it is for.
    Recipient,
    /// Who got a copy.
    Copy,
    /// It did not go to them.
    Nobody,
}

impl Edge<'_> {
    pub(super) async fn take_progress(&mut self, tx: &mut Tx, progress: Progress) -> Result<Taken, CommandError> {
        let Progress { reference, recipient, reached } = progress;
        let reference = bounded_name(&reference);
        let Some(message) = references::load_message(tx, self.from.inbox_id, &reference).await? else {
            return self.keep_early(tx, &reference, reached).await;
        };
        let whom = self.whom(tx, &message, recipient.as_deref()).await?;
        if whom == Whom::Nobody || message.delivery.is_none() {
            return Ok(Taken::Ignored);
        }
        self.told.insert(reference);
        match (whom, reached) {
            (_, Reached::Delayed { why }) => {
                let note = format!("It takes longer: {}.", bounded(&why, NOTE_CHARS));
                outbox::remark(tx, &message, &note, self.now).await?;
            }
            (Whom::Copy, Reached::Failed { why }) => {
                let note = format!("A copy did not arrive: {}.", bounded(&why, NOTE_CHARS));
                outbox::remark(tx, &message, &note, self.now).await?;
            }
            // That others have it says nothing of the one it is for.
            (Whom::Copy | Whom::Nobody, _) => {}
            (Whom::Recipient, reached) => {
                let (said, note) = word(reached);
                if outbox::progress(tx, message.id, said, note.as_deref(), self.now).await? {
                    undelivered::bring_back(tx, message.id, self.now, self.random).await?;
                }
            }
        }
        Ok(Taken::New)
    }

    /// A mail's name we know before it goes out: what is said of others is not about ours.
    async fn keep_early(&self, tx: &mut Tx, reference: &str, reached: Reached) -> Result<Taken, CommandError> {
        if matches!(self.from.settings, ChannelSettings::Email(_)) || matches!(reached, Reached::Delayed { .. }) {
            return Ok(Taken::Ignored);
        }
        let (said, note) = word(reached);
        references::keep_early(tx, self.from.inbox_id, reference, said, note.as_deref(), self.now).await?;
        Ok(Taken::New)
    }

    /// Anybody can write a report. Of a mail only a word about somebody to whom it went is believed.
    async fn whom(&self, tx: &mut Tx, message: &Message, told_of: Option<&str>) -> Result<Whom, CommandError> {
        let ChannelSettings::Email(settings) = &self.from.settings else { return Ok(Whom::Recipient) };
        let Some(told_of) = told_of.map(str::to_lowercase) else { return Ok(Whom::Nobody) };
        let to = recipient::of(tx, message, &settings.address).await?;
        if to.is_some_and(|to| to.to_lowercase() == told_of) {
            return Ok(Whom::Recipient);
        }
        let copies = message.mail.iter().flat_map(|mail| mail.cc.iter().chain(&mail.bcc));
        let mut copies = copies.map(|copy| copy.address.to_lowercase());
        Ok(if copies.any(|copy| copy == told_of) { Whom::Copy } else { Whom::Nobody })
    }
}

fn word(reached: Reached) -> (Delivery, Option<String>) {
    match reached {
        Reached::Sent | Reached::Delayed { .. } => (Delivery::Sent, None),
        Reached::Delivered => (Delivery::Delivered, None),
        Reached::Read => (Delivery::Read, None),
        Reached::Failed { why } => (Delivery::Failed, Some(bounded(&why, NOTE_CHARS))),
    }
}
