//! Whose message it is, and whether they want to be written to.

use switchboard_connector::{Consent, Person, Taken, limits as carried};
use switchboard_protocol::model::{Channel, Contact, Identity};
use switchboard_protocol::{ContactId, IdentityId, UnixMs, limits};
use switchboard_store::Tx;
use switchboard_store::contacts::{self, Known};

use super::Edge;
use super::bounds::{bounded, bounded_name};
use crate::error::CommandError;

impl Edge<'_> {
    /// What somebody has said about being written to, without a message. Of whom we do not know there is nothing to note.
    pub(super) async fn take_consent(
        &self,
        tx: &mut Tx,
        person: &Person,
        consent: Consent,
        said_at: UnixMs,
    ) -> Result<Taken, CommandError> {
        let key = bounded_name(&person.key);
        let Some(known) = contacts::load_identity_by_key(tx, self.from.inbox_id, &key).await? else {
            return Ok(Taken::Ignored);
        };
        self.note_consent(tx, &known, consent, said_at).await?;
        Ok(Taken::New)
    }

    /// Who it is; contact and identity are made of somebody who has never written here. That two identities are one person
    /// is for the team to say.
    pub(in crate::commands) async fn person(&self, tx: &mut Tx, person: &Person) -> Result<Known, CommandError> {
        let key = bounded_name(&person.key);
        if let Some(known) = contacts::load_identity_by_key(tx, self.from.inbox_id, &key).await? {
            return Ok(known);
        }
        let address = person.address.as_deref().map(|address| bounded(address, carried::ADDRESS_CHARS));
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
            attributes: Default::default(),
            identities: Vec::new(),
            merged: Vec::new(),
            created_at: self.now,
        };
        let identity = Identity {
            id: IdentityId(self.random.ulid(self.now)),
            inbox_id: self.from.inbox_id,
            channel: self.from.channel,
            address,
            verified: false,
            stopped_at: None,
        };
        contacts::insert(tx, &contact).await?;
        contacts::insert_identity(tx, contact.id, &identity, &key, self.now).await?;
        Ok(Known { identity, contact_id: contact.id })
    }

    /// Somebody who had not said their name has said it now.
    pub(super) async fn note_name(&self, tx: &mut Tx, known: &Known, said: Option<&str>) -> Result<(), CommandError> {
        let name = said.map(|name| bounded(name, limits::NAME_CHARS)).filter(|name| !name.is_empty());
        if let Some(name) = name
            && contacts::name_if_unnamed(tx, known.contact_id, &name).await?
        {
            crate::commands::contacts::tell(tx, known.contact_id, self.now).await?;
        }
        Ok(())
    }

    /// What was missed comes late: it changes nothing that was said after it.
    pub(super) async fn note_consent(
        &self,
        tx: &mut Tx,
        known: &Known,
        consent: Consent,
        said_at: UnixMs,
    ) -> Result<(), CommandError> {
        let said_at = said_at.min(self.now);
        let stopped_at = match consent {
            Consent::Stop => Some(said_at),
            Consent::Start => None,
            Consent::Help => return Ok(()),
        };
        let is_last = contacts::consents(tx, known.identity.id, stopped_at, said_at).await?;
        if !is_last || stopped_at == known.identity.stopped_at {
            return Ok(());
        }
        // Before an agent writes in vain.
        crate::commands::contacts::tell(tx, known.contact_id, self.now).await
    }
}
