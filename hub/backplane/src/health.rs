//! How the connection to the other nodes stands: one watched value, said in the log whenever it changes.

use tokio::sync::watch;
use tokio::time::Instant;

/// How a node stands with the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Health {
    /// Can tell and hear the others. Always true for the local backplane.
    pub connected: bool,
    /// Since when it has been so.
    pub since: Instant,
    /// Publications that were never sent, since the start of the process.
    pub dropped: u64,
}

/// The two directions of a link; connected means both.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Link {
    pub sending: bool,
    pub hearing: bool,
    since: Instant,
}

/// The link's state, set by the two connection tasks, watched by whoever wants to know.
pub(crate) struct LinkState(watch::Sender<Link>);

impl LinkState {
    pub fn down() -> Self {
        Self(watch::Sender::new(Link { sending: false, hearing: false, since: Instant::now() }))
    }

    /// Changes one direction. `became` hears of it when that changed the whole, in the order in which it happened.
    pub fn set(&self, change: impl FnOnce(&mut Link), became: impl FnOnce(bool)) {
        self.0.send_modify(|link| {
            let before = link.connected();
            change(link);
            if before != link.connected() {
                link.since = Instant::now();
                became(link.connected());
            }
        });
    }

    pub fn connected(&self) -> bool {
        self.0.borrow().connected()
    }

    /// Whether it is connected, and since when it has been as it is.
    pub fn now(&self) -> (bool, Instant) {
        let link = self.0.borrow();
        (link.connected(), link.since)
    }

    pub async fn wait_connected(&self) {
        // The sender lives in `self`, so waiting cannot end by its being dropped.
        let _ = self.0.subscribe().wait_for(Link::connected).await;
    }
}

impl Link {
    fn connected(&self) -> bool {
        self.sending && self.hearing
    }
}
