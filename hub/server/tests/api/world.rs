//! A hub in this process, and the people who use it: `world.owner`, `world.agent("an").await`, `world.visitor(..)`. They
//! come in through the public door, as a browser would: a cookie and an `Origin`.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use switchboard::caller::{Caller, Visitor};
use switchboard::clock::Clock;
use switchboard::commands::visitor_send::{Send, Sent, send};
use switchboard::config::{Config, Rate};
use switchboard::http::auth::by_session_token;
use switchboard::ids::Random;
use switchboard::secret::Secret;
use switchboard::{Hub, Parts, Running};
use switchboard_protocol::ConversationId;
use tempfile::TempDir;
use testkit::Postgres;
use tokio::sync::oneshot;

/// Under which database a test runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

pub const PASSWORD: &str = "correct horse battery";

/// Some time in 2025, at which every world begins.
pub const BEGINNING: i64 = 1_760_000_000_000;

pub struct World {
    pub hub: Running,
    pub clock: Clock,
    pub owner: Person,
    pub inbox: String,
    pub widget_key: String,
    _data: TempDir,
}

/// Somebody with a cookie, a token, or neither.
#[derive(Clone)]
pub struct Person {
    pub id: String,
    base: String,
    http: reqwest::Client,
    pub cookie: Option<String>,
    pub bearer: Option<String>,
    /// What the browser says about the page that sends.
    pub origin: Option<String>,
}

/// Status and body of an answer.
#[derive(Debug, PartialEq)]
pub struct Answered(pub u16, pub Value);

impl Answered {
    /// The error's code, with its status: `404 not_found`.
    pub fn refusal(&self) -> String {
        format!("{} {}", self.0, self.1["error"]["code"].as_str().unwrap_or("-"))
    }

    /// The body, of what must have gone well.
    #[track_caller]
    pub fn ok(self) -> Value {
        assert!((200..300).contains(&self.0), "{self:?}");
        self.1
    }
}

impl World {
    pub async fn new(engine: Engine) -> Self {
        Self::with(engine, |_| {}).await
    }

    /// A hub with an owner and one web inbox.
    pub async fn with(engine: Engine, set: impl FnOnce(&mut Config)) -> Self {
        Self::tuned(engine, |config, _| set(config)).await
    }

    /// The same with other parts.
    pub async fn tuned(engine: Engine, set: impl FnOnce(&mut Config, &mut Parts)) -> Self {
        let data = TempDir::new().unwrap();
        let mut config = Config::defaults();
        config.listen = ([127, 0, 0, 1], 0).into();
        config.data = data.path().to_owned();
        config.limits.sign_in_per_address = Rate::Off;
        if engine == Engine::Postgres {
            config.database.url = Secret::new(Postgres::shared().database().await);
        }
        let clock = Clock::held(BEGINNING);
        let mut parts = Parts { clock: clock.clone(), random: Random::system(), ..Parts::default() };
        set(&mut config, &mut parts);
        let hub = Hub::start_with(config, parts).await.unwrap();
        let nobody = Person::nobody(&hub);
        let token = hub.app.setup_token.expose().to_owned();
        let body = json!({"token": token, "name": "Olga", "email": "olga@example.com", "password": PASSWORD});
        let owner = nobody.come_in("/api/setup", body).await;
        let inbox =
            owner.post("/api/inboxes", json!({"name": "Shop", "channel": "web", "case_prefix": "SB-"})).await.ok();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        Self {
            inbox: text(&inbox["id"]),
            widget_key: text(&inbox["web"]["widget_key"]),
            hub,
            clock,
            owner,
            _data: data,
        }
    }

    pub fn nobody(&self) -> Person {
        Person::nobody(&self.hub)
    }

    /// An agent who sees nothing yet.
    pub async fn stranger(&self, name: &str) -> Person {
        self.joins(name, "agent").await
    }

    /// An agent who sees the inbox.
    pub async fn agent(&self, name: &str) -> Person {
        let agent = self.joins(name, "agent").await;
        let path = format!("/api/inboxes/{}/access", self.inbox);
        let mut access = self.owner.get(&path).await.ok();
        access["agents"].as_array_mut().unwrap().push(json!(agent.id));
        self.owner.put(&path, access).await.ok();
        agent
    }

