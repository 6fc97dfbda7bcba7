//! The console: whoever sets a bot up talks to it as a customer would, and nobody else hears of it.

use reqwest::{Method, StatusCode};
use rstest::rstest;
use serde_json::{Value, json};

use crate::stage::{Bot, Stage};
use crate::support::Setting::{self, Alone, Pair};
use crate::support::people::{Inbox, text};
use crate::support::{Person, Socket, Visitor, eventually};

const WORDS: &str = "quillfeather";
const ANSWER: &str = "thistledown";

/// A program that was made and is in no inbox.
async fn in_no_inbox(stage: &Stage) -> Bot {
    let body = json!({ "name": "Fresh", "username": "fresh_bot", "inboxes": [] });
    let made = stage.owner.post("/api/bots", body).await;
    Bot { id: text(&made["bot"]["id"]), token: text(&made["token"]), ..stage.bot.clone() }
}

struct Console {
    path: String,
    visitor: Visitor,
    inbox: Inbox,
}

impl Console {
    async fn of(person: &Person, bot: &Bot) -> Self {
        let path = format!("/api/bots/{}/console", bot.id);
        let opened = person.post(&path, Value::Null).await;
        let visitor = Visitor { id: text(&opened["identity_id"]), token: text(&opened["token"]) };
        Self { path, visitor, inbox: Inbox { id: String::new(), key: text(&opened["widget_key"]) } }
    }

    async fn says(&self, stage: &Stage, words: &str) -> (Socket, String) {
        let mut socket = self.visitor.connects(stage.world.address(0)).await;
        let reply = socket.does(json!({ "do": "send", "text": words })).await;
        assert_eq!(reply["ok"], "yes", "{reply}");
        (socket, text(&reply["conversation_id"]))
    }

    async fn now(&self, person: &Person) -> Value {
        person.get(&format!("{}?identity_id={}", self.path, self.visitor.id)).await
    }
}

/// The number of the chat in which the bot hears these words.
async fn hears(bot: &Bot, words: &str) -> i64 {
    let chat =
        |update: &Value| (update["message"]["text"] == words).then(|| update["message"]["chat"]["id"].as_i64())?;
    eventually("the bot hears it", || async { bot.fetches(0).await.iter().find_map(chat) }).await
}

#[rstest]
#[case::alone(Alone)]
#[case::pair(Pair)]
#[tokio::test]
async fn a_bot_answers_in_its_console_and_nobody_of_the_team_sees_any_of_it(#[case] setting: Setting) {
    let stage = Stage::on(setting).await;
    let owner = &stage.owner;
    let bot = in_no_inbox(&stage).await;
    let shown = async || [owner.get("/api/inboxes").await, owner.get("/api/conversations").await["rows"].clone()];
    let (before, at) = (shown().await, owner.snapshot().await);
    let mut watching = owner.connects().await;
    let console = Console::of(owner, &bot).await;
    let (mut socket, conversation) = console.says(&stage, WORDS).await;
    let chat = hears(&bot, WORDS).await;
    bot.does("sendChatAction", json!({ "chat_id": chat, "action": "typing" })).await;
    bot.does("sendMessage", json!({ "chat_id": chat, "text": ANSWER })).await;
    socket.message_event(ANSWER).await;

    assert_eq!(shown().await, before);
    let counts = owner.get("/api/counts").await.to_string();
    let listed = owner.get("/api/bots").await;
    let of_bot = listed["bots"].as_array().expect("bots").iter().find(|one| one["id"] == bot.id.as_str()).cloned();
    assert_eq!(of_bot.expect("the bot")["inboxes"], json!([]));
    // A customer's message is indexed after the console's, and so says that the index has come that far.
    let (_guest, _) = stage.guest("bramblethorn").await;
    eventually("the customer is found", || async {
        let found = owner.get("/api/search?q=bramblethorn").await;
        found["hits"].as_array()?.first().map(drop)
    })
    .await;
    for words in [WORDS, ANSWER] {
        assert_eq!(owner.get(&format!("/api/search?q={words}")).await["hits"], json!([]));
    }
    for path in ["", "/messages", "/bots"] {
        let (status, _) = owner.call(Method::GET, &format!("/api/conversations/{conversation}{path}"), None).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
    }
    watching.message_event("bramblethorn").await;
    watching.never_heard(&[WORDS, ANSWER, &conversation]);
    assert!(!counts.contains("7ZZZZZZZZZ"), "{counts}");
    // Who comes back is told no more of it than who has stayed.
    let mut back = owner.opens_socket().await;
    back.say(json!({ "t": "resume", "from": at })).await;
    back.hear("welcome").await;
    back.message_event("bramblethorn").await;
    back.never_heard(&[WORDS, ANSWER, &conversation]);

    let lines = eventually("its calls are shown beside it", || async {
        let now = console.now(owner).await;
        let called = now["lines"].as_array()?.iter().any(|line| line["what"] == "sendMessage" && line["status"] == 200);
        called.then_some(now)
    })
    .await;
    assert_eq!(lines["stands"]["blocked"], Value::Null);
}

