//! Waking those who wait for something under a key, when another process says that it lies there. It may not be heard:
//! whoever waits looks by itself as well.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use parking_lot::Mutex;
use switchboard_backplane::{Backplane, Channel, Incoming};
use tokio::sync::Notify;
use tokio::time::timeout;

/// Who waits in this process. A plain lock: held for a look-up.
#[derive(Default, Clone)]
pub struct Wakes(Arc<Mutex<HashMap<String, Sleeper>>>);

/// Somebody who waits, as those know them who wake.
struct Sleeper {
    notify: Arc<Notify>,
    /// A wake that may have been missed wakes them too.
    by_gaps: bool,
}

/// Somebody who waits; dropping it ends that.
pub struct Waiting {
    wakes: Wakes,
    key: String,
    notify: Arc<Notify>,
}

impl Wakes {
    /// Says that something lies under a key.
    pub fn tell(&self, backplane: &Backplane, key: &str) {
        backplane.publish(Channel::Calls, Bytes::copy_from_slice(key.as_bytes()));
    }

    /// The same for who waits in this process.
    pub fn tell_here(&self, key: &str) {
        if let Some(sleeper) = self.0.lock().get(key) {
            sleeper.notify.notify_one();
        }
    }

    /// Waits from now on; one for each key.
    pub fn wait(&self, key: String) -> Waiting {
        self.sleep(key, true)
    }

    /// The same for who looks at nothing when they wake: only the wake itself says something, and one that was missed nothing.
    pub fn wait_by_name(&self, key: String) -> Waiting {
        self.sleep(key, false)
    }

    fn sleep(&self, key: String, by_gaps: bool) -> Waiting {
        let notify = Arc::new(Notify::new());
        self.0.lock().insert(key.clone(), Sleeper { notify: notify.clone(), by_gaps });
        Waiting { wakes: self.clone(), key, notify }
    }

    /// Hears the others, as long as the backplane lives.
    pub async fn listen(&self, backplane: &Backplane) {
        let mut others = backplane.subscribe();
        while let Some(incoming) = others.recv().await {
            match incoming {
                Incoming::Message { channel: Channel::Calls, payload, .. } => {
                    if let Ok(key) = std::str::from_utf8(&payload) {
                        self.tell_here(key);
                    }
                }
                Incoming::Message { channel: Channel::Feed | Channel::Signals, .. } => {}
                Incoming::Gap => {
                    self.0.lock().values().filter(|one| one.by_gaps).for_each(|one| one.notify.notify_one());
                }
            }
        }
    }
}

impl Waiting {
    /// Until it is woken, or for `time`.
    pub async fn woken(&self, time: Duration) {
        let _ = timeout(time, self.notify.notified()).await;
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let mut waiting = self.wakes.0.lock();
        // Somebody else may wait for it by now.
        if waiting.get(&self.key).is_some_and(|one| Arc::ptr_eq(&one.notify, &self.notify)) {
            waiting.remove(&self.key);
        }
    }
}
