//! How people, places and what they do are written in the backplane's presence map, which knows only names and bytes.

use bytes::Bytes;
use switchboard_backplane::presence;
use switchboard_protocol::agent::{AgentPresence, Viewer, VisitorPresence};
use switchboard_protocol::model::{Availability, PageSeen, ViewMode};
use switchboard_protocol::{ConnectionId, ConversationId, InboxId, UnixMs};

use super::Shown;
use crate::sessions::Person;

/// Longest page address and title kept in the map, characters: what does not fit is cut, it is only shown.
const PAGE_CHARS: usize = 150;

/// A group of the map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Place {
    Team,
    Conversation(InboxId, ConversationId),
    Visitors(InboxId),
}

impl Place {
    pub fn group(self) -> presence::Group {
        match self {
            Self::Team => "team".to_owned(),
            Self::Conversation(inbox, conversation) => format!("conversation:{inbox}:{conversation}"),
            Self::Visitors(inbox) => format!("visitors:{inbox}"),
        }
        .into()
    }

    pub fn of(group: &str) -> Option<Self> {
        let mut parts = group.split(':');
        Some(match (parts.next()?, parts.next(), parts.next()) {
            ("team", None, None) => Self::Team,
            ("conversation", Some(inbox), Some(conversation)) => {
                Self::Conversation(inbox.parse().ok()?, conversation.parse().ok()?)
            }
            ("visitors", Some(inbox), None) => Self::Visitors(inbox.parse().ok()?),
            _ => return None,
        })
    }
}

/// The map's ids of connections are numbers: the random half of ours.
pub(super) fn connection(id: ConnectionId) -> presence::ConnectionId {
    presence::ConnectionId(id.0.0 as u64)
}

/// What a person is called in the map.
pub(super) fn member(person: Person) -> presence::Member {
    match person {
        Person::Agent(id) => id.to_string(),
        Person::Visitor(id) => id.to_string(),
    }
    .into()
}

pub(super) fn meta(shown: Shown<'_>) -> Bytes {
    match shown {
        Shown::Availability(availability, at) => availability_meta(availability, at),
        Shown::Mode(mode) => Bytes::from_static(mode.as_str().as_bytes()),
        Shown::Page(page) => page_meta(page),
    }
}

fn availability_meta(availability: Availability, at: UnixMs) -> Bytes {
    // Fixed width: metas come sorted, so the newest is the last.
    Bytes::from(format!("{at:016}:{}", availability.as_str()))
}

pub(super) fn agent_presence(member: &str, metas: &[Bytes]) -> Option<AgentPresence> {
    let availability = metas.last().and_then(|meta| {
        let (_, word) = std::str::from_utf8(meta).ok()?.split_once(':')?;
        Availability::from_word(word)
    });
    Some(AgentPresence { agent_id: member.parse().ok()?, availability })
}

/// Somebody with the conversation open in two tabs is shown by what matters more: writing goes before reading.
pub(super) fn viewer(member: &str, metas: &[Bytes]) -> Option<Viewer> {
    let modes = metas.iter().filter_map(|meta| ViewMode::from_word(std::str::from_utf8(meta).ok()?));
    let mode = modes.max_by_key(|mode| match mode {
        ViewMode::Viewing => 0,
        ViewMode::Noting => 1,
        ViewMode::Replying => 2,
    })?;
    Some(Viewer { agent_id: member.parse().ok()?, mode })
}

fn page_meta(page: Option<&PageSeen>) -> Bytes {
    let Some(page) = page else { return Bytes::new() };
    let cut = |text: &str| text.chars().take(PAGE_CHARS).collect::<String>();
    let page = PageSeen { url: cut(&page.url), title: page.title.as_deref().map(cut), at: page.at };
    serde_json::to_vec(&page).map(Bytes::from).unwrap_or_default()
}

pub(super) fn visitor_presence(member: &str, metas: &[Bytes]) -> Option<VisitorPresence> {
    let pages = metas.iter().filter_map(|meta| serde_json::from_slice::<PageSeen>(meta).ok());
    let page = pages.max_by_key(|page| page.at);
    Some(VisitorPresence { identity_id: member.parse().ok()?, here: !metas.is_empty(), page })
}