#[tokio::test]
async fn a_console_is_for_those_who_set_bots_up() {
    let stage = Stage::open().await;
    let at = stage.world.address(0);
    let agent = stage.owner.invites("ann", "agent").await;
    let path = format!("/api/bots/{}/console", stage.bot.id);
    assert_eq!(agent.call(Method::POST, &path, None).await.0, StatusCode::FORBIDDEN);
    let console = Console::of(&stage.owner, &stage.bot).await;
    let shown = format!("{path}?identity_id={}", console.visitor.id);
    assert_eq!(agent.call(Method::GET, &shown, None).await.0, StatusCode::FORBIDDEN);

    // Whoever knows the key has nothing of it, nor may their site show it.
    let http = reqwest::Client::builder().no_proxy().build().expect("a client");
    let open = |body: Value| http.post(format!("http://{at}/api/visitor/session")).json(&body).send();
    let key = console.inbox.key.as_str();
    let stranger = Visitor::comes(at, &stage.inbox).await;
    for body in [json!({ "widget_key": key }), json!({ "widget_key": key, "token": stranger.token })] {
        assert_eq!(open(body).await.expect("an answer").status(), StatusCode::NOT_FOUND);
    }
    let let_in = open(json!({ "widget_key": key, "token": console.visitor.token })).await.expect("an answer");
    assert_eq!(let_in.status(), StatusCode::OK);
    let panel = http.get(format!("http://{at}/widget/panel?inbox={key}")).send().await.expect("an answer");
    let policy = panel.headers()["content-security-policy"].to_str().expect("text").to_owned();
    assert!(policy.ends_with("frame-ancestors 'self'"), "{policy}");

    // It is no inbox that admins have.
    let (_socket, _) = console.says(&stage, WORDS).await;
    let inbox = switchboard_domain::bots::console::of(stage.bot.id.parse().expect("an id"));
    let place = json!({ "inboxes": [{ "inbox_id": inbox, "rank": 1, "answers": "always" }] });
    let patched = stage.owner.call(Method::PATCH, &format!("/api/bots/{}", stage.bot.id), Some(place)).await;
    assert_eq!(patched.0, StatusCode::UNPROCESSABLE_ENTITY, "{}", patched.1);
    for (method, path) in [
        (Method::DELETE, format!("/api/inboxes/{inbox}")),
        (Method::GET, format!("/api/inboxes/{inbox}/access")),
        (Method::GET, format!("/api/inboxes/{inbox}/bot-rules")),
    ] {
        assert_eq!(stage.owner.call(method, &path, None).await.0, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn what_keeps_a_bot_out_lasts_as_long_as_the_talk() {
    let stage = Stage::open().await;
    let bot = &stage.bot;
    let console = Console::of(&stage.owner, bot).await;
    console.says(&stage, WORDS).await;
    let chat = hears(bot, WORDS).await;
    bot.does("switchboard.handOver", json!({ "chat_id": chat, "reason": "it is tried" })).await;
    eventually("it says so", || async {
        (console.now(&stage.owner).await["stands"]["blocked"]["why"] == "handed_over").then_some(())
    })
    .await;
    let anew = Console::of(&stage.owner, bot).await;
    anew.says(&stage, "again").await;
    let chat = hears(bot, "again").await;
    bot.does("sendMessage", json!({ "chat_id": chat, "text": ANSWER })).await;
    // It is asked where else it was: the setting of its inboxes does not touch the console, nor the other way round.
    stage.owner.patch(&format!("/api/bots/{}", bot.id), json!({ "inboxes": [] })).await;
    anew.says(&stage, "and again").await;
    hears(bot, "and again").await;

    stage.owner.patch(&format!("/api/bots/{}", bot.id), json!({ "off": true })).await;
    assert_eq!(stage.owner.call(Method::POST, &console.path, None).await.0, StatusCode::CONFLICT);
}

#[rstest]
#[case::alone(Alone)]
#[case::pair(Pair)]
#[tokio::test]
async fn of_many_talks_the_newest_stay_and_none_outlives_the_bot(#[case] setting: Setting) {
    let stage = Stage::on(setting).await;
    let first = Console::of(&stage.owner, &stage.bot).await;
    first.says(&stage, WORDS).await;
    for _ in 0..9 {
        Console::of(&stage.owner, &stage.bot).await.says(&stage, "another").await;
    }
    assert!(first.visitor.has_said(&stage, WORDS).await);
    let last = Console::of(&stage.owner, &stage.bot).await;
    assert!(!first.visitor.has_said(&stage, WORDS).await);
    last.says(&stage, "the last").await;
    stage.owner.delete(&format!("/api/bots/{}", stage.bot.id)).await;
    assert!(!last.visitor.has_said(&stage, "the last").await);
    let open = json!({ "widget_key": last.inbox.key, "token": last.visitor.token });
    let http = reqwest::Client::builder().no_proxy().build().expect("a client");
    let url = format!("http://{}/api/visitor/session", stage.world.address(0));
    assert_eq!(http.post(url).json(&open).send().await.expect("an answer").status(), StatusCode::NOT_FOUND);
}

impl Visitor {
    /// Whether it stands in what they see when they open the panel.
    async fn has_said(&self, stage: &Stage, words: &str) -> bool {
        let http = reqwest::Client::builder().no_proxy().build().expect("a client");
        let url = format!("http://{}/api/visitor/history", stage.world.address(0));
        let history: Value =
            http.get(url).bearer_auth(&self.token).send().await.expect("an answer").json().await.expect("JSON");
        history["messages"].as_array().expect("messages").iter().any(|message| message["text"] == words)
    }
}
