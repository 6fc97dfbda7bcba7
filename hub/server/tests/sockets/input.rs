//! Bad input: a clear answer with a stable code, and nobody else notices.

use std::num::NonZeroU32;
use std::time::Duration;

use rstest::rstest;
use serde_json::{Value, json};
use switchboard::config::Rate;
use switchboard_protocol::limits::CLIENT_FRAME_BYTES;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tungstenite::Message;

use crate::shop::Shop;
use crate::support::{Setting, Socket, Visitor};

/// A socket that has done nothing wrong, beside those that do.
async fn undisturbed(shop: &Shop, ann: &mut Socket) {
    let mut guest = shop.visitor(&shop.sales).await;
    guest.writes("all well?").await;
    ann.message_event("all well?").await;
}

#[rstest]
#[case::no_json("{\"t\":", "malformed", "")]
#[case::unknown_frame(r#"{"t":"dance"}"#, "unknown", "")]
#[case::unknown_command(r#"{"t":"command","id":"7","do":"dance"}"#, "unknown", "7")]
#[case::missing_field(r#"{"t":"command","id":"8","do":"view"}"#, "invalid", "8")]
#[case::wrong_type(r#"{"t":"command","id":"9","do":"typing","conversation_id":4,"on":true}"#, "invalid", "9")]
#[case::no_such_conversation(
    r#"{"t":"command","id":"10","do":"note","conversation_id":"01JD6Q4Z8V3M6W0X5T9R2K7B1C","text":"x"}"#,
    "not_found",
    "10"
)]
#[case::id_too_long(concat!(r#"{"t":"command","id":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx","do":"note","#, r#""conversation_id":"01JD6Q4Z8V3M6W0X5T9R2K7B1C","text":"x"}"#), "invalid", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx")]
#[tokio::test]
async fn what_cannot_be_read_is_answered_and_the_socket_goes_on(
    #[case] text: &str,
    #[case] code: &str,
    #[case] id: &str,
) {
    let shop = Shop::open(Setting::Alone).await;
    let mut ann = shop.ann.connects().await;
    ann.message(Message::text(text.to_owned()));
    let answer = ann.hear("reply").await;
    assert_eq!((answer["ok"].as_str(), answer["id"].as_str()), (Some("no"), Some(id)), "{answer}");
    assert_eq!(answer["error"]["code"], code, "{answer}");
    assert!(
        answer["error"]["message"].as_str().is_some_and(|sentence| sentence.ends_with('.')),
        "a sentence: {answer}"
    );
    undisturbed(&shop, &mut ann).await;
}

#[tokio::test]
async fn what_breaks_the_protocol_ends_with_the_code_that_the_rfc_has() {
    let shop = Shop::open(Setting::Alone).await;
    let mut ann = shop.ann.connects().await;
    let cases: [(Message, u16); 2] =
        [(Message::text("x".repeat(CLIENT_FRAME_BYTES + 1)), 1009), (Message::binary(b"\x00\x01".to_vec()), 1003)];
    for (message, code) in cases {
        let mut bad = shop.owner.connects().await;
        bad.message(message.clone());
        let (bye, closed) = bad.end().await;
        assert_eq!((bye.expect("a bye")["why"].as_str(), closed), (Some("protocol"), Some(code)));
        // The same as the first frame of somebody unknown.
        let mut bad = Socket::open(shop.world.address(0), "/ws/visitor", &[]).await.expect("a socket");
        bad.message(message);
        let (bye, closed) = bad.end().await;
        assert_eq!((bye.expect("a bye")["why"].as_str(), closed), (Some("protocol"), Some(code)));
    }
    // Not masked (RFC 6455, section 5.1), and not UTF-8 (section 8.1).
    for (bytes, code) in [(&b"\x81\x02hi"[..], 1002), (&b"\x81\x81\x00\x00\x00\x00\xff"[..], 1007)] {
        let mut bad = shop.owner.connects().await;
        bad.raw(bytes.to_vec());
        let (bye, closed) = bad.end().await;
        assert_eq!((bye.expect("a bye")["why"].as_str(), closed), (Some("protocol"), Some(code)));
    }
    undisturbed(&shop, &mut ann).await;
}

#[tokio::test]
async fn twenty_unreadable_messages_are_enough() {
    let shop = Shop::open(Setting::Alone).await;
    let mut ann = shop.ann.connects().await;
    let mut bad = shop.owner.connects().await;
    for _ in 0..19 {
        bad.message(Message::text("nonsense"));
    }
    // A good one between them starts the count anew.
    assert_eq!(bad.does(json!({ "do": "availability", "availability": "online" })).await["ok"], "yes");
    for _ in 0..20 {
        bad.message(Message::text("nonsense"));
    }
    assert_eq!(bad.end().await.0.expect("a bye")["why"], "protocol");
    undisturbed(&shop, &mut ann).await;
}

