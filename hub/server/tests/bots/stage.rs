//! A shop with a bot in its inbox, and somebody who writes to it.

use reqwest::multipart::Form;
use serde_json::{Value, json};
use switchboard::Parts;
use switchboard::config::Config;

use crate::support::people::{Inbox, text};
use crate::support::{Person, Setting, Socket, Visitor, World, eventually};

pub struct Stage {
    pub world: World,
    pub owner: Person,
    pub inbox: Inbox,
    pub bot: Bot,
}

/// A program with a token.
#[derive(Clone)]
pub struct Bot {
    pub id: String,
    pub token: String,
    /// `http://…`, what a library takes for `https://api.telegram.org`.
    pub server: String,
    pub http: reqwest::Client,
}

/// Somebody with the chat open.
pub struct Guest {
    pub socket: Socket,
    pub conversation: String,
}

impl Stage {
    pub async fn open() -> Self {
        Self::tuned(|_, _| {}).await
    }

    pub async fn tuned(tune: impl Fn(&mut Config, &mut Parts) + Send + Sync + 'static) -> Self {
        Self::in_world(World::tuned(Setting::Alone, tune).await).await
    }

    pub async fn on(setting: Setting) -> Self {
        Self::in_world(World::start(setting).await).await
    }

    pub async fn in_world(world: World) -> Self {
        let owner = world.owner().await;
        let inbox = owner.makes_inbox("Shop").await;
        let bot = Bot::made(&owner, &inbox, "helper_bot").await;
        Self { world, owner, inbox, bot }
    }

    /// A visitor who writes, and the number that their conversation has for bots.
    pub async fn guest(&self, words: &str) -> (Guest, i64) {
        self.guest_at(0, words).await
    }

    /// The same at another hub.
    pub async fn guest_at(&self, hub: usize, words: &str) -> (Guest, i64) {
        let at = self.world.address(hub);
        let mut socket = Visitor::comes(at, &self.inbox).await.connects(at).await;
        let reply = socket.does(json!({ "do": "send", "text": words })).await;
        assert_eq!(reply["ok"], "yes", "{reply}");
        let conversation = text(&reply["conversation_id"]);
        let number = self.owner.detail(&conversation).await["row"]["number"].as_i64().expect("a number");
        (Guest { socket, conversation }, number)
    }
}

impl Guest {
    pub async fn writes(&mut self, words: &str) {
        let send = json!({ "do": "send", "text": words, "conversation_id": self.conversation });
        assert_eq!(self.socket.does(send).await["ok"], "yes");
    }

    pub async fn presses(&mut self, number: i64, row: u32, column: u32) -> Value {
        let press = json!({ "do": "press", "conversation_id": self.conversation, "number": number, "row": row, "column": column });
        self.socket.does(press).await
    }
}

impl Bot {
    pub async fn made(owner: &Person, inbox: &Inbox, username: &str) -> Self {
        Self::made_at(owner, inbox, username, 1).await
    }

    /// With this place in the order of the inbox's bots.
    pub async fn made_at(owner: &Person, inbox: &Inbox, username: &str, rank: u32) -> Self {
        let inboxes = json!([{ "inbox_id": inbox.id, "rank": rank, "answers": "always" }]);
        let body = json!({ "name": "Helper", "username": username, "inboxes": inboxes });
        let made = owner.post("/api/bots", body).await;
        Self {
            id: text(&made["bot"]["id"]),
            token: text(&made["token"]),
            server: format!("http://{}", owner.at),
            http: reqwest::Client::builder().no_proxy().build().expect("a client"),
        }
    }

    /// The same bot at this hub.
    pub fn at(&self, stage: &Stage, hub: usize) -> Self {
        Self { server: format!("http://{}", stage.world.address(hub)), ..self.clone() }
    }

    /// The same bot at another hub than the one that the team is at, if there is one.
    pub fn elsewhere(&self, stage: &Stage) -> Self {
        Self { server: format!("http://{}", stage.world.other()), ..self.clone() }
    }

    pub fn url(&self, method: &str) -> String {
        format!("{}/bot{}/{method}", self.server, self.token)
    }

    /// A call in JSON: status and body.
    pub async fn asks(&self, method: &str, parameters: Value) -> (u16, Value) {
        answered(self.http.post(self.url(method)).json(&parameters)).await
    }

    /// A call in a form with files.
    pub async fn uploads(&self, method: &str, form: Form) -> (u16, Value) {
        answered(self.http.post(self.url(method)).multipart(form)).await
    }

    /// The result of what must go well.
    #[track_caller]
    pub fn does(&self, method: &str, parameters: Value) -> impl Future<Output = Value> {
        let (bot, method) = (self.clone(), method.to_owned());
        async move {
            let (status, answer) = bot.asks(&method, parameters).await;
            assert!(status == 200 && answer["ok"] == true, "{method}: {status} {answer}");
            answer["result"].clone()
        }
    }

    /// Code and sentence of what must not.
    pub async fn refused(&self, method: &str, parameters: Value) -> String {
        let (status, answer) = self.asks(method, parameters).await;
        assert_eq!((answer["ok"].clone(), answer["error_code"].clone()), (json!(false), json!(status)), "{answer}");
        format!("{status} {}", answer["description"].as_str().expect("a description"))
    }

    /// Fetches until there is something; everything before `offset` has come.
    pub async fn fetches(&self, offset: i64) -> Vec<Value> {
        eventually("there are updates", || async {
            let found = self.does("getUpdates", json!({ "offset": offset, "timeout": 5 })).await;
            Some(found.as_array().expect("a list").clone()).filter(|found| !found.is_empty())
        })
        .await
    }
}

pub async fn answered(request: reqwest::RequestBuilder) -> (u16, Value) {
    let answer = request.send().await.expect("an answer");
    let status = answer.status().as_u16();
    let kind = answer.headers()["content-type"].to_str().expect("text").to_owned();
    assert_eq!(kind, "application/json");
    (status, answer.json().await.expect("JSON"))
}
