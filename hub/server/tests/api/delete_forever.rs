//! What is deleted forever is in no table and in no file any more, and nobody waits for what is missing.

use std::path::{Path, PathBuf};

use rstest::rstest;
use serde_json::{Value, json};
use sqlx::postgres::PgConnection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, Connection};

use crate::world::Engine::{Postgres, Sqlite};
use crate::world::{Engine, World};

/// Stands in every text that is to go, and nowhere else.
const WORD: &str = "zanzibarine";

impl World {
    /// The columns in which somebody has the word.
    async fn where_it_stands(&self) -> Vec<String> {
        let config = &self.hub.app.config;
        let url = config.database.url.expose();
        let mut found = Vec::new();
        let looks = |table: &str, column: &str| {
            AssertSqlSafe(format!("SELECT COUNT(*) FROM {table} WHERE CAST({column} AS TEXT) LIKE '%{WORD}%'"))
        };
        if url.starts_with("postgres") {
            let mut link = PgConnection::connect(url).await.unwrap();
            let columns = "SELECT CAST(table_name AS TEXT), CAST(column_name AS TEXT) FROM information_schema.columns \
                           WHERE table_schema = 'public'";
            let columns: Vec<(String, String)> = sqlx::query_as(columns).fetch_all(&mut link).await.unwrap();
            for (table, column) in columns {
                let (rows,): (i64,) = sqlx::query_as(looks(&table, &column)).fetch_one(&mut link).await.unwrap();
                found.extend((rows > 0).then(|| format!("{table}.{column}")));
            }
            return found;
        }
        let file = files_below(&config.data).into_iter().find(|path| path.extension().is_some_and(|end| end == "db"));
        let options = SqliteConnectOptions::new().filename(file.unwrap());
        let mut link = SqliteConnection::connect_with(&options).await.unwrap();
        // The words of the search are kept without their texts.
        let columns = "SELECT m.name, p.name FROM sqlite_master AS m JOIN pragma_table_info(m.name) AS p \
                       WHERE m.type = 'table' AND m.name NOT LIKE '%_words%'";
        let columns: Vec<(String, String)> = sqlx::query_as(columns).fetch_all(&mut link).await.unwrap();
        for (table, column) in columns {
            let (rows,): (i64,) = sqlx::query_as(looks(&table, &column)).fetch_one(&mut link).await.unwrap();
            found.extend((rows > 0).then(|| format!("{table}.{column}")));
        }
        for table in ["message_words", "conversation_words"] {
            let looks = AssertSqlSafe(format!("SELECT COUNT(*) FROM {table} WHERE {table} MATCH '{WORD}'"));
            let (rows,): (i64,) = sqlx::query_as(looks).fetch_one(&mut link).await.unwrap();
            found.extend((rows > 0).then(|| table.to_owned()));
        }
        found
    }

    /// Files that people have sent and that have the word.
    fn files_with_it(&self) -> usize {
        let files = files_below(&self.hub.app.config.data);
        let sent = files.into_iter().filter(|path| !path.to_string_lossy().contains(".db"));
        sent.filter(|path| String::from_utf8_lossy(&std::fs::read(path).unwrap()).contains(WORD)).count()
    }
}

pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

#[rstest]
#[tokio::test]
async fn what_is_deleted_forever_is_nowhere(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let (an, stays) = (world.agent("an").await, world.conversation("this stays").await);
    let at = an.get("/api/counts").await.ok()["at"].clone();
    let (browser, visitor) = world.visitor().await;
    let id = world.says(visitor, &format!("my {WORD} is broken")).await.conversation_id;
    let path = format!("/api/conversations/{id}");
    let detail = an.get(&path).await.ok();
    let contact = detail["contact"]["id"].as_str().unwrap().to_owned();
    an.patch(&path, json!({"subject": format!("About a {WORD}"), "tags": [WORD]})).await.ok();
    an.patch(&format!("/api/contacts/{contact}"), json!({"name": format!("Zoe {WORD}"), "notes": WORD})).await.ok();
    let name = format!("/api/attachments?name={WORD}.txt");
    let file = an.upload(&name, format!("a {WORD} on paper").into_bytes()).await.ok()["attachment"]["id"].clone();
    let answer = json!({"text": format!("which {WORD}?"), "attachments": [file]});
    an.post_once(&format!("{path}/messages"), "key-1", answer).await.ok();
    an.post(&format!("{path}/messages"), json!({"text": format!("a {WORD} again"), "note": true})).await.ok();
    let kept = world.where_it_stands().await;
    for column in
        ["messages.text", "events.staff_frame", "events.visitor_frame", "conversations.subject", "contacts.name"]
    {
        assert!(kept.iter().any(|one| one == column), "{column} is not among {kept:?}");
    }
    assert_eq!(world.files_with_it(), 1);

    // Only out of the trash or the spam, and only by those who manage.
    assert_eq!(world.owner.delete(&path).await.refusal(), "409 conflict");
    an.patch(&path, json!({"place": "trash"})).await.ok();
    assert_eq!(an.delete(&path).await.refusal(), "403 forbidden");
    assert_eq!(world.owner.delete(&path).await.0, 204);
    assert_eq!(world.owner.delete(&path).await.refusal(), "404 not_found");

    assert_eq!(world.where_it_stands().await, Vec::<String>::new());
    assert_eq!(world.files_with_it(), 0);
    assert_eq!(an.get(&path).await.refusal(), "404 not_found");
    assert_eq!(an.get(&format!("/api/contacts/{contact}")).await.refusal(), "404 not_found");
    assert_eq!(an.get(&format!("/api/search?q={WORD}")).await.ok()["hits"], json!([]));
    assert_eq!(browser.get("/api/visitor/history").await.ok()["conversations"], json!([]));
    // Who comes back from before is told, by every position that there was.
    let (epoch, from) = (at["epoch"].as_str().unwrap(), at["position"].as_i64().unwrap());
    let feed = an.get(&format!("/api/feed?epoch={epoch}&from={from}")).await.ok();
    assert!(!feed.to_string().contains(WORD), "{feed}");
    let told = feed["events"].as_array().unwrap();
    assert!(told.iter().any(|one| one["event"] == "conversation_removed" && one["conversation_id"] == json!(id)));
    assert!(told.iter().any(|one| one["event"] == "contact_removed" && one["contact_id"] == json!(contact)));
    let newest = an.get("/api/counts").await.ok()["at"]["position"].clone();
    assert_eq!(told.last().unwrap()["position"], newest, "there is no hole that is waited for");
    // The other one is as it was, and whoever wrote may write again.
    assert_eq!(an.get(&format!("/api/conversations/{stays}")).await.ok()["row"]["last_number"], 1);
    let again = world.says(visitor, "hello again").await.conversation_id;
    assert_ne!(again, id);
}

