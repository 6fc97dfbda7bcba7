//! The things that are talked about: conversations, messages, contacts, the team.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::bots::{BlockReason, Rich};
use crate::channels::ChannelCapabilities;
use crate::{
    AgentId, AttachmentId, BotId, ContactId, ConversationId, IdentityId, InboxId, MessageId, Number, TeamId, UnixMs,
};

/// `Option<Option<T>>` on the wire: absent is "unchanged", null is "none".
pub(crate) mod patch {
    use serde::{Deserialize, Deserializer};

    pub fn nullable<'de, D: Deserializer<'de>, T: Deserialize<'de>>(d: D) -> Result<Option<Option<T>>, D::Error> {
        Option::deserialize(d).map(Some)
    }
}

macro_rules! wire {
    ($($item:item)*) => {$(
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
        #[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
        #[ts(export_to = "generated.ts")]
        $item
    )*};
}

macro_rules! closed {
    ($($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal,)* })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
        #[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
        #[serde(rename_all = "snake_case")]
        #[ts(export_to = "generated.ts")]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $text)] $variant,)* }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word for it on the wire and in the store.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// The value that this word stands for.
            pub fn from_word(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$variant),)* _ => None }
            }
        }
    )*};
}
pub(crate) use {closed, wire};

closed! {
    /// What kind of channel an inbox stands on.
    Channel { Web = "web", Email = "email", Sms = "sms", Telegram = "telegram", Gateway = "gateway", Api = "api", }

    /// Whether somebody still has to do something.
    Status { Open = "open", Snoozed = "snoozed", Closed = "closed", }

    /// Where a conversation lies.
    Place { Inbox = "inbox", Archived = "archived", Spam = "spam", Trash = "trash", }

    Priority { None = "none", Low = "low", Medium = "medium", High = "high", Urgent = "urgent", }

    /// Which way a message goes. A note never leaves the house; a system line is written by the hub.
    MessageKind { In = "in", Out = "out", Note = "note", System = "system", }

    /// What the channel has said of a message that goes out. For web chat, delivered and read follow from the
    /// conversation's watermarks ([`Conversation::delivered_number`], [`Conversation::contact_read_number`]).
    Delivery {
        /// Committed, waits for its connector.
        Queued = "queued",
        /// The channel has taken it.
        Sent = "sent",
        /// The channel says that it has arrived.
        Delivered = "delivered",
        /// The channel says that it was read.
        Read = "read",
        /// The channel has refused it; `delivery_note` says why.
        Failed = "failed",
        /// It may have gone out: a crash left doubt, and it is never sent blindly twice.
        Uncertain = "uncertain",
    }

    /// What a person of the team may do. Which inboxes they see is apart from it (access), but owners and admins see all.
    Role { Owner = "owner", Admin = "admin", Agent = "agent", ReadOnly = "read_only", }

    /// What a person of the team says of themselves.
    Availability { Online = "online", Away = "away", Busy = "busy", }

    /// What somebody who has a conversation open does there.
    ViewMode { Viewing = "viewing", Replying = "replying", Noting = "noting", }

    /// What an API token may do.
    Scope { Read = "read", Write = "write", Admin = "admin", }
}

closed! {
    /// That a program wrote a message: nothing automatic answers it (RFC 3834, section 2).
    Automatic {
        /// An out-of-office or another machine's answer.
        Reply = "reply",
        /// A mailing list or bulk mail.
        List = "list",
        /// A delivery report.
        Report = "report",
    }

    /// Where the answers to an agent's mail go.
    AnswersTo {
        /// To the inbox, into the conversation.
        Inbox = "inbox",
        /// To the mail address of the agent who writes it, past the hub.
        Own = "own",
    }

    /// Why a mail is in this conversation.
    ThreadedBy {
        /// It was sent to the address that we had signed for this conversation.
        ReplyAddress = "reply_address",
        /// It answers a mail that is in it, and its sender takes part.
        References = "references",
        /// Its subject has the case number, and its sender takes part.
        CaseNumber = "case_number",
        /// It began the conversation.
        Nothing = "nothing",
        /// It answers a mail of another conversation, but its sender does not take part there: it began one of its own.
        Stranger = "stranger",
        /// Its sender has begun many conversations in the last hour that nobody has answered: it is in the newest of them.
        Flood = "flood",
    }
}

