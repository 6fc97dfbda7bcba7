//! An agent changes a conversation's state: status, assignees, team, place, priority, flag, tags, subject.

use std::collections::BTreeSet;

use switchboard_domain::Visibility;
use switchboard_domain::change::{change as decide, named_agents};
use switchboard_domain::validate::Fields;
use switchboard_protocol::agent::{AfterReply, ConversationChange};
use switchboard_protocol::error::ApiError;
use switchboard_protocol::model::{Author, Conversation, Status};
use switchboard_protocol::{ConversationId, MessageId, UnixMs, limits};
use switchboard_store::{AppendedAt, Tx, Written, access, agents, conversations, teams};

use crate::app::App;
use crate::caller::{Answer, May};
use crate::error::{CommandError, merged};
use crate::ids::Random;

/// Makes the change, with a line in the thread for each part of it. What is so already is no change and no error.
pub async fn change(
    app: &App,
    by: &May<Answer>,
    conversation_id: ConversationId,
    change: ConversationChange,
) -> Result<Written<Conversation>, CommandError> {
    let change = checked(change)?;
    let (now, random, author, visibility) = (app.clock.now(), app.random.clone(), by.author(), by.visibility.clone());
    app.write_as(by, move |tx| {
        Box::pin(async move {
            let thread = conversations::load(tx, &visibility, conversation_id).await?;
            let row = thread.ok_or_else(|| CommandError::not_found("conversation"))?.conversation;
            if let Some(into) = row.merged_into.as_ref().filter(|_| opens(&change)) {
                return Err(merged(into).into());
            }
            refers_to_what_exists(tx, &row, &change).await?;
            let decided = decide(&row, &change, now)
                .map_err(|refusal| ApiError::field(refusal.field(), "invalid", format!("{refusal}.")))?;
            let mut line_id = || MessageId(random.ulid(now));
            let changed = conversations::change(tx, &row, decided, author, now, &mut line_id).await?;
            Ok(changed.map_or(row, |changed| changed.conversation))
        })
    })
    .await
}

/// What an answer makes of its conversation, in the operation that writes it.
pub(super) struct Settle {
    pub conversation_id: ConversationId,
    pub author: Author,
    pub visibility: Visibility,
    pub now: UnixMs,
    pub random: Random,
}

impl Settle {
    pub fn new(app: &App, by: &May<Answer>, conversation_id: ConversationId) -> Self {
        let (author, visibility) = (by.author(), by.visibility.clone());
        Self { conversation_id, author, visibility, now: app.clock.now(), random: app.random.clone() }
    }

    /// Nothing with a repeat: the first one has done it, and what came later stands.
    pub async fn after(self, tx: &mut Tx, appended: &AppendedAt, then: Option<AfterReply>) -> Result<(), CommandError> {
        let Self { conversation_id, author, visibility, now, random } = self;
        let change = match then {
            Some(AfterReply::Close) => ConversationChange { status: Some(Status::Closed), ..Default::default() },
            Some(AfterReply::Snooze { until }) if until > now => {
                ConversationChange { snoozed_until: Some(until), ..Default::default() }
            }
            Some(AfterReply::Snooze { .. }) | None => return Ok(()),
        };
        if appended.repeated {
            return Ok(());
        }
        let thread = conversations::load(tx, &visibility, conversation_id).await?;
        let row = thread.ok_or_else(|| CommandError::not_found("conversation"))?.conversation;
        let decided =
            decide(&row, &change, now).map_err(|refusal| ApiError::field("after", "invalid", format!("{refusal}.")))?;
        let mut line_id = || MessageId(random.ulid(now));
        conversations::change(tx, &row, decided, author, now, &mut line_id).await?;
        Ok(())
    }
}

/// The change with its texts as they will be kept; before anything is read for it.
fn checked(mut change: ConversationChange) -> Result<ConversationChange, ApiError> {
    let mut fields = Fields::new();
    if let Some(Some(subject)) = &mut change.subject {
        *subject = fields.bounded("subject", &one_line(subject), 0, limits::SUBJECT_CHARS);
    }
    if change.subject.as_ref().is_some_and(|subject| subject.as_ref().is_some_and(String::is_empty)) {
        change.subject = Some(None);
    }
    for (place, tag) in change.tags.iter().flatten().enumerate() {
        fields.bounded(&format!("tags.{place}"), tag, 0, limits::NAME_CHARS);
    }
    if change.assignees.as_ref().is_some_and(|agents| agents.len() > limits::ASSIGNEES) {
        fields.wrong("assignees", "too_many", format!("At most {} agents.", limits::ASSIGNEES));
    }
    fields.done()?;
    Ok(change)
}

/// What was merged into another conversation stays closed: nothing can be done in it.
fn opens(change: &ConversationChange) -> bool {
    change.snoozed_until.is_some() || change.status.is_some_and(|status| status != Status::Closed)
}

/// What a list shows on one line has no line breaks in it.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Agents who come in must be able to see the conversation; a team must exist. Those who are in it already may stay.
async fn refers_to_what_exists(
    tx: &mut Tx,
    row: &Conversation,
    change: &ConversationChange,
) -> Result<(), CommandError> {
    let new: BTreeSet<_> = named_agents(change).filter(|agent| !row.assignees.contains(agent)).collect();
    let new: Vec<_> = new.into_iter().collect();
    let known = agents::load_many(tx, &new).await?;
    for id in new {
        let active = known.iter().any(|agent| agent.id == id && !agent.disabled);
        let sees =
            active && access::load_visibility_of(tx, id).await?.is_some_and(|visibility| visibility.sees(row.inbox_id));
        if !sees {
            return Err(ApiError::field("assignees", "unknown", "One of the agents cannot see this inbox.").into());
        }
    }
    if let Some(Some(team)) = change.team_id
        && teams::load(tx, team).await?.is_none()
    {
        return Err(ApiError::field("team_id", "unknown", "There is no such team.").into());
    }
    Ok(())
}
