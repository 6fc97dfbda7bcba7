//! Answers of agents that go out by a channel while something is killed: written until a hub has taken them, and judged by
//! what the hubs say of each and what the provider has.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::StreamExt;
use switchboard_protocol::ConversationId;
use switchboard_protocol::model::{Delivery, Message};

use crate::clock::Clock;
use crate::hub::{Hub, SignedIn};
use crate::report::Report;

/// A hub that did not take an answer is asked again after this, or the next one is.
const AGAIN_AFTER: Duration = Duration::from_millis(50);
/// Between two looks at what the store says.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Somebody who answers.
#[derive(Clone)]
pub struct Writer {
    /// Asked in turn.
    pub hubs: Vec<Hub>,
    pub who: SignedIn,
    pub conversations: Vec<ConversationId>,
    /// Stands in the text, and tells this writer's answers from others'.
    pub name: &'static str,
    /// How many the hubs have taken so far.
    pub written: Arc<AtomicUsize>,
}

/// Answers by the hub's ids, with their texts.
pub type Answers = HashMap<String, String>;

impl Writer {
    /// The text of its answer of this number.
    pub fn text(&self, number: usize) -> String {
        format!("{} {number}", self.name)
    }

    /// Writes one until a hub has taken it: its id and text.
    pub async fn answer(&self, number: usize) -> (String, String) {
        let (key, text) = (format!("{}-{number}", self.name), self.text(number));
        let conversation = self.conversations[number % self.conversations.len()];
        for time in number.. {
            let hub = &self.hubs[time % self.hubs.len()];
            if let Ok(message) = hub.answer(&self.who, conversation, &key, text.clone()).await {
                self.written.fetch_add(1, Ordering::Relaxed);
                return (message.id.to_string(), text);
            }
            // Killed just now, or not there yet.
            tokio::time::sleep(AGAIN_AFTER).await;
        }
        unreachable!("there are enough numbers")
    }

    /// Writes so many, some at once.
    pub async fn answer_all(self, answers: usize, at_once: usize) -> Answers {
        let writer = &self;
        let all = futures_util::stream::iter(0..answers).map(|number| writer.answer(number));
        all.buffer_unordered(at_once).collect().await
    }

