//! `/bot<token>/METHOD` and `/file/bot<token>/PATH`: the door for bots, in the dialect that they speak already
//! (`hub/bot_api`, <https://core.telegram.org/bots/api>).
//!
//! Here a method's parameters become a call of [`crate::bots`], which decides, and what comes of it becomes the method's
//! answer. `docs/bots.md` says method by method what each channel makes of it. The token is in the path, as there: routes are
//! matched by a pattern, and the log, metrics and answers know that pattern and nothing more.
//!
//! To add a method: a line in [`method::TABLE`], an arm in [`carry_out`], the function in the file of its family, a row in
//! `docs/bots.md`.

mod additions;
mod chats;
mod copies;
mod edits;
mod files;
mod group;
mod menu;
mod method;
mod reading;
mod refusals;
mod sends;
mod updates;

use std::convert::Infallible;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use futures_util::stream;
use serde::Serialize;
use serde_json::{Value, json};
use switchboard_bot_api::things::{Beside, Me, Talk};
use switchboard_bot_api::{Call, Refusal, answer, things};
use switchboard_protocol::ConversationId;
use switchboard_protocol::bots::BotLogKind;
use switchboard_protocol::model::{Conversation, Message};
use tokio::time::{Instant, timeout};

use crate::app::Shared;
use crate::bots::{self, BotCaller, Sent};
use crate::caller::Origin;
use crate::error::CommandError;
use crate::limits::REQUEST;
use method::Method;
use reading::Room;
use refusals::{Refused, failed};

pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/bot{token}/{*method}", get(call).post(call).fallback(nowhere))
        .route("/file/bot{token}/{*path}", get(files::download).fallback(nowhere))
        // Without these the address, and the token in it, would be a page's.
        .route("/bot{token}", any(nowhere))
        .route("/bot{token}/", any(nowhere))
        .route("/file/bot{token}", any(nowhere))
        .route("/file/bot{token}/", any(nowhere))
}

/// What a method is asked with.
pub(super) struct Ask<'a> {
    pub app: &'a Shared,
    pub bot: &'a BotCaller,
    pub call: &'a Call,
    pub room: &'a Room<'a>,
}

/// What a method comes to.
pub(super) struct Done {
    /// The whole answer.
    body: String,
    /// Where it was done, for the bot's log.
    conversation_id: Option<ConversationId>,
}

type Outcome = Result<Done, Refused>;

async fn call(
    State(app): State<Shared>,
    from: Origin,
    path: Result<Path<(String, String)>, PathRejection>,
    request: Request,
) -> Response {
    let begun = Instant::now();
    let Ok(Path((token, name))) = path else { return answered(&answer::NOT_FOUND) };
    let bot = match authenticated(&app, &from, &token).await {
        Ok(bot) => bot,
        Err(refusal) => return answered(&refusal),
    };
    let Some(method) = Method::named(&name) else { return answered(&counted(&app, &bot, answer::NOT_FOUND).await) };
    let room = Room::of(&app, bot.id);
    let outcome = match reading::read(method, &room, request).await {
        Ok(call) => {
            let ask = Ask { app: &app, bot: &bot, call: &call, room: &room };
            let outcome = in_time(method, &ask).await;
            note(&ask, method, &outcome, begun.elapsed());
            outcome
        }
        Err(refusal) => Err(counted(&app, &bot, refusal).await.into()),
    };
    match outcome {
        Ok(done) => respond(StatusCode::OK, done.body),
        // Who waited while their token was taken back is told that, and not that another program fetches.
        Err(refused)
            if refused.refusal == answer::ANOTHER_POLLER && authenticated(&app, &from, &token).await.is_err() =>
        {
            answered(&answer::UNAUTHORIZED)
        }
        Err(refused) => answered(&refused.refusal),
    }
}

async fn nowhere() -> Response {
    answered(&answer::NOT_FOUND)
}

/// Whether what a webhook has answered is worth a look: most say nothing, or "ok".
pub fn may_be_call(body: &[u8]) -> bool {
    const NAMED: &[u8] = b"\"method\"";
    body.windows(NAMED.len()).any(|part| part == NAMED)
}

