//! The hub, as the connector of one inbox sees it.

use std::sync::Arc;

use async_trait::async_trait;
use switchboard_connector::{Edge, Incoming, NotTaken, Taken, Trouble, limits};
use switchboard_protocol::UnixMs;
use switchboard_protocol::channels::ChannelState;
use switchboard_store::channels::{self, Setup};

use super::runner::Home;
use crate::app::{Shared, Unasked};
use crate::commands::ingest;
use crate::error::CommandError;

/// What comes in goes straight to the writer of this process.
pub struct HubEdge {
    app: Shared,
    setup: Arc<Setup>,
}

impl HubEdge {
    pub fn new(app: Shared, setup: Arc<Setup>) -> Self {
        Self { app, setup }
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

    fn now(&self) -> UnixMs {
        self.app.clock.now()
    }

    /// Whoever runs the connector listens to it ([`super::runner`]); one that is only called has nothing to say.
    fn receiving(&self) {}
}

#[async_trait]
impl Home for HubEdge {
    async fn note(&self, tried: Result<(), &Trouble>) {
        let (state, trouble) = state_of(tried);
        if let Some(why) = &trouble {
            let channel = self.setup.channel.as_str();
            tracing::warn!(inbox = %self.setup.inbox_id, channel, why, "a channel does not receive");
        }
        note(&self.app, &self.setup, state, trouble).await;
    }
}

/// What an admin reads of a try.
pub fn state_of(tried: Result<(), &Trouble>) -> (ChannelState, Option<String>) {
    match tried {
        Ok(()) => (ChannelState::Working, None),
        Err(Trouble::Settings(why)) => (ChannelState::Broken, Some(limits::note(why.clone()))),
        Err(Trouble::Away { why, .. }) => (ChannelState::Away, Some(limits::note(why.clone()))),
    }
}

/// Keeps how the channel does, for its page and the warning in its conversations.
pub async fn note(app: &Shared, setup: &Setup, state: ChannelState, trouble: Option<String>) {
    let (inbox_id, version, now) = (setup.inbox_id, setup.version, app.clock.now());
    let noted = app.write_unasked(Unasked::Channel, move |tx| {
        Box::pin(async move { Ok(channels::note_state(tx, inbox_id, version, state, trouble.as_deref(), now).await?) })
    });
    if let Err(error) = noted.await {
        tracing::warn!(%error, "how a channel does cannot be noted");
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
