//! How the channels of inboxes are set up and how they do. It is for the hub itself and for admins, who see all, but for the
//! [`healths`] of an inbox: those who work in it see them.

use serde::{Deserialize, Serialize};
use sqlx::FromRow;
use switchboard_domain::Visibility;
use switchboard_protocol::agent::AgentEvent;
use switchboard_protocol::channels::{
    ChannelCapabilities, ChannelHealth, ChannelSettings, ChannelState, HeldMessage, HeldMessages, InboxHealth,
};
use switchboard_protocol::model::{Channel, Delivery};
use switchboard_protocol::{InboxId, UnixMs};

use crate::contacts::in_order;
use crate::conversations::{contact_brief, first, whose};
use crate::db::{Link, sql};
use crate::error::{ChangeError, ReadError};
use crate::row::{Where, id, json, to_json, word};
use crate::{Audience, Emit, Store, Tx, outbox};

/// A channel as it is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Setup {
    pub inbox_id: InboxId,
    pub channel: Channel,
    /// The inbox's, before a conversation's number.
    pub case_prefix: String,
    pub inbox_name: String,
    pub settings: ChannelSettings,
    /// Sealed; opaque here.
    pub sealed: Option<String>,
    pub secret_names: Vec<String>,
    pub webhook_key: String,
    pub version: i64,
}

#[derive(FromRow)]
struct Columns {
    inbox_id: String,
    channel: String,
    case_prefix: String,
    inbox_name: String,
    settings: String,
    sealed: Option<String>,
    secret_names: String,
    webhook_key: String,
    version: i64,
}

impl Columns {
    fn setup(self) -> Result<Setup, ReadError> {
        let inbox_id = id("a channel's inbox", &self.inbox_id)?;
        let settings = json("a channel's settings", &self.settings).map_err(|error| error.in_row(inbox_id))?;
        Ok(Setup {
            inbox_id,
            channel: word("a channel", &self.channel, Channel::from_word)?,
            case_prefix: self.case_prefix,
            inbox_name: self.inbox_name,
            settings,
            sealed: self.sealed,
            secret_names: json("names of secrets", &self.secret_names)?,
            webhook_key: self.webhook_key,
            version: self.version,
        })
    }
}

async fn select(link: &mut Link<'_>, mut wanted: Where) -> Result<Vec<Setup>, ReadError> {
    wanted.and("i.removed_at IS NULL");
    let text = format!(
        "SELECT h.inbox_id, i.channel, i.case_prefix, i.name AS inbox_name, h.settings, h.sealed, h.secret_names, \
         h.webhook_key, h.version FROM channels AS h JOIN inboxes AS i ON i.id = h.inbox_id {} ORDER BY h.inbox_id",
        wanted.text()
    );
    let rows: Vec<Columns> = link.all(sql("read channels", text).bind_all(wanted.values())).await?;
    rows.into_iter().map(Columns::setup).collect()
}

/// Those of all inboxes that are in use, but for the demo's.
pub async fn list(store: &Store) -> Result<Vec<Setup>, ReadError> {
    let mut wanted = Where::new();
    wanted.and(format!("h.state <> '{}'", ChannelState::Unconnected.as_str()));
    select(&mut store.reading().await?.link(), wanted).await
}

pub async fn find(store: &Store, inbox_id: InboxId) -> Result<Option<Setup>, ReadError> {
    let mut wanted = Where::new();
    wanted.equal("h.inbox_id", inbox_id);
    Ok(select(&mut store.reading().await?.link(), wanted).await?.pop())
}

/// The channel whose provider calls at this address.
pub async fn find_by_webhook_key(store: &Store, key: &str) -> Result<Option<Setup>, ReadError> {
    let mut wanted = Where::new();
    wanted.equal("h.webhook_key", key);
    Ok(select(&mut store.reading().await?.link(), wanted).await?.pop())
}

pub async fn load(tx: &mut Tx, inbox_id: InboxId) -> Result<Option<Setup>, ReadError> {
    let mut wanted = Where::new();
    wanted.equal("h.inbox_id", inbox_id);
    Ok(select(&mut tx.link(), wanted).await?.pop())
}

/// What is to be kept of a channel; the rest of a [`Setup`] is the inbox's or counted here.
#[derive(Debug, Clone)]
pub struct Save {
    pub inbox_id: InboxId,
    pub settings: ChannelSettings,
    pub sealed: Option<String>,
    pub secret_names: Vec<String>,
    /// Of a channel that is new; one that is there keeps its own.
    pub webhook_key: String,
    /// None: nobody could be asked yet.
    pub carries: Option<ChannelCapabilities>,
}

