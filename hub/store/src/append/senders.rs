//! Who sends in a run, and where they may, as it is in the run's transaction.

use std::collections::{BTreeSet, HashMap, HashSet};

use switchboard_domain::thread::{self, Thread};
use switchboard_protocol::model::MessageKind;
use switchboard_protocol::{AgentId, InboxId, Position};

use super::{Append, Sender};
use crate::db::sql;
use crate::error::{AppendError, ReadError};
use crate::inboxes;
use crate::row::{id, set};
use crate::visitor::Names;
use crate::writer::Tx;

pub(super) struct Senders {
    /// Under which visitors know them.
    pub names: Names,
    access_positions: HashMap<AgentId, Position>,
    /// Inboxes into which nobody from outside writes any more, and from which nothing goes out.
    removed: HashSet<InboxId>,
}

impl Senders {
    pub async fn load<'a>(tx: &mut Tx, appends: impl Iterator<Item = &'a Append> + Clone) -> Result<Self, ReadError> {
        let passes = |append: &Append| append.sender.agent().is_none() || append.message.kind == MessageKind::Out;
        let removed =
            if appends.clone().any(passes) { inboxes::removed(&mut tx.link()).await? } else { HashSet::new() };
        let bots = appends.clone().filter_map(|append| match &append.sender {
            Sender::Bot(admitted) => Some((admitted.bot_id(), admitted.name().to_owned())),
            _ => None,
        });
        let bots = bots.collect();
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
        let mut names = HashMap::with_capacity(rows.len());
        let mut access_positions = HashMap::with_capacity(rows.len());
        for (agent, name, position) in rows {
            let agent = id("an agent's id", &agent)?;
            names.insert(agent, name);
            access_positions.insert(agent, position);
        }
        Ok(Self { names: Names::of(names, bots), access_positions, removed })
    }

    /// Whether this sender may write in this thread (none: there is no such) at this moment.
    pub fn may_write_in(&self, sender: &Sender, thread: Option<&Thread>) -> Result<(), AppendError> {
        if let Sender::Agent { id, access_position, .. } = sender
            && self.access_positions.get(id) != Some(access_position)
        {
            return Err(AppendError::AccessChanged);
        }
        let row = &thread.ok_or(AppendError::NotFound)?.conversation;
        let may = match sender {
            Sender::Agent { visibility, .. } => visibility.sees(row.inbox_id),
            Sender::Visitor { identity_id } => row.identity_id == *identity_id && !self.removed.contains(&row.inbox_id),
            Sender::Bot(admitted) => admitted.holds(row.id),
            Sender::Channel { inbox_id, .. } | Sender::Hub { inbox_id } => {
                row.inbox_id == *inbox_id && !self.removed.contains(inbox_id)
            }
        };
        may.then_some(()).ok_or(AppendError::NotFound)
    }

    /// Whether a message of this kind gets out of this inbox.
    pub fn goes_out(&self, kind: MessageKind, inbox_id: InboxId) -> Result<(), AppendError> {
        if kind == MessageKind::Out && self.removed.contains(&inbox_id) {
            return Err(thread::Refusal::InboxRemoved.into());
        }
        Ok(())
    }
}
