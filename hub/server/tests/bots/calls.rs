//! What a bot says, and what it is told when that cannot be.

use reqwest::multipart::Form;
use serde_json::json;

use crate::stage::{Stage, answered};
use crate::support::eventually;

#[tokio::test]
async fn a_bot_hears_a_visitor_and_answers_with_formatting_and_buttons() {
    let stage = Stage::open().await;
    let bot = &stage.bot;
    let me = bot.does("getMe", json!({})).await;
    assert_eq!(
        (&me["username"], &me["is_bot"], &me["can_join_groups"]),
        (&json!("helper_bot"), &json!(true), &json!(false))
    );

    let (mut guest, chat) = stage.guest("/start please").await;
    let updates = bot.fetches(0).await;
    let message = &updates[0]["message"];
    assert_eq!((&message["chat"]["id"], &message["text"]), (&json!(chat), &json!("/start please")));
    assert_eq!(message["entities"], json!([{ "type": "bot_command", "offset": 0, "length": 6 }]));
    assert_eq!(message["from"]["is_bot"], false);

    let markup = json!({ "inline_keyboard": [[{ "text": "Yes", "callback_data": "y" }, { "text": "Site", "url": "example.com" }]] });
    let sent = bot
        .does(
            "sendMessage",
            json!({
                "chat_id": chat, "text": "<b>Hello</b> <a href=\"https://example.com\">there</a>", "parse_mode": "HTML",
                "reply_markup": markup, "reply_parameters": { "message_id": message["message_id"] },
            }),
        )
        .await;
    assert_eq!((&sent["text"], &sent["reply_markup"]), (&json!("Hello there"), &markup));
    assert_eq!(sent["reply_to_message"]["text"], "/start please");
    let shown = guest.socket.message_event("Hello there").await;
    let rich = &shown["message"]["rich"];
    assert_eq!(rich["formats"][0], json!({ "kind": "bold", "offset": 0, "length": 5 }));
    assert_eq!(rich["formats"][1]["url"], "https://example.com/");
    assert_eq!(rich["keyboard"]["kind"], "inline");
    guest.socket.never_heard(&["callback_data"]);

    // What is confirmed does not come again.
    let next = updates[0]["update_id"].as_i64().expect("a number") + 1;
    assert_eq!(bot.does("getUpdates", json!({ "offset": next })).await, json!([]));
}

#[tokio::test]
async fn whatever_way_a_call_comes_it_is_carried_out() {
    let stage = Stage::open().await;
    let (mut guest, chat) = stage.guest("hello").await;
    let (bot, id) = (&stage.bot, chat.to_string());
    let query = [("chat_id", id.as_str()), ("text", "by query")];
    let form = [("chat_id", id.as_str()), ("text", "by form")];
    let multipart = Form::new().text("chat_id", id.clone()).text("text", "by multipart");
    for request in [
        bot.http.get(bot.url("SENDMESSAGE")).query(&query),
        bot.http.post(bot.url("sendmessage")).form(&form),
        bot.http.post(bot.url("sendMessage")).multipart(multipart),
        bot.http.post(bot.url("sendMessage")).query(&query[..1]).json(&json!({ "text": "by both" })),
    ] {
        let (status, answer) = answered(request).await;
        assert_eq!((status, &answer["ok"]), (200, &json!(true)), "{answer}");
    }
    for words in ["by query", "by form", "by multipart", "by both"] {
        guest.socket.message_event(words).await;
    }
}

