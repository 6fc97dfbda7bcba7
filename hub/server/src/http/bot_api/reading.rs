//! Bodies of calls. Most are small and must be in soon; one with files may take its time, and only so many of those are in
//! memory at once.

use axum::extract::Request;
use axum::http::header;
use switchboard_bot_api::request::PARAMETERS_BYTES;
use switchboard_bot_api::{Call, Refusal};
use switchboard_protocol::BotId;
use tokio::sync::OnceCell;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::method::Method;
use crate::app::App;
use crate::bots::rooms::{Held, Rooms};
use crate::limits::{BODY_READ, REQUEST, TRANSFER_PACE, UPLOAD};

/// Room in memory for the files of one call: taken once, whatever it has them from, and given back when it is answered.
pub struct Room<'a> {
    rooms: &'a Rooms,
    bot: BotId,
    taken: OnceCell<Held>,
}

impl<'a> Room<'a> {
    pub fn of(app: &'a App, bot: BotId) -> Self {
        Self { rooms: &app.bots.rooms, bot, taken: OnceCell::new() }
    }

    /// Waits for it, if the call does not have it already.
    pub async fn take(&self) -> Result<(), Refusal> {
        let taken = self.taken.get_or_try_init(|| async {
            timeout(REQUEST, self.rooms.take(self.bot)).await.ok().flatten().ok_or_else(|| Refusal::too_often(1))
        });
        taken.await.map(|_| ())
    }
}

/// The call. What it takes up in memory it has room for.
pub async fn read(method: Method, room: &Room<'_>, request: Request) -> Result<Call, Refusal> {
    let (head, body) = request.into_parts();
    let kind = head.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let query = head.uri.query();
    let body = body.into_data_stream();
    // Some libraries send every call so; only one of a method that takes files may be long, and needs room if it is.
    let multipart = kind.trim_start().to_ascii_lowercase().starts_with("multipart/");
    let length = head.headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    let short = length.is_some_and(|bytes: usize| bytes <= PARAMETERS_BYTES);
    if short || !multipart || !method.sends() {
        let call = timeout(BODY_READ, Call::read(method.name(), query, Some(kind), body)).await;
        return call.unwrap_or(Err(late()));
    }
    room.take().await?;
    let slow = CancellationToken::new();
    let body = Box::pin(TRANSFER_PACE.watch(body, slow.clone()));
    tokio::select! {
        call = timeout(UPLOAD, Call::read(method.name(), query, Some(kind), body)) => call.unwrap_or(Err(late())),
        () = slow.cancelled() => Err(late()),
    }
}

fn late() -> Refusal {
    Refusal::bad("the request did not come in time")
}
