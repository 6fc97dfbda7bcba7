//! What bots write. Each goes through the fence in the transaction that commits it: [`standings::admit`].

use bytes::Bytes;
use switchboard_domain::thread::NewMessage;
use switchboard_domain::{Visibility, change as changes, validate};
use switchboard_protocol::agent::ConversationChange;
use switchboard_protocol::bots::{BlockReason, Format, Keyboard, Rich};
use switchboard_protocol::error::{ApiError, ErrorCode};
use switchboard_protocol::model::{Attachment, Author, Channel, Conversation, Message, MessageKind, Priority};
use switchboard_protocol::rest::ChangeContact;
use switchboard_protocol::visitor::{VisitorAuthor, VisitorServerFrame, VisitorSignal};
use switchboard_protocol::{AttachmentId, BotId, MessageId, Number, Position, UnixMs, limits};
use switchboard_store::append::{self, LINES_MAX};
use switchboard_store::bots::markups;
use switchboard_store::bots::standings::{self, Admitted, Kept};
use switchboard_store::{Append, Sender, Tx, conversations, messages};

use super::chats::again;
use super::control::{self, Shut};
use super::{BotCaller, BotRefusal, Sent};
use crate::app::{App, Shared, Unasked};
use crate::commands::{contacts, uploads};
use crate::error::CommandError;
use crate::feed::fences::AsOf;
use crate::feed::{Reach, Signal};
use crate::ids::Random;
use crate::sessions::{SignalKey, Topic};
use crate::ws::typing::{self, Typing};

/// Longest `reply_markup` kept, bytes: a hundred buttons with all that they may say.
const MARKUP_BYTES: usize = 20_000;
/// How long a press on a button may be answered, milliseconds.
const QUERY_MS: i64 = 15 * 60_000;

/// A message that a bot wants to send.
#[derive(Debug, Clone)]
pub struct BotWrite {
    /// The conversation's number.
    pub chat: Number,
    pub text: String,
    pub rich: Option<Box<Rich>>,
    /// `reply_markup` as the bot wrote it: what its buttons say is in it, and stays in the hub.
    pub markup: Option<serde_json::Value>,
    /// Number of the message that it answers.
    pub answers: Option<Number>,
    pub attachments: Vec<AttachmentId>,
}

/// What a bot wants changed of a message of its own. Absent: as it is.
#[derive(Debug, Clone, Default)]
pub struct BotEdit {
    pub text: Option<(String, Vec<Format>)>,
    /// `Some(None)`: no buttons any more.
    pub keyboard: Option<Option<Keyboard>>,
    /// With `keyboard`: as the bot wrote it.
    pub markup: Option<serde_json::Value>,
}

/// Sends to the customer.
pub async fn send(app: &App, bot: &BotCaller, write: BotWrite) -> Result<Sent, BotRefusal> {
    validate::message(&write.text, write.attachments.len(), None).map_err(CommandError::from)?;
    bounded(write.markup.as_ref())?;
    let place = Place::of(app);
    within(app, bot, write.chat, move |tx, admitted, row| {
        Box::pin(async move { append_to(tx, &place, admitted, &row, MessageKind::Out, write).await })
    })
    .await
}

/// Writes what only the team sees. A bot that may not write may not do this either.
pub async fn note(app: &App, bot: &BotCaller, chat: Number, text: String) -> Result<Sent, BotRefusal> {
    validate::message(&text, 0, None).map_err(CommandError::from)?;
    let place = Place::of(app);
    let write = BotWrite { chat, text, rich: None, markup: None, answers: None, attachments: Vec::new() };
    within(app, bot, chat, move |tx, admitted, row| {
        Box::pin(async move { append_to(tx, &place, admitted, &row, MessageKind::Note, write).await })
    })
    .await
}

/// Time and ids of one operation.
#[derive(Clone)]
struct Place {
    now: UnixMs,
    random: Random,
}

impl Place {
    fn of(app: &App) -> Self {
        Self { now: app.clock.now(), random: app.random.clone() }
    }

    fn message_id(&self) -> MessageId {
        MessageId(self.random.ulid(self.now))
    }
}