#[tokio::test]
async fn what_cannot_be_is_refused_in_telegrams_words() {
    let stage = Stage::open().await;
    let (_guest, chat) = stage.guest("hello").await;
    let bot = &stage.bot;
    let bad = |why: &str| format!("400 Bad Request: {why}");
    for (method, parameters, why) in [
        ("sendMessage", json!({ "chat_id": chat }), "message text is empty"),
        ("sendMessage", json!({ "chat_id": chat, "text": " " }), "text must be non-empty"),
        ("sendMessage", json!({ "text": "x" }), "chat_id is empty"),
        ("sendMessage", json!({ "chat_id": 999_999, "text": "x" }), "chat not found"),
        ("sendMessage", json!({ "chat_id": "@somebody", "text": "x" }), "chat not found"),
        ("sendMessage", json!({ "chat_id": chat, "text": "x".repeat(4_097) }), "message is too long"),
        (
            "sendMessage",
            json!({ "chat_id": chat, "text": "ab *x", "parse_mode": "MarkdownV2" }),
            "can't parse entities: Can't find end of Bold entity at byte offset 3",
        ),
        (
            "sendMessage",
            json!({ "chat_id": chat, "text": "x", "reply_parameters": { "message_id": 77 } }),
            "message to be replied not found",
        ),
        (
            "sendMessage",
            json!({ "chat_id": chat, "text": "x", "reply_markup": { "inline_keyboard": [[{ "text": "x", "callback_data": "x".repeat(65) }]] } }),
            "BUTTON_DATA_INVALID",
        ),
        ("editMessageText", json!({ "text": "x" }), "message identifier is not specified"),
        ("editMessageText", json!({ "chat_id": chat, "message_id": 77, "text": "x" }), "message to edit not found"),
        ("editMessageText", json!({ "chat_id": chat, "message_id": 1, "text": "x" }), "message can't be edited"),
        ("deleteMessage", json!({ "chat_id": chat, "message_id": 77 }), "message to delete not found"),
        (
            "copyMessage",
            json!({ "chat_id": chat, "from_chat_id": chat, "message_id": 77 }),
            "message to copy not found",
        ),
        ("sendPhoto", json!({ "chat_id": chat }), "there is no photo in the request"),
        (
            "sendPhoto",
            json!({ "chat_id": chat, "photo": "https://127.0.0.1:9/x.png" }),
            "wrong file identifier/HTTP URL specified",
        ),
        ("getFile", json!({ "file_id": "nothing" }), "invalid file_id"),
        ("sendChatAction", json!({ "chat_id": chat, "action": "dance" }), "wrong parameter action in request"),
        (
            "answerCallbackQuery",
            json!({ "callback_query_id": "1" }),
            "query is too old and response timeout expired or query ID is invalid",
        ),
        (
            "setWebhook",
            json!({ "url": "https://example.com/", "secret_token": "a b" }),
            "secret token contains unallowed characters",
        ),
    ] {
        assert_eq!(bot.refused(method, parameters.clone()).await, bad(why), "{method} {parameters}");
    }
    assert_eq!(bot.refused("sendDice", json!({ "chat_id": chat })).await, "404 Not Found");
    let alone = json!({ "chat_id": chat, "text": "x", "reply_parameters": { "message_id": 77, "allow_sending_without_reply": true } });
    bot.does("sendMessage", alone).await;
}

#[tokio::test]
async fn only_a_token_opens_and_it_shows_nowhere() {
    let stage = Stage::open().await;
    let bot = &stage.bot;
    let (number, _) = bot.token.split_once(':').expect("a number and a secret");
    for (token, answer) in [(format!("{number}:wrong"), "401 Unauthorized"), ("s".to_owned(), "404 Not Found")] {
        let other = crate::stage::Bot { token, ..bot.clone() };
        assert_eq!(other.refused("getMe", json!({})).await, answer);
        let (status, _) = answered(other.http.get(format!("{}/file/bot{}/files/x", other.server, other.token))).await;
        assert_eq!(format!("{status}"), answer[..3]);
    }
    bot.does("getMe", json!({})).await;
    bot.refused("nothing", json!({})).await;
    // An address that names no method is no page, either.
    for path in ["", "/"] {
        for door in ["bot", "file/bot"] {
            let (status, said) = answered(bot.http.get(format!("{}/{door}{}{path}", bot.server, bot.token))).await;
            assert_eq!((status, &said["description"]), (404, &json!("Not Found")), "{door}{path}");
        }
    }
    let (status, said) = answered(bot.http.delete(bot.url("getMe"))).await;
    assert_eq!((status, &said["description"]), (404, &json!("Not Found")));
    let metrics =
        bot.http.get(format!("{}/metrics", bot.server)).send().await.expect("an answer").text().await.expect("text");
    assert!(metrics.contains("/bot{token}/{*method}"));
    assert!(!metrics.contains(&bot.token));

    // A revoked one opens nothing any more.
    stage.owner.delete(&format!("/api/bots/{}/token", bot.id)).await;
    assert_eq!(bot.refused("getMe", json!({})).await, "401 Unauthorized");
}

