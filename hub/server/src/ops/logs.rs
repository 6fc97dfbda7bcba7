//! Log lines: a sentence and fields, units in the fields' names. Never in a log: what a customer or an agent wrote, names,
//! mail addresses, passwords, tokens, cookies, whole addresses of pages. Ids, codes, counts and times say enough.

use std::any::Any;
use std::backtrace::{Backtrace, BacktraceStatus};
use std::fmt::Display;
use std::io::{IsTerminal, Write};
use std::panic::PanicHookInfo;
use std::sync::{Arc, OnceLock};

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::time::SystemTime;

use super::lines::Lines;
use crate::config::{Log, LogFormat};

/// The lines of this process, once it logs.
static LINES: OnceLock<Arc<Lines>> = OnceLock::new();

#[derive(Debug, thiserror::Error)]
pub enum LogError {
    #[error("log.filter is not a filter such as \"info,switchboard=debug\"")]
    Filter(#[from] tracing_subscriber::filter::ParseError),
    #[error("the thread that writes the log cannot be started")]
    Thread(#[source] std::io::Error),
    #[error("another part of the program has set up logging")]
    Taken(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Logging goes on for as long as this lives. Its end lets the last lines out, and waits for no reader.
#[must_use = "the last lines are lost without it"]
pub struct Logging(Arc<Lines>);

impl Drop for Logging {
    fn drop(&mut self) {
        self.0.end();
    }
}

/// Starts logging to standard error.
pub fn start(log: &Log) -> Result<Logging, LogError> {
    let filter = filter(&log.filter)?;
    let out = Lines::to(std::io::stderr()).map_err(LogError::Thread)?;
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_timer(SystemTime)
        // Colours are for a person who looks on; in a file they are noise.
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(out.clone())
        // It would tell of a line that cannot be put together by one more on standard error, and wait there, or panic.
        .log_internal_errors(false);
    let started = match log.format {
        LogFormat::Text => lines.with_target(false).try_init(),
        LogFormat::Json => lines.json().flatten_event(true).with_current_span(true).with_span_list(false).try_init(),
    };
    started.map_err(LogError::Taken)?;
    std::panic::set_hook(Box::new(told));
    LINES.get_or_init(|| out.clone());
    Ok(Logging(out))
}

/// What the operator asks for, without the parsers of strangers' HTML: they have a line for each oddity, and whoever writes
/// the HTML chooses how many there are.
fn filter(asked: &str) -> Result<EnvFilter, tracing_subscriber::filter::ParseError> {
    const SILENT: [&str; 3] = ["html5ever=off", "markup5ever=off", "ammonia=off"];
    SILENT.iter().try_fold(EnvFilter::try_new(asked)?, |filter, part| Ok(filter.add_directive(part.parse()?)))
}

/// Lines dropped since the start, because nobody read those before them.
pub fn lines_dropped() -> u64 {
    LINES.get().map_or(0, |lines| lines.dropped())
}

/// A panic is a line like any other, and keeps to what may stand in one: it says where, and what only if the program's
/// own text says it. "byte index 3 is not a char boundary" quotes the customer whose text it was.
fn told(panic: &PanicHookInfo) {
    let at = panic.location().map(ToString::to_string);
    let frames = Backtrace::capture();
    let frames = (frames.status() == BacktraceStatus::Captured).then(|| frames.to_string());
    tracing::error!(at, panic = own_words(panic.payload()), frames, "a fault in the hub: a part of it has panicked");
}

/// What a panic says, if nothing was put into it when it ran.
fn own_words(panic: &(dyn Any + Send)) -> Option<&'static str> {
    panic.downcast_ref::<&'static str>().copied()
}

/// Tells the person who started the program, on standard output. Nobody may be there to read: that is no reason to stop.
pub fn say(line: impl Display) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// Tells the person who started the program why it does not go on, on standard error.
pub fn say_error(line: impl Display) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_quotes_the_program_and_no_customer() {
        let told = |panics: fn()| own_words(&*std::panic::catch_unwind(panics).unwrap_err());
        assert_eq!(told(|| panic!("two ends of one thread")), Some("two ends of one thread"));
        let quoting = || {
            let text = String::from("½ my card number is 4711");
            let _half = &text[1..];
        };
        assert_eq!(told(quoting), None);
    }

    #[test]
    fn parsers_of_what_strangers_write_have_no_lines() {
        let filter = filter("trace,html5ever=trace").unwrap().to_string();
        assert!(filter.contains("html5ever=off") && !filter.contains("html5ever=trace"), "{filter}");
    }
}
