//! Whoever begins a conversation by mail is told that their mail is here, where the mailbox is set up so.
//!
//! The rules are those of RFC 3834 (section 2), so that no two programs ever write to each other for long: a mail that a
//! program wrote is never answered by one, nor one of which nobody knows who wrote it, nor one of our own mailboxes' or
//! agents'. What says nothing of itself and answers all the same is ended by the bounds of [`automatic_mail`].

use switchboard_connector::{Automatic as Machine, IncomingMessage};
use switchboard_protocol::channels::{Acknowledgement, ChannelSettings};
use switchboard_protocol::{ConversationId, IdentityId, MessageId, UnixMs};
use switchboard_store::automatic_mails::Kind;
use switchboard_store::{Tx, agents, references};

use super::Edge;
use super::bounds::written_at;
use crate::channels::own_name;
use crate::commands::automatic_mail::{About, Writing};
use crate::error::CommandError;
use crate::limits::ACKNOWLEDGED_WITHIN_MS;

/// A mail that is to be acknowledged.
pub(super) struct Acknowledged {
    words: Acknowledgement,
    address: String,
    /// It has a Message-ID.
    is_named: bool,
}

/// The conversation that it has begun.
pub(super) struct Begun {
    pub conversation_id: ConversationId,
    pub identity_id: IdentityId,
    /// The mail.
    pub first: MessageId,
}

impl Edge<'_> {
    /// Whether it is to be acknowledged, as far as the mail itself says. One that joins a conversation is not: its sender
    /// has been told, or is being answered.
    pub(super) fn acknowledged(
        &self,
        message: &IncomingMessage,
        joins: Option<ConversationId>,
        said_at: UnixMs,
    ) -> Option<Acknowledged> {
        let ChannelSettings::Email(mailbox) = &self.from.settings else { return None };
        let words = mailbox.acknowledgement.clone()?;
        let written = written_at(said_at, self.now);
        let is_asked = joins.is_none() && message.mail.is_some() && message.automatic == Machine::No;
        let is_fresh = written > self.now - ACKNOWLEDGED_WITHIN_MS;
        // Nobody knows the sender of a mail without From, or with several.
        message.from.address.as_ref().filter(|_| is_asked && is_fresh)?;
        let is_named = !message.references.is_empty();
        Some(Acknowledged { words, address: message.from.key.to_lowercase(), is_named })
    }

    pub(super) async fn acknowledge(
        &mut self,
        tx: &mut Tx,
        acknowledged: Acknowledged,
        begun: Begun,
    ) -> Result<(), CommandError> {
        let Acknowledged { words, address, is_named } = acknowledged;
        if agents::load_by_email(tx, &address).await?.is_some() {
            return Ok(());
        }
        let Begun { conversation_id, identity_id, first } = begun;
        if !is_named {
            // So that there is something that the acknowledgement answers.
            references::add(tx, self.from.inbox_id, first, &[own_name(self.from, first)]).await?;
        }
        let writing = Writing { from: self.from, kind: Kind::Acknowledgement, random: self.random, now: self.now };
        let about = About { conversation_id, identity_id, address: &address };
        self.queued |= writing.queue(tx, about, |number| Ok(written(&words, number))).await?;
        Ok(())
    }
}

/// Subject and text. The number stands in the subject in any case: by it an answer finds its way when all else is lost.
fn written(words: &Acknowledgement, number: &str) -> (String, String) {
    let filled = |text: &str| text.replace(Acknowledgement::CASE_NUMBER, number);
    let mut subject = filled(&words.subject);
    if !words.subject.contains(Acknowledgement::CASE_NUMBER) {
        subject.push_str(&format!(" [{number}]"));
    }
    (subject, filled(&words.text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_case_number_is_in_the_subject_once() {
        let words = |subject: &str| Acknowledgement { subject: subject.into(), text: "It is {case_number}.".into() };
        let both = written(&words("We have your mail"), "SB-7");
        assert_eq!(both, ("We have your mail [SB-7]".into(), "It is SB-7.".into()));
        assert_eq!(written(&words("({case_number}) is here"), "SB-7").0, "(SB-7) is here");
    }
}
