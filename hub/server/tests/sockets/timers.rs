//! What comes at its time: by whichever hub is there, once, and though none was.

use rstest::rstest;
use serde_json::json;
use switchboard::clock::Clock;

use crate::shop::Shop;
use crate::support::{Setting, eventually};

const BEGINNING: i64 = 1_790_000_000_000;

/// A shop whose hubs have one clock, which the test moves.
async fn open(setting: Setting) -> (Shop, Clock) {
    let clock = Clock::held(BEGINNING);
    let held = clock.clone();
    (Shop::tuned(setting, move |_, parts| parts.clock = held.clone()).await, clock)
}

async fn put_off(shop: &Shop, words: &str, until: i64) -> String {
    let mut guest = shop.visitor(&shop.sales).await;
    guest.writes(words).await;
    let id = guest.conversation();
    shop.owner.patch(&format!("/api/conversations/{id}"), json!({ "snoozed_until": until })).await;
    id
}

/// The lines that say that it was woken.
async fn wakings(shop: &Shop, id: &str) -> Vec<serde_json::Value> {
    let detail = shop.owner.detail(id).await;
    let all = detail["messages"].as_array().expect("messages").clone();
    all.into_iter().filter(|message| message["line"]["kind"] == "woken").collect()
}

async fn status(shop: &Shop, id: &str) -> String {
    shop.owner.detail(id).await["row"]["status"].as_str().expect("a status").to_owned()
}

#[rstest]
#[tokio::test]
async fn what_was_snoozed_wakes_to_the_second_and_once(#[values(Setting::Alone, Setting::Pair)] setting: Setting) {
    let (shop, clock) = open(setting).await;
    // Sooner than the sockets would count as silent, whose heartbeat has the same clock.
    let until = BEGINNING + 10_000;
    let id = put_off(&shop, "tomorrow, please", until).await;
    let (mut here, mut there) = (shop.owner.connects().await, shop.ann.connects().await);
    clock.advance(9_999);
    // Whoever looks now finds it asleep; a millisecond later both hubs find it due.
    shop.fence(&mut [&mut here, &mut there]).await;
    assert_eq!(status(&shop, &id).await, "snoozed");
    clock.advance(1);
    for socket in [&mut here, &mut there] {
        let told = socket.event("conversation_changed").await;
        assert_eq!((&told["patch"]["status"], &told["conversation_id"]), (&json!("open"), &json!(id)));
    }
    for hub in 0..shop.world.hubs() {
        switchboard::timers::round(shop.world.app(hub)).await.expect("a round");
    }
    let lines = wakings(&shop, &id).await;
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert_eq!((&lines[0]["at"], &lines[0]["author"]["kind"]), (&json!(until), &json!("system")));
}

#[rstest]
#[tokio::test]
async fn what_fell_due_while_no_hub_was_there_wakes_when_one_comes(
    #[values(Setting::Alone, Setting::Pair)] setting: Setting,
) {
    let (mut shop, clock) = open(setting).await;
    let id = put_off(&shop, "after the night", BEGINNING + 60_000).await;
    for hub in 0..shop.world.hubs() {
        shop.world.stop_hub(hub).await;
    }
    clock.advance(3_600_000);
    for hub in 0..shop.world.hubs() {
        shop.world.start_hub(hub).await;
    }
    eventually("it wakes", || async { (status(&shop, &id).await == "open").then_some(()) }).await;
    assert_eq!(wakings(&shop, &id).await.len(), 1);
}

/// However many there are of them: what cannot be read keeps nothing else asleep, and is tried again.
#[tokio::test]
async fn what_cannot_be_read_keeps_nothing_else_asleep() {
    let (shop, clock) = open(Setting::Pair).await;
    let broken = put_off(&shop, "broken", BEGINNING + 1_000).await;
    let sound = put_off(&shop, "sound", BEGINNING + 2_000).await;
    let tags = |tags: &str| format!("UPDATE conversations SET tags = '{tags}' WHERE id = '{broken}'");
    shop.world.database_does(&tags("no list")).await;
    clock.advance(2_000);
    eventually("the sound one wakes", || async { (status(&shop, &sound).await == "open").then_some(()) }).await;
    shop.world.database_does(&tags("[]")).await;
    clock.advance(600_000);
    eventually("the other is tried again", || async { (status(&shop, &broken).await == "open").then_some(()) }).await;
}
