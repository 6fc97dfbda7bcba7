//! `/api/templates`: texts that are written once and sent often.

use axum::extract::State;
use axum::http::StatusCode;
use switchboard_protocol::TemplateId;
use switchboard_protocol::templates::{SaveTemplate, Template, TemplateFiles, Templates};

use crate::app::Shared;
use crate::caller::{Answer as Answers, May, Read};
use crate::commands::templates;
use crate::docs::Problems;
use crate::error::Answer;
use crate::http::extract::{Id, IdempotencyKey, Json};

/// The templates that the caller sees: their own, their teams' and everybody's.
#[utoipa::path(get, path = "/api/templates", tag = "templates", responses((status = 200, body = Templates), Problems))]
pub async fn list(State(app): State<Shared>, caller: May<Read>) -> Answer<Json<Templates>> {
    Ok(Json(Templates { templates: templates::list(&app, &caller).await? }))
}

/// Makes a template. Owners and admins make those of teams and of everybody.
#[utoipa::path(post, path = "/api/templates", tag = "templates", request_body = SaveTemplate,
    params(("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 64)),
    responses((status = 201, body = Template), Problems))]
pub async fn create(
    State(app): State<Shared>,
    caller: May<Answers>,
    IdempotencyKey(key): IdempotencyKey,
    Json(body): Json<SaveTemplate>,
) -> Answer<(StatusCode, Json<Template>)> {
    Ok((StatusCode::CREATED, Json(templates::create(&app, &caller, body, key).await?)))
}

/// Replaces what a template is.
#[utoipa::path(put, path = "/api/templates/{id}", tag = "templates", params(("id" = TemplateId, Path)),
    request_body = SaveTemplate, responses((status = 200, body = Template), Problems))]
pub async fn save(
    State(app): State<Shared>,
    caller: May<Answers>,
    Id(id): Id<TemplateId>,
    Json(body): Json<SaveTemplate>,
) -> Answer<Json<Template>> {
    Ok(Json(templates::save(&app, &caller, id, body).await?))
}

/// Throws a template away; for a day it can be taken back.
#[utoipa::path(delete, path = "/api/templates/{id}", tag = "templates", params(("id" = TemplateId, Path)),
    responses((status = 204), Problems))]
pub async fn remove(State(app): State<Shared>, caller: May<Answers>, Id(id): Id<TemplateId>) -> Answer<StatusCode> {
    templates::remove(&app, &caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes back a template that was thrown away.
#[utoipa::path(post, path = "/api/templates/{id}/restore", tag = "templates", params(("id" = TemplateId, Path)),
    responses((status = 200, body = Template), Problems))]
pub async fn restore(
    State(app): State<Shared>,
    caller: May<Answers>,
    Id(id): Id<TemplateId>,
) -> Answer<Json<Template>> {
    Ok(Json(templates::restore(&app, &caller, id).await?))
}

/// Copies a template's files, for one message or another template: each has its own.
#[utoipa::path(post, path = "/api/templates/{id}/files", tag = "templates", params(("id" = TemplateId, Path)),
    responses((status = 201, body = TemplateFiles), Problems))]
pub async fn copy_files(
    State(app): State<Shared>,
    caller: May<Answers>,
    Id(id): Id<TemplateId>,
) -> Answer<(StatusCode, Json<TemplateFiles>)> {
    let attachments = templates::copy_files(&app, &caller, id).await?;
    Ok((StatusCode::CREATED, Json(TemplateFiles { attachments })))
}
