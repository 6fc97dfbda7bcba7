//! What the buttons of a message say to its bot, as the bot wrote it.

use switchboard_protocol::MessageId;

use crate::Tx;
use crate::db::sql;
use crate::error::{ChangeError, ReadError};

/// None: the message has no buttons any more.
pub async fn set(tx: &mut Tx, message_id: MessageId, markup: Option<&str>) -> Result<(), ChangeError> {
    let write = match markup {
        Some(markup) => sql(
            "keep what buttons say",
            "INSERT INTO bot_markups (message_id, markup) VALUES ($1, $2) \
             ON CONFLICT (message_id) DO UPDATE SET markup = excluded.markup",
        )
        .bind(message_id)
        .bind(markup),
        None => sql("forget what buttons say", "DELETE FROM bot_markups WHERE message_id = $1").bind(message_id),
    };
    tx.link().run(write).await?;
    Ok(())
}

pub async fn load(tx: &mut Tx, message_id: MessageId) -> Result<Option<String>, ReadError> {
    let find = sql("read what buttons say", "SELECT markup FROM bot_markups WHERE message_id = $1").bind(message_id);
    let row: Option<(String,)> = tx.link().one(find).await?;
    Ok(row.map(|(markup,)| markup))
}
