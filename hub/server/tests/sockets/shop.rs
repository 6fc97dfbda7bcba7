//! A small business: two inboxes, an owner, and two people who may see one of them each.

use serde_json::{Value, json};
use switchboard::Parts;
use switchboard::config::Config;

use crate::support::people::{Inbox, text};
use crate::support::{Person, Setting, Socket, Visitor, World, eventually};

pub struct Shop {
    pub world: World,
    pub owner: Person,
    /// Sees `sales`.
    pub ann: Person,
    /// Sees `legal`.
    pub ben: Person,
    pub sales: Inbox,
    pub legal: Inbox,
}

impl Shop {
    pub async fn open(setting: Setting) -> Self {
        Self::tuned(setting, |_, _| {}).await
    }

    pub async fn tuned(setting: Setting, tune: impl Fn(&mut Config, &mut Parts) + Send + Sync + 'static) -> Self {
        let world = World::tuned(setting, tune).await;
        let owner = world.owner().await;
        let (ann, ben) = (owner.invites("ann", "agent").await, owner.invites("ben", "agent").await);
        let (sales, legal) = (owner.makes_inbox("Sales").await, owner.makes_inbox("Legal").await);
        owner.grants(&sales, &[&ann]).await;
        owner.grants(&legal, &[&ben]).await;
        // Rights that are still on their way to a hub would reset whoever connects there; that is a story of its own.
        let head = world.app(0).feed.delivered();
        for hub in 0..world.hubs() {
            eventually("each hub knows the rights", || async {
                (world.app(hub).feed.delivered() >= head).then_some(())
            })
            .await;
        }
        // From here on Ann and Ben are at the other hub, if there is one.
        let (ann, ben) = (ann.through(world.other()), ben.through(world.other()));
        Self { world, owner, ann, ben, sales, legal }
    }

    /// Somebody opens the chat on the first hub.
    pub async fn visitor(&self, inbox: &Inbox) -> Guest {
        let visitor = Visitor::comes(self.world.address(0), inbox).await;
        let socket = visitor.connects(self.world.address(0)).await;
        Guest { visitor, socket, conversation: None }
    }

    /// An event that everybody of the team gets: who has it, has everything before it.
    pub async fn fence(&self, sockets: &mut [&mut Socket]) {
        let name = format!("Olga at {}", self.world.app(0).feed.delivered());
        self.owner.patch(&format!("/api/agents/{}", self.owner.id), json!({ "display_name": name })).await;
        for socket in sockets {
            let told = |frame: &Value| (frame["agent"]["display_name"] == name.as_str()).then_some(());
            socket.wait_for("the event for the whole team", told).await;
        }
    }
}

/// A visitor with their chat open.
pub struct Guest {
    pub visitor: Visitor,
    pub socket: Socket,
    pub conversation: Option<String>,
}

impl Guest {
    /// Writes, and waits until it is committed.
    pub async fn writes(&mut self, words: &str) -> Value {
        let mut send = json!({ "do": "send", "text": words });
        if let Some(conversation) = &self.conversation {
            send["conversation_id"] = json!(conversation);
        }
        let reply = self.socket.does(send).await;
        assert_eq!(reply["ok"], "yes", "{reply}");
        self.conversation = Some(text(&reply["conversation_id"]));
        reply
    }

    pub fn conversation(&self) -> String {
        self.conversation.clone().expect("has written")
    }
}

pub fn reply(conversation: &str, seen: i64, words: &str) -> Value {
    json!({ "do": "reply", "conversation_id": conversation, "seen": seen, "text": words })
}

pub fn note(conversation: &str, words: &str) -> Value {
    json!({ "do": "note", "conversation_id": conversation, "text": words })
}
