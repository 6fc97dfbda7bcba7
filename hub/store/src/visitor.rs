//! What a visitor sees of the team's rows. There is no way from a note or a system line to a [`VisitorMessage`].

use std::collections::BTreeSet;
use std::collections::HashMap;

use switchboard_protocol::AgentId;
use switchboard_protocol::model::{Author, Conversation, Message, MessageKind, Status};
use switchboard_protocol::visitor::{VisitorAuthor, VisitorConversation, VisitorMessage};

use crate::db::{Link, sql};
use crate::error::ReadError;
use crate::row::{id, set};
use crate::writer::Tx;

/// Under which names visitors know the agents who have written.
#[derive(Default)]
pub(crate) struct Names(HashMap<AgentId, String>);

impl Names {
    pub async fn load(tx: &mut Tx, messages: &[Message]) -> Result<Self, ReadError> {
        Self::read(&mut tx.link(), messages).await
    }

    pub async fn read(link: &mut Link<'_>, messages: impl IntoIterator<Item = &Message>) -> Result<Self, ReadError> {
        let agents: BTreeSet<_> = messages.into_iter().filter_map(shown_agent).collect();
        if agents.is_empty() {
            return Ok(Self::default());
        }
        let names = sql(
            "read the names of agents",
            "SELECT a.id, COALESCE(a.display_name, a.name) FROM agents AS a \
             WHERE a.id IN (SELECT v.value->>'id' FROM jsonb_each($1) AS v)",
        )
        .bind(set(agents));
        let rows: Vec<(String, String)> = link.all(names).await?;
        rows.into_iter()
            .map(|(agent, name)| Ok((id("an agent's id", &agent)?, name)))
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

impl FromIterator<(AgentId, String)> for Names {
    fn from_iter<I: IntoIterator<Item = (AgentId, String)>>(names: I) -> Self {
        Self(names.into_iter().collect())
    }
}

/// The agent whom a visitor sees as the author of this message.
fn shown_agent(message: &Message) -> Option<AgentId> {
    match (message.kind, message.author) {
        (MessageKind::Out, Author::Agent { id }) => Some(id),
        _ => None,
    }
}

/// None for what stays in the house.
pub(crate) fn message(message: &Message, names: &Names) -> Option<VisitorMessage> {
    let author = match (message.kind, message.author) {
        (MessageKind::Note | MessageKind::System, _) => return None,
        (MessageKind::In, _) => VisitorAuthor::You,
        (MessageKind::Out, Author::Agent { id }) => {
            VisitorAuthor::Agent { name: names.0.get(&id).cloned().unwrap_or_default() }
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
    }
}
