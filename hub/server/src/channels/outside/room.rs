//! Memory for what is packed and unpacked: whoever needs more of it than is left waits for the others.
//!
//! What comes in and what goes out have a room each: an answer that goes out by a slow provider keeps its room for as long as
//! that takes, and holds up nothing that comes in.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::wire::INLINE_BYTES;

/// All parcels of one direction at once, KiB: two of the largest ([`super::wire::PARCEL_BYTES`]), three of the largest mails.
const KIB: u32 = 128 * 1024;

#[derive(Clone)]
pub struct Room(Arc<Semaphore>);

/// Room that somebody has, until it is dropped. What lies in an entry of a stream needs none.
pub struct Taken(#[expect(dead_code, reason = "it is given back when it is dropped")] Option<OwnedSemaphorePermit>);

impl Default for Room {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(KIB as usize)))
    }
}

impl Room {
    /// Room for so many bytes. What is larger than all of it gets all of it; what is small waits for nobody.
    pub async fn take(&self, bytes: usize) -> Taken {
        if bytes <= INLINE_BYTES {
            return Taken(None);
        }
        let kib = u32::try_from(bytes / 1024 + 1).unwrap_or(KIB).min(KIB);
        Taken(Some(self.0.clone().acquire_many_owned(kib).await.expect("it is never closed")))
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[tokio::test]
    async fn what_is_small_waits_for_nothing_that_is_large() {
        let room = Room::default();
        let all = room.take(usize::MAX).await;
        assert!(room.take(INLINE_BYTES).now_or_never().is_some());
        let mut next = std::pin::pin!(room.take(INLINE_BYTES + 1));
        assert!(next.as_mut().now_or_never().is_none());
        drop(all);
        next.await;
    }
}
