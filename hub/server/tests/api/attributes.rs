use std::collections::BTreeMap;

use rstest::rstest;
use serde_json::{Value, json};

use crate::world::Engine::{Postgres, Sqlite};
use crate::world::{Engine, Person, World};

async fn card(an: &Person, world: &World, words: &str) -> String {
    let id = world.conversation(words).await;
    let detail = an.get(&format!("/api/conversations/{id}")).await.ok();
    format!("/api/contacts/{}", detail["contact"]["id"].as_str().unwrap())
}

fn with(attributes: Value) -> Value {
    json!({ "attributes": attributes })
}

#[rstest]
#[tokio::test]
async fn a_card_has_what_is_written_on_it_by_name(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let an = world.agent("an").await;
    let path = card(&an, &world, "hello").await;
    an.patch(&path, with(json!({ "plan": " gold ", "shop": "12" }))).await.ok();
    // What is not named stays; an empty value takes away.
    let changed = an.patch(&path, with(json!({ "plan": "silver", "city": "Bergen" }))).await.ok();
    assert_eq!(changed["attributes"], json!({ "city": "Bergen", "plan": "silver", "shop": "12" }));
    let changed = an.patch(&path, with(json!({ "shop": "", "city": "" }))).await.ok();
    assert_eq!(changed["attributes"], json!({ "plan": "silver" }));
    assert_eq!(an.get(&path).await.ok()["attributes"], json!({ "plan": "silver" }));
}

#[rstest]
#[tokio::test]
async fn merged_cards_show_the_attributes_of_both_and_have_their_own_again(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let an = world.agent("an").await;
    let (kept, part) = (card(&an, &world, "hello").await, card(&an, &world, "me again").await);
    an.patch(&kept, with(json!({ "plan": "gold" }))).await.ok();
    an.patch(&part, with(json!({ "plan": "free", "shop": "12" }))).await.ok();
    let merged = format!("{kept}/merged/{}", part.rsplit('/').next().unwrap());
    let both = an.put(&merged, Value::Null).await.ok();
    assert_eq!(both["attributes"], json!({ "plan": "gold", "shop": "12" }));
    an.delete(&merged).await.ok();
    assert_eq!(an.get(&kept).await.ok()["attributes"], json!({ "plan": "gold" }));
    assert_eq!(an.get(&part).await.ok()["attributes"], json!({ "plan": "free", "shop": "12" }));
}

#[tokio::test]
async fn attributes_are_bounded() {
    let world = World::new(Sqlite).await;
    let an = world.agent("an").await;
    let path = card(&an, &world, "hello").await;
    let many = |from: usize, to: usize| -> Value {
        let all: BTreeMap<_, _> = (from..to).map(|number| (format!("name {number}"), "value")).collect();
        with(json!(all))
    };
    an.patch(&path, many(0, 50)).await.ok();
    for (body, field, code) in [
        (many(50, 51), "attributes", "too_many"),
        (with(json!({ "": "value" })), "attributes.", "required"),
        (with(json!({ "n".repeat(65): "value" })), "attributes", "too_long"),
        (with(json!({ "name 1": "v".repeat(1_001) })), "attributes.name 1", "too_long"),
    ] {
        let answer = an.patch(&path, body).await;
        assert_eq!(answer.refusal(), "422 invalid");
        let said = &answer.1["error"]["fields"][0];
        assert_eq!((&said["field"], &said["code"]), (&json!(field), &json!(code)));
    }
    // One goes, another comes.
    an.patch(&path, with(json!({ "name 0": "", "other": "value" }))).await.ok();
}
