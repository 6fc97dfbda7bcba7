//! One change to many conversations, and its undo.

use std::collections::BTreeSet;

use rstest::rstest;
use serde_json::{Value, json};
use switchboard::config::Rate;
use switchboard::timers::round;
use switchboard_protocol::limits;

use crate::notifications::told;
use crate::world::Engine::{Postgres, Sqlite};
use crate::world::{BEGINNING, Engine, Person, World};

const CHANGES: &str = "/api/conversations/changes";
const UNDONE: &str = "/api/conversations/changes/undone";

async fn conversations(world: &World, how_many: usize) -> Vec<String> {
    let mut ids = Vec::new();
    for n in 0..how_many {
        ids.push(world.conversation(&format!("question {n}")).await.to_string());
    }
    ids
}

async fn folder(person: &Person, name: &str) -> i64 {
    let counts = person.get("/api/counts").await.ok();
    let folders = counts["folders"].as_array().unwrap();
    folders.iter().find(|folder| folder["folder"] == name).unwrap()["conversations"].as_i64().unwrap()
}

async fn row(person: &Person, id: &str) -> Value {
    person.get(&format!("/api/conversations/{id}")).await.ok()["row"].clone()
}

fn named(of: &Value) -> BTreeSet<String> {
    of.as_array().unwrap().iter().map(|one| one["conversation_id"].as_str().unwrap().to_owned()).collect()
}

#[rstest]
#[tokio::test]
async fn many_are_changed_at_once_and_put_back_at_once(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let (an, bo) = (world.agent("an").await, world.agent("bo").await);
    let ids = conversations(&world, 5).await;
    let before = row(&an, &ids[0]).await;
    an.patch(&format!("/api/conversations/{}", ids[4]), json!({"tags": ["sale"], "status": "closed"})).await.ok();
    let at = an.get("/api/counts").await.ok()["at"].clone();
    let change = json!({"status": "closed", "assignees": [bo.id], "priority": "high", "flagged": true,
                        "add_tags": ["sale", "season"]});
    let done = an.post(CHANGES, json!({"ids": ids, "change": change})).await.ok();
    assert_eq!((named(&done["changed"]).len(), &done["refused"], &done["unchanged"]), (5, &json!([]), &json!([])));
    assert_eq!((folder(&an, "inbox").await, folder(&an, "closed").await), (0, 5));
    let now = row(&an, &ids[0]).await;
    assert_eq!((&now["assignees"], &now["tags"]), (&json!([bo.id]), &json!(["sale", "season"])));
    // Each is told as if it had been changed alone, and each change is a line in the thread.
    let (epoch, from) = (at["epoch"].as_str().unwrap(), &at["position"]);
    let feed = an.get(&format!("/api/feed?epoch={epoch}&from={from}")).await.ok();
    let told = feed["events"].as_array().unwrap().iter().filter(|one| one["event"] == "conversation_changed");
    assert_eq!(told.map(|one| one["lines"].as_array().unwrap().len()).collect::<Vec<_>>(), [5, 5, 5, 5, 4]);
    assert_eq!(feed["events"].as_array().unwrap().last().unwrap()["position"], done["position"]);
    assert_eq!(an.get("/api/search?q=season").await.ok()["hits"].as_array().unwrap().len(), 5);
    // The same again is no change and no line.
    let again = an.post(CHANGES, json!({"ids": ids, "change": change})).await.ok();
    assert_eq!((again["unchanged"].as_array().unwrap().len(), &again["position"]), (5, &Value::Null));
    // One of them was changed since: that stays.
    an.patch(&format!("/api/conversations/{}", ids[1]), json!({"priority": "urgent", "status": "open"})).await.ok();
    let undone = an.post(UNDONE, json!({"turns": done["changed"]})).await.ok();
    assert_eq!(named(&undone["changed"]).len(), 5);
    let now = row(&an, &ids[0]).await;
    for field in ["status", "assignees", "priority", "flagged", "tags", "waiting_since"] {
        assert_eq!(now[field], before[field], "{field}");
    }
    let touched = row(&an, &ids[1]).await;
    assert_eq!(
        (&touched["priority"], &touched["status"], &touched["assignees"], &touched["tags"]),
        (&json!("urgent"), &json!("open"), &json!([]), &json!([]))
    );
    let closed = row(&an, &ids[4]).await;
    assert_eq!((&closed["status"], &closed["tags"]), (&json!("closed"), &json!(["sale"])));
    assert_eq!((folder(&an, "inbox").await, folder(&an, "closed").await), (4, 1));
    let twice = an.post(UNDONE, json!({"turns": done["changed"]})).await.ok();
    assert_eq!((&twice["changed"], twice["unchanged"].as_array().unwrap().len()), (&json!([]), 5));
}

