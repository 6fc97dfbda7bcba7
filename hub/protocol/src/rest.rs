//! Bodies of the HTTP API under `/api`. Lists come in pages with an opaque cursor; what a list shows carries the feed
//! position that it is true at, so that a socket resumed from there misses nothing.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::agent::{AfterReply, ReplyMail, ResumePoint};
use crate::model::{
    Agent, Attachment, Availability, BeforeChat, Channel, Contact, Conversation, Inbox, Message, PageSeen, Role, Scope,
    Team, WebSettings, closed, wire,
};
use crate::visitor::{VisitorConversation, VisitorMessage};
use crate::{
    AgentId, AttachmentId, ContactId, ConversationId, IdentityId, InboxId, Number, SessionId, TeamId, TokenId, UnixMs,
};

closed! {
    /// The folders of the list.
    Folder {
        /// All not closed, not snoozed, in the inbox.
        Inbox = "inbox",
        /// Those in which I have not read the contact's last message.
        Unread = "unread",
        Mine = "mine",
        Unassigned = "unassigned",
        Snoozed = "snoozed",
        /// Those that I began and the customer has not answered, also closed or snoozed.
        Sent = "sent",
        Closed = "closed",
        Archived = "archived",
        Spam = "spam",
        Trash = "trash",
    }

    /// What a list is sorted by.
    Sort {
        /// Newest activity first.
        Activity = "activity",
        /// Newest conversation first.
        Created = "created",
        /// Longest waiting first.
        Waiting = "waiting",
    }

    /// Why somebody was not written to.
    NotStartedReason {
        /// No such customer, or not for the one who asks to see.
        Unknown = "unknown",
        /// The customer has nothing by which this channel reaches them.
        NoAddress = "no_address",
        /// What was written, or stands on their card, is no address of this channel.
        NotAnAddress = "not_an_address",
        /// They do not want to be written to.
        Stopped = "stopped",
        /// They are among the recipients before.
        Twice = "twice",
    }

    /// What two customers' cards may have in common.
    SharedKind {
        Email = "email",
        Phone = "phone",
    }

    /// What a link lets its holder do. Each opens once, and for a time.
    LinkPurpose {
        /// Join the team, with a password of their own.
        Join = "join",
        /// Set a new password in place of one that is forgotten.
        NewPassword = "new_password",
    }
}

