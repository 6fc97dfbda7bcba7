//! Positions: what is read again is what was told live, for each reader exactly theirs.

use rstest::rstest;
use serde_json::Value;
use switchboard_domain::Visibility;
use switchboard_protocol::Position;
use switchboard_protocol::agent::ConversationChange;
use switchboard_protocol::model::{Priority, Role, Status};
use switchboard_store::feed::{self, Told};
use switchboard_store::{Audience, Batch, CommittedEvent, Store, access};
use tokio::sync::mpsc;

use crate::world::*;

async fn live(committed: &mut mpsc::Receiver<Batch>, head: i64) -> Vec<CommittedEvent> {
    let mut events: Vec<CommittedEvent> = Vec::new();
    while events.last().is_none_or(|event| event.position < head) {
        events.extend(within(committed.recv()).await.unwrap().iter().cloned());
    }
    events
}

#[rstest]
#[tokio::test]
async fn resume_is_the_live_stream_filtered(#[values(On::Sqlite, On::Postgres)] on: On) {
    let world = World::new(on).await;
    let mut committed = world.store.committed();
    let (an, bo) = (world.agent(Role::Agent).await, world.agent(Role::Agent).await);
    let ((v1, c1), (v2, c2)) = (world.conversation().await, world.conversation().await);
    let closed = ConversationChange { status: Some(Status::Closed), ..ConversationChange::default() };
    let urgent = ConversationChange { priority: Some(Priority::Urgent), ..ConversationChange::default() };
    for n in 0..5 {
        world.store.append(v1.says(c1.id, &format!("v1 {n}"), None)).await.unwrap();
        world.store.append(note(an, c1.id, "for us alone")).await.unwrap();
        world.store.append(reply(bo, c2.id, &format!("bo {n}"), None)).await.unwrap();
        world.change(c1.id, an, closed.clone()).await.unwrap();
        world.change(c2.id, an, urgent.clone()).await;
        world.store.append(v2.says(c2.id, &format!("v2 {n}"), None)).await.unwrap();
    }
    world.store.write(move |tx| Box::pin(async move { access::changed(tx, &[an], now()).await })).await.unwrap();

    let head = feed::head(&world.store).await.unwrap();
    let live = live(&mut committed, head).await;
    assert_eq!(live.iter().map(|event| event.position).collect::<Vec<_>>(), (1..=head).collect::<Vec<_>>());
    for after in [0, 1, head / 2, head - 1, head] {
        let kept = feed::since(&world.store, after, 1_000).await.unwrap();
        assert_eq!(kept, live[after as usize..], "since {after}");
        for (agent, sees) in [(an, only([v1.inbox])), (bo, only([v2.inbox])), (bo, Visibility::All), (an, only([]))] {
            let expected: Vec<_> = live[after as usize..]
                .iter()
                .filter(|event| match event.audience {
                    Audience::Inbox(inbox) => sees.sees(inbox),
                    Audience::Agent(of) | Audience::Access(of) => of == agent,
                    Audience::Team => true,
                })
                .map(|event| Told { position: event.position, frame: event.staff.clone() })
                .collect();
            assert_eq!(paged(&world, after, head, |at| (agent, sees.clone(), at)).await, expected);
        }
    }
}

/// In slices of three, as a reader with little room would.
async fn paged(
    world: &World,
    mut after: i64,
    head: i64,
    reader: impl Fn(i64) -> (switchboard_protocol::AgentId, Visibility, i64),
) -> Vec<Told> {
    let mut all = Vec::new();
    while after < head {
        let (agent, sees, at) = reader(after);
        let slice = feed::since_for_staff(&world.store, &sees, agent, at, 3).await.unwrap().unwrap();
        assert!(slice.upto > after, "a slice always gets on");
        after = slice.upto;
        all.extend(slice.events);
    }
    all
}

