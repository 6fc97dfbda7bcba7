//! `/api/bots`: programs that answer beside the team; and the bots of a conversation.

use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use switchboard_protocol::bots::{
    BlockBot, Bot, BotConsole, BotConsoleNow, BotLog, BotOrder, BotRules, BotWithToken, Bots, ChangeBot,
    ConversationBots, CreateBot,
};
use switchboard_protocol::{BotId, ConversationId, IdentityId, InboxId};
use switchboard_store::bots::{self as rows, log, standings};
use switchboard_store::{conversations, inboxes};

use crate::app::Shared;
use crate::bots::control;
use crate::caller::{Answer as MayAnswer, Manage, May, Read};
use crate::commands::{bot_console, bots};
use crate::docs::Problems;
use crate::error::{Answer, CommandError};
use crate::http::extract::{Id, Json, Params};

/// All bots, by name.
#[utoipa::path(get, path = "/api/bots", tag = "bots", responses((status = 200, body = Bots), Problems))]
pub async fn list(State(app): State<Shared>, _: May<Manage>) -> Answer<Json<Bots>> {
    Ok(Json(Bots { bots: rows::list(&app.store).await? }))
}

/// Makes a bot. Its token is shown this once.
#[utoipa::path(post, path = "/api/bots", tag = "bots", request_body = CreateBot,
    responses((status = 201, body = BotWithToken), Problems))]
pub async fn create(
    State(app): State<Shared>,
    caller: May<Manage>,
    Json(body): Json<CreateBot>,
) -> Answer<(StatusCode, Json<BotWithToken>)> {
    Ok((StatusCode::CREATED, Json(bots::create(&app, &caller, body).await?)))
}

/// Changes a bot's name and inboxes, switches it off or on.
#[utoipa::path(patch, path = "/api/bots/{id}", tag = "bots", params(("id" = BotId, Path)), request_body = ChangeBot,
    responses((status = 200, body = Bot), Problems))]
pub async fn change(
    State(app): State<Shared>,
    caller: May<Manage>,
    Id(id): Id<BotId>,
    Json(body): Json<ChangeBot>,
) -> Answer<Json<Bot>> {
    Ok(Json(bots::change(&app, &caller, id, body).await?))
}

/// Removes a bot; what it wrote stays.
#[utoipa::path(delete, path = "/api/bots/{id}", tag = "bots", params(("id" = BotId, Path)),
    responses((status = 204), Problems))]
pub async fn remove(State(app): State<Shared>, caller: May<Manage>, Id(id): Id<BotId>) -> Answer<StatusCode> {
    bots::remove(&app, &caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Gives a bot another token; the one before is worthless at once.
#[utoipa::path(post, path = "/api/bots/{id}/token", tag = "bots", params(("id" = BotId, Path)),
    responses((status = 200, body = BotWithToken), Problems))]
pub async fn rotate(State(app): State<Shared>, caller: May<Manage>, Id(id): Id<BotId>) -> Answer<Json<BotWithToken>> {
    Ok(Json(bots::rotate(&app, &caller, id).await?))
}

/// Makes a bot's token worthless.
#[utoipa::path(delete, path = "/api/bots/{id}/token", tag = "bots", params(("id" = BotId, Path)),
    responses((status = 204), Problems))]
pub async fn revoke(State(app): State<Shared>, caller: May<Manage>, Id(id): Id<BotId>) -> Answer<StatusCode> {
    bots::revoke(&app, &caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Begins a new talk with a bot, as a customer would talk to it and without any customer. What was said before in its console
/// is forgotten after a while.
#[utoipa::path(post, path = "/api/bots/{id}/console", tag = "bots", params(("id" = BotId, Path)),
    responses((status = 200, body = BotConsole), Problems))]
pub async fn open_console(
    State(app): State<Shared>,
    caller: May<Manage>,
    Id(id): Id<BotId>,
) -> Answer<Json<BotConsole>> {
    Ok(Json(bot_console::open(&app, &caller, id).await?))
}

#[derive(Debug, Deserialize)]
pub struct ConsoleOf {
    identity_id: IdentityId,
}

/// How the bot does in such a talk: whether it is waited for or kept out, what it calls, what fails.
#[utoipa::path(get, path = "/api/bots/{id}/console", tag = "bots",
    params(("id" = BotId, Path), ("identity_id" = IdentityId, Query)),
    responses((status = 200, body = BotConsoleNow), Problems))]
pub async fn show_console(
    State(app): State<Shared>,
    _: May<Manage>,
    Id(id): Id<BotId>,
    Params(of): Params<ConsoleOf>,
) -> Answer<Json<BotConsoleNow>> {
    Ok(Json(bot_console::show(&app, id, of.identity_id).await?))
}

#[derive(Debug, Deserialize)]
pub struct LogOf {
    conversation_id: Option<ConversationId>,
}

/// What a bot called, and how its webhook answered: newest first. Who does not manage the hub names a conversation that they
/// may see.
#[utoipa::path(get, path = "/api/bots/{id}/log", tag = "bots",
    params(("id" = BotId, Path), ("conversation_id" = Option<ConversationId>, Query)),
    responses((status = 200, body = BotLog), Problems))]