/// Split off, put back and split off once more, under the eyes of who has the conversation that stays.
#[rstest]
#[tokio::test]
async fn what_stood_elsewhere_and_is_deleted_is_nowhere(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let (an, bo) = (world.agent("an").await, world.agent("bo").await);
    let (browser, visitor) = world.visitor().await;
    let id = world.says(visitor, "hello").await.conversation_id;
    let path = format!("/api/conversations/{id}");
    an.patch(&path, json!({"assignees": [bo.id]})).await.ok();
    let at = an.get("/api/counts").await.ok()["at"].clone();
    an.post(&format!("{path}/messages"), json!({"text": "this stays", "note": true})).await.ok();
    let number = world.says(visitor, &format!("my {WORD} is broken")).await.number;
    let told = bo.get("/api/notifications").await.ok()["rows"][0].clone();
    assert_eq!(told["preview"]["text"], format!("my {WORD} is broken"));
    let splits = format!("{path}/split");
    let split = |key| an.post_once(&splits, key, json!({ "number": number, "and_after": true }));
    let back = split("split-1").await.ok()["id"].as_str().unwrap().to_owned();
    an.put(&format!("{path}/merged/{back}"), Value::Null).await.ok();
    let off = split("split-2").await.ok()["id"].as_str().unwrap().to_owned();
    let there = format!("/api/conversations/{off}");
    an.patch(&there, json!({"assignees": [bo.id], "subject": format!("About a {WORD}")})).await.ok();
    an.patch(&there, json!({"snoozed_until": world.clock.now() + 3_600_000})).await.ok();
    switchboard_store::search::catch_up(&world.hub.app.store).await.unwrap();
    let kept = world.where_it_stands().await;
    let words = if engine == Sqlite { "message_words" } else { "message_words.text" };
    for column in ["events.staff_frame", "events.visitor_frame", "edge_keys.answer", words] {
        assert!(kept.iter().any(|one| one == column), "{column} is not among {kept:?}");
    }

    an.patch(&there, json!({"place": "trash"})).await.ok();
    assert_eq!(world.owner.delete(&there).await.0, 204);
    assert_eq!(world.where_it_stands().await, Vec::<String>::new());
    assert_eq!(split("split-2").await.refusal(), "404 not_found", "it is not made anew");
    // What stays is as it was, and so is what is told of it.
    let left = an.get(&path).await.ok();
    assert_eq!((&left["row"]["preview"]["text"], &left["row"]["assignees"]), (&json!("hello"), &json!([bo.id])));
    let (epoch, from) = (at["epoch"].as_str().unwrap(), at["position"].as_i64().unwrap());
    let feed = an.get(&format!("/api/feed?epoch={epoch}&from={from}")).await.ok();
    let told = feed["events"].as_array().unwrap();
    assert!(told.iter().any(|one| one["message"]["text"] == "this stays"), "{feed}");
    let gone = told.iter().find(|one| one["event"] == "message_created" && one["message"]["number"] == json!(number));
    assert!(gone.is_some_and(|one| one["message"]["deleted_at"].is_i64()), "as if it had been deleted there: {feed}");
    let removed = told.iter().rfind(|one| one["event"] == "conversation_removed").unwrap();
    let stood = std::collections::BTreeSet::from([back, id.to_string()]);
    assert_eq!((&removed["conversation_id"], &removed["elsewhere"]), (&json!(off), &json!(stood)));
    assert_eq!(told.last().unwrap()["position"], an.get("/api/counts").await.ok()["at"]["position"]);
    let history = browser.get("/api/visitor/history").await.ok();
    assert_eq!(history["conversations"].as_array().unwrap().len(), 1);
    world.says(visitor, "hello again").await;
}

