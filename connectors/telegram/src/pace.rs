//! How fast we may send: one message a second in a chat and thirty overall
//! (core.telegram.org/bots/faq, "My bot is hitting limits").
//!
//! governor rather than teloxide's Throttle: that one sends by itself again what the server has refused, and what is sent again
//! is the hub's to say. Each process keeps its own pace; where two send for one bot, the server's 429 has the last word.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::time::Duration;

use governor::{DefaultDirectRateLimiter, DefaultKeyedRateLimiter, Quota, RateLimiter};
use parking_lot::Mutex;
use tokio::time::Instant;

const PER_CHAT_AND_SECOND: NonZeroU32 = NonZeroU32::new(1).expect("one is not zero");
const PER_SECOND: NonZeroU32 = NonZeroU32::new(30).expect("thirty is not zero");
/// Chats that are remembered before those are forgotten whose second is over.
const CHATS: usize = 10_000;

pub(crate) struct Pace {
    chats: DefaultKeyedRateLimiter<i64>,
    all: DefaultDirectRateLimiter,
    /// Chats in which the server has asked to wait, and until when. Held for moments and never across a wait.
    flooded: Mutex<HashMap<i64, Instant>>,
}

impl Pace {
    pub fn new() -> Self {
        Self {
            chats: RateLimiter::keyed(Quota::per_second(PER_CHAT_AND_SECOND)),
            all: RateLimiter::direct(Quota::per_second(PER_SECOND)),
            flooded: Mutex::default(),
        }
    }

    /// The server asks to wait with this chat, and does not say whether with the others too. Whether that is to be thought:
    /// it has asked so in another chat, and that time is not over.
    pub fn is_asked_to_wait(&self, chat: i64, after: Duration) -> bool {
        let now = Instant::now();
        let mut flooded = self.flooded.lock();
        flooded.retain(|_, until| *until > now);
        if flooded.len() < CHATS {
            flooded.insert(chat, now + after);
        }
        flooded.keys().any(|other| *other != chat)
    }

    /// Returns when a message may go to this chat.
    pub async fn turn(&self, chat: i64) {
        if self.chats.len() > CHATS {
            self.chats.retain_recent();
        }
        self.chats.until_key_ready(&chat).await;
        self.all.until_ready().await;
    }
}
