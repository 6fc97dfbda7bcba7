//! Ten thousand random disconnects under traffic.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::time::Duration;

use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use switchboard_protocol::ConversationId;

use crate::clock::{Clock, MILLISECOND, Nanos};
use crate::crew::{Crew, Manner};
use crate::ledger::Verdict;
use crate::report::Report;
use crate::scan::Stamp;
use crate::stage::{LoadError, Settings, Stage};
use crate::swarm::Swarm;

const AGENTS: usize = 100;
const PEOPLE: usize = 10;
const VISITORS: usize = 100;
const DISCONNECTS: usize = 10_000;
/// Pace of disconnects, a second.
const PER_SECOND: u64 = 500;
/// Pace of messages, a second.
const MESSAGES_PER_SECOND: u64 = 200;
/// One message in so many is an agent's answer.
const ANSWER_EVERY: u64 = 4;
/// Kills of the hub, spread over the run; each disconnects everybody.
const KILLS: usize = 3;
/// A half-open one is gone after up to this long.
const HALF_OPEN: std::ops::Range<Nanos> = 20 * MILLISECOND..400 * MILLISECOND;
const TEXT_BYTES: usize = 80;

/// How often each kind happened.
#[derive(Debug, Default)]
struct Drops {
    closed: usize,
    half_open: usize,
    by_kill: usize,
}

impl Drops {
    fn all(&self) -> usize {
        self.closed + self.half_open + self.by_kill
    }
}

pub fn run(settings: &Settings, report: &mut Report) -> Result<(), LoadError> {
    let mut stage = Stage::set(settings, None, PEOPLE, VISITORS)?;
    let mut swarm = Swarm::new(Clock::start())?;
    let mut crew = Crew::new(stage.target(), Manner { text_bytes: TEXT_BYTES, closed_loop: false, reconnect: true });
    crew.add_agents(AGENTS);
    crew.add_visitors(VISITORS);
    crew.open(&mut swarm)?;

    let drops = drop_at_random(settings, &mut stage, &mut swarm, &mut crew)?;
    crew.open(&mut swarm)?;
    crew.settle(&mut swarm)?;

    report.note(format!("disconnects: {drops:?}; seed {}", settings.seed));
    report.number("random disconnects", drops.all() as f64, "");
    report.number("messages accepted meanwhile", crew.accepted.len() as f64, "");
    report.number("resets (told to start afresh)", crew.counts.resets as f64, "");
    report.check.add(crew.judge());
    report.check.add(crew.judge_visitors());
    let store = stage.runtime.block_on(against_store(&stage, &crew))?;
    report.number("messages in the store", store.delivered as f64, "");
    report.check.add(Verdict { accepted: 0, delivered: 0, ..store });
    Ok(())
}

fn drop_at_random(
    settings: &Settings,
    stage: &mut Stage,
    swarm: &mut Swarm,
    crew: &mut Crew,
) -> Result<Drops, LoadError> {
    let mut random = SmallRng::seed_from_u64(settings.seed);
    let (mut drops, mut half_open, mut kills) = (Drops::default(), HashMap::<usize, Nanos>::new(), 0);
    let total = settings.sockets(DISCONNECTS);
    let start = swarm.now();
    // Pace is by time that the hub was there: while it starts again the generator stands still with it.
    let (mut dropped, mut written, mut lost_time) = (0u64, 0u64, 0);
    while drops.all() < total {
        let now = swarm.now();
        let elapsed = now - start - lost_time;
        while written < elapsed * MESSAGES_PER_SECOND / crate::clock::SECOND {
            written += 1;
            if written.is_multiple_of(ANSWER_EVERY) {
                let (agent, visitor) = (random.random_range(0..AGENTS), AGENTS + random.random_range(0..VISITORS));
                crew.answer(swarm, agent, visitor);
            } else {
                crew.write_next(swarm);
            }
        }
        while dropped < elapsed * PER_SECOND / crate::clock::SECOND {
            dropped += 1;
            let seat = random.random_range(0..crew.seats.len());
            if !crew.seats[seat].live || half_open.contains_key(&seat) {
                continue;
            }
            if random.random_bool(0.5) {
                drops.closed += 1;
                crew.leave(swarm, seat);
                crew.redial(swarm, seat);
            } else if let Some(socket) = crew.seats[seat].socket {
                drops.half_open += 1;
                swarm.pause(socket)?;
                half_open.insert(seat, now + random.random_range(HALF_OPEN));
            }
        }
        let due: Vec<usize> = half_open.iter().filter(|(_, at)| **at <= now).map(|(seat, _)| *seat).collect();
        for seat in due {
            half_open.remove(&seat);
            crew.cut(swarm, seat);
            crew.redial(swarm, seat);
        }
        if drops.all() >= total * (kills + 1) / (KILLS + 1) && kills < KILLS {
            kills += 1;
            drops.by_kill += crew.live();
            stage.server.kill_and_restart()?;
            lost_time += swarm.now() - now;
        }
        swarm.turn(crew, Duration::from_millis(1))?;
    }
    for seat in half_open.into_keys() {
        crew.cut(swarm, seat);
        crew.redial(swarm, seat);
    }
    Ok(drops)
}

/// What the store has, read over HTTP, against what was accepted and what the witnesses saw.
async fn against_store(stage: &Stage, crew: &Crew) -> Result<Verdict, LoadError> {
    let conversations: BTreeSet<ConversationId> = crew.conversations();
    let mut verdict = Verdict::default();
    let mut seen = HashSet::new();
    for conversation in conversations {
        let mut number = 0;
        for message in stage.hub.messages(&stage.owner, conversation).await? {
            verdict.delivered += 1;
            verdict.disordered += u64::from(message.number != number + 1);
            number = message.number;
            if let Some(stamp) = Stamp::find(message.text.as_bytes()) {
                verdict.twice += u64::from(!seen.insert((stamp.sender, stamp.sequence)));
            }
        }
    }
    verdict.lost += crew.accepted_stamps().difference(&seen).count() as u64;
    Ok(verdict)
}
