//! An update becomes what the hub knows: a message, an edit, a word on being written to.
//!
//! Only private chats: a bot that somebody put into a group hears nothing there for us. A message of a kind that teloxide
//! cannot read (the Bot API grows faster than any library) is read by its bones in [`crate::bare`] and is not dropped. The Bot
//! API tells a bot nothing of messages that a person deletes in a private chat, so nothing here makes a `Deleted`.

use serde::Deserialize;
use serde_json::value::RawValue;
use switchboard_connector::{Automatic, Consent, Happened, Incoming, IncomingMessage, Origin, Person, Quote, Thread};
use switchboard_protocol::UnixMs;
use teloxide_core::types::{ChatMemberUpdated, Message, MessageId, MessageOrigin, Update, UpdateKind, User};

use crate::bare;
use crate::content::{Content, content, summary};
use crate::files::Wanted;
use crate::markup_in::escape;
use crate::names::BotNumber;

/// What one update says, and the files that are still to be fetched for it, in order.
#[derive(Debug)]
pub(crate) struct Read {
    pub item: Incoming,
    pub files: Vec<Wanted>,
}

/// The number alone, which even an update has that nobody can read.
#[derive(Deserialize)]
pub(crate) struct Numbered {
    pub update_id: i32,
}

/// A message of a private chat, whoever read it.
pub(crate) struct Letter {
    pub chat: i64,
    pub id: MessageId,
    /// Seconds.
    pub date: i64,
    /// Seconds.
    pub edited: Option<i64>,
    pub person: Person,
    pub album: Option<String>,
    pub answers: Option<MessageId>,
    pub quote: Option<Quote>,
    /// Whose words they are, if not the person's own.
    pub forwarded: Option<String>,
    pub content: Content,
}

/// None: it says nothing to us.
pub(crate) fn read(bot: BotNumber, update: &RawValue) -> Option<Read> {
    let number = serde_json::from_str::<Numbered>(update.get()).map(|numbered| numbered.update_id).unwrap_or_default();
    let kind = serde_json::from_str::<Update>(update.get()).map(|update| update.kind);
    match kind {
        Ok(UpdateKind::Message(message)) => letter(&message, update).map(|letter| new_message(bot, letter)),
        Ok(UpdateKind::EditedMessage(message)) => edited(bot, letter(&message, update)?, number),
        Ok(UpdateKind::MyChatMember(member)) => consent(bot, &member),
        Ok(UpdateKind::Error(_)) | Err(_) => match bare::read(update)? {
            letter if letter.edited.is_some() => edited(bot, letter, number),
            letter => Some(new_message(bot, letter)),
        },
        Ok(_) => None,
    }
}

fn letter(message: &Message, update: &RawValue) -> Option<Letter> {
    if !message.chat.is_private() {
        tracing::debug!(
            chat = message.chat.id.0,
            "a message in a group or channel is not read: only private chats are"
        );
        return None;
    }
    let Some(content) = content(message) else { return bare::read(update) };
    let answered = message.reply_to_message();
    Some(Letter {
        chat: message.chat.id.0,
        id: message.id,
        date: message.date.timestamp(),
        edited: message.edit_date().map(|date| date.timestamp()),
        person: person(message.chat.id.0, message.from.as_ref()?),
        album: message.media_group_id().map(|group| group.0.clone()),
        answers: answered.map(|answered| answered.id),
        quote: quote(message),
        forwarded: message.forward_origin().map(first_author),
        content,
    })
}

fn person(chat: i64, user: &User) -> Person {
    Person {
        key: chat.to_string(),
        address: user.mention(),
        name: Some(user.full_name()).filter(|name| !name.trim().is_empty()),
        language: user.language_code.clone(),
    }
}

