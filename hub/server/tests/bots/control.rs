//! What agents' blocks and a bot's own additions do at the door.

use serde_json::json;

use crate::stage::Stage;
use crate::support::eventually;

#[tokio::test]
async fn a_blocked_bot_writes_nothing_and_is_told_as_telegram_tells_it() {
    let stage = Stage::open().await;
    let (mut guest, chat) = stage.guest("hello").await;
    let bot = &stage.bot;
    bot.does("sendMessage", json!({ "chat_id": chat, "text": "before" })).await;
    let block = format!("/api/conversations/{}/bots/{}/block", guest.conversation, bot.id);
    stage.owner.put(&block, json!({})).await;
    let blocked = "403 Forbidden: bot was blocked by the user";
    for (method, parameters) in [
        ("sendMessage", json!({ "chat_id": chat, "text": "while blocked" })),
        ("editMessageText", json!({ "chat_id": chat, "message_id": 2, "text": "while blocked" })),
        ("deleteMessage", json!({ "chat_id": chat, "message_id": 2 })),
        ("sendChatAction", json!({ "chat_id": chat, "action": "typing" })),
        ("switchboard.addNote", json!({ "chat_id": chat, "text": "while blocked" })),
        ("switchboard.setAttribute", json!({ "chat_id": chat, "name": "plan", "value": "while blocked" })),
    ] {
        assert_eq!(bot.refused(method, parameters).await, blocked, "{method}");
    }
    let change = eventually("it is told", || async {
        bot.fetches(0).await.into_iter().find_map(|update| update.get("my_chat_member").cloned())
    })
    .await;
    assert_eq!((&change["new_chat_member"]["status"], &change["chat"]["id"]), (&json!("kicked"), &json!(chat)));
    stage.owner.delete(&block).await;
    bot.does("sendMessage", json!({ "chat_id": chat, "text": "after" })).await;
    guest.socket.message_event("after").await;
    guest.socket.never_heard(&["while blocked"]);

    // Calls and failures are in its log, by conversation.
    let path = format!("/api/bots/{}/log?conversation_id={}", bot.id, guest.conversation);
    let line = eventually("the log has the refusal", || async {
        let log = stage.owner.get(&path).await;
        log["lines"].as_array()?.iter().find(|line| line["status"] == 403 && line["what"] == "sendMessage").cloned()
    })
    .await;
    assert_eq!(line["note"], "Forbidden: bot was blocked by the user");
}

#[tokio::test]
async fn the_additions_are_for_what_conversations_have() {
    let stage = Stage::open().await;
    let (mut guest, chat) = stage.guest("hello").await;
    let bot = &stage.bot;
    assert_eq!(bot.does("switchboard.setTags", json!({ "chat_id": chat, "tags": ["vip", "parcel"] })).await, true);
    assert_eq!(bot.does("switchboard.setPriority", json!({ "chat_id": chat, "priority": "high" })).await, true);
    assert!(
        bot.does("switchboard.addNote", json!({ "chat_id": chat, "text": "he waits" })).await["message_id"].is_i64()
    );
    let told = bot.does("Switchboard.GetConversation", json!({ "chat_id": chat })).await;
    assert_eq!((&told["channel"], &told["priority"]), (&json!("web"), &json!("high")));
    let mut tags: Vec<_> = told["tags"].as_array().expect("tags").iter().filter_map(|tag| tag.as_str()).collect();
    tags.sort_unstable();
    assert_eq!(tags, ["parcel", "vip"]);
    // What the team has noted for itself is no program's.
    assert!(told["contact"].get("notes").is_none(), "{told}");
    assert!(told["contact"]["id"].is_string() && told["case_number"].is_string(), "{told}");
    assert_eq!(
        bot.refused("switchboard.setPriority", json!({ "chat_id": chat, "priority": "extreme" })).await,
        "400 Bad Request: priority must be one of none, low, medium, high and urgent"
    );
    assert_eq!(
        bot.does("switchboard.handOver", json!({ "chat_id": chat, "reason": "wants his money back" })).await,
        true
    );
    assert_eq!(
        bot.refused("sendMessage", json!({ "chat_id": chat, "text": "too late" })).await,
        "403 Forbidden: bot was blocked by the user"
    );
    guest.socket.never_heard(&["he waits", "money back"]);
}

#[tokio::test]
async fn typing_shows_and_a_chat_is_told_of() {
    let stage = Stage::open().await;
    let (mut guest, chat) = stage.guest("hello").await;
    let bot = &stage.bot;
    assert_eq!(bot.does("sendChatAction", json!({ "chat_id": chat, "action": "upload_photo" })).await, true);
    guest.socket.signal("typing", |_| true).await;
    let told = bot.does("getChat", json!({ "chat_id": chat })).await;
    assert_eq!((&told["type"], &told["id"], &told["accent_color_id"]), (&json!("private"), &json!(chat), &json!(0)));
}

#[tokio::test]
async fn a_bot_writes_attributes_on_the_customers_card() {
    let stage = Stage::open().await;
    let (mut guest, chat) = stage.guest("hello").await;
    let bot = &stage.bot;
    let mut desk = stage.owner.connects().await;
    let sets = |name: &str, value: &str| json!({ "chat_id": chat, "name": name, "value": value });
    assert_eq!(bot.does("switchboard.setAttribute", sets("plan", "gold")).await, true);
    assert_eq!(desk.event("contact_changed").await["contact"]["attributes"], json!({ "plan": "gold" }));
    bot.does("switchboard.setAttribute", sets("shop", "12")).await;
    bot.does("switchboard.setAttribute", sets("plan", "")).await;
    let told = bot.does("switchboard.getConversation", json!({ "chat_id": chat })).await;
    assert_eq!(told["contact"]["attributes"], json!({ "shop": "12" }));
    let path = format!("/api/contacts/{}", told["contact"]["id"].as_str().expect("an id"));
    assert_eq!(stage.owner.get(&path).await["attributes"], json!({ "shop": "12" }));

    for (parameters, sentence) in [
        (sets("", "gold"), "name must be non-empty"),
        (json!({ "chat_id": chat, "name": "plan" }), "value is required"),
        (sets(&"n".repeat(65), "gold"), "this may have at most 64 characters"),
        (sets("plan", &"v".repeat(1_001)), "this may have at most 1000 characters"),
    ] {
        let refused = bot.refused("switchboard.setAttribute", parameters).await;
        assert!(refused.starts_with("400 Bad Request: ") && refused.contains(sentence), "{refused}");
    }
    guest.socket.never_heard(&["gold"]);
}
