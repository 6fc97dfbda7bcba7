//! What is deleted forever, and who comes back from before: nothing of it is told any more, by whichever hub.

use rstest::rstest;
use serde_json::{Value, json};

use crate::shop::{Shop, note};
use crate::support::Setting;
use crate::support::people::text;

/// Stands in every text that is to go, and nowhere else.
const WORD: &str = "zanzibarine";

impl Shop {
    /// Everybody has heard of the deletion who is to hear of it.
    async fn deletes(&self, conversation: &str) {
        let mut screens = Vec::new();
        for hub in 0..self.world.hubs() {
            screens.push(self.owner.through(self.world.address(hub)).connects().await);
        }
        let path = format!("/api/conversations/{conversation}");
        self.owner.patch(&path, json!({ "place": "trash" })).await;
        self.owner.call(reqwest::Method::DELETE, &path, None).await;
        for screen in &mut screens {
            let removed = screen.event("conversation_removed").await;
            assert_eq!(removed["conversation_id"], conversation);
        }
    }

    /// Who goes on from this point hears nothing of it, and has the rest; what was told, at each hub.
    async fn comes_back(&self, point: &Value) -> Vec<Vec<Value>> {
        let mut told = Vec::new();
        for hub in 0..self.world.hubs() {
            let mut socket = self.ann.through(self.world.address(hub)).opens_socket().await;
            socket.say(json!({ "t": "resume", "from": point })).await;
            self.fence(&mut [&mut socket]).await;
            socket.never_heard(&[WORD]);
            let events = socket.taken();
            assert!(events.iter().all(|frame| frame["t"] != "reset"), "{events:?}");
            told.push(events);
        }
        told
    }
}

fn has(told: &[Value], event: &str, field: &str, value: &str) -> bool {
    told.iter().any(|frame| frame["event"] == event && frame[field] == value)
}

#[rstest]
#[tokio::test]
async fn who_comes_back_hears_nothing_of_a_customer_who_was_deleted(
    #[values(Setting::Alone, Setting::Pair)] setting: Setting,
) {
    let shop = Shop::open(setting).await;
    let point = shop.ann.snapshot().await;
    let mut guest = shop.visitor(&shop.sales).await;
    guest.writes(&format!("my {WORD} is broken")).await;
    let conversation = guest.conversation();
    let contact = text(&shop.owner.detail(&conversation).await["contact"]["id"]);
    let card = json!({ "name": format!("Zoe {WORD}"), "notes": WORD });
    shop.owner.patch(&format!("/api/contacts/{contact}"), card).await;
    shop.deletes(&conversation).await;
    for told in shop.comes_back(&point).await {
        assert!(has(&told, "conversation_removed", "conversation_id", &conversation), "{told:?}");
        assert!(has(&told, "contact_removed", "contact_id", &contact), "{told:?}");
    }
}

#[rstest]
#[tokio::test]
async fn who_comes_back_hears_nothing_of_what_was_split_off_and_deleted(
    #[values(Setting::Alone, Setting::Pair)] setting: Setting,
) {
    let shop = Shop::open(setting).await;
    let mut guest = shop.visitor(&shop.sales).await;
    guest.writes("hello").await;
    let conversation = guest.conversation();
    let path = format!("/api/conversations/{conversation}");
    shop.owner.patch(&path, json!({ "assignees": [shop.ann.id] })).await;
    let point = shop.ann.snapshot().await;
    let mut ann = shop.ann.connects().await;
    assert_eq!(ann.does(note(&conversation, "this stays")).await["ok"], "yes");
    guest.writes(&format!("my {WORD} is broken")).await;
    let number = shop.owner.detail(&conversation).await["row"]["last_number"].clone();
    let split = shop.owner.post(&format!("{path}/split"), json!({ "number": number, "and_after": true })).await;
    shop.deletes(&text(&split["id"])).await;
    for told in shop.comes_back(&point).await {
        let stays = told.iter().filter(|frame| frame["message"]["text"] == "this stays");
        assert_eq!(stays.count(), 1, "the rest of it is told: {told:?}");
    }
}
