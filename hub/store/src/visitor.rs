//! What a visitor sees of the team's rows. There is no way from a note or a system line to a [`VisitorMessage`].

use std::collections::BTreeSet;
use std::collections::HashMap;

use switchboard_protocol::model::{Author, Conversation, Message, MessageKind, Status};
use switchboard_protocol::visitor::{VisitorAuthor, VisitorConversation, VisitorMessage};
use switchboard_protocol::{AgentId, BotId};

use crate::db::{Link, sql};
use crate::error::ReadError;
use crate::row::{id, set};
use crate::writer::Tx;

/// Under which names visitors know the agents and bots that have written.
#[derive(Default)]
pub(crate) struct Names {
    agents: HashMap<AgentId, String>,
    bots: HashMap<BotId, String>,
}

impl Names {
    pub async fn load(tx: &mut Tx, messages: &[Message]) -> Result<Self, ReadError> {
        Self::read(&mut tx.link(), messages).await
    }

    pub async fn read(link: &mut Link<'_>, messages: impl IntoIterator<Item = &Message>) -> Result<Self, ReadError> {
        let mut names = Self::default();
        let (mut agents, mut bots) = (BTreeSet::new(), BTreeSet::new());
        for message in messages.into_iter().filter(|message| message.kind == MessageKind::Out) {
            match message.author {
                Author::Agent { id } => drop(agents.insert(id)),
                Author::Bot { id } => drop(bots.insert(id)),
                Author::Contact { .. } | Author::System => {}
            }
        }
        if !agents.is_empty() {
            let select = sql(
                "read the names of agents",
                "SELECT a.id, COALESCE(a.display_name, a.name) FROM agents AS a \
                 WHERE a.id IN (SELECT v.value->>'id' FROM jsonb_each($1) AS v)",
            );
            for (agent, name) in link.all::<(String, String)>(select.bind(set(agents))).await? {
                names.agents.insert(id("an agent's id", &agent)?, name);
            }
        }
        if !bots.is_empty() {
            let select = sql(
                "read the names of bots",
                "SELECT b.id, b.name FROM bots AS b WHERE b.id IN (SELECT v.value->>'id' FROM jsonb_each($1) AS v)",
            );
            for (bot, name) in link.all::<(String, String)>(select.bind(set(bots))).await? {
                names.bots.insert(id("a bot's id", &bot)?, name);
            }
        }
        Ok(names)
    }

    /// Those of a run's senders.
    pub fn of(agents: HashMap<AgentId, String>, bots: HashMap<BotId, String>) -> Self {
        Self { agents, bots }
    }
}

/// None for what stays in the house.
pub(crate) fn message(message: &Message, names: &Names) -> Option<VisitorMessage> {
    let author = match (message.kind, message.author) {
        (MessageKind::Note | MessageKind::System, _) => return None,
        (MessageKind::In, _) => VisitorAuthor::You,
        (MessageKind::Out, Author::Agent { id }) => {
            VisitorAuthor::Agent { name: names.agents.get(&id).cloned().unwrap_or_default() }
        }
        (MessageKind::Out, Author::Bot { id }) => {
            VisitorAuthor::Bot { name: names.bots.get(&id).cloned().unwrap_or_default() }
        }
        // Without a name of its own the page shows the inbox's.
        (MessageKind::Out, _) => VisitorAuthor::Bot { name: String::new() },
    };
    Some(VisitorMessage {
        id: message.id,
        conversation_id: message.conversation_id,
        number: message.number,
        author,
        at: message.at,
        text: message.text.clone(),
        rich: message.rich.clone(),
        answers: message.answers,
        attachments: message.attachments.clone(),
        // Whoever else may read it has no use for it.
        client_id: message.client_id.clone().filter(|_| message.kind == MessageKind::In),
        edited_at: message.edited_at,
        deleted_at: message.deleted_at,
    })
}

pub(crate) fn conversation(row: &Conversation) -> VisitorConversation {
    VisitorConversation {
        id: row.id,
        case_number: row.case_number.clone(),
        closed: row.status == Status::Closed,
        created_at: row.created_at,
        last_number: row.last_number,
        staff_read_number: row.staff_read_number,
        read_number: row.contact_read_number,
        asked_person: row.asked_person,
        rating: row.rating,
    }
}
