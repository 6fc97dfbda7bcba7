//! `storm`: everybody is cut off at the same moment and comes back at the same moment. How long until each is welcomed and
//! has what was written meanwhile. Twice: the network went away, and the hub was killed (SIGKILL) and started again.
//!
//! Real clients come back spread over seconds; these do not, so this is the worst that can be.

use std::collections::BTreeSet;
use std::time::Duration;

use hdrhistogram::Histogram;

use crate::clock::{Clock, Nanos, seconds};
use crate::crew::{Crew, Manner, Part};
use crate::process::Meter;
use crate::report::{Report, histogram, record};
use crate::stage::{LoadError, Settings, Stage};
use crate::swarm::Swarm;

const VISITORS: usize = 4_000;
const AGENTS: usize = 1_000;
const PEOPLE: usize = 50;
/// Visitors who stay connected while the network is away for the others, and write.
const WRITERS: usize = 20;
/// Messages written while the others are away.
const BEHIND: usize = 200;
const TEXT_BYTES: usize = 120;
const BACK_WITHIN: Duration = Duration::from_secs(60);

pub fn run(settings: &Settings) -> Result<Report, LoadError> {
    let (visitors, agents) = (settings.sockets(VISITORS), settings.sockets(AGENTS));
    let mut stage = Stage::set(settings, None, settings.sockets(PEOPLE), visitors.max(WRITERS))?;
    let mut swarm = Swarm::new(Clock::start())?;
    let mut crew = Crew::new(stage.target(), Manner { text_bytes: TEXT_BYTES, closed_loop: false, reconnect: true });
    crew.add_visitors(visitors.max(WRITERS));
    crew.add_agents(agents);
    crew.open(&mut swarm)?;
    let mut report = Report::new("storm");
    report.note(format!("{} sockets cut at once and back at once, {BEHIND} messages behind", crew.seats.len()));

    let meter = Meter::start(stage.server.process)?;
    let stay: BTreeSet<usize> = (0..WRITERS).collect();
    let away: Vec<usize> = (0..crew.seats.len()).filter(|seat| !stay.contains(seat)).collect();
    for seat in &away {
        crew.cut(&mut swarm, *seat);
    }
    write(&mut crew, &mut swarm, BEHIND)?;
    let (start, before) = (swarm.now(), welcomes(&crew));
    for seat in &away {
        crew.redial(&mut swarm, *seat);
    }
    let back = come_back(&mut crew, &mut swarm, start, away, &before)?;
    say(&mut report, "network cut", &back, seconds(swarm.now() - start));
    report.number("network cut: server CPU", meter.cpu_seconds()?, "s");

    let before = welcomes(&crew);
    stage.server.kill_and_restart()?;
    let start = swarm.now();
    let meter = Meter::start(stage.server.process)?;
    let everyone = (0..crew.seats.len()).collect();
    let back = come_back(&mut crew, &mut swarm, start, everyone, &before)?;
    say(&mut report, "hub killed", &back, seconds(swarm.now() - start));
    report.number("hub killed: server CPU", meter.cpu_seconds()?, "s");
    report.number("hub killed: ready again after", stage.server.ready_after, "s");

    write(&mut crew, &mut swarm, WRITERS)?;
    crew.settle(&mut swarm)?;
    report.number("resets (told to start afresh)", crew.counts.resets as f64, "");
    report.check = crew.judge();
    report.check.add(crew.judge_visitors());
    Ok(report)
}

fn say(report: &mut Report, what: &str, back: &Histogram<u64>, all: f64) {
    report.number(format!("{what}: all back and caught up after"), all, "s");
    report.latency(&format!("{what}: one is back and caught up"), back);
}

fn write(crew: &mut Crew, swarm: &mut Swarm, messages: usize) -> Result<(), LoadError> {
    let before = crew.accepted.len();
    let mut written = 0;
    let done = swarm.now() + BACK_WITHIN.as_nanos() as u64;
    while crew.accepted.len() < before + messages && swarm.now() < done {
        while written < messages && crew.write_next(swarm) {
            written += 1;
        }
        swarm.turn(crew, Duration::from_millis(5))?;
    }
    Ok(())
}

/// How often each seat has been welcomed so far.
fn welcomes(crew: &Crew) -> Vec<u32> {
    crew.seats.iter().map(|seat| seat.welcomes).collect()
}

/// Waits for these: welcomed once more, and an agent has every accepted message.
fn come_back(
    crew: &mut Crew,
    swarm: &mut Swarm,
    start: Nanos,
    mut waiting: Vec<usize>,
    before: &[u32],
) -> Result<Histogram<u64>, LoadError> {
    let mut back = histogram();
    let last = crew.accepted.last().copied().unwrap_or(0);
    while !waiting.is_empty() && seconds(swarm.now() - start) < BACK_WITHIN.as_secs_f64() {
        swarm.turn(crew, Duration::from_millis(2))?;
        let now = swarm.now();
        waiting.retain(|index| {
            let seat = &crew.seats[*index];
            let here = seat.live
                && seat.welcomes > before[*index]
                && (seat.part == Part::Visitor || seat.track.last() >= last);
            if here {
                record(&mut back, now - start);
            }
            !here
        });
    }
    match waiting.len() {
        0 => Ok(back),
        missing => {
            let said = crew.counts.trouble().unwrap_or_default();
            Err(LoadError::NotInTime { waiting: missing, of: crew.seats.len(), state: "back and caught up", said })
        }
    }
}
