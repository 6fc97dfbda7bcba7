//! `fanout`: what one delivery costs the server, against the floors in the same run.
//!
//! The server has one core, the generator the other. So many agent sockets; senders write, and a sender writes again when
//! its message is on every socket: one sender is "one at a time", 64 are "64 in flight". CPU time of the server from
//! /proc, divided by deliveries. A message also costs something to come in (the hub commits it to its store, a floor only
//! reads it), so that 10 sockets are measured too: the slope between both is what one more delivery costs.

mod fan;

use std::time::Duration;

use crate::child::FloorKind;
use crate::clock::SECOND;
use crate::process::{self, Process};
use crate::report::{Plot, Report, Series};
use crate::stage::{LoadError, Settings, Stage, Target, floor};
use fan::Fan;

const SERVER_CORE: usize = 0;
const GENERATOR_CORE: usize = 1;
/// Sockets of the two measurements that the slope is drawn through.
const FEW: usize = 10;
const MANY: usize = 100;
const IN_FLIGHT: usize = 64;
/// Turns before the measurement, for caches and branch predictors.
const WARM_UP: Duration = Duration::from_millis(500);
/// Frames that a floor sends when no hub was measured before it, bytes (what the design's table was measured with).
const FRAME_BYTES: usize = 327;

/// One measurement.
#[derive(Debug, Clone, Copy)]
struct Cost {
    receivers: usize,
    in_flight: usize,
    messages_per_second: f64,
    /// Server CPU, µs.
    per_message: f64,
    per_delivery: f64,
    frame_bytes: usize,
}

/// All four of one server.
struct Costs {
    name: &'static str,
    costs: Vec<Cost>,
}

impl Costs {
    fn at(&self, receivers: usize, in_flight: usize) -> Option<&Cost> {
        self.costs.iter().find(|cost| (cost.receivers, cost.in_flight) == (receivers, in_flight))
    }

    fn per_delivery(&self, in_flight: usize) -> f64 {
        self.at(MANY, in_flight).map_or(f64::NAN, |cost| cost.per_delivery)
    }

    /// CPU of one more socket, µs: what the delivery costs without what it costs to take the message in.
    fn slope(&self, in_flight: usize) -> f64 {
        match (self.at(FEW, in_flight), self.at(MANY, in_flight)) {
            (Some(few), Some(many)) => (many.per_message - few.per_message) / (MANY - FEW) as f64,
            _ => f64::NAN,
        }
    }
}

/// The hub and both floors.
pub fn run(settings: &Settings) -> Result<Report, LoadError> {
    compare(settings, false)
}

/// Only the floors: what this machine can do, without a hub.
pub fn run_floors(settings: &Settings) -> Result<Report, LoadError> {
    compare(settings, true)
}

fn compare(settings: &Settings, floors_only: bool) -> Result<Report, LoadError> {
    process::pin_to_core(GENERATOR_CORE % process::cores())?;
    let mut report = Report::new("fanout");
    report.note("server CPU (user + system, /proc) per delivered frame; server and generator on one core each");
    let hub = if floors_only { None } else { Some(measure_hub(settings, &mut report)?) };
    let frame_bytes = hub.as_ref().and_then(|hub| hub.at(MANY, 1)).map_or(FRAME_BYTES, |cost| cost.frame_bytes);
    let epoll = measure_floor("floor epoll", FloorKind::Epoll, settings, frame_bytes, &mut report)?;
    let tokio = measure_floor("floor tokio", FloorKind::Tokio, settings, frame_bytes, &mut report)?;
    process::unpin()?;
    for costs in hub.iter().chain([&epoll, &tokio]) {
        describe(costs, &mut report);
    }
    if let Some(hub) = &hub {
        bounds(hub, &epoll, &mut report);
    }
    report.plot = Some(plot(hub.iter().chain([&epoll, &tokio])));
    Ok(report)
}

fn measure_hub(settings: &Settings, report: &mut Report) -> Result<Costs, LoadError> {
    let stage = Stage::set(settings, Some(SERVER_CORE), 10, IN_FLIGHT)?;
    // Each measurement begins where the feed is then: what the one before it wrote is none of its business.
    let target = || {
        let point = stage.runtime.block_on(stage.hub.point(&stage.owner))?;
        Ok(Target { point: Some(point), ..stage.target() })
    };
    measure("hub", target, stage.server.process, settings, FRAME_BYTES, report)
}

