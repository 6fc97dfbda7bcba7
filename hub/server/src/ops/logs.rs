//! Log lines: a sentence and fields, units in the fields' names. Never in a log: what a customer or an agent wrote, names,
//! mail addresses, passwords, tokens, cookies, whole addresses of pages. Ids, codes, counts and times say enough.

use std::fmt::Display;
use std::io::{IsTerminal, Write};

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::time::SystemTime;

use crate::config::{Log, LogFormat};

#[derive(Debug, thiserror::Error)]
pub enum LogError {
    #[error("log.filter is not a filter such as \"info,switchboard=debug\"")]
    Filter(#[from] tracing_subscriber::filter::ParseError),
    #[error("another part of the program has set up logging")]
    Taken(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Starts logging to standard error.
pub fn start(log: &Log) -> Result<(), LogError> {
    let filter = EnvFilter::try_new(&log.filter)?;
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_timer(SystemTime)
        // Colours are for a person who looks on; in a file they are noise.
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        // It would tell of a line that cannot be written by one more line, and panic when that fails too: a full disk or
        // a log collector that has gone must not take the hub with it.
        .log_internal_errors(false);
    let started = match log.format {
        LogFormat::Text => lines.with_target(false).try_init(),
        LogFormat::Json => lines.json().flatten_event(true).with_current_span(true).with_span_list(false).try_init(),
    };
    started.map_err(LogError::Taken)
}

/// Tells the person who started the program, on standard output. Nobody may be there to read: that is no reason to stop.
pub fn say(line: impl Display) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// Tells the person who started the program why it does not go on, on standard error.
pub fn say_error(line: impl Display) {
    let _ = writeln!(std::io::stderr(), "{line}");
}