/// What was merged goes with the case that has it; what it was merged from has no text of its own.
#[rstest]
#[tokio::test]
async fn what_was_merged_goes_with_it(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let an = world.agent("an").await;
    let (_, visitor) = world.visitor().await;
    let first = world.says(visitor, &format!("my {WORD} is broken")).await;
    let path = format!("/api/conversations/{}", first.conversation_id);
    world.says(visitor, &format!("and another {WORD}")).await;
    let split = an.post(&format!("{path}/split"), json!({"number": 2, "and_after": true})).await.ok();
    let into = format!("/api/conversations/{}", split["id"].as_str().unwrap());
    an.put(&format!("{into}/merged/{}", first.conversation_id), Value::Null).await.ok();
    an.patch(&into, json!({"place": "trash"})).await.ok();
    assert_eq!(world.owner.delete(&into).await.0, 204);
    assert_eq!(world.where_it_stands().await, Vec::<String>::new());
    assert_eq!(an.get(&path).await.refusal(), "404 not_found");
}

#[rstest]
#[tokio::test]
async fn the_trash_is_emptied_and_a_customer_with_other_conversations_stays(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let world = World::new(engine).await;
    let an = world.agent("an").await;
    let (mut ids, mut contacts) = (Vec::new(), Vec::new());
    for text in ["one", "two", "three", "four"] {
        let id = world.conversation(text).await.to_string();
        contacts.push(an.get(&format!("/api/conversations/{id}")).await.ok()["contact"]["id"].clone());
        ids.push(id);
    }
    // The first two are of one person.
    let (top, part) = (contacts[0].as_str().unwrap(), contacts[1].as_str().unwrap());
    an.put(&format!("/api/contacts/{top}/merged/{part}"), Value::Null).await.ok();
    let change = json!({"ids": ids[1..], "change": {"place": "trash"}});
    an.post("/api/conversations/changes", change).await.ok();
    let bad = json!({"ids": [ids[0], ids[3], "01ARZ3NDEKTSV4RRFFQ69G5FAV"]});
    assert_eq!(an.post("/api/conversations/removed", bad.clone()).await.refusal(), "403 forbidden");
    let done = world.owner.post("/api/conversations/removed", bad).await.ok();
    assert_eq!(done["removed"], json!([ids[3]]));
    assert_eq!(
        done["refused"],
        json!([{"conversation_id": "01ARZ3NDEKTSV4RRFFQ69G5FAV", "why": "not_found"},
               {"conversation_id": ids[0], "why": "not_in_trash"}])
    );
    assert_eq!(an.post("/api/folders/trash/emptied", Value::Null).await.refusal(), "403 forbidden");
    assert_eq!(world.owner.post("/api/folders/inbox/emptied", Value::Null).await.refusal(), "422 invalid");
    let emptied = world.owner.post("/api/folders/trash/emptied", Value::Null).await.ok();
    assert_eq!((emptied["removed"].as_array().unwrap().len(), &emptied["more"]), (2, &Value::Null));
    let counts = an.get("/api/counts").await.ok();
    let trash = counts["folders"].as_array().unwrap().iter().find(|one| one["folder"] == "trash").unwrap().clone();
    assert_eq!(trash["conversations"], 0);
    let detail = an.get(&format!("/api/conversations/{}", ids[0])).await.ok();
    assert_eq!(detail["contact"]["id"], contacts[0]);
    assert_eq!(an.get(&format!("/api/contacts/{}", contacts[2].as_str().unwrap())).await.refusal(), "404 not_found");
}

/// It lies in the spam, and is part of a case that lives.
#[rstest]
#[tokio::test]
async fn what_was_merged_out_of_the_spam_stays_when_that_is_emptied(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let an = world.agent("an").await;
    let (_, visitor) = world.visitor().await;
    let id = world.says(visitor, "where is it?").await.conversation_id;
    an.reply(id, "On its way.").await;
    let split = an.post(&format!("/api/conversations/{id}/split"), json!({"number": 2, "and_after": true})).await.ok();
    let (case, part) = (format!("/api/conversations/{id}"), split["id"].as_str().unwrap().to_owned());
    an.patch(&format!("/api/conversations/{part}"), json!({"place": "spam"})).await.ok();
    an.put(&format!("{case}/merged/{part}"), json!(null)).await.ok();
    let thrown = world.conversation("buy pills").await;
    an.patch(&format!("/api/conversations/{thrown}"), json!({"place": "spam"})).await.ok();
    let done = world.owner.post("/api/folders/spam/emptied", json!({})).await.ok();
    assert_eq!(done["removed"], json!([thrown]));
    assert_eq!(world.owner.delete(&format!("/api/conversations/{part}")).await.refusal(), "409 conflict");
    assert_eq!(an.delete(&format!("{case}/merged/{part}")).await.0, 200, "it can be taken back");
    an.get(&format!("/api/conversations/{part}")).await.ok();
}
