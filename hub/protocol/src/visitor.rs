//! The visitors' socket, `/ws/visitor`, spoken by the chat panel inside the hub's own frame.
//!
//! Handshake: `hello` with the visitor token as the first frame (got from `POST /api/visitor/session`, no row is written
//! for it). These are types of their own, not views of the agents': a note has no way to a visitor because there is no
//! variant that could carry one.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::agent::{Bye, Outcome, ResetReason, ResumePoint, Welcome};
use crate::bots::Rich;
use crate::model::{Attachment, Source, wire};
use crate::{AttachmentId, ConversationId, MessageId, Number, Position, UnixMs};

wire! {
/// What a visitor's client sends.
#[serde(tag = "t", rename_all = "snake_case")]
pub enum VisitorFrame {
    /// First frame. `from` is where to go on from.
    Hello { token: String, #[serde(default)] #[ts(optional)] from: Option<ResumePoint>, #[serde(default)] #[ts(optional)] page: Option<PageNow> },
    Command { id: String, #[serde(flatten)] command: VisitorCommand },
    Pong,
}

/// The page that the visitor has open.
#[derive(Eq)]
pub struct PageNow {
    pub url: String,
    #[serde(default)] #[ts(optional)]
    pub title: Option<String>,
}

/// What is said of a visitor by their page or by themselves: nobody has checked it. Name, mail and telephone fill what is empty
/// on the card; attributes take the place of those of the same name. What cannot be kept is left out.
#[derive(Default, Eq)]
pub struct About {
    /// As in [`crate::rest::SignedUser`]. It counts where it is who the session is of: then the card says who it is.
    #[serde(default)] #[ts(optional)]
    pub user_id: Option<String>,
    #[serde(default)] #[ts(optional)]
    pub name: Option<String>,
    #[serde(default)] #[ts(optional)]
    pub email: Option<String>,
    #[serde(default)] #[ts(optional)]
    pub phone: Option<String>,
    #[serde(default)] #[ts(optional, as = "Option<BTreeMap<String, String>>")]
    pub attributes: BTreeMap<String, String>,
}

/// What a visitor wants done.
#[serde(tag = "do", rename_all = "snake_case")]
pub enum VisitorCommand {
    /// Writes. The first one makes contact, conversation and message; the command's id makes a repeat harmless.
    Send {
        text: String,
        #[serde(default)] #[ts(optional, as = "Option<Vec<AttachmentId>>")]
        attachments: Vec<AttachmentId>,
        /// None: the running conversation, or a new one.
        #[serde(default)] #[ts(optional)]
        conversation_id: Option<ConversationId>,
        /// Where they came from; kept with the conversation that this begins.
        #[serde(default)] #[ts(optional)]
        source: Option<Box<Source>>,
        /// What their page, or they themselves, say of them; kept with the card that the first message makes.
        #[serde(default)] #[ts(optional)]
        about: Option<Box<About>>,
    },
    /// What their page says of them, once there is a card of them; before, it comes with the first message.
    Describe { about: Box<About> },
    Typing { conversation_id: ConversationId, on: bool },
    /// Has everything up to `delivered`, and has seen up to `read` with the panel open.
    Seen { conversation_id: ConversationId, delivered: Number, read: Number },
    /// Went to another page of the site.
    Page { page: PageNow },
    /// Pressed a button of the message of this number. What the bot does of it comes as messages, changes and `told`.
    Press {
        conversation_id: ConversationId,
        number: Number,
        row: u32,
        column: u32,
        /// What stood on it: one that says something else by now is not pressed. None: whatever it says.
        #[serde(default)] #[ts(optional)]
        text: Option<String>,
    },
    /// Wants to talk to a person.
    AskHuman { conversation_id: ConversationId },
    /// Says how they found it, now that it is closed, where the inbox asks for it. Said anew, it takes the place of the one before.
    Rate {
        conversation_id: ConversationId,
        /// From 1 to 5.
        score: u32,
        #[serde(default)] #[ts(optional)]
        words: Option<String>,
    },
}

/// What the hub sends to a visitor's client.
#[serde(tag = "t", rename_all = "snake_case")]
pub enum VisitorServerFrame {
    Welcome(Welcome),
    Reset { why: ResetReason },
    Reply { id: String, #[serde(flatten)] outcome: Outcome },
    Event(Box<VisitorEventFrame>),
    Signal(VisitorSignal),
    Ping { position: Position },
    Bye(Bye),
}

pub struct VisitorEventFrame {

    pub position: Position,

    pub at: UnixMs,
    #[serde(flatten)]
    pub event: VisitorEvent,
}

/// Who of the business answers, as the visitor sees them.
#[derive(Eq)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum VisitorAuthor {
    /// The visitor, on whichever device.
    You,
    Agent { name: String },
    Bot { name: String },
}

/// A message as the visitor sees it.
#[derive(Eq)]
pub struct VisitorMessage {
    pub id: MessageId,
    pub conversation_id: ConversationId,
    /// Numbers grow but have holes: notes and system lines stay in the house.

    pub number: Number,
    pub author: VisitorAuthor,

    pub at: UnixMs,
    pub text: String,
    /// Formatting and buttons, where a bot wrote them.
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub rich: Option<Box<Rich>>,
    /// Number of the message that it answers: one that the visitor has too. What stood there goes only with that message.
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub answers: Option<Number>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")] #[ts(optional, as = "Option<Vec<Attachment>>")]
    pub attachments: Vec<Attachment>,
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub client_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub edited_at: Option<UnixMs>,
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub deleted_at: Option<UnixMs>,
}

/// A conversation as the visitor sees it.
#[derive(Eq)]
pub struct VisitorConversation {
    pub id: ConversationId,
    pub case_number: String,
    pub closed: bool,

    pub created_at: UnixMs,

    pub last_number: Number,
    /// The team has read up to this number.

    pub staff_read_number: Number,
    /// The visitor has read up to this number, on whichever device.

    pub read_number: Number,
    /// They have asked for a person, who answers them until the case is closed or the team lets a bot answer again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")] #[ts(optional, as = "Option<bool>")]
    pub asked_person: bool,
    /// How they found it, from 1 to 5, if they have said so.
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub rating: Option<u32>,
}

/// What happened, as the visitor sees it.
#[serde(tag = "event", rename_all = "snake_case")]
pub enum VisitorEvent {
    ConversationCreated { conversation: VisitorConversation, messages: Vec<VisitorMessage> },
    MessageCreated { message: Box<VisitorMessage> },
    MessageChanged { message: Box<VisitorMessage> },
    /// A message stands in another conversation of theirs now, or at another number: `message` says where, and it is no
    /// longer at this one.
    MessageMoved { from: ConversationId, number: Number, message: Box<VisitorMessage> },
    /// The team has deleted it, with all that was said in it.
    ConversationRemoved { conversation_id: ConversationId },
    /// Closed, reopened, read by the team or on another device, left to a person.
    ConversationChanged { conversation: VisitorConversation },
}

#[serde(tag = "signal", rename_all = "snake_case")]
pub enum VisitorSignal {
    Typing { conversation_id: ConversationId, who: VisitorAuthor, on: bool, ttl_ms: u32 },
    /// Whether somebody of the team is here.
    Team { online: bool },
    /// What a bot says of a button that was pressed, to be shown for a moment; `alert`: until it is put away.
    Told { conversation_id: ConversationId, text: String, alert: bool },
}
}
