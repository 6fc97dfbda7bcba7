//! The Bot API server of these tests, used by other people's clients unchanged: it is not to be shaped after our use of it.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use serde_json::json;
use teloxide_core::payloads::{
    GetUpdatesSetters, SendMediaGroupSetters, SendMessageSetters, SendPhotoSetters, SetWebhookSetters,
};
use teloxide_core::prelude::Requester;
use teloxide_core::types::{
    AllowedUpdate, ChatAction, ChatId, InputFile, InputMedia, InputMediaDocument, MessageEntity, ReplyParameters,
    UpdateKind,
};
use teloxide_core::{ApiError, Bot, RequestError, net::Download};

use crate::bot_api::{BotApi, NAME, TOKEN};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\npicture";

fn teloxide(api: &BotApi) -> Bot {
    let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(30)).build().unwrap();
    Bot::with_client(TOKEN, client).set_api_url(api.url.parse().unwrap())
}

#[tokio::test]
async fn teloxide_receives() {
    let api = BotApi::start().await;
    let (an, bot) = (api.user(42), teloxide(&api));
    assert_eq!(bot.get_me().await.unwrap().username(), NAME);
    let later = async {
        api.until(|api| api.calls().contains(&"getupdates".to_owned())).await;
        an.writes("hello");
    };
    let (updates, ()) = tokio::join!(async { bot.get_updates().timeout(20).await.unwrap() }, later);
    let UpdateKind::Message(hello) = &updates[0].kind else { panic!("{updates:?}") };
    assert_eq!((hello.text(), hello.chat.id), (Some("hello"), ChatId(42)));
    let next = updates[0].id.as_offset();

    an.says(json!({"photo": an.photo(PNG), "caption": "look", "media_group_id": "7"}));
    an.blocks();
    let updates = bot.get_updates().offset(next).await.unwrap();
    let [photo, blocked] = updates.as_slice() else { panic!("{updates:?}") };
    let UpdateKind::Message(photo) = &photo.kind else { panic!("{photo:?}") };
    let largest = photo.photo().unwrap().last().unwrap();
    let file = bot.get_file(largest.file.id.clone()).await.unwrap();
    let mut bytes = Vec::new();
    bot.download_file(&file.path, &mut bytes).await.unwrap();
    assert_eq!(bytes, PNG);
    let UpdateKind::MyChatMember(member) = &blocked.kind else { panic!("{blocked:?}") };
    assert!(member.new_chat_member.is_banned());
}

#[tokio::test]
async fn teloxide_sends() {
    let api = BotApi::start().await;
    api.user(42);
    let (bot, chat) = (teloxide(&api), ChatId(42));
    let first = bot.send_message(chat, "bold").entities([MessageEntity::bold(0, 4)]).await.unwrap();
    assert_eq!(first.entities().unwrap().len(), 1);
    let photo = InputFile::memory(PNG).file_name("a.png");
    let photo =
        bot.send_photo(chat, photo).caption("below").reply_parameters(ReplyParameters::new(first.id)).await.unwrap();
    assert_eq!((photo.caption(), photo.reply_to_message().unwrap().id), (Some("below"), first.id));
    let paper = || InputMedia::Document(InputMediaDocument::new(InputFile::memory("%PDF").file_name("a.pdf")));
    let album = bot.send_media_group(chat, [paper(), paper()]).disable_notification(true).await.unwrap();
    assert_eq!(album.len(), 2);
    assert_eq!(album[0].media_group_id(), album[1].media_group_id());
    assert_eq!(album[0].document().unwrap().file_name.as_deref(), Some("a.pdf"));
    bot.send_chat_action(chat, ChatAction::Typing).await.unwrap();
}

#[tokio::test]
async fn teloxide_understands_the_refusals() {
    let api = BotApi::start().await;
    let bot = teloxide(&api);
    let error = bot.send_message(ChatId(9), "x").await.unwrap_err();
    assert!(matches!(error, RequestError::Api(ApiError::ChatNotFound)), "{error:?}");
    api.user(42).blocks();
    let error = bot.send_message(ChatId(42), "x").await.unwrap_err();
    assert!(matches!(error, RequestError::Api(ApiError::BotBlocked)), "{error:?}");
    api.user(43);
    api.flood(43, 12);
    let error = bot.send_message(ChatId(43), "x").await.unwrap_err();
    assert!(matches!(error, RequestError::RetryAfter(seconds) if seconds.seconds() == 12), "{error:?}");
    let error =
        Bot::with_client("1:wrong", bot.client().clone()).set_api_url(bot.api_url()).get_me().await.unwrap_err();
    assert!(matches!(error, RequestError::Api(ApiError::InvalidToken)), "{error:?}");

    let hook = bot.set_webhook("https://hub.example/7".parse().unwrap());
    hook.allowed_updates([AllowedUpdate::Message]).secret_token("s3cret").await.unwrap();
    let info = bot.get_webhook_info().await.unwrap();
    assert_eq!(
        (info.url.unwrap().as_str(), info.allowed_updates),
        ("https://hub.example/7", Some(vec![AllowedUpdate::Message]))
    );
    let error = bot.get_updates().await.unwrap_err();
    // The server's sentence has grown since teloxide learnt it.
    assert!(error.to_string().contains("can't use getUpdates method while webhook is active"), "{error:?}");
    bot.delete_webhook().await.unwrap();
    // That chat 42 has blocked the bot still waits there.
    let blocked = bot.get_updates().await.unwrap();
    bot.get_updates().offset(blocked[0].id.as_offset()).await.unwrap();
    let (older, newer) = tokio::join!(async { bot.get_updates().timeout(20).await }, async {
        api.until(|api| api.calls().iter().filter(|call| *call == "getupdates").count() == 4).await;
        bot.get_updates().await
    });
    assert!(matches!(older, Err(RequestError::Api(ApiError::TerminatedByOtherGetUpdates))), "{older:?}");
    newer.unwrap();
}

#[tokio::test]
#[ignore = "needs python-telegram-bot: ./dev test conformance"]
async fn python_telegram_bot_sends_and_receives() {
    #[expect(clippy::disallowed_methods, reason = "whoever starts the test says which Python has the library")]
    let python =
        std::env::var("PYTHON_TELEGRAM_BOT").expect("PYTHON_TELEGRAM_BOT names a Python with python-telegram-bot");
    let api = BotApi::start().await;
    let an = api.user(42);
    let id = an.writes("hello");
    an.says(json!({"photo": an.photo(PNG), "caption": "look"}));
    an.edits(id, json!({"text": "hello again"}));
    api.user(13).blocks();
    api.user(29);
    api.flood(29, 7);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python_telegram_bot.py");
    let run = tokio::process::Command::new(python).arg(script).args([&api.url, TOKEN]).stdin(Stdio::null()).output();
    let output = tokio::time::timeout(Duration::from_secs(60), run).await.unwrap().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{said}");
}
