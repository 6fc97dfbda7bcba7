//! What goes out, and what each answer says of it.

use std::time::Duration;

use switchboard_connector::{Addresses, Connector, OutFile, Outgoing, Recipient, SendError, Sent};
use switchboard_protocol::{ConversationId, MessageId};

use crate::provider::{OURS, Provider, Rule, SID, TOKEN, line, on};

fn outgoing(text: &str) -> Outgoing {
    Outgoing {
        message_id: "01J00000000000000000000001".parse::<MessageId>().expect("an id"),
        conversation_id: "01J00000000000000000000002".parse::<ConversationId>().expect("an id"),
        at: 0,
        queued_at: 0,
        to: Recipient { key: "+4915112345678".to_owned(), name: None },
        text: text.to_owned(),
        html: None,
        files: Vec::new(),
        answers: Vec::new(),
        mail: None,
    }
}

async fn send(rule: Rule) -> Result<Sent, SendError> {
    Provider::start([rule]).await.line().send(&outgoing("Hello")).await
}

#[tokio::test]
async fn a_message_goes_out_as_the_dialect_says() {
    let provider = Provider::start([on("/Messages.json", 201, r#"{"sid":"SM1","status":"queued"}"#)]).await;
    let sent = provider.line().send(&outgoing("Chào & hello + 1")).await;
    assert_eq!(sent, Ok(Sent { references: vec!["SM1".to_owned()] }));
    provider.line_from("MG1").send(&outgoing("x")).await.unwrap();
    provider.line_from(" +1 (415) 555-0100").send(&outgoing("x")).await.unwrap();

    let asked = provider.asked();
    assert_eq!(asked[0].path, format!("/2010-04-01/Accounts/{SID}/Messages.json"));
    assert_eq!(asked[0].login, format!("{SID}:{TOKEN}"));
    let form: Vec<_> = asked[0].form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(
        form,
        [
            ("Body", "Chào & hello + 1"),
            ("From", OURS),
            ("StatusCallback", "https://hub.example/hooks/i1/status"),
            ("To", "+4915112345678"),
        ]
    );
    assert_eq!(asked[1].form.get("MessagingServiceSid").map(String::as_str), Some("MG1"));
    assert_eq!(asked[1].form.get("From"), None);
    assert_eq!(asked[2].form.get("From").map(String::as_str), Some(OURS));
}

#[tokio::test]
async fn a_refusal_is_the_provider_s_sentence() {
    for (status, code) in [(400, 21610), (400, 21211), (400, 21614), (403, 21408), (400, 21617), (400, 99999)] {
        let body =
            format!(r#"{{"code":{code},"message":"Not to this one","more_info":"https://x","status":{status}}}"#);
        let why = format!("Not to this one (error {code})");
        assert_eq!(send(on("", status, body)).await, Err(SendError::Refused { why }));
    }
    let why = "the provider answered HTTP 422 and said no more".to_owned();
    assert_eq!(send(on("", 422, "<html>")).await, Err(SendError::Refused { why }));
}

#[tokio::test]
async fn a_busy_provider_is_waited_for_by_everybody() {
    let body = r#"{"code":20429,"message":"Too Many Requests"}"#;
    for (rule, after) in [
        (on("", 429, body).with("retry-after", "12"), Some(Duration::from_secs(12))),
        (on("", 429, body), None),
        (on("", 429, body).with("retry-after", "soon"), None),
        (on("", 429, body).with("retry-after", "99999999999"), Some(Duration::from_secs(6 * 60 * 60))),
        (on("", 400, body), None),
    ] {
        let why = "Too Many Requests (error 20429)".to_owned();
        assert_eq!(send(rule).await, Err(SendError::Later { why, after, all: true }));
    }
}

#[tokio::test]
async fn wrong_settings_break_the_channel() {
    for (status, code) in [(401, 20003), (403, 20003), (404, 20404), (400, 21606), (400, 21703)] {
        let body = format!(r#"{{"code":{code},"message":"Authenticate"}}"#);
        let why = format!("Authenticate (error {code})");
        assert_eq!(send(on("", status, body)).await, Err(SendError::Broken { why }));
    }
    let moved = send(on("", 301, "").with("location", "/elsewhere")).await;
    assert!(matches!(moved, Err(SendError::Broken { .. })), "{moved:?}");
    for base_url in ["not an address", "ftp://a.example", "https://"] {
        let sent = line(base_url, OURS, Addresses::Any).send(&outgoing("x")).await;
        assert!(matches!(sent, Err(SendError::Broken { .. })), "{sent:?}");
    }
}

#[tokio::test]
async fn what_may_have_been_taken_is_uncertain() {
    for rule in [
        on("", 500, ""),
        on("", 502, "<html>"),
        on("", 503, "").with("retry-after", "1"),
        on("", 201, "{}"),
        on("", 200, "<html>Welcome to the hotel</html>"),
        on("", 201, r#"{"sid":""}"#),
    ] {
        let sent = send(rule).await;
        assert!(matches!(sent, Err(SendError::Uncertain { .. })), "{sent:?}");
    }
}

#[tokio::test]
async fn what_never_left_is_tried_later() {
    let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let sent = line(&format!("http://{free}"), OURS, Addresses::Any).send(&outgoing("x")).await;
    assert!(matches!(sent, Err(SendError::Later { all: true, .. })), "{sent:?}");
}

#[tokio::test]
async fn a_private_address_is_not_called_unless_the_hub_says_so() {
    let provider = Provider::start([on("", 201, r#"{"sid":"SM1"}"#)]).await;
    let port = provider.url.rsplit(':').next().unwrap();
    for url in [provider.url.clone(), format!("http://localhost:{port}")] {
        let sent = line(&url, OURS, Addresses::Public).send(&outgoing("x")).await;
        assert!(matches!(sent, Err(SendError::Broken { .. })), "{sent:?}");
    }
    assert!(provider.asked().is_empty());
}

#[tokio::test]
async fn nothing_is_not_sent() {
    let provider = Provider::start([]).await;
    let sent = provider.line().send(&outgoing(" \n")).await;
    assert!(matches!(sent, Err(SendError::Refused { .. })), "{sent:?}");
    assert!(provider.asked().is_empty());
}

fn file(name: &str, media_type: &str, address: Option<&str>) -> OutFile {
    let address = address.map(str::to_owned);
    OutFile { name: name.to_owned(), media_type: media_type.to_owned(), bytes: Default::default(), address }
}

#[tokio::test]
async fn files_go_out_by_the_address_at_which_the_provider_fetches_them() {
    let provider = Provider::start([on("/Messages.json", 201, r#"{"sid":"MM1"}"#)]).await;
    let line = provider.line();
    assert_eq!((line.capabilities().files, line.capabilities().file_bytes), (10, 5 * 1024 * 1024));
    let files = vec![
        file("a.png", "image/png", Some("https://hub.example/media/1")),
        file("b.pdf", "application/pdf", Some("https://hub.example/media/2")),
    ];
    for text in ["Look", ""] {
        let sent = line.send(&Outgoing { files: files.clone(), ..outgoing(text) }).await;
        assert_eq!(sent, Ok(Sent { references: vec!["MM1".to_owned()] }));
    }
    for asked in provider.asked() {
        assert_eq!(asked.media, ["https://hub.example/media/1", "https://hub.example/media/2"]);
    }
    for wrong in
        [file("a.exe", "application/x-msdownload", Some("https://hub.example/3")), file("a.png", "image/png", None)]
    {
        let sent = line.send(&Outgoing { files: vec![wrong], ..outgoing("Look") }).await;
        assert!(matches!(sent, Err(SendError::Refused { .. })), "{sent:?}");
    }
    assert_eq!(provider.asked().len(), 2);
}
