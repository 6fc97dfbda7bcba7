//! Starting and stopping a hub. What is quick and needed for readiness comes first; what can wait runs behind it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use switchboard_backplane::{Backplane, NodeId, RedisConfig, RedisConfigError};
use switchboard_connector::Addresses;
use switchboard_connector_http::Http;
use switchboard_protocol::limits::HEARTBEAT_MS;
use switchboard_store::{DatabaseUrl, Options, Store, agents, settings};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::app::App;
use crate::attachments::Files;
use crate::attachments::pace::Pace;
use crate::bots::Bots;
use crate::channels::media::MediaKey;
use crate::channels::reply_address::ReplyKey;
use crate::channels::{self, Channels, Connect, HookKey};
use crate::clock::Clock;
use crate::config::Config;
use crate::error::CommandError;
use crate::feed::Feed;
use crate::forms::page::Pages;
use crate::forms::token::FormKey;
use crate::ids::Random;
use crate::ops::logs::say;
use crate::password::Passwords;
use crate::presence::Presence;
use crate::secret::{Secret, from_hex, hex};
use crate::sessions::Registry;
use crate::vault::{Vault, VaultError};
use crate::visitor_token::VisitorKey;
use crate::wakes::Wakes;
use crate::{http, limits, ops};

/// Name of the embedded database in the data folder.
pub const DATABASE_FILE: &str = "switchboard.db";

/// What a test may want another of.
pub struct Parts {
    pub clock: Clock,
    pub random: Random,
    /// None: as the configuration says.
    pub backplane: Option<Backplane>,
    pub demo: bool,
    /// How often each socket gets its heartbeat.
    pub heartbeat: Duration,
    /// How long a command over a socket may take.
    pub command_time: Duration,
    /// How fast a file must move at least.
    pub pace: Pace,
    /// What makes channels' connectors; none: by what the channels are.
    pub connect: Option<Connect>,
    /// How long a hub that dies keeps a channel's lease.
    pub channel_lease: Duration,
}

impl Default for Parts {
    fn default() -> Self {
        let heartbeat = Duration::from_millis(HEARTBEAT_MS.into());
        let (clock, random, command_time) = (Clock::system(), Random::system(), limits::COMMAND);
        let (pace, channel_lease) = (limits::TRANSFER_PACE, limits::CHANNEL_LEASE);
        Self {
            clock,
            random,
            backplane: None,
            demo: false,
            heartbeat,
            command_time,
            pace,
            connect: None,
            channel_lease,
        }
    }
}

