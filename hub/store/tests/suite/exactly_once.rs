//! Exactly once: the identity of what comes in is a key, and the constraint decides.

use std::collections::BTreeSet;

use rstest::rstest;
use switchboard_domain::Visibility;
use switchboard_protocol::AttachmentId;
use switchboard_protocol::model::{Attachment, Role};
use switchboard_store::attachments::{self, Uploader};
use switchboard_store::edge_keys::{self, Claim, Scope};
use switchboard_store::{Append, AppendError, ChangeError, Sender, WriteError, access, inboxes};

use crate::world::*;

#[rstest]
#[tokio::test]
async fn sent_five_times_at_once_through_two_hubs_is_there_once(#[values(On::Sqlite, On::Postgres)] on: On) {
    let world = World::new(on).await;
    let (visitor, conversation) = world.conversation().await;
    // On SQLite there is one hub; on PostgreSQL two write at the same time.
    let other = if on == On::Postgres { world.another().await } else { world.store.clone() };
    let mut tasks = Vec::new();
    for n in 0..40 {
        for time in 0..5 {
            let store = if time % 2 == 0 { world.store.clone() } else { other.clone() };
            // Each try has an id of its own, as a client that lost its connection would make the hub give.
            let append = visitor.says(conversation.id, &format!("message {n}"), Some(&format!("key {n}")));
            tasks.push(tokio::spawn(async move { (n, store.append(append).await.unwrap()) }));
        }
    }
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await.unwrap());
    }
    for n in 0..40 {
        let of_n: Vec<_> = answers.iter().filter(|(of, _)| *of == n).map(|(_, at)| at).collect();
        assert_eq!(of_n.iter().filter(|at| !at.repeated).count(), 1, "one of the five is the first");
        assert!(of_n.iter().all(|at| at.message == of_n[0].message && at.position == of_n[0].position));
    }
    let all = all_messages(&world.store, conversation.id).await;
    assert_eq!(all.len(), 1 + 40);
    assert_eq!(all.iter().map(|m| m.number).collect::<Vec<_>>(), (1..=41).collect::<Vec<_>>());
}

#[rstest]
#[tokio::test]
async fn a_repeat_into_another_conversation_gets_the_first_ones_result(#[values(On::Sqlite, On::Postgres)] on: On) {
    let world = World::new(on).await;
    let (visitor, conversation) = world.conversation().await;
    let second = world.begun(visitor).await;
    let first = world.store.append(visitor.says(conversation.id, "once", Some("a"))).await.unwrap();
    let again = world.store.append(visitor.says(second.id, "once", Some("a"))).await.unwrap();
    assert!(again.repeated);
    assert_eq!((again.message, again.position), (first.message, first.position));
    assert_eq!(all_messages(&world.store, second.id).await.len(), 1);
}

/// One in a transaction of its own, and one in the very transaction of the first.
#[rstest]
#[tokio::test]
async fn a_key_stands_for_one_message(#[values(On::Sqlite, On::Postgres)] on: On) {
    let world = World::new(on).await;
    let an = world.agent(Role::Agent).await;
    let (visitor, conversation) = world.conversation().await;
    let second = world.begun(visitor).await;
    let file = |name: &str| Attachment {
        id: AttachmentId(ulid()),
        name: name.into(),
        media_type: "text/plain".into(),
        bytes: 7,
        picture: false,
    };
    let (sent, unsent) = (file("sent.txt"), file("unsent.txt"));
    let files = [sent.clone(), unsent.clone()];
    let kept = world.store.write(move |tx| {
        Box::pin(async move {
            for file in &files {
                attachments::insert(tx, file, Uploader::Agent(an), 5).await?;
            }
            Ok::<_, ChangeError>(())
        })
    });
    kept.await.unwrap();
    let written = |id, text, files: &[&Attachment]| Append {
        attachment_ids: files.iter().map(|file| file.id).collect(),
        ..reply(an, id, text, Some("a"))
    };
    let first = || world.store.append(written(conversation.id, "once", &[&sent]));
    first().await.unwrap();
    let mut noted = note(an, conversation.id, "once");
    noted.message.client_id = Some("a".into());
    let others = [
        written(conversation.id, "another text", &[&sent]),
        written(conversation.id, "once", &[]),
        written(conversation.id, "once", &[&unsent]),
        written(conversation.id, "once", &[&sent, &unsent]),
        written(second.id, "once", &[&sent]),
        Append { attachment_ids: vec![sent.id], ..noted },
    ];
    for (n, other) in others.into_iter().enumerate() {
        assert!(matches!(world.store.append(other).await, Err(AppendError::KeyReused)), "{n}");
    }
    assert!(first().await.unwrap().repeated);
    let (one, two) = tokio::join!(
        world.store.append(visitor.says(conversation.id, "one", Some("b"))),
        world.store.append(visitor.says(conversation.id, "two", Some("b"))),
    );
    one.unwrap();
    assert!(matches!(two, Err(AppendError::KeyReused)));
}

