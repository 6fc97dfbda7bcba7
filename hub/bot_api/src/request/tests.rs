use std::convert::Infallible;

use bytes::Bytes;
use futures_util::stream;
use proptest::prelude::*;

use super::*;

async fn read(query: Option<&str>, kind: &str, body: impl Into<Bytes>) -> Result<Call, Refusal> {
    // In small pieces, as a network brings it.
    let body: Bytes = body.into();
    let pieces: Vec<_> = body.chunks(7).map(Bytes::copy_from_slice).map(Ok::<_, Infallible>).collect();
    Call::read("SendMessage", query, Some(kind), stream::iter(pieces)).await
}

#[tokio::test]
async fn whatever_way_a_parameter_comes_it_is_the_same() {
    let json = r#"{"chat_id":4711,"text":"a & b","disable_notification":true,"reply_markup":{"remove_keyboard":true},
        "parse_mode":null}"#;
    let form = "chat_id=4711&text=a+%26+b&disable_notification=True&reply_markup=%7B%22remove_keyboard%22%3Atrue%7D";
    let multipart = "--x\r\nContent-Disposition: form-data; name=\"chat_id\"\r\n\r\n4711\r\n\
        --x\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\na & b\r\n\
        --x\r\nContent-Disposition: form-data; name=\"disable_notification\"\r\n\r\n1\r\n\
        --x\r\nContent-Disposition: form-data; name=\"reply_markup\"\r\nContent-Type: application/json\r\n\r\n\
        {\"remove_keyboard\":true}\r\n--x--\r\n";
    for call in [
        read(None, "application/json; charset=utf-8", json).await.unwrap(),
        read(None, "Application/X-WWW-Form-Urlencoded", form).await.unwrap(),
        read(Some(form), "", "").await.unwrap(),
        read(Some("chat_id=4711&chat_id=9"), "application/json", json).await.unwrap(),
        read(None, "multipart/form-data; boundary=x", multipart).await.unwrap(),
    ] {
        assert_eq!(call.method, "sendmessage");
        assert_eq!(call.chat("chat_id"), Ok(4711));
        assert_eq!(call.text("text"), Some("a & b"));
        assert!(call.boolean("disable_notification"));
        assert_eq!(call.text("parse_mode"), None);
        assert_eq!(call.json("reply_markup", "reply markup").unwrap().unwrap()["remove_keyboard"], true);
    }
}

#[tokio::test]
async fn nested_json_may_be_a_text_and_numbers_may_be_texts() {
    let body = r#"{"chat_id":"17","reply_parameters":"{\"message_id\":\"5\",\"allow_sending_without_reply\":true}",
        "allowed_updates":["message","Callback_Query"],"limit":"900","timeout":"soon"}"#;
    let call = read(None, "application/json", body).await.unwrap();
    assert_eq!(call.chat("chat_id"), Ok(17));
    assert_eq!(call.answered(), Ok(Some((5, true))));
    assert_eq!(call.kinds("allowed_updates"), Ok(Some(vec!["message".into(), "callback_query".into()])));
    assert_eq!(call.bounded("limit", 100, 1, 100), 100);
    assert_eq!(call.bounded("timeout", 0, 0, 50), 0);
}

#[tokio::test]
async fn files_are_found_by_their_part_or_by_attach() {
    let body = "--x\r\nContent-Disposition: form-data; name=\"document\"; filename=\"a b.txt\"\r\n\r\nfirst\r\n\
        --x\r\nContent-Disposition: form-data; name=\"thumb\"\r\n\r\nattach://two\r\n\
        --x\r\nContent-Disposition: form-data; name=\"two\"; filename=\"\"\r\nContent-Type: image/png\r\n\r\nsecond\r\n--x--\r\n";
    let call = read(
        Some("video=01ABC&audio=HTTPS://example.com/x&voice=attach://none"),
        "multipart/form-data; boundary=x",
        body,
    );
    let call = call.await.unwrap();
    let Source::Upload(file) = call.source("document") else { panic!("no upload") };
    assert_eq!((file.name.as_str(), &file.bytes[..]), ("a b.txt", &b"first"[..]));
    let Source::Upload(file) = call.source("thumb") else { panic!("no upload") };
    assert_eq!(&file.bytes[..], b"second");
    assert_eq!(call.source("video"), Source::Id("01ABC"));
    assert_eq!(call.source("audio"), Source::Address("HTTPS://example.com/x"));
    assert_eq!(call.source("voice"), Source::Missing);
    assert_eq!(call.source("photo"), Source::Missing);
}

#[tokio::test]
async fn what_is_too_large_or_broken_is_refused_in_telegrams_words() {
    let long = format!("{{\"text\":\"{}\"}}", "x".repeat(PARAMETERS_BYTES));
    assert_eq!(read(None, "application/json", long).await.unwrap_err(), answer::TOO_LARGE);
    let mut many = String::new();
    for at in 0..=FILES {
        many += &format!("--x\r\nContent-Disposition: form-data; name=\"f{at}\"; filename=\"a\"\r\n\r\n.\r\n");
    }
    many += "--x--\r\n";
    assert_eq!(read(None, "multipart/form-data; boundary=x", many).await.unwrap_err().code, 400);
    assert_eq!(read(None, "multipart/form-data; boundary=x", "--x\r\nnonsense").await.unwrap_err().code, 400);
    assert_eq!(read(None, "application/json", "[1]").await.unwrap_err().code, 400);
    assert!(read(None, "application/json", "").await.is_ok());
    assert!(read(None, "text/plain", "whatever").await.is_ok());

    let call = Call::of_query("x", "chat_id=@channel&message_id=zero&reply_markup=%7B").unwrap();
    assert_eq!(call.chat("chat_id"), Err(answer::CHAT_NOT_FOUND));
    assert_eq!(call.chat("from_chat_id"), Err(answer::NO_CHAT));
    assert_eq!(call.message("message_id"), Err(answer::NO_MESSAGE));
    let refused = call.json("reply_markup", "reply keyboard markup").unwrap_err();
    assert_eq!(refused.description, "Bad Request: can't parse reply keyboard markup JSON object");
}

proptest! {
    #[test]
    fn nothing_that_comes_breaks_it(kind in 0usize..4, bytes in prop::collection::vec(any::<u8>(), 0..300), query in "\\PC{0,40}") {
        let kinds = ["application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "multipart/form-data"];
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let _ = runtime.block_on(read(Some(&query), kinds[kind], bytes));
    }
}
