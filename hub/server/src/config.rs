//! What an operator can set. `config.default.toml` is at once the default and the documentation; a file, the environment
//! and the command line go over it. Nothing else in the program reads the environment.

use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::time::Duration;

use figment::Figment;
use figment::providers::{Env, Format, Toml};
use serde::{Deserialize, Deserializer};
use switchboard_protocol::model::Channel;

use crate::channels::outside::process::runs_outside;
use crate::secret::Secret;

/// Most threads that may be asked for.
const WORKERS_MAX: usize = 256;

/// Most work that may be asked for a contact form, zero bits.
const FORM_PROOF_BITS_MAX: u32 = 24;
/// Longest that a contact form may have to lie before it is sent, milliseconds.
const FORM_SOONEST_MAX_MS: i64 = 60_000;

/// The default file, which documents each setting.
pub const DEFAULT: &str = include_str!("../config.default.toml");

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub listen: SocketAddr,
    pub data: PathBuf,
    pub public_url: String,
    pub trusted_proxies: Vec<IpAddr>,
    pub database: Database,
    pub redis: Redis,
    pub secrets: Secrets,
    pub channels: Channels,
    pub log: Log,
    pub runtime: Runtime,
    pub shutdown: Shutdown,
    pub limits: Limits,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    /// Holds a password.
    pub url: Secret,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Redis {
    /// May hold a password.
    pub url: Secret,
    pub prefix: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Secrets {
    pub key: Secret,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Channels {
    pub private_addresses: bool,
    /// Kinds that processes of their own run.
    pub outside: Vec<Channel>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    pub filter: String,
    pub format: LogFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    Text,
    Json,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Runtime {
    pub workers: usize,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shutdown {
    pub drain_seconds: u64,
}

/// What may come how often. See the default file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    pub sign_in_per_address: Rate,
    pub sign_in_per_account: Rate,
    pub visitor_sessions_per_address: Rate,
    pub visitor_requests_per_address: Rate,
    pub refused_per_address: Rate,
    pub uploads_per_person: Rate,
    pub visitor_uploads_per_address: Rate,
    /// MiB.
    pub visitor_uploads_leave_free: u64,
    pub visitor_messages: Rate,
    pub visitor_commands: Rate,
    pub agent_commands: Rate,
    pub conversations_per_address: Rate,
    pub form_messages_per_address: Rate,
    pub form_unproved_per_address: Rate,
    pub form_unproved: Rate,
    /// Zero bits.
    pub form_proof_bits: u32,
    /// Milliseconds.
    pub form_soonest_ms: i64,
    pub requests_per_caller: Rate,
    pub bot_messages: Rate,
    pub sockets_per_address: usize,
    pub sockets: usize,
}

/// `N per Ts`, or `off`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rate {
    Off,
    Of { burst: NonZeroU32, per: Duration },
}

impl Rate {
    fn parse(text: &str) -> Option<Self> {
        if text == "off" {
            return Some(Self::Off);
        }
        let (burst, per) = text.split_once(" per ")?;
        let seconds: u64 = per.trim().strip_suffix('s')?.parse().ok()?;
        let burst = burst.trim().parse().ok()?;
        (seconds > 0).then_some(Self::Of { burst, per: Duration::from_secs(seconds) })
    }
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text)
            .ok_or_else(|| serde::de::Error::custom(format!("`{text}` is not a rate: write \"20 per 60s\" or \"off\"")))
    }
}

/// Why the hub does not start. Each is a sentence for the operator.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("the configuration cannot be read: {0}")]
    Unreadable(#[from] Box<figment::Error>),
    #[error("there is no configuration file at {0}")]
    NoFile(PathBuf),
    #[error("the setting {name} is not usable: {why}")]
    Unusable { name: &'static str, why: String },
    /// Its first word is a code that stays.
    #[error(
        "outside_without_redis: channels.outside names channels that run in processes of their own, and those talk with the \
         hub over Redis. Set redis.url (REDIS_URL), or leave channels.outside empty"
    )]
    OutsideWithoutRedis,
}