pub async fn show_log(
    State(app): State<Shared>,
    caller: May<Read>,
    Id(id): Id<BotId>,
    Params(of): Params<LogOf>,
) -> Answer<Json<BotLog>> {
    match of.conversation_id {
        Some(conversation) => {
            let seen = conversations::find(&app.store, &caller.visibility, caller.agent_id, conversation).await?;
            seen.ok_or_else(|| CommandError::not_found("conversation"))?;
        }
        None => drop(caller.may::<Manage>()?),
    }
    Ok(Json(BotLog { lines: log::list(&app.store, id, of.conversation_id).await? }))
}

/// What the bots of an inbox do when people answer.
#[utoipa::path(get, path = "/api/inboxes/{id}/bot-rules", tag = "bots", params(("id" = InboxId, Path)),
    responses((status = 200, body = BotRules), Problems))]
pub async fn show_rules(State(app): State<Shared>, caller: May<Manage>, Id(id): Id<InboxId>) -> Answer<Json<BotRules>> {
    let inbox = inboxes::find(&app.store, &caller.visibility, id).await?;
    inbox.ok_or_else(|| CommandError::not_found("inbox"))?;
    Ok(Json(rows::find_rules(&app.store, id).await?))
}

/// Replaces them.
#[utoipa::path(put, path = "/api/inboxes/{id}/bot-rules", tag = "bots", params(("id" = InboxId, Path)),
    request_body = BotRules, responses((status = 200, body = BotRules), Problems))]
pub async fn save_rules(
    State(app): State<Shared>,
    caller: May<Manage>,
    Id(id): Id<InboxId>,
    Json(body): Json<BotRules>,
) -> Answer<Json<BotRules>> {
    Ok(Json(bots::set_rules(&app, &caller, id, body).await?))
}

/// In which order the bots of an inbox are asked.
#[utoipa::path(put, path = "/api/inboxes/{id}/bots", tag = "bots", params(("id" = InboxId, Path)),
    request_body = BotOrder, responses((status = 200, body = BotOrder), Problems))]
pub async fn set_order(
    State(app): State<Shared>,
    caller: May<Manage>,
    Id(id): Id<InboxId>,
    Json(body): Json<BotOrder>,
) -> Answer<Json<BotOrder>> {
    Ok(Json(bots::set_order(&app, &caller, id, body).await?))
}

/// The bots of a conversation, in the order in which they are asked.
#[utoipa::path(get, path = "/api/conversations/{id}/bots", tag = "bots", params(("id" = ConversationId, Path)),
    responses((status = 200, body = ConversationBots), Problems))]
pub async fn of_conversation(
    State(app): State<Shared>,
    caller: May<Read>,
    Id(id): Id<ConversationId>,
) -> Answer<Json<ConversationBots>> {
    let found = standings::find(&app.store, &caller.visibility, id, app.clock.now()).await?;
    Ok(Json(found.ok_or_else(|| CommandError::not_found("conversation"))?))
}

/// The bot writes nothing in the conversation from the moment at which this is answered.
#[utoipa::path(put, path = "/api/conversations/{id}/bots/{bot_id}/block", tag = "bots",
    params(("id" = ConversationId, Path), ("bot_id" = BotId, Path)), request_body = BlockBot,
    responses((status = 200, body = ConversationBots), Problems))]
pub async fn block(
    State(app): State<Shared>,
    caller: May<MayAnswer>,
    Id((id, bot)): Id<(ConversationId, BotId)>,
    Json(body): Json<BlockBot>,
) -> Answer<Json<ConversationBots>> {
    Ok(Json(control::block(&app, &caller, id, bot, body).await?.value))
}

/// The bot may write in the conversation again.
#[utoipa::path(delete, path = "/api/conversations/{id}/bots/{bot_id}/block", tag = "bots",
    params(("id" = ConversationId, Path), ("bot_id" = BotId, Path)),
    responses((status = 200, body = ConversationBots), Problems))]
pub async fn unblock(
    State(app): State<Shared>,
    caller: May<MayAnswer>,
    Id((id, bot)): Id<(ConversationId, BotId)>,
) -> Answer<Json<ConversationBots>> {
    Ok(Json(control::unblock(&app, &caller, id, bot).await?.value))
}

/// The bot is asked what the customer wrote last, and may answer it once also where it is blocked.
#[utoipa::path(post, path = "/api/conversations/{id}/bots/{bot_id}/run", tag = "bots",
    params(("id" = ConversationId, Path), ("bot_id" = BotId, Path)),
    responses((status = 200, body = ConversationBots), Problems))]
pub async fn run_now(
    State(app): State<Shared>,
    caller: May<MayAnswer>,
    Id((id, bot)): Id<(ConversationId, BotId)>,
) -> Answer<Json<ConversationBots>> {
    Ok(Json(control::run_now(&app, &caller, id, bot).await?.value))
}
