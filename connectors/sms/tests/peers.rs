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
        to: Recipient { key: "+14155552671".to_owned(), name: None },
        text: "Xin chào & hello".to_owned(),
        html: None,
        files: Vec::new(),
        answers: None,
        mail: None,
    }
}

#[tokio::test]
async fn what_we_send_is_what_twilio_describes() {
    let (_prism, url) = prism(true);
    let picture = |n: u8| OutFile {
        name: "lamp.png".to_owned(),
        media_type: "image/png".to_owned(),
        bytes: Default::default(),
        address: Some(format!("https://hub.example/media/{n}")),
    };
    for (from, files) in [
        ("+14155550100", vec![]),
        ("MG0123456789abcdef0123456789abcdef", vec![]),
        ("+14155550100", vec![picture(1)]),
        ("+14155550100", vec![picture(1), picture(2)]),
    ] {
        let sent = line(&url, SID, from).send(&Outgoing { files, ..outgoing() }).await;
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
    // When the newest of the example's messages was sent; at the first look they are history.
    assert_eq!(kept.cursor("messages").await.unwrap().as_deref(), Some("2019-05-24T17:44:50Z"));
    assert_eq!(kept.items(), []);
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
