//! A PostgreSQL and a Redis of the run's own, for drills with several hubs: the installed packages, with the settings that
//! production has, on free ports, gone with the run.

use testkit::{Postgres, Redis};

use crate::stage::{LoadError, Settings};

/// Dropping it ends both.
pub struct Backing {
    pub postgres: Postgres,
    pub redis: Redis,
}

impl Backing {
    /// Both, and the settings for hubs on them.
    pub fn start(settings: &Settings) -> Result<(Self, Settings), LoadError> {
        let backing = Self { postgres: Postgres::start(), redis: Redis::start() };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let database_url = Some(runtime.block_on(backing.postgres.database()));
        let redis_url = Some(backing.redis.url());
        let settings = Settings { database_url, redis_url, ..settings.clone() };
        Ok((backing, settings))
    }
}
