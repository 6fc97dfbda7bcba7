//! What people are told because it concerns them: who, when, once, and no more than they want.

use futures_util::future::join_all;
use rstest::rstest;
use serde_json::{Value, json};
use switchboard::ops::upkeep;
use switchboard::timers::round;

use crate::world::Engine::{Postgres, Sqlite};
use crate::world::{Engine, Person, World};

/// What they were told: of what kind, whether they have seen it.
pub async fn told(person: &Person) -> Vec<(String, bool)> {
    let all = person.get("/api/notifications").await.ok()["rows"].clone();
    let kind = |one: &Value| (one["kind"].as_str().unwrap().to_owned(), one["read"].as_bool().unwrap());
    all.as_array().unwrap().iter().map(kind).collect()
}

fn unread(kinds: &[&str]) -> Vec<(String, bool)> {
    kinds.iter().map(|kind| ((*kind).to_owned(), false)).collect()
}

async fn choose(person: &Person, kind: &str, app: bool) {
    let choice = json!({"kind": kind, "app": app, "sound": false, "desktop": false});
    person.put("/api/notifications/choices", json!({ "choices": [choice] })).await.ok();
}

#[rstest]
#[tokio::test]
async fn people_are_told_of_what_concerns_them(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let (an, bo) = (world.agent("an").await, world.agent("bo").await);
    let (_, visitor) = world.visitor().await;
    let id = world.says(visitor, "hello").await.conversation_id;
    let path = format!("/api/conversations/{id}");
    for person in [&an, &bo, &world.owner] {
        assert_eq!(told(person).await, [], "of new conversations hears who has asked to");
    }

    an.patch(&path, json!({"assignees": [an.id, bo.id]})).await.ok();
    assert_eq!(told(&an).await, [], "of what one does oneself one hears nothing");
    assert_eq!(told(&bo).await, unread(&["assigned"]));
    let one = bo.get("/api/notifications").await.ok()["rows"][0].clone();
    assert_eq!((&one["conversation_id"], &one["by"]), (&json!(id), &json!({"kind": "agent", "id": an.id})));
    assert_eq!((&one["number"], &one["preview"]["text"]), (&json!(2), &json!("hello")));
    bo.patch(&path, json!({"tags": ["lamp"]})).await.ok();
    assert_eq!(told(&bo).await, unread(&["assigned"]), "who has it already is not put on it anew");

    world.clock.advance(1);
    world.says(visitor, "are you there").await;
    assert_eq!(told(&an).await, unread(&["answered"]));
    assert_eq!(told(&bo).await, unread(&["answered", "assigned"]), "newest first");
    an.post(&format!("{path}/read"), json!({"number": 1})).await.ok();
    assert_eq!(told(&an).await, unread(&["answered"]), "not read as far as that");
    an.post(&format!("{path}/read"), json!({"number": 4})).await.ok();
    assert_eq!(told(&an).await, [("answered".to_owned(), true)], "who reads the conversation has seen it");
    world.clock.advance(1);
    world.says(visitor, "hello?").await;
    assert_eq!(told(&an).await, unread(&["answered"]), "again, and one line");

    bo.post("/api/notifications/read", json!({})).await.ok();
    assert!(told(&bo).await.iter().all(|(_, read)| *read));
    assert_eq!(told(&an).await, unread(&["answered"]), "one's own");
    an.post("/api/notifications/read", json!({"conversation_id": id})).await.ok();
    assert_eq!(told(&an).await, [("answered".to_owned(), true)]);
    assert_eq!(told(&world.owner).await, [], "it is not the owner's");

    world.clock.advance(31 * 24 * 3_600_000);
    upkeep::round(&world.hub.app).await.unwrap();
    let left = switchboard_store::notifications::of(
        &world.hub.app.store,
        an.id.parse().unwrap(),
        &switchboard_store::Visibility::All,
    );
    assert_eq!(left.await.unwrap().len(), 0, "forgotten after 30 days");
}

