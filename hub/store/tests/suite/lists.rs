//! Folders, counts, filters, pages: each against what a simple reading of the rows says.

use std::collections::BTreeSet;

use rstest::rstest;
use switchboard_domain::Visibility;
use switchboard_protocol::agent::ConversationChange;
use switchboard_protocol::model::{Conversation, Place, Priority, Role, Status};
use switchboard_protocol::rest::{ConversationRow, Folder, Sort};
use switchboard_protocol::{AgentId, ConversationId};
use switchboard_store::conversations::{self, Assignee, Between, LastBy, Query};
use switchboard_store::{ReadError, Store, reads};

use crate::world::*;

/// What lies in a folder, in words of the row.
pub fn lies_in(folder: Folder, row: &ConversationRow, reader: AgentId) -> bool {
    let c = &row.conversation;
    let open = c.place == Place::Inbox && c.status == Status::Open;
    match folder {
        Folder::Inbox => open,
        Folder::Unread => open && c.last_in_number > row.read_number,
        Folder::Mine => open && c.assignees.contains(&reader),
        Folder::Unassigned => open && c.assignees.is_empty(),
        Folder::Snoozed => c.place == Place::Inbox && c.status == Status::Snoozed,
        Folder::Sent => c.place == Place::Inbox && c.started_by == Some(reader) && c.last_in_number == 0,
        Folder::Closed => c.place == Place::Inbox && c.status == Status::Closed,
        Folder::Archived => c.place == Place::Archived,
        Folder::Spam => c.place == Place::Spam,
        Folder::Trash => c.place == Place::Trash,
    }
}

/// All rows of a list, in small pages.
pub async fn all(store: &Store, visibility: &Visibility, query: Query) -> Vec<ConversationRow> {
    let mut query = Query { limit: 3, ..query };
    let mut rows = Vec::new();
    loop {
        let page = conversations::page(store, visibility, &query).await.unwrap();
        assert!(page.rows.len() <= 3);
        rows.extend(page.rows);
        match page.next {
            Some(next) => query.cursor = Some(next),
            None => return rows,
        }
    }
}

pub fn ids(rows: &[ConversationRow]) -> Vec<ConversationId> {
    rows.iter().map(|row| row.conversation.id).collect()
}

/// Ten conversations in as many states.
async fn busy(world: &World, reader: AgentId, other: AgentId) -> Vec<Conversation> {
    let inbox = world.inbox().await;
    let mut made = Vec::new();
    for _ in 0..10 {
        let visitor = world.visitor(inbox).await;
        made.push(world.begun(visitor).await);
    }
    let change = ConversationChange::default;
    let later = now() + 3_600_000;
    let changes = [
        ConversationChange { status: Some(Status::Closed), ..change() },
        ConversationChange { snoozed_until: Some(later), ..change() },
        ConversationChange { place: Some(Place::Spam), ..change() },
        ConversationChange { place: Some(Place::Trash), ..change() },
        ConversationChange { place: Some(Place::Archived), status: Some(Status::Closed), ..change() },
        ConversationChange { assignees: Some(vec![other, reader]), ..change() },
        ConversationChange {
            assignees: Some(vec![other]),
            tags: Some(vec!["refund".into(), "vip".into()]),
            ..change()
        },
        ConversationChange { priority: Some(Priority::High), ..change() },
    ];
    for (conversation, change) in made.iter().zip(changes) {
        world.change(conversation.id, reader, change).await.unwrap();
    }
    world.store.append(reply(other, made[8].id, "answered", None)).await.unwrap();
    let read = made[9].id;
    world.store.write(move |tx| Box::pin(async move { reads::advance(tx, reader, read, 1).await })).await.unwrap();
    // As if the reader had written first.
    let sent = format!("UPDATE conversations SET started_by = '{reader}', last_in_number = 0 WHERE id = '{read}'");
    world.run(&[&sent]).await;
    made
}

#[rstest]
#[tokio::test]
async fn every_folder_holds_what_it_says_and_counts_it(#[values(On::Sqlite, On::Postgres)] on: On) {
    let world = World::new(on).await;
    let (reader, other) = (world.agent(Role::Agent).await, world.agent(Role::Agent).await);
    busy(&world, reader, other).await;
    let everything = all(&world.store, &Visibility::All, Query::all(reader)).await;
    assert_eq!(everything.len(), 10);
    let counted = conversations::counts(&world.store, &Visibility::All, reader).await.unwrap();
    for (folder, count) in Folder::ALL.iter().zip(&counted.folders) {
        let listed = all(&world.store, &Visibility::All, Query { folder: Some(*folder), ..Query::all(reader) }).await;
        let expected: Vec<_> = everything.iter().filter(|row| lies_in(*folder, row, reader)).cloned().collect();
        assert!(!expected.is_empty(), "{folder:?} is put to the test");
        assert_eq!(listed, expected, "{folder:?}");
        assert_eq!((count.folder, count.conversations), (*folder, expected.len() as i64));
    }
    let open = everything.iter().filter(|row| lies_in(Folder::Inbox, row, reader)).count() as i64;
    assert_eq!(counted.inboxes.iter().map(|inbox| inbox.conversations).collect::<Vec<_>>(), [open]);
}

