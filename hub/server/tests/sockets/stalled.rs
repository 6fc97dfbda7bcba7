//! Who does not read is reset alone; the others notice nothing; what waited is bounded.

use rstest::rstest;
use serde_json::json;
use switchboard::sessions::QUEUE_BYTES;

use crate::shop::{Shop, note};
use crate::support::{Setting, Socket};

#[rstest]
#[tokio::test]
async fn a_stalled_reader_is_reset_alone_and_resumes_by_position(
    #[values(Setting::Alone, Setting::Pair)] setting: Setting,
) {
    let shop = Shop::open(setting).await;
    let mut guest = shop.visitor(&shop.sales).await;
    guest.writes("hello").await;
    let conversation = guest.conversation();
    let point = shop.owner.snapshot().await;
    let (cookie, origin) = (shop.ann.cookie.clone(), format!("http://{}", shop.world.other()));
    let headers = [("cookie", cookie.as_str()), ("origin", origin.as_str())];
    let mut stalled = Socket::open_narrow(shop.world.other(), "/ws/agent", &headers).await.expect("a socket");
    stalled.say(json!({ "t": "resume", "from": point })).await;
    stalled.hear("welcome").await;
    let app = shop.world.app(shop.world.hubs() - 1).clone();
    let registry = app.feed.registry();
    let session = registry.part(0, 1).into_iter().next_back().expect("the one that stalls");
    stalled.reads(false);

    let (mut olga, mut other) = (shop.owner.connects().await, shop.owner.through(shop.world.other()).connects().await);
    let long = "so much to say ".repeat(500);
    let (mut written, mut most) = (0, 0);
    while session.closing().is_none() {
        assert!(written < 2_000, "a reader that does not read is never found");
        let answer = olga.does(note(&conversation, &format!("{written} {long}"))).await;
        assert_eq!(answer["ok"], "yes", "{answer}");
        written += 1;
        most = most.max(session.queued_bytes());
    }
    assert!(most <= QUEUE_BYTES, "{most} bytes waited");
    assert_eq!(session.queued_bytes(), 0, "and are given back");
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
