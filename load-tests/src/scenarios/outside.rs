//! `outside`: people write to a Telegram bot and agents answer, at an even pace, while everything that carries it is killed in
//! turn: the process that holds the bot, twice, each of two hubs, Redis, which comes back empty, and PostgreSQL. It starts all
//! of them itself. What came in is there once, what was answered went out once, or is shown as uncertain.

use std::collections::{HashMap, HashSet};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use switchboard_protocol::ConversationId;
use switchboard_protocol::channels::{ChannelSettings, SaveChannel, TelegramMode, TelegramSettings};
use switchboard_protocol::model::Channel;
use testkit::Telegram;
use tokio::runtime::Runtime;
use tokio::sync::watch;
use tokio::time::MissedTickBehavior;

use crate::answers::{Answers, Writer, judge};
use crate::backing::Backing;
use crate::child::Server;
use crate::clock::{Clock, Nanos, seconds};
use crate::desk::Desk;
use crate::hub::Hub;
use crate::report::Report;
use crate::scan::Stamp;
use crate::stage::{LoadError, Settings, Stage};
use crate::swarm::Swarm;

const AGENTS: usize = 2;
/// So many that none of them hears more than once a second: a bot may not write to anybody more often.
const PEOPLE: u32 = 20;
/// A message comes in and one goes out so often.
const PACE: Duration = Duration::from_millis(250);
/// Answers that are being written at once, at most: what hubs do not take while they are away waits with its writer.
const WRITERS: usize = 8;
/// All goes its way for so long before each kill.
const CALM: Duration = Duration::from_secs(3);
/// Until all goes its way again, and until all is settled in the end.
const AGAIN_WITHIN: Duration = Duration::from_secs(120);
/// Until the hubs answer, a process has the bot and its screens are open. A Redis that was just started grants no lease for ten
/// seconds.
const OPEN_WITHIN: Duration = Duration::from_secs(60);
/// What comes twice comes by then.
const LAST_LOOK: Duration = Duration::from_secs(2);
/// By then another process has the channel of one that was killed.
const TAKEN_OVER_S: f64 = 15.0;
const TURN: Duration = Duration::from_millis(20);
/// People's chats are numbered from here on.
const FIRST_CHAT: i64 = 5_000;

/// What is killed, in this order.
#[derive(Debug, Clone, Copy)]
enum Victim {
    Holder,
    Hub(usize),
    Redis,
    Postgres,
}

const DRILL: [Victim; 7] =
    [Victim::Holder, Victim::Hub(0), Victim::Redis, Victim::Hub(1), Victim::Postgres, Victim::Holder, Victim::Redis];

impl Victim {
    fn name(self) -> String {
        match self {
            Self::Holder => "the process that holds the bot".into(),
            Self::Hub(number) => format!("hub {}", number + 1),
            Self::Redis => "Redis (back empty)".into(),
            Self::Postgres => "PostgreSQL".into(),
        }
    }
}

