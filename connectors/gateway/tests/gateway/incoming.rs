//! What a gateway brings.

use switchboard_connector::testing::Kept;
use switchboard_connector::{Addresses, IncomingMessage};
use switchboard_connector::{Connector, Consent, Happened, Progress, Reached, Secrets, Webhook, WebhookAnswer};

use crate::world::{by_form, by_json, by_query, gateway, webhook, with};

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded; charset=utf-8");
const JSON: (&str, &str) = ("content-type", "application/json");
const SECRET: (&str, &str) = ("x-gateway-secret", "hush");

async fn by_query_takes(request: Webhook, kept: &Kept) -> u16 {
    gateway(by_query("http://gateway.example")).webhook(request, kept).await.status
}

async fn by_json_takes(request: Webhook, kept: &Kept) -> u16 {
    gateway(by_json("http://gateway.example")).webhook(request, kept).await.status
}

fn message(kept: &Kept) -> IncomingMessage {
    match kept.one().what {
        Happened::Message(message) => *message,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_message_in_the_query() {
    let kept = Kept::default();
    let request = webhook("GET", "", "secret=hush&id=17&from=4915112345678&text=Xin+ch%C3%A0o+%26", &[], "");
    let answer = gateway(by_query("http://gateway.example")).webhook(request, &kept).await;
    assert_eq!(answer, WebhookAnswer::done());
    assert_eq!((kept.one().key.as_str(), kept.one().at), ("17", 7));
    let message = message(&kept);
    assert_eq!((message.from.key.as_str(), message.text.as_str()), ("+4915112345678", "Xin chào &"));
    assert_eq!(message.references, ["17"]);
}

#[tokio::test]
async fn a_message_in_a_form() {
    let kept = Kept::default();
    let request = webhook("POST", "", "secret=hush&id=of-the-query", &[FORM], "id=17&from=0151+12345678&text=Stop");
    assert_eq!(by_query_takes(request, &kept).await, 200);
    assert_eq!(kept.one().key, "17");
    let message = message(&kept);
    assert_eq!((message.from.key.as_str(), message.consent), ("+4915112345678", Some(Consent::Stop)));
}

#[tokio::test]
async fn a_message_in_json() {
    let kept = Kept::default();
    let body = r#"{"event":{"id":17,"from":{"id":" user-5 "},"text":"Stop"}}"#;
    assert_eq!(by_json_takes(webhook("POST", "", "", &[JSON, SECRET], body), &kept).await, 200);
    let message = message(&kept);
    // It is no SMS: a name is no number, and "Stop" is what somebody says.
    assert_eq!((message.from.key.as_str(), message.text.as_str(), message.consent), ("user-5", "Stop", None));
}

#[tokio::test]
async fn who_does_not_show_the_secret_is_refused() {
    let kept = Kept::default();
    let fields = "id=17&from=4915112345678&text=x";
    for query in ["", "secret=", "secret=hus", "secret=hush2", "Secret=hush", "secret=other&secret=hush"] {
        let request = webhook("GET", "", &format!("{query}&{fields}"), &[("secret", "hush")], "");
        assert_eq!(by_query_takes(request, &kept).await, 403, "{query}");
        let status = webhook("GET", "status", &format!("{query}&message=17&status=1"), &[], "");
        assert_eq!(by_query_takes(status, &kept).await, 403, "{query}");
    }
    let in_body = webhook("POST", "", "", &[FORM], &format!("secret=hush&{fields}"));
    assert_eq!(by_query_takes(in_body, &kept).await, 403);
    let in_query = webhook("POST", "", "secret=hush", &[JSON], r#"{"event":{"id":1,"from":{"id":"a"},"text":"x"}}"#);
    assert_eq!(by_json_takes(in_query, &kept).await, 403);
    // With none set, nobody is known; an empty one opens nothing.
    let request = webhook("GET", "", &format!("secret=&{fields}"), &[], "");
    let open = with(by_query("http://gateway.example"), Secrets::default(), Addresses::Any);
    assert_eq!(open.webhook(request, &kept).await.status, 403);
    assert_eq!(kept.items(), []);
}

#[tokio::test]
async fn what_makes_no_sense_is_malformed() {
    let kept = Kept::default();
    let long = format!("secret=hush&from=1&text=x&id={}", "9".repeat(500));
    for query in
        ["secret=hush", "secret=hush&id=17&text=x", "secret=hush&id=17&from=1", "secret=hush&id=&from=1&text=x", &long]
    {
        assert_eq!(by_query_takes(webhook("GET", "", query, &[], ""), &kept).await, 400, "{query}");
    }
    let deep = format!("{}{}", "[".repeat(5_000), "]".repeat(5_000));
    for body in ["", "{", "[]", r#"{"event":{"id":[1],"from":{"id":"a"},"text":"x"}}"#, &deep] {
        assert_eq!(by_json_takes(webhook("POST", "", "", &[SECRET], body), &kept).await, 400, "{body}");
    }
    assert_eq!(by_query_takes(webhook("DELETE", "", "secret=hush", &[], ""), &kept).await, 400);
    assert_eq!(by_query_takes(webhook("GET", "elsewhere", "secret=hush", &[], ""), &kept).await, 404);
    let mute = gateway(by_form("http://gateway.example"));
    assert_eq!(mute.webhook(webhook("GET", "status", "secret=hush", &[], ""), &kept).await.status, 404);
    assert_eq!(kept.items(), []);
}

#[tokio::test]
async fn what_the_hub_does_not_take_the_gateway_brings_again() {
    let away = Kept::away();
    let request = webhook("GET", "", "secret=hush&id=17&from=4915112345678&text=x", &[], "");
    assert_eq!(by_query_takes(request, &away).await, 503);
    assert_eq!(by_query_takes(webhook("GET", "status", "secret=hush&message=17&status=1", &[], ""), &away).await, 503);
}

#[tokio::test]
async fn what_became_of_a_message_is_understood_by_the_words_of_the_settings() {
    let failed = |word: &str| Reached::Failed { why: format!("The gateway says that it was not delivered ({word}).") };
    for (word, expected) in
        [("1", Some(Reached::Delivered)), ("16", Some(failed("16"))), ("8", None), ("", None), ("11", None)]
    {
        let kept = Kept::default();
        let query = format!("message=01J&secret=hush&status={word}");
        let status = by_query_takes(webhook("GET", "status", &query, &[], ""), &kept).await;
        assert_eq!(status, if word.is_empty() { 400 } else { 200 });
        let told: Vec<_> = kept.items().into_iter().map(|item| item.what).collect();
        let progress = expected
            .map(|reached| Happened::Progress(Progress { reference: "01J".to_owned(), recipient: None, reached }));
        assert_eq!(told, Vec::from_iter(progress));
    }
    let kept = Kept::default();
    for state in ["ACCEPTD", "delivrd", "DELIVRD", "EXPIRED"] {
        let body = format!(r#"{{"id":"a-1","state":"{state}"}}"#);
        assert_eq!(by_json_takes(webhook("POST", "status", "", &[JSON, SECRET], &body), &kept).await, 200);
    }
    let keys: Vec<_> = kept.items().into_iter().map(|item| item.key).collect();
    assert_eq!(keys, ["delivered:a-1", "failed:a-1"]);
}

/// Somebody has wanted it tried again: by our own id a gateway says the same of both tries, and of each more than once.
#[tokio::test]
async fn that_a_second_try_failed_is_another_word() {
    let kept = Kept::default();
    for number in [1_000, 1_000, 2_000] {
        let query = format!("message=01J&try={number}&secret=hush&status=2");
        assert_eq!(by_query_takes(webhook("GET", "status", &query, &[], ""), &kept).await, 200);
    }
    let keys: Vec<_> = kept.items().into_iter().map(|item| item.key).collect();
    assert_eq!(keys, ["failed:01J:1000", "failed:01J:2000"]);
}
