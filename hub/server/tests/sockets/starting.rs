//! Agents write first: to one customer, to several, and to nobody whom they should not.

use reqwest::{Method, StatusCode};
use rstest::rstest;
use serde_json::{Value, json};

use crate::channels::{Business, delivery, replies};
use crate::provider::{bot, gateway, mailbox};
use crate::support::people::{Inbox, text};
use crate::support::{Setting, eventually};

const PATH: &str = "/api/conversations";

fn address(address: &str) -> Value {
    json!({ "kind": "address", "address": address })
}

/// Why each was not written to, by their place.
fn not_started(answer: &Value) -> Vec<(i64, String)> {
    let all = answer["not_started"].as_array().expect("a list");
    all.iter().map(|one| (one["to"].as_i64().expect("a place"), text(&one["why"]))).collect()
}

fn started(answer: &Value) -> Vec<String> {
    let all = answer["started"].as_array().expect("a list");
    all.iter().map(|one| text(&one["conversation_id"])).collect()
}

/// Until so many have gone out; to whom.
async fn handed(business: &Business, many: usize) -> Vec<String> {
    let all = eventually("they go out", || async {
        let all = business.provider.handed();
        (all.len() >= many).then_some(all)
    });
    let mut to: Vec<String> = all.await.into_iter().map(|(to, _)| to).collect();
    to.sort();
    to
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn one_mail_to_several_makes_each_a_case_of_their_own_and_tells_who_got_none(
    #[values(Setting::Alone, Setting::Pair)] setting: Setting,
) {
    let business = Business::open_on(setting, "email", mailbox()).await;
    let mut agent = business.owner.through(business.world.other()).connects().await;
    let mail =
        json!({ "subject": "Your order is late", "cc": ["depot@shop.example"], "html": "<p>So <b>sorry</b></p>" });
    let body = json!({
        "inbox_id": business.inbox, "text": "So sorry", "mail": mail,
        "to": [
            { "kind": "address", "address": "Maria@Example.nl", "name": "Maria Jansen" },
            address("nobody"),
            address("maria@example.nl"),
            address("jan@example.nl"),
            { "kind": "contact", "contact_id": "01ARZ3NDEKTSV4RRFFQ69G5FAV" },
        ],
    });
    let (status, answer) = business.owner.posts_as("k1", PATH, &body).await;
    assert_eq!(status, StatusCode::CREATED, "{answer}");
    let wanted = [(1, "not_an_address"), (2, "twice"), (4, "unknown")];
    assert_eq!(not_started(&answer), wanted.map(|(place, why)| (place, why.to_owned())));
    let begun = agent.event("conversation_created").await;
    assert_eq!(begun["conversation"]["contact"]["name"], "Maria Jansen");
    assert_eq!(begun["conversation"]["subject"], "Your order is late");
    assert_eq!(begun["messages"][0]["mail"]["to"][0]["address"], "maria@example.nl");
    assert_eq!(handed(&business, 2).await, ["jan@example.nl", "maria@example.nl"]);
    let out = business.provider.last();
    let head = out.mail.expect("a mail");
    assert_eq!(
        (head.subject.as_str(), head.cc.as_slice()),
        ("Your order is late", ["depot@shop.example".to_owned()].as_slice())
    );
    assert!(out.html.is_some_and(|html| html.contains("<b>sorry</b>")));
    // The same request again begins nothing; another under its key is refused.
    assert_eq!(business.owner.posts_as("k1", PATH, &body).await, (StatusCode::CREATED, answer.clone()));
    let mut other = body.clone();
    other["text"] = json!("Not sorry");
    assert_eq!(business.owner.posts_as("k1", PATH, &other).await.1["error"]["code"], "key_reused");
    let rows = business.owner.get(PATH).await;
    assert_eq!(rows["rows"].as_array().map(Vec::len), Some(2));
    // Who was copied takes part in each: their answer finds its way by what leads it back.
    let conversation = &started(&answer)[0];
    let messages = business.messages(conversation).await;
    assert_eq!((&messages[0]["kind"], messages.len()), (&json!("out"), 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_is_taken_as_people_write_it_and_who_has_said_stop_is_left_in_peace() {
    let business = Business::open(Setting::Alone).await;
    let stopped = json!({ "id": "c1", "from": "+31611111111", "text": "stop", "consent": "stop" });
    assert_eq!(business.called(0, stopped).await, StatusCode::OK);
    let known = business.conversation("+31622222222").await;
    let contact = business.owner.detail(&known).await["contact"]["id"].clone();
    let body = json!({
        "inbox_id": business.inbox, "text": "Your lamp is ready.",
        "to": [
            address("06 11 11 11 11"),
            address("0031 6 33333333"),
            { "kind": "contact", "contact_id": contact },
            address("(06) 22222222"),
            address("AMAZON"),
        ],
    });
    let answer = business.owner.post(PATH, body).await;
    let wanted = [(0, "stopped"), (3, "twice"), (4, "not_an_address")];
    assert_eq!(not_started(&answer), wanted.map(|(place, why)| (place, why.to_owned())));
    assert_eq!(handed(&business, 2).await, ["+31622222222", "+31633333333"]);
    let [_, of_known] = started(&answer).try_into().expect("two");
    assert_ne!(of_known, known);
    assert_eq!(business.owner.detail(&of_known).await["contact"]["id"], contact);
    // They answer into the case that was begun.
    let says = json!({ "id": "a1", "from": "+31622222222", "text": "I come by" });
    assert_eq!(business.called(0, says).await, StatusCode::OK);
    assert_eq!(business.messages(&of_known).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_knows_people_by_ids_of_its_own_is_written_to_by_them() {
    let business = Business::open_on(Setting::Alone, "gateway", gateway()).await;
    let known = business.conversation("whoever-42").await;
    let known = business.owner.detail(&known).await["contact"]["id"].clone();
    let to = [address(" whoever-42 "), address("@nadia_gw"), address("  ")];
    let body = json!({ "inbox_id": business.inbox, "text": "Your lamp is ready.", "to": to });
    let answer = business.owner.post(PATH, body).await;
    assert_eq!(not_started(&answer), [(2, "not_an_address".to_owned())]);
    assert_eq!(handed(&business, 2).await, ["@nadia_gw", "whoever-42"]);
    let [of_known, of_nadia] = started(&answer).try_into().expect("two");
    assert_eq!(business.owner.detail(&of_known).await["contact"]["id"], known);
    assert_eq!(business.owner.detail(&of_nadia).await["contact"]["phone"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_is_reached_by_their_card_and_one_without_an_address_is_named() {
    let business = Business::open(Setting::Alone).await;
    let mail = json!({ "name": "Mail", "channel": "email", "case_prefix": "M-" });
    let inbox = text(&business.owner.post("/api/inboxes", mail).await["id"]);
    business.owner.put(&format!("/api/inboxes/{inbox}/channel"), mailbox()).await;
    let contact_of = async |from: &str| {
        let conversation = business.conversation(from).await;
        text(&business.owner.detail(&conversation).await["contact"]["id"])
    };
    let (sam, kim) = (contact_of("+31611111111").await, contact_of("+31622222222").await);
    business.owner.patch(&format!("/api/contacts/{sam}"), json!({ "email": "sam@example.nl" })).await;
    let contact = |id: &str| json!({ "kind": "contact", "contact_id": id });
    let body = json!({
        "inbox_id": inbox, "text": "Hello", "mail": { "subject": "Hello" }, "to": [contact(&sam), contact(&kim)],
    });
    let answer = business.owner.post(PATH, body).await;
    assert_eq!(not_started(&answer), [(1, "no_address".to_owned())]);
    let begun = business.owner.detail(&started(&answer)[0]).await;
    assert_eq!((&begun["contact"]["id"], &begun["row"]["channel"]), (&json!(sam), &json!("email")));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_begins_only_where_they_have_access_and_with_whom_they_may_see() {
    let business = Business::open(Setting::Alone).await;
    let hidden = business.conversation("+31611111111").await;
    let hidden = business.owner.detail(&hidden).await["contact"]["id"].clone();
    let an = business.owner.invites("an", "agent").await;
    let reader = business.owner.invites("rita", "read_only").await;
    let other = json!({ "name": "Other", "channel": "sms" });
    let other = Inbox { id: text(&business.owner.post("/api/inboxes", other).await["id"]), key: String::new() };
    let mut settings = crate::provider::settings("good");
    settings["settings"]["from"] = json!("+31200000009");
    business.owner.put(&format!("/api/inboxes/{}/channel", other.id), settings).await;
    business.owner.grants(&other, &[&an, &reader]).await;
    let body = |inbox: &str, to: Value| Some(json!({ "inbox_id": inbox, "text": "Hello", "to": [to] }));
    let number = address("+31633333333");
    let refused = an.call(Method::POST, PATH, body(&business.inbox, number.clone())).await;
    assert_eq!(refused.0, StatusCode::NOT_FOUND, "{refused:?}");
    assert_eq!(reader.call(Method::POST, PATH, body(&other.id, number.clone())).await.0, StatusCode::FORBIDDEN);
    let unknown =
        an.call(Method::POST, PATH, body(&other.id, json!({ "kind": "contact", "contact_id": hidden }))).await;
    assert_eq!(not_started(&unknown.1), [(0, "unknown".to_owned())]);
    assert_eq!(started(&an.call(Method::POST, PATH, body(&other.id, number)).await.1).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_channel_does_not_carry_is_refused_before_anything_is_begun() {
    let business = Business::open(Setting::Alone).await;
    let web = business.owner.makes_inbox("Chat").await;
    let to = json!([address("+31633333333")]);
    let many: Vec<Value> = (0..101).map(|n| address(&format!("+316{n:08}"))).collect();
    let file = business.owner.sends_up("price.txt", b"12 euro").await;
    for (field, body) in [
        ("inbox_id", json!({ "inbox_id": web.id, "text": "Hello", "to": to })),
        ("text", json!({ "inbox_id": business.inbox, "text": "", "to": to })),
        ("text", json!({ "inbox_id": business.inbox, "text": "x".repeat(1601), "to": to })),
        ("to", json!({ "inbox_id": business.inbox, "text": "Hello", "to": [] })),
        ("to", json!({ "inbox_id": business.inbox, "text": "Hello", "to": many })),
        ("mail", json!({ "inbox_id": business.inbox, "text": "Hello", "to": to, "mail": { "subject": "Hello" } })),
        ("attachments", json!({ "inbox_id": business.inbox, "text": "Hello", "to": to, "attachments": [file] })),
    ] {
        let (status, refused) = business.owner.call(Method::POST, PATH, Some(body)).await;
        assert_eq!(
            (status, &refused["error"]["fields"][0]["field"]),
            (StatusCode::UNPROCESSABLE_ENTITY, &json!(field))
        );
    }
    assert_eq!(business.owner.get(PATH).await["rows"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_are_written_to_in_one_go() {
    let business = Business::open(Setting::Alone).await;
    let to: Vec<Value> = (0..100).map(|n| address(&format!("+316{:08}", 10_000_000 + n))).collect();
    let answer = business.owner.post(PATH, json!({ "inbox_id": business.inbox, "text": "We move.", "to": to })).await;
    assert_eq!((started(&answer).len(), not_started(&answer).len()), (100, 0));
    assert_eq!(handed(&business, 100).await.len(), 100);
}

#[tokio::test(flavor = "multi_thread")]
async fn formatting_goes_where_the_channel_takes_it_and_a_bot_does_not_begin() {
    let business = Business::open_on(Setting::Alone, "telegram", bot()).await;
    let mut agent = business.owner.connects().await;
    let conversation = business.conversation("4711").await;
    let mut reply = json!({ "do": "reply", "conversation_id": conversation, "text": "Hello", "seen": 1 });
    reply["mail"] = json!({ "html": "<b>Hello</b><script>x()</script>" });
    let done = agent.does(reply.clone()).await;
    delivery(&mut agent, &done, "sent").await;
    assert_eq!(business.provider.last().html.as_deref(), Some("<b>Hello</b>"));
    reply["mail"]["cc"] = json!(["jan@example.nl"]);
    assert_eq!(agent.does(reply).await["error"]["fields"][0]["field"], "mail");
    let body = json!({ "inbox_id": business.inbox, "text": "Hello", "to": [address("4712")] });
    let (status, refused) = business.owner.call(Method::POST, PATH, Some(body)).await;
    assert_eq!(
        (status, &refused["error"]["fields"][0]["code"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("cannot_begin"))
    );
    let texts = Business::open(Setting::Alone).await;
    let conversation = texts.conversation("+31611111111").await;
    let mut agent = texts.owner.connects().await;
    replies(&mut agent, &conversation, "plain", 1).await;
    let formatted = json!({ "do": "reply", "conversation_id": conversation, "text": "Hello", "seen": 2, "mail": { "html": "<b>Hello</b>" } });
    assert_eq!(agent.does(formatted).await["error"]["fields"][0]["field"], "mail");
}

#[tokio::test(flavor = "multi_thread")]
async fn copies_count_for_each_recipient() {
    let business = Business::open_on(Setting::Alone, "email", mailbox()).await;
    let to: Vec<_> = (0..34).map(|n| address(&format!("person{n}@example.nl"))).collect();
    let mail = json!({ "subject": "News", "cc": ["a@shop.example"], "bcc": ["b@shop.example"] });
    let body = json!({ "inbox_id": business.inbox, "text": "News", "mail": mail, "to": to });
    let (status, refused) = business.owner.call(Method::POST, PATH, Some(body)).await;
    assert_eq!(
        (status, &refused["error"]["fields"][0]["field"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("mail.cc")),
        "{refused}"
    );
}
