//! `edge` by SMS and `edge-telegram` by a bot's webhook: what providers bring is there once. First at an even pace, for how long a provider waits for its answer and an
//! agent for the message; then as it comes after an outage: many people at once, ten messages each within a moment, each
//! brought five times, in turn to both hubs where there are two.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use hdrhistogram::Histogram;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use switchboard_protocol::model::Channel;
use tokio::runtime::Runtime;
use tokio::sync::Semaphore;

use crate::bot_api::BotApi;
use crate::carrier::{self, Carrier};
use crate::child::Server;
use crate::clock::{Clock, Nanos, ms};
use crate::desk::Desk;
use crate::report::{Report, histogram, record};
use crate::scan::Stamp;
use crate::stage::{LoadError, Settings, Stage};
use crate::swarm::Swarm;

const AGENTS: usize = 2;
/// At an even pace, a second.
const PACE: u64 = 50;
const PEOPLE: usize = 1_000;
const MESSAGES: u32 = 10;
/// Each message is brought so often.
const TIMES: usize = 5;
/// A person's messages come within this time.
const WITHIN: Duration = Duration::from_millis(200);
/// People who write at the same time: the generator shares the machine.
const PEOPLE_AT_ONCE: usize = 16;
/// A provider that was not answered brings it again.
const TRIES: usize = 20;
const SEEN_WITHIN: Duration = Duration::from_secs(120);
const OPEN_WITHIN: Duration = Duration::from_secs(20);

/// Who brings what people write.
enum Provider {
    Sms { carrier: Carrier, hook: String },
    Telegram(BotApi),
}

impl Provider {
    async fn bring(&self, clock: &Clock, hub: SocketAddr, stamp: Stamp) -> Option<Nanos> {
        match self {
            Self::Sms { carrier, hook } => carrier.bring(clock, hub, hook, stamp).await,
            Self::Telegram(api) => api.bring(clock, hub, stamp).await,
        }
    }
}

pub fn run(settings: &Settings) -> Result<Report, LoadError> {
    run_by("edge", settings, |stage, outside| {
        let carrier = outside.block_on(Carrier::start())?;
        let hook = carrier::hook(&stage.open_channel(Channel::Gateway, carrier.settings())?.setup);
        Ok(Provider::Sms { carrier, hook })
    })
}

pub fn run_telegram(settings: &Settings) -> Result<Report, LoadError> {
    run_by("edge-telegram", settings, |stage, outside| {
        let api = outside.block_on(BotApi::start())?;
        stage.open_channel(Channel::Telegram, api.settings())?;
        outside.block_on(api.is_told())?;
        Ok(Provider::Telegram(api))
    })
}

fn run_by(
    name: &'static str,
    settings: &Settings,
    open: impl FnOnce(&mut Stage, &Runtime) -> Result<Provider, LoadError>,
) -> Result<Report, LoadError> {
    let settings = &settings.for_channels();
    let mut stage = Stage::set(settings, None, AGENTS, 0)?;
    let second = settings.has_room_for_two().then(|| Server::start(settings.hub(), None)).transpose()?;
    let hubs: Vec<SocketAddr> =
        [stage.server.address].into_iter().chain(second.as_ref().map(|it| it.address)).collect();
    let brings = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let provider = Arc::new(open(&mut stage, &brings)?);
    let clock = Clock::start();
    let mut swarm = Swarm::new(clock)?;
    let mut desk = Desk::open(stage.target(), AGENTS, &mut swarm, OPEN_WITHIN)?;
    let mut report = Report::new(name);
    report.note(format!("{} hub(s); the provider calls them in turn", hubs.len()));

    let mut sent = HashSet::new();
    let paced = brings.spawn(at_an_even_pace(provider.clone(), clock, hubs.clone(), settings.seconds));
    let first_senders = u32::try_from(PACE * settings.seconds).unwrap_or(u32::MAX);
    sent.extend((0..first_senders).map(|sender| (sender, 0)));
    desk.look(&mut swarm, sent.len(), Duration::from_secs(settings.seconds) + SEEN_WITHIN)?;
    let answered = brings.block_on(paced).map_err(std::io::Error::other)?;
    report.latency("the provider's call to its answer (committed)", &answered);
    report.latency("the provider's call to an agent's screen", &desk.took);
    report.goal("call to answer p99", ms(answered.value_at_quantile(0.99)), 50.0, "ms");
    report.goal("call to screen p95", ms(desk.took.value_at_quantile(0.95)), 200.0, "ms");

    let people = settings.sockets(PEOPLE);
    let senders = first_senders..first_senders + u32::try_from(people).unwrap_or(u32::MAX);
    sent.extend(senders.clone().flat_map(|sender| (0..MESSAGES).map(move |sequence| (sender, sequence))));
    let start = swarm.now();
    let crowd = Crowd { provider, clock, hubs, refused: AtomicUsize::new(0) };
    let burst = brings.spawn(Arc::new(crowd).all_at_once(senders, settings.seed));
    desk.look(&mut swarm, sent.len(), SEEN_WITHIN)?;
    let took = swarm.now() - start;
    let refused = brings.block_on(burst).map_err(std::io::Error::other)?;
    // What comes twice comes now.
    desk.look(&mut swarm, usize::MAX, Duration::from_secs(2))?;
    report.check = desk.judge(&sent, true);
    report.number("people, ten messages each, each brought five times", people as f64, "");
    report.number("until all were on the screens", ms(took) / 1e3, "s");
    report.number("calls that were not answered with success, and came again", refused as f64, "");
    let wanted = people + first_senders as usize;
    report.gate("conversations beside one for each person", desk.conversations().abs_diff(wanted) as f64, 0.0, "");
    Ok(report)
}

