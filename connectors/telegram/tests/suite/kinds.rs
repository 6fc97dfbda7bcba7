//! What a person can send, and how it is read.

use serde_json::json;
use switchboard_connector::{Consent, Happened, Incoming, Quote};

use crate::bot_api::{BOT, BotApi};
use crate::hub::{Hub, message, polling, while_receiving};

async fn read(api: &BotApi, count: usize) -> Vec<Incoming> {
    let hub = Hub::default();
    let (items, ended) = while_receiving(&polling(&api.url), &hub, hub.has(count)).await;
    ended.unwrap();
    assert_eq!(items.len(), count, "{items:#?}");
    items
}

#[tokio::test]
async fn who_wrote_and_what_stands_with_the_message() {
    let api = BotApi::start().await;
    let id = api.user(42).writes("hello");
    let items = read(&api, 1).await;
    assert_eq!(items[0].key, format!("message:{BOT}:42:{id}"));
    assert_eq!(items[0].at, 1_790_000_001_000);
    let (hello, whole) = message(&items[0]);
    assert_eq!(whole, None);
    assert_eq!(hello.from.key, "42");
    assert_eq!(hello.from.address.as_deref(), Some("@an42"));
    assert_eq!(hello.from.name.as_deref(), Some("An Nguyễn"));
    assert_eq!(hello.from.language.as_deref(), Some("vi"));
    assert_eq!(hello.references, [format!("{BOT}:42:{id}")]);
    assert_eq!((hello.html.as_deref(), hello.whole_text.as_deref(), hello.answers.as_deref()), (None, None, None));
    assert_eq!((&hello.quote, hello.consent), (&None, Some(Consent::Start)), "who has blocked a bot cannot write");
}

#[tokio::test]
async fn a_deep_link_says_where_the_person_came_from() {
    let api = BotApi::start().await;
    let an = api.user(42);
    an.writes("/start spring-sale_7");
    an.writes("/start");
    let items = read(&api, 2).await;
    assert_eq!(message(&items[0]).0.text, "/start");
    assert_eq!(message(&items[0]).0.origin.payload.as_deref(), Some("spring-sale_7"));
    assert_eq!(message(&items[1]).0.origin.payload, None);
}

#[tokio::test]
async fn files_of_every_kind_come_with_their_bytes() {
    let api = BotApi::start().await;
    let an = api.user(42);
    let file = |bytes: &[u8], and| an.file(bytes, and);
    an.says(json!({"photo": an.photo(b"large"), "caption": "a photo"}));
    an.says(json!({"document": file(b"doc", json!({"file_name": "order.pdf", "mime_type": "application/pdf"}))}));
    an.says(json!({"voice": file(b"voice", json!({"duration": 2, "mime_type": "audio/ogg"}))}));
    let music = json!({"duration": 9, "file_name": "song.mp3", "mime_type": "audio/mpeg"});
    an.says(json!({"audio": file(b"audio", music)}));
    an.says(
        json!({"video": file(b"video", json!({"duration": 9, "width": 9, "height": 9, "mime_type": "video/mp4"}))}),
    );
    an.says(json!({"video_note": file(b"note", json!({"duration": 9, "length": 240}))}));
    let cat = json!({"duration": 1, "width": 9, "height": 9, "file_name": "cat.mp4", "mime_type": "video/mp4"});
    let cat = file(b"cat", cat);
    an.says(json!({"animation": cat, "document": cat}));
    let sticker =
        json!({"width": 512, "height": 512, "is_animated": false, "is_video": false, "type": "regular", "emoji": "👍"});
    an.says(json!({"sticker": file(b"sticker", sticker)}));
    let thumbnail = file(b"still", json!({"width": 128, "height": 128}));
    let moving = json!({"width": 512, "height": 512, "is_animated": true, "is_video": false, "type": "regular", "emoji": "🎉",
        "thumbnail": thumbnail});
    an.says(json!({"sticker": file(b"moving", moving)}));
    let items = read(&api, 9).await;
    let said: Vec<(String, String, String)> = items
        .iter()
        .map(|item| {
            let (message, _) = message(item);
            let [file] = message.files.as_slice() else { panic!("one file: {message:?}") };
            // The names that are made up end with the message's number.
            let name = file.name.replace(|digit: char| digit.is_ascii_digit() && !file.name.ends_with("mp3"), "");
            (message.text.clone(), name, String::from_utf8(file.bytes.to_vec()).unwrap())
        })
        .collect();
    let expected = [
        ("a photo", "photo-.jpg", "large"),
        ("", "order.pdf", "doc"),
        ("", "voice-.ogg", "voice"),
        ("", "song.mp3", "audio"),
        ("", "video-.mp", "video"),
        ("", "video-.mp", "note"),
        ("", "cat.mp", "cat"),
        ("👍", "sticker-.webp", "sticker"),
        ("🎉", "sticker-.webp", "still"),
    ];
    assert_eq!(said, expected.map(|(text, name, bytes)| (text.into(), name.into(), bytes.into())));
}

