//! Answers that wait a moment before they go out, so that whoever wrote them can take them back.
//!
//! A row for each, under its writer and the id that they gave it. It goes in the transaction in which the message is written,
//! under the same key, so an answer goes out once or not at all. What was taken back leaves its key behind for a day
//! ([`KEPT_MS`]): the same command once more, from a page that has not heard, sends nothing.

use serde::{Deserialize, Serialize};
use sqlx::FromRow;
use switchboard_protocol::agent::{AfterReply, HeldReply, ReplyMail};
use switchboard_protocol::error::ApiError;
use switchboard_protocol::model::{Attachment, MessageMail};
use switchboard_protocol::{AgentId, ConversationId, Number, UnixMs};

use crate::db::{Link, sql};
use crate::error::{ChangeError, ReadError};
use crate::row::{id, json, to_json};
use crate::{Store, Tx};

/// For so long the key of an answer that was taken back is kept, milliseconds: a day.
pub const KEPT_MS: i64 = 24 * 3_600_000;

/// What was written, and what it becomes at its time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Content {
    pub text: String,
    pub attachments: Vec<Attachment>,
    pub answers: Option<Number>,
    pub seen: Option<Number>,
    /// As its writer gave it, for the way back into the field.
    pub mail: Option<ReplyMail>,
    /// The mail's head as it was checked, and its formatting, sanitised.
    pub head: Option<Box<MessageMail>>,
    pub html: Option<String>,
    pub after: Option<AfterReply>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Held {
    pub by: AgentId,
    pub client_id: String,
    pub conversation_id: ConversationId,
    pub at: UnixMs,
    pub due_at: UnixMs,
    /// None: it was taken back.
    pub content: Option<Content>,
    /// Why it did not go out at its time; it waits for its writer.
    pub refused: Option<ApiError>,
}

impl Held {
    /// As the team sees it; nothing of what was taken back.
    pub fn shown(&self) -> Option<HeldReply> {
        let Content { text, attachments, answers, mail, after, .. } = self.content.clone()?;
        Some(HeldReply {
            client_id: self.client_id.clone(),
            conversation_id: self.conversation_id,
            by: self.by,
            at: self.at,
            due_at: self.due_at,
            text,
            attachments,
            answers,
            mail,
            after,
            refused: self.refused.clone(),
        })
    }

    /// Of its timer.
    pub fn subject(&self) -> String {
        format!("{}/{}", self.by, self.client_id)
    }
}

#[derive(FromRow)]
struct Columns {
    agent_id: String,
    client_id: String,
    conversation_id: String,
    at: i64,
    due_at: i64,
    content: Option<String>,
    refused: Option<String>,
}

impl Columns {
    fn held(self) -> Result<Held, ReadError> {
        Ok(Held {
            by: id("who wrote what is held", &self.agent_id)?,
            client_id: self.client_id,
            conversation_id: id("where something is held", &self.conversation_id)?,
            at: self.at,
            due_at: self.due_at,
            content: self.content.as_deref().map(|text| json("what is held", text)).transpose()?,
            refused: self.refused.as_deref().map(|text| json("why it is still held", text)).transpose()?,
        })
    }
}

const SELECT: &str = "SELECT h.agent_id, h.client_id, h.conversation_id, h.at, h.due_at, h.content, h.refused \
    FROM held_replies AS h";

/// Also what was taken back.
pub async fn load(tx: &mut Tx, by: AgentId, client_id: &str) -> Result<Option<Held>, ReadError> {
    let select = sql("load what is held", format!("{SELECT} WHERE h.agent_id = $1 AND h.client_id = $2"));
    let row: Option<Columns> = tx.link().one(select.bind(by).bind(client_id)).await?;
    row.map(Columns::held).transpose()
}

/// What waits in a conversation, in the order in which it goes out. Whether the reader may see it is for the caller to ask.
pub async fn in_conversation(store: &Store, conversation_id: ConversationId) -> Result<Vec<Held>, ReadError> {
    waiting(&mut store.reading().await?.link(), conversation_id).await
}

/// The same in a transaction.
pub async fn load_in_conversation(tx: &mut Tx, conversation_id: ConversationId) -> Result<Vec<Held>, ReadError> {
    waiting(&mut tx.link(), conversation_id).await
}

async fn waiting(link: &mut Link<'_>, conversation_id: ConversationId) -> Result<Vec<Held>, ReadError> {
    let select = sql(
        "read what is held in a conversation",
        format!("{SELECT} WHERE h.conversation_id = $1 AND h.content IS NOT NULL ORDER BY h.due_at, h.client_id"),
    );
    let rows: Vec<Columns> = link.all(select.bind(conversation_id)).await?;
    rows.into_iter().map(Columns::held).collect()
}

/// Who of the team has answered in a conversation and waits for it to go out, and since when: the last of them.
pub(crate) async fn answering(tx: &mut Tx, of: ConversationId) -> Result<Option<(AgentId, UnixMs)>, ReadError> {
    let select = sql(
        "find who is about to answer",
        "SELECT h.agent_id, h.at FROM held_replies AS h \
         WHERE h.conversation_id = $1 AND h.content IS NOT NULL AND h.refused IS NULL ORDER BY h.at DESC LIMIT 1",
    );
    let row: Option<(String, i64)> = tx.link().one(select.bind(of)).await?;
    row.map(|(by, at)| Ok((id("who wrote what is held", &by)?, at))).transpose()
}

pub async fn insert(tx: &mut Tx, held: &Held) -> Result<(), ChangeError> {
    let forget = sql(
        "forget what was taken back long ago",
        "DELETE FROM held_replies WHERE agent_id = $1 AND content IS NULL AND due_at < $2",
    );
    tx.link().run(forget.bind(held.by).bind(held.at - KEPT_MS)).await?;
    let insert = sql(
        "hold an answer",
        "INSERT INTO held_replies (agent_id, client_id, conversation_id, at, due_at, content) \
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(held.by)
    .bind(held.client_id.as_str())
    .bind(held.conversation_id)
    .bind(held.at)
    .bind(held.due_at)
    .bind(held.content.as_ref().map(to_json::<Content>));
    tx.link().run(insert).await?;
    Ok(())
}

/// It did not go out, and why.
pub async fn refuse(tx: &mut Tx, held: &Held, why: &ApiError) -> Result<(), ChangeError> {
    let update = sql(
        "note why an answer did not go out",
        "UPDATE held_replies SET refused = $3 WHERE agent_id = $1 AND client_id = $2",
    );
    tx.link().run(update.bind(held.by).bind(held.client_id.as_str()).bind(to_json(why))).await?;
    Ok(())
}

/// Its words go from here, its key stays. The event that told the team of it is forgotten with the feed.
pub async fn take_back(tx: &mut Tx, held: &Held) -> Result<(), ChangeError> {
    let update = sql(
        "take an answer back",
        "UPDATE held_replies SET content = NULL, refused = NULL WHERE agent_id = $1 AND client_id = $2",
    );
    tx.link().run(update.bind(held.by).bind(held.client_id.as_str())).await?;
    Ok(())
}

/// It has gone out, or never will.
pub async fn remove(tx: &mut Tx, held: &Held) -> Result<(), ChangeError> {
    let delete = sql("end a hold", "DELETE FROM held_replies WHERE agent_id = $1 AND client_id = $2");
    tx.link().run(delete.bind(held.by).bind(held.client_id.as_str())).await?;
    Ok(())
}
