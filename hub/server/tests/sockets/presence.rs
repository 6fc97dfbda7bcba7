//! Who is here.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rstest::rstest;
use serde_json::{Value, json};
use switchboard::feed::{Reach, Signal};
use switchboard::sessions::{SignalKey, Topic};
use tokio::time::Instant;

use crate::shop::Shop;
use crate::support::{Setting, Socket, eventually};

/// A closed tab is gone within this.
const CLOSED: Duration = Duration::from_secs(1);
/// A busy machine only ever makes it longer: the shortest of so many is the hub's own.
const TRIES: usize = 4;
/// A cut connection is gone within this.
const CUT: Duration = Duration::from_secs(10);

async fn sees(socket: &mut Socket, agent: &str, availability: Option<&str>) -> Instant {
    let wanted = json!([{ "agent_id": agent, "availability": availability }]);
    socket.signal("team", |signal| signal["changed"] == wanted).await;
    Instant::now()
}

#[rstest]
#[tokio::test]
async fn a_closed_tab_is_gone_within_a_second(#[values(Setting::Alone, Setting::Pair)] setting: Setting) {
    let shop = Shop::open(setting).await;
    let mut olga = shop.owner.connects().await;
    let mut shortest = Duration::MAX;
    for _ in 0..TRIES {
        let ann = shop.ann.connects().await;
        sees(&mut olga, &shop.ann.id, Some("online")).await;
        // The client says good-bye and then does nothing: the hub does not wait for it to hang up.
        ann.reads(false);
        ann.closes(1000);
        let since = Instant::now();
        shortest = shortest.min(sees(&mut olga, &shop.ann.id, None).await - since);
    }
    assert!(shortest < CLOSED, "gone after {shortest:?}");
}

#[tokio::test]
async fn who_says_that_they_are_here_before_they_resume_is_gone_too() {
    let shop = Shop::open(Setting::Alone).await;
    let mut olga = shop.owner.connects().await;
    let mut ann = shop.ann.opens_socket().await;
    ann.does(json!({ "do": "availability", "availability": "busy" })).await;
    sees(&mut olga, &shop.ann.id, Some("busy")).await;
    ann.closes(1000);
    sees(&mut olga, &shop.ann.id, None).await;
}

#[tokio::test]
async fn a_change_of_presence_is_told_however_many_are_typing() {
    let shop = Shop::open(Setting::Alone).await;
    let mut olga = shop.owner.connects().await;
    let (feed, seen) = (shop.world.app(0).feed.clone(), Arc::new(AtomicBool::new(false)));
    let typing = Signal {
        topics: vec![Topic::EveryVisitor],
        except: None,
        key: SignalKey::TeamOnline,
        json: "{}".to_owned(),
        as_of: None,
    };
    let until = seen.clone();
    let many = std::thread::spawn(move || {
        while !until.load(Ordering::Relaxed) {
            feed.signal(typing.clone(), Reach::Here);
        }
    });
    let _ann = shop.ann.connects().await;
    sees(&mut olga, &shop.ann.id, Some("online")).await;
    seen.store(true, Ordering::Relaxed);
    many.join().expect("it ends");
}

#[rstest]
#[tokio::test]
async fn a_cut_connection_is_gone_within_ten_seconds_and_not_at_once(
    #[values(Setting::Alone, Setting::Pair)] setting: Setting,
) {
    let shop = Shop::open(setting).await;
    let mut olga = shop.owner.connects().await;
    let ann = shop.ann.connects().await;
    sees(&mut olga, &shop.ann.id, Some("online")).await;
    ann.breaks();
    let since = Instant::now();
    let gone = sees(&mut olga, &shop.ann.id, None).await - since;
    assert!(gone < CUT, "gone after {gone:?}");
    assert!(gone > Duration::from_secs(5), "a reconnect that takes 5 s would have flickered: {gone:?}");
}

