//! Numbers within a conversation, positions in the feed: dense, and in the order of the commits.

use rstest::rstest;
use switchboard_domain::Visibility;
use switchboard_domain::thread::{REPLIES_TOLD, Refusal};
use switchboard_protocol::model::{Author, MessageKind, Place, Role, Status, SystemLine};
use switchboard_protocol::{ConversationId, agent::ConversationChange};
use switchboard_store::{AppendError, AppendedAt, conversations, feed};

use crate::world::*;

/// While two hubs write, a third party that reads the feed again and again never sees a hole that fills later.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn positions_are_read_without_holes_while_two_hubs_write() {
    let world = World::new(On::Postgres).await;
    let (visitor, conversation) = world.conversation().await;
    let hubs = [world.store.clone(), world.another().await];
    let mut writers = Vec::new();
    for n in 0..200 {
        let store = hubs[n % 2].clone();
        let append = visitor.says(conversation.id, &format!("{n}"), None);
        writers.push(tokio::spawn(async move { store.append(append).await.unwrap() }));
    }
    let mut known = 0;
    // The message that began the conversation is an event too.
    let mut ended = false;
    while known < 201 && !ended {
        // Read once more after the last writer has ended, and then no more: what is missing then stays missing.
        ended = writers.iter().all(tokio::task::JoinHandle::is_finished);
        for event in feed::since(&world.store, known, 1_000).await.unwrap() {
            assert_eq!(event.position, known + 1, "a hole, or an event out of order");
            known = event.position;
        }
    }
    let mut positions = Vec::new();
    for writer in writers {
        positions.push(writer.await.unwrap());
    }
    positions.sort_by_key(|at| at.position);
    let numbers: Vec<_> = positions.iter().map(|at| at.message.number).collect();
    assert_eq!(numbers, (2..=201).collect::<Vec<_>>(), "numbers rise with positions");
}

#[rstest]
#[tokio::test]
async fn one_persons_messages_stand_in_the_order_in_which_they_were_queued(#[values(On::Sqlite, On::Postgres)] on: On) {
    let world = World::new(on).await;
    let (visitor, conversation) = world.conversation().await;
    let sends: Vec<_> = (0..50)
        .map(|n| {
            let store = world.store.clone();
            let append = visitor.says(conversation.id, &format!("{n}"), None);
            // Queued now, in this order; awaited later.
            let mut send = Box::pin(async move { store.append(append).await });
            assert!(poll_once(&mut send).is_none());
            send
        })
        .collect();
    for send in sends {
        send.await.unwrap();
    }
    let texts: Vec<_> =
        all_messages(&world.store, conversation.id).await.into_iter().skip(1).map(|message| message.text).collect();
    assert_eq!(texts, (0..50).map(|n| n.to_string()).collect::<Vec<_>>());
}

/// Polls once.
pub fn poll_once<F: Future + Unpin>(future: &mut F) -> Option<F::Output> {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match std::pin::Pin::new(future).poll(&mut context) {
        std::task::Poll::Ready(output) => Some(output),
        std::task::Poll::Pending => None,
    }
}

#[rstest]
#[tokio::test]
async fn conversations_are_numbered_without_holes_even_when_one_is_rolled_back(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let world = World::new(on).await;
    let inbox = world.inbox().await;
    let visitor = world.visitor(inbox).await;
    assert_eq!(world.begun(visitor).await.number, 1);
    let begin = visitor.begin("never mind");
    let refused = world
        .store
        .write(|tx| {
            Box::pin(async move {
                conversations::begin(tx, begin).await.unwrap();
                Err::<(), _>("changed my mind")
            })
        })
        .await;
    assert!(refused.is_err());
    let second = world.begun(visitor).await;
    assert_eq!((second.number, second.case_number.as_str()), (2, "SB-2"));
}