    pub async fn joins(&self, name: &str, role: &str) -> Person {
        let body = json!({"name": name, "email": format!("{name}@example.com"), "role": role});
        let invitation = self.owner.post("/api/agents", body).await.ok();
        let token = invitation["link"].as_str().unwrap().split('#').nth(1).unwrap().to_owned();
        self.nobody().come_in("/api/invitations/accept", json!({"token": token, "password": PASSWORD})).await
    }

    /// A visitor of the inbox's site: their token, and who that makes them.
    pub async fn visitor(&self) -> (Person, Visitor) {
        let body = json!({"widget_key": self.widget_key});
        let session = self.nobody().post("/api/visitor/session", body).await.ok();
        let token = session["token"].as_str().unwrap().to_owned();
        let (visitor, _) = self.hub.app.visitor_key.verify(&token, self.clock.now()).unwrap();
        (Person { bearer: Some(token), ..self.nobody() }, visitor)
    }

    /// The person as the hub knows them at this moment: what they asked for is on its way to the writer.
    pub async fn caller(&self, person: &Person) -> Caller {
        let (_, token) = person.cookie.as_ref().unwrap().split_once('=').unwrap();
        by_session_token(&self.hub.app, token).await.unwrap()
    }

    /// A visitor writes, as their socket would have it done.
    pub async fn says(&self, visitor: Visitor, text: &str) -> Sent {
        let client_id = self.hub.app.random.ulid(0).to_string();
        let message = Send {
            client_id,
            text: text.to_owned(),
            attachments: Vec::new(),
            conversation_id: None,
            source: None,
            about: None,
        };
        send(&self.hub.app, visitor, message).await.unwrap()
    }

    /// Holds up everything that is to be written, until what this returns is dropped.
    pub async fn hold_the_writer(&self) -> oneshot::Sender<()> {
        let store = self.hub.app.store.clone();
        let (release, released) = oneshot::channel::<()>();
        let (holds, held) = oneshot::channel();
        tokio::spawn(async move {
            let operation = store.write(move |_tx| {
                Box::pin(async move {
                    let _ = holds.send(());
                    let _ = released.await;
                    Ok::<(), std::convert::Infallible>(())
                })
            });
            operation.await.unwrap();
        });
        held.await.unwrap();
        release
    }

    /// A conversation that a new visitor has begun.
    pub async fn conversation(&self, text: &str) -> ConversationId {
        let (_, visitor) = self.visitor().await;
        self.says(visitor, text).await.conversation_id
    }
}

impl Person {
    pub fn nobody(hub: &Running) -> Self {
        let base = format!("http://{}", hub.address);
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { id: String::new(), origin: Some(base.clone()), base, http, cookie: None, bearer: None }
    }

    /// Sends what signs in, and keeps the cookie.
    pub async fn come_in(&self, path: &str, body: Value) -> Self {
        let response = self.request(Method::POST, path).json(&body).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        let cookie = response.headers()["set-cookie"].to_str().unwrap().to_owned();
        assert!(cookie.contains("HttpOnly; SameSite=Lax"), "{cookie}");
        let me: Value = response.json().await.unwrap();
        let id = me["agent"]["id"].as_str().unwrap().to_owned();
        Self { id, cookie: cookie.split(';').next().map(str::to_owned), ..self.clone() }
    }

    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", cookie);
        }
        if let Some(token) = &self.bearer {
            request = request.bearer_auth(token);
        }
        if let Some(origin) = &self.origin {
            request = request.header("origin", origin);
        }
        request
    }

    pub async fn send(&self, request: reqwest::RequestBuilder) -> Answered {
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let text = response.text().await.unwrap();
        Answered(status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }

    pub async fn get(&self, path: &str) -> Answered {
        self.send(self.request(Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answered {
        self.send(self.request(Method::POST, path).json(&body)).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answered {
        self.send(self.request(Method::PUT, path).json(&body)).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answered {
        self.send(self.request(Method::PATCH, path).json(&body)).await
    }

    pub async fn delete(&self, path: &str) -> Answered {
        self.send(self.request(Method::DELETE, path)).await
    }

    /// The same with an idempotency key.
    pub async fn post_once(&self, path: &str, key: &str, body: Value) -> Answered {
        self.send(self.request(Method::POST, path).header("idempotency-key", key).json(&body)).await
    }

    pub async fn reply(&self, conversation: ConversationId, text: &str) -> Value {
        self.post(&format!("/api/conversations/{conversation}/messages"), json!({"text": text})).await.ok()
    }

    pub async fn upload(&self, path: &str, bytes: Vec<u8>) -> Answered {
        self.send(self.request(Method::POST, path).body(bytes)).await
    }
}
