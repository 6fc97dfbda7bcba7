//! Who takes nothing is cut alone, after a while; the others notice nothing; what waited is bounded. Who takes a little now
//! and then stays.

use rstest::rstest;
use serde_json::json;
use switchboard::clock::Clock;
use switchboard::sessions::{Close, QUEUE_BYTES, STALLED_AFTER, Session};

use crate::behind;
use crate::shop::{Shop, note};
use crate::support::{Setting, Socket, eventually};

/// When the held clocks of these tests begin.
const BEGINNING: i64 = 1_750_000_000_000;

const STALLED_AFTER_MS: i64 = STALLED_AFTER.as_millis() as i64;

/// Less than one may be silent.
const OFTEN_MS: i64 = 20_000;

/// Time goes by, in which this client takes nothing and still says that it is there.
async fn goes_by(clock: &Clock, ms: i64, socket: &mut Socket, session: &Session) {
    let until = clock.ticks() + ms;
    while clock.ticks() < until {
        clock.advance(OFTEN_MS.min(until - clock.ticks()));
        socket.say(json!({ "t": "pong" })).await;
        eventually("it is heard", || async { (session.heard_at() == clock.ticks()).then_some(()) }).await;
    }
}

async fn shop(setting: Setting) -> (Shop, Clock) {
    let clock = Clock::held(BEGINNING);
    let held = clock.clone();
    (Shop::tuned(setting, move |_, parts| parts.clock = held.clone()).await, clock)
}

#[rstest]
#[tokio::test]
async fn who_takes_nothing_is_cut_alone_and_resumes_by_position(
    #[values(Setting::Alone, Setting::Pair)] setting: Setting,
) {
    let (shop, clock) = shop(setting).await;
    let mut guest = shop.visitor(&shop.sales).await;
    guest.writes("hello").await;
    let conversation = guest.conversation();
    let point = shop.owner.snapshot().await;
    let (mut stalled, session) = behind::ann_narrow(&shop).await;
    stalled.reads(false);

    let (mut olga, mut other) = (shop.owner.connects().await, shop.owner.through(shop.world.other()).connects().await);
    let long = "so much to say ".repeat(500);
    let (mut written, mut most) = (0, 0);
    while session.has_joined() && (session.is_live() || session.stuck_since().is_none()) {
        assert!(written < 2_000, "a reader that does not read is never found");
        let answer = olga.does(note(&conversation, &format!("{written} {long}"))).await;
        assert_eq!(answer["ok"], "yes", "{answer}");
        written += 1;
        most = most.max(session.queued_bytes());
    }
    assert!(most <= QUEUE_BYTES, "{most} bytes waited");
    assert_eq!(session.closing(), None, "it may only be slow");
    // Silence ends theirs, too: they look at something now and then.
    let view = json!({ "do": "view", "conversation_id": conversation, "mode": "viewing" });
    for part in [STALLED_AFTER_MS / 5; 5].iter().enumerate().map(|(n, part)| part - i64::from(n == 4)) {
        goes_by(&clock, part, &mut stalled, &session).await;
        for reader in [&mut olga, &mut other] {
            reader.does(view.clone()).await;
        }
    }
    assert_eq!(session.closing(), None, "not yet");
    clock.advance(1);
    let cut = eventually("it is cut", || async { session.closing() });
    assert_eq!(cut.await, Close::Stalled);
    assert_eq!(session.queued_bytes(), 0, "what waited is given back");
    olga.does(note(&conversation, "the last word")).await;
    for reader in [&mut olga, &mut other] {
        for n in 0..written {
            let event = reader.event("message_created").await;
            let begins =
                event["message"]["text"].as_str().expect("text").split(' ').next().expect("a number").to_owned();
            assert_eq!(begins, n.to_string(), "the others have all of it, in order");
        }
        reader.message_event("the last word").await;
    }
    // The stalled one finds its connection gone and takes up where it was.
    drop(session);
    stalled.reads(true);
    let (_, _) = stalled.end().await;
    let mut again = shop.ann.opens_socket().await;
    again.say(json!({ "t": "resume", "from": point })).await;
    for n in 0..written {
        let event = again.event("message_created").await;
        assert!(event["message"]["text"].as_str().expect("text").starts_with(&format!("{n} ")));
    }
    again.message_event("the last word").await;
}

#[tokio::test]
async fn who_takes_a_little_now_and_then_stays() {
    let (shop, clock) = shop(Setting::Alone).await;
    let mut guest = shop.visitor(&shop.sales).await;
    guest.writes("hello").await;
    let (mut slow, session) = behind::ann_narrow(&shop).await;
    slow.reads(false);
    behind::writes_many(&mut guest).await;
    // Together far longer than one may take nothing, and than one may be silent.
    for _ in 0..4 {
        eventually("it takes nothing", || async { (session.stuck_since()? == clock.ticks()).then_some(()) }).await;
        goes_by(&clock, STALLED_AFTER_MS - 1, &mut slow, &session).await;
        slow.reads_only(8);
    }
    slow.reads(true);
    behind::hears_all(&mut slow, 0, behind::MANY).await;
    assert_eq!((session.closing(), slow.ended), (None, None));
}

/// A client that asks for a long way and then does not read holds a bounded part of it, and does not hold up the hub.
#[tokio::test]
async fn who_stalls_while_catching_up_is_let_go() {
    let shop = Shop::tuned(Setting::Alone, crate::support::world::heartbeat(700)).await;
    let mut guest = shop.visitor(&shop.sales).await;
    guest.writes("hello").await;
    let point = shop.ann.snapshot().await;
    let mut olga = shop.owner.connects().await;
    let long = "so much to say ".repeat(600);
    for _ in 0..150 {
        olga.does(note(&guest.conversation(), &long)).await;
    }
    let (cookie, origin) = (shop.ann.cookie.clone(), format!("http://{}", shop.world.other()));
    let headers = [("cookie", cookie.as_str()), ("origin", origin.as_str())];
    let mut stalled = Socket::open_narrow(shop.world.other(), "/ws/agent", &headers).await.expect("a socket");
    stalled.reads(false);
    stalled.say(json!({ "t": "resume", "from": point })).await;
    let registry = shop.world.app(0).feed.registry();
    let mut most = 0;
    crate::support::eventually("it is let go", || {
        let sessions = registry.part(0, 1);
        most = most.max(sessions.iter().map(|session| session.queued_bytes()).max().unwrap_or(0));
        let gone = sessions.len() == 2 && most > 0;
        async move { gone.then_some(()) }
    })
    .await;
    assert!(most <= QUEUE_BYTES, "{most} bytes waited");
}
