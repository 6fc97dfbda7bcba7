//! What is kept for a time, and what at most one may begin: proved of both forms, and over a Redis that forgets.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod support;

use std::time::Duration;

use bytes::Bytes;
use rstest::rstest;
use support::{Kind, World, redis_node, within};
use switchboard_backplane::{Backplane, Begin, Beginner, Lease, Offer, PIECE_BYTES, Terms, Withdraw};
use testkit::Redis;

const LONG: Duration = Duration::from_secs(3600);
/// A Redis that was just started grants no lease for as long as one lasts.
const TTL: Duration = Duration::from_millis(500);

async fn held(node: &Backplane, name: &str) -> Lease {
    within(async {
        loop {
            match node.lease(name, TTL).await {
                Ok(Some(lease)) => return lease,
                Ok(None) | Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
    })
    .await
}

fn by(lease: &Lease, mark: &str) -> Beginner {
    Beginner { lease: lease.name().to_owned(), fencing: lease.fencing(), mark: mark.to_owned() }
}

/// By whoever came in this order, for long.
fn ranked(rank: u64) -> Terms {
    Terms { rank, time: LONG, kept: LONG }
}

fn offer(nonce: &str) -> Offer {
    Offer { name: "letter".into(), nonce: nonce.into() }
}

#[rstest]
#[tokio::test]
async fn what_is_kept_is_there_for_its_time_whatever_its_length(#[values(Kind::Local, Kind::Redis)] kind: Kind) {
    let world = World::new(kind);
    let (a, b) = (world.node("a").await, world.node("b").await);
    for bytes in [0, 1, PIECE_BYTES, PIECE_BYTES * 3 + 1] {
        let value = Bytes::from(vec![7; bytes]);
        a.keep_large("parcel", &value, LONG).await.unwrap();
        assert_eq!(b.kept_large("parcel", bytes).await.unwrap(), Some(value), "{bytes}");
    }
    b.forget(&["parcel/1".into()]).await.unwrap();
    assert_eq!(a.kept_large("parcel", PIECE_BYTES * 3 + 1).await.unwrap(), None, "a piece is gone");
    for bytes in [1 << 44, usize::MAX] {
        assert_eq!(a.kept_large("parcel", bytes).await.unwrap(), None, "no length of ours");
        a.forget_large("no-such-parcel", bytes).await.unwrap();
    }
    a.keep("short", Bytes::from_static(b"here"), Duration::from_millis(50)).await.unwrap();
    within(async {
        while b.kept("short").await.unwrap().is_some() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
}

#[rstest]
#[tokio::test]
async fn an_offer_is_begun_by_one_who_holds_the_lease_and_by_nobody_once_it_is_withdrawn(
    #[values(Kind::Local, Kind::Redis)] kind: Kind,
) {
    let world = World::new(kind);
    let (hub, process) = (world.node("hub").await, world.node("process").await);
    let lease = held(&process, "number").await;
    let (first, second) = (by(&lease, "first"), by(&lease, "second"));
    let stranger = Beginner { fencing: lease.fencing() - 1, ..first.clone() };

    assert_eq!(process.begin(&offer("1"), &first).await.unwrap(), Begin::Not, "there is none yet");
    hub.offer(&offer("1"), ranked(1)).await.unwrap();
    assert_eq!(process.begin(&offer("1"), &stranger).await.unwrap(), Begin::Not);
    assert_eq!(process.begin(&offer("1"), &first).await.unwrap(), Begin::Begun);
    assert_eq!(process.begin(&offer("1"), &first).await.unwrap(), Begin::Begun, "asked again");
    assert_eq!(process.begin(&offer("1"), &second).await.unwrap(), Begin::Not);
    assert_eq!(hub.withdraw(&offer("1"), 1, LONG).await.unwrap(), Withdraw::Begun);

    hub.offer(&offer("2"), ranked(1)).await.unwrap();
    assert_eq!(hub.withdraw(&offer("1"), 1, LONG).await.unwrap(), Withdraw::Unknown, "another has taken its place");
    assert_eq!(hub.withdraw(&offer("2"), 1, LONG).await.unwrap(), Withdraw::NeverBegun);
    assert_eq!(hub.withdraw(&offer("2"), 1, LONG).await.unwrap(), Withdraw::NeverBegun, "asked again");
    assert_eq!(process.begin(&offer("2"), &first).await.unwrap(), Begin::Not);

    hub.offer(&offer("3"), Terms { time: Duration::ZERO, ..ranked(1) }).await.unwrap();
    tokio::time::sleep(Duration::from_millis(2)).await;
    assert_eq!(process.begin(&offer("3"), &first).await.unwrap(), Begin::Not, "too late");
    assert_eq!(hub.withdraw(&offer("3"), 1, LONG).await.unwrap(), Withdraw::NeverBegun);
}

#[rstest]
#[tokio::test]
async fn what_was_withdrawn_or_replaced_is_not_offered_again(#[values(Kind::Local, Kind::Redis)] kind: Kind) {
    let world = World::new(kind);
    let (slow, next, process) = (world.node("slow").await, world.node("next").await, world.node("process").await);
    let lease = held(&process, "number").await;
    slow.offer(&offer("1"), ranked(1)).await.unwrap();
    assert!(slow.offer_again(&offer("1"), None, ranked(1)).await.unwrap(), "nobody has said anything else of it");
    assert_eq!(next.withdraw(&offer("1"), 2, LONG).await.unwrap(), Withdraw::NeverBegun);
    assert!(!slow.offer_again(&offer("1"), None, ranked(1)).await.unwrap());
    next.offer(&offer("2"), ranked(2)).await.unwrap();
    assert!(!slow.offer_again(&offer("1"), None, ranked(1)).await.unwrap());
    assert_eq!(process.begin(&offer("1"), &by(&lease, "first")).await.unwrap(), Begin::Not);
    assert_eq!(process.begin(&offer("2"), &by(&lease, "second")).await.unwrap(), Begin::Begun);
}

#[rstest]
#[tokio::test]
async fn an_offer_that_was_long_on_its_way_takes_no_later_ones_place(#[values(Kind::Local, Kind::Redis)] kind: Kind) {
    let world = World::new(kind);
    let (slow, next, process) = (world.node("slow").await, world.node("next").await, world.node("process").await);
    let lease = held(&process, "number").await;
    assert!(next.offer(&offer("2"), ranked(2)).await.unwrap());
    assert!(!slow.offer(&offer("1"), ranked(1)).await.unwrap(), "one that nobody has begun yet");
    assert_eq!(process.begin(&offer("2"), &by(&lease, "second")).await.unwrap(), Begin::Begun);
    assert!(!slow.offer(&offer("1"), ranked(1)).await.unwrap(), "one that was begun");
    assert_eq!(process.begin(&offer("1"), &by(&lease, "first")).await.unwrap(), Begin::Not);
    assert!(next.offer(&offer("3"), ranked(2)).await.unwrap(), "their own next one does");
    assert_eq!(process.begin(&offer("3"), &by(&lease, "third")).await.unwrap(), Begin::Begun);
}

#[rstest]
#[tokio::test]
async fn what_was_withdrawn_before_it_was_there_is_offered_by_nobody_who_came_before(
    #[values(Kind::Local, Kind::Redis)] kind: Kind,
) {
    let world = World::new(kind);
    let (slow, next, process) = (world.node("slow").await, world.node("next").await, world.node("process").await);
    let lease = held(&process, "number").await;
    for _ in 0..2 {
        assert_eq!(next.withdraw(&offer("1"), 2, LONG).await.unwrap(), Withdraw::Unknown, "also asked again");
    }
    assert!(!slow.offer(&offer("1"), ranked(1)).await.unwrap(), "it was about to be offered");
    assert!(!slow.offer_again(&offer("1"), None, ranked(1)).await.unwrap());
    assert!(!slow.offer(&offer("0"), ranked(1)).await.unwrap());
    assert_eq!(process.begin(&offer("1"), &by(&lease, "first")).await.unwrap(), Begin::Not);
    assert!(next.offer(&offer("2"), ranked(2)).await.unwrap());
    assert_eq!(process.begin(&offer("2"), &by(&lease, "second")).await.unwrap(), Begin::Begun);

    // Also where something older of that name lies there.
    let letter = |nonce: &str| Offer { name: "another".into(), ..offer(nonce) };
    assert!(slow.offer(&letter("0"), ranked(1)).await.unwrap());
    assert_eq!(next.withdraw(&letter("1"), 2, LONG).await.unwrap(), Withdraw::Unknown);
    assert!(!slow.offer(&letter("1"), ranked(1)).await.unwrap());
    assert!(next.offer(&letter("2"), ranked(2)).await.unwrap());
}

#[rstest]
#[tokio::test]
async fn whoever_did_not_hear_that_they_offered_is_not_stopped_by_what_was_there_before(
    #[values(Kind::Local, Kind::Redis)] kind: Kind,
) {
    let world = World::new(kind);
    let (hub, process) = (world.node("hub").await, world.node("process").await);
    let lease = held(&process, "number").await;
    hub.offer(&offer("1"), ranked(1)).await.unwrap();
    assert_eq!(hub.withdraw(&offer("1"), 1, LONG).await.unwrap(), Withdraw::NeverBegun);
    assert!(hub.offer_again(&offer("2"), None, ranked(1)).await.unwrap(), "the try before was the same hub's");
    assert_eq!(process.begin(&offer("2"), &by(&lease, "second")).await.unwrap(), Begin::Begun);
    assert!(hub.offer_again(&offer("2"), None, ranked(1)).await.unwrap());
    assert_eq!(hub.withdraw(&offer("2"), 1, LONG).await.unwrap(), Withdraw::Begun, "and what was begun stays so");
}

#[rstest]
#[tokio::test]
async fn what_is_offered_again_is_for_nobody_but_who_may_have_begun_it(#[values(Kind::Local, Kind::Redis)] kind: Kind) {
    let world = World::new(kind);
    let (hub, dead, next) = (world.node("hub").await, world.node("dead").await, world.node("next").await);
    let lease = held(&dead, "number").await;
    let (begun, silent) = (offer("1"), Offer { name: "another".to_owned(), ..offer("2") });
    hub.offer(&begun, ranked(1)).await.unwrap();
    hub.offer(&silent, ranked(1)).await.unwrap();
    assert_eq!(dead.begin(&begun, &by(&lease, "first")).await.unwrap(), Begin::Begun);
    let holder = lease.fencing();
    lease.release().await;
    let lease = held(&next, "number").await;
    for again in [&begun, &silent] {
        assert!(hub.offer_again(again, Some(holder), ranked(1)).await.unwrap());
        assert_eq!(next.begin(again, &by(&lease, "second")).await.unwrap(), Begin::Not, "{again:?}");
    }
    assert_eq!(hub.withdraw(&begun, 1, LONG).await.unwrap(), Withdraw::Begun);
}

#[tokio::test]
async fn a_redis_that_may_have_forgotten_who_began_does_not_say_that_nobody_did() {
    let mut redis = Redis::start();
    let (hub, process) = (redis_node(&redis, "hub"), redis_node(&redis, "process"));
    within(async { tokio::join!(hub.connected(), process.connected()) }).await;
    let lease = held(&process, "number").await;
    hub.offer(&offer("1"), ranked(1)).await.unwrap();
    assert_eq!(process.begin(&offer("1"), &by(&lease, "first")).await.unwrap(), Begin::Begun);
    redis.restart();
    let withdrawn = async |nonce| {
        within(async {
            loop {
                match hub.withdraw(&offer(nonce), 1, LONG).await {
                    Ok(withdrawn) => return withdrawn,
                    Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
                }
            }
        })
        .await
    };
    for _ in 0..2 {
        assert_eq!(withdrawn("1").await, Withdraw::Unknown, "however often it is asked");
    }
    // One that is back with an older snapshot knows the offer, and not whether somebody began it since.
    assert!(hub.offer(&offer("2"), ranked(1)).await.unwrap());
    let restored = "redis.call('HSET', 'test:offer:letter', 'run', 'another') return redis.status_reply('OK')";
    redis.does(&format!("EVAL \"{restored}\" 0"));
    for _ in 0..2 {
        assert_eq!(withdrawn("2").await, Withdraw::Unknown, "however often it is asked");
    }
}
