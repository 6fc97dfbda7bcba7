//! `switchboard connector KIND`: the process. It has Redis and the key of the hubs' secrets, and no database.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use switchboard_backplane::Backplane;
use switchboard_connector::{Connector, Trouble};
use switchboard_protocol::InboxId;
use switchboard_protocol::model::Channel;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::edge::RemoteEdge;
use super::room::Room;
use super::wire::{Published, setups_key};
use super::work::{Begun, Worker};
use super::{health, report};
use crate::channels::edge::state_of;
use crate::channels::inside::receiving_lease;
use crate::channels::runner::{Held, Wanted, pause, receive};
use crate::channels::{Connect, connect};
use crate::clock::Clock;
use crate::config::Config;
use crate::hub::{addresses, open_backplane};
use crate::ids::Random;
use crate::limits;
use crate::vault::{Vault, VaultError};
use crate::wakes::Wakes;

/// How often it is looked which channels there are: how long a change takes to be heard here.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// After so long in which no hub has named a channel there is none any more.
const SAID_WITHIN: Duration = Duration::from_secs(5);
/// After so long in which no hub has said it in the form that it has here, it has another one. Hubs that differ end no runner:
/// for a moment they all do after a change, and for longer while they are updated one after the other.
const ANOTHER_FORM_AFTER: Duration = Duration::from_secs(60);
/// A process that has found nothing to do for so long says what to look at.
const NOTHING_AFTER: Duration = Duration::from_secs(10);

/// What the runners of this process share.
pub struct Process {
    pub backplane: Backplane,
    pub random: Random,
    pub clock: Clock,
    pub wakes: Wakes,
    /// For what comes in, and for what goes out.
    pub room_in: Room,
    pub room_out: Room,
    /// How long a lease is held unless it is renewed.
    pub lease: Duration,
    kinds: Vec<Channel>,
    vault: Vault,
    connect: Connect,
    draining: CancellationToken,
    tasks: TaskTracker,
}

/// What a test may want another of.
pub struct Parts {
    pub clock: Clock,
    pub random: Random,
    /// None: as the configuration says.
    pub connect: Option<Connect>,
    pub lease: Duration,
}

impl Default for Parts {
    fn default() -> Self {
        let (clock, random, lease) = (Clock::system(), Random::system(), limits::CHANNEL_LEASE);
        Self { clock, random, connect: None, lease }
    }
}

