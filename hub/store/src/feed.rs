//! The feed of committed events, as it is read again.

use std::sync::Arc;

use sqlx::FromRow;
use switchboard_domain::Visibility;
use switchboard_protocol::{AgentId, Position, UnixMs};

use crate::db::{Link, sql};
use crate::error::{ChangeError, ReadError};
use crate::event::{Audience, CommittedEvent};
use crate::row::{Where, id, maybe_id};
use crate::{Store, Tx};

/// Most events forgotten at once.
pub const PRUNE_ROWS: i64 = 10_000;
/// Most events read at once.
pub const SLICE_EVENTS: usize = 1_000;

/// An event for one reader: the frame as it goes over the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub position: Position,
    pub frame: Arc<str>,
}

/// A part of the feed as one reader sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slice {
    pub events: Vec<Told>,
    /// Everything up to here that concerns the reader is in `events` or was before it: go on from here. As long as it is
    /// smaller than the head, there may be more.
    pub upto: Position,
}

/// How the feed goes on after a position, for a hub that has handed out everything up to there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Every event after it, in order, as many as were asked for. There were none beyond `head` when the read began.
    Events { events: Vec<CommittedEvent>, head: Position },
    /// A part of what came after it is forgotten: the feed reaches from `floor` to `head` or further.
    Forgotten { floor: Position, head: Position },
}

/// Position of the last committed event; 0: there was none. Read it before a list, so that what comes after it is told.
pub async fn head(store: &Store) -> Result<Position, ReadError> {
    head_of(&mut store.reading().await?.link()).await
}

async fn head_of(link: &mut Link<'_>) -> Result<Position, ReadError> {
    let row: Option<(i64,)> = link.one(sql("read the feed's head", "SELECT position FROM feed_head")).await?;
    row.map(|(head,)| head).ok_or_else(|| ReadError::unreadable("the feed's head"))
}

/// The feed reaches back to here: a position below it can not be resumed from.
pub async fn floor(store: &Store) -> Result<Position, ReadError> {
    floor_of(&mut store.reading().await?.link()).await
}

async fn floor_of(link: &mut Link<'_>) -> Result<Position, ReadError> {
    let floor = sql(
        "read the feed's floor",
        "SELECT COALESCE((SELECT MIN(position) - 1 FROM events), position) FROM feed_head",
    );
    let row: Option<(i64,)> = link.one(floor).await?;
    row.map(|(floor,)| floor).ok_or_else(|| ReadError::unreadable("the feed's head"))
}

#[derive(FromRow)]
struct Columns {
    position: i64,
    audience: String,
    inbox_id: Option<String>,
    agent_id: Option<String>,
    conversation_id: Option<String>,
    identity_id: Option<String>,
    staff_frame: String,
    visitor_frame: Option<String>,
}

impl Columns {
    fn event(self) -> Result<CommittedEvent, ReadError> {
        let position = self.position;
        self.read().map_err(|error| error.in_row(position))
    }

    fn read(self) -> Result<CommittedEvent, ReadError> {
        let audience = match (self.audience.as_str(), &self.inbox_id, &self.agent_id) {
            ("inbox", Some(inbox), _) => Audience::Inbox(id("an event's inbox", inbox)?),
            ("agent", _, Some(agent)) => Audience::Agent(id("an event's agent", agent)?),
            ("access", _, Some(agent)) => Audience::Access(id("an event's agent", agent)?),
            ("team", ..) => Audience::Team,
            _ => return Err(ReadError::unreadable("an event's audience")),
        };
        let visitor = match (self.identity_id, self.visitor_frame) {
            (Some(identity), Some(frame)) => Some((id("an event's identity", &identity)?, frame.into())),
            _ => None,
        };
        Ok(CommittedEvent {
            position: self.position,
            audience,
            conversation_id: maybe_id("an event's conversation", self.conversation_id.as_deref())?,
            staff: self.staff_frame.into(),
            visitor,
        })
    }
}

/// Every event after `after`, in order, at most `limit` and [`SLICE_EVENTS`].
pub async fn since(store: &Store, after: Position, limit: usize) -> Result<Vec<CommittedEvent>, ReadError> {
    since_in(&mut store.reading().await?.link(), after, limit).await
}

