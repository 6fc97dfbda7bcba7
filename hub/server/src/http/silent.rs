//! Connections over which nobody has asked anything yet. They are cheap to hold, and from many addresses: so when all places
//! are taken, the oldest of them makes room for one that waits.

use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;

/// The connections that have asked nothing yet.
#[derive(Debug, Default)]
pub struct Silent {
    /// Held for a look-up: at each connection's beginning and end, and with each request.
    waiting: Mutex<Waiting>,
}

#[derive(Debug, Default)]
struct Waiting {
    next: u64,
    /// In the order in which they came. At most as many as there are connections.
    ends: BTreeMap<u64, CancellationToken>,
}

/// A connection that has just come.
#[derive(Debug)]
pub struct Newcomer {
    silent: Arc<Silent>,
    number: u64,
    end: CancellationToken,
}

impl Silent {
    /// One more has come.
    pub fn newcomer(self: &Arc<Self>) -> Arc<Newcomer> {
        let mut waiting = self.waiting.lock();
        let (number, end) = (waiting.next, CancellationToken::new());
        waiting.next += 1;
        waiting.ends.insert(number, end.clone());
        Arc::new(Newcomer { silent: self.clone(), number, end })
    }

    /// Ends the oldest, if there is one.
    pub fn makes_room(&self) {
        if let Some((_, end)) = self.waiting.lock().ends.pop_first() {
            end.cancel();
        }
    }
}

impl Newcomer {
    /// It has asked something: from now on it stays.
    pub fn asks(&self) {
        self.silent.waiting.lock().ends.remove(&self.number);
    }

    /// Returns when it is to make room.
    pub async fn is_to_go(&self) {
        self.end.cancelled().await;
    }
}

impl Drop for Newcomer {
    fn drop(&mut self) {
        self.asks();
    }
}
