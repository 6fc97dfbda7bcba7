//! Puts batches into the order of their positions, whichever way and how often they come. Pure: no clock, no I/O.

use std::collections::BTreeMap;

use switchboard_protocol::Position;
use switchboard_store::event::CommittedEvent;

/// Most events that wait behind a hole. Beyond it they are dropped: the store has them.
const WAITING_EVENTS: usize = 8_192;

/// Remembers what is due next and what has come too early.
#[derive(Debug)]
pub struct Sequencer {
    delivered: Position,
    early: BTreeMap<Position, CommittedEvent>,
}

impl Sequencer {
    pub fn starting_after(position: Position) -> Self {
        Self { delivered: position, early: BTreeMap::new() }
    }

    /// Everything up to here has come out.
    pub fn delivered(&self) -> Position {
        self.delivered
    }

    /// Takes events in, in any order and any number of times; gives those that are now due, each once, without a hole.
    pub fn offer(&mut self, events: impl IntoIterator<Item = CommittedEvent>) -> Vec<CommittedEvent> {
        let mut due = Vec::new();
        for event in events {
            if event.position == self.delivered + 1 {
                self.delivered = event.position;
                due.push(event);
            } else if event.position > self.delivered && self.early.len() < WAITING_EVENTS {
                self.early.insert(event.position, event);
            }
        }
        while let Some(entry) = self.early.first_entry() {
            if *entry.key() > self.delivered + 1 {
                break;
            }
            let event = entry.remove();
            if event.position == self.delivered + 1 {
                self.delivered = event.position;
                due.push(event);
            }
        }
        due
    }

    /// What has not come up to here is forgotten, and no longer waited for.
    pub fn pass_over(&mut self, upto: Position) {
        self.delivered = self.delivered.max(upto);
    }

    /// Something has come whose predecessor has not.
    pub fn has_gap(&self) -> bool {
        !self.early.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use switchboard_store::event::Audience;

    use super::*;

    fn event(position: Position) -> CommittedEvent {
        let staff = format!("event {position}").into();
        CommittedEvent { position, audience: Audience::Team, conversation_id: None, staff, visitor: None }
    }

    proptest! {
        /// Batches of several hubs, shuffled and repeated: each event comes out once, in order, as far as there is no hole.
        #[test]
        fn whatever_the_order_each_event_comes_out_once(
            order in Just((1..=60i64).collect::<Vec<_>>()).prop_shuffle(),
            again in prop::collection::vec(1..=60i64, 0..40),
            missing in prop::option::of(1..=60i64),
        ) {
            let mut sequencer = Sequencer::starting_after(0);
            let mut out = Vec::new();
            for position in order.into_iter().chain(again).filter(|position| Some(*position) != missing) {
                out.extend(sequencer.offer([event(position)]).into_iter().map(|event| event.position));
            }
            let reach = missing.map_or(60, |missing| missing - 1);
            prop_assert_eq!(&out, &(1..=reach).collect::<Vec<_>>());
            prop_assert_eq!(sequencer.has_gap(), missing.is_some_and(|missing| missing < 60));
            if let Some(missing) = missing {
                out.extend(sequencer.offer([event(missing)]).into_iter().map(|event| event.position));
                prop_assert_eq!(out, (1..=60).collect::<Vec<_>>());
            }
        }
    }
}
