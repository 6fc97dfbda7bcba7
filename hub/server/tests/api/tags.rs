//! The tags of all conversations.

use rstest::rstest;
use serde_json::{Value, json};

use crate::world::Engine::{Postgres, Sqlite};
use crate::world::{Engine, Person, World};

impl Person {
    async fn tags(&self) -> Vec<(String, u64)> {
        let list = self.get("/api/tags").await.ok();
        let row = |one: &Value| (one["name"].as_str().unwrap().to_owned(), one["conversations"].as_u64().unwrap());
        list["tags"].as_array().unwrap().iter().map(row).collect()
    }
}

fn of(name: &str, conversations: u64) -> (String, u64) {
    (name.to_owned(), conversations)
}

#[rstest]
#[tokio::test]
async fn a_tag_is_renamed_merged_coloured_and_removed_everywhere(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let (an, eve) = (world.agent("an").await, world.stranger("eve").await);
    let (one, other) = (world.conversation("one").await, world.conversation("other").await);
    let path = |id| format!("/api/conversations/{id}");
    an.patch(&path(one), json!({ "tags": ["late", "vip"] })).await.ok();
    an.patch(&path(other), json!({ "tags": ["delayed", "late"] })).await.ok();
    assert_eq!(an.tags().await, [of("delayed", 1), of("late", 2), of("vip", 1)]);
    assert_eq!(eve.tags().await, []);
    for (method, body) in [("renamed", json!({ "from": "late", "to": "x" })), ("removed", json!({ "name": "late" }))] {
        assert_eq!(an.post(&format!("/api/tags/{method}"), body).await.refusal(), "403 forbidden");
    }
    assert_eq!(an.put("/api/tags", json!({ "name": "late", "colour": "red" })).await.refusal(), "403 forbidden");
    let coloured = world.owner.put("/api/tags", json!({ "name": "late", "colour": "red" })).await.ok();
    assert_eq!(coloured, json!({ "name": "late", "colour": "red", "conversations": 2 }));
    let lines = |detail: Value| detail["messages"].as_array().unwrap().len();
    let before = lines(an.get(&path(other)).await.ok());
    let from = world.owner.get("/api/counts").await.ok()["at"]["position"].clone();
    let done = world.owner.post("/api/tags/renamed", json!({ "from": "late", "to": " overdue " })).await.ok();
    assert_eq!(done, json!({ "conversations": 2 }));
    assert_eq!(an.get(&path(other)).await.ok()["row"]["tags"], json!(["delayed", "overdue"]));
    // Every screen hears of it, and no thread says anything.
    let told = an.get(&format!("/api/feed?from={from}")).await.ok();
    let names: Vec<_> = told["events"].as_array().unwrap().iter().map(|event| event["event"].clone()).collect();
    assert_eq!(names, ["conversation_changed", "conversation_changed", "tags_changed"]);
    assert_eq!(lines(an.get(&path(other)).await.ok()), before);
    assert_eq!(
        an.get("/api/tags?counts=false").await.ok()["tags"],
        json!([{ "name": "overdue", "colour": "red", "conversations": 0 }])
    );
    // Two become one; what has both has it once.
    world.owner.post("/api/tags/renamed", json!({ "from": "delayed", "to": "overdue" })).await.ok();
    assert_eq!(an.tags().await, [of("overdue", 2), of("vip", 1)]);
    assert_eq!(an.get(&path(other)).await.ok()["row"]["tags"], json!(["overdue"]));
    let found = an.get("/api/conversations?tag=overdue").await.ok();
    assert_eq!(found["rows"].as_array().unwrap().len(), 2);
    world.owner.post("/api/tags/removed", json!({ "name": "overdue" })).await.ok();
    assert_eq!(an.tags().await, [of("vip", 1)]);
    let empty = world.owner.post("/api/tags/renamed", json!({ "from": "vip", "to": " " })).await;
    assert_eq!((empty.refusal().as_str(), &empty.1["error"]["fields"][0]["field"]), ("422 invalid", &json!("to")));
}

#[rstest]
#[tokio::test]
async fn a_list_of_a_tag_follows_it_to_its_new_name(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let an = world.agent("an").await;
    let path = format!("/api/conversations/{}", world.conversation("one").await);
    an.patch(&path, json!({ "tags": ["late"] })).await.ok();
    let view = |name: &str, tag: Option<&str>, shared| {
        let query = json!({ "folder": "inbox", "sort": "activity", "tag": tag });
        json!({ "name": name, "query": query, "shared": shared })
    };
    an.post("/api/views", view("mine", Some("late"), false)).await.ok();
    an.post("/api/views", view("of another tag", Some("later"), false)).await.ok();
    an.post("/api/views", view("of none", None, false)).await.ok();
    world.owner.post("/api/views", view("shared", Some("late"), true)).await.ok();
    let from = world.owner.get("/api/counts").await.ok()["at"]["position"].clone();
    world.owner.post("/api/tags/renamed", json!({ "from": "late", "to": "overdue" })).await.ok();
    let lists = an.get("/api/views").await.ok();
    let tags: Vec<_> = lists["views"].as_array().unwrap().iter().map(|one| one["query"]["tag"].as_str()).collect();
    assert_eq!(tags, [Some("overdue"), Some("overdue"), Some("later"), None]);
    let told = an.get(&format!("/api/feed?from={from}")).await.ok();
    let names: Vec<_> = told["events"].as_array().unwrap().iter().map(|event| event["event"].as_str()).collect();
    assert_eq!(
        names,
        [Some("conversation_changed"), Some("views_changed"), Some("views_changed"), Some("tags_changed")],
        "those whose lists they are ask anew"
    );
}