wire! {
/// Makes the first person, the owner, with the one-time link that the hub printed.
pub struct SetUp { pub token: String, pub name: String, pub email: String, pub password: String }

pub struct SignIn { pub email: String, pub password: String }

/// Who is signed in, and all that a page needs before it can show the first list.
pub struct Me {
    pub agent: Agent,
    pub availability: Availability,
    /// What this session or token may do.
    pub scopes: Vec<Scope>,
    pub agents: Vec<Agent>,
    pub teams: Vec<Team>,
    /// Only those that this person may see.
    pub inboxes: Vec<Inbox>,
    /// How those of them do that have a channel.
    #[serde(default)]
    pub health: Vec<crate::channels::InboxHealth>,
    /// All of them: what they wrote shows their names.
    #[serde(default)]
    pub bots: Vec<crate::bots::BotBrief>,
    /// Agents who are here now.
    pub present: Vec<crate::agent::AgentPresence>,
    /// The feed position that all of this is true at.
    pub at: ResumePoint,
}

/// A signed-in browser.
pub struct Session {
    pub id: SessionId,
    /// The one that asks.
    pub current: bool,
    pub user_agent: String,
    pub address: String,
    pub created_at: UnixMs,
    /// To the hour: sessions are not written at each request.
    pub last_seen_at: UnixMs,
}

/// A token for programs. The secret is shown once, at creation.
pub struct Token {
    pub id: TokenId,
    pub name: String,
    pub scopes: Vec<Scope>,
    pub created_at: UnixMs,
    pub last_used_at: Option<UnixMs>,
    pub expires_at: Option<UnixMs>,
}

pub struct CreateToken {
    pub name: String,
    pub scopes: Vec<Scope>,
    #[serde(default)] #[ts(optional)] pub expires_at: Option<UnixMs>,
}

pub struct CreatedToken {
    #[serde(flatten)] pub token: Token,
    /// `Authorization: Bearer …`. Not shown again.
    pub secret: String,
}

/// Invites a person. They choose their own password through the link.
pub struct InviteAgent { pub name: String, pub email: String, pub role: Role }

pub struct Invitation {
    pub agent: Agent,
    /// Opens once, within [`Invitation::expires_at`].
    pub link: String,
    pub expires_at: UnixMs,
}

pub struct AcceptInvitation { pub token: String, pub password: String, #[serde(default)] #[ts(optional)] pub name: Option<String> }

/// A link through which somebody of the team sets a new password, in place of one that they have forgotten.
pub struct PasswordLink {
    /// Opens once, within [`PasswordLink::expires_at`].
    pub link: String,
    pub expires_at: UnixMs,
}

/// Asks what a link is good for, without using it. The token stands in the body, for an address is kept in logs.
pub struct ShowLink { pub token: String }

/// What a link is good for, and whose it is.
pub struct LinkShown {
    pub purpose: LinkPurpose,
    pub name: String,
    pub email: String,
    pub expires_at: UnixMs,
}

/// Sets a new password with the token of a link.
pub struct SetPassword { pub token: String, pub password: String }

#[derive(Default)]
#[serde(deny_unknown_fields)]
pub struct ChangeAgent {
    #[serde(default)] #[ts(optional)] pub name: Option<String>,
    #[serde(default)] #[ts(optional)] pub display_name: Option<String>,
    #[serde(default)] #[ts(optional)] pub role: Option<Role>,
    #[serde(default)] #[ts(optional)] pub disabled: Option<bool>,
}

pub struct ChangePassword { pub current: String, pub new: String }

pub struct SaveTeam { pub name: String, pub members: Vec<AgentId> }

pub struct CreateInbox {
    pub name: String,
    pub channel: Channel,
    #[serde(default)] #[ts(optional)] pub case_prefix: Option<String>,
    #[serde(default)] #[ts(optional)] pub web: Option<SaveWebSettings>,
}

#[derive(Default)]
#[serde(deny_unknown_fields)]
pub struct ChangeInbox {
    #[serde(default)] #[ts(optional)] pub name: Option<String>,
    #[serde(default)] #[ts(optional)] pub case_prefix: Option<String>,
    #[serde(default)] #[ts(optional)] pub web: Option<SaveWebSettings>,
}

#[derive(Default)]
#[serde(deny_unknown_fields)]
pub struct SaveWebSettings {
    #[serde(default)] #[ts(optional)] pub origins: Option<Vec<String>>,
    #[serde(default)] #[ts(optional)] pub accent: Option<String>,
    #[serde(default)] #[ts(optional)] pub greeting: Option<String>,
    #[serde(default)] #[ts(optional)] pub ask_rating: Option<bool>,
    /// Null: nothing is asked.
    #[serde(default, deserialize_with = "crate::model::patch::nullable")]
    #[ts(optional, as = "Option<Option<BeforeChat>>")] #[cfg_attr(feature = "schema", schema(value_type = Option<BeforeChat>))]
    pub before: Option<Option<Box<BeforeChat>>>,
}

/// Who may see an inbox, beside owners and admins.
#[derive(Eq)]
pub struct Access { pub agents: Vec<AgentId>, pub teams: Vec<TeamId> }

/// Everybody to whom a conversation of an inbox may be given, owners and admins included.
#[derive(Eq)]
pub struct InboxAgents { pub agents: Vec<AgentId> }

/// Somebody who was invited and has not come yet.
#[derive(Eq)]
pub struct PendingInvitation {
    pub agent_id: AgentId,
    /// Until when their link opens; may have passed.
    pub expires_at: UnixMs,
}

/// A conversation and what of it is the reader's own.
pub struct ConversationRow {
    #[serde(flatten)] pub conversation: Conversation,
    /// The reader has read up to this number.
    pub read_number: Number,
}

/// A page of the conversation list.
pub struct ConversationPage {
    pub rows: Vec<ConversationRow>,
    /// Hand back as `cursor` for the next page; none: this was the last.
    pub next: Option<String>,
    pub at: ResumePoint,
}

/// A conversation with its last messages.
pub struct ConversationDetail {
    pub row: ConversationRow,
    pub contact: Contact,
    /// The newest, in rising number.
    pub messages: Vec<Message>,
    /// There are older ones: ask with `before` = the smallest number here.
    pub more: bool,
    pub viewers: Vec<crate::agent::Viewer>,
    /// The page that the visitor has open now.
    pub visitor_page: Option<PageSeen>,
    pub visitor_here: bool,
    /// Answers that wait before they go out, in the order in which they do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")] #[ts(optional, as = "Option<Vec<crate::agent::HeldReply>>")]
    pub held: Vec<crate::agent::HeldReply>,
    pub at: ResumePoint,
}

pub struct MessagePage { pub messages: Vec<Message>, pub more: bool }

pub struct WriteMessage {
    /// A note is seen by the team only.
    #[serde(default)] #[ts(optional, as = "Option<bool>")] pub note: bool,
    pub text: String,
    #[serde(default)] #[ts(optional, as = "Option<Vec<AttachmentId>>")] pub attachments: Vec<AttachmentId>,
    /// Number of the last message seen; none: send whatever stands there.
    #[serde(default)] #[ts(optional)] pub seen: Option<Number>,
    /// Number of the message that it answers: one that came in or went out.
    #[serde(default)] #[ts(optional)] pub answers: Option<Number>,
    /// Of answers by mail.
    #[serde(default)] #[ts(optional)] pub mail: Option<ReplyMail>,
    /// What becomes of the conversation once it is answered: both are done, or neither.
    #[serde(default)] #[ts(optional)] pub after: Option<AfterReply>,
    /// Of a note: colleagues who are named in it, at most [`crate::limits::MENTIONS`]. They are told; each must be able to
    /// see the inbox.
    #[serde(default)] #[ts(optional, as = "Option<Vec<AgentId>>")] pub mentions: Vec<AgentId>,
}

/// Which messages get a conversation of their own.
#[derive(Eq)]
#[serde(deny_unknown_fields)]
pub struct SplitConversation {
    /// Of a message that came in or went out.
    pub number: Number,
    /// With all messages and notes after it; at most [`crate::limits::MOVED_MESSAGES`] in all. Only a mail goes without.
    #[serde(default)] #[ts(optional, as = "Option<bool>")]
    pub and_after: bool,
}

/// Writes first to customers, of whom each gets a conversation of their own.
pub struct StartConversations {
    /// From which inbox.
    pub inbox_id: InboxId,
    /// At most [`crate::limits::START_RECIPIENTS`].
    pub to: Vec<StartTo>,
    pub text: String,
    /// To one recipient only.
    #[serde(default)] #[ts(optional, as = "Option<Vec<AttachmentId>>")] pub attachments: Vec<AttachmentId>,
    /// Of mails, which need a subject.
    #[serde(default)] #[ts(optional)] pub mail: Option<ReplyMail>,
}

/// Somebody to write to.
#[derive(Eq)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum StartTo {
    /// A customer who is known: by how the inbox knows them, or by mail address or number on their card.
    Contact { contact_id: ContactId },
    /// A mail address or a number. Whoever has it in this inbox is meant; else a customer is made.
    Address {
        address: String,
        /// Of a customer who is made.
        #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
        name: Option<String>,
    },
}

/// What became of each recipient.
#[derive(Eq)]
pub struct StartedConversations { pub started: Vec<Started>, pub not_started: Vec<NotStarted> }

#[derive(Eq)]
pub struct Started {
    /// Place in `to`, from 0.
    pub to: u32,
    pub conversation_id: ConversationId,
    pub case_number: String,
}

#[derive(Eq)]
pub struct NotStarted {
    /// Place in `to`, from 0.
    pub to: u32,
    pub why: NotStartedReason,
}

/// What of a message its row does not hold. Both are absent of a message that has nothing more.
pub struct MessageBody {
    /// With what was quoted, if that is more than the message's text.
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub whole_text: Option<String>,
    /// As its author meant it: sanitised, and to be shown in a sandboxed frame all the same. Nothing in it loads by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub html: Option<String>,
}

pub struct MarkRead { pub number: Number }

/// Conversations in each folder, only of what the reader may see.
#[derive(Eq)]
pub struct Counts {
    pub folders: Vec<FolderCount>,
    pub inboxes: Vec<InboxCount>,
    pub teams: Vec<TeamCount>,
    pub at: ResumePoint,
}

#[derive(Eq)]
pub struct FolderCount { pub folder: Folder, pub conversations: i64 }

/// Open conversations of one inbox.
#[derive(Eq)]
pub struct InboxCount { pub inbox_id: InboxId, pub conversations: i64 }

/// Open conversations of one team.
#[derive(Eq)]
pub struct TeamCount { pub team_id: TeamId, pub conversations: i64 }

pub struct SearchHit {
    pub conversation: ConversationRow,
    /// The message that has the words, with its text.
    pub message: Option<Message>,
    /// Where the words are: of the message, or else of what describes the conversation, some 160 characters around the
    /// first of them. Empty if that cannot be shown.
    pub excerpt: Vec<ExcerptPart>,
}

pub struct ExcerptPart {
    pub text: String,
    /// One of the words that were looked for.
    pub found: bool,
}

pub struct SearchPage { pub hits: Vec<SearchHit>, pub next: Option<String> }

#[derive(Default)]
#[serde(deny_unknown_fields)]
pub struct ChangeContact {
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)] pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)] pub email: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)] pub phone: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)] pub language: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)] pub notes: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)] pub tags: Option<Vec<String>>,
    /// These and no others: those that are not named stay. An empty value takes one away.
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub attributes: Option<BTreeMap<String, String>>,
}

