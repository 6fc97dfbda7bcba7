//! The list of customers, those who are written down by hand, what other systems say, and all that is kept of one.

use rstest::rstest;
use serde_json::{Value, json};

use crate::world::Engine::{Postgres, Sqlite};
use crate::world::{Engine, Person, World};

impl Person {
    async fn customers(&self, asked: &str) -> Vec<String> {
        let list = self.get(&format!("/api/contacts{asked}")).await.ok();
        names(&list)
    }
}

fn names(list: &Value) -> Vec<String> {
    let name = |one: &Value| one["name"].as_str().unwrap_or("-").to_owned();
    list["contacts"].as_array().unwrap().iter().map(name).collect()
}

fn path(contact: &Value) -> String {
    format!("/api/contacts/{}", contact["id"].as_str().unwrap())
}

/// Somebody writes in the web chat, and is called this by the team.
async fn writes(world: &World, name: &str) -> (String, String) {
    // One after the other, as the list has them.
    world.clock.advance(1_000);
    let id = world.conversation(&format!("hello from {name}")).await;
    let detail = world.owner.get(&format!("/api/conversations/{id}")).await.ok();
    let card = path(&detail["contact"]);
    world.owner.patch(&card, json!({ "name": name })).await.ok();
    (id.to_string(), card)
}

#[rstest]
#[tokio::test]
async fn customers_are_listed_page_by_page_to_whom_they_are(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let (an, eve) = (world.agent("an").await, world.stranger("eve").await);
    for name in ["Ann Lee", "Ben Okafor", "Chloé Martin"] {
        writes(&world, name).await;
    }
    assert_eq!(an.customers("").await, ["Chloé Martin", "Ben Okafor", "Ann Lee"]);
    let first = an.get("/api/contacts?limit=2").await.ok();
    assert_eq!(names(&first), ["Chloé Martin", "Ben Okafor"]);
    assert_eq!(first["contacts"][0]["channels"], json!(["web"]));
    assert_eq!(first["contacts"][0]["conversations"], 1);
    let rest = format!("?limit=2&cursor={}", first["next"].as_str().unwrap());
    assert_eq!(an.customers(&rest).await, ["Ann Lee"]);
    assert_eq!(an.customers("?q=chloe%20mar").await, ["Chloé Martin"]);
    // What a conversation is about says nothing of who it is.
    assert_eq!(an.customers("?q=zebra").await, Vec::<String>::new());
    assert_eq!(eve.customers("").await, Vec::<String>::new());
    assert_eq!(eve.customers("?q=ann").await, Vec::<String>::new());
    assert_eq!(an.get("/api/contacts?cursor=x").await.refusal(), "422 invalid");
}

#[rstest]
#[tokio::test]
async fn merged_cards_are_one_row(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let (_, kept) = writes(&world, "Ann Lee").await;
    let (_, part) = writes(&world, "A. Lee").await;
    world.owner.put(&format!("{kept}/merged/{}", part.rsplit('/').next().unwrap()), Value::Null).await.ok();
    let list = world.owner.get("/api/contacts").await.ok();
    assert_eq!(names(&list), ["Ann Lee"]);
    assert_eq!(list["contacts"][0]["conversations"], 2);
}

#[rstest]
#[tokio::test]
async fn who_is_written_down_by_hand_is_everybodys_until_they_write(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let (an, eve, rea) = (world.agent("an").await, world.stranger("eve").await, world.joins("rea", "read_only").await);
    let from = world.owner.get("/api/counts").await.ok()["at"]["position"].clone();
    let body = json!({ "name": "Maria de Boer", "phone": "+31 6 1234 5678" });
    let made = an.post_once("/api/contacts", "k", body.clone()).await.ok();
    assert_eq!(an.post_once("/api/contacts", "k", body).await.ok(), made);
    assert_eq!(eve.customers("").await, ["Maria de Boer"]);
    for words in ["maria", "boer", "5678"] {
        assert_eq!(eve.customers(&format!("?q={words}")).await, ["Maria de Boer"]);
    }
    let told = eve.get(&format!("/api/feed?from={from}")).await.ok();
    assert_eq!(told["events"][0]["contact"]["name"], "Maria de Boer");
    eve.patch(&path(&made), json!({ "notes": "Rings on Mondays" })).await.ok();
    // She turns out to be somebody who has written: who sees that sees both, the others what was everybody's.
    let (_, card) = writes(&world, "Maria").await;
    let merged = format!("{card}/merged/{}", made["id"].as_str().unwrap());
    an.put(&merged, Value::Null).await.ok();
    assert_eq!(an.customers("").await, ["Maria"]);
    assert_eq!(eve.customers("").await, ["Maria de Boer"]);
    assert_eq!(rea.post("/api/contacts", json!({ "name": "X" })).await.refusal(), "403 forbidden");
    let empty = an.post("/api/contacts", json!({ "notes": "nobody" })).await;
    assert_eq!((empty.refusal().as_str(), &empty.1["error"]["fields"][0]["field"]), ("422 invalid", &json!("name")));
}

fn orders() -> Value {
    json!({
        "title": "Shop", "link": "https://shop.example/customers/4711", "outside_id": "4711",
        "rows": [
            { "label": "Plan", "value": { "kind": "badge", "text": "Gold", "tone": "good" } },
            { "label": "Spent", "value": { "kind": "money", "amount": 1249.5, "currency": "EUR" } },
            { "label": "Orders", "items": [{ "title": "#1042", "link": "https://shop.example/o/1042",
                "values": [{ "kind": "date", "date": "2026-11-02" }, { "kind": "number", "number": 3.0 }] }] },
        ],
    })
}