/// What a webhook answers may be a call ("Making requests when getting updates"): JSON that names its `method` beside the
/// parameters. What comes of it the bot is not told; its log is.
pub async fn said_in_answer(app: &Shared, bot: &BotCaller, body: &Bytes) {
    let named = serde_json::from_slice::<Value>(body).ok();
    let name = named.as_ref().and_then(|call| call["method"].as_str());
    // Updates are not fetched so, nor does what is no call say anything.
    let Some(method) = name.and_then(Method::named).filter(|method| *method != Method::GetUpdates) else { return };
    let begun = Instant::now();
    let whole = stream::iter([Ok::<_, Infallible>(body.clone())]);
    let Ok(call) = Call::read(method.name(), None, Some("application/json"), whole).await else { return };
    let room = Room::of(app, bot.id);
    let ask = Ask { app, bot, call: &call, room: &room };
    let outcome = in_time(method, &ask).await;
    note(&ask, method, &outcome, begun.elapsed());
}

/// The bot whose token this is. What does not even look like one is no bot's address; guesses are counted.
async fn authenticated(app: &Shared, from: &Origin, token: &str) -> Result<BotCaller, Refusal> {
    let like_one = |(number, secret): (&str, &str)| {
        let of_a_secret = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        digits && !secret.is_empty() && secret.bytes().all(of_a_secret)
    };
    if !token.split_once(':').is_some_and(like_one) {
        return Err(answer::NOT_FOUND);
    }
    if let Some(bot) = bots::authenticate(app, token).await.map_err(failed)? {
        return Ok(bot);
    }
    let key = format!("refused:{}", from.network());
    app.limit(&key, app.config.limits.refused_per_address).await.map_err(|error| failed(error.into()))?;
    Err(answer::UNAUTHORIZED)
}

/// What never becomes a call counts as one all the same: a program that asks for it without end is told to wait.
async fn counted(app: &Shared, bot: &BotCaller, refusal: Refusal) -> Refusal {
    let rate = app.config.limits.requests_per_caller;
    app.limit(&requests_of(bot), rate).await.map_or_else(|error| failed(error.into()), |()| refusal)
}

fn requests_of(bot: &BotCaller) -> String {
    format!("requests:{}", bot.id)
}

/// A method that takes too long is given up. Waiting for updates is what that one is for.
async fn in_time(method: Method, ask: &Ask<'_>) -> Outcome {
    let bound = REQUEST + if method == Method::GetUpdates { updates::LONGEST } else { Duration::ZERO };
    let carried_out = async {
        let limits = &ask.app.config.limits;
        let (key, rate) = if method.sends() || method.changes() {
            (format!("bot-messages:{}", ask.bot.id), limits.bot_messages)
        } else {
            (requests_of(ask.bot), limits.requests_per_caller)
        };
        ask.app.limit(&key, rate).await.map_err(|error| failed(CommandError::from(error)))?;
        carry_out(method, ask).await
    };
    timeout(bound, carried_out).await.unwrap_or(Err(answer::UNAVAILABLE.into()))
}

async fn carry_out(method: Method, ask: &Ask<'_>) -> Outcome {
    match method {
        Method::GetMe => Ok(Done::of(things::get_me(ask.me()))),
        // There is one server, and nothing to move away from.
        Method::LogOut | Method::Close => Ok(Done::yes()),
        Method::GetUpdates => updates::get(ask).await,
        Method::SetWebhook => updates::set_webhook(ask).await,
        Method::DeleteWebhook => updates::delete_webhook(ask).await,
        Method::GetWebhookInfo => updates::webhook_info(ask).await,
        Method::SendMessage => sends::message(ask).await,
        Method::SendLocation => sends::location(ask).await,
        Method::SendVenue => sends::venue(ask).await,
        Method::SendContact => sends::contact(ask).await,
        Method::SendPhoto => files::send(ask, "photo").await,
        Method::SendDocument => files::send(ask, "document").await,
        Method::SendVoice => files::send(ask, "voice").await,
        Method::SendAudio => files::send(ask, "audio").await,
        Method::SendVideo => files::send(ask, "video").await,
        Method::SendAnimation => files::send(ask, "animation").await,
        Method::SendMediaGroup => group::send(ask).await,
        Method::GetFile => files::get(ask).await,
        Method::CopyMessage => copies::copy(ask).await,
        Method::ForwardMessage => copies::forward(ask).await,
        Method::EditMessageText => edits::text(ask).await,
        Method::EditMessageCaption => edits::caption(ask).await,
        Method::EditMessageReplyMarkup => edits::markup(ask).await,
        Method::DeleteMessage => edits::delete(ask).await,
        Method::GetChat => chats::get(ask).await,
        Method::SendChatAction => chats::action(ask).await,
        Method::AnswerCallbackQuery => chats::answer_query(ask).await,
        Method::SetMyCommands => menu::set(ask).await,
        Method::GetMyCommands => menu::get(ask).await,
        Method::DeleteMyCommands => menu::delete(ask).await,
        Method::HandOver => additions::hand_over(ask).await,
        Method::AddNote => additions::add_note(ask).await,
        Method::SetTags => additions::set_tags(ask).await,
        Method::SetAttribute => additions::set_attribute(ask).await,
        Method::SetPriority => additions::set_priority(ask).await,
        Method::GetConversation => additions::get_conversation(ask).await,
    }
}

