//! `/api/views`: lists with their filters, kept under a name.

use axum::extract::State;
use axum::http::StatusCode;
use switchboard_protocol::ViewId;
use switchboard_protocol::views::{OrderViews, SaveView, View, Views};

use crate::app::Shared;
use crate::caller::{Mark, May, Read};
use crate::commands::views;
use crate::docs::Problems;
use crate::error::Answer;
use crate::http::extract::{Id, IdempotencyKey, Json};

/// The views that the caller sees: the shared ones and their own, each in their order.
#[utoipa::path(get, path = "/api/views", tag = "views", responses((status = 200, body = Views), Problems))]
pub async fn list(State(app): State<Shared>, caller: May<Read>) -> Answer<Json<Views>> {
    Ok(Json(Views { views: views::list(&app, &caller).await? }))
}

/// Keeps a list under a name. Owners and admins share views.
#[utoipa::path(post, path = "/api/views", tag = "views", request_body = SaveView,
    params(("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 64)),
    responses((status = 201, body = View), Problems))]
pub async fn create(
    State(app): State<Shared>,
    caller: May<Mark>,
    IdempotencyKey(key): IdempotencyKey,
    Json(body): Json<SaveView>,
) -> Answer<(StatusCode, Json<View>)> {
    Ok((StatusCode::CREATED, Json(views::create(&app, &caller, body, key).await?)))
}

/// Replaces what a view is.
#[utoipa::path(put, path = "/api/views/{id}", tag = "views", params(("id" = ViewId, Path)), request_body = SaveView,
    responses((status = 200, body = View), Problems))]
pub async fn save(
    State(app): State<Shared>,
    caller: May<Mark>,
    Id(id): Id<ViewId>,
    Json(body): Json<SaveView>,
) -> Answer<Json<View>> {
    Ok(Json(views::save(&app, &caller, id, body).await?))
}

/// Removes a view.
#[utoipa::path(delete, path = "/api/views/{id}", tag = "views", params(("id" = ViewId, Path)),
    responses((status = 204), Problems))]
pub async fn remove(State(app): State<Shared>, caller: May<Mark>, Id(id): Id<ViewId>) -> Answer<StatusCode> {
    views::remove(&app, &caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Puts views into this order.
#[utoipa::path(put, path = "/api/views", tag = "views", request_body = OrderViews,
    responses((status = 200, body = Views), Problems))]
pub async fn order(State(app): State<Shared>, caller: May<Mark>, Json(body): Json<OrderViews>) -> Answer<Json<Views>> {
    Ok(Json(Views { views: views::order(&app, &caller, body).await? }))
}
