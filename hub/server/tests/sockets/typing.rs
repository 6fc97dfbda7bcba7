//! Typing, to whom it concerns and to nobody else.

use rstest::rstest;
use serde_json::json;
use switchboard_protocol::limits::TYPING_TTL_MS;

use crate::shop::Shop;
use crate::support::Setting;

#[rstest]
#[tokio::test]
async fn keys_show_to_whom_they_concern(#[values(Setting::Alone, Setting::Pair)] setting: Setting) {
    let shop = Shop::open(setting).await;
    let mut guest = shop.visitor(&shop.sales).await;
    guest.writes("hi").await;
    let conversation = guest.conversation();
    let (mut olga, mut ann, mut ann_too, mut ben) =
        (shop.owner.connects().await, shop.ann.connects().await, shop.ann.connects().await, shop.ben.connects().await);
    let typing =
        |on: bool, note: bool| json!({ "do": "typing", "conversation_id": conversation, "on": on, "note": note });

    ann.does(typing(true, false)).await;
    let at_olga = olga.signal("typing", |signal| signal["on"] == true).await;
    assert_eq!(at_olga["who"], json!({ "kind": "agent", "id": shop.ann.id }));
    assert_eq!(at_olga["ttl_ms"], TYPING_TTL_MS);
    const { assert!(TYPING_TTL_MS <= 6_000, "it stops by itself within 6 s") };
    let at_guest = guest.socket.signal("typing", |_| true).await;
    assert_eq!(at_guest["who"], json!({ "kind": "agent", "name": "ann" }), "a visitor sees a name and no id");
    ann.does(typing(false, false)).await;
    olga.signal("typing", |signal| signal["on"] == false).await;
    guest.socket.signal("typing", |signal| signal["on"] == false).await;

    ann.does(typing(true, true)).await;
    assert_eq!(olga.signal("typing", |signal| signal["note"] == true).await["on"], true);

    guest.socket.does(json!({ "do": "typing", "conversation_id": conversation, "on": true })).await;
    for agent in [&mut olga, &mut ann, &mut ann_too] {
        agent.signal("typing", |signal| signal["who"]["kind"] == "contact").await;
    }
    // A note's keys were told before the visitor's own, in one order: had they gone to the visitor, they would be here.
    guest.writes("are you there").await;
    guest.socket.message_event("are you there").await;
    guest.socket.catch_up();
    let typings = guest.socket.log.iter().filter(|text| text.contains("typing") && text.contains("signal")).count();
    assert_eq!(typings, 2, "the reply's keys on and off, not the note's, not their own");
    guest.socket.never_heard(&[&shop.ann.id]);

    shop.fence(&mut [&mut ann, &mut ann_too, &mut ben]).await;
    for own in [&mut ann, &mut ann_too] {
        own.catch_up();
        let mine = own.log.iter().filter(|text| text.contains("\"signal\":\"typing\"") && text.contains(&shop.ann.id));
        assert_eq!(mine.count(), 0, "one's own keys do not come back, in no tab");
    }
    ben.never_heard(&[&conversation, "typing"]);
    let refused = ben.does(typing(true, false)).await;
    assert_eq!(refused["error"]["code"], "not_found");
}
