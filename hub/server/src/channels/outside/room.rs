//! Memory for what is packed and unpacked: whoever needs more of it than is left waits for the others.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// All parcels of this process at once, KiB: three of the largest mails.
const KIB: u32 = 128 * 1024;

#[derive(Clone)]
pub struct Room(Arc<Semaphore>);

impl Default for Room {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(KIB as usize)))
    }
}

impl Room {
    /// Room for so many bytes, until it is dropped. What is larger than all of it gets all of it.
    pub async fn take(&self, bytes: usize) -> OwnedSemaphorePermit {
        let kib = u32::try_from(bytes / 1024 + 1).unwrap_or(KIB).min(KIB);
        self.0.clone().acquire_many_owned(kib).await.expect("it is never closed")
    }
}
