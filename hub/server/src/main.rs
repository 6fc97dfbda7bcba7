//! The door: reads the command line, builds the runtime, runs the hub until it is told to go.

#![deny(clippy::print_stdout, clippy::print_stderr, reason = "they panic when nobody reads: ops::logs::say")]

use std::net::SocketAddr;
use std::process::ExitCode;

use clap::Parser;
use switchboard::channels::outside::process;
use switchboard::cli::{Cli, Command, Kind};
use switchboard::config::{Config, DEFAULT};
use switchboard::hub::StartError;
use switchboard::{Hub, Parts, limits, ops};
use switchboard_protocol::model::Channel;

#[global_allocator]
static HEAP: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    ops::memory::small_pages();
    match Cli::parse().command {
        Command::Config => {
            ops::logs::say(DEFAULT.trim_end());
            ExitCode::SUCCESS
        }
        Command::Connector { settings, kinds } => {
            let health = settings.health;
            match settings.read() {
                Ok(config) => on_runtime(&config.clone(), connector(config, kinds, health)),
                Err(error) => fail(&error),
            }
        }
        Command::Doctor { settings } => match settings.read() {
            Ok(config) => on_runtime(&config.clone(), ops::doctor::run(config)),
            Err(error) => fail(&error),
        },
        Command::ResetPassword { settings, email } => match settings.read() {
            Ok(config) => on_runtime(&config.clone(), reset_password(config, email)),
            Err(error) => fail(&error),
        },
        Command::Restored { settings } => match settings.read() {
            Ok(config) => on_runtime(&config.clone(), restored(config)),
            Err(error) => fail(&error),
        },
        Command::Serve { settings, demo } => match settings.read() {
            Ok(config) => on_runtime(&config.clone(), serve(config, demo)),
            Err(error) => fail(&error),
        },
    }
}

fn on_runtime(config: &Config, run: impl Future<Output = ExitCode>) -> ExitCode {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let workers = if config.runtime.workers == 0 { cores.min(limits::WORKERS) } else { config.runtime.workers };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(workers)
        .max_blocking_threads(limits::BLOCKING_THREADS)
        .enable_all()
        .build();
    match runtime {
        Ok(runtime) => runtime.block_on(run),
        Err(error) => fail(&error),
    }
}

async fn reset_password(config: Config, email: String) -> ExitCode {
    match ops::reset_password::link(&config, &email).await {
        Ok(link) => {
            let hours = limits::PASSWORD_LINK_MS / 3_600_000;
            let sentence = format_args!("Open this link to set a new password. It works once, within {hours} hours:");
            ops::logs::say(sentence);
            ops::logs::say(format_args!("  {link}"));
            if config.public_origin().is_none() {
                ops::logs::say("If your hub is reached at another address, put that in front of /password.");
            }
            ExitCode::SUCCESS
        }
        Err(error) => fail(&error),
    }
}

async fn restored(config: Config) -> ExitCode {
    match ops::restored::begin_anew(&config).await {
        Ok(()) => {
            ops::logs::say("From the next start on, every client starts afresh from what is in this database.");
            ops::logs::say("A hub that runs now does not know of it: stop it and start it again.");
            ExitCode::SUCCESS
        }
        Err(error) => fail(&error),
    }
}

async fn serve(config: Config, demo: bool) -> ExitCode {
    let logging = match ops::logs::start(&config.log) {
        Ok(logging) => logging,
        Err(error) => return fail(&error),
    };
    let ended = run(config, demo).await;
    // The last lines come before what is said of the end.
    drop(logging);
    ended.unwrap_or_else(|error| fail(&error))
}

async fn connector(config: Config, kinds: Vec<Kind>, health: Option<SocketAddr>) -> ExitCode {
    let logging = match ops::logs::start(&config.log) {
        Ok(logging) => logging,
        Err(error) => return fail(&error),
    };
    let ended = run_connector(&config, kinds, health).await;
    drop(logging);
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

async fn run_connector(
    config: &Config,
    kinds: Vec<Kind>,
    health: Option<SocketAddr>,
) -> Result<(), process::StartError> {
    let told_to_go = ops::signals::told_to_go();
    let kinds = kinds.into_iter().map(Channel::from).collect();
    let process = process::start(config, kinds, process::Parts::default())?;
    if let Some(address) = health {
        process.tells_at(address).await?;
    }
    tracing::info!("the connector process waits for the hubs to hand out channels");
    told_to_go.await;
    process.stop().await;
    Ok(())
}

async fn run(config: Config, demo: bool) -> Result<ExitCode, StartError> {
    for warning in config.warnings() {
        tracing::warn!("{warning}");
    }
    let mut told_to_go = std::pin::pin!(ops::signals::told_to_go());
    let hub = tokio::select! {
        started = Hub::start_with(config, Parts { demo, ..Parts::default() }) => started?,
        () = &mut told_to_go => return Ok(ExitCode::SUCCESS),
    };
    hub.announce().await;
    let told = tokio::select! {
        () = &mut told_to_go => true,
        () = hub.failed() => false,
    };
    if !told {
        tracing::error!("a part of the hub has ended; it goes, so that whoever looks after it starts it anew");
    }
    hub.stop().await;
    Ok(if told { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The error with its causes, for the operator.
fn fail(error: &dyn std::error::Error) -> ExitCode {
    let mut sentence = format!("switchboard: {error}");
    let mut cause = error.source();
    while let Some(error) = cause {
        sentence.push_str(&format!(": {error}"));
        cause = error.source();
    }
    ops::logs::say_error(sentence);
    ExitCode::FAILURE
}
