//! Files on their way into messages: each goes into one message, and only its uploader can put it there.

use std::collections::HashMap;

use serde::Serialize;
use sqlx::FromRow;
use switchboard_protocol::AttachmentId;
use switchboard_protocol::model::{Attachment, Message};

use crate::attachments::{Columns, Uploader};
use crate::db::sql;
use crate::error::{ChangeError, ReadError};
use crate::row::{set, to_json};
use crate::writer::Tx;

/// Uploads that no message has yet.
pub(crate) struct Files {
    free: HashMap<AttachmentId, (Attachment, String)>,
    given: Vec<Given>,
}

#[derive(Serialize)]
struct Given {
    id: String,
    message_id: String,
    conversation_id: String,
}

#[derive(FromRow)]
struct Free {
    #[sqlx(flatten)]
    columns: Columns,
    uploader: String,
}

impl Files {
    pub async fn load(tx: &mut Tx, ids: &[AttachmentId]) -> Result<Self, ReadError> {
        let mut free = HashMap::new();
        if !ids.is_empty() {
            let select = sql(
                "find uploads",
                "SELECT id, name, media_type, bytes, picture, uploader FROM attachments \
                 WHERE message_id IS NULL AND id IN (SELECT v.value->>'id' FROM jsonb_each($1) AS v)",
            )
            .bind(set(ids));
            for row in tx.link().all::<Free>(select).await? {
                let attachment = row.columns.attachment()?;
                free.insert(attachment.id, (attachment, row.uploader));
            }
        }
        Ok(Self { free, given: Vec::new() })
    }

    /// These files for one message; none if one of them is not this uploader's to give. Takes all or nothing.
    pub fn take(&mut self, uploader: Uploader, ids: &[AttachmentId]) -> Option<Vec<Attachment>> {
        let mut taken: Vec<Attachment> = Vec::with_capacity(ids.len());
        for id in ids {
            let (attachment, by) = self.free.get(id)?;
            if *by != uploader.to_string() || taken.iter().any(|other| other.id == *id) {
                return None;
            }
            taken.push(attachment.clone());
        }
        Some(taken)
    }

    /// The message is decided: its files are free no more.
    pub fn settle(&mut self, message: &Message) {
        for attachment in &message.attachments {
            self.free.remove(&attachment.id);
            self.given.push(Given {
                id: attachment.id.to_string(),
                message_id: message.id.to_string(),
                conversation_id: message.conversation_id.to_string(),
            });
        }
    }

    /// Writes to which messages they have gone.
    pub async fn give(self, tx: &mut Tx) -> Result<(), ChangeError> {
        if self.given.is_empty() {
            return Ok(());
        }
        let update = sql(
            "put files into messages",
            "UPDATE attachments SET message_id = g.value->>'message_id', \
             conversation_id = g.value->>'conversation_id' \
             FROM jsonb_each($1) AS g WHERE attachments.id = g.value->>'id'",
        )
        .bind(to_json(&self.given));
        tx.link().run(update).await?;
        Ok(())
    }
}
