//! What waits for a connector: a row for each message that goes out on another channel than web chat, written in the
//! transaction of the message. Connectors, which take from it, are not here yet.

use switchboard_protocol::MessageId;
use switchboard_protocol::model::Channel;

use crate::Store;
use crate::db::sql;
use crate::error::ReadError;
use crate::row::id;

/// Most rows read at once.
pub const PAGE_ROWS: usize = 100;

/// What waits longest for this channel's connector, at most `limit` and [`PAGE_ROWS`].
pub async fn waiting(store: &Store, channel: Channel, limit: usize) -> Result<Vec<MessageId>, ReadError> {
    let select =
        sql("read the outbox", "SELECT message_id FROM outbox WHERE channel = $1 ORDER BY due_at, message_id LIMIT $2")
            .bind(channel.as_str())
            .bind(limit.clamp(1, PAGE_ROWS) as i64);
    let rows: Vec<(String,)> = store.reading().await?.link().all(select).await?;
    rows.iter().map(|(message,)| id("a message's id", message)).collect()
}
