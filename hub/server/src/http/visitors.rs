//! `GET /api/visitors`: who is on an inbox's sites now.

use axum::extract::State;
use serde::Deserialize;
use switchboard_protocol::InboxId;
use switchboard_protocol::rest::{VisitorHere, VisitorsHere};
use switchboard_store::{contacts, conversations, inboxes};
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
    let mut visitors = Vec::new();
    for here in app.presence.visitors(params.inbox).into_iter().take(SHOWN) {
        // One who has never written has no row, and most have not: the identity is asked for first.
        let known = contacts::find_identity(&app.store, here.identity_id).await?.is_some();
        let newest = if known {
            conversations::of_identity(&app.store, here.identity_id).await?.first().map(|conversation| conversation.id)
        } else {
            None
        };
        visitors.push(VisitorHere {
            identity_id: here.identity_id,
            inbox_id: params.inbox,
            conversation_id: newest,
            page: here.page,
        });
    }
    Ok(Json(VisitorsHere { visitors }))
}