impl Config {
    /// The default file, `file` if there is one, and the environment.
    pub fn read(file: Option<&Path>) -> Result<Self, ConfigError> {
        let mut figment = Figment::from(Toml::string(DEFAULT));
        if let Some(file) = file {
            if !file.is_file() {
                return Err(ConfigError::NoFile(file.to_owned()));
            }
            figment = figment.merge(Toml::file_exact(file));
        }
        figment = figment
            .merge(Env::prefixed("SWITCHBOARD_").ignore(&["config", "without_pages"]).split("__").lowercase(true));
        figment = figment.merge(Env::raw().only(&["DATABASE_URL"]).map(|_| "database.url".into()));
        figment = figment.merge(Env::raw().only(&["REDIS_URL"]).map(|_| "redis.url".into()));
        Self::checked(&figment)
    }

    /// The defaults, with nothing from outside: for tests, which set what they need.
    pub fn defaults() -> Self {
        Self::checked(&Figment::from(Toml::string(DEFAULT))).expect("the default file is checked by a test")
    }

    fn checked(figment: &Figment) -> Result<Self, ConfigError> {
        let config: Self = figment.extract().map_err(Box::new)?;
        config.check()?;
        Ok(config)
    }

    /// Refuses what cannot work, with a sentence that says what to do.
    pub fn check(&self) -> Result<(), ConfigError> {
        let unusable = |name, why: &str| Err(ConfigError::Unusable { name, why: why.to_owned() });
        let database = self.database.url.expose();
        if !(database.is_empty()
            || ["postgres://", "postgresql://", "sqlite:"].iter().any(|it| database.starts_with(it)))
        {
            return unusable("database.url", "it must be empty or start with postgres:// or sqlite:");
        }
        let redis = self.redis.url.expose();
        if !(redis.is_empty() || ["redis://", "rediss://", "unix://"].iter().any(|it| redis.starts_with(it))) {
            return unusable("redis.url", "it must be empty or start with redis:// or rediss://");
        }
        if self.redis.prefix.is_empty()
            || !self.redis.prefix.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c))
        {
            return unusable("redis.prefix", "it needs letters, digits, - or _");
        }
        if !self.channels.outside.iter().all(|kind| runs_outside(*kind)) {
            return unusable("channels.outside", "it may name email, sms, telegram and gateway");
        }
        if !self.channels.outside.is_empty() && redis.is_empty() {
            return Err(ConfigError::OutsideWithoutRedis);
        }
        if !self.public_url.is_empty()
            && origin_of(&self.public_url).as_deref() != Some(self.public_url.trim_end_matches('/'))
        {
            return unusable("public_url", "it must look like https://support.example.com, with no path");
        }
        if self.runtime.workers > WORKERS_MAX {
            return unusable("runtime.workers", "more than 256 threads help nobody; 0 is one per core, at most four");
        }
        if self.limits.form_proof_bits > FORM_PROOF_BITS_MAX {
            return unusable("limits.form_proof_bits", "above 24 a telephone works for minutes before a form goes out");
        }
        if !(0..=FORM_SOONEST_MAX_MS).contains(&self.limits.form_soonest_ms) {
            return unusable("limits.form_soonest_ms", "it lies between 0 and 60000");
        }
        if self.limits.sockets == 0 {
            return unusable("limits.sockets", "with 0 nobody could connect");
        }
        if self.shutdown.drain_seconds > 600 {
            return unusable("shutdown.drain_seconds", "more than 600 would outlast every supervisor's patience");
        }
        Ok(())
    }

    /// Combinations that work and that somebody may regret. Logged at start, told by `doctor`.
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        let sqlite = !self.database.url.expose().starts_with("postgres");
        if !self.redis.url.is_empty() && sqlite && self.channels.outside.is_empty() {
            warnings.push("redis.url is set, but the database is SQLite: a second hub could not share it. Set database.url to PostgreSQL, or leave Redis out.".into());
        }
        if !sqlite && self.secrets.key.is_empty() {
            warnings.push("secrets.key is empty, and the database can be shared: a hub with another data folder makes a key of its own, and cannot read the passwords of channels that this one has sealed. Give all hubs the same key, or the same data folder.".into());
        }
        if self.public_url.is_empty() && !self.listen.ip().is_loopback() {
            warnings.push("public_url is empty, but the hub listens to the network: cookies are not marked Secure and links take the Host header's word. Set it to the address that people use.".into());
        }
        if self.public_url.starts_with("http://") && !self.listen.ip().is_loopback() {
            warnings.push("public_url is http://: passwords and cookies cross the network readable. Put a proxy with TLS in front.".into());
        }
        if self.trusted_proxies.iter().any(IpAddr::is_unspecified) {
            warnings.push("trusted_proxies names 0.0.0.0 or ::, which is nobody's address: name the proxies.".into());
        }
        if self.limits.sign_in_per_account == Rate::Off || self.limits.sign_in_per_address == Rate::Off {
            warnings.push(
                "sign-in attempts are not limited: passwords can be guessed as fast as the machine allows.".into(),
            );
        }
        warnings
    }

    /// The origin of `public_url`, if it is set.
    pub fn public_origin(&self) -> Option<String> {
        origin_of(&self.public_url)
    }
}

