//! Hubs, and what they stand on.

use std::net::SocketAddr;
use std::process::Command;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use switchboard::config::{Config, Rate};
use switchboard::secret::Secret;
use switchboard::{App, Hub, Parts, Running, StartError};
use switchboard_protocol::Position;
use switchboard_store::event::CommittedEvent;
use tempfile::TempDir;
use testkit::{Postgres, Redis};
use tokio::runtime::Runtime;

use super::{Person, eventually};

/// What the hubs stand on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    /// One hub on SQLite, nothing else.
    Alone,
    /// Two hubs on one PostgreSQL and one Redis.
    Pair,
}

/// What a story wants otherwise than a hub has it by default.
type Tune = Arc<dyn Fn(&mut Config, &mut Parts) + Send + Sync>;

/// A deployment.
pub struct World {
    pub setting: Setting,
    pub redis: Option<Redis>,
    nodes: Vec<Node>,
    tune: Tune,
    data: TempDir,
}

/// Worker threads of each hub.
const WORKERS: usize = 2;

/// One hub, in a runtime of its own, so that it can be stopped in its tracks.
struct Node {
    config: Config,
    running: Option<(Runtime, Running)>,
}

impl World {
    pub async fn start(setting: Setting) -> Self {
        Self::tuned(setting, |_, _| {}).await
    }

    /// A deployment with settings other than the tests' usual ones: no rate limits, the usual heartbeat.
    pub async fn tuned(setting: Setting, tune: impl Fn(&mut Config, &mut Parts) + Send + Sync + 'static) -> Self {
        let data = tempfile::tempdir().expect("a temporary folder");
        let mut config = Config::defaults();
        config.listen = ([127, 0, 0, 1], 0).into();
        config.shutdown.drain_seconds = 5;
        let limits = &mut config.limits;
        for rate in [
            &mut limits.sign_in_per_address,
            &mut limits.sign_in_per_account,
            &mut limits.visitor_sessions_per_address,
            &mut limits.visitor_requests_per_address,
            &mut limits.refused_per_address,
            &mut limits.visitor_messages,
            &mut limits.visitor_commands,
            &mut limits.agent_commands,
            &mut limits.conversations_per_address,
            &mut limits.requests_per_caller,
            &mut limits.form_messages_per_address,
            &mut limits.form_unproved_per_address,
            &mut limits.form_unproved,
        ] {
            *rate = Rate::Off;
        }
        let redis = (setting == Setting::Pair).then(Redis::start);
        if let Some(redis) = &redis {
            let database = tokio::task::spawn_blocking(Postgres::shared).await.expect("PostgreSQL starts");
            config.database.url = Secret::new(database.database().await);
            config.redis.url = Secret::new(redis.url());
        }
        let hubs = if setting == Setting::Pair { 2 } else { 1 };
        let nodes = (0..hubs).map(|n| {
            let data = data.path().join(format!("hub{n}"));
            Node { config: Config { data, ..config.clone() }, running: None }
        });
        let mut world = Self { setting, redis, nodes: nodes.collect(), tune: Arc::new(tune), data };
        for hub in 0..hubs {
            world.start_hub(hub).await;
        }
        world
    }

    /// Number of hubs.
    pub fn hubs(&self) -> usize {
        self.nodes.len()
    }

    pub fn address(&self, hub: usize) -> SocketAddr {
        self.nodes[hub].config.listen
    }

    /// The address of the last hub: another one than the first, if there is another.
    pub fn other(&self) -> SocketAddr {
        self.address(self.hubs() - 1)
    }

    pub fn app(&self, hub: usize) -> &Arc<App> {
        &self.running(hub).app
    }

    pub fn running(&self, hub: usize) -> &Running {
        let (_, running) = self.nodes[hub].running.as_ref().expect("this hub runs");
        running
    }

