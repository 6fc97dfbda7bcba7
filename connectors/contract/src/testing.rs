//! The hub's side of the contract as a connector's tests want it (feature `testing`).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use async_trait::async_trait;
use switchboard_protocol::UnixMs;
use tokio::sync::Notify;

use crate::{Edge, Incoming, NotTaken, Taken};

/// A hub that remembers what it was given, or takes nothing.
#[derive(Debug, Default)]
pub struct Kept {
    items: Mutex<Vec<Incoming>>,
    keys: Mutex<BTreeSet<String>>,
    cursors: Mutex<BTreeMap<String, String>>,
    receiving: Notify,
    away: bool,
    now: UnixMs,
}

impl Kept {
    /// A hub that can commit nothing just now.
    pub fn away() -> Self {
        Self { away: true, ..Self::default() }
    }

    /// A hub with this time on its clock.
    pub fn at(now: UnixMs) -> Self {
        Self { now, ..Self::default() }
    }

    /// As the hub does after some weeks: what is handed in from now on is new, whatever it was before.
    pub fn forget_keys(&self) {
        self.keys.lock().expect(NEVER_POISONED).clear();
    }

    /// Waits until the connector has said that it receives.
    pub async fn is_receiving(&self) {
        self.receiving.notified().await;
    }

    /// All that was handed in, in order.
    pub fn items(&self) -> Vec<Incoming> {
        self.items.lock().expect(NEVER_POISONED).clone()
    }

    /// The only thing that was handed in.
    pub fn one(&self) -> Incoming {
        let mut items = self.items();
        assert_eq!(items.len(), 1, "{items:?}");
        items.remove(0)
    }
}

const NEVER_POISONED: &str = "nothing that can panic runs under this lock";

#[async_trait]
impl Edge for Kept {
    async fn take(&self, items: Vec<Incoming>) -> Result<Vec<Taken>, NotTaken> {
        if self.away {
            return Err(NotTaken("this hub is away".to_owned()));
        }
        let mut known = self.items.lock().expect(NEVER_POISONED);
        let mut keys = self.keys.lock().expect(NEVER_POISONED);
        let mut taken = Vec::with_capacity(items.len());
        for item in items {
            if keys.insert(item.key.clone()) {
                taken.push(Taken::New);
                known.push(item);
            } else {
                taken.push(Taken::Again);
            }
        }
        Ok(taken)
    }

    async fn cursor(&self, name: &str) -> Result<Option<String>, NotTaken> {
        Ok(self.cursors.lock().expect(NEVER_POISONED).get(name).cloned())
    }

    async fn keep_cursor(&self, name: &str, place: &str) -> Result<(), NotTaken> {
        self.cursors.lock().expect(NEVER_POISONED).insert(name.to_owned(), place.to_owned());
        Ok(())
    }

    fn is_reply_token(&self, _token: &str) -> bool {
        false
    }

    fn now(&self) -> UnixMs {
        self.now
    }

    fn receiving(&self) {
        self.receiving.notify_one();
    }
}
