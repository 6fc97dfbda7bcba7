//! Events on their way from a transaction to the feed.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use switchboard_protocol::agent::AgentEvent;
use switchboard_protocol::visitor::VisitorEvent;
use switchboard_protocol::{AgentId, ConversationId, IdentityId, InboxId, Position, UnixMs};

/// Who of the team hears of an event. Exactly one of these, so that nobody hears of it twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Audience {
    /// Everybody who may see this inbox.
    Inbox(InboxId),
    /// One person, on all their devices.
    Agent(AgentId),
    /// One person whose right to see, or to be here, has changed (role, inbox access, signed out): the event is
    /// `access_changed`, and after it their sockets must prove themselves and start afresh.
    Access(AgentId),
    /// The whole team.
    Team,
}

/// What a command wants told. It gets its position from the transaction that commits it.
#[derive(Debug, Clone)]
pub struct Emit {
    pub at: UnixMs,
    pub audience: Audience,
    /// The conversation that it is about, if it is about one.
    pub conversation_id: Option<ConversationId>,
    pub staff: AgentEvent,
    /// What the visitor of this identity hears of it: nothing, unless it is said here.
    pub visitor: Option<(IdentityId, VisitorEvent)>,
}

/// An event as it was committed. The frames are the very text that sockets send and the feed keeps:
/// `{"t":"event","position":…,"at":…,"event":"…",…}`, serialised once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommittedEvent {
    pub position: Position,
    pub audience: Audience,
    pub conversation_id: Option<ConversationId>,
    pub staff: Arc<str>,
    pub visitor: Option<(IdentityId, Arc<str>)>,
}

/// The events of one commit, positions rising by one.
pub type Batch = Arc<[CommittedEvent]>;
