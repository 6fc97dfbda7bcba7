//! The races while hubs are killed: the one on which bots write and the one on which the agent blocks, in turn. Beside them
//! customers write to another bot, which fetches: it gets each message once and in order.

use std::collections::{HashMap, HashSet};
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::arena::Visitor;
use super::race::Ring;
use crate::backing::Backing;
use crate::bot::{Bot, Refused};
use crate::child::Server;
use crate::clock::{MILLISECOND, Nanos, seconds};
use crate::report::Report;
use crate::scan::Stamp;
use crate::stage::{LoadError, Settings};

const LANES: usize = 8;
/// Conversations of the bot that fetches.
const CUSTOMERS: usize = 8;
const KILLS: usize = 10;
/// Each of the customers writes so often: with all of them the bot answers less than it may.
const PACE: Nanos = 500 * MILLISECOND;
/// All goes its way for so long before each kill.
const CALM: Duration = Duration::from_secs(4);
const WAIT: Duration = Duration::from_secs(5);
const AGAIN_AFTER: Duration = Duration::from_millis(20);
/// Until the last message has come to the bot.
const SETTLED_WITHIN: Duration = Duration::from_secs(60);

pub fn run(settings: &Settings) -> Result<Report, LoadError> {
    // Named ones are the caller's: what a run kills and needs two of, it starts itself.
    let (_backing, settings) = match settings.has_room_for_two() {
        true => (None, settings.clone()),
        false => Backing::start(settings).map(|(backing, settings)| (Some(backing), settings))?,
    };
    let mut ring = Ring::open(&settings, LANES)?;
    let fetched = Arc::new(Fetched::default());
    let fetching = fetch(&mut ring, fetched.clone())?;
    ring.begin()?;
    let kills = (KILLS / settings.scale).max(2);
    let mut away = Vec::new();
    for kill in 0..kills {
        ring.look_on(CALM)?;
        eprintln!("bots-kill: killing hub {} after {} races", kill % 2 + 1, ring.arena.rounds());
        away.push(ring.kill(kill % 2)?);
    }
    ring.look_on(CALM)?;
    ring.arena.writing = false;
    let written = |ring: &Ring| -> HashSet<(u32, u32)> {
        let customers = ring.arena.visitors.iter().enumerate().skip(LANES);
        customers.flat_map(|(index, it)| (0..it.accepted).map(move |sequence| (index as u32, sequence))).collect()
    };
    let had = fetched.clone();
    ring.end()?;
    let expected = written(&ring).len();
    ring.until(|_| had.different() >= expected, SETTLED_WITHIN)?;
    fetched.over.store(true, Ordering::Relaxed);
    ring.outside().block_on(fetching).map_err(io::Error::other)?;

    let mut report = Report::new("bots-kill");
    report.note(format!(
        "two hubs, killed in turn, {kills} times; bots write on the first, the agent blocks on the second"
    ));
    let longest = away.iter().copied().fold(0.0, f64::max);
    report.number("longest time until a killed hub answered again", longest, "s");
    ring.judge(&mut report)?;
    fetched.judge(&written(&ring), &mut report);
    Ok(report)
}

/// What the bot has fetched, in the order in which it did.
#[derive(Default)]
struct Fetched {
    all: Mutex<Vec<(i64, Option<Stamp>)>>,
    over: AtomicBool,
    answered: AtomicU64,
    blocked: AtomicU64,
    away: AtomicU64,
    other_poller: AtomicU64,
    troubles: Mutex<Vec<String>>,
}

/// Begins to: the bot, its inbox and customers, who write from now on.
fn fetch(ring: &mut Ring, fetched: Arc<Fetched>) -> Result<tokio::task::JoinHandle<()>, LoadError> {
    let hubs: Vec<SocketAddr> = ring.hubs();
    let stage = &ring.stage;
    let (token, visitors) = stage.runtime.block_on(async {
        let inbox = stage.hub.open_named_inbox(&stage.owner, &[], "Customers", "CU-").await?;
        let made = stage.hub.make_bot(&stage.owner, inbox.id, LANES).await?;
        Ok::<_, LoadError>((made.token, stage.hub.visitors(&inbox, CUSTOMERS).await?))
    })?;
    for (index, visitor) in visitors.into_iter().enumerate() {
        ring.arena.add_visitor(Visitor::new(index % hubs.len(), visitor, Some(PACE)));
    }
    let bot = Bot::at(&hubs, &token, LANES).map_err(io::Error::other)?;
    Ok(ring.outside().spawn(async move { fetched.fetch(bot).await }))
}