#[tokio::test]
async fn a_message_is_changed_and_taken_back() {
    let stage = Stage::open().await;
    let (mut guest, chat) = stage.guest("hello").await;
    let bot = &stage.bot;
    let markup = json!({ "inline_keyboard": [[{ "text": "More", "callback_data": "m" }]] });
    let sent = bot.does("sendMessage", json!({ "chat_id": chat, "text": "one", "reply_markup": markup })).await;
    let place = |more: serde_json::Value| {
        let mut place = json!({ "chat_id": chat, "message_id": sent["message_id"] });
        place.as_object_mut().expect("fields").extend(more.as_object().expect("fields").clone());
        place
    };
    let same = bot.refused("editMessageText", place(json!({ "text": "one", "reply_markup": markup }))).await;
    assert!(same.starts_with("400 Bad Request: message is not modified: specified new message content"), "{same}");
    let edited = bot.does("editMessageText", place(json!({ "text": "*two*", "parse_mode": "MarkdownV2" }))).await;
    assert_eq!((&edited["text"], &edited["message_id"]), (&json!("two"), &sent["message_id"]));
    assert!(edited["edit_date"].is_i64() && edited.get("reply_markup").is_none(), "{edited}");
    guest.socket.wait_for("two", |frame| (frame["message"]["text"] == "two").then_some(())).await;
    let again = bot.does("editMessageReplyMarkup", place(json!({ "reply_markup": markup }))).await;
    assert_eq!((&again["text"], &again["reply_markup"]), (&json!("two"), &markup));
    assert_eq!(
        bot.refused("editMessageReplyMarkup", place(json!({ "reply_markup": { "remove_keyboard": true } }))).await,
        "400 Bad Request: inline keyboard expected"
    );
    assert_eq!(bot.does("deleteMessage", place(json!({}))).await, true);
    assert_eq!(bot.refused("deleteMessage", place(json!({}))).await, "400 Bad Request: message to delete not found");
}

#[tokio::test]
async fn a_press_comes_as_a_query_and_is_answered() {
    let stage = Stage::open().await;
    let (mut guest, chat) = stage.guest("hello").await;
    let bot = &stage.bot;
    let markup = json!({ "inline_keyboard": [[{ "text": "No", "callback_data": "n" }, { "text": "Yes", "callback_data": "y" }]] });
    let sent = bot.does("sendMessage", json!({ "chat_id": chat, "text": "Sure?", "reply_markup": markup })).await;
    guest.socket.message_event("Sure?").await;
    let number = sent["message_id"].as_i64().expect("a number");
    assert_eq!(guest.presses(number, 0, 1).await["ok"], "yes");
    let query = eventually("the query", || async {
        bot.fetches(0).await.into_iter().find_map(|update| update.get("callback_query").cloned())
    })
    .await;
    assert_eq!((&query["data"], &query["from"]["id"]), (&json!("y"), &json!(chat)));
    assert_eq!(query["message"]["reply_markup"], markup);
    // What nobody has pressed, and what was another bot's to hear, is answered by nobody.
    let id = query["id"].as_str().expect("an id");
    let (press, _) = id.rsplit_once('-').expect("parts");
    let other = crate::stage::Bot::made_at(&stage.owner, &stage.inbox, "other_bot", 2).await;
    let too_old = "400 Bad Request: query is too old and response timeout expired or query ID is invalid";
    for (bot, id) in [(&other, id.to_owned()), (bot, format!("{press}-1")), (bot, format!("{chat}-{}-3", i64::MAX))] {
        let answer = json!({ "callback_query_id": id, "text": "Never" });
        assert_eq!(bot.refused("answerCallbackQuery", answer).await, too_old, "{id}");
    }
    let answer = json!({ "callback_query_id": query["id"], "text": "Done", "show_alert": true });
    assert_eq!(bot.does("answerCallbackQuery", answer).await, true);
    let told = guest.socket.signal("told", |_| true).await;
    assert_eq!((&told["text"], &told["alert"]), (&json!("Done"), &json!(true)));
}

