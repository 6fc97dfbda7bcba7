//! What is to be done at a time: a row for each, so that a time outlives the hub that set it.
//!
//! Whoever acts takes the row in the transaction in which it acts ([`take`]): of any number of hubs that find it one does
//! it, and what breaks off is still to be done. What it means is the hub's to say.
//!
//! The timers of snoozed conversations ([`TimerKind::Wake`]) are set and cleared by triggers on `conversations`: so many ways
//! lead into and out of a snooze (a change, an answer, a merge and its taking back) that one would be forgotten.

use sqlx::FromRow;
use switchboard_protocol::UnixMs;

use crate::db::sql;
use crate::error::{ChangeError, ReadError};
use crate::row::word;
use crate::{Store, Tx};

/// What is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TimerKind {
    /// A snoozed conversation comes back; its subject is the conversation.
    Wake,
    /// An answer that is held goes out; its subject is [`crate::held::Held::subject`].
    HeldSend,
}

impl TimerKind {
    pub const ALL: [Self; 2] = [Self::Wake, Self::HeldSend];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Wake => "wake",
            Self::HeldSend => "held_send",
        }
    }

    fn from_word(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timer {
    pub kind: TimerKind,
    /// What it is for: the id of something that its kind knows.
    pub subject: String,
    pub due_at: UnixMs,
}

/// One kind has one time for a subject: setting it again moves it.
pub async fn set(tx: &mut Tx, kind: TimerKind, subject: &str, due_at: UnixMs) -> Result<(), ChangeError> {
    let set = sql(
        "set a timer",
        "INSERT INTO timers (kind, subject, due_at) VALUES ($1, $2, $3) \
         ON CONFLICT (kind, subject) DO UPDATE SET due_at = excluded.due_at",
    );
    tx.link().run(set.bind(kind.as_str()).bind(subject).bind(due_at)).await?;
    Ok(())
}

pub async fn clear(tx: &mut Tx, kind: TimerKind, subject: &str) -> Result<(), ChangeError> {
    let clear = sql("clear a timer", "DELETE FROM timers WHERE kind = $1 AND subject = $2");
    tx.link().run(clear.bind(kind.as_str()).bind(subject)).await?;
    Ok(())
}

/// Takes it, as it was found, to do in this transaction what it is for. False: it was done, moved or cleared meanwhile.
pub async fn take(tx: &mut Tx, timer: &Timer) -> Result<bool, ChangeError> {
    let take = sql("take a timer", "DELETE FROM timers WHERE kind = $1 AND subject = $2 AND due_at = $3");
    let take = take.bind(timer.kind.as_str()).bind(timer.subject.as_str()).bind(timer.due_at);
    Ok(tx.link().run(take).await? > 0)
}

/// Those due until then, the longest due first. A kind that this hub does not know, as a newer one beside it may set, is the
/// other's to do.
pub async fn due(store: &Store, until: UnixMs, most: usize) -> Result<Vec<Timer>, ReadError> {
    #[derive(FromRow)]
    struct Columns {
        kind: String,
        subject: String,
        due_at: i64,
    }
    let kinds = TimerKind::ALL.map(|kind| format!("'{}'", kind.as_str())).join(", ");
    let select = sql(
        "find what is due",
        format!(
            "SELECT kind, subject, due_at FROM timers WHERE due_at <= $1 AND kind IN ({kinds}) \
             ORDER BY due_at, subject LIMIT $2"
        ),
    );
    let rows: Vec<Columns> = store.reading().await?.link().all(select.bind(until).bind(most as i64)).await?;
    let timer = |row: Columns| {
        let kind = word("a timer's kind", &row.kind, TimerKind::from_word)?;
        Ok(Timer { kind, subject: row.subject, due_at: row.due_at })
    };
    rows.into_iter().map(timer).collect()
}
