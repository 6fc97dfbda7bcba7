//! Keeps what a bot shows by signals behind its block: messages are looked at in the transaction that commits them, but
//! signals stand in no order with events, and one that was allowed may come here after the block has.
//!
//! Such a signal says as of which position it was allowed. The pump, which hands out events and signals alike, lets it pass
//! unless it has handed out a later change of how bots stand in that conversation: whoever has been told of a block is
//! shown nothing of that bot after it.

use std::collections::{HashMap, VecDeque};

use serde::{Deserialize, Serialize};
use switchboard_protocol::{ConversationId, Position};
use switchboard_store::CommittedEvent;

/// Changes remembered, events: a signal is older than that many of them only where a hub has stood still.
const REMEMBERED: usize = 4096;

/// By this word events are known that change how bots stand: it stands at their beginning.
const WORD: &str = "\"event\":\"conversation_bots_changed\"";
/// And by these a person's answer, which keeps bots out from its commit on, before anybody has written so of them.
const CREATED: &str = "\"event\":\"message_created\"";
const ANSWER: &str = "\"kind\":\"out\",\"author\":{\"kind\":\"agent\"";
/// So far into an event they are looked for, bytes: a frame begins with its kind, two numbers and the event's word, a
/// message with two ids, its number, its kind and its author.
const HEAD: usize = 120;
const MESSAGE_HEAD: usize = 320;

/// As of when something was allowed in a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AsOf {
    pub conversation_id: ConversationId,
    pub position: Position,
}

/// The last changes of how bots stand, by conversation.
#[derive(Default)]
pub(super) struct Fences {
    last: HashMap<ConversationId, Position>,
    order: VecDeque<(ConversationId, Position)>,
}

impl Fences {
    /// An event is about to be handed out.
    pub fn note(&mut self, event: &CommittedEvent) {
        let Some(conversation) = event.conversation_id else { return };
        let answered = || says(event, CREATED, HEAD) && says(event, ANSWER, MESSAGE_HEAD);
        if !says(event, WORD, HEAD) && !answered() {
            return;
        }
        self.last.insert(conversation, event.position);
        self.order.push_back((conversation, event.position));
        if self.order.len() > REMEMBERED
            && let Some((oldest, position)) = self.order.pop_front()
            && self.last.get(&oldest) == Some(&position)
        {
            self.last.remove(&oldest);
        }
    }

    /// Whether what was allowed then may still be shown.
    pub fn lets(&self, as_of: AsOf) -> bool {
        self.last.get(&as_of.conversation_id).is_none_or(|last| *last <= as_of.position)
    }
}

/// Whether this stands in the first bytes of an event. Texts of customers come later, and have no bare quotes.
fn says(event: &CommittedEvent, word: &str, within: usize) -> bool {
    let head = event.staff.as_bytes();
    let head = &head[..head.len().min(within)];
    head.windows(word.len()).any(|part| part == word.as_bytes())
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use switchboard_protocol::agent::{AgentEvent, AgentEventFrame, AgentServerFrame};
    use switchboard_protocol::model::{Author, MessageKind};
    use switchboard_protocol::{AgentId, BotId, ContactId, InboxId, Ulid, UnixMs};
    use switchboard_store::Audience;

    use super::*;

    fn event(position: Position, conversation: u128, kind: &str) -> CommittedEvent {
        CommittedEvent {
            position,
            audience: Audience::Inbox(InboxId(Ulid(1))),
            conversation_id: Some(ConversationId(Ulid(conversation))),
            staff: format!("{{\"t\":\"event\",\"position\":{position},\"at\":1,\"event\":\"{kind}\"}}").into(),
            visitor: None,
        }
    }

    fn as_of(position: Position, conversation: u128) -> AsOf {
        AsOf { conversation_id: ConversationId(Ulid(conversation)), position }
    }

    #[test]
    fn what_was_allowed_before_a_block_is_not_shown_after_it() {
        let mut fences = Fences::default();
        assert!(fences.lets(as_of(4, 1)));
        fences.note(&event(5, 1, "conversation_bots_changed"));
        fences.note(&event(6, 2, "message_created"));
        assert!(!fences.lets(as_of(4, 1)));
        assert!(fences.lets(as_of(5, 1)));
        assert!(fences.lets(as_of(4, 2)));
    }

    #[test]
    fn what_was_allowed_before_a_persons_answer_is_not_shown_after_it() {
        // As the hub writes it, with the longest numbers that come before what is looked for.
        let written = |position: Position, kind: MessageKind, author: Author, text: &str| {
            let last = Ulid(u128::MAX);
            let message = json!({
                "id": last.to_string(), "conversation_id": last.to_string(), "number": i64::MAX, "kind": kind,
                "author": author, "at": UnixMs::MAX, "text": text, "attachments": [],
            });
            let message = Box::new(serde_json::from_value(message).expect("a message"));
            let event = AgentEvent::MessageCreated { message, patch: Box::default() };
            let frame = AgentEventFrame { position: Position::MAX, at: UnixMs::MAX, event };
            let frame = AgentServerFrame::Event(Box::new(frame));
            let staff = serde_json::to_string(&frame).expect("a frame is JSON");
            CommittedEvent { staff: staff.into(), ..self::event(position, 1, "message_created") }
        };
        let (contact, agent) = (Author::Contact { id: ContactId(Ulid(1)) }, Author::Agent { id: AgentId(Ulid(2)) });
        let bot = Author::Bot { id: BotId(Ulid(3)) };
        let mut fences = Fences::default();
        fences.note(&written(5, MessageKind::In, contact, "hello"));
        fences.note(&written(6, MessageKind::In, contact, ANSWER));
        fences.note(&written(7, MessageKind::Out, bot, "hello"));
        assert!(fences.lets(as_of(4, 1)));
        fences.note(&written(8, MessageKind::Out, agent, "This is Olga"));
        assert!(!fences.lets(as_of(7, 1)) && fences.lets(as_of(8, 1)));
    }

    #[test]
    fn only_so_many_changes_are_remembered() {
        let mut fences = Fences::default();
        for position in 1..=10_000 {
            fences.note(&event(position, position as u128 % 6_000, "conversation_bots_changed"));
        }
        assert!(fences.last.len() <= REMEMBERED && fences.order.len() <= REMEMBERED);
    }
}
