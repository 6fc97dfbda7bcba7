//! What an agent's change to a conversation means: the row's changes and a line in the thread for each.

use std::collections::BTreeSet;

use switchboard_protocol::agent::ConversationChange;
use switchboard_protocol::model::{Conversation, ConversationPatch, Place, Status, SystemLine};
use switchboard_protocol::{AgentId, UnixMs, limits};

/// Why a change is not possible, with the field that is at fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("`snoozed` needs `snoozed_until`")]
    SnoozeWithoutTime,
    #[error("`snoozed_until` lies in the past")]
    SnoozeInThePast,
    #[error("`snoozed_until` lies more than {} days ahead", limits::SNOOZE_MS / 86_400_000)]
    SnoozeTooFar,
    #[error("more than {} assignees", limits::ASSIGNEES)]
    TooManyAssignees,
    #[error("more than {} tags", limits::TAGS)]
    TooManyTags,
}

impl Refusal {
    pub fn field(&self) -> &'static str {
        match self {
            Self::SnoozeWithoutTime | Self::SnoozeInThePast | Self::SnoozeTooFar => "snoozed_until",
            Self::TooManyAssignees => "assignees",
            Self::TooManyTags => "tags",
        }
    }
}

/// What is to be written. Nothing of it if the change changes nothing.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Changed {
    pub patch: ConversationPatch,
    pub lines: Vec<SystemLine>,
}

/// Decides what `change` does to `row`. Asking for what already is so is no change and no error.
pub fn change(row: &Conversation, change: &ConversationChange, now: UnixMs) -> Result<Changed, Refusal> {
    // None left out: a new field that nobody decides about does not compile.
    let ConversationChange {
        status: _,
        snoozed_until: _,
        snooze_stays: _,
        assignee: _,
        assignees: _,
        tags: _,
        team_id,
        place,
        priority,
        flagged,
        subject,
    } = change;
    let mut out = Changed::default();
    status(row, change, now, &mut out)?;
    assignees(row, change, &mut out)?;
    if let Some(team_id) = team_id.filter(|team| *team != row.team_id) {
        out.patch.team_id = Some(team_id);
        out.lines.push(SystemLine::TeamChanged { team_id });
    }
    if let Some(place) = place.filter(|place| *place != row.place) {
        out.patch.place = Some(place);
        out.lines.push(SystemLine::Moved { place });
    }
    if let Some(priority) = priority.filter(|priority| *priority != row.priority) {
        out.patch.priority = Some(priority);
        out.lines.push(SystemLine::PriorityChanged { priority });
    }
    tags(row, change, &mut out)?;
    if let Some(flagged) = flagged.filter(|flagged| *flagged != row.flagged) {
        out.patch.flagged = Some(flagged);
        out.lines.push(SystemLine::Flagged { flagged });
    }
    if let Some(subject) = subject.clone().filter(|subject| *subject != row.subject) {
        out.patch.subject = Some(subject.clone());
        out.lines.push(SystemLine::SubjectChanged { subject });
    }
    Ok(out)
}

fn status(row: &Conversation, change: &ConversationChange, now: UnixMs, out: &mut Changed) -> Result<(), Refusal> {
    let wanted = match (change.status, change.snoozed_until) {
        (None, None) => return Ok(()),
        (None, Some(_)) => Status::Snoozed,
        (Some(status), _) => status,
    };
    if wanted == Status::Snoozed {
        let until = change.snoozed_until.ok_or(Refusal::SnoozeWithoutTime)?;
        if until <= now {
            return Err(Refusal::SnoozeInThePast);
        }
        if until.saturating_sub(now) > limits::SNOOZE_MS {
            return Err(Refusal::SnoozeTooFar);
        }
        let stays = change.snooze_stays.unwrap_or_default();
        if (row.snoozed_until, row.snooze_stays, row.status) != (Some(until), stays, Status::Snoozed) {
            out.patch.status = Some(Status::Snoozed);
            out.patch.snoozed_until = Some(Some(until));
            out.patch.snooze_stays = (row.snooze_stays != stays).then_some(stays);
            out.lines.push(SystemLine::Snoozed { until, stays });
        }
        return Ok(());
    }
    if wanted == row.status {
        return Ok(());
    }
    out.patch.status = Some(wanted);
    if row.snoozed_until.is_some() {
        out.patch.snoozed_until = Some(None);
    }
    out.lines.push(match (wanted, row.status) {
        (Status::Closed, _) => SystemLine::Closed,
        (_, Status::Snoozed) => SystemLine::Woken,
        _ => SystemLine::Reopened,
    });
    // Closing says that nobody needs to answer any more; opening again does not make the contact wait anew.
    if wanted == Status::Closed && row.waiting_since.is_some() {
        out.patch.waiting_since = Some(None);
    }
    // The next case may begin with a bot again.
    if wanted == Status::Closed && row.asked_person {
        out.patch.asked_person = Some(false);
    }
    // What is closed or opened is worked with: it comes out of the archive, but not out of spam or trash.
    if wanted == Status::Open && row.place == Place::Archived && change.place.is_none() {
        out.patch.place = Some(Place::Inbox);
    }
    Ok(())
}

fn assignees(row: &Conversation, change: &ConversationChange, out: &mut Changed) -> Result<(), Refusal> {
    let mut wanted = change.assignees.clone().unwrap_or_else(|| row.assignees.clone());
    if let Some(primary) = change.assignee {
        match primary {
            // The one before keeps no claim: to assign is to hand over. Others who were added stay.
            Some(agent) => {
                let before = row.assignees.first().copied();
                wanted.retain(|other| *other != agent && (change.assignees.is_some() || Some(*other) != before));
                wanted.insert(0, agent);
            }
            None => wanted.clear(),
        }
    }
    let mut once = BTreeSet::new();
    wanted.retain(|agent| once.insert(*agent));
    if wanted.len() > limits::ASSIGNEES {
        return Err(Refusal::TooManyAssignees);
    }
    if wanted == row.assignees {
        return Ok(());
    }
    let (added, removed) = difference(&row.assignees, &wanted);
    if wanted.first() != row.assignees.first() {
        out.lines.push(SystemLine::Assigned { agent_id: wanted.first().copied() });
    } else {
        out.lines.push(SystemLine::AssigneesChanged { added, removed });
    }
    out.patch.assignees = Some(wanted);
    Ok(())
}

fn tags(row: &Conversation, change: &ConversationChange, out: &mut Changed) -> Result<(), Refusal> {
    let Some(wanted) = &change.tags else { return Ok(()) };
    let wanted: Vec<String> = wanted
        .iter()
        .map(|tag| tag.trim().to_owned())
        .filter(|tag| !tag.is_empty())
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    if wanted.len() > limits::TAGS {
        return Err(Refusal::TooManyTags);
    }
    if wanted != row.tags {
        let (added, removed) = difference(&row.tags, &wanted);
        out.lines.push(SystemLine::TagsChanged { added, removed });
        out.patch.tags = Some(wanted);
    }
    Ok(())
}

fn difference<T: PartialEq + Clone>(before: &[T], after: &[T]) -> (Vec<T>, Vec<T>) {
    let not_in = |some: &[T], other: &[T]| some.iter().filter(|one| !other.contains(one)).cloned().collect();
    (not_in(after, before), not_in(before, after))
}

/// The agents whom a change would bring in: the store checks that they exist and may see the inbox.
pub fn named_agents(change: &ConversationChange) -> impl Iterator<Item = AgentId> + '_ {
    change.assignees.iter().flatten().copied().chain(change.assignee.flatten())
}
