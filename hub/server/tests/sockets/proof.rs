//! A socket lasts no longer than the proof that it stands on: a token that runs out, rights that end, a client that does
//! not come on when it is told to.

use std::time::Duration;

use rstest::rstest;
use serde_json::{Value, json};
use switchboard::clock::Clock;
use switchboard::limits::{LAST_SEEN_STEP_MS, SESSION_MS};
use tokio::time::Instant;

use crate::shop::{Guest, Shop, reply};
use crate::support::world::heartbeat;
use crate::support::{Person, Setting, Socket, eventually};

const BEAT_MS: u64 = 700;

/// How long the token of these tests is good, milliseconds.
const GOOD_MS: i64 = 2_000;

/// A shop with a held clock, somebody who has written, and a token of Ann's that runs out soon.
async fn shop_with_a_token(beat_ms: u64) -> (Shop, Clock, Guest, Value) {
    let clock = Clock::held(1_790_000_000_000);
    let (hands, beat) = (clock.clone(), heartbeat(beat_ms));
    let shop = Shop::tuned(Setting::Alone, move |config, parts| {
        beat(config, parts);
        parts.clock = hands.clone();
    })
    .await;
    let mut guest = shop.visitor(&shop.sales).await;
    guest.writes("before").await;
    let token = json!({ "name": "bot", "scopes": ["read", "write"], "expires_at": clock.now() + GOOD_MS });
    let token = shop.ann.post("/api/tokens", token).await;
    (shop, clock, guest, token)
}

async fn program(shop: &Shop, token: &Value) -> Socket {
    let mut socket = Socket::open(shop.world.other(), "/ws/agent", &[]).await.expect("a socket");
    socket.say(json!({ "t": "hello", "token": token["secret"] })).await;
    socket
}

async fn joins(socket: &mut Socket) {
    socket.say(json!({ "t": "resume" })).await;
    socket.hear("welcome").await;
}

#[tokio::test]
async fn a_token_that_runs_out_hears_nothing_more() {
    let (shop, clock, mut guest, token) = shop_with_a_token(14_000).await;
    let mut socket = program(&shop, &token).await;
    joins(&mut socket).await;
    clock.advance(GOOD_MS - 1);
    guest.writes("while it is good").await;
    socket.message_event("while it is good").await;
    clock.advance(1);
    socket.hear("reset").await;
    guest.writes("after its end").await;
    socket.say(json!({ "t": "resume" })).await;
    assert_eq!(socket.end().await.0.expect("a bye")["why"], "signed_out");
    socket.never_heard(&["after its end"]);
}

#[rstest]
#[case::resumed(true)]
#[case::never_resumed(false)]
#[tokio::test]
async fn a_token_that_runs_out_writes_nothing_more(#[case] joined: bool) {
    // Nobody looks at the socket in the meantime: the command itself is refused.
    let (shop, clock, guest, token) = shop_with_a_token(1_000_000).await;
    let mut socket = program(&shop, &token).await;
    if joined {
        joins(&mut socket).await;
    }
    let answer = socket.does(reply(&guest.conversation(), 1, "by a good token")).await;
    assert_eq!(answer["ok"], "yes", "{answer}");
    clock.advance(GOOD_MS);
    for command in [
        reply(&guest.conversation(), 2, "by one that has run out"),
        json!({ "do": "view", "conversation_id": guest.conversation(), "mode": "viewing" }),
        json!({ "do": "typing", "conversation_id": guest.conversation(), "on": true, "note": false }),
    ] {
        assert_eq!(socket.does(command).await["error"]["code"], "unauthenticated");
    }
}

