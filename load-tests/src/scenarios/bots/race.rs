//! Block against a bot that writes as fast as it can.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use switchboard_protocol::model::{Author, Message, MessageKind, SystemLine};
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

use super::arena::{Arena, Lane, Visitor};
use super::pen::{Pen, write_until_over};
use crate::bot::Bot;
use crate::child::Server;
use crate::clock::{Clock, seconds};
use crate::report::Report;
use crate::stage::{LoadError, Settings, Stage};
use crate::swarm::Swarm;

const ROUNDS: u64 = 10_000;
/// Conversations, each with a bot of its own: one bot may send 30 messages a second.
const LANES: usize = 24;
const OPEN_WITHIN: Duration = Duration::from_secs(60);
/// What comes late comes by then.
const LAST_LOOK: Duration = Duration::from_secs(2);
/// A round takes this at most, however slow the machine.
const ROUNDS_WITHIN: Duration = Duration::from_secs(5_400);

/// Everything that races.
pub struct Ring {
    pub stage: Stage,
    pub second: Option<Server>,
    pub arena: Arena,
    pub swarm: Swarm,
    bots: Vec<Bot>,
    outside: Runtime,
    over: Arc<AtomicBool>,
    writing: JoinSet<()>,
}

/// On one hub, or on two where the agent is at the second.
pub fn run(settings: &Settings) -> Result<Report, LoadError> {
    let mut ring = Ring::open(settings, LANES)?;
    let rounds = (ROUNDS / settings.scale as u64).max(1);
    let start = ring.swarm.now();
    ring.begin()?;
    ring.until(|arena| arena.rounds() >= rounds, ROUNDS_WITHIN)?;
    let took = seconds(ring.swarm.now() - start);
    ring.end()?;
    let mut report = Report::new("bots-race");
    report.note(match ring.second {
        Some(_) => "two hubs; bots write on the first, the agent blocks on the second".to_owned(),
        None => "one hub".to_owned(),
    });
    report.number("took", took, "s");
    report.gate("races that are missing", rounds.saturating_sub(ring.arena.rounds()) as f64, 0.0, "");
    ring.judge(&mut report)?;
    Ok(report)
}

impl Ring {
    /// Everybody is there, each visitor has written once, and no bot has the word.
    pub fn open(settings: &Settings, lanes: usize) -> Result<Self, LoadError> {
        let stage = Stage::set(settings, None, 0, 0)?;
        let second = settings.has_room_for_two().then(|| Server::start(settings.hub(), None)).transpose()?;
        let outside = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let hubs: Vec<SocketAddr> =
            std::iter::once(stage.server.address).chain(second.iter().map(|server| server.address)).collect();
        let (made, tokens, point) = stage.runtime.block_on(async {
            let (mut made, mut tokens) = (Vec::new(), Vec::new());
            for (number, inbox) in stage.hub.open_inboxes(&stage.owner, |_| Vec::new(), lanes).await?.iter().enumerate()
            {
                made.push(stage.hub.make_bot(&stage.owner, inbox.id, number).await?);
                tokens.extend(stage.hub.visitors(inbox, 1).await?);
            }
            Ok::<_, LoadError>((made, tokens, stage.hub.point(&stage.owner).await?))
        })?;
        let bots = made.iter().enumerate().map(|(number, made)| Bot::at(&hubs, &made.token, number));
        let bots = bots.collect::<Result<_, _>>().map_err(io::Error::other)?;
        let all = made.iter().map(|made| Lane::new(made.bot.id)).collect();
        let mut arena = Arena::new(hubs.clone(), stage.owner.cookie.clone(), point, all, settings.seed);
        for (index, token) in tokens.into_iter().enumerate() {
            arena.add_visitor(Visitor::new(index % hubs.len(), token, None));
        }
        let swarm = Swarm::new(Clock::start())?;
        let (over, writing) = (Arc::default(), JoinSet::new());
        let mut ring = Self { stage, second, arena, swarm, bots, outside, over, writing };
        ring.until(|arena| arena.is_open() && arena.lanes.iter().all(|lane| lane.conversation.is_some()), OPEN_WITHIN)?;
        Ok(ring)
    }

    /// Where the program's bots run.
    pub fn outside(&self) -> &Runtime {
        &self.outside
    }

    pub fn hubs(&self) -> Vec<SocketAddr> {
        std::iter::once(self.stage.server.address).chain(self.second.iter().map(|server| server.address)).collect()
    }

    pub fn begin(&mut self) -> io::Result<()> {
        for (lane, bot) in self.arena.lanes.iter().zip(&self.bots) {
            let writes = write_until_over(lane.pen.clone(), bot.clone(), lane.chat, self.over.clone());
            self.writing.spawn_on(writes, self.outside.handle());
        }
        self.arena.racing = true;
        self.arena.step(&mut self.swarm)
    }

