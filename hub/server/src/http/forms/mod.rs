//! `/form/{key}`: contact forms, for pages of any site. A page of the hub's own shows the form; whoever sends it is answered
//! by a page or, to a script, by JSON. Other sites' scripts may read the answers if the form names their site.
//!
//! The key names the form and is no secret. Nothing that is answered depends on what is in the store but the form itself.

mod answer;
mod intake;

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::from_fn;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::{Deserialize, Serialize};
use switchboard_protocol::error::ErrorCode;
use switchboard_store::channels::{self, Setup};
use switchboard_store::contact_forms::{self, Kept};

use crate::app::{App, Shared};
use crate::caller::Origin;
use crate::config::origin_of;
use crate::error::{Answer, CommandError};
use crate::forms::body::{self, Kind, Sent};
use crate::forms::gate;
use crate::forms::page::STYLE;
use crate::forms::words::Words;
use crate::http::auth::is_ours;
use crate::http::extract::{Json, Params};
use crate::http::layers;
use answer::{Again, Answering, Outcome};

pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/form/{key}", get(show).post(send).options(ask))
        .route("/form/{key}/token", get(token))
        .route("/form.css", get(style))
        .layer(from_fn(layers::in_time_for_uploads))
}

/// A form with the mailbox behind it.
struct Form {
    kept: Kept,
    mailbox: Arc<Setup>,
}

/// None: there is none, it is off, or its mailbox is not set up.
async fn find(app: &App, key: &str) -> Result<Option<Form>, CommandError> {
    let Some(kept) = contact_forms::find_by_key(&app.store, key).await?.filter(|kept| kept.form.on) else {
        return Ok(None);
    };
    let mailbox = channels::find(&app.store, kept.inbox_id).await?;
    Ok(mailbox.map(|mailbox| Form { kept, mailbox: Arc::new(mailbox) }))
}

/// From which site a request comes, as its browser says.
enum Site {
    /// It does not say: a program, or a page that keeps it to itself.
    Unsaid,
    Good(String),
    Wrong,
}

fn site(app: &App, form: &Form, headers: &HeaderMap) -> Site {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    match text(header::ORIGIN).filter(|origin| *origin != "null") {
        None => Site::Unsaid,
        Some(origin) if is_site(app, form, origin, text(header::HOST)) => Site::Good(origin.to_owned()),
        Some(_) => Site::Wrong,
    }
}

fn is_site(app: &App, form: &Form, origin: &str, host: Option<&str>) -> bool {
    let sites = &form.kept.form.origins;
    sites.is_empty() || sites.iter().any(|site| site == origin) || is_ours(app, origin, host)
}

/// Lets a script of the site read the answer.
fn share(response: &mut Response, site: &Site) {
    let headers = response.headers_mut();
    headers.append(header::VARY, HeaderValue::from_static("origin"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Site::Good(origin) = site
        && let Ok(origin) = HeaderValue::from_str(origin)
    {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    }
}

#[derive(Debug, Deserialize)]
struct ShowParams {
    #[serde(default)]
    language: String,
}

/// The form on a page of the hub's own.
async fn show(
    State(app): State<Shared>,
    Path(key): Path<String>,
    Params(params): Params<ShowParams>,
) -> Answer<Response> {
    let Some(form) = find(&app, &key).await? else { return Ok(answer::none(&app)?) };
    let words = gate::words_for(&form.kept.form, &params.language);
    let answering = Answering { app: &app, form: &form, words, json: false, host: None };
    Ok(answering.fresh()?)
}

/// What a script needs to send one message.
#[derive(Debug, Serialize)]
struct Token {
    token: String,
    /// Zero bits of the proof.
    bits: u32,
    /// Before it may be sent, milliseconds.
    wait_ms: i64,
    sending: &'static str,
    failed: &'static str,
}

async fn token(
    State(app): State<Shared>,
    from: Origin,
    Path(key): Path<String>,
    Params(params): Params<ShowParams>,
    headers: HeaderMap,
) -> Answer<Response> {
    app.limit(&format!("visitor:{}", from.network()), app.config.limits.visitor_sessions_per_address).await?;
    let Some(form) = find(&app, &key).await? else { return Ok(answer::none(&app)?) };
    let site = site(&app, &form, &headers);
    let words = gate::words_for(&form.kept.form, &params.language);
    let mut response = match site {
        Site::Wrong => answer::wrong_site(&app, &form, words, true)?,
        Site::Unsaid | Site::Good(_) => Json(Token {
            token: app.form_key.sign(form.kept.inbox_id, &app.random, app.clock.now()),
            bits: app.config.limits.form_proof_bits,
            wait_ms: app.config.limits.form_soonest_ms,
            sending: words.sending,
            failed: words.failed,
        })
        .into_response(),
    };
    share(&mut response, &site);
    Ok(response)
}

/// What a browser asks before it sends JSON from another site (Fetch, 4.8).
async fn ask(State(app): State<Shared>, Path(key): Path<String>, headers: HeaderMap) -> Answer<Response> {
    let mut response = StatusCode::NO_CONTENT.into_response();
    if let Some(form) = find(&app, &key).await? {
        share(&mut response, &site(&app, &form, &headers));
        let headers = response.headers_mut();
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("POST"));
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("content-type"));
        headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    }
    Ok(response)
}

/// One message.
async fn send(
    State(app): State<Shared>,
    from: Origin,
    Path(key): Path<String>,
    request: Request<Body>,
) -> Answer<Response> {
    let Some(form) = find(&app, &key).await? else { return Ok(answer::none(&app)?) };
    let (head, body) = request.into_parts();
    let headers = &head.headers;
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok()).unwrap_or_default();
    let kind = Kind::of(headers);
    let json = kind == Some(Kind::Json) || text(header::ACCEPT).contains("application/json");
    let site = site(&app, &form, headers);
    let words = gate::words_for(&form.kept.form, "");
    if let Site::Wrong = site {
        let mut response = answer::wrong_site(&app, &form, words, json)?;
        share(&mut response, &site);
        return Ok(response);
    }
    let (mut sent, outcome) = match kind {
        _ if body::says_too_large(headers) => (Sent::default(), Outcome::Again(Again::too_large(words))),
        Some(kind) => intake::take(&app, &form, &from, kind, body).await,
        None => (Sent::default(), Outcome::Again(Again::new(ErrorCode::Malformed, words.failed))),
    };
    // A page without our script cannot say which it is; its browser mostly says from which site. What is shown anew keeps it.
    let referrer = text(header::REFERER);
    if sent.page.is_empty() && origin_of(referrer).is_some_and(|site| !is_ours(&app, &site, Some(text(header::HOST)))) {
        sent.page = gate::page(referrer);
    }
    let words: &'static Words = gate::words_for(&form.kept.form, &sent.language);
    let answering = Answering { app: &app, form: &form, words, json, host: Some(text(header::HOST)) };
    let mut response = answering.answer(&sent, outcome)?;
    share(&mut response, &site);
    Ok(response)
}

async fn style() -> Response {
    let headers = [(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, "public, max-age=300")];
    (headers, STYLE).into_response()
}
