//! What goes out, and what is said of it.

use std::time::Duration;

use serde_json::json;
use switchboard_connector::{Connector, Recipient, SendError, Trouble};
use switchboard_protocol::channels::TelegramMode;
use tokio::time::Instant;

use crate::bot_api::{BOT, BotApi, Surprise};
use crate::hub::{bot, file, outgoing, polling};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\npicture";

#[tokio::test]
async fn a_text_goes_out_as_an_answer_with_its_formatting() {
    let api = BotApi::start().await;
    let asked = api.user(42).writes("How much?");
    let mut message = outgoing(42, "ignored where there is rich text");
    message.html = Some("<p>It is <b>7 €</b> 😀 <a href=\"https://example.com/\">here</a></p>".into());
    // Of several, as an album has, the first; what is no message of this chat is none.
    message.answers =
        vec![format!("{BOT}:42:{}", asked + 7), format!("{BOT}:42:{asked}"), format!("{BOT}:42:album:9"), "x".into()];
    let sent = polling(&api.url).send(&message).await.unwrap();
    let there = api.sent();
    assert_eq!(there.len(), 1);
    assert_eq!(sent.references, [format!("{BOT}:42:{}", there[0].message["message_id"])]);
    assert_eq!(there[0].message["text"], "It is 7 € 😀 here");
    assert_eq!(there[0].message["reply_to_message"]["message_id"], asked);
    let entities = json!([{"type": "bold", "offset": 6, "length": 3},
        {"type": "text_link", "offset": 13, "length": 4, "url": "https://example.com/"}]);
    assert_eq!(there[0].message["entities"], entities);
}

#[tokio::test]
async fn a_long_text_goes_out_whole_in_order_and_no_faster_than_a_chat_may_be_written_to() {
    let api = BotApi::start().await;
    api.user(42);
    let paragraphs: Vec<String> = (0..40).map(|number| format!("{number}: {}", "word ".repeat(40))).collect();
    let began = Instant::now();
    let sent = polling(&api.url).send(&outgoing(42, &paragraphs.join("\n\n"))).await.unwrap();
    let there = api.sent();
    assert_eq!((there.len(), sent.references.len()), (3, 3));
    assert!(began.elapsed() >= Duration::from_secs(2), "one message a second");
    let whole: String =
        there.iter().map(|sent| sent.message["text"].as_str().unwrap()).collect::<Vec<_>>().join("\n\n");
    assert_eq!(
        whole.split_whitespace().collect::<Vec<_>>(),
        paragraphs.join(" ").split_whitespace().collect::<Vec<_>>()
    );
    assert!(there[1].message["text"].as_str().unwrap().contains(": word"), "cut between paragraphs");
}

#[tokio::test]
async fn pictures_are_an_album_and_other_files_another() {
    let api = BotApi::start().await;
    api.user(42);
    let mut message = outgoing(42, "Both pictures and the papers");
    message.files = vec![
        file("front.png", "image/png", PNG),
        file("terms.pdf", "application/pdf", b"%PDF-1"),
        file("back.png", "image/png", PNG),
    ];
    let sent = polling(&api.url).send(&message).await.unwrap();
    let there = api.sent();
    let methods: Vec<&str> = there.iter().map(|sent| sent.method.as_str()).collect();
    assert_eq!(methods, ["sendmediagroup", "sendmediagroup", "senddocument"]);
    assert_eq!(sent.references.len(), 3);
    assert_eq!(there[0].message["caption"], "Both pictures and the papers");
    assert_eq!(there[0].message["media_group_id"], there[1].message["media_group_id"]);
    assert!(there[1].message.get("caption").is_none());
    let (name, media_type, bytes) = there[2].file.clone().unwrap();
    assert_eq!((name.as_str(), media_type.as_str(), &bytes[..]), ("terms.pdf", "application/pdf", &b"%PDF-1"[..]));
}

#[tokio::test]
async fn a_picture_that_telegram_does_not_take_goes_as_a_file() {
    let api = BotApi::start().await;
    api.user(42);
    let mut message = outgoing(42, "");
    message.files = vec![file("mislabelled.png", "image/png", b"not a picture")];
    polling(&api.url).send(&message).await.unwrap();
    assert_eq!(api.sent()[0].method, "senddocument");
}

#[tokio::test]
async fn each_refusal_is_what_it_is() {
    let api = BotApi::start().await;
    let (an, bo) = (api.user(42), api.user(43));
    let connector = polling(&api.url);
    bo.blocks();
    assert_eq!(connector.send(&outgoing(43, "x")).await, refused("An has blocked the bot"));
    assert_eq!(connector.send(&outgoing(99, "x")).await, refused("Telegram says: Bad Request: chat not found"));
    assert_eq!(connector.send(&outgoing(an.chat, " ")).await, refused("the message is empty"));
    api.flood(44, 12);
    api.user(44);
    let later = connector.send(&outgoing(44, "x")).await;
    let after = Some(Duration::from_secs(12));
    assert_eq!(later, Err(SendError::Later { why: "Telegram asks to wait".into(), after, all: false }));
    let wrong = bot(&api.url, "1:wrong", TelegramMode::Polling).send(&outgoing(42, "x")).await;
    assert!(matches!(wrong, Err(SendError::Broken { .. })), "{wrong:?}");
    let nobody = polling("http://127.0.0.1:9").send(&outgoing(42, "x")).await;
    assert!(matches!(nobody, Err(SendError::Later { all: true, .. })), "{nobody:?}");
    assert!(api.sent().is_empty());
}

