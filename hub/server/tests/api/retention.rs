//! The archive and the trash empty themselves after their time, and nothing else goes.

use rstest::rstest;
use serde_json::json;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection, PgConnection, SqliteConnection};
use switchboard::ops::upkeep;
use switchboard_protocol::ConversationId;

use crate::delete_forever::files_below;
use crate::world::Engine::{Postgres, Sqlite};
use crate::world::{Engine, World};

const DAY: i64 = 24 * 3_600_000;

impl World {
    async fn after(&self, ms: i64) {
        self.clock.advance(ms);
        upkeep::round(&self.hub.app).await.unwrap();
    }

    /// As a disk or a hand in the database may leave it.
    async fn makes_unreadable(&self, id: ConversationId) {
        let config = &self.hub.app.config;
        let url = config.database.url.expose();
        let text = "UPDATE conversations SET source = '{' WHERE id = $1";
        let changed = if url.starts_with("postgres") {
            let mut link = PgConnection::connect(url).await.unwrap();
            sqlx::query(text).bind(id.to_string()).execute(&mut link).await.unwrap().rows_affected()
        } else {
            let file =
                files_below(&config.data).into_iter().find(|path| path.extension().is_some_and(|end| end == "db"));
            let options = SqliteConnectOptions::new().filename(file.unwrap());
            let mut link = SqliteConnection::connect_with(&options).await.unwrap();
            sqlx::query(text).bind(id.to_string()).execute(&mut link).await.unwrap().rows_affected()
        };
        assert_eq!(changed, 1);
    }

    async fn lying(&self) -> Vec<String> {
        let page = self.owner.get("/api/conversations?sort=created").await.ok();
        let rows = page["rows"].as_array().unwrap().iter();
        rows.map(|row| format!("{} {}", row["preview"]["text"].as_str().unwrap(), row["place"].as_str().unwrap()))
            .collect()
    }
}

#[rstest]
#[tokio::test]
async fn what_lies_long_enough_is_deleted_and_what_is_put_back_stays(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let owner = &world.owner;
    assert_eq!(owner.get("/api/retention").await.ok(), json!({"archived_days": 30, "trash_days": 30}));
    owner.put("/api/retention", json!({"archived_days": 30, "trash_days": 7})).await.ok();
    let mut paths = Vec::new();
    for (text, place) in [
        ("old", "archived"),
        ("thrown", "trash"),
        ("back", "trash"),
        ("spam", "spam"),
        ("here", "inbox"),
        ("late", "archived"),
    ] {
        let path = format!("/api/conversations/{}", world.conversation(text).await);
        owner.patch(&path, json!({"place": place})).await.ok();
        paths.push(path);
    }
    // What sleeps in the archive is waited for.
    let later = world.clock.now() + 90 * DAY;
    owner.patch(&paths[5], json!({"snoozed_until": later})).await.ok();
    world.after(0).await;
    world.after(7 * DAY - 1).await;
    assert_eq!(world.lying().await.len(), 6);
    // Put back and thrown away again: its time begins anew.
    owner.patch(&paths[2], json!({"place": "inbox"})).await.ok();
    owner.patch(&paths[2], json!({"place": "trash"})).await.ok();
    world.after(1).await;
    assert_eq!(world.lying().await, ["late archived", "here inbox", "spam spam", "back trash", "old archived"]);
    owner.patch(&paths[2], json!({"place": "inbox"})).await.ok();
    world.after(23 * DAY).await;
    assert_eq!(world.lying().await, ["late archived", "here inbox", "spam spam", "back inbox"]);
    assert_eq!(owner.get(&paths[0]).await.refusal(), "404 not_found");
}

#[rstest]
#[tokio::test]
async fn one_that_cannot_be_deleted_keeps_no_other_from_going(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    world.owner.put("/api/retention", json!({"archived_days": null, "trash_days": 7})).await.ok();
    let (broken, other) = (world.conversation("broken").await, world.conversation("other").await);
    for id in [broken, other] {
        world.owner.patch(&format!("/api/conversations/{id}"), json!({"place": "trash"})).await.ok();
    }
    world.after(0).await;
    world.makes_unreadable(broken).await;
    world.after(7 * DAY).await;
    let path = format!("/api/conversations/{other}");
    assert_eq!(world.owner.get(&path).await.refusal(), "404 not_found");
    assert_eq!(world.owner.get(&format!("/api/conversations/{broken}")).await.0, 500, "it is there");
}

/// What was archived and then merged into a living case is a part of that.
#[rstest]
#[tokio::test]
async fn what_was_merged_goes_with_its_case_and_not_before(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let (_, visitor) = world.visitor().await;
    let part = world.says(visitor, "a part").await.conversation_id;
    let part = format!("/api/conversations/{part}");
    world.owner.post(&format!("{part}/messages"), json!({"text": "an answer"})).await.ok();
    let split = world.owner.post(&format!("{part}/split"), json!({"number": 2, "and_after": true})).await.ok();
    let into = format!("/api/conversations/{}", split["id"].as_str().unwrap());
    world.owner.patch(&part, json!({"place": "archived"})).await.ok();
    world.after(0).await;
    world.after(29 * DAY).await;
    let id = part.rsplit('/').next().unwrap();
    world.owner.put(&format!("{into}/merged/{id}"), json!(null)).await.ok();
    world.after(2 * DAY).await;
    world.owner.get(&part).await.ok();
    assert_eq!(world.owner.delete(&format!("{into}/merged/{id}")).await.0, 200, "and it can be taken back");
    world.after(0).await;
    world.owner.get(&part).await.ok();
    // From then on it lies where it lay, for as long as anything else does.
    world.after(29 * DAY).await;
    world.owner.get(&part).await.ok();
}

#[rstest]
#[tokio::test]
async fn it_can_be_switched_off_by_those_who_manage(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let an = world.agent("an").await;
    let never = json!({"archived_days": null, "trash_days": null});
    assert_eq!(an.put("/api/retention", never.clone()).await.refusal(), "403 forbidden");
    for wrong in [0, 3_651] {
        let refused = world.owner.put("/api/retention", json!({"archived_days": wrong, "trash_days": 1})).await;
        assert_eq!(refused.1["error"]["fields"][0]["field"], "archived_days");
    }
    assert_eq!(world.owner.put("/api/retention", never.clone()).await.ok(), never);
    let path = format!("/api/conversations/{}", world.conversation("kept").await);
    an.patch(&path, json!({"place": "trash"})).await.ok();
    world.after(0).await;
    // Nobody is signed in for longer than a month without a word.
    for _ in 0..3 {
        world.after(29 * DAY).await;
        assert_eq!(world.lying().await, ["kept trash"]);
    }
    assert_eq!(world.owner.get("/api/retention").await.ok(), never);
}
