//! The door through which a test's person writes to the bot.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{State, bot};

pub struct User {
    pub chat: i64,
    state: Arc<State>,
}

impl User {
    pub(super) fn new(chat: i64, state: Arc<State>) -> Self {
        Self { chat, state }
    }

    /// A message with whatever stands in it; its number.
    pub fn says(&self, what: Value) -> i32 {
        let message = self.message(what);
        let id = message["message_id"].as_i64().unwrap() as i32;
        self.state.update("message", message);
        id
    }

    pub fn writes(&self, text: &str) -> i32 {
        self.says(json!({"text": text}))
    }

    /// The same message with other words, by its number.
    pub fn edits(&self, id: i32, what: Value) {
        let mut message = self.message(what);
        message["message_id"] = json!(id);
        message["edit_date"] = message["date"].clone();
        self.state.update("edited_message", message);
    }

    /// A file's object: put it into a message under its kind.
    pub fn file(&self, bytes: &[u8], and: Value) -> Value {
        let mut file = self.state.world.lock().keep_file("uploads", bytes.to_vec());
        merge(&mut file, and);
        file
    }

    /// A picture in the sizes in which Telegram keeps it.
    pub fn photo(&self, bytes: &[u8]) -> Value {
        let small = self.file(b"small", json!({"width": 90, "height": 67}));
        json!([small, self.file(bytes, json!({"width": 1280, "height": 960}))])
    }

    pub fn blocks(&self) {
        self.membership("member", "kicked");
        self.state.world.lock().blocked.insert(self.chat);
    }

    pub fn unblocks(&self) {
        self.state.world.lock().blocked.remove(&self.chat);
        self.membership("kicked", "member");
    }

    /// An update in the Bot API's own words.
    pub fn update(&self, kind: &str, object: Value) {
        self.state.update(kind, object);
    }

    pub fn person(&self) -> Value {
        self.state.world.lock().chats[&self.chat].clone()
    }

    fn membership(&self, old: &str, new: &str) {
        let member = |status: &str| match status {
            "kicked" => json!({"user": bot(), "status": status, "until_date": 0}),
            _ => json!({"user": bot(), "status": status}),
        };
        let (date, chat) = {
            let mut world = self.state.world.lock();
            (world.tick(), world.chat(self.chat))
        };
        let change = json!({"chat": chat, "from": self.person(), "date": date,
            "old_chat_member": member(old), "new_chat_member": member(new)});
        self.state.update("my_chat_member", change);
    }

    fn message(&self, what: Value) -> Value {
        let mut world = self.state.world.lock();
        let mut message = json!({"message_id": world.next_message(), "date": world.tick(),
            "from": world.chats[&self.chat], "chat": world.chat(self.chat)});
        merge(&mut message, what);
        message
    }
}

fn merge(into: &mut Value, what: Value) {
    if let (Value::Object(into), Value::Object(what)) = (into, what) {
        into.extend(what);
    }
}
