//! Channels other than web chat, run by this process: who holds which, what comes in, what goes out.
//!
//! ```text
//! looking ──► for each inbox with a channel, under a lease each:
//!                receiving (runner: connector.receive, again after trouble)
//!                sending   (sender: claim, begin, hand out, settle)
//! POST /hooks/{key} ──► the inbox's connector, on whichever hub it came to
//! ```
//!
//! Kinds that `channels.outside` names are received and sent by processes of their own: [`outside`]. The rest, and what a
//! provider calls, is done here ([`inside`]).
//!
//! One hub of a deployment receives for an inbox at a time, and one sends; when it dies its lease runs out and another takes
//! over. No message depends on there being only one: what comes in is committed once by its key, and what goes out is claimed
//! by an UPDATE. Leases between hubs are Redis's: several hubs on one PostgreSQL without it all fetch, which Telegram refuses to
//! all but one of them, and what one has begun the others doubt only when it must have given up. The doctor says so.
//! Deliberately not here: what a provider's protocol is (`connectors/`), what a message does to a conversation (`commands`).

mod calls;
mod connect;
mod discreet;
mod edge;
mod hook_key;
mod inside;
mod left;
pub mod media;
mod outgoing;
pub mod outside;
pub mod recipient;
pub mod reply_address;
mod runner;
mod sender;
mod typing;
mod way;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Once};
use std::time::Duration;

use parking_lot::Mutex;
use switchboard_connector::{Connector, Trouble};
use switchboard_protocol::InboxId;
use switchboard_protocol::model::Channel;
use switchboard_store::channels::{self, Setup};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::app::Shared;
use crate::error::CommandError;

pub use connect::{Connect, by_kind};
pub use edge::HubEdge;
pub use hook_key::HookKey;
pub use outgoing::own_name;
use outside::Room;
pub use runner::pause;
pub use sender::AT_ONCE;
pub use typing::{show as show_typing, show_if as show_typing_if};

/// How often the channels that are set up are looked at: how long a change made on another hub takes to be heard here.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Senders look at their outboxes so often at most, whatever is committed: a busy chat has nothing for them.
const CALL_AT_MOST_EVERY: Duration = Duration::from_millis(100);

/// The channels of this process.
pub struct Channels {
    connect: Connect,
    /// Connectors of the setups that have been asked for, newest version each. Locked for a look-up.
    made: Mutex<HashMap<InboxId, Made>>,
    /// Moves when something may have been queued.
    news: watch::Sender<u64>,
    /// Moves when a channel was set up here.
    changed: watch::Sender<u64>,
    /// Of providers, being read.
    pub calls: calls::Calls,
    /// How long a lease is held unless it is renewed.
    lease: Duration,
    typing: typing::Typing,
    /// The memory for what is handed to processes that run channels.
    room: Room,
    /// Whether Redis keeps what is laid out there for processes.
    laid: outside::Laid,
    /// Whether the store was away when somebody here last asked it: said once, by whichever inbox's task finds it first. Reading
    /// and writing by themselves: with a full disk one works and the other does not.
    unreadable: AtomicBool,
    unwritable: AtomicBool,
    /// Whether the rules of telephone numbers have been asked for.
    numbers: Once,
}

struct Made {
    version: i64,
    connector: Arc<dyn Connector>,
}

impl Channels {
    pub fn new(connect: Connect, lease: Duration) -> Self {
        Self {
            connect,
            made: Mutex::default(),
            calls: calls::Calls::default(),
            news: watch::Sender::new(0),
            changed: watch::Sender::new(0),
            lease,
            typing: typing::Typing::new(),
            room: Room::default(),
            laid: outside::Laid::default(),
            unreadable: AtomicBool::new(false),
            unwritable: AtomicBool::new(false),
            numbers: Once::new(),
        }
    }

    /// Something may wait to go out.
    pub fn call_senders(&self) {
        self.news.send_modify(|count| *count += 1);
    }

    fn news(&self) -> watch::Receiver<u64> {
        self.news.subscribe()
    }

    /// A channel was set up or changed.
    pub fn look_again(&self) {
        self.changed.send_modify(|count| *count += 1);
    }

    /// The connector of this setup; made if it is the first time that this version is asked for.
    pub fn connector(&self, app: &Shared, setup: &Setup) -> Result<Arc<dyn Connector>, Trouble> {
        if let Some(made) = self.made.lock().get(&setup.inbox_id)
            && made.version == setup.version
        {
            return Ok(made.connector.clone());
        }
        let connector = self.try_out(app, setup)?;
        let made = Made { version: setup.version, connector: connector.clone() };
        let mut known = self.made.lock();
        match known.get(&setup.inbox_id) {
            // Somebody was faster, with this version or a newer one.
            Some(other) if other.version >= setup.version => Ok(other.connector.clone()),
            _ => {
                known.insert(setup.inbox_id, made);
                Ok(connector)
            }
        }
    }

