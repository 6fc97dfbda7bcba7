//! Views. One's own are one's own; shared ones are everybody's to see, and take [`Manage`] to change.

use std::collections::BTreeSet;

use switchboard_domain::validate::Fields;
use switchboard_protocol::agent::AgentEvent;
use switchboard_protocol::error::ApiError;
use switchboard_protocol::views::{OrderViews, SaveView, View, ViewQuery};
use switchboard_protocol::{AgentId, UnixMs, ViewId, limits};
use switchboard_store::edge_keys::Scope;
use switchboard_store::views::{self, Kept};
use switchboard_store::{Audience, Emit, Tx};

use super::{for_team, idempotent};
use crate::app::App;
use crate::caller::{Caller, Manage, Mark, May};
use crate::error::CommandError;

/// Longest language tag, characters (RFC 5646, section 4.4.1).
const LANGUAGE_CHARS: usize = 35;

/// Those that the caller sees, each with whether it is theirs to change.
pub async fn list(app: &App, by: &Caller) -> Result<Vec<View>, CommandError> {
    let kept = views::list(&app.store, by.agent_id).await?;
    Ok(kept.into_iter().map(|one| shown(by, one)).collect())
}

/// Keeps a list under a name; the same key keeps it once.
pub async fn create(app: &App, by: &May<Mark>, body: SaveView, key: Option<String>) -> Result<View, CommandError> {
    let request = idempotent::Request::new(Scope::Http(by.agent_id), key, "view", &body);
    let now = app.clock.now();
    let view = checked(ViewId(app.random.ulid(now)), body)?;
    let caller = (**by).clone();
    let written = app.write_as(by, move |tx| {
        Box::pin(async move {
            if let Some(made) = request.answered(tx, now).await? {
                return Ok(made);
            }
            let made = Kept { view, made_by: caller.agent_id };
            may_change(&caller, &made)?;
            there_is_room(tx, &made).await?;
            views::insert(tx, &made).await?;
            tx.emit(told(now, made.view.shared, made.made_by));
            let made = shown(&caller, made);
            request.keep(tx, &made).await?;
            Ok(made)
        })
    });
    Ok(written.await?.value)
}

/// Replaces what the view is.
pub async fn save(app: &App, by: &May<Mark>, id: ViewId, body: SaveView) -> Result<View, CommandError> {
    let view = checked(id, body)?;
    let now = app.clock.now();
    let caller = (**by).clone();
    let written = app.write_as(by, move |tx| {
        Box::pin(async move {
            let before = views::load(tx, caller.agent_id, id).await?.ok_or_else(unknown)?;
            may_change(&caller, &before)?;
            // What is taken from everybody becomes whoever's does it.
            let made_by = if view.shared { before.made_by } else { caller.agent_id };
            let after = Kept { view, made_by };
            may_change(&caller, &after)?;
            if before.view.shared != after.view.shared {
                there_is_room(tx, &after).await?;
            }
            views::update(tx, &after).await?;
            tx.emit(told(now, before.view.shared || after.view.shared, made_by));
            Ok(shown(&caller, after))
        })
    });
    Ok(written.await?.value)
}

pub async fn remove(app: &App, by: &May<Mark>, id: ViewId) -> Result<(), CommandError> {
    let now = app.clock.now();
    let caller = (**by).clone();
    app.write_as(by, move |tx| {
        Box::pin(async move {
            let before = views::load(tx, caller.agent_id, id).await?.ok_or_else(unknown)?;
            may_change(&caller, &before)?;
            views::remove(tx, id).await?;
            tx.emit(told(now, before.view.shared, before.made_by));
            Ok(())
        })
    })
    .await?;
    Ok(())
}

/// Puts them into this order. One that is not the caller's to change is refused, and with it all.
pub async fn order(app: &App, by: &May<Mark>, OrderViews { ids }: OrderViews) -> Result<Vec<View>, CommandError> {
    let named: BTreeSet<_> = ids.iter().copied().collect();
    if named.len() < ids.len() {
        return Err(ApiError::field("ids", "invalid", "Each view stands in one place.").into());
    }
    let now = app.clock.now();
    let caller = (**by).clone();
    let written = app.write_as(by, move |tx| {
        Box::pin(async move {
            let kept = views::load_all(tx, caller.agent_id).await?;
            if named.len() > kept.len() {
                return Err(unknown());
            }
            let rest = kept.iter().map(|one| one.view.id).filter(|id| !named.contains(id));
            let mut shared = false;
            for (rank, id) in ids.iter().copied().chain(rest).enumerate() {
                let one = kept.iter().find(|one| one.view.id == id).ok_or_else(unknown)?;
                if may_change(&caller, one).is_err() {
                    // Those stand among the shared ones, where nothing of this changes.
                    if named.contains(&id) {
                        may_change(&caller, one)?;
                    }
                    continue;
                }
                shared |= one.view.shared;
                views::set_rank(tx, id, rank as i64).await?;
            }
            tx.emit(told(now, shared, caller.agent_id));
            let after = views::load_all(tx, caller.agent_id).await?;
            Ok(after.into_iter().map(|one| shown(&caller, one)).collect())
        })
    });
    Ok(written.await?.value)
}

fn checked(id: ViewId, SaveView { name, query, shared }: SaveView) -> Result<View, ApiError> {
    let mut fields = Fields::new();
    let name = fields.name("name", &name);
    let ViewQuery { assignee, tag, language, .. } = &query;
    if let Some(who) = assignee
        && who != "me"
        && who != "nobody"
        && who.parse::<AgentId>().is_err()
    {
        fields.wrong("query.assignee", "unknown", "This is an agent's id, `me` or `nobody`.");
    }
    if let Some(tag) = tag {
        fields.bounded("query.tag", tag, 1, limits::NAME_CHARS);
    }
    if let Some(language) = language {
        fields.bounded("query.language", language, 1, LANGUAGE_CHARS);
    }
    fields.done()?;
    Ok(View { id, name, query, shared, mine_to_change: false })
}

fn may_change(by: &Caller, one: &Kept) -> Result<(), CommandError> {
    match one.view.shared {
        true => by.may::<Manage>().map(|_| ()),
        false if one.made_by == by.agent_id => Ok(()),
        false => Err(unknown()),
    }
}

async fn there_is_room(tx: &mut Tx, one: &Kept) -> Result<(), CommandError> {
    let most = if one.view.shared { limits::SHARED_VIEWS } else { limits::VIEWS };
    let kept = views::load_all(tx, one.made_by).await?;
    let others = kept.iter().filter(|other| other.view.shared == one.view.shared && other.view.id != one.view.id);
    if others.count() < most {
        return Ok(());
    }
    Err(ApiError::field("name", "too_many", format!("There are {most} views, which is the most. Remove some first."))
        .into())
}

fn unknown() -> CommandError {
    CommandError::not_found("view")
}

fn shown(by: &Caller, one: Kept) -> View {
    let mine_to_change = may_change(by, &one).is_ok();
    View { mine_to_change, ..one.view }
}

/// It says nothing of the view: whoever hears it asks for those that are theirs to see.
pub fn told(at: UnixMs, shared: bool, made_by: AgentId) -> Emit {
    let event = AgentEvent::ViewsChanged {};
    if shared {
        return for_team(at, event);
    }
    Emit { at, audience: Audience::Agent(made_by), conversation_id: None, staff: event, visitor: None }
}