/// Carries something out behind the fence. What is refused leaves nothing, not even a pass that was used up.
async fn within<T, F>(app: &App, bot: &BotCaller, chat: Number, op: F) -> Result<T, BotRefusal>
where
    T: Send + 'static,
    F: for<'t> FnOnce(
            &'t mut Tx,
            Admitted,
            Conversation,
        ) -> switchboard_store::BoxFuture<'t, Result<Result<T, Refused>, CommandError>>
        + Send
        + 'static,
{
    let (id, now) = (bot.id, app.clock.now());
    let written = app
        .write_unasked(Unasked::Bot, move |tx| {
            Box::pin(async move {
                let Some(thread) = standings::load_chat(tx, id, chat).await? else {
                    return Err(Refused::Unknown.into());
                };
                match standings::admit(tx, id, &thread, now).await? {
                    Ok(admitted) => Ok(op(tx, admitted, thread.conversation).await??),
                    Err(Kept::Unknown) => Err(Refused::Unknown.into()),
                    Err(Kept::Out) => Err(Refused::Out.into()),
                }
            })
        })
        .await;
    app.channels.call_senders();
    Ok(written.map_err(refusal)?.value)
}

/// Why an operation behind the fence is undone. It goes through the writer as one of its errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refused {
    Unknown,
    Out,
    NoMessage,
    Same,
    NotOwn,
}

impl Refused {
    const ALL: [Self; 5] = [Self::Unknown, Self::Out, Self::NoMessage, Self::Same, Self::NotOwn];

    fn word(self) -> &'static str {
        match self {
            Self::Unknown => "chat not found",
            Self::Out => "bot was blocked by the user",
            Self::NoMessage => "message not found",
            Self::Same => "message is not modified",
            Self::NotOwn => "message can't be edited",
        }
    }
}

impl From<Refused> for CommandError {
    fn from(refused: Refused) -> Self {
        ApiError::new(ErrorCode::Unknown, refused.word()).into()
    }
}

fn refusal(error: CommandError) -> BotRefusal {
    let CommandError::Refused(error) = error else { return BotRefusal::Failed(error) };
    let own = Refused::ALL.into_iter().find(|one| error.code == ErrorCode::Unknown && one.word() == error.message);
    match (own, error.code) {
        (Some(Refused::Unknown), _) | (None, ErrorCode::NotFound) => BotRefusal::ChatNotFound,
        (Some(Refused::Out), _) => BotRefusal::Blocked,
        (Some(Refused::NoMessage), _) => BotRefusal::MessageNotFound,
        (Some(Refused::Same), _) => BotRefusal::NotModified,
        (Some(Refused::NotOwn), _) => BotRefusal::NotYours,
        (None, ErrorCode::RateLimited) => {
            BotRefusal::TooOften { seconds: error.retry_after_ms.unwrap_or(1_000).div_ceil(1_000) }
        }
        (None, _) => BotRefusal::Closed(error.message),
    }
}

async fn append_to(
    tx: &mut Tx,
    place: &Place,
    admitted: Admitted,
    row: &Conversation,
    kind: MessageKind,
    write: BotWrite,
) -> Result<Result<Sent, Refused>, CommandError> {
    let new = NewMessage {
        id: place.message_id(),
        kind,
        author: Author::Bot { id: admitted.bot_id() },
        at: place.now,
        text: write.text,
        rich: write.rich,
        answers: write.answers,
        quote: None,
        attachments: Vec::new(),
        mail: None,
        client_id: None,
        seen: None,
    };
    let appended = append::append(
        tx,
        Append {
            conversation_id: row.id,
            sender: Sender::Bot(admitted),
            message: new,
            attachment_ids: write.attachments,
            line_ids: std::array::from_fn::<_, LINES_MAX, _>(|_| place.message_id()),
        },
    )
    .await?;
    if let Some(markup) = &write.markup {
        markups::set(tx, appended.message.id, Some(&markup.to_string())).await?;
    }
    Ok(Ok(Sent { conversation: again(tx, row).await?, message: appended.message }))
}

