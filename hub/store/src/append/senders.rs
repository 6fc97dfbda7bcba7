//! The agents who send in a run, as they are in its transaction.

use std::collections::{BTreeSet, HashMap};

use switchboard_protocol::{AgentId, Position};

use super::{Append, Sender};
use crate::db::sql;
use crate::error::ReadError;
use crate::row::{id, set};
use crate::visitor::Names;
use crate::writer::Tx;

pub(super) struct Senders {
    /// Under which visitors know them.
    pub names: Names,
    access_positions: HashMap<AgentId, Position>,
}

impl Senders {
    pub async fn load(tx: &mut Tx, appends: impl Iterator<Item = &Append>) -> Result<Self, ReadError> {
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
        Ok(Self { names: names.into_iter().collect(), access_positions })
    }

    /// Whether what this sender may see is still what it was when it was read.
    pub fn are_current(&self, sender: &Sender) -> bool {
        match sender {
            Sender::Agent { id, access_position, .. } => self.access_positions.get(id) == Some(access_position),
            Sender::Visitor { .. } => true,
        }
    }
}
