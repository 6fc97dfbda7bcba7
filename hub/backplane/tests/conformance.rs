//! What a backplane promises, proved of both forms by the same tests.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use bytes::Bytes;
use rstest::rstest;
use support::{Kind, World, an, metas, staff, tab, text, until, until_heard, within};
use switchboard_backplane::presence::{MAX_META_BYTES, Refused};
use switchboard_backplane::{Channel, Incoming, LeaseLost, MAX_PAYLOAD_BYTES, Member, Quota};

const LONG: Duration = Duration::from_secs(3600);

#[rstest]
#[tokio::test]
async fn the_others_hear_everything_in_order_and_oneself_nothing(#[values(Kind::Local, Kind::Redis)] kind: Kind) {
    let world = World::new(kind);
    let (a, b, c) = (world.node("a").await, world.node("b").await, world.node("c").await);
    let (mut at_a, mut at_b, mut at_c) = (a.subscribe(), b.subscribe(), c.subscribe());
    for number in 0..2000 {
        let channel = [Channel::Feed, Channel::Signals][number % 2];
        a.publish(channel, Bytes::from(number.to_string()));
    }
    for number in 0..2000 {
        assert_eq!(text(&mut at_b).await, number.to_string());
        let channel = [Channel::Feed, Channel::Signals][number % 2];
        let payload = Bytes::from(number.to_string());
        let expected = Incoming::Message { channel, from: a.node().clone(), payload };
        assert_eq!(within(at_c.recv()).await, Some(expected));
    }
    b.publish(Channel::Feed, Bytes::from_static(b"from b"));
    assert_eq!(text(&mut at_a).await, "from b");
    assert_eq!(a.health().dropped, 0);
}

#[rstest]
#[tokio::test]
async fn a_slow_subscriber_hears_a_gap_and_then_the_newest(#[values(Kind::Local, Kind::Redis)] kind: Kind) {
    let world = World::new(kind);
    let (a, b) = (world.node("a").await, world.node("b").await);
    let (mut slow, mut quick) = (b.subscribe(), b.subscribe());
    for number in 0..10_000 {
        a.publish(Channel::Signals, Bytes::from(number.to_string()));
        assert_eq!(text(&mut quick).await, number.to_string());
    }
    assert_eq!(within(slow.recv()).await, Some(Incoming::Gap));
    let first: u32 = text(&mut slow).await.parse().unwrap();
    for number in first + 1..10_000 {
        assert_eq!(text(&mut slow).await, number.to_string());
    }
}

#[rstest]
#[tokio::test]
async fn what_could_not_be_sent_is_counted_and_heard_as_a_gap(#[values(Kind::Local, Kind::Redis)] kind: Kind) {
    let world = World::new(kind);
    let (a, b) = (world.node("a").await, world.node("b").await);
    let mut at_b = b.subscribe();
    until_heard(&a, &mut at_b, "before").await;
    a.publish(Channel::Feed, Bytes::from(vec![0; MAX_PAYLOAD_BYTES + 1]));
    assert_eq!(a.health().dropped, 1);
    // Nothing else is published: the next heartbeat at the latest tells.
    assert_eq!(within(at_b.recv()).await, Some(Incoming::Gap));
    a.publish(Channel::Feed, Bytes::from_static(b"after"));
    assert_eq!(text(&mut at_b).await, "after");
}

#[rstest]
#[tokio::test]
async fn a_subscription_ends_with_its_node(#[values(Kind::Local, Kind::Redis)] kind: Kind) {
    let world = World::new(kind);
    let a = world.node("a").await;
    let (mut subscription, mut changes) = (a.subscribe(), a.presence().changes());
    drop(a);
    assert_eq!(within(subscription.recv()).await, None);
    assert_eq!(within(changes.recv()).await, None);
}

