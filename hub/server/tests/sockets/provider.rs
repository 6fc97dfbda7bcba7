//! A provider of text messages in memory, behind the contract: what it has been handed, and what it is to answer.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use parking_lot::Mutex;
use serde_json::{Value, json};
use switchboard::channels::Connect;
use switchboard_connector::{
    Automatic, Capabilities, Connector, Consent, Edge, File, Happened, Incoming, IncomingMessage, MailHead, NotTaken,
    Origin, Outgoing, Person, Progress, Quote, Reached, Receipts, Recipient, SendError, Sent, Taken, Thread, Threads,
    Trouble, Webhook, WebhookAnswer,
};
use switchboard_protocol::model::Channel;
use tokio::sync::{Semaphore, watch};
use tokio_util::sync::CancellationToken;

/// The provider, as a test sees it.
#[derive(Clone)]
pub struct Provider(Arc<Inner>);

struct Inner {
    /// Each message that it was handed, in order.
    handed: Mutex<Vec<Outgoing>>,
    /// To whom it showed that somebody writes.
    typed: Mutex<Vec<String>>,
    /// What it answers next; when nothing is said, it takes the message.
    answers: Mutex<VecDeque<SendError>>,
    /// How many it takes before it stands still.
    open: Semaphore,
    /// Why it cannot be reached, if it cannot.
    away: watch::Sender<Option<String>>,
    /// Files of one message that it carries.
    files: AtomicU32,
    /// What waits there to be fetched, in order.
    arrived: watch::Sender<Vec<Value>>,
    /// Who fetches just now, the most that ever did at once, and how many times somebody began to.
    fetching: Mutex<(usize, usize, usize)>,
    /// Whether the next who asks what it carries fails for a fault.
    breaks: AtomicBool,
}

impl Provider {
    pub fn new() -> Self {
        Self(Arc::new(Inner {
            handed: Mutex::default(),
            typed: Mutex::default(),
            answers: Mutex::default(),
            open: Semaphore::new(1_000_000),
            away: watch::Sender::new(None),
            files: AtomicU32::new(0),
            arrived: watch::Sender::default(),
            fetching: Mutex::default(),
            breaks: AtomicBool::new(false),
        }))
    }

    /// Makes connectors that lead to it.
    pub fn connect(&self) -> Connect {
        let provider = self.clone();
        Arc::new(move |setup, secrets, _| {
            let token = secrets.of("auth_token").expose().to_owned();
            Ok(Arc::new(Line { provider: provider.clone(), token, channel: setup.channel }))
        })
    }

    /// To whom and what, in the order in which it was handed it.
    pub fn handed(&self) -> Vec<(String, String)> {
        self.0.handed.lock().iter().map(|message| (message.to.key.clone(), message.text.clone())).collect()
    }

    /// The last one that it was handed.
    pub fn last(&self) -> Outgoing {
        self.0.handed.lock().last().cloned().expect("it was handed something")
    }

    /// To whom it showed that somebody writes, each time.
    pub fn typed(&self) -> Vec<String> {
        self.0.typed.lock().clone()
    }

    /// From now on it cannot be reached, for this reason; with none it can again.
    pub fn is_away(&self, why: Option<&str>) {
        self.0.away.send_replace(why.map(str::to_owned));
    }

    /// From now on it carries so many files with a message.
    pub fn carries_files(&self, files: u32) {
        self.0.files.store(files, Ordering::SeqCst);
    }

    /// Something waits there to be fetched.
    pub fn arrives(&self, what: Value) {
        self.0.arrived.send_modify(|arrived| arrived.push(what));
    }

    /// The most that ever fetched from it at once.
    pub fn most_fetched(&self) -> usize {
        self.0.fetching.lock().1
    }

    /// How many times somebody began to fetch from it.
    pub fn times_fetched(&self) -> usize {
        self.0.fetching.lock().2
    }

    /// The next who asks what it carries fails for a fault of the program.
    pub fn breaks_next(&self) {
        self.0.breaks.store(true, Ordering::SeqCst);
    }

    pub fn answers_next(&self, error: SendError) {
        self.0.answers.lock().push_back(error);
    }

    /// From now on it takes messages and says nothing.
    pub fn stands_still(&self) {
        self.0.open.forget_permits(1_000_000);
    }

    pub fn goes_on(&self) {
        self.0.open.add_permits(1_000_000);
    }
}

/// Things that are fetched together.
const TOGETHER: usize = 3;

/// Somebody who fetches, until it ends in whatever way.
struct Fetching<'a>(&'a Inner);

