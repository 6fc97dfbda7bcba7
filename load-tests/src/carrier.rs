//! A provider of text messages inside the generator: it takes what the hub sends and remembers it, and brings what people
//! write as providers do that were not heard, again and again. The hub reaches it as a gateway of the operator's own.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use serde::Deserialize;
use switchboard_protocol::channels::{
    ChannelSettings, ChannelSetup, GatewayReceive, GatewaySend, GatewaySettings, SaveChannel,
};

use crate::clock::{Clock, Nanos};
use crate::scan::Stamp;

const SECRET: &str = "carrier";
/// It thinks so long before it answers, so that a hub that is killed has something in hand.
const THINKS: Duration = Duration::from_millis(10);
/// One request to the hub; a provider gives up then, too.
const ANSWER_WITHIN: Duration = Duration::from_secs(15);
/// Telephone numbers of people are made from here on.
const FIRST_NUMBER: u64 = 31_600_000_000;

/// What the hub hands over.
#[derive(Debug, Clone, Deserialize)]
pub struct Handed {
    /// The hub's own id for it.
    pub id: String,
    pub text: String,
}

#[derive(Clone, Default)]
struct Books(Arc<Mutex<HashMap<String, Vec<Handed>>>>);

/// The provider. Serves until the runtime that it was started on ends.
pub struct Carrier {
    address: SocketAddr,
    books: Books,
    client: reqwest::Client,
}

impl Carrier {
    pub async fn start() -> std::io::Result<Self> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let books = Books::default();
        let router = Router::new().route("/send", post(take)).with_state(books.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        let client =
            reqwest::Client::builder().timeout(ANSWER_WITHIN).no_proxy().build().map_err(std::io::Error::other)?;
        Ok(Self { address, books, client })
    }

    /// What an admin fills in.
    pub fn settings(&self) -> SaveChannel {
        let send = GatewaySend {
            method: "POST".into(),
            url: format!("http://{}/send", self.address),
            headers: vec![("content-type".into(), "application/json".into())],
            body: r#"{"id":{{ id|json }},"text":{{ text|json }}}"#.into(),
            id_at: String::new(),
        };
        let receive = GatewayReceive {
            id_at: "/id".into(),
            from_at: "/from".into(),
            text_at: "/text".into(),
            secret_header: "x-secret".into(),
        };
        let settings = GatewaySettings { from: "+31200000000".into(), send, receive, status: None, sms: true };
        let secrets = [("inbound".to_owned(), SECRET.to_owned())].into();
        SaveChannel { settings: ChannelSettings::Gateway(settings), secrets, untested: true }
    }

    /// Brings a message of this person to a hub, once, and how long the hub took to say that it has it; None: it did not.
    pub async fn bring(&self, clock: &Clock, hub: SocketAddr, hook: &str, stamp: Stamp) -> Option<Nanos> {
        let body = serde_json::json!({
            "id": format!("{}-{}", stamp.sender, stamp.sequence),
            "from": number(stamp.sender),
            "text": stamp.to_text(80),
        });
        let start = clock.now();
        let request = self.client.post(format!("http://{hub}{hook}")).header("x-secret", SECRET).json(&body);
        let answer = request.send().await.ok()?;
        answer.status().is_success().then(|| clock.now() - start)
    }

    /// How often it was handed each message, by the hub's id.
    pub fn handed(&self) -> HashMap<String, Vec<Handed>> {
        self.books.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Path of an inbox's own address, whatever host the hub believes to have.
pub fn hook(setup: &ChannelSetup) -> String {
    let address = setup.webhook.as_deref().unwrap_or_default();
    address.find("/hooks/").map_or_else(String::new, |at| address[at..].to_owned())
}

/// In E.164.
fn number(person: u32) -> String {
    format!("+{}", FIRST_NUMBER + u64::from(person))
}

async fn take(State(books): State<Books>, Json(handed): Json<Handed>) -> (StatusCode, String) {
    let id = handed.id.clone();
    books.0.lock().unwrap_or_else(PoisonError::into_inner).entry(id.clone()).or_default().push(handed);
    // It has it from here on, whether or not the hub hears so.
    tokio::time::sleep(THINKS).await;
    (StatusCode::OK, format!("c{id}"))
}
