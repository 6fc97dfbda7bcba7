//! `/api/messages/{id}/frame`: a mail as its author meant it, as the document of a frame in the dashboard.
//!
//! Three fences, each of which would do: the HTML is sanitised anew whenever it is read; the document's own policy lets
//! nothing run and nothing load but pictures; and it is sandboxed, by its policy and by the frame that the dashboard makes.
//! The sandbox leaves it the hub's origin, for two things that need it: the page around it looks how high it is, and the
//! mail's own pictures are fetched with the reader's session. Scripts, which alone could make anything else of an origin,
//! are what sandbox and policy refuse.
//!
//! Not here: what of strangers' HTML is harmless (`switchboard_email`).

use std::collections::HashMap;

use axum::extract::State;
use axum::http::header;
use axum::response::{Html, IntoResponse, Response};
use serde::Deserialize;
use switchboard_email::apart_for_the_team;
use switchboard_protocol::MessageId;
use switchboard_store::{attachments, bodies};
use utoipa::IntoParams;

use crate::app::Shared;
use crate::caller::{May, Read};
use crate::docs::Problems;
use crate::error::{Answer, CommandError};
use crate::http::extract::{Id, Params};

/// Everything but where pictures may come from.
const POLICY: &str = "sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox; default-src 'none'; \
    style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; img-src 'self' data:";

/// Mails are written for white paper, in either theme of the dashboard. A link that is reached by key says where it leads, as
/// its title says it to a pointer.
const STYLE: &str = "html{background:#fff;color-scheme:light;overflow-x:auto}\
    body{display:flow-root;margin:0;padding:12px;color:#1d1d22;font:14px/1.5 system-ui,sans-serif;overflow-wrap:break-word}\
    img{max-width:100%;height:auto}\
    a:focus-visible{outline:2px solid #0b57d0;outline-offset:2px}\
    a:focus-visible::after{content:\" (\" attr(title) \")\";color:#1d1d22;background:#fff;word-break:break-all}";

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FrameParams {
    /// 1: with the pictures that lie on other sites. Whoever sent the mail can then see that it was opened.
    #[param(minimum = 0, maximum = 1)]
    pictures: Option<u8>,
}

/// A mail as its author meant it, made harmless: a document for a frame. `data-remote` on its root says that there are
/// pictures of other sites: `waiting` to be asked for, or `shown`.
#[utoipa::path(get, path = "/api/messages/{id}/frame", tag = "conversations", params(("id" = MessageId, Path), FrameParams),
    responses((status = 200, body = String, content_type = "text/html"), Problems))]
pub async fn frame(
    State(app): State<Shared>,
    caller: May<Read>,
    Id(id): Id<MessageId>,
    Params(params): Params<FrameParams>,
) -> Answer<Response> {
    let pictures = params.pictures == Some(1);
    let missing = || CommandError::not_found("mail");
    let body = bodies::find(&app.store, &caller.visibility, id).await?.ok_or_else(missing)?;
    let html = body.html.ok_or_else(missing)?;
    let files: HashMap<String, String> = attachments::inline_pictures(&app.store, &caller.visibility, id)
        .await?
        .into_iter()
        .map(|(content_id, file)| (content_id, format!("/api/attachments/{file}")))
        .collect();
    let made = apart_for_the_team(move || document(&html, pictures, &files));
    let document = made.await.map_err(|error| CommandError::fault("making a mail's document", error))?;
    let policy = if pictures { format!("{POLICY} https:") } else { POLICY.to_owned() };
    let headers = [
        (header::CONTENT_SECURITY_POLICY, policy.as_str()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "private, no-store"),
        (header::HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ];
    Ok((headers, Html(document.ok_or_else(missing)?)).into_response())
}

fn document(html: &str, pictures: bool, files: &HashMap<String, String>) -> Option<String> {
    let shown = switchboard_email::shown(html, pictures, |content_id| files.get(content_id).cloned())?;
    let remote = match (shown.remote, pictures) {
        (false, _) => "",
        (true, false) => " data-remote=\"waiting\"",
        (true, true) => " data-remote=\"shown\"",
    };
    Some(format!(
        "<!doctype html><html{remote}><head><meta charset=\"utf-8\"><meta name=\"referrer\" content=\"no-referrer\">\
         <meta name=\"viewport\" content=\"width=device-width\"><style>{STYLE}</style></head><body>{}</body></html>",
        shown.html
    ))
}
