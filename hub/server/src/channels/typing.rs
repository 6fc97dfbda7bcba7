//! That an agent writes, shown to the customer as the channel itself shows it (Telegram's "typing …").
//!
//! An agent's client says so again while keys are pressed; each word of it is at most one call of
//! [`Connector::typing`](switchboard_connector::Connector::typing), by whichever hub heard it. The channel lets what it shows run
//! out by itself, so nothing says "no more". What cannot be shown at once is left out: the next word comes in a moment.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use switchboard_connector::Recipient;
use switchboard_protocol::{ConversationId, IdentityId, InboxId};
use switchboard_store::channels::Setup;
use switchboard_store::contacts;
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout};

use crate::app::Shared;
use crate::error::CommandError;

/// One conversation's customer is told at most so often: less than clients repeat it, so that of two agents who write one is
/// left out, and of one none.
const TELL_EVERY: Duration = Duration::from_secs(2);
/// A provider that has not taken it by then is too late for it to be true.
const CALL: Duration = Duration::from_secs(4);
/// Calls of this hub at once.
const AT_ONCE: usize = 16;
/// Conversations whose last call is remembered.
const REMEMBERED: usize = 1_000;

/// What this hub has told customers' channels.
pub struct Typing {
    /// The channels there are, as of the last look. Locked for a look-up: no query is made for each key of a web chat.
    setups: Mutex<HashMap<InboxId, Arc<Setup>>>,
    /// When it was last told. Locked for a look-up.
    told: Mutex<HashMap<ConversationId, Instant>>,
    at_once: Arc<Semaphore>,
}

impl Typing {
    pub fn new() -> Self {
        Self { setups: Mutex::default(), told: Mutex::default(), at_once: Arc::new(Semaphore::new(AT_ONCE)) }
    }

    pub(super) fn keep(&self, setups: &HashMap<InboxId, Setup>) {
        let mut kept = self.setups.lock();
        kept.retain(|inbox, setup| setups.get(inbox).is_some_and(|now| now.version == setup.version));
        for (inbox, setup) in setups {
            kept.entry(*inbox).or_insert_with(|| Arc::new(setup.clone()));
        }
    }

    /// Whether it is to be told now.
    fn is_due(&self, conversation: ConversationId, now: Instant) -> bool {
        let mut told = self.told.lock();
        if told.get(&conversation).is_some_and(|last| now.duration_since(*last) < TELL_EVERY) {
            return false;
        }
        if told.len() >= REMEMBERED {
            told.retain(|_, last| now.duration_since(*last) < TELL_EVERY);
        }
        // As many write at once: those who came first are shown.
        told.len() < REMEMBERED && {
            told.insert(conversation, now);
            true
        }
    }
}

/// An agent writes an answer in this conversation. Returns at once.
pub fn show(app: &Shared, inbox: InboxId, conversation: ConversationId, identity: IdentityId) {
    show_if(app, inbox, conversation, identity, std::future::ready(true));
}

/// The same of whoever may be kept from it meanwhile: `still` is asked when all else is ready.
pub fn show_if(
    app: &Shared,
    inbox: InboxId,
    conversation: ConversationId,
    identity: IdentityId,
    still: impl Future<Output = bool> + Send + 'static,
) {
    let typing = &app.channels.typing;
    let Some(setup) = typing.setups.lock().get(&inbox).cloned() else { return };
    if !typing.is_due(conversation, Instant::now()) {
        return;
    }
    let Ok(permit) = typing.at_once.clone().try_acquire_owned() else { return };
    let app = app.clone();
    tokio::spawn(async move {
        let _permit = permit;
        match timeout(CALL, tell(&app, &setup, identity, still)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::debug!(%error, "a customer is not shown that an agent writes"),
            Err(_) => tracing::debug!(inbox = %setup.inbox_id, "a channel was too slow to show that an agent writes"),
        }
    });
}

async fn tell(
    app: &Shared,
    setup: &Setup,
    identity: IdentityId,
    still: impl Future<Output = bool>,
) -> Result<(), CommandError> {
    // Settings that do not make a connector are said with the channel's health.
    let Ok(connector) = app.channels.connector(app, setup) else { return Ok(()) };
    if !connector.capabilities().typing {
        return Ok(());
    }
    if let Some(reach) = contacts::find_reach(&app.store, identity).await?
        && reach.stopped_at.is_none()
        && still.await
    {
        connector.typing(&Recipient { key: reach.provider_key, name: None }).await;
    }
    Ok(())
}
