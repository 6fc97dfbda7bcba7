//! What libraries read is read by one here: teloxide's types are the strictest.

use serde_json::json;
use switchboard_protocol::bots::{Format, FormatKind, Rich};
use switchboard_protocol::model::Author;
use teloxide_core::types;

use super::*;

const ME: Me<'static> = Me { number: 7_000_001, name: "Helper", username: "helper_bot" };

fn conversation() -> Conversation {
    serde_json::from_value(json!({
        "id": "01JD6Q4Z8V3M6W0X5T9R2K7B1C", "number": 4711, "case_number": "SB-4711", "inbox_id": "01JD6Q4Z8V3M6W0X5T9R2K7B1D",
        "channel": "web", "contact": {"id": "01JD6Q4Z8V3M6W0X5T9R2K7B1E", "name": null}, "identity_id": "01JD6Q4Z8V3M6W0X5T9R2K7B1F",
        "subject": null, "status": "open", "place": "inbox", "snoozed_until": null, "assignees": [], "team_id": null,
        "flagged": false, "priority": "none", "tags": [], "language": "de-AT", "source": {}, "created_at": 1, "last_activity_at": 1,
        "waiting_since": null, "last_number": 1, "last_in_number": 1, "preview": null, "delivered_number": 0,
        "contact_read_number": 0, "staff_read_number": 0,
    }))
    .unwrap()
}

fn written(number: Number, kind: MessageKind, text: &str) -> Message {
    let author = if kind == MessageKind::In {
        json!({"kind": "contact", "id": "01JD6Q4Z8V3M6W0X5T9R2K7B1E"})
    } else {
        json!({"kind": "bot", "id": "01JD6Q4Z8V3M6W0X5T9R2K7B1G"})
    };
    let author: Author = serde_json::from_value(author).unwrap();
    serde_json::from_value(json!({
        "id": "01JD6Q4Z8V3M6W0X5T9R2K7B1H", "conversation_id": "01JD6Q4Z8V3M6W0X5T9R2K7B1C", "number": number, "kind": kind,
        "author": author, "at": 1_700_000_000_999_i64, "text": text,
    }))
    .unwrap()
}

fn attachment(media_type: &str, name: &str) -> Attachment {
    let picture = media_type.starts_with("image/");
    let id = "01JD6Q4Z8V3M6W0X5T9R2K7B1K".parse().unwrap();
    Attachment { id, name: name.into(), media_type: media_type.into(), bytes: 12, picture }
}

fn update_of(fields: Value) -> types::Update {
    let fields = RawValue::from_string(fields.to_string()).unwrap();
    let body = updates(&[(17, fields)]);
    // Of the text itself: this library wants the number to stand before the rest.
    let update = body.strip_prefix("{\"ok\":true,\"result\":[").unwrap().strip_suffix("]}").unwrap();
    let update: types::Update = serde_json::from_str(update).unwrap();
    assert_eq!(update.id.0, 17);
    assert!(!matches!(update.kind, types::UpdateKind::Error(_)), "{:?}", update.kind);
    update
}

#[test]
fn a_bot_knows_itself() {
    let me: types::Me = serde_json::from_value(get_me(ME)).unwrap();
    assert_eq!((me.user.id.0, me.user.is_bot, me.username()), (7_000_001, true, "helper_bot"));
}

#[test]
fn a_message_is_read_with_its_command_and_what_it_answers() {
    let conversation = conversation();
    let talk = Talk { conversation: &conversation, contact_name: None, me: ME };
    let mut answered = written(1, MessageKind::Out, "Hello there");
    answered.rich = Some(Box::new(Rich {
        formats: vec![Format { kind: FormatKind::Bold, offset: 0, length: 5, url: None }],
        keyboard: None,
    }));
    let update = update_of(update_message(&talk, &written(2, MessageKind::In, "/start now"), Some(&answered)));
    let types::UpdateKind::Message(message) = update.kind else { panic!("no message") };
    assert_eq!((message.id.0, message.chat.id.0), (2, 4711));
    assert_eq!(message.date.timestamp(), 1_700_000_000);
    let from = message.from.as_ref().unwrap();
    assert_eq!(
        (from.id.0, from.first_name.as_str(), from.language_code.as_deref()),
        (4711, "Visitor 4711", Some("de-AT"))
    );
    assert_eq!(message.entities().unwrap(), [types::MessageEntity::new(types::MessageEntityKind::BotCommand, 0, 6)]);
    let answered = message.reply_to_message().unwrap();
    assert!(answered.from.as_ref().unwrap().is_bot);
    assert_eq!(answered.entities().unwrap(), [types::MessageEntity::bold(0, 5)]);
}