/// Changes what a bot wrote. On channels that cannot show that, other words are another message: the customer has the first.
pub async fn edit(app: &App, bot: &BotCaller, chat: Number, number: Number, edit: BotEdit) -> Result<Sent, BotRefusal> {
    if let Some((text, _)) = &edit.text {
        // A file needs no words; whether there is one, the door has asked.
        validate::message(text, 1, None).map_err(CommandError::from)?;
    }
    bounded(edit.markup.as_ref())?;
    let place = Place::of(app);
    within(app, bot, chat, move |tx, admitted, row| {
        Box::pin(async move {
            let message = match own(tx, &admitted, &row, chat, number).await? {
                Ok(message) => message,
                Err(refused) => return Ok(Err(refused)),
            };
            let was = message.rich.clone().unwrap_or_default();
            let (text, formats) = edit.text.unwrap_or_else(|| (message.text.clone(), was.formats));
            // As in the Bot API, words without buttons take the buttons away.
            let keyboard = edit.keyboard.unwrap_or_default();
            let rich = Rich { formats, keyboard };
            let rich = (rich != Rich::default()).then(|| Box::new(rich));
            let markup = edit.markup.map(|markup| markup.to_string());
            if row.channel != Channel::Web && text != message.text {
                let write = BotWrite { chat, text, rich, markup: None, answers: None, attachments: Vec::new() };
                let sent = append_to(tx, &place, admitted, &row, MessageKind::Out, write).await?;
                if let Ok(sent) = &sent {
                    markups::set(tx, sent.message.id, markup.as_deref()).await?;
                }
                return Ok(sent);
            }
            let before = markups::load(tx, message.id).await?;
            markups::set(tx, message.id, markup.as_deref()).await?;
            let changed = messages::edit_out(tx, &message, text, rich, place.now).await?;
            if !changed && before == markup {
                return Ok(Err(Refused::Same));
            }
            let message = messages::load(tx, message.id).await?.unwrap_or(message);
            Ok(Ok(Sent { conversation: again(tx, &row).await?, message }))
        })
    })
    .await
}

/// Takes back what a bot wrote.
pub async fn delete(app: &App, bot: &BotCaller, chat: Number, number: Number) -> Result<(), BotRefusal> {
    let now = app.clock.now();
    within(app, bot, chat, move |tx, admitted, row| {
        Box::pin(async move {
            let message = match own(tx, &admitted, &row, chat, number).await? {
                Ok(message) => message,
                Err(refused) => return Ok(Err(refused)),
            };
            markups::set(tx, message.id, None).await?;
            messages::delete_text(tx, &message, now).await?;
            Ok(Ok(()))
        })
    })
    .await
}

fn bounded(markup: Option<&serde_json::Value>) -> Result<(), BotRefusal> {
    match markup {
        Some(markup) if markup.to_string().len() > MARKUP_BYTES => {
            Err(BotRefusal::Closed("reply markup is too long".to_owned()))
        }
        _ => Ok(()),
    }
}

/// A message of the bot's own. In a conversation that was merged into this one it had another number, by which it is known no
/// more.
async fn own(
    tx: &mut Tx,
    admitted: &Admitted,
    row: &Conversation,
    chat: Number,
    number: Number,
) -> Result<Result<Message, Refused>, CommandError> {
    if row.number != chat {
        return Ok(Err(Refused::NoMessage));
    }
    let found = messages::load_at(tx, row.id, number).await?;
    Ok(match found.filter(|message| message.deleted_at.is_none()) {
        None => Err(Refused::NoMessage),
        Some(message) if message.kind != MessageKind::Out => Err(Refused::NotOwn),
        Some(message) if message.author != (Author::Bot { id: admitted.bot_id() }) => Err(Refused::NotOwn),
        Some(message) => Ok(message),
    })
}

/// Shows that the bot writes.
pub async fn typing(app: &Shared, bot: &BotCaller, chat: Number) -> Result<(), BotRefusal> {
    let (id, now) = (bot.id, app.clock.now());
    let looked = app.write_unasked(Unasked::Bot, move |tx| {
        Box::pin(async move {
            let Some(thread) = standings::load_chat(tx, id, chat).await? else {
                return Err(Refused::Unknown.into());
            };
            if !standings::may_write(tx, id, &thread, now).await? {
                return Err(Refused::Out.into());
            }
            Ok((thread.conversation, tx.as_of()))
        })
    });
    let (row, position) = looked.await.map_err(refusal)?.value;
    show_typing(app, &row, bot.id, &bot.name, Some(position));
    crate::channels::show_typing(app, row.inbox_id, row.id, row.identity_id);
    Ok(())
}

/// That a bot writes, as far as it was allowed to at that position; none: that it does no more.
pub(super) fn show_typing(app: &App, row: &Conversation, bot: BotId, name: &str, allowed: Option<Position>) {
    let as_of = allowed.map(|position| AsOf { conversation_id: row.id, position });
    let (who, on) = (Author::Bot { id: bot }, allowed.is_some());
    let shown = Typing { conversation_id: row.id, who, on, note: false, as_of };
    typing::tell_staff(app, row.inbox_id, None, shown);
    typing::tell_visitor(app, row.identity_id, VisitorAuthor::Bot { name: name.to_owned() }, shown);
}

