//! To whom the hub has written by itself: what bounds it, over all hubs.

use switchboard_protocol::channels::ChannelSettings;
use switchboard_protocol::{InboxId, UnixMs};

use crate::Tx;
use crate::db::sql;
use crate::error::{ChangeError, ReadError};
use crate::row::json;

/// Most of them forgotten at once.
pub const PRUNE_ROWS: i64 = 10_000;

/// What the hub writes by itself. Each has a bound of its own in an inbox: whoever fills in a form a thousand times keeps nobody
/// who writes a mail from hearing that it is here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// That a message by a form is here.
    Confirmation,
    /// That a mail is.
    Acknowledgement,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Self::Confirmation => "confirmation",
            Self::Acknowledgement => "acknowledgement",
        }
    }
}

/// How often the hub may write by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// To one address once in so long, milliseconds.
    pub each_ms: i64,
    /// From one inbox at most `most` of a kind in so long, milliseconds, which is at most `each_ms`: more is not remembered.
    pub window_ms: i64,
    pub most: i64,
}

/// Whether the hub may write to this reader (an address as [`switchboard_domain::automatic::reader`] has it) now. If so it is
/// noted, and the next one is asked with it in mind.
pub async fn may(
    tx: &mut Tx,
    inbox_id: InboxId,
    kind: Kind,
    address: &str,
    now: UnixMs,
    bounds: Bounds,
) -> Result<bool, ChangeError> {
    let count = sql(
        "count the mails that the hub wrote by itself",
        "SELECT COUNT(*) FROM (SELECT 1 FROM automatic_mails WHERE inbox_id = $1 AND at > $2 AND kind = $3 \
         LIMIT $4) AS lately",
    )
    .bind(inbox_id)
    .bind(now - bounds.window_ms)
    .bind(kind.word())
    .bind(bounds.most);
    let lately: Option<(i64,)> = tx.link().one(count).await?;
    if lately.is_some_and(|(lately,)| lately >= bounds.most) {
        return Ok(false);
    }
    let upsert = sql(
        "note a mail that the hub writes by itself",
        "INSERT INTO automatic_mails (address, inbox_id, at, kind) VALUES ($1, $2, $3, $5) ON CONFLICT (address) \
         DO UPDATE SET at = excluded.at, inbox_id = excluded.inbox_id, kind = excluded.kind \
         WHERE automatic_mails.at <= $4",
    )
    .bind(address)
    .bind(inbox_id)
    .bind(now)
    .bind(now - bounds.each_ms)
    .bind(kind.word());
    Ok(tx.link().run(upsert).await? == 1)
}

/// Forgets those of before this time; how many.
pub async fn prune(tx: &mut Tx, before: UnixMs) -> Result<u64, ChangeError> {
    let delete = sql(
        "forget mails that the hub wrote by itself",
        "DELETE FROM automatic_mails WHERE address IN \
         (SELECT address FROM automatic_mails WHERE at <= $1 ORDER BY at LIMIT $2)",
    )
    .bind(before)
    .bind(PRUNE_ROWS);
    Ok(tx.link().run(delete).await?)
}

/// The addresses of all mailboxes that are in use. One whose settings this version cannot read has none: it is no other mail's
/// fault, and the bounds hold for it as for anybody.
pub async fn mailboxes(tx: &mut Tx) -> Result<Vec<String>, ReadError> {
    let read = sql(
        "read the mailboxes' addresses",
        "SELECT h.settings FROM channels AS h JOIN inboxes AS i ON i.id = h.inbox_id \
         WHERE i.channel = 'email' AND i.removed_at IS NULL",
    );
    let rows: Vec<(String,)> = tx.link().all(read).await?;
    let mut addresses = Vec::with_capacity(rows.len());
    for (settings,) in &rows {
        if let Ok(ChannelSettings::Email(mailbox)) = json("a channel's settings", settings) {
            addresses.push(mailbox.address);
        }
    }
    Ok(addresses)
}
