//! Redis is away at the start, killed, emptied, frozen: everything comes back by itself and says how it stands.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod support;

use std::time::Duration;

use bytes::Bytes;
use support::{World, an, metas, redis_node, staff, tab, until, until_heard, within};
use switchboard_backplane::{Channel, Incoming, Member, Quota, Subscription};
use testkit::Redis;

const QUOTA: Quota = Quota { burst: 2, per: Duration::from_secs(3600) };

#[tokio::test]
async fn a_redis_that_comes_later_is_found() {
    let mut redis = Redis::stopped();
    let (a, b) = (redis_node(&redis, "a"), redis_node(&redis, "b"));
    let mut at_b = b.subscribe();
    assert!(!a.health().connected);

    // Alone, and at work: nothing blocks, what is this node's own works.
    for _ in 0..100 {
        a.publish(Channel::Feed, Bytes::from_static(b"nobody hears this"));
    }
    until(|| a.health().dropped >= 100).await;
    a.presence().join(staff(), an(), tab(1), "online".into()).unwrap();
    assert_eq!(metas(&a, &an()), ["online"]);
    assert!(a.limit("key", QUOTA).await.is_ok() && a.limit("key", QUOTA).await.is_ok());
    assert!(a.limit("key", QUOTA).await.is_err(), "limits are this node's own meanwhile");
    assert!(a.lease("poller", QUOTA.per).await.is_err());

    redis.restart();
    within(async { tokio::join!(a.connected(), b.connected()) }).await;
    assert!(a.health().connected && b.health().connected);
    gap(&mut at_b).await;
    until_heard(&a, &mut at_b, "hello").await;
    until(|| metas(&b, &an()) == ["online"]).await;
}

