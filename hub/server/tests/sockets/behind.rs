//! More than a socket takes at once: whoever reads falls behind and is caught up on the same socket. Who takes nothing is
//! `stalled`.

use std::sync::Arc;
use std::time::Duration;

use rstest::rstest;
use serde_json::{Value, json};
use switchboard::clock::Clock;
use switchboard::sessions::{QUEUE_BYTES, SIGNAL_SLOTS, Session};
use switchboard_protocol::model::ViewMode;
use switchboard_protocol::{ConnectionId, ConversationId, Ulid};

use crate::hanging::hold_the_writer;
use crate::shop::{Guest, Shop, note, reply};
use crate::support::world::heartbeat;
use crate::support::{Setting, Socket, eventually};

/// Events of one burst: together far more than the hub and the kernel hold for one socket.
pub const MANY: usize = 40;

/// Ann, with little room in the kernel, and the hub's side of her socket.
pub async fn ann_narrow(shop: &Shop) -> (Socket, Arc<Session>) {
    let (cookie, origin) = (shop.ann.cookie.clone(), format!("http://{}", shop.ann.at));
    let headers = [("cookie", cookie.as_str()), ("origin", origin.as_str())];
    let mut ann = Socket::open_narrow(shop.ann.at, "/ws/agent", &headers).await.expect("a socket");
    ann.say(json!({ "t": "resume" })).await;
    let welcome = ann.hear("welcome").await;
    (ann, session_of(shop, &welcome))
}

/// Ann, who does not read, after more has been written than fits.
async fn ann_behind(shop: &Shop, guest: &mut Guest) -> (Socket, Arc<Session>) {
    let (ann, session) = ann_narrow(shop).await;
    ann.reads(false);
    writes_many(guest).await;
    handed_out(shop).await;
    assert!(!session.is_live(), "more than fits");
    (ann, session)
}

/// The hub's side of the socket that was welcomed, at the hub where Ann is.
fn session_of(shop: &Shop, welcome: &Value) -> Arc<Session> {
    let registry = shop.world.app(shop.world.hubs() - 1).feed.registry();
    let mut sessions = registry.part(0, 1).into_iter();
    sessions.find(|session| welcome["connection_id"] == session.id.to_string()).expect("a session")
}

fn long(n: usize) -> String {
    format!("{n} {}", "€".repeat(9_900))
}

/// Everything so far has gone to the sockets of the hub where Ann is.
async fn handed_out(shop: &Shop) {
    let head = shop.world.committed().await.last().map_or(0, |event| event.position);
    let feed = &shop.world.app(shop.world.hubs() - 1).feed;
    eventually("all of it is handed out", || async { (feed.delivered() >= head).then_some(()) }).await;
}

/// One after the other, each once.
pub async fn hears_all(reader: &mut Socket, from: usize, to: usize) {
    for n in from..to {
        let event = reader.event("message_created").await;
        let text = event["message"]["text"].as_str().expect("text");
        assert_eq!(text.split(' ').next(), Some(n.to_string().as_str()), "in order, each once");
    }
}

pub async fn writes_many(guest: &mut Guest) {
    for n in 0..MANY {
        guest.writes(&long(n)).await;
    }
}

/// Many write in the same moment, and are committed together.
#[rstest]
#[tokio::test]
async fn a_burst_reaches_whoever_reads_on_the_same_socket(#[values(Setting::Alone, Setting::Pair)] setting: Setting) {
    let shop = Shop::open(setting).await;
    let mut guests = Vec::new();
    for _ in 0..MANY {
        guests.push(shop.visitor(&shop.sales).await);
    }
    let (mut ann, session) = ann_narrow(&shop).await;
    let held = hold_the_writer(&shop.world).await;
    for (n, guest) in guests.iter_mut().enumerate() {
        guest.socket.say(json!({ "t": "command", "id": format!("m{n}"), "do": "send", "text": long(n) })).await;
    }
    drop(held);
    for (n, guest) in guests.iter_mut().enumerate() {
        assert_eq!(guest.socket.reply(&format!("m{n}")).await["ok"], "yes");
    }
    let mut positions = Vec::new();
    for _ in 0..MANY {
        positions.push(ann.event("conversation_created").await["position"].as_i64().expect("a position"));
    }
    assert!(positions.windows(2).all(|pair| pair[0] < pair[1]), "in order, each once: {positions:?}");
    // And then live again.
    eventually("she has caught up", || async { session.is_live().then_some(()) }).await;
    let answer = guests[0].socket.does(json!({ "do": "send", "text": "one more" })).await;
    assert_eq!(answer["ok"], "yes", "{answer}");
    ann.message_event("one more").await;
    assert_eq!(ann.ended, None);
}

