//! Who sends in a run, and where they may, as it is in the run's transaction.

use std::collections::{BTreeSet, HashMap, HashSet};

use switchboard_protocol::{AgentId, InboxId, Position};

use super::{Append, Sender};
use crate::db::sql;
use crate::error::ReadError;
use crate::inboxes;
use crate::row::{id, set};
use crate::visitor::Names;
use crate::writer::Tx;

pub(super) struct Senders {
    /// Under which visitors know them.
    pub names: Names,
    access_positions: HashMap<AgentId, Position>,
    /// Inboxes into which nobody from outside writes any more.
    removed: HashSet<InboxId>,
}

impl Senders {
    pub async fn load<'a>(tx: &mut Tx, appends: impl Iterator<Item = &'a Append> + Clone) -> Result<Self, ReadError> {
        let outside = appends.clone().any(|append| append.sender.agent().is_none());
        let removed = if outside { inboxes::removed(&mut tx.link()).await? } else { HashSet::new() };
        let agents: BTreeSet<AgentId> = appends.filter_map(|append| append.sender.agent()).collect();
        let rows: Vec<(String, String, i64)> = if agents.is_empty() {
            Vec::new()
        } else {
            let select = sql(
                "read who sends",
                "SELECT a.id, COALESCE(a.display_name, a.name), a.access_position FROM agents AS a \
                 WHERE a.id IN (SELECT v.value->>'id' FROM jsonb_each($1) AS v)",
            );
            tx.link().all(select.bind(set(agents))).await?
        };
        let mut names = Vec::with_capacity(rows.len());
        let mut access_positions = HashMap::with_capacity(rows.len());
        for (agent, name, position) in rows {
            let agent = id("an agent's id", &agent)?;
            names.push((agent, name));
            access_positions.insert(agent, position);
        }
        Ok(Self { names: names.into_iter().collect(), access_positions, removed })
    }

    /// Whether what this sender may see is still what it was when it was read.
    pub fn are_current(&self, sender: &Sender) -> bool {
        match sender {
            Sender::Agent { id, access_position, .. } => self.access_positions.get(id) == Some(access_position),
            Sender::Visitor { .. } => true,
        }
    }

    /// Whether anybody from outside may still write there.
    pub fn is_closed(&self, sender: &Sender, inbox_id: InboxId) -> bool {
        sender.agent().is_none() && self.removed.contains(&inbox_id)
    }
}
