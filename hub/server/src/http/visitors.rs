//! `GET /api/visitors`: who is on an inbox's sites now.

use axum::extract::State;
use serde::Deserialize;
use switchboard_protocol::InboxId;
use switchboard_protocol::rest::{VisitorHere, VisitorsHere};
use switchboard_store::{conversations, inboxes};
use utoipa::IntoParams;

use crate::app::Shared;
use crate::caller::{May, Read};
use crate::docs::Problems;
use crate::error::{Answer, CommandError};
use crate::http::extract::{Json, Params};

/// Most visitors shown of one inbox.
const SHOWN: usize = 500;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct VisitorParams {
    inbox: InboxId,
}

/// Visitors who are here, with the page that each has open.
#[utoipa::path(get, path = "/api/visitors", tag = "contacts", params(VisitorParams),
    responses((status = 200, body = VisitorsHere), Problems))]
pub async fn list(
    State(app): State<Shared>,
    caller: May<Read>,
    Params(params): Params<VisitorParams>,
) -> Answer<Json<VisitorsHere>> {
    let inbox = inboxes::find(&app.store, &caller.visibility, params.inbox).await?;
    inbox.ok_or_else(|| CommandError::not_found("inbox"))?;
    let here: Vec<_> = app.presence.visitors(params.inbox).into_iter().take(SHOWN).collect();
    let identities: Vec<_> = here.iter().map(|here| here.identity_id).collect();
    // One who has never written has no conversation, and most have not.
    let newest = conversations::newest_of(&app.store, &identities).await?;
    let visitors = here
        .into_iter()
        .map(|here| VisitorHere {
            identity_id: here.identity_id,
            inbox_id: params.inbox,
            conversation_id: newest.get(&here.identity_id).copied(),
            page: here.page,
        })
        .collect();
    Ok(Json(VisitorsHere { visitors }))
}