pub fn run(settings: &Settings) -> Result<Report, LoadError> {
    let (backing, settings) = Backing::start(&settings.for_channels())?;
    let settings = &settings.with("SWITCHBOARD_CHANNELS__OUTSIDE", r#"["telegram"]"#);
    let outside = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let mut drill = Drill::open(backing, settings, &outside)?;
    let conversations = drill.people_write_first()?;
    let hubs = vec![Hub::at(drill.stage.server.address)?, Hub::at(drill.second.address)?];
    let writer = Writer {
        hubs,
        who: drill.stage.owner.clone(),
        conversations,
        name: "Answer",
        written: AtomicUsize::new(0).into(),
    };
    let traffic = Traffic {
        telegram: drill.telegram.clone(),
        clock: drill.clock,
        brought: Arc::default(),
        answered: Arc::default(),
    };
    let coming = outside.spawn(traffic.clone().comes_in());
    let (told, until) = watch::channel(false);
    let going = outside.spawn(answers_at_pace(writer.clone(), traffic.answered.clone(), until));

    let mut report = Report::new("outside");
    report.note(format!(
        "two hubs on PostgreSQL, two connector processes, Redis; a message in and one out every {} ms",
        PACE.as_millis()
    ));
    for victim in DRILL {
        drill.look_for(CALM)?;
        eprintln!("outside: killing {}", victim.name());
        let killed = drill.clock.now();
        drill.kill(victim, &mut report)?;
        drill.goes_on(victim, killed, &traffic, &writer, &mut report)?;
    }
    drill.look_for(CALM)?;
    coming.abort();
    told.send_replace(true);
    let ours = outside.block_on(going).map_err(io::Error::other)?;
    let settled = drill.stage.runtime.block_on(writer.settled(&drill.stage.hub, &drill.clock, AGAIN_WITHIN));

    let sent = traffic.all();
    drill.desk.look(&mut drill.swarm, sent.len(), AGAIN_WITHIN)?;
    drill.look_for(LAST_LOOK)?;
    report.check = drill.desk.judge(&sent, true);
    report.number("messages that came in", sent.len() as f64, "");
    let mut handed: HashMap<String, usize> = HashMap::new();
    for (_, text) in drill.telegram.sent() {
        *handed.entry(text).or_default() += 1;
    }
    judge(&mut report, &ours, &settled, DRILL.len(), |_, text| handed.get(text).copied().unwrap_or(0));
    Ok(report)
}

/// People who write, one after another.
#[derive(Clone)]
struct Traffic {
    telegram: Arc<Telegram>,
    clock: Clock,
    /// Beyond the first message of each.
    brought: Arc<AtomicUsize>,
    /// Answers that somebody has begun to write.
    answered: Arc<AtomicUsize>,
}

impl Traffic {
    async fn comes_in(self) {
        let mut beat = tokio::time::interval(PACE);
        loop {
            beat.tick().await;
            // Counted after it is there: nobody looks for one that is not.
            self.writes(self.brought.load(Ordering::Relaxed));
            self.brought.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn writes(&self, number: usize) {
        let (sender, sequence) = stamp_of(number);
        let stamp = Stamp { sender, sequence, sent: self.clock.now() };
        self.telegram.writes(FIRST_CHAT + i64::from(sender), &stamp.to_text(80));
    }

    /// With the first message of each.
    fn all(&self) -> HashSet<(u32, u32)> {
        let brought = self.brought.load(Ordering::Relaxed);
        (0..PEOPLE).map(|sender| (sender, 0)).chain((0..brought).map(stamp_of)).collect()
    }
}

fn stamp_of(number: usize) -> (u32, u32) {
    let number = u32::try_from(number).unwrap_or(u32::MAX);
    (number % PEOPLE, 1 + number / PEOPLE)
}

/// One every [`PACE`], each until a hub has taken it.
async fn answers_at_pace(writer: Writer, answered: Arc<AtomicUsize>, mut stop: watch::Receiver<bool>) -> Answers {
    let mut beat = tokio::time::interval(PACE);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut writing = tokio::task::JoinSet::new();
    let (mut ours, mut number) = (Answers::new(), 0);
    loop {
        tokio::select! {
            _ = stop.changed() => break,
            _ = beat.tick(), if writing.len() < WRITERS => {}
            Some(written) = writing.join_next() => {
                ours.extend(written);
                continue;
            }
        }
        let (writer, this) = (writer.clone(), number);
        writing.spawn(async move { writer.answer(this).await });
        number += 1;
        answered.store(number, Ordering::Relaxed);
    }
    ours.extend(writing.join_all().await);
    ours
}

/// All that runs.
struct Drill {
    backing: Backing,
    stage: Stage,
    second: Server,
    processes: [Server; 2],
    /// Which of them has the bot.
    holder: usize,
    lease: String,
    telegram: Arc<Telegram>,
    clock: Clock,
    swarm: Swarm,
    desk: Desk,
}

impl Drill {
    fn open(backing: Backing, settings: &Settings, outside: &Runtime) -> Result<Self, LoadError> {
        let telegram = Arc::new(outside.block_on(Telegram::start()));
        let mut stage = Stage::set(settings, None, AGENTS, 0)?;
        let second = Server::start(settings.hub(), None)?;
        let first = Server::start(settings.connector("telegram"), None)?;
        let bot = TelegramSettings { mode: TelegramMode::Polling, base_url: telegram.url() };
        let secrets = [("token".to_owned(), Telegram::TOKEN.to_owned())].into();
        let save = SaveChannel { settings: ChannelSettings::Telegram(bot), secrets, untested: true };
        let opened = stage.open_channel(Channel::Telegram, save)?;
        let clock = Clock::start();
        while telegram.fetches() == 0 {
            if clock.now() > OPEN_WITHIN.as_nanos() as u64 {
                let log = first.log();
                return Err(io::Error::other(format!("no process has taken the bot; it said:\n{log}")).into());
            }
            std::thread::sleep(TURN);
        }
        // Only now, so that it is known which of them has the bot.
        let processes = [first, Server::start(settings.connector("telegram"), None)?];
        let mut swarm = Swarm::new(clock)?;
        let desk = Desk::open(stage.target(), 1, &mut swarm, OPEN_WITHIN)?;
        let lease = format!("switchboard:lease:channel:{}", opened.inbox);
        Ok(Self { backing, stage, second, processes, holder: 0, lease, telegram, clock, swarm, desk })
    }

    /// Each of them once; their conversations.
    fn people_write_first(&mut self) -> Result<Vec<ConversationId>, LoadError> {
        for sender in 0..PEOPLE {
            let stamp = Stamp { sender, sequence: 0, sent: self.clock.now() };
            self.telegram.writes(FIRST_CHAT + i64::from(sender), &stamp.to_text(80));
        }
        if !self.desk.look(&mut self.swarm, PEOPLE as usize, OPEN_WITHIN)? {
            return Err(io::Error::other("what people wrote first is not on the screen").into());
        }
        Ok((0..PEOPLE).filter_map(|sender| self.desk.conversation_of(sender)).collect())
    }

    fn look_for(&mut self, time: Duration) -> io::Result<()> {
        self.desk.look(&mut self.swarm, usize::MAX, time).map(|_| ())
    }

    fn kill(&mut self, victim: Victim, report: &mut Report) -> Result<(), LoadError> {
        match victim {
            Victim::Holder => self.kill_holder(report)?,
            Victim::Hub(0) => self.stage.server.kill_and_restart()?,
            Victim::Hub(_) => self.second.kill_and_restart()?,
            Victim::Redis => self.backing.redis.restart(),
            Victim::Postgres => self.backing.postgres.restart(),
        }
        Ok(())
    }

    /// And starts it again when the other has the bot.
    fn kill_holder(&mut self, report: &mut Report) -> Result<(), LoadError> {
        let before = self.held_by();
        self.processes[self.holder].kill()?;
        let killed = self.clock.now();
        let taken_over = loop {
            match self.held_by() {
                now if now.is_some() && now != before => break seconds(self.clock.now() - killed),
                _ if self.clock.now() - killed > AGAIN_WITHIN.as_nanos() as u64 => break f64::NAN,
                _ => self.look_for(TURN)?,
            }
        };
        report.goal("until another process had the bot, by its lease in Redis", taken_over, TAKEN_OVER_S, "s");
        self.processes[self.holder].start_again()?;
        self.holder = 1 - self.holder;
        Ok(())
    }

    /// The number of the lease, as Redis has it.
    fn held_by(&self) -> Option<String> {
        self.backing.redis.get(&self.lease)
    }

    /// Looks on until what is written from now on is on the screen and at the provider. An answer waits for those of its
    /// conversation that were written before.
    fn goes_on(
        &mut self,
        victim: Victim,
        killed: Nanos,
        traffic: &Traffic,
        writer: &Writer,
        report: &mut Report,
    ) -> Result<(), LoadError> {
        let next = stamp_of(traffic.brought.load(Ordering::Relaxed) + 1);
        let answer = writer.text(traffic.answered.load(Ordering::Relaxed));
        let (mut came, mut went): (Option<Nanos>, Option<Nanos>) = (None, None);
        while came.is_none() || went.is_none() {
            self.look_for(TURN)?;
            let now = self.clock.now() - killed;
            came = came.or_else(|| self.desk.has(next).then_some(now));
            went = went.or_else(|| self.telegram.sent().iter().any(|(_, text)| *text == answer).then_some(now));
            if now > AGAIN_WITHIN.as_nanos() as u64 {
                break;
            }
        }
        let time = |at: Option<Nanos>| at.map_or(f64::NAN, seconds);
        report.number(format!("{} killed: a new message on the screen after", victim.name()), time(came), "s");
        report.number("  and a new answer at the provider after", time(went), "s");
        Ok(())
    }
}
