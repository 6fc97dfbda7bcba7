//! One change to many conversations, and its undo: each time one transaction, and each conversation told as if it had been
//! changed alone. What cannot be changed is named and keeps nobody else from it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use switchboard_domain::Visibility;
use switchboard_domain::bulk;
use switchboard_domain::change::{Changed, Refusal, change as decide};
use switchboard_domain::thread::Thread;
use switchboard_domain::validate::Fields;
use switchboard_protocol::agent::{AgentEvent, ConversationChange};
use switchboard_protocol::bulk::{
    BulkChange, ChangeConversations, ChangedConversations, NotChanged, NotChangedReason, Turn, UndoConversations,
};
use switchboard_protocol::error::ApiError;
use switchboard_protocol::model::{Conversation, Status};
use switchboard_protocol::{AgentId, ConversationId, MessageId, Number, TeamId, UnixMs, limits};
use switchboard_store::{Audience, Emit, Tx, access, agents, conversations, notifications, reads, teams};

use crate::app::App;
use crate::bots::control;
use crate::caller::{Answer, Caller, Mark, May};
use crate::error::CommandError;
use crate::ids::Random;

/// Changes them. To say what one has read needs no more than that; anything else is for those who may answer.
pub async fn change(
    app: &App,
    by: &May<Mark>,
    ChangeConversations { ids, change }: ChangeConversations,
) -> Result<ChangedConversations, CommandError> {
    let (ids, change) = checked(ids, change)?;
    let reads_only = BulkChange { read: change.read, ..BulkChange::default() } == change;
    if !reads_only {
        by.may::<Answer>()?;
    }
    let mut many = Many::new(app, by);
    let written = app.write_as(by, move |tx| {
        Box::pin(async move {
            many.load(tx, &ids).await?;
            let mut seeing = Seeing::of(tx, change.assignees.iter().flatten().copied()).await?;
            team_exists(tx, change.team_id.flatten()).await?;
            let threads = std::mem::take(&mut many.threads);
            let mut decided = Vec::with_capacity(threads.len());
            for thread in threads {
                let wanted = bulk::change_of(&thread.conversation, &change);
                match may_become(&thread.conversation, &wanted, &mut seeing)
                    .and_then(|()| decide(&thread.conversation, &wanted, many.now).map_err(Not::from))
                {
                    Ok(changed) => {
                        let read = change.read.and_then(|read| wanted_reading(&thread.conversation, read));
                        decided.push((thread, changed, read));
                    }
                    Err(Not::This(why)) => many.refuse(thread.conversation.id, why),
                    Err(Not::Any(error)) => return Err(error.into()),
                }
            }
            many.write(tx, decided).await
        })
    });
    let written = written.await?;
    Ok(ChangedConversations { position: written.position, ..written.value })
}

/// Reads all that is unread of a list, at most [`limits::BULK`] at a time.
pub async fn read_all(
    app: &App,
    by: &May<Mark>,
    query: conversations::Query,
) -> Result<ChangedConversations, CommandError> {
    let ids = conversations::unread_in(&app.store, &by.visibility, &query, limits::BULK).await?;
    let more = ids.len() == limits::BULK;
    let change = BulkChange { read: Some(true), ..BulkChange::default() };
    let done = self::change(app, by, ChangeConversations { ids, change }).await?;
    Ok(ChangedConversations { more, ..done })
}

