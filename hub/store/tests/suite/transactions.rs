//! Committed, then told and acknowledged: state and event together or not at all, and nothing acknowledged is ever lost.

use rstest::rstest;
use switchboard_protocol::agent::AgentEvent;
use switchboard_protocol::model::Role;
use switchboard_store::{AppendError, Audience, ChangeError, Emit, Tx, WriteError, feed, settings};

use crate::world::*;

fn event(tx: &mut Tx) -> i64 {
    let agent_id = switchboard_protocol::AgentId(ulid());
    let staff = AgentEvent::AccessChanged { agent_id };
    tx.emit(Emit { at: now(), audience: Audience::Team, conversation_id: None, staff, visitor: None })
}

#[rstest]
#[tokio::test]
async fn a_failing_operation_is_rolled_back_alone_and_its_events_with_it(#[values(On::Sqlite, On::Postgres)] on: On) {
    let world = World::new(on).await;
    let mut committed = world.store.committed();
    let mut tasks = Vec::new();
    for n in 0..30 {
        let store = world.store.clone();
        tasks.push(tokio::spawn(async move {
            store
                .write(move |tx| {
                    Box::pin(async move {
                        settings::set(tx, &format!("setting {n}"), "value").await.unwrap();
                        event(tx);
                        if n % 3 == 0 { Err(n) } else { Ok(event(tx)) }
                    })
                })
                .await
        }));
    }
    let mut last = 0;
    for (n, task) in tasks.into_iter().enumerate() {
        let name = format!("setting {n}");
        let kept = settings::find(&world.store, &name);
        match task.await.unwrap() {
            Ok(written) => {
                assert_eq!(written.position, Some(written.value), "the last event's");
                assert!(kept.await.unwrap().is_some());
                last = last.max(written.value);
            }
            Err(WriteError::Refused(of)) => {
                assert!(of == n && n % 3 == 0);
                assert!(kept.await.unwrap().is_none());
            }
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!(last, 2 * 20, "the events of those that failed took no positions");
    let mut told = Vec::new();
    while told.len() < 40 {
        told.extend(within(committed.recv()).await.unwrap().iter().cloned());
    }
    assert_eq!(told.iter().map(|event| event.position).collect::<Vec<_>>(), (1..=40).collect::<Vec<_>>());
    assert_eq!(told, feed::since(&world.store, 0, 100).await.unwrap(), "what was told is what is kept");
}

#[rstest]
#[tokio::test]
async fn an_operation_that_panics_hurts_only_itself(#[values(On::Sqlite, On::Postgres)] on: On) {
    let world = World::new(on).await;
    let broken = world.store.write(|tx| {
        Box::pin(async move {
            settings::set(tx, "half", "done").await.unwrap();
            assert!(event(tx) < 0, "an operation with a fault");
            Ok::<_, ()>(())
        })
    });
    let sound = world.store.write(|tx| Box::pin(async move { settings::set(tx, "whole", "done").await }));
    let (broken, sound) = tokio::join!(broken, sound);
    assert!(matches!(broken, Err(WriteError::Unavailable(_))));
    sound.unwrap();
    assert_eq!(settings::find(&world.store, "half").await.unwrap(), None);
    assert_eq!(settings::find(&world.store, "whole").await.unwrap().as_deref(), Some("done"));
    assert_eq!(feed::head(&world.store).await.unwrap(), 0);
}

/// A row that no decision can go on from: its next message has no number.
async fn full(world: &World, id: switchboard_protocol::ConversationId) {
    world.run(&[&format!("UPDATE conversations SET last_number = {} WHERE id = '{id}'", i64::MAX)]).await;
}

#[rstest]
#[tokio::test]
async fn a_message_that_panics_hurts_only_itself_and_not_the_writer(#[values(On::Sqlite, On::Postgres)] on: On) {
    let world = World::new(on).await;
    let ((sound, kept), (broken, lost)) = (world.conversation().await, world.conversation().await);
    full(&world, lost.id).await;
    let (first, panicking, second) = tokio::join!(
        world.store.append(sound.says(kept.id, "first", None)),
        world.store.append(broken.says(lost.id, "one too many", None)),
        world.store.append(sound.says(kept.id, "second", None)),
    );
    assert!(matches!(panicking, Err(AppendError::Unavailable(_))), "{panicking:?}");
    first.unwrap();
    second.unwrap();
    world.store.ping_writer().await.unwrap();
    let texts: Vec<_> = all_messages(&world.store, kept.id).await.into_iter().map(|message| message.text).collect();
    assert_eq!(texts, ["Hello?", "first", "second"]);
}

#[rstest]
#[tokio::test]
async fn a_writer_that_has_ended_says_so(#[values(On::Sqlite, On::Postgres)] on: On) {
    let world = World::new(on).await;
    world.store.ping_writer().await.unwrap();
    world.store.close().await;
    world.store.ended().await;
    assert!(world.store.ping_writer().await.is_err());
}

#[rstest]
#[tokio::test]
async fn a_database_that_keeps_nothing_says_so_though_its_transactions_end(#[values(On::Sqlite, On::Postgres)] on: On) {
    let world = World::new(on).await;
    world.store.ping_writer().await.unwrap();
    world.run(&["ALTER TABLE settings RENAME TO settings_elsewhere"]).await;
    world.store.ping_writer().await.unwrap_err();
    world.run(&["ALTER TABLE settings_elsewhere RENAME TO settings"]).await;
    world.store.ping_writer().await.unwrap();
}

#[cfg(unix)]
#[tokio::test]
async fn a_new_database_file_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let world = World::new(On::Sqlite).await;
    world.conversation().await;
    for entry in std::fs::read_dir(world.file.as_ref().unwrap().parent().unwrap()).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", entry.path());
    }
}

