//! Somebody who is in a place, as a value: whoever has come has gone when it is dropped, however that comes about.

use std::time::Duration;

use switchboard_protocol::model::{Availability, PageSeen, ViewMode};
use switchboard_protocol::{ConnectionId, UnixMs};

use super::names::{self, Place};
use super::{LINGER_CUT, Presence};
use crate::sessions::Person;

/// What is shown of somebody.
#[derive(Debug, Clone, Copy)]
pub enum Shown<'a> {
    /// `at` decides between their tabs: the newest word counts.
    Availability(Availability, UnixMs),
    Mode(ViewMode),
    Page(Option<&'a PageSeen>),
}

/// A connection's person is in a place for as long as this lives.
#[must_use = "they are gone again when it is dropped"]
pub struct Here {
    presence: Presence,
    place: Place,
    person: Person,
    connection: ConnectionId,
    /// How long they still count when it is dropped.
    linger: Duration,
}

impl Here {
    pub(super) fn come(
        presence: Presence,
        place: Place,
        person: Person,
        connection: ConnectionId,
        shown: Shown<'_>,
    ) -> Self {
        // A socket that is dropped without a word was cut.
        let here = Self { presence, place, person, connection, linger: LINGER_CUT };
        here.shows(shown);
        here
    }

    /// They are there otherwise than before.
    pub fn shows(&self, shown: Shown<'_>) {
        let (group, member) = (self.place.group(), names::member(self.person));
        let connection = names::connection(self.connection);
        if let Err(refused) = self.presence.backplane.presence().join(group, member, connection, names::meta(shown)) {
            tracing::warn!(%refused, "somebody is here but will not be shown as such");
        }
    }

    /// They go, and count as here for this long.
    pub fn leaves(mut self, linger: Duration) {
        self.linger = linger;
    }
}

impl Drop for Here {
    fn drop(&mut self) {
        let (group, member) = (self.place.group(), names::member(self.person));
        self.presence.backplane.presence().leave(group, member, names::connection(self.connection), self.linger);
    }
}
