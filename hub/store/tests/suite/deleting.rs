//! What is deleted forever is gone also from where it is kept beside its own rows.

use rstest::rstest;
use switchboard_domain::Visibility;
use switchboard_domain::thread::NewMessage;
use switchboard_protocol::agent::AgentEvent;
use switchboard_protocol::model::{Author, MessageKind, Role, Source};
use switchboard_protocol::{ConversationId, MessageId};
use switchboard_store::conversations::{self, Heading};
use switchboard_store::edge_keys::{self, Claim, Scope};
use switchboard_store::moving::{self, By};
use switchboard_store::{Append, Audience, Emit, Store, contacts, deleting, feed};

use crate::world::*;

/// Stands in every text that is to go, and nowhere else.
const WORD: &str = "zanzibarine";

async fn deletes(store: &Store, id: ConversationId) {
    let deleting = store.write(move |tx| {
        Box::pin(async move {
            let thread = conversations::load(tx, &Visibility::All, id).await.unwrap().unwrap();
            deleting::conversations(tx, vec![thread.conversation], now()).await
        })
    });
    deleting.await.unwrap();
}

async fn told(store: &Store) -> String {
    let events = feed::since(store, 0, 1_000).await.unwrap();
    events.iter().map(|event| format!("{} {:?}\n", event.staff, event.visitor)).collect()
}

/// As a hub left it that knew neither which cards events tell nor what kept answers name.
#[rstest]
#[tokio::test]
async fn what_was_kept_before_it_was_noted_is_found(#[values(On::Sqlite, On::Postgres)] on: On) {
    let world = World::new(on).await;
    let (visitor, row) = world.conversation().await;
    let (agent, id) = (world.agent(Role::Owner).await, row.id);
    let keeping = world.store.write(move |tx| {
        Box::pin(async move {
            let contact = contacts::load(tx, &Visibility::All, visitor.contact).await.unwrap();
            let mut contact = contact.unwrap();
            contact.notes = WORD.to_owned();
            let staff = AgentEvent::ContactChanged { contact: Box::new(contact) };
            let audience = Audience::Inbox(visitor.inbox);
            tx.emit(Emit { at: now(), audience, conversation_id: None, staff, visitor: None });
            edge_keys::claim(tx, Scope::Http(agent), "key", "hash", now()).await?;
            let answer = format!(r#"{{"rows":[{{"id":"{id}","preview":"{WORD}"}}]}}"#);
            edge_keys::keep_answer(tx, Scope::Http(agent), "key", &answer).await
        })
    });
    keeping.await.unwrap();
    world
        .run(&[
            "UPDATE events SET contact_id = NULL",
            "DROP TABLE answers_of",
            "CREATE INDEX edge_keys_answered ON edge_keys (at) WHERE answer IS NOT NULL",
            "DELETE FROM _sqlx_migrations WHERE version = 31",
        ])
        .await;
    let store = world.another().await;
    deletes(&store, id).await;
    assert!(!told(&store).await.contains(WORD));
    let again = store.write(move |tx| Box::pin(edge_keys::claim(tx, Scope::Http(agent), "key", "hash", 1)));
    assert_eq!(again.await.unwrap().value, Claim::Taken { target: "hash".into(), answer: None });
}

#[rstest]
#[tokio::test]
async fn what_quotes_it_quotes_it_no_more(#[values(On::Sqlite, On::Postgres)] on: On) {
    let world = World::new(on).await;
    let inbox = world.inbox().await;
    let visitor = world.visitor(inbox).await;
    let row = world.begin(visitor, &format!("my {WORD} is broken")).await.conversation;
    let quoting = NewMessage {
        answers: Some(1),
        quote: Some(format!("{WORD} is")),
        ..message(MessageKind::In, "That one, from May.", None)
    };
    let said: Append = append(row.id, visitor.sender(), quoting);
    world.store.append(said).await.unwrap();
    let split = world.store.write(move |tx| {
        Box::pin(async move {
            let from = conversations::load(tx, &Visibility::All, row.id).await?.unwrap().conversation;
            let going = moving::load_talk_from(tx, row.id, 1, false).await?;
            let heading = Heading {
                id: ConversationId(ulid()),
                contact_id: visitor.contact,
                identity_id: visitor.identity,
                inbox_id: visitor.inbox,
                subject: None,
                language: None,
                source: Source::default(),
                started_by: None,
            };
            let line_id = &mut || MessageId(ulid());
            moving::split(tx, &from, heading, going, &mut By { author: Author::System, at: now(), line_id }).await
        })
    });
    let split = split.await.unwrap().value.id;
    assert!(told(&world.store).await.contains("from May"));
    deletes(&world.store, split).await;
    let told = told(&world.store).await;
    assert!(told.contains("from May") && !told.contains(WORD), "{told}");
    let left = all_messages(&world.store, row.id).await;
    assert_eq!(left.iter().map(|message| message.quote.clone()).collect::<Vec<_>>(), [None, None]);
}
