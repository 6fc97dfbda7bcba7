//! A bot that is called: while its program answers errors for some conversations and hangs in another, all others get theirs
//! as before, each conversation's come in order, and what was refused comes again. Addresses within the operator's network are
//! refused unless they are allowed.

use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use axum::{Json, Router};
use hdrhistogram::Histogram;
use switchboard_protocol::agent::ResumePoint;

use super::arena::{Arena, Visitor};
use crate::bot::{Bot, Refused, Update};
use crate::clock::{Clock, Nanos, SECOND, ms};
use crate::report::{Report, histogram, record};
use crate::scan::Stamp;
use crate::stage::{LoadError, Settings, Stage};
use crate::swarm::Swarm;

const CUSTOMERS: usize = 20;
/// Of those the first so many get errors while the trouble lasts, and the one after them no answer at all.
const BROKEN: u32 = 4;
/// All of them together keep a bot that answers below what it may send.
const PACE: Nanos = SECOND;
const CALM: Duration = Duration::from_secs(8);
/// Fewer failures in a row than a bot may have before people take over: they come after 0, 1 and 3 s.
const TROUBLE: Duration = Duration::from_secs(6);
/// Longer than a hub waits for an answer.
const HANGS: Duration = Duration::from_secs(30);
const OPEN_WITHIN: Duration = Duration::from_secs(30);
/// The one that hung comes again after the hub's patience, and a second.
const SETTLED_WITHIN: Duration = Duration::from_secs(60);
const SECRET: &str = "a-secret_token";
const SECRET_HEADER: &str = "x-telegram-bot-api-secret-token";
/// Others may wait so much longer during the trouble than before it.
const MOST: f64 = 3.0;

pub fn run(settings: &Settings) -> Result<Report, LoadError> {
    let mut report = Report::new("bots-webhook");
    refuses_private_addresses(settings, &mut report)?;
    let stage = Stage::set(&settings.for_webhooks(), None, 0, 0)?;
    let outside = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let (mut arena, bot) = open(&stage, settings.seed)?;
    let mut swarm = Swarm::new(Clock::start())?;
    let program = Arc::new(Program {
        clock: swarm.clock,
        bot: bot.clone(),
        book: Mutex::default(),
        trouble_until: AtomicU64::new(0),
    });
    let url = outside.block_on(serve(program.clone()))?;
    outside.block_on(bot.set_webhook(&url, SECRET)).map_err(|refused| io::Error::other(format!("{refused:?}")))?;
    turn(&mut arena, &mut swarm, OPEN_WITHIN, Arena::is_open)?;

    turn(&mut arena, &mut swarm, CALM, |_| false)?;
    let begun = swarm.now();
    program.trouble_until.store(begun + TROUBLE.as_nanos() as u64, Ordering::SeqCst);
    turn(&mut arena, &mut swarm, TROUBLE, |_| false)?;
    let ended = swarm.now();
    turn(&mut arena, &mut swarm, CALM, |_| false)?;
    arena.writing = false;
    let all = |arena: &Arena| arena.visitors.iter().map(|visitor| visitor.accepted as usize).sum::<usize>();
    turn(&mut arena, &mut swarm, SETTLED_WITHIN, |arena| program.taken() >= all(arena))?;
    turn(&mut arena, &mut swarm, Duration::from_secs(2), |_| false)?;

    let errors = outside.block_on(bot.webhook_info()).map(|info| info.last_error_message).unwrap_or_default();
    report.note(format!(
        "{CUSTOMERS} conversations; for {} s errors in {BROKEN} of them, and one call that is not answered",
        TROUBLE.as_secs()
    ));
    report.note(format!("getWebhookInfo in the end: {errors:?}"));
    program.judge(&arena, (begun, ended), &mut report);
    arena.troubles.iter().take(5).for_each(|trouble| report.note(trouble.clone()));
    Ok(report)
}

/// A bot, its customers, who write at an even pace, and nobody of the team.
fn open(stage: &Stage, seed: u64) -> Result<(Arena, Bot), LoadError> {
    let (token, tokens, point) = stage.runtime.block_on(async {
        let inbox = stage.hub.open_named_inbox(&stage.owner, &[], "Customers", "CU-").await?;
        let made = stage.hub.make_bot(&stage.owner, inbox.id, 0).await?;
        let visitors = stage.hub.visitors(&inbox, CUSTOMERS).await?;
        Ok::<(String, Vec<String>, ResumePoint), LoadError>((
            made.token,
            visitors,
            stage.hub.point(&stage.owner).await?,
        ))
    })?;
    let hubs = vec![stage.server.address];
    let bot = Bot::at(&hubs, &token, 0).map_err(io::Error::other)?;
    let mut arena = Arena::new(hubs, stage.owner.cookie.clone(), point, Vec::new(), seed);
    tokens.into_iter().for_each(|token| arena.add_visitor(Visitor::new(0, token, Some(PACE))));
    Ok((arena, bot))
}

/// Looks on for so long, or until this holds.
fn turn(arena: &mut Arena, swarm: &mut Swarm, time: Duration, met: impl Fn(&Arena) -> bool) -> io::Result<()> {
    let end = swarm.now() + time.as_nanos() as u64;
    while swarm.now() < end && !met(arena) {
        arena.step(swarm)?;
    }
    Ok(())
}