/// What the database refuses inside an operation must not be carried on with: on neither engine is a half of it kept.
#[rstest]
#[tokio::test]
async fn an_operation_that_ignores_a_refused_statement_cannot_harm_the_others(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let world = World::new(on).await;
    let (visitor, conversation) = world.conversation().await;
    let begin = visitor.begin("again");
    let twice = begin.clone();
    world.store.write(|tx| Box::pin(switchboard_store::conversations::begin(tx, begin))).await.unwrap();
    let before = feed::head(&world.store).await.unwrap();
    let ignoring = |goes_on: bool| {
        let twice = twice.clone();
        world.store.write(move |tx| {
            Box::pin(async move {
                settings::set(tx, "before it", "done").await.unwrap();
                let _taken = switchboard_store::conversations::begin(tx, twice).await.unwrap_err();
                if goes_on {
                    let _refused_on_one_engine = settings::set(tx, "after it", "done").await;
                    event(tx);
                }
                Ok::<_, ()>(())
            })
        })
    };
    // As the whole transaction; then as a part of one, before and after another.
    let mut answers = vec![ignoring(true).await, ignoring(false).await];
    let sound = world.store.append(visitor.says(conversation.id, "sound", None));
    let (first, sound, last) = tokio::join!(ignoring(true), sound, ignoring(false));
    sound.unwrap();
    answers.extend([first, last]);
    for answer in answers {
        assert!(matches!(answer, Err(WriteError::Unavailable(_))), "{answer:?}");
    }
    for name in ["before it", "after it"] {
        assert_eq!(settings::find(&world.store, name).await.unwrap(), None, "{name}");
    }
    assert_eq!(feed::head(&world.store).await.unwrap(), before + 1, "the sound one alone is told");
    assert_eq!(all_messages(&world.store, conversation.id).await.len(), 2);
    // What comes after it is as sound as ever.
    world.store.write(|tx| Box::pin(async move { settings::set(tx, "before it", "done").await })).await.unwrap();
    assert_eq!(settings::find(&world.store, "before it").await.unwrap().as_deref(), Some("done"));
}

/// The runtime goes away in the middle of everything, as with a process that is killed; what was acknowledged is there.
#[rstest]
fn nothing_acknowledged_is_lost_when_the_process_ends(#[values(On::Sqlite, On::Postgres)] on: On) {
    let first = tokio::runtime::Runtime::new().unwrap();
    let (world, conversation, acknowledged) = first.block_on(async {
        let world = World::new(on).await;
        let (visitor, conversation) = world.conversation().await;
        let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
        for n in 0..500 {
            let (store, sender) = (world.store.clone(), sender.clone());
            let append = visitor.says(conversation.id, &format!("{n}"), None);
            tokio::spawn(async move {
                if let Ok(at) = store.append(append).await {
                    let _ = sender.send(at.message);
                }
            });
        }
        let mut acknowledged = Vec::new();
        while acknowledged.len() < 100 {
            acknowledged.push(within(receiver.recv()).await.unwrap());
        }
        while let Ok(more) = receiver.try_recv() {
            acknowledged.push(more);
        }
        (world, conversation.id, acknowledged)
    });
    first.shutdown_background();
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let store = world.another().await;
        let kept = all_messages(&store, conversation).await;
        for message in acknowledged {
            assert!(kept.contains(&message), "{} was acknowledged and is gone", message.number);
        }
        // And what is there is whole: a row for each event, no number missing.
        let numbers: Vec<_> = kept.iter().map(|message| message.number).collect();
        assert_eq!(numbers, (1..=kept.len() as i64).collect::<Vec<_>>());
        assert_eq!(feed::head(&store).await.unwrap(), kept.len() as i64);
    });
}