#[tokio::test]
async fn a_server_that_has_moved_is_the_admins_to_mend_and_no_message_s_fault() {
    let api = BotApi::start().await;
    api.user(42);
    let connector = polling(&api.url);
    for code in [301, 302, 307, 308] {
        api.surprise("sendmessage", Surprise::Page { code });
        let moved = connector.send(&outgoing(42, "x")).await;
        assert!(matches!(&moved, Err(SendError::Broken { why }) if why.contains("leads to another")), "{moved:?}");
    }
    api.surprise("getme", Surprise::Page { code: 301 });
    let moved = connector.check().await;
    assert!(matches!(&moved, Err(Trouble::Settings(why)) if why.contains("leads to another")), "{moved:?}");
    connector.send(&outgoing(42, "x")).await.unwrap();
}

#[tokio::test]
async fn one_chat_that_is_to_wait_keeps_nobody_else_waiting_and_two_are_all() {
    let api = BotApi::start().await;
    for chat in [42, 43, 44] {
        api.user(chat);
    }
    api.flood(43, 12);
    api.flood(44, 12);
    let connector = polling(&api.url);
    let all = |outcome| match outcome {
        Err(SendError::Later { all, .. }) => all,
        other => panic!("{other:?}"),
    };
    assert!(!all(connector.send(&outgoing(43, "x")).await));
    connector.send(&outgoing(42, "x")).await.unwrap();
    assert!(!all(connector.send(&outgoing(43, "x")).await), "it is still that chat alone");
    assert!(all(connector.send(&outgoing(44, "x")).await));
}

#[tokio::test]
async fn an_answer_that_is_lost_leaves_doubt_and_at_once() {
    let api = BotApi::start().await;
    for chat in [42, 43, 44] {
        api.user(chat);
    }
    let connector = polling(&api.url);
    let began = Instant::now();
    api.surprise("sendmessage", Surprise::DoneAndLost);
    let lost = connector.send(&outgoing(42, "x")).await;
    api.surprise("sendmessage", Surprise::Page { code: 502 });
    let gateway = connector.send(&outgoing(43, "x")).await;
    api.surprise(
        "sendmessage",
        Surprise::Refuse { code: 500, description: "Internal Server Error", retry_after: None },
    );
    let broken = connector.send(&outgoing(44, "x")).await;
    for outcome in [lost, gateway, broken] {
        assert!(matches!(outcome, Err(SendError::Uncertain { .. })), "{outcome:?}");
    }
    assert!(began.elapsed() < Duration::from_secs(9), "a server's error holds nothing up");
    assert_eq!(api.sent().len(), 1);
}

#[tokio::test]
async fn a_later_part_that_did_not_go_is_tried_again_and_else_the_truth_is_told() {
    let api = BotApi::start().await;
    api.user(42);
    let connector = polling(&api.url);
    let long = outgoing(42, &format!("{}\n\n{}", "a ".repeat(2_000), "b ".repeat(2_000)));
    let busy = || Surprise::Refuse { code: 429, description: "Too Many Requests: retry after 1", retry_after: Some(1) };
    let refuse = || Surprise::Refuse { code: 400, description: "Bad Request: no", retry_after: None };
    // The first request is to go through: it is the second one that is surprised.
    let (sent, ()) = tokio::join!(connector.send(&long), async {
        api.until(|api| api.sent().len() == 1).await;
        api.surprise("sendmessage", busy());
    });
    assert_eq!(sent.unwrap().references.len(), 2);
    let (torn, ()) = tokio::join!(connector.send(&long), async {
        api.until(|api| api.sent().len() == 3).await;
        api.surprise("sendmessage", refuse());
    });
    let why = "1 of 2 parts were sent, the rest was not sent: Bad Request: no".into();
    assert_eq!(torn, Err(SendError::Uncertain { why }));
    // Longer than anybody waits for one message.
    let (torn, ()) = tokio::join!(connector.send(&long), async {
        api.until(|api| api.sent().len() == 4).await;
        let description = "Too Many Requests: retry after 600";
        api.surprise("sendmessage", Surprise::Refuse { code: 429, description, retry_after: Some(600) });
    });
    assert!(matches!(&torn, Err(SendError::Uncertain { why }) if why.contains("600")), "{torn:?}");
}

#[tokio::test]
async fn the_customer_sees_that_somebody_writes() {
    let api = BotApi::start().await;
    api.user(42);
    polling(&api.url).typing(&Recipient { key: "42".into(), name: None }).await;
    assert_eq!(api.calls(), ["sendchataction"]);
}

fn refused<T>(why: &str) -> Result<T, SendError> {
    Err(SendError::Refused { why: why.into() })
}
