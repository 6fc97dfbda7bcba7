//! What goes out, and what each answer says of it.

use switchboard_connector::{Addresses, Connector, SendError, Sent};
use switchboard_protocol::channels::GatewaySettings;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::world::{OURS, Server, by_form, by_json, by_query, gateway, outgoing, secrets, with};

/// With all that means something somewhere.
const TEXT: &str = "Chào & 1+1=2 \"?\" #%{{ secret.token }}\n😀";

async fn send(status: u16, body: &'static str, settings: fn(&str) -> GatewaySettings) -> Result<Sent, SendError> {
    let server = Server::start(status, body).await;
    gateway(settings(&server.url)).send(&outgoing("Hello")).await
}

fn sent(references: &[&str]) -> Result<Sent, SendError> {
    Ok(Sent { references: references.iter().map(|one| (*one).to_owned()).collect() })
}

#[tokio::test]
async fn all_in_the_address() {
    let server = Server::start(202, "0: Accepted for delivery").await;
    assert_eq!(gateway(by_query(&server.url)).send(&outgoing(TEXT)).await, sent(&[OURS]));
    let asked = server.asked().remove(0);
    assert_eq!((asked.method.as_str(), asked.body.as_str()), ("GET", ""));
    let url: url::Url = format!("http://x{}", asked.url).parse().unwrap();
    let query: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let dlr = format!("https://hub.example/hooks/i1/status?message={OURS}&try=0&secret=hush&status=%d");
    let expected = [("u", "hub & co"), ("to", "+4915112345678"), ("text", TEXT), ("dlr", &dlr)];
    assert_eq!(query, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
}

#[tokio::test]
async fn json_with_a_token() {
    let server = Server::start(200, r#"{"messages":[{"id":4711}]}"#).await;
    assert_eq!(gateway(by_json(&server.url)).send(&outgoing(TEXT)).await, sent(&[OURS, "4711"]));
    let asked = server.asked().remove(0);
    assert_eq!(asked.headers["authorization"], "Bearer T0k3n");
    assert_eq!(asked.headers["content-type"], "application/json");
    let body: serde_json::Value = serde_json::from_str(&asked.body).unwrap();
    let expected = serde_json::json!({ "from": "Shop", "to": "+4915112345678", "text": TEXT, "ref": OURS });
    assert_eq!(body, expected);
}

#[tokio::test]
async fn a_form() {
    let server = Server::start(200, " abc-17\n").await;
    assert_eq!(gateway(by_form(&server.url)).send(&outgoing(TEXT)).await, sent(&[OURS, "abc-17"]));
    let asked = server.asked().remove(0);
    assert_eq!(asked.headers["content-type"], "application/x-www-form-urlencoded");
    let form: Vec<_> = url::form_urlencoded::parse(asked.body.as_bytes()).into_owned().collect();
    assert_eq!(form[1], ("text".to_owned(), TEXT.to_owned()));
}

#[tokio::test]
async fn what_is_no_id_is_not_taken_for_one() {
    for body in ["", "OK", "0: Accepted for delivery", "{\"id\": 5}", "Tschüß1"] {
        assert_eq!(send(200, body, by_form).await, sent(&[OURS]), "{body}");
    }
    for body in ["", "OK", "{}", r#"{"messages":[]}"#, r#"{"messages":[{"id":null}]}"#, r#"{"messages":[{"id":""}]}"#] {
        let answer = send(200, body, by_json).await;
        assert!(matches!(answer, Err(SendError::Uncertain { .. })), "{body}: {answer:?}");
    }
}

/// A gateway that says that more is to come, and then hangs up.
async fn breaking_off(body: &'static str) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("its address"));
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a call");
        let mut request = [0; 4096];
        let _ = stream.read(&mut request).await.expect("a request");
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len() + 20);
        stream.write_all(format!("{head}{body}").as_bytes()).await.expect("an answer");
        stream.shutdown().await.expect("its end");
        // What is not read yet would be taken back by a reset.
        let _ = stream.read(&mut request).await;
    });
    url
}

#[tokio::test]
async fn an_id_that_breaks_off_is_none() {
    let whole_body = gateway(by_form(&breaking_off("c1").await)).send(&outgoing("Hello")).await;
    assert_eq!(whole_body, sent(&[OURS]));
    for body in [r#"{"messages":[{"id":47"#, r#"{"messages":[{"id":4711}]}"#] {
        let answer = gateway(by_json(&breaking_off(body).await)).send(&outgoing("Hello")).await;
        let why = "the gateway's answer breaks off".to_owned();
        assert_eq!(answer, Err(SendError::Uncertain { why }));
    }
}