/// PostgreSQL goes away and comes back: callers are told, the writer finds its way again, nothing acknowledged is lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_writer_survives_its_database() {
    let mut server = testkit::Postgres::start();
    let url = server.database().await.parse().unwrap();
    let store = open(&url).await;
    let set =
        |name: &'static str| store.write(move |tx| Box::pin(async move { settings::set(tx, name, "kept").await }));
    set("before").await.unwrap();
    server.kill();
    assert!(matches!(set("while it is away").await, Err(WriteError::Unavailable(_))));
    assert!(store.ping().await.is_err());
    server.restart();
    set("after").await.unwrap();
    store.ping().await.unwrap();
    for (name, kept) in [("before", true), ("while it is away", false), ("after", true)] {
        assert_eq!(settings::find(&store, name).await.unwrap().is_some(), kept, "{name}");
    }
}

#[rstest]
#[tokio::test]
async fn the_epoch_is_the_databases_own(#[values(On::Sqlite, On::Postgres)] on: On) {
    let world = World::new(on).await;
    let epoch = world.store.epoch().to_owned();
    assert_eq!(world.another().await.epoch(), epoch);
    assert_ne!(World::new(on).await.store.epoch(), epoch);
}

#[rstest]
#[tokio::test]
async fn closing_finishes_what_is_queued(#[values(On::Sqlite, On::Postgres)] on: On) {
    let world = World::new(on).await;
    let agent = world.agent(Role::Agent).await;
    let (_, conversation) = world.conversation().await;
    let mut sends = Vec::new();
    for n in 0..50 {
        let store = world.store.clone();
        let append = reply(agent, conversation.id, &format!("{n}"), None);
        sends.push(tokio::spawn(async move { store.append(append).await }));
    }
    tokio::task::yield_now().await;
    world.store.close().await;
    let mut kept = 0;
    for send in sends {
        kept += usize::from(send.await.unwrap().is_ok());
    }
    let again = world.another().await;
    assert_eq!(all_messages(&again, conversation.id).await.len(), 1 + kept);
}

/// A rule that only COMMIT checks, broken by whatever touches the settings: every statement goes well, the end does not.
async fn poison(world: &World) {
    const SQLITE: &[&str] = &[
        "CREATE TABLE cure (id TEXT PRIMARY KEY)",
        "CREATE TABLE poison (id TEXT REFERENCES cure (id) DEFERRABLE INITIALLY DEFERRED)",
        "CREATE TRIGGER poisoned AFTER INSERT ON settings WHEN new.name = 'poisoned' \
         BEGIN INSERT INTO poison VALUES ('x'); END",
    ];
    const POSTGRES: &[&str] = &[
        SQLITE[0],
        SQLITE[1],
        "CREATE FUNCTION poison () RETURNS TRIGGER LANGUAGE plpgsql AS \
         'BEGIN INSERT INTO poison VALUES (''x''); RETURN new; END'",
        "CREATE TRIGGER poisoned AFTER INSERT ON settings FOR EACH ROW WHEN (new.name = 'poisoned') \
         EXECUTE FUNCTION poison()",
    ];
    world.run(if world.file.is_some() { SQLITE } else { POSTGRES }).await;
}