    /// Looks on until this holds.
    pub fn until(&mut self, met: impl Fn(&Arena) -> bool, within: Duration) -> Result<(), LoadError> {
        let end = self.swarm.now() + within.as_nanos() as u64;
        let mut said = 0;
        while !met(&self.arena) {
            if self.swarm.now() > end {
                eprintln!("bots: not in time; {:?}", self.arena.troubles);
                break;
            }
            self.arena.step(&mut self.swarm)?;
            if self.arena.rounds() / 1_000 > said {
                said = self.arena.rounds() / 1_000;
                eprintln!("bots: {} rounds", self.arena.rounds());
            }
        }
        Ok(())
    }

    /// The races that have begun come to their end, the bots to theirs.
    pub fn end(&mut self) -> Result<(), LoadError> {
        self.arena.racing = false;
        self.until(|arena| arena.lanes.iter().all(Lane::is_idle), OPEN_WITHIN)?;
        self.over.store(true, Ordering::Relaxed);
        let end = self.swarm.now() + LAST_LOOK.as_nanos() as u64;
        while self.swarm.now() < end {
            self.arena.step(&mut self.swarm)?;
        }
        while self.outside.block_on(self.writing.join_next()).is_some() {}
        Ok(())
    }

    pub fn judge(&self, report: &mut Report) -> Result<(), LoadError> {
        let slips = &self.arena.slips;
        let sum = |count: fn(&Pen) -> &AtomicU64| -> f64 {
            self.arena.lanes.iter().map(|lane| count(&lane.pen).load(Ordering::Relaxed) as f64).sum()
        };
        report.number("races", self.arena.rounds() as f64, "");
        report.number("messages that a hub took", sum(|pen| &pen.taken), "");
        report.number("edits that a hub took", sum(|pen| &pen.edited), "");
        report.number("typing that a hub took", sum(|pen| &pen.typed), "");
        report.number("refused: 403 Forbidden: bot was blocked by the user", sum(|pen| &pen.blocked), "");
        report.number("told to wait: 429", sum(|pen| &pen.too_often), "");
        report.number("calls without an answer", sum(|pen| &pen.away), "");
        report.number("blocks behind which nothing was refused in time: no races", self.arena.unmet() as f64, "");
        report.number("of bots on screens: messages", slips.shown as f64, "");
        report.number("of bots on screens: edits", slips.edits_shown as f64, "");
        report.number("of bots on screens: typing", slips.typing_shown as f64, "");
        let stored = self.stored()?;
        // Where none of these came at all, none could slip.
        let must_come = [
            ("message that a hub took", sum(|pen| &pen.taken)),
            ("edit that a hub took", sum(|pen| &pen.edited)),
            ("typing that a hub took", sum(|pen| &pen.typed)),
            ("403", sum(|pen| &pen.blocked)),
            ("message on a screen", slips.shown as f64),
            ("edit on a screen", slips.edits_shown as f64),
            ("typing on a screen", slips.typing_shown as f64),
        ];
        let missing: Vec<&str> = must_come.iter().filter(|(_, times)| *times == 0.0).map(|(what, _)| *what).collect();
        missing.iter().for_each(|what| report.note(format!("there was no {what}")));
        report.gate("what never came, and so could not slip", missing.len() as f64, 0.0, "kinds");
        report.gate("taken though the block was acknowledged before the call", sum(|pen| &pen.slipped), 0.0, "slips");
        report.gate("messages and edits behind the block on a screen", slips.written as f64, 0.0, "slips");
        report.gate("messages behind the block in the store", stored as f64, 0.0, "slips");
        report.gate("typing on a screen that shows the block", slips.typed as f64, 0.0, "slips");
        report.gate("typing at a visitor 100 ms behind the block", slips.typed_to_visitor as f64, 0.0, "slips");
        slips.said.iter().for_each(|said| report.note(said.clone()));
        let mut troubles: HashMap<String, u64> = HashMap::new();
        for lane in &self.arena.lanes {
            for (what, times) in lane.pen.troubles.all() {
                *troubles.entry(what).or_default() += times;
            }
        }
        for trouble in &self.arena.troubles {
            *troubles.entry(trouble.clone()).or_default() += 1;
        }
        report.check.wrong += troubles.len() as u64;
        troubles.iter().take(20).for_each(|(what, times)| report.note(format!("{times} times: {what}")));
        Ok(())
    }

    /// What the store has of bots behind a line that blocks them.
    fn stored(&self) -> Result<u64, LoadError> {
        let mut slips = 0;
        for lane in &self.arena.lanes {
            let Some(conversation) = lane.conversation else { continue };
            let messages = self.stage.runtime.block_on(self.stage.hub.messages(&self.stage.owner, conversation))?;
            slips += behind_blocks(&messages);
        }
        Ok(slips)
    }
}

fn behind_blocks(messages: &[Message]) -> u64 {
    let (mut blocked, mut slips) = (false, 0);
    for message in messages {
        match (&message.line, message.kind, message.author) {
            (Some(SystemLine::BotBlocked { .. }), ..) => blocked = true,
            (Some(SystemLine::BotUnblocked { .. }), ..) => blocked = false,
            (None, MessageKind::Out, Author::Bot { .. }) if blocked => slips += 1,
            _ => {}
        }
    }
    slips
}
