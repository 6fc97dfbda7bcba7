//! Updates of known fields with whatever in them. The library behind has its own ideas of what can be there; nothing that
//! comes may bring the connector down, or be answered as if it were to come again.

use bytes::Bytes;
use proptest::prelude::*;
use serde_json::{Value, json};
use switchboard_connector::{Connector, Webhook};
use switchboard_protocol::channels::TelegramMode;

use crate::bot_api::{BotApi, TOKEN};
use crate::hub::{Hub, bot};

#[test]
fn whatever_an_update_holds_it_is_answered() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (bot, hub) = (bot("http://127.0.0.1:9", TOKEN, TelegramMode::Webhook), Hub::default());
    let secret = secret(&runtime);
    proptest!(ProptestConfig::default(), |(update in update())| {
        let headers = vec![("x-telegram-bot-api-secret-token".to_owned(), secret.clone())];
        let body = Bytes::from(update.to_string());
        let request = Webhook { method: "POST".into(), url: String::new(), rest: String::new(), headers, body, at: 0 };
        let answer = runtime.block_on(bot.webhook(request, &hub));
        prop_assert!([200, 400].contains(&answer.status), "{} for {update}", answer.status);
    });
}

/// The secret as Telegram is told it.
fn secret(runtime: &tokio::runtime::Runtime) -> String {
    runtime.block_on(async {
        let api = BotApi::start().await;
        bot(&api.url, TOKEN, TelegramMode::Webhook).announce(Some("https://hub.example/7")).await.unwrap();
        api.webhook_secret().unwrap()
    })
}

fn update() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (0i64..50).prop_map(Value::from),
        "(private|bold|text_link|hidden_user|kicked|https://a.b/|/start x|[a-zé😀 ]{0,6})".prop_map(Value::from),
    ];
    let fields = "(text|caption|entities|caption_entities|type|offset|length|url|id|is_bot|first_name|username|reply_to_message|\
        quote|forward_origin|sender_user_name|location|latitude|longitude|contact|phone_number|dice|emoji|value|venue|poll|\
        question|options|new_chat_member|old_chat_member|status|user|edit_date|media_group_id|thumbnail|pinned_message)";
    let value = leaf.prop_recursive(4, 48, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map(fields, inner, 0..6).prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    });
    let message = prop::collection::hash_map(fields, value, 0..6).prop_map(|map| {
        let mut message = json!({"message_id": 7, "date": 1_790_000_000, "chat": {"id": 42, "type": "private", "first_name": "An"},
            "from": {"id": 42, "is_bot": false, "first_name": "An"}});
        message.as_object_mut().unwrap().extend(map);
        message
    });
    let kinds =
        prop_oneof![Just("message"), Just("edited_message"), Just("my_chat_member"), Just("channel_post"), Just("new")];
    (kinds, message).prop_map(|(kind, message)| json!({"update_id": 7, kind: message}))
}
