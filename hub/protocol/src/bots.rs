//! Bots: programs that answer customers beside the agents, who hold the reins.
//!
//! A bot speaks another dialect (the Bot API, `/bot<token>/METHOD`), which is not here. Here is what the team sees of it
//! and does with it, and what a message may have that only a program writes: formatting and buttons.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::model::{Author, closed, wire};
use crate::{BotId, ConversationId, IdentityId, InboxId, Number, UnixMs};

closed! {
    /// When a bot is asked in an inbox.
    BotAnswers {
        Always = "always",
        /// Only what begins a conversation.
        FirstMessage = "first_message",
        /// Only while nobody of the team is online.
        NobodyOnline = "nobody_online",
        /// Only outside of the inbox's business hours; where none are set, never.
        OutsideHours = "outside_hours",
    }

    /// Why a bot may not write in a conversation.
    BlockReason {
        /// Somebody of the team wanted it so.
        Agent = "agent",
        /// Somebody of the team has answered the customer.
        Answered = "answered",
        /// The bot itself has handed over.
        HandedOver = "handed_over",
        /// The customer wants to talk to a person.
        Asked = "asked",
        /// It has not answered in time.
        Silent = "silent",
        /// Its webhook cannot be reached, or answers with errors.
        Failing = "failing",
    }

    /// What a part of a text is set in.
    FormatKind {
        Bold = "bold",
        Italic = "italic",
        Underline = "underline",
        Strikethrough = "strikethrough",
        /// Covered until it is asked for.
        Spoiler = "spoiler",
        Code = "code",
        /// Lines of code.
        Pre = "pre",
        Quote = "quote",
        Link = "link",
    }

    /// What a line of a bot's log is about.
    BotLogKind {
        /// The bot has called a method.
        Call = "call",
        /// Its webhook was called.
        Delivery = "delivery",
    }
}

wire! {
/// A part of a text that is set in something. Parts may lie within each other; none overlap otherwise.
#[derive(Eq)]
pub struct Format {
    pub kind: FormatKind,
    /// Where it begins in the text, in UTF-16 code units, as JavaScript and the Bot API count.
    pub offset: u32,
    /// UTF-16 code units.
    pub length: u32,
    /// Only of links: `https:`, `http:`, `mailto:` or `tel:`.
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub url: Option<String>,
}

/// What a customer may press. What the bot gets of it stays in the hub: the press says where the button stands.
#[derive(Eq)]
pub struct Button {
    pub text: String,
    /// Opens this; none: it is pressed.
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub url: Option<String>,
}

/// Buttons with a message.
#[derive(Eq)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Keyboard {
    /// Under the message, row by row.
    Inline { rows: Vec<Vec<Button>> },
    /// Answers to choose from, offered with the newest message: what is chosen is written as if it had been typed. `once`:
    /// it goes when one was chosen.
    Choices {
        rows: Vec<Vec<String>>,
        once: bool,
        /// Stands in the empty field.
        #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
        placeholder: Option<String>,
    },
    /// The choices of a message before are gone.
    Remove,
}

/// What a message has beside its plain text. The text alone says all of it that a channel without formatting shows.
#[derive(Eq, Default)]
pub struct Rich {
    #[serde(default, skip_serializing_if = "Vec::is_empty")] #[ts(optional, as = "Option<Vec<Format>>")]
    pub formats: Vec<Format>,
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub keyboard: Option<Keyboard>,
}

/// A bot as everybody of the team knows it.
#[derive(Eq)]
pub struct BotBrief {
    pub id: BotId,
    pub name: String,
    /// It is asked nothing and may write nothing.
    pub off: bool,
}

/// Where a bot is asked, and when.
#[derive(Eq)]
#[serde(deny_unknown_fields)]
pub struct BotInbox {
    pub inbox_id: InboxId,
    /// Of several bots of an inbox the lowest that may answer is asked.
    pub rank: u32,
    pub answers: BotAnswers,
}

/// A bot as admins set it up.
#[derive(Eq)]
pub struct Bot {
    pub id: BotId,
    /// What its token begins with: its id in the Bot API.
    pub number: Number,
    pub name: String,
    /// Ends in `bot`, as in the Bot API.
    pub username: String,
    pub off: bool,
    /// The last four characters of its token; none: it was revoked.
    pub token_hint: Option<String>,
    pub inboxes: Vec<BotInbox>,
    /// Where its webhook is; none: it fetches.
    pub webhook: Option<String>,
    /// Updates that wait for it.
    pub waiting: i64,
    /// Its last failed delivery, if none has succeeded since.
    pub trouble: Option<String>,
    pub created_at: UnixMs,
    /// To the minute.
    pub last_seen_at: Option<UnixMs>,
}

