//! How long a customer's message takes to a bot that waits for it, and the bot's answer to the customer; against what the same
//! message takes to an agent's screen.

use std::collections::HashMap;
use std::io;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use hdrhistogram::Histogram;
use switchboard_protocol::ConversationId;
use switchboard_protocol::agent::ResumePoint;

use crate::bot::Bot;
use crate::clock::{Clock, Nanos, SECOND, ms};
use crate::report::{Report, histogram, record};
use crate::scan::{self, Kind, Stamp};
use crate::stage::{LoadError, Settings, Stage, Target};
use crate::swarm::{Closed, Dial, Driver, SocketId, Swarm};
use crate::{process, say};

const CUSTOMERS: usize = 50;
/// Messages a second, each of which the bot answers: it may send 30.
const A_SECOND: u64 = 10;
const WAIT: Duration = Duration::from_secs(20);
const OPEN_WITHIN: Duration = Duration::from_secs(30);
const LAST_LOOK: Duration = Duration::from_secs(3);
const TEXT_BYTES: usize = 64;
const BOUND_MS: f64 = 50.0;

pub fn run(settings: &Settings) -> Result<Report, LoadError> {
    let mut stage = Stage::set(settings, None, 1, 0)?;
    let (token, tokens, point) = stage.runtime.block_on(async {
        let inbox = stage.hub.open_named_inbox(&stage.owner, &stage.agents, "Questions", "QU-").await?;
        let made = stage.hub.make_bot(&stage.owner, inbox.id, 0).await?;
        let visitors = stage.hub.visitors(&inbox, CUSTOMERS).await?;
        Ok::<_, LoadError>((made.token, visitors, stage.hub.point(&stage.owner).await?))
    })?;
    (stage.visitors, stage.point) = (tokens, point);
    let clock = Clock::start();
    let outside = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let bot = Bot::at(&[stage.server.address], &token, 0).map_err(io::Error::other)?;
    let (told, heard) = channel();
    let fetching = outside.spawn(fetch(bot, clock, told));
    let mut swarm = Swarm::new(clock)?;
    let mut hall = Hall::open(stage.target(), &mut swarm)?;
    let (end, mut next, mut turn) = (swarm.now() + settings.seconds * SECOND, swarm.now(), 0);
    while swarm.now() < end + LAST_LOOK.as_nanos() as u64 {
        swarm.turn(&mut hall, Duration::from_millis(1))?;
        if swarm.now() >= next && next < end {
            hall.write(&mut swarm, turn % CUSTOMERS);
            turn += 1;
            next += SECOND / A_SECOND;
        }
    }
    fetching.abort();
    let mut report = Report::new("bots-latency");
    let cores = process::cores();
    report.note(format!("{A_SECOND} messages a second of {CUSTOMERS} customers, each answered; {cores} cores shared"));
    hall.judge(turn, heard, &mut report);
    Ok(report)
}

/// What the bot has of a message: when it came, and when its answer was taken.
struct Had {
    stamp: Stamp,
    came: Nanos,
}

/// Fetches and answers until it is ended. Each answer carries when it was sent.
async fn fetch(bot: Bot, clock: Clock, told: Sender<Had>) {
    let mut offset = 0;
    loop {
        let Ok(updates) = bot.updates(0, offset, WAIT).await else { continue };
        let came = clock.now();
        for update in updates {
            offset = offset.max(update.update_id + 1);
            let Some(message) = update.message else { continue };
            let Some(stamp) = Stamp::find(message.text.as_bytes()) else { continue };
            // Nobody listens any more at the end.
            let _ = told.send(Had { stamp, came });
            let bot = bot.clone();
            tokio::spawn(async move {
                let answer = Stamp { sent: clock.now(), ..stamp };
                bot.send(0, message.chat.id, &answer.to_text(TEXT_BYTES)).await.is_ok()
            });
        }
    }
}

/// The customers' sockets and an agent's screen.
struct Hall {
    target: Target,
    screen: SocketId,
    customers: Vec<(SocketId, u32, Option<ConversationId>)>,
    customer_of: HashMap<SocketId, usize>,
    live: usize,
    to_screen: Histogram<u64>,
    to_customer: Histogram<u64>,
    answered: u64,
    ended: Vec<Closed>,
}