wire! {
/// A mail address as it stood in a mail.
#[derive(Eq)]
pub struct MailAddress {
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub name: Option<String>,
    pub address: String,
}

/// What only mails have. Bodies are at `/api/messages/{id}/body`.
#[derive(Eq, Default)]
pub struct MessageMail {
    /// Who wrote; none: we did.
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub from: Option<MailAddress>,
    pub subject: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")] #[ts(optional, as = "Option<Vec<MailAddress>>")]
    pub to: Vec<MailAddress>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")] #[ts(optional, as = "Option<Vec<MailAddress>>")]
    pub cc: Vec<MailAddress>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")] #[ts(optional, as = "Option<Vec<MailAddress>>")]
    pub bcc: Vec<MailAddress>,
    /// Where its author wants answers, if not at `from`.
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub reply_to: Option<String>,
    /// It can be shown as its author meant it.
    #[serde(default)]
    pub html: bool,
    /// There is more than `text`: what was quoted, or a rest that was too long.
    #[serde(default)]
    pub folded: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub automatic: Option<Automatic>,
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub threaded: Option<ThreadedBy>,
    /// It is no mail but came by the inbox's contact form, on the page of this address (empty: the page did not say).
    /// Nobody has proved that the sender's address is theirs.
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub form: Option<String>,
}

/// Who wrote a message or did a thing.
#[derive(Eq, Hash, Copy)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Author {
    Contact { id: ContactId },
    Agent { id: AgentId },
    Bot { id: BotId },
    System,
}

/// A file with a message. Its bytes are at `/api/attachments/{id}`, for those who may see the message.
#[derive(Eq)]
pub struct Attachment {
    pub id: AttachmentId,
    pub name: String,
    /// As the content says, not as the sender said.
    pub media_type: String,

    pub bytes: i64,
    /// It is a picture of a kind that a browser shows without running anything (PNG, JPEG, GIF, WebP).
    pub picture: bool,
}

