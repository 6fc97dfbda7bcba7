//! `resume`: nothing is missed across a lost connection.
//!
//! First how long it takes to catch up with a thousand events, from connecting to the last of them, one client at a time
//! and several at once. Then ten thousand random disconnects under traffic: closed, half-open (stops reading, then gone
//! without a word), and the hub killed and started again; every message is checked at every client, and in the end against
//! what the store says.

mod drops;

use std::time::Duration;

use hdrhistogram::Histogram;

use crate::clock::{Clock, ms};
use crate::crew::{Crew, Manner};
use crate::process::Meter;
use crate::report::{Report, histogram, record};
use crate::stage::{LoadError, Settings, Stage};
use crate::swarm::Swarm;

const EVENTS_BEHIND: i64 = 1_000;
const WRITERS: usize = 50;
const TEXT_BYTES: usize = 120;
/// Resumes in all, for each number at once.
const RESUMES: usize = 200;
const AT_ONCE: [usize; 2] = [1, 16];
const CAUGHT_UP_WITHIN: Duration = Duration::from_secs(10);

pub fn run(settings: &Settings) -> Result<Report, LoadError> {
    let mut report = Report::new("resume");
    catch_up(settings, &mut report)?;
    drops::run(settings, &mut report)?;
    Ok(report)
}

fn catch_up(settings: &Settings, report: &mut Report) -> Result<(), LoadError> {
    let stage = Stage::set(settings, None, 2, WRITERS)?;
    let mut swarm = Swarm::new(Clock::start())?;
    let mut crew = Crew::new(stage.target(), Manner { text_bytes: TEXT_BYTES, closed_loop: true, reconnect: false });
    crew.add_agents(1);
    crew.add_visitors(WRITERS);
    crew.open(&mut swarm)?;
    while (crew.accepted.len() as i64) < EVENTS_BEHIND + WRITERS as i64 {
        crew.write_as_fast_as_accepted(&mut swarm, Duration::from_millis(50))?;
    }
    crew.settle(&mut swarm)?;
    for at_once in AT_ONCE {
        let meter = Meter::start(stage.server.process)?;
        let took = resumes(&mut crew, &mut swarm, at_once)?;
        report.latency(&format!("{EVENTS_BEHIND} events behind, {at_once} at once: connecting to caught up"), &took);
        report.number(
            format!("{at_once} at once: server CPU of one resume"),
            meter.cpu_seconds()? * 1e3 / took.len() as f64,
            "ms",
        );
        if at_once == 1 {
            report.goal("resume of 1,000 events p99", ms(took.value_at_quantile(0.99)), 150.0, "ms");
        }
    }
    report.check.add(crew.judge());
    Ok(())
}

/// New sockets that know everything but the last thousand events.
fn resumes(crew: &mut Crew, swarm: &mut Swarm, at_once: usize) -> Result<Histogram<u64>, LoadError> {
    let mut took = histogram();
    let end = crew.accepted.last().copied().unwrap_or(0);
    while (took.len() as usize) < RESUMES {
        let first = crew.seats.len();
        let start = swarm.now();
        crew.add_agents_at(at_once, end - EVENTS_BEHIND);
        crew.dial_waiting(swarm);
        let mut waiting: Vec<usize> = (first..first + at_once).collect();
        while !waiting.is_empty() {
            swarm.turn(crew, Duration::from_millis(5))?;
            let now = swarm.now();
            if now - start > CAUGHT_UP_WITHIN.as_nanos() as u64 {
                let seat = &crew.seats[waiting[0]];
                let (last, live) = (seat.track.last(), seat.live);
                let trouble = crew.counts.trouble().unwrap_or_default();
                let said = format!("the first is at {last} of {end}, welcomed: {live}; {trouble}");
                return Err(LoadError::NotInTime { waiting: waiting.len(), of: at_once, state: "caught up", said });
            }
            waiting.retain(|seat| {
                let caught_up = crew.seats[*seat].track.last() >= end;
                if caught_up {
                    record(&mut took, now - start);
                }
                !caught_up
            });
        }
        for seat in first..first + at_once {
            crew.leave(swarm, seat);
        }
    }
    Ok(took)
}
