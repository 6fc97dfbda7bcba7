//! `/api/tags`: the tags of all conversations.

use axum::extract::State;
use serde::Deserialize;
use switchboard_protocol::tags::{RemoveTag, RenameTag, SaveTag, TagChanged, TagList, TagRow};
use switchboard_store::tags as rows;
use utoipa::IntoParams;

use crate::app::Shared;
use crate::caller::{Manage, May, Read};
use crate::commands::tags;
use crate::docs::Problems;
use crate::error::Answer;
use crate::http::extract::{Json, Params};

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListParams {
    /// Without: only those that have a colour, and nothing is counted.
    #[serde(default = "yes")]
    #[param(default = true)]
    counts: bool,
}

fn yes() -> bool {
    true
}

/// The tags of conversations that the caller sees, and those that have a colour, with how many conversations have each.
#[utoipa::path(get, path = "/api/tags", tag = "tags", params(ListParams),
    responses((status = 200, body = TagList), Problems))]
pub async fn list(
    State(app): State<Shared>,
    caller: May<Read>,
    Params(params): Params<ListParams>,
) -> Answer<Json<TagList>> {
    let tags = if params.counts {
        rows::list(&app.store, &caller.visibility).await?
    } else {
        rows::coloured(&app.store).await?
    };
    Ok(Json(TagList { tags }))
}

/// Gives a tag its colour. For owners and admins.
#[utoipa::path(put, path = "/api/tags", tag = "tags", request_body = SaveTag,
    responses((status = 200, body = TagRow), Problems))]
pub async fn save(State(app): State<Shared>, caller: May<Manage>, Json(body): Json<SaveTag>) -> Answer<Json<TagRow>> {
    Ok(Json(tags::save(&app, &caller, body).await?))
}

/// Renames a tag on every conversation, or merges it into one that there is: up to 200 conversations at a time, `more` says to
/// ask again. Their threads say nothing of it. For owners and admins.
#[utoipa::path(post, path = "/api/tags/renamed", tag = "tags", request_body = RenameTag,
    responses((status = 200, body = TagChanged), Problems))]
pub async fn rename(
    State(app): State<Shared>,
    caller: May<Manage>,
    Json(body): Json<RenameTag>,
) -> Answer<Json<TagChanged>> {
    Ok(Json(tags::rename(&app, &caller, body).await?))
}

/// Takes a tag from every conversation, in the same way. For owners and admins.
#[utoipa::path(post, path = "/api/tags/removed", tag = "tags", request_body = RemoveTag,
    responses((status = 200, body = TagChanged), Problems))]
pub async fn remove(
    State(app): State<Shared>,
    caller: May<Manage>,
    Json(body): Json<RemoveTag>,
) -> Answer<Json<TagChanged>> {
    Ok(Json(tags::remove(&app, &caller, body.name).await?))
}
