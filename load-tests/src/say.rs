//! What a client says, as frames ready to go.

use switchboard_protocol::agent::{AgentCommand, AgentFrame, ResumePoint};
use switchboard_protocol::visitor::{VisitorCommand, VisitorFrame};
use switchboard_protocol::{BotId, ConversationId};

/// Answer to the hub's heartbeat; the same for agents and visitors.
pub const PONG: &[u8] = br#"{"t":"pong"}"#;

pub fn resume(from: ResumePoint) -> Vec<u8> {
    json(&AgentFrame::Resume { from: Some(from) })
}

pub fn hello(token: &str, from: Option<ResumePoint>) -> Vec<u8> {
    json(&VisitorFrame::Hello { token: token.to_owned(), from, page: None })
}

/// A visitor writes, into the conversation that the hub named before if there is one, as the real panel does. The same id
/// again is the same message again.
pub fn send(id: String, text: String, conversation_id: Option<ConversationId>) -> Vec<u8> {
    let command = VisitorCommand::Send { text, attachments: Vec::new(), conversation_id, source: None, about: None };
    json(&VisitorFrame::Command { id, command })
}

/// An agent answers, whatever else stands there.
pub fn reply(id: String, conversation_id: ConversationId, text: String) -> Vec<u8> {
    let command = AgentCommand::Reply {
        conversation_id,
        text,
        attachments: Vec::new(),
        seen: 1,
        over: true,
        answers: None,
        mail: None,
        after: None,
        hold: None,
    };
    json(&AgentFrame::Command { id, command })
}

/// An agent takes the word from a bot, until it is undone.
pub fn block_bot(id: String, conversation_id: ConversationId, bot_id: BotId) -> Vec<u8> {
    json(&AgentFrame::Command {
        id,
        command: AgentCommand::BlockBot { conversation_id, bot_id, until: None, put_back: None },
    })
}

/// And gives it back.
pub fn unblock_bot(id: String, conversation_id: ConversationId, bot_id: BotId) -> Vec<u8> {
    json(&AgentFrame::Command { id, command: AgentCommand::UnblockBot { conversation_id, bot_id } })
}

fn json(frame: &impl serde::Serialize) -> Vec<u8> {
    serde_json::to_vec(frame).expect("frames have no map keys and no failing fields")
}