#[rstest]
#[tokio::test]
async fn a_customers_answer_reopens_and_says_so_in_the_thread(#[values(On::Sqlite, On::Postgres)] on: On) {
    let world = World::new(on).await;
    let agent = world.agent(Role::Agent).await;
    let (visitor, conversation) = world.conversation().await;
    let closed = ConversationChange {
        status: Some(Status::Closed),
        place: Some(Place::Archived),
        ..ConversationChange::default()
    };
    world.change(conversation.id, agent, closed).await.unwrap();
    let at = world.store.append(visitor.says(conversation.id, "One more thing", None)).await.unwrap();
    assert_eq!(at.message.author, Author::Contact { id: visitor.contact });
    let found = conversations::find(&world.store, &Visibility::All, agent, conversation.id).await.unwrap().unwrap();
    let row = found.conversation;
    assert_eq!((row.status, row.place), (Status::Open, Place::Inbox));
    assert_eq!(row.waiting_since, Some(at.message.at));
    let thread = all_messages(&world.store, conversation.id).await;
    let lines: Vec<_> = thread.iter().filter_map(|message| message.line.clone()).collect();
    assert_eq!(
        lines,
        [
            SystemLine::Closed,
            SystemLine::Moved { place: Place::Archived },
            SystemLine::ReopenedByContact,
            SystemLine::Moved { place: Place::Inbox }
        ]
    );
    assert_eq!(row.last_number, thread.last().unwrap().number);
}

#[rstest]
#[tokio::test]
async fn a_reply_on_top_of_an_unseen_one_is_refused_within_one_batch(#[values(On::Sqlite, On::Postgres)] on: On) {
    let world = World::new(on).await;
    let (an, bo) = (world.agent(Role::Agent).await, world.agent(Role::Agent).await);
    let (_, conversation) = world.conversation().await;
    let (mut first, mut second) =
        (reply(an, conversation.id, "from An", None), reply(bo, conversation.id, "from Bo", None));
    (first.message.seen, second.message.seen) = (Some(1), Some(1));
    let (first, second) = tokio::join!(world.store.append(first), world.store.append(second));
    let number = first.unwrap().message.number;
    assert_eq!(unseen(second), [number]);
}

fn unseen(refused: Result<AppendedAt, AppendError>) -> Vec<i64> {
    match refused {
        Err(AppendError::Refused(Refusal::ReplyUnseen { numbers })) => numbers,
        other => panic!("{other:?}"),
    }
}

/// Also what was answered before the writer's own answer of another tab; what they wrote themselves is no surprise.
#[rstest]
#[tokio::test]
async fn all_replies_that_were_not_seen_are_told(#[values(On::Sqlite, On::Postgres)] on: On) {
    let world = World::new(on).await;
    let (an, bo) = (world.agent(Role::Agent).await, world.agent(Role::Agent).await);
    let (visitor, conversation) = world.conversation().await;
    let says = |by, seen| {
        let mut reply = reply(by, conversation.id, "me too", None);
        reply.message.seen = seen;
        world.store.append(reply)
    };
    says(an, None).await.unwrap();
    says(bo, None).await.unwrap();
    world.store.append(visitor.says(conversation.id, "and?", None)).await.unwrap();
    world.store.append(note(bo, conversation.id, "hm")).await.unwrap();
    says(bo, None).await.unwrap();
    says(an, None).await.unwrap();
    assert_eq!(unseen(says(an, Some(1)).await), [3, 6]);
    assert_eq!(unseen(says(an, Some(3)).await), [6]);
    assert_eq!(unseen(says(bo, Some(1)).await), [2, 7]);
    says(an, Some(6)).await.unwrap();
    // In one batch, of which each sees what the ones before it did.
    let (first, second) = tokio::join!(says(bo, Some(8)), says(an, Some(5)));
    assert_eq!((first.unwrap().message.number, unseen(second)), (9, vec![6, 9]));
    for _ in 0..2 * REPLIES_TOLD {
        says(bo, None).await.unwrap();
    }
    let newest: Vec<i64> = (10 + REPLIES_TOLD as i64..10 + 2 * REPLIES_TOLD as i64).collect();
    assert_eq!(unseen(says(an, Some(1)).await), newest);
}

#[rstest]
#[tokio::test]
async fn there_is_no_conversation_that_was_never_begun(#[values(On::Sqlite, On::Postgres)] on: On) {
    let world = World::new(on).await;
    let inbox = world.inbox().await;
    let visitor = world.visitor(inbox).await;
    let nowhere = world.store.append(visitor.says(ConversationId(ulid()), "Hello?", None)).await;
    assert!(matches!(nowhere, Err(AppendError::NotFound)));
    // Nor somebody else's.
    let (_, theirs) = world.conversation().await;
    let into_theirs = world.store.append(visitor.says(theirs.id, "Hello?", None)).await;
    assert!(matches!(into_theirs, Err(AppendError::NotFound)));
    assert_eq!(all_messages(&world.store, theirs.id).await[0].kind, MessageKind::In);
}
