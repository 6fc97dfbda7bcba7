//! Files that bots send and fetch.

use reqwest::multipart::{Form, Part};
use serde_json::json;
use tokio::io::AsyncWriteExt;

use crate::stage::{Bot, Stage, answered};

/// The smallest PNG.
const PNG: &[u8] = &[
    0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d, b'I', b'H', b'D', b'R', 0, 0, 0, 1, 0, 0, 0, 1, 8,
    6, 0, 0, 0, 0x1f, 0x15, 0xc4, 0x89, 0, 0, 0, 0x0d, b'I', b'D', b'A', b'T', 0x78, 0x9c, 0x63, 0, 1, 0, 0, 5, 0, 1,
    0x0d, 0x0a, 0x2d, 0xb4, 0, 0, 0, 0, b'I', b'E', b'N', b'D', 0xae, 0x42, 0x60, 0x82,
];

/// Too long for a call that needs no room.
const LONG: &[u8] = &[b'a'; 400_000];

fn file(bytes: &'static [u8], name: &'static str) -> Part {
    Part::bytes(bytes).file_name(name)
}

#[tokio::test]
async fn a_file_is_sent_told_of_fetched_and_sent_again() {
    let stage = Stage::open().await;
    let (mut guest, chat) = stage.guest("hello").await;
    let bot = &stage.bot;
    let form = Form::new().text("chat_id", chat.to_string()).text("caption", "<i>terms</i>").text("parse_mode", "HTML");
    let (status, answer) =
        bot.uploads("sendDocument", form.part("document", file(b"some words", "terms & more.TXT"))).await;
    assert_eq!(status, 200, "{answer}");
    let sent = &answer["result"];
    assert_eq!((&sent["caption"], &sent["document"]["file_name"]), (&json!("terms"), &json!("terms & more.TXT")));
    let shown = guest.socket.message_event("terms").await;
    assert_eq!(shown["message"]["attachments"][0]["bytes"], 10);

    let id = &sent["document"]["file_id"];
    let told = bot.does("getFile", json!({ "file_id": id })).await;
    assert_eq!(told["file_size"], 10);
    let path = told["file_path"].as_str().expect("a path");
    assert!(path.ends_with(".txt"), "{path}");
    let fetched = bot.http.get(format!("{}/file/bot{}/{path}", bot.server, bot.token)).send().await.expect("an answer");
    assert_eq!((fetched.status().as_u16(), fetched.bytes().await.expect("bytes").as_ref()), (200, &b"some words"[..]));
    let (status, _) = answered(bot.http.get(format!("{}/file/bot{}/files/none", bot.server, bot.token))).await;
    assert_eq!(status, 404);

    let again = bot.does("sendDocument", json!({ "chat_id": chat, "document": id, "caption": "again" })).await;
    assert_eq!(again["document"]["file_name"], "terms & more.TXT");
    let shown = guest.socket.message_event("again").await;
    assert_eq!(shown["message"]["attachments"][0]["bytes"], 10);
    let copied = bot.does(
        "copyMessage",
        json!({ "chat_id": chat, "from_chat_id": chat, "message_id": again["message_id"], "caption": "copied" }),
    );
    copied.await;
    let shown = guest.socket.message_event("copied").await;
    assert_eq!(shown["message"]["attachments"][0]["name"], "terms & more.TXT");
}