/// A hub that is not told otherwise calls nobody within its own network.
fn refuses_private_addresses(settings: &Settings, report: &mut Report) -> Result<(), LoadError> {
    // A hub of its own, whatever the others are on.
    let alone = Settings { database_url: None, redis_url: None, ..settings.clone() };
    let stage = Stage::set(&alone, None, 0, 0)?;
    let (_, bot) = open(&stage, settings.seed)?;
    let mut taken = 0;
    for url in [
        "http://127.0.0.1:9/",
        "https://127.0.0.1:9/",
        "https://10.1.2.3/",
        "https://[::1]/",
        "https://169.254.169.254/",
    ] {
        match stage.runtime.block_on(bot.set_webhook(url, SECRET)) {
            Err(Refused::Otherwise { status: 400, description }) => report.note(format!("{url}: {description}")),
            other => {
                report.note(format!("{url}: {other:?}"));
                taken += 1;
            }
        }
    }
    report.gate("addresses of the hub's own network that it takes", f64::from(taken), 0.0, "");
    Ok(())
}

/// The bot's program.
struct Program {
    clock: Clock,
    bot: Bot,
    book: Mutex<Book>,
    /// Until then it is in trouble, by the generator's clock.
    trouble_until: AtomicU64,
}

#[derive(Default)]
struct Book {
    /// Each call: what it brought, when, and whether it was taken.
    calls: Vec<(i64, Stamp, Nanos, bool)>,
    /// Calls that were not from the hub, or no updates.
    strange: u64,
}

async fn serve(program: Arc<Program>) -> io::Result<String> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/", listener.local_addr()?);
    let router = Router::new().route("/", post(called)).with_state(program);
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(url)
}

async fn called(State(program): State<Arc<Program>>, headers: HeaderMap, Json(update): Json<Update>) -> StatusCode {
    let now = program.clock.now();
    let message = update.message.as_ref();
    let stamp = message.and_then(|message| Stamp::find(message.text.as_bytes()));
    let proved = headers.get(SECRET_HEADER).is_some_and(|secret| secret == SECRET);
    let (Some(stamp), Some(message), true) = (stamp, message, proved) else {
        program.book().strange += 1;
        return StatusCode::OK;
    };
    let trouble = now < program.trouble_until.load(Ordering::SeqCst);
    let broken = trouble && stamp.sender < BROKEN;
    let hangs = trouble && stamp.sender == BROKEN;
    program.book().calls.push((update.update_id, stamp, now, !broken && !hangs));
    if hangs {
        tokio::time::sleep(HANGS).await;
    }
    if broken || hangs {
        return StatusCode::INTERNAL_SERVER_ERROR;
    }
    // Who says nothing is asked no more.
    let (bot, chat) = (program.bot.clone(), message.chat.id);
    tokio::spawn(async move { bot.send(0, chat, "We look into it.").await.is_ok() });
    StatusCode::OK
}

impl Program {
    fn book(&self) -> std::sync::MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn taken(&self) -> usize {
        self.book().calls.iter().filter(|(.., taken)| *taken).count()
    }

    fn judge(&self, arena: &Arena, (begun, ended): (Nanos, Nanos), report: &mut Report) {
        let book = self.book();
        let (mut before, mut during, mut first) = (histogram(), histogram(), histogram());
        let (mut tries, mut taken): (HashMap<i64, u64>, HashMap<(u32, u32), u64>) = (HashMap::new(), HashMap::new());
        let mut last: HashMap<u32, u32> = HashMap::new();
        for (update, stamp, at, was_taken) in &book.calls {
            *tries.entry(*update).or_default() += 1;
            // Also one that was not taken comes before what was written after it.
            let ahead = last.insert(stamp.sender, stamp.sequence);
            report.check.disordered += u64::from(ahead.is_some_and(|ahead| ahead > stamp.sequence));
            if *was_taken {
                *taken.entry((stamp.sender, stamp.sequence)).or_default() += 1;
            }
            let took = at.saturating_sub(stamp.sent);
            match stamp.sent {
                _ if stamp.sender <= BROKEN => {}
                // The first makes its conversation.
                _ if stamp.sequence == 0 => record(&mut first, took),
                sent if sent < begun => record(&mut before, took),
                sent if sent < ended => record(&mut during, took),
                _ => {}
            }
        }
        let written = arena.visitors.iter().enumerate();
        for (sender, sequence) in written.flat_map(|(who, it)| (0..it.accepted).map(move |n| (who as u32, n))) {
            report.check.accepted += 1;
            report.check.lost += u64::from(!taken.contains_key(&(sender, sequence)));
        }
        report.check.delivered = taken.values().sum();
        report.check.twice = taken.values().map(|times| times - 1).sum();
        report.check.wrong += book.strange;
        let again = tries.values().map(|times| times - 1);
        report.number("calls", book.calls.len() as f64, "");
        report.number("calls that brought something again", again.clone().sum::<u64>() as f64, "");
        report.number("most calls for one update", again.max().unwrap_or(0) as f64 + 1.0, "");
        report.latency("customer's message to the webhook, before", &before);
        report.latency("the same of the others during the trouble", &during);
        let p95 = |histogram: &Histogram<u64>| ms(histogram.value_at_quantile(0.95));
        let refused = tries.values().any(|times| *times > 1);
        report.gate("nothing that was refused has come again", f64::from(u8::from(!refused)), 0.0, "");
        report.gate("others during the trouble / before it, p95", p95(&during) / p95(&before), MOST, "×");
    }
}