/// In one transaction as in two: what was refused is nobody's first.
#[rstest]
#[tokio::test]
async fn one_that_was_refused_leaves_its_key_to_the_next(#[values(On::Sqlite, On::Postgres)] on: On) {
    let world = World::new(on).await;
    let an = world.agent(Role::Agent).await;
    let (_, conversation) = world.conversation().await;
    let quicker = reply(world.agent(Role::Agent).await, conversation.id, "somebody was quicker", None);
    world.store.append(quicker).await.unwrap();
    let answers = |seen| {
        let mut reply = reply(an, conversation.id, "mine", Some("a"));
        reply.message.seen = seen;
        world.store.append(reply)
    };
    let (asked, over, again) = tokio::join!(answers(Some(1)), answers(None), answers(None));
    assert!(matches!(asked, Err(AppendError::Refused(_))), "{asked:?}");
    let (over, again) = (over.unwrap(), again.unwrap());
    assert_eq!((over.repeated, again.repeated), (false, true));
    assert_eq!(again.message, over.message);

    let (stranger, _) = world.conversation().await;
    let says = |id| world.store.append(stranger.says(id, "hello?", Some("b")));
    let own = world.begun(stranger).await;
    let (others, own) = tokio::join!(says(conversation.id), says(own.id));
    assert!(matches!(others, Err(AppendError::NotFound)), "{others:?}");
    assert!(!own.unwrap().repeated);
}

/// Whoever may not see the thread any more does not hear what it is like now, by no repeat of what they once sent.
#[rstest]
#[tokio::test]
async fn a_repeat_is_answered_by_the_rights_of_now(#[values(On::Sqlite, On::Postgres)] on: On) {
    let world = World::new(on).await;
    let agent = world.agent(Role::Agent).await;
    let (visitor, conversation) = world.conversation().await;
    let before = || world.store.append(reply(agent, conversation.id, "once", Some("a")));
    before().await.unwrap();
    let changed = world.store.write(move |tx| Box::pin(async move { access::changed(tx, &[agent], 1).await }));
    let access_position = changed.await.unwrap().position.unwrap();
    let by = |visibility| {
        let sender = Sender::Agent { id: agent, visibility, access_position };
        world.store.append(Append { sender, ..reply(agent, conversation.id, "once", Some("a")) })
    };
    let (old, now, older) = tokio::join!(before(), by(Visibility::All), before());
    assert!(now.unwrap().repeated);
    assert!(matches!((old, older), (Err(AppendError::AccessChanged), Err(AppendError::AccessChanged))));
    assert!(matches!(by(only([])).await, Err(AppendError::NotFound)));

    let own = || world.store.append(visitor.says(conversation.id, "hello?", Some("b")));
    own().await.unwrap();
    assert!(own().await.unwrap().repeated);
    let inbox = visitor.inbox;
    world.store.write(move |tx| Box::pin(async move { inboxes::remove(tx, inbox, 5).await })).await.unwrap();
    assert!(matches!(own().await, Err(AppendError::NotFound)));
}

#[rstest]
#[tokio::test]
async fn two_people_may_use_the_same_client_id(#[values(On::Sqlite, On::Postgres)] on: On) {
    let world = World::new(on).await;
    let agent = world.agent(Role::Agent).await;
    let (visitor, conversation) = world.conversation().await;
    assert!(!world.store.append(visitor.says(conversation.id, "mine", Some("a"))).await.unwrap().repeated);
    assert!(!world.store.append(reply(agent, conversation.id, "mine", Some("a"))).await.unwrap().repeated);
}

#[rstest]
#[tokio::test]
async fn a_refused_message_gives_its_key_back(#[values(On::Sqlite, On::Postgres)] on: On) {
    let world = World::new(on).await;
    let agent = world.agent(Role::Agent).await;
    let (_, conversation) = world.conversation().await;
    let mut hidden = reply(agent, conversation.id, "let me in", Some("a"));
    hidden.sender = Sender::Agent { id: agent, visibility: only([]), access_position: 0 };
    assert!(matches!(world.store.append(hidden.clone()).await, Err(AppendError::NotFound)));
    hidden.sender = Sender::Agent { id: agent, visibility: Visibility::All, access_position: 0 };
    assert!(!world.store.append(hidden).await.unwrap().repeated);
}