impl<'a> Fetching<'a> {
    fn begin(provider: &'a Inner) -> Self {
        let mut fetching = provider.fetching.lock();
        fetching.0 += 1;
        fetching.2 += 1;
        fetching.1 = fetching.1.max(fetching.0);
        Self(provider)
    }
}

impl Drop for Fetching<'_> {
    fn drop(&mut self) {
        self.0.fetching.lock().0 -= 1;
    }
}

struct Line {
    /// What it takes for one.
    channel: Channel,
    provider: Provider,
    token: String,
}

#[async_trait]
impl Connector for Line {
    fn capabilities(&self) -> Capabilities {
        assert!(!self.provider.0.breaks.swap(false, Ordering::SeqCst), "as the test wants it");
        Capabilities {
            rich_text: matches!(self.channel, Channel::Email | Channel::Telegram),
            files: self.provider.0.files.load(Ordering::SeqCst),
            file_bytes: 1024 * 1024,
            text_chars: 1600,
            subject: self.channel == Channel::Email,
            typing: true,
            receipts: Receipts::Delivered,
            threads: Threads::Person,
            writes_first: self.channel != Channel::Telegram,
            segments: self.channel == Channel::Sms,
            answers: self.channel == Channel::Telegram,
        }
    }

    async fn check(&self) -> Result<String, Trouble> {
        if self.token == "good" {
            Ok("+31 20 000 0000".into())
        } else {
            Err(Trouble::Settings("The provider does not know this token.".into()))
        }
    }

    async fn receive(&self, edge: &dyn Edge, stop: CancellationToken) -> Result<(), Trouble> {
        let not_taken = |error: NotTaken| Trouble::away(error.to_string());
        let _fetching = Fetching::begin(&self.provider.0);
        let place = edge.cursor("place").await.map_err(not_taken)?;
        let mut place: usize = place.and_then(|place| place.parse().ok()).unwrap_or_default();
        let mut away = self.provider.0.away.subscribe();
        if away.borrow().is_none() {
            edge.receiving();
        }
        let mut arrived = self.provider.0.arrived.subscribe();
        loop {
            let items: Vec<Incoming> =
                arrived.borrow_and_update()[place..].iter().take(TOGETHER).map(incoming).collect();
            if items.is_empty() {
                tokio::select! {
                    () = stop.cancelled() => return Ok(()),
                    _ = arrived.changed() => continue,
                    Ok(why) = away.wait_for(Option::is_some) => {
                        let why = why.clone().unwrap_or_default();
                        return Err(Trouble::Away { why, after: Some(Duration::from_millis(20)) });
                    }
                }
            }
            place += items.len();
            edge.take(items).await.map_err(not_taken)?;
            edge.keep_cursor("place", &place.to_string()).await.map_err(not_taken)?;
        }
    }

    async fn webhook(&self, request: Webhook, edge: &dyn Edge) -> WebhookAnswer {
        let Ok(body) = serde_json::from_slice::<Value>(&request.body) else {
            return WebhookAnswer::malformed("no JSON");
        };
        let all = body.as_array().cloned().unwrap_or_else(|| vec![body]);
        match edge.take(all.iter().map(incoming).collect()).await {
            Ok(taken) if taken == [Taken::Ignored] => WebhookAnswer::malformed("ignored"),
            Ok(_) => WebhookAnswer::done(),
            Err(_) => WebhookAnswer::unavailable(),
        }
    }

    async fn send(&self, message: &Outgoing) -> Result<Sent, SendError> {
        if let Some(error) = self.provider.0.answers.lock().pop_front() {
            return Err(error);
        }
        self.provider.0.handed.lock().push(message.clone());
        let _open = self.provider.0.open.acquire().await.expect("it is never closed");
        Ok(Sent { references: vec![format!("sid-{}", message.message_id)] })
    }

    async fn typing(&self, to: &Recipient) {
        self.provider.0.typed.lock().push(to.key.clone());
    }
}

