//! What is known of each file. The bytes are elsewhere, under the file's id.

use std::collections::HashSet;
use std::fmt;

use sqlx::FromRow;
use switchboard_domain::Visibility;
use switchboard_protocol::model::Attachment;
use switchboard_protocol::{AgentId, AttachmentId, BotId, IdentityId, InboxId, MessageId, TemplateId, UnixMs};

use crate::db::{Sql, sql};
use crate::error::{ChangeError, ReadError};
use crate::row::{Where, id, set};
use crate::{Store, Tx, templates};

/// Most uploads looked at together.
pub const PRUNE_ROWS: i64 = 1_000;

const COLUMNS: &str = "f.id, f.name, f.media_type, f.bytes, f.picture";

#[derive(FromRow)]
pub(crate) struct Columns {
    id: String,
    name: String,
    media_type: String,
    bytes: i64,
    picture: bool,
}

impl Columns {
    pub fn attachment(self) -> Result<Attachment, ReadError> {
        Ok(Attachment {
            id: id("a file's id", &self.id)?,
            name: self.name,
            media_type: self.media_type,
            bytes: self.bytes,
            picture: self.picture,
        })
    }
}

/// Who sent the file up. Only they can put it into a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Uploader {
    Agent(AgentId),
    Identity(IdentityId),
    /// It came in by this inbox's channel.
    Inbox(InboxId),
    Bot(BotId),
    /// It belongs to this template, and goes along as a copy.
    Template(TemplateId),
}

impl fmt::Display for Uploader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Agent(id) => write!(f, "agent:{id}"),
            Self::Identity(id) => write!(f, "identity:{id}"),
            Self::Inbox(id) => write!(f, "inbox:{id}"),
            Self::Bot(id) => write!(f, "bot:{id}"),
            Self::Template(id) => write!(f, "template:{id}"),
        }
    }
}

/// Said before the first byte is written: what becomes of them is found later, whatever happens in between.
pub async fn begin(tx: &mut Tx, upload: AttachmentId, at: UnixMs) -> Result<(), ChangeError> {
    let insert = sql("begin an upload", "INSERT INTO uploads (id, begun_at) VALUES ($1, $2)").bind(upload).bind(at);
    tx.link().run(insert).await?;
    Ok(())
}

/// The upload's bytes are there.
pub async fn insert(tx: &mut Tx, attachment: &Attachment, by: Uploader, at: UnixMs) -> Result<(), ChangeError> {
    insert_inline(tx, attachment, None, by, at).await
}