#[rstest]
#[tokio::test]
async fn a_system_says_what_it_knows_of_a_customer(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let (an, eve, rea) = (world.agent("an").await, world.stranger("eve").await, world.joins("rea", "read_only").await);
    let (_, card) = writes(&world, "Ann Lee").await;
    an.patch(&card, json!({ "email": "Ann@Example.org" })).await.ok();
    let from = world.owner.get("/api/counts").await.ok()["at"]["position"].clone();
    an.put("/api/cards/shop?email=ann@example.org", orders()).await.ok();
    let said = an.get(&format!("{card}/cards")).await.ok();
    let mut wanted = orders();
    wanted["source"] = json!("shop");
    wanted["changed_at"] = said["cards"][0]["changed_at"].clone();
    assert_eq!(said["cards"], json!([wanted]));
    // Told to whoever sees the customer, without a word of what it is.
    let told = an.get(&format!("/api/feed?from={from}")).await.ok();
    assert_eq!(told["events"][0]["event"], "contact_cards_changed");
    assert!(!told.to_string().contains("1042"), "{told}");
    assert_eq!(eve.get(&format!("/api/feed?from={from}")).await.ok()["events"], json!([]));
    // The next time by its own id; what it is called stays.
    let next = json!({ "title": "Shop", "rows": [] });
    an.put("/api/cards/shop?outside_id=4711", next.clone()).await.ok();
    assert_eq!(an.get(&format!("{card}/cards")).await.ok()["cards"][0]["rows"], json!([]));
    for path in
        ["/api/cards/shop?outside_id=4711", "/api/cards/shop?email=ann@example.org", &format!("{card}/cards/shop")]
    {
        assert_eq!(eve.put(path, next.clone()).await.refusal(), "404 not_found");
        assert_eq!(rea.put(path, next.clone()).await.refusal(), "403 forbidden");
    }
    assert_eq!(eve.get(&format!("{card}/cards")).await.refusal(), "404 not_found");
    assert_eq!(an.put("/api/cards/crm?outside_id=4711", next.clone()).await.refusal(), "404 not_found");
    assert_eq!(an.put("/api/cards/shop", next.clone()).await.refusal(), "422 invalid");
    assert_eq!(an.delete("/api/cards/shop?outside_id=4711").await.0, 204);
    assert_eq!(an.get(&format!("{card}/cards")).await.ok()["cards"], json!([]));
    for (row, field) in [
        (json!({ "label": "x" }), "rows.0"),
        (
            json!({ "label": "x", "value": { "kind": "text", "text": "x", "link": "javascript:alert(1)" } }),
            "rows.0.value.link",
        ),
        (json!({ "label": "x", "value": { "kind": "date", "date": "2026-02-31" } }), "rows.0.value.date"),
        (
            json!({ "label": "x", "value": { "kind": "money", "amount": 1, "currency": "euro" } }),
            "rows.0.value.currency",
        ),
    ] {
        let refused = an.put(&format!("{card}/cards/shop"), json!({ "title": "Shop", "rows": [row] })).await;
        assert_eq!(refused.1["error"]["fields"][0]["field"], field, "{}", refused.1);
    }
    let wrong = an.put(&format!("{card}/cards/a.b"), next).await;
    assert_eq!(wrong.1["error"]["fields"][0]["field"], "source");
}

#[rstest]
#[tokio::test]
async fn all_that_is_kept_of_a_customer_is_handed_out_and_erased(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let an = world.agent("an").await;
    let (_, visitor) = world.visitor().await;
    let id = world.says(visitor, "my lamp is broken").await.conversation_id;
    world.reply_with_file(id).await;
    let detail = world.owner.get(&format!("/api/conversations/{id}")).await.ok();
    let card = path(&detail["contact"]);
    let (_, other) = writes(&world, "Ann Lee").await;
    world.owner.put(&format!("{card}/merged/{}", other.rsplit('/').next().unwrap()), Value::Null).await.ok();
    an.put(&format!("{card}/cards/shop"), orders()).await.ok();
    let (_, stays) = writes(&world, "Somebody else").await;
    assert_eq!(an.get(&format!("{card}/export")).await.refusal(), "403 forbidden");
    let whole = world.owner.get(&format!("{card}/export")).await.ok();
    assert_eq!(whole["cards"].as_array().unwrap().len(), 2);
    assert_eq!(whole["outside_cards"][0]["source"], "shop");
    let told: Vec<_> = whole["conversations"].as_array().unwrap().iter().map(|one| &one["messages"]).collect();
    assert_eq!(told.len(), 2);
    let newest_first = told[0].as_array().unwrap();
    assert_eq!(newest_first.last().unwrap()["text"], "my lamp is broken");
    assert!(newest_first.iter().any(|message| message["attachments"][0]["name"].is_string()), "{whole}");
    assert_eq!(an.post(&format!("{card}/erased"), json!({})).await.refusal(), "403 forbidden");
    assert_eq!(world.owner.post(&format!("{card}/erased"), json!({})).await.0, 204);
    assert_eq!(world.owner.post(&format!("{card}/erased"), json!({})).await.refusal(), "404 not_found");
    assert_eq!(world.owner.get(&card).await.refusal(), "404 not_found");
    assert_eq!(world.owner.get(&other).await.refusal(), "404 not_found");
    assert_eq!(world.owner.customers("").await, ["Somebody else"]);
    world.owner.get(&stays).await.ok();
    // Also who was written down by hand, of whom no inbox knows.
    let by_hand = an.post("/api/contacts", json!({ "name": "Maria" })).await.ok();
    assert_eq!(world.owner.post(&format!("{}/erased", path(&by_hand)), json!({})).await.0, 204);
    assert_eq!(an.get(&path(&by_hand)).await.refusal(), "404 not_found");
}