#[rstest]
#[tokio::test]
async fn what_cannot_be_changed_keeps_no_other_from_it(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let (an, stranger) = (world.agent("an").await, world.stranger("sam").await);
    let ids = conversations(&world, 2).await;
    let nowhere = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
    let both = json!({"ids": [ids[0], nowhere, ids[0]], "change": {"place": "archived"}});
    let done = an.post(CHANGES, both).await.ok();
    assert_eq!(named(&done["changed"]), BTreeSet::from([ids[0].clone()]));
    assert_eq!(done["refused"], json!([{"conversation_id": nowhere, "why": "not_found"}]));
    // What one may not see is not there, to change it or to put it back.
    let unseen = stranger.post(CHANGES, json!({"ids": ids, "change": {"place": "trash"}})).await.ok();
    assert_eq!(
        (named(&unseen["refused"]).len(), &unseen["changed"], &unseen["position"]),
        (2, &json!([]), &Value::Null)
    );
    let unseen = stranger.post(UNDONE, json!({"turns": done["changed"]})).await.ok();
    assert_eq!(unseen["refused"], json!([{"conversation_id": ids[0], "why": "not_found"}]));
    assert_eq!(folder(&an, "archived").await, 1);
    // Nobody is given what they cannot see.
    let given = an.post(CHANGES, json!({"ids": ids, "change": {"assignees": [stranger.id]}})).await.ok();
    assert_eq!(given["refused"][0]["why"], "assignee");
    // What is wrong with the change itself is said once, and nothing is done.
    for (change, field) in [
        (json!({"snoozed_until": BEGINNING - 1}), "change.snoozed_until"),
        (json!({"team_id": nowhere, "flagged": true}), "team_id"),
        (json!({"add_tags": ["x".repeat(limits::NAME_CHARS + 1)]}), "change.add_tags.0"),
    ] {
        let refused = an.post(CHANGES, json!({"ids": ids, "change": change})).await;
        assert_eq!(
            (refused.refusal().as_str(), &refused.1["error"]["fields"][0]["field"]),
            ("422 invalid", &json!(field))
        );
    }
    let many = vec![nowhere; limits::BULK + 1];
    assert_eq!(an.post(CHANGES, json!({"ids": many, "change": {}})).await.refusal(), "422 invalid");
    // Who only reads may say what they have read, and no more.
    let reader = world.joins("rea", "read_only").await;
    let access = format!("/api/inboxes/{}/access", world.inbox);
    world.owner.put(&access, json!({"agents": [an.id, reader.id], "teams": []})).await.ok();
    assert_eq!(reader.post(CHANGES, json!({"ids": ids, "change": {"flagged": true}})).await.refusal(), "403 forbidden");
    assert_eq!(reader.post(UNDONE, json!({"turns": done["changed"]})).await.refusal(), "403 forbidden");
    let read = reader.post(CHANGES, json!({"ids": ids, "change": {"read": true}})).await.ok();
    assert_eq!(named(&read["changed"]).len(), 2);
    reader.post(UNDONE, json!({"turns": read["changed"]})).await.ok();
}

