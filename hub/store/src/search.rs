//! Search over texts, subjects, customers and case numbers. The index of words follows the feed by a cursor, some moments
//! behind the commits and never in their way.

use std::sync::Arc;
use std::time::Duration;

use sqlx::FromRow;
use switchboard_domain::Visibility;
use switchboard_protocol::rest::{SearchHit, SearchPage};
use switchboard_protocol::{AgentId, Position, limits};

use crate::conversations::{COLUMNS, FROM, ReadColumns, contains, conversation_row, described_by};
use crate::db::sql;
use crate::dialect;
use crate::error::{ChangeError, ReadError, WriteError};
use crate::open::Weak;
use crate::row::Where;
use crate::{Store, Tx, feed, messages, settings};

/// Most words of a query that are looked for.
const WORDS: usize = 12;
/// Positions of the feed that one step of the index takes in.
const STEP_POSITIONS: Position = 1_000;
/// How long after a commit the index begins to follow: what comes meanwhile goes in with it.
const FOLLOW_AFTER: Duration = Duration::from_millis(300);
/// How often the follower of an idle store looks whether the store is still open.
const LOOK_FOR_THE_END_EVERY: Duration = Duration::from_secs(10);
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
    let tokens = tokens(words);
    if tokens.is_empty() {
        return Ok(SearchPage { hits: Vec::new(), next: None });
    }
    let limit = limit.clamp(1, limits::PAGE_ROWS);
    let mut wanted = Where::new();
    wanted.value(reader);
    let parameter = format!("${}", 2);
    let (matches, query) = dialect::matches(store.engine(), &parameter, &tokens);
    wanted.value(query);
    let like = wanted.value(contains(words));
    wanted.and(format!("(h.message_id IS NOT NULL OR {})", described_by(&like)));
    wanted.visible("c.inbox_id", visibility);
    if let Some(cursor) = cursor {
        let (at, id) = read_cursor(cursor).ok_or(ReadError::BadCursor)?;
        let (at, id) = (wanted.value(at), wanted.value(id));
        wanted.and(format!("(c.last_activity_at, c.id) < ({at}, {id})"));
    }
    let rows = wanted.value(limit as i64 + 1);
    let text = format!(
        "SELECT {COLUMNS}, COALESCE(r.number, 0) AS read_number, h.message_id FROM {FROM} \
         LEFT JOIN reads AS r ON r.conversation_id = c.id AND r.agent_id = $1 \
         LEFT JOIN (SELECT w.conversation_id, MAX(w.message_id) AS message_id FROM message_words AS w \
                    WHERE {matches} GROUP BY w.conversation_id) AS h ON h.conversation_id = c.id \
         {} ORDER BY c.last_activity_at DESC, c.id DESC LIMIT {rows}",
        wanted.text()
    );
    let mut reading = store.reading().await?;
    let mut found: Vec<Found> = reading.link().all(sql("search", text).bind_all(wanted.values())).await?;
    drop(reading);
    let more = found.len() > limit;
    found.truncate(limit);
    let ids: Vec<_> = found.iter().filter_map(|hit| hit.message_id.clone()).collect();
    let mut with_words = messages::find_visible(store, visibility, &ids).await?;
    let mut hits = Vec::with_capacity(found.len());
    for hit in found {
        let message = hit.message_id.and_then(|id| with_words.remove(&id));
        hits.push(SearchHit { conversation: conversation_row(hit.row)?, message });
    }
    let next = hits.last().filter(|_| more).map(|last| {
        let row = &last.conversation.conversation;
        format!("{}.{}", row.last_activity_at, row.id)
    });
    Ok(SearchPage { hits, next })
}

#[derive(FromRow)]
struct Found {
    #[sqlx(flatten)]
    row: ReadColumns,
    message_id: Option<String>,
}

fn read_cursor(text: &str) -> Option<(i64, switchboard_protocol::ConversationId)> {
    let (at, id) = text.split_once('.')?;
    Some((at.parse().ok()?, id.parse().ok()?))
}

/// Letters and digits only: nothing of a query's text is read as a query language.
fn tokens(words: &str) -> Vec<String> {
    words
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .take(WORDS)
        .map(str::to_lowercase)
        .collect()
}

/// Takes into the index what has been committed since it last was. The store does this by itself soon after commits.
pub async fn catch_up(store: &Store) -> Result<(), WriteError<ChangeError>> {
    while store.write(|tx| Box::pin(step(tx))).await?.value {}
    Ok(())
}

/// Whether there is more to do.
async fn step(tx: &mut Tx) -> Result<bool, ChangeError> {
    let from: Position = settings::load(tx, CURSOR).await?.and_then(|text| text.parse().ok()).unwrap_or(0);
    let to = (from + STEP_POSITIONS).min(tx.next_position() - 1);
    if to <= from {
        return Ok(false);
    }
    let insert = sql(
        "follow with the search index",
        "INSERT INTO message_words (message_id, conversation_id, text) SELECT id, conversation_id, text FROM messages \
         WHERE position > $1 AND position <= $2 AND kind <> 'system' AND text <> ''",
    )
    .bind(from)
    .bind(to);
    tx.link().run(insert).await?;
    settings::set(tx, CURSOR, &to.to_string()).await?;
    Ok(to < tx.next_position() - 1)
}

/// Follows the commits of this process for as long as the store is open, beginning with what an earlier one left.
pub(crate) fn follow(store: &Store) {
    let told: Arc<tokio::sync::Notify> = store.writer().told();
    let store: Weak = store.downgrade();
    tokio::spawn(async move {
        let mut behind = true;
        loop {
            if behind {
                let Some(store) = store.upgrade() else { return };
                if let Err(error) = catch_up_if_behind(&store).await {
                    tracing::warn!(%error, "the search index could not follow; it tries again after the next commit");
                }
            }
            tokio::select! {
                () = told.notified() => {}
                // The last handle may go without another commit.
                () = tokio::time::sleep(LOOK_FOR_THE_END_EVERY) => {
                    behind = false;
                    if store.is_gone() {
                        return;
                    }
                    continue;
                }
            }
            tokio::time::sleep(FOLLOW_AFTER).await;
            behind = true;
        }
    });
}

/// Reads first: a hub in which nothing happens writes nothing.
async fn catch_up_if_behind(store: &Store) -> Result<(), WriteError<ChangeError>> {
    let behind = async {
        let cursor = settings::find(store, CURSOR).await?.and_then(|text| text.parse().ok()).unwrap_or(0);
        Ok::<_, ReadError>(cursor < feed::head(store).await?)
    };
    if behind.await.map_err(|error| WriteError::Refused(error.into()))? { catch_up(store).await } else { Ok(()) }
}
