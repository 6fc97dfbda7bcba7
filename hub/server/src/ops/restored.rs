//! `switchboard restored`: for whoever has put a backup of the database back. Its feed goes on from where the backup was
//! made, and gives positions a second time, to other events. A client that was away meanwhile would go on from the first
//! ones, and keep what the backup has never known; so the feed gets a new epoch, by which every client starts afresh.
//!
//! Not here: telling hubs that run. They read the epoch when they start, and the operator is told so.

use switchboard_store::feed;

use crate::config::Config;
use crate::error::CommandError;
use crate::hub::new_epoch;
use crate::ids::Random;
use crate::ops::database::{self, NoDatabase};

/// Why the feed goes on as it was. Each is a sentence for the operator.
#[derive(Debug, thiserror::Error)]
pub enum NotBegun {
    #[error(transparent)]
    Database(#[from] NoDatabase),
    #[error("{0}")]
    Refused(String),
}

/// From the next start of a hub on, nobody goes on from what they know of this database.
pub async fn begin_anew(config: &Config) -> Result<(), NotBegun> {
    let store = database::open(config).await?;
    let epoch = new_epoch(&Random::system());
    let begun =
        store.write(move |tx| Box::pin(async move { feed::begin_anew(tx, &epoch).await.map_err(CommandError::from) }));
    let begun = begun.await;
    store.close().await;
    begun.map(|_| ()).map_err(|error| NotBegun::Refused(CommandError::from(error).for_caller().message))
}
