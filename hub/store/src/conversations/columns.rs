//! The columns of a conversation, read into the wire's type and written from it.

use std::collections::BTreeMap;

use sqlx::FromRow;
use switchboard_domain::Visibility;
use switchboard_domain::thread::Thread;
use switchboard_protocol::model::{
    Author, CaseLink, Channel, ContactBrief, Conversation, Place, Preview, Priority, Status,
};
use switchboard_protocol::{ContactId, ConversationId};

use crate::contacts::in_order;
use crate::db::{Value, sql};
use crate::error::{ChangeError, ReadError};
use crate::row::{Where, id, json, maybe_id, to_json, word};
use crate::rows;
use crate::writer::Tx;

macro_rules! columns {
    () => {
        "c.id, c.number, c.case_number, c.inbox_id, c.channel, COALESCE(k.person_id, k.id) AS contact_id, \
         c.identity_id, c.subject, c.status, c.place, c.snoozed_until, c.assignees, c.team_id, \
         c.flagged, c.priority, c.tags, c.language, c.source, c.created_at, c.last_activity_at, c.waiting_since, \
         c.last_number, c.last_in_number, c.last_out_number, c.last_out_author, c.preview, c.delivered_number, \
         c.contact_read_number, c.staff_read_number, (SELECT u.number FROM messages AS u WHERE u.conversation_id = c.id \
         AND u.number = c.last_out_number AND u.delivery IN ('failed', 'uncertain')) AS undelivered_number, c.merged_into, c.asked_person, \
         c.snooze_stays, c.snoozed_by, c.started_by, c.has_files, c.rating, \
         (SELECT t.case_number FROM conversations AS t WHERE t.id = c.merged_into) AS merged_case"
    };
}

/// A value of a person with several cards: on the first that has it and is known through a conversation `e` of which this
/// holds, as [`switchboard_domain::person::shown`] has it. `k` is the conversation's own card.
macro_rules! first {
    ($value:literal, $known:literal) => {
        concat!(
            "CASE WHEN k.person_id IS NULL THEN k.",
            $value,
            " ELSE (SELECT n.",
            $value,
            " FROM contacts AS n WHERE n.person_id = k.person_id AND n.",
            $value,
            " IS NOT NULL AND (n.id = k.id OR EXISTS (SELECT 1 FROM conversations AS e WHERE e.contact_id = n.id AND ",
            $known,
            ") OR (n.made_by IS NOT NULL AND NOT EXISTS (SELECT 1 FROM conversations AS h WHERE h.contact_id = n.id))) \
             ORDER BY ",
            in_order!("n"),
            " LIMIT 1) END"
        )
    };
}
pub(crate) use first;

/// Name and address of a person, for [`contact_brief`].
macro_rules! whose {
    ($known:literal) => {
        concat!(
            first!("name", $known),
            " AS contact_name, COALESCE(",
            first!("email", $known),
            ", ",
            first!("phone", $known),
            ") AS contact_address"
        )
    };
}
pub(crate) use whose;

/// Reads a [`Columns`]: `SELECT {COLUMNS} FROM {FROM} …`, with `c` for the conversation and `k` for its contact, whose name is
/// as it is known in the conversation's inbox: so it is told to everybody there.
pub(crate) const COLUMNS: &str = concat!(columns!(), ", ", whose!("e.inbox_id = c.inbox_id"));
pub(crate) const FROM: &str = "conversations AS c JOIN contacts AS k ON k.id = c.contact_id";

/// An address stands in for a name.
pub(crate) fn contact_brief(
    contact_id: &str,
    name: Option<String>,
    address: Option<String>,
) -> Result<ContactBrief, ReadError> {
    let id = id("a conversation's contact", contact_id)?;
    Ok(ContactBrief { id, address: address.filter(|_| name.is_none()), name })
}

/// The same with the name as it is known to somebody.
pub(crate) fn columns_for(wanted: &mut Where, visibility: &Visibility) -> String {
    let known = match wanted.sees("e.inbox_id", visibility) {
        Some(sees) => format!(whose!("{sees}"), sees = sees),
        None => whose!("TRUE").to_owned(),
    };
    format!("{}, {known}", columns!())
}