/// Customers who may be the same person as this one, likeliest first: at most [`crate::limits::SUGGESTIONS`].
#[derive(Eq)]
pub struct ContactSuggestions { pub suggestions: Vec<ContactSuggestion> }

#[derive(Eq)]
pub struct ContactSuggestion {
    pub contact: Contact,
    /// What both have.
    pub shared: Vec<Shared>,
}

/// A mail address or number that two cards have.
#[derive(Eq)]
pub struct Shared {
    pub kind: SharedKind,
    /// In small letters, in E.164.
    pub value: String,
    /// On one of the cards it was only typed in: nobody has written from there.
    pub typed: bool,
}

/// A visitor on a site now.
pub struct VisitorHere {
    pub identity_id: IdentityId,
    pub inbox_id: InboxId,
    pub conversation_id: Option<ConversationId>,
    pub page: Option<PageSeen>,
}

pub struct VisitorsHere { pub visitors: Vec<VisitorHere> }

pub struct Sessions { pub sessions: Vec<Session> }
pub struct Tokens { pub tokens: Vec<Token> }
pub struct Agents {
    pub agents: Vec<Agent>,
    /// Those who have yet to choose a password; empty for whoever may not manage the team.
    pub invited: Vec<PendingInvitation>,
}
pub struct Teams { pub teams: Vec<Team> }
pub struct Inboxes { pub inboxes: Vec<Inbox> }

