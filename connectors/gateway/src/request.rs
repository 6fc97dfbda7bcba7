//! A message as the request that the settings describe.

use std::collections::BTreeMap;

use minijinja::value::{Kwargs, Value};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior, context};
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Method, RequestBuilder};
use switchboard_connector::Secrets;
use switchboard_protocol::UnixMs;
use switchboard_protocol::channels::{GatewaySend, GatewaySettings};
use url::Url;

use crate::INBOUND;

/// Most steps of a template: one that loops is broken off.
const TEMPLATE_STEPS: u64 = 50_000;

/// What stands for the text and the recipient when the templates are tried: characters that mean something in an address, a
/// form and JSON each.
const PROBE: &str = "a&b=c \"d\" #e %f \\g\n";

/// A message that every template can write.
const PLAIN: (&str, &str) = ("+15550100", "x");

/// A message as a request.
pub(crate) struct Request {
    pub builder: RequestBuilder,
    /// The path of its address is another one for another recipient or text.
    pub is_at_its_own_path: bool,
}

/// What a message is known by: the id is the same at each try, and what is told of one try is not told of the next.
#[derive(Clone, Copy)]
pub(crate) struct Ours<'a> {
    pub id: &'a str,
    pub queued_at: UnixMs,
}

/// What a request is written with that is only looked at.
const OURS: Ours<'_> = Ours { id: "01J00000000000000000000000", queued_at: 0 };

/// The query's field that tells which try a word is about.
pub(crate) const TRY_FIELD: &str = "try";

/// Why there is no request.
pub(crate) enum Fault {
    Settings(String),
    /// Another message can be written.
    Message(String),
}

/// The settings' templates, with all that they may use but the message.
pub(crate) struct Templates<'a> {
    send: &'a GatewaySend,
    from: &'a str,
    secrets: Value,
    address: Option<&'a str>,
    /// Goes into the status address where the gateway shows the secret in the query.
    inbound: Option<String>,
    environment: Environment<'static>,
}

/// The request before it is one of the HTTP library's.
struct Written {
    method: Method,
    url: Url,
    headers: HeaderMap,
    body: String,
}

impl<'a> Templates<'a> {
    pub fn new(settings: &'a GatewaySettings, secrets: &'a Secrets, address: Option<&'a str>) -> Self {
        let mut environment = Environment::new();
        // What is written is an address, a form or JSON, by the filters `urlencode` and `json`; never HTML.
        environment.set_auto_escape_callback(|_| AutoEscape::None);
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_fuel(Some(TEMPLATE_STEPS));
        environment.add_filter("urlencode", urlencode);
        environment.add_filter("json", json);
        environment.add_filter("tojson", json);
        let in_query = settings.receive.secret_header.is_empty();
        Self {
            send: &settings.send,
            from: &settings.from,
            secrets: map_of(secrets),
            address,
            inbound: in_query.then(|| secrets.of(INBOUND).expose().to_owned()),
            environment,
        }
    }

    /// The request that brings a message.
    pub fn request(&self, client: &Client, to: &str, text: &str, ours: Ours<'_>) -> Result<Request, Fault> {
        let plain = self.write(PLAIN.0, PLAIN.1, ours).map_err(Fault::Settings)?;
        let Written { method, url, headers, body } = self.write(to, text, ours).map_err(Fault::Message)?;
        let is_at_its_own_path = url.path() != plain.url.path();
        let request = client.request(method, url).headers(headers);
        let builder = if body.is_empty() { request } else { request.body(body) };
        Ok(Request { builder, is_at_its_own_path })
    }

