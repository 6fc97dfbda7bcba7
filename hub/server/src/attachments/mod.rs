//! Files that come with messages: bytes on disk (or whatever `object_store` is pointed at), what is known of them in the
//! store.
//!
//! A file goes through three hands: [`sniff`] says from its first bytes what it is and whether it may be sent,
//! [`Files::take`] streams it to disk within its bound, and [`serve`] hands it out so that nothing in it ever runs from
//! our origin. Deliberately not here: who may have it (the store's queries), thumbnails, virus scanners.

pub mod serve;
pub mod sniff;

use std::path::Path;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use futures_util::StreamExt;
use object_store::local::LocalFileSystem;
use object_store::path::Path as Key;
use object_store::{MultipartUpload, ObjectStoreExt, PutPayload};
use switchboard_protocol::error::{ApiError, ErrorCode};
use switchboard_protocol::{AttachmentId, limits};
use tokio::sync::Semaphore;

use crate::error::CommandError;
use crate::limits::UPLOADS;
use sniff::Kind;

/// Bytes gathered before they are written.
const PART_BYTES: usize = 256 * 1024;

/// Where the bytes lie.
#[derive(Clone)]
pub struct Files {
    store: Arc<LocalFileSystem>,
    running: Arc<Semaphore>,
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
        let store = LocalFileSystem::new_with_prefix(folder)?.with_automatic_cleanup(true);
        Ok(Self { store: Arc::new(store), running: Arc::new(Semaphore::new(UPLOADS)) })
    }

    /// Streams `body` to disk. What breaks off, is too large or may not be sent leaves nothing behind.
    pub async fn take(&self, id: AttachmentId, name: &str, body: Body) -> Result<Taken, CommandError> {
        let _running = self.running.try_acquire().map_err(|_| CommandError::Overloaded)?;
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
    pub async fn read(&self, id: AttachmentId) -> Result<Body, CommandError> {
        match self.store.get(&key(id)).await {
            Ok(found) => Ok(Body::from_stream(found.into_stream())),
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

async fn stream(upload: &mut dyn MultipartUpload, name: &str, body: Body) -> Result<Taken, CommandError> {
    let mut chunks = body.into_data_stream();
    let (mut part, mut total, mut kind) = (Vec::with_capacity(PART_BYTES), 0, None);
    while let Some(chunk) = chunks.next().await {
        let chunk: Bytes = chunk.map_err(|_| ApiError::new(ErrorCode::Malformed, "The upload broke off."))?;
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