#[rstest]
#[case::cut(None)]
#[case::will_be_back(Some(4000))]
#[tokio::test]
async fn a_reconnect_does_not_flicker_and_two_tabs_are_one_person(
    #[values(Setting::Alone, Setting::Pair)] setting: Setting,
    #[case] close: Option<u16>,
) {
    let shop = Shop::open(setting).await;
    let mut olga = shop.owner.connects().await;
    let first = shop.ann.connects().await;
    sees(&mut olga, &shop.ann.id, Some("online")).await;
    match close {
        Some(code) => first.closes(code),
        None => first.breaks(),
    }
    // As long as a closed tab would have had; the bound of what is waited for is the point of this test.
    let back = Instant::now() + CLOSED;
    eventually("the time of a reconnect has passed", || async { (Instant::now() > back).then_some(()) }).await;
    let second = shop.ann.connects().await;
    let mut third = shop.ann.connects().await;
    second.closes(1000);
    // Something that comes after all of it, on the same way.
    third.does(json!({ "do": "availability", "availability": "busy" })).await;
    sees(&mut olga, &shop.ann.id, Some("busy")).await;
    olga.catch_up();
    let gone = json!({ "agent_id": shop.ann.id, "availability": null }).to_string();
    assert!(!olga.log.iter().any(|text| text.contains(&gone)), "she was never shown as gone");
    let present = shop.owner.get("/api/session").await["present"].clone();
    let hers: Vec<&Value> =
        present.as_array().expect("a list").iter().filter(|it| it["agent_id"] == shop.ann.id.as_str()).collect();
    assert_eq!(hers.len(), 1, "several tabs are one person");
}

#[rstest]
#[tokio::test]
async fn a_visitors_page_shows_to_who_may_see_the_inbox(#[values(Setting::Alone, Setting::Pair)] setting: Setting) {
    let shop = Shop::open(setting).await;
    let (mut ann, mut ben) = (shop.ann.connects().await, shop.ben.connects().await);
    let mut guest = shop.visitor(&shop.sales).await;
    let page = |url: &str| json!({ "do": "page", "page": { "url": url, "title": "Shoes" } });
    let on = |signal: &Value, url: &str| {
        let changed = signal["changed"].as_array().expect("a list");
        changed
            .iter()
            .any(|visitor| visitor["identity_id"] == guest.visitor.id.as_str() && visitor["page"]["url"] == url)
    };
    let first = "https://shop.example/shoes";
    guest.socket.does(page(first)).await;
    ann.signal("visitors", |signal| on(signal, first)).await;
    // The search index follows the feed with writes of its own, soon done; a page that wrote would write each time.
    let mut writes = Vec::new();
    let mut second = String::new();
    while writes.last() != Some(&0) {
        assert!(writes.len() < 20, "looking at a page is a database write: {writes:?}");
        let before = shop.world.app(0).store.commits();
        second = format!("https://shop.example/basket/{}", writes.len());
        guest.socket.does(page(&second)).await;
        ann.signal("visitors", |signal| on(signal, &second)).await;
        writes.push(shop.world.app(0).store.commits() - before);
    }
    let here = shop.ann.get(&format!("/api/visitors?inbox={}", shop.sales.id)).await;
    assert_eq!(here["visitors"][0]["page"]["url"], second.as_str());
    guest.socket.closes(1000);
    let id = guest.visitor.id.clone();
    ann.signal("visitors", |signal| {
        signal["changed"].to_string().contains(&id) && signal["changed"][0]["here"] == false
    })
    .await;
    shop.fence(&mut [&mut ben]).await;
    ben.never_heard(&["shop.example", &id]);
}

#[rstest]
#[tokio::test]
async fn visitors_hear_whether_somebody_is_here(#[values(Setting::Alone, Setting::Pair)] setting: Setting) {
    let shop = Shop::open(setting).await;
    let mut guest = shop.visitor(&shop.sales).await;
    assert_eq!(guest.socket.signal("team", |_| true).await["online"], false);
    let mut ann = shop.ann.connects().await;
    guest.socket.signal("team", |signal| signal["online"] == true).await;
    ann.does(json!({ "do": "availability", "availability": "away" })).await;
    guest.socket.signal("team", |signal| signal["online"] == false).await;
    guest.socket.never_heard(&[&shop.ann.id, "away"]);
}

#[tokio::test]
async fn who_was_on_a_killed_hub_is_gone_within_ten_seconds() {
    let mut shop = Shop::open(Setting::Pair).await;
    let mut olga = shop.owner.connects().await;
    let _ann = shop.ann.connects().await;
    sees(&mut olga, &shop.ann.id, Some("online")).await;
    shop.world.kill_hub(1);
    let since = Instant::now();
    let gone = sees(&mut olga, &shop.ann.id, None).await - since;
    assert!(gone < CUT + Duration::from_secs(2), "gone after {gone:?}");
}