async fn since_in(link: &mut Link<'_>, after: Position, limit: usize) -> Result<Vec<CommittedEvent>, ReadError> {
    let select = sql(
        "read events",
        "SELECT position, audience, inbox_id, agent_id, conversation_id, identity_id, staff_frame, visitor_frame \
         FROM events WHERE position > $1 ORDER BY position LIMIT $2",
    )
    .bind(after)
    .bind(limit.clamp(1, SLICE_EVENTS) as i64);
    let rows: Vec<Columns> = link.all(select).await?;
    rows.into_iter().map(Columns::event).collect()
}

/// The same for a hub, which must know whether that is all.
pub async fn next(store: &Store, after: Position, limit: usize) -> Result<Next, ReadError> {
    let mut reading = store.reading().await?;
    let mut link = reading.link();
    // Before the events: what is committed up to here is among them.
    let head = head_of(&mut link).await?;
    let events = since_in(&mut link, after, limit).await?;
    let begins = events.first().map_or(head, |first| first.position - 1);
    // Positions have no hole but the one before the floor; a look there tells it from any that should not be.
    if begins > after {
        let floor = floor_of(&mut link).await?;
        if floor > after {
            return Ok(Next::Forgotten { floor, head });
        }
    }
    Ok(Next::Events { events, head })
}

/// What this agent, with this visibility, is told after `after`. At most `limit` and [`SLICE_EVENTS`] events. None: the
/// feed no longer reaches back so far.
pub async fn since_for_staff(
    store: &Store,
    visibility: &Visibility,
    agent_id: AgentId,
    after: Position,
    limit: usize,
) -> Result<Option<Slice>, ReadError> {
    let mut seen = Where::new();
    let (agent, after_value) = (seen.value(agent_id), seen.value(after));
    seen.and("e.audience = 'inbox'");
    seen.visible("e.inbox_id", visibility);
    let inboxes = seen.condition();
    let condition = format!(
        "e.position > {after_value} AND (e.audience = 'team' OR (e.audience IN ('agent', 'access') AND e.agent_id = {agent}) \
         OR ({inboxes}))"
    );
    let limit = limit.clamp(1, SLICE_EVENTS);
    let mut reading = store.reading().await?;
    let mut link = reading.link();
    // Before the events: what is committed between the two is read again next time rather than never.
    let head = head_of(&mut link).await?;
    let (head_value, rows) = (seen.value(head), seen.value(limit as i64));
    let text = format!(
        "SELECT e.position, e.staff_frame FROM events AS e WHERE {condition} AND e.position <= {head_value} \
         ORDER BY e.position LIMIT {rows}"
    );
    let rows: Vec<(i64, String)> = link.all(sql("read events", text).bind_all(seen.values())).await?;
    // After the events: what was forgotten while they were read is missing in them, and only the floor tells.
    if after < floor_of(&mut link).await? {
        return Ok(None);
    }
    let events: Vec<_> = rows.into_iter().map(|(position, frame)| Told { position, frame: frame.into() }).collect();
    let upto = match events.last() {
        Some(last) if events.len() == limit => last.position,
        _ => head.max(after),
    };
    Ok(Some(Slice { events, upto }))
}

/// Gives the feed a new epoch, random text from the edge: whoever knows a position of it as it was starts afresh. Hubs that
/// run go on in the old one until they start again.
pub async fn begin_anew(tx: &mut Tx, epoch: &str) -> Result<(), ChangeError> {
    tx.link().run(sql("begin the feed anew", "UPDATE feed_head SET epoch = $1").bind(epoch)).await?;
    Ok(())
}

/// Forgets events older than this time, from the beginning, at most [`PRUNE_ROWS`]; how many. What stays has no hole, even
/// where the hubs' clocks differ. Looks at no more rows than it may forget.
pub async fn prune(tx: &mut Tx, before: UnixMs) -> Result<u64, ChangeError> {
    let delete = sql(
        "forget old events",
        "WITH oldest AS (SELECT position, at FROM events ORDER BY position LIMIT $2) \
         DELETE FROM events WHERE position < COALESCE(\
             (SELECT MIN(position) FROM oldest WHERE at >= $1), (SELECT MAX(position) + 1 FROM oldest))",
    )
    .bind(before)
    .bind(PRUNE_ROWS);
    Ok(tx.link().run(delete).await?)
}