/// What comes at once is told at once, of each conversation to those who have it.
#[rstest]
#[tokio::test]
async fn of_many_that_are_written_in_at_once_each_is_told(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let (an, bo, cy) = (world.agent("an").await, world.agent("bo").await, world.agent("cy").await);
    let mut visitors = Vec::new();
    for whose in [vec![&an.id], vec![&an.id, &bo.id], vec![&bo.id], vec![]] {
        let (_, visitor) = world.visitor().await;
        let id = world.says(visitor, "hello").await.conversation_id;
        world.owner.patch(&format!("/api/conversations/{id}"), json!({ "assignees": whose })).await.ok();
        visitors.push(visitor);
    }
    for person in [&an, &bo] {
        person.post("/api/notifications/read", json!({})).await.ok();
    }
    choose(&bo, "answered", false).await;
    let held = world.hold_the_writer().await;
    let writing = join_all(visitors.iter().map(|visitor| world.says(*visitor, "are you there?")));
    let (_, ()) = tokio::join!(writing, async {
        tokio::task::yield_now().await;
        drop(held);
    });
    let answered = |all: Vec<(String, bool)>| all.into_iter().filter(|(kind, _)| kind == "answered").count();
    assert_eq!((answered(told(&an).await), answered(told(&bo).await), answered(told(&cy).await)), (2, 0, 0));
}

#[rstest]
#[tokio::test]
async fn nobody_is_told_of_what_they_do_not_want_or_may_not_see(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let (an, eve) = (world.agent("an").await, world.stranger("eve").await);
    for person in [&an, &eve, &world.owner] {
        choose(person, "new_conversation", true).await;
    }
    let (_, visitor) = world.visitor().await;
    let id = world.says(visitor, "hello").await.conversation_id;
    assert_eq!(told(&an).await, unread(&["new_conversation"]));
    assert_eq!(told(&world.owner).await, unread(&["new_conversation"]));
    assert_eq!(told(&eve).await, []);

    choose(&an, "answered", false).await;
    let choices = an.get("/api/notifications").await.ok()["choices"].clone();
    let chosen = |kind: &str| {
        let found = choices.as_array().unwrap().iter().find(|one| one["kind"] == kind).unwrap().clone();
        (found["app"].clone(), found["sound"].clone(), found["desktop"].clone())
    };
    assert_eq!(choices.as_array().unwrap().len(), 5, "of every kind");
    assert_eq!(chosen("answered"), (json!(false), json!(false), json!(false)));
    assert_eq!(chosen("mention"), (json!(true), json!(true), json!(true)), "as it comes");
    let path = format!("/api/conversations/{id}");
    world.owner.patch(&path, json!({"assignees": [an.id]})).await.ok();
    world.says(visitor, "are you there").await;
    assert_eq!(told(&an).await, unread(&["assigned", "new_conversation"]), "off is off");

    // Who may no longer see it is told no more of it, and sees no more of what they were told.
    choose(&an, "answered", true).await;
    world.owner.put(&format!("/api/inboxes/{}/access", world.inbox), json!({"agents": [], "teams": []})).await.ok();
    world.says(visitor, "hello?").await;
    assert_eq!(told(&an).await, []);
    world
        .owner
        .put(&format!("/api/inboxes/{}/access", world.inbox), json!({"agents": [an.id], "teams": []}))
        .await
        .ok();
    assert_eq!(told(&an).await, unread(&["assigned", "new_conversation"]));
}

#[rstest]
#[tokio::test]
async fn who_set_a_reminder_is_told_when_it_is_due(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let (an, bo) = (world.agent("an").await, world.agent("bo").await);
    let id = world.conversation("hello").await;
    let path = format!("/api/conversations/{id}");
    let until = world.clock.now() + 60_000;
    an.patch(&path, json!({"assignees": [bo.id], "snoozed_until": until})).await.ok();
    world.clock.advance(60_000);
    round(&world.hub.app).await.unwrap();
    assert_eq!(told(&an).await, unread(&["reminder_due"]));
    assert_eq!(told(&bo).await, unread(&["assigned"]), "it is not theirs");
    round(&world.hub.app).await.unwrap();
    let rows = an.get("/api/notifications").await.ok()["rows"].clone();
    assert_eq!((&rows[0]["at"], &rows[0]["by"]), (&json!(until), &json!({"kind": "system"})));
}