    /// Bytes of each file that the hubs keep for messages.
    pub fn files(&self) -> Vec<u64> {
        let mut folders = vec![self.data.path().to_owned()];
        let mut found = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
                match entry.metadata() {
                    Ok(about) if about.is_dir() => folders.push(entry.path()),
                    Ok(about) => found.push(about.len()),
                    // Gone meanwhile.
                    Err(_) => {}
                }
            }
        }
        found
    }

    /// Starts a hub, on the address and data that it had before.
    pub async fn start_hub(&mut self, hub: usize) {
        let (config, tune) = (self.nodes[hub].config.clone(), self.tune.clone());
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(WORKERS).enable_all().build();
        let runtime = runtime.expect("a runtime");
        let start = runtime.spawn(async move {
            // The port of one that was killed is free when the last of its threads has let go.
            let running = eventually("the hub starts", || async {
                let (mut config, mut parts) = (config.clone(), Parts::default());
                tune(&mut config, &mut parts);
                match Hub::start_with(config, parts).await {
                    Ok(running) => Some(running),
                    Err(StartError::Listen { .. }) => None,
                    Err(error) => panic!("the hub does not start: {error:?}"),
                }
            })
            .await;
            running.app.backplane.connected().await;
            running
        });
        let running = start.await.expect("the hub starts");
        self.nodes[hub].config.listen = running.address;
        self.nodes[hub].running = Some((runtime, running));
    }

    /// As SIGTERM does. Returns when the hub has gone.
    pub async fn stop_hub(&mut self, hub: usize) {
        let (runtime, running) = self.nodes[hub].running.take().expect("this hub runs");
        runtime.spawn(running.stop()).await.expect("the hub stops");
        runtime.shutdown_background();
    }

    /// As kill -9 does: nothing of it runs on, nobody is told.
    pub fn kill_hub(&mut self, hub: usize) {
        let (runtime, running) = self.nodes[hub].running.take().expect("this hub runs");
        drop(running);
        runtime.shutdown_background();
    }

    /// As SIGSTOP does, or a laptop that is shut: nothing of it runs until what this returns is dropped. Nobody is told.
    pub async fn suspend_hub(&self, hub: usize) -> Vec<mpsc::Sender<()>> {
        let (runtime, _) = self.nodes[hub].running.as_ref().expect("this hub runs");
        let (stands, mut standing) = tokio::sync::mpsc::channel(WORKERS);
        let mut suspended = Vec::new();
        for _ in 0..WORKERS {
            let (goes_on, stopped) = mpsc::channel::<()>();
            suspended.push(goes_on);
            let stands = stands.clone();
            runtime.spawn(async move {
                let _ = stands.try_send(());
                // Holds the thread on purpose; it ends when the other side is dropped.
                let _ = stopped.recv();
            });
        }
        for _ in 0..WORKERS {
            standing.recv().await.expect("each of its threads stands");
        }
        suspended
    }

    pub async fn restart_hub(&mut self, hub: usize) {
        self.stop_hub(hub).await;
        self.start_hub(hub).await;
    }

    /// What an operator does beside the hubs, with the program itself and the first hub's data.
    pub async fn operator_does(&self, does: &str) {
        let config = &self.nodes[0].config;
        let mut command = Command::new(env!("CARGO_BIN_EXE_switchboard"));
        command.env_clear().args([does, "--data"]).arg(&config.data);
        if !config.database.url.is_empty() {
            command.env("DATABASE_URL", config.database.url.expose());
        }
        let done = tokio::task::spawn_blocking(move || command.output()).await.expect("it ends").expect("it runs");
        assert!(done.status.success(), "{does}: {}", String::from_utf8_lossy(&done.stderr));
    }

    /// Runs statements in the database of a pair, beside the hubs.
    pub async fn database_does(&self, statements: &str) {
        let database = tokio::task::spawn_blocking(Postgres::shared).await.expect("PostgreSQL runs");
        database.does(self.nodes[0].config.database.url.expose(), statements).await;
    }

    /// The first person.
    pub async fn owner(&self) -> Person {
        let token = self.app(0).setup_token.expose().to_owned();
        Person::set_up(self.address(0), &token).await
    }

    /// Everything that is committed, straight from the store.
    pub async fn committed(&self) -> Vec<CommittedEvent> {
        let store = &self.app(0).store;
        let mut events: Vec<CommittedEvent> = Vec::new();
        loop {
            let after: Position = events.last().map_or(0, |event| event.position);
            let more = switchboard_store::feed::since(store, after, 1000).await.expect("the feed can be read");
            if more.is_empty() {
                return events;
            }
            events.extend(more);
        }
    }
}

impl Drop for World {
    fn drop(&mut self) {
        for hub in 0..self.nodes.len() {
            if self.nodes[hub].running.is_some() {
                self.kill_hub(hub);
            }
        }
    }
}

/// Makes the heartbeat as short as a test that waits for it needs.
pub fn heartbeat(ms: u64) -> impl Fn(&mut Config, &mut Parts) + Send + Sync + 'static {
    move |_, parts| parts.heartbeat = Duration::from_millis(ms)
}
