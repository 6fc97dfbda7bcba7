//! `chat`: how much the write path takes. Visitors write, each as fast as its last message was accepted, and accepted
//! means committed. A few agents watch, so that what is accepted is also checked.

use std::time::Duration;

use crate::clock::{Clock, seconds};
use crate::crew::{Crew, Manner};
use crate::process::Meter;
use crate::report::Report;
use crate::stage::{LoadError, Settings, Stage};
use crate::swarm::Swarm;

const VISITORS: usize = 256;
const AGENTS: usize = 3;
const TEXT_BYTES: usize = 64;
const WARM_UP: Duration = Duration::from_secs(1);

pub fn run(settings: &Settings) -> Result<Report, LoadError> {
    let visitors = settings.sockets(VISITORS);
    let stage = Stage::set(settings, None, AGENTS, visitors)?;
    let mut swarm = Swarm::new(Clock::start())?;
    let mut crew = Crew::new(stage.target(), Manner { text_bytes: TEXT_BYTES, closed_loop: true, reconnect: true });
    crew.add_agents(AGENTS);
    crew.add_visitors(visitors);
    crew.open(&mut swarm)?;
    // The first message of each visitor also makes contact and conversation; that is not what is measured here.
    crew.write_as_fast_as_accepted(&mut swarm, WARM_UP)?;
    crew.settle(&mut swarm)?;

    let mut report = Report::new("chat");
    report.note(format!("{visitors} visitors, each writes when its last message is committed; {AGENTS} agents watch; 2 cores shared with the generator"));
    let warm_up = crew.take_counts();
    warm_up.trouble().into_iter().for_each(|trouble| report.note(format!("while warming up: {trouble}")));
    crew.measuring = true;
    let (meter, start) = (Meter::start(stage.server.process)?, swarm.now());
    crew.write_as_fast_as_accepted(&mut swarm, Duration::from_secs(settings.seconds))?;
    let (cpu, elapsed, accepted) = (meter.cpu_seconds()?, seconds(swarm.now() - start), crew.counts.accepted);
    crew.settle(&mut swarm)?;

    let counts = crew.take_counts();
    let rate = accepted as f64 / elapsed;
    report.number("accepted (committed)", rate, "/s");
    report.number("server CPU", cpu / elapsed, "cores");
    report.number("server CPU per accepted message", cpu * 1e6 / accepted as f64, "µs");
    report.latency("accept: write to reply", &counts.accept);
    report.latency("write to an agent's screen", &counts.write_to_screen);
    counts.trouble().into_iter().for_each(|trouble| report.note(trouble));
    report.check = crew.judge();
    report.check.add(crew.judge_visitors());
    let wanted = if settings.database_url.is_some() { 5_000.0 } else { 10_000.0 };
    report.goal("seconds for as many accepted messages as are wanted in one", wanted / rate, 1.0, "s");
    report.goal("accept p99", crate::clock::ms(counts.accept.value_at_quantile(0.99)), 60.0, "ms");
    Ok(report)
}
