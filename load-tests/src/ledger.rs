//! The check of every message: nothing lost, nothing twice, nothing out of order, however many sockets there are.
//!
//! Two depths. Every receiver keeps one bit per feed position ([`Track`]): cheap enough for a million deliveries a second,
//! and since an event is serialised once, a position stands for its bytes. Some receivers are witnesses
//! ([`Witness`]): their frames are read whole, and each message's conversation, number and text are checked, so that a
//! position also stands for the right message.

use std::collections::{BTreeSet, HashMap};

use serde::Serialize;
use switchboard_protocol::agent::{AgentEvent, AgentServerFrame};
use switchboard_protocol::model::Message;
use switchboard_protocol::{ConversationId, Position};

use crate::scan::Stamp;

/// What the check has found. All zeros but the first two is what it must be.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// Messages that the server said it has (accepted = committed).
    pub accepted: u64,
    /// Events that came, all receivers together.
    pub delivered: u64,
    /// Accepted, but not at a receiver that should have it.
    pub lost: u64,
    /// Came again at the same receiver.
    pub twice: u64,
    /// Came after a later one: by position at a receiver, or by number in a conversation.
    pub disordered: u64,
    /// A text or number that is not what was sent.
    pub wrong: u64,
}

impl Verdict {
    pub fn add(&mut self, other: Self) {
        self.accepted += other.accepted;
        self.delivered += other.delivered;
        self.lost += other.lost;
        self.twice += other.twice;
        self.disordered += other.disordered;
        self.wrong += other.wrong;
    }

    pub fn clean(&self) -> bool {
        (self.lost, self.twice, self.disordered, self.wrong) == (0, 0, 0, 0)
    }
}

/// What one receiver has had, over all of its connections.
#[derive(Debug, Default, Clone)]
pub struct Track {
    base: Position,
    seen: Vec<u64>,
    last: Position,
    delivered: u64,
    twice: u64,
    disordered: u64,
}

impl Track {
    /// From here on: positions after this one count.
    pub fn from(base: Position) -> Self {
        Self { base, last: base, ..Self::default() }
    }

    /// The last position that came; what to resume from.
    pub fn last(&self) -> Position {
        self.last
    }

    /// An event of this position has come. True: for the first time.
    pub fn see(&mut self, position: Position) -> bool {
        self.delivered += 1;
        let Ok(offset) = usize::try_from(position - self.base - 1) else {
            // Before what was asked for: it had that already.
            self.twice += 1;
            return false;
        };
        let (word, bit) = (offset / 64, 1u64 << (offset % 64));
        if self.seen.len() <= word {
            self.seen.resize(word + 1, 0);
        }
        if self.seen[word] & bit != 0 {
            self.twice += 1;
            return false;
        }
        self.seen[word] |= bit;
        if position < self.last {
            self.disordered += 1;
        } else {
            self.last = position;
        }
        true
    }

    pub fn has(&self, position: Position) -> bool {
        let Ok(offset) = usize::try_from(position - self.base - 1) else { return false };
        self.seen.get(offset / 64).is_some_and(|word| word & (1 << (offset % 64)) != 0)
    }

    /// Against the positions that it should have had.
    pub fn judge(&self, expected: &BTreeSet<Position>) -> Verdict {
        let lost = expected.iter().filter(|position| **position > self.base && !self.has(**position)).count() as u64;
        Verdict {
            accepted: 0,
            delivered: self.delivered,
            lost,
            twice: self.twice,
            disordered: self.disordered,
            wrong: 0,
        }
    }
}

/// A receiver whose frames are read whole.
#[derive(Debug, Default)]
pub struct Witness {
    /// Last number of each conversation.
    numbers: HashMap<ConversationId, i64>,
    /// Where each sender writes; an agent in several, so only good for visitors.
    conversations: HashMap<u32, ConversationId>,
    /// What has come of each sender, by sequence.
    stamps: HashMap<(u32, u32), u32>,
    last_sequence: HashMap<u32, u32>,
    verdict: Verdict,
}

impl Witness {
    /// A frame that came; events only are looked at.
    pub fn see(&mut self, frame: &[u8]) {
        let Ok(frame) = serde_json::from_slice::<AgentServerFrame>(frame) else {
            self.verdict.wrong += 1;
            return;
        };
        let AgentServerFrame::Event(event) = frame else { return };
        match event.event {
            AgentEvent::ConversationCreated { messages, .. } => {
                messages.iter().for_each(|message| self.message(message))
            }
            AgentEvent::MessageCreated { message, .. } => self.message(&message),
            AgentEvent::ConversationChanged { lines, .. } => lines.iter().for_each(|line| self.message(line)),
            _ => {}
        }
    }

    fn message(&mut self, message: &Message) {
        self.verdict.delivered += 1;
        let last = self.numbers.entry(message.conversation_id).or_insert(message.number - 1);
        if message.number <= *last {
            self.verdict.disordered += 1;
        } else if message.number != *last + 1 {
            self.verdict.lost += 1;
        }
        *last = (*last).max(message.number);
        let Some(stamp) = Stamp::find(message.text.as_bytes()) else { return };
        self.conversations.insert(stamp.sender, message.conversation_id);
        let times = self.stamps.entry((stamp.sender, stamp.sequence)).or_default();
        *times += 1;
        if *times > 1 {
            self.verdict.twice += 1;
        }
        // A sender writes its messages one after another; they must stand in that order.
        let before = self.last_sequence.insert(stamp.sender, stamp.sequence);
        if before.is_some_and(|before| before > stamp.sequence) {
            self.verdict.disordered += 1;
        }
    }

    /// Of this visitor.
    pub fn conversation_of(&self, sender: u32) -> Option<ConversationId> {
        self.conversations.get(&sender).copied()
    }

    pub fn conversations(&self) -> impl Iterator<Item = ConversationId> + '_ {
        self.numbers.keys().copied()
    }

    /// Against what was accepted: every (sender, sequence), no more.
    pub fn judge<'a>(&self, accepted: impl IntoIterator<Item = &'a (u32, u32)>) -> Verdict {
        let mut verdict = self.verdict;
        verdict.lost += accepted.into_iter().filter(|stamp| !self.stamps.contains_key(stamp)).count() as u64;
        verdict
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_track_sees_what_is_wrong() {
        let mut track = Track::from(10);
        for position in [11, 12, 14, 13, 14, 10] {
            track.see(position);
        }
        let verdict = track.judge(&[5, 11, 12, 13, 14, 15, 99].into());
        assert_eq!((verdict.lost, verdict.twice, verdict.disordered, verdict.delivered), (2, 2, 1, 6));
        assert_eq!(track.last(), 14);
    }

    #[test]
    fn an_undisturbed_track_is_clean() {
        let mut track = Track::from(0);
        (1..=1000).for_each(|position| assert!(track.see(position)));
        assert!(track.judge(&(1..=1000).collect()).clean());
    }
}
