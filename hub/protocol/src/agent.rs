//! The agents' socket, `/ws/agent`.
//!
//! Handshake: the session cookie with the page's Origin, or, for a program, `hello` with an API token as the first frame.
//! Then the client says `resume` with the position it knows, or without one to go on from now. The hub answers `welcome`,
//! then every event after that position, then live ones; or `reset`: the client takes a new snapshot over REST and says
//! `resume` again with its position, on the same socket.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::bots::{BotBrief, ConversationBots};
use crate::error::ApiError;
use crate::model::{
    Agent, AnswersTo, Attachment, Author, Availability, Contact, Conversation, ConversationPatch, Delivery, Inbox,
    Message, PageSeen, Priority, Team, ViewMode, wire,
};
use crate::{
    AgentId, AttachmentId, BotId, ConnectionId, ContactId, ConversationId, IdentityId, InboxId, MessageId, Number,
    Position, TeamId, UnixMs,
};

wire! {
/// What an agent's client sends.
#[serde(tag = "t", rename_all = "snake_case")]
#[expect(clippy::large_enum_variant, reason = "nearly all are commands, and one is held at a time")]
pub enum AgentFrame {
    /// First frame of a client that has no session cookie.
    Hello { token: String },
    /// Where to go on from. Sent before any command, and again after each `reset`.
    Resume { #[serde(default)] #[ts(optional)] from: Option<ResumePoint> },
    Command { id: String, #[serde(flatten)] command: AgentCommand },
    /// Answer to the hub's heartbeat.
    Pong,
}

/// A place in a feed. A position of another epoch says nothing.
#[derive(Eq)]
pub struct ResumePoint {
    pub epoch: String,

    pub position: Position,
}

/// What an agent wants done.
#[serde(tag = "do", rename_all = "snake_case")]
pub enum AgentCommand {
    /// Answers the contact.
    Reply {
        conversation_id: ConversationId,
        text: String,
        #[serde(default)] #[ts(optional, as = "Option<Vec<AttachmentId>>")]
        attachments: Vec<AttachmentId>,
        /// Number of the last message that the writer has seen; a colleague's reply after it is refused with
        /// `reply_unseen`.

        seen: Number,
        /// Send although there is one.
        #[serde(default)] #[ts(optional, as = "Option<bool>")]
        over: bool,
        /// Number of the message that it answers: one that came in or went out.
        #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
        answers: Option<Number>,
        /// Of answers by mail.
        #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
        mail: Option<ReplyMail>,
        /// What becomes of the conversation once it is answered: both are done, or neither.
        #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
        after: Option<AfterReply>,
        /// The hub holds it for so many seconds before it goes out, at most [`crate::limits::HOLD_SECONDS`]: until then it
        /// can be taken back. Absent: it goes out at once.
        #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
        hold: Option<u32>,
    },
    /// One's own answer that is held does not go out: the one whose command had this id. `conflict`: it has gone out.
    TakeBack { client_id: String },
    /// Writes a note that only the team sees.
    Note {
        conversation_id: ConversationId,
        text: String,
        #[serde(default)] #[ts(optional, as = "Option<Vec<AttachmentId>>")]
        attachments: Vec<AttachmentId>,
        /// Colleagues who are named in it, at most [`crate::limits::MENTIONS`]: they are told. Each must be able to see the
        /// inbox.
        #[serde(default, skip_serializing_if = "Vec::is_empty")] #[ts(optional, as = "Option<Vec<AgentId>>")]
        mentions: Vec<AgentId>,
    },
    /// Changes what the change names.
    Change { conversation_id: ConversationId, change: ConversationChange },
    /// This agent has read up to this number.
    Read { conversation_id: ConversationId, number: Number },
    /// The contact's last message is unread again, for this agent alone.
    Unread { conversation_id: ConversationId },
    /// Keys are being pressed (repeated every [`crate::limits::TYPING_REPEAT_MS`]) or no more. A note's keys are shown
    /// to colleagues only.
    Typing { conversation_id: ConversationId, on: bool, #[serde(default)] #[ts(optional, as = "Option<bool>")] note: bool },
    /// This connection has this conversation open, or none.
    View { conversation_id: Option<ConversationId>, mode: ViewMode },
    /// What this person says of themselves.
    Availability { availability: Availability },
    /// The bot writes nothing here, from the moment at which this is answered.
    BlockBot {
        conversation_id: ConversationId,
        bot_id: BotId,
        /// None: until it is undone.
        #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
        until: Option<UnixMs>,
        /// The way back: the block that began then, with its reason and who it was by.
        #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
        put_back: Option<UnixMs>,
    },
    UnblockBot { conversation_id: ConversationId, bot_id: BotId },
    /// The bot is asked what the customer wrote last, and may answer it once also where it is blocked.
    RunBot { conversation_id: ConversationId, bot_id: BotId },
}

/// An answer that is written and not out yet: the team sees it, the customer does not.
pub struct HeldReply {
    /// Of the command that wrote it; its message will have the same.
    pub client_id: String,
    pub conversation_id: ConversationId,
    pub by: AgentId,

    pub at: UnixMs,
    /// It goes out then.
    pub due_at: UnixMs,
    pub text: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")] #[ts(optional, as = "Option<Vec<Attachment>>")]
    pub attachments: Vec<Attachment>,
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub answers: Option<Number>,
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub mail: Option<ReplyMail>,
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub after: Option<AfterReply>,
    /// Why it did not go out at its time: it waits for who wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub refused: Option<ApiError>,
}

/// What becomes of a conversation with its answer.
#[derive(Eq, Copy)]
#[serde(tag = "to", rename_all = "snake_case")]
pub enum AfterReply {
    Close,
    /// If that is past when the answer comes, it is answered and no more.
    Snooze { until: UnixMs },
}

/// What an answer by mail has beside its text. Whoever is copied takes part from then on: their answers come into the
/// conversation.
#[derive(Eq, Default)]
#[serde(deny_unknown_fields)]
pub struct ReplyMail {
    /// To whom it goes. None: where the last mail before it asks for answers. Of a new conversation its recipient, whatever
    /// stands here.
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub to: Option<String>,
    /// None: the conversation's, with its case number.
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub subject: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")] #[ts(optional, as = "Option<Vec<String>>")]
    pub cc: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")] #[ts(optional, as = "Option<Vec<String>>")]
    pub bcc: Vec<String>,
    /// The text with its formatting; `text` is what shows where that cannot.
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub html: Option<String>,
    /// Where its answers go. None: [`AnswersTo::Inbox`].
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub answers_to: Option<AnswersTo>,
}

/// A change to a conversation's state. An absent field stays as it is. Each is one line in the thread.
#[derive(Eq, Default)]
#[serde(deny_unknown_fields)]
pub struct ConversationChange {
    /// `open` and `closed`; `snoozed` by `snoozed_until`.
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub status: Option<crate::model::Status>,
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub snoozed_until: Option<UnixMs>,
    /// With `snoozed_until`: it sleeps until then though the customer answers. Absent: an answer wakes it.
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub snooze_stays: Option<bool>,
    /// All of them, the primary one first; empty for nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub assignees: Option<Vec<AgentId>>,
    /// The primary assignee; the others stay. None for nobody.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::model::patch::nullable")]
    #[ts(optional)] #[cfg_attr(feature = "schema", schema(value_type = Option<String>))]
    pub assignee: Option<Option<AgentId>>,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::model::patch::nullable")]
    #[ts(optional)] #[cfg_attr(feature = "schema", schema(value_type = Option<String>))]
    pub team_id: Option<Option<TeamId>>,
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub flagged: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub priority: Option<Priority>,
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub tags: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub place: Option<crate::model::Place>,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::model::patch::nullable")]
    #[ts(optional, as = "Option<Option<String>>")] #[cfg_attr(feature = "schema", schema(value_type = Option<String>))]
    pub subject: Option<Option<String>>,
}

/// What the hub sends to an agent's client.
#[serde(tag = "t", rename_all = "snake_case")]
pub enum AgentServerFrame {
    /// The socket is good. Events after `position` follow without a gap.
    Welcome(Welcome),
    /// What you know is too old, of another epoch, or no longer yours to know: take a new snapshot, then resume from it.
    Reset { why: ResetReason },
    /// Answers one command of this socket.
    Reply { id: String, #[serde(flatten)] outcome: Outcome },
    Event(Box<AgentEventFrame>),
    Signal(AgentSignal),
    /// Heartbeat: every event up to this position that concerns you has been sent. Answer with `pong`.
    Ping { position: Position },
    /// The hub is about to close this socket.
    Bye(Bye),
}

pub struct Welcome {
    pub connection_id: ConnectionId,
    pub epoch: String,
    /// Resume goes on from here.

    pub position: Position,
    /// Heartbeats come this often, milliseconds.
    pub heartbeat_ms: u32,
    /// The hub's clock.

    pub now: UnixMs,
}

#[derive(Eq, Copy)]
#[serde(rename_all = "snake_case")]
pub enum ResetReason {
    /// The feed no longer reaches back to the position.
    TooOld,
    /// Another database, or one restored from a backup.
    OtherEpoch,
    /// What this person may see has changed since.
    AccessChanged,
}

/// Why a socket closes and when to come back.
#[derive(Eq, Copy)]
pub struct Bye {
    pub why: ByeReason,
    /// Wait this long before connecting again, milliseconds (already spread).
    pub after_ms: u32,
}

#[derive(Eq, Copy)]
#[serde(rename_all = "snake_case")]
pub enum ByeReason {
    /// This hub goes away; another takes over.
    Draining,
    /// Session or token ended; sign in again.
    SignedOut,
    /// No pong came, or no `resume` in time after a `reset`.
    Silent,
    /// Against the protocol.
    Protocol,
    /// The hub cannot read its store just now.
    Unavailable,
}

/// What came of a command.
#[serde(tag = "ok", rename_all = "snake_case")]
pub enum Outcome {
    #[serde(rename = "yes")]
    Done { #[serde(flatten)] done: Done },
    #[serde(rename = "no")]
    Refused { error: ApiError },
}

/// What a command made.
#[derive(Eq, Default)]
pub struct Done {
    /// Committed at this position; its events carry it.
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub position: Option<Position>,
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub conversation_id: Option<ConversationId>,
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub message_id: Option<MessageId>,
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub number: Option<Number>,
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub at: Option<UnixMs>,
    /// It is held, and goes out then.
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub held_until: Option<UnixMs>,
}

pub struct AgentEventFrame {

    pub position: Position,

    pub at: UnixMs,
    #[serde(flatten)]
    pub event: AgentEvent,
}

/// What happened, as the team sees it. Everything else that the hub does hears of it from these.
#[serde(tag = "event", rename_all = "snake_case")]
pub enum AgentEvent {
    /// A conversation came to be, with its first messages.
    ConversationCreated { conversation: Box<Conversation>, messages: Vec<Message> },
    /// A message, note or system line was added, and what it changed in the conversation's row.
    MessageCreated { message: Box<Message>, patch: Box<ConversationPatch> },
    /// A message has got another conversation, or is back where it was before. It is the same message with the same id;
    /// `line` stands where it stood, and what stood at its new place, such a line, is gone.
    MessageMoved { message: Box<Message>, line: Box<Message> },
    /// A message's delivery, text or existence changed.
    MessageChanged { message: Box<Message> },
    /// It was deleted forever, with all that was said in it. Also in place of older events that told of it. `elsewhere`:
    /// conversations that stay and in which some of it stood before it was moved; what older events tell of these is
    /// without it now.
    ConversationRemoved {
        conversation_id: ConversationId,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        #[ts(optional, as = "Option<Vec<ConversationId>>")]
        elsewhere: Vec<ConversationId>,
    },
    /// Status, assignees … changed; `lines` are the system lines that say so.
    ConversationChanged { conversation_id: ConversationId, by: Author, patch: Box<ConversationPatch>, lines: Vec<Message> },
    /// The channel said how far a message that went out has come.
    DeliveryChanged {
        conversation_id: ConversationId,
        message_id: MessageId,
        number: Number,
        delivery: Delivery,
        note: Option<String>,
    },
    /// An answer is held, or is still held and says why. The message that it becomes has its `client_id` and ends this.
    ReplyHeld { held: Box<HeldReply> },
    /// It was taken back, or its writer may not write here any more.
    HeldReplyGone { conversation_id: ConversationId, by: AgentId, client_id: String },
    /// Once in each inbox that knows the contact, with their identities there and no others.
    ContactChanged { contact: Box<Contact> },
    /// What another system says of the contact came, changed or went: who has it on the screen asks for it anew.
    ContactCardsChanged { contact_id: ContactId },
    /// Their last conversation was deleted forever, and so are they.
    ContactRemoved { contact_id: ContactId },
    /// One's own read position, for one's other tabs.
    ReadChanged { conversation_id: ConversationId, number: Number },
    /// Something that concerns one: see [`crate::notifications`].
    Notified { notification: Box<crate::notifications::Notification> },
    /// One has seen what one was told before this, of this conversation or of all: for one's other tabs. So does
    /// `read_changed` for what was told up to its number.
    NotificationsRead { conversation_id: Option<ConversationId> },
    /// How one wants to be told, of every kind.
    NotificationChoicesChanged { choices: Vec<crate::notifications::NotificationChoice> },
    /// An agent came, changed or was disabled.
    AgentChanged { agent: Agent },
    /// Somebody who was invited, and is not to come.
    AgentRemoved { agent_id: AgentId },
    TeamChanged { team: Team },
    TeamRemoved { team_id: TeamId },
    InboxChanged { inbox: Box<Inbox> },
    InboxRemoved { inbox_id: InboxId },
    /// The channel of an inbox has stopped or begun to work.
    InboxHealthChanged { health: crate::channels::InboxHealth },
    /// A bot came or changed, or was removed: then it is off, and keeps its name for what it wrote.
    BotChanged { bot: BotBrief },
    /// How the bots of a conversation stand: all of them.
    ConversationBotsChanged { bots: Box<ConversationBots> },
    /// A tag has another colour or name, or is gone: who holds the list asks for it anew.
    TagsChanged {},
    /// A template that you may see came, changed or went: who holds the list asks for it anew.
    TemplatesChanged {},
    /// A view that you may see came, changed or went: who holds the list asks for it anew.
    ViewsChanged {},
    /// What you may see has changed: a `reset` follows.
    AccessChanged { agent_id: AgentId },
}

/// What is true now. Lost ones are not sent again: they run out or are repeated.
#[serde(tag = "signal", rename_all = "snake_case")]
pub enum AgentSignal {
    /// Somebody writes in this conversation; forget it after `ttl_ms` or when `on` is false.
    Typing { conversation_id: ConversationId, who: Author, on: bool, note: bool, ttl_ms: u32 },
    /// Who has this conversation open: the whole list, replaces the one before.
    Viewers { conversation_id: ConversationId, viewers: Vec<Viewer> },
    /// Who has which conversation open, of all that you may see: what is not named nobody has open. Comes after each
    /// `welcome`, and when some of the changes were left out, so that what was missed is healed.
    AllViewers { open: Vec<OpenConversation> },
    /// People of the team whose presence has changed; or, with `whole`, everybody who is here: who is not named is not.
    /// The whole comes after each `welcome`, and when some of it was left out, so that what was missed is healed.
    Team { changed: Vec<AgentPresence>, #[serde(default)] #[ts(optional, as = "Option<bool>")] whole: bool },
    /// Visitors of an inbox's sites who came, moved or left.
    Visitors { inbox_id: InboxId, changed: Vec<VisitorPresence> },
}

#[derive(Eq)]
pub struct Viewer {
    pub agent_id: AgentId,
    pub mode: ViewMode,
}

/// A conversation that somebody has open.
#[derive(Eq)]
pub struct OpenConversation {
    pub conversation_id: ConversationId,
    pub viewers: Vec<Viewer>,
}

#[derive(Eq)]
pub struct AgentPresence {
    pub agent_id: AgentId,
    /// None: not here.
    pub availability: Option<Availability>,
}

#[derive(Eq)]
pub struct VisitorPresence {
    pub identity_id: IdentityId,
    /// False: gone.
    pub here: bool,
    /// The page now open.
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub page: Option<PageSeen>,
}
}
