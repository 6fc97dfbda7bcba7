//! `/api/visitor/attachments`: the visitor's files, and files that agents sent them.

use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use switchboard_protocol::AttachmentId;
use switchboard_protocol::rest::Uploaded;
use switchboard_store::attachments;

use crate::app::Shared;
use crate::attachments::going::Party;
use crate::attachments::serve;
use crate::caller::{Origin, Visitor};
use crate::commands::uploads::{self, Person};
use crate::docs::Problems;
use crate::error::{Answer, CommandError};
use crate::http::accept::Cut;
use crate::http::attachments::UploadParams;
use crate::http::extract::{Id, Json, Params};

/// Takes a visitor's file in.
#[utoipa::path(post, path = "/api/visitor/attachments", tag = "visitors", params(UploadParams),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 201, body = Uploaded), Problems), security(("visitor" = [])))]
pub async fn upload(
    State(app): State<Shared>,
    visitor: Visitor,
    from: Origin,
    Params(params): Params<UploadParams>,
    body: Body,
) -> Answer<(StatusCode, Json<Uploaded>)> {
    let (by, body) = (Person::Visitor(visitor.identity_id), body.into_data_stream());
    let attachment = uploads::take(&app, by, &from, &params.name, body).await?;
    Ok((StatusCode::CREATED, Json(Uploaded { attachment })))
}

/// A file of the visitor's own conversation. Never a note's.
#[utoipa::path(get, path = "/api/visitor/attachments/{id}", tag = "visitors", params(("id" = AttachmentId, Path)),
    responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream"), Problems),
    security(("visitor" = [])))]
pub async fn download(
    State(app): State<Shared>,
    visitor: Visitor,
    from: Origin,
    Cut(cut): Cut,
    Id(id): Id<AttachmentId>,
) -> Answer<Response> {
    let found = attachments::find_for_identity(&app.store, visitor.identity_id, id).await?;
    let attachment = found.ok_or_else(|| CommandError::not_found("file"))?;
    Ok(serve::respond(&attachment, app.files.read(Party::Visitors(from.network()), id, cut).await?))
}
