//! `/api/inboxes/{id}/channel`: how an inbox's channel is set up, tried, and how it does.

use axum::extract::State;
use switchboard_protocol::InboxId;
use switchboard_protocol::channels::{ChannelSetup, ChannelTried, SaveChannel};

use crate::app::Shared;
use crate::caller::{Manage, May};
use crate::commands::channels;
use crate::docs::Problems;
use crate::error::Answer;
use crate::http::extract::{Id, Json};

/// How the channel is set up and how it does. Secrets are named, never shown.
#[utoipa::path(get, path = "/api/inboxes/{id}/channel", tag = "inboxes", params(("id" = InboxId, Path)),
    responses((status = 200, body = ChannelSetup), Problems))]
pub async fn show(State(app): State<Shared>, _: May<Manage>, Id(id): Id<InboxId>) -> Answer<Json<ChannelSetup>> {
    Ok(Json(channels::show(&app, id).await?))
}

/// Keeps the settings, once the provider has found them good, and starts the channel anew with them.
#[utoipa::path(put, path = "/api/inboxes/{id}/channel", tag = "inboxes", params(("id" = InboxId, Path)),
    request_body = SaveChannel, responses((status = 200, body = ChannelSetup), Problems))]
pub async fn save(
    State(app): State<Shared>,
    caller: May<Manage>,
    Id(id): Id<InboxId>,
    Json(body): Json<SaveChannel>,
) -> Answer<Json<ChannelSetup>> {
    Ok(Json(channels::save(&app, &caller, id, body).await?))
}

/// Asks the provider whether the settings are good, and keeps nothing.
#[utoipa::path(post, path = "/api/inboxes/{id}/channel/try", tag = "inboxes", params(("id" = InboxId, Path)),
    request_body = SaveChannel, responses((status = 200, body = ChannelTried), Problems))]
pub async fn try_out(
    State(app): State<Shared>,
    _: May<Manage>,
    Id(id): Id<InboxId>,
    Json(body): Json<SaveChannel>,
) -> Answer<Json<ChannelTried>> {
    Ok(Json(channels::try_out(&app, id, body).await?))
}
