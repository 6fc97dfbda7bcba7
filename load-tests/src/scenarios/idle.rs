//! `idle`: what a session costs that does nothing. Ten thousand visitors with the page open, a thousand agents: memory for
//! each, bytes on the wire, writes to the database. Memory once more after a burst in which each visitor has written,
//! because buffers grow and must shrink again.
//!
//! Memory is the hub's own (RssAnon) over the sessions. What the kernel keeps for a socket is not the process's and is
//! said apart.

use std::time::{Duration, SystemTime};

use crate::clock::{Clock, SECOND, seconds};
use crate::crew::{Crew, Manner};
use crate::process::{Meter, tcp_memory};
use crate::report::{Plot, Report, Series};
use crate::stage::{LoadError, Settings, Stage};
use crate::swarm::Swarm;

const VISITORS: usize = 10_000;
const AGENTS: usize = 1_000;
const PEOPLE: usize = 20;
const TEXT_BYTES: usize = 400;
/// Messages of the burst, a second; each visitor writes one.
const BURST_PER_SECOND: f64 = 2_000.0;
/// Time for buffers to be given back and for arrivals to be told, before anything is read.
const REST: Duration = Duration::from_secs(3);
/// At least one heartbeat of each socket falls into it.
const WATCHED: Duration = Duration::from_secs(16);
const KIB: f64 = 1024.0;

pub fn run(settings: &Settings) -> Result<Report, LoadError> {
    let (visitors, agents) = (settings.sockets(VISITORS), settings.sockets(AGENTS));
    let stage = Stage::set(settings, None, settings.sockets(PEOPLE), visitors)?;
    let mut swarm = Swarm::new(Clock::start())?;
    let mut crew = Crew::new(stage.target(), Manner { text_bytes: TEXT_BYTES, closed_loop: false, reconnect: false });
    let mut report = Report::new("idle");
    report.note(format!(
        "{visitors} visitors and {agents} agent sockets; memory is RssAnon of the hub over the sessions"
    ));
    let mut curve = Curve { stage: &stage, points: Vec::new() };
    report.number("hub ready after", stage.server.ready_after, "s");

    let empty = curve.look(&mut swarm, &mut crew)?;
    report.number("hub with nobody: resident", stage.server.process.memory()?.resident as f64 / KIB / KIB, "MiB");
    let kernel = tcp_memory()?;
    crew.add_visitors(visitors);
    let start = swarm.now();
    crew.open(&mut swarm)?;
    report.number("visitors connected", visitors as f64 / seconds(swarm.now() - start), "/s");
    let with_visitors = curve.look(&mut swarm, &mut crew)?;
    let per_visitor = (with_visitors - empty) / visitors as f64 / KIB;
    report.number("per idle visitor session", per_visitor, "KiB");
    report.number(
        "kernel, per socket, both ends",
        tcp_memory()?.saturating_sub(kernel) as f64 / visitors as f64 / KIB,
        "KiB",
    );

    let burst = Duration::from_secs_f64(visitors as f64 / BURST_PER_SECOND);
    let missed = crew.write_at_rate(&mut swarm, BURST_PER_SECOND, burst)?;
    crew.settle(&mut swarm)?;
    let after_burst = curve.look(&mut swarm, &mut crew)?;
    let per_visitor_after = (after_burst - empty) / visitors as f64 / KIB;
    report.number("per visitor session after each has written", per_visitor_after, "KiB");
    report.number("burst: messages that no visitor was free to write", missed as f64, "");

    // They come with a fresh snapshot: what was written before is not sent to them.
    crew.add_agents_at(agents, crew.accepted.last().copied().unwrap_or(0));
    crew.open(&mut swarm)?;
    let with_agents = curve.look(&mut swarm, &mut crew)?;
    report.number("per idle agent session", (with_agents - after_burst) / agents as f64 / KIB, "KiB");

    let quiet = quiet(&stage, &mut swarm, &mut crew, &mut report)?;
    crew.take_counts().trouble().into_iter().for_each(|trouble| report.note(trouble));
    report.check = crew.judge_visitors();
    report.check.accepted = crew.accepted.len() as u64;
    report.goal("memory per idle visitor session", per_visitor, 12.0, "KiB");
    report.goal("memory per visitor session after a burst, over before", per_visitor_after / per_visitor, 1.5, "×");
    report.goal("on the wire, everybody idle", quiet.bytes_per_second / 1000.0, 50.0, "kB/s");
    report.gate("database writes, everybody idle", quiet.writes, 0.0, "");
    report.plot = Some(Plot {
        title: "the hub's own memory".into(),
        x: "s".into(),
        y: "MiB".into(),
        series: vec![Series { name: "RssAnon".into(), points: curve.points }],
    });
    Ok(report)
}

struct Quiet {
    bytes_per_second: f64,
    writes: f64,
}

/// Everybody is there and nobody does anything.
fn quiet(stage: &Stage, swarm: &mut Swarm, crew: &mut Crew, report: &mut Report) -> Result<Quiet, LoadError> {
    let metric = || stage.runtime.block_on(stage.hub.metric("switchboard_store_writes_total"));
    let (writes, stored, files) = (metric()?, stage.server.process.storage_written()?, stage.server.database_files()?);
    let (meter, wire, start) = (Meter::start(stage.server.process)?, swarm.wire, swarm.now());
    let signals = crew.counts.signals;
    rest(swarm, crew, WATCHED)?;
    let elapsed = seconds(swarm.now() - start);
    let bytes = (swarm.wire.received - wire.received) + (swarm.wire.sent - wire.sent);
    report.number("idle: signals (presence)", (crew.counts.signals - signals) as f64 / elapsed, "/s");
    report.number("idle: server CPU", meter.cpu_seconds()? / elapsed, "cores");
    report.number("idle: frames", (swarm.wire.frames - wire.frames) as f64 / elapsed, "/s");
    report.number("idle: stored by the process", (stage.server.process.storage_written()? - stored) as f64, "bytes");
    let touched = stage.server.database_files()?.iter().filter(|file| changed(file, &files)).count();
    report.number("idle: database files that changed", touched as f64, "");
    let writes = match (writes, metric()?) {
        (Some(before), Some(after)) => after - before,
        _ => {
            report.note("the hub has no metric of its writes; files that changed are counted instead");
            touched as f64
        }
    };
    report.number("idle: write transactions a minute", writes * 60.0 / elapsed, "");
    Ok(Quiet { bytes_per_second: bytes as f64 / elapsed, writes })
}

type File = (std::path::PathBuf, u64, SystemTime);

fn changed(file: &File, before: &[File]) -> bool {
    !before.contains(file)
}

fn rest(swarm: &mut Swarm, crew: &mut Crew, time: Duration) -> Result<(), LoadError> {
    swarm.turn_until(crew, time, |_| false)?;
    Ok(())
}

/// The hub's memory over the run.
struct Curve<'a> {
    stage: &'a Stage,
    points: Vec<(f64, f64)>,
}

impl Curve<'_> {
    /// After a rest; bytes.
    fn look(&mut self, swarm: &mut Swarm, crew: &mut Crew) -> Result<f64, LoadError> {
        let end = swarm.now() + REST.as_nanos() as u64;
        while swarm.now() < end {
            rest(swarm, crew, Duration::from_nanos(SECOND / 2))?;
            let own = self.stage.server.process.memory()?.own as f64;
            self.points.push((seconds(swarm.now()), own / KIB / KIB));
        }
        Ok(self.points.last().map_or(0.0, |(_, mib)| mib * KIB * KIB))
    }
}