/// What a system line says. The reader's page makes the sentence, in the reader's language.
#[derive(Eq)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum SystemLine {
    /// The primary assignee is now this one, or nobody.
    Assigned { agent_id: Option<AgentId> },
    /// More agents take part, or fewer.
    AssigneesChanged { added: Vec<AgentId>, removed: Vec<AgentId> },
    TeamChanged { team_id: Option<TeamId> },
    /// An agent closed it.
    Closed,
    /// An agent opened it again.
    Reopened,
    /// The contact wrote, which opened it again.
    ReopenedByContact,
    /// `stays`: also when the customer answers before.
    Snoozed { until: UnixMs, #[serde(default, skip_serializing_if = "std::ops::Not::not")] #[ts(optional, as = "Option<bool>")] stays: bool },
    Woken,
    Moved { place: Place },
    PriorityChanged { priority: Priority },
    TagsChanged { added: Vec<String>, removed: Vec<String> },
    /// A message stood here that is in another conversation now.
    MessageMoved { message_id: MessageId, to: CaseLink },
    /// What follows was taken out of another conversation.
    SplitFrom { from: CaseLink },
    /// So many messages and notes of another conversation are in this one now.
    Merged { from: CaseLink, messages: u32 },
    /// All of this conversation is in another one now.
    MergedInto { into: CaseLink },
    /// It had been merged into another conversation and has its messages back.
    Separated { from: CaseLink },
    /// The bot writes nothing here until then; none: until it is undone.
    BotBlocked { bot_id: BotId, why: BlockReason, until: Option<UnixMs>, #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)] note: Option<String> },
    /// The bot may write here again; `closed`: because the case was closed.
    BotUnblocked { bot_id: BotId, #[serde(default)] #[ts(optional, as = "Option<bool>")] closed: bool },
    /// Somebody wants the bot's answer now.
    BotAsked { bot_id: BotId },
    /// The customer wants to talk to a person. Where that keeps bots out which were not, each has its own line.
    AskedPerson,
    /// The customer pressed a button with this text, under the message of this number, or chose it in their answer.
    Pressed { number: Number, row: u32, column: u32, text: String },
    /// It was flagged, or is so no longer.
    Flagged { flagged: bool },
    SubjectChanged { subject: Option<String> },
    /// The customer said how they found it, from 1 to 5, and why.
    Rated { score: u32, #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)] words: Option<String> },
}

/// Another conversation, as far as a reader needs to go there.
#[derive(Eq)]
pub struct CaseLink {
    pub id: ConversationId,
    pub case_number: String,
}

/// A message, a note or a system line, as the team sees it.
pub struct Message {
    pub id: MessageId,
    pub conversation_id: ConversationId,
    /// Its number within the conversation: 1, 2, 3 … in the order in which they were committed.

    pub number: Number,
    pub kind: MessageKind,
    pub author: Author,

    pub at: UnixMs,
    /// Plain text. HTML bodies, where a channel has them, are apart and sanitised.
    pub text: String,
    /// Formatting and buttons, where a program wrote them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub rich: Option<Box<Rich>>,
    /// Number of the message of this conversation that it answers, where its author pointed at one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub answers: Option<Number>,
    /// What the customer answers, in the channel's words: the part of that message that they picked, or what stands in one
    /// that the hub does not know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub quote: Option<String>,
    /// Only on notes: colleagues who are named in it and were told. In its text they stand as "@" and their name then.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<AgentId>>")]
    pub mentions: Vec<AgentId>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<Attachment>>")]
    pub attachments: Vec<Attachment>,
    /// Only on messages that go out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub delivery: Option<Delivery>,
    /// Why it failed or is uncertain, in the channel's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub delivery_note: Option<String>,
    /// Only on mails.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub mail: Option<Box<MessageMail>>,
    /// Only on system lines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub line: Option<SystemLine>,
    /// The sender's own id for it, so that the sender's page knows its own message again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub client_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub edited_at: Option<UnixMs>,
    /// The text is gone, the line stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub deleted_at: Option<UnixMs>,
}

/// Where a conversation came from.
#[derive(Eq, Default)]
pub struct Source {
    /// Page on which the visitor wrote first.
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub title: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub referrer: Option<String>,
    /// Campaign parameters of the address (`utm_*`, `gclid` …), as name and value.
    #[serde(default, skip_serializing_if = "Vec::is_empty")] #[ts(optional, as = "Option<Vec<(String, String)>>")]
    pub campaign: Vec<(String, String)>,
    /// BCP 47 tag of the visitor's browser.
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub language: Option<String>,
    /// Pages seen before the first message, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")] #[ts(optional, as = "Option<Vec<PageSeen>>")]
    pub pages: Vec<PageSeen>,
}

/// A page of the site that a visitor had open.
#[derive(Eq)]
pub struct PageSeen {
    pub url: String,
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub title: Option<String>,

    pub at: UnixMs,
}

/// The contact as a conversation row shows them.
#[derive(Eq)]
pub struct ContactBrief {
    pub id: ContactId,
    /// None: they have not said; the page makes a name ("Visitor 4711").
    pub name: Option<String>,
    /// Mail address or telephone number of one who has no name.
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub address: Option<String>,
}

/// First words of the last message.
#[derive(Eq)]
pub struct Preview {

    pub number: Number,
    pub kind: MessageKind,
    pub author: Author,
    /// At most [`crate::limits::PREVIEW_CHARS`] characters; empty if there were only attachments.
    pub text: String,
    /// Files with it.
    pub attachments: u32,
}

/// A conversation as the list and the head of the thread show it. The same for all who may see it: what is one
/// person's own (read position, draft) is apart.
#[derive(Eq)]
pub struct Conversation {
    pub id: ConversationId,
    /// Short number, for people and bots.

    pub number: Number,
    /// Case number as the customer sees it: the admin's prefix and the number.
    pub case_number: String,
    pub inbox_id: InboxId,
    pub channel: Channel,
    pub contact: ContactBrief,
    pub identity_id: IdentityId,
    pub subject: Option<String>,
    pub status: Status,
    pub place: Place,

    pub snoozed_until: Option<UnixMs>,
    /// Whether it sleeps on when the customer answers. Of the last reminder, like who set it: that stays when it is over.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")] #[ts(optional, as = "Option<bool>")]
    pub snooze_stays: bool,
    /// Who set the reminder.
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub snoozed_by: Option<AgentId>,
    /// The first is the primary one.
    pub assignees: Vec<AgentId>,
    pub team_id: Option<TeamId>,
    pub flagged: bool,
    pub priority: Priority,
    pub tags: Vec<String>,
    pub language: Option<String>,
    pub source: Source,
    /// Who of the team wrote first; none: the customer did.
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub started_by: Option<AgentId>,
    /// A file came with one of its messages, also if it was taken back since.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")] #[ts(optional, as = "Option<bool>")]
    pub has_files: bool,

    pub created_at: UnixMs,
    /// Of the last message in or out, or of the reminder that brought it back; other system lines and notes do not count.

    pub last_activity_at: UnixMs,
    /// Since when the contact waits for an answer; none if the last word was ours.

    pub waiting_since: Option<UnixMs>,
    /// Number of the last message of any kind.

    pub last_number: Number,
    /// Number of the last message from the contact; what "unread" is measured by.

    pub last_in_number: Number,
    pub preview: Option<Preview>,
    /// The contact's side has everything up to this number.

    pub delivered_number: Number,
    /// The contact has read up to this number.

    pub contact_read_number: Number,
    /// Somebody of the team has read up to this number.

    pub staff_read_number: Number,
    /// Number of the newest message that went out, if it failed or it is uncertain whether it arrived.
    #[serde(default)]
    pub undelivered_number: Option<Number>,
    /// The conversation that has all of its messages, and takes what would come into it; none: it was not merged.
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub merged_into: Option<CaseLink>,
    /// The customer has asked for a person, until the case is closed or the team lets a bot answer again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")] #[ts(optional, as = "Option<bool>")]
    pub asked_person: bool,
    /// How the customer found it, from 1 to 5, if they have said so.
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub rating: Option<u32>,
}

/// What of a conversation has changed. An absent field is as it was.
#[derive(Eq, Default)]
pub struct ConversationPatch {
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub contact: Option<ContactBrief>,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "patch::nullable")]
    #[ts(optional, as = "Option<Option<String>>")] #[cfg_attr(feature = "schema", schema(value_type = Option<String>))]
    pub subject: Option<Option<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub status: Option<Status>,
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub place: Option<Place>,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "patch::nullable")]
    #[ts(optional)] #[cfg_attr(feature = "schema", schema(value_type = Option<i64>))]
    pub snoozed_until: Option<Option<UnixMs>>,
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub snooze_stays: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "patch::nullable")]
    #[ts(optional)] #[cfg_attr(feature = "schema", schema(value_type = Option<String>))]
    pub snoozed_by: Option<Option<AgentId>>,
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub assignees: Option<Vec<AgentId>>,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "patch::nullable")]
    #[ts(optional)] #[cfg_attr(feature = "schema", schema(value_type = Option<String>))]
    pub team_id: Option<Option<TeamId>>,
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub flagged: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub priority: Option<Priority>,
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub tags: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub last_activity_at: Option<UnixMs>,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "patch::nullable")]
    #[ts(optional)] #[cfg_attr(feature = "schema", schema(value_type = Option<i64>))]
    pub waiting_since: Option<Option<UnixMs>>,
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub last_number: Option<Number>,
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub last_in_number: Option<Number>,
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub preview: Option<Preview>,
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub delivered_number: Option<Number>,
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub contact_read_number: Option<Number>,
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub staff_read_number: Option<Number>,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "patch::nullable")]
    #[ts(optional)] #[cfg_attr(feature = "schema", schema(value_type = Option<i64>))]
    pub undelivered_number: Option<Option<Number>>,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "patch::nullable")]
    #[ts(optional, as = "Option<Option<CaseLink>>")] #[cfg_attr(feature = "schema", schema(value_type = Option<CaseLink>))]
    pub merged_into: Option<Option<CaseLink>>,
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub asked_person: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub has_files: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "patch::nullable")]
    #[ts(optional)] #[cfg_attr(feature = "schema", schema(value_type = Option<u32>))]
    pub rating: Option<Option<u32>>,
}