#[rstest]
#[tokio::test]
async fn who_is_named_in_a_note_is_told_and_only_who_may_see_it_is_named(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let (an, bo, eve) = (world.agent("an").await, world.agent("bo").await, world.stranger("eve").await);
    let id = world.conversation("hello").await;
    let path = format!("/api/conversations/{id}/messages");
    let note = |named: Value| json!({"note": true, "text": "@bo @an what do you say?", "mentions": named});

    let first = an.post_once(&path, "n1", note(json!([bo.id, an.id, bo.id]))).await.ok();
    assert_eq!(first["mentions"], json!([bo.id, an.id]), "each once");
    assert_eq!(told(&bo).await, unread(&["mention"]));
    assert_eq!(told(&an).await, [], "oneself one tells nothing");
    let one = bo.get("/api/notifications").await.ok()["rows"][0].clone();
    assert_eq!((&one["number"], &one["by"]), (&first["number"], &json!({"kind": "agent", "id": an.id})));
    let shown = bo.get(&path).await.ok()["messages"].clone();
    assert_eq!(shown[1]["mentions"], first["mentions"], "kept with the note");

    bo.post("/api/notifications/read", json!({})).await.ok();
    an.post_once(&path, "n1", note(json!([bo.id, an.id]))).await.ok();
    assert_eq!(told(&bo).await, [("mention".to_owned(), true)], "a repeat tells nobody again");
    let other = an.post_once(&path, "n1", note(json!([]))).await;
    assert_eq!(other.refusal(), "422 key_reused", "another note");

    let refused = an.post(&path, note(json!([bo.id, eve.id]))).await;
    assert_eq!(refused.0, 422);
    let field = &refused.1["error"]["fields"][0];
    assert_eq!((&field["field"], &field["code"]), (&json!("mentions.1"), &json!("cannot_see")));
    assert_eq!(told(&bo).await, [("mention".to_owned(), true)], "nothing was written");
    let answer = an.post(&path, json!({"text": "hello", "mentions": [bo.id]})).await;
    assert_eq!(answer.1["error"]["fields"][0]["field"], "mentions", "an answer names nobody");
    let many = vec![bo.id.clone(); 21];
    let many = an.post(&path, note(json!(many))).await;
    assert_eq!(many.1["error"]["fields"][0]["code"], "too_many");

    choose(&bo, "mention", false).await;
    an.post(&path, note(json!([bo.id]))).await.ok();
    assert_eq!(told(&bo).await, [("mention".to_owned(), true)], "off is off");
    world.owner.patch(&format!("/api/conversations/{id}"), json!({"place": "trash"})).await.ok();
    world.owner.delete(&format!("/api/conversations/{id}")).await;
    assert_eq!(told(&bo).await, [], "it goes with its conversation");
}

#[rstest]
#[tokio::test]
async fn a_reminder_of_who_cannot_see_it_any_more_is_for_those_who_have_it(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let (an, bo) = (world.agent("an").await, world.agent("bo").await);
    let path = format!("/api/conversations/{}", world.conversation("hello").await);
    an.patch(&path, json!({"assignees": [bo.id], "snoozed_until": world.clock.now() + 60_000})).await.ok();
    let access = format!("/api/inboxes/{}/access", world.inbox);
    world.owner.put(&access, json!({"agents": [bo.id], "teams": []})).await.ok();
    world.clock.advance(60_000);
    round(&world.hub.app).await.unwrap();
    assert_eq!(told(&bo).await, unread(&["reminder_due", "assigned"]));
}

#[rstest]
#[tokio::test]
async fn what_comes_in_spam_rings_for_nobody(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let an = world.agent("an").await;
    let (_, visitor) = world.visitor().await;
    let path = format!("/api/conversations/{}", world.says(visitor, "hello").await.conversation_id);
    world.owner.patch(&path, json!({"assignees": [an.id], "place": "spam"})).await.ok();
    world.says(visitor, "buy now").await;
    assert_eq!(told(&an).await, unread(&["assigned"]));
    world.owner.patch(&path, json!({"place": "inbox"})).await.ok();
    world.says(visitor, "hello?").await;
    assert!(told(&an).await.contains(&("answered".to_owned(), false)));
}
