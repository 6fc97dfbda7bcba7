//! The places where customers' messages come in.

use std::collections::HashSet;

use sqlx::FromRow;
use switchboard_domain::Visibility;
use switchboard_protocol::channels::ChannelSettings;
use switchboard_protocol::hours::Hours;
use switchboard_protocol::model::{Channel, Inbox, WebSettings};
use switchboard_protocol::{InboxId, UnixMs};

use crate::agents::touched;
use crate::db::{Link, sql};
use crate::error::{ChangeError, ReadError};
use crate::row::{Where, id, json, to_json, word};
use crate::{Store, Tx};

#[derive(FromRow)]
struct Columns {
    id: String,
    name: String,
    channel: String,
    case_prefix: String,
    web: Option<String>,
    /// Of its channel, if it is set up.
    settings: Option<String>,
    carries: Option<String>,
}

impl Columns {
    fn inbox(self) -> Result<Inbox, ReadError> {
        let settings = self.settings.as_deref();
        let settings = settings.map(|text| json::<ChannelSettings>("a channel's settings", text)).transpose()?;
        Ok(Inbox {
            id: id("an inbox's id", &self.id)?,
            name: self.name,
            channel: word("a channel", &self.channel, Channel::from_word)?,
            case_prefix: self.case_prefix,
            web: self.web.as_deref().map(|text| json::<WebSettings>("web settings", text)).transpose()?,
            carries: self.carries.as_deref().map(|text| json("what a channel carries", text)).transpose()?,
            address: settings.and_then(address),
        })
    }
}

/// From where answers come.
fn address(settings: ChannelSettings) -> Option<String> {
    let address = match settings {
        ChannelSettings::Email(settings) => settings.address,
        ChannelSettings::Sms(settings) => settings.from,
        ChannelSettings::Gateway(settings) => settings.from,
        // Its name is Telegram's to say.
        ChannelSettings::Telegram(_) => return None,
    };
    (!address.is_empty()).then_some(address)
}

async fn select(link: &mut Link<'_>, mut wanted: Where) -> Result<Vec<Inbox>, ReadError> {
    wanted.and("i.removed_at IS NULL");
    let text = format!(
        "SELECT i.id, i.name, i.channel, i.case_prefix, i.web, h.settings, h.carries FROM inboxes AS i \
         LEFT JOIN channels AS h ON h.inbox_id = i.id {} ORDER BY i.name, i.id",
        wanted.text()
    );
    let rows: Vec<Columns> = link.all(sql("read inboxes", text).bind_all(wanted.values())).await?;
    rows.into_iter().map(Columns::inbox).collect()
}

fn visible(visibility: &Visibility, only: Option<InboxId>) -> Where {
    let mut wanted = Where::new();
    if let Some(only) = only {
        wanted.equal("i.id", only);
    }
    wanted.visible("i.id", visibility);
    wanted
}

/// By name.
pub async fn list(store: &Store, visibility: &Visibility) -> Result<Vec<Inbox>, ReadError> {
    select(&mut store.reading().await?.link(), visible(visibility, None)).await
}

pub async fn find(store: &Store, visibility: &Visibility, inbox_id: InboxId) -> Result<Option<Inbox>, ReadError> {
    Ok(select(&mut store.reading().await?.link(), visible(visibility, Some(inbox_id))).await?.pop())
}

/// For visitors: the inbox whose widget has this key.
pub async fn find_by_widget_key(store: &Store, key: &str) -> Result<Option<Inbox>, ReadError> {
    let mut wanted = Where::new();
    wanted.equal("i.widget_key", key);
    Ok(select(&mut store.reading().await?.link(), wanted).await?.pop())
}

pub async fn load(tx: &mut Tx, visibility: &Visibility, inbox_id: InboxId) -> Result<Option<Inbox>, ReadError> {
    Ok(select(&mut tx.link(), visible(visibility, Some(inbox_id))).await?.pop())
}

/// Our own telephone numbers, for the hub itself: by them it knows which country's a number is that somebody has typed.
pub async fn load_own_numbers(tx: &mut Tx) -> Result<Vec<String>, ReadError> {
    let all = select(&mut tx.link(), visible(&Visibility::All, None)).await?;
    let telephone = |inbox: &Inbox| matches!(inbox.channel, Channel::Sms | Channel::Gateway);
    Ok(all.into_iter().filter(telephone).filter_map(|inbox| inbox.address).collect())
}

