//! Invariant 10 over time: rights that end, end at once. Not one byte of a lost inbox after the change, and nothing more
//! for who has signed out.

use std::time::Duration;

use rstest::rstest;
use serde_json::{Value, json};
use switchboard_protocol::AgentId;
use switchboard_store::{Options, Store, access};
use tokio::time::Instant;

use crate::shop::{Shop, note, reply};
use crate::support::{Person, Setting};

#[rstest]
#[tokio::test]
async fn access_that_ends_while_live_resets_and_says_nothing_more(
    #[values(Setting::Alone, Setting::Pair)] setting: Setting,
) {
    let shop = Shop::open(setting).await;
    let mut guest = shop.visitor(&shop.sales).await;
    guest.writes("before").await;
    let (conversation, point) = (guest.conversation(), shop.ann.snapshot().await);
    let mut ann = shop.ann.connects().await;
    ann.does(json!({ "do": "view", "conversation_id": conversation, "mode": "viewing" })).await;
    shop.owner.grants(&shop.sales, &[]).await;
    assert_eq!(ann.hear("reset").await["why"], "access_changed");
    guest.writes("after the change").await;
    guest.socket.does(json!({ "do": "typing", "conversation_id": conversation, "on": true })).await;

    // A client that does not care for the reset: what it was proved to be before counts no more.
    for command in commands(&conversation) {
        let answer = ann.does(command.clone()).await;
        assert_eq!(answer["error"]["code"], "not_found", "{command}");
    }
    // One that says the old position is told again; one with a new snapshot goes on without the inbox.
    ann.say(json!({ "t": "resume", "from": point })).await;
    assert_eq!(ann.hear("reset").await["why"], "access_changed");
    ann.say(json!({ "t": "resume", "from": shop.ann.snapshot().await })).await;
    ann.hear("welcome").await;
    guest.writes("and later").await;
    shop.fence(&mut [&mut ann]).await;
    ann.never_heard(&["after the change", "and later", "typing\",\"conversation"]);
    guest.socket.never_heard(&["still me"]);
    shop.world.app(0).feed.registry().check_invariants();
}

/// Everything that one can do with a conversation over a socket.
fn commands(conversation: &str) -> [Value; 6] {
    [
        reply(conversation, 1, "still me"),
        note(conversation, "still me"),
        json!({ "do": "typing", "conversation_id": conversation, "on": true }),
        json!({ "do": "view", "conversation_id": conversation, "mode": "replying" }),
        json!({ "do": "change", "conversation_id": conversation, "change": { "flagged": true } }),
        json!({ "do": "read", "conversation_id": conversation, "number": 2 }),
    ]
}

/// Redis stands still, so that the hub where Ann is hears of nothing.
#[rstest]
#[case::access(false, "not_found")]
#[case::session(true, "unauthenticated")]
#[tokio::test]
async fn what_has_ended_has_ended_on_a_hub_that_was_not_told(#[case] signs_out: bool, #[case] code: &str) {
    let shop = Shop::open(Setting::Pair).await;
    let mut guest = shop.visitor(&shop.sales).await;
    guest.writes("before").await;
    let conversation = guest.conversation();
    let mut ann = shop.ann.connects().await;
    let view = json!({ "do": "view", "conversation_id": conversation, "mode": "viewing" });
    assert_eq!(ann.does(view).await["ok"], "yes");
    shop.world.redis.as_ref().expect("a Redis").freeze();
    if signs_out {
        shop.ann.through(shop.world.address(0)).delete("/api/session").await;
    } else {
        shop.owner.grants(&shop.sales, &[]).await;
    }
    for command in commands(&conversation) {
        let answer = ann.does(command.clone()).await;
        assert_eq!(answer["error"]["code"], code, "{command}");
    }
    shop.world.redis.as_ref().expect("a Redis").thaw();
    let events = shop.world.committed().await;
    assert!(!events.iter().any(|event| event.staff.contains("still me") || event.staff.contains("flagged\":true")));
}

/// The change comes from a hub of which the others hear nothing.
#[tokio::test]
async fn what_nobody_tells_of_is_found_within_two_seconds() {
    let shop = Shop::open(Setting::Pair).await;
    let app = shop.world.app(0);
    let url = app.config.database.url.expose().parse().expect("an address");
    let unheard = Store::open(&url, Options { new_epoch: String::new() }).await.expect("the same database");
    let mut ann = shop.ann.connects().await;
    let ann_id: AgentId = shop.ann.id.parse().expect("an id");
    for _ in 0..4 {
        let change = unheard.write(move |tx| Box::pin(async move { access::changed(tx, &[ann_id], 0).await }));
        change.await.expect("committed");
        let since = Instant::now();
        assert_eq!(ann.hear("reset").await["why"], "access_changed");
        assert!(since.elapsed() < Duration::from_secs(2), "after {:?}", since.elapsed());
        ann.say(json!({ "t": "resume", "from": shop.ann.snapshot().await })).await;
        ann.hear("welcome").await;
    }
    unheard.close().await;
}

#[rstest]
#[tokio::test]
async fn access_that_ended_while_away_resets_at_the_return(#[values(Setting::Alone, Setting::Pair)] setting: Setting) {
    let shop = Shop::open(setting).await;
    let mut guest = shop.visitor(&shop.sales).await;
    guest.writes("before").await;
    let point = shop.ann.snapshot().await;
    guest.writes("while she still might").await;
    shop.owner.grants(&shop.sales, &[]).await;
    let mut ann = shop.ann.opens_socket().await;
    ann.say(json!({ "t": "resume", "from": point })).await;
    assert_eq!(ann.hear("reset").await["why"], "access_changed");
    ann.say(json!({ "t": "resume", "from": shop.ann.snapshot().await })).await;
    ann.hear("welcome").await;
    guest.writes("afterwards").await;
    shop.fence(&mut [&mut ann]).await;
    ann.never_heard(&["while she still might", "afterwards", &guest.conversation()]);
}

