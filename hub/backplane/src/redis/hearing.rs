//! The subscription: one connection, made anew whenever it is lost or has fallen silent.
//!
//! A node hears its own heartbeats over Redis too, so silence means that the way out, Redis, or the way back is dead,
//! even when no socket says so.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt;
use redis::aio::PubSubStream;
use tokio::time::timeout;

use super::envelope::{Envelope, Kind, Numbers};
use super::{PATIENCE, Retry, Shared};
use crate::Incoming;

/// Three of the node's own heartbeats missed: the connection is dead.
const DEAF_AFTER: Duration = Duration::from_secs(6);

pub(super) async fn run(shared: Arc<Shared>) {
    let mut retry = Retry::new();
    loop {
        match timeout(PATIENCE, subscribe(&shared)).await {
            Ok(Ok(stream)) => {
                retry = Retry::new();
                // First the gap: whoever has waited for the link hears what comes after, and no gap of before.
                shared.subscribers.hand_out(Incoming::Gap);
                shared.link_changed(|link| link.hearing = true);
                hear(&shared, stream).await;
                shared.link_changed(|link| link.hearing = false);
            }
            Ok(Err(error)) => tracing::debug!(%error, "Redis cannot be subscribed to: trying again"),
            Err(_) => tracing::debug!("Redis does not answer a subscription: trying again"),
        }
        retry.wait().await;
    }
}

async fn subscribe(shared: &Shared) -> redis::RedisResult<PubSubStream> {
    let mut pubsub = shared.client.get_async_pubsub().await?;
    pubsub.subscribe(shared.bus()).await?;
    Ok(pubsub.into_on_message())
}

/// Hands out what comes until the connection is lost.
async fn hear(shared: &Shared, mut stream: PubSubStream) {
    let mut numbers = Numbers::default();
    loop {
        match timeout(DEAF_AFTER, stream.next()).await {
            Ok(Some(message)) => take(shared, &mut numbers, message),
            Ok(None) => return,
            Err(_) => {
                tracing::warn!(silent_s = DEAF_AFTER.as_secs(), "the subscription to Redis is silent: made anew");
                return;
            }
        }
    }
}

fn take(shared: &Shared, numbers: &mut Numbers, message: redis::Msg) {
    let Ok(bytes) = message.get_payload::<Vec<u8>>() else { return };
    let Some(Envelope { kind, number, from, payload }) = Envelope::decode(&Bytes::from(bytes)) else {
        tracing::warn!("something on the bus is not of this version: ignored");
        return;
    };
    if from == shared.node {
        return;
    }
    if numbers.hole_before(&from, number) {
        shared.subscribers.hand_out(Incoming::Gap);
        shared.presence.gap();
    }
    match kind {
        Kind::Presence => shared.presence.hear(&from, &payload),
        Kind::Of(channel) => shared.subscribers.hand_out(Incoming::Message { channel, from, payload }),
    }
}
