//! The built pages, inside the binary: the dashboard at `/`, the widget's loader at `/widget.js`, the chat panel's document
//! at `/widget/panel`, the contact forms' script at `/form.js`. In a debug build they are read from disk, so that a rebuilt page shows at the next load; a build
//! that has none says how to get them.
//!
//! Each page has a content security policy without inline scripts or styles. Nothing but the panel can be framed, and
//! that only by the origins that its inbox names.

mod demo;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use rust_embed::{EmbeddedFile, RustEmbed};
use serde::Deserialize;
use switchboard_domain::bots::console;
use switchboard_protocol::error::{ApiError, ErrorCode};
use switchboard_store::inboxes;
use tower_http::compression::CompressionLayer;

use crate::app::{App, Shared};
use crate::config::origin_of;
use crate::error::{Answer, Problem};
use crate::http::auth;
use crate::http::extract::Params;
use crate::secret::hex;

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../dashboard/dist"]
#[allow_missing = true]
struct Dashboard;

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../../widget/dist"]
#[allow_missing = true]
struct Widget;

/// How long a browser may use a page without asking whether there is a newer one, by what the page is.
#[derive(Debug, Clone, Copy)]
enum Fresh {
    /// Its name has a hash of its content in it.
    Forever,
    /// Asked for with its ETag each time.
    Never,
    /// On other people's sites: a new one is there within minutes.
    Minutes,
}

impl Fresh {
    fn header(self) -> &'static str {
        match self {
            Self::Forever => "public, max-age=31536000, immutable",
            Self::Never => "no-cache",
            Self::Minutes => "public, max-age=300, stale-while-revalidate=86400",
        }
    }
}

/// Its frames are the documents of mails, which have a policy of their own (`http::mail_frame`).
const DASHBOARD_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; \
    font-src 'self'; connect-src 'self'; media-src 'self'; manifest-src 'self'; worker-src 'self'; frame-src 'self'; \
    base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

const PANEL_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; \
    font-src 'self'; connect-src 'self'; media-src 'self'; base-uri 'none'; form-action 'none'";

/// What a build without pages says in their place.
const NO_PAGES: &str = "This hub was built without its pages. Build them with `npm ci && npm run build` in the project's \
    folder, then build the hub again (a debug build only needs to be reloaded). The API is at /api/docs.\n";

/// Whether this build has its pages.
pub fn built() -> bool {
    Dashboard::get("index.html").is_some() && Widget::get("widget.js").is_some()
}

pub fn routes(app: &App) -> Router<Shared> {
    let mut router = Router::new()
        .route("/widget.js", get(loader))
        .route("/form.js", get(form_script))
        .route("/widget/panel", get(panel))
        .route("/widget/panel/{*path}", get(panel_file))
        .fallback(dashboard);
    if app.demo {
        router = router.merge(demo::routes());
    }
    // Pages only: compressing what mixes a secret with a stranger's text lets the length betray the secret.
    router.layer(CompressionLayer::new())
}

async fn loader(headers: HeaderMap) -> Response {
    for_other_sites("widget.js", &headers)
}

/// What makes contact forms answer in place.
async fn form_script(headers: HeaderMap) -> Response {
    for_other_sites("form.js", &headers)
}

fn for_other_sites(script: &str, headers: &HeaderMap) -> Response {
    let mut response = page(Widget::get(script), script, Fresh::Minutes, headers);
    // Loaded by other sites, also by those that isolate themselves.
    set(&mut response, "cross-origin-resource-policy", "cross-origin");
    response
}

#[derive(Deserialize)]
struct PanelParams {
    inbox: Option<String>,
}

