//! The line to a Bot API server: one request, one answer, sorted by what it says about the request.
//!
//! Methods and objects are teloxide's; the line is our own. teloxide's waits ten seconds at each 5xx, gives away the status,
//! and cannot tell a request that never left from one whose answer was lost, and on that stands whether a message may be sent
//! again. Deliberately not here: trying again, and rates.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::Response;
use reqwest::multipart::{Form, Part};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;
use switchboard_connector::{Secret, Trouble};
use switchboard_connector_http::{Failed, Http};
use teloxide_core::requests::Payload;
use url::Url;

/// Where bots are served unless the admin runs a server of their own.
const TELEGRAM: &str = "https://api.telegram.org";

/// For a request without files and with nothing to wait for.
const CALL_TIMEOUT: Duration = Duration::from_secs(30);
/// For 50 MB upward. Less than the hub gives a message as a whole.
const UPLOAD_TIMEOUT: Duration = Duration::from_secs(110);
/// For 20 MB downward.
const DOWNLOAD_TIMEOUT: Duration = Duration::from_secs(60);
/// Longest answer, bytes: a hundred updates of long texts are about one megabyte.
const ANSWER_BYTES: usize = 16 * 1024 * 1024;

/// What an admin reads of a server that has moved.
pub(crate) const REDIRECTED: &str =
    "The address of the Bot API server leads to another one: write that one into the settings.";

pub(crate) struct Api {
    http: Http,
    base: Url,
    token: Secret,
}

/// Why there is no result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The hub does not allow this address to channels: nothing was sent.
    Settings(String),
    /// The request certainly never left.
    Unreachable(String),
    /// It left, and what became of it is not known: no answer, half of one, or a server's own error.
    Unknown(String),
    /// The server has said no, and has done nothing.
    Refused { code: u16, sentence: String, retry_after: Option<Duration> },
}

/// A file that goes along with a request, under the name that `attach://` gives.
pub(crate) struct Attached {
    pub at: String,
    pub name: String,
    pub media_type: String,
    pub bytes: Bytes,
}

impl Api {
    /// `base`: empty for Telegram's own.
    pub fn new(base: &str, token: Secret, http: Http) -> Result<Self, Trouble> {
        let base = base.trim().trim_end_matches('/');
        let base = Url::parse(if base.is_empty() { TELEGRAM } else { base })
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https") && !url.cannot_be_a_base())
            .ok_or_else(|| {
                Trouble::Settings("The address of the Bot API server is not an http or https address.".into())
            })?;
        Ok(Self { http, base, token })
    }

    pub async fn call<P: Payload + Serialize>(&self, method: &P) -> Result<P::Output, Failure>
    where
        P::Output: DeserializeOwned,
    {
        self.call_for(method, Duration::ZERO).await
    }

    /// The same, reading of the answer only what `R` names. `wait`: how long the method itself asks the server to wait.
    pub async fn call_for<P: Payload + Serialize, R: DeserializeOwned>(
        &self,
        method: &P,
        wait: Duration,
    ) -> Result<R, Failure> {
        let request = self.http.client().post(self.method_url(P::NAME)).timeout(CALL_TIMEOUT + wait).json(method);
        answer(self.http.open(request).await?).await
    }

    /// A method whose files go along with it.
    pub async fn upload<P: Payload + Serialize, R: DeserializeOwned>(
        &self,
        method: &P,
        files: Vec<Attached>,
    ) -> Result<R, Failure> {
        let mut form = Form::new();
        let fields = serde_json::to_value(method).map_err(|error| Failure::Unreachable(error.to_string()))?;
        if let Value::Object(fields) = fields {
            for (name, value) in fields {
                // A field of a form is a text; what is not one goes as JSON ("Making requests" in the Bot API).
                form = form.text(name, if let Value::String(text) = value { text } else { value.to_string() });
            }
        }
        for file in files {
            let part = |bytes: Bytes| Part::stream(bytes).file_name(file.name.clone());
            let typed =
                part(file.bytes.clone()).mime_str(&file.media_type).unwrap_or_else(|_| part(file.bytes.clone()));
            form = form.part(file.at, typed);
        }
        let request = self.http.client().post(self.method_url(P::NAME)).timeout(UPLOAD_TIMEOUT).multipart(form);
        answer(self.http.open(request).await?).await
    }

