//! What an update costs the server where five hundred bots wait for theirs, against an event to an agent's session.
//!
//! The same conversations, the same pace, one after another on one hub: nobody looks on; each message goes to one agent's
//! session; the same to ten of them, so that the slope is what one more session costs; each message goes to the bot of its
//! inbox, and bots are all that look on. CPU of the server from /proc, over the messages.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use switchboard_protocol::ConversationId;
use switchboard_protocol::agent::ResumePoint;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

use crate::bot::Bot;
use crate::clock::{Clock, Nanos, SECOND, seconds};
use crate::hub::SignedIn;
use crate::report::Report;
use crate::scan::{self, Kind, Stamp};
use crate::stage::{LoadError, Settings, Stage};
use crate::swarm::{Closed, Dial, Driver, SocketId, Swarm};
use crate::{process, say};

const SERVER_CORE: usize = 0;
const GENERATOR_CORE: usize = 1;
const BOTS: usize = 500;
const CONVERSATIONS: usize = 1_000;
const AGENTS: usize = 50;
/// Sessions of one agent where the slope is measured.
const MANY: usize = 10;
/// Messages a second. A bot that has not answered for half a minute is asked no more, so no measurement lasts longer.
const A_SECOND: u64 = 100;
const LONGEST: u64 = 20;
const WAIT: Duration = Duration::from_secs(50);
const OPEN_WITHIN: Duration = Duration::from_secs(60);
const SETTLED_WITHIN: Duration = Duration::from_secs(20);
const TEXT_BYTES: usize = 64;
const MOST: f64 = 3.0;

pub fn run(settings: &Settings) -> Result<Report, LoadError> {
    process::pin_to_core(GENERATOR_CORE % process::cores())?;
    let (bots, people) = (settings.sockets(BOTS), settings.sockets(AGENTS));
    let stage = Stage::set(settings, Some(SERVER_CORE), people, 0)?;
    let outside = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let agent_of = |number: usize| vec![stage.agents[number % people].clone()];
    let inboxes = stage.runtime.block_on(stage.hub.open_inboxes(&stage.owner, agent_of, bots))?;
    let each = CONVERSATIONS / BOTS;
    let tokens = stage.runtime.block_on(async {
        let mut tokens = Vec::new();
        for inbox in &inboxes {
            tokens.extend(stage.hub.visitors(inbox, each).await?);
        }
        Ok::<_, LoadError>(tokens)
    })?;
    let mut swarm = Swarm::new(Clock::start())?;
    let point = stage.runtime.block_on(stage.hub.point(&stage.owner))?;
    let mut crowd = Crowd::open(&stage, point, tokens, &mut swarm)?;
    let time = settings.seconds.min(LONGEST);
    let alone = crowd.measure(&stage, &mut swarm, time, |_| 0)?;
    crowd.look_on(&stage, &stage.agents, 1, &mut swarm)?;
    let one = crowd.measure(&stage, &mut swarm, time, |crowd| crowd.events)?;
    crowd.look_on(&stage, &stage.agents, MANY - 1, &mut swarm)?;
    let many = crowd.measure(&stage, &mut swarm, time, |crowd| crowd.events / MANY as u64)?;
    crowd.look_away(&mut swarm);

    let came = Arc::new(AtomicU64::new(0));
    let _polls = wait_for_updates(&stage, &inboxes, &outside, &came, &mut crowd, &mut swarm)?;
    crowd.rest(&mut swarm, Duration::from_secs(3))?;
    let idle = idle_cores(&stage, &mut crowd, &mut swarm)?;
    let begun = came.clone();
    let updates = crowd.measure(&stage, &mut swarm, time, move |_| begun.load(Ordering::Relaxed))?;
    process::unpin()?;

    let mut report = Report::new("bots-crowd");
    report.note(format!(
        "{bots} bots that wait for updates, {} conversations, {A_SECOND} messages a second; the server on one core",
        bots * each
    ));
    report.number("CPU per message that nobody is told of", alone.per_message, "µs");
    report.number("CPU per message that one agent's session is told of", one.per_message, "µs");
    report.number(format!("CPU per message that {MANY} sessions are told of"), many.per_message, "µs");
    report.number("CPU per message that one bot is told of", updates.per_message, "µs");
    let session = (many.per_message - one.per_message) / (MANY - 1) as f64;
    report.number("  of which one more agent's session", session, "µs");
    report.number("  of which the bot", updates.per_message - alone.per_message, "µs");
    report.number("the bot alone / one more agent's session", (updates.per_message - alone.per_message) / session, "×");
    report.number(format!("CPU of the server while {bots} bots wait and nobody writes"), idle, "cores");
    report.gate(
        "message taken in and told: to a bot / to an agent's session",
        updates.per_message / one.per_message,
        MOST,
        "×",
    );
    for cost in [alone, one, many, updates] {
        report.check.accepted += cost.accepted;
        report.check.lost += cost.missing;
        report.check.delivered += cost.told;
    }
    report.check.twice += crowd.more_than_written(&came);
    crowd.ended.iter().take(5).for_each(|why| report.note(format!("a socket ended: {why:?}")));
    Ok(report)
}

