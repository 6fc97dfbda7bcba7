//! `outbound`: agents answer a thousand times by SMS while the hub is killed twenty times, or the hubs in turn where there are
//! two. Each answer that a hub took goes out once, or is shown as uncertain; none is handed to the provider twice.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use switchboard_protocol::ConversationId;
use switchboard_protocol::model::Channel;
use tokio::runtime::Runtime;

use crate::answers::{Answers, Writer, judge};
use crate::carrier::{self, Carrier};
use crate::child::Server;
use crate::clock::{Clock, ms, seconds};
use crate::desk::Desk;
use crate::hub::Hub;
use crate::report::Report;
use crate::scan::Stamp;
use crate::stage::{LoadError, Settings, Stage};
use crate::swarm::Swarm;

const AGENTS: usize = 2;
const PEOPLE: u32 = 50;
const ANSWERS: usize = 1_000;
const KILLS: usize = 20;
/// Answers that are written at once.
const AT_ONCE: usize = 8;
const DONE_WITHIN: Duration = Duration::from_secs(180);
const OPEN_WITHIN: Duration = Duration::from_secs(20);

pub fn run(settings: &Settings) -> Result<Report, LoadError> {
    let settings = &settings.for_channels();
    let mut stage = Stage::set(settings, None, AGENTS, 0)?;
    let mut second = settings.has_room_for_two().then(|| Server::start(settings.hub(), None)).transpose()?;
    let outside = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let carrier = outside.block_on(Carrier::start())?;
    let hook = carrier::hook(&stage.open_channel(Channel::Gateway, carrier.settings())?.setup);
    let clock = Clock::start();
    let mut swarm = Swarm::new(clock)?;
    let mut desk = Desk::open(stage.target(), 1, &mut swarm, OPEN_WITHIN)?;
    for sender in 0..PEOPLE {
        let stamp = Stamp { sender, sequence: 0, sent: clock.now() };
        outside.block_on(carrier.bring(&clock, stage.server.address, &hook, stamp));
    }
    desk.look(&mut swarm, PEOPLE as usize, OPEN_WITHIN)?;
    let conversations: Vec<ConversationId> = (0..PEOPLE).filter_map(|sender| desk.conversation_of(sender)).collect();
    let mut hubs = vec![Hub::at(stage.server.address)?];
    if let Some(second) = &second {
        hubs.push(Hub::at(second.address)?);
    }
    let writer = |name| Writer {
        hubs: hubs.clone(),
        who: stage.owner.clone(),
        conversations: conversations.clone(),
        name,
        written: AtomicUsize::new(0).into(),
    };

    let (undisturbed, paced) = pace(&outside, &carrier, writer("Pace"), settings, &clock);
    let writer = writer("Answer");
    let answers = (ANSWERS / settings.scale).max(KILLS);
    let writing = outside.spawn(writer.clone().answer_all(answers, AT_ONCE));
    let start = clock.now();
    let mut random = StdRng::seed_from_u64(settings.seed);
    for kill in 0..KILLS {
        // Somewhere in this kill's share of the answers.
        let at = answers * kill / KILLS + random.random_range(0..(answers / KILLS).max(1));
        while writer.written.load(Ordering::Relaxed) < at && !writing.is_finished() {
            std::thread::sleep(Duration::from_millis(1));
        }
        match &mut second {
            Some(second) if kill % 2 == 1 => second.kill_and_restart()?,
            _ => stage.server.kill_and_restart()?,
        }
    }
    let mut ours = outside.block_on(writing).map_err(std::io::Error::other)?;
    ours.extend(paced);
    let settled = stage.runtime.block_on(writer.settled(&stage.hub, &clock, DONE_WITHIN));
    let took = clock.now() - start;

    let mut report = Report::new("outbound");
    let hubs = if second.is_some() { "two hubs in turn" } else { "the hub" };
    report.note(format!("{answers} answers in {PEOPLE} conversations, {hubs} killed {KILLS} times meanwhile"));
    report.number("with nobody killed, answers that went out a second", undisturbed, "/s");
    report.check = desk.judge(&(0..PEOPLE).map(|sender| (sender, 0)).collect(), true);
    let handed = carrier.handed();
    judge(&mut report, &ours, &settled, KILLS, |id, _| handed.get(id).map_or(0, Vec::len));
    report.number("until everything was settled", ms(took) / 1e3, "s");
    report.check.wrong +=
        handed.iter().filter(|(id, times)| ours.get(*id) != times.first().map(|it| &it.text)).count() as u64;
    Ok(report)
}

/// Answers with nobody killed: how many the provider has a second.
fn pace(outside: &Runtime, carrier: &Carrier, writer: Writer, settings: &Settings, clock: &Clock) -> (f64, Answers) {
    let answers = (ANSWERS / 2 / settings.scale).max(AT_ONCE);
    let (before, start) = (carrier.handed().len(), clock.now());
    let all = outside.block_on(writer.answer_all(answers, AT_ONCE));
    while carrier.handed().len() < before + answers && clock.now() - start < DONE_WITHIN.as_nanos() as u64 {
        std::thread::sleep(Duration::from_millis(5));
    }
    ((carrier.handed().len() - before) as f64 / seconds(clock.now() - start), all)
}