/// The same of a picture that its mail shows inside (`cid:`).
pub async fn insert_inline(
    tx: &mut Tx,
    attachment: &Attachment,
    content_id: Option<&str>,
    by: Uploader,
    at: UnixMs,
) -> Result<(), ChangeError> {
    let insert = sql(
        "keep what is known of a file",
        "INSERT INTO attachments (id, name, media_type, bytes, picture, uploader, created_at, content_id) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(attachment.id)
    .bind(attachment.name.as_str())
    .bind(attachment.media_type.as_str())
    .bind(attachment.bytes)
    .bind(attachment.picture)
    .bind(by.to_string())
    .bind(at)
    .bind(content_id.map(str::to_owned));
    tx.link().run(insert).await?;
    Ok(())
}

/// For the team: one's own upload that is in no message yet, a file of a visible conversation or of a visible template.
pub async fn find(
    store: &Store,
    visibility: &Visibility,
    reader: AgentId,
    attachment_id: AttachmentId,
) -> Result<Option<Attachment>, ReadError> {
    let mut seen = Where::new();
    let file = seen.value(attachment_id);
    let own = seen.value(Uploader::Agent(reader).to_string());
    seen.and("m.id = f.message_id AND m.deleted_at IS NULL");
    let template = templates::seen_by(&mut seen, visibility, reader);
    seen.visible("c.inbox_id", visibility);
    let text = format!(
        "SELECT {COLUMNS} FROM attachments AS f WHERE f.id = {file} AND ((f.message_id IS NULL AND f.uploader = {own}) \
         OR EXISTS (SELECT 1 FROM template_files AS tf JOIN templates AS t ON t.id = tf.template_id \
             WHERE tf.attachment_id = f.id AND {template}) \
         OR EXISTS (SELECT 1 FROM messages AS m JOIN conversations AS c ON c.id = m.conversation_id {}))",
        seen.text()
    );
    let row: Option<Columns> =
        store.reading().await?.link().one(sql("find a file", text).bind_all(seen.values())).await?;
    row.map(Columns::attachment).transpose()
}

/// For a bot: a file that it has sent up, or one of a conversation in its inboxes.
pub async fn find_for_bot(
    store: &Store,
    bot_id: BotId,
    attachment_id: AttachmentId,
) -> Result<Option<Attachment>, ReadError> {
    let text = format!(
        "SELECT {COLUMNS} FROM attachments AS f WHERE f.id = $1 AND ((f.message_id IS NULL AND f.uploader = $2) \
         OR EXISTS (SELECT 1 FROM messages AS m JOIN conversations AS c ON c.id = m.conversation_id \
             JOIN bot_inboxes AS i ON i.inbox_id = c.inbox_id AND i.bot_id = $3 \
             WHERE m.id = f.message_id AND m.deleted_at IS NULL AND m.kind IN ('in', 'out')))"
    );
    let find = sql("find a bot's file", text).bind(attachment_id).bind(Uploader::Bot(bot_id).to_string()).bind(bot_id);
    let row: Option<Columns> = store.reading().await?.link().one(find).await?;
    row.map(Columns::attachment).transpose()
}

/// The pictures that a visible message's mail may show inside: Content-ID and file.
pub async fn inline_pictures(
    store: &Store,
    visibility: &Visibility,
    message_id: MessageId,
) -> Result<Vec<(String, AttachmentId)>, ReadError> {
    let mut wanted = Where::new();
    wanted.equal("f.message_id", message_id);
    wanted.and("f.content_id IS NOT NULL AND f.picture");
    wanted.visible("c.inbox_id", visibility);
    let text = format!(
        "SELECT f.content_id, f.id FROM attachments AS f JOIN conversations AS c ON c.id = f.conversation_id {}",
        wanted.text()
    );
    let find = sql("find a mail's own pictures", text).bind_all(wanted.values());
    let rows: Vec<(String, String)> = store.reading().await?.link().all(find).await?;
    rows.into_iter().map(|(content_id, file)| Ok((content_id, id("a file's id", &file)?))).collect()
}

/// For a visitor: one's own upload that is in no message yet, or a file of a message in one's own conversation. Never a
/// note's.
pub async fn find_for_identity(
    store: &Store,
    identity_id: IdentityId,
    attachment_id: AttachmentId,
) -> Result<Option<Attachment>, ReadError> {
    let mut seen = Where::new();
    let file = seen.value(attachment_id);
    let own = seen.value(Uploader::Identity(identity_id).to_string());
    seen.and("m.id = f.message_id AND m.kind IN ('in', 'out') AND m.deleted_at IS NULL");
    seen.visitors(identity_id);
    let text = format!(
        "SELECT {COLUMNS} FROM attachments AS f WHERE f.id = {file} AND ((f.message_id IS NULL AND f.uploader = {own}) \
         OR EXISTS (SELECT 1 FROM messages AS m JOIN conversations AS c ON c.id = m.conversation_id {}))",
        seen.text()
    );
    let find = sql("find a visitor's file", text).bind_all(seen.values());
    let row: Option<Columns> = store.reading().await?.link().one(find).await?;
    row.map(Columns::attachment).transpose()
}

/// For a provider that fetches what goes out by it: a file of a message that goes out.
pub async fn find_sent(store: &Store, attachment_id: AttachmentId) -> Result<Option<Attachment>, ReadError> {
    let text = format!(
        "SELECT {COLUMNS} FROM attachments AS f WHERE f.id = $1 AND EXISTS (SELECT 1 FROM messages AS m \
         JOIN conversations AS c ON c.id = m.conversation_id JOIN inboxes AS i ON i.id = c.inbox_id \
         WHERE m.id = f.message_id AND m.kind = 'out' AND m.deleted_at IS NULL AND i.removed_at IS NULL)"
    );
    let row: Option<Columns> =
        store.reading().await?.link().one(sql("find a file that goes out", text).bind(attachment_id)).await?;
    row.map(Columns::attachment).transpose()
}

/// Files that no message names yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unnamed {
    pub files: i64,
    pub bytes: i64,
}

/// Looks at `most` of them, the oldest; there may be more.
pub async fn unnamed(tx: &mut Tx, most: i64) -> Result<Unnamed, ReadError> {
    let row: Option<(i64, i64)> = tx.link().one(counting_unnamed(most)).await?;
    let (files, bytes) = row.unwrap_or_default();
    Ok(Unnamed { files, bytes })
}

