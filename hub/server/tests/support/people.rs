//! Who uses a hub: people of the team over the API with their cookie, visitors with their token.

use std::net::SocketAddr;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::socket::{Refused, Socket};

/// Everybody's password.
const PASSWORD: &str = "correct horse battery";

/// Somebody of the team, signed in.
#[derive(Debug, Clone)]
pub struct Person {
    pub id: String,
    /// The hub that they call.
    pub at: SocketAddr,
    pub cookie: String,
    http: reqwest::Client,
}

impl Person {
    pub(super) async fn set_up(at: SocketAddr, token: &str) -> Self {
        let body = json!({ "token": token, "name": "Olga Owner", "email": "olga@example.com", "password": PASSWORD });
        Self::entered(at, "/api/setup", &body).await
    }

    /// Somebody whom this person invites and who accepts.
    pub async fn invites(&self, name: &str, role: &str) -> Self {
        let body = json!({ "name": name, "email": format!("{name}@example.com"), "role": role });
        let invitation = self.post("/api/agents", body).await;
        let (_, token) = invitation["link"].as_str().and_then(|link| link.split_once('#')).expect("a link");
        let body = json!({ "token": token, "password": PASSWORD });
        Self::entered(self.at, "/api/invitations/accept", &body).await
    }

    /// The same person in another browser.
    pub async fn signs_in_again(&self, name: &str) -> Self {
        let body = json!({ "email": format!("{name}@example.com"), "password": PASSWORD });
        Self::entered(self.at, "/api/session", &body).await
    }

    async fn entered(at: SocketAddr, path: &str, body: &Value) -> Self {
        let http = client();
        let answer = http.post(format!("http://{at}{path}")).json(body).send().await.expect("an answer");
        let cookie = answer.headers().get("set-cookie").map(|cookie| cookie.to_str().expect("text").to_owned());
        let status = answer.status();
        let me: Value = answer.json().await.expect("a body");
        assert!(status.is_success(), "{path}: {status} {me}");
        let cookie = cookie.expect("a cookie").split(';').next().expect("its pair").to_owned();
        Self { id: text(&me["agent"]["id"]), at, cookie, http }
    }

    /// The same person, with the same cookie, at another hub.
    pub fn through(&self, at: SocketAddr) -> Self {
        Self { at, ..self.clone() }
    }

    /// A request that may come again under its key.
    pub async fn posts_as(&self, key: &str, path: &str, body: &Value) -> (StatusCode, Value) {
        let request = self.http.post(format!("http://{}{path}", self.at)).header("cookie", &self.cookie);
        let request = request.header("origin", format!("http://{}", self.at)).header("idempotency-key", key);
        let answer = request.json(body).send().await.expect("an answer");
        (answer.status(), answer.json().await.unwrap_or(Value::Null))
    }

    pub async fn call(&self, method: Method, path: &str, body: Option<Value>) -> (StatusCode, Value) {
        let mut request = self.http.request(method, format!("http://{}{path}", self.at)).header("cookie", &self.cookie);
        request = request.header("origin", format!("http://{}", self.at));
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await.expect("an answer");
        let status = answer.status();
        let bytes = answer.bytes().await.expect("a body");
        (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }

    pub async fn get(&self, path: &str) -> Value {
        self.good(Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Value {
        self.good(Method::POST, path, Some(body)).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Value {
        self.good(Method::PUT, path, Some(body)).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Value {
        self.good(Method::PATCH, path, Some(body)).await
    }

    pub async fn delete(&self, path: &str) -> Value {
        self.good(Method::DELETE, path, None).await
    }

    /// What the hub answers, as it stands.
    pub async fn fetch(&self, path: &str) -> reqwest::Response {
        let request = self.http.get(format!("http://{}{path}", self.at)).header("cookie", &self.cookie);
        request.send().await.expect("an answer")
    }

    /// Sends a file up, for a message; its id.
    pub async fn sends_up(&self, name: &str, bytes: &'static [u8]) -> String {
        let request = self.http.post(format!("http://{}/api/attachments?name={name}", self.at)).body(bytes);
        let request = request.header("cookie", &self.cookie).header("origin", format!("http://{}", self.at));
        let answer: Value = request.send().await.expect("an answer").json().await.expect("a body");
        text(&answer["attachment"]["id"])
    }

    async fn good(&self, method: Method, path: &str, body: Option<Value>) -> Value {
        let (status, answer) = self.call(method.clone(), path, body).await;
        assert!(status.is_success(), "{method} {path}: {status} {answer}");
        answer
    }

    /// A web inbox that nobody but owners and admins may see yet.
    pub async fn makes_inbox(&self, name: &str) -> Inbox {
        let inbox = self.post("/api/inboxes", json!({ "name": name, "channel": "web" })).await;
        Inbox { id: text(&inbox["id"]), key: text(&inbox["web"]["widget_key"]) }
    }

    /// Lets exactly these people (and owners and admins) see an inbox.
    pub async fn grants(&self, inbox: &Inbox, people: &[&Person]) {
        let agents: Vec<&str> = people.iter().map(|person| person.id.as_str()).collect();
        self.put(&format!("/api/inboxes/{}/access", inbox.id), json!({ "agents": agents, "teams": [] })).await;
    }

    /// Opens a socket and says nothing yet.
    pub async fn opens_socket(&self) -> Socket {
        let (cookie, origin) = (self.cookie.clone(), format!("http://{}", self.at));
        let opened = Socket::open(self.at, "/ws/agent", &[("cookie", &cookie), ("origin", &origin)]).await;
        opened.expect("the hub takes the socket")
    }

    /// A socket that is live from now on.
    pub async fn connects(&self) -> Socket {
        let mut socket = self.opens_socket().await;
        socket.say(json!({ "t": "resume" })).await;
        socket.hear("welcome").await;
        socket
    }

    /// A fresh snapshot's place in the feed.
    pub async fn snapshot(&self) -> Value {
        self.get("/api/session").await["at"].clone()
    }

    /// The conversation that somebody has begun, as soon as it can be seen.
    pub async fn detail(&self, conversation: &str) -> Value {
        self.get(&format!("/api/conversations/{conversation}")).await
    }
}

/// A web inbox.
#[derive(Debug, Clone)]
pub struct Inbox {
    pub id: String,
    pub key: String,
}

/// Somebody on a site.
#[derive(Debug, Clone)]
pub struct Visitor {
    pub id: String,
    pub token: String,
}

impl Visitor {
    /// Opens the chat panel of an inbox.
    pub async fn comes(at: SocketAddr, inbox: &Inbox) -> Self {
        let body = json!({ "widget_key": inbox.key });
        let answer = client().post(format!("http://{at}/api/visitor/session")).json(&body).send();
        let session: Value = answer.await.expect("an answer").json().await.expect("a body");
        Self { id: text(&session["identity_id"]), token: text(&session["token"]) }
    }

    /// Says hello with what the client knows.
    pub async fn tries(&self, at: SocketAddr, hello: Value) -> Result<Socket, Refused> {
        let mut socket = Socket::open(at, "/ws/visitor", &[]).await?;
        let mut frame = json!({ "t": "hello", "token": self.token });
        for (name, value) in hello.as_object().expect("fields of hello") {
            frame[name] = value.clone();
        }
        socket.say(frame).await;
        Ok(socket)
    }

    /// A socket that is live from now on.
    pub async fn connects(&self, at: SocketAddr) -> Socket {
        let mut socket = self.tries(at, json!({})).await.expect("the hub takes the socket");
        socket.hear("welcome").await;
        socket
    }
}

fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().expect("a client")
}

pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("a text, not {value}")).to_owned()
}
