//! Telegram calls the hub.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::routing::any;
use serde_json::json;
use switchboard_connector::{Connector, Trouble, Webhook};
use switchboard_protocol::channels::TelegramMode;
use switchboard_telegram::Bot;

use crate::bot_api::{BotApi, TOKEN};
use crate::hub::{Hub, bot, message, trouble, while_receiving};

struct Listening {
    bot: Bot,
    hub: Hub,
    /// Statuses that were answered.
    answered: parking_lot::Mutex<Vec<u16>>,
}

/// The hub's side of the webhook over real HTTP; the address that Telegram is to call.
async fn listen(api: &BotApi) -> (Arc<Listening>, String) {
    let bot = bot(&api.url, TOKEN, TelegramMode::Webhook);
    let listening = Arc::new(Listening { bot, hub: Hub::default(), answered: Default::default() });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/channels/7", listener.local_addr().unwrap());
    let routes = Router::new().route("/channels/7", any(call)).with_state(listening.clone());
    tokio::spawn(async move { axum::serve(listener, routes).await });
    (listening, address)
}

async fn call(State(to): State<Arc<Listening>>, method: Method, headers: HeaderMap, body: Bytes) -> StatusCode {
    let headers = headers.iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
    let request = Webhook { method: method.to_string(), url: String::new(), rest: String::new(), headers, body, at: 0 };
    let answer = to.bot.webhook(request, &to.hub).await;
    to.answered.lock().push(answer.status);
    StatusCode::from_u16(answer.status).unwrap()
}

#[tokio::test]
async fn telegram_is_told_where_to_call_and_calls_until_it_is_committed() {
    let api = BotApi::start().await;
    let (hub, address) = listen(&api).await;
    let an = api.user(42);
    hub.bot.announce(Some(&address)).await.unwrap();
    hub.hub.refuse(2);
    an.writes("hello");
    an.says(json!({"photo": an.photo(b"\xff\xd8\xffpicture")}));
    let items = hub.hub.has(2).await;
    assert_eq!(message(&items[0]).0.text, "hello");
    assert_eq!(&message(&items[1]).0.files[0].bytes[..], b"\xff\xd8\xffpicture");
    api.until(|api| api.waiting() == 0).await;
    assert_eq!(*hub.answered.lock(), [503, 503, 200, 200]);
    // Both ways of receiving use the same keys, so that nothing is doubled when one follows the other.
    assert!(items[0].key.starts_with("message:"));
}

#[tokio::test]
async fn what_is_called_five_times_is_taken_once() {
    let api = BotApi::start().await;
    let (hub, address) = listen(&api).await;
    hub.bot.announce(Some(&address)).await.unwrap();
    let an = api.user(42);
    let update = json!({"update_id": 1, "message": {"message_id": 7, "date": 1, "from": an.person(), "text": "once",
        "chat": {"id": 42, "type": "private", "first_name": "An"}}});
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let secret = api.webhook_secret().unwrap();
    let call = || http.post(&address).header("x-telegram-bot-api-secret-token", &secret).json(&update).send();
    for answer in futures_util::future::join_all((0..5).map(|_| call())).await {
        assert_eq!(answer.unwrap().status(), 200);
    }
    assert_eq!((hub.hub.items().len(), hub.hub.again()), (1, 4));
}

#[tokio::test]
async fn what_is_not_proved_or_not_an_update_is_not_taken() {
    let api = BotApi::start().await;
    let (hub, address) = listen(&api).await;
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let update = json!({"update_id": 1, "message": {}}).to_string();
    let post =
        |secret: &str| http.post(&address).header("x-telegram-bot-api-secret-token", secret).body(update.clone());
    assert_eq!(http.post(&address).body(update.clone()).send().await.unwrap().status(), 403);
    assert_eq!(post("wrong").send().await.unwrap().status(), 403);
    assert_eq!(post(TOKEN).send().await.unwrap().status(), 403);
    assert_eq!(http.get(&address).send().await.unwrap().status(), 404);
    assert!(hub.hub.items().is_empty());
}

#[tokio::test]
async fn a_hub_without_a_public_address_says_so() {
    let api = BotApi::start().await;
    let bot = bot(&api.url, TOKEN, TelegramMode::Webhook);
    let trouble = bot.announce(None).await.unwrap_err();
    assert!(matches!(&trouble, Trouble::Settings(why) if why.contains("no public address")), "{trouble:?}");
    let plain = bot.announce(Some("http://hub.example/channels/7")).await.unwrap_err();
    assert!(matches!(&plain, Trouble::Settings(why) if why.contains("HTTPS")), "{plain:?}");
}

#[tokio::test]
async fn a_webhook_that_telegram_cannot_call_is_trouble_and_one_that_was_taken_away_is_set_again() {
    let api = BotApi::start().await;
    let (hub, address) = listen(&api).await;
    let an = api.user(42);
    hub.bot.announce(Some(&address)).await.unwrap();
    hub.hub.refuse(usize::MAX);
    an.writes("hello");
    api.until(|api| api.has_webhook_failed()).await;
    let trouble = trouble(&hub.bot, &hub.hub).await;
    assert!(matches!(&trouble, Trouble::Away { why, .. } if why.contains("503")), "{trouble:?}");

    hub.hub.refuse(0);
    hub.hub.has(1).await;
    let url = format!("{}/bot{TOKEN}/deleteWebhook", api.url);
    reqwest::Client::builder().no_proxy().build().unwrap().get(url).send().await.unwrap();
    let sets = |api: &BotApi| api.calls().iter().filter(|call| *call == "setwebhook").count();
    while_receiving(&hub.bot, &hub.hub, api.until(|api| sets(api) == 2)).await.1.unwrap();
    an.writes("again");
    hub.hub.has(2).await;
}
