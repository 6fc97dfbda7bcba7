//! Invariant 3: what the hubs tell each other is a hint. Redis goes, comes back with nothing in it, stops in its tracks:
//! nobody misses anything.

use std::time::Duration;

use rstest::rstest;
use serde_json::Value;
use switchboard::secret::Secret;
use tokio::time::Instant;

use crate::shop::Shop;
use crate::support::{Setting, Socket, eventually};

/// Within this the other hub finds by itself what it was not told of (polling every half second), with as much again
/// for a busy machine.
const FOUND_BY_POLLING: Duration = Duration::from_millis(2_000);

async fn texts_in_order(socket: &mut Socket, from: usize, to: usize) {
    for n in from..to {
        let event = socket.event("message_created").await;
        assert_eq!(event["message"]["text"], n.to_string(), "in order, none left out, none twice");
    }
}

#[tokio::test]
async fn without_redis_own_clients_are_live_and_the_others_follow_within_a_second() {
    let mut shop = Shop::open(Setting::Pair).await;
    let (mut here, mut there) = (shop.owner.connects().await, shop.owner.through(shop.world.other()).connects().await);
    let mut guest = shop.visitor(&shop.sales).await;
    guest.writes("begin").await;
    here.message_event("begin").await;
    there.message_event("begin").await;
    shop.world.redis.as_mut().expect("a Redis").kill();
    for hub in 0..2 {
        let backplane = &shop.world.app(hub).backplane;
        eventually("the loss is noticed", || async { (!backplane.health().connected).then_some(()) }).await;
    }
    let mut slowest = Duration::ZERO;
    for n in 0..10 {
        let since = Instant::now();
        guest.writes(&n.to_string()).await;
        texts_in_order(&mut here, n, n + 1).await;
        let own = since.elapsed();
        texts_in_order(&mut there, n, n + 1).await;
        slowest = slowest.max(since.elapsed());
        assert!(own < Duration::from_millis(500), "own clients do not wait for Redis: {own:?}");
    }
    assert!(slowest < FOUND_BY_POLLING, "the other hub took {slowest:?}");

    shop.world.redis.as_mut().expect("a Redis").restart();
    for n in 10..30 {
        guest.writes(&n.to_string()).await;
    }
    for socket in [&mut here, &mut there] {
        texts_in_order(socket, 10, 30).await;
    }
    for hub in 0..2 {
        shop.world.app(hub).backplane.connected().await;
    }
    for n in 30..40 {
        guest.writes(&n.to_string()).await;
    }
    for socket in [&mut here, &mut there] {
        texts_in_order(socket, 30, 40).await;
    }
}

/// Nobody tells a hub that it has a neighbour on its database.
#[tokio::test]
async fn two_hubs_that_were_given_no_redis_follow_each_other_within_a_second() {
    let shop = Shop::tuned(Setting::Pair, |config, _| config.redis.url = Secret::new("")).await;
    let mut there = shop.ann.connects().await;
    let mut guest = shop.visitor(&shop.sales).await;
    for n in 0..4 {
        let since = Instant::now();
        guest.writes(&n.to_string()).await;
        there.message_event(&n.to_string()).await;
        assert!(since.elapsed() < FOUND_BY_POLLING, "the other hub took {:?}", since.elapsed());
    }
}

/// Both hubs commit at the same time, so that each has holes that only the other, or the store, can fill.
#[rstest]
#[case::killed(true)]
#[case::frozen(false)]
#[tokio::test]
async fn writers_on_both_hubs_while_redis_goes_and_comes(#[case] killed: bool) {
    const MESSAGES: usize = 120;
    let mut shop = Shop::open(Setting::Pair).await;
    let (mut here, mut there) = (shop.owner.connects().await, shop.owner.through(shop.world.other()).connects().await);
    let mut writing = Vec::new();
    for hub in 0..2 {
        let (at, inbox) = (shop.world.address(hub), shop.sales.clone());
        writing.push(tokio::spawn(async move {
            let visitor = crate::support::Visitor::comes(at, &inbox).await;
            let mut socket = visitor.connects(at).await;
            for n in 0..MESSAGES {
                let answer = socket.does(serde_json::json!({ "do": "send", "text": format!("h{hub} m{n}") })).await;
                assert_eq!(answer["ok"], "yes", "{answer}");
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }));
    }
    here.message_event("h0 m20").await;
    let redis = shop.world.redis.as_mut().expect("a Redis");
    if killed {
        redis.kill()
    } else {
        redis.freeze()
    }
    here.message_event("h0 m60").await;
    let redis = shop.world.redis.as_mut().expect("a Redis");
    if killed {
        redis.restart()
    } else {
        redis.thaw()
    }
    for hub in writing {
        hub.await.expect("all written");
    }
    let expected: Vec<i64> = shop.world.committed().await.iter().map(|event| event.position).collect();
    let last = *expected.last().expect("events");
    for socket in [&mut here, &mut there] {
        // What was waited for above is in the log too.
        socket.wait_until_log_has(last).await;
        let frames = socket.log.iter().filter_map(|text| serde_json::from_str::<Value>(text).ok());
        let positions: Vec<i64> =
            frames.filter(|frame| frame["t"] == "event").filter_map(|frame| frame["position"].as_i64()).collect();
        assert!(positions.windows(2).all(|pair| pair[0] < pair[1]), "in order, none twice");
        let from = positions[0];
        let due: Vec<i64> = expected.iter().copied().filter(|position| *position >= from).collect();
        assert_eq!(positions, due, "none left out");
    }
}