#[rstest]
#[case::agent("/ws/agent", json!({ "t": "hello", "token": "sbt_wrong" }), "signed_out")]
#[case::agent_says_no_hello("/ws/agent", json!({ "t": "resume" }), "signed_out")]
#[case::visitor("/ws/visitor", json!({ "t": "hello", "token": "v1.00" }), "signed_out")]
#[case::visitor_says_no_hello("/ws/visitor", json!({ "t": "pong" }), "protocol")]
#[tokio::test]
async fn who_does_not_prove_who_they_are_is_turned_away(#[case] path: &str, #[case] first: Value, #[case] why: &str) {
    let shop = Shop::open(Setting::Alone).await;
    let mut socket = Socket::open(shop.world.address(0), path, &[]).await.expect("a socket");
    socket.say(first).await;
    let (bye, code) = socket.end().await;
    assert_eq!((bye.expect("a bye")["why"].as_str(), code), (Some(why), Some(1008)));
}

#[tokio::test]
async fn pages_of_others_and_bad_cookies_get_no_socket() {
    let shop = Shop::open(Setting::Alone).await;
    let (at, cookie) = (shop.world.address(0), shop.owner.cookie.as_str());
    let ours = format!("http://{at}");
    let refused = |path: &'static str, headers: Vec<(&'static str, String)>| async move {
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let refused = Socket::open(at, path, &headers).await.err().expect("no socket");
        (refused.status, refused.error["code"].as_str().expect("a code").to_owned())
    };
    let evil = "https://evil.example".to_owned();
    let with_cookie = vec![("cookie", cookie.to_owned()), ("origin", evil.clone())];
    assert_eq!(refused("/ws/agent", with_cookie).await, (403, "wrong_origin".into()));
    assert_eq!(refused("/ws/agent", vec![("cookie", cookie.to_owned())]).await, (403, "wrong_origin".into()));
    assert_eq!(refused("/ws/agent", vec![("origin", evil.clone())]).await, (403, "wrong_origin".into()));
    assert_eq!(refused("/ws/visitor", vec![("origin", evil)]).await, (403, "wrong_origin".into()));
    let stale = vec![("cookie", "switchboard_session=sbs_stale".to_owned()), ("origin", ours)];
    assert_eq!(refused("/ws/agent", stale).await, (401, "unauthenticated".into()));
}

/// In the handshake and in the first frame, an agent's and a visitor's.
#[tokio::test]
async fn who_shows_what_is_not_good_again_and_again_is_told_to_wait() {
    let few = Rate::Of { burst: NonZeroU32::MIN, per: Duration::from_secs(3_600) };
    let shop = Shop::tuned(Setting::Alone, move |config, _| config.limits.refused_per_address = few).await;
    let at = shop.world.address(0);
    let handshake = async || {
        let refused = Socket::open(at, "/ws/agent", &[("authorization", "Bearer sbt_guess")]).await;
        let refused = refused.err().expect("no socket");
        (refused.status, refused.error["code"].as_str().expect("a code").to_owned())
    };
    assert_eq!(handshake().await, (401, "unauthenticated".into()));
    assert_eq!(handshake().await, (429, "rate_limited".into()));
    for path in ["/ws/agent", "/ws/visitor"] {
        let mut socket = Socket::open(at, path, &[]).await.expect("who it is comes later");
        socket.say(json!({ "t": "hello", "token": "sbt_guess" })).await;
        let (bye, _) = socket.end().await;
        let bye = bye.expect("a bye");
        assert_eq!(bye["why"], "protocol", "{path}: {bye}");
        assert!(bye["after_ms"].as_u64().expect("a time") > 1_000, "{path}: {bye}");
    }
    // Who has something to show is not asked how often others had not.
    shop.owner.connects().await;
    let guest = shop.visitor(&shop.sales).await;
    guest.visitor.connects(at).await;
}

#[tokio::test]
async fn a_program_with_its_token_needs_no_origin() {
    let shop = Shop::open(Setting::Alone).await;
    let token = shop.ann.post("/api/tokens", json!({ "name": "reader", "scopes": ["read"] })).await;
    let bearer = format!("Bearer {}", token["secret"].as_str().expect("shown once"));
    let at = shop.world.address(0);
    let mut socket = Socket::open(at, "/ws/agent", &[("authorization", &bearer)]).await.expect("the hub takes it");
    socket.say(json!({ "t": "resume" })).await;
    socket.hear("welcome").await;
    let refused =
        Socket::open(at, "/ws/agent", &[("authorization", "Bearer sbt_none")]).await.err().expect("no socket");
    assert_eq!((refused.status, refused.error["code"].as_str()), (401, Some("unauthenticated")));
}