#[derive(FromRow)]
pub(crate) struct Columns {
    id: String,
    number: i64,
    case_number: String,
    inbox_id: String,
    channel: String,
    contact_id: String,
    contact_name: Option<String>,
    contact_address: Option<String>,
    identity_id: String,
    subject: Option<String>,
    status: String,
    place: String,
    snoozed_until: Option<i64>,
    assignees: String,
    team_id: Option<String>,
    flagged: bool,
    priority: String,
    tags: String,
    language: Option<String>,
    source: String,
    created_at: i64,
    last_activity_at: i64,
    waiting_since: Option<i64>,
    last_number: i64,
    last_in_number: i64,
    last_out_number: Option<i64>,
    last_out_author: Option<String>,
    preview: Option<String>,
    delivered_number: i64,
    contact_read_number: i64,
    staff_read_number: i64,
    undelivered_number: Option<i64>,
    merged_into: Option<String>,
    merged_case: Option<String>,
    asked_person: bool,
    snooze_stays: bool,
    snoozed_by: Option<String>,
    started_by: Option<String>,
    has_files: bool,
    rating: Option<i64>,
}

impl Columns {
    pub fn conversation(self) -> Result<Conversation, ReadError> {
        let id = id("a conversation's id", &self.id)?;
        self.read(id).map_err(|error| error.in_row(id))
    }

    fn read(self, key: ConversationId) -> Result<Conversation, ReadError> {
        Ok(Conversation {
            id: key,
            number: self.number,
            case_number: self.case_number,
            inbox_id: id("a conversation's inbox", &self.inbox_id)?,
            channel: word("a channel", &self.channel, Channel::from_word)?,
            contact: contact_brief(&self.contact_id, self.contact_name, self.contact_address)?,
            identity_id: id("a conversation's identity", &self.identity_id)?,
            subject: self.subject,
            status: word("a status", &self.status, Status::from_word)?,
            place: word("a place", &self.place, Place::from_word)?,
            snoozed_until: self.snoozed_until,
            snooze_stays: self.snooze_stays,
            snoozed_by: maybe_id("who set a reminder", self.snoozed_by.as_deref())?,
            assignees: json("assignees", &self.assignees)?,
            team_id: maybe_id("a conversation's team", self.team_id.as_deref())?,
            flagged: self.flagged,
            priority: word("a priority", &self.priority, Priority::from_word)?,
            tags: json("tags", &self.tags)?,
            language: self.language,
            source: json("a source", &self.source)?,
            started_by: maybe_id("who began a conversation", self.started_by.as_deref())?,
            has_files: self.has_files,
            created_at: self.created_at,
            last_activity_at: self.last_activity_at,
            waiting_since: self.waiting_since,
            last_number: self.last_number,
            last_in_number: self.last_in_number,
            preview: self.preview.as_deref().map(|text| json("a preview", text)).transpose()?,
            delivered_number: self.delivered_number,
            contact_read_number: self.contact_read_number,
            staff_read_number: self.staff_read_number,
            undelivered_number: self.undelivered_number,
            merged_into: match (self.merged_into, self.merged_case) {
                (Some(into), Some(case_number)) => {
                    Some(CaseLink { id: self::id("what a conversation was merged into", &into)?, case_number })
                }
                _ => None,
            },
            asked_person: self.asked_person,
            rating: self.rating.and_then(|score| u32::try_from(score).ok()),
        })
    }

    pub fn thread(self) -> Result<Thread, ReadError> {
        let replies = match (self.last_out_number, self.last_out_author.as_deref()) {
            (Some(number), Some(author)) => vec![(number, json::<Author>("an author", author)?)],
            _ => Vec::new(),
        };
        Ok(Thread { conversation: self.conversation()?, replies, answered: BTreeMap::new() })
    }
}

/// A conversation's row with what goes with it: [`Columns`] and how far the reader has read.
#[derive(FromRow)]
pub(crate) struct ReadColumns {
    #[sqlx(flatten)]
    pub columns: Columns,
    pub read_number: i64,
}

/// Writes all of these rows that can change. The rest (numbers, inbox, contact, source) stands from the beginning.
pub(crate) async fn save(tx: &mut Tx, rows: &[&Thread]) -> Result<(), ChangeError> {
    save_talk(tx, rows).await?;
    save_standing(tx, rows).await
}

/// Writes what each message changes. Apart from the rest, because it is the hot path: columns that are set again as they
/// were still cost their indexes and triggers.
pub(crate) async fn save_talk(tx: &mut Tx, rows: &[&Thread]) -> Result<(), ChangeError> {
    for (rows, values) in rows::at_once(tx.link().engine(), rows.iter().copied().map(talk).collect()) {
        let text = format!(
            "WITH n (id, last_activity_at, waiting_since, last_number, last_in_number, last_out_number, \
                 last_out_author, last_kind, preview, has_files) \
             AS (VALUES {rows}) \
             UPDATE conversations SET \
                 last_activity_at = n.last_activity_at, waiting_since = n.waiting_since, \
                 last_number = n.last_number, last_in_number = n.last_in_number, \
                 last_out_number = n.last_out_number, last_out_author = n.last_out_author, \
                 last_kind = n.last_kind, preview = n.preview, has_files = n.has_files \
             FROM n WHERE conversations.id = n.id"
        );
        tx.link().run(sql("write what was said last", text).bind_all(values)).await?;
    }
    Ok(())
}

