//! `stalled`: one of five thousand stops reading. The others must not notice, the hub must not pay for it, and
//! the one must miss nothing, whether it is caught up on its socket or has been cut off by then.
//!
//! Stretches with and without it take turns, so that a machine that grows slower does not look like the stalled one's
//! doing.

use std::time::Duration;

use hdrhistogram::Histogram;

use crate::clock::{Clock, ms};
use crate::crew::{Crew, Manner};
use crate::report::{Report, histogram};
use crate::stage::{LoadError, Settings, Stage};
use crate::swarm::Swarm;

const AGENTS: usize = 5_000;
const PEOPLE: usize = 50;
const VISITORS: usize = 40;
/// Long enough that a stretch is more than the hub and the kernel would hold for one socket.
const TEXT_BYTES: usize = 3_000;
const PER_SECOND: f64 = 20.0;
/// Stretches of each kind.
const TURNS: usize = 3;
/// Receive buffer of the one that stalls, bytes: what it has not read should soon be the hub's concern.
const STALLED_BUFFER: usize = 16 * 1024;
const WARM_UP: Duration = Duration::from_secs(2);
const KIB: f64 = 1024.0;

pub fn run(settings: &Settings) -> Result<Report, LoadError> {
    let (agents, visitors) = (settings.sockets(AGENTS), VISITORS);
    let stage = Stage::set(settings, None, settings.sockets(PEOPLE), visitors)?;
    let mut swarm = Swarm::new(Clock::start())?;
    let mut crew = Crew::new(stage.target(), Manner { text_bytes: TEXT_BYTES, closed_loop: false, reconnect: true });
    crew.add_agents(agents);
    // Not the first: that one is a witness.
    let stalled = 1.min(agents - 1);
    crew.seats[stalled].receive_buffer = Some(STALLED_BUFFER);
    crew.add_visitors(visitors);
    crew.open(&mut swarm)?;
    crew.write_at_rate(&mut swarm, PER_SECOND, WARM_UP)?;
    crew.settle(&mut swarm)?;

    let mut report = Report::new("stalled");
    report.note(format!(
        "{agents} agent sockets, {PER_SECOND} messages/s of {TEXT_BYTES} bytes; {TURNS} stretches each, in turn"
    ));
    let time = Duration::from_secs_f64(settings.seconds as f64 / 2.0);
    let (mut free, mut beside) = (histogram(), histogram());
    let own = || Ok::<_, LoadError>(stage.server.process.memory()?.own as f64);
    // The hub's memory grows for other reasons too (what it keeps of the feed): what it grew beside nobody is taken off.
    let (mut cut_off, mut grown) = (0u64, 0f64);
    for _ in 0..TURNS {
        let start = own()?;
        stretch(&mut crew, &mut swarm, time, &mut free)?;
        let before = own()?;
        grown -= before - start;
        if let Some(socket) = crew.seats[stalled].socket {
            swarm.pause(socket)?;
        }
        crew.seats[stalled].away = true;
        stretch(&mut crew, &mut swarm, time, &mut beside)?;
        grown += own()? - before;
        let ended = crew.counts.ended.values().sum::<u64>();
        crew.seats[stalled].away = false;
        if let Some(socket) = crew.seats[stalled].socket {
            swarm.resume(socket)?;
        }
        crew.settle(&mut swarm)?;
        cut_off += u64::from(crew.counts.ended.values().sum::<u64>() > ended || crew.counts.byes > 0);
    }
    let (without, with) = (p99(&free), p99(&beside));
    report.latency("nobody stalled: write to screen", &free);
    report.latency("one stalled: write to the others' screens", &beside);
    report.number("p99 with one stalled, over without", with / without, "×");
    let cost = (grown / TURNS as f64 / KIB).max(0.0);
    report.number("the hub's own memory grew more beside the stalled one by", cost, "KiB");
    report.number(format!("stretches after which the stalled one was cut off (of {TURNS})"), cut_off as f64, "");
    report.number("resets (told to start afresh)", crew.counts.resets as f64, "");
    crew.counts.trouble().into_iter().for_each(|trouble| report.note(trouble));
    report.goal("p99 of the others, with over without", with / without, 1.05, "×");
    report.goal("memory that the stalled one costs", cost, 256.0, "KiB");
    report.check = crew.judge();
    Ok(report)
}

fn stretch(crew: &mut Crew, swarm: &mut Swarm, time: Duration, into: &mut Histogram<u64>) -> Result<(), LoadError> {
    crew.counts.write_to_screen.reset();
    crew.measuring = true;
    crew.write_at_rate(swarm, PER_SECOND, time)?;
    crew.settle(swarm)?;
    crew.measuring = false;
    // Both have the same bounds, so nothing can be out of them.
    let _ = into.add(&crew.counts.write_to_screen);
    Ok(())
}

fn p99(histogram: &Histogram<u64>) -> f64 {
    ms(histogram.value_at_quantile(0.99))
}
