//! Search finds the same on both engines: in messages, and in what describes a conversation.

use rstest::rstest;
use switchboard_domain::Visibility;
use switchboard_protocol::model::{Contact, Role};
use switchboard_protocol::{AgentId, ConversationId};
use switchboard_store::conversations::{self, Query};
use switchboard_store::{contacts, search};

use crate::lists::{all, ids};
use crate::world::*;

/// A text, what finds it, and what does not.
const TEXTS: &[(&str, &[&str], &[&str])] = &[
    (
        "Hei, jeg er Øyvind fra ÅLESUND",
        &["ålesund", "Ålesund", "alesund", "ØYVIND", "oyvind", "åle"],
        &["lesund", "øø"],
    ),
    ("Write to foo@bar.example", &["bar", "ba", "example", "foo@bar.example", "FOO@", "bar write"], &["oo", "ar"]),
    ("see www.shop.example/carts/77?x=1", &["shop", "carts", "77", "www.shop.example/carts"], &["7"]),
    (
        "My order is SB-4711, it cost 3.14",
        &["4711", "sb-4711", "SB-47", "3.14", "4711 order"],
        &["711", "-5", "4711 lost"],
    ),
    ("É\u{301}LODIE and e\u{301}lan and naïve", &["Élodie", "elodie", "ÉLAN", "naive", "NAI\u{308}VE"], &["lodie"]),
    ("田中さんにあげて下さい", &["田中", "さん", "下さい"], &["山"]),
    ("أين الدفع؟", &["دفع", "دف", "الدفع", "اين", "أَيْنَ"], &["فع"]),
    ("Где мой заказ?", &["за", "ЗАК", "заказ", "мо за гд"], &["аз", "каз"]),
    ("STRASSE Straße", &["straße", "strasse"], &[]),
    ("it's 'quoted':* & (or) \"so\" | !not", &["quoted", "'quoted':*", "\"so\"", "or & not"], &["so NEAR quoted"]),
];

async fn found(world: &World, agent: AgentId, words: &str) -> Vec<ConversationId> {
    let page = search::page(&world.store, &Visibility::All, agent, words, None, 100).await.unwrap();
    page.hits.iter().map(|hit| hit.conversation.conversation.id).collect()
}

#[rstest]
#[tokio::test]
async fn words_in_messages_are_found_however_they_are_typed(#[values(On::Sqlite, On::Postgres)] on: On) {
    let world = World::new(on).await;
    let agent = world.agent(Role::Agent).await;
    let inbox = world.inbox().await;
    let visitor = world.visitor(inbox).await;
    let mut begun = Vec::new();
    for (text, ..) in TEXTS {
        begun.push(world.begin(visitor, text).await);
    }
    search::catch_up(&world.store).await.unwrap();
    for (begun, (text, finding, missing)) in begun.iter().zip(TEXTS) {
        for words in *finding {
            let page = search::page(&world.store, &Visibility::All, agent, words, None, 100).await.unwrap();
            let hit = page.hits.iter().find(|hit| hit.conversation.conversation.id == begun.conversation.id);
            let hit = hit.unwrap_or_else(|| panic!("{words:?} does not find {text:?}"));
            assert_eq!(hit.message.as_ref(), Some(&begun.message), "{words:?}");
            assert!(hit.excerpt.iter().any(|part| part.found), "{words:?} marks nothing of {text:?}");
        }
        for words in *missing {
            assert!(!found(&world, agent, words).await.contains(&begun.conversation.id), "{words:?} finds {text:?}");
        }
    }
    for nothing in ["", " ", "?!", "\0", "\u{301}"] {
        assert_eq!(found(&world, agent, nothing).await, [], "{nothing:?}");
    }
}

/// The index goes on after a message that has nothing to be found by, and such a message is no reason to find nothing else.
#[rstest]
#[tokio::test]
async fn a_message_without_words_does_not_stop_the_index(#[values(On::Sqlite, On::Postgres)] on: On) {
    let world = World::new(on).await;
    let agent = world.agent(Role::Agent).await;
    let (visitor, conversation) = world.conversation().await;
    for text in ["👍", "?!", "wardrobe"] {
        world.store.append(visitor.says(conversation.id, text, None)).await.unwrap();
        search::catch_up(&world.store).await.unwrap();
    }
    assert_eq!(found(&world, agent, "wardrobe").await, [conversation.id]);
}

