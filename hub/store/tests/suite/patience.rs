//! A database that stands still, or that another hub holds: everybody is told in time, and goes on when it does.

use std::time::Duration;

use switchboard_store::{ChangeError, DatabaseUrl, Store, WriteError, Written, settings};
use tokio::time::Instant;

use crate::world::*;

/// The longest that anybody may wait for a word.
const IN_TIME: Duration = Duration::from_secs(25);

async fn set(store: &Store, name: &'static str) -> Result<Written<()>, WriteError<ChangeError>> {
    store.write(move |tx| Box::pin(async move { settings::set(tx, name, "kept").await })).await
}

#[tokio::test]
async fn a_database_that_stands_still_is_given_up_and_found_again() {
    let server = testkit::Postgres::start();
    let store = open(&server.database().await.parse().unwrap()).await;
    set(&store, "before").await.unwrap();
    store.ping().await.unwrap();

    server.freeze();
    // From here time goes as fast as nothing else happens.
    tokio::time::pause();
    let began = Instant::now();
    let (written, writer, read) = tokio::join!(set(&store, "while it stands still"), store.ping_writer(), store.ping());
    assert!(matches!(written, Err(WriteError::Unavailable(_))), "{written:?}");
    assert!(writer.is_err() && read.is_err());
    assert!(began.elapsed() < IN_TIME, "{:?}", began.elapsed());
    tokio::time::resume();
    server.thaw();

    set(&store, "after").await.unwrap();
    store.ping_writer().await.unwrap();
    store.ping().await.unwrap();
    for (name, kept) in [("before", true), ("while it stands still", false), ("after", true)] {
        assert_eq!(settings::find(&store, name).await.unwrap().is_some(), kept, "{name}");
    }
}

#[tokio::test]
async fn closing_ends_although_the_database_stands_still() {
    let server = testkit::Postgres::start();
    let address = server.database().await.parse().unwrap();
    let store = open(&address).await;
    server.freeze();
    tokio::time::pause();
    let began = Instant::now();
    let handle = store.clone();
    let writing = tokio::spawn(async move { set(&handle, "while it stands still").await });
    tokio::task::yield_now().await;
    store.close().await;
    assert!(matches!(writing.await.unwrap(), Err(WriteError::Unavailable(_))));
    store.ended().await;
    // And nothing can be opened on it.
    let options = switchboard_store::Options { new_epoch: "another".into() };
    let refused = Store::open(&address, options).await.err().unwrap();
    assert!(matches!(refused, switchboard_store::OpenError::Connect { .. }), "{refused}");
    assert!(began.elapsed() < IN_TIME, "{:?}", began.elapsed());
}

/// It stands still when the operation has the feed's lock already, and nobody has an answer to hand.
#[tokio::test]
async fn a_transaction_that_stands_still_is_given_up_and_leaves_nothing() {
    let server = testkit::Postgres::start();
    let store = open(&server.database().await.parse().unwrap()).await;
    let (begun, has_begun) = tokio::sync::oneshot::channel();
    let (go_on, may_go_on) = tokio::sync::oneshot::channel::<()>();
    let handle = store.clone();
    let half = tokio::spawn(async move {
        handle
            .write(|tx| {
                Box::pin(async move {
                    settings::set(tx, "one half", "kept").await?;
                    begun.send(()).unwrap();
                    may_go_on.await.unwrap();
                    settings::set(tx, "the other", "kept").await
                })
            })
            .await
    });
    has_begun.await.unwrap();
    server.freeze();
    go_on.send(()).unwrap();
    tokio::time::pause();
    let began = Instant::now();
    assert!(matches!(half.await.unwrap(), Err(WriteError::Unavailable(_))));
    assert!(began.elapsed() < IN_TIME, "{:?}", began.elapsed());
    tokio::time::resume();
    server.thaw();
    set(&store, "after").await.unwrap();
    assert_eq!(settings::find(&store, "one half").await.unwrap(), None);
}

/// A hub that is cut off in the middle of a transaction holds up the others, but only so long.
#[tokio::test]
async fn a_hub_that_says_nothing_any_more_loses_the_feeds_lock() {
    let world = World::new(On::Postgres).await;
    // As an operator would say it, in the address.
    let impatient = format!("{}?options=-c%20idle_in_transaction_session_timeout%3D200", world.address);
    let silent = open(&impatient.parse().unwrap()).await;
    let (begun, has_begun) = tokio::sync::oneshot::channel();
    let (_never, silence) = tokio::sync::oneshot::channel::<()>();
    let handle = silent.clone();
    let cut_off = tokio::spawn(async move {
        let operation = handle.write(|_tx| {
            Box::pin(async move {
                begun.send(()).unwrap();
                silence.await
            })
        });
        operation.await.map(|written| written.value)
    });
    has_begun.await.unwrap();
    set(&world.store, "the others go on").await.unwrap();
    cut_off.abort();
}

/// A connection that was lost while nobody wrote costs nobody a write.
#[tokio::test]
async fn a_connection_lost_in_silence_is_replaced_without_a_word() {
    let mut server = testkit::Postgres::start();
    let store = open(&server.database().await.parse().unwrap()).await;
    set(&store, "before").await.unwrap();
    server.restart();
    set(&store, "after").await.unwrap();
}

/// Whoever stops a hub and copies its database copies this.
#[tokio::test]
async fn a_closed_database_is_one_file() {
    let folder = tempfile::tempdir().unwrap();
    let (file, copy) = (folder.path().join("hub.db"), folder.path().join("copy.db"));
    let open_file = async |file: &std::path::Path| open(&DatabaseUrl::sqlite(file)).await;
    let store = open_file(&file).await;
    set(&store, "key").await.unwrap();
    assert!(settings::find(&store, "key").await.unwrap().is_some(), "there is a reader");
    store.close().await;
    std::fs::copy(&file, &copy).unwrap();
    assert_eq!(settings::find(&open_file(&copy).await, "key").await.unwrap().as_deref(), Some("kept"));
}
