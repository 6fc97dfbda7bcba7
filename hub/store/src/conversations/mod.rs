//! Conversations: finding, listing, counting, beginning, changing.

mod columns;
mod list;
mod write;

use std::collections::HashMap;

use switchboard_domain::Visibility;
use switchboard_domain::thread::Thread;
use switchboard_protocol::model::Conversation;
use switchboard_protocol::visitor::VisitorConversation;
use switchboard_protocol::{ConversationId, IdentityId, InboxId, UnixMs, limits};

use crate::db::{Link, sql};
use crate::error::ReadError;
use crate::row::{Where, id, set};
use crate::{Store, Tx, moving, visitor};
pub(crate) use columns::{
    COLUMNS, Columns, FROM, ReadColumns, columns_for, contact_brief, first, save, save_standing, save_talk, whose,
};
pub(crate) use list::conversation_row;
pub use list::{Assignee, Between, Counted, LastBy, Page, Query, counts, find, page, unread_in};
pub(crate) use write::begin_without_talk;
pub use write::{Begin, Begun, ChangedAt, Heading, begin, change, change_all};

/// For the identity's own visitor, newest first, at most [`limits::PAGE_ROWS`].
pub async fn of_identity(store: &Store, identity_id: IdentityId) -> Result<Vec<VisitorConversation>, ReadError> {
    let mut own = Where::new();
    own.visitors(identity_id);
    let rows = own.value(limits::PAGE_ROWS as i64);
    let text = format!("SELECT {COLUMNS} FROM {FROM} {} ORDER BY c.number DESC LIMIT {rows}", own.text());
    let list = sql("list a visitor's conversations", text).bind_all(own.values());
    let rows: Vec<Columns> = store.reading().await?.link().all(list).await?;
    rows.into_iter().map(|row| Ok(visitor::conversation(&row.conversation()?))).collect()
}

/// The newest conversation of each of these identities that has any, outside the trash.
pub async fn newest_of(
    store: &Store,
    identities: &[IdentityId],
) -> Result<HashMap<IdentityId, ConversationId>, ReadError> {
    let newest = sql(
        "find the newest conversations of visitors",
        "SELECT c.identity_id, c.id FROM jsonb_each($1) AS v JOIN conversations AS c ON c.identity_id = v.value->>'id' \
         WHERE c.number = (SELECT MAX(n.number) FROM conversations AS n \
                           WHERE n.identity_id = v.value->>'id' AND n.place <> 'trash' AND n.merged_into IS NULL)",
    )
    .bind(set(identities));
    let rows: Vec<(String, String)> = store.reading().await?.link().all(newest).await?;
    rows.iter()
        .map(|(identity, text)| Ok((id("an identity's id", identity)?, id("a conversation's id", text)?)))
        .collect()
}

/// Whether there is this conversation in this inbox.
pub async fn is_in(tx: &mut Tx, conversation_id: ConversationId, inbox_id: InboxId) -> Result<bool, ReadError> {
    let find =
        sql("find a conversation in an inbox", "SELECT number FROM conversations WHERE id = $1 AND inbox_id = $2");
    let row: Option<(i64,)> = tx.link().one(find.bind(conversation_id).bind(inbox_id)).await?;
    Ok(row.is_some())
}

/// For signals (typing, watermarks): the conversation, if it is this identity's.
pub async fn find_for_identity(
    store: &Store,
    identity_id: IdentityId,
    conversation_id: ConversationId,
) -> Result<Option<Conversation>, ReadError> {
    let thread = select_one(&mut store.reading().await?.link(), own(identity_id, conversation_id)).await?;
    Ok(thread.map(|thread| thread.conversation))
}

pub async fn load(
    tx: &mut Tx,
    visibility: &Visibility,
    conversation_id: ConversationId,
) -> Result<Option<Thread>, ReadError> {
    let mut wanted = Where::new();
    wanted.equal("c.id", conversation_id);
    wanted.visible("c.inbox_id", visibility);
    select_one(&mut tx.link(), wanted).await
}

/// Those of these that are seen.
pub async fn load_many(tx: &mut Tx, visibility: &Visibility, ids: &[ConversationId]) -> Result<Vec<Thread>, ReadError> {
    let mut wanted = Where::new();
    let ids = wanted.value(set(ids));
    wanted.and(format!("c.id IN (SELECT w.value->>'id' FROM jsonb_each({ids}) AS w)"));
    wanted.visible("c.inbox_id", visibility);
    let text = format!("SELECT {COLUMNS} FROM {FROM} {} ORDER BY c.number", wanted.text());
    let load = sql("load conversations", text).bind_all(wanted.values());
    let rows: Vec<Columns> = tx.link().all(load).await?;
    rows.into_iter().map(Columns::thread).collect()
}

pub async fn load_for_identity(
    tx: &mut Tx,
    identity_id: IdentityId,
    conversation_id: ConversationId,
) -> Result<Option<Thread>, ReadError> {
    select_one(&mut tx.link(), own(identity_id, conversation_id)).await
}

fn own(identity_id: IdentityId, conversation_id: ConversationId) -> Where {
    let mut wanted = Where::new();
    wanted.equal("c.id", conversation_id);
    wanted.visitors(identity_id);
    wanted
}

async fn select_one(link: &mut Link<'_>, wanted: Where) -> Result<Option<Thread>, ReadError> {
    let text = format!("SELECT {COLUMNS} FROM {FROM} {}", wanted.text());
    let row: Option<Columns> = link.one(sql("load a conversation", text).bind_all(wanted.values())).await?;
    row.map(Columns::thread).transpose()
}

/// The newest open conversation of somebody whose newest `most` have all begun since then and been answered by nobody. None:
/// theirs are fewer, older or answered.
pub async fn flooded(
    tx: &mut Tx,
    identity_id: IdentityId,
    since: UnixMs,
    most: usize,
) -> Result<Option<ConversationId>, ReadError> {
    let find = sql(
        "find a flood of conversations",
        "SELECT id, status, place, created_at, last_out_number FROM conversations WHERE identity_id = $1 \
         ORDER BY number DESC LIMIT $2",
    )
    .bind(identity_id)
    .bind(most as i64);
    let rows: Vec<(String, String, String, i64, Option<i64>)> = tx.link().all(find).await?;
    let is_flood = rows.len() == most && rows.iter().all(|(.., begun, answered)| *begun > since && answered.is_none());
    let open = rows.iter().find(|(_, status, place, ..)| is_flood && status == "open" && place == "inbox");
    open.map(|(text, ..)| id("a conversation's id", text)).transpose()
}

/// The conversation into which this identity's next message goes: the newest, wherever it lies, or what that was merged into.
/// What the message does to one that is closed, in the trash or spam is the domain's to say.
pub async fn running(tx: &mut Tx, identity_id: IdentityId) -> Result<Option<ConversationId>, ReadError> {
    let newest = sql(
        "find the running conversation",
        "SELECT id, merged_into FROM conversations WHERE identity_id = $1 ORDER BY number DESC LIMIT 1",
    )
    .bind(identity_id);
    let row: Option<(String, Option<String>)> = tx.link().one(newest).await?;
    let Some((newest, merged)) = row else { return Ok(None) };
    let newest = id("a conversation's id", &newest)?;
    Ok(Some(if merged.is_some() { moving::top(tx, newest).await? } else { newest }))
}