/// What the index keeps for itself beside the words is nothing that can be typed, not even its beginning.
#[rstest]
#[tokio::test]
async fn only_what_was_written_is_found(#[values(On::Sqlite, On::Postgres)] on: On) {
    let world = World::new(on).await;
    let agent = world.agent(Role::Agent).await;
    let (visitor, conversation) = world.conversation().await;
    world.store.append(visitor.says(conversation.id, "hello", None)).await.unwrap();
    search::catch_up(&world.store).await.unwrap();
    let inbox = visitor.inbox.to_string();
    for words in ["in", "inb", "inbo", "inbox", &format!("inbox{inbox}"), &inbox, &format!("\u{e000}{inbox}")] {
        assert_eq!(described(&world, agent, words).await, [], "{words:?}");
    }
    let seeing = |words: &'static str, visibility| {
        let store = &world.store;
        async move { search::page(store, &visibility, agent, words, None, 10).await.unwrap().hits.len() }
    };
    assert_eq!(seeing("hello", only([visitor.inbox])).await, 1);
    assert_eq!(seeing("hello", only([world.inbox().await])).await, 0);
}

/// The only hit's excerpt, with what was found in brackets.
async fn marked(world: &World, agent: AgentId, words: &str) -> String {
    let page = search::page(&world.store, &Visibility::All, agent, words, None, 100).await.unwrap();
    let [hit] = &page.hits[..] else { panic!("{words:?} finds {}", page.hits.len()) };
    hit.excerpt.iter().map(|part| if part.found { format!("[{}]", part.text) } else { part.text.clone() }).collect()
}

/// By both ways: the search, and the list's own filter.
async fn described(world: &World, agent: AgentId, words: &str) -> Vec<ConversationId> {
    let query = Query { words: Some(words.into()), ..Query::all(agent) };
    let listed = ids(&all(&world.store, &Visibility::All, query).await);
    assert_eq!(found(world, agent, words).await, listed, "{words:?}");
    listed
}

#[rstest]
#[tokio::test]
async fn a_conversation_is_found_by_what_describes_it_now(#[values(On::Sqlite, On::Postgres)] on: On) {
    let world = World::new(on).await;
    let agent = world.agent(Role::Agent).await;
    let (visitor, conversation) = world.conversation().await;
    let (other, _) = world.conversation().await;
    let own = [conversation.id];
    assert_eq!(described(&world, agent, &conversation.case_number).await, own);
    assert_eq!(described(&world, agent, &conversation.case_number.replace('-', "")).await, own);

    let card = |name: &str| Contact {
        id: visitor.contact,
        name: Some(name.into()),
        email: Some("elodie@shop.example".into()),
        phone: Some("+47 123 45 678".into()),
        language: None,
        time_zone: None,
        notes: String::new(),
        tags: Vec::new(),
        attributes: Default::default(),
        identities: Vec::new(),
        merged: Vec::new(),
        created_at: 0,
    };
    let rename = |name: &str| {
        let card = card(name);
        world.store.write(move |tx| Box::pin(async move { contacts::update(tx, &card).await }))
    };
    rename("ÉLODIE Årdal").await.unwrap();
    for words in ["élodie", "Élodie årdal", "ardal", "elodie@shop.example", "12345678", "123 45 678", "+4712345678"]
    {
        assert_eq!(described(&world, agent, words).await, own, "{words:?}");
    }
    for (words, line) in [
        ("ardal", "ÉLODIE [Årdal]"),
        ("elodie@shop", "[ÉLODIE] Årdal"),
        ("shop", "elodie@[shop].example"),
        ("345 67", "[+47 123 45 678]"),
        (&conversation.case_number.replace('-', ""), &format!("[{}]", conversation.case_number)),
    ] {
        assert_eq!(marked(&world, agent, words).await, line, "{words:?}");
    }
    rename("Øyvind").await.unwrap();
    assert_eq!(described(&world, agent, "årdal").await, []);
    assert_eq!(described(&world, agent, "øyvind").await, own);

    let change = switchboard_protocol::agent::ConversationChange {
        subject: Some(Some("Ødelagt skap".into())),
        tags: Some(vec!["ÅPENT kjøp".into()]),
        ..Default::default()
    };
    world.change(conversation.id, agent, change).await.unwrap();
    for words in ["ødelagt", "SKAP", "åpent", "øyvind skap"] {
        assert_eq!(described(&world, agent, words).await, own, "{words:?}");
    }
    let strangers = only([other.inbox]);
    let unseen = search::page(&world.store, &strangers, agent, "skap", None, 10).await.unwrap();
    assert_eq!(unseen.hits, []);
    let nowhere = Query { words: Some("skap".into()), ..Query::all(agent) };
    assert_eq!(conversations::page(&world.store, &only([]), &nowhere).await.unwrap().rows, []);
}

