//! Who else is at it, and the question before a reply goes out on top of one that its writer has not seen.

use rstest::rstest;
use serde_json::json;

use crate::shop::{Shop, reply};
use crate::support::Setting;

#[rstest]
#[tokio::test]
async fn of_two_replies_at_once_one_goes_out_and_the_other_asks(
    #[values(Setting::Alone, Setting::Pair)] setting: Setting,
) {
    let shop = Shop::open(setting).await;
    let mut guest = shop.visitor(&shop.sales).await;
    guest.writes("can I still change my order").await;
    let conversation = guest.conversation();
    let (mut olga, mut ann) = (shop.owner.connects().await, shop.ann.connects().await);
    let (by_olga, by_ann) =
        tokio::join!(olga.does(reply(&conversation, 1, "yes you can")), ann.does(reply(&conversation, 1, "no, sorry")));
    let (first, second, late, words) = if by_olga["ok"] == "yes" {
        (by_olga, by_ann, &mut ann, "no, sorry")
    } else {
        (by_ann, by_olga, &mut olga, "yes you can")
    };
    assert_eq!(first["ok"], "yes", "one of them goes out");
    assert_eq!(second["ok"], "no", "the other is asked");
    assert_eq!(second["error"]["code"], "reply_unseen");
    assert_eq!(second["error"]["unseen"], json!([first["number"]]), "it says which reply stands there");

    let mut over = reply(&conversation, 1, words);
    over["over"] = json!(true);
    let answer = late.does(over).await;
    assert_eq!(answer["ok"], "yes", "who has seen it and still means it gets through: {answer}");
    guest.socket.message_event(words).await;
}

#[rstest]
#[tokio::test]
async fn a_reply_that_has_seen_all_is_not_asked_and_a_contacts_message_is_no_collision(
    #[values(Setting::Alone, Setting::Pair)] setting: Setting,
) {
    let shop = Shop::open(setting).await;
    let mut guest = shop.visitor(&shop.sales).await;
    guest.writes("one").await;
    let mut ann = shop.ann.connects().await;
    let first = ann.does(reply(&guest.conversation(), 1, "answer to one")).await;
    guest.writes("two").await;
    let seen = first["number"].as_i64().expect("a number");
    let answer = ann.does(reply(&guest.conversation(), seen, "second thoughts")).await;
    assert_eq!(answer["ok"], "yes", "{answer}");
}

#[rstest]
#[tokio::test]
async fn who_has_it_open_and_who_writes_shows_on_every_hub(#[values(Setting::Alone, Setting::Pair)] setting: Setting) {
    let shop = Shop::open(setting).await;
    let mut guest = shop.visitor(&shop.sales).await;
    guest.writes("hello").await;
    let conversation = guest.conversation();
    let (mut olga, mut ann, mut ben) =
        (shop.owner.connects().await, shop.ann.connects().await, shop.ben.connects().await);
    let view = |mode: &str| json!({ "do": "view", "conversation_id": conversation, "mode": mode });
    let viewers = |of: &[(&str, &str)]| {
        let mut list: Vec<_> = of.iter().map(|(id, mode)| json!({ "agent_id": id, "mode": mode })).collect();
        list.sort_by_key(|viewer| viewer["agent_id"].to_string());
        json!(list)
    };
    let (olga_id, ann_id) = (shop.owner.id.as_str(), shop.ann.id.as_str());

    ann.does(view("viewing")).await;
    olga.signal("viewers", |signal| signal["viewers"] == viewers(&[(ann_id, "viewing")])).await;
    // Who opens it hears who is there, without anything having changed for them.
    olga.does(view("viewing")).await;
    let both = viewers(&[(ann_id, "viewing"), (olga_id, "viewing")]);
    olga.signal("viewers", |signal| signal["viewers"] == both).await;
    ann.does(view("replying")).await;
    let writing = viewers(&[(ann_id, "replying"), (olga_id, "viewing")]);
    olga.signal("viewers", |signal| signal["viewers"] == writing).await;
    // Who comes later sees it in their list too; what they may not see is not in it.
    let at_this = json!([{ "conversation_id": conversation, "viewers": writing }]);
    let mut late = shop.owner.connects().await;
    late.signal("all_viewers", |signal| signal["open"] == at_this).await;
    let mut late = shop.ben.connects().await;
    late.signal("all_viewers", |signal| signal["open"] == json!([])).await;
    ann.does(json!({ "do": "view", "conversation_id": null, "mode": "viewing" })).await;
    olga.signal("viewers", |signal| signal["viewers"] == viewers(&[(olga_id, "viewing")])).await;

    let refused = ben.does(view("viewing")).await;
    assert_eq!(refused["error"]["code"], "not_found", "what is not theirs to see cannot be opened");
    shop.fence(&mut [&mut ben]).await;
    ben.passed_over("viewers");
    ben.never_heard(&[&conversation]);
}
