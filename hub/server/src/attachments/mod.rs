//! Files that come with messages: bytes on disk (or whatever `object_store` is pointed at), what is known of them in the
//! store.
//!
//! A file goes through three hands: [`sniff`] says from its first bytes what it is and whether it may be sent,
//! [`Files::take`] streams it to disk within its bound, and [`serve`] hands it out so that nothing in it ever runs from
//! our origin; [`going`] counts those on their way, and [`pace`] ends those that hardly move. Deliberately not here: who may have it (the store's queries), thumbnails, virus scanners.

pub mod going;
pub mod pace;
pub mod serve;
pub mod sniff;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use object_store::local::LocalFileSystem;
use object_store::path::Path as Key;
use object_store::{MultipartUpload, ObjectStoreExt, PutPayload};
use switchboard_protocol::error::{ApiError, ErrorCode};
use switchboard_protocol::{AttachmentId, limits};
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;

use crate::error::CommandError;
use crate::limits::{DOWNLOADS, UPLOADS};
use going::{Going, Party};
use pace::Pace;
use sniff::Kind;

/// Bytes gathered before they are written.
const PART_BYTES: usize = 256 * 1024;

/// `object_store` calls an upload that is under way by its key, this and its number; an id is sent up once.
const UNDER_WAY: &str = "#1";

/// Where the bytes lie. Nothing is ever removed but by the id of an upload that the open database knows of: on a folder
/// that is another one's, a hub does no harm.
#[derive(Clone)]
pub struct Files {
    store: Arc<LocalFileSystem>,
    folder: PathBuf,
    uploads: Arc<Going>,
    downloads: Arc<Going>,
    pace: Pace,
}

/// A file that is on disk, and nowhere else yet.
#[derive(Debug)]
pub struct Taken {
    pub kind: Kind,
    pub bytes: i64,
}

impl Files {
    /// Files under `data/attachments`, which come and go at this pace at least; the folder is made.
    pub fn open(data: &Path, pace: Pace) -> Result<Self, object_store::Error> {
        let folder = data.join("attachments");
        std::fs::create_dir_all(&folder)
            .map_err(|source| object_store::Error::Generic { store: "local", source: Box::new(source) })?;
        // Synced, as the database is: a message that is acknowledged does not lose its files when the power goes.
        let store = LocalFileSystem::new_with_prefix(&folder)?.with_automatic_cleanup(true).with_fsync(true);
        let (uploads, downloads) = (Going::new(UPLOADS), Going::new(DOWNLOADS));
        Ok(Self { store: Arc::new(store), folder, uploads, downloads, pace })
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
        let judge: fn(&[u8], &str) -> Result<Kind, ApiError> = match by {
            Party::Agent(_) | Party::Visitors(_) | Party::Bot(_) => sniff::judge,
            Party::Channel(_) => |head, name| Ok(sniff::describe(head, name)),
        };
        match stream(&mut *upload, self.pace, name, judge, body).await {
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

    /// The bytes, as a stream; whoever takes them too slowly has `cut` cancelled.
    pub async fn read(
        &self,
        by: Party,
        id: AttachmentId,
        cut: CancellationToken,
    ) -> Result<impl Stream<Item = Result<Bytes, object_store::Error>> + Send + 'static, CommandError> {
        let going = self.downloads.begin(by)?;
        match self.store.get(&key(id)).await {
            Ok(found) => Ok(self.pace.watch(found.into_stream(), cut).inspect(move |_| {
                // Goes on for as long as somebody has the stream in hand.
                let _ = &going;
            })),
            Err(object_store::Error::NotFound { .. }) => Err(CommandError::not_found("file")),
            Err(error) => Err(cannot_read(error)),
        }
    }

    /// All the bytes of a file that goes out; it has at most [`limits::ATTACHMENT_BYTES`].
    pub async fn bytes(&self, id: AttachmentId) -> Result<Bytes, CommandError> {
        match self.store.get(&key(id)).await {
            Ok(found) => found.bytes().await.map_err(cannot_read),
            Err(object_store::Error::NotFound { .. }) => Err(CommandError::not_found("file")),
            Err(error) => Err(cannot_read(error)),
        }
    }

    /// Throws away what there is of one that no row names, also what an upload left that ended with its process.
    pub async fn discard(&self, id: AttachmentId) -> std::io::Result<()> {
        let place = self.folder.join(key(id).as_ref());
        for path in [place.with_file_name(format!("{id}{UNDER_WAY}")), place] {
            match tokio::fs::remove_file(&path).await {
                Ok(()) => {}
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

async fn stream<E>(
    upload: &mut dyn MultipartUpload,
    pace: Pace,
    name: &str,
    judge: fn(&[u8], &str) -> Result<Kind, ApiError>,
    mut body: impl Stream<Item = Result<Bytes, E>> + Unpin,
) -> Result<Taken, CommandError> {
    let malformed = |sentence: &str| ApiError::new(ErrorCode::Malformed, sentence);
    let (mut part, mut total, mut kind) = (Vec::with_capacity(PART_BYTES), 0, None);
    let begun = Instant::now();
    while let Some(chunk) = timeout_at(pace.due(begun, total as u64), body.next())
        .await
        .map_err(|_| malformed("The file came too slowly; try again."))?
    {
        let chunk: Bytes = chunk.map_err(|_| malformed("The upload broke off."))?;
        total += chunk.len();
        if total > limits::ATTACHMENT_BYTES {
            let most = limits::ATTACHMENT_BYTES / (1024 * 1024);
            return Err(ApiError::new(ErrorCode::TooLarge, format!("A file may have at most {most} MiB.")).into());
        }
        part.extend_from_slice(&chunk);
        if kind.is_none() && part.len() >= sniff::HEAD_BYTES {
            kind = Some(judge(&part, name)?);
        }
        if part.len() >= PART_BYTES {
            let full = std::mem::replace(&mut part, Vec::with_capacity(PART_BYTES));
            upload.put_part(PutPayload::from(full)).await.map_err(cannot_write)?;
        }
    }
    if total == 0 {
        return Err(ApiError::field("body", "required", "The file is empty.").into());
    }
    let kind = match kind {
        Some(kind) => kind,
        None => judge(&part, name)?,
    };
    upload.put_part(PutPayload::from(part)).await.map_err(cannot_write)?;
    Ok(Taken { kind, bytes: total as i64 })
}

fn cannot_read(error: object_store::Error) -> CommandError {
    CommandError::Unavailable { attempted: "reading a file", source: error.into() }
}

fn cannot_write(error: object_store::Error) -> CommandError {
    CommandError::Unavailable { attempted: "writing a file", source: error.into() }
}

/// Spread over folders by the id's random end.
fn key(id: AttachmentId) -> Key {
    let id = id.to_string();
    Key::from(format!("{}/{id}", &id[id.len() - 2..]))
}