/// How a contact is known on one channel.
#[derive(Eq)]
pub struct Identity {
    pub id: IdentityId,
    pub inbox_id: InboxId,
    pub channel: Channel,
    /// A mail address, a number; for web chat the site's own id for who is signed in there, otherwise nothing.
    pub address: Option<String>,
    /// The site's server has signed who this is.
    pub verified: bool,
    /// Since when they do not want to be written to here (STOP, a bot that was blocked); none: nothing was said.
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub stopped_at: Option<UnixMs>,
}

/// A customer. Several cards may have been merged into one: then this is what the reader sees of all of them, and `id` is
/// that of the card into which the others were merged.
#[derive(Eq)]
pub struct Contact {
    pub id: ContactId,
    pub name: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub language: Option<String>,
    /// IANA name.
    pub time_zone: Option<String>,
    pub notes: String,
    pub tags: Vec<String>,
    /// What the team and programs know of them besides, by name: at most [`crate::limits::ATTRIBUTES`] of a card.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[ts(optional, as = "Option<BTreeMap<String, String>>")]
    pub attributes: BTreeMap<String, String>,
    pub identities: Vec<Identity>,
    /// Cards that were merged into this one and can be separated again; of those that the reader may see.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<MergedContact>>")]
    pub merged: Vec<MergedContact>,

