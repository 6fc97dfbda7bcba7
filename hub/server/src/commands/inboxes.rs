//! Inboxes, their widgets, and who may see them.

use std::collections::BTreeSet;

use switchboard_domain::validate::Fields;
use switchboard_domain::{Visibility, before_chat};
use switchboard_protocol::agent::AgentEvent;
use switchboard_protocol::error::ApiError;
use switchboard_protocol::model::{Channel, Inbox, WebSettings};
use switchboard_protocol::rest::{Access, ChangeInbox, CreateInbox, SaveWebSettings};
use switchboard_protocol::{AgentId, InboxId, UnixMs};
use switchboard_store::edge_keys::Scope;
use switchboard_store::{Audience, Emit, Tx, access, inboxes, outbox, teams};

use super::{idempotent, teams::members_exist};
use crate::app::App;
use crate::caller::{Manage, May};
use crate::config::origin_of;
use crate::error::CommandError;
use crate::ids::Random;
use crate::limits;
use crate::secret;

/// Longest case prefix, characters.
const PREFIX_CHARS: usize = 10;
/// Longest greeting, characters.
const GREETING_CHARS: usize = 300;
const DEFAULT_ACCENT: &str = "#2458d3";

/// Makes an inbox; the same key makes it once. Only owners and admins see it until access is given.
pub async fn create(
    app: &App,
    by: &May<Manage>,
    body: CreateInbox,
    key: Option<String>,
) -> Result<Inbox, CommandError> {
    let request = idempotent::Request::new(Scope::Http(by.agent_id), key, "inbox", &body);
    let now = app.clock.now();
    let mut fields = Fields::new();
    let name = fields.name("name", &body.name);
    let case_prefix = case_prefix(&mut fields, body.case_prefix.as_deref().unwrap_or_default());
    if body.channel == Channel::Api {
        fields.wrong("channel", "unknown", "There are no inboxes of this kind yet.");
    }
    let web = web_settings(&mut fields, fresh_web(&app.random), body.web.unwrap_or_default());
    fields.done()?;
    let id = InboxId(app.random.ulid(now));
    let web = (body.channel == Channel::Web).then_some(web);
    let inbox = Inbox { id, name, channel: body.channel, case_prefix, web, carries: None, address: None };
    let written = app.write_as(by, move |tx| {
        Box::pin(async move {
            if let Some(made) = request.answered(tx, now).await? {
                return Ok(made);
            }
            inboxes::insert(tx, &inbox, now).await?;
            tx.emit(changed(&inbox, now));
            request.keep(tx, &inbox).await?;
            Ok(inbox)
        })
    });
    Ok(written.await?.value)
}

/// Changes name, prefix or the widget's settings.
pub async fn change(app: &App, by: &May<Manage>, id: InboxId, body: ChangeInbox) -> Result<Inbox, CommandError> {
    let mut fields = Fields::new();
    let name = body.name.as_deref().map(|name| fields.name("name", name));
    let prefix = body.case_prefix.as_deref().map(|prefix| case_prefix(&mut fields, prefix));
    if let Some(web) = &body.web {
        // Only to hear what is wrong with it: what it is merged with stands in the store.
        let any = unset_web(String::new());
        web_settings(&mut fields, any, web.clone());
    }
    fields.done()?;
    let now = app.clock.now();
    let written = app.write_as(by, move |tx| {
        Box::pin(async move {
            let before = load(tx, id).await?;
            let web = match (before.web.clone(), body.web) {
                (Some(web), Some(save)) => Some(web_settings(&mut Fields::new(), web, save)),
                (web, _) => web,
            };
            let after = Inbox {
                name: name.unwrap_or_else(|| before.name.clone()),
                case_prefix: prefix.unwrap_or_else(|| before.case_prefix.clone()),
                web,
                ..before.clone()
            };
            if after != before {
                inboxes::update(tx, &after).await?;
                tx.emit(changed(&after, now));
            }
            Ok(after)
        })
    });
    let inbox = written.await?.value;
    // Its mails go out under its name.
    app.channels.look_again();
    Ok(inbox)
}

/// Takes an inbox out of use: its widget falls silent, its conversations stay for owners and admins.
pub async fn remove(app: &App, by: &May<Manage>, id: InboxId) -> Result<(), CommandError> {
    let now = app.clock.now();
    app.write_as(by, move |tx| {
        Box::pin(async move {
            load(tx, id).await?;
            let saw = access::agents_who_see(tx, id).await?;
            tx.emit(Emit {
                at: now,
                audience: Audience::Inbox(id),
                conversation_id: None,
                staff: AgentEvent::InboxRemoved { inbox_id: id },
                visitor: None,
            });
            inboxes::remove(tx, id, now).await?;
            // The upkeep goes on with what is more than one operation takes.
            outbox::fail_removed(tx, now).await?;
            access::changed(tx, &saw, now).await?;
            Ok(())
        })
    })
    .await?;
    Ok(())
}