#[rstest]
#[tokio::test]
async fn who_does_not_read_for_a_moment_goes_on_where_they_were(
    #[values(Setting::Alone, Setting::Pair)] setting: Setting,
) {
    let shop = Shop::open(setting).await;
    let mut guest = shop.visitor(&shop.sales).await;
    guest.writes("hello").await;
    let (mut ann, session) = ann_behind(&shop, &mut guest).await;
    assert_eq!(session.closing(), None);
    ann.reads(true);
    hears_all(&mut ann, 0, MANY).await;
    guest.writes("the last word").await;
    ann.message_event("the last word").await;
}

#[rstest]
#[tokio::test]
async fn a_command_is_answered_before_all_that_was_missed(#[values(Setting::Alone, Setting::Pair)] setting: Setting) {
    let shop = Shop::open(setting).await;
    let mut guest = shop.visitor(&shop.sales).await;
    guest.writes("hello").await;
    let conversation = guest.conversation();
    let (mut ann, _) = ann_behind(&shop, &mut guest).await;
    let mut command = note(&conversation, "I am on it");
    (command["t"], command["id"]) = (json!("command"), json!("n1"));
    ann.say(command).await;
    // It is read and carried out while nothing can be said to her.
    let mut olga = shop.owner.connects().await;
    eventually("it is done", || async {
        shop.owner.detail(&conversation).await.to_string().contains("I am on it").then_some(())
    })
    .await;
    ann.reads(true);
    assert_eq!(ann.reply("n1").await["ok"], "yes");
    let heard = ann.log.iter().filter(|text| text.contains("\"message_created\"")).count();
    assert!(heard < MANY, "the answer does not wait for all of it");
    hears_all(&mut ann, 0, MANY).await;
    ann.message_event("I am on it").await;
    olga.does(json!({ "do": "availability", "availability": "online" })).await;
}

#[rstest]
#[tokio::test]
async fn rights_that_end_while_behind_end_what_is_missed(#[values(Setting::Alone, Setting::Pair)] setting: Setting) {
    let shop = Shop::open(setting).await;
    let mut guest = shop.visitor(&shop.sales).await;
    guest.writes("hello").await;
    let (mut ann, session) = ann_narrow(&shop).await;
    ann.reads(false);
    writes_many(&mut guest).await;
    shop.owner.grants(&shop.sales, &[]).await;
    guest.writes("after the change").await;
    guest.socket.does(json!({ "do": "typing", "conversation_id": guest.conversation(), "on": true })).await;
    handed_out(&shop).await;
    ann.reads(true);
    assert_eq!(ann.hear("reset").await["why"], "access_changed");
    let heard = ann.log.iter().filter(|text| text.contains("\"message_created\"")).count();
    assert!(heard < MANY, "what had not gone out yet does not go out any more");
    assert!(!session.is_live());
    ann.say(json!({ "t": "resume", "from": shop.ann.snapshot().await })).await;
    ann.hear("welcome").await;
    guest.writes("and later").await;
    shop.fence(&mut [&mut ann]).await;
    ann.never_heard(&["after the change", "and later", "typing\",\"conversation"]);
    ann.catch_up();
    let after: Vec<Value> = ann.taken().into_iter().filter(|frame| frame["event"] == "message_created").collect();
    assert_eq!(after.len(), heard, "nothing behind the reset");
}

#[rstest]
#[tokio::test]
async fn a_visitor_who_falls_behind_is_caught_up(#[values(Setting::Alone, Setting::Pair)] setting: Setting) {
    let shop = Shop::open(setting).await;
    let mut guest = shop.visitor(&shop.sales).await;
    guest.writes("hello").await;
    let (mut narrow, session) = visitor_narrow(&shop, &guest).await;
    narrow.reads(false);
    answers(&shop, &guest, MANY).await;
    assert!(!session.is_live(), "more than fits");
    narrow.reads(true);
    hears_all(&mut narrow, 0, MANY).await;
    let answer = narrow.does(json!({ "do": "send", "text": "thank you" })).await;
    assert_eq!(answer["ok"], "yes", "{answer}");
}