#[rstest]
#[tokio::test]
async fn presence_is_the_same_everywhere(#[values(Kind::Local, Kind::Redis)] kind: Kind) {
    let world = World::new(kind);
    let (a, b) = (world.node("a").await, world.node("b").await);
    let mut changes = b.presence().changes();
    a.presence().join(staff(), an(), tab(1), "online".into()).unwrap();
    let change = within(changes.recv()).await.unwrap();
    assert_eq!((change.group, change.member, change.metas), (staff(), an(), vec![Bytes::from("online")]));

    // Another device on another node: one person, and what differs is seen once.
    b.presence().join(staff(), an(), tab(1), "away".into()).unwrap();
    let both = vec![Bytes::from("away"), Bytes::from("online")];
    until(|| metas(&a, &an()) == both && metas(&b, &an()) == both).await;
    b.presence().join(staff(), an(), tab(1), "online".into()).unwrap();
    until(|| metas(&a, &an()) == ["online"]).await;

    // Who comes later knows it all.
    let c = world.node("c").await;
    until(|| c.presence().members(&staff()) == [(an(), vec![Bytes::from("online")])]).await;
    until(|| c.presence().nodes().len() == 2).await;

    // Gone only with the last connection.
    a.presence().leave(staff(), an(), tab(1), Duration::ZERO);
    b.presence().leave(staff(), an(), tab(1), Duration::ZERO);
    for node in [&a, &b, &c] {
        until(|| node.presence().members(&staff()).is_empty()).await;
    }
}

#[rstest]
#[tokio::test]
async fn a_reconnect_within_the_linger_changes_nothing(#[values(Kind::Local, Kind::Redis)] kind: Kind) {
    let world = World::new(kind);
    let (a, b) = (world.node("a").await, world.node("b").await);
    a.presence().join(staff(), an(), tab(1), "online".into()).unwrap();
    until(|| metas(&b, &an()) == ["online"]).await;

    let mut changes = [a.presence().changes(), b.presence().changes()];
    a.presence().leave(staff(), an(), tab(1), Duration::from_secs(6));
    b.presence().join(staff(), an(), tab(7), "online".into()).unwrap();
    b.presence().join(staff(), Member::new("marker"), tab(8), "".into()).unwrap();
    a.presence().join(staff(), Member::new("marker"), tab(8), "".into()).unwrap();
    for changes in &mut changes {
        assert_eq!(within(changes.recv()).await.unwrap().member, Member::new("marker"), "An flickered");
    }

    // Without coming back she is gone when it is over, and not before.
    b.presence().leave(staff(), an(), tab(7), Duration::from_millis(300));
    until(|| metas(&a, &an()) == ["online"] && metas(&b, &an()) == ["online"]).await;
    a.presence().leave(staff(), an(), tab(1), Duration::from_millis(300));
    until(|| metas(&a, &an()).is_empty() && metas(&b, &an()).is_empty()).await;
}

#[rstest]
#[tokio::test]
async fn whoever_is_back_with_another_meta_is_only_there(#[values(Kind::Local, Kind::Redis)] kind: Kind) {
    let world = World::new(kind);
    let (a, b) = (world.node("a").await, world.node("b").await);
    a.presence().join(staff(), an(), tab(1), "/shoes".into()).unwrap();
    a.presence().leave(staff(), an(), tab(1), LONG);
    until(|| metas(&b, &an()) == ["/shoes"]).await;
    b.presence().join(staff(), an(), tab(1), "/checkout".into()).unwrap();
    until(|| metas(&a, &an()) == ["/checkout"] && metas(&b, &an()) == ["/checkout"]).await;
}

#[rstest]
#[tokio::test]
async fn a_node_that_dies_without_a_word_is_gone_within_10_s(#[values(Kind::Local, Kind::Redis)] kind: Kind) {
    let world = World::new(kind);
    let (a, b) = (world.node("a").await, world.node("b").await);
    a.presence().join(staff(), an(), tab(1), "online".into()).unwrap();
    b.presence().join(staff(), Member::new("bo"), tab(1), "online".into()).unwrap();
    until(|| metas(&b, &an()) == ["online"]).await;
    let mut changes = b.presence().changes();
    drop(a);
    let gone = tokio::time::timeout(Duration::from_secs(10), changes.recv()).await.expect("gone within 10 s").unwrap();
    assert_eq!((gone.member, gone.metas), (an(), vec![]));
    assert_eq!(b.presence().members(&staff()).len(), 1, "its own people stay");
    assert!(b.presence().nodes().is_empty());
}

