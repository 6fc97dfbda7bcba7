//! Finds bytes that no row names: of uploads that broke off with the process, or whose row was forgotten just before it
//! ended. Looks at some folders at a time.

use std::io;
use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::time::UNIX_EPOCH;

use switchboard_protocol::{AttachmentId, UnixMs};
use tokio::fs;

use super::Files;

/// Bytes on disk, under the id of the file that they are or were to become.
#[derive(Debug)]
pub struct Lying {
    pub id: AttachmentId,
    path: PathBuf,
}

impl Files {
    /// What was last written before then, in the next so many folders. Nothing in a folder that is another database's.
    pub async fn lying_since(&self, before: UnixMs, folders: usize) -> io::Result<Vec<Lying>> {
        if !self.ours {
            return Ok(Vec::new());
        }
        let mut all = Vec::new();
        let mut entries = fs::read_dir(&self.folder).await?;
        while let Some(entry) = entries.next_entry().await? {
            if entry.file_type().await?.is_dir() {
                all.push(entry.path());
            }
        }
        if all.is_empty() {
            return Ok(Vec::new());
        }
        all.sort();
        let first = self.swept.fetch_add(folders, Ordering::Relaxed);
        let mut old = Vec::new();
        for folder in (0..folders.min(all.len())).map(|n| &all[(first + n) % all.len()]) {
            let mut entries = match fs::read_dir(folder).await {
                Ok(entries) => entries,
                // Its last file was discarded, and it went along.
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(error),
            };
            while let Some(entry) = entries.next_entry().await? {
                let name = entry.file_name();
                // An upload under way is called by its id, `#` and a number.
                let id = name.to_str().and_then(|name| name.split('#').next()?.parse().ok());
                let found = match entry.metadata().await {
                    Ok(found) => found,
                    // An upload that was under way is done, or a file was discarded, since the folder was read.
                    Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                    Err(error) => return Err(error),
                };
                let written = found.modified()?.duration_since(UNIX_EPOCH);
                let written = written.map_or(0, |since| since.as_millis() as UnixMs);
                if let Some(id) = id.filter(|_| written < before) {
                    old.push(Lying { id, path: entry.path() });
                }
            }
        }
        Ok(old)
    }

    /// Throws it away.
    pub async fn sweep(&self, lying: Lying) {
        match fs::remove_file(&lying.path).await {
            Ok(()) => tracing::info!(id = %lying.id, "bytes that no row names were removed"),
            Err(error) => tracing::warn!(%error, id = %lying.id, "bytes that no row names could not be removed"),
        }
    }
}