#[tokio::test]
async fn answers_are_sorted_by_what_they_say_of_the_message() {
    for (status, body, expected) in [
        (400, "no such number", SendError::Refused { why: "the gateway answered HTTP 400: no such number".to_owned() }),
        (422, "", SendError::Refused { why: "the gateway answered HTTP 422 and said no more".to_owned() }),
        (401, "who?", SendError::Broken { why: "the gateway answered HTTP 401: who?".to_owned() }),
        (403, "no", SendError::Broken { why: "the gateway answered HTTP 403: no".to_owned() }),
        (404, "", SendError::Broken { why: "the gateway answered HTTP 404 and said no more".to_owned() }),
        (302, "", SendError::Broken { why: "the gateway's address leads to another one".to_owned() }),
        (
            429,
            "slow",
            SendError::Later { why: "the gateway answered HTTP 429: slow".to_owned(), after: None, all: true },
        ),
        (500, "", SendError::Uncertain { why: "the gateway answered HTTP 500 and said no more".to_owned() }),
        (503, "", SendError::Uncertain { why: "the gateway answered HTTP 503 and said no more".to_owned() }),
    ] {
        assert_eq!(send(status, body, by_form).await, Err(expected));
    }
}

#[tokio::test]
async fn what_never_left_is_tried_later_and_what_may_not_leave_is_broken() {
    let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let answer = gateway(by_form(&format!("http://{free}"))).send(&outgoing("x")).await;
    assert!(matches!(answer, Err(SendError::Later { all: true, .. })), "{answer:?}");

    let server = Server::start(200, "").await;
    let answer = with(by_form(&server.url), secrets(), Addresses::Public).send(&outgoing("x")).await;
    assert!(matches!(answer, Err(SendError::Broken { .. })), "{answer:?}");
    assert!(server.asked().is_empty());
}

#[tokio::test]
async fn a_template_that_cannot_be_written_breaks_the_channel_and_tells_no_secret() {
    let server = Server::start(200, "").await;
    for (template, place) in [
        ("{{ secret.tokne }}", "undefined"),
        ("{{ secret.tokne | urlencode }}", "undefined"),
        ("{{ secret.tokne | json }}", "undefined"),
        ("{{ nobody }}", "undefined"),
        ("{% for a in range(9999999) %}{{ secret.token }}{% endfor %}", "The template of the body"),
        ("{{ secret.token", "The template of the body"),
        ("{{ secret.token | nonsense }}", "The template of the body"),
    ] {
        let mut settings = by_form(&server.url);
        settings.send.body = template.to_owned();
        match gateway(settings).send(&outgoing("x")).await {
            Err(SendError::Broken { why }) => assert!(why.contains(place) && !why.contains("T0k3n"), "{why}"),
            other => panic!("{template}: {other:?}"),
        }
    }
    assert!(server.asked().is_empty());
}

#[tokio::test]
async fn a_text_that_cannot_be_written_is_refused_and_the_others_go() {
    let server = Server::start(200, "").await;
    let mut settings = by_form(&server.url);
    settings.send.headers.push(("X-Text".to_owned(), "{{ text }}".to_owned()));
    settings.send.body = "{% for sign in text %}{{ sign | urlencode }}{% endfor %}".to_owned();
    let gateway = gateway(settings);
    for (text, expected) in [("two\nlines", "header x-text"), ("x".repeat(50_000).as_str(), "template of the body")] {
        match gateway.send(&outgoing(text)).await {
            Err(SendError::Refused { why }) => assert!(why.contains(expected), "{why}"),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(gateway.send(&outgoing("one line")).await, sent(&[OURS]));
}

#[tokio::test]
async fn what_is_not_there_is_the_recipient_or_the_address() {
    let why = || "the gateway answered HTTP 404 and said no more".to_owned();
    // Nothing has gone by the address yet. That our id is in it does not make it another one.
    let server = Server::start(404, "").await;
    let mut settings = by_form(&server.url);
    settings.send.url.push_str("/{{ id }}");
    let gateway_of_bodies = gateway(settings);
    assert_eq!(gateway_of_bodies.send(&outgoing("x")).await, Err(SendError::Broken { why: why() }));
    // The same address has taken a message: this one waits, and alone.
    server.answers(200);
    assert_eq!(gateway_of_bodies.send(&outgoing("x")).await, sent(&[OURS]));
    server.answers(404);
    let later = SendError::Later { why: why(), after: None, all: false };
    assert_eq!(gateway_of_bodies.send(&outgoing("x")).await, Err(later));

    let mut settings = by_form(&server.url);
    settings.send.url.push_str("/{{ to | urlencode }}/messages");
    let gateway_of_paths = gateway(settings);
    let later = SendError::Later { why: why(), after: None, all: false };
    assert_eq!(gateway_of_paths.send(&outgoing("x")).await, Err(later), "the address may be wrong for all of them");
    server.answers(200);
    assert_eq!(gateway_of_paths.send(&outgoing("x")).await, sent(&[OURS]));
    server.answers(404);
    assert_eq!(gateway_of_paths.send(&outgoing("x")).await, Err(SendError::Refused { why: why() }));
}
