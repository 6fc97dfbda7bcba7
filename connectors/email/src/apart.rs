//! Mails are read beside everything else: on threads of their own, few at once. What strangers write takes as long as they
//! like within the bounds, and the threads are also those that passwords are checked and files are written on.

use tokio::sync::Semaphore;
use tokio::task::{JoinError, spawn_blocking};

/// Mails that are read at once, in all mailboxes of this process.
const AT_ONCE: usize = 2;

static ROOM: Semaphore = Semaphore::const_new(AT_ONCE);

/// Does it where it holds up nobody. The error: it panicked, or the process ends.
pub(crate) async fn apart<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, JoinError> {
    let _permit = ROOM.acquire().await.expect("it is never closed");
    spawn_blocking(work).await
}