/// Inbox after inbox is granted and taken away for good, while Ann resumes as fast as she can: nothing that was written
/// after that reaches her, however the change and her resume fall together.
#[rstest]
#[tokio::test]
async fn rights_that_end_during_a_resume_leak_nothing(#[values(Setting::Alone, Setting::Pair)] setting: Setting) {
    const ROUNDS: usize = 15;
    let shop = Shop::open(setting).await;
    let ann = shop.ann.clone();
    let resuming = tokio::spawn(async move {
        let mut sockets = Vec::new();
        for _ in 0..60 {
            let mut socket = ann.opens_socket().await;
            socket.say(json!({ "t": "resume", "from": ann.snapshot().await })).await;
            let answer = |frame: &Value| ["welcome", "reset"].contains(&frame["t"].as_str()?).then_some(());
            socket.wait_for("an answer", answer).await;
            sockets.push(socket);
        }
        sockets
    });
    for round in 0..ROUNDS {
        let inbox = shop.owner.makes_inbox(&format!("Inbox {round}")).await;
        let mut guest = shop.visitor(&inbox).await;
        shop.owner.grants(&inbox, &[&shop.ann]).await;
        guest.writes("allowed").await;
        shop.owner.grants(&inbox, &[]).await;
        for n in 0..5 {
            guest.writes(&format!("forbidden {round} {n}")).await;
        }
    }
    let mut sockets = resuming.await.expect("all resumed");
    let mut last = shop.ann.connects().await;
    shop.fence(&mut [&mut last]).await;
    // The hub has now handed out everything: what it has put into a socket comes before the answer.
    let mut resets = 0;
    for socket in &mut sockets {
        socket.does(json!({ "do": "availability", "availability": "online" })).await;
        socket.never_heard(&["forbidden"]);
        resets += usize::from(socket.log.iter().any(|text| text.contains("\"t\":\"reset\"")));
    }
    assert!(resets > 0, "no right ended while a socket was there");
}

#[rstest]
#[case::signed_out(0)]
#[case::ended_from_another_browser(1)]
#[case::disabled(2)]
#[tokio::test]
async fn who_is_signed_out_hears_nothing_more_and_is_told(
    #[values(Setting::Alone, Setting::Pair)] setting: Setting,
    #[case] how: usize,
) {
    let shop = Shop::open(setting).await;
    let mut guest = shop.visitor(&shop.sales).await;
    guest.writes("before").await;
    let again: Person = shop.ann.signs_in_again("ann").await;
    let (mut out, mut stays) = (shop.ann.connects().await, again.connects().await);
    match how {
        0 => drop(shop.ann.delete("/api/session").await),
        1 => {
            let sessions = again.get("/api/sessions").await;
            let other = sessions["sessions"].as_array().expect("sessions").iter().find(|it| it["current"] == false);
            let id = other.expect("the other one")["id"].as_str().expect("an id").to_owned();
            again.delete(&format!("/api/sessions/{id}")).await;
        }
        _ => drop(shop.owner.patch(&format!("/api/agents/{}", shop.ann.id), json!({ "disabled": true })).await),
    }
    out.hear("reset").await;
    guest.writes("after").await;
    let answer = out.does(json!({ "do": "availability", "availability": "busy" })).await;
    assert_eq!(answer["error"]["code"], "unauthenticated", "its commands are nobody's any more");
    out.say(json!({ "t": "resume" })).await;
    let (bye, code) = out.end().await;
    assert_eq!(bye.expect("a bye")["why"], "signed_out");
    assert_eq!(code, Some(1008));
    out.never_heard(&["\"after\""]);
    if how < 2 {
        // The person's other browser proves itself and goes on.
        stays.hear("reset").await;
        stays.say(json!({ "t": "resume", "from": again.snapshot().await })).await;
        stays.hear("welcome").await;
        guest.writes("to the other browser").await;
        stays.message_event("to the other browser").await;
    }
}

/// A program's socket stands on its token.
#[rstest]
#[tokio::test]
async fn a_removed_token_ends_its_socket(#[values(Setting::Alone, Setting::Pair)] setting: Setting) {
    let shop = Shop::open(setting).await;
    let token = shop.ann.post("/api/tokens", json!({ "name": "bot", "scopes": ["read", "write"] })).await;
    let open = || crate::support::Socket::open(shop.world.other(), "/ws/agent", &[]);
    let hello = json!({ "t": "hello", "token": token["secret"] });
    let mut socket = open().await.expect("a socket");
    socket.say(hello.clone()).await;
    socket.say(json!({ "t": "resume" })).await;
    socket.hear("welcome").await;
    shop.ann.delete(&format!("/api/tokens/{}", token["id"].as_str().expect("an id"))).await;
    socket.hear("reset").await;
    socket.say(json!({ "t": "resume" })).await;
    assert_eq!(socket.end().await.0.expect("a bye")["why"], "signed_out");
    let mut late = open().await.expect("a socket");
    late.say(hello).await;
    assert_eq!(late.end().await.0.expect("a bye")["why"], "signed_out");
}
