//! Who is here: the team, visitors on the sites' pages, and who has which conversation open.
//!
//! The backplane keeps the map (in memory, on every hub, no database write); this room says what it means, and makes
//! signals of its changes for this process's sockets. Each hub hears of a change itself, so the signals go no further.

mod here;
mod names;
mod signals;

use std::sync::Arc;
use std::time::Duration;

use switchboard_backplane::Backplane;
use switchboard_domain::Visibility;
use switchboard_protocol::agent::{AgentPresence, OpenConversation, Viewer, VisitorPresence};
use switchboard_protocol::model::{Availability, PageSeen, ViewMode};
use switchboard_protocol::{AgentId, ConnectionId, ConversationId, IdentityId, InboxId, UnixMs};
use tokio_util::sync::DropGuard;

use crate::feed::Feed;
use crate::sessions::Person;
pub use here::{Here, Shown};
use names::Place;
pub(crate) use signals::staff_of;

/// A connection that was cut may come back: so long its person still counts as here. Longer than a reconnect takes
/// (5 s do not flicker), and with the time to notice below 10 s.
pub const LINGER_CUT: Duration = Duration::from_millis(6_500);

/// A tab that said good-bye may be a page that reloads: so long its person still counts (gone within 1 s).
pub const LINGER_CLOSED: Duration = Duration::from_millis(800);

/// The handle to who is here.
#[derive(Clone)]
pub struct Presence {
    backplane: Backplane,
}

impl Presence {
    /// Starts the task that tells this process's sockets of changes. `alive` is dropped when it ends.
    pub fn start(backplane: Backplane, feed: Arc<Feed>, alive: DropGuard) -> Self {
        let telling = signals::run(backplane.presence().changes(), backplane.clone(), feed);
        tokio::spawn(async move {
            telling.await;
            drop(alive);
        });
        Self { backplane }
    }

    /// Somebody of the team has come.
    pub fn agent_here(&self, agent: AgentId, connection: ConnectionId, availability: Availability, at: UnixMs) -> Here {
        let shown = Shown::Availability(availability, at);
        Here::come(self.clone(), Place::Team, Person::Agent(agent), connection, shown)
    }

    /// An agent has opened a conversation.
    pub fn view(
        &self,
        inbox: InboxId,
        conversation: ConversationId,
        agent: AgentId,
        connection: ConnectionId,
        mode: ViewMode,
    ) -> Here {
        let place = Place::Conversation(inbox, conversation);
        Here::come(self.clone(), place, Person::Agent(agent), connection, Shown::Mode(mode))
    }

    /// A visitor has opened a page.
    pub fn visitor_here(
        &self,
        inbox: InboxId,
        identity: IdentityId,
        connection: ConnectionId,
        page: Option<&PageSeen>,
    ) -> Here {
        let (place, person) = (Place::Visitors(inbox), Person::Visitor(identity));
        Here::come(self.clone(), place, person, connection, Shown::Page(page))
    }

    /// Everybody of the team who is here.
    pub fn team(&self) -> Vec<AgentPresence> {
        let members = self.backplane.presence().members(&Place::Team.group());
        members.iter().filter_map(|(member, metas)| names::agent_presence(member.as_str(), metas)).collect()
    }

    /// Whether somebody of the team is here and ready to answer.
    pub fn team_online(&self) -> bool {
        self.team().iter().any(|agent| agent.availability == Some(Availability::Online))
    }

    pub fn viewers(&self, inbox: InboxId, conversation: ConversationId) -> Vec<Viewer> {
        let members = self.backplane.presence().members(&Place::Conversation(inbox, conversation).group());
        let mut viewers: Vec<Viewer> =
            members.iter().filter_map(|(member, metas)| names::viewer(member.as_str(), metas)).collect();
        viewers.sort_by_key(|viewer| viewer.agent_id);
        viewers
    }

    /// Who has which conversation open, of those that may be seen.
    pub fn all_viewers(&self, visibility: &Visibility) -> Vec<OpenConversation> {
        let groups = self.backplane.presence().groups();
        let open = groups.iter().filter_map(|group| match Place::of(group.as_str()) {
            Some(Place::Conversation(inbox, conversation)) if visibility.sees(inbox) => Some((inbox, conversation)),
            _ => None,
        });
        let viewers = open.map(|(inbox, conversation_id)| OpenConversation {
            conversation_id,
            viewers: self.viewers(inbox, conversation_id),
        });
        // Whoever was the last may have gone since the groups were looked at.
        viewers.filter(|open| !open.viewers.is_empty()).collect()
    }

    /// Everybody on an inbox's pages.
    pub fn visitors(&self, inbox: InboxId) -> Vec<VisitorPresence> {
        let members = self.backplane.presence().members(&Place::Visitors(inbox).group());
        members.iter().filter_map(|(member, metas)| names::visitor_presence(member.as_str(), metas)).collect()
    }

    /// One visitor; not `here` if they are not.
    pub fn visitor(&self, inbox: InboxId, identity: IdentityId) -> VisitorPresence {
        let metas = self.backplane.presence().member(&Place::Visitors(inbox).group(), &identity.to_string().into());
        names::visitor_presence(&identity.to_string(), &metas).unwrap_or(VisitorPresence {
            identity_id: identity,
            here: false,
            page: None,
        })
    }
}
