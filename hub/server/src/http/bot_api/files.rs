//! Files: sent with a message, told of ("getFile") and fetched.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::Response;
use switchboard_bot_api::request::{FILES_BYTES, Source};
use switchboard_bot_api::things::Beside;
use switchboard_bot_api::{Refusal, answer, things};
use switchboard_protocol::AttachmentId;
use switchboard_protocol::model::Attachment;

use super::refusals::{Refused, failed, plain};
use super::sends::{Draft, caption_of};
use super::{Ask, Done, Outcome, answered, authenticated, markup_of};
use crate::app::Shared;
use crate::attachments::going::Party;
use crate::attachments::serve;
use crate::bots;
use crate::caller::Origin;
use crate::http::accept::Cut;

/// A message with one file, in the parameter of its kind. What kind it is its content says.
pub async fn send(ask: &Ask<'_>, kind: &str) -> Outcome {
    let source = ask.call.source(kind);
    if source == Source::Missing {
        return Err(Refusal::bad(format_args!("there is no {kind} in the request")).into());
    }
    let (text, formats) = caption_of(ask.call)?;
    let mut draft = Draft::of(ask.call, text, formats)?;
    draft.may_be_sent(ask).await?;
    let file = taken(ask, source, kind).await?;
    let (sent, answered) = draft.send(ask, vec![file.id]).await?;
    let markup = markup_of(ask.call)?;
    Ok(ask.sent(&sent, Beside { answered: answered.as_ref(), markup: markup.as_ref() }))
}

/// A file for a message that is about to be sent. `kind`: how it is called if nobody says.
pub async fn taken(ask: &Ask<'_>, source: Source<'_>, kind: &str) -> Result<Attachment, Refused> {
    match source {
        Source::Upload(file) => {
            let name = if file.name.trim().is_empty() { kind } else { &file.name };
            bots::upload(ask.app, ask.bot, name, file.bytes.clone()).await.map_err(plain)
        }
        Source::Id(id) => {
            let id = id.parse().map_err(|_| answer::WRONG_FILE)?;
            let file = bots::file(ask.app, ask.bot, id).await.map_err(plain)?;
            again(ask, &file).await
        }
        Source::Address(address) => {
            ask.room.take().await?;
            let (name, bytes) = bots::fetch(ask.app, address, kind == "photo").await.map_err(plain)?;
            bots::upload(ask.app, ask.bot, name.as_deref().unwrap_or(kind), bytes).await.map_err(plain)
        }
        Source::Missing => Err(answer::WRONG_FILE.into()),
    }
}

/// Whether these may go with one message.
pub fn together(files: &[Attachment]) -> Result<(), Refusal> {
    let bytes: i64 = files.iter().map(|file| file.bytes).sum();
    if bytes > FILES_BYTES as i64 { Err(answer::TOO_LARGE) } else { Ok(()) }
}

/// The same file once more: one that a message has belongs to that message alone.
pub async fn again(ask: &Ask<'_>, file: &Attachment) -> Result<Attachment, Refused> {
    ask.room.take().await?;
    let bytes = ask.app.files.bytes(file.id).await.map_err(failed)?;
    bots::upload(ask.app, ask.bot, &file.name, bytes).await.map_err(plain)
}

/// "getFile".
pub async fn get(ask: &Ask<'_>) -> Outcome {
    let id = ask.call.text("file_id").ok_or_else(|| Refusal::bad("file_id not specified"))?;
    let id: AttachmentId = id.trim().parse().map_err(|_| answer::INVALID_FILE)?;
    let file = bots::file(ask.app, ask.bot, id).await.map_err(plain)?;
    Ok(Done::of(things::file(&file)))
}

/// `/file/bot<token>/<file_path>`.
pub async fn download(
    State(app): State<Shared>,
    from: Origin,
    Cut(cut): Cut,
    path: Result<Path<(String, String)>, PathRejection>,
) -> Response {
    let Ok(Path((token, path))) = path else { return answered(&answer::NOT_FOUND) };
    match fetched(&app, &from, &token, &path, cut).await {
        Ok(response) => response,
        Err(refusal) => answered(&refusal),
    }
}

async fn fetched(
    app: &Shared,
    from: &Origin,
    token: &str,
    path: &str,
    cut: tokio_util::sync::CancellationToken,
) -> Result<Response, Refusal> {
    let bot = authenticated(app, from, token).await?;
    let id = things::file_id_of_path(path).ok_or(answer::NOT_FOUND)?;
    let file = bots::file(app, &bot, id).await.map_err(|refusal| match refusal {
        bots::BotRefusal::Failed(error) => failed(error),
        _ => answer::NOT_FOUND,
    })?;
    let bytes = app.files.read(Party::Bot(bot.id), id, cut).await.map_err(failed)?;
    Ok(serve::respond(&file, bytes))
}