fn counting_unnamed(most: i64) -> Sql {
    sql(
        "count unnamed files",
        "SELECT COUNT(*), CAST(COALESCE(SUM(f.bytes), 0) AS BIGINT) FROM \
         (SELECT bytes FROM attachments WHERE message_id IS NULL AND NOT kept ORDER BY created_at LIMIT $1) AS f",
    )
    .bind(most)
}

/// Old uploads, looked at for the last time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    pub uploads: Vec<AttachmentId>,
    /// Of them, those that are no file any more or never became one: their bytes are the caller's to remove.
    pub nothing: Vec<AttachmentId>,
}

/// Forgets, of the uploads that were begun before then, the files that no message has named; at most [`PRUNE_ROWS`]. They
/// are found again until [`end`] is told that their bytes are gone.
pub async fn settle(tx: &mut Tx, before: UnixMs) -> Result<Settled, ChangeError> {
    let old = sql(
        "find old uploads",
        "SELECT id FROM uploads AS u WHERE begun_at < $1 AND NOT EXISTS (SELECT 1 FROM attachments AS f \
         WHERE f.id = u.id AND f.kept AND f.message_id IS NULL) ORDER BY begun_at LIMIT $2",
    )
    .bind(before)
    .bind(PRUNE_ROWS);
    let rows: Vec<(String,)> = tx.link().all(old).await?;
    let uploads: Vec<AttachmentId> = rows.iter().map(|(text,)| id("a file's id", text)).collect::<Result<_, _>>()?;
    let forget = sql(
        "forget unnamed files",
        "DELETE FROM attachments WHERE message_id IS NULL AND NOT kept AND id IN (SELECT v.value->>'id' FROM jsonb_each($1) AS v)",
    );
    tx.link().run(forget.bind(set(&uploads))).await?;
    let known = sql(
        "find files that are named",
        "SELECT f.id FROM attachments AS f WHERE f.id IN (SELECT v.value->>'id' FROM jsonb_each($1) AS v)",
    );
    let rows: Vec<(String,)> = tx.link().all(known.bind(set(&uploads))).await?;
    let known: HashSet<AttachmentId> = rows.iter().map(|(text,)| id("a file's id", text)).collect::<Result<_, _>>()?;
    let nothing = uploads.iter().copied().filter(|id| !known.contains(id)).collect();
    Ok(Settled { uploads, nothing })
}

/// Forgets the files of a message whose text goes. Their bytes are removed with the next old uploads.
pub(crate) async fn let_go(tx: &mut Tx, message_id: MessageId) -> Result<(), ChangeError> {
    // Begun at no time: there is nothing to wait for.
    let note = sql(
        "note files that are to be removed",
        "INSERT INTO uploads (id, begun_at) SELECT id, 0 FROM attachments WHERE message_id = $1 \
         ON CONFLICT (id) DO UPDATE SET begun_at = 0",
    );
    tx.link().run(note.bind(message_id)).await?;
    let forget = sql("forget a message's files", "DELETE FROM attachments WHERE message_id = $1").bind(message_id);
    tx.link().run(forget).await?;
    Ok(())
}

/// Nothing lies on disk under these ids that is not in a message.
pub async fn end(tx: &mut Tx, uploads: &[AttachmentId]) -> Result<(), ChangeError> {
    let end = sql("end uploads", "DELETE FROM uploads WHERE id IN (SELECT v.value->>'id' FROM jsonb_each($1) AS v)");
    tx.link().run(end.bind(set(uploads))).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{DatabaseUrl, Options};

    /// The writer does it for each visitor's upload.
    #[tokio::test]
    async fn unnamed_files_are_counted_in_their_index_alone() {
        let folder = tempfile::tempdir().unwrap();
        let url = DatabaseUrl::sqlite(folder.path().join("store.db"));
        let store = Store::open(&url, Options { new_epoch: "epoch".into() }).await.unwrap();
        let mut reading = store.reading().await.unwrap();
        let steps: Vec<(i64, i64, i64, String)> = reading.link().all(counting_unnamed(7).explained()).await.unwrap();
        let plan: String = steps.into_iter().map(|(.., step)| step + "\n").collect();
        assert!(plan.contains("SCAN attachments USING COVERING INDEX attachments_unnamed"), "{plan}");
        assert!(!plan.contains("TEMP B-TREE"), "{plan}");
    }
}
