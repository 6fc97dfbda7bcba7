//! The hub's side of the contract: it keeps what it is given, or refuses.

use std::sync::Mutex;

use async_trait::async_trait;
use switchboard_connector::{Edge, Incoming, NotTaken, Taken};

#[derive(Default)]
pub struct Kept {
    items: Mutex<Vec<Incoming>>,
    away: bool,
}

impl Kept {
    /// A hub that can commit nothing just now.
    pub fn away() -> Self {
        Self { away: true, ..Self::default() }
    }

    pub fn items(&self) -> Vec<Incoming> {
        self.items.lock().expect("no test panics while it holds this").clone()
    }

    pub fn one(&self) -> Incoming {
        let items = self.items();
        assert_eq!(items.len(), 1, "{items:?}");
        items.into_iter().next().expect("there is one")
    }
}

#[async_trait]
impl Edge for Kept {
    async fn take(&self, items: Vec<Incoming>) -> Result<Vec<Taken>, NotTaken> {
        if self.away {
            return Err(NotTaken("away".to_owned()));
        }
        let taken = items.iter().map(|_| Taken::New).collect();
        self.items.lock().expect("no test panics while it holds this").extend(items);
        Ok(taken)
    }

    async fn cursor(&self, _name: &str) -> Result<Option<String>, NotTaken> {
        Ok(None)
    }

    async fn keep_cursor(&self, _name: &str, _place: &str) -> Result<(), NotTaken> {
        Ok(())
    }

    fn is_reply_token(&self, _token: &str) -> bool {
        false
    }

    fn receiving(&self) {}
}
