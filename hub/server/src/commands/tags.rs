//! The tags of all conversations: a tag gets a colour, another name, the place of another, or goes. Conversations are changed
//! without a line in their threads: nothing was said of them.

use switchboard_domain::Visibility;
use switchboard_domain::change::Changed;
use switchboard_domain::validate::Fields;
use switchboard_protocol::agent::AgentEvent;
use switchboard_protocol::error::ApiError;
use switchboard_protocol::model::ConversationPatch;
use switchboard_protocol::tags::{RenameTag, SaveTag, TagChanged, TagRow};
use switchboard_protocol::{MessageId, UnixMs, limits};
use switchboard_store::{Tx, conversations, tags, views};

use super::{for_team, views as lists};
use crate::app::App;
use crate::caller::{Manage, May};
use crate::error::CommandError;
use crate::ids::Random;

/// Conversations that one transaction changes: the writer has others to serve.
const AT_ONCE: usize = 200;

/// Gives it a colour, or none.
pub async fn save(app: &App, by: &May<Manage>, body: SaveTag) -> Result<TagRow, CommandError> {
    let name = checked("name", &body.name)?;
    let now = app.clock.now();
    let kept = name.clone();
    app.write_as(by, move |tx| {
        Box::pin(async move {
            if tags::others(tx, &kept).await? >= limits::TAG_ROWS as i64 {
                let sentence = format!("At most {} tags.", limits::TAG_ROWS);
                return Err(ApiError::field("name", "too_many", sentence).into());
            }
            tags::set(tx, &kept, body.colour, now).await?;
            tx.emit(for_team(now, AgentEvent::TagsChanged {}));
            Ok(())
        })
    })
    .await?;
    let all = tags::list(&app.store, &by.visibility).await?;
    Ok(all.into_iter().find(|one| one.name == name).unwrap_or(TagRow { name, colour: body.colour, conversations: 0 }))
}

/// Puts `to` in the place of `from`, on some conversations at a time.
pub async fn rename(app: &App, by: &May<Manage>, body: RenameTag) -> Result<TagChanged, CommandError> {
    let to = checked("to", &body.to)?;
    if to == body.from {
        return Ok(TagChanged { conversations: 0, more: false });
    }
    replace(app, by, body.from, Some(to)).await
}

/// Takes it from some conversations at a time.
pub async fn remove(app: &App, by: &May<Manage>, name: String) -> Result<TagChanged, CommandError> {
    replace(app, by, name, None).await
}

async fn replace(app: &App, by: &May<Manage>, from: String, to: Option<String>) -> Result<TagChanged, CommandError> {
    let (now, random, author) = (app.clock.now(), app.random.clone(), by.author());
    let written = app.write_as(by, move |tx| {
        Box::pin(async move {
            let ids = tags::having(tx, &from, AT_ONCE).await?;
            // Also those that nobody sees: a name is one, wherever it stands.
            let threads = conversations::load_many(tx, &Visibility::All, &ids).await?;
            let changes = threads.into_iter().map(|thread| {
                let tags = after(&thread.conversation.tags, &from, to.as_deref());
                let patch = ConversationPatch { tags: Some(tags), ..ConversationPatch::default() };
                (thread, Changed { patch, lines: Vec::new() })
            });
            let made = change_all(tx, changes.collect(), author, now, &random).await?;
            let more = ids.len() == AT_ONCE;
            if !more {
                match &to {
                    Some(to) => {
                        tags::hand_over(tx, &from, to, now).await?;
                        follow(tx, &from, to, now).await?;
                    }
                    None => tags::remove(tx, &from).await?,
                }
                tx.emit(for_team(now, AgentEvent::TagsChanged {}));
            }
            Ok(TagChanged { conversations: u32::try_from(made).unwrap_or(u32::MAX), more })
        })
    });
    Ok(written.await?.value)
}

/// Lists of that tag are lists of what stands in its place.
async fn follow(tx: &mut Tx, from: &str, to: &str, at: UnixMs) -> Result<(), CommandError> {
    for mut kept in views::load_with_tag(tx, from).await? {
        kept.view.query.tag = Some(to.to_owned());
        views::update(tx, &kept).await?;
        tx.emit(lists::told(at, kept.view.shared, kept.made_by));
    }
    Ok(())
}

async fn change_all(
    tx: &mut Tx,
    changes: Vec<(switchboard_domain::thread::Thread, Changed)>,
    by: switchboard_protocol::model::Author,
    now: UnixMs,
    random: &Random,
) -> Result<usize, CommandError> {
    let mut line_id = || MessageId(random.ulid(now));
    Ok(conversations::change_all(tx, changes, by, now, &mut line_id).await?.len())
}

/// In the same place; one that it has already it has once.
fn after(had: &[String], from: &str, to: Option<&str>) -> Vec<String> {
    let mut tags: Vec<String> = Vec::with_capacity(had.len());
    for tag in had {
        let tag = if tag == from { to } else { Some(tag.as_str()) };
        if let Some(tag) = tag.filter(|tag| !tags.iter().any(|one| one == tag)) {
            tags.push(tag.to_owned());
        }
    }
    tags
}

fn checked(field: &str, name: &str) -> Result<String, ApiError> {
    let mut fields = Fields::new();
    let name = fields.name(field, name);
    fields.done()?;
    Ok(name)
}
