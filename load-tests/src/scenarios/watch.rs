//! `watch`: a thousand agents look on. At 20 messages a second (a busy day) and at 1,000 a second, how
//! long from the commit to the screen.
//!
//! Three spans, all recorded at every agent's socket when the read returns that brought the frame. From the visitor's write
//! (the generator's own clock in the text: exact, includes the way in and the commit); from the event's `at` (the hub's
//! clock on the same machine, whole milliseconds, read before the commit); and from the writer's reading of the reply
//! "committed", zero where the screen was first. The commit lies between the second and the third: what counts for the
//! bound is the third, since the first two are mostly the disk's time for one fsync.

use std::time::Duration;

use crate::clock::{Clock, ms, seconds};
use crate::crew::{Crew, Manner};
use crate::process::Meter;
use crate::report::Report;
use crate::stage::{LoadError, Settings, Stage};
use crate::swarm::Swarm;

const AGENTS: usize = 1_000;
/// People behind the agents' sockets: several tabs each, because a thousand passwords take minutes to hash.
const PEOPLE: usize = 50;
const VISITORS: usize = 200;
const TEXT_BYTES: usize = 120;
const WARM_UP: Duration = Duration::from_secs(1);

/// Messages a second, and the bound on commit to screen, p99, milliseconds.
const RATES: [(f64, f64); 2] = [(20.0, 20.0), (1_000.0, 100.0)];

pub fn run(settings: &Settings) -> Result<Report, LoadError> {
    let (agents, visitors) = (settings.sockets(AGENTS), settings.sockets(VISITORS));
    let stage = Stage::set(settings, None, settings.sockets(PEOPLE), visitors)?;
    let mut swarm = Swarm::new(Clock::start())?;
    let mut crew = Crew::new(stage.target(), Manner { text_bytes: TEXT_BYTES, closed_loop: false, reconnect: false });
    crew.add_agents(agents);
    crew.add_visitors(visitors);
    crew.open(&mut swarm)?;
    // One message each: conversations exist before anything is measured.
    crew.write_at_rate(&mut swarm, visitors as f64, WARM_UP)?;
    crew.settle(&mut swarm)?;

    let mut report = Report::new("watch");
    report.note(format!(
        "{agents} agent sockets that may all see every message, {visitors} visitors; 2 cores shared with the generator"
    ));
    for (rate, bound) in RATES {
        crew.take_counts();
        crew.measuring = true;
        let (meter, start, before) = (Meter::start(stage.server.process)?, swarm.now(), swarm.wire);
        let missed = crew.write_at_rate(&mut swarm, rate, Duration::from_secs(settings.seconds))?;
        crew.settle(&mut swarm)?;
        crew.measuring = false;
        let (cpu, elapsed) = (meter.cpu_seconds()?, seconds(swarm.now() - start));
        let counts = crew.take_counts();
        let deliveries = counts.write_to_screen.len() as f64;
        report.number(format!("{rate}/s: deliveries"), deliveries / elapsed, "/s");
        report.number(format!("{rate}/s: server CPU"), cpu / elapsed, "cores");
        report.number(format!("{rate}/s: server CPU seconds per million deliveries"), cpu * 1e6 / deliveries, "s");
        report.number(format!("{rate}/s: signals (presence) meanwhile"), counts.signals as f64 / elapsed, "/s");
        let (reads, bytes) = (swarm.wire.reads - before.reads, swarm.wire.received - before.received);
        report.number(format!("{rate}/s: deliveries in one read"), deliveries / reads as f64, "");
        report.number(format!("{rate}/s: on the wire"), bytes as f64 / elapsed / 1e6, "MB/s");
        report.number(format!("{rate}/s: messages that no visitor was free to write"), missed as f64, "");
        report.latency(&format!("{rate}/s: write to screen"), &counts.write_to_screen);
        report.latency(&format!("{rate}/s: `at` to screen"), &counts.at_to_screen);
        report.latency(&format!("{rate}/s: accept"), &counts.accept);
        report.goal(
            format!("{rate}/s: commit to screen p99"),
            ms(counts.at_to_screen.value_at_quantile(0.99)),
            bound,
            "ms",
        );
        counts.trouble().into_iter().for_each(|trouble| report.note(format!("{rate}/s: {trouble}")));
    }
    report.check = crew.judge();
    report.check.add(crew.judge_visitors());
    Ok(report)
}