/// Further than the hub remembers. The store has it for the team; a visitor takes a new snapshot, which is short.
#[tokio::test]
async fn who_is_far_behind_gets_it_from_the_store_or_starts_afresh() {
    const FAR: usize = 160;
    let shop = Shop::open(Setting::Alone).await;
    let mut guest = shop.visitor(&shop.sales).await;
    guest.writes("hello").await;
    let (mut ann, _) = ann_narrow(&shop).await;
    let (mut narrow, _) = visitor_narrow(&shop, &guest).await;
    ann.reads(false);
    narrow.reads(false);
    answers(&shop, &guest, FAR).await;
    ann.reads(true);
    narrow.reads(true);
    assert_eq!(narrow.hear("reset").await["why"], "too_old");
    narrow.hear("welcome").await;
    guest.writes("and now?").await;
    narrow.message_event("and now?").await;
    hears_all(&mut ann, 0, FAR).await;
    ann.message_event("and now?").await;
}

/// The visitor in another tab, with little room in the kernel.
async fn visitor_narrow(shop: &Shop, guest: &Guest) -> (Socket, Arc<Session>) {
    let mut narrow = Socket::open_narrow(shop.world.other(), "/ws/visitor", &[]).await.expect("a socket");
    narrow.say(json!({ "t": "hello", "token": guest.visitor.token })).await;
    let welcome = narrow.hear("welcome").await;
    (narrow, session_of(shop, &welcome))
}

/// So many long replies, which have all gone to the sockets.
async fn answers(shop: &Shop, guest: &Guest, count: usize) {
    let mut olga = shop.owner.connects().await;
    for n in 0..count {
        let mut command = reply(&guest.conversation(), 1, &long(n));
        command["over"] = json!(true);
        assert_eq!(olga.does(command).await["ok"], "yes");
    }
    handed_out(shop).await;
}

/// The hub goes while somebody is behind: they hear so behind what was on its way, and go on at another.
#[tokio::test]
async fn who_is_behind_when_the_hub_goes_is_caught_up_by_another() {
    let mut shop = Shop::open(Setting::Pair).await;
    let mut guest = shop.visitor(&shop.sales).await;
    guest.writes("hello").await;
    let mut point = shop.ann.snapshot().await;
    let (mut ann, session) = ann_behind(&shop, &mut guest).await;
    drop(session);
    let draining = shop.world.app(1).draining.clone();
    let (_, (bye, _)) = tokio::join!(shop.world.stop_hub(1), async {
        draining.cancelled().await;
        ann.reads(true);
        ann.end().await
    });
    assert_eq!(bye.expect("a bye")["why"], "draining");
    let frames = ann.log.iter().filter_map(|text| serde_json::from_str::<Value>(text).ok());
    let heard: Vec<Value> = frames.filter(|frame| frame["event"] == "message_created").collect();
    assert!((1..MANY).contains(&heard.len()), "{} of {MANY}", heard.len());
    point["position"] = heard[heard.len() - 1]["position"].clone();
    let mut again = shop.ann.through(shop.world.address(0)).opens_socket().await;
    again.say(json!({ "t": "resume", "from": point })).await;
    hears_all(&mut again, heard.len(), MANY).await;
}

/// More changes than are kept for one socket.
#[tokio::test]
async fn who_came_and_went_while_behind_shows_as_it_is_afterwards() {
    let shop = Shop::open(Setting::Alone).await;
    let mut guest = shop.visitor(&shop.sales).await;
    guest.writes("hello").await;
    let (mut ann, session) = ann_narrow(&shop).await;
    ann.signal("team", |signal| signal["whole"] == true).await;
    ann.reads(false);
    writes_many(&mut guest).await;
    let (mut ben, mut olga) = (shop.ben.connects().await, shop.owner.connects().await);
    for n in 0..2 * SIGNAL_SLOTS {
        let availability = if n % 2 == 0 { "away" } else { "busy" };
        ben.does(json!({ "do": "availability", "availability": availability })).await;
        let wanted = json!([{ "agent_id": shop.ben.id, "availability": availability }]);
        olga.signal("team", |signal| signal["changed"] == wanted).await;
    }
    assert!(!session.is_live(), "more than fits");
    ann.reads(true);
    hears_all(&mut ann, 0, MANY).await;
    ann.signal("team", |signal| signal["whole"] == true).await;
    let frames = ann.log.iter().filter_map(|text| serde_json::from_str::<Value>(text).ok());
    let mut changes = frames
        .filter(|frame| frame["signal"] == "team")
        .flat_map(|signal| signal["changed"].as_array().expect("a list").clone());
    let last = changes.rfind(|one| one["agent_id"] == shop.ben.id.as_str());
    assert_eq!(last.expect("of Ben")["availability"], "busy");
}