#[tokio::test]
async fn places_people_and_copies_are_words_that_everybody_can_read() {
    let stage = Stage::open().await;
    let (mut guest, chat) = stage.guest("hello").await;
    let (mut other, there) = stage.guest("I am somebody else").await;
    let bot = &stage.bot;
    // The bot is told of what it sent, as libraries look for it.
    let sent = bot.does("sendLocation", json!({ "chat_id": chat, "latitude": 48.2082, "longitude": "16.3738" })).await;
    assert_eq!(sent["location"], json!({ "latitude": 48.2082, "longitude": 16.3738 }));
    assert_eq!(sent.get("text"), None);
    let place = "https://www.openstreetmap.org/?mlat=48.208200&mlon=16.373800#map=16/48.208200/16.373800";
    guest.socket.message_event(place).await;
    let contact = json!({ "chat_id": chat, "phone_number": "+43 1 234", "first_name": "An", "last_name": "Bo" });
    let sent = bot.does("sendContact", contact).await;
    assert_eq!(sent["contact"], json!({ "phone_number": "+43 1 234", "first_name": "An", "last_name": "Bo" }));
    guest.socket.message_event("An Bo\n+43 1 234").await;

    let from = json!({ "chat_id": chat, "from_chat_id": there, "message_id": 1 });
    assert!(bot.does("copyMessage", from.clone()).await["message_id"].is_i64());
    guest.socket.message_event("I am somebody else").await;
    let forwarded = bot.does("forwardMessage", from).await;
    assert_eq!(forwarded["forward_origin"]["sender_user"]["id"], there);
    other.socket.never_heard(&["43 1 234"]);
}

#[tokio::test]
async fn commands_are_kept_for_each_scope_and_language() {
    let stage = Stage::open().await;
    let bot = &stage.bot;
    assert_eq!(bot.does("getMyCommands", json!({})).await, json!([]));
    let commands = json!([{ "command": "start", "description": "Begin" }]);
    bot.does("setMyCommands", json!({ "commands": commands })).await;
    let german = json!([{ "command": "start", "description": "Anfangen" }]);
    bot.does("setMyCommands", json!({ "commands": german, "language_code": "de" })).await;
    assert_eq!(bot.does("getMyCommands", json!({})).await, commands);
    assert_eq!(bot.does("getMyCommands", json!({ "language_code": "de" })).await, german);
    bot.does("deleteMyCommands", json!({})).await;
    assert_eq!(bot.does("getMyCommands", json!({})).await, json!([]));
    assert_eq!(bot.does("getMyCommands", json!({ "language_code": "de" })).await, german);
}

#[tokio::test]
async fn more_than_thirty_messages_a_second_are_told_to_wait() {
    let stage = Stage::open().await;
    let (_guest, chat) = stage.guest("hello").await;
    let said =
        (0..300).map(|number| stage.bot.asks("sendMessage", json!({ "chat_id": chat, "text": format!("{number}") })));
    let answers = futures_util::future::join_all(said).await;
    let waits: Vec<_> = answers.iter().filter(|(status, _)| *status == 429).collect();
    assert!(!waits.is_empty() && waits.len() <= 270, "{} wait", waits.len());
    let (_, answer) = waits[0];
    assert_eq!(answer["parameters"]["retry_after"], 1);
    assert_eq!(answer["description"], "Too Many Requests: retry after 1");
}