fn measure_floor(
    name: &'static str,
    kind: FloorKind,
    settings: &Settings,
    frame_bytes: usize,
    report: &mut Report,
) -> Result<Costs, LoadError> {
    let (_server, target, process) = floor(kind, Some(SERVER_CORE))?;
    measure(name, || Ok(target.clone()), process, settings, frame_bytes, report)
}

fn measure(
    name: &'static str,
    target: impl Fn() -> Result<Target, LoadError>,
    process: Process,
    settings: &Settings,
    frame_bytes: usize,
    report: &mut Report,
) -> Result<Costs, LoadError> {
    let mut costs = Vec::new();
    for (receivers, in_flight) in [(FEW, 1), (MANY, 1), (FEW, IN_FLIGHT), (MANY, IN_FLIGHT)] {
        let mut fan = Fan::open(target()?, receivers, in_flight, frame_bytes)?;
        fan.write_for(WARM_UP)?;
        let (cpu, deliveries, start) = (process.cpu_seconds()?, fan.deliveries(), fan.now());
        fan.write_for(Duration::from_secs(settings.seconds))?;
        let (cpu, deliveries) = (process.cpu_seconds()? - cpu, fan.deliveries() - deliveries);
        let elapsed = (fan.now() - start) as f64 / SECOND as f64;
        let messages = deliveries as f64 / receivers as f64;
        costs.push(Cost {
            receivers,
            in_flight,
            messages_per_second: messages / elapsed,
            per_message: cpu * 1e6 / messages,
            per_delivery: cpu * 1e6 / deliveries as f64,
            frame_bytes: fan.frame_bytes(),
        });
        report.check.add(fan.finish()?);
    }
    Ok(Costs { name, costs })
}

fn describe(costs: &Costs, report: &mut Report) {
    let name = costs.name;
    for cost in &costs.costs {
        let what = format!("{name}, {} sockets, {} in flight", cost.receivers, cost.in_flight);
        report.number(format!("{what}: CPU per delivery"), cost.per_delivery, "µs");
        report.number(format!("{what}: CPU per message"), cost.per_message, "µs");
        report.number(format!("{what}: messages"), cost.messages_per_second, "/s");
    }
    for in_flight in [1, IN_FLIGHT] {
        let what = format!("{name}, {in_flight} in flight: CPU of one more socket ({FEW} to {MANY})");
        report.number(what, costs.slope(in_flight), "µs");
        report.number(
            format!("{name}, {in_flight} in flight: CPU seconds per million deliveries"),
            costs.per_delivery(in_flight),
            "s",
        );
    }
    let bytes = costs.at(MANY, 1).map_or(0, |cost| cost.frame_bytes);
    report.number(format!("{name}: event frame"), bytes as f64, "bytes");
}

fn bounds(hub: &Costs, epoll: &Costs, report: &mut Report) {
    let (one, floor_one) = (hub.per_delivery(1), epoll.per_delivery(1));
    let (many, floor_many) = (hub.per_delivery(IN_FLIGHT), epoll.per_delivery(IN_FLIGHT));
    report.gate("one at a time: hub / epoll loop, per delivery", one / floor_one, 1.5, "×");
    report.number("one at a time: hub / epoll loop, one more socket", hub.slope(1) / epoll.slope(1), "×");
    report.gate("64 in flight: hub / epoll loop, per delivery", many / floor_many, 0.15, "×");
    report.number(
        "64 in flight: hub / epoll loop, one more socket",
        hub.slope(IN_FLIGHT) / epoll.slope(IN_FLIGHT),
        "×",
    );
    report.goal("64 in flight: hub, per delivery", many, 0.12, "µs");
}

fn plot<'a>(all: impl Iterator<Item = &'a Costs>) -> Plot {
    let mut series = Vec::new();
    for costs in all {
        for in_flight in [1, IN_FLIGHT] {
            let points = [FEW, MANY].into_iter().filter_map(|receivers| costs.at(receivers, in_flight));
            let points = points.map(|cost| (cost.receivers as f64, cost.per_message)).collect();
            series.push(Series { name: format!("{}, {in_flight} in flight", costs.name), points });
        }
    }
    Plot { title: "server CPU per message".into(), x: "sockets that it goes to".into(), y: "µs".into(), series }
}
