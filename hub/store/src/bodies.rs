//! What of a message its row does not hold: the whole text of a mail, and the mail as its author meant it.

use sqlx::FromRow;
use switchboard_domain::Visibility;
use switchboard_protocol::MessageId;

use crate::db::sql;
use crate::error::{ChangeError, ReadError};
use crate::row::Where;
use crate::{Store, Tx};

#[derive(Debug, Clone, PartialEq, Eq, Default, FromRow)]
pub struct Body {
    /// With what was quoted, if that is more than the message's text.
    pub whole_text: Option<String>,
    /// Sanitised.
    pub html: Option<String>,
}

pub async fn insert(tx: &mut Tx, message_id: MessageId, body: &Body) -> Result<(), ChangeError> {
    let insert = sql("keep a message's body", "INSERT INTO bodies (message_id, whole_text, html) VALUES ($1, $2, $3)")
        .bind(message_id)
        .bind(body.whole_text.clone())
        .bind(body.html.clone());
    tx.link().run(insert).await?;
    Ok(())
}

/// Of a message in a visible conversation. None: there is none, or the message is deleted or not visible.
pub async fn find(store: &Store, visibility: &Visibility, message_id: MessageId) -> Result<Option<Body>, ReadError> {
    let mut wanted = Where::new();
    wanted.equal("b.message_id", message_id);
    wanted.and("m.deleted_at IS NULL");
    wanted.visible("c.inbox_id", visibility);
    let text = format!(
        "SELECT b.whole_text, b.html FROM bodies AS b JOIN messages AS m ON m.id = b.message_id \
         JOIN conversations AS c ON c.id = m.conversation_id {}",
        wanted.text()
    );
    store
        .reading()
        .await?
        .link()
        .one(sql("read a message's body", text).bind_all(wanted.values()))
        .await
        .map_err(Into::into)
}

/// Of a message whose text goes.
pub(crate) async fn remove(tx: &mut Tx, message_id: MessageId) -> Result<(), ChangeError> {
    let delete = sql("remove a message's body", "DELETE FROM bodies WHERE message_id = $1").bind(message_id);
    tx.link().run(delete).await?;
    Ok(())
}

/// For the channel that sends it.
pub async fn load(tx: &mut Tx, message_id: MessageId) -> Result<Option<Body>, ReadError> {
    let find =
        sql("load a message's body", "SELECT whole_text, html FROM bodies WHERE message_id = $1").bind(message_id);
    Ok(tx.link().one(find).await?)
}