/// Ann has a conversation open, and her client only answers heartbeats from then on.
#[rstest]
#[case::signed_out(false)]
#[case::rights_changed(true)]
#[tokio::test]
async fn who_does_not_resume_after_a_reset_is_closed_and_no_longer_here(#[case] stays: bool) {
    let shop = Shop::tuned(Setting::Alone, heartbeat(BEAT_MS)).await;
    let mut guest = shop.visitor(&shop.sales).await;
    guest.writes("hello").await;
    let again = shop.ann.signs_in_again("ann").await;
    let mut olga = shop.owner.connects().await;
    let (mut ann, mut other) = (shop.ann.connects().await, again.connects().await);
    let view = json!({ "do": "view", "conversation_id": guest.conversation(), "mode": "viewing" });
    olga.does(view.clone()).await;
    ann.does(view).await;
    let ann_views = |frame: &Value| {
        let viewers = frame["viewers"].as_array().expect("viewers");
        viewers.iter().any(|viewer| viewer["agent_id"] == shop.ann.id.as_str())
    };
    olga.signal("viewers", ann_views).await;
    // From before the reset on.
    let since = Instant::now();
    if stays {
        shop.owner.grants(&shop.legal, &[&shop.ann, &shop.ben]).await;
    } else {
        shop.ann.delete("/api/session").await;
    }
    ann.hear("reset").await;
    // Who comes on in time stays.
    other.hear("reset").await;
    other.say(json!({ "t": "resume", "from": again.snapshot().await })).await;
    other.hear("welcome").await;
    let (bye, _) = ann.end().await;
    assert_eq!(bye.expect("a bye")["why"], if stays { "silent" } else { "signed_out" });
    assert!(since.elapsed() >= Duration::from_millis(BEAT_MS), "not before it could resume");
    if !stays {
        olga.signal("viewers", |frame| !ann_views(frame)).await;
    }
    other.does(json!({ "do": "availability", "availability": "busy" })).await;
}

/// A program may view without having resumed; the end of its rights ends that too.
#[tokio::test]
async fn who_views_without_having_resumed_is_closed_when_the_token_ends() {
    let shop = Shop::tuned(Setting::Alone, heartbeat(BEAT_MS)).await;
    let mut guest = shop.visitor(&shop.sales).await;
    guest.writes("hello").await;
    let token = shop.ann.post("/api/tokens", json!({ "name": "bot", "scopes": ["read"] })).await;
    let mut socket = program(&shop, &token).await;
    let view = json!({ "do": "view", "conversation_id": guest.conversation(), "mode": "viewing" });
    assert_eq!(socket.does(view).await["ok"], "yes");
    shop.ann.delete(&format!("/api/tokens/{}", token["id"].as_str().expect("an id"))).await;
    assert_eq!(socket.end().await.0.expect("a bye")["why"], "signed_out");
}

#[tokio::test]
async fn who_may_not_read_is_not_told_who_looks() {
    let shop = Shop::open(Setting::Alone).await;
    let mut guest = shop.visitor(&shop.sales).await;
    guest.writes("before").await;
    let page = json!({ "do": "page", "page": { "url": "https://shop.example/secret", "title": "t" } });
    guest.socket.does(page).await;
    let token = shop.ann.post("/api/tokens", json!({ "name": "bot", "scopes": ["write"] })).await;
    let mut socket = program(&shop, &token).await;
    let view = json!({ "do": "view", "conversation_id": guest.conversation(), "mode": "viewing" });
    assert_eq!(socket.does(view).await["error"]["code"], "forbidden");
    let answer = socket.does(reply(&guest.conversation(), 1, "it may write")).await;
    assert_eq!(answer["ok"], "yes", "{answer}");
    socket.never_heard(&["secret"]);
}

