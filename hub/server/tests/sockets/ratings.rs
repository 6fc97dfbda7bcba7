//! A visitor says how they found it: once it is closed, to be read by the team at once.

use rstest::rstest;
use serde_json::{Value, json};

use crate::shop::Shop;
use crate::support::Setting;

fn rate(conversation: &str, score: u32, words: &str) -> Value {
    json!({ "do": "rate", "conversation_id": conversation, "score": score, "words": words })
}

#[rstest]
#[tokio::test]
async fn what_a_visitor_thinks_of_it_is_kept_and_read_at_once(
    #[values(Setting::Alone, Setting::Pair)] setting: Setting,
) {
    let shop = Shop::open(setting).await;
    let inbox = format!("/api/inboxes/{}", shop.sales.id);
    let mut ann = shop.ann.connects().await;
    let mut guest = shop.visitor(&shop.sales).await;
    guest.writes("where is my parcel").await;
    let conversation = guest.conversation();
    let path = format!("/api/conversations/{conversation}");
    shop.ann.patch(&path, json!({ "status": "closed" })).await;
    // Nobody asks here.
    assert_eq!(guest.socket.does(rate(&conversation, 4, "")).await["error"]["code"], "conflict");
    shop.owner.patch(&inbox, json!({ "web": { "ask_rating": true } })).await;
    for score in [0, 6] {
        assert_eq!(guest.socket.does(rate(&conversation, score, "")).await["error"]["code"], "invalid");
    }
    assert_eq!(guest.socket.does(rate(&conversation, 4, "")).await["ok"], "yes");
    assert_eq!(guest.socket.does(rate(&conversation, 4, "")).await["ok"], "yes", "no news, and no second line");
    assert_eq!(guest.socket.does(rate(&conversation, 5, " Quick and kind ")).await["ok"], "yes");
    let told = ann.wait_for("the score", |frame| (frame["patch"]["rating"] == 5).then(|| frame.clone())).await;
    assert_eq!(told["lines"][0]["line"], json!({ "kind": "rated", "score": 5, "words": "Quick and kind" }));
    assert_eq!(told["by"]["kind"], "contact");
    let mine =
        guest.socket.wait_for("the score", |frame| (frame["conversation"]["rating"] == 5).then(|| frame.clone())).await;
    assert!(!mine.to_string().contains("lines"), "{mine}");

    let detail = shop.ann.detail(&conversation).await;
    assert_eq!(detail["row"]["rating"], 5);
    let lines = detail["messages"].as_array().expect("messages").iter().filter(|one| one["line"]["kind"] == "rated");
    assert_eq!(lines.count(), 2);
    // Open again, it is as they said; they are not asked what they think of what goes on.
    shop.ann.patch(&path, json!({ "status": "open" })).await;
    assert_eq!(guest.socket.does(rate(&conversation, 1, "")).await["error"]["code"], "conflict");
    assert_eq!(shop.ann.detail(&conversation).await["row"]["rating"], 5);
    // Somebody else's is not there.
    let mut stranger = shop.visitor(&shop.sales).await;
    assert_eq!(stranger.socket.does(rate(&conversation, 1, "")).await["error"]["code"], "not_found");
}