#[tokio::test]
async fn a_redis_killed_and_back_empty_costs_a_gap_and_nothing_else() {
    const TTL: Duration = Duration::from_secs(6);
    let mut world = World::Redis(Redis::start());
    let nodes = [world.node("a").await, world.node("b").await, world.node("c").await];
    let [a, b, c] = &nodes;
    let mut heard = [a.subscribe(), b.subscribe()];
    a.presence().join(staff(), an(), tab(1), "online".into()).unwrap();
    until(|| metas(b, &an()) == ["online"] && metas(c, &an()) == ["online"]).await;
    let mut changes = c.presence().changes();
    let mut held = within(async {
        loop {
            if let Some(lease) = a.lease("poller", TTL).await.unwrap() {
                return lease;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
    a.stream("mail").append("before".into()).await.unwrap();

    let World::Redis(redis) = &mut world else { unreachable!() };
    redis.kill();
    for node in &nodes {
        until(|| !node.health().connected).await;
    }
    // Meanwhile somebody comes and somebody leaves.
    b.presence().join(staff(), Member::new("bo"), tab(1), "away".into()).unwrap();
    assert_eq!(held.renew().await, Ok(()), "held until it expires, whoever can be reached");
    redis.restart();
    within(async { tokio::join!(a.connected(), b.connected(), c.connected()) }).await;

    for subscription in &mut heard {
        gap(subscription).await;
    }
    until_heard(a, &mut heard[1], "a to b").await;
    until_heard(b, &mut heard[0], "b to a").await;
    // The map is whole again, and whoever was there all the time never flickered.
    for node in &nodes {
        until(|| metas(node, &an()) == ["online"] && metas(node, &Member::new("bo")) == ["away"]).await;
    }
    assert_eq!(within(changes.recv()).await.unwrap().member, Member::new("bo"));
    c.presence().join(staff(), Member::new("marker"), tab(1), "".into()).unwrap();
    assert_eq!(within(changes.recv()).await.unwrap().member, Member::new("marker"));

    // The forgotten lease is still its holder's, and nobody else's.
    assert!(b.lease("poller", TTL).await.unwrap().is_none());
    assert_eq!(held.renew().await, Ok(()));
    assert!(b.lease("poller", TTL).await.unwrap().is_none());
    // The forgotten stream is empty, and works.
    let mail = b.stream("mail");
    assert!(mail.claim("b", 10, Duration::ZERO).await.unwrap().is_empty());
    mail.append("after".into()).await.unwrap();
    assert_eq!(mail.claim("b", 10, Duration::ZERO).await.unwrap()[0].payload, "after");
}

#[tokio::test]
async fn a_forgotten_lease_is_not_given_away_before_its_holder_could_know() {
    const TTL: Duration = Duration::from_secs(1);
    let mut world = World::Redis(Redis::start());
    let (a, b) = (world.node("a").await, world.node("b").await);
    let first = within(take(&a, TTL)).await;
    let World::Redis(redis) = &mut world else { unreachable!() };
    redis.restart();
    until(|| !b.health().connected).await;
    within(b.connected()).await;
    // A never renews; still B has it only when A's own word is over, and with a greater number, though Redis forgot.
    let second = within(take(&b, TTL)).await;
    assert!(!first.is_held(), "two holders");
    assert!(second.fencing() > first.fencing());
}

#[tokio::test]
async fn a_frozen_redis_is_noticed_and_found_again() {
    let world = World::Redis(Redis::start());
    let (a, b) = (world.node("a").await, world.node("b").await);
    let mut at_b = b.subscribe();
    let World::Redis(redis) = &world else { unreachable!() };
    redis.freeze();
    until(|| !a.health().connected && !b.health().connected).await;
    assert!(a.limit("key", QUOTA).await.is_ok(), "limits are this node's own meanwhile");
    redis.thaw();
    within(async { tokio::join!(a.connected(), b.connected()) }).await;
    until_heard(&a, &mut at_b, "back").await;
}

async fn take(node: &switchboard_backplane::Backplane, ttl: Duration) -> switchboard_backplane::Lease {
    loop {
        if let Ok(Some(lease)) = node.lease("poller", ttl).await {
            return lease;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Reads until a gap is heard.
async fn gap(subscription: &mut Subscription) {
    within(async { while subscription.recv().await != Some(Incoming::Gap) {} }).await;
}

/// Slow is worse than away: whoever is limited must not wait for it.
#[tokio::test]
async fn a_redis_that_stands_still_holds_up_nobody_who_is_limited() {
    let redis = Redis::start();
    let node = redis_node(&redis, "a");
    within(node.connected()).await;
    assert_eq!(node.limit("key", QUOTA).await, Ok(()));
    redis.freeze();
    // From here time goes as fast as nothing else happens.
    tokio::time::pause();
    for _ in 0..2 {
        let began = tokio::time::Instant::now();
        assert_eq!(node.limit("key", QUOTA).await, Ok(()), "this node's own count");
        assert!(began.elapsed() < Duration::from_millis(300), "{:?}", began.elapsed());
    }
    assert!(node.limit("key", QUOTA).await.is_err());
    tokio::time::resume();
    redis.thaw();
}

/// A Redis that takes connections and refuses what is sent (out of memory, no right to publish).
#[tokio::test]
async fn a_redis_that_refuses_is_not_connected_to_again_at_every_publication() {
    let redis = Redis::start();
    let node = redis_node(&redis, "a");
    within(node.connected()).await;
    let client = redis::Client::open(redis.url()).unwrap();
    let mut operator = client.get_multiplexed_async_connection().await.unwrap();
    let connections = async |operator: &mut redis::aio::MultiplexedConnection| -> u64 {
        let stats: String = redis::cmd("INFO").arg("stats").query_async(operator).await.unwrap();
        let line = stats.lines().find_map(|line| line.strip_prefix("total_connections_received:"));
        line.unwrap().trim().parse().unwrap()
    };
    let before = connections(&mut operator).await;
    redis::cmd("ACL").arg("SETUSER").arg("default").arg("-publish").exec_async(&mut operator).await.unwrap();
    let refused = node.health().dropped + 200;
    within(async {
        while node.health().dropped < refused {
            node.publish(Channel::Feed, Bytes::from_static(b"nobody takes this"));
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    })
    .await;
    let made = connections(&mut operator).await - before;
    assert!(made < 10, "{made} connections for 200 publications");
    redis::cmd("ACL").arg("SETUSER").arg("default").arg("+publish").exec_async(&mut operator).await.unwrap();
    within(node.connected()).await;
}
