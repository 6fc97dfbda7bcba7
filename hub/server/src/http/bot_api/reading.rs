//! Bodies of calls. Most are small and must be in soon; one with files may take its time, and only so many of those are in
//! memory at once.

use std::sync::Arc;

use axum::extract::Request;
use axum::http::header;
use dashmap::DashMap;
use switchboard_bot_api::request::PARAMETERS_BYTES;
use switchboard_bot_api::{Call, Refusal};
use switchboard_protocol::BotId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::method::Method;
use crate::limits::{BODY_READ, REQUEST, TRANSFER_PACE, UPLOAD};

/// Calls with files that are read and carried out at once, of all bots: each has up to
/// [`switchboard_bot_api::request::FILES_BYTES`] in memory.
const WITH_FILES: usize = 6;
/// Of those, of one bot: one that sends its files slowly keeps the others from nothing.
const WITH_FILES_EACH: usize = 2;

/// Room for calls with files.
pub struct Bodies {
    all: Semaphore,
    /// As many as there are bots that have sent files.
    each: DashMap<BotId, Arc<Semaphore>>,
}

impl Default for Bodies {
    fn default() -> Self {
        Self { all: Semaphore::new(WITH_FILES), each: DashMap::new() }
    }
}

/// What a call with files takes up; given back when it is dropped.
pub struct Room<'a> {
    _of_its_bot: OwnedSemaphorePermit,
    _of_all: SemaphorePermit<'a>,
}

impl Bodies {
    /// Waits for room, at most as long as a request may take. A bot's own turn comes first: who waits for it takes up
    /// nothing of the others'.
    async fn room(&self, bot: BotId) -> Option<Room<'_>> {
        let own = self.each.entry(bot).or_insert_with(|| Arc::new(Semaphore::new(WITH_FILES_EACH))).clone();
        let room = async {
            let own = own.acquire_owned().await.ok()?;
            Some(Room { _of_its_bot: own, _of_all: self.all.acquire().await.ok()? })
        };
        timeout(REQUEST, room).await.ok().flatten()
    }
}

/// The call, and the room that it takes up until it is answered.
pub async fn read(
    method: Method,
    bot: BotId,
    bodies: &Bodies,
    request: Request,
) -> Result<(Call, Option<Room<'_>>), Refusal> {
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
        return Ok((call.unwrap_or(Err(late()))?, None));
    }
    let Some(room) = bodies.room(bot).await else { return Err(Refusal::too_often(1)) };
    let slow = CancellationToken::new();
    let body = Box::pin(TRANSFER_PACE.watch(body, slow.clone()));
    let call = tokio::select! {
        call = timeout(UPLOAD, Call::read(method.name(), query, Some(kind), body)) => call.unwrap_or(Err(late()))?,
        () = slow.cancelled() => return Err(late()),
    };
    Ok((call, Some(room)))
}

fn late() -> Refusal {
    Refusal::bad("the request did not come in time")
}