/// Takes back what [`change`] did, as far as it is still so.
pub async fn undo(
    app: &App,
    by: &May<Mark>,
    UndoConversations { turns }: UndoConversations,
) -> Result<ChangedConversations, CommandError> {
    if turns.len() > limits::BULK {
        return Err(too_many("turns").into());
    }
    let mut turns: BTreeMap<ConversationId, Turn> =
        turns.into_iter().map(|turn| (turn.conversation_id, turn)).collect();
    if !turns.values().all(only_read) {
        by.may::<Answer>()?;
    }
    for turn in turns.values_mut() {
        let mut fields = Fields::new();
        for (name, tags) in [("added_tags", &turn.added_tags), ("removed_tags", &turn.removed_tags)] {
            tags.iter().for_each(|tag| drop(fields.bounded(name, tag, 0, limits::NAME_CHARS)));
        }
        fields.done()?;
    }
    let mut many = Many::new(app, by);
    let written = app.write_as(by, move |tx| {
        Box::pin(async move {
            let ids: Vec<_> = turns.keys().copied().collect();
            many.load(tx, &ids).await?;
            let assigned = turns.values().flat_map(|turn| turn.was.assignees.iter().flatten().copied());
            let reminded = turns.values().filter_map(|turn| turn.was.snoozed_by.flatten());
            let remind = many.threads.iter().filter_map(|thread| thread.conversation.snoozed_by);
            let mut seeing = Seeing::of(tx, assigned.chain(reminded).chain(remind)).await?;
            let there = those_there(tx, turns.values().filter_map(|turn| turn.was.team_id.flatten()).collect()).await?;
            let threads = std::mem::take(&mut many.threads);
            let mut decided = Vec::with_capacity(threads.len());
            for thread in threads {
                let (row, turn) = (&thread.conversation, &turns[&thread.conversation.id]);
                let back = bulk::back(row, turn, many.now);
                let team = match back.team_id.flatten() {
                    Some(team) if !there.contains(&team) => Err(Not::This(NotChangedReason::Team)),
                    _ => Ok(()),
                };
                match team
                    .and_then(|()| may_become(row, &back, &mut seeing))
                    .and_then(|()| bulk::put_back(&thread, turn, many.now).map_err(Not::from))
                {
                    Ok(mut changed) => {
                        // A reminder of somebody who cannot see it any more concerns those who have the conversation.
                        if changed.patch.snoozed_by.flatten().is_some_and(|agent| !seeing.sees(agent, row)) {
                            changed.patch.snoozed_by = Some(None);
                        }
                        let read = turn.became.read_number.filter(|became| *became == many.read_of(row.id));
                        let read = read.and(turn.was.read_number).map(|to| to.clamp(0, row.last_number));
                        decided.push((thread, changed, read));
                    }
                    Err(Not::This(why)) => many.refuse(row.id, why),
                    Err(Not::Any(error)) => return Err(error.into()),
                }
            }
            let (now, random) = (many.now, many.random.clone());
            let wait = decided.iter().filter(|(_, changed, _)| changed.patch.asked_person == Some(true));
            let wait: Vec<_> = wait.map(|(thread, ..)| thread.conversation.id).collect();
            let done = many.write(tx, decided).await?;
            // What kept the bots out while they waited for a person keeps them out again.
            for id in wait {
                control::keep_out(tx, id, now, &random).await?;
            }
            Ok(done)
        })
    });
    let written = written.await?;
    Ok(ChangedConversations { position: written.position, ..written.value })
}

/// Why one is not changed, or none is.
enum Not {
    This(NotChangedReason),
    Any(ApiError),
}

impl From<Refusal> for Not {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::TooManyTags => Self::This(NotChangedReason::TooManyTags),
            // Of the change and not of any conversation.
            Refusal::SnoozeWithoutTime
            | Refusal::SnoozeInThePast
            | Refusal::SnoozeTooFar
            | Refusal::TooManyAssignees => {
                Self::Any(ApiError::field(format!("change.{}", refusal.field()), "invalid", format!("{refusal}.")))
            }
        }
    }
}

/// What is under way.
struct Many {
    now: UnixMs,
    random: Random,
    by: Caller,
    threads: Vec<Thread>,
    /// How far the caller has read in each.
    read: HashMap<ConversationId, Number>,
    done: ChangedConversations,
}

impl Many {
    fn new(app: &App, by: &Caller) -> Self {
        let (now, random, by) = (app.clock.now(), app.random.clone(), by.clone());
        Self { now, random, by, threads: Vec::new(), read: HashMap::new(), done: ChangedConversations::default() }
    }