/// Writes where conversations stand: what people and rules change, and how far each side has read.
pub(crate) async fn save_standing(tx: &mut Tx, rows: &[&Thread]) -> Result<(), ChangeError> {
    for (rows, values) in rows::at_once(tx.link().engine(), rows.iter().copied().map(standing).collect()) {
        let text = format!(
            "WITH n (id, subject, status, place, snoozed_until, assignees, team_id, flagged, priority, tags, \
                 delivered_number, contact_read_number, staff_read_number, asked_person, snooze_stays, \
                 snoozed_by, rating) \
             AS (VALUES {rows}) \
             UPDATE conversations SET \
                 subject = n.subject, status = n.status, place = n.place, \
                 snoozed_until = n.snoozed_until, assignees = n.assignees, team_id = n.team_id, \
                 flagged = n.flagged, priority = n.priority, tags = n.tags, \
                 delivered_number = n.delivered_number, contact_read_number = n.contact_read_number, \
                 staff_read_number = n.staff_read_number, asked_person = n.asked_person, \
                 snooze_stays = n.snooze_stays, snoozed_by = n.snoozed_by, rating = n.rating, \
                 placed_at = CASE WHEN conversations.place = n.place THEN conversations.placed_at END \
             FROM n WHERE conversations.id = n.id"
        );
        tx.link().run(sql("write where conversations stand", text).bind_all(values)).await?;
    }
    Ok(())
}

fn talk(thread: &Thread) -> [Value; 10] {
    let row = &thread.conversation;
    let preview = row.preview.as_ref();
    let (last_out_number, last_out_author) =
        thread.replies.last().map(|(number, author)| (*number, to_json(author))).unzip();
    [
        row.id.into(),
        row.last_activity_at.into(),
        row.waiting_since.into(),
        row.last_number.into(),
        row.last_in_number.into(),
        last_out_number.into(),
        last_out_author.into(),
        preview.map(|preview| preview.kind.as_str().to_owned()).into(),
        preview.map(to_json::<Preview>).into(),
        row.has_files.into(),
    ]
}

fn standing(thread: &Thread) -> [Value; 17] {
    let row = &thread.conversation;
    [
        row.id.into(),
        row.subject.clone().into(),
        row.status.as_str().into(),
        row.place.as_str().into(),
        row.snoozed_until.into(),
        to_json(&row.assignees).into(),
        row.team_id.into(),
        row.flagged.into(),
        row.priority.as_str().into(),
        to_json(&row.tags).into(),
        row.delivered_number.into(),
        row.contact_read_number.into(),
        row.staff_read_number.into(),
        row.asked_person.into(),
        row.snooze_stays.into(),
        row.snoozed_by.into(),
        row.rating.map(i64::from).into(),
    ]
}

/// A row that begins, with its identity's card. Its [`save`] follows.
pub(crate) async fn insert(tx: &mut Tx, row: &Conversation, card: ContactId) -> Result<(), ChangeError> {
    let insert = sql(
        "begin a conversation",
        "INSERT INTO conversations (id, number, case_number, inbox_id, channel, contact_id, identity_id, subject, \
             status, place, created_at, assignees, flagged, priority, tags, language, source, last_activity_at, \
             started_by, last_number, last_in_number, delivered_number, contact_read_number, staff_read_number) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $11, $18, 0, 0, 0, 0, 0)",
    )
    .bind(row.id)
    .bind(row.number)
    .bind(row.case_number.as_str())
    .bind(row.inbox_id)
    .bind(row.channel.as_str())
    .bind(card)
    .bind(row.identity_id)
    .bind(row.subject.clone())
    .bind(row.status.as_str())
    .bind(row.place.as_str())
    .bind(row.created_at)
    .bind(to_json(&row.assignees))
    .bind(row.flagged)
    .bind(row.priority.as_str())
    .bind(to_json(&row.tags))
    .bind(row.language.clone())
    .bind(to_json(&row.source))
    .bind(row.started_by);
    tx.link().run(insert).await?;
    Ok(())
}
