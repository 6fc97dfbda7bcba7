//! `switchboard doctor`: looks at everything that a hub needs, and says of what is wrong what to do. The data folder
//! is made; the database is looked at as it is.

use std::process::ExitCode;
use std::time::Duration;

use switchboard_backplane::{Backplane, NodeId, RedisConfig};
use switchboard_store::{OpenError, Store, agents, feed, inboxes};

use crate::clock::Clock;
use crate::config::Config;
use crate::hub::{DATABASE_FILE, database_url, open_files_limit};
use crate::ops::logs::say;

/// A part that does not answer within this time is taken for away.
const PATIENCE: Duration = Duration::from_secs(5);
/// Free space below which a hub will soon stop, bytes.
const LITTLE_SPACE: u64 = 512 * 1024 * 1024;
/// Open files below which sockets are refused early.
const FEW_FILES: u64 = 10_000;
/// A clock that shows an earlier time than this program was written at is wrong, milliseconds.
const CLOCK_EARLIEST: i64 = 1_750_000_000_000;

/// What a look at one thing has shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    Good(String),
    /// It works, and somebody may regret it.
    Careful(String),
    /// A hub would not start, or not work.
    Bad(String),
}

use Finding::{Bad, Careful, Good};

/// Looks, prints, and fails if something would keep a hub from working.
pub async fn run(config: Config) -> ExitCode {
    let findings = look(&config).await;
    for finding in &findings {
        match finding {
            Good(text) => say(format_args!("  good   {text}")),
            Careful(text) => say(format_args!("  care   {text}")),
            Bad(text) => say(format_args!("  BAD    {text}")),
        }
    }
    if findings.iter().any(|finding| matches!(finding, Bad(_))) { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// Everything, in the order in which a start would need it.
pub async fn look(config: &Config) -> Vec<Finding> {
    let mut findings = vec![Good("the configuration can be read".into())];
    findings.extend(config.warnings().into_iter().map(Careful));
    findings.push(data_folder(config));
    findings.push(clock());
    findings.push(open_files());
    findings.push(address(config).await);
    findings.extend(database(config).await);
    findings.push(redis(config).await);
    findings.push(pages());
    findings
}

fn data_folder(config: &Config) -> Finding {
    let folder = config.data.display();
    let probe = config.data.join(".doctor");
    let written = std::fs::create_dir_all(&config.data).and_then(|()| std::fs::write(&probe, b"?"));
    if let Err(error) = written {
        return Bad(format!(
            "the data folder {folder} cannot be written ({error}): give this user the right, or set `data`"
        ));
    }
    if let Err(error) = std::fs::remove_file(&probe) {
        return Careful(format!("a probe in the data folder {folder} could not be removed ({error})"));
    }
    match free_bytes(&config.data) {
        Some(free) if free < LITTLE_SPACE => {
            Careful(format!("only {} MiB are free in {folder}: make room before it is full", free / (1024 * 1024)))
        }
        _ => Good(format!("the data folder {folder} can be written")),
    }
}

/// From `df`: the standard library does not say, and a wrong answer here harms nobody.
fn free_bytes(folder: &std::path::Path) -> Option<u64> {
    let output = std::process::Command::new("df").arg("-Pk").arg(folder).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let kib: u64 = text.lines().nth(1)?.split_whitespace().nth(3)?.parse().ok()?;
    Some(kib * 1024)
}

fn clock() -> Finding {
    if Clock::system().now() < CLOCK_EARLIEST {
        return Bad(
            "the machine's clock is years behind: set it (timesyncd, chrony), or tokens and times will be wrong".into(),
        );
    }
    Good("the machine's clock is plausible".into())
}

fn open_files() -> Finding {
    match open_files_limit() {
        Some(most) if most < FEW_FILES => Careful(format!(
            "this user may open {most} files, so about as many sockets: raise it (`ulimit -n 100000`, LimitNOFILE=)"
        )),
        Some(most) => Good(format!("{most} files may be open at once")),
        None => Careful("the limit of open files cannot be read on this system".into()),
    }
}

async fn address(config: &Config) -> Finding {
    match tokio::net::TcpListener::bind(config.listen).await {
        Ok(_) => Good(format!("the address {} is free", config.listen)),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => Careful(format!(
            "something listens on {} already: a running hub, or set `listen` to another port",
            config.listen
        )),
        Err(error) => Bad(format!("the hub cannot listen on {} ({error}): set `listen`", config.listen)),
    }
}

async fn database(config: &Config) -> Vec<Finding> {
    let url = match database_url(config) {
        Ok(url) => url,
        Err(error) => return vec![Bad(format!("{error}: see database.url"))],
    };
    if config.database.url.is_empty() && !config.data.join(DATABASE_FILE).exists() {
        return vec![Good("there is no database yet: the first start makes it".into())];
    }
    let opened = tokio::time::timeout(PATIENCE, Store::open_as_it_is(&url)).await;
    let store = match opened {
        Ok(Ok(store)) => store,
        Ok(Err(OpenError::Empty)) => {
            return vec![Good(format!("the database {url} has no tables yet: the first start makes them"))];
        }
        Ok(Err(OpenError::Older)) => {
            return vec![Careful(format!(
                "the tables of the database {url} are of an older version: the next start brings them up to date"
            ))];
        }
        Ok(Err(error)) => {
            let cause = std::error::Error::source(&error).map_or(String::new(), |cause| format!(" ({cause})"));
            return vec![Bad(format!("the database {url} cannot be opened: {error}{cause}"))];
        }
        Err(_) => return vec![Bad(format!("the database {url} does not answer within {} s", PATIENCE.as_secs()))],
    };
    let mut findings = vec![Good(format!("the database {url} can be read and its tables are up to date"))];
    match (agents::any(&store).await, inboxes::list(&store, &switchboard_domain::Visibility::Team).await) {
        (Ok(false), _) => {
            findings.push(Careful("nobody is owner yet: start the hub and open the link it prints".into()))
        }
        (Ok(true), Ok(inboxes)) if inboxes.is_empty() => {
            findings.push(Careful("there is no inbox yet: make one in the dashboard's settings".into()));
        }
        (Ok(true), Ok(inboxes)) => {
            let noun = if inboxes.len() == 1 { "inbox is" } else { "inboxes are" };
            findings.push(Good(format!("{} {noun} set up", inboxes.len())));
        }
        _ => findings.push(Bad("the database's tables cannot be read".into())),
    }
    if let Err(error) = feed::head(&store).await {
        findings.push(Bad(format!("the feed cannot be read ({error})")));
    }
    store.close().await;
    findings
}

async fn redis(config: &Config) -> Finding {
    if config.redis.url.is_empty() {
        if !config.database.url.expose().starts_with("postgres") {
            return Good("one hub alone: no Redis is set, none is needed".into());
        }
        return Careful(
            "no Redis is set: right for one hub alone. Should several share this database, set redis.url on all of them: \
             without it each fetches from every mailbox and bot by itself, and Telegram gives messages to one at a time"
                .into(),
        );
    }
    let (url, prefix) = (config.redis.url.expose().to_owned(), config.redis.prefix.clone());
    match Backplane::redis(RedisConfig { url, prefix, node: NodeId::new("doctor") }) {
        Err(error) => Bad(format!("{error}: see redis.url")),
        Ok(backplane) => match tokio::time::timeout(PATIENCE, backplane.connected()).await {
            Ok(()) => Good("Redis answers".into()),
            Err(_) => {
                Careful("Redis does not answer: hubs work on, but hear of each other only by reading the store".into())
            }
        },
    }
}

fn pages() -> Finding {
    if crate::pages::built() {
        return Good("the pages are built in".into());
    }
    Careful("this build has no pages: `npm ci && npm run build`, then build the hub again".into())
}
