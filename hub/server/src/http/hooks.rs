//! `/hooks/{key}`: where providers call. The key names the inbox and is no proof of anything; whether the call is the
//! provider's own its connector decides, by signature or secret. What it brings is committed before it is answered.

use axum::body::{Body, HttpBody};
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use switchboard_connector::{Webhook, WebhookAnswer};
use tokio_util::sync::CancellationToken;

use crate::app::Shared;
use crate::channels::{self, HubEdge};
use crate::limits::WEBHOOK_PACE;

/// Hands one request to the connector of the inbox that it is for.
pub async fn call(State(app): State<Shared>, request: Request) -> Response {
    let path = request.uri().path().trim_start_matches("/hooks/").to_owned();
    let (key, rest) = path.split_once('/').unwrap_or((&path, ""));
    let setup = match channels::called(&app, key).await {
        Ok(Some(setup)) => setup,
        Ok(None) => return answer(WebhookAnswer::not_found()),
        Err(error) => {
            tracing::warn!(%error, "a provider's call cannot be taken; it is asked to come again");
            return answer(WebhookAnswer::unavailable());
        }
    };
    let connector = match app.channels.connector(&app, &setup) {
        Ok(connector) => connector,
        Err(trouble) => {
            tracing::warn!(inbox = %setup.inbox_id, %trouble, "a provider's call cannot be taken");
            return answer(WebhookAnswer::unavailable());
        }
    };
    // Before it is read: whose call it is only its connector can tell, when it is in memory.
    let most = connector.webhook_bytes();
    let told = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    let bytes = if request.body().is_end_stream() { 0 } else { told.unwrap_or(most) };
    if bytes > most {
        return (StatusCode::PAYLOAD_TOO_LARGE, "The request is too large.\n").into_response();
    }
    let Some(_place) = app.channels.calls.begin(setup.inbox_id, bytes).await else {
        tracing::warn!(inbox = %setup.inbox_id, "too many calls of providers are being read; this one is asked to come again");
        return answer(WebhookAnswer::unavailable());
    };
    let webhook = match read(&app, request, rest, most).await {
        Ok(webhook) => webhook,
        Err(status) => return (status, "The request could not be read.\n").into_response(),
    };
    let edge = HubEdge::new(app.clone(), setup);
    answer(connector.webhook(webhook, &edge).await)
}

async fn read(app: &Shared, request: Request<Body>, rest: &str, most: usize) -> Result<Webhook, StatusCode> {
    let (parts, body) = request.into_parts();
    let headers: Vec<(String, String)> = parts
        .headers
        .iter()
        .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
        .collect();
    // As the provider called it: behind a proxy that is the hub's public address, not the one that the proxy uses.
    let host = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let origin = app.config.public_origin().unwrap_or_else(|| format!("http://{host}"));
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    // Room for calls is little: whoever hardly moves does not hold it for long.
    let slow = CancellationToken::new();
    let body = Body::from_stream(WEBHOOK_PACE.watch(body.into_data_stream(), slow.clone()));
    let body = tokio::select! {
        body = axum::body::to_bytes(body, most) => body.map_err(|_| StatusCode::PAYLOAD_TOO_LARGE)?,
        () = slow.cancelled() => return Err(StatusCode::REQUEST_TIMEOUT),
    };
    Ok(Webhook {
        method: parts.method.to_string(),
        url: format!("{origin}{path}"),
        rest: rest.to_owned(),
        headers,
        body,
        at: app.clock.now(),
    })
}

fn answer(answer: WebhookAnswer) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, [(header::CONTENT_TYPE, answer.media_type)], answer.body).into_response()
}