#[tokio::test]
async fn a_picture_is_a_photo_and_several_are_an_album() {
    let stage = Stage::open().await;
    let (mut guest, chat) = stage.guest("hello").await;
    let bot = &stage.bot;
    let form = Form::new().text("chat_id", chat.to_string()).part("photo", file(PNG, "dot.png"));
    let (status, answer) = bot.uploads("sendPhoto", form).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(answer["result"]["photo"][0]["file_size"], PNG.len());
    let media = json!([
        { "type": "photo", "media": "attach://one", "caption": "both" },
        { "type": "document", "media": "attach://two" },
    ]);
    let form = Form::new().text("chat_id", chat.to_string()).text("media", media.to_string());
    let form = form.part("one", file(PNG, "one.png")).part("two", file(b"words", "two.txt"));
    let (status, answer) = bot.uploads("sendMediaGroup", form).await;
    assert_eq!(status, 200, "{answer}");
    let sent = answer["result"].as_array().expect("a list");
    assert!(sent.len() == 2 && sent[0]["photo"].is_array() && sent[1]["document"].is_object(), "{sent:?}");
    assert_eq!((&sent[0]["caption"], sent[1].get("caption")), (&json!("both"), None));
    let shown = guest.socket.message_event("both").await;
    assert_eq!(shown["message"]["attachments"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn what_a_visitor_sends_is_the_bots_to_fetch_and_other_bots_not() {
    let stage = Stage::open().await;
    let (mut guest, _chat) = stage.guest("hello").await;
    let at = stage.world.address(0);
    let visitor = crate::support::Visitor::comes(at, &stage.inbox).await;
    let upload =
        stage.bot.http.post(format!("http://{at}/api/visitor/attachments?name=mine.txt")).bearer_auth(&visitor.token);
    let up: serde_json::Value = upload.body("mine").send().await.expect("an answer").json().await.expect("JSON");
    let mut socket = visitor.connects(at).await;
    let send = json!({ "do": "send", "text": "look", "attachments": [up["attachment"]["id"]] });
    assert_eq!(socket.does(send).await["ok"], "yes");
    guest.writes("still here").await;
    let found = crate::support::eventually("the file", || async {
        let found = stage.bot.fetches(0).await;
        found.into_iter().find(|update| update["message"]["caption"] == "look")
    })
    .await;
    let id = &found["message"]["document"]["file_id"];
    assert!(stage.bot.does("getFile", json!({ "file_id": id })).await["file_path"].is_string());
    let elsewhere = stage.owner.makes_inbox("Elsewhere").await;
    let other = crate::stage::Bot::made(&stage.owner, &elsewhere, "other_bot").await;
    let refused = other.refused("getFile", json!({ "file_id": id })).await;
    assert!(refused.starts_with("400 Bad Request: "), "{refused}");
}

/// Room for calls with files is what the hub has least of.
#[tokio::test]
async fn a_bot_whose_files_come_slowly_keeps_no_other_from_sending_its_own() {
    let stage = Stage::open().await;
    let (mut guest, chat) = stage.guest("hello").await;
    let slow = Bot::made_at(&stage.owner, &stage.inbox, "slow_bot", 2).await;
    let mut coming = Vec::new();
    for _ in 0..8 {
        let head = format!("POST /bot{}/sendDocument HTTP/1.1\r\nhost: hub\r\n", slow.token);
        let body = "content-type: multipart/form-data; boundary=b\r\ncontent-length: 900000\r\n\r\n--b\r\n";
        let mut call = tokio::net::TcpStream::connect(stage.owner.at).await.expect("the hub");
        call.write_all(format!("{head}{body}").as_bytes()).await.expect("it takes the beginning");
        coming.push(call);
    }
    let form = Form::new().text("chat_id", chat.to_string()).text("caption", "in between");
    let (status, answer) = stage.bot.uploads("sendDocument", form.part("document", file(LONG, "long.txt"))).await;
    assert_eq!(status, 200, "{answer}");
    guest.socket.message_event("in between").await;
}

#[tokio::test]
async fn files_are_kept_for_no_message_that_may_not_be_sent() {
    let stage = Stage::open().await;
    let (guest, chat) = stage.guest("hello").await;
    let block = format!("/api/conversations/{}/bots/{}/block", guest.conversation, stage.bot.id);
    stage.owner.put(&block, json!({ "until": null })).await;
    for (to, why) in [(chat, "Forbidden: bot was blocked by the user"), (chat + 1, "Bad Request: chat not found")] {
        let form = Form::new().text("chat_id", to.to_string()).part("document", file(LONG, "long.txt"));
        let (_, answer) = stage.bot.uploads("sendDocument", form).await;
        assert_eq!(answer["description"], why);
    }
    let kept = stage.world.files().into_iter().filter(|bytes| *bytes == LONG.len() as u64).count();
    assert_eq!(kept, 0);
    stage.owner.delete(&block).await;
    let answer = json!({ "message_id": 4_711 }).to_string();
    let form = Form::new().text("chat_id", chat.to_string()).text("reply_parameters", answer);
    let (_, answer) = stage.bot.uploads("sendDocument", form.part("document", file(LONG, "long.txt"))).await;
    assert_eq!(answer["description"], "Bad Request: message to be replied not found");
    let kept = stage.world.files().into_iter().filter(|bytes| *bytes == LONG.len() as u64).count();
    assert_eq!(kept, 0);
}

#[tokio::test]
async fn one_file_named_again_and_again_is_no_way_round_what_a_message_may_have() {
    let stage = Stage::open().await;
    let (_guest, chat) = stage.guest("hello").await;
    let large = vec![b'a'; 22 * 1024 * 1024];
    let media = json!([1, 2, 3].map(|_| json!({ "type": "document", "media": "attach://large" })));
    let form = Form::new().text("chat_id", chat.to_string()).text("media", media.to_string());
    let form = form.part("large", Part::bytes(large).file_name("large.txt"));
    let (status, answer) = stage.bot.uploads("sendMediaGroup", form).await;
    assert_eq!((status, &answer["description"]), (413, &json!("Request Entity Too Large")));
    assert_eq!(stage.world.files().into_iter().filter(|bytes| *bytes == 22 * 1024 * 1024).count(), 0);
}

/// Serves a few files from this machine; where.
async fn files_elsewhere() -> std::net::SocketAddr {
    let app = axum::Router::new()
        .route("/dot.png", axum::routing::get(|| async { PNG }))
        .route("/large.png", axum::routing::get(|| async { vec![0_u8; 6 * 1024 * 1024] }));
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let at = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, app).await });
    at
}

#[tokio::test]
async fn a_file_is_fetched_from_its_address_where_the_operator_lets_the_hub_go() {
    let at = files_elsewhere().await;
    let stage = Stage::tuned(|config, _| config.channels.private_addresses = true).await;
    let (mut guest, chat) = stage.guest("hello").await;
    let send = |name: &str| json!({ "chat_id": chat, "photo": format!("http://{at}/{name}"), "caption": "by address" });
    let sent = stage.bot.does("sendPhoto", send("dot.png")).await;
    assert_eq!(sent["photo"][0]["file_size"], PNG.len());
    let shown = guest.socket.message_event("by address").await;
    assert_eq!(shown["message"]["attachments"][0]["name"], "dot.png");
    for name in ["large.png", "none.png"] {
        let refused = stage.bot.refused("sendPhoto", send(name)).await;
        assert_eq!(refused, "400 Bad Request: failed to get HTTP URL content", "{name}");
    }

    let fenced = Stage::open().await;
    let (_guest, chat) = fenced.guest("hello").await;
    let call = json!({ "chat_id": chat, "photo": format!("http://{at}/dot.png") });
    assert_eq!(
        fenced.bot.refused("sendPhoto", call).await,
        "400 Bad Request: wrong file identifier/HTTP URL specified"
    );
}