    /// What is not there for the caller to see is refused at once.
    async fn load(&mut self, tx: &mut Tx, ids: &[ConversationId]) -> Result<(), CommandError> {
        self.threads = conversations::load_many(tx, &self.by.visibility, ids).await?;
        self.read = reads::load_many(tx, self.by.agent_id, ids).await?;
        let there: BTreeSet<_> = self.threads.iter().map(|thread| thread.conversation.id).collect();
        ids.iter().filter(|id| !there.contains(id)).for_each(|id| self.refuse(*id, NotChangedReason::NotFound));
        Ok(())
    }

    fn refuse(&mut self, conversation_id: ConversationId, why: NotChangedReason) {
        self.done.refused.push(NotChanged { conversation_id, why });
    }

    fn read_of(&self, id: ConversationId) -> Number {
        self.read.get(&id).copied().unwrap_or_default()
    }

    /// Writes what was decided of each, and how far it is to have been read.
    async fn write(
        mut self,
        tx: &mut Tx,
        decided: Vec<(Thread, Changed, Option<Number>)>,
    ) -> Result<ChangedConversations, CommandError> {
        let (mut before, mut changes) = (Vec::with_capacity(decided.len()), Vec::with_capacity(decided.len()));
        self.write_reads(tx, decided.iter().filter_map(|(thread, _, read)| Some((thread.conversation.id, (*read)?))))
            .await?;
        for (thread, mut changed, read) in decided {
            let row = &thread.conversation;
            let (was, id) = (self.read_of(row.id), row.id);
            let read = read.filter(|read| *read != was);
            if let Some(number) = read {
                tx.emit(Emit {
                    at: self.now,
                    audience: Audience::Agent(self.by.agent_id),
                    conversation_id: Some(id),
                    staff: AgentEvent::ReadChanged { conversation_id: id, number },
                    visitor: None,
                });
                // As by opening it: the contact sees it as read, and that is not taken back.
                changed.patch.staff_read_number = Some(number).filter(|number| *number > row.staff_read_number);
            }
            before.push((row.clone(), read.map(|read| (was, read))));
            changes.push((thread, changed));
        }
        let mut line_id = || MessageId(self.random.ulid(self.now));
        let made = conversations::change_all(tx, changes, self.by.author(), self.now, &mut line_id).await?;
        let after: HashMap<_, _> = made.into_iter().map(|made| (made.conversation.id, made.conversation)).collect();
        for (row, read) in before {
            match turn(&row, after.get(&row.id), read) {
                Some(turn) => self.done.changed.push(turn),
                None => self.done.unchanged.push(row.id),
            }
        }
        Ok(self.done)
    }

    /// How far the caller has read, and with it what they were told of it.
    async fn write_reads(
        &self,
        tx: &mut Tx,
        to: impl Iterator<Item = (ConversationId, Number)>,
    ) -> Result<(), CommandError> {
        let (agent, to): (_, Vec<_>) = (self.by.agent_id, to.collect());
        let moved: Vec<_> = to.iter().filter(|(id, number)| *number != self.read_of(*id)).copied().collect();
        reads::set_many(tx, agent, &moved).await?;
        let forward: Vec<_> = to.into_iter().filter(|(id, number)| *number >= self.read_of(*id)).collect();
        let seen = notifications::seen_many(tx, agent, &forward, self.now).await?;
        // Where the position moves, that tells it.
        for id in seen.into_iter().filter(|id| moved.iter().all(|(of, _)| of != id)) {
            super::notifications::tell_seen(tx, agent, Some(id), self.now);
        }
        Ok(())
    }
}

fn turn(before: &Conversation, after: Option<&Conversation>, read: Option<(Number, Number)>) -> Option<Turn> {
    let turn = after.and_then(|after| bulk::turn(before, after));
    let Some((was, became)) = read else { return turn };
    let mut turn = turn.unwrap_or_else(|| bulk::no_turn(before.id));
    (turn.was.read_number, turn.became.read_number) = (Some(was), Some(became));
    Some(turn)
}

