//! `switchboard-load`: puts load on a hub, checks every message, and says what it cost.
//!
//! `floor` runs one of the two servers that the hub is compared with; `run` starts a hub of its own (and, where a ratio is
//! asked for, the floors), drives it from one thread, and writes numbers, JSON and a picture. See README.md for what each
//! number means. Not here: anything that the hub could use, and any test of the hub's behaviour that does not need load.

mod answers;
mod backing;
mod bot;
mod bot_api;
mod carrier;
mod child;
mod clock;
mod crew;
mod desk;
mod floor;
mod hub;
mod ledger;
mod plot;
mod process;
mod report;
mod say;
mod scan;
mod scenarios;
mod stage;
mod swarm;
mod ws;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use backing::Backing;
use child::FloorKind;
use report::Report;
use scenarios::Scenario;
use stage::{LoadError, Settings};

#[derive(Parser)]
#[command(about = "Load and failure drills for a Switchboard hub")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serves one of the floors until it is ended.
    Floor {
        kind: FloorKind,
        #[arg(long, default_value = "127.0.0.1:9999")]
        listen: SocketAddr,
    },
    /// Runs scenarios against a hub that it starts.
    Run(Run),
}

#[derive(Args)]
struct Run {
    /// Which, by name; several are run one after another, `all` is all of them. None: lists them.
    scenarios: Vec<String>,
    /// The hub's binary.
    #[arg(long, env = "SWITCHBOARD_BIN", default_value = "target/release/switchboard")]
    server_bin: PathBuf,
    /// Instead of the embedded database. It must be empty.
    #[arg(long)]
    database_url: Option<String>,
    #[arg(long)]
    redis_url: Option<String>,
    /// Hubs on a PostgreSQL and a Redis that the run starts itself, new ones for each scenario: `edge` and `outbound` start
    /// two of them.
    #[arg(long, conflicts_with_all = ["database_url", "redis_url"])]
    cluster: bool,
    /// Setting of the hub for this run, `NAME=VALUE`.
    #[arg(long = "env", value_parser = name_and_value)]
    env: Vec<(String, String)>,
    /// Length of each measurement.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Divides the numbers of sockets, for a quick look.
    #[arg(long, default_value_t = 1)]
    scale: usize,
    /// Of the random choices.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Folder for JSON and SVG.
    #[arg(long, default_value = "target/load")]
    out: PathBuf,
}

fn main() -> ExitCode {
    match run(Cli::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("switchboard-load: {error}");
            ExitCode::from(2)
        }
    }
}

/// True: everything that decides was met.
fn run(cli: Cli) -> Result<bool, LoadError> {
    process::raise_open_files()?;
    match cli.command {
        Command::Floor { kind: FloorKind::Epoll, listen } => floor::epoll::serve(listen)?,
        Command::Floor { kind: FloorKind::Tokio, listen } => floor::tokio_tasks::serve(listen)?,
        Command::Run(run) => {
            let mut passed = true;
            for scenario in scenarios::named(&run.scenarios)? {
                let report = run.one(scenario)?;
                report.print();
                report.write(&run.out)?;
                passed &= report.passed();
            }
            return Ok(passed);
        }
    }
    Ok(true)
}

impl Run {
    fn one(&self, scenario: &Scenario) -> Result<Report, LoadError> {
        if !self.cluster {
            return (scenario.run)(&self.settings());
        }
        let (_backing, settings) = Backing::start(&self.settings())?;
        (scenario.run)(&settings)
    }

    fn settings(&self) -> Settings {
        Settings {
            bin: self.server_bin.clone(),
            database_url: self.database_url.clone(),
            redis_url: self.redis_url.clone(),
            env: self.env.clone(),
            seconds: self.seconds,
            scale: self.scale.max(1),
            seed: self.seed,
        }
    }
}

fn name_and_value(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("give NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}