/// `https://host:port` of an address, as browsers write origins.
pub fn origin_of(address: &str) -> Option<String> {
    let url = url::Url::parse(address).ok()?;
    matches!(url.scheme(), "http" | "https").then(|| url.origin().ascii_serialization())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_file_is_good_and_warns_of_nothing() {
        assert_eq!(Config::defaults().warnings(), Vec::<String>::new());
    }

    #[test]
    fn rates_are_read_or_refused() {
        let of =
            |burst, seconds| Rate::Of { burst: NonZeroU32::new(burst).unwrap(), per: Duration::from_secs(seconds) };
        assert_eq!(Rate::parse("20 per 60s"), Some(of(20, 60)));
        assert_eq!(Rate::parse("off"), Some(Rate::Off));
        for nonsense in ["", "20", "0 per 60s", "20 per 0s", "20 per 60", "-1 per 60s"] {
            assert_eq!(Rate::parse(nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn nonsense_is_refused_with_a_sentence() {
        let refused = |toml: &str| {
            let figment = Figment::from(Toml::string(DEFAULT)).merge(Toml::string(toml));
            Config::checked(&figment).expect_err("refused").to_string()
        };
        assert!(refused("[database]\nurl = \"mysql://x\"").contains("database.url"));
        assert!(refused("public_url = \"https://a.example/path\"").contains("public_url"));
        assert!(refused("[limits]\nsockets = 0").contains("limits.sockets"));
        assert!(refused("[runtime]\nworkers = 100000").contains("runtime.workers"));
        assert!(refused("[limits]\nuploads_per_person = \"many\"").contains("not a rate"));
        assert!(refused("liste = \"x\"").contains("liste"));
        assert!(refused("[channels]\noutside = [\"sms\"]").starts_with("outside_without_redis: "));
        let redis = "[redis]\nurl = \"redis://here\"\n";
        assert!(refused(&format!("{redis}[channels]\noutside = [\"web\"]")).contains("channels.outside"));
        assert!(refused(&format!("{redis}[channels]\noutside = [\"fax\"]")).contains("fax"));
    }

    #[test]
    fn secrets_are_not_printed() {
        let mut config = Config::defaults();
        config.database.url = Secret::new("postgres://me:hunter2@db/x");
        assert!(!format!("{config:?}").contains("hunter2"));
    }
}