#[rstest]
#[tokio::test]
async fn a_visitor_hears_of_messages_and_of_closing_but_never_of_notes_and_lines(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let world = World::new(on).await;
    let an = world.agent(Role::Agent).await;
    let (visitor, conversation) = world.conversation().await;
    world.store.append(note(an, conversation.id, "SECRET")).await.unwrap();
    world.store.append(reply(an, conversation.id, "Good day", Some("hers"))).await.unwrap();
    let change = ConversationChange {
        status: Some(Status::Closed),
        tags: Some(vec!["SECRET".into()]),
        ..ConversationChange::default()
    };
    world.change(conversation.id, an, change).await.unwrap();
    world.store.append(visitor.says(conversation.id, "Thanks", Some("mine"))).await.unwrap();

    let events = feed::since(&world.store, 0, 100).await.unwrap();
    let told: Vec<_> = events.iter().filter_map(|event| Some((event.position, event.visitor.as_ref()?))).collect();
    let frames: Vec<Value> = told.iter().map(|(_, (_, frame))| serde_json::from_str(frame).unwrap()).collect();
    let kinds: Vec<_> = frames.iter().map(|frame| frame["event"].as_str().unwrap()).collect();
    assert_eq!(
        kinds,
        ["conversation_created", "message_created", "conversation_changed", "message_created", "conversation_changed"]
    );
    for (frame, (position, (whose, text))) in frames.iter().zip(&told) {
        assert_eq!(*whose, visitor.identity);
        assert_eq!((&frame["t"], &frame["position"]), (&"event".into(), &(*position).into()));
        assert!(!text.contains("SECRET"));
    }
    assert_eq!(frames[1]["message"]["author"], serde_json::json!({ "kind": "agent", "name": "An" }));
    assert_eq!(frames[1]["message"].get("client_id"), None);
    assert_eq!(frames[3]["message"]["client_id"], "mine");
    assert_eq!(
        (&frames[2]["conversation"]["closed"], &frames[4]["conversation"]["closed"]),
        (&true.into(), &false.into())
    );
}

#[rstest]
#[tokio::test]
async fn the_feed_is_forgotten_from_its_beginning(#[values(On::Sqlite, On::Postgres)] on: On) {
    let world = World::new(on).await;
    let (visitor, conversation) = world.conversation().await;
    for n in 0..9 {
        world.store.append(visitor.says(conversation.id, &format!("{n}"), None)).await.unwrap();
    }
    assert_eq!(feed::floor(&world.store).await.unwrap(), 0);
    let fifth = all_messages(&world.store, conversation.id).await[4].at;
    let gone = world.store.write(move |tx| Box::pin(async move { feed::prune(tx, fifth).await })).await.unwrap();
    assert_eq!(gone.value, 4);
    assert_eq!((feed::floor(&world.store).await.unwrap(), feed::head(&world.store).await.unwrap()), (4, 10));
    // Whoever asks for what is partly forgotten is told so, and never gets the rest as if it were all.
    let agent = world.agent(Role::Agent).await;
    for (after, there) in [(0, false), (3, false), (4, true), (9, true), (10, true)] {
        let staff = feed::since_for_staff(&world.store, &Visibility::All, agent, after, 100).await.unwrap();
        let expected = there.then_some((10 - after) as usize);
        assert_eq!(staff.map(|slice| slice.events.len()), expected, "after {after}");
        assert_eq!(next(&world.store, after).await, expected, "a hub, after {after}");
    }
    let gone = world.store.write(|tx| Box::pin(async move { feed::prune(tx, i64::MAX).await })).await.unwrap();
    assert_eq!(gone.value, 6);
    assert_eq!((feed::floor(&world.store).await.unwrap(), feed::head(&world.store).await.unwrap()), (10, 10));
    // Also where nothing is left that would show the hole.
    assert_eq!((next(&world.store, 9).await, next(&world.store, 10).await), (None, Some(0)));
}

/// How many events a hub is given that has everything up to `after`. None: some are forgotten.
async fn next(store: &Store, after: Position) -> Option<usize> {
    match feed::next(store, after, 100).await.unwrap() {
        feed::Next::Events { events, head: 10 } => Some(events.len()),
        feed::Next::Forgotten { head: 10, floor } if floor > after => None,
        other => panic!("another head: {other:?}"),
    }
}

/// One hub's clock is ahead: what it has told stays longer, and all that came after it.
#[rstest]
#[tokio::test]
async fn clocks_that_differ_leave_no_hole_in_the_feed(#[values(On::Sqlite, On::Postgres)] on: On) {
    let world = World::new(on).await;
    let (visitor, conversation) = world.conversation().await;
    for n in 0..9 {
        world.store.append(visitor.says(conversation.id, &format!("{n}"), None)).await.unwrap();
    }
    let later = now();
    world.run(&[&format!("UPDATE events SET at = {} WHERE position = 4", later + 1)]).await;
    let gone = world.store.write(move |tx| Box::pin(async move { feed::prune(tx, later).await })).await.unwrap();
    assert_eq!(gone.value, 3);
    let kept = feed::since(&world.store, 0, 100).await.unwrap();
    assert_eq!(kept.iter().map(|event| event.position).collect::<Vec<_>>(), (4..=10).collect::<Vec<_>>());
}
