//! Mails are read, written and shown beside everything else: on threads of their own, few at once. What strangers write takes
//! as long as they like within the bounds, and the threads are also those that passwords are checked and files are written on.

use tokio::sync::Semaphore;
use tokio::task::{JoinError, spawn_blocking};

/// Mails that are read at once as they come, in all mailboxes of this process.
const READ_AT_ONCE: usize = 2;
/// Mails that are written or shown at once.
const FOR_THE_TEAM_AT_ONCE: usize = 2;

static READING: Semaphore = Semaphore::const_new(READ_AT_ONCE);
static FOR_THE_TEAM: Semaphore = Semaphore::const_new(FOR_THE_TEAM_AT_ONCE);

/// Does it where it holds up nobody. The error: it panicked, or the process ends.
pub(crate) async fn apart<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, JoinError> {
    within(&READING, work).await
}

/// The same for what somebody of the team waits for: it does not queue behind what strangers send.
pub async fn apart_for_the_team<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, JoinError> {
    within(&FOR_THE_TEAM, work).await
}

async fn within<T: Send + 'static>(
    room: &'static Semaphore,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, JoinError> {
    let permit = room.acquire().await.expect("it is never closed");
    // The permit goes with the work: whoever waits for it may go, and the thread works on.
    spawn_blocking(move || {
        let _permit = permit;
        work()
    })
    .await
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use futures_util::poll;

    use super::*;

    #[tokio::test]
    async fn what_nobody_waits_for_any_more_is_counted_until_it_has_ended() {
        static ROOM: Semaphore = Semaphore::const_new(2);
        let ends: Vec<_> = (0..2)
            .map(|_| {
                let (end, ended) = mpsc::channel::<()>();
                (end, tokio::spawn(within(&ROOM, move || ended.recv().is_ok())))
            })
            .collect();
        while ROOM.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        let ends: Vec<_> = ends
            .into_iter()
            .map(|(end, caller)| {
                caller.abort();
                (end, caller)
            })
            .collect();
        let mut kept = Vec::new();
        for (end, caller) in ends {
            assert!(caller.await.is_err_and(|error| error.is_cancelled()));
            kept.push(end);
        }
        let mut next = std::pin::pin!(within(&ROOM, || "done"));
        assert!(poll!(&mut next).is_pending());
        assert_eq!(ROOM.available_permits(), 0, "the threads work on");
        drop(kept);
        assert_eq!(next.await.expect("no panic"), "done");
    }
}