/// By name.
pub struct Bots { pub bots: Vec<Bot> }

#[serde(deny_unknown_fields)]
pub struct CreateBot {
    pub name: String,
    pub username: String,
    pub inboxes: Vec<BotInbox>,
}

/// An absent field stays as it is.
#[derive(Default)]
#[serde(deny_unknown_fields)]
pub struct ChangeBot {
    #[serde(default)] #[ts(optional)] pub name: Option<String>,
    #[serde(default)] #[ts(optional)] pub off: Option<bool>,
    /// All of them anew.
    #[serde(default)] #[ts(optional)] pub inboxes: Option<Vec<BotInbox>>,
    /// Only these; the others stay as they are, whatever was done to them meanwhile.
    #[serde(default)] #[ts(optional)] pub places: Option<Vec<BotPlace>>,
}

/// An inbox that a bot comes into as the last to be asked, in which it answers at other times, or that it leaves.
#[derive(Eq)]
#[serde(deny_unknown_fields)]
pub struct BotPlace {
    pub inbox_id: InboxId,
    /// None: it leaves.
    pub answers: Option<BotAnswers>,
}

/// The bots of an inbox in the order in which they are asked. Those that are not named come after them, as they were.
#[derive(Eq)]
#[serde(deny_unknown_fields)]
pub struct BotOrder { pub bots: Vec<BotId> }

/// The token is shown this once.
pub struct BotWithToken {
    pub bot: Bot,
    pub token: String,
}

/// What the bots of an inbox do when people answer.
#[derive(Eq)]
#[serde(deny_unknown_fields)]
pub struct BotRules {
    /// For how long somebody's answer keeps them out, minutes; 0: it does not; none: until the case closes or it is undone.
    pub quiet_minutes: Option<u32>,
    /// They come back when the case closes.
    pub back_on_close: bool,
    /// So long a customer waits for a bot before people take over, seconds, at most 30.
    pub patience_seconds: u32,
}

/// Why a bot writes nothing here.
#[derive(Eq)]
pub struct BotBlock {
    pub why: BlockReason,
    pub by: Author,
    pub at: UnixMs,
    /// None: until it is undone.
    pub until: Option<UnixMs>,
}

/// A bot in a conversation.
#[derive(Eq)]
pub struct ConversationBot {
    pub bot_id: BotId,
    /// None, or its time is over: it may write.
    pub blocked: Option<BotBlock>,
    /// It was asked then, and has not answered.
    pub asked_at: Option<UnixMs>,
    /// Its deliveries fail.
    pub failing: bool,
    /// When it is asked, where that is not always.
    #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)]
    pub answers: Option<BotAnswers>,
}

/// What the panel of a conversation shows.
#[derive(Eq)]
pub struct ConversationBots {
    pub conversation_id: ConversationId,
    /// All that are in the inbox, in the order in which they are asked.
    pub bots: Vec<ConversationBot>,
}

#[derive(Default)]
#[serde(deny_unknown_fields)]
pub struct BlockBot {
    /// None: until it is undone.
    #[serde(default)] #[ts(optional)] pub until: Option<UnixMs>,
    /// The way back: the block that began then, with its reason and who it was by.
    #[serde(default)] #[ts(optional)] pub put_back: Option<UnixMs>,
}

/// A line of a bot's log.
#[derive(Eq)]
pub struct BotLogLine {
    pub at: UnixMs,
    pub kind: BotLogKind,
    /// The method, or the kind of update.
    pub what: String,
    pub conversation_id: Option<ConversationId>,
    /// HTTP status of the answer; 0: there was none.
    pub status: u16,
    /// Why it failed, in the words of the answer.
    pub note: Option<String>,
    pub took_ms: u32,
}

/// Where somebody who sets a bot up talks to it as a customer would: by the widget's panel, with the visitor's token that is
/// made for them. It is a new conversation each time.
pub struct BotConsole {
    pub widget_key: String,
    /// As of a visitor's session. Nobody gets one for this widget in another way.
    pub token: String,
    pub identity_id: IdentityId,
}

/// How the bot does in its console.
pub struct BotConsoleNow {
    pub bot: Bot,
    /// None: nothing was said to it.
    pub stands: Option<ConversationBot>,
    /// What it called and what was delivered to it there, newest first.
    pub lines: Vec<BotLogLine>,
}

/// Newest first.
pub struct BotLog { pub lines: Vec<BotLogLine> }
}
