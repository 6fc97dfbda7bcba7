//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use switchboard_protocol::model::Channel;

use crate::config::{Config, ConfigError};

/// A live hub: visitors of a website and the team that answers them, in one shared inbox.
#[derive(Debug, Parser)]
#[command(name = "switchboard", version)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Runs the hub.
    Serve {
        #[command(flatten)]
        settings: Settings,
        /// Fill a believable workspace and serve a demo shop with the widget at /demo.
        #[arg(long)]
        demo: bool,
    },
    /// Runs channels outside the hubs: whoever fetches and sends mails, text messages or Telegram's.
    ///
    /// For kinds that the hubs name in channels.outside. Start as many as you like: each mailbox, number and bot is held by
    /// one of them at a time, and when that one dies another goes on within 15 seconds; nothing is lost or sent twice.
    /// It needs the hubs' Redis (REDIS_URL, redis.prefix) and the key by which they seal passwords (secrets.key, or the
    /// hubs' data folder), and no database. On SIGTERM it finishes what it has in hand.
    Connector {
        #[command(flatten)]
        settings: ConnectorSettings,
        /// Which channels.
        #[arg(required = true)]
        kinds: Vec<Kind>,
    },
    /// Looks for what is misconfigured or cannot be reached, and says what to do.
    Doctor {
        #[command(flatten)]
        settings: Settings,
    },
    /// Prints a link with which somebody of the team sets a new password: for the owner who has forgotten theirs.
    ///
    /// Everybody else gets theirs from an owner or admin, in the dashboard under Settings, People. The hub may run
    /// meanwhile. It must be given the same data folder or DATABASE_URL.
    ResetPassword {
        #[command(flatten)]
        settings: Settings,
        /// The mail address with which they sign in.
        email: String,
    },
    /// Makes every client start afresh: to be run once when a backup of the database was put back.
    ///
    /// Without it, whoever was away meanwhile may keep what the backup has never known. A hub reads it when it starts:
    /// stop all hubs, put the backup back, run this, start them again. It must be given the same data folder or
    /// DATABASE_URL.
    Restored {
        #[command(flatten)]
        settings: Settings,
    },
    /// Prints the default configuration, which documents every setting.
    Config,
}

#[derive(Debug, Args)]
pub struct Settings {
    /// A configuration file over the defaults.
    #[arg(long, env = "SWITCHBOARD_CONFIG")]
    pub config: Option<PathBuf>,
    /// Address to listen on, such as 127.0.0.1:8080 or 0.0.0.0:8080.
    #[arg(long, value_name = "IP:PORT", value_parser = listen)]
    pub listen: Option<SocketAddr>,
    /// Folder for the embedded database and attachments.
    #[arg(long)]
    pub data: Option<PathBuf>,
}

impl Settings {
    pub fn read(self) -> Result<Config, ConfigError> {
        let mut config = Config::read(self.config.as_deref())?;
        if let Some(listen) = self.listen {
            config.listen = listen;
        }
        if let Some(data) = self.data {
            config.data = data;
        }
        config.check()?;
        Ok(config)
    }
}

/// What a process needs that runs channels.
#[derive(Debug, Args)]
pub struct ConnectorSettings {
    /// A configuration file over the defaults: the hubs' own will do.
    #[arg(long, env = "SWITCHBOARD_CONFIG")]
    pub config: Option<PathBuf>,
    /// The hubs' data folder, if the key is there (secrets.key) and not in the settings.
    #[arg(long)]
    pub data: Option<PathBuf>,
    /// Address for /healthz and /readyz, such as 127.0.0.1:8081. Without it nothing is listened to.
    #[arg(long, value_name = "IP:PORT", value_parser = listen)]
    pub health: Option<SocketAddr>,
}

impl ConnectorSettings {
    pub fn read(self) -> Result<Config, ConfigError> {
        Settings { config: self.config, listen: None, data: self.data }.read()
    }
}

/// A kind of channel that a process may run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    Email,
    Sms,
    Telegram,
    Gateway,
}

impl From<Kind> for Channel {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Email => Self::Email,
            Kind::Sms => Self::Sms,
            Kind::Telegram => Self::Telegram,
            Kind::Gateway => Self::Gateway,
        }
    }
}

fn listen(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| "write an IP address and a port, such as 127.0.0.1:8080".to_owned())
}
