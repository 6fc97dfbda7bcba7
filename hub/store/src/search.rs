//! Search over texts and names of files, and over what describes a conversation: subject, case number, tags, and the
//! customer's name, addresses and number. What a word is, [`crate::words`] says.
//!
//! * `message_words` has the words of each message, by its position. It follows the feed by a cursor, some moments behind
//!   the commits and never in their way: texts are read and taken apart outside the writer.
//! * `conversation_words` has the words that describe each conversation, by its number, from the same transaction on.
//!
//! A message that is edited or deleted, by whatever way, loses its words at once: the tables see to it. Whoever edits
//! writes the new ones.
//!
//! Each row has its inbox among the words, so that what somebody may not see costs them nothing either. What is looked at
//! is bounded: of what a query finds, only the newest [`FOUND_ROWS`] messages and conversations. What it costs to find
//! them is not, on SQLite: a beginning of three letters and more has the rows of all its words put together first, some
//! 50 ms for each million messages if it is a common one; whole words and beginnings of two letters are 1 ms (they have
//! lists of their own, for 2 µs a message). PostgreSQL goes back from the newest row where a word is common, and stops.

use std::iter::once;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use sqlx::FromRow;
use switchboard_domain::Visibility;
use switchboard_protocol::model::{Attachment, Conversation, Message};
use switchboard_protocol::rest::{ExcerptPart, SearchHit, SearchPage};
use switchboard_protocol::{AgentId, ContactId, ConversationId, Position, UnixMs, limits};

use crate::conversations::{FROM, ReadColumns, columns_for, conversation_row};
use crate::db::sql;
use crate::dialect;
use crate::error::{ChangeError, ReadError, WriteError};
use crate::excerpt::{excerpt, whole};
use crate::open::Weak;
use crate::row::{Where, json, set, to_json};
use crate::words::{Wanted, Words, inbox_mark, joined, wanted};
use crate::writer::caught;
use crate::{Store, Tx, feed, messages, settings};

/// Of the messages, and of the conversations, that have the words, so many of the newest are looked at.
const FOUND_ROWS: i64 = 2_000;
/// Positions of the feed that one step of the index takes in.
const STEP_POSITIONS: Position = 500;
/// Conversations of one customer that are described anew when the card changes; of more, the newest.
const DESCRIBED_ROWS: i64 = 1_000;
/// How long after a commit the index begins to follow: what comes meanwhile goes in with it.
const FOLLOW_AFTER: Duration = Duration::from_millis(300);
/// How often it looks by itself: what another hub has committed, above all one that died before its own index followed,
/// and what could not be taken in the time before. When there is nothing, that is a read of two rows.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// The setting that keeps how far the index is.
const CURSOR: &str = "search.position";

