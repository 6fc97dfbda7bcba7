//! A hub as the connector sees it, in memory, and the connector as the hub makes it.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use parking_lot::Mutex;
use switchboard_connector::Connector;
use switchboard_connector::{
    Addresses, Edge, Happened, Incoming, IncomingMessage, NotTaken, OutFile, Outgoing, Recipient, Secret, Secrets,
    Taken, Trouble,
};
use switchboard_connector_http::Http;
use switchboard_protocol::channels::{TelegramMode, TelegramSettings};
use switchboard_telegram::{Bot, TOKEN};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::bot_api;

/// Far longer than anything here takes.
pub const LONG: Duration = Duration::from_secs(30);

#[derive(Default)]
pub struct Hub {
    seen: Mutex<Seen>,
    news: Notify,
}

#[derive(Default)]
struct Seen {
    items: Vec<Incoming>,
    keys: BTreeSet<String>,
    again: usize,
    cursors: BTreeMap<String, String>,
    receiving: usize,
    /// So many calls are answered with "not committed".
    refusing: usize,
    /// So many places are not kept.
    losing: usize,
}

impl Hub {
    pub fn refuse(&self, times: usize) {
        self.seen.lock().refusing = times;
    }

    pub fn lose_place(&self, times: usize) {
        self.seen.lock().losing = times;
    }

    pub fn items(&self) -> Vec<Incoming> {
        self.seen.lock().items.clone()
    }

    /// Things that were handed in though they were there already.
    pub fn again(&self) -> usize {
        self.seen.lock().again
    }

    pub fn receiving(&self) -> usize {
        self.seen.lock().receiving
    }

    pub fn cursors(&self) -> BTreeMap<String, String> {
        self.seen.lock().cursors.clone()
    }

    /// Waits until so many things are committed.
    pub async fn has(&self, count: usize) -> Vec<Incoming> {
        let wait = async {
            loop {
                let news = self.news.notified();
                tokio::pin!(news);
                news.as_mut().enable();
                if self.seen.lock().items.len() >= count {
                    return;
                }
                news.await;
            }
        };
        let outcome = tokio::time::timeout(LONG, wait).await;
        assert!(outcome.is_ok(), "{count} things were to come, there are {:?}", self.items());
        self.items()
    }
}

#[async_trait]
impl Edge for Hub {
    async fn take(&self, items: Vec<Incoming>) -> Result<Vec<Taken>, NotTaken> {
        let mut seen = self.seen.lock();
        if seen.refusing > 0 {
            seen.refusing -= 1;
            return Err(NotTaken("the database is away".into()));
        }
        let taken = items.into_iter().map(|item| {
            assert!(item.key.chars().count() <= Incoming::KEY_CHARS);
            if seen.keys.insert(item.key.clone()) {
                seen.items.push(item);
                Taken::New
            } else {
                seen.again += 1;
                Taken::Again
            }
        });
        let taken = taken.collect();
        self.news.notify_waiters();
        Ok(taken)
    }

    async fn cursor(&self, name: &str) -> Result<Option<String>, NotTaken> {
        Ok(self.seen.lock().cursors.get(name).cloned())
    }

    async fn keep_cursor(&self, name: &str, place: &str) -> Result<(), NotTaken> {
        let mut seen = self.seen.lock();
        if seen.losing > 0 {
            seen.losing -= 1;
            return Err(NotTaken("the database is away".into()));
        }
        seen.cursors.insert(name.into(), place.into());
        self.news.notify_waiters();
        Ok(())
    }

    fn is_reply_token(&self, _token: &str) -> bool {
        false
    }

    fn now(&self) -> i64 {
        0
    }

    fn receiving(&self) {
        self.seen.lock().receiving += 1;
    }
}

pub fn bot(url: &str, token: &str, mode: TelegramMode) -> Bot {
    let settings = TelegramSettings { mode, base_url: url.to_owned() };
    let secrets = Secrets(BTreeMap::from([(TOKEN.to_owned(), Secret::new(token))]));
    Bot::new(settings, &secrets, Http::new(Addresses::Any).unwrap()).unwrap()
}

pub fn polling(url: &str) -> Arc<Bot> {
    Arc::new(bot(url, bot_api::TOKEN, TelegramMode::Polling))
}

/// Receives while `during` runs, then stops; with what `during` answered, and how receiving ended.
pub async fn while_receiving<T>(bot: &Bot, hub: &Hub, during: impl Future<Output = T>) -> (T, Result<(), Trouble>) {
    let stop = CancellationToken::new();
    let receiving = bot.receive(hub, stop.clone());
    let both = async {
        let answer = during.await;
        stop.cancel();
        answer
    };
    let (ended, answer) = tokio::join!(receiving, both);
    (answer, ended)
}

/// Receives until there is trouble.
pub async fn trouble(bot: &Bot, hub: &Hub) -> Trouble {
    let ended = tokio::time::timeout(LONG, bot.receive(hub, CancellationToken::new())).await;
    ended.expect("there should have been trouble within 30 s").unwrap_err()
}

/// The message in it, and by what its parts know one another if it is a part.
pub fn message(item: &Incoming) -> (&IncomingMessage, Option<&str>) {
    match &item.what {
        Happened::Message(message) => (message, None),
        Happened::Part { whole, message } => (message, Some(whole)),
        other => panic!("not a message: {other:?}"),
    }
}

pub fn outgoing(chat: i64, text: &str) -> Outgoing {
    Outgoing {
        message_id: "01J0000000000000000000000A".parse().unwrap(),
        conversation_id: "01J0000000000000000000000B".parse().unwrap(),
        at: 0,
        queued_at: 0,
        to: Recipient { key: chat.to_string(), name: Some("An".into()) },
        text: text.into(),
        html: None,
        files: Vec::new(),
        answers: Vec::new(),
        mail: None,
    }
}

pub fn file(name: &str, media_type: &str, bytes: &[u8]) -> OutFile {
    OutFile { name: name.into(), media_type: media_type.into(), bytes: Bytes::copy_from_slice(bytes), address: None }
}
