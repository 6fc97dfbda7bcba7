//! A provider: it answers what a test says, and remembers what it was asked. That it speaks the dialect as the real one
//! does is shown apart, by Twilio's own description of its API and Twilio's own signatures (`peers.rs`).

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use switchboard_connector::{Addresses, Secret, Secrets, Webhook};
use switchboard_connector_http::Http;
use switchboard_protocol::channels::SmsSettings;
use switchboard_sms::Line;
use tokio::net::TcpListener;

pub const SID: &str = "AC0123456789abcdef0123456789abcdef";
pub const TOKEN: &str = "0123456789abcdef";
pub const OURS: &str = "+14155550100";
pub const ADDRESS: &str = "https://hub.example/hooks/i1";

#[derive(Debug, Clone)]
pub struct Asked {
    pub path: String,
    pub login: String,
    pub form: BTreeMap<String, String>,
    /// Addresses of files, in order.
    pub media: Vec<String>,
}

#[derive(Clone)]
struct Shared {
    asked: Arc<Mutex<Vec<Asked>>>,
    /// By what the path and query contain, the first that fits.
    rules: Arc<Vec<Rule>>,
}

pub struct Provider {
    pub url: String,
    shared: Shared,
}

/// What the provider answers where the path contains a text.
pub fn on(path: &'static str, status: u16, body: impl Into<Vec<u8>>) -> Rule {
    Rule { path, status, headers: Vec::new(), body: body.into() }
}

pub struct Rule {
    path: &'static str,
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

impl Rule {
    pub fn with(mut self, header: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((header, value.into()));
        self
    }
}

impl Provider {
    pub async fn start(rules: impl IntoIterator<Item = Rule>) -> Self {
        let shared = Shared { asked: Arc::default(), rules: Arc::new(rules.into_iter().collect()) };
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("the port is bound"));
        let router = Router::new().fallback(answer).with_state(shared.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, shared }
    }

    pub fn line(&self) -> Line {
        self.line_from(OURS)
    }

    pub fn line_from(&self, from: &str) -> Line {
        line(&self.url, from, Addresses::Any)
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.shared.asked.lock().expect("no test panics while it holds this").clone()
    }
}

pub fn line(base_url: &str, from: &str, addresses: Addresses) -> Line {
    let settings = SmsSettings { account_sid: SID.to_owned(), from: from.to_owned(), base_url: base_url.to_owned() };
    let secrets = Secrets([("auth_token".to_owned(), Secret::new(TOKEN))].into());
    Line::new(settings, &secrets, Some(ADDRESS.to_owned()), Http::new(addresses).expect("a client"))
}

async fn answer(State(shared): State<Shared>, request: Request) -> Response {
    let path = request.uri().to_string();
    let login = request.headers().get("authorization").map(|value| {
        let basic = value.to_str().expect("text").trim_start_matches("Basic ");
        String::from_utf8(STANDARD.decode(basic).expect("base64")).expect("text")
    });
    let body = axum::body::to_bytes(request.into_body(), 1 << 20).await.expect("a body");
    let fields = || url::form_urlencoded::parse(&body).into_owned();
    let media = fields().filter(|(name, _)| name == "MediaUrl").map(|(_, value)| value).collect();
    let asked = Asked { path: path.clone(), login: login.unwrap_or_default(), form: fields().collect(), media };
    shared.asked.lock().expect("no test panics while it holds this").push(asked);
    let Some(rule) = shared.rules.iter().find(|rule| path.contains(rule.path)) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let mut response = Response::builder().status(rule.status);
    for (name, value) in &rule.headers {
        response = response.header(*name, value);
    }
    response.body(Body::from(rule.body.clone())).expect("an answer")
}

/// A request as the provider makes it, signed by the rule of its documentation.
pub fn webhook(rest: &str, fields: &[(&str, &str)]) -> Webhook {
    let url = if rest.is_empty() { ADDRESS.to_owned() } else { format!("{ADDRESS}/{rest}") };
    let mut sorted = fields.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    let mut mac = Hmac::<Sha1>::new_from_slice(TOKEN.as_bytes()).expect("any key will do");
    mac.update(url.as_bytes());
    for (name, value) in sorted {
        mac.update(name.as_bytes());
        mac.update(value.as_bytes());
    }
    let signature = STANDARD.encode(mac.finalize().into_bytes());
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    Webhook {
        method: "POST".to_owned(),
        url,
        rest: rest.to_owned(),
        headers: vec![("x-twilio-signature".to_owned(), signature)],
        body: body.into(),
        at: 1_700_000_000_000,
    }
}
