//! What the gateway brings: messages at the inbox's own address, what became of ours at `status` under it.

use serde_json::Value;
use subtle::ConstantTimeEq;
use switchboard_connector::{
    Automatic, Consent, Edge, Happened, Incoming, IncomingMessage, Origin, Person, Progress, Reached, Secret, Thread,
    Webhook, WebhookAnswer,
};
use switchboard_numbers::e164_of_gateway;
use switchboard_protocol::UnixMs;
use switchboard_protocol::channels::{GatewaySettings, GatewayStatus};
use url::Url;

use crate::outcome::ID_CHARS;
use crate::request::TRY_FIELD;

/// Most bytes of a request: a text and what a gateway says about it.
const BODY_BYTES: usize = 1024 * 1024;

/// The query's field for the secret, where no header is named for it.
const SECRET_FIELD: &str = "secret";

pub(crate) async fn answer(
    settings: &GatewaySettings,
    inbound: &Secret,
    request: &Webhook,
    edge: &dyn Edge,
) -> WebhookAnswer {
    let query = Url::parse(&request.url).map(|url| url.query_pairs().into_owned().collect()).unwrap_or_default();
    if !is_known(&settings.receive.secret_header, inbound, request, &query) {
        return WebhookAnswer::forbidden();
    }
    if !matches!(request.method.as_str(), "GET" | "POST") {
        return WebhookAnswer::malformed("Call this by GET or POST.\n");
    }
    if request.body.len() > BODY_BYTES {
        return WebhookAnswer::malformed("This is too much for a message.\n");
    }
    let told = Told::of(request, query);
    let incoming = match (request.rest.as_str(), &settings.status) {
        ("", _) => message(settings, &told, request).map(Some),
        ("status", Some(status)) => progress(status, &told, request),
        _ => return WebhookAnswer::not_found(),
    };
    match incoming {
        Err(missing) => WebhookAnswer::malformed(&format!("There is nothing at {missing}, or too much.\n")),
        Ok(None) => WebhookAnswer::done(),
        Ok(Some(incoming)) => match edge.take(vec![incoming]).await {
            // An empty body: a gateway may send what it finds there to the customer.
            Ok(_) => WebhookAnswer::done(),
            Err(_not_taken) => WebhookAnswer::unavailable(),
        },
    }
}

type Fields = Vec<(String, String)>;

/// Whether the gateway showed the secret. With none set nobody is known.
fn is_known(header: &str, inbound: &Secret, request: &Webhook, query: &Fields) -> bool {
    let shown = match header {
        "" => field(query, SECRET_FIELD),
        header => request.header(&header.to_ascii_lowercase()),
    };
    let expected = inbound.expose().as_bytes();
    !expected.is_empty() && shown.is_some_and(|shown| shown.as_bytes().ct_eq(expected).into())
}

fn field<'a>(fields: &'a Fields, name: &str) -> Option<&'a str> {
    fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

/// A request's fields, wherever they are.
struct Told {
    json: Value,
    form: Fields,
    query: Fields,
}

impl Told {
    fn of(request: &Webhook, query: Fields) -> Self {
        let json = serde_json::from_slice(&request.body).unwrap_or_default();
        let form = match request.header("content-type") {
            Some(kind) if kind.starts_with("application/x-www-form-urlencoded") => {
                url::form_urlencoded::parse(&request.body).into_owned().collect()
            }
            _ => Fields::new(),
        };
        Self { json, form, query }
    }

    /// What is at a place that the settings name: a JSON pointer, or a field of the form or else of the query.
    fn at(&self, place: &str) -> Option<String> {
        if place.starts_with('/') {
            return self.json.pointer(place).and_then(text_of);
        }
        field(&self.form, place).or_else(|| field(&self.query, place)).map(str::to_owned)
    }

    /// The same, for what names something.
    fn name<'a>(&self, place: &'a str) -> Result<String, &'a str> {
        self.at(place)
            .map(|name| name.trim().to_owned())
            .filter(|name| !name.is_empty() && name.chars().count() <= ID_CHARS)
            .ok_or(place)
    }
}

/// A value that can be a text; gateways write ids as numbers as well.
pub(crate) fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(word) => Some(word.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn message<'a>(settings: &'a GatewaySettings, told: &Told, request: &Webhook) -> Result<Incoming, &'a str> {
    let places = &settings.receive;
    let (id, from) = (told.name(&places.id_at)?, told.name(&places.from_at)?);
    let text = told.at(&places.text_at).ok_or(places.text_at.as_str())?;
    let number = settings.sms.then(|| e164_of_gateway(&from, Some(&settings.from))).flatten();
    let key = number.unwrap_or(from);
    let message = IncomingMessage {
        from: Person { address: Some(key.clone()), key, name: None, language: None },
        consent: settings.sms.then(|| Consent::of_sms(&text)).flatten(),
        text,
        whole_text: None,
        html: None,
        files: Vec::new(),
        references: vec![id.clone()],
        answers: None,
        quote: None,
        thread: Thread::Person,
        automatic: Automatic::No,
        mail: None,
        origin: Origin::default(),
    };
    Ok(Incoming { key: id, at: request.at, what: Happened::Message(Box::new(message)) })
}

/// None: the gateway says that a message is still on its way, or a word that nobody has explained.
fn progress<'a>(places: &'a GatewayStatus, told: &Told, request: &Webhook) -> Result<Option<Incoming>, &'a str> {
    let (reference, word) = (told.name(&places.id_at)?, told.name(&places.status_at)?);
    let is = |words: &[String]| words.iter().any(|known| known.trim().eq_ignore_ascii_case(&word));
    let reached = if is(&places.delivered) {
        Reached::Delivered
    } else if is(&places.failed) {
        Reached::Failed { why: format!("The gateway says that it was not delivered ({word}).") }
    } else {
        return Ok(None);
    };
    // By what it says and not by the word, which may be long.
    let kind = if reached == Reached::Delivered { "delivered" } else { "failed" };
    // Our id is the same at each try: that a second one failed is another word.
    let number = field(&told.query, TRY_FIELD).and_then(|number| number.parse::<UnixMs>().ok());
    let key = number.map_or_else(|| format!("{kind}:{reference}"), |number| format!("{kind}:{reference}:{number}"));
    Ok(Some(Incoming {
        key,
        at: request.at,
        what: Happened::Progress(Progress { reference, recipient: None, reached }),
    }))
}