/// A list of such things, or one: `{"id", "from", "text"}` is a message, with `"at"` the provider's time of it, with `"mail":
/// {"subject", "answers", "tokens", "reply_to"}` a mail; `{"id", "of", "reached"}` is what became of one (`"to"`: of whom it is
/// told), `{"id", "of", "edited"}` its new text, `{"id", "of", "deleted": true}` that it was taken back, `{"id", "consent"}` with
/// `"from"` a STOP or START. A message may have `"answers"` (a name) with `"quote"` or what was `"picked"` of it, `"whole"` (it is
/// a part of that), and the `"payload"` of a link; with `"unknown": true` it is nobody's.
fn incoming(body: &Value) -> Incoming {
    let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
    let what = match body["of"].as_str() {
        Some(of) if body["deleted"] == true => Happened::Deleted { reference: of.to_owned() },
        Some(of) if body["edited"].is_string() => Happened::Edited { reference: of.to_owned(), text: text("edited") },
        Some(of) => {
            let reached = match body["reached"].as_str() {
                Some("delivered") => Reached::Delivered,
                Some("read") => Reached::Read,
                Some("delayed") => Reached::Delayed { why: "busy".into() },
                _ => Reached::Failed { why: text("reached") },
            };
            let recipient = body["to"].as_str().map(str::to_owned);
            Happened::Progress(Progress { reference: of.to_owned(), recipient, reached })
        }
        None => Happened::Message(Box::new(IncomingMessage {
            mail: body["mail"].as_object().map(|_| MailHead {
                subject: body["mail"]["subject"].as_str().unwrap_or_default().to_owned(),
                to: vec![(None, "help@shop.example".into())],
                cc: texts(&body["mail"]["cc"]).into_iter().map(|address| (None, address)).collect(),
                reply_to: body["mail"]["reply_to"].as_str().map(str::to_owned),
                references: Vec::new(),
            }),
            thread: match body["mail"].as_object() {
                None => Thread::Person,
                Some(_) => Thread::References {
                    reply_tokens: texts(&body["mail"]["tokens"]),
                    references: texts(&body["mail"]["answers"]),
                },
            },
            consent: match body["consent"].as_str() {
                Some("stop") => Some(Consent::Stop),
                Some("start") => Some(Consent::Start),
                _ => None,
            },
            html: body["html"].as_str().map(str::to_owned),
            from: match body["unknown"] == true {
                true => Person { key: "unknown".into(), address: None, name: None, language: None },
                false => Person {
                    key: text("from"),
                    address: Some(text("from")),
                    name: body["called"].as_str().map(str::to_owned),
                    language: None,
                },
            },
            text: text("text"),
            whole_text: None,
            files: {
                let big = body["mib"].as_u64().map(|mib| big_file(mib as usize));
                big.into_iter().chain(texts(&body["pictures"]).into_iter().map(picture)).collect()
            },
            references: vec![body["name"].as_str().map_or_else(|| text("id"), str::to_owned)],
            answers: body["answers"].as_str().map(str::to_owned),
            quote: match (body["picked"].as_str(), body["quote"].as_str()) {
                (Some(words), _) => Some(Quote::Picked(words.to_owned())),
                (None, Some(words)) => Some(Quote::Whole(words.to_owned())),
                (None, None) => None,
            },
            automatic: match body["automatic"].as_str() {
                Some("report") => Automatic::Report,
                Some("reply") => Automatic::Reply,
                Some("list") => Automatic::List,
                _ => Automatic::No,
            },
            origin: Origin { payload: body["payload"].as_str().map(str::to_owned) },
        })),
    };
    let what = match (what, body["whole"].as_str()) {
        (Happened::Message(message), Some(whole)) => Happened::Part { whole: whole.to_owned(), message },
        (what, _) => what,
    };
    Incoming { key: text("id"), at: body["at"].as_i64().unwrap_or_default(), what }
}

fn big_file(mib: usize) -> File {
    File { name: "film.bin".into(), bytes: vec![7; mib * 1024 * 1024].into(), content_id: None }
}

/// A point, as a picture of a mail that has this Content-ID.
fn picture(content_id: String) -> File {
    let gif = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff!\xf9\x04\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x01D\0;";
    File { name: format!("{content_id}.gif"), bytes: gif.to_vec().into(), content_id: Some(content_id) }
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(|text| text.as_str().map(str::to_owned)).collect()
}

/// What an admin fills in for a mailbox.
pub fn mailbox() -> Value {
    json!({ "settings": { "kind": "email", "address": "help@shop.example", "plus_addresses": true }, "secrets": { "auth_token": "good" } })
}

/// What an admin fills in for a bot.
pub fn bot() -> Value {
    json!({ "settings": { "kind": "telegram", "mode": "polling" }, "secrets": { "auth_token": "good" } })
}

/// What an admin fills in for a gateway that has no id of its own.
pub fn gateway() -> Value {
    json!({ "settings": { "kind": "gateway", "from": "+31200000000",
        "send": { "method": "GET", "url": "https://gateway.example/send?to={{ to|urlencode }}&report={{ status_url|urlencode }}" },
        "receive": { "id_at": "id", "from_at": "from", "text_at": "text" } }, "secrets": { "auth_token": "good" } })
}

/// What an admin fills in.
pub fn settings(token: &str) -> Value {
    json!({ "settings": { "kind": "sms", "account_sid": "AC1", "from": "+31200000000" }, "secrets": { "auth_token": token } })
}
