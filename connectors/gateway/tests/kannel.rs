//! Against Kannel, a real SMS gateway, with its own fake of a carrier behind it, by the settings of this crate's docs.
//! `./dev test conformance` installs both.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use switchboard_connector::testing::Kept;
use switchboard_connector::{
    Addresses, Connector, Happened, Outgoing, Progress, Reached, Recipient, Secret, Secrets, SendError, Sent, Webhook,
};
use switchboard_connector_http::Http;
use switchboard_gateway::Gateway;
use switchboard_protocol::channels::{GatewayReceive, GatewaySend, GatewaySettings, GatewayStatus};
use switchboard_protocol::{ConversationId, MessageId};
use testkit::{Program, free_ports};
use tokio::net::TcpListener;

/// Debian puts it where no shell looks.
const FAKESMSC: &str = "/usr/lib/kannel/test/fakesmsc";

/// How long anything may take to happen.
const PATIENCE: Duration = Duration::from_secs(20);

const OURS: &str = "01J00000000000000000000001";

struct Ports {
    admin: u16,
    boxes: u16,
    carrier: u16,
    sendsms: u16,
}

fn configuration(ports: &Ports, address: &str) -> String {
    let Ports { admin, boxes, carrier, sendsms } = ports;
    format!(
        r#"
group = core
admin-port = {admin}
admin-interface = 127.0.0.1
admin-password = admin
smsbox-port = {boxes}
smsbox-interface = 127.0.0.1
log-level = 3
dlr-storage = internal

group = smsc
smsc = fake
smsc-id = carrier
host = 127.0.0.1
port = {carrier}
connect-allow-ip = 127.0.0.1

group = smsbox
bearerbox-host = 127.0.0.1
bearerbox-port = {boxes}
sendsms-port = {sendsms}
sendsms-interface = 127.0.0.1
log-level = 3

group = sendsms-user
username = "hub & co"
password = hush

group = sms-service
keyword = default
catch-all = true
get-url = "{address}?secret=open&id=%I&from=%p&text=%b"
max-messages = 0
"#
    )
}

fn settings(ports: &Ports) -> GatewaySettings {
    GatewaySettings {
        from: "+4930123456".to_owned(),
        send: GatewaySend {
            method: "GET".to_owned(),
            url: format!(
                "http://127.0.0.1:{}/cgi-bin/sendsms?username={{{{ secret.user | urlencode }}}}\
                 &password={{{{ secret.password | urlencode }}}}&from={{{{ from | urlencode }}}}\
                 &to={{{{ to | urlencode }}}}&text={{{{ text | urlencode }}}}&charset=UTF-8&coding=2&dlr-mask=31\
                 &dlr-url={{{{ (status_url ~ \"&status=%d\") | urlencode }}}}",
                ports.sendsms
            ),
            headers: Vec::new(),
            body: String::new(),
            id_at: String::new(),
        },
        receive: GatewayReceive {
            id_at: "id".to_owned(),
            from_at: "from".to_owned(),
            text_at: "text".to_owned(),
            secret_header: String::new(),
        },
        status: Some(GatewayStatus {
            id_at: "message".to_owned(),
            status_at: "status".to_owned(),
            delivered: vec!["1".to_owned()],
            failed: vec!["2".to_owned(), "16".to_owned()],
        }),
        sms: true,
    }
}

fn gateway(ports: &Ports, address: &str, password: &str) -> Gateway {
    let secrets = [("inbound", "open"), ("user", "hub & co"), ("password", password)];
    let secrets = Secrets(secrets.map(|(name, text)| (name.to_owned(), Secret::new(text))).into());
    Gateway::new(settings(ports), secrets, Some(address.to_owned()), Http::new(Addresses::Any).expect("a client"))
}

/// The hub's door: it hands requests to the connector.
async fn door(State((gateway, kept)): State<(Arc<Gateway>, Arc<Kept>)>, request: Request) -> impl IntoResponse {
    let path = request.uri().path().trim_start_matches("/hooks/i1").trim_start_matches('/').to_owned();
    let webhook = Webhook {
        method: request.method().to_string(),
        url: format!("http://127.0.0.1{}", request.uri()),
        rest: path,
        headers: Vec::new(),
        body: Default::default(),
        at: 0,
    };
    let answer = gateway.webhook(webhook, &*kept).await;
    (StatusCode::from_u16(answer.status).expect("a status"), answer.body)
}

