//! Templates. One's own are one's own; those of teams and of all take [`ShareTemplates`].

use switchboard_domain::templates as variables;
use switchboard_domain::validate::{self, Fields};
use switchboard_protocol::agent::AgentEvent;
use switchboard_protocol::error::ApiError;
use switchboard_protocol::model::Attachment;
use switchboard_protocol::templates::{SaveTemplate, Template, TemplateFor};
use switchboard_protocol::{AgentId, TemplateId, UnixMs, limits};
use switchboard_store::edge_keys::Scope;
use switchboard_store::templates::{self, Kept};
use switchboard_store::{Audience, Emit, Tx, teams};

use super::write_mail::HTML_BYTES;
use super::{for_team, idempotent, uploads};
use crate::app::App;
use crate::caller::{Answer, Caller, May, ShareTemplates};
use crate::error::CommandError;

/// Those that the caller sees, each with whether it is theirs to change.
pub async fn list(app: &App, by: &Caller) -> Result<Vec<Template>, CommandError> {
    let kept = templates::list(&app.store, &by.visibility, by.agent_id).await?;
    Ok(kept.into_iter().map(|one| shown(by, one)).collect())
}

/// Makes a template; the same key makes it once.
pub async fn create(
    app: &App,
    by: &May<Answer>,
    body: SaveTemplate,
    key: Option<String>,
) -> Result<Template, CommandError> {
    may_change(by, by.agent_id, body.whose)?;
    let request = idempotent::Request::new(Scope::Http(by.agent_id), key, "template", &body);
    let files = body.attachments.clone();
    let now = app.clock.now();
    let id = TemplateId(app.random.ulid(now));
    let mut made = Kept { template: checked(id, body, now).await?, made_by: by.agent_id };
    let caller = (**by).clone();
    let written = app.write_as(by, move |tx| {
        Box::pin(async move {
            if let Some(made) = request.answered(tx, now).await? {
                return Ok(made);
            }
            there_is_room(tx, &made).await?;
            team_exists(tx, made.template.whose).await?;
            templates::insert(tx, &made).await?;
            let taken = templates::set_files(tx, id, caller.agent_id, &files).await?;
            made.template.attachments = taken.ok_or_else(unknown_file)?;
            tx.emit(told(now, &made));
            let made = shown(&caller, made);
            request.keep(tx, &made).await?;
            Ok(made)
        })
    });
    Ok(written.await?.value)
}

/// Replaces what the template is.
pub async fn save(app: &App, by: &May<Answer>, id: TemplateId, body: SaveTemplate) -> Result<Template, CommandError> {
    let files = body.attachments.clone();
    let now = app.clock.now();
    let template = checked(id, body, now).await?;
    let caller = (**by).clone();
    let written = app.write_as(by, move |tx| {
        Box::pin(async move {
            let before = seen(tx, &caller, id).await?;
            may_change(&caller, before.made_by, before.template.whose)?;
            // What is taken from everybody becomes whoever's does it.
            let made_by = if template.whose == TemplateFor::Personal { caller.agent_id } else { before.made_by };
            may_change(&caller, made_by, template.whose)?;
            let mut after = Kept { template, made_by };
            if before.template.whose != after.template.whose {
                there_is_room(tx, &after).await?;
                team_exists(tx, after.template.whose).await?;
            }
            templates::update(tx, &after).await?;
            let taken = templates::set_files(tx, id, caller.agent_id, &files).await?;
            after.template.attachments = taken.ok_or_else(unknown_file)?;
            tx.emit(told(now, &before));
            if before.template.whose != after.template.whose {
                tx.emit(told(now, &after));
            }
            Ok(shown(&caller, after))
        })
    });
    Ok(written.await?.value)
}

/// Throws a template away. [`restore`] takes that back, for a day.
pub async fn remove(app: &App, by: &May<Answer>, id: TemplateId) -> Result<(), CommandError> {
    let now = app.clock.now();
    let caller = (**by).clone();
    app.write_as(by, move |tx| {
        Box::pin(async move {
            let before = seen(tx, &caller, id).await?;
            may_change(&caller, before.made_by, before.template.whose)?;
            templates::set_removed(tx, id, Some(now)).await?;
            tx.emit(told(now, &before));
            Ok(())
        })
    })
    .await?;
    Ok(())
}

/// The way back.
pub async fn restore(app: &App, by: &May<Answer>, id: TemplateId) -> Result<Template, CommandError> {
    let now = app.clock.now();
    let caller = (**by).clone();
    let written = app.write_as(by, move |tx| {
        Box::pin(async move {
            let before = templates::load_removed(tx, id).await?.ok_or_else(unknown)?;
            // Who may not change it need not know that there was one.
            may_change(&caller, before.made_by, before.template.whose).map_err(|_| unknown())?;
            there_is_room(tx, &before).await?;
            templates::set_removed(tx, id, None).await?;
            tx.emit(told(now, &before));
            Ok(shown(&caller, before))
        })
    });
    Ok(written.await?.value)
}

