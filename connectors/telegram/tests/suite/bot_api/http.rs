//! Requests in all forms that "Making requests" allows, and the envelope of answers.

use std::collections::HashMap;
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{FromRequest, Multipart, Path, Request, State as Shared};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use axum::{Json, Router};
use serde_json::{Value, json};

use super::{State, Surprise, TOKEN, methods, updates};

/// A method's parameters, wherever they came from; files by the name of their part.
#[derive(Default)]
pub struct Params {
    fields: HashMap<String, Value>,
    pub files: HashMap<String, (String, String, Vec<u8>)>,
}

pub struct Refusal {
    pub code: u16,
    pub description: String,
    pub retry_after: Option<u64>,
}

pub type Outcome = Result<Value, Refusal>;

pub fn refuse(code: u16, description: impl Into<String>) -> Refusal {
    Refusal { code, description: description.into(), retry_after: None }
}

impl Params {
    pub fn text(&self, name: &str) -> Option<String> {
        self.fields.get(name).map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
    }

    pub fn int(&self, name: &str) -> Option<i64> {
        self.fields.get(name).and_then(|value| value.as_i64().or_else(|| value.as_str()?.parse().ok()))
    }

    /// A field that is JSON, be it written as text.
    pub fn json(&self, name: &str) -> Option<Value> {
        self.fields.get(name).map(|value| match value {
            Value::String(text) => serde_json::from_str(text).unwrap_or_else(|_| value.clone()),
            other => other.clone(),
        })
    }

    /// The part that a field's `attach://` names, or the part of the field's own name.
    pub fn file(&self, name: &str) -> Option<(String, String, Vec<u8>)> {
        let attached = self.text(name).and_then(|text| text.strip_prefix("attach://").map(str::to_owned));
        self.files.get(attached.as_deref().unwrap_or(name)).cloned()
    }
}

pub fn routes(state: Arc<State>) -> Router {
    Router::new()
        .route("/{bot}/{method}", any(call))
        .route("/file/{bot}/{*path}", get(download))
        .layer(axum::extract::DefaultBodyLimit::max(60 * 1024 * 1024))
        .with_state(state)
}

async fn call(
    Shared(state): Shared<Arc<State>>,
    Path((bot, method)): Path<(String, String)>,
    request: Request,
) -> Response {
    let method = method.to_lowercase();
    state.world.lock().calls.push(method.clone());
    state.sent.notify_waiters();
    if bot != format!("bot{TOKEN}") {
        return envelope(Err(refuse(401, "Unauthorized")));
    }
    let params = params(request).await;
    let surprise = {
        let mut world = state.world.lock();
        let at = world.surprises.iter().position(|(name, _)| *name == method);
        at.and_then(|at| world.surprises.remove(at)).map(|(_, surprise)| surprise)
    };
    match surprise {
        None => {}
        Some(Surprise::Refuse { code, description, retry_after }) => {
            return envelope(Err(Refusal { code, description: description.into(), retry_after }));
        }
        Some(Surprise::Result(result)) => return envelope(Ok(result)),
        Some(Surprise::Page { code }) => {
            return (StatusCode::from_u16(code).unwrap(), "<html><h1>nginx</h1></html>").into_response();
        }
        Some(Surprise::DoneAndLost) => {
            let _ = answer(&state, &method, &params).await;
            return broken_off();
        }
    }
    envelope(answer(&state, &method, &params).await)
}

/// An answer whose body begins and breaks off.
fn broken_off() -> Response {
    let body = futures_util::stream::iter([Ok("{\"ok\":"), Err(std::io::Error::other("the line is cut"))]);
    Body::from_stream(body).into_response()
}

async fn answer(state: &Arc<State>, method: &str, params: &Params) -> Outcome {
    match method {
        "getupdates" => updates::get_updates(state, params).await,
        "setwebhook" => updates::set_webhook(state, params),
        "deletewebhook" => updates::delete_webhook(state, params),
        "getwebhookinfo" => Ok(updates::webhook_info(state)),
        "sendmessage" | "sendphoto" | "senddocument" | "sendmediagroup" | "sendchataction" => {
            methods::send(state, method, params)
        }
        "getme" => Ok(methods::get_me()),
        "getfile" => methods::get_file(state, params),
        _ => Err(refuse(404, "Not Found: method not found")),
    }
}

fn envelope(outcome: Outcome) -> Response {
    match outcome {
        Ok(result) => Json(json!({"ok": true, "result": result})).into_response(),
        Err(Refusal { code, description, retry_after }) => {
            let mut body = json!({"ok": false, "error_code": code, "description": description});
            if let Some(seconds) = retry_after {
                body["parameters"] = json!({"retry_after": seconds});
            }
            (StatusCode::from_u16(code).unwrap(), Json(body)).into_response()
        }
    }
}

async fn params(request: Request) -> Params {
    let mut params = Params::default();
    let text = |pairs: &[u8]| -> Vec<(String, Value)> {
        url::form_urlencoded::parse(pairs)
            .map(|(name, value)| (name.into_owned(), Value::String(value.into_owned())))
            .collect()
    };
    if let Some(query) = request.uri().query() {
        params.fields.extend(text(query.as_bytes()));
    }
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("").to_owned();
    if kind.starts_with("multipart/form-data") {
        let mut parts = Multipart::from_request(request, &()).await.unwrap();
        while let Some(part) = parts.next_field().await.unwrap() {
            let name = part.name().unwrap_or_default().to_owned();
            match part.file_name().map(str::to_owned) {
                Some(file) => {
                    let media_type = part.content_type().unwrap_or("application/octet-stream").to_owned();
                    let bytes = part.bytes().await.unwrap().to_vec();
                    params.files.insert(name, (file, media_type, bytes));
                }
                None => {
                    let value = part.text().await.unwrap();
                    params.fields.insert(name, Value::String(value));
                }
            }
        }
        return params;
    }
    let body = to_bytes(request.into_body(), 60 * 1024 * 1024).await.unwrap();
    if kind.starts_with("application/json") {
        let fields: HashMap<String, Value> = serde_json::from_slice(&body).unwrap_or_default();
        params.fields.extend(fields);
    } else {
        params.fields.extend(text(&body));
    }
    params
}

async fn download(Shared(state): Shared<Arc<State>>, Path((bot, path)): Path<(String, String)>) -> Response {
    let mut world = state.world.lock();
    world.calls.push("download".into());
    if bot != format!("bot{TOKEN}") {
        return StatusCode::NOT_FOUND.into_response();
    }
    if world.failing_downloads > 0 {
        world.failing_downloads -= 1;
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    match world.files.values().find(|(known, _)| *known == path) {
        Some((_, bytes)) => bytes.clone().into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
