//! Log lines: a sentence and fields, units in the fields' names. Never in a log: what a customer or an agent wrote, names,
//! mail addresses, passwords, tokens, cookies, whole addresses of pages. Ids, codes, counts and times say enough.

use std::io::IsTerminal;

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
        .with_writer(std::io::stderr);
    let started = match log.format {
        LogFormat::Text => lines.with_target(false).try_init(),
        LogFormat::Json => lines.json().flatten_event(true).with_current_span(true).with_span_list(false).try_init(),
    };
    started.map_err(LogError::Taken)
}