    /// A file by the path that getFile gave; none if it is larger than `most` bytes.
    pub async fn download(&self, path: &str, most: usize) -> Result<Option<Bytes>, Failure> {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().push("file").push(&self.bot_segment()).extend(path.split('/'));
        }
        let response = self.http.open(self.http.client().get(url).timeout(DOWNLOAD_TIMEOUT)).await?;
        let status = response.status();
        if status.is_server_error() {
            return Err(Failure::Unknown(format!("the server of files answered {status}")));
        }
        if !status.is_success() {
            let sentence = format!("the server of files answered {status}");
            return Err(Failure::Refused { code: status.as_u16(), sentence, retry_after: None });
        }
        bounded(response, most).await
    }

    fn method_url(&self, method: &str) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().push(&self.bot_segment()).push(method);
        }
        url
    }

    fn bot_segment(&self) -> String {
        format!("bot{}", self.token.expose())
    }
}

impl From<Failed> for Failure {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::Settings(why) => Self::Settings(why),
            Failed::NotSent(why) => Self::Unreachable(why),
            Failed::Unknown(why) => Self::Unknown(why),
        }
    }
}

impl Failure {
    /// For the admin.
    pub fn trouble(self) -> Trouble {
        match self {
            Failure::Settings(why) => Trouble::Settings(why),
            Failure::Unreachable(why) | Failure::Unknown(why) => Trouble::away(format!("Telegram: {why}.")),
            Failure::Refused { code: 401 | 403 | 404, .. } => Trouble::Settings(
                "Telegram does not know this token. Copy it again from @BotFather, and look whether the address of the Bot API \
                 server is right."
                    .into(),
            ),
            Failure::Refused { code: 300..=399, .. } => Trouble::Settings(REDIRECTED.into()),
            Failure::Refused { code: 400, sentence, .. } => Trouble::Settings(format!("Telegram refuses: {sentence}.")),
            Failure::Refused { code: 409, .. } => Trouble::away(
                "Another program fetches this bot's messages, or has set a webhook for it. Only one can: end the other one, or \
                 give this inbox a bot of its own.",
            ),
            Failure::Refused { sentence, retry_after, .. } => {
                Trouble::Away { why: format!("Telegram says: {sentence}."), after: retry_after }
            }
        }
    }
}

/// The Bot API's envelope ("Making requests").
#[derive(serde::Deserialize)]
struct Envelope<'a> {
    ok: bool,
    #[serde(borrow)]
    result: Option<&'a RawValue>,
    error_code: Option<u16>,
    description: Option<String>,
    parameters: Option<Parameters>,
}

#[derive(serde::Deserialize)]
struct Parameters {
    /// Seconds.
    retry_after: Option<u64>,
}

async fn answer<R: DeserializeOwned>(response: Response) -> Result<R, Failure> {
    let status = response.status();
    let body =
        bounded(response, ANSWER_BYTES).await?.ok_or_else(|| Failure::Unknown("the answer is too long".into()))?;
    let envelope = match serde_json::from_slice::<Envelope>(&body) {
        Ok(envelope) => envelope,
        // Not the Bot API that speaks, but something before it.
        Err(_) if status.is_client_error() || status.is_redirection() => {
            let sentence = format!("the answer was {status}");
            return Err(Failure::Refused { code: status.as_u16(), sentence, retry_after: None });
        }
        Err(_) => return Err(Failure::Unknown(format!("the answer was {status}, and not of the Bot API"))),
    };
    if envelope.ok && status.is_success() {
        let result = envelope.result.map_or("null", RawValue::get);
        return serde_json::from_str(result)
            .map_err(|error| Failure::Unknown(format!("the answer cannot be read: {error}")));
    }
    let code = envelope.error_code.unwrap_or(status.as_u16());
    let sentence = envelope.description.unwrap_or_else(|| status.to_string());
    if code >= 500 {
        return Err(Failure::Unknown(format!("{code} {sentence}")));
    }
    let retry_after = envelope.parameters.and_then(|parameters| parameters.retry_after).map(Duration::from_secs);
    Err(Failure::Refused { code, sentence, retry_after })
}

/// None: longer than `most` bytes.
async fn bounded(mut response: Response, most: usize) -> Result<Option<Bytes>, Failure> {
    if response.content_length().is_some_and(|length| length > most as u64) {
        return Ok(None);
    }
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| Failed::of(&error))? {
        if body.len() + chunk.len() > most {
            return Ok(None);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Some(body.freeze()))
}