async fn at_an_even_pace(provider: Arc<Provider>, clock: Clock, hubs: Vec<SocketAddr>, seconds: u64) -> Histogram<u64> {
    let mut beat = tokio::time::interval(Duration::from_millis(1_000 / PACE));
    let mut calls = tokio::task::JoinSet::new();
    for sender in 0..u32::try_from(PACE * seconds).unwrap_or(u32::MAX) {
        beat.tick().await;
        let (provider, hub) = (provider.clone(), hubs[sender as usize % hubs.len()]);
        let stamp = Stamp { sender, sequence: 0, sent: clock.now() };
        calls.spawn(async move { provider.bring(&clock, hub, stamp).await });
    }
    let mut took = histogram();
    while let Some(call) = calls.join_next().await {
        if let Ok(Some(nanos)) = call {
            record(&mut took, nanos);
        }
    }
    took
}

struct Crowd {
    provider: Arc<Provider>,
    clock: Clock,
    hubs: Vec<SocketAddr>,
    refused: AtomicUsize,
}

impl Crowd {
    /// Calls that failed at first.
    async fn all_at_once(self: Arc<Self>, senders: std::ops::Range<u32>, seed: u64) -> usize {
        let room = Arc::new(Semaphore::new(PEOPLE_AT_ONCE));
        let mut people = tokio::task::JoinSet::new();
        for sender in senders {
            let Ok(permit) = room.clone().acquire_owned().await else { break };
            let crowd = self.clone();
            people.spawn(async move {
                crowd.person(sender, seed).await;
                drop(permit);
            });
        }
        while people.join_next().await.is_some() {}
        self.refused.load(Ordering::Relaxed)
    }

    async fn person(self: &Arc<Self>, sender: u32, seed: u64) {
        let mut random = StdRng::seed_from_u64(seed ^ u64::from(sender));
        let mut calls = tokio::task::JoinSet::new();
        for sequence in 0..MESSAGES {
            for time in 0..TIMES {
                let (crowd, after) = (self.clone(), random.random_range(Duration::ZERO..WITHIN));
                calls.spawn(async move {
                    tokio::time::sleep(after).await;
                    crowd.until_taken(sender, sequence, time).await;
                });
            }
        }
        while calls.join_next().await.is_some() {}
    }

    async fn until_taken(&self, sender: u32, sequence: u32, time: usize) {
        for again in 0..TRIES {
            let hub = self.hubs[(time + again) % self.hubs.len()];
            let stamp = Stamp { sender, sequence, sent: self.clock.now() };
            if self.provider.bring(&self.clock, hub, stamp).await.is_some() {
                return;
            }
            self.refused.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(WITHIN).await;
        }
    }
}