impl Hall {
    fn open(target: Target, swarm: &mut Swarm) -> Result<Self, LoadError> {
        let cookie = target.cookies.first().map(String::as_str);
        let to = target.address;
        let screen = swarm.connect(&Dial { to, path: "/ws/agent", cookie, receive_buffer: None })?;
        let mut hall = Self {
            screen,
            customers: Vec::new(),
            customer_of: HashMap::new(),
            live: 0,
            to_screen: histogram(),
            to_customer: histogram(),
            answered: 0,
            ended: Vec::new(),
            target,
        };
        for index in 0..hall.target.tokens.len() {
            let id = swarm.connect(&Dial { to, path: "/ws/visitor", cookie: None, receive_buffer: None })?;
            hall.customers.push((id, 0, None));
            hall.customer_of.insert(id, index);
        }
        let of = hall.customers.len() + 1;
        if swarm.turn_until(&mut hall, OPEN_WITHIN, |hall| hall.live == of)? {
            return Ok(hall);
        }
        let (waiting, said) = (of - hall.live, format!("{:?}", hall.ended));
        Err(LoadError::NotInTime { waiting, of, state: "live", said })
    }

    fn write(&mut self, swarm: &mut Swarm, index: usize) {
        let (socket, sequence, conversation) = &mut self.customers[index];
        let stamp = Stamp { sender: index as u32, sequence: *sequence, sent: swarm.clock.now() };
        let id = format!("{index}-{sequence}");
        *sequence += 1;
        swarm.send(*socket, &say::send(id, stamp.to_text(TEXT_BYTES), *conversation));
    }

    fn judge(&self, written: usize, heard: Receiver<Had>, report: &mut Report) {
        let mut to_bot = histogram();
        let mut had: HashMap<(u32, u32), u64> = HashMap::new();
        for Had { stamp, came } in heard {
            record(&mut to_bot, came.saturating_sub(stamp.sent));
            *had.entry((stamp.sender, stamp.sequence)).or_default() += 1;
        }
        report.latency("customer's message to the agent's screen", &self.to_screen);
        report.latency("customer's message to the bot that waits", &to_bot);
        report.latency("bot's answer to the customer's screen", &self.to_customer);
        let p95 = |histogram: &Histogram<u64>| ms(histogram.value_at_quantile(0.95));
        let floor = p95(&self.to_screen);
        report.number("to the bot p95", p95(&to_bot), "ms");
        report.number("to the customer p95", p95(&self.to_customer), "ms");
        report.number("to the bot / to the agent's screen, p95", p95(&to_bot) / floor, "×");
        report.number("to the customer / to the agent's screen, p95", p95(&self.to_customer) / floor, "×");
        report.goal("customer's message to the bot, p95", p95(&to_bot), BOUND_MS, "ms");
        report.goal("bot's answer to the customer, p95", p95(&self.to_customer), BOUND_MS, "ms");
        report.check.accepted = written as u64;
        report.check.delivered = had.values().sum();
        report.check.lost = written.saturating_sub(had.len()) as u64;
        report.check.lost += (written as u64).saturating_sub(self.answered);
        report.check.twice = had.values().map(|times| times - 1).sum();
        self.ended.iter().for_each(|why| report.note(format!("a socket ended: {why:?}")));
    }
}

impl Driver for Hall {
    fn opened(&mut self, swarm: &mut Swarm, id: SocketId) {
        let point = || self.target.point.clone().unwrap_or(ResumePoint { epoch: String::new(), position: 0 });
        let first = match self.customer_of.get(&id) {
            Some(index) => say::hello(&self.target.tokens[*index], None),
            None => say::resume(point()),
        };
        swarm.send(id, &first);
    }

    fn frame(&mut self, swarm: &mut Swarm, id: SocketId, frame: &[u8], now: Nanos) {
        match scan::kind(frame) {
            Kind::Welcome => self.live += 1,
            Kind::Ping => swarm.send(id, say::PONG),
            Kind::Reply => {
                if let Some(index) = self.customer_of.get(&id) {
                    self.customers[*index].2 = scan::conversation(frame);
                }
            }
            Kind::Event => {
                let of_bot = memchr::memmem::find(frame, b"\"kind\":\"bot\"").is_some();
                let Some(stamp) = Stamp::find(frame) else { return };
                let took = now.saturating_sub(stamp.sent);
                if id == self.screen && !of_bot {
                    record(&mut self.to_screen, took);
                } else if id != self.screen && of_bot {
                    self.answered += 1;
                    record(&mut self.to_customer, took);
                }
            }
            _ => {}
        }
    }

    fn closed(&mut self, _swarm: &mut Swarm, _id: SocketId, why: Closed) {
        self.ended.push(why);
    }
}
