//! What a person wrote comes back unchanged.

use rstest::rstest;
use switchboard_domain::Visibility;
use switchboard_protocol::model::Role;
use switchboard_store::{ReadError, conversations, feed, messages, search};

use crate::world::*;

const NAUGHTY: &[&str] = &[
    "Robert'); DROP TABLE messages;--",
    "\" \\ / \u{8} \u{c} \n \r \t \\u0000 \\x00",
    "𝒳 👩‍👩‍👧‍👦 🏳️‍🌈 \u{202E}evil\u{202C} \u{feff} \u{200b}",
    "ÅÄÖ åäö e\u{301} ﷽ Ω≈ç√∫ 田中さんにあげて下さい مرحبا",
    "<script>alert(1)</script> ${7*7} {{7*7}} %s %n %x $1 ?1 :a @b",
    "\u{1}\u{2}\u{1b}[31m\u{7f}\u{85}\u{2028}\u{2029}",
    "  leading and trailing  ",
    "NULL null true 1e309 -0 0x0",
    "\u{10ffff}\u{e000}\u{fffd}",
];

#[rstest]
#[tokio::test]
async fn naughty_strings_come_back_unchanged(#[values(On::Sqlite, On::Postgres)] on: On) {
    let world = World::new(on).await;
    let agent = world.agent(Role::Agent).await;
    let (visitor, conversation) = world.conversation().await;
    for text in NAUGHTY {
        let at = world.store.append(visitor.says(conversation.id, text, None)).await.unwrap();
        assert_eq!(at.message.text, *text);
        let event = feed::since(&world.store, at.position - 1, 1).await.unwrap().remove(0);
        let frame: serde_json::Value = serde_json::from_str(&event.staff).unwrap();
        assert_eq!(frame["message"]["text"], *text);
        // As a search it finds what it finds, and is never a query of its own.
        search::page(&world.store, &Visibility::All, agent, text, None, 10).await.unwrap();
    }
    let texts: Vec<_> =
        all_messages(&world.store, conversation.id).await.into_iter().skip(1).map(|message| message.text).collect();
    assert_eq!(texts, NAUGHTY);
}

#[rstest]
#[tokio::test]
async fn nul_which_one_engine_cannot_hold_is_replaced_on_both(#[values(On::Sqlite, On::Postgres)] on: On) {
    let world = World::new(on).await;
    let (visitor, conversation) = world.conversation().await;
    world.store.append(visitor.says(conversation.id, "a\0b", None)).await.unwrap();
    assert_eq!(world.begin(visitor, "c\0d").await.message.text, "c\u{fffd}d");
    assert_eq!(all_messages(&world.store, conversation.id).await[1].text, "a\u{fffd}b");
}

/// Errors are logged, and rows are what customers wrote.
#[rstest]
#[tokio::test]
async fn no_error_says_what_a_row_holds(#[values(On::Sqlite, On::Postgres)] on: On) {
    let world = World::new(on).await;
    let agent = world.agent(Role::Agent).await;
    let (_, conversation) = world.conversation().await;
    let (id, all) = (conversation.id, Visibility::All);
    let message = all_messages(&world.store, id).await.remove(0);
    let unreadable = |error: ReadError, key: &str| {
        let said = format!("{error} {error:?}");
        assert!(matches!(error, ReadError::Unreadable { .. }), "{said}");
        assert!(said.contains(key) && !said.contains("SECRET"), "{said}");
    };
    world.run(&["UPDATE messages SET author = 'SECRET'"]).await;
    let first = messages::page(&world.store, &all, id, None, 10).await.unwrap_err();
    unreadable(first, &message.id.to_string());
    world.run(&["UPDATE conversations SET preview = 'SECRET'"]).await;
    unreadable(conversations::find(&world.store, &all, agent, id).await.unwrap_err(), &id.to_string());
    // What the database itself refuses, with the row that it shows to programmers.
    let visitor = world.visitor(conversation.inbox_id).await;
    world.run(&["CREATE UNIQUE INDEX one_text ON messages (text)"]).await;
    let begin = |text: &'static str| {
        let begin = visitor.begin(text);
        world.store.write(|tx| Box::pin(conversations::begin(tx, begin)))
    };
    begin("SECRET").await.unwrap();
    let refused = begin("SECRET").await.unwrap_err();
    assert!(!format!("{refused} {refused:?}").contains("SECRET"), "{refused:?}");
}