/// Sets up or changes; it is as if it had not been tried yet.
/// What waits to go out need not wait any longer.
pub async fn save(tx: &mut Tx, save: &Save, now: UnixMs) -> Result<(), ChangeError> {
    let upsert = sql(
        "keep how a channel is set up",
        "INSERT INTO channels (inbox_id, settings, sealed, secret_names, webhook_key, carries, version, state) \
         VALUES ($1, $2, $3, $4, $5, $6, 1, 'starting') ON CONFLICT (inbox_id) DO UPDATE SET settings = excluded.settings, \
         sealed = excluded.sealed, secret_names = excluded.secret_names, carries = excluded.carries, \
         version = channels.version + 1, state = 'starting', trouble = NULL, since = NULL",
    )
    .bind(save.inbox_id)
    .bind(to_json(&save.settings))
    .bind(save.sealed.clone())
    .bind(to_json(&save.secret_names))
    .bind(save.webhook_key.as_str())
    .bind(save.carries.as_ref().map(to_json));
    tx.link().run(upsert).await?;
    tell(tx, save.inbox_id, now).await?;
    outbox::hurry(tx, save.inbox_id, now).await
}

/// Notes what its connector says that it carries; whether that is news. Of a version that has been replaced nothing is noted.
pub async fn note_carries(
    tx: &mut Tx,
    inbox_id: InboxId,
    version: i64,
    carries: &ChannelCapabilities,
) -> Result<bool, ChangeError> {
    let update = sql(
        "note what a channel carries",
        "UPDATE channels SET carries = $3 WHERE inbox_id = $1 AND version = $2 AND COALESCE(carries, '') <> $3",
    )
    .bind(inbox_id)
    .bind(version)
    .bind(to_json(carries));
    Ok(tx.link().run(update).await? > 0)
}

/// Where the channel goes on fetching.
pub async fn cursor(store: &Store, inbox_id: InboxId, name: &str) -> Result<Option<String>, ReadError> {
    let find = sql("find a channel's place", "SELECT place FROM channel_cursors WHERE inbox_id = $1 AND name = $2")
        .bind(inbox_id)
        .bind(name);
    let row: Option<(String,)> = store.reading().await?.link().one(find).await?;
    Ok(row.map(|(place,)| place))
}

pub async fn keep_cursor(tx: &mut Tx, inbox_id: InboxId, name: &str, place: &str) -> Result<(), ChangeError> {
    let upsert = sql(
        "keep a channel's place",
        "INSERT INTO channel_cursors (inbox_id, name, place) VALUES ($1, $2, $3) \
         ON CONFLICT (inbox_id, name) DO UPDATE SET place = excluded.place",
    )
    .bind(inbox_id)
    .bind(name)
    .bind(place);
    tx.link().run(upsert).await?;
    Ok(())
}

#[derive(FromRow)]
struct HealthColumns {
    state: String,
    trouble: Option<String>,
    since: Option<i64>,
    last_received_at: Option<i64>,
    last_sent_at: Option<i64>,
    waiting: i64,
    failed: i64,
}

/// How it does; none: it is not set up.
pub async fn health(store: &Store, inbox_id: InboxId) -> Result<Option<ChannelHealth>, ReadError> {
    let find = sql(
        "read how a channel does",
        "SELECT h.state, h.trouble, h.since, h.last_received_at, h.last_sent_at, \
         (SELECT COUNT(*) FROM outbox AS o WHERE o.inbox_id = h.inbox_id AND o.state NOT IN ('failed', 'uncertain')) AS waiting, \
         (SELECT COUNT(*) FROM outbox AS o WHERE o.inbox_id = h.inbox_id AND o.state IN ('failed', 'uncertain')) AS failed \
         FROM channels AS h WHERE h.inbox_id = $1",
    )
    .bind(inbox_id);
    let row: Option<HealthColumns> = store.reading().await?.link().one(find).await?;
    row.map(|row| {
        Ok(ChannelHealth {
            state: word("a channel's state", &row.state, ChannelState::from_word)?,
            trouble: row.trouble,
            since: row.since,
            last_received_at: row.last_received_at,
            last_sent_at: row.last_sent_at,
            waiting: u32::try_from(row.waiting).unwrap_or(u32::MAX),
            failed: u32::try_from(row.failed).unwrap_or(u32::MAX),
        })
    })
    .transpose()
}

#[derive(FromRow)]
struct BriefColumns {
    inbox_id: String,
    state: String,
    since: Option<i64>,
    last_received_at: Option<i64>,
    last_sent_at: Option<i64>,
}

/// How the channels of visible inboxes do, for those who work in them.
pub async fn healths(store: &Store, visibility: &Visibility) -> Result<Vec<InboxHealth>, ReadError> {
    let mut wanted = Where::new();
    wanted.visible("h.inbox_id", visibility);
    brief(&mut store.reading().await?.link(), wanted).await
}

async fn brief(link: &mut Link<'_>, mut wanted: Where) -> Result<Vec<InboxHealth>, ReadError> {
    wanted.and("i.removed_at IS NULL");
    let text = format!(
        "SELECT h.inbox_id, h.state, h.since, h.last_received_at, h.last_sent_at FROM channels AS h \
         JOIN inboxes AS i ON i.id = h.inbox_id {} ORDER BY h.inbox_id",
        wanted.text()
    );
    let rows: Vec<BriefColumns> = link.all(sql("read how channels do", text).bind_all(wanted.values())).await?;
    rows.into_iter()
        .map(|row| {
            Ok(InboxHealth {
                inbox_id: id("a channel's inbox", &row.inbox_id)?,
                state: word("a channel's state", &row.state, ChannelState::from_word)?,
                since: row.since,
                last_received_at: row.last_received_at,
                last_sent_at: row.last_sent_at,
            })
        })
        .collect()
}