    /// What the store says of each answer, once none waits any more or patience has ended.
    pub async fn settled(&self, hub: &Hub, clock: &Clock, within: Duration) -> HashMap<String, Message> {
        let end = clock.now() + within.as_nanos() as u64;
        loop {
            let all = self.look(hub).await;
            if let Some(all) = all
                && (clock.now() >= end || !all.values().any(|message| message.delivery == Some(Delivery::Queued)))
            {
                return all;
            }
            if clock.now() >= end {
                return HashMap::new();
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// None: the hub does not answer just now.
    async fn look(&self, hub: &Hub) -> Option<HashMap<String, Message>> {
        let mut all = HashMap::new();
        for conversation in &self.conversations {
            let messages = hub.messages(&self.who, *conversation).await.ok()?;
            let ours = messages.into_iter().filter(|message| message.delivery.is_some());
            all.extend(ours.map(|message| (message.id.to_string(), message)));
        }
        Some(all)
    }
}

/// Messages that may be in doubt for each time that somebody is killed: those of one inbox that are in hand at once.
const IN_HAND: usize = 4;
/// And of all answers no more than one in so many, however often somebody is killed.
const ONE_IN: usize = 4;
/// Of those in doubt the provider may never have been handed so many, or one for so many kills: a hub notes that it begins
/// one right before it hands it over, so only what died between the two is in doubt without having left. A hub that notes it
/// for all that it has in hand leaves three times as many.
const NEVER_LEFT: usize = 2;
const KILLS_FOR_ONE: usize = 4;

/// How many of these answers may be in doubt after so many kills.
fn most_in_doubt(answers: usize, kills: usize) -> usize {
    (kills * IN_HAND).min(answers / ONE_IN)
}

/// How many of these may never have left after so many kills.
fn most_that_never_left(kills: usize) -> usize {
    NEVER_LEFT.max(kills / KILLS_FOR_ONE)
}

/// Judges them: each is at the provider once, or shown as in doubt, and in doubt are no more than were in hand when somebody
/// was killed, `kills` times, and hardly any that the provider was never handed. `handed` says how often the provider was handed it.
pub fn judge(
    report: &mut Report,
    ours: &Answers,
    settled: &HashMap<String, Message>,
    kills: usize,
    handed: impl Fn(&str, &str) -> usize,
) {
    let state = |id: &str| settled.get(id).and_then(|message| message.delivery);
    let count = |wanted: Delivery| ours.keys().filter(|id| state(id) == Some(wanted)).count() as f64;
    let there = ours.iter().filter(|(id, text)| handed(id, text) > 0);
    let uncertain = there.clone().filter(|(id, _)| state(id) == Some(Delivery::Uncertain));
    report.number("answers that the hub took", ours.len() as f64, "");
    report.number("answers that the provider has", there.clone().count() as f64, "");
    report.number("shown as sent", count(Delivery::Sent), "");
    report.number("shown as uncertain", count(Delivery::Uncertain), "");
    let left = uncertain.count() as f64;
    report.number("  of which the provider has", left, "");
    let most = most_in_doubt(ours.len(), kills) as f64;
    report.gate("in doubt are no more than were in hand", count(Delivery::Uncertain), most, "answers");
    let most = most_that_never_left(kills) as f64;
    report.gate("in doubt are hardly any that never left", count(Delivery::Uncertain) - left, most, "answers");
    report.check.accepted += ours.len() as u64;
    report.check.delivered += there.count() as u64;
    let times = ours.iter().map(|(id, text)| handed(id, text));
    report.check.twice += times.map(|times| times.saturating_sub(1) as u64).sum::<u64>();
    report.check.lost += ours.iter().filter(|(id, text)| is_lost(state(id), handed(id, text) > 0)).count() as u64;
}

/// Gone without a word: neither at the provider nor shown as in doubt.
fn is_lost(delivery: Option<Delivery>, handed: bool) -> bool {
    match delivery {
        Some(Delivery::Uncertain) => false,
        Some(Delivery::Sent | Delivery::Delivered | Delivery::Read) => !handed,
        Some(Delivery::Queued | Delivery::Failed) | None => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is said of a run in which so many are shown as in doubt, of which so many never left, and the provider has all
    /// others once.
    fn passes(answers: usize, in_doubt: usize, never_left: usize, kills: usize) -> bool {
        let id = |n: usize| format!("01ARZ3NDEKTSV4RRFFQ69{n:05}");
        let shown = |n: usize| {
            let delivery = if n < in_doubt { "uncertain" } else { "sent" };
            let author = serde_json::json!({ "kind": "system" });
            let message = serde_json::json!({ "id": id(n), "conversation_id": id(0), "number": 1, "kind": "out",
                "author": author, "at": 0, "text": "x", "delivery": delivery });
            (id(n), serde_json::from_value(message).expect("a message"))
        };
        let mut report = Report::new("a test");
        let ours: Answers = (0..answers).map(|n| (id(n), "x".to_owned())).collect();
        let handed = |at: &str| usize::from((never_left..answers).any(|n| id(n) == at));
        judge(&mut report, &ours, &(0..answers).map(shown).collect(), kills, |id, _| handed(id));
        report.passed()
    }

    #[test]
    fn a_hub_that_doubts_more_than_was_in_hand_has_failed() {
        assert!(passes(500, 0, 0, 20) && passes(500, 80, 0, 20));
        assert!(!passes(500, 81, 0, 20));
        assert!(!passes(40, 40, 0, 20), "however many kills there are to so few answers");
    }

    #[test]
    fn a_hub_that_doubts_what_it_had_not_begun_has_failed() {
        assert!(passes(500, 27, 5, 20));
        assert!(!passes(500, 27, 6, 20), "each kill leaves what was claimed in doubt");
        assert!(passes(500, 10, 2, 7) && !passes(500, 10, 3, 7));
    }
}
