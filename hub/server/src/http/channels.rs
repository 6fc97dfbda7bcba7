//! `/api/inboxes/{id}/channel`: how an inbox's channel is set up, tried, and how it does.

use axum::extract::State;
use switchboard_protocol::InboxId;
use switchboard_protocol::channels::{ChannelSetup, ChannelTried, HeldMessages, InboxHealth, SaveChannel};
use switchboard_store::channels as rows;

use crate::app::Shared;
use crate::caller::{Manage, May, Read};
use crate::commands::channels;
use crate::docs::Problems;
use crate::error::{Answer, CommandError};
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

/// The messages that have not gone out, and why: at most a page of them.
#[utoipa::path(get, path = "/api/inboxes/{id}/channel/held", tag = "inboxes", params(("id" = InboxId, Path)),
    responses((status = 200, body = HeldMessages), Problems))]
pub async fn held(State(app): State<Shared>, _: May<Manage>, Id(id): Id<InboxId>) -> Answer<Json<HeldMessages>> {
    Ok(Json(channels::held(&app, id).await?))
}

/// How the channel does, for whoever works in the inbox: whether what customers write shows here. None: the inbox has none.
#[utoipa::path(get, path = "/api/inboxes/{id}/health", tag = "inboxes", params(("id" = InboxId, Path)),
    responses((status = 200, body = InboxHealth), Problems))]
pub async fn health(State(app): State<Shared>, caller: May<Read>, Id(id): Id<InboxId>) -> Answer<Json<InboxHealth>> {
    let mut all = rows::healths(&app.store, &caller.visibility).await?.into_iter();
    let health = all.find(|health| health.inbox_id == id).ok_or_else(|| CommandError::not_found("channel"))?;
    Ok(Json(health))
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
