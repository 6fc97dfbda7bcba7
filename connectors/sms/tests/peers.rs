//! Against Twilio's own: the description of its API, served by Prism, which refuses what the description does not allow;
//! and the signatures that its Python library makes. `./dev test conformance` installs both and says where they are.

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use switchboard_connector::testing::Kept;
use switchboard_connector::{
    Addresses, Connector, Edge, OutFile, Outgoing, Recipient, Secret, Secrets, SendError, Trouble, Webhook,
};
use switchboard_connector_http::Http;
use switchboard_protocol::channels::SmsSettings;
use switchboard_protocol::{ConversationId, MessageId};
use switchboard_sms::Line;
use testkit::{Program, free_ports};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_util::sync::CancellationToken;

const SID: &str = "AC0123456789abcdef0123456789abcdef";
const ADDRESS: &str = "https://hub.example/hooks/i1";

#[expect(
    clippy::disallowed_methods,
    reason = "where other people's tools were installed is for who runs the test to say"
)]
fn tool(variable: &str) -> String {
    std::env::var(variable).unwrap_or_else(|_| panic!("{variable} is not set: run these by ./dev test conformance"))
}

/// Serves Twilio's API as it is described; `strict` also holds the description's own examples against it.
fn prism(strict: bool) -> (Program, String) {
    let [port] = free_ports();
    let program = Program::start(Some(port), |_| {
        let mut command = vec![tool("PRISM"), "mock".to_owned(), "--port".to_owned(), port.to_string()];
        command.extend(strict.then(|| "--errors".to_owned()));
        command.push(tool("TWILIO_API"));
        command
    });
    (program, format!("http://127.0.0.1:{port}"))
}

fn line(base_url: &str, sid: &str, from: &str) -> Line {
    let settings = SmsSettings { account_sid: sid.to_owned(), from: from.to_owned(), base_url: base_url.to_owned() };
    let secrets = Secrets([("auth_token".to_owned(), Secret::new("token"))].into());
    Line::new(settings, &secrets, Some(ADDRESS.to_owned()), Http::new(Addresses::Any).expect("a client"))
}

fn outgoing() -> Outgoing {
    Outgoing {
        message_id: "01J00000000000000000000001".parse::<MessageId>().expect("an id"),
        conversation_id: "01J00000000000000000000002".parse::<ConversationId>().expect("an id"),
        at: 0,
        queued_at: 0,
        to: Recipient { key: "+14155552671".to_owned(), name: None },
        text: "Xin chào & hello".to_owned(),
        html: None,
        files: Vec::new(),
        answers: Vec::new(),
        mail: None,
    }
}

#[tokio::test]
async fn what_we_send_is_what_twilio_describes() {
    let (_prism, url) = prism(true);
    for from in ["+14155550100", "MG0123456789abcdef0123456789abcdef"] {
        let sent = line(&url, SID, from).send(&outgoing()).await;
        let references = sent.expect("as described").references;
        assert!(references.len() == 1 && references[0].starts_with("SM"), "{references:?}");
    }
    // That the description is held against us at all:
    let wrong = line(&url, "AC1", "+14155550100").send(&outgoing()).await;
    assert!(matches!(wrong, Err(SendError::Refused { .. })), "{wrong:?}");
}

#[tokio::test]
async fn what_we_ask_for_is_what_twilio_describes() {
    // Not strict: the description's own example of a number has empty addresses, which the description forbids.
    let (_prism, url) = prism(false);
    let found = line(&url, SID, "+14155550100").check().await;
    // The account and the number are found; the example's number happens to be one for calls only.
    let why = "+14155550100 is a number of the account, but one without SMS.".to_owned();
    assert_eq!(found, Err(Trouble::Settings(why)));

    let (kept, stop, line) = (Kept::default(), CancellationToken::new(), line(&url, SID, "+18182008801"));
    let (received, ()) = tokio::join!(line.receive(&kept, stop.clone()), async {
        kept.is_receiving().await;
        stop.cancel();
    });
    assert_eq!(received, Ok(()));
    // At the first look the example's messages are history; the next one begins a little before the newest was sent.
    let place = kept.cursor(&format!("messages:{SID}:+18182008801")).await.unwrap().unwrap_or_default();
    assert!(place.contains("2019-05-24T17:34:50Z"), "{place}");
    assert_eq!(kept.items(), []);
}

const SENDER: &str = r#"
import sys
import requests
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client
class Told(TwilioHttpClient):
    def request(self, method, url, params=None, data=None, *rest, **more):
        print(requests.Request(method, url, data=data).prepare().body)
        sys.exit()
Client("AC1", "token", http_client=Told()).messages.create(to="+1", from_="+2", body="x", media_url=sys.argv[1:])
"#;