#[rstest]
#[tokio::test]
async fn reading_and_reminders_of_many_come_back(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let (an, bo) = (world.agent("an").await, world.agent("bo").await);
    let ids = conversations(&world, 3).await;
    let read = an.post(CHANGES, json!({"ids": ids, "change": {"read": true}})).await.ok();
    assert_eq!((folder(&an, "unread").await, folder(&bo, "unread").await), (0, 3));
    an.post(UNDONE, json!({"turns": read["changed"]})).await.ok();
    assert_eq!(folder(&an, "unread").await, 3);
    an.post(CHANGES, json!({"ids": ids, "change": {"read": true}})).await.ok();
    let unread = an.post(CHANGES, json!({"ids": ids[..2], "change": {"read": false}})).await.ok();
    assert_eq!((named(&unread["changed"]).len(), folder(&an, "unread").await), (2, 2));
    // A reminder moved on, and its old time passes before it is put back: it would be awake.
    let hour = 3_600_000;
    an.post(CHANGES, json!({"ids": ids, "change": {"snoozed_until": BEGINNING + hour}})).await.ok();
    let later = an.post(CHANGES, json!({"ids": ids, "change": {"snoozed_until": BEGINNING + 9 * hour}})).await.ok();
    assert_eq!(folder(&an, "snoozed").await, 3);
    world.clock.advance(2 * hour);
    an.post(UNDONE, json!({"turns": later["changed"]})).await.ok();
    assert_eq!((folder(&an, "snoozed").await, folder(&an, "inbox").await), (0, 3));
}

#[rstest]
#[tokio::test]
async fn many_are_one_request_and_so_is_their_undo(#[values(Sqlite, Postgres)] engine: Engine) {
    const MANY: usize = 70;
    let world = World::with(engine, |config| config.limits.visitor_sessions_per_address = Rate::Off).await;
    let an = world.agent("an").await;
    let ids = conversations(&world, MANY).await;
    let change = json!({"status": "closed", "assignees": [an.id], "place": "archived", "add_tags": ["season"]});
    let done = an.post(CHANGES, json!({"ids": ids, "change": change})).await.ok();
    assert_eq!(named(&done["changed"]).len(), MANY);
    // As many as may be changed at once can be put back at once.
    assert!(done["changed"].to_string().len() / MANY * limits::BULK < limits::BODY_BYTES);
    let undone = an.post(UNDONE, json!({"turns": done["changed"]})).await.ok();
    assert_eq!(named(&undone["changed"]).len(), MANY);
    assert_eq!(folder(&an, "inbox").await, MANY as i64);
}

#[rstest]
#[tokio::test]
async fn who_reads_many_has_seen_what_they_were_told(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let (an, bo) = (world.agent("an").await, world.agent("bo").await);
    let ids = conversations(&world, 3).await;
    an.post(CHANGES, json!({"ids": ids, "change": {"assignees": [bo.id]}})).await.ok();
    let seen = |all: Vec<(String, bool)>| all.into_iter().map(|(_, read)| read).collect::<Vec<_>>();
    assert_eq!(seen(told(&bo).await), [false; 3]);
    bo.post(CHANGES, json!({"ids": ids[..2], "change": {"read": true}})).await.ok();
    let mut two = seen(told(&bo).await);
    two.sort_unstable();
    assert_eq!(two, [false, true, true]);
}

#[rstest]
#[tokio::test]
async fn a_team_that_is_no_more_keeps_no_other_from_its_undo(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let an = world.agent("an").await;
    let team = async |name: &str| {
        let made = world.owner.post("/api/teams", json!({"name": name, "members": []})).await.ok();
        made["id"].as_str().unwrap().to_owned()
    };
    let (first, second) = (team("First").await, team("Second").await);
    let ids = conversations(&world, 2).await;
    an.patch(&format!("/api/conversations/{}", ids[0]), json!({"team_id": first})).await.ok();
    let change = json!({"ids": ids, "change": {"team_id": second, "flagged": true}});
    let done = an.post(CHANGES, change).await.ok();
    assert_eq!(world.owner.delete(&format!("/api/teams/{first}")).await.0, 204);
    let undone = an.post(UNDONE, json!({"turns": done["changed"]})).await.ok();
    assert_eq!(undone["refused"], json!([{"conversation_id": ids[0], "why": "team"}]));
    let (left, back) = (row(&an, &ids[0]).await, row(&an, &ids[1]).await);
    assert_eq!((&left["team_id"], &left["flagged"]), (&json!(second), &json!(true)));
    assert_eq!((&back["team_id"], &back["flagged"]), (&Value::Null, &json!(false)));
}