#[tokio::test]
async fn a_flood_is_told_when_to_go_on() {
    let few = Rate::Of { burst: NonZeroU32::new(3).expect("not zero"), per: Duration::from_secs(60) };
    let shop = Shop::tuned(Setting::Alone, move |config, _| {
        config.limits.visitor_messages = few;
        config.limits.visitor_commands = few;
        config.limits.agent_commands = few;
    })
    .await;
    let mut guest = shop.visitor(&shop.sales).await;
    let limited = |answer: &Value| {
        assert_eq!(answer["error"]["code"], "rate_limited", "{answer}");
        assert!(answer["error"]["retry_after_ms"].as_u64().is_some_and(|ms| ms > 0), "{answer}");
    };
    for _ in 0..3 {
        guest.writes("and another thing").await;
    }
    limited(&guest.socket.does(json!({ "do": "send", "text": "one too many" })).await);
    let page = json!({ "do": "page", "page": { "url": "https://shop.example/" } });
    for _ in 0..3 {
        assert_eq!(guest.socket.does(page.clone()).await["ok"], "yes", "what is not a message is counted apart");
    }
    limited(&guest.socket.does(page).await);
    let mut ann = shop.ann.connects().await;
    let busy = json!({ "do": "availability", "availability": "busy" });
    for _ in 0..2 {
        assert_eq!(ann.does(busy.clone()).await["ok"], "yes");
    }
    limited(&ann.does(busy).await);
    // Another visitor has a count of their own.
    shop.visitor(&shop.sales).await.writes("hello").await;
    let events = shop.world.committed().await;
    assert!(!events.iter().any(|event| event.staff.contains("one too many")));
}

#[tokio::test]
async fn nobody_asks_redis_whether_they_may_write() {
    let many = Rate::Of { burst: NonZeroU32::new(1_000).expect("not zero"), per: Duration::from_secs(60) };
    let shop = Shop::tuned(Setting::Pair, move |config, _| {
        config.limits.visitor_messages = many;
        config.limits.visitor_commands = many;
    })
    .await;
    let mut guest = shop.visitor(&shop.sales).await;
    guest.writes("hello").await;
    let counted = counts(&shop).await;
    for n in 0..20 {
        guest.writes(&n.to_string()).await;
        let page = json!({ "do": "page", "page": { "url": "https://shop.example/" } });
        assert_eq!(guest.socket.does(page).await["ok"], "yes");
    }
    // Leases are renewed meanwhile, once a second.
    assert!(counts(&shop).await - counted < 20, "Redis was asked");
}

/// How often Redis has been asked to count, or for whatever else is a script of ours.
async fn counts(shop: &Shop) -> u64 {
    let port = shop.world.redis.as_ref().expect("a Redis").port();
    let mut stream = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.expect("it answers");
    stream.write_all(b"INFO commandstats\r\nQUIT\r\n").await.expect("asked");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer");
    let calls = answer.lines().filter_map(|line| line.strip_prefix("cmdstat_eval")?.split_once("calls="));
    calls.map(|(_, rest)| rest.split(',').next().and_then(|calls| calls.parse::<u64>().ok()).expect("a number")).sum()
}

#[tokio::test]
async fn sockets_from_one_address_are_bounded_and_a_place_comes_free() {
    let shop = Shop::tuned(Setting::Alone, |config, _| config.limits.sockets_per_address = 3).await;
    let at = shop.world.address(0);
    let from =
        |address: &'static str| async move { Socket::open(at, "/ws/visitor", &[("x-forwarded-for", address)]).await };
    // Those who have not said who they are yet count too.
    let mut taken = Vec::new();
    for _ in 0..3 {
        taken.push(from("203.0.113.7").await.expect("a place"));
    }
    let refused = from("203.0.113.7").await.err().expect("no place");
    assert_eq!((refused.status, refused.error["code"].as_str()), (429, Some("rate_limited")));
    assert!(refused.error["retry_after_ms"].as_u64().is_some());
    let _other = from("198.51.100.9, 127.0.0.1").await.expect("another address behind the same proxy has its own");
    // One network of IPv6 is one customer.
    let mut sixes = Vec::new();
    for address in ["2001:db8:1:2::1", "2001:db8:1:2::2", "2001:db8:1:2:ffff::3"] {
        sixes.push(from(address).await.expect("a place"));
    }
    assert_eq!(from("2001:db8:1:2:3::4").await.err().expect("no place").status, 429);
    sixes.push(from("2001:db8:1:3::1").await.expect("another network"));

    taken[0].closes(1000);
    crate::support::eventually("the place comes free", || async { from("203.0.113.7").await.ok() }).await;
}

#[tokio::test]
async fn a_hub_takes_no_more_sockets_than_it_may() {
    let shop = Shop::tuned(Setting::Alone, |config, _| config.limits.sockets = 2).await;
    let at = shop.world.address(0);
    let visitor = Visitor::comes(at, &shop.sales).await;
    let (_first, _second) = (visitor.connects(at).await, visitor.connects(at).await);
    let refused = visitor.tries(at, json!({})).await.err().expect("no place");
    assert_eq!((refused.status, refused.error["code"].as_str()), (503, Some("overloaded")));
}