#[tokio::test]
async fn a_file_that_is_too_large_is_named_in_the_text() {
    let api = BotApi::start().await;
    let an = api.user(42);
    let mut huge = an.file(b"x", json!({"file_name": "film.mkv", "mime_type": "video/x-matroska"}));
    huge["file_size"] = json!(45 * 1024 * 1024);
    an.says(json!({"document": huge, "caption": "our film"}));
    let silent =
        an.file(&vec![0; 20 * 1024 * 1024 + 1], json!({"file_name": "raw.bin", "mime_type": "application/x-raw"}));
    let mut unsized_file = silent.clone();
    unsized_file.as_object_mut().unwrap().remove("file_size");
    an.says(json!({"document": unsized_file}));
    let items = read(&api, 2).await;
    assert_eq!(message(&items[0]).0.text, "our film\n[film.mkv: 45 MB; bots may fetch 20 MB at most]");
    assert_eq!(message(&items[1]).0.text, "[raw.bin: a file of more than 20 MB, which bots may not fetch]");
    assert!(!api.calls().contains(&"download".to_owned()));
}

#[tokio::test]
async fn places_cards_and_the_like_become_text() {
    let api = BotApi::start().await;
    let an = api.user(42);
    let place = json!({"latitude": 59.9139, "longitude": 10.7522});
    an.says(json!({"location": place}));
    an.says(json!({"venue": {"location": place, "title": "Our shop", "address": "Main Street 1"}, "location": place}));
    an.says(json!({"contact": {"phone_number": "+4712345678", "first_name": "Bo", "last_name": "Berg"}}));
    an.says(json!({"dice": {"emoji": "🎲", "value": 5}}));
    an.says(
        json!({"poll": {"id": "1", "question": "Blue?", "options": [{"text": "Yes", "voter_count": 0}, {"text": "No",
        "voter_count": 0}], "total_voter_count": 0, "is_closed": false, "is_anonymous": true, "type": "regular",
        "allows_multiple_answers": false}}),
    );
    let items = read(&api, 5).await;
    let texts: Vec<&str> = items.iter().map(|item| message(item).0.text.as_str()).collect();
    let link = "59.9139, 10.7522\nhttps://www.openstreetmap.org/?mlat=59.9139&mlon=10.7522#map=17/59.9139/10.7522";
    assert_eq!(texts[0], link);
    assert_eq!(texts[1], format!("Our shop\nMain Street 1\n{link}"));
    assert_eq!(&texts[2..], ["Bo Berg\n+4712345678", "🎲 5", "Blue?\n• Yes\n• No"]);
}

#[tokio::test]
async fn formatting_links_forwards_and_replies_are_kept() {
    let api = BotApi::start().await;
    let an = api.user(42);
    let asked = an.writes("Which one?");
    let entities = json!([{"type": "bold", "offset": 3, "length": 4}, {"type": "text_link", "offset": 3, "length": 4,
        "url": "https://example.com/?a=1&b=2"}, {"type": "italic", "offset": 90, "length": 4}]);
    an.says(json!({"text": "😀 <this> one\nplease", "entities": entities}));
    an.says(json!({"text": "That one", "reply_to_message": {"message_id": asked, "date": 1, "chat": {"id": 42, "type": "private",
        "first_name": "An"}, "text": "Which one?\nA or B?"}}));
    an.says(json!({"text": "See", "forward_origin": {"type": "hidden_user", "date": 1, "sender_user_name": "Bo <B>"}}));
    let answered = json!({"message_id": asked, "date": 1, "chat": {"id": 42, "type": "private", "first_name": "An"}, "text": "A or B?"});
    an.says(
        json!({"text": "B", "reply_to_message": answered, "quote": {"text": "B", "position": 5, "is_manual": true}}),
    );
    an.says(json!({"text": "And this", "quote": {"text": "from elsewhere", "position": 0}, "external_reply":
        {"origin": {"type": "hidden_user", "date": 1, "sender_user_name": "Bo"}}}));
    let items = read(&api, 6).await;
    let bold = "😀 <b><a href=\"https://example.com/?a=1&amp;b=2\">&lt;thi</a></b>s&gt; one<br>please";
    assert_eq!(message(&items[1]).0.html.as_deref(), Some(bold));
    let (reply, _) = message(&items[2]);
    assert_eq!(reply.answers, Some(format!("{BOT}:42:{asked}")));
    assert_eq!(reply.text, "That one");
    assert_eq!(reply.quote, Some(Quote::Whole("Which one?\nA or B?".into())));
    let (picked, _) = message(&items[4]);
    assert_eq!((&picked.answers, &picked.quote), (&reply.answers, &Some(Quote::Picked("B".into()))));
    let (elsewhere, _) = message(&items[5]);
    assert_eq!((&elsewhere.answers, &elsewhere.quote), (&None, &Some(Quote::Whole("from elsewhere".into()))));
    assert_eq!(message(&items[3]).0.text, "Forwarded from Bo <B>:\nSee");
}