/// Why a process does not start. Each is a sentence for the operator; its first word is a code that stays.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(
        "connector_without_redis: a connector process talks with the hubs over Redis. Set redis.url (REDIS_URL) to theirs"
    )]
    NoRedis,
    #[error("connector_kind: {0} runs in the hubs themselves. A process may run email, sms, telegram and gateway")]
    Kind(&'static str),
    #[error("connector_key: the hubs' key cannot be used, by which the passwords of channels are read")]
    Vault(#[from] VaultError),
    #[error("connector_http: channels cannot make requests")]
    Http(#[from] switchboard_connector_http::Failed),
    #[error("connector_redis: redis.url is not usable")]
    Redis(#[from] switchboard_backplane::RedisConfigError),
    #[error("connector_listen: cannot listen on {address}: is another program there?")]
    Listen {
        address: SocketAddr,
        #[source]
        source: std::io::Error,
    },
}

/// A process that runs. Dropping it does not stop it; [`Running::stop`] does.
pub struct Running {
    process: Arc<Process>,
    drain: Duration,
}

/// Starts running the channels of these kinds.
pub fn start(config: &Config, kinds: Vec<Channel>, parts: Parts) -> Result<Running, StartError> {
    if let Some(kind) = kinds.iter().find(|kind| !runs_outside(**kind)) {
        return Err(StartError::Kind(kind.as_str()));
    }
    if config.redis.url.is_empty() {
        return Err(StartError::NoRedis);
    }
    let connect = match parts.connect {
        Some(connect) => connect,
        None => connect::by_kind(addresses(config))?,
    };
    let process = Arc::new(Process {
        vault: Vault::open_existing(&config.secrets.key, &config.data)?,
        backplane: open_backplane(config, &parts.random, &parts.clock)?,
        wakes: Wakes::default(),
        room_in: Room::default(),
        room_out: Room::default(),
        draining: CancellationToken::new(),
        tasks: TaskTracker::new(),
        random: parts.random,
        clock: parts.clock,
        lease: parts.lease,
        kinds,
        connect,
    });
    let listening = process.clone();
    // Ends with the runtime.
    tokio::spawn(async move { listening.wakes.listen(&listening.backplane).await });
    process.tasks.spawn(look(process.clone()));
    Ok(Running { process, drain: Duration::from_secs(config.shutdown.drain_seconds) })
}

/// Whether there is somebody to talk with, other than visitors' browsers.
pub fn runs_outside(kind: Channel) -> bool {
    match kind {
        Channel::Email | Channel::Sms | Channel::Telegram | Channel::Gateway => true,
        Channel::Web | Channel::Api => false,
    }
}

impl Running {
    pub fn backplane(&self) -> &Backplane {
        &self.process.backplane
    }

    /// Tells at `address` how the process does.
    pub async fn tells_at(&self, address: SocketAddr) -> Result<(), StartError> {
        let listener = health::listen(address).await.map_err(|source| StartError::Listen { address, source })?;
        tokio::spawn(health::serve(self.process.clone(), listener));
        Ok(())
    }

    /// Fetches and begins nothing more, finishes what is in hand, gives its leases back.
    pub async fn stop(self) {
        tracing::info!(within_s = self.drain.as_secs(), "the connector process is going");
        self.process.draining.cancel();
        self.process.tasks.close();
        if tokio::time::timeout(self.drain, self.process.tasks.wait()).await.is_err() {
            tracing::warn!(
                "some messages were still being sent and are cut: their hub marks them uncertain, and agents decide"
            );
        }
        tracing::info!("the connector process has gone");
    }
}

/// A channel that is run here.
struct Runner {
    published: Published,
    /// When a hub last said it so, and when one last named the inbox.
    said: Instant,
    named: Instant,
    stop: CancellationToken,
}

type Runners = HashMap<InboxId, Runner>;

async fn look(process: Arc<Process>) {
    let mut runners = Runners::new();
    let mut nothing_since = Some(Instant::now());
    while !process.draining.is_cancelled() {
        for kind in &process.kinds {
            match process.backplane.kept(&setups_key(*kind)).await {
                Ok(Some(json)) => match serde_json::from_slice::<Vec<Published>>(&json) {
                    Ok(published) => keep_up(&process, &mut runners, *kind, published),
                    Err(error) => {
                        tracing::warn!(%error, "what the hubs say of channels cannot be read: is one an older version?")
                    }
                },
                // No hub lives, or Redis has forgotten: what is known holds until they say something else.
                Ok(None) => {}
                Err(error) => tracing::debug!(%error, "which channels there are cannot be asked; asked again"),
            }
        }
        if !runners.is_empty() {
            nothing_since = None;
        } else if nothing_since.is_some_and(|since| since.elapsed() >= NOTHING_AFTER) {
            nothing_since = None;
            tracing::warn!(
                "no hub has handed out a channel of this kind: is it set up, do the hubs name its kind in channels.outside, \
                 and have they the same redis.url, redis.prefix and version?"
            );
        }
        // Not in step with the hubs, or of two that differ one would never be seen.
        let spread = process.random.below(LOOK_EVERY.as_millis() as u64);
        pause(&process.draining, LOOK_EVERY / 2 + Duration::from_millis(spread)).await;
    }
}

/// A runner for each setup of this kind in its newest version, and for no other.
fn keep_up(process: &Arc<Process>, runners: &mut Runners, kind: Channel, published: Vec<Published>) {
    let now = Instant::now();
    for one in published.into_iter().filter(|one| one.setup.channel == kind) {
        let inbox = one.setup.inbox_id;
        if let Some(known) = runners.get_mut(&inbox) {
            known.named = now;
            if known.published == one {
                known.said = now;
                continue;
            }
            let is_newer = one.setup.version > known.published.setup.version;
            if !is_newer && now - known.said < ANOTHER_FORM_AFTER {
                continue;
            }
            known.stop.cancel();
        }
        let stop = process.draining.child_token();
        process.tasks.spawn(run(process.clone(), one.clone(), stop.clone()));
        runners.insert(inbox, Runner { published: one, said: now, named: now, stop });
    }
    runners.retain(|_, known| {
        let stays = known.published.setup.channel != kind || now - known.named < SAID_WITHIN;
        if !stays {
            known.stop.cancel();
        }
        stays
    });
}

/// One inbox's channel, until `stop`.
async fn run(process: Arc<Process>, published: Published, stop: CancellationToken) {
    let setup = &published.setup;
    let connector = match process.connector(&published) {
        Ok(connector) => connector,
        // Without asking for the lease: another process may be able to.
        Err(trouble) => {
            let (state, why) = state_of(Err(&trouble));
            tracing::error!(inbox = %setup.inbox_id, channel = setup.channel.as_str(), why, "a channel cannot be used");
            return report::say_beside(&process, setup, state, why, &stop).await;
        }
    };
    let wanted = Wanted { backplane: &process.backplane, name: receiving_lease(setup), ttl: process.lease, stop };
    wanted.whenever_held(|held| hold(&process, &published, &connector, held)).await;
}

impl Process {
    /// Returns when it is told to go.
    pub async fn goes(&self) {
        self.draining.cancelled().await;
    }

    /// Does it behind whoever asks for it; the process goes when it is done.
    pub fn track(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn(work);
    }

    pub fn is_going(&self) -> bool {
        self.draining.is_cancelled()
    }

    fn connector(&self, published: &Published) -> Result<Arc<dyn Connector>, Trouble> {
        let Published { setup, webhook } = published;
        connect::open(&self.connect, &self.vault, setup, webhook.clone())
    }
}

/// Receives, sends, and says how it does, as long as the lease is held.
async fn hold(process: &Arc<Process>, published: &Published, connector: &Arc<dyn Connector>, held: Held) {
    let Published { setup, webhook } = published;
    tracing::info!(inbox = %setup.inbox_id, channel = setup.channel.as_str(), "this process has the channel");
    let edge = RemoteEdge { process: process.clone(), inbox: setup.inbox_id, report: report::begin(setup, &held) };
    let worker = Worker {
        process: process.clone(),
        inbox: setup.inbox_id,
        connector: connector.clone(),
        lease: receiving_lease(setup),
        fencing: held.fencing,
        stop: held.over.clone(),
        begun: Begun::default(),
    };
    let work = async {
        tokio::join!(
            receive(&edge, &**connector, webhook.as_deref(), &process.random, &held.over),
            Arc::new(worker).run(),
        )
    };
    tokio::select! {
        _ = work => {}
        () = report::say(process, setup.inbox_id, edge.report.subscribe()) => {}
    }
}