/// What stands in the message that this one answers. An answer to something in another chat has nothing but the quote.
fn quote(message: &Message) -> Option<Quote> {
    match message.quote() {
        Some(quote) if quote.is_manual => Some(Quote::Picked(quote.text.clone())),
        Some(quote) => Some(Quote::Whole(quote.text.clone())),
        None => message.reply_to_message().map(|answered| Quote::Whole(summary(answered))),
    }
}

fn first_author(origin: &MessageOrigin) -> String {
    let named = |title: Option<&str>| title.unwrap_or("a chat").to_owned();
    match origin {
        MessageOrigin::User { sender_user, .. } => sender_user.full_name(),
        MessageOrigin::HiddenUser { sender_user_name, .. } => sender_user_name.clone(),
        MessageOrigin::Chat { sender_chat: chat, .. } | MessageOrigin::Channel { chat, .. } => named(chat.title()),
    }
}

fn new_message(bot: BotNumber, letter: Letter) -> Read {
    let reference = bot.reference(letter.chat, letter.id);
    let (text, payload) = start(letter.content.text);
    let (text, html) = match &letter.forwarded {
        None => (text, letter.content.html),
        Some(author) => (
            format!("Forwarded from {author}:\n{text}"),
            letter.content.html.map(|html| format!("Forwarded from {}:<br>{html}", escape(author))),
        ),
    };
    let message = Box::new(IncomingMessage {
        from: letter.person,
        whole_text: None,
        text,
        html,
        files: Vec::new(),
        references: vec![reference.clone()],
        answers: letter.answers.map(|id| bot.reference(letter.chat, id)),
        quote: letter.quote,
        thread: Thread::Person,
        automatic: Automatic::No,
        mail: None,
        // Whoever has blocked a bot cannot write to it: they have let it in again, also if its word on that never came.
        consent: Some(Consent::Start),
        origin: Origin { payload },
    });
    let what = match letter.album {
        Some(group) => Happened::Part { whole: bot.album(letter.chat, &group), message },
        None => Happened::Message(message),
    };
    Read {
        item: Incoming { key: format!("message:{reference}"), at: at(letter.date), what },
        files: letter.content.files,
    }
}

/// An edit changes the text alone: another picture in the place of one is not fetched. Of an album, each of whose parts is
/// edited by itself, the text stands with one of them: another one's has none and takes nothing from it.
fn edited(bot: BotNumber, letter: Letter, update: i32) -> Option<Read> {
    if letter.album.is_some() && letter.content.text.is_empty() {
        return None;
    }
    let reference = bot.reference(letter.chat, letter.id);
    let date = letter.edited.unwrap_or(letter.date);
    // Two edits in one second have one date.
    let key = format!("edit:{reference}:{date}:{update}");
    let text = start(letter.content.text).0;
    Some(Read { item: Incoming { key, at: at(date), what: Happened::Edited { reference, text } }, files: Vec::new() })
}

/// In a private chat this update says one thing: the person has blocked the bot, or has let it in again.
fn consent(bot: BotNumber, member: &ChatMemberUpdated) -> Option<Read> {
    if !member.chat.is_private() {
        return None;
    }
    let consent = if member.new_chat_member.is_banned() { Consent::Stop } else { Consent::Start };
    let (chat, date) = (member.chat.id.0, member.date.timestamp());
    let key = format!("member:{}:{date}:{consent:?}", bot.reference(chat, MessageId(0)));
    let what = Happened::Consent { from: person(chat, &member.from), consent };
    Some(Read { item: Incoming { key, at: at(date), what }, files: Vec::new() })
}

/// "/start payload" of a deep link: what is read is "/start", the payload says where the person came from.
fn start(text: String) -> (String, Option<String>) {
    match text.strip_prefix("/start ").map(str::trim) {
        Some(payload) if !payload.is_empty() && !payload.contains(char::is_whitespace) => {
            let payload = payload.to_owned();
            ("/start".into(), Some(payload))
        }
        _ => (text, None),
    }
}

fn at(seconds: i64) -> UnixMs {
    seconds.saturating_mul(1_000)
}