/// Whoever does it and however: an edit, a deletion, a conversation that is thrown away.
#[rstest]
#[tokio::test]
async fn what_is_edited_deleted_or_gone_is_not_found_any_more(#[values(On::Sqlite, On::Postgres)] on: On) {
    let world = World::new(on).await;
    let agent = world.agent(Role::Agent).await;
    let mut made = Vec::new();
    for word in ["apple", "pear", "plum", "quince"] {
        let (visitor, conversation) = world.conversation().await;
        let at = world.store.append(visitor.says(conversation.id, word, None)).await.unwrap();
        made.push((conversation.id, at.message.id));
    }
    search::catch_up(&world.store).await.unwrap();
    for (word, (conversation, _)) in ["apple", "pear", "plum", "quince"].iter().zip(&made) {
        assert_eq!(found(&world, agent, word).await, [*conversation]);
    }
    let [(_, edited), (_, deleted), (gone, _), (_, kept)] = made[..] else { panic!("four") };
    world
        .run(&[
            &format!("UPDATE messages SET text = 'changed', edited_at = 1 WHERE id = '{edited}'"),
            &format!("UPDATE messages SET deleted_at = 1 WHERE id = '{deleted}'"),
            &format!("DELETE FROM messages WHERE conversation_id = '{gone}'"),
            &format!("UPDATE messages SET delivery = 'read' WHERE id = '{kept}'"),
        ])
        .await;
    for word in ["apple", "pear", "plum"] {
        assert_eq!(found(&world, agent, word).await, [], "{word}");
    }
    assert_eq!(found(&world, agent, "quince").await, [made[3].0]);
}

/// Two hubs follow the same feed, and a message that was deleted before they came to it is never taken in.
#[rstest]
#[tokio::test]
async fn followers_on_two_hubs_do_not_stand_in_each_others_way(#[values(On::Sqlite, On::Postgres)] on: On) {
    let world = World::new(on).await;
    let another = world.another().await;
    let agent = world.agent(Role::Agent).await;
    let (visitor, conversation) = world.conversation().await;
    for n in 0..40 {
        world.store.append(visitor.says(conversation.id, &format!("common word{n}"), None)).await.unwrap();
        let (one, two) = tokio::join!(search::catch_up(&world.store), search::catch_up(&another));
        one.unwrap();
        two.unwrap();
    }
    for n in 0..40 {
        assert_eq!(found(&world, agent, &format!("word{n}")).await, [conversation.id], "{n}");
    }
    assert_eq!(found(&world, agent, "common").await, [conversation.id]);
}

/// A first message comes by another way into the store than the ones after it; the index follows both.
#[rstest]
#[tokio::test]
async fn the_search_index_follows_whatever_was_committed(#[values(On::Sqlite, On::Postgres)] on: On) {
    let world = World::new(on).await;
    let agent = world.agent(Role::Agent).await;
    let inbox = world.inbox().await;
    let visitor = world.visitor(inbox).await;
    let begun = world.begin(visitor, "about the wardrobe").await;
    let found = async {
        loop {
            let found = search::page(&world.store, &Visibility::All, agent, "wardro", None, 10).await.unwrap();
            if let Some(hit) = found.hits.into_iter().next() {
                return hit.message;
            }
            tokio::task::yield_now().await;
        }
    };
    assert_eq!(within(found).await.as_ref(), Some(&begun.message));
}

/// It dies right after its commit: nobody writes any more, and still the other hub's index goes on to what it left.
#[rstest]
#[tokio::test]
async fn what_a_dead_hub_has_committed_is_found_through_a_living_one(#[values(On::Sqlite, On::Postgres)] on: On) {
    let world = World::new(on).await;
    let alive = world.another().await;
    let agent = world.agent(Role::Agent).await;
    let (visitor, conversation) = world.conversation().await;
    world.store.append(visitor.says(conversation.id, "about the wardrobe", None)).await.unwrap();
    world.store.close().await;
    let found = async {
        loop {
            let found = search::page(&alive, &Visibility::All, agent, "wardrobe", None, 10).await.unwrap();
            if !found.hits.is_empty() {
                return found.hits[0].conversation.conversation.id;
            }
            tokio::task::yield_now().await;
        }
    };
    assert_eq!(within(found).await, conversation.id);
}

/// One row that only a fault can have written costs the names of its own files, and nobody else anything.
#[rstest]
#[tokio::test]
async fn a_row_that_cannot_be_read_does_not_stop_the_index(#[values(On::Sqlite, On::Postgres)] on: On) {
    let world = World::new(on).await;
    let agent = world.agent(Role::Agent).await;
    let (visitor, conversation) = world.conversation().await;
    let (other, after) = world.conversation().await;
    let broken = world.store.append(visitor.says(conversation.id, "wardrobe", None)).await.unwrap();
    // Taken out of the index again by the change, and to be read once more.
    search::catch_up(&world.store).await.unwrap();
    world
        .run(&[
            &format!("UPDATE messages SET attachments = 'no list' WHERE id = '{}'", broken.message.id),
            "UPDATE settings SET value = '0' WHERE name = 'search.position'",
            "DELETE FROM message_words WHERE rowid > 0",
        ])
        .await;
    world.store.append(other.says(after.id, "bedside table", None)).await.unwrap();
    search::catch_up(&world.store).await.unwrap();
    assert_eq!(found(&world, agent, "bedside").await, [after.id]);
}
