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
pub struct Wakes(Arc<Mutex<HashMap<String, Arc<Notify>>>>);

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
        if let Some(notify) = self.0.lock().get(key) {
            notify.notify_one();
        }
    }

    /// Waits from now on; one for each key.
    pub fn wait(&self, key: String) -> Waiting {
        let notify = Arc::new(Notify::new());
        self.0.lock().insert(key.clone(), notify.clone());
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
                Incoming::Gap => self.0.lock().values().for_each(|notify| notify.notify_one()),
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
        if waiting.get(&self.key).is_some_and(|notify| Arc::ptr_eq(notify, &self.notify)) {
            waiting.remove(&self.key);
        }
    }
}