/// Answers a press on a button, with words or without.
pub async fn tell(app: &App, bot: &BotCaller, query_id: &str, text: String, alert: bool) -> Result<(), BotRefusal> {
    let query = Query::read(query_id).ok_or(BotRefusal::QueryTooOld)?;
    if app.clock.now() - query.at > QUERY_MS {
        return Err(BotRefusal::QueryTooOld);
    }
    // The bot has said something: nobody waits for it any more.
    let said =
        within(app, bot, query.chat, move |tx, _admitted, row| Box::pin(async move { Ok(Ok((row, tx.as_of()))) }));
    let (row, position) = said.await?;
    if text.is_empty() || row.channel != Channel::Web {
        return Ok(());
    }
    let text = text.chars().take(limits::QUOTE_CHARS).collect();
    let frame = VisitorServerFrame::Signal(VisitorSignal::Told { conversation_id: row.id, text, alert });
    match serde_json::to_string(&frame) {
        Ok(json) => {
            let (topics, key) = (vec![Topic::Identity(row.identity_id)], SignalKey::Told(row.id, query.position));
            let as_of = Some(AsOf { conversation_id: row.id, position });
            app.feed.signal(Signal { topics, except: None, key, json, as_of }, Reach::Everywhere);
        }
        Err(error) => tracing::error!(%error, "a signal cannot be written"),
    }
    Ok(())
}

/// A press on a button, as a bot names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Query {
    pub chat: Number,
    pub at: UnixMs,
    pub position: i64,
}

impl Query {
    pub fn name(self) -> String {
        format!("{}-{}-{}", self.chat, self.at, self.position)
    }

    fn read(name: &str) -> Option<Self> {
        let mut parts = name.splitn(3, '-').map(|part| part.parse().ok());
        Some(Self { chat: parts.next()??, at: parts.next()??, position: parts.next()?? })
    }
}

/// Takes a file for a message that follows.
pub async fn upload(app: &App, bot: &BotCaller, name: &str, bytes: Bytes) -> Result<Attachment, BotRefusal> {
    match uploads::take_from_bot(app, bot.id, name, bytes).await {
        Ok(file) => Ok(file),
        Err(CommandError::Refused(error)) if error.code != ErrorCode::RateLimited => {
            Err(BotRefusal::BadFile(error.message))
        }
        Err(error) => Err(refusal(error)),
    }
}

/// Gives the conversation to people: no bot is asked here until it is closed.
pub async fn hand_over(app: &App, bot: &BotCaller, chat: Number, reason: Option<String>) -> Result<(), BotRefusal> {
    let place = Place::of(app);
    let by = Author::Bot { id: bot.id };
    let note = reason.map(|reason| reason.trim().chars().take(limits::QUOTE_CHARS).collect::<String>());
    let shut = Shut { why: BlockReason::HandedOver, by, until: None, note: note.filter(|note| !note.is_empty()) };
    within(app, bot, chat, move |tx, _admitted, row| {
        Box::pin(async move {
            control::shut_all(tx, &row, &shut, place.now, &place.random).await?;
            Ok(Ok(()))
        })
    })
    .await
}

/// Puts tags on the conversation, or another priority.
pub async fn change(
    app: &App,
    bot: &BotCaller,
    chat: Number,
    tags: Option<Vec<String>>,
    priority: Option<Priority>,
) -> Result<Conversation, BotRefusal> {
    let place = Place::of(app);
    let by = Author::Bot { id: bot.id };
    let wanted = ConversationChange { tags, priority, ..ConversationChange::default() };
    within(app, bot, chat, move |tx, _admitted, row| {
        Box::pin(async move {
            let decided = changes::change(&row, &wanted, place.now)
                .map_err(|refusal| ApiError::field(refusal.field(), "invalid", format!("{refusal}.")))?;
            let mut line_id = || place.message_id();
            let changed = conversations::change(tx, &row, decided, by, place.now, &mut line_id).await?;
            Ok(Ok(changed.map_or(row, |changed| changed.conversation)))
        })
    })
    .await
}

/// Writes an attribute on the customer's card, as the conversation's inbox knows it. An empty value takes it away.
pub async fn set_attribute(
    app: &App,
    bot: &BotCaller,
    chat: Number,
    name: String,
    value: String,
) -> Result<Conversation, BotRefusal> {
    let now = app.clock.now();
    let wanted = ChangeContact { attributes: Some([(name, value)].into()), ..ChangeContact::default() };
    let wanted = contacts::checked(wanted)?;
    within(app, bot, chat, move |tx, _admitted, row| {
        Box::pin(async move {
            let sees = Visibility::Inboxes([row.inbox_id].into());
            contacts::write(tx, &sees, row.contact.id, &wanted, now).await?;
            Ok(Ok(row))
        })
    })
    .await
}
