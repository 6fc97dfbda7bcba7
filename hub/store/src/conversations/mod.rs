//! Conversations: finding, listing, counting, beginning, changing.
use switchboard_domain::Visibility;
use switchboard_domain::change::Changed;
use switchboard_domain::thread::{NewMessage, Thread};
use switchboard_protocol::model::{Author, Channel, Conversation, Message, Priority, Source, Status};
use switchboard_protocol::rest::{ConversationRow, Folder, FolderCount, InboxCount, Sort};
use switchboard_protocol::visitor::VisitorConversation;
use switchboard_protocol::{
    AgentId, AttachmentId, ContactId, ConversationId, IdentityId, InboxId, MessageId, Position, TeamId, UnixMs,
};

use crate::append::Sender;
use crate::error::{AppendError, ChangeError, ReadError};
use crate::{Store, Tx};

/// Whose conversations a list asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Assignee {
    Nobody,
    /// As primary or beside others.
    Agent(AgentId),
}

/// Who spoke last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LastBy {
    Contact,
    Team,
}

/// What a page of the list asks for. An absent filter filters nothing.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// Whose "mine" and "unread" it is.
    pub reader: AgentId,
    /// None: whatever the folder.
    pub folder: Option<Folder>,
    pub inbox: Option<InboxId>,
    pub assignee: Option<Assignee>,
    pub team: Option<TeamId>,
    pub status: Option<Status>,
    pub channel: Option<Channel>,
    pub priority: Option<Priority>,
    pub tag: Option<String>,
    pub last_by: Option<LastBy>,
    pub contact: Option<ContactId>,
    /// Words in the contact's name, the subject or the case number.
    pub words: Option<String>,
    pub sort: Sort,
    pub cursor: Option<String>,
    /// At most [`switchboard_protocol::limits::PAGE_ROWS`].
    pub limit: usize,
}

impl Query {
    /// Everything that the reader may see, newest activity first.
    pub fn all(reader: AgentId) -> Self {
        Self {
            reader,
            folder: None,
            inbox: None,
            assignee: None,
            team: None,
            status: None,
            channel: None,
            priority: None,
            tag: None,
            last_by: None,
            contact: None,
            words: None,
            sort: Sort::Activity,
            cursor: None,
            limit: switchboard_protocol::limits::PAGE_ROWS,
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    pub rows: Vec<ConversationRow>,
    /// For [`Query::cursor`]; none: this was the last page.
    pub next: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// Every folder, in the order of [`Folder::ALL`].
    pub folders: Vec<FolderCount>,
    /// What lies in the folder "inbox" of each inbox that has any.
    pub inboxes: Vec<InboxCount>,
}

pub async fn page(_store: &Store, _visibility: &Visibility, _query: &Query) -> Result<Page, ReadError> {
    todo!()
}
pub async fn counts(_store: &Store, _visibility: &Visibility, _reader: AgentId) -> Result<Counted, ReadError> {
    todo!()
}
pub async fn find(
    _store: &Store,
    _visibility: &Visibility,
    _reader: AgentId,
    _id: ConversationId,
) -> Result<Option<ConversationRow>, ReadError> {
    todo!()
}
/// For the identity's own visitor, newest first, at most [`switchboard_protocol::limits::PAGE_ROWS`].
pub async fn of_identity(_store: &Store, _identity_id: IdentityId) -> Result<Vec<VisitorConversation>, ReadError> {
    todo!()
}
/// For signals (typing, watermarks): the conversation, if it is this identity's.
pub async fn find_for_identity(
    _store: &Store,
    _identity_id: IdentityId,
    _id: ConversationId,
) -> Result<Option<Conversation>, ReadError> {
    todo!()
}
pub async fn load(_tx: &mut Tx, _visibility: &Visibility, _id: ConversationId) -> Result<Option<Thread>, ReadError> {
    todo!()
}
pub async fn load_for_identity(
    _tx: &mut Tx,
    _identity_id: IdentityId,
    _id: ConversationId,
) -> Result<Option<Thread>, ReadError> {
    todo!()
}
/// The conversation into which this identity's next message goes: the newest that is not spam or trash.
pub async fn running(_tx: &mut Tx, _identity_id: IdentityId) -> Result<Option<ConversationId>, ReadError> {
    todo!()
}

/// A conversation that begins, with its first message.
#[derive(Debug, Clone)]
pub struct Begin {
    pub id: ConversationId,
    pub contact_id: ContactId,
    pub identity_id: IdentityId,
    pub inbox_id: InboxId,
    pub subject: Option<String>,
    pub language: Option<String>,
    pub source: Source,
    pub first: NewMessage,
    pub sender: Sender,
    pub attachment_ids: Vec<AttachmentId>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Begun {
    pub conversation: Conversation,
    pub message: Message,
    pub position: Position,
}

/// Gives it its number, writes it with its message, emits `conversation_created` to the team and the visitor.
/// Contact and identity exist already. The caller has claimed the message's edge key.
pub async fn begin(_tx: &mut Tx, _begin: Begin) -> Result<Begun, AppendError> {
    todo!()
}

/// What a change made.
#[derive(Debug, Clone, PartialEq)]
pub struct ChangedAt {
    pub conversation: Conversation,
    pub lines: Vec<Message>,
    pub position: Position,
}

/// Writes what [`switchboard_domain::change::change`] decided (or a patch of one's own, such as watermarks, without
/// lines) and emits `conversation_changed`; the visitor hears of it if it shows on their side. None: it changes nothing.
pub async fn change(
    _tx: &mut Tx,
    _row: &Conversation,
    _changed: Changed,
    _by: Author,
    _at: UnixMs,
    _line_id: &mut (dyn FnMut() -> MessageId + Send),
) -> Result<Option<ChangedAt>, ChangeError> {
    todo!()
}