#[rstest]
#[tokio::test]
async fn whose_access_has_changed_writes_nothing_by_what_was_read_before(#[values(On::Sqlite, On::Postgres)] on: On) {
    let world = World::new(on).await;
    let agent = world.agent(Role::Agent).await;
    let (_, conversation) = world.conversation().await;
    let before = reply(agent, conversation.id, "by old rights", Some("a"));
    let changed = world.store.write(move |tx| Box::pin(async move { access::changed(tx, &[agent], 1).await }));
    let access_position = changed.await.unwrap().position.unwrap();
    assert!(matches!(world.store.append(before.clone()).await, Err(AppendError::AccessChanged)));
    let sender = Sender::Agent { id: agent, visibility: Visibility::All, access_position };
    assert!(!world.store.append(Append { sender, ..before }).await.unwrap().repeated, "its key was given back");
}

#[rstest]
#[tokio::test]
async fn one_claim_of_many_is_new(#[values(On::Sqlite, On::Postgres)] on: On) {
    let world = World::new(on).await;
    let inbox = world.inbox().await;
    let other = if on == On::Postgres { world.another().await } else { world.store.clone() };
    let mut tasks = Vec::new();
    for n in 0..20 {
        let store = if n % 2 == 0 { world.store.clone() } else { other.clone() };
        tasks.push(tokio::spawn(async move {
            let target = format!("target {n}");
            let claim = store
                .write(move |tx| {
                    Box::pin(
                        async move { edge_keys::claim(tx, Scope::Inbox(inbox), "provider's id", &target, 1).await },
                    )
                })
                .await;
            (n, claim.unwrap().value)
        }));
    }
    let mut news = BTreeSet::new();
    let mut targets = BTreeSet::new();
    for task in tasks {
        match task.await.unwrap() {
            (n, Claim::New) => {
                news.insert(format!("target {n}"));
            }
            (_, Claim::Taken { target, .. }) => {
                targets.insert(target);
            }
        }
    }
    assert_eq!(news.len(), 1);
    assert_eq!(news, targets);
}

#[rstest]
#[tokio::test]
async fn an_idempotency_key_keeps_its_answer_and_is_forgotten_in_time(#[values(On::Sqlite, On::Postgres)] on: On) {
    let world = World::new(on).await;
    let agent = world.agent(Role::Agent).await;
    let scope = Scope::Http(agent);
    let claim = |hash: &'static str| {
        world.store.write(move |tx| Box::pin(async move { edge_keys::claim(tx, scope, "k", hash, 5).await }))
    };
    assert_eq!(claim("hash of the body").await.unwrap().value, Claim::New);
    world
        .store
        .write(move |tx| Box::pin(async move { edge_keys::keep_answer(tx, scope, "k", "{\"id\":1}").await }))
        .await
        .unwrap();
    let kept = Claim::Taken { target: "hash of the body".into(), answer: Some("{\"id\":1}".into()) };
    assert_eq!(claim("another body").await.unwrap().value, kept);
    let forgotten = world.store.write(|tx| Box::pin(async move { edge_keys::prune(tx, 6).await })).await.unwrap();
    assert_eq!(forgotten.value, 1);
    assert_eq!(claim("another body").await.unwrap().value, Claim::New);
}

#[rstest]
#[tokio::test]
async fn a_message_id_in_use_hurts_only_its_sender(#[values(On::Sqlite, On::Postgres)] on: On) {
    let world = World::new(on).await;
    let (visitor, conversation) = world.conversation().await;
    let first = world.store.append(visitor.says(conversation.id, "first", None)).await.unwrap();
    let mut sent = Vec::new();
    for n in 0..20 {
        let mut append = visitor.says(conversation.id, &format!("{n}"), Some(&format!("{n}")));
        if n == 7 {
            append.message.id = first.message.id;
        }
        let store = world.store.clone();
        sent.push(tokio::spawn(async move { store.append(append).await }));
    }
    for (n, task) in sent.into_iter().enumerate() {
        match task.await.unwrap() {
            Ok(at) => assert!(n != 7 && !at.repeated),
            Err(error) => assert!(n == 7 && matches!(error, AppendError::Unacceptable(_)), "{n}: {error}"),
        }
    }
    assert_eq!(all_messages(&world.store, conversation.id).await.len(), 1 + 1 + 19);
}

#[rstest]
#[tokio::test]
async fn a_closed_store_says_so(#[values(On::Sqlite, On::Postgres)] on: On) {
    let world = World::new(on).await;
    world.store.close().await;
    let refused = world.store.write(|_| Box::pin(async { Ok::<_, ()>(()) })).await;
    assert!(matches!(refused, Err(WriteError::Unavailable(_))));
}