/// Says who may see an inbox. Those who gained or lost it hear of it at once.
pub async fn set_access(app: &App, by: &May<Manage>, id: InboxId, body: Access) -> Result<Access, CommandError> {
    let agents: Vec<AgentId> = body.agents.into_iter().collect::<BTreeSet<_>>().into_iter().collect();
    let teams: Vec<_> = body.teams.into_iter().collect::<BTreeSet<_>>().into_iter().collect();
    if agents.len() + teams.len() > limits::MEMBERS {
        let sentence = format!("An inbox may be given to at most {} people and teams.", limits::MEMBERS);
        return Err(ApiError::field("agents", "too_many", sentence).into());
    }
    let access = Access { agents, teams };
    let now = app.clock.now();
    let written = app.write_as(by, move |tx| {
        Box::pin(async move {
            load(tx, id).await?;
            members_exist(tx, &access.agents).await?;
            for team in &access.teams {
                let unknown = || ApiError::field("teams", "unknown", "One of these teams is not there any more.");
                teams::load(tx, *team).await?.ok_or_else(unknown)?;
            }
            let before: BTreeSet<_> = access::agents_who_see(tx, id).await?.into_iter().collect();
            access::set(tx, id, &access).await?;
            let after: BTreeSet<_> = access::agents_who_see(tx, id).await?.into_iter().collect();
            let moved: Vec<AgentId> = before.symmetric_difference(&after).copied().collect();
            access::changed(tx, &moved, now).await?;
            Ok(access)
        })
    });
    Ok(written.await?.value)
}

/// Tells those who see it how an inbox is now. One that was taken out of use is told of no more.
pub(super) async fn tell(tx: &mut Tx, id: InboxId, now: UnixMs) -> Result<(), CommandError> {
    if let Some(inbox) = inboxes::load(tx, &Visibility::All, id).await? {
        tx.emit(changed(&inbox, now));
    }
    Ok(())
}

async fn load(tx: &mut Tx, id: InboxId) -> Result<Inbox, CommandError> {
    inboxes::load(tx, &Visibility::Team, id).await?.ok_or_else(|| CommandError::not_found("inbox"))
}

fn changed(inbox: &Inbox, at: UnixMs) -> Emit {
    let staff = AgentEvent::InboxChanged { inbox: Box::new(inbox.clone()) };
    Emit { at, audience: Audience::Inbox(inbox.id), conversation_id: None, staff, visitor: None }
}

fn case_prefix(fields: &mut Fields, text: &str) -> String {
    let text = fields.bounded("case_prefix", text, 0, PREFIX_CHARS);
    if !text.chars().all(|c| c.is_ascii_alphanumeric() || "-_#/".contains(c)) {
        fields.wrong("case_prefix", "invalid", "A prefix has letters, digits and - _ # / only.");
    }
    text
}

/// Of a widget that nobody has said anything about.
pub(super) fn fresh_web(random: &Random) -> WebSettings {
    unset_web(secret::new_token(random, "").expose()[..24].to_owned())
}

fn unset_web(widget_key: String) -> WebSettings {
    WebSettings {
        widget_key,
        origins: Vec::new(),
        accent: DEFAULT_ACCENT.to_owned(),
        greeting: String::new(),
        ask_rating: false,
        before: None,
    }
}

fn web_settings(fields: &mut Fields, before: WebSettings, save: SaveWebSettings) -> WebSettings {
    let origins = save.origins.map(|list| origins(fields, "web.origins", &list));
    let accent = save.accent.map(|accent| {
        let hex =
            accent.strip_prefix('#').is_some_and(|hex| hex.len() == 6 && hex.chars().all(|c| c.is_ascii_hexdigit()));
        if !hex {
            fields.wrong("web.accent", "not_a_colour", "A colour looks like #2458d3.");
        }
        accent.to_lowercase()
    });
    let greeting = save.greeting.map(|greeting| fields.bounded("web.greeting", &greeting, 0, GREETING_CHARS));
    let asked = save.before.map(|asked| asked.map(|asked| Box::new(before_chat::checked(fields, *asked))));
    WebSettings {
        widget_key: before.widget_key,
        origins: origins.unwrap_or(before.origins),
        accent: accent.unwrap_or(before.accent),
        greeting: greeting.unwrap_or(before.greeting),
        ask_rating: save.ask_rating.unwrap_or(before.ask_rating),
        before: asked.unwrap_or(before.before),
    }
}

/// Sites, each as browsers write origins.
pub fn origins(fields: &mut Fields, field: &str, list: &[String]) -> Vec<String> {
    if list.len() > limits::ORIGINS {
        fields.wrong(field, "too_many", format!("At most {} origins.", limits::ORIGINS));
    }
    let checked = list.iter().enumerate().filter_map(|(place, text)| {
        let origin = origin_of(text.trim()).filter(|origin| origin.len() == text.trim().trim_end_matches('/').len());
        if origin.is_none() {
            let sentence = "An origin looks like https://shop.example, with no path.";
            fields.wrong(&format!("{field}.{place}"), "not_an_origin", sentence);
        }
        origin
    });
    checked.collect()
}