fn idle_cores(stage: &Stage, crowd: &mut Crowd, swarm: &mut Swarm) -> Result<f64, LoadError> {
    let (cpu, start) = (stage.server.process.cpu_seconds()?, swarm.now());
    crowd.rest(swarm, Duration::from_secs(5))?;
    Ok((stage.server.process.cpu_seconds()? - cpu) / seconds(swarm.now() - start))
}

/// A bot for each inbox, all of which wait; what they are told is counted.
fn wait_for_updates(
    stage: &Stage,
    inboxes: &[switchboard_protocol::model::Inbox],
    outside: &Runtime,
    came: &Arc<AtomicU64>,
    crowd: &mut Crowd,
    swarm: &mut Swarm,
) -> Result<JoinSet<()>, LoadError> {
    let mut polls = JoinSet::new();
    let mut first: Option<Bot> = None;
    for (number, inbox) in inboxes.iter().enumerate() {
        let made = stage.runtime.block_on(stage.hub.make_bot(&stage.owner, inbox.id, number))?;
        let hubs = [stage.server.address];
        let bot = match &first {
            Some(first) => first.beside(&hubs, &made.token),
            None => Bot::at(&hubs, &made.token, 0).map_err(io::Error::other)?,
        };
        first.get_or_insert_with(|| bot.clone());
        let came = came.clone();
        let poll = async move {
            let mut offset = 0;
            loop {
                match bot.updates(0, offset, WAIT).await {
                    Ok(updates) => {
                        offset = updates.last().map_or(offset, |update| update.update_id + 1);
                        came.fetch_add(updates.len() as u64, Ordering::Relaxed);
                    }
                    Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
                }
            }
        };
        polls.spawn_on(poll, outside.handle());
        // Customers who answered no ping meanwhile would be cut off.
        crowd.rest(swarm, Duration::from_millis(1))?;
    }
    Ok(polls)
}

/// What a stretch of messages has cost.
#[derive(Debug, Clone, Copy)]
struct Cost {
    /// Server CPU, µs.
    per_message: f64,
    accepted: u64,
    told: u64,
    /// Accepted, and nobody was told of it who should be.
    missing: u64,
}

/// The customers' sockets, and the agents' while they look on.
struct Crowd {
    tokens: Vec<String>,
    point: ResumePoint,
    customers: Vec<(SocketId, u32, Option<ConversationId>)>,
    /// By number of the socket: the customer; of an agent none.
    parts: Vec<Option<usize>>,
    screens: Vec<SocketId>,
    live: usize,
    accepted: u64,
    events: u64,
    /// What has been told of in the measurements with bots.
    written_to_bots: u64,
    next: usize,
    ended: Vec<Closed>,
}

impl Crowd {
    /// Everybody is there and has written once: contacts and conversations are made.
    fn open(stage: &Stage, point: ResumePoint, tokens: Vec<String>, swarm: &mut Swarm) -> Result<Self, LoadError> {
        let mut crowd = Self {
            tokens,
            point,
            customers: Vec::new(),
            parts: Vec::new(),
            screens: Vec::new(),
            live: 0,
            accepted: 0,
            events: 0,
            written_to_bots: 0,
            next: 0,
            ended: Vec::new(),
        };
        let to = stage.server.address;
        for index in 0..crowd.tokens.len() {
            let id = swarm.connect(&Dial { to, path: "/ws/visitor", cookie: None, receive_buffer: None })?;
            crowd.customers.push((id, 0, None));
            crowd.parts.push(Some(index));
        }
        let of = crowd.customers.len();
        crowd.wait(swarm, of, "live", |crowd| crowd.live)?;
        for index in 0..of {
            crowd.write(swarm, index);
        }
        crowd.wait(swarm, of, "answered", |crowd| crowd.accepted as usize)?;
        Ok(crowd)
    }

