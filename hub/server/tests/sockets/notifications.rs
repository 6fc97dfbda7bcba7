//! What one is told reaches all of one's own screens, on whichever hub, and nobody else's.

use rstest::rstest;
use serde_json::json;

use crate::shop::Shop;
use crate::support::Setting;

#[rstest]
#[tokio::test]
async fn what_concerns_one_comes_to_ones_own_screens(#[values(Setting::Alone, Setting::Pair)] setting: Setting) {
    let shop = Shop::open(setting).await;
    let mut guest = shop.visitor(&shop.sales).await;
    guest.writes("hello").await;
    let id = guest.conversation();
    let (mut ann, mut elsewhere) = (shop.ann.connects().await, shop.ann.connects().await);
    let (mut ben, mut owner) = (shop.ben.connects().await, shop.owner.connects().await);

    shop.owner.patch(&format!("/api/conversations/{id}"), json!({ "assignees": [shop.ann.id] })).await;
    for screen in [&mut ann, &mut elsewhere] {
        let told = screen.event("notified").await["notification"].clone();
        assert_eq!((&told["kind"], &told["conversation_id"]), (&json!("assigned"), &json!(id)));
        assert_eq!(told["by"]["id"], shop.owner.id.as_str());
    }
    guest.writes("are you there").await;
    for screen in [&mut ann, &mut elsewhere] {
        let told = screen.event("notified").await["notification"].clone();
        assert_eq!((&told["kind"], &told["preview"]["text"]), (&json!("answered"), &json!("are you there")));
    }
    shop.ann.post("/api/notifications/read", json!({ "conversation_id": id })).await;
    assert_eq!(elsewhere.event("notifications_read").await["conversation_id"], id.as_str());
    let choice = json!({ "kind": "answered", "app": false, "sound": false, "desktop": false });
    shop.ann.put("/api/notifications/choices", json!({ "choices": [choice] })).await;
    let choices = elsewhere.event("notification_choices_changed").await["choices"].clone();
    assert!(choices.as_array().expect("choices").contains(&choice), "{choices}");

    guest.writes("hello?").await;
    shop.fence(&mut [&mut ann, &mut elsewhere, &mut ben, &mut owner]).await;
    for screen in [&mut ann, &mut elsewhere] {
        screen.taken();
    }
    let heard = |log: &[String]| log.iter().filter(|text| text.contains("\"event\":\"notified\"")).count();
    assert_eq!((heard(&ann.log), heard(&elsewhere.log)), (2, 2), "off is off");
    assert_eq!((heard(&ben.log), heard(&owner.log)), (0, 0), "nobody else's");
}