/// More conversations than signals are kept for one socket.
#[tokio::test]
async fn who_looks_at_what_shows_as_it_is_afterwards() {
    let shop = Shop::open(Setting::Alone).await;
    let mut guest = shop.visitor(&shop.sales).await;
    guest.writes("hello").await;
    let mut olga = shop.owner.connects().await;
    let (mut ann, session) = ann_narrow(&shop).await;
    ann.signal("all_viewers", |signal| signal["open"] == json!([])).await;
    ann.reads(false);
    writes_many(&mut guest).await;
    handed_out(&shop).await;
    assert!(!session.is_live(), "more than fits");
    let (inbox, ben) = (shop.sales.id.parse().expect("an id"), shop.ben.id.parse().expect("an id"));
    let presence = &shop.world.app(0).presence;
    let mut open: Vec<_> = (0..2 * SIGNAL_SLOTS as u128)
        .map(|n| (ConversationId(Ulid(n)), ConnectionId(Ulid(n))))
        .map(|(id, connection)| (id, presence.view(inbox, id, ben, connection, ViewMode::Viewing)))
        .collect();
    for (id, _) in &open {
        olga.signal("viewers", |signal| signal["conversation_id"] == id.to_string()).await;
    }
    for (id, here) in open.split_off(3) {
        here.leaves(Duration::ZERO);
        olga.signal("viewers", |signal| signal["conversation_id"] == id.to_string()).await;
    }
    assert_eq!(session.closing(), None, "a signal ends nobody");
    ann.reads(true);
    hears_all(&mut ann, 0, MANY).await;
    let whole = ann.signal("all_viewers", |signal| signal["open"] != json!([])).await;
    let mut named: Vec<_> =
        whole["open"].as_array().expect("a list").iter().map(|one| &one["conversation_id"]).collect();
    named.sort_by_key(|id| id.to_string());
    let wanted: Vec<_> = open.iter().map(|(id, _)| id.to_string()).collect();
    assert_eq!(named, wanted.iter().collect::<Vec<_>>());
}

/// A client whose line is cut says that it has everything up to what the last heartbeat named.
#[tokio::test]
async fn a_heartbeat_says_nothing_of_what_one_who_is_behind_has_yet_to_get() {
    let (clock, beat) = (Clock::held(1_750_000_000_000), heartbeat(300));
    let shop = Shop::tuned(Setting::Alone, move |config, parts| {
        beat(config, parts);
        // Who does not answer is not silent as long as no time passes.
        parts.clock = clock.clone();
    })
    .await;
    let mut guest = shop.visitor(&shop.sales).await;
    guest.writes("hello").await;
    let (mut ann, session) = ann_behind(&shop, &mut guest).await;
    let before = session.queued_bytes();
    eventually("a heartbeat", || async { (session.queued_bytes() > before).then_some(()) }).await;
    ann.reads(true);
    hears_all(&mut ann, 0, MANY).await;
    let frames: Vec<Value> = ann.log.iter().filter_map(|text| serde_json::from_str(text).ok()).collect();
    let last = frames.iter().rposition(|frame| frame["event"] == "message_created").expect("the last of them");
    let (mut has, mut nowhere) = (None, 0);
    for frame in &frames[..last] {
        let position = frame["position"].as_i64();
        if frame["t"] == "ping" {
            assert!(position <= has, "it names {position:?} where she has {has:?}");
            nowhere += usize::from(position == Some(0));
        } else {
            has = has.max(position);
        }
    }
    assert!(nowhere > 0, "one came while she was behind");
}

/// More answers than the hub and the kernel hold for one socket. The hub reads no more of the questions until they are taken.
#[tokio::test]
async fn who_asks_and_does_not_read_is_answered_when_they_do() {
    const QUESTIONS: usize = 4_000;
    let shop = Shop::open(Setting::Alone).await;
    let (mut ann, session) = ann_narrow(&shop).await;
    ann.reads(false);
    let id = |n: usize| format!("question {n} {}", "?".repeat(40));
    for n in 0..QUESTIONS {
        ann.say(json!({ "t": "command", "id": id(n), "do": "view", "conversation_id": null, "mode": "viewing" })).await;
    }
    eventually("nothing more is read", || async { session.is_full().then_some(()) }).await;
    assert!(session.queued_bytes() <= QUEUE_BYTES);
    ann.reads(true);
    for n in 0..QUESTIONS {
        assert_eq!(ann.hear("reply").await["id"], id(n), "in order, each once");
    }
}
