//! Files that come with messages: bytes on disk (or whatever `object_store` is pointed at), what is known of them in the
//! store.
//!
//! A file goes through three hands: [`sniff`] says from its first bytes what it is and whether it may be sent,
//! [`Files::take`] streams it to disk within its bound, and [`serve`] hands it out so that nothing in it ever runs from
//! our origin; [`going`] counts those on their way. Deliberately not here: who may have it (the store's queries), thumbnails, virus scanners.

pub mod going;
pub mod serve;
pub mod sniff;
mod sweep;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use object_store::local::LocalFileSystem;
use object_store::path::Path as Key;
use object_store::{MultipartUpload, ObjectStoreExt, PutPayload};
use switchboard_protocol::error::{ApiError, ErrorCode};
use switchboard_protocol::{AttachmentId, limits};
use tokio::time::{Instant, timeout_at};

use crate::error::CommandError;
use crate::limits::{DOWNLOADS, UPLOAD_PART, UPLOADS};
use going::{Going, Party};
use sniff::Kind;

/// Bytes gathered before they are written; each such part must come within [`UPLOAD_PART`].
const PART_BYTES: usize = 256 * 1024;

/// Most folders that the bytes lie in: two signs of an id, of 32 each.
pub const FOLDERS: u64 = 1_024;

/// Beside the bytes: the epoch of the database that names them.
const OWNER: &str = "of-database";

/// Where the bytes lie.
#[derive(Clone)]
pub struct Files {
    store: Arc<LocalFileSystem>,
    folder: PathBuf,
    uploads: Arc<Going>,
    downloads: Arc<Going>,
    /// Number of the folder at which [`Files::lying_since`] goes on, again and again.
    swept: Arc<AtomicUsize>,
    /// Whether what our database does not name is nobody's. Until [`Files::claim`] says so it is not.
    ours: bool,
}

/// A file that is on disk, and nowhere else yet.
#[derive(Debug)]
pub struct Taken {
    pub kind: Kind,
    pub bytes: i64,
}

impl Files {
    /// Files under `data/attachments`; the folder is made.
    pub fn open(data: &Path) -> Result<Self, object_store::Error> {
        let folder = data.join("attachments");
        std::fs::create_dir_all(&folder)
            .map_err(|source| object_store::Error::Generic { store: "local", source: Box::new(source) })?;
        let store = LocalFileSystem::new_with_prefix(&folder)?.with_automatic_cleanup(true);
        let (uploads, downloads) = (Going::new(UPLOADS), Going::new(DOWNLOADS));
        Ok(Self { store: Arc::new(store), folder, uploads, downloads, swept: Arc::default(), ours: false })
    }

    /// Takes the folder for the database of this epoch, the first time. A hub that is started against another one, by a
    /// forgotten setting or on a copy of the data, finds bytes that its database has never heard of: they are somebody's,
    /// and nothing is removed.
    ///
    /// `begin` is any number: a hub that is started often does not sweep the same folders each time.
    pub fn claim(mut self, epoch: &str, begin: u64) -> std::io::Result<Self> {
        self.swept = Arc::new(AtomicUsize::new(begin as usize));
        let place = self.folder.join(OWNER);
        let owner = match std::fs::OpenOptions::new().write(true).create_new(true).open(&place) {
            Ok(mut file) => {
                file.write_all(epoch.as_bytes()).and_then(|()| file.sync_all()).map(|()| epoch.to_owned())?
            }
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => std::fs::read_to_string(&place)?,
            Err(error) => return Err(error),
        };
        self.ours = owner == epoch;
        if !self.ours {
            tracing::warn!(
                place = %place.display(),
                "the files here belong to another database than the one that is open: is it the right one? None of them \
                 is ever removed. If it is, remove the file named here and start again"
            );
        }
        Ok(self)
    }

    /// What is free on the disk below, MiB.
    pub fn free_mib(&self) -> Result<u64, CommandError> {
        let disk = rustix::fs::statvfs(&self.folder);
        let disk = disk.map_err(|error| CommandError::fault("looking at the disk", error))?;
        Ok(disk.f_bavail.saturating_mul(disk.f_frsize) / (1024 * 1024))
    }

