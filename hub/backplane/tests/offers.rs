//! What is kept for a time, and what at most one may begin: proved of both forms, and over a Redis that forgets.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod support;

use std::time::Duration;

use bytes::Bytes;
use rstest::rstest;
use support::{Kind, World, redis_node, within};
use switchboard_backplane::{Backplane, Begin, Beginner, Lease, Offer, PIECE_BYTES, Withdraw};
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
    hub.offer(&offer("1"), LONG, LONG).await.unwrap();
    assert_eq!(process.begin(&offer("1"), &stranger).await.unwrap(), Begin::Not);
    assert_eq!(process.begin(&offer("1"), &first).await.unwrap(), Begin::Begun);
    assert_eq!(process.begin(&offer("1"), &first).await.unwrap(), Begin::Begun, "asked again");
    assert_eq!(process.begin(&offer("1"), &second).await.unwrap(), Begin::Not);
    assert_eq!(hub.withdraw(&offer("1")).await.unwrap(), Withdraw::Begun);

    hub.offer(&offer("2"), LONG, LONG).await.unwrap();
    assert_eq!(hub.withdraw(&offer("1")).await.unwrap(), Withdraw::Unknown, "another has taken its place");
    assert_eq!(hub.withdraw(&offer("2")).await.unwrap(), Withdraw::NeverBegun);
    assert_eq!(hub.withdraw(&offer("2")).await.unwrap(), Withdraw::NeverBegun, "asked again");
    assert_eq!(process.begin(&offer("2"), &first).await.unwrap(), Begin::Not);

    hub.offer(&offer("3"), Duration::ZERO, LONG).await.unwrap();
    tokio::time::sleep(Duration::from_millis(2)).await;
    assert_eq!(process.begin(&offer("3"), &first).await.unwrap(), Begin::Not, "too late");
    assert_eq!(hub.withdraw(&offer("3")).await.unwrap(), Withdraw::NeverBegun);
}

#[tokio::test]
async fn a_redis_that_may_have_forgotten_who_began_does_not_say_that_nobody_did() {
    let mut redis = Redis::start();
    let (hub, process) = (redis_node(&redis, "hub"), redis_node(&redis, "process"));
    within(async { tokio::join!(hub.connected(), process.connected()) }).await;
    let lease = held(&process, "number").await;
    hub.offer(&offer("1"), LONG, LONG).await.unwrap();
    assert_eq!(process.begin(&offer("1"), &by(&lease, "first")).await.unwrap(), Begin::Begun);
    redis.restart();
    let withdrawn = within(async {
        loop {
            match hub.withdraw(&offer("1")).await {
                Ok(withdrawn) => return withdrawn,
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
    })
    .await;
    assert_eq!(withdrawn, Withdraw::Unknown);
}
