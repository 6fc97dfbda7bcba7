//! `POST /api/visitor/session`: the panel opens. Writes nothing: the visitor's id is made here, their row only with
//! their first message. Who signs in with something said before takes it along: that alone is written.

use axum::extract::State;
use switchboard_domain::bots::console;
use switchboard_domain::hours;
use switchboard_protocol::hours::Hours;
use switchboard_protocol::rest::{OpenNow, OpenVisitorSession, SignedUser, VisitorSession};
use switchboard_protocol::{IdentityId, InboxId, UnixMs};
use switchboard_store::inboxes;

use crate::app::{App, Shared};
use crate::caller::Origin;
use crate::caller::Visitor;
use crate::commands::{identity_secrets, visitor_adopt};
use crate::docs::Problems;
use crate::error::{Answer, CommandError};
use crate::http::extract::Json;
use crate::limits::VISITOR_TOKEN_RENEW_MS;

/// Hands out a visitor token: the one that this browser had, or a new one.
#[utoipa::path(post, path = "/api/visitor/session", tag = "visitors", request_body = OpenVisitorSession,
    responses((status = 200, body = VisitorSession), Problems), security(()))]
pub async fn open(
    State(app): State<Shared>,
    from: Origin,
    Json(body): Json<OpenVisitorSession>,
) -> Answer<Json<VisitorSession>> {
    app.limit(&format!("visitor:{}", from.network()), app.config.limits.visitor_sessions_per_address).await?;
    let inbox = inboxes::find_by_widget_key(&app.store, &body.widget_key).await?;
    let inbox = inbox.ok_or_else(|| CommandError::not_found("inbox"))?;
    let settings = inbox.web.ok_or_else(|| CommandError::not_found("inbox"))?;
    let now = app.clock.now();
    let had = body.token.as_deref().and_then(|token| app.visitor_key.verify(token, now));
    // A token of another inbox is another business's visitor.
    let had = had.filter(|(visitor, _)| visitor.inbox_id == inbox.id);
    let had = match had {
        Some((visitor, at)) if !identity_secrets::counts(&app, visitor, at).await? => None,
        had => had,
    };
    // Of a bot's console only those are let in who were given a token: to everybody else it is not there.
    if console::is_one(inbox.id) && had.is_none() {
        return Err(CommandError::not_found("inbox").into());
    }
    let had = match &body.user {
        Some(user) => Some(signed_in(&app, inbox.id, user, had).await?),
        None => had,
    };
    let visitor = had.map_or_else(
        || Visitor { identity_id: IdentityId(app.random.ulid(now)), inbox_id: inbox.id },
        |(visitor, _)| visitor,
    );
    let token = match (had, body.token) {
        (Some((_, at)), Some(token)) if now.saturating_sub(at) < VISITOR_TOKEN_RENEW_MS => token,
        _ => app.visitor_key.sign(visitor, now).expose().to_owned(),
    };
    let hours = inboxes::find_hours(&app.store, inbox.id).await?;
    Ok(Json(VisitorSession {
        token,
        identity_id: visitor.identity_id,
        settings,
        inbox_name: inbox.name,
        team_online: app.presence.team_online(),
        hours: hours.map(|hours| open_now(&hours, now)),
    }))
}

fn open_now(set: &Hours, now: UnixMs) -> OpenNow {
    let open = hours::is_open(set, now);
    let changes_at = if open { hours::next_closing(set, now) } else { hours::next_opening(set, now) };
    OpenNow { open, changes_at }
}

/// The visitor whom the site's server names, to whom belongs what this browser has said without a name.
async fn signed_in(
    app: &App,
    inbox_id: InboxId,
    user: &SignedUser,
    browser: Option<(Visitor, UnixMs)>,
) -> Result<(Visitor, UnixMs), CommandError> {
    let visitor = identity_secrets::prove(app, inbox_id, user).await?;
    match browser {
        Some((browser, at)) if browser == visitor => Ok((visitor, at)),
        Some((browser, _)) => {
            visitor_adopt::adopt(app, browser, visitor, &user.id).await?;
            // The token that came names the browser: a new one is due.
            Ok((visitor, UnixMs::MIN))
        }
        None => Ok((visitor, UnixMs::MIN)),
    }
}