async fn until<Found>(what: &str, mut look: impl AsyncFnMut() -> Option<Found>) -> Found {
    let found = tokio::time::timeout(PATIENCE, async {
        loop {
            if let Some(found) = look().await {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    found.await.unwrap_or_else(|_| panic!("it did not come to it that {what}"))
}

/// What the carrier got, of a line like `Got message 1: <from to ucs-2 %00H%00i>`.
fn ucs2_of(log: &str) -> Option<String> {
    let (_, rest) = log.split_once(" ucs-2 ")?;
    let (encoded, _) = rest.split_once(">\n").or_else(|| rest.split_once('>'))?;
    let bytes = percent_decoded(encoded);
    let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
    String::from_utf16(&units).ok()
}

fn percent_decoded(text: &str) -> Vec<u8> {
    let mut bytes = text.bytes();
    let mut decoded = Vec::new();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'+' => b' ',
            b'%' => {
                let hex: String = bytes.by_ref().take(2).map(char::from).collect();
                u8::from_str_radix(&hex, 16).expect("two hexadecimal digits")
            }
            other => other,
        });
    }
    decoded
}

#[tokio::test]
async fn a_conversation_over_kannel() {
    let [admin, boxes, carrier, sendsms] = free_ports();
    let ports = Ports { admin, boxes, carrier, sendsms };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/hooks/i1", listener.local_addr().unwrap());
    let (gateway_here, kept) = (Arc::new(gateway(&ports, &address, "hush")), Arc::new(Kept::default()));
    let router = Router::new().fallback(door).with_state((gateway_here.clone(), kept.clone()));
    tokio::spawn(async move { axum::serve(listener, router).await });

    let start = |program: &'static str, port| {
        Program::start(Some(port), |dir| {
            let file = dir.join("kannel.conf");
            std::fs::write(&file, configuration(&ports, &address)).expect("the folder is there");
            vec![program.to_owned(), file.to_string_lossy().into_owned()]
        })
    };
    let _bearerbox = start("bearerbox", carrier);
    let _smsbox = start("smsbox", sendsms);
    // Kannel keeps for a minute what comes in before its parts know one another.
    until("Kannel's parts are connected", async || {
        let status = reqwest::get(format!("http://127.0.0.1:{admin}/status.txt?password=admin")).await.ok()?;
        status.text().await.ok()?.contains("smsbox:").then_some(())
    })
    .await;
    assert!(gateway_here.check().await.is_ok());

    let phone = Program::start(None, |_| {
        let message = "4915112345678 12345 text Hello there & 1";
        let words = [FAKESMSC, "-H", "127.0.0.1", "-r", &carrier.to_string(), "-i", "0.01", "-m", "1", message];
        words.map(str::to_owned).to_vec()
    });
    let message = until("the phone's message comes in", async || {
        kept.items().into_iter().find_map(|item| match item.what {
            Happened::Message(message) => Some(message),
            _ => None,
        })
    })
    .await;
    assert_eq!((message.from.key.as_str(), message.text.as_str()), ("+4915112345678", "Hello there & 1"));

    let text = "Xin chào, 1+1 = 2 & ạ € 😀";
    let outgoing = Outgoing {
        message_id: OURS.parse::<MessageId>().unwrap(),
        conversation_id: "01J00000000000000000000002".parse::<ConversationId>().unwrap(),
        at: 0,
        queued_at: 0,
        to: Recipient { key: message.from.key, name: None },
        text: text.to_owned(),
        html: None,
        files: Vec::new(),
        answers: Vec::new(),
        mail: None,
    };
    assert_eq!(gateway_here.send(&outgoing).await, Ok(Sent { references: vec![OURS.to_owned()] }));
    assert_eq!(until("the phone gets the answer", async || ucs2_of(&phone.said())).await, text);
    let delivered =
        Happened::Progress(Progress { reference: OURS.to_owned(), recipient: None, reached: Reached::Delivered });
    until("Kannel says that it was delivered", async || {
        kept.items().iter().find(|item| item.what == delivered).map(|_| ())
    })
    .await;

    let wrong = gateway(&ports, &address, "wrong").send(&outgoing).await;
    assert!(matches!(wrong, Err(SendError::Broken { .. })), "{wrong:?}");
}
