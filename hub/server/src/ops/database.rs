//! The database as the operator's commands beside `serve` open it: what a start has left there, and never a new one.

use switchboard_store::{Engine, OpenError, Store};

use crate::config::Config;
use crate::hub::{DATABASE_FILE, StartError, database_url};

/// Why it is not open. Each is a sentence for the operator.
#[derive(Debug, thiserror::Error)]
pub enum NoDatabase {
    #[error("there is no database in {0}; --data names the folder that `switchboard serve` was given")]
    Missing(String),
    #[error(transparent)]
    Address(#[from] StartError),
    #[error("the database cannot be opened")]
    Closed(#[from] OpenError),
}

/// The database that the configuration names. Whoever has mistyped the folder is told which it was.
pub async fn open(config: &Config) -> Result<Store, NoDatabase> {
    let url = database_url(config)?;
    let ours = config.database.url.is_empty() && url.engine() == Engine::Sqlite;
    if ours && !config.data.join(DATABASE_FILE).exists() {
        return Err(NoDatabase::Missing(config.data.display().to_string()));
    }
    Ok(Store::open_as_it_is(&url).await?)
}