    /// Writes a message full of special characters and looks whether they stayed where they belong. Where it would go.
    pub fn check(&self) -> Result<Url, String> {
        let written = self.write(PROBE, PROBE, OURS)?;
        // A customer's text in the address would add parameters of its own. The parser of addresses may have encoded a part.
        let raw = self.render("address", &self.send.url, PROBE, PROBE, OURS)?;
        if raw.contains(PROBE) {
            return Err("The address has the text or the recipient without `| urlencode`.".to_owned());
        }
        let media_type = written.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if media_type.contains("json") {
            let json = serde_json::from_str::<serde_json::Value>(&written.body);
            json.map_err(|error| {
                format!("The body is not JSON ({error}). Texts are written as {{{{ text | json }}}}.")
            })?;
        } else if media_type.contains("x-www-form-urlencoded") && written.body.contains(PROBE) {
            return Err("The body has the text or the recipient without `| urlencode`.".to_owned());
        }
        Ok(written.url)
    }

    fn write(&self, to: &str, text: &str, ours: Ours<'_>) -> Result<Written, String> {
        let method = match self.send.method.to_ascii_uppercase().as_str() {
            "GET" => Method::GET,
            "POST" => Method::POST,
            _ => return Err("The method is GET or POST.".to_owned()),
        };
        let url = self.render("address", &self.send.url, to, text, ours)?;
        let url = Url::parse(&url)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
            .ok_or("The address is not one that begins with https:// or http://.")?;
        let body = self.render("body", &self.send.body, to, text, ours)?;
        let mut headers = HeaderMap::new();
        if !body.is_empty() {
            let json = body.trim_start().starts_with(['{', '[']);
            let media_type = if json { "application/json" } else { "application/x-www-form-urlencoded" };
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
        }
        for (name, template) in &self.send.headers {
            let value = self.render("header", template, to, text, ours)?;
            let name: HeaderName = name.parse().map_err(|_| format!("“{name}” cannot be the name of a header."))?;
            let mut value = HeaderValue::from_str(&value)
                .map_err(|_| format!("What is written for the header {name} cannot stand in one."))?;
            // It may be a password.
            value.set_sensitive(true);
            headers.insert(name, value);
        }
        Ok(Written { method, url, headers, body })
    }

    /// The reason says where a template is wrong and holds nothing of what it was given.
    fn render(&self, what: &str, template: &str, to: &str, text: &str, ours: Ours<'_>) -> Result<String, String> {
        let context = context! {
            to, text,
            id => ours.id,
            from => self.from,
            status_url => self.status_url(ours),
            secret => self.secrets.clone(),
        };
        self.environment.render_named_str(what, template, context).map_err(|error| {
            let place = error.line().map(|line| format!(", line {line}")).unwrap_or_default();
            format!(
                "The template of the {what}{place}: {}.",
                error.detail().map_or_else(|| error.kind().to_string(), str::to_owned)
            )
        })
    }

    /// Where the gateway may tell what became of the message: with our id of it, for a gateway that gives none, and which try
    /// it is. Always with a query, so that a template can add to it by `&`.
    fn status_url(&self, ours: Ours<'_>) -> String {
        let Some(address) = self.address else { return String::new() };
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("message", ours.id);
        query.append_pair(TRY_FIELD, &ours.queued_at.to_string());
        if let Some(secret) = &self.inbound {
            query.append_pair("secret", secret);
        }
        format!("{address}/status?{}", query.finish())
    }
}

fn map_of(secrets: &Secrets) -> Value {
    secrets
        .0
        .iter()
        .map(|(name, secret)| (name.clone(), Value::from(secret.expose())))
        .collect::<BTreeMap<_, _>>()
        .into()
}

/// The library's filters write nothing for what does not exist; a secret of another name would be an empty password.
fn urlencode(value: &Value) -> Result<String, Error> {
    minijinja::filters::urlencode(exists(value)?)
}

fn json(value: &Value, indent: Option<Value>, options: Kwargs) -> Result<Value, Error> {
    minijinja::filters::tojson(exists(value)?, indent, options)
}

fn exists(value: &Value) -> Result<&Value, Error> {
    if value.is_undefined() { Err(ErrorKind::UndefinedError.into()) } else { Ok(value) }
}
