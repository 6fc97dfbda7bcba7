//! The one place where it is decided what a person of the team may see. HTTP, sockets, search, counts and export all
//! ask here; the store turns the answer into the `WHERE` of each query.

use std::collections::BTreeSet;

use switchboard_protocol::InboxId;
use switchboard_protocol::model::Role;

use crate::bots::console;

/// The inboxes whose conversations somebody may see. Contacts, messages, files and visitors are visible through the
/// conversations or inboxes that they belong to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Visibility {
    /// The hub itself.
    All,
    /// Owners and admins: every inbox but those in which bots are tried ([`console`]), which stand on nobody's screens.
    Team,
    /// These inboxes and nothing of any other.
    Inboxes(BTreeSet<InboxId>),
}

impl Visibility {
    /// From a role and the inboxes granted to the person or to one of their teams.
    pub fn of(role: Role, granted: impl IntoIterator<Item = InboxId>) -> Self {
        match role {
            Role::Owner | Role::Admin => Self::Team,
            Role::Agent | Role::ReadOnly => Self::Inboxes(granted.into_iter().collect()),
        }
    }

    pub fn sees(&self, inbox: InboxId) -> bool {
        match self {
            Self::All => true,
            Self::Team => !console::is_one(inbox),
            Self::Inboxes(inboxes) => inboxes.contains(&inbox),
        }
    }
}
