//! Templates: who sees and changes them, and their files.

use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};
use switchboard::ops::upkeep;

use crate::world::Engine::{Postgres, Sqlite};
use crate::world::{Engine, Person, World};

const DAY: i64 = 24 * 3_600_000;

fn personal(name: &str, text: &str) -> Value {
    json!({"name": name, "text": text, "for": {"scope": "personal"}})
}

fn for_all(name: &str) -> Value {
    json!({"name": name, "text": "Hi", "for": {"scope": "all"}})
}

impl Person {
    async fn templates(&self) -> Vec<String> {
        let list = self.get("/api/templates").await.ok();
        list["templates"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
    }
}

fn path(template: &Value) -> String {
    format!("/api/templates/{}", template["id"].as_str().unwrap())
}

#[rstest]
#[tokio::test]
async fn one_sees_ones_own_ones_teams_and_everybodys(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let (an, ben) = (world.agent("an").await, world.agent("ben").await);
    let team = world.owner.post("/api/teams", json!({"name": "Sales", "members": [an.id]})).await.ok();
    let mine = an.post("/api/templates", personal("mine", "Hi {{customer.first_name}}")).await.ok();
    assert_eq!((&mine["mine_to_change"], &mine["text"]), (&json!(true), &json!("Hi {{customer.first_name}}")));
    let sales = json!({"name": "sales", "text": "Hi", "for": {"scope": "team", "team_id": team["id"]}});
    // Sharing is for owners and admins.
    assert_eq!(an.post("/api/templates", sales.clone()).await.refusal(), "403 forbidden");
    assert_eq!(an.post("/api/templates", for_all("all")).await.refusal(), "403 forbidden");
    let sales = world.owner.post("/api/templates", sales).await.ok();
    let all = world.owner.post("/api/templates", for_all("all")).await.ok();
    assert_eq!(an.templates().await, ["all", "mine", "sales"]);
    assert_eq!(ben.templates().await, ["all"]);
    assert_eq!(world.owner.templates().await, ["all", "sales"]);
    // What one sees and may not change stays; what one does not see is not there.
    assert_eq!(an.put(&path(&sales), personal("taken", "mine now")).await.refusal(), "403 forbidden");
    assert_eq!(an.delete(&path(&all)).await.refusal(), "403 forbidden");
    assert_eq!(an.put(&path(&mine), for_all("spread")).await.refusal(), "403 forbidden");
    for (who, what) in [(&ben, &mine), (&ben, &sales), (&world.owner, &mine)] {
        assert_eq!(who.put(&path(what), personal("x", "x")).await.refusal(), "404 not_found");
        assert_eq!(who.delete(&path(what)).await.refusal(), "404 not_found");
        assert_eq!(who.post(&format!("{}/files", path(what)), json!({})).await.refusal(), "404 not_found");
    }
    // Out of the team, out of sight; without the team it is for those who manage.
    let of_team = format!("/api/teams/{}", team["id"].as_str().unwrap());
    world.owner.put(&of_team, json!({"name": "Sales", "members": []})).await.ok();
    assert_eq!(an.templates().await, ["all", "mine"]);
    world.owner.delete(&of_team).await;
    assert_eq!(world.owner.templates().await, ["all", "sales"]);
    assert_eq!(an.templates().await, ["all", "mine"]);
}

#[rstest]
#[tokio::test]
async fn who_only_reads_makes_none(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let reader = world.joins("rea", "read_only").await;
    world.owner.post("/api/templates", for_all("all")).await.ok();
    let list = reader.get("/api/templates").await.ok();
    assert_eq!(list["templates"][0]["mine_to_change"], false);
    assert_eq!(reader.post("/api/templates", personal("x", "x")).await.refusal(), "403 forbidden");
}

#[rstest]
#[tokio::test]
async fn what_is_wrong_with_a_template_is_said(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let team = "01JD6Q4Z8V3M6W0X5T9R2K7B1C";
    for (body, field, code) in [
        (personal("", "x"), "name", "required"),
        (personal("x", " "), "text", "required"),
        (personal("x", "Hi {{customer.nmae}}"), "text", "unknown_variable"),
        (json!({"name": "x", "text": "x", "for": {"scope": "team", "team_id": null}}), "for", "required"),
        (json!({"name": "x", "text": "x", "for": {"scope": "team", "team_id": team}}), "for", "unknown"),
        (json!({"name": "x", "text": "x", "for": {"scope": "all"}, "attachments": [team]}), "attachments", "unknown"),
    ] {
        let refused = world.owner.post("/api/templates", body).await;
        let of = &refused.1["error"]["fields"][0];
        assert_eq!((&of["field"], &of["code"]), (&json!(field), &json!(code)), "{}", refused.1);
    }
    assert_eq!(world.owner.templates().await, Vec::<String>::new());
    let html = json!({"name": "x", "text": "x", "html": "<b>x</b><script>alert(1)</script>", "for": {"scope": "all"}});
    let made = world.owner.post_once("/api/templates", "k", html.clone()).await.ok();
    assert_eq!(made["html"], "<b>x</b>");
    assert_eq!(world.owner.post_once("/api/templates", "k", html).await.ok(), made);
}

#[rstest]
#[tokio::test]
async fn its_files_stay_and_each_message_gets_its_own(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let an = world.agent("an").await;
    let conversation = world.conversation("hello").await;
    let uploaded = world.owner.upload("/api/attachments?name=prices.txt", b"prices".to_vec()).await.ok();
    let file = &uploaded["attachment"]["id"];
    let mut body = for_all("prices");
    body["attachments"] = json!([file]);
    let made = world.owner.post("/api/templates", body.clone()).await.ok();
    assert_eq!(made["attachments"], json!([uploaded["attachment"]]));
    // It is the template's now, also for who sent it up.
    let answers = format!("/api/conversations/{conversation}/messages");
    let stolen = world.owner.post(&answers, json!({"text": "", "attachments": [file]})).await;
    assert_eq!(stolen.refusal(), "422 invalid");
    world.clock.advance(3 * DAY);
    upkeep::round(&world.hub.app).await.unwrap();
    let bytes = |id: &Value| {
        let request = an.request(Method::GET, &format!("/api/attachments/{}", id.as_str().unwrap()));
        async move { request.send().await.unwrap().bytes().await.unwrap() }
    };
    assert_eq!(bytes(file).await, "prices");
    for _ in 0..2 {
        let copies = an.post(&format!("{}/files", path(&made)), json!({})).await.ok();
        let copy = &copies["attachments"][0]["id"];
        assert_ne!(copy, file);
        an.post(&answers, json!({"text": "", "attachments": [copy]})).await.ok();
        assert_eq!(bytes(copy).await, "prices");
    }
    // Saved again it keeps what it is told to keep.
    assert_eq!(world.owner.put(&path(&made), body).await.ok()["attachments"], made["attachments"]);
    assert_eq!(world.owner.put(&path(&made), for_all("none")).await.ok()["attachments"], json!([]));
    upkeep::round(&world.hub.app).await.unwrap();
    let gone = an.get(&format!("/api/attachments/{}", file.as_str().unwrap())).await;
    assert_eq!(gone.refusal(), "404 not_found");
}

#[rstest]
#[tokio::test]
async fn what_was_thrown_away_comes_back_for_a_day(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let an = world.agent("an").await;
    let uploaded = an.upload("/api/attachments?name=prices.txt", b"prices".to_vec()).await.ok();
    let mut body = personal("mine", "Hi");
    body["attachments"] = json!([uploaded["attachment"]["id"]]);
    let made = an.post("/api/templates", body).await.ok();
    let back = format!("{}/restore", path(&made));
    assert_eq!(an.post(&back, json!({})).await.refusal(), "404 not_found");
    assert_eq!(an.delete(&path(&made)).await.0, 204);
    assert_eq!(an.templates().await, Vec::<String>::new());
    assert_eq!(world.owner.post(&back, json!({})).await.refusal(), "404 not_found");
    assert_eq!(an.post(&back, json!({})).await.ok()["attachments"], made["attachments"]);
    assert_eq!(an.templates().await, ["mine"]);
    an.delete(&path(&made)).await;
    world.clock.advance(2 * DAY);
    upkeep::round(&world.hub.app).await.unwrap();
    assert_eq!(an.post(&back, json!({})).await.refusal(), "404 not_found");
    let file = format!("/api/attachments/{}", uploaded["attachment"]["id"].as_str().unwrap());
    assert_eq!(an.get(&file).await.refusal(), "404 not_found");
}

#[rstest]
#[tokio::test]
async fn only_those_hear_of_a_change_whom_it_concerns(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let (an, ben) = (world.agent("an").await, world.agent("ben").await);
    let from = world.owner.get("/api/counts").await.ok()["at"]["position"].clone();
    an.post("/api/templates", personal("mine", "my secret is zebra")).await.ok();
    world.owner.post("/api/templates", for_all("zebra")).await.ok();
    for (who, times) in [(&an, 2), (&ben, 1)] {
        let events = who.get(&format!("/api/feed?from={from}")).await.ok();
        let names: Vec<&Value> = events["events"].as_array().unwrap().iter().map(|one| &one["event"]).collect();
        assert_eq!(names, vec![&json!("templates_changed"); times]);
        assert!(!events.to_string().contains("zebra"));
    }
}