#[tokio::test]
async fn an_edit_gives_the_message_its_new_text_each_time() {
    let api = BotApi::start().await;
    let an = api.user(42);
    let id = an.writes("first");
    an.edits(id, json!({"text": "second"}));
    an.edits(id, json!({"text": "third", "date": 1, "edit_date": 1}));
    let items = read(&api, 3).await;
    for (item, expected) in items[1..].iter().zip(["second", "third"]) {
        let Happened::Edited { reference, text } = &item.what else { panic!("{item:?}") };
        assert_eq!((reference, text.as_str()), (&format!("{BOT}:42:{id}"), expected));
    }
}

#[tokio::test]
async fn an_albums_parts_come_by_themselves_and_know_one_another() {
    let api = BotApi::start().await;
    let an = api.user(42);
    for (bytes, caption) in [(b"one", Some("three views")), (b"two", None), (b"san", None)] {
        let mut part = json!({"photo": an.photo(bytes), "media_group_id": "13377"});
        if let Some(caption) = caption {
            part["caption"] = json!(caption);
        }
        an.says(part);
    }
    let items = read(&api, 3).await;
    let keys: std::collections::BTreeSet<&str> = items.iter().map(|item| item.key.as_str()).collect();
    assert_eq!(keys.len(), 3, "each part is taken once by itself, however an answer cuts the album");
    for item in &items {
        let (part, whole) = message(item);
        assert_eq!(whole, Some(format!("{BOT}:42:album:13377").as_str()));
        assert_eq!((part.files.len(), part.references.len()), (1, 1));
    }
    assert_eq!(message(&items[0]).0.text, "three views");
}

#[tokio::test]
async fn an_edit_of_one_picture_of_an_album_takes_no_words_from_the_others() {
    let api = BotApi::start().await;
    let an = api.user(42);
    an.says(json!({"photo": an.photo(b"one"), "media_group_id": "7", "caption": "two views"}));
    let second = an.says(json!({"photo": an.photo(b"two"), "media_group_id": "7"}));
    an.edits(second, json!({"photo": an.photo(b"better"), "media_group_id": "7"}));
    an.edits(second, json!({"photo": an.photo(b"better"), "media_group_id": "7", "caption": "the back"}));
    let items = read(&api, 3).await;
    let Happened::Edited { text, .. } = &items[2].what else { panic!("{items:?}") };
    assert_eq!(text, "the back");
}

#[tokio::test]
async fn who_blocks_the_bot_has_said_so_and_who_comes_back_too() {
    let api = BotApi::start().await;
    let an = api.user(42);
    an.blocks();
    an.unblocks();
    let items = read(&api, 2).await;
    for (item, expected) in items.iter().zip([Consent::Stop, Consent::Start]) {
        let Happened::Consent { from, consent } = &item.what else { panic!("{item:?}") };
        assert_eq!((from.key.as_str(), *consent), ("42", expected));
    }
    assert_ne!(items[0].key, items[1].key);
}

#[tokio::test]
async fn groups_and_notes_of_the_service_are_not_conversations() {
    let api = BotApi::start().await;
    let an = api.user(42);
    let group = json!({"id": -100_123, "type": "group", "title": "Friends"});
    an.update("message", json!({"message_id": 7, "date": 1, "chat": group, "from": an.person(), "text": "not for us"}));
    an.update(
        "message",
        json!({"message_id": 8, "date": 1, "chat": group, "from": an.person(), "hologram": {"id": 1}}),
    );
    an.says(json!({"message_auto_delete_timer_changed": {"message_auto_delete_time": 60}}));
    an.writes("for you");
    let items = read(&api, 1).await;
    assert_eq!(message(&items[0]).0.text, "for you");
}

/// The Bot API grows faster than any library, and people's programs write what they like into a file's type.
#[tokio::test]
async fn what_the_library_cannot_read_is_shown_with_what_can_be_read() {
    let api = BotApi::start().await;
    let an = api.user(42);
    an.says(json!({"hologram": {"hologram_id": "1"}}));
    an.says(json!({"document": an.file(b"odd", json!({"file_name": "odd.xyz", "mime_type": "no type at all"})), "caption": "odd"}));
    an.says(json!({"text": "still text", "from": {"id": 42, "first_name": "An"}}));
    an.update("brand_new_update", json!({"id": 1}));
    an.writes("after it");
    let items = read(&api, 4).await;
    assert!(message(&items[0]).0.text.contains("cannot be shown here"));
    let (odd, _) = message(&items[1]);
    assert_eq!(
        (odd.text.as_str(), odd.files[0].name.as_str(), &odd.files[0].bytes[..]),
        ("odd", "odd.xyz", &b"odd"[..])
    );
    assert_eq!(message(&items[2]).0.text, "still text");
    assert_eq!(message(&items[2]).0.from.key, "42");
}
