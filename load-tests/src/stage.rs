//! What a scenario stands on: a started server, the people on it, and the generator's own place on the machine.

use std::net::SocketAddr;
use std::path::PathBuf;

use switchboard_protocol::agent::ResumePoint;
use switchboard_protocol::channels::SaveChannel;
use switchboard_protocol::model::Channel;

use crate::child::{FloorKind, Program, Server};
use crate::hub::{Hub, HubError, OpenedChannel, SignedIn, last_word};
use crate::process::Process;

#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    #[error("{0}")]
    Io(#[from] std::io::Error),
    #[error("{0}: {source}", source = std::error::Error::source(.0).map(ToString::to_string).unwrap_or_default())]
    Hub(#[from] HubError),
    #[error("no scenario {name:?}; there are:\n{list}\n  all      all of these but floors")]
    NoSuchScenario { name: String, list: String },
    #[error("the hub printed no set-up link; it said:\n{log}")]
    NoSetUpLink { log: String },
    #[error("{waiting} of {of} sockets were not {state} in time; {said}")]
    NotInTime { waiting: usize, of: usize, state: &'static str, said: String },
}

/// What hubs with channels believe that their address is; providers call them at their own.
const PUBLIC_URL: &str = "https://load.example";
const SECRETS_KEY_BYTES: usize = 32;

/// What all scenarios are told.
#[derive(Debug, Clone)]
pub struct Settings {
    pub bin: PathBuf,
    pub database_url: Option<String>,
    pub redis_url: Option<String>,
    pub env: Vec<(String, String)>,
    /// Each measurement goes on this long, seconds.
    pub seconds: u64,
    /// Divides the numbers of sockets, for a quick look.
    pub scale: usize,
    /// Random choices come from this.
    pub seed: u64,
}

impl Settings {
    pub fn hub(&self) -> Program {
        Program::Hub {
            bin: self.bin.clone(),
            database_url: self.database_url.clone(),
            redis_url: self.redis_url.clone(),
            env: self.env.clone(),
        }
    }

    /// The same for hubs that run channels: they have an address that providers call, may call servers of this machine, and
    /// read each other's secrets.
    pub fn for_channels(&self) -> Self {
        let mut settings = self.clone();
        let pairs = [
            ("SWITCHBOARD_PUBLIC_URL", PUBLIC_URL.to_owned()),
            ("SWITCHBOARD_CHANNELS__PRIVATE_ADDRESSES", "true".to_owned()),
            ("SWITCHBOARD_SECRETS__KEY", "5b".repeat(SECRETS_KEY_BYTES)),
        ];
        settings.env.extend(pairs.map(|(name, value)| (name.to_owned(), value)));
        settings
    }

    /// The same for hubs whose bots are called on this machine.
    pub fn for_webhooks(&self) -> Self {
        self.with("SWITCHBOARD_CHANNELS__PRIVATE_ADDRESSES", "true")
    }

    /// The same with one more setting of the hubs and processes.
    pub fn with(&self, name: &str, value: &str) -> Self {
        let mut settings = self.clone();
        settings.env.push((name.to_owned(), value.to_owned()));
        settings
    }

    /// Whether a second hub can join the first.
    pub fn has_room_for_two(&self) -> bool {
        self.database_url.is_some() && self.redis_url.is_some()
    }

    /// A process beside the hubs that runs channels of this kind. The hubs need the same Redis.
    pub fn connector(&self, kind: &'static str) -> Program {
        Program::Connector {
            bin: self.bin.clone(),
            kind,
            redis_url: self.redis_url.clone().unwrap_or_default(),
            env: self.env.clone(),
        }
    }

    /// So many sockets, scaled, at least one.
    pub fn sockets(&self, count: usize) -> usize {
        (count / self.scale).max(1)
    }
}

/// A hub with a team and visitors on it.
pub struct Stage {
    pub server: Server,
    pub hub: Hub,
    pub owner: SignedIn,
    pub agents: Vec<SignedIn>,
    /// Visitor tokens.
    pub visitors: Vec<String>,
    /// The feed as it was when all of them were there.
    pub point: ResumePoint,
    pub runtime: tokio::runtime::Runtime,
}

impl Stage {
    /// Starts a hub and makes so many agents (people, not sockets) and visitors.
    pub fn set(settings: &Settings, core: Option<usize>, people: usize, visitors: usize) -> Result<Self, LoadError> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let server = Server::start(settings.hub(), core)?;
        let hub = Hub::at(server.address)?;
        let link = server.word("/setup").map_err(|log| LoadError::NoSetUpLink { log })?;
        let token = last_word(&link).to_owned();
        let (owner, agents, tokens, point) = runtime.block_on(async {
            let owner = hub.set_up(token).await?;
            let agents = hub.hire(&owner, people).await?;
            let inbox = hub.open_inbox(&owner, &agents).await?;
            let tokens = hub.visitors(&inbox, visitors).await?;
            let point = hub.point(&owner).await?;
            Ok::<_, HubError>((owner, agents, tokens, point))
        })?;
        Ok(Self { server, hub, owner, agents, visitors: tokens, point, runtime })
    }

    /// An inbox of this channel; the feed's point is what it is after it.
    pub fn open_channel(&mut self, channel: Channel, save: SaveChannel) -> Result<OpenedChannel, LoadError> {
        let (opened, point) = self.runtime.block_on(async {
            let opened = self.hub.open_channel(&self.owner, &self.agents, channel, save).await?;
            Ok::<_, HubError>((opened, self.hub.point(&self.owner).await?))
        })?;
        self.point = point;
        Ok(opened)
    }

    pub fn target(&self) -> Target {
        Target {
            address: self.server.address,
            point: Some(self.point.clone()),
            cookies: self.agents.iter().map(|agent| agent.cookie.clone()).collect(),
            tokens: self.visitors.clone(),
        }
    }
}

/// Whom the sockets connect to, and as whom.
#[derive(Debug, Clone)]
pub struct Target {
    pub address: SocketAddr,
    /// None: a floor, which has no feed and asks nobody who they are.
    pub point: Option<ResumePoint>,
    /// Of the agents; sockets take them in turn.
    pub cookies: Vec<String>,
    /// Of the visitors.
    pub tokens: Vec<String>,
}

/// A floor, started.
pub fn floor(kind: FloorKind, core: Option<usize>) -> Result<(Server, Target, Process), LoadError> {
    let server = Server::start(Program::Floor(kind), core)?;
    let target = Target { address: server.address, point: None, cookies: Vec::new(), tokens: Vec::new() };
    let process = server.process;
    Ok((server, target, process))
}
