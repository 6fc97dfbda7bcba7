//! Brings SQLite's write-ahead log into the database file, beside the writer and not in its way: a checkpoint by the writer
//! itself holds up whoever waits for a commit behind it, for as long as thousands of pages take to get onto the disk.
//!
//! It never waits for a lock ("passive"): what readers or the writer still need stays in the log for the next one. While
//! the writer never rests the log cannot begin afresh behind it; at [`LONG_LOG_PAGES`](crate::connect::LONG_LOG_PAGES) the
//! writer does what is left by itself.

use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::connect::Connector;
use crate::db::Own;
use crate::dialect;
use crate::error::Unavailable;

/// How long after a commit: what comes meanwhile goes with it, and a page that was changed often is written once.
const AFTER: Duration = Duration::from_millis(500);

/// Ends when it is stopped or dropped.
pub(super) struct Checkpoints {
    wrote: watch::Sender<()>,
    task: JoinHandle<()>,
}

impl Checkpoints {
    /// None where the engine needs nobody for this.
    pub fn start(connector: &Connector) -> Option<Self> {
        let Connector::Sqlite(_) = connector else { return None };
        let (wrote, heard) = watch::channel(());
        Some(Self { wrote, task: tokio::spawn(run(connector.clone(), heard)) })
    }

    pub fn committed(&self) {
        self.wrote.send_replace(());
    }

    /// Returns when its connection is closed.
    pub async fn stop(self) {
        drop(self.wrote);
        if let Err(error) = self.task.await {
            tracing::warn!(%error, "the database's log was not followed to its end");
        }
    }
}

async fn run(connector: Connector, mut heard: watch::Receiver<()>) {
    let mut connection = None;
    while heard.changed().await.is_ok() {
        tokio::time::sleep(AFTER).await;
        heard.mark_unchanged();
        if let Err(error) = checkpoint(&connector, &mut connection).await {
            tracing::warn!(%error, "the database's log grows; it is brought into the database file later");
        }
    }
    if let Some(connection) = connection.take()
        && let Err(error) = Own::close(connection).await
    {
        tracing::warn!(%error, "the connection for the database's log did not close cleanly");
    }
}

/// A connection in doubt is given up.
async fn checkpoint(connector: &Connector, kept: &mut Option<Own>) -> Result<(), Unavailable> {
    let mut connection = match kept.take() {
        Some(connection) => connection,
        None => connector.connect().await.map_err(|source| Unavailable::new("connect to the database", source))?,
    };
    dialect::shorten_log(&mut connection.link()).await?;
    *kept = Some(connection);
    Ok(())
}
