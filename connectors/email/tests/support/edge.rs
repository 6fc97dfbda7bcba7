//! A hub that remembers.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use async_trait::async_trait;
use switchboard_connector::{Edge, Happened, Incoming, IncomingMessage, NotTaken, Taken};
use tokio::sync::watch;

/// Far more than anything takes that comes at all.
pub const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Default)]
struct Held {
    items: Vec<Incoming>,
    keys: HashSet<String>,
    cursors: BTreeMap<String, String>,
    receiving: usize,
    again: usize,
    refuse: bool,
    hold_after: Option<usize>,
    now: Option<i64>,
    holds: bool,
}

pub struct Recorder {
    held: watch::Sender<Held>,
}

impl Recorder {
    pub fn new() -> Self {
        Self { held: watch::Sender::new(Held::default()) }
    }

    /// Waits until so many messages are there, and gives them.
    pub async fn messages(&self, count: usize) -> Vec<IncomingMessage> {
        self.until(|held| messages(held).len() >= count, "messages").await;
        messages(&self.held.borrow())
    }

    pub async fn progress(&self) -> switchboard_connector::Progress {
        let find = |held: &Held| {
            held.items.iter().find_map(|item| {
                if let Happened::Progress(progress) = &item.what { Some(progress.clone()) } else { None }
            })
        };
        self.until(|held| find(held).is_some(), "progress").await;
        find(&self.held.borrow()).expect("it was there")
    }

    /// Waits until the connector has said so often that it reads all there is.
    pub async fn receiving(&self, times: usize) {
        self.until(|held| held.receiving >= times, "receiving").await;
    }

    /// How many it was given a second time.
    pub fn again(&self) -> usize {
        self.held.borrow().again
    }

    pub async fn again_at_least(&self, count: usize) {
        self.until(|held| held.again >= count, "mails of before").await;
    }

    pub fn set_cursor(&self, name: &str, place: &str) {
        self.held.send_modify(|held| drop(held.cursors.insert(name.to_owned(), place.to_owned())));
    }

    pub fn cursor_of(&self, name: &str) -> Option<String> {
        self.held.borrow().cursors.get(name).cloned()
    }

    /// From now on nothing can be committed, or it can again.
    pub fn refuse(&self, refuse: bool) {
        self.held.send_modify(|held| held.refuse = refuse);
    }

    /// What its clock says; until then that everything has come long ago.
    pub fn set_now(&self, now: i64) {
        self.held.send_modify(|held| held.now = Some(now));
    }

    /// With so many items taken, the next ones wait.
    pub fn hold_after(&self, items: usize) {
        self.held.send_modify(|held| held.hold_after = Some(items));
    }

    /// Waits until something waits.
    pub async fn holds(&self) {
        self.until(|held| held.holds, "items that wait").await;
    }

    pub fn release(&self) {
        self.held.send_modify(|held| held.hold_after = None);
    }

    async fn until(&self, ready: impl FnMut(&Held) -> bool, what: &str) {
        let mut watched = self.held.subscribe();
        let waiting = watched.wait_for(ready);
        tokio::time::timeout(PATIENCE, waiting)
            .await
            .unwrap_or_else(|_| panic!("no {what} came"))
            .expect("the recorder lives");
    }
}

fn messages(held: &Held) -> Vec<IncomingMessage> {
    held.items
        .iter()
        .filter_map(|item| if let Happened::Message(message) = &item.what { Some((**message).clone()) } else { None })
        .collect()
}

#[async_trait]
impl Edge for Recorder {
    async fn take(&self, items: Vec<Incoming>) -> Result<Vec<Taken>, NotTaken> {
        if self.held.borrow().refuse {
            return Err(NotTaken("the test says so".to_owned()));
        }
        let full = |held: &Held| held.hold_after.is_some_and(|most| held.items.len() >= most);
        self.held.send_modify(|held| held.holds = full(held));
        self.until(|held| !full(held), "release").await;
        let mut taken = Vec::new();
        self.held.send_modify(|held| {
            for item in items {
                if held.keys.insert(item.key.clone()) {
                    held.items.push(item);
                    taken.push(Taken::New);
                } else {
                    held.again += 1;
                    taken.push(Taken::Again);
                }
            }
        });
        Ok(taken)
    }

    async fn cursor(&self, name: &str) -> Result<Option<String>, NotTaken> {
        Ok(self.cursor_of(name))
    }

    async fn keep_cursor(&self, name: &str, place: &str) -> Result<(), NotTaken> {
        self.set_cursor(name, place);
        Ok(())
    }

    fn is_reply_token(&self, token: &str) -> bool {
        token == "t0ken.sig"
    }

    fn now(&self) -> i64 {
        self.held.borrow().now.unwrap_or(i64::MAX)
    }

    fn receiving(&self) {
        self.held.send_modify(|held| held.receiving += 1);
    }
}