impl Fetched {
    /// Fetches on either hub, whichever is there, and answers each message: a bot that says nothing is asked no more.
    async fn fetch(&self, bot: Bot) {
        let (mut hub, mut offset) = (0, 0);
        while !self.over.load(Ordering::Relaxed) {
            match bot.updates(hub, offset, WAIT).await {
                Ok(updates) => {
                    for update in &updates {
                        offset = offset.max(update.update_id + 1);
                        let stamp = update.message.as_ref().and_then(|message| Stamp::find(message.text.as_bytes()));
                        self.all.lock().unwrap_or_else(PoisonError::into_inner).push((update.update_id, stamp));
                    }
                    let chats: HashSet<i64> =
                        updates.iter().filter_map(|it| it.message.as_ref().map(|message| message.chat.id)).collect();
                    for chat in chats {
                        self.answer(&bot, hub, chat).await;
                    }
                }
                Err(refused) => {
                    self.note(&refused);
                    hub += 1;
                    tokio::time::sleep(AGAIN_AFTER).await;
                }
            }
        }
    }

    /// Once, or on the other hub if this one is gone: whether the first was taken nobody knows, and a second word is no harm.
    async fn answer(&self, bot: &Bot, hub: usize, chat: i64) {
        for hub in [hub, hub + 1, hub] {
            match bot.send(hub, chat, "We look into it.").await {
                Ok(_) => {
                    self.answered.fetch_add(1, Ordering::Relaxed);
                    return;
                }
                Err(refused) => self.note(&refused),
            }
        }
    }

    fn note(&self, refused: &Refused) {
        match refused {
            Refused::Blocked => drop(self.blocked.fetch_add(1, Ordering::Relaxed)),
            Refused::Away => drop(self.away.fetch_add(1, Ordering::Relaxed)),
            // One that waits on the other hub has heard of this one.
            Refused::Otherwise { status: 409, .. } => drop(self.other_poller.fetch_add(1, Ordering::Relaxed)),
            other => self.troubles.lock().unwrap_or_else(PoisonError::into_inner).push(format!("{other:?}")),
        }
    }

    fn different(&self) -> usize {
        let all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter().filter_map(|(_, stamp)| stamp.map(|it| (it.sender, it.sequence))).collect::<HashSet<_>>().len()
    }

    fn judge(&self, written: &HashSet<(u32, u32)>, report: &mut Report) {
        let all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut last_update, mut last): (i64, HashMap<u32, u32>) = (0, HashMap::new());
        let mut had: HashMap<(u32, u32), u64> = HashMap::new();
        for (update, stamp) in all.iter() {
            report.check.disordered += u64::from(*update <= last_update);
            last_update = *update;
            let Some(stamp) = stamp else { continue };
            *had.entry((stamp.sender, stamp.sequence)).or_default() += 1;
            let before = last.insert(stamp.sender, stamp.sequence);
            report.check.disordered += u64::from(before.is_some_and(|before| before > stamp.sequence));
        }
        report.check.accepted += written.len() as u64;
        report.check.delivered += had.values().sum::<u64>();
        report.check.lost += written.iter().filter(|stamp| !had.contains_key(stamp)).count() as u64;
        report.check.twice += had.values().map(|times| times - 1).sum::<u64>();
        report.number("customers' messages that a hub took", written.len() as f64, "");
        report.number("answers of the bot that fetches", self.answered.load(Ordering::Relaxed) as f64, "");
        report.number("its calls without an answer", self.away.load(Ordering::Relaxed) as f64, "");
        report.number("its polls that another one ended", self.other_poller.load(Ordering::Relaxed) as f64, "");
        report.number("its answers that were refused: blocked", self.blocked.load(Ordering::Relaxed) as f64, "");
        let troubles = self.troubles.lock().unwrap_or_else(PoisonError::into_inner);
        troubles.iter().take(5).for_each(|trouble| report.note(trouble.clone()));
    }
}

impl Ring {
    /// Kills one of two hubs and starts it again, while everybody else goes on; how long that took, seconds.
    fn kill(&mut self, which: usize) -> Result<f64, LoadError> {
        let start = self.swarm.now();
        let server: &mut Server = match (which, &mut self.second) {
            (1, Some(second)) => second,
            _ => &mut self.stage.server,
        };
        server.kill()?;
        let (arena, swarm) = (&mut self.arena, &mut self.swarm);
        std::thread::scope(|scope| {
            let starting = scope.spawn(|| server.start_again());
            while !starting.is_finished() {
                arena.step(swarm)?;
            }
            starting.join().map_err(|_| io::Error::other("the hub could not be started"))?
        })?;
        Ok(seconds(self.swarm.now() - start))
    }

    fn look_on(&mut self, time: Duration) -> io::Result<()> {
        let end = self.swarm.now() + time.as_nanos() as u64;
        while self.swarm.now() < end {
            self.arena.step(&mut self.swarm)?;
        }
        Ok(())
    }
}