#[rstest]
#[tokio::test]
async fn filters_narrow_and_sorts_order(#[values(On::Sqlite, On::Postgres)] on: On) {
    let world = World::new(on).await;
    let (reader, other) = (world.agent(Role::Agent).await, world.agent(Role::Agent).await);
    let made = busy(&world, reader, other).await;
    let q = || Query::all(reader);
    let of = |query: Query| async { ids(&all(&world.store, &Visibility::All, query).await) };
    assert_eq!(of(Query { assignee: Some(Assignee::Agent(reader)), ..q() }).await, [made[5].id]);
    assert_eq!(of(Query { assignee: Some(Assignee::Agent(other)), ..q() }).await, [made[6].id, made[5].id]);
    assert_eq!(of(Query { assignee: Some(Assignee::Nobody), ..q() }).await.len(), 8);
    assert_eq!(of(Query { tag: Some("vip".into()), ..q() }).await, [made[6].id]);
    assert_eq!(of(Query { priority: Some(Priority::High), ..q() }).await, [made[7].id]);
    assert_eq!(of(Query { last_by: Some(LastBy::Team), ..q() }).await, [made[8].id]);
    assert_eq!(of(Query { last_by: Some(LastBy::Contact), ..q() }).await.len(), 9);
    assert_eq!(of(Query { status: Some(Status::Snoozed), ..q() }).await, [made[1].id]);
    assert_eq!(of(Query { contact: Some(made[3].contact.id), ..q() }).await, [made[3].id]);
    assert_eq!(of(Query { words: Some("sb-4".into()), ..q() }).await, [made[3].id]);
    assert_eq!(of(Query { words: Some("100%_!".into()), ..q() }).await, []);
    assert_eq!(of(Query { inbox: Some(made[0].inbox_id), ..q() }).await.len(), 10);
    let set = |what: &str, place: usize| format!("UPDATE conversations SET {what} WHERE id = '{}'", made[place].id);
    world
        .run(&[
            &set("flagged = TRUE, language = 'pt-BR'", 0),
            &set("has_files = TRUE, language = 'pt'", 1),
            &set("created_at = 5, last_activity_at = 50, language = 'pts'", 2),
        ])
        .await;
    assert_eq!(of(Query { flagged: Some(true), ..q() }).await, [made[0].id]);
    assert_eq!(of(Query { flagged: Some(false), ..q() }).await.len(), 9);
    assert_eq!(of(Query { has_files: Some(true), ..q() }).await, [made[1].id]);
    assert_eq!(of(Query { has_files: Some(false), ..q() }).await.len(), 9);
    assert_eq!(of(Query { language: Some("PT".into()), ..q() }).await, [made[1].id, made[0].id]);
    assert_eq!(of(Query { language: Some("pt-br".into()), ..q() }).await, [made[0].id]);
    for (from, before, held) in [(Some(5), Some(6), 1), (None, Some(5), 0), (Some(6), None, 9)] {
        assert_eq!(of(Query { created: Between { from, before }, ..q() }).await.len(), held);
    }
    let active = Between { from: Some(50), before: Some(51) };
    assert_eq!(of(Query { active, ..q() }).await, [made[2].id]);
    let created: Vec<_> = made.iter().rev().map(|row| row.id).collect();
    assert_eq!(of(Query { sort: Sort::Created, ..q() }).await, created);
    let waiting = all(&world.store, &Visibility::All, Query { sort: Sort::Waiting, ..q() }).await;
    let since: Vec<_> = waiting.iter().map(|row| row.conversation.waiting_since.unwrap_or(i64::MAX)).collect();
    assert!(since.is_sorted() && since.len() == 10 && since[9] == i64::MAX);
}

/// The kept numbers follow every way in which a row can move, also that of another program.
#[rstest]
#[tokio::test]
async fn counts_stay_right_through_moves_and_deletions(#[values(On::Sqlite, On::Postgres)] on: On) {
    let world = World::new(on).await;
    let (reader, other) = (world.agent(Role::Agent).await, world.agent(Role::Agent).await);
    let made = busy(&world, reader, other).await;
    let (a, b) = (made[0].id, made[2].id);
    let reopened = ConversationChange { status: Some(Status::Open), ..ConversationChange::default() };
    world.change(a, reader, reopened).await.unwrap();
    world
        .run(&[
            &format!("UPDATE conversations SET place = 'trash', status = 'closed' WHERE id = '{}'", made[9].id),
            &format!("DELETE FROM conversations WHERE id = '{b}'"),
        ])
        .await;
    // What is rolled back has not been counted.
    let undone = world.store.write(move |tx| {
        Box::pin(async move {
            let change = ConversationChange { place: Some(Place::Spam), ..ConversationChange::default() };
            change_in(tx, a, reader, change).await.unwrap();
            Err::<(), ()>(())
        })
    });
    assert!(undone.await.is_err());
    let everything = all(&world.store, &Visibility::All, Query::all(reader)).await;
    assert_eq!(everything.len(), 9);
    let counted = conversations::counts(&world.store, &Visibility::All, reader).await.unwrap();
    for count in counted.folders {
        let expected = everything.iter().filter(|row| lies_in(count.folder, row, reader)).count() as i64;
        assert_eq!(count.conversations, expected, "{:?}", count.folder);
    }
}