/// Files of a template as uploads of the caller's own: each message, and each other template, has its own.
pub async fn copy_files(app: &App, by: &May<Answer>, id: TemplateId) -> Result<Vec<Attachment>, CommandError> {
    let all = templates::list(&app.store, &by.visibility, by.agent_id).await?;
    let found = all.into_iter().find(|one| one.template.id == id).ok_or_else(unknown)?;
    let mut copies = Vec::new();
    for file in found.template.attachments {
        let bytes = app.files.bytes(file.id).await?;
        copies.push(uploads::copy_for_agent(app, by.agent_id, &file.name, bytes).await?);
    }
    Ok(copies)
}

async fn checked(id: TemplateId, body: SaveTemplate, now: UnixMs) -> Result<Template, CommandError> {
    let mut fields = Fields::new();
    let name = fields.name("name", &body.name);
    let text = validate::message_text(body.text);
    if text.trim().is_empty() && body.attachments.is_empty() {
        fields.wrong("text", "required", "This is needed.");
    }
    if text.chars().count() > limits::MESSAGE_TEXT_CHARS {
        let sentence = format!("This may have at most {} characters.", limits::MESSAGE_TEXT_CHARS);
        fields.wrong("text", "too_long", sentence);
    }
    if let Some(name) = variables::unknown(&text) {
        fields.wrong("text", "unknown_variable", format!("There is no variable {{{{{name}}}}}."));
    }
    if body.html.as_deref().is_some_and(|html| html.len() > HTML_BYTES) {
        fields.wrong("html", "too_long", format!("At most {HTML_BYTES} bytes."));
    }
    if body.attachments.len() > limits::MESSAGE_ATTACHMENTS {
        let sentence = format!("A template may have at most {} files.", limits::MESSAGE_ATTACHMENTS);
        fields.wrong("attachments", "too_many", sentence);
    }
    if body.whose == (TemplateFor::Team { team_id: None }) {
        fields.wrong("for", "required", "Say which team it is for.");
    }
    fields.done()?;
    let html = match body.html {
        None => None,
        Some(html) => {
            let made = switchboard_email::apart_for_the_team(move || switchboard_email::sanitise(&html)).await;
            made.map_err(|error| CommandError::fault("making a template's HTML harmless", error))?
        }
    };
    let SaveTemplate { whose, .. } = body;
    Ok(Template { id, name, text, html, whose, attachments: Vec::new(), changed_at: now, mine_to_change: false })
}

fn may_change(by: &Caller, made_by: AgentId, whose: TemplateFor) -> Result<(), CommandError> {
    match whose {
        TemplateFor::Personal if made_by == by.agent_id => Ok(()),
        TemplateFor::Personal => Err(unknown()),
        TemplateFor::Team { .. } | TemplateFor::All => by.may::<ShareTemplates>().map(|_| ()),
    }
}

async fn seen(tx: &mut Tx, by: &Caller, id: TemplateId) -> Result<Kept, CommandError> {
    templates::load(tx, &by.visibility, by.agent_id, id).await?.ok_or_else(unknown)
}

async fn there_is_room(tx: &mut Tx, one: &Kept) -> Result<(), CommandError> {
    let own_of = (one.template.whose == TemplateFor::Personal).then_some(one.made_by);
    if templates::count(tx, own_of).await? < limits::TEMPLATES as i64 {
        return Ok(());
    }
    let sentence = format!("There are {} templates, which is the most. Remove some first.", limits::TEMPLATES);
    Err(ApiError::field("for", "too_many", sentence).into())
}

async fn team_exists(tx: &mut Tx, whose: TemplateFor) -> Result<(), CommandError> {
    let TemplateFor::Team { team_id: Some(team_id) } = whose else { return Ok(()) };
    match teams::load(tx, team_id).await? {
        Some(_) => Ok(()),
        None => Err(ApiError::field("for", "unknown", "There is no such team any more.").into()),
    }
}

fn unknown() -> CommandError {
    CommandError::not_found("template")
}

fn unknown_file() -> CommandError {
    ApiError::field("attachments", "unknown", "One of these files is not there any more. Add it again.").into()
}

fn shown(by: &Caller, Kept { template, made_by }: Kept) -> Template {
    let mine_to_change = by.may::<Answer>().is_ok() && may_change(by, made_by, template.whose).is_ok();
    Template { mine_to_change, ..template }
}

/// It says nothing of the template: whoever hears it asks for those that are theirs to see.
fn told(at: UnixMs, one: &Kept) -> Emit {
    let event = AgentEvent::TemplatesChanged {};
    match one.template.whose {
        TemplateFor::Personal => {
            Emit { at, audience: Audience::Agent(one.made_by), conversation_id: None, staff: event, visitor: None }
        }
        TemplateFor::Team { .. } | TemplateFor::All => for_team(at, event),
    }
}
