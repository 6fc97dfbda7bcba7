//! Makes signals of what changes in the presence map.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use switchboard_backplane::presence::PresenceChanges;
use switchboard_backplane::{Backplane, PresenceChange};
use switchboard_protocol::agent::{AgentServerFrame, AgentSignal, VisitorPresence};
use switchboard_protocol::model::Availability;
use switchboard_protocol::visitor::{VisitorServerFrame, VisitorSignal};
use switchboard_protocol::{AgentId, ConversationId, InboxId};
use tokio::time::{Instant, sleep_until};

use super::Presence;
use super::names::{self, Place};
use crate::feed::{Feed, Signal};
use crate::sessions::{SignalKey, Topic};

/// Visitors come and go by the hundred: agents are told in rounds.
const VISITORS_EVERY: Duration = Duration::from_millis(300);

/// Visitors in one signal.
const VISITORS_A_SIGNAL: usize = 100;

struct Teller {
    presence: Presence,
    feed: Arc<Feed>,
    team_online: bool,
    /// What each of the team was last shown as: a second tab of theirs is no news.
    shown: HashMap<AgentId, Availability>,
    visitors: HashMap<InboxId, HashMap<String, VisitorPresence>>,
    told: u64,
}

pub(super) async fn run(mut changes: PresenceChanges, backplane: Backplane, feed: Arc<Feed>) {
    let presence = Presence { backplane };
    let mut teller =
        Teller { team_online: false, shown: HashMap::new(), presence, feed, visitors: HashMap::new(), told: 0 };
    let mut visitors_due: Option<Instant> = None;
    loop {
        let due = visitors_due.unwrap_or_else(|| Instant::now() + Duration::from_secs(3600));
        tokio::select! {
            change = changes.recv() => {
                let Some(change) = change else { return };
                if teller.take(change).await {
                    visitors_due.get_or_insert_with(|| Instant::now() + VISITORS_EVERY);
                }
            }
            () = sleep_until(due) => {
                teller.tell_visitors().await;
                visitors_due = None;
            }
        }
    }
}

impl Teller {
    /// Tells of a change at once, or keeps it for the visitors' round: then true.
    async fn take(&mut self, change: PresenceChange) -> bool {
        match Place::of(change.group.as_str()) {
            Some(Place::Team) => self.team(&change).await,
            Some(Place::Conversation(inbox, conversation)) => self.viewers(inbox, conversation).await,
            Some(Place::Visitors(inbox)) => {
                if let Some(visitor) = names::visitor_presence(change.member.as_str(), &change.metas) {
                    self.visitors.entry(inbox).or_default().insert(change.member.as_str().to_owned(), visitor);
                }
                return true;
            }
            None => {}
        }
        false
    }

    async fn team(&mut self, change: &PresenceChange) {
        let Some(agent) = names::agent_presence(change.member.as_str(), &change.metas) else { return };
        let before = match agent.availability {
            Some(availability) => self.shown.insert(agent.agent_id, availability),
            None => self.shown.remove(&agent.agent_id),
        };
        if before == agent.availability {
            return;
        }
        let key = SignalKey::Team(self.number());
        self.tell_agents(vec![Topic::Team], key, AgentSignal::Team { changed: vec![agent], whole: false }).await;
        let online = self.presence.team().iter().any(|agent| agent.availability == Some(Availability::Online));
        if std::mem::replace(&mut self.team_online, online) != online {
            let frame = VisitorServerFrame::Signal(VisitorSignal::Team { online });
            self.tell(vec![Topic::EveryVisitor], SignalKey::TeamOnline, &frame).await;
        }
    }

    async fn viewers(&mut self, inbox: InboxId, conversation_id: ConversationId) {
        let viewers = self.presence.viewers(inbox, conversation_id);
        let signal = AgentSignal::Viewers { conversation_id, viewers };
        self.tell_agents(staff_of(inbox), SignalKey::Viewers(conversation_id), signal).await;
    }

    async fn tell_visitors(&mut self) {
        for (inbox_id, visitors) in std::mem::take(&mut self.visitors) {
            let visitors: Vec<VisitorPresence> = visitors.into_values().collect();
            for changed in visitors.chunks(VISITORS_A_SIGNAL) {
                let key = SignalKey::Visitors(inbox_id, self.number());
                let signal = AgentSignal::Visitors { inbox_id, changed: changed.to_vec() };
                self.tell_agents(staff_of(inbox_id), key, signal).await;
            }
        }
    }

    fn number(&mut self) -> u64 {
        self.told += 1;
        self.told
    }

    async fn tell_agents(&self, topics: Vec<Topic>, key: SignalKey, signal: AgentSignal) {
        self.tell(topics, key, &AgentServerFrame::Signal(signal)).await;
    }

    /// Waits for the pump if it is behind: what changes meanwhile is put together by the map, and nothing is left out.
    async fn tell(&self, topics: Vec<Topic>, key: SignalKey, frame: &(impl serde::Serialize + Sync)) {
        match serde_json::to_string(frame) {
            Ok(json) => self.feed.tell(Signal { topics, except: None, key, json, as_of: None }).await,
            Err(error) => tracing::error!(%error, "a signal cannot be written"),
        }
    }
}

/// Everybody of the team who may see an inbox.
pub(crate) fn staff_of(inbox: InboxId) -> Vec<Topic> {
    Topic::of(inbox).into_iter().flatten().collect()
}
