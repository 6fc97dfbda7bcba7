//! A bot that writes into one conversation as fast as it can, on three connections: messages, edits of its last one, typing.
//! It keeps book of what comes of that.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::bot::{Bot, Refused};

/// A hub that is not there is asked again after this.
const AGAIN_AFTER: Duration = Duration::from_millis(20);
/// A bot may send 30 messages a second. One that races tries again sooner than it was told to.
const OFTEN: Duration = Duration::from_millis(100);

/// Answers that nobody expects, by what they say.
#[derive(Default)]
pub struct Troubles(Mutex<HashMap<String, u64>>);

impl Troubles {
    fn note(&self, what: String) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(what).or_default() += 1;
    }

    pub fn all(&self) -> HashMap<String, u64> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The book of one conversation.
#[derive(Default)]
pub struct Pen {
    /// Odd from when the block was acknowledged until it is about to be undone.
    pub epoch: AtomicU64,
    /// What a hub took: messages, edits, typing.
    pub taken: AtomicU64,
    pub edited: AtomicU64,
    pub typed: AtomicU64,
    /// 403, in Telegram's words.
    pub blocked: AtomicU64,
    /// Calls that began after the block was acknowledged and were taken before it was undone.
    pub slipped: AtomicU64,
    /// 429.
    pub too_often: AtomicU64,
    /// No answer.
    pub away: AtomicU64,
    pub troubles: Troubles,
    last_message: AtomicI64,
}

impl Pen {
    /// Waits for a call and enters what comes of it.
    async fn enter<T>(&self, count: &AtomicU64, call: impl Future<Output = Result<T, Refused>>) -> Option<T> {
        let before = self.epoch.load(Ordering::SeqCst);
        match call.await {
            Ok(taken) => {
                if before % 2 == 1 && self.epoch.load(Ordering::SeqCst) == before {
                    self.slipped.fetch_add(1, Ordering::Relaxed);
                }
                count.fetch_add(1, Ordering::Relaxed);
                return Some(taken);
            }
            Err(Refused::Blocked) => {
                self.blocked.fetch_add(1, Ordering::Relaxed);
            }
            Err(Refused::TooOften { after }) => {
                self.too_often.fetch_add(1, Ordering::Relaxed);
                tokio::time::sleep(OFTEN.min(after)).await;
            }
            Err(Refused::Away) => {
                self.away.fetch_add(1, Ordering::Relaxed);
                tokio::time::sleep(AGAIN_AFTER).await;
            }
            Err(Refused::Otherwise { status, description }) => {
                self.troubles.note(format!("{status} {description}"));
                tokio::time::sleep(AGAIN_AFTER).await;
            }
        }
        None
    }

    async fn sends(&self, bot: &Bot, chat: i64, over: &AtomicBool) {
        for number in 0u64.. {
            if over.load(Ordering::Relaxed) {
                return;
            }
            let sent = self.enter(&self.taken, bot.send(0, chat, &format!("What can I do for you? {number}"))).await;
            if let Some(sent) = sent {
                self.last_message.store(sent.message_id, Ordering::Relaxed);
            }
        }
    }

    async fn edits(&self, bot: &Bot, chat: i64, over: &AtomicBool) {
        for number in 0u64.. {
            if over.load(Ordering::Relaxed) {
                return;
            }
            match self.last_message.load(Ordering::Relaxed) {
                0 => tokio::time::sleep(AGAIN_AFTER).await,
                last => {
                    let text = format!("What else can I do for you? {number}");
                    self.enter(&self.edited, bot.edit(0, chat, last, &text)).await;
                }
            }
        }
    }

    async fn types(&self, bot: &Bot, chat: i64, over: &AtomicBool) {
        while !over.load(Ordering::Relaxed) {
            self.enter(&self.typed, bot.typing(0, chat)).await;
        }
    }
}

/// Writes on the first hub until it is over.
pub async fn write_until_over(pen: Arc<Pen>, bot: Bot, chat: i64, over: Arc<AtomicBool>) {
    tokio::join!(pen.sends(&bot, chat, &over), pen.edits(&bot, chat, &over), pen.types(&bot, chat, &over));
}
