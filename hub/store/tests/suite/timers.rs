//! What is due at a time is found then, taken once, and of snoozed conversations follows their rows.

use rstest::rstest;
use switchboard_store::timers::{self, Timer, TimerKind};

use crate::world::*;

fn timer(subject: &str, due_at: i64) -> Timer {
    Timer { kind: TimerKind::Wake, subject: subject.to_owned(), due_at }
}

async fn due(world: &World, until: i64) -> Vec<(String, i64)> {
    let found = timers::due(&world.store, until, 10).await.unwrap();
    found.into_iter().map(|timer| (timer.subject, timer.due_at)).collect()
}

#[rstest]
#[tokio::test]
async fn a_timer_is_found_when_due_and_taken_once(#[values(On::Sqlite, On::Postgres)] on: On) {
    let world = World::new(on).await;
    for (subject, at) in [("later", 30), ("first", 10), ("moved", 5), ("moved", 20)] {
        world.store.write(move |tx| Box::pin(timers::set(tx, TimerKind::Wake, subject, at))).await.unwrap();
    }
    assert_eq!(due(&world, 9).await, []);
    assert_eq!(due(&world, 20).await, [("first".to_owned(), 10), ("moved".to_owned(), 20)]);
    let take = async |timer: Timer| {
        let taken = world.store.write(move |tx| Box::pin(async move { timers::take(tx, &timer).await }));
        taken.await.unwrap().value
    };
    assert!(!take(timer("moved", 5)).await, "as it was found before it was moved");
    assert!(take(timer("first", 10)).await);
    assert!(!take(timer("first", 10)).await, "a second time");
    world.store.write(|tx| Box::pin(timers::clear(tx, TimerKind::Wake, "moved"))).await.unwrap();
    assert_eq!(due(&world, 30).await, [("later".to_owned(), 30)]);
}

/// Whichever way the row is written.
#[rstest]
#[tokio::test]
async fn a_snoozed_conversation_has_its_timer(#[values(On::Sqlite, On::Postgres)] on: On) {
    let world = World::new(on).await;
    let (_, conversation) = world.conversation().await;
    let id = conversation.id;
    let becomes = async |set: &str| world.run(&[&format!("UPDATE conversations SET {set} WHERE id = '{id}'")]).await;
    becomes("status = 'snoozed', snoozed_until = 40").await;
    assert_eq!(due(&world, 100).await, [(id.to_string(), 40)]);
    becomes("snoozed_until = 60").await;
    assert_eq!(due(&world, 100).await, [(id.to_string(), 60)]);
    becomes("status = 'open', snoozed_until = NULL").await;
    assert_eq!(due(&world, 100).await, []);
}