/// The panel's document. Which sites may frame it stands in the inbox's settings. For an inbox that does not exist it is
/// the same document, for everybody: nothing is behind it, and it says so in the visitor's language.
async fn panel(State(app): State<Shared>, Params(params): Params<PanelParams>, headers: HeaderMap) -> Answer<Response> {
    let inbox = match params.inbox {
        Some(key) => inboxes::find_by_widget_key(&app.store, &key).await?,
        None => None,
    };
    let console = inbox.as_ref().is_some_and(|inbox| console::is_one(inbox.id));
    let origins = inbox.and_then(|inbox| inbox.web).map(|web| web.origins).unwrap_or_default();
    if is_elsewhere(&app, &origins, &headers) {
        let mut response = Redirect::to("/widget/panel").into_response();
        set(&mut response, header::CACHE_CONTROL.as_str(), "no-store");
        set(&mut response, header::VARY.as_str(), "referer");
        return Ok(response);
    }
    let ancestors = match origins.as_slice() {
        [] if console => "'self'".to_owned(),
        [] => "*".to_owned(),
        origins => format!("'self' {}", origins.join(" ")),
    };
    let mut response = page(Widget::get("panel/index.html"), "index.html", Fresh::Never, &headers);
    set(
        &mut response,
        header::CONTENT_SECURITY_POLICY.as_str(),
        &format!("{PANEL_POLICY}; frame-ancestors {ancestors}"),
    );
    set(&mut response, "cross-origin-resource-policy", "cross-origin");
    Ok(response)
}

/// Whether the page that frames the panel says that it is none of those that may: its browser would show an error of its
/// own in place of the document, and nobody would know what is wrong.
fn is_elsewhere(app: &App, origins: &[String], headers: &HeaderMap) -> bool {
    let text = |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let site = text(header::REFERER).and_then(origin_of);
    site.is_some_and(|site| {
        !origins.is_empty() && !origins.contains(&site) && !auth::is_ours(app, &site, text(header::HOST))
    })
}

async fn panel_file(axum::extract::Path(path): axum::extract::Path<String>, headers: HeaderMap) -> Response {
    match Widget::get(&format!("panel/{path}")) {
        Some(file) if path != "index.html" => page(Some(file), &path, fresh(&path), &headers),
        _ => no_such_page(),
    }
}

/// Files of the dashboard; every other path is one of its own, and it draws that itself.
async fn dashboard(request: Request) -> Response {
    let path = request.uri().path().trim_start_matches('/');
    if path.starts_with("api/") || path.starts_with("ws/") || path == "api" {
        let sentence = "There is no such address; see /api/docs.";
        return Problem::from(ApiError::new(ErrorCode::Unknown, sentence)).into_response();
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Problem::from(ApiError::new(ErrorCode::Unknown, "A page can only be read.")).into_response();
    }
    let gallery = cfg!(debug_assertions) && path == "gallery";
    let mut response = match Dashboard::get(path) {
        Some(file) => page(Some(file), path, fresh(path), request.headers()),
        None if gallery => page(Dashboard::get("gallery.html"), "gallery.html", Fresh::Never, request.headers()),
        None if path.contains('.') => return no_such_page(),
        None => page(Dashboard::get("index.html"), "index.html", Fresh::Never, request.headers()),
    };
    set(&mut response, header::CONTENT_SECURITY_POLICY.as_str(), DASHBOARD_POLICY);
    response
}

fn no_such_page() -> Response {
    (StatusCode::NOT_FOUND, "There is no such page.\n").into_response()
}

/// Vite names what it builds by its content, under `assets/`.
fn fresh(path: &str) -> Fresh {
    if path.starts_with("assets/") { Fresh::Forever } else { Fresh::Never }
}

fn page(file: Option<EmbeddedFile>, name: &str, fresh: Fresh, headers: &HeaderMap) -> Response {
    let Some(file) = file else { return (StatusCode::SERVICE_UNAVAILABLE, NO_PAGES).into_response() };
    let etag = format!("\"{}\"", hex(&file.metadata.sha256_hash()[..16]));
    // A compressing layer makes the tag a weak one on the way out.
    let known = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|tag| tag.to_str().ok());
    let mut response = if known.flat_map(|tags| tags.split(',')).any(|tag| tag.trim().trim_start_matches("W/") == etag)
    {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Body::from(file.data).into_response()
    };
    let kind = mime_guess::from_path(name).first_or_octet_stream();
    let text = kind.type_() == "text" || kind.subtype() == "javascript" || kind.subtype() == "json";
    set(
        &mut response,
        header::CONTENT_TYPE.as_str(),
        &if text { format!("{kind}; charset=utf-8") } else { kind.to_string() },
    );
    set(&mut response, header::ETAG.as_str(), &etag);
    set(&mut response, header::CACHE_CONTROL.as_str(), fresh.header());
    response
}

fn set(response: &mut Response, name: &str, value: &str) {
    if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value)) {
        response.headers_mut().insert(name, value);
    }
}
