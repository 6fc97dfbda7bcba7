//! The process's side of what comes in: each call of the contract is an ask that waits for a hub's answer.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use switchboard_backplane::stream::{AppendError, EntryId};
use switchboard_connector::{Edge, Incoming, NotTaken, Taken, Trouble};
use switchboard_protocol::{InboxId, UnixMs};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};

use super::process::Process;
use super::wire::{
    ANSWERED_WITHIN, Ask, LOOK_EVERY, Parcel, Report, Told, What, answer_key, asks, decode, encode, has_been_away,
};
use crate::channels::edge::state_of;
use crate::channels::reply_address;
use crate::channels::runner::Home;
use crate::commands::ingest::together;

/// Bytes that are handed in with one ask, unless one thing alone has more or belongs to what is before it.
const TOGETHER_BYTES: usize = 8 * 1024 * 1024;

/// The hubs, as the connector of one inbox sees them.
pub struct RemoteEdge {
    pub process: Arc<Process>,
    pub inbox: InboxId,
    /// What the hubs are told of how it does.
    pub report: watch::Sender<Report>,
}

impl RemoteEdge {
    async fn ask(&self, bytes: usize, what: What) -> Result<Told, NotTaken> {
        let _room = self.process.room_in.take(bytes).await;
        let payload = encode(&Ask { inbox: self.inbox, what });
        let answered = timeout(ANSWERED_WITHIN, async {
            loop {
                match self.ask_once(&payload).await {
                    Ok(Some(answer)) => return answer,
                    // Redis may have forgotten it: once more. What it brings is there once.
                    Ok(None) => {}
                    Err(error) => {
                        tracing::debug!(%error, inbox = %self.inbox, "no hub can be asked; tried again");
                        sleep(LOOK_EVERY).await;
                    }
                }
            }
        });
        match answered.await.map(|answer| decode(&answer)) {
            Ok(Some(Told::NotTaken(why))) => Err(NotTaken(why)),
            Ok(Some(told)) => Ok(told),
            Ok(None) => Err(unexpected()),
            Err(_) => {
                let seconds = ANSWERED_WITHIN.as_secs();
                Err(NotTaken(format!("no hub answered within {seconds} s: do hubs run, and does Redis?")))
            }
        }
    }

    /// None: the connection to Redis was lost meanwhile, and perhaps the question.
    async fn ask_once(&self, payload: &Bytes) -> Result<Option<Bytes>, AppendError> {
        let Process { backplane, wakes, random, clock, .. } = &*self.process;
        let asked = Instant::now();
        let id = random.ulid(clock.now()).to_string();
        let parcel = Parcel::lay_out(backplane, id, payload.clone()).await?;
        let key = answer_key(&parcel.id);
        let waiting = wakes.wait(key.clone());
        let stream = asks(backplane);
        // Nobody is to do it for somebody who has gone on.
        let taken_back =
            TakenBack { process: &self.process, parcel: &parcel, entry: stream.append(encode(&parcel)).await? };
        let answer = loop {
            match backplane.kept(&key).await {
                Ok(Some(answer)) => break Some(answer),
                Ok(None) if has_been_away(backplane, asked) => break None,
                Ok(None) | Err(_) => waiting.woken(LOOK_EVERY).await,
            }
        };
        drop(taken_back);
        Ok(answer)
    }
}

/// A question that is taken out of the stream when its asker has an answer, or has gone.
struct TakenBack<'a> {
    process: &'a Arc<Process>,
    parcel: &'a Parcel,
    entry: EntryId,
}

impl Drop for TakenBack<'_> {
    fn drop(&mut self) {
        let (process, parcel, entry) = (self.process.clone(), self.parcel.clone(), self.entry.clone());
        self.process.track(async move {
            let (entries, keys) = ([entry], [answer_key(&parcel.id)]);
            let Process { backplane, .. } = &*process;
            let stream = asks(backplane);
            let (_, (), _) = tokio::join!(stream.ack(&entries), parcel.throw_away(backplane), backplane.forget(&keys));
        });
    }
}

/// A hub's answer that does not fit what was asked.
fn unexpected() -> NotTaken {
    NotTaken("a hub answered something else than it was asked".into())
}

#[async_trait]
impl Edge for RemoteEdge {
    async fn take(&self, items: Vec<Incoming>) -> Result<Vec<Taken>, NotTaken> {
        let mut taken = Vec::with_capacity(items.len());
        let mut rest = items.into_iter().peekable();
        loop {
            let these = together::next(&mut rest, TOGETHER_BYTES);
            if these.is_empty() {
                return Ok(taken);
            }
            let bytes = these.iter().map(together::bytes_of).sum();
            match self.ask(bytes, What::Take(these)).await? {
                Told::Taken(these) => taken.extend(these),
                _ => return Err(unexpected()),
            }
        }
    }

    async fn cursor(&self, name: &str) -> Result<Option<String>, NotTaken> {
        match self.ask(name.len(), What::Cursor { name: name.to_owned() }).await? {
            Told::Cursor(place) => Ok(place),
            _ => Err(unexpected()),
        }
    }

    async fn keep_cursor(&self, name: &str, place: &str) -> Result<(), NotTaken> {
        let what = What::KeepCursor { name: name.to_owned(), place: place.to_owned() };
        match self.ask(name.len() + place.len(), what).await? {
            Told::Kept => Ok(()),
            _ => Err(unexpected()),
        }
    }

    /// Whether it may be one. The key is the hubs' alone, and they look again before it leads anywhere.
    fn is_reply_token(&self, token: &str) -> bool {
        reply_address::may_be_token(token)
    }

    fn now(&self) -> UnixMs {
        self.process.clock.now()
    }

    fn receiving(&self) {}
}

#[async_trait]
impl Home for RemoteEdge {
    async fn note(&self, tried: Result<(), &Trouble>) {
        let (state, trouble) = state_of(tried);
        if let Some(why) = &trouble {
            tracing::warn!(inbox = %self.inbox, why, "a channel does not receive");
        }
        self.report.send_modify(|report| (report.state, report.trouble) = (state, trouble));
    }
}
