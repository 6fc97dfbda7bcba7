//! The primitive: messages get another conversation, lines stand where they stood.

use std::collections::HashMap;

use serde::Serialize;
use switchboard_domain::thread;
use switchboard_protocol::agent::AgentEvent;
use switchboard_protocol::model::{CaseLink, Conversation, Message, SystemLine};
use switchboard_protocol::visitor::VisitorEvent;
use switchboard_protocol::{MessageId, Number, Position};

use super::{By, link};
use crate::db::sql;
use crate::error::{ChangeError, ReadError};
use crate::event::{Audience, Emit};
use crate::row::{id, set, to_json};
use crate::visitor::{self, Names};
use crate::{Tx, messages};

/// Messages of one conversation on their way to another.
pub(super) struct Shift<'a> {
    /// In their order.
    pub going: Vec<Message>,
    pub from: &'a Conversation,
    pub to: &'a Conversation,
}

/// Where a message stood in the conversation to which it comes back, and what it answered there.
struct Place {
    number: Number,
    answers: Option<Number>,
}

/// A message with its new place, and the line in its old one.
struct Moved {
    message: Message,
    line: Message,
    answered: Option<Number>,
}

#[derive(Serialize)]
struct MovedRow {
    id: String,
    conversation_id: String,
    number: Number,
    answers: Option<Number>,
    line_id: String,
    answered: Option<Number>,
}

/// Moves them and tells of each. Answers with the last number of `to`, and with the position that the lines have.
pub(super) async fn shift(tx: &mut Tx, of: Shift<'_>, by: &mut By<'_>) -> Result<(Number, Position), ChangeError> {
    let position = tx.next_position();
    let before = places(tx, &of).await?;
    let last =
        of.to.last_number + of.going.iter().filter(|message| !before.contains_key(&message.id)).count() as Number;
    let names = Names::load(tx, &of.going).await?;
    let moved = placed(&of, &before, by);
    write(tx, &moved, position).await?;
    for one in moved {
        tell(tx, &of, one, &names, by);
    }
    Ok((last, position))
}

/// Of those that come back: their places.
async fn places(tx: &mut Tx, of: &Shift<'_>) -> Result<HashMap<MessageId, Place>, ReadError> {
    let find = sql(
        "find where messages stood",
        "SELECT l.moved_id, l.number, l.moved_answers FROM messages AS l WHERE l.conversation_id = $1 \
         AND l.moved_id IN (SELECT v.value->>'id' FROM jsonb_each($2) AS v)",
    );
    let find = find.bind(of.to.id).bind(set(of.going.iter().map(|message| message.id)));
    let rows: Vec<(String, i64, Option<i64>)> = tx.link().all(find).await?;
    rows.into_iter().map(|(of, number, answers)| Ok((id("a message's id", &of)?, Place { number, answers }))).collect()
}

fn placed(of: &Shift<'_>, before: &HashMap<MessageId, Place>, by: &mut By<'_>) -> Vec<Moved> {
    let to: CaseLink = link(of.to);
    let mut free = of.to.last_number;
    let mut numbers: HashMap<Number, Number> = HashMap::with_capacity(of.going.len());
    for message in &of.going {
        let number = before.get(&message.id).map(|place| place.number).unwrap_or_else(|| {
            free += 1;
            free
        });
        numbers.insert(message.number, number);
    }
    let place = |message: &Message| {
        // What it answers has come along, or stands where it stood: else there is nothing here that it answers.
        let answers = match before.get(&message.id) {
            Some(place) => place.answers,
            None => message.answers.and_then(|answered| numbers.get(&answered).copied()),
        };
        let line = SystemLine::MessageMoved { message_id: message.id, to: to.clone() };
        let line = thread::system_line(of.from, (by.line_id)(), message.number, by.author, by.at, line);
        let there = Message { conversation_id: of.to.id, number: numbers[&message.number], answers, ..message.clone() };
        Moved { message: there, line, answered: message.answers }
    };
    of.going.iter().map(place).collect()
}

/// First what stands in the way goes, then the messages come, and only then the lines take their places.
async fn write(tx: &mut Tx, moved: &[Moved], position: Position) -> Result<(), ChangeError> {
    let row = |one: &Moved| MovedRow {
        id: one.message.id.to_string(),
        conversation_id: one.message.conversation_id.to_string(),
        number: one.message.number,
        answers: one.message.answers,
        line_id: one.line.id.to_string(),
        answered: one.answered,
    };
    let rows = to_json(&moved.iter().map(row).collect::<Vec<_>>());
    for (doing, text) in [
        (
            "take the lines from where messages come back",
            "DELETE FROM messages WHERE moved_id IN (SELECT v.value->>'id' FROM jsonb_each($1) AS v) \
             AND conversation_id IN (SELECT v.value->>'conversation_id' FROM jsonb_each($1) AS v)",
        ),
        (
            "move messages",
            "UPDATE messages SET conversation_id = v.value->>'conversation_id', \
             number = CAST(v.value->>'number' AS BIGINT), answers = CAST(v.value->>'answers' AS BIGINT) \
             FROM jsonb_each($1) AS v WHERE messages.id = v.value->>'id'",
        ),
        (
            "move the files of messages",
            "UPDATE attachments SET conversation_id = v.value->>'conversation_id' \
             FROM jsonb_each($1) AS v WHERE attachments.message_id = v.value->>'id'",
        ),
        (
            "move messages in the outbox",
            "UPDATE outbox SET conversation_id = v.value->>'conversation_id' \
             FROM jsonb_each($1) AS v WHERE outbox.message_id = v.value->>'id'",
        ),
    ] {
        tx.link().run(sql(doing, text).bind(rows.as_str())).await?;
    }
    let lines: Vec<_> = moved.iter().map(|one| (&one.line, position)).collect();
    messages::insert(tx, &lines).await?;
    let stood = sql(
        "note which messages stood where lines stand",
        "UPDATE messages SET moved_id = v.value->>'id', moved_answers = CAST(v.value->>'answered' AS BIGINT) \
         FROM jsonb_each($1) AS v WHERE messages.id = v.value->>'line_id'",
    );
    tx.link().run(stood.bind(rows)).await?;
    Ok(())
}

/// A visitor hears of it where both conversations are theirs: else one of them is somebody's who reads no page of ours.
fn tell(tx: &mut Tx, of: &Shift<'_>, moved: Moved, names: &Names, by: &By<'_>) {
    let Moved { message, line, .. } = moved;
    let shown = visitor::message(&message, names).filter(|_| of.from.identity_id == of.to.identity_id);
    let visitor = shown.map(|message| {
        let (from, message) = (of.from.id, Box::new(message));
        (of.to.identity_id, VisitorEvent::MessageMoved { from, number: line.number, message })
    });
    tx.emit(Emit {
        at: by.at,
        audience: Audience::Inbox(of.to.inbox_id),
        conversation_id: Some(of.to.id),
        staff: AgentEvent::MessageMoved { message: Box::new(message), line: Box::new(line) },
        visitor,
    });
}