    fn wait(
        &mut self,
        swarm: &mut Swarm,
        of: usize,
        state: &'static str,
        count: impl Fn(&Self) -> usize,
    ) -> Result<(), LoadError> {
        if swarm.turn_until(self, OPEN_WITHIN, |crowd| count(crowd) >= of)? {
            return Ok(());
        }
        Err(LoadError::NotInTime { waiting: of - count(self), of, state, said: format!("{:?}", self.ended) })
    }

    /// So many more sessions of each of them look on, from where the feed is now.
    fn look_on(&mut self, stage: &Stage, who: &[SignedIn], times: usize, swarm: &mut Swarm) -> Result<(), LoadError> {
        self.point = stage.runtime.block_on(stage.hub.point(&stage.owner))?;
        let to = stage.server.address;
        for agent in (0..times).flat_map(|_| who) {
            let cookie = Some(agent.cookie.as_str());
            self.screens.push(swarm.connect(&Dial { to, path: "/ws/agent", cookie, receive_buffer: None })?);
            self.parts.push(None);
        }
        let of = self.customers.len() + self.screens.len();
        self.wait(swarm, of, "live", |crowd| crowd.live)
    }

    fn look_away(&mut self, swarm: &mut Swarm) {
        self.screens.drain(..).for_each(|screen| swarm.close(screen));
    }

    fn write(&mut self, swarm: &mut Swarm, index: usize) {
        let (socket, sequence, conversation) = &mut self.customers[index];
        let stamp = Stamp { sender: index as u32, sequence: *sequence, sent: swarm.clock.now() };
        let id = format!("{index}-{sequence}");
        *sequence += 1;
        swarm.send(*socket, &say::send(id, stamp.to_text(TEXT_BYTES), *conversation));
    }

    fn rest(&mut self, swarm: &mut Swarm, time: Duration) -> io::Result<()> {
        swarm.turn_until(self, time, |_| false).map(drop)
    }

    /// Customers write in turn for so long; then until whoever is to be told has been, by this count.
    fn measure(
        &mut self,
        stage: &Stage,
        swarm: &mut Swarm,
        time: u64,
        told: impl Fn(&Self) -> u64,
    ) -> Result<Cost, LoadError> {
        let before = (told(self), self.accepted);
        let cpu = stage.server.process.cpu_seconds()?;
        let (mut next, mut written) = (swarm.now(), 0);
        while written < time * A_SECOND {
            if swarm.now() >= next {
                self.write(swarm, self.next % self.customers.len());
                (self.next, written, next) = (self.next + 1, written + 1, next + SECOND / A_SECOND);
            }
            swarm.turn(self, Duration::from_millis(1))?;
        }
        let nobody = self.screens.is_empty() && told(self) == before.0;
        let all_told =
            |crowd: &Self| crowd.accepted - before.1 >= written && (nobody || told(crowd) - before.0 >= written);
        swarm.turn_until(self, SETTLED_WITHIN, all_told)?;
        let cpu = stage.server.process.cpu_seconds()? - cpu;
        let (told, accepted) = (told(self) - before.0, self.accepted - before.1);
        if self.screens.is_empty() && !nobody {
            self.written_to_bots += written;
        }
        let missing = (written - accepted) + if nobody { 0 } else { written.saturating_sub(told) };
        Ok(Cost { per_message: cpu * 1e6 / written as f64, accepted, told, missing })
    }

    fn more_than_written(&self, came: &AtomicU64) -> u64 {
        came.load(Ordering::Relaxed).saturating_sub(self.written_to_bots)
    }
}

impl Driver for Crowd {
    fn opened(&mut self, swarm: &mut Swarm, id: SocketId) {
        let first = match self.parts[id.0] {
            Some(index) => say::hello(&self.tokens[index], None),
            None => say::resume(self.point.clone()),
        };
        swarm.send(id, &first);
    }

    fn frame(&mut self, swarm: &mut Swarm, id: SocketId, frame: &[u8], _now: Nanos) {
        match (scan::kind(frame), self.parts[id.0]) {
            (Kind::Welcome, _) => self.live += 1,
            (Kind::Ping, _) => swarm.send(id, say::PONG),
            (Kind::Reply, Some(index)) if scan::done(frame) => {
                self.customers[index].2 = scan::conversation(frame);
                self.accepted += 1;
            }
            (Kind::Reply, Some(_)) => {
                self.ended.push(Closed::Refused(String::from_utf8_lossy(frame).into_owned()));
            }
            (Kind::Event, None) if Stamp::find(frame).is_some() => self.events += 1,
            _ => {}
        }
    }

    fn closed(&mut self, _swarm: &mut Swarm, _id: SocketId, why: Closed) {
        self.ended.push(why);
    }
}