#[rstest]
#[tokio::test]
async fn the_newest_conversation_of_each_visitor_is_found_at_once(#[values(On::Sqlite, On::Postgres)] on: On) {
    let world = World::new(on).await;
    let agent = world.agent(Role::Agent).await;
    let inbox = world.inbox().await;
    let (one, two, silent) = (world.visitor(inbox).await, world.visitor(inbox).await, world.visitor(inbox).await);
    let first = world.begun(one).await.id;
    let thrown_away = world.begun(one).await.id;
    world.begun(two).await;
    let newest = world.begun(two).await.id;
    let trash = ConversationChange { place: Some(Place::Trash), ..ConversationChange::default() };
    world.change(thrown_away, agent, trash).await.unwrap();
    let found = conversations::newest_of(&world.store, &[one.identity, two.identity, silent.identity]).await.unwrap();
    assert_eq!(found, [(one.identity, first), (two.identity, newest)].into());
}

#[rstest]
#[tokio::test]
async fn pages_stay_right_while_conversations_come_in(#[values(On::Sqlite, On::Postgres)] on: On) {
    let world = World::new(on).await;
    let reader = world.agent(Role::Agent).await;
    let inbox = world.inbox().await;
    let visitor = world.visitor(inbox).await;
    let mut made = Vec::new();
    for _ in 0..10 {
        made.push(world.begun(visitor).await.id);
    }
    let mut query = Query { limit: 3, ..Query::all(reader) };
    let mut seen = Vec::new();
    loop {
        let page = conversations::page(&world.store, &Visibility::All, &query).await.unwrap();
        seen.extend(ids(&page.rows));
        // Something new comes in at the top between each two pages.
        world.begun(visitor).await;
        match page.next {
            Some(next) => query.cursor = Some(next),
            None => break,
        }
    }
    made.reverse();
    assert_eq!(seen, made, "each once, none missed");
    let foreign = Query { sort: Sort::Waiting, ..query.clone() };
    for bad in [foreign, Query { cursor: Some("nonsense".into()), ..query.clone() }] {
        let refused = conversations::page(&world.store, &Visibility::All, &bad).await;
        assert!(matches!(refused, Err(ReadError::BadCursor)));
    }
}

#[rstest]
#[tokio::test]
async fn a_read_position_only_goes_forward(#[values(On::Sqlite, On::Postgres)] on: On) {
    let world = World::new(on).await;
    let reader = world.agent(Role::Agent).await;
    let (_, conversation) = world.conversation().await;
    let id = conversation.id;
    let mut moved = Vec::new();
    for number in [3, 2, 3, 5] {
        let read = world.store.write(move |tx| Box::pin(async move { reads::advance(tx, reader, id, number).await }));
        moved.push(read.await.unwrap().value);
    }
    assert_eq!(moved, [true, false, false, true]);
    let row = conversations::find(&world.store, &Visibility::All, reader, id).await.unwrap().unwrap();
    assert_eq!(row.read_number, 5);
}

#[rstest]
#[tokio::test]
async fn messages_come_in_pages_from_the_newest(#[values(On::Sqlite, On::Postgres)] on: On) {
    let world = World::new(on).await;
    let an = world.agent(Role::Agent).await;
    let (visitor, conversation) = world.conversation().await;
    for n in 2..=9 {
        world.store.append(note(an, conversation.id, &format!("{n}"))).await.unwrap();
    }
    let page = |before, limit| {
        let store = &world.store;
        async move {
            let page = switchboard_store::messages::page(store, &Visibility::All, conversation.id, before, limit);
            let page = page.await.unwrap().unwrap();
            (page.messages.iter().map(|message| message.number).collect::<Vec<_>>(), page.more)
        }
    };
    assert_eq!(page(None, 4).await, (vec![6, 7, 8, 9], true));
    assert_eq!(page(Some(6), 4).await, (vec![2, 3, 4, 5], true));
    assert_eq!(page(Some(2), 4).await, (vec![1], false));
    assert_eq!(page(Some(1), 4).await, (vec![], false));
    // The visitor's pages have no notes in them.
    let theirs =
        switchboard_store::messages::page_for_identity(&world.store, visitor.identity, conversation.id, None, 100);
    let theirs = theirs.await.unwrap().unwrap();
    assert_eq!(theirs.messages.iter().map(|message| message.number).collect::<BTreeSet<_>>(), BTreeSet::from([1]));
}
