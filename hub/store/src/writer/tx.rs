//! The writer's running transaction: its savepoint, and the events that it will have told when it is committed.

use switchboard_protocol::agent::{AgentEvent, AgentEventFrame, AgentServerFrame};
use switchboard_protocol::visitor::{VisitorEventFrame, VisitorServerFrame};
use switchboard_protocol::{ContactId, Position, UnixMs};

use crate::db::{Link, Own, Value, sql};
use crate::error::Unavailable;
use crate::event::{Audience, CommittedEvent, Emit};
use crate::row::to_json;
use crate::rows;

/// The writer's running transaction, as an operation sees it.
pub struct Tx {
    connection: Own,
    /// It has one part: that one needs no savepoint, for undoing it is undoing the transaction. On SQLite a savepoint
    /// costs a copy of each page that is written after it.
    alone: bool,
    /// Of the last event before this transaction.
    begun_at: Position,
    /// Events of parts that are kept: written into the feed.
    kept: Vec<CommittedEvent>,
    /// Events of the running part, with their times and the card that they tell: not yet written.
    told: Vec<(UnixMs, Option<ContactId>, CommittedEvent)>,
    /// What a statement of the running part was for that has failed. Nothing of the part may then be kept, also if the
    /// operation went on: the engines differ in what they would keep, and a COMMIT that keeps nothing is no error.
    failed: Option<&'static str>,
}

impl Tx {
    pub(super) async fn begin(connection: Own, parts: usize) -> Result<Self, Unavailable> {
        let mut tx =
            Self { connection, alone: parts == 1, begun_at: 0, kept: Vec::new(), told: Vec::new(), failed: None };
        tx.start().await?;
        Ok(tx)
    }

    async fn start(&mut self) -> Result<(), Unavailable> {
        crate::dialect::begin(&mut self.link()).await?;
        let head: Option<(i64,)> =
            self.link().one(sql("read the feed's head", "SELECT position FROM feed_head")).await?;
        (self.begun_at,) = head.ok_or_else(|| Unavailable::without_cause("find the feed's head"))?;
        Ok(())
    }

    pub(super) async fn commit(mut self) -> Result<(Own, Vec<CommittedEvent>), Unavailable> {
        if let Some(head) = self.kept.last().map(|event| event.position) {
            let update = sql("move the feed's head", "UPDATE feed_head SET position = $1").bind(head);
            self.link().run(update).await?;
        }
        self.link().run(sql("commit", "COMMIT")).await?;
        Ok((self.connection, self.kept))
    }

    pub(crate) fn link(&mut self) -> Link<'_> {
        self.connection.link().noting(&mut self.failed)
    }

    /// Tells of what the operation did, once it is committed. The position is the event's own as soon as it is asked for:
    /// no other transaction gives positions while this one runs.
    pub fn emit(&mut self, emit: Emit) -> Position {
        let position = self.next_position();
        let Emit { at, audience, conversation_id, staff, visitor } = emit;
        let card = match &staff {
            AgentEvent::ContactChanged { contact } => Some(contact.id),
            _ => None,
        };
        let staff = AgentServerFrame::Event(Box::new(AgentEventFrame { position, at, event: staff }));
        let visitor = visitor.map(|(identity, event)| {
            let frame = VisitorServerFrame::Event(Box::new(VisitorEventFrame { position, at, event }));
            (identity, to_json(&frame).into())
        });
        let event = CommittedEvent { position, audience, conversation_id, staff: to_json(&staff).into(), visitor };
        self.told.push((at, card, event));
        position
    }

    /// What was read in this transaction is true as of this position: that of the last event before it, or of its own last.
    pub fn as_of(&self) -> Position {
        self.next_position() - 1
    }

    /// The position that the next event will have.
    pub(crate) fn next_position(&self) -> Position {
        self.begun_at + (self.kept.len() + self.told.len()) as Position + 1
    }

    pub(super) async fn savepoint(&mut self) -> Result<(), Unavailable> {
        self.told.clear();
        self.failed = None;
        if !self.alone {
            self.link().run(sql("set a savepoint", "SAVEPOINT part")).await?;
        }
        Ok(())
    }

    /// Writes what the part has told and lets go of its savepoint; the position of its last event, of which one that only
    /// somebody else hears is none: who caused it would wait for it. An error: the part is to be undone.
    pub(super) async fn keep(&mut self) -> Result<Option<Position>, Unavailable> {
        if let Some(doing) = self.failed {
            tracing::error!(doing, "an operation went on after a statement that failed; nothing of it is kept");
            return Err(Unavailable::without_cause(doing));
        }
        let for_one = |event: &CommittedEvent| matches!(event.audience, Audience::Agent(_));
        let shown = self.told.iter().rev().find(|(.., event)| !for_one(event)).or(self.told.last());
        let last = shown.map(|(.., event)| event.position);
        if last.is_some() {
            self.write_events().await?;
        }
        if !self.alone {
            self.link().run(sql("let go of a savepoint", "RELEASE SAVEPOINT part")).await?;
        }
        self.kept.extend(self.told.drain(..).map(|(.., event)| event));
        Ok(last)
    }

    /// As if the part had never been. What is tried instead of it has savepoints.
    pub(super) async fn undo(&mut self) -> Result<(), Unavailable> {
        self.told.clear();
        if std::mem::take(&mut self.alone) {
            self.link().run(sql("roll back", "ROLLBACK")).await?;
            return self.start().await;
        }
        self.link().run(sql("roll back to a savepoint", "ROLLBACK TO SAVEPOINT part")).await?;
        self.link().run(sql("let go of a savepoint", "RELEASE SAVEPOINT part")).await?;
        Ok(())
    }

    async fn write_events(&mut self) -> Result<(), Unavailable> {
        for (rows, values) in rows::at_once(
            self.link().engine(),
            self.told.iter().map(|(at, card, event)| values(*at, *card, event)).collect(),
        ) {
            let text = format!(
                "INSERT INTO events (position, at, audience, inbox_id, agent_id, conversation_id, identity_id, \
                 staff_frame, visitor_frame, contact_id) VALUES {rows}"
            );
            self.link().run(sql("write events", text).bind_all(values)).await?;
        }
        Ok(())
    }
}

fn values(at: UnixMs, card: Option<ContactId>, event: &CommittedEvent) -> [Value; 10] {
    let (audience, inbox_id, agent_id) = match event.audience {
        Audience::Inbox(id) => ("inbox", Some(id), None),
        Audience::Agent(id) => ("agent", None, Some(id)),
        Audience::Access(id) => ("access", None, Some(id)),
        Audience::Team => ("team", None, None),
    };
    let (identity_id, visitor_frame) = event.visitor.as_ref().map(|(id, frame)| (*id, frame.to_string())).unzip();
    [
        event.position.into(),
        at.into(),
        audience.into(),
        inbox_id.into(),
        agent_id.into(),
        event.conversation_id.into(),
        identity_id.into(),
        event.staff.to_string().into(),
        visitor_frame.into(),
        card.into(),
    ]
}
