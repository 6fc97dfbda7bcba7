//! The writer's running transaction: its savepoint, and the events that it will have told when it is committed.

use serde::Serialize;
use switchboard_protocol::agent::{AgentEventFrame, AgentServerFrame};
use switchboard_protocol::visitor::{VisitorEventFrame, VisitorServerFrame};
use switchboard_protocol::{Position, UnixMs};

use crate::db::{Link, Own, sql};
use crate::error::Unavailable;
use crate::event::{Audience, CommittedEvent, Emit};
use crate::row::to_json;

/// The writer's running transaction, as an operation sees it.
pub struct Tx {
    connection: Own,
    /// Of the last event before this transaction.
    begun_at: Position,
    /// Events of parts that are kept: written into the feed.
    kept: Vec<CommittedEvent>,
    /// Events of the running part, with their times: not yet written.
    told: Vec<(UnixMs, CommittedEvent)>,
}

impl Tx {
    pub(super) fn new(connection: Own) -> Self {
        Self { connection, begun_at: 0, kept: Vec::new(), told: Vec::new() }
    }

    pub(super) fn start_at(&mut self, head: Position) {
        self.begun_at = head;
    }

    pub(crate) fn link(&mut self) -> Link<'_> {
        self.connection.link()
    }

    /// Tells of what the operation did, once it is committed. The position is the event's own as soon as it is asked for:
    /// no other transaction gives positions while this one runs.
    pub fn emit(&mut self, emit: Emit) -> Position {
        let position = self.next_position();
        let Emit { at, audience, conversation_id, staff, visitor } = emit;
        let staff = AgentServerFrame::Event(Box::new(AgentEventFrame { position, at, event: staff }));
        let visitor = visitor.map(|(identity, event)| {
            let frame = VisitorServerFrame::Event(Box::new(VisitorEventFrame { position, at, event }));
            (identity, to_json(&frame).into())
        });
        let event = CommittedEvent { position, audience, conversation_id, staff: to_json(&staff).into(), visitor };
        self.told.push((at, event));
        position
    }

    /// The position that the next event will have.
    pub(crate) fn next_position(&self) -> Position {
        self.begun_at + (self.kept.len() + self.told.len()) as Position + 1
    }

    pub(super) async fn savepoint(&mut self) -> Result<(), Unavailable> {
        self.told.clear();
        self.link().run(sql("set a savepoint", "SAVEPOINT part")).await?;
        Ok(())
    }

    /// Writes what the part has told and lets go of its savepoint; the position of its last event.
    pub(super) async fn keep(&mut self) -> Result<Option<Position>, Unavailable> {
        let last = self.told.last().map(|(_, event)| event.position);
        if last.is_some() {
            self.write_events().await?;
        }
        self.link().run(sql("let go of a savepoint", "RELEASE SAVEPOINT part")).await?;
        self.kept.extend(self.told.drain(..).map(|(_, event)| event));
        Ok(last)
    }

    /// As if the part had never been.
    pub(super) async fn undo(&mut self) -> Result<(), Unavailable> {
        self.told.clear();
        self.link().run(sql("roll back to a savepoint", "ROLLBACK TO SAVEPOINT part")).await?;
        self.link().run(sql("let go of a savepoint", "RELEASE SAVEPOINT part")).await?;
        Ok(())
    }

    /// The feed's new head, if there is one.
    pub(super) fn moved_head(&self) -> Option<Position> {
        self.kept.last().map(|event| event.position)
    }

    pub(super) fn finish(self) -> (Own, Vec<CommittedEvent>) {
        (self.connection, self.kept)
    }

    async fn write_events(&mut self) -> Result<(), Unavailable> {
        let rows: Vec<_> = self.told.iter().map(|(at, event)| EventRow::new(*at, event)).collect();
        let insert = sql(
            "write events",
            "INSERT INTO events (position, at, audience, inbox_id, agent_id, conversation_id, identity_id, \
             staff_frame, visitor_frame) \
             SELECT CAST(e.value->>'position' AS BIGINT), CAST(e.value->>'at' AS BIGINT), e.value->>'audience', \
             e.value->>'inbox_id', e.value->>'agent_id', e.value->>'conversation_id', e.value->>'identity_id', \
             e.value->>'staff_frame', e.value->>'visitor_frame' \
             FROM jsonb_each($1) AS e",
        )
        .bind(to_json(&rows));
        self.link().run(insert).await?;
        Ok(())
    }
}

#[derive(Serialize)]
struct EventRow<'a> {
    position: Position,
    at: UnixMs,
    audience: &'static str,
    inbox_id: Option<String>,
    agent_id: Option<String>,
    conversation_id: Option<String>,
    identity_id: Option<String>,
    staff_frame: &'a str,
    visitor_frame: Option<&'a str>,
}

impl<'a> EventRow<'a> {
    fn new(at: UnixMs, event: &'a CommittedEvent) -> Self {
        let (audience, inbox_id, agent_id) = match event.audience {
            Audience::Inbox(id) => ("inbox", Some(id.to_string()), None),
            Audience::Agent(id) => ("agent", None, Some(id.to_string())),
            Audience::Access(id) => ("access", None, Some(id.to_string())),
            Audience::Team => ("team", None, None),
        };
        Self {
            position: event.position,
            at,
            audience,
            inbox_id,
            agent_id,
            conversation_id: event.conversation_id.map(|id| id.to_string()),
            identity_id: event.visitor.as_ref().map(|(id, _)| id.to_string()),
            staff_frame: &event.staff,
            visitor_frame: event.visitor.as_ref().map(|(_, frame)| frame.as_ref()),
        }
    }
}