/// What one has read the customer sees, and whether one is here the team.
#[tokio::test]
async fn who_may_only_read_says_nothing() {
    let shop = Shop::open(Setting::Alone).await;
    let mut guest = shop.visitor(&shop.sales).await;
    guest.writes("hello").await;
    let conversation = guest.conversation();
    let said = [
        json!({ "do": "read", "conversation_id": conversation, "number": 1 }),
        json!({ "do": "unread", "conversation_id": conversation }),
        json!({ "do": "availability", "availability": "away" }),
    ];
    for (scopes, code) in [(json!(["read"]), json!("forbidden")), (json!(["read", "write"]), Value::Null)] {
        let token = shop.ann.post("/api/tokens", json!({ "name": "bot", "scopes": scopes })).await;
        let mut socket = program(&shop, &token).await;
        for command in &said {
            let answer = socket.does(command.clone()).await;
            assert_eq!(answer["error"]["code"], code, "{scopes}: {answer}");
        }
    }
    // A person who may only read says it of themselves all the same.
    let nora = shop.owner.invites("nora", "read_only").await;
    let mut socket = nora.connects().await;
    assert_eq!(socket.does(said[2].clone()).await["ok"], "yes");
}

/// A shop with a held clock, where weeks may pass at once and nobody counts as silent: the test says itself that a client
/// lives.
async fn shop_of_long_days() -> (Shop, Clock) {
    let clock = Clock::held(1_790_000_000_000);
    let (hands, beat) = (clock.clone(), heartbeat(SESSION_MS as u64));
    let shop = Shop::tuned(Setting::Alone, move |config, parts| {
        beat(config, parts);
        parts.clock = hands.clone();
    })
    .await;
    (shop, clock)
}

/// Answers a heartbeat; the hub has read that when this returns.
async fn lives(socket: &mut Socket) {
    socket.say(json!({ "t": "pong" })).await;
    socket.does(json!({ "do": "view", "mode": "viewing" })).await;
}

/// When the session of somebody's other browser was last seen, as Settings shows it.
async fn other_seen(person: &Person) -> i64 {
    let listed = person.get("/api/sessions").await;
    let sessions = listed["sessions"].as_array().expect("sessions");
    let other = sessions.iter().find(|session| session["current"] == false).expect("another");
    other["last_seen_at"].as_i64().expect("a time")
}

#[tokio::test]
async fn who_is_here_over_a_socket_alone_is_seen_to_the_hour() {
    let (shop, clock) = shop_of_long_days().await;
    let settings = shop.ann.signs_in_again("ann").await;
    let (mut tab, mut another) = (shop.ann.connects().await, shop.ann.connects().await);
    let begun = clock.now();
    for (passes, hours) in [(LAST_SEEN_STEP_MS - 1, 0), (1, 1), (LAST_SEEN_STEP_MS - 1, 1), (1, 2)] {
        clock.advance(passes);
        for socket in [&mut tab, &mut another] {
            lives(socket).await;
        }
        eventually("the hour is seen, and nothing finer", || async {
            (other_seen(&settings).await == begun + hours * LAST_SEEN_STEP_MS).then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn a_program_on_one_socket_uses_its_token() {
    let (shop, clock) = shop_of_long_days().await;
    let token = shop.ann.post("/api/tokens", json!({ "name": "bot", "scopes": ["read"] })).await;
    let mut socket = program(&shop, &token).await;
    joins(&mut socket).await;
    clock.advance(LAST_SEEN_STEP_MS);
    lives(&mut socket).await;
    eventually("its use is shown", || async {
        let listed = shop.ann.get("/api/tokens").await;
        (listed["tokens"][0]["last_used_at"] == clock.now()).then_some(())
    })
    .await;
}

/// As with requests, each use puts the end off; what is not used ends.
#[rstest]
#[case::alive(true)]
#[case::not_answering(false)]
#[tokio::test]
async fn a_session_goes_on_as_long_as_its_socket_is_alive(#[case] alive: bool) {
    let (shop, clock) = shop_of_long_days().await;
    let mut guest = shop.visitor(&shop.sales).await;
    guest.writes("hello").await;
    let mut ann = shop.ann.connects().await;
    for _ in 0..2 {
        clock.advance(SESSION_MS - 1);
        if alive {
            lives(&mut ann).await;
        }
    }
    let answer = ann.does(reply(&guest.conversation(), 1, "a month later")).await;
    let code = if alive { Value::Null } else { json!("unauthenticated") };
    assert_eq!(answer["error"]["code"], code, "{answer}");
}