#[rstest]
#[tokio::test]
async fn many_entries_cross_in_one_snapshot(#[values(Kind::Local, Kind::Redis)] kind: Kind) {
    let world = World::new(kind);
    let a = world.node("a").await;
    for number in 0..3000 {
        let member = Member::new(&number.to_string());
        a.presence().join(staff(), member, tab(number), vec![b'm'; MAX_META_BYTES].into()).unwrap();
    }
    let b = world.node("b").await;
    until(|| b.presence().members(&staff()).len() == 3000).await;
    let refused = a.presence().join(staff(), an(), tab(0), vec![0; MAX_META_BYTES + 1].into());
    assert_eq!(refused, Err(Refused::TooLarge));
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lease_never_has_two_holders(#[values(Kind::Local, Kind::Redis)] kind: Kind) {
    // Far longer than any racer holds it, so that only a true second holder is one.
    const TTL: Duration = Duration::from_secs(2);
    let world = World::new(kind);
    let nodes = [world.node("a").await, world.node("b").await, world.node("c").await];
    let holders = Arc::new(AtomicU32::new(0));
    let fencings = Arc::new(std::sync::Mutex::new(Vec::new()));
    let racers: Vec<_> = (0..12)
        .map(|racer| {
            let (node, holders, fencings) = (nodes[racer % 3].clone(), holders.clone(), fencings.clone());
            tokio::spawn(async move {
                while fencings.lock().unwrap().len() < 60 {
                    let Some(mut lease) = node.lease("poller", TTL).await.unwrap() else {
                        tokio::time::sleep(Duration::from_millis(2)).await;
                        continue;
                    };
                    assert_eq!(holders.fetch_add(1, Ordering::SeqCst), 0, "two holders");
                    fencings.lock().unwrap().push(lease.fencing());
                    assert!(racer % 2 == 0 || lease.renew().await.is_ok());
                    holders.fetch_sub(1, Ordering::SeqCst);
                    lease.release().await;
                }
            })
        })
        .collect();
    for racer in racers {
        within(racer).await.unwrap();
    }
    let fencings = fencings.lock().unwrap();
    assert!(fencings.is_sorted_by(|one, next| one < next), "fencing must grow: {fencings:?}");
}

#[rstest]
#[tokio::test]
async fn a_lease_is_kept_by_renewing_and_moves_when_its_holder_dies(#[values(Kind::Local, Kind::Redis)] kind: Kind) {
    const TTL: Duration = Duration::from_secs(1);
    let world = World::new(kind);
    let (a, b) = (world.node("a").await, world.node("b").await);
    let mut held = within(taken(&a, "poller", TTL)).await;
    let begun = tokio::time::Instant::now();
    while begun.elapsed() < 2 * TTL {
        assert_eq!(held.renew().await, Ok(()));
        assert!(b.lease("poller", TTL).await.unwrap().is_none(), "the holder renews");
        assert!(b.lease("another", TTL).await.is_ok());
        tokio::time::sleep(TTL / 8).await;
    }
    // Held by A's word until then, and no longer: whoever takes it over finds it free only after that.
    let until = held.expires_at();
    let fencing = held.fencing();
    let moved = within(taken(&b, "poller", TTL)).await;
    assert!(tokio::time::Instant::now() >= until && !held.is_held());
    assert!(moved.fencing() > fencing);
    assert_eq!(held.renew().await, Err(LeaseLost));
    // The old holder's end takes nothing from the new one.
    drop(held);
    assert!(a.lease("poller", TTL).await.unwrap().is_none());
    // A lease that is dropped is given back well before it would expire.
    let long = within(taken(&b, "long", Duration::from_secs(3))).await;
    let expires_at = long.expires_at();
    drop(long);
    drop(within(taken(&a, "long", Duration::from_secs(3))).await);
    assert!(tokio::time::Instant::now() < expires_at);
}

async fn taken(node: &switchboard_backplane::Backplane, name: &str, ttl: Duration) -> switchboard_backplane::Lease {
    loop {
        if let Some(lease) = node.lease(name, ttl).await.unwrap() {
            return lease;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rate_limit_is_exact_over_all_nodes(#[values(Kind::Local, Kind::Redis)] kind: Kind) {
    let world = World::new(kind);
    let nodes = [world.node("a").await, world.node("b").await];
    let quota = Quota { burst: 50, per: LONG };
    let mut allowed = 0;
    // Few enough at once that a busy machine's Redis answers each in time.
    for _wave in 0..20 {
        let tries: Vec<_> = (0..10)
            .map(|number| {
                let node = nodes[number % 2].clone();
                tokio::spawn(async move { node.limit("sign-in:203.0.113.7", quota).await })
            })
            .collect();
        for attempt in tries {
            match within(attempt).await.unwrap() {
                Ok(()) => allowed += 1,
                Err(retry) => assert!(retry.0 > Duration::ZERO && retry.0 <= LONG / 50, "{retry:?}"),
            }
        }
    }
    assert_eq!(allowed, 50);
    assert_eq!(nodes[0].limit("sign-in:203.0.113.8", quota).await, Ok(()), "another key");
}

#[rstest]
#[tokio::test]
async fn a_rate_limit_keeps_its_word_on_when_to_come_back(#[values(Kind::Local, Kind::Redis)] kind: Kind) {
    let world = World::new(kind);
    let node = world.node("a").await;
    let quota = Quota { burst: 2, per: Duration::from_secs(4) };
    assert_eq!(node.limit("key", quota).await, Ok(()));
    assert_eq!(node.limit("key", quota).await, Ok(()));
    let retry = node.limit("key", quota).await.unwrap_err();
    tokio::time::sleep(retry.0 + Duration::from_millis(2)).await;
    assert_eq!(node.limit("key", quota).await, Ok(()));
    assert!(node.limit("key", quota).await.is_err(), "one came back, not two");
}

#[rstest]
#[tokio::test]
async fn a_stream_gives_each_entry_to_one_and_what_died_to_another(#[values(Kind::Local, Kind::Redis)] kind: Kind) {
    let world = World::new(kind);
    let (a, b) = (world.node("a").await, world.node("b").await);
    let (at_a, at_b) = (a.stream("mail"), b.stream("mail"));
    assert!(at_a.claim("a", 10, Duration::ZERO).await.unwrap().is_empty());

    // A waiting claim is woken by what comes.
    let waiting = tokio::spawn({
        let at_b = at_b.clone();
        async move { at_b.claim("b", 10, Duration::from_secs(15)).await.unwrap() }
    });
    at_a.append("first".into()).await.unwrap();
    let first = within(waiting).await.unwrap();
    assert_eq!(first[0].payload, "first");
    at_b.ack(&[first[0].id.clone()]).await.unwrap();

    for number in 0..10 {
        at_a.append(number.to_string().into()).await.unwrap();
    }
    let of_a = at_a.claim("a", 4, Duration::ZERO).await.unwrap();
    let of_b = at_b.claim("b", 100, Duration::ZERO).await.unwrap();
    let numbers = |entries: &[switchboard_backplane::stream::Entry]| -> Vec<String> {
        entries.iter().map(|entry| String::from_utf8(entry.payload.to_vec()).unwrap()).collect()
    };
    assert_eq!(numbers(&of_a), ["0", "1", "2", "3"]);
    assert_eq!(numbers(&of_b), ["4", "5", "6", "7", "8", "9"]);

    // B commits its part; A dies with one acknowledged. Three are B's, once.
    at_b.ack(&of_b.iter().map(|entry| entry.id.clone()).collect::<Vec<_>>()).await.unwrap();
    at_a.ack(&[of_a[0].id.clone()]).await.unwrap();
    assert!(at_b.reclaim("b", LONG, 100).await.unwrap().is_empty(), "A may still be at it");
    let reclaimed = at_b.reclaim("b", Duration::ZERO, 100).await.unwrap();
    assert_eq!(numbers(&reclaimed), ["1", "2", "3"]);
    at_b.ack(&reclaimed.iter().map(|entry| entry.id.clone()).collect::<Vec<_>>()).await.unwrap();
    assert!(at_b.reclaim("b", Duration::ZERO, 100).await.unwrap().is_empty());
    assert!(at_b.claim("b", 100, Duration::ZERO).await.unwrap().is_empty());
}
