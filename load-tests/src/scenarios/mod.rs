//! One scenario a file: what it sets up, what it does, what it measures.
//!
//! To add one: a file with `run(&Settings) -> Result<Report, LoadError>`, and its line in [`ALL`].

mod bots;
mod chat;
mod edge;
mod fanout;
mod idle;
mod mails;
mod outbound;
mod outside;
mod resume;
mod stalled;
mod storm;
mod watch;

use crate::report::Report;
use crate::stage::{LoadError, Settings};

pub struct Scenario {
    pub name: &'static str,
    about: &'static str,
    pub run: fn(&Settings) -> Result<Report, LoadError>,
}

/// What `all` runs, in this order.
const ALL: [Scenario; 17] = [
    Scenario {
        name: "idle",
        about: "10,000 visitors and 1,000 agents do nothing: memory, bytes, writes",
        run: idle::run,
    },
    Scenario { name: "chat", about: "256 visitors write as fast as it is committed", run: chat::run },
    Scenario { name: "watch", about: "1,000 agents look on, at 20 and at 1,000 messages a second", run: watch::run },
    Scenario { name: "fanout", about: "CPU per delivery, against both floors", run: fanout::run },
    Scenario { name: "resume", about: "1,000 events behind; 10,000 random disconnects", run: resume::run },
    Scenario { name: "storm", about: "5,000 sockets cut off and back at once; the hub killed", run: storm::run },
    Scenario { name: "stalled", about: "one of 5,000 stops reading", run: stalled::run },
    Scenario {
        name: "edge",
        about: "1,000 people write ten times at once by SMS, each brought five times",
        run: edge::run,
    },
    Scenario { name: "edge-telegram", about: "the same by a Telegram bot's webhook", run: edge::run_telegram },
    Scenario { name: "outbound", about: "1,000 answers by SMS while the hub is killed 20 times", run: outbound::run },
    Scenario {
        name: "outside",
        about: "a channel in processes of its own beside two hubs; each of them, Redis and PostgreSQL killed in turn",
        run: outside::run,
    },
    Scenario {
        name: "bots-race",
        about: "10,000 races of block against a bot that writes as fast as it can",
        run: bots::race::run,
    },
    Scenario {
        name: "bots-kill",
        about: "the same while two hubs are killed in turn; a bot that fetches has each message once",
        run: bots::kill::run,
    },
    Scenario { name: "bots-latency", about: "a message to a bot that waits, its answer back", run: bots::latency::run },
    Scenario {
        name: "bots-crowd",
        about: "500 bots wait for updates of 1,000 conversations: CPU of one, against an agent's session",
        run: bots::crowd::run,
    },
    Scenario {
        name: "bots-webhook",
        about: "a webhook that fails for some conversations delays no other; private addresses are refused",
        run: bots::webhook::run,
    },
    Scenario { name: "mails", about: "10,000 mails that waited; single ones to the screen", run: mails::run },
];

/// Needs no hub.
const FLOORS: Scenario = Scenario { name: "floors", about: "only the floors of `fanout`", run: fanout::run_floors };

/// Those with these names; an error lists what there is.
pub fn named(names: &[String]) -> Result<Vec<&'static Scenario>, LoadError> {
    let find = |name: &String| ALL.iter().chain([&FLOORS]).find(|scenario| scenario.name == name);
    match names {
        [all] if all == "all" => Ok(ALL.iter().collect()),
        [bots] if bots == "bots" => Ok(ALL.iter().filter(|scenario| scenario.name.starts_with("bots-")).collect()),
        [] => Err(LoadError::NoSuchScenario { name: String::new(), list: list() }),
        names => names
            .iter()
            .map(|name| find(name).ok_or_else(|| LoadError::NoSuchScenario { name: name.clone(), list: list() }))
            .collect(),
    }
}

fn list() -> String {
    let lines = ALL.iter().chain([&FLOORS]).map(|scenario| format!("  {:<13} {}", scenario.name, scenario.about));
    lines.collect::<Vec<_>>().join("\n")
}