/// One hit for each conversation that has the words in a message or in what describes it; newest activity first, `cursor`
/// from the page before.
pub async fn page(
    store: &Store,
    visibility: &Visibility,
    reader: AgentId,
    words: &str,
    cursor: Option<&str>,
    limit: usize,
) -> Result<SearchPage, ReadError> {
    let mut asked = Where::new();
    asked.value(reader);
    let (Some(in_messages), Some(in_descriptions)) = (
        newest(store, &mut asked, "message_words", visibility, words),
        newest(store, &mut asked, "conversation_words", visibility, words),
    ) else {
        return Ok(SearchPage { hits: Vec::new(), next: None });
    };
    let limit = limit.clamp(1, limits::PAGE_ROWS);
    asked.visible("c.inbox_id", visibility);
    if let Some(cursor) = cursor {
        let (at, id) = read_cursor(cursor).ok_or(ReadError::BadCursor)?;
        let (at, id) = (asked.value(at), asked.value(id));
        asked.and(format!("(c.last_activity_at, c.id) < ({at}, {id})"));
    }
    let rows = asked.value(limit as i64 + 1);
    let columns = columns_for(&mut asked, visibility);
    let text = format!(
        "SELECT {columns}, COALESCE(r.number, 0) AS read_number, h.message_id, k.email, k.phone FROM (\
             SELECT f.conversation_id, MAX(f.message_id) AS message_id FROM (\
                 SELECT m.conversation_id, m.id AS message_id FROM ({in_messages}) AS t \
                 JOIN messages AS m ON m.position = t.rowid AND m.kind <> 'system' \
                 UNION ALL SELECT n.id, NULL FROM ({in_descriptions}) AS d JOIN conversations AS n ON n.number = d.rowid\
             ) AS f GROUP BY f.conversation_id) AS h \
         JOIN conversations AS c ON c.id = h.conversation_id JOIN contacts AS k ON k.id = c.contact_id \
         LEFT JOIN reads AS r ON r.conversation_id = c.id AND r.agent_id = $1 \
         {} ORDER BY c.last_activity_at DESC, c.id DESC LIMIT {rows}",
        asked.text()
    );
    let mut reading = store.reading().await?;
    let mut found: Vec<Found> = reading.link().all(sql("search", text).bind_all(asked.values())).await?;
    drop(reading);
    let more = found.len() > limit;
    found.truncate(limit);
    let ids: Vec<_> = found.iter().filter_map(|hit| hit.message_id.clone()).collect();
    let mut with_words = messages::find_visible(store, visibility, &ids).await?;
    let mut hits = Vec::with_capacity(found.len());
    let wanted = wanted(words);
    for hit in found {
        let message = hit.message_id.and_then(|id| with_words.remove(&id));
        let conversation = conversation_row(hit.row)?;
        let excerpt = match &message {
            Some(message) => excerpt_of_message(message, &wanted),
            None => excerpt_of_description(&conversation.conversation, hit.email, hit.phone, &wanted),
        };
        hits.push(SearchHit { conversation, message, excerpt: excerpt.unwrap_or_default() });
    }
    let next = hits.last().filter(|_| more).map(|last| {
        let row = &last.conversation.conversation;
        format!("{}.{}", row.last_activity_at, row.id)
    });
    Ok(SearchPage { hits, next })
}

/// A query for the `rowid` of the newest rows of a table of words that have all of these; none if there is nothing to
/// look for, or nowhere to look.
fn newest(store: &Store, asked: &mut Where, table: &str, visibility: &Visibility, words: &str) -> Option<String> {
    let words = wanted(words);
    let inboxes = match visibility {
        Visibility::All | Visibility::Team => None,
        Visibility::Inboxes(inboxes) if inboxes.is_empty() => return None,
        Visibility::Inboxes(inboxes) => Some(inboxes.iter().map(|id| inbox_mark(&id.to_string())).collect::<Vec<_>>()),
    };
    if words.is_empty() {
        return None;
    }
    let query = asked.value(dialect::words_query(store.engine(), &words, inboxes.as_deref()));
    let matches = dialect::words_match(store.engine(), table, &query);
    Some(format!("SELECT rowid FROM {table} WHERE {matches} ORDER BY rowid DESC LIMIT {FOUND_ROWS}"))
}

/// A condition on `c`: it is described by all of these words, and among the newest that are.
pub(crate) fn described_by(store: &Store, asked: &mut Where, visibility: &Visibility, words: &str) -> String {
    match newest(store, asked, "conversation_words", visibility, words) {
        Some(numbers) => format!("c.number IN ({numbers})"),
        None => "FALSE".into(),
    }
}

#[derive(FromRow)]
struct Found {
    #[sqlx(flatten)]
    row: ReadColumns,
    message_id: Option<String>,
    email: Option<String>,
    phone: Option<String>,
}

fn excerpt_of_message(message: &Message, wanted: &[Wanted]) -> Option<Vec<ExcerptPart>> {
    let files = message.attachments.iter().map(|file| file.name.as_str());
    once(message.text.as_str()).chain(files).find_map(|text| excerpt(text, wanted))
}

fn excerpt_of_description(
    row: &Conversation,
    email: Option<String>,
    phone: Option<String>,
    wanted: &[Wanted],
) -> Option<Vec<ExcerptPart>> {
    let number = row.case_number.as_str();
    let in_one = wanted.iter().any(|one| one.is(&joined(number)));
    let phone = phone.filter(|phone| wanted.iter().any(|one| one.is_in_telephone(phone)));
    [row.subject.as_deref(), row.contact.name.as_deref(), email.as_deref()]
        .into_iter()
        .flatten()
        .chain(row.tags.iter().map(String::as_str))
        .chain([number])
        .find_map(|text| excerpt(text, wanted))
        .or_else(|| in_one.then(|| whole(number)))
        .or_else(|| phone.map(|phone| whole(&phone)))
}

