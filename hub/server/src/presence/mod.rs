//! Who is here: the team, visitors on the sites' pages, and who has which conversation open.
//!
//! The backplane keeps the map (in memory, on every hub, no database write); this room says what it means, and makes
//! signals of its changes for this process's sockets. Each hub hears of a change itself, so the signals go no further.

mod names;
mod signals;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use switchboard_backplane::Backplane;
use switchboard_protocol::agent::{AgentPresence, Viewer, VisitorPresence};
use switchboard_protocol::model::{Availability, PageSeen, ViewMode};
use switchboard_protocol::{AgentId, ConnectionId, ConversationId, IdentityId, InboxId, UnixMs};

use crate::feed::Feed;
use names::Place;
pub(crate) use signals::staff_of;

/// A connection that was cut may come back: so long its person still counts as here. Longer than a reconnect takes
/// (R3: 5 s do not flicker), and with the time to notice below 10 s.
pub const LINGER_CUT: Duration = Duration::from_millis(6_500);

/// A tab that said good-bye may be a page that reloads: so long its person still counts (R3: gone within 1 s).
pub const LINGER_CLOSED: Duration = Duration::from_millis(800);

/// The handle to who is here.
#[derive(Clone)]
pub struct Presence {
    backplane: Backplane,
}

impl Presence {
    /// Starts the task that tells this process's sockets of changes.
    pub fn start(backplane: Backplane, feed: Arc<Feed>) -> Self {
        tokio::spawn(signals::run(backplane.presence().changes(), backplane.clone(), feed));
        Self { backplane }
    }

    /// This connection's person says that they are so. `at` decides between their tabs: the newest word counts.
    pub fn agent_here(&self, agent: AgentId, connection: ConnectionId, availability: Availability, at: UnixMs) {
        self.join(Place::Team, agent.to_string(), connection, names::availability_meta(availability, at));
    }

    pub fn agent_gone(&self, agent: AgentId, connection: ConnectionId, linger: Duration) {
        self.leave(Place::Team, agent.to_string(), connection, linger);
    }

    pub fn view(
        &self,
        inbox: InboxId,
        conversation: ConversationId,
        agent: AgentId,
        connection: ConnectionId,
        mode: ViewMode,
    ) {
        let meta = Bytes::from_static(mode.as_str().as_bytes());
        self.join(Place::Conversation(inbox, conversation), agent.to_string(), connection, meta);
    }

    pub fn unview(
        &self,
        inbox: InboxId,
        conversation: ConversationId,
        agent: AgentId,
        connection: ConnectionId,
        linger: Duration,
    ) {
        self.leave(Place::Conversation(inbox, conversation), agent.to_string(), connection, linger);
    }

    pub fn visitor_here(
        &self,
        inbox: InboxId,
        identity: IdentityId,
        connection: ConnectionId,
        page: Option<&PageSeen>,
    ) {
        self.join(Place::Visitors(inbox), identity.to_string(), connection, names::page_meta(page));
    }

    pub fn visitor_gone(&self, inbox: InboxId, identity: IdentityId, connection: ConnectionId, linger: Duration) {
        self.leave(Place::Visitors(inbox), identity.to_string(), connection, linger);
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

    fn join(&self, place: Place, member: String, connection: ConnectionId, meta: Bytes) {
        let joined = self.backplane.presence().join(place.group(), member.into(), names::connection(connection), meta);
        if let Err(refused) = joined {
            tracing::warn!(%refused, "somebody is here but will not be shown as such");
        }
    }

    fn leave(&self, place: Place, member: String, connection: ConnectionId, linger: Duration) {
        self.backplane.presence().leave(place.group(), member.into(), names::connection(connection), linger);
    }
}
