//! A message that points at the one that it answers: on web chat and on other channels, in and out. One hub, and two.

use reqwest::{Method, StatusCode};
use rstest::rstest;
use serde_json::{Value, json};

use crate::channels::{Business, delivery};
use crate::provider::bot;
use crate::shop::{Shop, note, reply};
use crate::support::Setting;

const MARIA: &str = "+31611111111";

fn answering(conversation: &str, seen: i64, words: &str, number: i64) -> Value {
    let mut reply = reply(conversation, seen, words);
    reply["answers"] = json!(number);
    reply
}

#[rstest]
#[tokio::test]
async fn what_an_answer_points_at_is_known_to_both_sides_and_sent_again_it_is_the_same(
    #[values(Setting::Alone, Setting::Pair)] setting: Setting,
) {
    let shop = Shop::open(setting).await;
    let (mut olga, mut ann) = (shop.owner.connects().await, shop.ann.connects().await);
    let mut guest = shop.visitor(&shop.sales).await;
    guest.writes("in blue?").await;
    guest.writes("and in which size?").await;
    let conversation = guest.conversation();
    let first = ann.does_as("a1", answering(&conversation, 2, "yes, in blue", 1)).await;
    assert_eq!(first["ok"], "yes", "{first}");
    assert_eq!(olga.message_event("yes, in blue").await["message"]["answers"], 1);
    assert_eq!(guest.socket.message_event("yes, in blue").await["message"]["answers"], 1);
    let shown = shop.ann.detail(&conversation).await;
    assert_eq!((&shown["messages"][2]["answers"], &shown["messages"][1]["answers"]), (&json!(1), &Value::Null));

    let again = ann.does_as("a1", answering(&conversation, 2, "yes, in blue", 1)).await;
    assert_eq!(again["number"], first["number"]);
    let other = ann.does_as("a1", answering(&conversation, 2, "yes, in blue", 2)).await;
    assert_eq!(other["error"]["code"], "key_reused", "{other}");
}

#[rstest]
#[tokio::test]
async fn what_the_customer_does_not_have_is_never_answered(#[values(Setting::Alone, Setting::Pair)] setting: Setting) {
    let shop = Shop::open(setting).await;
    let mut ann = shop.ann.connects().await;
    let (mut guest, mut other) = (shop.visitor(&shop.sales).await, shop.visitor(&shop.sales).await);
    guest.writes("hello").await;
    for words in ["one", "two", "three", "four"] {
        other.writes(words).await;
    }
    let conversation = guest.conversation();
    assert_eq!(ann.does(note(&conversation, "he never pays")).await["ok"], "yes");
    let flag = json!({ "do": "change", "conversation_id": conversation, "change": { "status": "closed" } });
    assert_eq!(ann.does(flag).await["ok"], "yes");
    // A note, a line of the hub's own, a number of nothing here, the message itself.
    for number in [2, 3, 4, 99, 0, -1] {
        let refused = ann.does(answering(&conversation, 9, "about that", number)).await;
        assert_eq!(refused["error"]["fields"][0]["field"], "answers", "{number}: {refused}");
    }
    let path = format!("/api/conversations/{conversation}/messages");
    let body = json!({ "note": true, "text": "a note on it", "answers": 1 });
    assert_eq!(shop.ann.call(Method::POST, &path, Some(body)).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    let body = json!({ "text": "about that", "answers": 2 });
    assert_eq!(shop.ann.call(Method::POST, &path, Some(body)).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(ann.does(answering(&conversation, 9, "good morning", 1)).await["ok"], "yes");
    guest.socket.message_event("good morning").await;
    guest.socket.never_heard(&["never pays", "about that"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_leaves_by_the_names_that_its_channel_knows_and_comes_back_by_them() {
    let business = Business::open_on(Setting::Alone, "telegram", bot()).await;
    let mut agent = business.owner.connects().await;
    let conversation = business.conversation(MARIA).await;
    let reply = agent.does(answering(&conversation, 1, "which one?", 1)).await;
    delivery(&mut agent, &reply, "sent").await;
    let sent = business.provider.last();
    assert_eq!(sent.answers, [format!("first-{MARIA}")]);
    let says = async |id: &str, and: Value| {
        let mut message = json!({ "id": id, "from": MARIA, "text": id });
        message.as_object_mut().expect("an object").extend(and.as_object().cloned().expect("an object"));
        assert_eq!(business.called(0, message).await, StatusCode::OK);
    };
    let ours = format!("sid-{}", sent.message_id);
    says("known", json!({ "answers": ours, "quote": "which one?" })).await;
    says("picked", json!({ "answers": ours, "picked": "one" })).await;
    says("unknown", json!({ "answers": "of before we were here", "quote": "We are  closed.\nSorry!" })).await;
    says("silent", json!({ "answers": "of before we were here" })).await;
    let messages = business.messages(&conversation).await;
    let pointed: Vec<_> = messages[2..].iter().map(|one| (one["answers"].clone(), one["quote"].clone())).collect();
    let expected = [
        (json!(2), Value::Null),
        (json!(2), json!("one")),
        (Value::Null, json!("We are  closed. Sorry!")),
        (Value::Null, Value::Null),
    ];
    assert_eq!(pointed, expected);
    // Somebody else does not point into a conversation that is not theirs.
    let message = json!({ "id": "bo", "from": "+31622222222", "text": "hm", "answers": ours, "quote": "which one?" });
    assert_eq!(business.called(0, message).await, StatusCode::OK);
    let first = |frame: &Value| frame["event"] == "conversation_created" && frame["messages"][0]["text"] == "hm";
    let begun =
        agent.wait_for("the other conversation", |frame| first(frame).then(|| frame["messages"][0].clone())).await;
    assert_eq!((&begun["answers"], &begun["quote"]), (&Value::Null, &json!("which one?")));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_left_of_the_words_of_a_message_that_is_taken_back() {
    let business = Business::open_on(Setting::Alone, "telegram", bot()).await;
    let conversation = business.conversation(MARIA).await;
    let quoting = |id: &str| json!({ "id": id, "from": MARIA, "text": id, "answers": format!("first-{MARIA}"), "picked": "Hello" });
    assert_eq!(business.called(0, quoting("before")).await, StatusCode::OK);
    assert_eq!(business.messages(&conversation).await[1]["quote"], "Hello");
    let gone = json!({ "id": "d", "of": format!("first-{MARIA}"), "deleted": true });
    assert_eq!(business.called(0, gone).await, StatusCode::OK);
    assert_eq!(business.called(0, quoting("after")).await, StatusCode::OK);
    let messages = business.messages(&conversation).await;
    for one in &messages[1..] {
        assert_eq!((&one["answers"], &one["quote"]), (&json!(1), &Value::Null), "{one}");
    }
}
