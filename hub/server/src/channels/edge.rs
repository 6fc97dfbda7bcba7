//! The hub, as the connector of one inbox sees it.

use std::sync::Arc;

use async_trait::async_trait;
use switchboard_connector::{Edge, Incoming, NotTaken, Taken};
use switchboard_store::channels::{self, Setup};
use tokio::sync::watch;

use crate::app::{Shared, Unasked};
use crate::commands::ingest;
use crate::error::CommandError;

/// What comes in goes straight to the writer of this process.
pub struct HubEdge {
    app: Shared,
    setup: Arc<Setup>,
    /// Set when the connector says that it is connected.
    receiving: watch::Sender<bool>,
}

impl HubEdge {
    pub fn new(app: Shared, setup: Arc<Setup>) -> Self {
        Self { app, setup, receiving: watch::Sender::new(false) }
    }

    pub fn is_receiving(&self) -> watch::Receiver<bool> {
        self.receiving.subscribe()
    }

    /// The connection is gone.
    pub fn lost(&self) {
        self.receiving.send_replace(false);
    }
}

#[async_trait]
impl Edge for HubEdge {
    async fn take(&self, items: Vec<Incoming>) -> Result<Vec<Taken>, NotTaken> {
        ingest::take(&self.app, &self.setup, items).await.map_err(not_taken)
    }

    async fn cursor(&self, name: &str) -> Result<Option<String>, NotTaken> {
        channels::cursor(&self.app.store, self.setup.inbox_id, name).await.map_err(|error| not_taken(error.into()))
    }

    async fn keep_cursor(&self, name: &str, place: &str) -> Result<(), NotTaken> {
        let (inbox_id, name, place) = (self.setup.inbox_id, name.to_owned(), place.to_owned());
        let written = self.app.write_unasked(Unasked::Channel, move |tx| {
            Box::pin(async move { Ok(channels::keep_cursor(tx, inbox_id, &name, &place).await?) })
        });
        written.await.map(|_| ()).map_err(not_taken)
    }

    fn is_reply_token(&self, token: &str) -> bool {
        self.app.reply_key.verify(token).is_some()
    }

    fn receiving(&self) {
        self.receiving.send_replace(true);
    }
}

fn not_taken(error: CommandError) -> NotTaken {
    let mut sentence = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(error) = cause {
        sentence.push_str(&format!(": {error}"));
        cause = error.source();
    }
    NotTaken(sentence)
}