impl Ask<'_> {
    fn me(&self) -> Me<'_> {
        Me { number: self.bot.number, name: &self.bot.name, username: &self.bot.username }
    }

    fn talk<'a>(&'a self, conversation: &'a Conversation) -> Talk<'a> {
        Talk { conversation, contact_name: conversation.contact.name.as_deref(), me: self.me() }
    }

    /// The answer of a method that has written something.
    fn sent(&self, sent: &Sent, beside: Beside<'_>) -> Done {
        self.told(&sent.conversation, &sent.message, beside)
    }

    fn told(&self, conversation: &Conversation, message: &Message, beside: Beside<'_>) -> Done {
        Done::of(things::message(&self.talk(conversation), message, beside)).in_conversation(conversation.id)
    }
}

impl Done {
    fn of(result: impl Serialize) -> Self {
        Self { body: answer::ok(result).to_string(), conversation_id: None }
    }

    fn yes() -> Self {
        Self::of(true)
    }

    /// Yes, and what has changed by it.
    fn described(description: &str) -> Self {
        let body = json!({ "ok": true, "result": true, "description": description });
        Self { body: body.to_string(), conversation_id: None }
    }

    fn in_conversation(self, id: ConversationId) -> Self {
        Self { conversation_id: Some(id), ..self }
    }
}

/// Puts the call into the bot's log, and counts it. What a bot asks all day long is noted only when it fails.
fn note(ask: &Ask<'_>, method: Method, outcome: &Outcome, took: Duration) {
    let (status, conversation_id, note) = match outcome {
        Ok(done) => (200, done.conversation_id, None),
        Err(Refused { refusal, conversation_id }) => {
            (refusal.code, *conversation_id, Some(refusal.description.to_string()))
        }
    };
    let labels = [("method", method.name().to_owned()), ("status", status.to_string())];
    metrics::counter!("switchboard_bot_calls_total", &labels).increment(1);
    if outcome.is_ok() && method.is_routine() {
        return;
    }
    let took_ms = u32::try_from(took.as_millis()).unwrap_or(u32::MAX);
    let what = method.name().to_owned();
    let line = bots::Call { kind: BotLogKind::Call, what, conversation_id, status, note, took_ms };
    let chat = ask.call.chat("chat_id").ok();
    let (app, bot) = (ask.app.clone(), ask.bot.clone());
    let Some(chat) = chat.filter(|_| line.conversation_id.is_none()) else {
        bots::note_call(&app, bot.id, line);
        return;
    };
    // Agents look for what has failed in the conversation, and a refusal does not say which one that is.
    app.clone().tasks.spawn(async move {
        let found = bots::chat(&app, &bot, chat).await.ok().map(|chat| chat.conversation.id);
        bots::note_call(&app, bot.id, bots::Call { conversation_id: found, ..line });
    });
}

fn answered(refusal: &Refusal) -> Response {
    let status = StatusCode::from_u16(refusal.code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = respond(status, refusal.body().to_string());
    if let Some(seconds) = refusal.retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

fn respond(status: StatusCode, body: String) -> Response {
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    (status, headers, body).into_response()
}

/// A `reply_markup`, as it was given.
fn markup_of(call: &Call) -> Result<Option<Value>, Refusal> {
    call.json("reply_markup", "reply keyboard markup")
}
