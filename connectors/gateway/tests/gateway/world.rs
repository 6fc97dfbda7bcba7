//! Settings of three gateways, and a server that is any of them.

use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use switchboard_connector::{Addresses, Outgoing, Recipient, Secret, Secrets, Webhook};
use switchboard_connector_http::Http;
use switchboard_gateway::Gateway;
use switchboard_protocol::channels::{GatewayReceive, GatewaySend, GatewaySettings, GatewayStatus};
use switchboard_protocol::{ConversationId, MessageId};
use tokio::net::TcpListener;

pub const ADDRESS: &str = "https://hub.example/hooks/i1";
pub const OURS: &str = "01J00000000000000000000001";

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// Everything in the address, nothing in the answer: Kannel and its like.
pub fn by_query(base: &str) -> GatewaySettings {
    GatewaySettings {
        from: "+4930123456".to_owned(),
        send: GatewaySend {
            method: "get".to_owned(),
            url: format!(
                "{base}/sendsms?u={{{{ secret.user | urlencode }}}}&to={{{{ to | urlencode }}}}&text={{{{ text | urlencode }}}}\
                 &dlr={{{{ (status_url ~ \"&status=%d\") | urlencode }}}}"
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
            delivered: words(&["1"]),
            failed: words(&["2", "16"]),
        }),
        sms: true,
    }
}

/// JSON both ways, with a token in a header both ways.
pub fn by_json(base: &str) -> GatewaySettings {
    GatewaySettings {
        from: "Shop".to_owned(),
        send: GatewaySend {
            method: "POST".to_owned(),
            url: format!("{base}/v1/messages"),
            headers: vec![("Authorization".to_owned(), "Bearer {{ secret.token }}".to_owned())],
            body: r#"{"from": {{ from | json }}, "to": {{ to | json }}, "text": {{ text | json }}, "ref": {{ id | json }}}"#
                .to_owned(),
            id_at: "/messages/0/id".to_owned(),
        },
        receive: GatewayReceive {
            id_at: "/event/id".to_owned(),
            from_at: "/event/from/id".to_owned(),
            text_at: "/event/text".to_owned(),
            secret_header: "X-Gateway-Secret".to_owned(),
        },
        status: Some(GatewayStatus {
            id_at: "/id".to_owned(),
            status_at: "/state".to_owned(),
            delivered: words(&["DELIVRD"]),
            failed: words(&["UNDELIV", "EXPIRED"]),
        }),
        sms: false,
    }
}

/// Forms, and no word on what became of a message.
pub fn by_form(base: &str) -> GatewaySettings {
    GatewaySettings {
        send: GatewaySend {
            method: "POST".to_owned(),
            url: format!("{base}/send"),
            headers: Vec::new(),
            body: "to={{ to | urlencode }}&text={{ text | urlencode }}".to_owned(),
            id_at: String::new(),
        },
        status: None,
        ..by_query(base)
    }
}

pub fn secrets() -> Secrets {
    let secrets = [("inbound", "hush"), ("user", "hub & co"), ("token", "T0k3n")];
    Secrets(secrets.map(|(name, text)| (name.to_owned(), Secret::new(text))).into())
}

pub fn gateway(settings: GatewaySettings) -> Gateway {
    with(settings, secrets(), Addresses::Any)
}

pub fn with(settings: GatewaySettings, secrets: Secrets, addresses: Addresses) -> Gateway {
    Gateway::new(settings, secrets, Some(ADDRESS.to_owned()), Http::new(addresses).expect("a client"))
}

pub fn outgoing(text: &str) -> Outgoing {
    Outgoing {
        message_id: OURS.parse::<MessageId>().expect("an id"),
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

pub fn webhook(method: &str, rest: &str, query: &str, headers: &[(&str, &str)], body: &str) -> Webhook {
    let slash = if rest.is_empty() { "" } else { "/" };
    Webhook {
        method: method.to_owned(),
        url: format!("{ADDRESS}{slash}{rest}?{query}"),
        rest: rest.to_owned(),
        headers: headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        body: body.to_owned().into(),
        at: 7,
    }
}

#[derive(Debug, Clone)]
pub struct Asked {
    pub method: String,
    pub url: String,
    pub headers: HeaderMap,
    pub body: String,
}

#[derive(Clone)]
struct Shared {
    asked: Arc<Mutex<Vec<Asked>>>,
    status: Arc<AtomicU16>,
    body: &'static str,
}

/// Answers everything in one way, and remembers what it was asked.
pub struct Server {
    pub url: String,
    shared: Shared,
}

impl Server {
    pub async fn start(status: u16, body: &'static str) -> Self {
        let shared = Shared { asked: Arc::default(), status: Arc::new(status.into()), body };
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("the port is bound"));
        let router = Router::new().fallback(answer).with_state(shared.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, shared }
    }

    /// From now on.
    pub fn answers(&self, status: u16) {
        self.shared.status.store(status, Ordering::SeqCst);
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.shared.asked.lock().expect("no test panics while it holds this").clone()
    }
}

async fn answer(State(shared): State<Shared>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.expect("a body");
    shared.asked.lock().expect("no test panics while it holds this").push(Asked {
        method: head.method.to_string(),
        url: head.uri.to_string(),
        headers: head.headers,
        body: String::from_utf8(body.to_vec()).expect("text"),
    });
    (StatusCode::from_u16(shared.status.load(Ordering::SeqCst)).expect("a status"), shared.body).into_response()
}