/// Why a hub does not start. Each is a sentence for the operator.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("the data folder {folder} cannot be used")]
    Data {
        folder: String,
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    #[error("database.url is not a database address")]
    DatabaseUrl(#[source] switchboard_store::InvalidDatabaseUrl),
    #[error("the database cannot be opened")]
    Store(#[from] switchboard_store::OpenError),
    #[error("the key that seals the secrets of channels cannot be used")]
    Vault(#[from] VaultError),
    #[error("channels cannot make requests")]
    Http(#[from] switchboard_connector_http::Failed),
    #[error("redis.url is not usable")]
    Redis(#[from] RedisConfigError),
    #[error("the feed cannot be followed")]
    Feed(#[from] crate::feed::Unreadable),
    #[error("the store does not hold what a hub needs")]
    Keys(#[from] CommandError),
    #[error(
        "the key in the store's settings is not one of ours; restore it from a backup, or remove it to sign all visitors out"
    )]
    Key,
    #[error("cannot listen on {address}: is another program there?")]
    Listen {
        address: SocketAddr,
        #[source]
        source: std::io::Error,
    },
}

/// How many files, and so sockets, this process may have open at once.
pub fn open_files_limit() -> Option<u64> {
    // The libc call needs `unsafe`; Linux says the same in a file.
    let limits = std::fs::read_to_string("/proc/self/limits").ok()?;
    let line = limits.lines().find(|line| line.starts_with("Max open files"))?;
    line.split_whitespace().nth(3)?.parse().ok()
}

/// The way to a running hub.
pub enum Hub {}

impl Hub {
    /// A hub as the configuration says.
    pub async fn start(config: Config) -> Result<Running, StartError> {
        Self::start_with(config, Parts::default()).await
    }

    /// A hub with some parts exchanged.
    pub async fn start_with(config: Config, parts: Parts) -> Result<Running, StartError> {
        let folder = config.data.display().to_string();
        let unusable =
            |source: Box<dyn std::error::Error + Send + Sync>| StartError::Data { folder: folder.clone(), source };
        // Bound first: a port in use is told before anything is made; nobody is answered before all is ready.
        let listener = http::accept::bind(config.listen)
            .map_err(|source| StartError::Listen { address: config.listen, source })?;
        let address = listener.local_addr().map_err(|source| StartError::Listen { address: config.listen, source })?;
        let mut config = config;
        config.listen = address;

        std::fs::create_dir_all(&config.data).map_err(|error| unusable(error.into()))?;
        let files = Files::open(&config.data, parts.pace).map_err(|error| unusable(error.into()))?;
        let store = open_store(&config, &parts).await?;
        let backplane = match parts.backplane {
            Some(backplane) => backplane,
            None => open_backplane(&config, &parts.random, &parts.clock)?,
        };
        let Keys { visitor_key, reply_key, form_key, media_key, hook_key, setup_token } =
            keys(&store, &parts.random).await?;
        let vault = Vault::open(&config.secrets.key, &config.data, &parts.random)?;
        let (registry, failed) = (Arc::<Registry>::default(), CancellationToken::new());
        let alive = || failed.clone().drop_guard();
        let (clock, heartbeat) = (parts.clock.clone(), parts.heartbeat);
        let feed = Feed::start(store.clone(), backplane.clone(), registry, clock, heartbeat, alive()).await?;
        let http = Http::new(addresses(&config))?;
        let connect = match parts.connect {
            Some(connect) => connect,
            None => channels::by_kind(addresses(&config))?,
        };
        let app = Arc::new(App {
            passwords: Passwords::new(parts.random.clone()),
            presence: Presence::start(backplane.clone(), feed.clone(), alive()),
            feed,
            sockets: Arc::default(),
            store_answers: ops::health::Probe::default(),
            metrics: ops::metrics::recorder(),
            draining: CancellationToken::new(),
            failed: failed.clone(),
            tasks: TaskTracker::new(),
            command_time: parts.command_time,
            clock: parts.clock,
            random: parts.random,
            demo: parts.demo,
            config,
            store,
            backplane,
            visitor_key,
            reply_key,
            form_key,
            hook_key,
            media_key,
            forms: Pages::new(),
            vault,
            bots: Bots::new(http),
            wakes: Wakes::default(),
            channels: Channels::new(connect, parts.channel_lease),
            setup_token,
            files,
        });
        ops::upkeep::start(&app);
        app.tasks.spawn(channels::run(app.clone()));
        app.tasks.spawn(crate::bots::run(app.clone()));
        let router = http::router(app.clone());
        let admission = http::accept::Admission::new(open_files_limit(), app.config.trusted_proxies.clone());
        let accept = http::accept::serve(listener, router, admission, app.draining.clone(), app.tasks.clone());
        let alive = alive();
        let accepting = tokio::spawn(async move {
            accept.await;
            drop(alive);
        });
        Ok(Running { address, app, accepting })
    }
}

/// The database that the configuration names; without one, a file in the data folder.
pub fn database_url(config: &Config) -> Result<DatabaseUrl, StartError> {
    match config.database.url.expose() {
        "" => Ok(DatabaseUrl::sqlite(config.data.join(DATABASE_FILE))),
        url => url.parse().map_err(StartError::DatabaseUrl),
    }
}

async fn open_store(config: &Config, parts: &Parts) -> Result<Store, StartError> {
    let url = database_url(config)?;
    tracing::info!(database = %url, "opening the database");
    Ok(Store::open(&url, Options { new_epoch: new_epoch(&parts.random) }).await?)
}

/// To which machines channels may speak.
pub(crate) fn addresses(config: &Config) -> Addresses {
    if config.channels.private_addresses { Addresses::Any } else { Addresses::Public }
}

/// What a new database is told apart by.
pub fn new_epoch(random: &Random) -> String {
    let mut epoch = [0; 8];
    random.fill(&mut epoch);
    hex(&epoch)
}

pub(crate) fn open_backplane(config: &Config, random: &Random, clock: &Clock) -> Result<Backplane, RedisConfigError> {
    let node = NodeId::new(&random.ulid(clock.now()).to_string());
    if config.redis.url.is_empty() {
        return Ok(Backplane::local(node));
    }
    let redis = RedisConfig { url: config.redis.url.expose().to_owned(), prefix: config.redis.prefix.clone(), node };
    Backplane::redis(redis)
}

struct Keys {
    visitor_key: VisitorKey,
    reply_key: ReplyKey,
    form_key: FormKey,
    media_key: MediaKey,
    hook_key: HookKey,
    setup_token: Secret,
}

/// What is derived from the one secret in the store's settings, so that all hubs of a deployment agree.
async fn keys(store: &Store, random: &Random) -> Result<Keys, StartError> {
    const SETTING: &str = "secret_key";
    let mut fresh = [0; 32];
    random.fill(&mut fresh);
    let fresh = hex(&fresh);
    let text = match settings::find(store, SETTING).await.map_err(CommandError::from)? {
        Some(text) => text,
        None => {
            let op = store.write(move |tx| {
                Box::pin(async move { settings::set_once(tx, SETTING, &fresh).await.map_err(CommandError::from) })
            });
            op.await.map_err(CommandError::from)?.value
        }
    };
    let secret = from_hex(&text).filter(|key| key.len() >= 32).ok_or(StartError::Key)?;
    let derive = |purpose: &str| -> Result<String, StartError> {
        let mac = Hmac::<Sha256>::new_from_slice(&secret).map_err(|_| StartError::Key)?;
        Ok(hex(&mac.chain_update(purpose.as_bytes()).finalize().into_bytes()))
    };
    let visitor_key = VisitorKey::from_hex(&Secret::new(derive("visitor tokens")?)).ok_or(StartError::Key)?;
    let reply_key = ReplyKey::from_hex(&Secret::new(derive("reply addresses")?)).ok_or(StartError::Key)?;
    let form_key = FormKey::from_hex(&Secret::new(derive("contact forms")?)).ok_or(StartError::Key)?;
    let media_key = MediaKey::from_hex(&Secret::new(derive("files for providers")?)).ok_or(StartError::Key)?;
    let hook_key = HookKey::from_hex(&Secret::new(derive("addresses for providers")?)).ok_or(StartError::Key)?;
    Ok(Keys { visitor_key, reply_key, form_key, media_key, hook_key, setup_token: Secret::new(derive("set-up link")?) })
}

/// A hub that runs. Dropping it does not stop it; [`Running::stop`] does.
pub struct Running {
    /// Where it listens; the port is known even if the configuration said 0.
    pub address: SocketAddr,
    pub app: Arc<App>,
    accepting: JoinHandle<()>,
}

impl Running {
    /// Tells the operator where to open it and, on the first start, how to become owner.
    pub async fn announce(&self) {
        let base = self.app.config.public_origin().unwrap_or_else(|| format!("http://{}", self.address));
        say(format_args!("Switchboard listens on {base}"));
        tracing::info!(address = %self.address, engine = ?self.app.store.engine(), "the hub is ready");
        match agents::any(&self.app.store).await {
            Ok(true) => {}
            Ok(false) if self.app.demo => {}
            Ok(false) => {
                say(format_args!("Nobody is here yet. Open this link to become the owner; it works once:"));
                say(format_args!("  {}", self.setup_link(&base)));
                tracing::info!("waiting for the first owner: the one-time link stands on standard output");
            }
            Err(error) => tracing::warn!(%error, "whether there is an owner cannot be read"),
        }
        if self.app.demo {
            self.announce_demo(&base).await;
        }
    }

    async fn announce_demo(&self, base: &str) {
        match crate::demo::fill(&self.app).await {
            Ok(true) => crate::demo::announce(),
            Ok(false) => {
                say(format_args!("The demo was not filled in: this data folder holds somebody's own workspace."))
            }
            Err(error) => tracing::error!(%error, "the demo could not be filled in"),
        }
        say(format_args!("The demo shop with the chat widget: {base}/demo"));
    }

    /// Behind the `#` because that part of an address is in no server's or proxy's log.
    pub fn setup_link(&self, base: &str) -> String {
        format!("{base}/setup#{}", self.app.setup_token.expose())
    }

    /// Returns when a part has ended without which the hub would answer and do nothing: its writer, the feed's pump, who
    /// tells of presence, or who takes connections. It cannot go on; another process can.
    pub async fn failed(&self) {
        tokio::select! {
            () = self.app.store.ended() => {}
            () = self.app.failed.cancelled() => {}
        }
    }

    /// Takes no new connections, tells the sockets to come back elsewhere, finishes what is being answered and written.
    pub async fn stop(self) {
        let drain = Duration::from_secs(self.app.config.shutdown.drain_seconds);
        tracing::info!(within_s = drain.as_secs(), "the hub is going");
        self.app.draining.cancel();
        if self.accepting.await.is_err() {
            tracing::warn!("the accept loop had panicked");
        }
        crate::ws::drain(&self.app);
        self.app.tasks.close();
        if tokio::time::timeout(drain, self.app.tasks.wait()).await.is_err() {
            tracing::warn!(left = self.app.tasks.len(), "some connections did not end in time and are cut");
        }
        self.app.store.close().await;
        tracing::info!("the hub has gone");
    }
}