#[rstest]
#[tokio::test]
async fn who_was_answered_meanwhile_does_not_wait_again(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let an = world.agent("an").await;
    let ids = conversations(&world, 2).await;
    let done = an.post(CHANGES, json!({"ids": ids, "change": {"status": "closed"}})).await.ok();
    an.reply(ids[0].parse().unwrap(), "It has gone out.").await;
    an.post(UNDONE, json!({"turns": done["changed"]})).await.ok();
    let (answered, other) = (row(&an, &ids[0]).await, row(&an, &ids[1]).await);
    assert_eq!((&answered["status"], &answered["waiting_since"]), (&json!("open"), &Value::Null));
    assert_eq!((&other["status"], &other["waiting_since"]), (&json!("open"), &json!(BEGINNING)));
}

#[rstest]
#[tokio::test]
async fn a_reminder_that_is_put_back_is_whose_it_was(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let (an, bo) = (world.agent("an").await, world.agent("bo").await);
    let (hour, ids) = (3_600_000, conversations(&world, 2).await);
    an.post(CHANGES, json!({"ids": ids, "change": {"snoozed_until": BEGINNING + hour}})).await.ok();
    // One is closed, the other one put off further.
    let closed = bo.post(CHANGES, json!({"ids": ids[..1], "change": {"status": "closed"}})).await.ok();
    let later = json!({"snoozed_until": BEGINNING + 2 * hour, "snooze_stays": true});
    let later = bo.post(CHANGES, json!({"ids": ids[1..], "change": later})).await.ok();
    for done in [closed, later] {
        let undone = bo.post(UNDONE, json!({"turns": done["changed"]})).await.ok();
        assert_eq!(named(&undone["changed"]).len(), 1);
    }
    world.clock.advance(hour);
    round(&world.hub.app).await.unwrap();
    let reminded = |all: Vec<(String, bool)>| all.into_iter().filter(|(kind, _)| kind == "reminder_due").count();
    assert_eq!((reminded(told(&an).await), reminded(told(&bo).await)), (2, 0));
}

#[rstest]
#[tokio::test]
async fn what_ends_a_reminder_is_put_back_with_it(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let (an, ids) = (world.agent("an").await, conversations(&world, 2).await);
    let at = |hours: i64, stays: bool| json!({"snoozed_until": BEGINNING + hours * 3_600_000, "snooze_stays": stays});
    let change =
        async |ids: &[String], change: Value| an.post(CHANGES, json!({"ids": ids, "change": change})).await.ok();
    let stands = async |id: &str| {
        let row = row(&an, id).await;
        (row["snoozed_until"].as_i64().map(|until| (until - BEGINNING) / 3_600_000), row["snooze_stays"] == true)
    };
    change(&ids, at(1, false)).await;
    // That alone.
    let stays = change(&ids[..1], at(1, true)).await;
    assert_eq!(stands(&ids[0]).await, (Some(1), true));
    an.post(UNDONE, json!({"turns": stays["changed"]})).await.ok();
    assert_eq!(stands(&ids[0]).await, (Some(1), false));
    // Of two the later is somebody's since.
    let later = change(&ids, at(2, false)).await;
    change(&ids[1..], at(2, true)).await;
    an.post(UNDONE, json!({"turns": later["changed"]})).await.ok();
    assert_eq!((stands(&ids[0]).await, stands(&ids[1]).await), ((Some(1), false), (Some(2), true)));
}
