//! The tags that conversations have, all of them together; which conversation has which is with the conversations.

use sqlx::FromRow;
use switchboard_domain::Visibility;
use switchboard_protocol::tags::{TagColour, TagRow};
use switchboard_protocol::{ConversationId, UnixMs, limits};

use crate::db::sql;
use crate::error::{ChangeError, ReadError};
use crate::row::{Where, id, word};
use crate::{Store, Tx};

#[derive(FromRow)]
struct Columns {
    name: String,
    colour: Option<String>,
    conversations: i64,
}

/// Those that somebody sees on a conversation, and those that have a colour, by name.
pub async fn list(store: &Store, visibility: &Visibility) -> Result<Vec<TagRow>, ReadError> {
    let mut seen = Where::new();
    seen.and("c.id = u.conversation_id");
    seen.visible("c.inbox_id", visibility);
    let (there, most) = (seen.text(), seen.value(limits::TAG_ROWS as i64));
    let text = format!(
        "SELECT a.name, MAX(a.colour) AS colour, CAST(SUM(a.conversations) AS BIGINT) AS conversations FROM (\
             SELECT u.tag AS name, NULL AS colour, COUNT(*) AS conversations \
                 FROM conversation_tags AS u JOIN conversations AS c ON c.id = u.conversation_id {there} GROUP BY u.tag \
             UNION ALL SELECT t.name, t.colour, 0 FROM tags AS t) AS a \
         GROUP BY a.name ORDER BY a.name LIMIT {most}"
    );
    rows(store.reading().await?.link().all(sql("list tags", text).bind_all(seen.values())).await?)
}

/// Those that have a colour; none is counted.
pub async fn coloured(store: &Store) -> Result<Vec<TagRow>, ReadError> {
    let list = sql(
        "list the colours of tags",
        "SELECT t.name, t.colour, CAST(0 AS BIGINT) AS conversations FROM tags AS t WHERE t.colour <> '' ORDER BY t.name",
    );
    rows(store.reading().await?.link().all(list).await?)
}

fn rows(columns: Vec<Columns>) -> Result<Vec<TagRow>, ReadError> {
    columns
        .into_iter()
        .map(|Columns { name, colour, conversations }| {
            let colour = colour.filter(|colour| !colour.is_empty());
            let colour = colour.map(|colour| word("a tag's colour", &colour, TagColour::from_word)).transpose()?;
            let conversations = u32::try_from(conversations).unwrap_or(u32::MAX);
            Ok(TagRow { name, colour, conversations })
        })
        .collect()
}

/// Keeps a tag with its colour, or with none.
pub async fn set(tx: &mut Tx, name: &str, colour: Option<TagColour>, at: UnixMs) -> Result<(), ChangeError> {
    let set = sql(
        "keep a tag",
        "INSERT INTO tags (name, colour, changed_at) VALUES ($1, $2, $3) \
         ON CONFLICT (name) DO UPDATE SET colour = excluded.colour, changed_at = excluded.changed_at",
    )
    .bind(name)
    .bind(colour.map_or("", |colour| colour.as_str()))
    .bind(at);
    tx.link().run(set).await?;
    Ok(())
}

/// What is kept of a tag goes to another, unless that has its own.
pub async fn hand_over(tx: &mut Tx, from: &str, to: &str, at: UnixMs) -> Result<(), ChangeError> {
    let copy = sql(
        "hand a tag's colour over",
        "INSERT INTO tags (name, colour, changed_at) SELECT $2, t.colour, $3 FROM tags AS t WHERE t.name = $1 \
         ON CONFLICT (name) DO NOTHING",
    );
    tx.link().run(copy.bind(from).bind(to).bind(at)).await?;
    remove(tx, from).await
}

/// What is kept of a tag; conversations keep it.
pub async fn remove(tx: &mut Tx, name: &str) -> Result<(), ChangeError> {
    tx.link().run(sql("forget a tag", "DELETE FROM tags WHERE name = $1").bind(name)).await?;
    Ok(())
}

/// How many are kept besides this one.
pub async fn others(tx: &mut Tx, name: &str) -> Result<i64, ReadError> {
    let count = sql("count tags", "SELECT COUNT(*) FROM tags WHERE name <> $1").bind(name);
    let row: Option<(i64,)> = tx.link().one(count).await?;
    Ok(row.map_or(0, |(count,)| count))
}

/// Conversations that have it.
pub async fn having(tx: &mut Tx, name: &str, most: usize) -> Result<Vec<ConversationId>, ReadError> {
    let find = sql(
        "find conversations with a tag",
        "SELECT u.conversation_id FROM conversation_tags AS u WHERE u.tag = $1 ORDER BY u.conversation_id LIMIT $2",
    );
    let rows: Vec<(String,)> = tx.link().all(find.bind(name).bind(most as i64)).await?;
    rows.iter().map(|(text,)| id("a conversation's id", text)).collect()
}
