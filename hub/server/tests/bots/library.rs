//! A library, as bots use it, against the hub: teloxide knows nothing of it but an address.

use std::time::Duration;

use serde_json::json;
use teloxide_core::ApiError;
use teloxide_core::RequestError;
use teloxide_core::net::Download;
use teloxide_core::payloads::{
    AnswerCallbackQuerySetters, EditMessageTextSetters, GetUpdatesSetters, SendDocumentSetters, SendMessageSetters,
};
use teloxide_core::requests::Requester;
use teloxide_core::types::{
    AllowedUpdate, BotCommand, ChatAction, ChatId, InlineKeyboardButton, InlineKeyboardMarkup, InputFile, ParseMode,
    UpdateKind,
};

use crate::stage::Stage;

#[tokio::test]
async fn teloxide_finds_here_what_it_knows() {
    let stage = Stage::open().await;
    let http = reqwest::Client::builder().no_proxy().build().expect("a client");
    let bot = teloxide_core::Bot::with_client(&stage.bot.token, http);
    let bot = bot.set_api_url(stage.bot.server.parse().expect("an address"));
    let me = bot.get_me().await.expect("it knows itself");
    assert_eq!((me.username(), me.can_join_groups), ("helper_bot", false));
    bot.delete_webhook().await.expect("none");
    assert!(bot.get_webhook_info().await.expect("told").url.is_none());
    bot.set_my_commands([BotCommand::new("start", "Begin")]).await.expect("kept");
    assert_eq!(bot.get_my_commands().await.expect("told")[0].command, "start");

    let (mut guest, chat) = stage.guest("/start").await;
    let fetch = |offset: i32| {
        let kinds = [AllowedUpdate::Message, AllowedUpdate::CallbackQuery, AllowedUpdate::MyChatMember];
        bot.get_updates().offset(offset).timeout(20).limit(10).allowed_updates(kinds)
    };
    let updates = fetch(0).await.expect("updates");
    let UpdateKind::Message(message) = &updates[0].kind else { panic!("{updates:?}") };
    assert_eq!((message.text(), message.chat.id), (Some("/start"), ChatId(chat)));

    let buttons = InlineKeyboardMarkup::new([[InlineKeyboardButton::callback("Yes", "y")]]);
    let send = bot.send_message(message.chat.id, "*Sure*\\?").parse_mode(ParseMode::MarkdownV2);
    let sent = send.reply_markup(buttons.clone()).await.expect("sent");
    assert_eq!((sent.text(), sent.reply_markup()), (Some("Sure?"), Some(&buttons)));
    guest.socket.message_event("Sure?").await;
    guest.presses(i64::from(sent.id.0), 0, 0).await;
    let next = updates.last().expect("one").id.as_offset();
    let updates = fetch(next).await.expect("updates");
    let UpdateKind::CallbackQuery(query) = &updates[0].kind else { panic!("{updates:?}") };
    assert_eq!(query.data.as_deref(), Some("y"));
    assert_eq!(query.regular_message().and_then(|message| message.text()), Some("Sure?"));
    bot.answer_callback_query(query.id.clone()).text("Good").await.expect("answered");
    guest.socket.signal("told", |told| told["text"] == "Good").await;
    let edited = bot.edit_message_text(sent.chat.id, sent.id, "<u>Settled</u>").parse_mode(ParseMode::Html).await;
    assert!(edited.expect("edited").edit_date().is_some());
    bot.send_chat_action(sent.chat.id, ChatAction::Typing).await.expect("shown");

    let file = InputFile::memory("a few words").file_name("words.txt");
    let sent = bot.send_document(sent.chat.id, file).caption("here").await.expect("sent");
    let file = bot.get_file(sent.document().expect("a document").file.id.clone()).await.expect("told");
    let mut bytes = Vec::new();
    bot.download_file(&file.path, &mut bytes).await.expect("fetched");
    assert_eq!(bytes, b"a few words");
    assert_eq!(bot.get_chat(sent.chat.id).await.expect("told").id, sent.chat.id);
    bot.delete_message(sent.chat.id, sent.id).await.expect("gone");
    let gone = bot.delete_message(sent.chat.id, sent.id).await;
    assert!(matches!(gone, Err(RequestError::Api(ApiError::MessageToDeleteNotFound))), "{gone:?}");

    stage.owner.put(&format!("/api/conversations/{}/bots/{}/block", guest.conversation, stage.bot.id), json!({})).await;
    let refused = bot.send_message(sent.chat.id, "too late").await;
    assert!(matches!(refused, Err(RequestError::Api(ApiError::BotBlocked))), "{refused:?}");
    let updates = tokio::time::timeout(Duration::from_secs(15), fetch(updates[0].id.as_offset())).await;
    let updates = updates.expect("in time").expect("updates");
    assert!(matches!(updates[0].kind, UpdateKind::MyChatMember(_)), "{updates:?}");
}
