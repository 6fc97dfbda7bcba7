//! `POST /api/visitor/session`: the panel opens. Writes nothing: the visitor's id is made here, their row only with
//! their first message.

use axum::extract::State;
use switchboard_domain::bots::console;
use switchboard_protocol::IdentityId;
use switchboard_protocol::rest::{OpenVisitorSession, VisitorSession};
use switchboard_store::inboxes;

use crate::app::Shared;
use crate::caller::Origin;
use crate::caller::Visitor;
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
    // Of a bot's console only those are let in who were given a token: to everybody else it is not there.
    if console::is_one(inbox.id) && had.is_none() {
        return Err(CommandError::not_found("inbox").into());
    }
    let visitor = had.map_or_else(
        || Visitor { identity_id: IdentityId(app.random.ulid(now)), inbox_id: inbox.id },
        |(visitor, _)| visitor,
    );
    let token = match (had, body.token) {
        (Some((_, at)), Some(token)) if now - at < VISITOR_TOKEN_RENEW_MS => token,
        _ => app.visitor_key.sign(visitor, now).expose().to_owned(),
    };
    Ok(Json(VisitorSession {
        token,
        identity_id: visitor.identity_id,
        settings,
        inbox_name: inbox.name,
        team_online: app.presence.team_online(),
    }))
}
