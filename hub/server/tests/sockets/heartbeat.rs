//! Silence is found on both sides. The hubs of these tests have a short heartbeat; the bounds are in heartbeats.

use std::time::Duration;

use rstest::rstest;
use serde_json::json;
use switchboard_protocol::limits::HEARTBEAT_MS;
use tokio::time::Instant;

use crate::shop::Shop;
use crate::support::world::heartbeat;
use crate::support::{Setting, eventually};

const BEAT_MS: u64 = 700;

#[tokio::test]
async fn the_heartbeat_carries_the_position_and_its_period_is_told() {
    let shop = Shop::tuned(Setting::Alone, heartbeat(BEAT_MS)).await;
    let mut guest = shop.visitor(&shop.sales).await;
    // Ben may see nothing of it, and yet does not fall behind.
    let mut ben = shop.ben.opens_socket().await;
    ben.say(json!({ "t": "resume" })).await;
    assert_eq!(ben.hear("welcome").await["heartbeat_ms"], BEAT_MS);
    let written = guest.writes("hello").await;
    for socket in [&mut ben, &mut guest.socket] {
        socket
            .wait_for("a heartbeat that has come so far", |frame| {
                (frame["t"] == "ping" && frame["position"].as_i64() >= written["position"].as_i64()).then_some(())
            })
            .await;
    }
    ben.never_heard(&["hello"]);
}

#[test]
fn silence_is_found_within_thirty_seconds() {
    // Two heartbeats, and the step with which the hub looks.
    const { assert!(2 * HEARTBEAT_MS + HEARTBEAT_MS / 28 <= 30_000) };
}

#[rstest]
#[case::live(true)]
#[case::never_resumed(false)]
#[tokio::test]
async fn who_never_answers_is_let_go_within_two_heartbeats_and_who_answers_stays(#[case] live: bool) {
    let shop = Shop::tuned(Setting::Alone, heartbeat(BEAT_MS)).await;
    let mut olga = shop.owner.connects().await;
    let mut ann = shop.ann.opens_socket().await;
    if live {
        ann.say(json!({ "t": "resume" })).await;
        ann.hear("welcome").await;
    }
    ann.answers_heartbeats(false);
    let since = Instant::now();
    let (bye, _) = ann.end().await;
    let after = since.elapsed();
    assert_eq!(bye.expect("a bye")["why"], "silent");
    assert!(after >= Duration::from_millis(BEAT_MS), "not before it was asked: {after:?}");
    // Two, and as long again for a machine that is busy; three would be what looking once a round gives.
    assert!(after < Duration::from_millis(2 * BEAT_MS + BEAT_MS * 9 / 10), "let go after {after:?}");
    // Olga has answered all along, without having said anything else.
    let answer = olga.does(json!({ "do": "availability", "availability": "online" })).await;
    assert_eq!(answer["ok"], "yes");
}

#[tokio::test]
async fn a_half_open_connection_costs_nothing_for_long() {
    let shop = Shop::tuned(Setting::Alone, heartbeat(BEAT_MS)).await;
    let ann = shop.ann.connects().await;
    ann.goes_dead();
    let registry = shop.world.app(0).feed.registry();
    eventually("the dead connection is forgotten", || async { (registry.count() == (0, 0)).then_some(()) }).await;
    registry.check_invariants();
}
