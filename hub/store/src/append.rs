//! The hot path: messages into existing conversations, a handful of statements for a whole run of them.
//!
//! ```text
//! keys claimed (the constraint decides) ─► repeats answered from what came of the first, by the rights of now
//!                                       └► threads loaded ─► each decided in turn by domain::thread::append
//!                                          ─► messages, rows, files, outbox, events written
//! ```
//!
//! A key whose message was refused is given back in the same transaction.

mod files;
mod repeats;
mod run;
mod senders;

use switchboard_domain::Visibility;
use switchboard_domain::thread::{self, Appended, NewMessage, Thread};
use switchboard_protocol::model::{Attachment, Author, Message, MessageKind};
use switchboard_protocol::{
    AgentId, AttachmentId, ContactId, ConversationId, IdentityId, InboxId, MessageId, Position,
};

use crate::attachments::Uploader;
use crate::bots::standings::Admitted;
use crate::edge_keys::Scope;
use crate::error::AppendError;
use crate::writer::Tx;
pub(crate) use files::Files;
pub(crate) use run::{append_all, queue_for_connectors, told_at};

/// Most system lines that one message causes.
pub const LINES_MAX: usize = 2;

/// Who sends. With the client's id it is the identity of what was sent; it also decides whether the conversation is
/// theirs to write in.
#[derive(Debug, Clone)]
pub enum Sender {
    /// What they may see, and the [`crate::agents::Account::access_position`] as of which that was read: if it has moved,
    /// nothing is written.
    Agent {
        id: AgentId,
        visibility: Visibility,
        access_position: Position,
    },
    Visitor {
        identity_id: IdentityId,
    },
    /// A customer, by a channel of this inbox. Whose identity it is and into which conversation it goes, the command has
    /// decided; the channel's own id for the message is claimed there too.
    Channel {
        inbox_id: InboxId,
        contact_id: ContactId,
    },
    /// A bot that was let in where it writes.
    Bot(Admitted),
    /// The hub by itself, in the name of this inbox: a confirmation.
    Hub {
        inbox_id: InboxId,
    },
}

impl Sender {
    pub(crate) fn scope(&self) -> Scope {
        match self {
            Self::Agent { id, .. } => Scope::Agent(*id),
            Self::Visitor { identity_id } => Scope::Identity(*identity_id),
            Self::Bot(admitted) => Scope::Bot(admitted.bot_id()),
            Self::Channel { inbox_id, .. } | Self::Hub { inbox_id } => Scope::Inbox(*inbox_id),
        }
    }

    pub(crate) fn uploader(&self) -> Uploader {
        match self {
            Self::Agent { id, .. } => Uploader::Agent(*id),
            Self::Visitor { identity_id } => Uploader::Identity(*identity_id),
            Self::Bot(admitted) => Uploader::Bot(admitted.bot_id()),
            Self::Channel { inbox_id, .. } | Self::Hub { inbox_id } => Uploader::Inbox(*inbox_id),
        }
    }

    /// Whose the message is. A visitor's is their contact's, whatever the message says: at the edge nobody knows that id.
    pub(crate) fn author(&self, contact_id: ContactId) -> Author {
        match self {
            Self::Agent { id, .. } => Author::Agent { id: *id },
            Self::Visitor { .. } => Author::Contact { id: contact_id },
            Self::Channel { contact_id, .. } => Author::Contact { id: *contact_id },
            Self::Bot(admitted) => Author::Bot { id: admitted.bot_id() },
            Self::Hub { .. } => Author::System,
        }
    }

    fn agent(&self) -> Option<AgentId> {
        match self {
            Self::Agent { id, .. } => Some(*id),
            Self::Visitor { .. } | Self::Channel { .. } | Self::Bot(_) | Self::Hub { .. } => None,
        }
    }
}

/// A message on its way into an existing conversation.
#[derive(Debug, Clone)]
pub struct Append {
    pub conversation_id: ConversationId,
    pub sender: Sender,
    /// Its `author` is set by the store, from `sender`, and its `attachments` from `attachment_ids`.
    pub message: NewMessage,
    pub attachment_ids: Vec<AttachmentId>,
    /// Ids for the system lines that it may cause.
    pub line_ids: [MessageId; LINES_MAX],
}

/// Where a message came to stand.
#[derive(Debug, Clone, PartialEq)]
pub struct AppendedAt {
    pub message: Message,
    pub position: Position,
    /// It had been sent before; this is what came of the first one.
    pub repeated: bool,
}

/// The same as [`crate::Store::append`], as a part of an operation.
pub async fn append(tx: &mut Tx, append: Append) -> Result<AppendedAt, AppendError> {
    let mut results = append_all(tx, &[&append]).await?;
    results.pop().expect("one result for one append")
}

/// Whether it would be taken if it came now, and its files, for one that is to come later; nothing is written. None: it was
/// sent before.
pub async fn would_take(tx: &mut Tx, append: &Append) -> Result<Option<Vec<Attachment>>, AppendError> {
    run::would_take(tx, append).await
}

/// Brings the copy in memory to where the decision leads, for the next message of the same run.
pub(crate) fn apply(thread: &mut Thread, appended: &Appended) {
    thread::apply(&mut thread.conversation, &appended.patch);
    let message = appended.message();
    if message.kind == MessageKind::Out && thread::is_talk(message.kind, message.author) {
        thread.replies.push((message.number, message.author));
    }
}