fn read_cursor(text: &str) -> Option<(i64, ConversationId)> {
    let (at, id) = text.split_once('.')?;
    Some((at.parse().ok()?, id.parse().ok()?))
}

/// Writes the words that describe this conversation, in place of those before.
pub(crate) async fn describe(tx: &mut Tx, conversation_id: ConversationId) -> Result<(), ChangeError> {
    let mut which = Where::new();
    which.equal("c.id", conversation_id);
    describe_all(tx, which).await
}

/// The same for many.
pub(crate) async fn describe_many(tx: &mut Tx, ids: impl Iterator<Item = ConversationId>) -> Result<(), ChangeError> {
    let ids: Vec<_> = ids.collect();
    for some in ids.chunks(DESCRIBED_ROWS as usize) {
        let mut which = Where::new();
        let some = which.value(set(some));
        which.and(format!("c.id IN (SELECT v.value->>'id' FROM jsonb_each({some}) AS v)"));
        describe_all(tx, which).await?;
    }
    Ok(())
}

/// The same for a customer's conversations.
pub(crate) async fn describe_those_of(tx: &mut Tx, contact_id: ContactId) -> Result<(), ChangeError> {
    let mut which = Where::new();
    which.equal("c.contact_id", contact_id);
    describe_all(tx, which).await
}

#[derive(FromRow)]
struct Description {
    number: i64,
    inbox_id: String,
    case_number: String,
    subject: Option<String>,
    tags: String,
    name: Option<String>,
    email: Option<String>,
    phone: Option<String>,
}

impl Description {
    fn words(self) -> Result<WordsRow, ReadError> {
        let mut words = Words::in_inbox(&self.inbox_id);
        let tags: Vec<String> = json("tags", &self.tags)?;
        for text in [self.name, self.email, self.subject].iter().flatten().chain(&tags) {
            words.add(text);
        }
        words.add_number(&self.case_number);
        words.add_telephone(self.phone.as_deref().unwrap_or_default());
        Ok(WordsRow::new(self.number, &words))
    }
}

/// A row of either table of words.
#[derive(Serialize)]
struct WordsRow {
    rowid: i64,
    text: String,
}

impl WordsRow {
    fn new(rowid: i64, words: &Words) -> Self {
        Self { rowid, text: words.text() }
    }
}

async fn describe_all(tx: &mut Tx, mut which: Where) -> Result<(), ChangeError> {
    let rows = which.value(DESCRIBED_ROWS);
    let text = format!(
        "SELECT c.number, c.inbox_id, c.case_number, c.subject, c.tags, k.name, k.email, k.phone FROM {FROM} {} \
         ORDER BY c.number DESC LIMIT {rows}",
        which.text()
    );
    let found: Vec<Description> =
        tx.link().all(sql("read what describes conversations", text).bind_all(which.values())).await?;
    let rows = to_json(&found.into_iter().map(Description::words).collect::<Result<Vec<_>, _>>()?);
    let clear = "DELETE FROM conversation_words WHERE rowid IN \
        (SELECT CAST(w.value->>'rowid' AS BIGINT) FROM jsonb_each($1) AS w)";
    tx.link().run(sql("forget what described conversations", clear).bind(rows.as_str())).await?;
    let insert = "INSERT INTO conversation_words (rowid, text) \
        SELECT CAST(w.value->>'rowid' AS BIGINT), w.value->>'text' FROM jsonb_each($1) AS w";
    tx.link().run(sql("write what describes conversations", insert).bind(rows)).await?;
    Ok(())
}

/// Takes into the index what has been committed since it last was. The store does this by itself soon after commits.
pub async fn catch_up(store: &Store) -> Result<(), WriteError<ChangeError>> {
    while let Some(step) = next_step(store).await.map_err(|error| WriteError::Refused(error.into()))? {
        store.write(|tx| Box::pin(step.take_in(tx))).await?;
    }
    Ok(())
}

/// What the index takes in at a time.
struct Step {
    from: Position,
    to: Position,
    rows: Vec<MessageWords>,
}

#[derive(Serialize)]
struct MessageWords {
    #[serde(flatten)]
    row: WordsRow,
    edited_at: UnixMs,
}