/// Tells those who work in the inbox how its channel does now.
async fn tell(tx: &mut Tx, inbox_id: InboxId, at: UnixMs) -> Result<(), ChangeError> {
    let mut wanted = Where::new();
    wanted.equal("h.inbox_id", inbox_id);
    for health in brief(&mut tx.link(), wanted).await? {
        tx.emit(Emit {
            at,
            audience: Audience::Inbox(inbox_id),
            conversation_id: None,
            staff: AgentEvent::InboxHealthChanged { health },
            visitor: None,
        });
    }
    Ok(())
}

/// Notes what its last try came to; whether that is news. Of a version that has been replaced nothing is noted. What does not
/// work has not since it stopped, however often it says something else of it.
pub async fn note_state(
    tx: &mut Tx,
    inbox_id: InboxId,
    version: i64,
    state: ChannelState,
    trouble: Option<&str>,
    at: UnixMs,
) -> Result<bool, ChangeError> {
    let find = sql("find how a channel did", "SELECT state, since FROM channels WHERE inbox_id = $1").bind(inbox_id);
    let before: Option<(String, Option<i64>)> = tx.link().one(find).await?;
    let works_not = |state: &str| matches!(state, "away" | "broken");
    let since =
        before.as_ref().and_then(|(before, since)| since.filter(|_| works_not(before) && works_not(state.as_str())));
    let update = sql(
        "note how a channel does",
        "UPDATE channels SET state = $3, trouble = $4, since = $5 WHERE inbox_id = $1 AND version = $2 \
         AND (state <> $3 OR COALESCE(trouble, '') <> COALESCE($4, ''))",
    )
    .bind(inbox_id)
    .bind(version)
    .bind(state.as_str())
    .bind(trouble.map(str::to_owned))
    .bind(since.unwrap_or(at));
    let noted = tx.link().run(update).await? > 0;
    if noted && before.is_some_and(|(before, _)| before != state.as_str()) {
        tell(tx, inbox_id, at).await?;
    }
    Ok(noted)
}

#[derive(FromRow)]
struct HeldColumns {
    message_id: String,
    conversation_id: String,
    number: i64,
    case_number: String,
    contact_id: String,
    contact_name: Option<String>,
    contact_address: Option<String>,
    delivery: String,
    note: Option<String>,
    at: i64,
}

impl HeldColumns {
    fn held(self) -> Result<HeldMessage, ReadError> {
        Ok(HeldMessage {
            message_id: id("a message's id", &self.message_id)?,
            conversation_id: id("a message's conversation", &self.conversation_id)?,
            number: self.number,
            case_number: self.case_number,
            contact: contact_brief(&self.contact_id, self.contact_name, self.contact_address)?,
            delivery: word("a delivery", &self.delivery, Delivery::from_word)?,
            note: self.note,
            at: self.at,
        })
    }
}

/// The messages of a channel that have not gone out: what somebody has to decide about first.
pub async fn held(store: &Store, inbox_id: InboxId, most: usize) -> Result<HeldMessages, ReadError> {
    let find = sql(
        "read what a channel holds back",
        concat!(
            "SELECT m.id AS message_id, m.conversation_id, m.number, c.case_number, \
         COALESCE(k.person_id, k.id) AS contact_id, ",
            whose!("e.inbox_id = c.inbox_id"),
            ", \
         COALESCE(m.delivery, 'queued') AS delivery, COALESCE(m.delivery_note, o.note) AS note, m.at \
         FROM outbox AS o JOIN messages AS m ON m.id = o.message_id JOIN conversations AS c ON c.id = m.conversation_id \
         JOIN contacts AS k ON k.id = c.contact_id WHERE o.inbox_id = $1 \
         ORDER BY CASE WHEN o.state IN ('failed', 'uncertain') THEN 0 ELSE 1 END, o.created_at, o.message_id LIMIT $2"
        ),
    )
    .bind(inbox_id)
    .bind(most as i64 + 1);
    let mut rows: Vec<HeldColumns> = store.reading().await?.link().all(find).await?;
    let more = rows.len() > most;
    rows.truncate(most);
    Ok(HeldMessages { messages: rows.into_iter().map(HeldColumns::held).collect::<Result<_, _>>()?, more })
}

/// Notes that something came in.
pub async fn note_received(tx: &mut Tx, inbox_id: InboxId, at: UnixMs) -> Result<(), ChangeError> {
    let update = sql("note that something came in", "UPDATE channels SET last_received_at = $2 WHERE inbox_id = $1");
    tx.link().run(update.bind(inbox_id).bind(at)).await?;
    Ok(())
}

pub(crate) async fn note_sent(tx: &mut Tx, inbox_id: InboxId, at: UnixMs) -> Result<(), ChangeError> {
    let update = sql("note that something went out", "UPDATE channels SET last_sent_at = $2 WHERE inbox_id = $1");
    tx.link().run(update.bind(inbox_id).bind(at)).await?;
    Ok(())
}
