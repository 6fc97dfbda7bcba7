//! `/api/attachments`: files for messages, and files of messages, for the team.

use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use switchboard_protocol::AttachmentId;
use switchboard_protocol::rest::Uploaded;
use switchboard_store::attachments;
use utoipa::IntoParams;

use crate::app::Shared;
use crate::attachments::going::Party;
use crate::attachments::serve;
use crate::caller::{Answer as Answers, May, Origin, Read};
use crate::commands::uploads::{self, Person};
use crate::docs::Problems;
use crate::error::{Answer, CommandError};
use crate::http::accept::Cut;
use crate::http::extract::{Id, Json, Params};

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct UploadParams {
    /// The file's name; what cannot be part of one is left out.
    pub name: String,
}

/// Takes a file in. The body is the file itself; what it is, is read from its content.
#[utoipa::path(post, path = "/api/attachments", tag = "attachments", params(UploadParams),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 201, body = Uploaded), Problems))]
pub async fn upload(
    State(app): State<Shared>,
    caller: May<Answers>,
    from: Origin,
    Params(params): Params<UploadParams>,
    body: Body,
) -> Answer<(StatusCode, Json<Uploaded>)> {
    let attachment = uploads::take(&app, Person::Agent(caller.agent_id), &from, &params.name, body.into_data_stream());
    let attachment = attachment.await?;
    Ok((StatusCode::CREATED, Json(Uploaded { attachment })))
}

/// The file's bytes. Pictures may be shown; everything else is for saving.
#[utoipa::path(get, path = "/api/attachments/{id}", tag = "attachments", params(("id" = AttachmentId, Path)),
    responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream"), Problems))]
pub async fn download(
    State(app): State<Shared>,
    caller: May<Read>,
    Cut(cut): Cut,
    Id(id): Id<AttachmentId>,
) -> Answer<Response> {
    let found = attachments::find(&app.store, &caller.visibility, caller.agent_id, id).await?;
    let attachment = found.ok_or_else(|| CommandError::not_found("file"))?;
    Ok(serve::respond(&attachment, app.files.read(Party::Agent(caller.agent_id), id, cut).await?))
}