#[derive(FromRow)]
struct Unread {
    id: String,
    position: i64,
    inbox_id: String,
    text: String,
    attachments: String,
    edited_at: i64,
}

impl Unread {
    /// A row whose files cannot be read is found by its text: the index must get past it.
    fn words(self) -> MessageWords {
        let mut words = Words::in_inbox(&self.inbox_id);
        words.add(&self.text);
        match json::<Vec<Attachment>>("attachments", &self.attachments) {
            Ok(files) => files.iter().for_each(|file| words.add(&file.name)),
            Err(error) => tracing::error!(
                message = self.id,
                %error,
                "a message is not found by the names of its files, and its thread cannot be shown: put the column \
                 `attachments` of its row in `messages` back from a backup, or set it to []"
            ),
        }
        MessageWords { row: WordsRow::new(self.position, &words), edited_at: self.edited_at }
    }
}

/// None: the index has all. Reads only, so a hub in which nothing happens writes nothing.
async fn next_step(store: &Store) -> Result<Option<Step>, ReadError> {
    let from = settings::find(store, CURSOR).await?.and_then(|text| text.parse().ok()).unwrap_or(0);
    let to = (from + STEP_POSITIONS).min(feed::head(store).await?);
    if to <= from {
        return Ok(None);
    }
    let select = sql(
        "read what the search index lacks",
        "SELECT m.id, m.position, c.inbox_id, m.text, m.attachments, COALESCE(m.edited_at, 0) AS edited_at FROM messages AS m \
         JOIN conversations AS c ON c.id = m.conversation_id \
         WHERE m.position > $1 AND m.position <= $2 AND m.kind <> 'system' AND m.deleted_at IS NULL",
    )
    .bind(from)
    .bind(to);
    let unread: Vec<Unread> = store.reading().await?.link().all(select).await?;
    let rows = unread.into_iter().map(Unread::words).collect();
    Ok(Some(Step { from, to, rows }))
}

impl Step {
    /// Unless another hub was first. What was edited or deleted since it was read stays out.
    async fn take_in(self, tx: &mut Tx) -> Result<(), ChangeError> {
        let at = settings::load(tx, CURSOR).await?.and_then(|text| text.parse().ok()).unwrap_or(0);
        if at != self.from {
            return Ok(());
        }
        if !self.rows.is_empty() {
            let insert = sql(
                "follow with the search index",
                "INSERT INTO message_words (rowid, text) SELECT m.position, w.value->>'text' FROM jsonb_each($1) AS w \
                 JOIN messages AS m ON m.position = CAST(w.value->>'rowid' AS BIGINT) AND m.kind <> 'system' \
                     AND m.deleted_at IS NULL AND COALESCE(m.edited_at, 0) = CAST(w.value->>'edited_at' AS BIGINT)",
            )
            .bind(to_json(&self.rows));
            tx.link().run(insert).await?;
        }
        settings::set(tx, CURSOR, &self.to.to_string()).await
    }
}

/// Follows the feed for as long as the store is open: soon after each commit of this process, and at least every
/// [`LOOK_EVERY`].
pub(crate) fn follow(store: &Store) {
    let told: Arc<tokio::sync::Notify> = store.writer().told();
    let store: Weak = store.downgrade();
    tokio::spawn(async move {
        let mut following = true;
        loop {
            // Held for no longer than the look: the last handle may go at any time.
            match store.upgrade().filter(|store| !store.writer().is_closed()) {
                Some(store) => following = look(&store, following).await,
                None => return,
            }
            tokio::select! {
                () = told.notified() => tokio::time::sleep(FOLLOW_AFTER).await,
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
        }
    });
}

/// Whether the index has all now. Only a change of that is logged: a database can be away for long.
async fn look(store: &Store, was_following: bool) -> bool {
    let trouble = match caught(catch_up(store)).await {
        Some(Ok(())) => None,
        Some(Err(error)) => Some(error.to_string()),
        None => Some("it panicked".to_owned()),
    };
    match (&trouble, was_following) {
        (Some(error), true) => tracing::warn!(
            %error, "the search index cannot follow: what is written from now on is not found until it can again"
        ),
        (None, false) => tracing::info!("the search index follows again"),
        _ => {}
    }
    trouble.is_none()
}