#[rstest]
#[tokio::test]
async fn what_is_not_committed_is_acknowledged_and_told_to_nobody(#[values(On::Sqlite, On::Postgres)] on: On) {
    let world = World::new(on).await;
    poison(&world).await;
    let mut committed = world.store.committed();
    let set = |name: &'static str| {
        world.store.write(move |tx| {
            Box::pin(async move {
                settings::set(tx, name, "kept").await?;
                Ok::<_, switchboard_store::ChangeError>(event(tx))
            })
        })
    };
    assert!(matches!(set("poisoned").await, Err(WriteError::Unavailable(_))), "acknowledged before the commit");
    assert_eq!(feed::head(&world.store).await.unwrap(), 0);
    assert_eq!(set("sound").await.unwrap().value, 1);
    let told = within(committed.recv()).await.unwrap();
    assert_eq!(told.iter().map(|event| event.position).collect::<Vec<_>>(), [1], "the first that was committed");
    assert_eq!(told.to_vec(), feed::since(&world.store, 0, 10).await.unwrap());
    assert_eq!(settings::find(&world.store, "poisoned").await.unwrap(), None);
}

#[rstest]
#[tokio::test]
async fn a_queue_that_is_full_says_so_and_loses_nothing_that_it_took(#[values(On::Sqlite, On::Postgres)] on: On) {
    let world = World::new(on).await;
    let (visitor, conversation) = world.conversation().await;
    let (go, wait) = tokio::sync::oneshot::channel::<()>();
    let store = world.store.clone();
    let holding = tokio::spawn(async move {
        store.write(|_| Box::pin(async move { wait.await.map_err(|_| ()) })).await.unwrap();
    });
    let mut sends = Vec::new();
    let mut refused = None;
    // Far more than any queue here should hold.
    for n in 0..100_000 {
        let store = world.store.clone();
        let append = visitor.says(conversation.id, &format!("{n}"), None);
        let mut send = Box::pin(async move { store.append(append).await });
        match crate::order::poll_once(&mut send) {
            None => sends.push(send),
            Some(answer) => {
                refused = Some(answer);
                break;
            }
        }
        if n == 0 {
            // The writer takes what is there and stands still in it.
            tokio::task::yield_now().await;
        }
    }
    assert!(matches!(refused, Some(Err(AppendError::Overloaded))));
    go.send(()).unwrap();
    holding.await.unwrap();
    let taken = sends.len() as i64;
    for send in sends {
        send.await.unwrap();
    }
    assert_eq!(feed::head(&world.store).await.unwrap(), 1 + taken);
}

/// On PostgreSQL the other hubs wait for as long as one transaction takes, and everybody in it does.
#[rstest]
#[tokio::test]
async fn slow_operations_are_committed_by_and_by(#[values(On::Sqlite, On::Postgres)] on: On) {
    const SLOW: std::time::Duration = std::time::Duration::from_millis(60);
    let world = World::new(on).await;
    let before = world.store.commits();
    let (queued, all_queued) = tokio::sync::oneshot::channel::<()>();
    let store = world.store.clone();
    let first = tokio::spawn(async move {
        let waits = store.write(|_tx| Box::pin(all_queued));
        waits.await.unwrap();
    });
    let slow: Vec<_> = (0..6)
        .map(|n| {
            let store = world.store.clone();
            tokio::spawn(async move {
                let slow = store.write(move |tx| {
                    Box::pin(async move {
                        tokio::time::sleep(SLOW).await;
                        settings::set(tx, &format!("slow {n}"), "done").await?;
                        Ok::<_, ChangeError>(event(tx))
                    })
                });
                slow.await.unwrap().value
            })
        })
        .collect();
    // Tasks begin in their order, so by now all of them are in the queue.
    tokio::spawn(async move { queued.send(()).unwrap() });
    first.await.unwrap();
    let mut positions = Vec::new();
    for write in slow {
        positions.push(write.await.unwrap());
    }
    let commits = world.store.commits() - before;
    assert_eq!(positions, (1..=6).collect::<Vec<_>>());
    assert!(commits >= 3, "{commits} commits: at most two of the slow ones belong together");
}

/// SQLite's log says anew what it is sealed with each time it begins afresh: bytes 16 to 24
/// (<https://sqlite.org/fileformat2.html#the_write_ahead_log>).
#[tokio::test]
async fn the_log_of_writes_is_brought_into_the_file_while_the_store_is_open() {
    let world = World::new(On::Sqlite).await;
    let log = world.file.as_ref().unwrap().with_extension("db-wal");
    let sealed_with = || std::fs::read(&log).unwrap()[16..24].to_vec();
    // Another value each time: of what is the same SQLite writes nothing.
    let write = || world.store.write(|tx| Box::pin(async move { settings::set(tx, "a", &ulid().to_string()).await }));
    write().await.unwrap();
    let first = sealed_with();
    within(async {
        while sealed_with() == first {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            write().await.unwrap();
        }
    })
    .await;
}
