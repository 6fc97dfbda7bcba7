//! Lists: what teams have to do, reading all of a list; and views, which are lists under a name.

use rstest::rstest;
use serde_json::{Value, json};
use switchboard_protocol::limits;

use crate::world::Engine::{Postgres, Sqlite};
use crate::world::{Engine, Person, World};

async fn ids(person: &Person, list: &str) -> Vec<String> {
    let page = person.get(&format!("/api/conversations?{list}")).await.ok();
    page["rows"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
}

async fn counted(person: &Person, folder: &str) -> i64 {
    let counts = person.get("/api/counts").await.ok();
    let folders = counts["folders"].as_array().unwrap();
    folders.iter().find(|one| one["folder"] == folder).unwrap()["conversations"].as_i64().unwrap()
}

#[rstest]
#[tokio::test]
async fn teams_are_counted_by_those_who_see_the_inbox(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let (an, stranger) = (world.agent("an").await, world.stranger("eve").await);
    let team = world.owner.post("/api/teams", json!({"name": "Sales", "members": [an.id]})).await.ok()["id"].clone();
    for status in ["open", "open", "closed"] {
        let id = world.conversation("hello").await;
        let change = json!({"team_id": team, "status": status});
        an.patch(&format!("/api/conversations/{id}"), change).await.ok();
    }
    let teams = an.get("/api/counts").await.ok()["teams"].clone();
    assert_eq!(teams, json!([{"team_id": team, "conversations": 2}]));
    assert_eq!(stranger.get("/api/counts").await.ok()["teams"], json!([]));
}

#[rstest]
#[tokio::test]
async fn a_list_is_read_at_once_and_unread_again(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let an = world.agent("an").await;
    for n in 0..3 {
        let id = world.conversation(&format!("{n}")).await;
        an.patch(&format!("/api/conversations/{id}"), json!({"flagged": n == 0})).await.ok();
    }
    assert_eq!(counted(&an, "unread").await, 3);
    let done = an.post("/api/conversations/read?folder=inbox&flagged=false", json!(null)).await.ok();
    assert_eq!((done["changed"].as_array().unwrap().len(), done.get("more")), (2, None));
    assert_eq!((counted(&an, "unread").await, counted(&world.owner, "unread").await), (1, 3));
    an.post("/api/conversations/changes/undone", json!({"turns": done["changed"]})).await.ok();
    assert_eq!(counted(&an, "unread").await, 3);
    let stranger = world.stranger("eve").await;
    assert_eq!(stranger.post("/api/conversations/read", json!(null)).await.ok()["changed"], json!([]));
}

#[rstest]
#[tokio::test]
async fn flag_and_subject_are_lines_too(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let (an, id) = (world.agent("an").await, world.conversation("hello").await);
    let path = format!("/api/conversations/{id}");
    an.patch(&path, json!({"flagged": true, "subject": "Blue lamp"})).await.ok();
    an.patch(&path, json!({"flagged": true, "subject": null})).await.ok();
    let messages = an.get(&path).await.ok()["messages"].clone();
    let lines: Vec<_> = messages.as_array().unwrap().iter().filter_map(|one| one.get("line")).cloned().collect();
    let expected = [
        json!({"kind": "flagged", "flagged": true}),
        json!({"kind": "subject_changed", "subject": "Blue lamp"}),
        json!({"kind": "subject_changed", "subject": null}),
    ];
    assert_eq!(lines, expected);
}

#[rstest]
#[tokio::test]
async fn a_file_marks_its_conversation_wherever_it_goes(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let (an, id) = (world.agent("an").await, world.conversation("hello").await);
    let file = an.upload("/api/attachments?name=a.txt", b"a".to_vec()).await.ok()["attachment"]["id"].clone();
    assert_eq!(ids(&an, "has_files=true").await.len(), 0);
    let answer = json!({"text": "here", "attachments": [file]});
    an.post_once(&format!("/api/conversations/{id}/messages"), "key", answer).await.ok();
    assert_eq!(ids(&an, "has_files=true").await, [id.to_string()]);
    assert_eq!(ids(&an, "has_files=false").await.len(), 0);
}

fn view(name: &str, shared: bool) -> Value {
    json!({"name": name, "shared": shared, "query": {"folder": "inbox", "sort": "waiting", "assignee": "me", "tag": "vip"}})
}

impl Person {
    async fn views(&self) -> Vec<String> {
        let list = self.get("/api/views").await.ok();
        list["views"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
    }
}

#[rstest]
#[tokio::test]
async fn views_are_ones_own_or_everybodys(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let (an, bo) = (world.agent("an").await, world.agent("bo").await);
    let at = an.get("/api/counts").await.ok()["at"].clone();
    let mine = an.post_once("/api/views", "k", view("mine", false)).await.ok();
    assert_eq!(an.post_once("/api/views", "k", view("mine", false)).await.ok(), mine);
    assert_eq!(mine["query"], view("mine", false)["query"]);
    assert_eq!(an.post("/api/views", view("ours", true)).await.refusal(), "403 forbidden");
    let ours = world.owner.post("/api/views", view("ours", true)).await.ok();
    assert_eq!((an.views().await, bo.views().await), (vec!["ours".into(), "mine".into()], vec!["ours".to_owned()]));
    // Nobody else changes it, or hears that it is there.
    let path = format!("/api/views/{}", mine["id"].as_str().unwrap());
    assert_eq!(bo.put(&path, view("stolen", false)).await.refusal(), "404 not_found");
    assert_eq!(world.owner.delete(&path).await.refusal(), "404 not_found");
    let (epoch, from) = (at["epoch"].as_str().unwrap(), &at["position"]);
    let told = async |person: &Person| {
        let feed = person.get(&format!("/api/feed?epoch={epoch}&from={from}")).await.ok();
        feed["events"].as_array().unwrap().iter().filter(|one| one["event"] == "views_changed").count()
    };
    assert_eq!((told(&an).await, told(&bo).await), (2, 1));
    let shared = format!("/api/views/{}", ours["id"].as_str().unwrap());
    assert_eq!(an.put(&shared, view("x", true)).await.refusal(), "403 forbidden");
    world.owner.put(&shared, view("the owner's", false)).await.ok();
    assert_eq!(
        (an.views().await, world.owner.views().await),
        (vec!["mine".to_owned()], vec!["the owner's".to_owned()])
    );
    assert_eq!(an.delete(&path).await.0, 204);
    assert_eq!(an.views().await, Vec::<String>::new());
}

#[rstest]
#[tokio::test]
async fn views_stand_in_the_order_that_somebody_gives_them(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let an = world.agent("an").await;
    world.owner.post("/api/views", view("ours", true)).await.ok();
    let mut made = Vec::new();
    for n in 0..limits::VIEWS {
        made.push(an.post("/api/views", view(&n.to_string(), false)).await.ok()["id"].clone());
    }
    let full = an.post("/api/views", view("one more", false)).await;
    assert_eq!(full.1["error"]["fields"][0]["code"], "too_many");
    made.reverse();
    an.put("/api/views", json!({"ids": made})).await.ok();
    assert_eq!(an.views().await.join(" "), "ours 9 8 7 6 5 4 3 2 1 0");
    for (change, field) in [
        (json!({"folder": "inbox", "sort": "activity", "assignee": "somebody"}), "query.assignee"),
        (json!({"folder": "inbox", "sort": "activity", "tag": ""}), "query.tag"),
    ] {
        let refused = an.post("/api/views", json!({"name": "x", "query": change})).await;
        assert_eq!(refused.1["error"]["fields"][0]["field"], field, "{}", refused.1);
    }
}
