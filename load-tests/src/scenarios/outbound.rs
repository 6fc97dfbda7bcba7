//! `outbound`: agents answer a thousand times by SMS while the hub is killed twenty times. Each answer that the hub took
//! goes out once, or is shown as uncertain; none is handed to the provider twice.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use switchboard_protocol::ConversationId;
use switchboard_protocol::model::{Channel, Delivery, Message};

use crate::carrier::{self, Carrier};
use crate::clock::{Clock, ms};
use crate::desk::Desk;
use crate::hub::{Hub, SignedIn};
use crate::report::Report;
use crate::scan::Stamp;
use crate::stage::{LoadError, Settings, Stage};
use crate::swarm::Swarm;

const AGENTS: usize = 2;
const PEOPLE: u32 = 50;
const ANSWERS: usize = 1_000;
const KILLS: usize = 20;
/// Answers that are written at once.
const AT_ONCE: usize = 8;
const AGAIN_AFTER: Duration = Duration::from_millis(50);
const DONE_WITHIN: Duration = Duration::from_secs(180);
const OPEN_WITHIN: Duration = Duration::from_secs(20);

pub fn run(settings: &Settings) -> Result<Report, LoadError> {
    let settings = &settings.for_channels();
    let mut stage = Stage::set(settings, None, AGENTS, 0)?;
    let outside = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let carrier = outside.block_on(Carrier::start())?;
    let hook = carrier::hook(&stage.open_channel(Channel::Gateway, carrier.settings())?);
    let clock = Clock::start();
    let mut swarm = Swarm::new(clock)?;
    let mut desk = Desk::open(stage.target(), 1, &mut swarm, OPEN_WITHIN)?;
    for sender in 0..PEOPLE {
        let stamp = Stamp { sender, sequence: 0, sent: clock.now() };
        outside.block_on(carrier.bring(&clock, stage.server.address, &hook, stamp));
    }
    desk.look(&mut swarm, PEOPLE as usize, OPEN_WITHIN)?;
    let conversations: Vec<ConversationId> = (0..PEOPLE).filter_map(|sender| desk.conversation_of(sender)).collect();

    let written = Arc::new(AtomicUsize::new(0));
    let answers = (ANSWERS / settings.scale).max(KILLS);
    let writing = outside.spawn(answer_all(
        Hub::at(stage.server.address)?,
        stage.owner.clone(),
        conversations.clone(),
        answers,
        written.clone(),
    ));
    let start = clock.now();
    let mut random = StdRng::seed_from_u64(settings.seed);
    for kill in 0..KILLS {
        // Somewhere in this kill's share of the answers.
        let at = answers * kill / KILLS + random.random_range(0..(answers / KILLS).max(1));
        while written.load(Ordering::Relaxed) < at && !writing.is_finished() {
            std::thread::sleep(Duration::from_millis(1));
        }
        stage.server.kill_and_restart()?;
    }
    let ours = outside.block_on(writing).map_err(std::io::Error::other)?;
    let settled = stage.runtime.block_on(all_settled(&stage.hub, &stage.owner, &conversations, &clock))?;
    let took = clock.now() - start;

    let mut report = Report::new("outbound");
    report.note(format!("{answers} answers in {PEOPLE} conversations, the hub killed {KILLS} times meanwhile"));
    let handed = carrier.handed();
    let state = |wanted: Delivery| settled.values().filter(|message| message.delivery == Some(wanted)).count();
    let uncertain = settled.values().filter(|message| message.delivery == Some(Delivery::Uncertain));
    let arrived = uncertain.filter(|message| handed.contains_key(&message.id.to_string())).count();
    report.number("answers that the hub took", ours.len() as f64, "");
    report.number("answers that the provider has", handed.len() as f64, "");
    report.number("shown as sent", state(Delivery::Sent) as f64, "");
    report.number("shown as uncertain", state(Delivery::Uncertain) as f64, "");
    report.number("  of which the provider has", arrived as f64, "");
    report.number("until everything was settled", ms(took) / 1e3, "s");
    report.check = desk.judge(&(0..PEOPLE).map(|sender| (sender, 0)).collect(), true);
    report.check.accepted += ours.len() as u64;
    report.check.delivered += handed.len() as u64;
    report.check.twice += handed.values().map(|times| times.len() as u64 - 1).sum::<u64>();
    report.check.lost +=
        ours.iter().filter(|(id, _)| is_lost(settled.get(*id), handed.contains_key(*id))).count() as u64;
    report.check.wrong +=
        handed.iter().filter(|(id, times)| ours.get(*id) != times.first().map(|it| &it.text)).count() as u64;
    Ok(report)
}

/// Gone without a word: neither at the provider nor shown as in doubt.
fn is_lost(message: Option<&Message>, handed: bool) -> bool {
    match message.and_then(|message| message.delivery) {
        Some(Delivery::Uncertain) => false,
        Some(Delivery::Sent | Delivery::Delivered | Delivery::Read) => !handed,
        Some(Delivery::Queued | Delivery::Failed) | None => true,
    }
}

/// Writes all of them, each until the hub has taken it; their ids and texts.
async fn answer_all(
    hub: Hub,
    who: SignedIn,
    conversations: Vec<ConversationId>,
    answers: usize,
    written: Arc<AtomicUsize>,
) -> HashMap<String, String> {
    use futures_util::StreamExt;
    let (hub, who, conversations, written) = (&hub, &who, &conversations, &written);
    futures_util::stream::iter(0..answers)
        .map(|number| async move {
            let (key, text) = (format!("answer-{number}"), format!("Answer {number}"));
            let conversation = conversations[number % conversations.len()];
            loop {
                match hub.answer(who, conversation, &key, text.clone()).await {
                    Ok(message) => {
                        written.fetch_add(1, Ordering::Relaxed);
                        return (message.id.to_string(), text);
                    }
                    // Killed just now, or not there yet.
                    Err(_) => tokio::time::sleep(AGAIN_AFTER).await,
                }
            }
        })
        .buffer_unordered(AT_ONCE)
        .collect()
        .await
}

/// What the store says of each answer, once none waits any more or patience has ended.
async fn all_settled(
    hub: &Hub,
    who: &SignedIn,
    conversations: &[ConversationId],
    clock: &Clock,
) -> Result<HashMap<String, Message>, LoadError> {
    let end = clock.now() + DONE_WITHIN.as_nanos() as u64;
    loop {
        let mut all = HashMap::new();
        for conversation in conversations {
            let messages = hub.messages(who, *conversation).await?;
            let ours = messages.into_iter().filter(|message| message.delivery.is_some());
            all.extend(ours.map(|message| (message.id.to_string(), message)));
        }
        let waits = all.values().any(|message| message.delivery == Some(Delivery::Queued));
        if !waits || clock.now() >= end {
            return Ok(all);
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}