    /// A connector for settings that are not kept, to be tried.
    pub fn try_out(&self, app: &Shared, setup: &Setup) -> Result<Arc<dyn Connector>, Trouble> {
        connect::open(&self.connect, &app.vault, setup, webhook_address(app, setup))
    }

    fn store_answers(&self) {
        self.unreadable.store(false, Ordering::Relaxed);
    }

    fn store_does_not_answer(&self, error: &dyn std::error::Error) {
        if self.unreadable.swap(true, Ordering::Relaxed) {
            tracing::debug!(%error, "the store still does not answer");
        } else {
            tracing::warn!(%error, "the store does not answer: channels wait until it does");
        }
    }

    fn store_takes(&self) {
        self.unwritable.store(false, Ordering::Relaxed);
    }

    fn store_takes_nothing(&self, error: &dyn std::error::Error) {
        if self.unwritable.swap(true, Ordering::Relaxed) {
            tracing::debug!(%error, "the store still takes nothing");
        } else {
            tracing::warn!(%error, "the store takes nothing: what is to go out waits until it does");
        }
    }

    fn forget(&self, inbox: InboxId) {
        self.made.lock().remove(&inbox);
    }
}

/// Where this inbox's provider calls us, if the hub knows its own address.
pub fn webhook_address(app: &Shared, setup: &Setup) -> Option<String> {
    Some(format!("{}/hooks/{}", app.config.public_origin()?, setup.webhook_key))
}

/// Calls the senders when something was committed here or on another hub: it may be something to send.
async fn listen(app: &Shared) {
    let mut moved = app.feed.moved();
    while moved.changed().await.is_ok() {
        app.channels.call_senders();
        tokio::time::sleep(CALL_AT_MOST_EVERY).await;
    }
}

/// Runs the channels of all inboxes until the hub is told to go.
pub async fn run(app: Shared) {
    if !app.config.channels.outside.is_empty() {
        app.tasks.spawn(outside::answer(app.clone()));
    }
    tokio::select! {
        () = listen(&app) => {}
        () = app.wakes.listen(&app.backplane) => {}
        () = look(app.clone()) => {}
    }
}

/// Whether a process of its own is to run channels of this kind.
fn is_outside(app: &Shared, setup: &Setup) -> bool {
    app.config.channels.outside.contains(&setup.channel)
}

async fn look(app: Shared) {
    let mut runners = Runners::new();
    let mut changed = app.channels.changed.subscribe();
    loop {
        match channels::list(&app.store).await {
            Ok(setups) => {
                app.channels.store_answers();
                outside::publish(&app, &setups).await;
                keep_up(&app, &mut runners, setups);
            }
            Err(error) => app.channels.store_does_not_answer(&error),
        }
        tokio::select! {
            () = app.draining.cancelled() => break,
            _ = changed.changed() => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
    for (_, stop) in runners.into_values() {
        stop.cancel();
    }
}

/// What runs, with what it runs by, and how to end it.
type Runners = HashMap<InboxId, (Arc<Setup>, CancellationToken)>;

/// A runner for each setup as it is now, and for no other. The inbox's name and prefix count: they go out with its mails.
fn keep_up(app: &Shared, runners: &mut Runners, setups: Vec<Setup>) {
    let wanted: HashMap<InboxId, Setup> = setups.into_iter().map(|setup| (setup.inbox_id, setup)).collect();
    app.channels.typing.keep(&wanted);
    if wanted.values().any(|setup| matches!(setup.channel, Channel::Sms | Channel::Gateway)) {
        // So that the first of its providers' calls does not wait for it.
        app.channels.numbers.call_once(|| drop(tokio::task::spawn_blocking(switchboard_numbers::read_rules)));
    }
    runners.retain(|inbox, (setup, stop)| {
        let stays = wanted.get(inbox).is_some_and(|now| now == &**setup);
        if !stays {
            stop.cancel();
            app.channels.forget(*inbox);
        }
        stays
    });
    for (inbox, setup) in wanted {
        runners.entry(inbox).or_insert_with(|| {
            let stop = app.draining.child_token();
            let setup = Arc::new(setup);
            if is_outside(app, &setup) {
                app.tasks.spawn(outside::send(app.clone(), setup.clone(), stop.clone()));
            } else {
                app.tasks.spawn(inside::run(app.clone(), setup.clone(), stop.clone()));
            }
            (setup, stop)
        });
    }
}

/// The setup behind an address at which a provider calls.
pub async fn called(app: &Shared, key: &str) -> Result<Option<Arc<Setup>>, CommandError> {
    Ok(channels::find_by_webhook_key(&app.store, key).await?.map(Arc::new))
}