/// Asked by the chat panel when it opens. Writes nothing.
pub struct OpenVisitorSession {
    pub widget_key: String,
    /// The token that this browser had before, if any.
    #[serde(default)] #[ts(optional)] pub token: Option<String>,
    /// Who is signed in on the page, if anybody is. They are the same visitor wherever they are signed in, and what this browser
    /// has said before without a name is theirs from now on.
    #[serde(default)] #[ts(optional)] pub user: Option<SignedUser>,
}

/// Somebody who is signed in on a site, as the site's server says.
pub struct SignedUser {
    /// The site's own id for them. At most 200 characters.
    pub id: String,
    /// Hex of HMAC-SHA-256 of `id` (UTF-8) under the inbox's identity secret.
    pub hash: String,
}

/// How a web inbox knows its customers who are signed in on the site.
#[derive(Eq)]
pub struct InboxIdentity {
    /// When the secret was made; none: there is none, and whoever says that they are signed in is refused.
    pub made_at: Option<UnixMs>,
    /// Until when what was signed with an older secret counts too.
    pub old_until: Option<UnixMs>,
}

/// Makes the secret, or a new one.
pub struct RenewIdentitySecret {
    /// For how long the one before counts too, hours, at most 168. 0: from now on it does not. None: 24.
    #[serde(default)] #[ts(optional)] pub old_hours: Option<u32>,
}

/// Shown this once.
pub struct NewIdentitySecret {
    /// Use it as the key as it stands, all its characters; not the bytes that it would be as hex.
    pub secret: String,
    #[serde(flatten)]
    pub identity: InboxIdentity,
}

pub struct VisitorSession {
    /// Good for the socket's `hello` and as `Authorization: Bearer …`. Never in a URL.
    pub token: String,
    pub identity_id: IdentityId,
    pub settings: WebSettings,
    pub inbox_name: String,
    pub team_online: bool,
    /// None: the inbox has no business hours.
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub hours: Option<OpenNow>,
}

/// Whether an inbox is open by its business hours.
#[derive(Copy, Eq)]
pub struct OpenNow {
    pub open: bool,
    /// When that changes: it opens or closes. None: not for all that is known, or not within two days.
    pub changes_at: Option<UnixMs>,
}

/// What the panel shows at opening.
pub struct VisitorHistory {
    /// Newest first.
    pub conversations: Vec<VisitorConversation>,
    /// Conversation by conversation, the oldest first; within each in rising number.
    pub messages: Vec<VisitorMessage>,
    pub more: bool,
    pub at: ResumePoint,
}

/// A file was taken in and waits for the message that names it. Unnamed after a day, it is thrown away.
pub struct Uploaded { pub attachment: Attachment }
}