#[test]
fn an_edited_message_is_read() {
    let conversation = conversation();
    let talk = Talk { conversation: &conversation, contact_name: Some("An"), me: ME };
    let mut message = written(2, MessageKind::In, "better");
    let edited = update_of(update_edited(&talk, &message, None));
    assert!(matches!(edited.kind, types::UpdateKind::EditedMessage(_)));
    message.edited_at = Some(1_700_000_009_000);
    let types::UpdateKind::EditedMessage(edited) = update_of(update_edited(&talk, &message, None)).kind else {
        panic!("no edited message")
    };
    assert_eq!(edited.edit_date().unwrap().timestamp(), 1_700_000_009);
    assert_eq!(edited.chat.first_name(), Some("An"));
}

#[test]
fn files_are_read_as_what_they_are() {
    let conversation = conversation();
    let talk = Talk { conversation: &conversation, contact_name: None, me: ME };
    let told = |media_type: &str, name: &str| -> types::Message {
        let mut message = written(3, MessageKind::In, "look");
        message.attachments = vec![attachment(media_type, name)];
        serde_json::from_value(super::message(&talk, &message, Beside::default())).unwrap()
    };
    let photo = told("image/png", "a.png");
    assert_eq!(photo.photo().unwrap()[0].file.id.0, "01JD6Q4Z8V3M6W0X5T9R2K7B1K");
    assert_eq!(photo.caption(), Some("look"));
    assert_eq!(told("application/pdf", "a.pdf").document().unwrap().file_name.as_deref(), Some("a.pdf"));
    assert!(told("audio/ogg", "a.ogg").voice().is_some());
    assert!(told("audio/mpeg", "a.mp3").audio().is_some());
    assert!(told("video/mp4", "a.mp4").video().is_some());
    assert!(told("image/gif", "a.gif").animation().is_some());

    let file = file(&attachment("application/pdf", "A report.final.PDF"));
    let path = file["file_path"].as_str().unwrap().to_owned();
    assert_eq!(path, "files/01JD6Q4Z8V3M6W0X5T9R2K7B1K.pdf");
    assert_eq!(file_id_of_path(&path).unwrap().to_string(), "01JD6Q4Z8V3M6W0X5T9R2K7B1K");
    assert_eq!(file_id_of_path("files/../etc/passwd"), None);
    let read: types::File = serde_json::from_value(file).unwrap();
    assert_eq!(read.path, path);

    let mut many = written(4, MessageKind::In, "");
    many.attachments = vec![attachment("image/png", "a.png"), attachment("text/plain", "b.txt")];
    let many = super::message(&talk, &many, Beside::default());
    assert_eq!(many["switchboard"]["attachments"][1]["file_name"], "b.txt");
    assert_eq!(many.get("caption"), None);
    assert!(serde_json::from_value::<types::Message>(many).unwrap().photo().is_some());
}

#[test]
fn a_press_is_read_with_its_keyboard() {
    let conversation = conversation();
    let talk = Talk { conversation: &conversation, contact_name: None, me: ME };
    let markup = json!({"inline_keyboard": [[{"text": "Yes", "callback_data": "y"}]]});
    let pressed = written(5, MessageKind::Out, "Sure?");
    let types::UpdateKind::CallbackQuery(query) =
        update_of(update_callback(&talk, "9:5", &pressed, Some(&markup), "y")).kind
    else {
        panic!("no query")
    };
    assert_eq!((query.id.0.as_str(), query.data.as_deref()), ("9:5", Some("y")));
    assert_eq!(query.regular_message().unwrap().reply_markup().unwrap().inline_keyboard[0][0].text, "Yes");
}

#[test]
fn being_blocked_is_read() {
    let conversation = conversation();
    let talk = Talk { conversation: &conversation, contact_name: None, me: ME };
    for blocked in [true, false] {
        let types::UpdateKind::MyChatMember(change) = update_of(update_my_chat_member(&talk, 1_000, blocked)).kind
        else {
            panic!("no change")
        };
        assert_eq!(change.new_chat_member.is_banned(), blocked);
        assert_eq!(change.old_chat_member.is_banned(), !blocked);
    }
    let chat: types::ChatFullInfo = serde_json::from_value(full_chat(&talk)).unwrap();
    assert_eq!(chat.id.0, 4711);
}
