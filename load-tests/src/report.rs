//! What a scenario hands back: numbers, latencies, the check of every message, and what of it was asked for. Printed for
//! people, written as JSON for programs and as SVG for the eye.

use std::fs;
use std::io;
use std::path::Path;

use hdrhistogram::Histogram;
use serde::Serialize;

use crate::clock::{Nanos, ms};
use crate::ledger::Verdict;
use crate::plot;

/// Latencies are kept to three significant digits, up to a minute.
const HIGHEST: Nanos = 60 * crate::clock::SECOND;

/// A histogram of nanoseconds.
pub fn histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(1_000, HIGHEST, 3).expect("the bounds are constants that it takes")
}

/// Records; what is beyond the bounds counts as the bound.
pub fn record(histogram: &mut Histogram<u64>, nanos: Nanos) {
    histogram.saturating_record(nanos.max(1_000));
}

#[derive(Debug, Clone, Serialize)]
pub struct Number {
    pub name: String,
    pub value: f64,
    pub unit: &'static str,
}

/// Percentiles of one latency, milliseconds.
#[derive(Debug, Clone, Serialize)]
pub struct Latency {
    pub name: String,
    pub count: u64,
    pub p50_ms: f64,
    pub p90_ms: f64,
    pub p99_ms: f64,
    pub p999_ms: f64,
    pub max_ms: f64,
}

impl Latency {
    pub fn of(name: &str, histogram: &Histogram<u64>) -> Self {
        let at = |quantile| ms(histogram.value_at_quantile(quantile));
        Self {
            name: name.to_owned(),
            count: histogram.len(),
            p50_ms: at(0.5),
            p90_ms: at(0.9),
            p99_ms: at(0.99),
            p999_ms: at(0.999),
            max_ms: ms(histogram.max()),
        }
    }
}

/// What happens when a bound is not met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Weight {
    /// The run has failed: a ratio within this run, or a message that is not where it should be.
    Decides,
    /// It is said: absolute times depend on whose machine it is.
    Said,
}

/// Something that should be at most this.
#[derive(Debug, Clone, Serialize)]
pub struct Bound {
    pub name: String,
    pub value: f64,
    pub at_most: f64,
    pub unit: &'static str,
    pub weight: Weight,
    pub met: bool,
}

/// A line of the plot.
#[derive(Debug, Clone, Serialize)]
pub struct Series {
    pub name: String,
    pub points: Vec<(f64, f64)>,
}

/// The plot of a scenario.
#[derive(Debug, Clone, Serialize)]
pub struct Plot {
    pub title: String,
    pub x: String,
    pub y: String,
    pub series: Vec<Series>,
}

#[derive(Debug, Clone, Serialize)]
pub struct Report {
    pub scenario: String,
    /// What was measured how, in sentences.
    pub notes: Vec<String>,
    pub numbers: Vec<Number>,
    pub latencies: Vec<Latency>,
    pub check: Verdict,
    pub bounds: Vec<Bound>,
    pub plot: Option<Plot>,
}

impl Report {
    pub fn new(scenario: &str) -> Self {
        Self {
            scenario: scenario.to_owned(),
            notes: Vec::new(),
            numbers: Vec::new(),
            latencies: Vec::new(),
            check: Verdict::default(),
            bounds: Vec::new(),
            plot: None,
        }
    }

    pub fn note(&mut self, sentence: impl Into<String>) {
        self.notes.push(sentence.into());
    }

    pub fn number(&mut self, name: impl Into<String>, value: f64, unit: &'static str) {
        self.numbers.push(Number { name: name.into(), value, unit });
    }

    /// Percentiles, and the curve of them in the plot.
    pub fn latency(&mut self, name: &str, histogram: &Histogram<u64>) {
        self.latencies.push(Latency::of(name, histogram));
        let plot = self.plot.get_or_insert_with(|| Plot {
            title: self.scenario.clone(),
            x: plot::NINES.to_owned(),
            y: "ms".to_owned(),
            series: Vec::new(),
        });
        plot.series.push(plot::percentile_curve(name, histogram));
    }

    /// Absolute: said, and no more.
    pub fn goal(&mut self, name: impl Into<String>, value: f64, at_most: f64, unit: &'static str) {
        self.bound(name, value, at_most, unit, Weight::Said);
    }

    /// Within this run: decides.
    pub fn gate(&mut self, name: impl Into<String>, value: f64, at_most: f64, unit: &'static str) {
        self.bound(name, value, at_most, unit, Weight::Decides);
    }

    fn bound(&mut self, name: impl Into<String>, value: f64, at_most: f64, unit: &'static str, weight: Weight) {
        // What could not be measured (nothing was delivered) is not met.
        let met = (0.0..=at_most).contains(&value);
        self.bounds.push(Bound { name: name.into(), value, at_most, unit, weight, met });
    }

    /// Everything that decides is met, and every message is where it should be.
    pub fn passed(&self) -> bool {
        self.check.clean() && self.bounds.iter().all(|bound| bound.met || bound.weight == Weight::Said)
    }

    pub fn print(&self) {
        println!("\n== {} ==", self.scenario);
        for note in &self.notes {
            println!("   {note}");
        }
        for Number { name, value, unit } in &self.numbers {
            println!("{name:<58} {:>14} {unit}", rounded(*value));
        }
        for l in &self.latencies {
            println!(
                "{:<58} p50 {:>8.3}  p90 {:>8.3}  p99 {:>8.3}  p99.9 {:>8.3}  max {:>8.3} ms  ({} values)",
                l.name, l.p50_ms, l.p90_ms, l.p99_ms, l.p999_ms, l.max_ms, l.count
            );
        }
        let Verdict { accepted, delivered, lost, twice, disordered, wrong } = self.check;
        println!(
            "messages: {accepted} accepted, {delivered} deliveries checked; {lost} lost, {twice} twice, {disordered} out of order, {wrong} wrong"
        );
        for Bound { name, value, at_most, unit, weight, met } in &self.bounds {
            let word = match (met, weight) {
                (true, _) => "ok    ",
                (false, Weight::Decides) => "FAILED",
                (false, Weight::Said) => "missed",
            };
            println!("{word} {name}: {} {unit} (at most {})", rounded(*value), rounded(*at_most));
        }
    }

    /// `<scenario>.json` and `<scenario>.svg`.
    pub fn write(&self, folder: &Path) -> io::Result<()> {
        fs::create_dir_all(folder)?;
        fs::write(folder.join(format!("{}.json", self.scenario)), serde_json::to_vec_pretty(self)?)?;
        if let Some(plot) = &self.plot {
            plot::draw(&folder.join(format!("{}.svg", self.scenario)), plot).map_err(io::Error::other)?;
        }
        Ok(())
    }
}

fn rounded(value: f64) -> String {
    match value.abs() {
        large if large >= 1000.0 => format!("{value:.0}"),
        middle if middle >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.3}"),
    }
}
