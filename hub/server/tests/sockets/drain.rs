//! A hub that is told to go, and one that dies: what is being written is finished, clients go on elsewhere.

use std::collections::BTreeSet;

use rstest::rstest;
use serde_json::{Value, json};

use crate::shop::Shop;
use crate::support::{Setting, Socket, Visitor};

#[tokio::test]
async fn clients_are_told_to_come_back_at_spread_moments() {
    const SOCKETS: usize = 30;
    let mut shop = Shop::open(Setting::Pair).await;
    let mut sockets = Vec::new();
    for n in 0..SOCKETS {
        let visitor = Visitor::comes(shop.world.address(0), if n % 2 == 0 { &shop.sales } else { &shop.legal }).await;
        sockets.push(visitor.connects(shop.world.address(0)).await);
    }
    // One that has not said who it is does not hold up the end.
    let mut nobody = Socket::open(shop.world.address(0), "/ws/visitor", &[]).await.expect("a socket");
    let since = tokio::time::Instant::now();
    shop.world.stop_hub(0).await;
    assert!(since.elapsed() < std::time::Duration::from_secs(4), "nothing held it up: {:?}", since.elapsed());
    let mut moments = BTreeSet::new();
    for socket in &mut sockets {
        let (bye, code) = socket.end().await;
        let bye = bye.expect("a bye");
        assert_eq!((bye["why"].as_str(), code), (Some("draining"), Some(1013)));
        moments.insert(bye["after_ms"].as_u64().expect("when"));
    }
    assert!(moments.len() > SOCKETS / 2, "spread out: {moments:?}");
    assert_eq!(nobody.end().await.0.expect("a bye")["why"], "draining");
}

/// Each message is either answered, and then kept; or not answered, and then sent again to the other hub with its id.
#[rstest]
#[case::told_to_go(false)]
#[case::killed(true)]
#[tokio::test]
async fn what_is_being_written_when_a_hub_goes_is_there_once(#[case] killed: bool) {
    const PEOPLE: usize = 6;
    const MESSAGES: usize = 40;
    let mut shop = Shop::open(Setting::Pair).await;
    let mut ann = shop.ann.connects().await;
    let (first, second) = (shop.world.address(0), shop.world.address(1));
    let mut writing = Vec::new();
    for person in 0..PEOPLE {
        let inbox = shop.sales.clone();
        writing.push(tokio::spawn(async move {
            let visitor = Visitor::comes(first, &inbox).await;
            let mut socket = visitor.connects(first).await;
            let send = |n: usize| json!({ "t": "command", "id": format!("m{n}"), "do": "send", "text": format!("p{person} m{n}") });
            for n in 0..MESSAGES {
                socket.say(send(n)).await;
            }
            let (mut answered, mut moved) = (0, false);
            while answered < MESSAGES {
                match socket.next().await {
                    // A hub that is killed bit by bit may still say that it does not know: that is no answer.
                    crate::support::Heard::Frame(frame) if killed && frame["error"]["code"] == "unavailable" => {}
                    crate::support::Heard::Frame(frame) if frame["t"] == "reply" => {
                        assert_eq!(frame["ok"], "yes", "{frame}");
                        assert_eq!(frame["id"], format!("m{answered}"));
                        answered += 1;
                    }
                    crate::support::Heard::Frame(_) => {}
                    crate::support::Heard::End(_) => {
                        assert!(!std::mem::replace(&mut moved, true), "the other hub stays");
                        socket = visitor.connects(second).await;
                        for n in answered..MESSAGES {
                            socket.say(send(n)).await;
                        }
                    }
                }
            }
        }));
    }
    ann.message_event("p0 m3").await;
    if killed {
        shop.world.kill_hub(0);
    } else {
        shop.world.stop_hub(0).await;
    }
    for person in writing {
        person.await.expect("all answered");
    }
    // Ann, on the hub that stayed, has each once and in order.
    let mut next = [0; PEOPLE];
    while next != [MESSAGES; PEOPLE] {
        let event = ann.hear("event").await;
        let many = event["messages"].as_array().cloned().unwrap_or_default();
        for message in many.iter().chain([&event["message"]]) {
            let Some(words) = message["text"].as_str() else { continue };
            let (person, n) = words[1..].split_once(" m").expect("ours");
            let (person, n): (usize, usize) = (person.parse().expect("a number"), n.parse().expect("a number"));
            if event["event"] == "conversation_created" || n >= next[person] {
                assert_eq!(n, next[person], "in order, none left out, none twice");
                next[person] += 1;
            } else {
                assert!(words == "p0 m3", "twice: {words}");
            }
        }
        if next[0] == 3 {
            // The one that was waited for above.
            next[0] = 4;
        }
    }
}

#[tokio::test]
async fn a_draining_hub_takes_no_new_sockets() {
    let mut shop = Shop::open(Setting::Pair).await;
    let visitor = Visitor::comes(shop.world.address(0), &shop.sales).await;
    let mut before = visitor.connects(shop.world.address(0)).await;
    shop.world.stop_hub(0).await;
    before.end().await;
    let refused = tokio::net::TcpStream::connect(shop.world.address(0)).await;
    assert!(refused.is_err(), "nobody listens there any more");
    let mut there = visitor.connects(shop.world.address(1)).await;
    let answer: Value = there.does(json!({ "do": "send", "text": "here then" })).await;
    assert_eq!(answer["ok"], "yes");
}
