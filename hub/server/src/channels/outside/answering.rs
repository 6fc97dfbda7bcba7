//! The hub's side of what comes in: takes asks from the stream, does what is asked, answers after the commit. All hubs do,
//! each ask goes to one of them; one of a hub that died goes to another.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use switchboard_backplane::stream::Entry;
use switchboard_connector::Edge;
use switchboard_store::channels;
use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::room::Room;
use super::wire::{ANSWER_KEPT, Ask, Parcel, Told, What, answer_key, asks, decode, encode};
use crate::app::Shared;
use crate::channels::HubEdge;
use crate::channels::runner::pause;

/// Asks of all inboxes that are answered at once.
const AT_ONCE: usize = 16;
/// One wait for asks: so long a hub that is told to go may take to hear of it.
const WAIT: Duration = Duration::from_millis(500);
/// What another hub has had in hand for so long it has left: it died. If it was only slow, the ask is answered twice, and
/// what it brought is there once.
const LEFT: Duration = Duration::from_secs(10);
/// How often that is looked for.
const LEFT_EVERY: Duration = Duration::from_secs(5);
/// Wait after Redis could not be asked.
const AWAY: Duration = Duration::from_millis(500);

/// Until the hub is told to go; what is in hand then is answered.
pub async fn run(app: Shared) {
    let (stream, consumer) = (asks(&app.backplane), app.backplane.node().to_string());
    let (places, room) = (Arc::new(Semaphore::new(AT_ONCE)), Room::default());
    let mut looked = Instant::now();
    while !app.draining.is_cancelled() {
        // One place is waited for; with it come all that are free.
        let Ok(first) = places.clone().acquire_owned().await else { return };
        let most = places.available_permits() + 1;
        let found = if looked.elapsed() >= LEFT_EVERY {
            looked = Instant::now();
            stream.reclaim(&consumer, LEFT, most).await
        } else {
            stream.claim(&consumer, most, WAIT).await
        };
        drop(first);
        match found {
            Ok(entries) => {
                for entry in entries {
                    let Ok(place) = places.clone().acquire_owned().await else { return };
                    let (app, room) = (app.clone(), room.clone());
                    app.clone().tasks.spawn(async move {
                        answer(&app, &room, entry).await;
                        drop(place);
                    });
                }
            }
            Err(error) => {
                tracing::debug!(%error, "what processes bring cannot be looked at; looked at again");
                pause(&app.draining, AWAY).await;
            }
        }
    }
}

async fn answer(app: &Shared, room: &Room, entry: Entry) {
    let stream = asks(&app.backplane);
    if let Some(parcel) = decode::<Parcel>(&entry.payload) {
        let _room = room.take(parcel.bytes).await;
        let payload = match parcel.open(&app.backplane).await {
            Ok(payload) => payload,
            // It stays where it is, for whoever reaches it.
            Err(_) => return,
        };
        if let Some(ask) = payload.and_then(|payload| decode::<Ask>(&payload)) {
            // A panic is the hub's own, and would come back with the entry.
            let told = AssertUnwindSafe(told(app, ask)).catch_unwind().await;
            let told = told.unwrap_or_else(|_| Told::NotTaken("a fault of the hub's own".into()));
            let key = answer_key(&parcel.id);
            if app.backplane.keep(&key, encode(&told), ANSWER_KEPT).await.is_err() {
                return;
            }
            app.wakes.tell(&app.backplane, &key);
        }
    }
    if let Err(error) = stream.ack(&[entry.id]).await {
        tracing::debug!(%error, "what was answered stays in the stream, and is answered again");
    }
}

async fn told(app: &Shared, ask: Ask) -> Told {
    let setup = match channels::find(&app.store, ask.inbox).await {
        Ok(Some(setup)) => setup,
        Ok(None) => return Told::NotTaken("the inbox has no channel any more".into()),
        Err(error) => return Told::NotTaken(error.to_string()),
    };
    let edge = HubEdge::new(app.clone(), Arc::new(setup));
    let told = match ask.what {
        What::Take(items) => edge.take(items).await.map(Told::Taken),
        What::Cursor { name } => edge.cursor(&name).await.map(Told::Cursor),
        What::KeepCursor { name, place } => edge.keep_cursor(&name, &place).await.map(|()| Told::Kept),
    };
    told.unwrap_or_else(|not_taken| Told::NotTaken(not_taken.0))
}