    /// Streams `body` to disk. What breaks off, is too large or may not be sent leaves nothing behind.
    pub async fn take<E>(
        &self,
        by: Party,
        id: AttachmentId,
        name: &str,
        body: impl Stream<Item = Result<Bytes, E>> + Unpin,
    ) -> Result<Taken, CommandError> {
        let _going = self.uploads.begin(by)?;
        let mut upload = self.store.put_multipart(&key(id)).await.map_err(cannot_write)?;
        match stream(&mut *upload, name, body).await {
            Ok(taken) => {
                upload.complete().await.map_err(cannot_write)?;
                Ok(taken)
            }
            Err(error) => {
                if let Err(cause) = upload.abort().await {
                    tracing::warn!(error = %cause, "a broken upload could not be cleaned up");
                }
                Err(error)
            }
        }
    }

    /// The bytes, as a stream.
    pub async fn read(
        &self,
        by: Party,
        id: AttachmentId,
    ) -> Result<impl Stream<Item = Result<Bytes, object_store::Error>> + Send + 'static, CommandError> {
        let going = self.downloads.begin(by)?;
        match self.store.get(&key(id)).await {
            Ok(found) => Ok(found.into_stream().inspect(move |_| {
                // Goes on for as long as somebody has the stream in hand.
                let _ = &going;
            })),
            Err(object_store::Error::NotFound { .. }) => Err(CommandError::not_found("file")),
            Err(error) => Err(CommandError::Unavailable { attempted: "reading a file", source: error.into() }),
        }
    }

    /// Throws away one that no row names.
    pub async fn discard(&self, id: AttachmentId) {
        if let Err(error) = self.store.delete(&key(id)).await {
            tracing::warn!(%error, "a file could not be removed");
        }
    }
}

async fn stream<E>(
    upload: &mut dyn MultipartUpload,
    name: &str,
    mut body: impl Stream<Item = Result<Bytes, E>> + Unpin,
) -> Result<Taken, CommandError> {
    let malformed = |sentence: &str| ApiError::new(ErrorCode::Malformed, sentence);
    let (mut part, mut total, mut kind) = (Vec::with_capacity(PART_BYTES), 0, None);
    let mut due = Instant::now() + UPLOAD_PART;
    while let Some(chunk) =
        timeout_at(due, body.next()).await.map_err(|_| malformed("The file came too slowly; try again."))?
    {
        let chunk: Bytes = chunk.map_err(|_| malformed("The upload broke off."))?;
        total += chunk.len();
        if total > limits::ATTACHMENT_BYTES {
            let most = limits::ATTACHMENT_BYTES / (1024 * 1024);
            return Err(ApiError::new(ErrorCode::TooLarge, format!("A file may have at most {most} MiB.")).into());
        }
        part.extend_from_slice(&chunk);
        if kind.is_none() && part.len() >= sniff::HEAD_BYTES {
            kind = Some(sniff::judge(&part, name)?);
        }
        if part.len() >= PART_BYTES {
            let full = std::mem::replace(&mut part, Vec::with_capacity(PART_BYTES));
            upload.put_part(PutPayload::from(full)).await.map_err(cannot_write)?;
            due = Instant::now() + UPLOAD_PART;
        }
    }
    if total == 0 {
        return Err(ApiError::field("body", "required", "The file is empty.").into());
    }
    let kind = match kind {
        Some(kind) => kind,
        None => sniff::judge(&part, name)?,
    };
    upload.put_part(PutPayload::from(part)).await.map_err(cannot_write)?;
    Ok(Taken { kind, bytes: total as i64 })
}

fn cannot_write(error: object_store::Error) -> CommandError {
    CommandError::Unavailable { attempted: "writing a file", source: error.into() }
}

/// Spread over folders by the id's random end.
fn key(id: AttachmentId) -> Key {
    let id = id.to_string();
    Key::from(format!("{}/{id}", &id[id.len() - 2..]))
}