fn only_read(turn: &Turn) -> bool {
    let Turn { conversation_id, was, became: _, last_number, added_tags: _, removed_tags: _ } = turn;
    let mut of_reading = Turn { last_number: *last_number, ..bulk::no_turn(*conversation_id) };
    (of_reading.was.read_number, of_reading.became) = (was.read_number, turn.became.clone());
    of_reading == *turn
}

/// How far it is to have been read. None: nobody has written in it, so that there is nothing unread.
fn wanted_reading(row: &Conversation, read: bool) -> Option<Number> {
    if read {
        return Some(row.last_number);
    }
    (row.last_in_number > 0).then(|| row.last_in_number - 1)
}

/// What was merged into another stays closed, and whoever is to have it must see it.
fn may_become(row: &Conversation, change: &ConversationChange, seeing: &mut Seeing) -> Result<(), Not> {
    let opens = change.snoozed_until.is_some() || change.status.is_some_and(|status| status != Status::Closed);
    if opens && row.merged_into.is_some() {
        return Err(Not::This(NotChangedReason::Merged));
    }
    let new = change.assignees.iter().flatten().filter(|agent| !row.assignees.contains(agent));
    if new.into_iter().any(|agent| !seeing.sees(*agent, row)) {
        return Err(Not::This(NotChangedReason::Assignee));
    }
    Ok(())
}

/// What each of those sees who are to be assigned.
struct Seeing(HashMap<AgentId, Visibility>);

impl Seeing {
    async fn of(tx: &mut Tx, agents: impl IntoIterator<Item = AgentId>) -> Result<Self, CommandError> {
        let ids: Vec<_> = agents.into_iter().collect::<BTreeSet<_>>().into_iter().collect();
        let mut seeing = HashMap::new();
        if ids.is_empty() {
            return Ok(Self(seeing));
        }
        for agent in agents::load_many(tx, &ids).await?.into_iter().filter(|agent| !agent.disabled) {
            if let Some(visibility) = access::load_visibility_of(tx, agent.id).await? {
                seeing.insert(agent.id, visibility);
            }
        }
        Ok(Self(seeing))
    }

    fn sees(&mut self, agent: AgentId, row: &Conversation) -> bool {
        self.0.get(&agent).is_some_and(|visibility| visibility.sees(row.inbox_id))
    }
}

async fn team_exists(tx: &mut Tx, team: Option<TeamId>) -> Result<(), CommandError> {
    match team {
        Some(team) if teams::load(tx, team).await?.is_none() => {
            Err(ApiError::field("team_id", "unknown", "There is no such team.").into())
        }
        _ => Ok(()),
    }
}

/// Those of the teams that there still are.
async fn those_there(tx: &mut Tx, of: BTreeSet<TeamId>) -> Result<BTreeSet<TeamId>, CommandError> {
    let mut there = BTreeSet::new();
    for team in of {
        if teams::load(tx, team).await?.is_some() {
            there.insert(team);
        }
    }
    Ok(there)
}

/// Each once, within the bounds.
fn checked(ids: Vec<ConversationId>, change: BulkChange) -> Result<(Vec<ConversationId>, BulkChange), ApiError> {
    if ids.len() > limits::BULK {
        return Err(too_many("ids"));
    }
    let mut fields = Fields::new();
    for (name, tags) in [("add_tags", &change.add_tags), ("remove_tags", &change.remove_tags)] {
        if tags.len() > limits::TAGS {
            fields.wrong(&format!("change.{name}"), "too_many", format!("At most {} tags.", limits::TAGS));
        }
        for (place, tag) in tags.iter().take(limits::TAGS).enumerate() {
            fields.bounded(&format!("change.{name}.{place}"), tag, 0, limits::NAME_CHARS);
        }
    }
    if change.assignees.as_ref().is_some_and(|agents| agents.len() > limits::ASSIGNEES) {
        fields.wrong("change.assignees", "too_many", format!("At most {} agents.", limits::ASSIGNEES));
    }
    fields.done()?;
    Ok((ids.into_iter().collect::<BTreeSet<_>>().into_iter().collect(), change))
}

fn too_many(field: &str) -> ApiError {
    ApiError::field(field, "too_many", format!("At most {} conversations at once.", limits::BULK))
}