    pub created_at: UnixMs,
}

/// A card that has become part of another.
#[derive(Eq)]
pub struct MergedContact {
    pub id: ContactId,
    pub name: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
    /// Which of the identities go with it when it is separated.
    pub identities: Vec<IdentityId>,
    pub at: UnixMs,
    /// Who has merged it; absent if that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub by: Option<AgentId>,
}

/// A person of the team, as colleagues see them.
#[derive(Eq)]
pub struct Agent {
    pub id: AgentId,
    pub name: String,
    pub email: String,
    pub role: Role,
    /// What visitors see as the name.
    pub display_name: Option<String>,
    /// Signs in no more; what they wrote keeps their name.
    pub disabled: bool,
}

#[derive(Eq)]
pub struct Team {
    pub id: TeamId,
    pub name: String,
    pub members: Vec<AgentId>,
}

/// An inbox as those who work in it see it.
#[derive(Eq)]
pub struct Inbox {
    pub id: InboxId,
    pub name: String,
    pub channel: Channel,
    /// Put before the conversation's number: `SB-` makes `SB-4711`.
    pub case_prefix: String,
    /// Only for web chat: how the widget looks and where it may run.
    pub web: Option<WebSettings>,
    /// What its channel can carry. Absent of web chat, which has the bounds of [`crate::limits`], and of a channel that was
    /// not set up yet.
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub carries: Option<ChannelCapabilities>,
    /// Our own mail address or number there, from which answers come; absent where it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub address: Option<String>,
}

/// Settings of a web chat inbox.
#[derive(Eq)]
pub struct WebSettings {
    /// Names the inbox in the script tag. Not a secret.
    pub widget_key: String,
    /// Origins (`https://shop.example`) whose pages may embed the widget; empty: any.
    pub origins: Vec<String>,
    /// CSS colour `#rrggbb` of launcher and accents.
    pub accent: String,
    pub greeting: String,
    /// Visitors are asked how they found it when their conversation is closed.
    #[serde(default)]
    pub ask_rating: bool,
    /// What visitors are asked before their first message.
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub before: Option<Box<BeforeChat>>,
}

/// What visitors are asked before their first message. What they answer goes with it and stands on their card.
#[derive(Eq)]
pub struct BeforeChat {
    pub when: BeforeWhen,
    /// At least one. What the page has said of whoever is signed in there is not asked.
    pub fields: Vec<BeforeField>,
}

/// When they are asked.
#[derive(Copy, Eq)]
#[serde(rename_all = "snake_case")]
pub enum BeforeWhen {
    Always,
    /// When nobody is there to answer at once.
    Away,
}

#[derive(Eq)]
pub struct BeforeField {
    pub kind: BeforeKind,
    /// What is asked: of text and choice it is the name of the attribute on the card as well. Name, mail and telephone may go
    /// without: they are called so in the visitor's language.
    #[serde(default)]
    pub label: String,
    #[serde(default)]
    pub required: bool,
    /// Of a choice alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")] #[ts(optional, as = "Option<Vec<String>>")]
    pub choices: Vec<String>,
}

#[derive(Copy, Eq, PartialOrd, Ord)]
#[serde(rename_all = "snake_case")]
pub enum BeforeKind {
    Name,
    Email,
    Phone,
    Text,
    Choice,
}
}