/// The description's mock takes no list in a form (it wants an array, and reads the last of several fields): so Twilio's own
/// library is asked.
#[tokio::test]
async fn pictures_are_named_as_twilio_s_library_names_them() {
    for count in 1..=3 {
        let addresses: Vec<String> = (0..count).map(|n| format!("https://hub.example/media/{n}?a=b&c=d")).collect();
        let files = addresses.iter().map(|address| OutFile {
            name: "lamp.png".to_owned(),
            media_type: "image/png".to_owned(),
            bytes: Default::default(),
            address: Some(address.clone()),
        });
        let message = Outgoing { files: files.collect(), ..outgoing() };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let line = line(&url, SID, "+14155550100");
        let (sent, body) = tokio::join!(line.send(&message), one_request(listener));
        assert_eq!(sent.expect("it is taken").references, ["SM1"]);
        let python =
            Command::new(tool("TWILIO_PYTHON")).args(["-c", SENDER]).args(&addresses).output().expect("Python");
        assert_eq!(media_of(&body), media_of(String::from_utf8_lossy(&python.stdout).trim()));
        assert_eq!(media_of(&body), addresses);
    }
}

fn media_of(form: &str) -> Vec<String> {
    let fields = url::form_urlencoded::parse(form.as_bytes());
    fields.filter(|(name, _)| name == "MediaUrl").map(|(_, value)| value.into_owned()).collect()
}

/// Takes one message as Twilio does; the form that came.
async fn one_request(listener: tokio::net::TcpListener) -> String {
    let (mut stream, _) = listener.accept().await.expect("a client");
    let mut request = Vec::new();
    loop {
        stream.read_buf(&mut request).await.expect("a request");
        let text = String::from_utf8_lossy(&request);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length =
            head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
        if length.is_none_or(|length: usize| body.len() >= length) {
            let answer = r#"{"sid":"SM1"}"#;
            let head = "HTTP/1.1 201 Created\r\ncontent-type: application/json\r\nconnection: close";
            let answer = format!("{head}\r\ncontent-length: {}\r\n\r\n{answer}", answer.len());
            stream.write_all(answer.as_bytes()).await.expect("written");
            return body.to_owned();
        }
    }
}

const SIGNER: &str = r#"
import json, sys
from twilio.request_validator import RequestValidator
class Fields(dict):
    def getall(self, name): return self[name]
for line in sys.stdin:
    case = json.loads(line)
    fields = Fields()
    for name, value in case["fields"]: fields.setdefault(name, []).append(value)
    print(RequestValidator(case["token"]).compute_signature(case["url"], fields))
"#;

/// What Twilio's library would send as `X-Twilio-Signature`.
fn signatures(cases: &[Value]) -> Vec<String> {
    let mut python = Command::new(tool("TWILIO_PYTHON"))
        .args(["-c", SIGNER])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("Python starts");
    let mut stdin = python.stdin.take().expect("it was piped");
    for case in cases {
        writeln!(stdin, "{case}").expect("Python reads");
    }
    drop(stdin);
    let output = python.wait_with_output().expect("Python ends");
    String::from_utf8(output.stdout).expect("base64").lines().map(str::to_owned).collect()
}

#[tokio::test]
async fn twilio_s_signatures_are_accepted_and_no_others() {
    let message = json!([["MessageSid", "SM1"], ["From", "+14155552671"], ["To", "+14155550100"], ["Body", "Hello"]]);
    let odd = json!([
        ["MessageSid", "SM1"],
        ["From", "+14155552671"],
        ["Body", "Xin chào 😀 & = + % \n \u{0}"],
        ["body", ""],
        ["a", "2"],
        ["a", "1"],
        ["a", "1"],
        ["A", "x"],
        ["ü", "ß"],
        ["empty", ""]
    ]);
    let mut cases = Vec::new();
    for token in ["token", "0123456789abcdef0123456789abcdef"] {
        for fields in [&message, &odd] {
            for url in [
                ADDRESS,
                "https://hub.example:443/hooks/i1",
                "https://hub.example/hooks/i1?a=b&c=%20d#x",
                "https://hub.example:8443/hooks/i1",
                "http://hub.example/hooks/i1/",
            ] {
                cases.push(json!({ "token": token, "url": url, "fields": fields }));
            }
        }
    }
    let signatures = signatures(&cases);
    assert_eq!(signatures.len(), cases.len());
    for (case, signature) in cases.iter().zip(&signatures) {
        let fields: Vec<(String, String)> = serde_json::from_value(case["fields"].clone()).expect("pairs");
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&fields).finish();
        let request = Webhook {
            method: "POST".to_owned(),
            url: case["url"].as_str().expect("an address").to_owned(),
            rest: String::new(),
            headers: vec![("x-twilio-signature".to_owned(), signature.clone())],
            body: body.into(),
            at: 0,
        };
        let of_token = case["token"] == "token";
        let line = line("", SID, "+14155550100");
        let status = line.webhook(request.clone(), &Kept::default()).await.status;
        assert_eq!(status, if of_token { 200 } else { 403 }, "{case}");
        let altered = Webhook { body: [&request.body[..], b"x"].concat().into(), ..request };
        assert_eq!(line.webhook(altered, &Kept::default()).await.status, 403, "{case}");
    }
}