pub async fn insert(tx: &mut Tx, inbox: &Inbox, created_at: UnixMs) -> Result<(), ChangeError> {
    let insert = sql(
        "make an inbox",
        "INSERT INTO inboxes (id, name, channel, case_prefix, widget_key, web, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(inbox.id)
    .bind(inbox.name.as_str())
    .bind(inbox.channel.as_str())
    .bind(inbox.case_prefix.as_str())
    .bind(inbox.web.as_ref().map(|web| web.widget_key.clone()))
    .bind(inbox.web.as_ref().map(to_json::<WebSettings>))
    .bind(created_at);
    tx.link().run(insert).await?;
    Ok(())
}

/// Name, prefix, web settings. Case numbers that conversations have already got stay.
pub async fn update(tx: &mut Tx, inbox: &Inbox) -> Result<(), ChangeError> {
    let doing = "change an inbox";
    let update = sql(
        doing,
        "UPDATE inboxes SET name = $2, case_prefix = $3, widget_key = $4, web = $5 \
         WHERE id = $1 AND removed_at IS NULL",
    )
    .bind(inbox.id)
    .bind(inbox.name.as_str())
    .bind(inbox.case_prefix.as_str())
    .bind(inbox.web.as_ref().map(|web| web.widget_key.clone()))
    .bind(inbox.web.as_ref().map(to_json::<WebSettings>));
    touched(doing, tx.link().run(update).await?)
}

/// Its business hours; none: they are not set.
pub async fn find_hours(store: &Store, inbox_id: InboxId) -> Result<Option<Hours>, ReadError> {
    hours_of(&mut store.reading().await?.link(), inbox_id).await
}

pub async fn load_hours(tx: &mut Tx, inbox_id: InboxId) -> Result<Option<Hours>, ReadError> {
    hours_of(&mut tx.link(), inbox_id).await
}

async fn hours_of(link: &mut Link<'_>, inbox_id: InboxId) -> Result<Option<Hours>, ReadError> {
    let select = sql("read an inbox's hours", "SELECT hours FROM inboxes WHERE id = $1").bind(inbox_id);
    let row: Option<(Option<String>,)> = link.one(select).await?;
    row.and_then(|(text,)| text).as_deref().map(|text| json("hours", text)).transpose()
}

pub async fn set_hours(tx: &mut Tx, inbox_id: InboxId, hours: Option<&Hours>) -> Result<(), ChangeError> {
    let doing = "write an inbox's hours";
    let update = sql(doing, "UPDATE inboxes SET hours = $2 WHERE id = $1 AND removed_at IS NULL");
    touched(doing, tx.link().run(update.bind(inbox_id).bind(hours.map(to_json::<Hours>))).await?)
}

/// Those that have been taken out of use.
pub(crate) async fn removed(link: &mut Link<'_>) -> Result<HashSet<InboxId>, ReadError> {
    let select = sql("find removed inboxes", "SELECT id FROM inboxes WHERE removed_at IS NOT NULL");
    let rows: Vec<(String,)> = link.all(select).await?;
    rows.into_iter().map(|(inbox,)| id("an inbox's id", &inbox)).collect()
}

/// Takes it out of use with its access and widget key. Its conversations stay, for owners and admins. Whether there was
/// one.
pub async fn remove(tx: &mut Tx, inbox_id: InboxId, at: UnixMs) -> Result<bool, ChangeError> {
    let update = sql(
        "remove an inbox",
        "UPDATE inboxes SET removed_at = $2, widget_key = NULL WHERE id = $1 AND removed_at IS NULL",
    )
    .bind(inbox_id)
    .bind(at);
    if tx.link().run(update).await? == 0 {
        return Ok(false);
    }
    let agents = sql("take access away", "DELETE FROM inbox_agents WHERE inbox_id = $1").bind(inbox_id);
    tx.link().run(agents).await?;
    let teams = sql("take access away", "DELETE FROM inbox_teams WHERE inbox_id = $1").bind(inbox_id);
    tx.link().run(teams).await?;
    Ok(true)
}
