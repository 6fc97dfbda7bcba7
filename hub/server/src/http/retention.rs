//! `/api/retention`: after how many days what is put away is deleted forever.

use axum::extract::State;
use switchboard_protocol::views::Retention;

use crate::app::Shared;
use crate::caller::{Manage, May, Read};
use crate::commands::retention;
use crate::docs::Problems;
use crate::error::Answer;
use crate::http::extract::Json;

/// Days after which the archive and the trash are emptied; null: never.
#[utoipa::path(get, path = "/api/retention", tag = "retention", responses((status = 200, body = Retention), Problems))]
pub async fn show(State(app): State<Shared>, _caller: May<Read>) -> Answer<Json<Retention>> {
    Ok(Json(retention::show(&app).await?))
}

/// Sets them; owners and admins.
#[utoipa::path(put, path = "/api/retention", tag = "retention", request_body = Retention,
    responses((status = 200, body = Retention), Problems))]
pub async fn set(
    State(app): State<Shared>,
    caller: May<Manage>,
    Json(body): Json<Retention>,
) -> Answer<Json<Retention>> {
    Ok(Json(retention::set(&app, &caller, body).await?))
}
