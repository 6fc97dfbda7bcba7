//! What the log says of a Redis that never was there. Alone in its process: tests beside it have no log, and whether a line
//! is wanted is remembered for all of them.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod support;

use support::{redis_node, until, within};
use testkit::Redis;

/// What has been logged since, by this thread.
#[derive(Clone, Default)]
struct Log(std::sync::Arc<std::sync::Mutex<Vec<u8>>>);

impl Log {
    fn says(&self, words: &str) -> bool {
        String::from_utf8_lossy(&self.0.lock().unwrap()).contains(words)
    }
}

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_redis_that_never_was_there_is_said_in_the_log() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_writer(move || writer.clone()).finish();
    let _listening = tracing_subscriber::util::SubscriberInitExt::set_default(subscriber);
    let mut redis = Redis::stopped();
    let node = redis_node(&redis, "a");
    // From here time goes as fast as nothing else happens.
    tokio::time::pause();
    until(|| log.says("Redis does not answer")).await;
    tokio::time::resume();
    redis.restart();
    within(node.connected()).await;
    assert!(log.says("connected to Redis"));
}
