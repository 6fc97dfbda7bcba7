//! Messages get another conversation by hand: split off, merged, put back.

use std::time::Duration;

use futures_util::future::join_all;
use rstest::rstest;
use serde_json::{Value, json};
use switchboard::caller::Visitor;
use switchboard_protocol::ConversationId;
use switchboard_protocol::limits::MOVED_MESSAGES;

use crate::world::Engine::{Postgres, Sqlite};
use crate::world::{Engine, Person, World};

async fn detail(an: &Person, id: &str) -> Value {
    an.get(&format!("/api/conversations/{id}")).await.ok()
}

/// Number, kind and text of what stands in a conversation; of a line what it says.
async fn thread(an: &Person, id: &str) -> Vec<(i64, String)> {
    let all = detail(an, id).await["messages"].as_array().unwrap().clone();
    let words = |it: &Value| match it["line"]["kind"].as_str() {
        Some(line) => format!("[{line}]"),
        None => it["text"].as_str().unwrap().to_owned(),
    };
    all.iter().map(|it| (it["number"].as_i64().unwrap(), words(it))).collect()
}

fn all(words: &[&str]) -> Vec<(i64, String)> {
    (1..).zip(words).map(|(number, words)| (number, (*words).to_owned())).collect()
}

/// What of a row tells how it stands.
fn standing(row: &Value) -> Value {
    let fields = ["status", "preview", "last_in_number", "waiting_since", "last_activity_at", "merged_into"];
    fields.iter().map(|field| (field.to_string(), row[field].clone())).collect::<serde_json::Map<_, _>>().into()
}

/// A visitor who has asked two things, and the answer to the first.
async fn two_questions(world: &World, an: &Person) -> (Person, Visitor, ConversationId) {
    let (browser, visitor) = world.visitor().await;
    let id = world.says(visitor, "Where is my parcel?").await.conversation_id;
    an.reply(id, "On its way.").await;
    world.clock.advance(60_000);
    world.says(visitor, "And do you sell lamps?").await;
    let note = json!({ "text": "she means the green one", "note": true });
    an.post(&format!("/api/conversations/{id}/messages"), note).await.ok();
    (browser, visitor, id)
}

#[rstest]
#[tokio::test]
async fn messages_are_split_off_and_come_back_to_their_places(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let an = world.agent("an").await;
    let (browser, visitor, id) = two_questions(&world, &an).await;
    let before = detail(&an, &id.to_string()).await;
    let path = format!("/api/conversations/{id}/split");
    let body = json!({ "number": 3, "and_after": true });
    let made = an.post_once(&path, "split-1", body.clone()).await.ok();
    assert_eq!(an.post_once(&path, "split-1", body).await.ok()["id"], made["id"]);
    assert_eq!(an.post_once(&path, "split-1", json!({ "number": 1 })).await.refusal(), "422 key_reused");
    let new = made["id"].as_str().unwrap().to_owned();

    assert_eq!(thread(&an, &new).await, all(&["[split_from]", "And do you sell lamps?", "she means the green one"]));
    let left = all(&["Where is my parcel?", "On its way.", "[message_moved]", "[message_moved]"]);
    assert_eq!(thread(&an, &id.to_string()).await, left);
    let lines = detail(&an, &id.to_string()).await["messages"].clone();
    assert_eq!(lines[2]["line"]["to"], json!({ "id": new, "case_number": "SB-2" }));
    assert_eq!(lines[2]["line"]["message_id"], before["messages"][2]["id"]);
    // Each row tells of what is in it now.
    assert_eq!(
        (&made["case_number"], &made["last_number"], &made["last_in_number"], &made["preview"]["text"]),
        (&json!("SB-2"), &json!(3), &json!(2), &json!("And do you sell lamps?"))
    );
    assert!(made["waiting_since"].is_i64());
    let row = detail(&an, &id.to_string()).await["row"].clone();
    assert_eq!((&row["preview"]["text"], &row["last_in_number"]), (&json!("On its way."), &json!(1)));
    assert_eq!(row["waiting_since"], Value::Null);
    // The visitor reads both, and of no line.
    let history = browser.get("/api/visitor/history").await.ok().to_string();
    assert!(history.contains("lamps") && history.contains(&new) && !history.contains("moved"), "{history}");
    // One talk, and what is older than a message of the newest stands before it.
    assert!(
        history.find("parcel") < history.find("On its way.") && history.find("On its way.") < history.find("lamps")
    );
    let older = browser.get(&format!("/api/visitor/history?conversation={new}&before=2")).await.ok();
    let older: Vec<_> = older["messages"].as_array().unwrap().iter().map(|one| one["text"].clone()).collect();
    assert_eq!(older, ["Where is my parcel?", "On its way."]);
    assert!(!history.contains("green one"));
    // What they say goes on in the newest.
    assert_eq!(world.says(visitor, "Hello?").await.conversation_id.to_string(), new);

    let back = an.put(&format!("/api/conversations/{id}/merged/{new}"), Value::Null).await.ok();
    assert_eq!(back["id"], json!(id));
    let after = thread(&an, &id.to_string()).await;
    let mut whole =
        all(&["Where is my parcel?", "On its way.", "And do you sell lamps?", "she means the green one", "[merged]"]);
    whole.push((6, "Hello?".to_owned()));
    assert_eq!(after, whole);
    let messages = detail(&an, &id.to_string()).await["messages"].clone();
    assert_eq!(messages.as_array().unwrap()[..4], before["messages"].as_array().unwrap()[..]);
    // The visitor goes on where they are read.
    assert_eq!(world.says(visitor, "Anybody?").await.conversation_id, id);
    let history = browser.get("/api/visitor/history").await.ok();
    assert_eq!(history["conversations"].as_array().unwrap().len(), 1, "{history}");
}

#[rstest]
#[tokio::test]
async fn a_merge_is_found_where_it_is_and_taken_back(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let an = world.agent("an").await;
    let (browser, visitor, id) = two_questions(&world, &an).await;
    let split = json!({ "number": 3, "and_after": true });
    let other = an.post(&format!("/api/conversations/{id}/split"), split).await.ok();
    let other = other["id"].as_str().unwrap().to_owned();
    let (first, second) = (detail(&an, &id.to_string()).await, detail(&an, &other).await);

    // The other way round: the older one goes into the newer.
    let path = format!("/api/conversations/{other}/merged/{id}");
    let into = an.put(&path, Value::Null).await.ok();
    assert_eq!(an.put(&path, Value::Null).await.ok(), into, "once merged it is the same");
    let merged = thread(&an, &other).await;
    let words: Vec<_> = merged.iter().map(|(_, words)| words.as_str()).collect();
    assert_eq!(words[3..], ["[merged]", "Where is my parcel?", "On its way."]);
    assert_eq!(into["preview"]["text"], "And do you sell lamps?", "what was said last, not what came last");
    let emptied = detail(&an, &id.to_string()).await["row"].clone();
    assert_eq!((&emptied["status"], &emptied["last_in_number"]), (&json!("closed"), &json!(0)));
    assert_eq!(emptied["merged_into"], json!({ "id": other, "case_number": "SB-2" }));
    // Nothing can be said or opened there, by the team or by its visitor.
    let write = format!("/api/conversations/{id}/messages");
    for body in [json!({ "text": "Hi" }), json!({ "text": "Hi", "note": true })] {
        let refused = an.post(&write, body).await;
        assert!(refused.1.to_string().contains("SB-2"), "{}", refused.1);
        assert_eq!(refused.refusal(), "409 conversation_merged");
    }
    let open = an.patch(&format!("/api/conversations/{id}"), json!({ "status": "open" })).await;
    assert_eq!(open.refusal(), "409 conversation_merged");
    // Merged the other way round at the same moment: who comes second hears where it is.
    let round = an.put(&format!("/api/conversations/{id}/merged/{other}"), Value::Null).await;
    assert_eq!(round.refusal(), "409 conversation_merged");
    // The search finds it where it is.
    let found = async {
        while an.get("/api/search?q=parcel").await.ok()["hits"][0]["conversation"]["id"] != json!(other) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), found).await.expect("found where it is");
    let history = browser.get("/api/visitor/history").await.ok();
    assert_eq!(history["conversations"].as_array().unwrap().len(), 1);

    let back = an.delete(&path).await.ok();
    assert_eq!(standing(&back), standing(&first["row"]));
    let (one, two) = (detail(&an, &id.to_string()).await, detail(&an, &other).await);
    let of = |detail: &Value, most: usize| detail["messages"].as_array().unwrap()[..most].to_vec();
    assert_eq!((of(&one, 4), of(&two, 3)), (of(&first, 4), of(&second, 3)));
    assert_eq!(standing(&two["row"]), standing(&second["row"]));
    assert_eq!(an.delete(&path).await.ok()["id"], json!(id), "of what is not merged nothing changes");
    world.says(visitor, "Thanks").await;
    assert_eq!(an.reply(id, "Welcome").await["conversation_id"], json!(id));
}

/// Read is what was read to its end, in both; and what is taken apart is as unread as it was before.
#[rstest]
#[tokio::test]
async fn what_somebody_has_read_stays_read_where_it_goes(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let (an, bo) = (world.agent("an").await, world.agent("bo").await);
    let (_browser, _, id) = two_questions(&world, &an).await;
    let reads = async |who: &Person, of: &str| {
        let path = format!("/api/conversations/{of}/read");
        assert_eq!(who.post(&path, json!({ "number": 99 })).await.0, 204);
    };
    let unread = async |who: &Person| {
        let counts = who.get("/api/counts").await.ok();
        let folders = counts["folders"].as_array().unwrap().clone();
        folders.into_iter().find(|one| one["folder"] == "unread").unwrap()["conversations"].as_i64().unwrap()
    };
    reads(&an, &id.to_string()).await;
    let split = json!({ "number": 3, "and_after": true });
    let other = an.post(&format!("/api/conversations/{id}/split"), split).await.ok();
    let other = other["id"].as_str().unwrap().to_owned();
    assert_eq!((unread(&an).await, unread(&bo).await), (0, 2));
    reads(&bo, &id.to_string()).await;
    let path = format!("/api/conversations/{id}/merged/{other}");
    an.put(&path, Value::Null).await.ok();
    assert_eq!((unread(&an).await, unread(&bo).await), (0, 1));
    an.delete(&path).await.ok();
    assert_eq!((unread(&an).await, unread(&bo).await), (0, 1));
    reads(&bo, &other).await;
    an.put(&path, Value::Null).await.ok();
    assert_eq!((unread(&an).await, unread(&bo).await), (0, 0));
}

#[rstest]
#[tokio::test]
async fn what_does_not_belong_together_stays_apart(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let an = world.agent("an").await;
    let (_, visitor, id) = two_questions(&world, &an).await;
    let split = async |body: Value| an.post(&format!("/api/conversations/{id}/split"), body).await;
    for (body, refusal) in [
        (json!({ "number": 4, "and_after": true }), "409 cannot_move"),
        (json!({ "number": 99, "and_after": true }), "409 cannot_move"),
        // The window of who chats would show it, and not what goes on.
        (json!({ "number": 1 }), "409 cannot_move"),
        (json!({ "number": 1, "and_after": true }), "409 cannot_move"),
        (json!({ "number": "x" }), "400 malformed"),
    ] {
        assert_eq!(split(body).await.refusal(), refusal);
    }
    let merge =
        async |into: &str, other: &str| an.put(&format!("/api/conversations/{into}/merged/{other}"), Value::Null).await;
    let (id, stranger) = (id.to_string(), world.conversation("Hello").await.to_string());
    assert_eq!(merge(&id, &id).await.refusal(), "409 cannot_move");
    assert_eq!(merge(&id, &stranger).await.refusal(), "409 cannot_move");
    // Also when the team says that they are one person: a visitor would read what was written in another browser.
    let contact = async |of: &str| detail(&an, of).await["row"]["contact"]["id"].as_str().unwrap().to_owned();
    let cards = (contact(&id).await, contact(&stranger).await);
    an.put(&format!("/api/contacts/{}/merged/{}", cards.0, cards.1), Value::Null).await.ok();
    let refused = merge(&id, &stranger).await;
    assert!(refused.1.to_string().contains("different addresses"), "{}", refused.1);
    assert_eq!(refused.refusal(), "409 cannot_move");
    // Nobody merges what they do not see, and who may only read does not split.
    let reader = world.joins("reader", "read_only").await;
    let path = format!("/api/conversations/{id}/split");
    assert_eq!(reader.post(&path, json!({ "number": 3, "and_after": true })).await.refusal(), "403 forbidden");
    let blind = world.joins("blind", "agent").await;
    assert_eq!(blind.post(&path, json!({ "number": 3, "and_after": true })).await.refusal(), "404 not_found");
    let other = an.post(&path, json!({ "number": 3, "and_after": true })).await.ok()["id"].as_str().unwrap().to_owned();
    assert_eq!(
        blind.put(&format!("/api/conversations/{id}/merged/{other}"), Value::Null).await.refusal(),
        "404 not_found"
    );
    an.patch(&format!("/api/conversations/{other}"), json!({ "place": "trash" })).await.ok();
    assert_eq!(merge(&id, &other).await.refusal(), "409 cannot_move");
    an.patch(&format!("/api/conversations/{other}"), json!({ "place": "inbox" })).await.ok();
    join_all((0..MOVED_MESSAGES).map(async |n| world.says(visitor, &format!("{n}")).await)).await;
    assert_eq!(merge(&id, &other).await.refusal(), "409 cannot_move");
}

/// What was put off comes back when it was to come back, also where it is now.
#[rstest]
#[tokio::test]
async fn what_was_snoozed_is_not_lost_in_a_closed_one(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let an = world.agent("an").await;
    let (_browser, _, id) = two_questions(&world, &an).await;
    let split = json!({ "number": 3, "and_after": true });
    let other = an.post(&format!("/api/conversations/{id}/split"), split).await.ok();
    let (id, other) = (id.to_string(), other["id"].as_str().unwrap().to_owned());
    let change = async |of: &str, body: Value| an.patch(&format!("/api/conversations/{of}"), body).await.ok();
    let now = detail(&an, &other).await["row"]["last_activity_at"].as_i64().unwrap();
    let (monday, june) = (now + 3_600_000, now + 7_200_000);
    let path = format!("/api/conversations/{id}/merged/{other}");
    let merged = async || {
        let row = an.put(&path, Value::Null).await.ok();
        assert_eq!(an.get(&format!("/api/conversations/{id}")).await.ok()["row"]["status"], row["status"]);
        row
    };
    let standing = |row: &Value| (row["status"].clone(), row["snoozed_until"].clone(), row["place"].clone());
    change(&other, json!({ "status": "snoozed", "snoozed_until": monday })).await;
    change(&id, json!({ "status": "closed", "place": "archived" })).await;
    let row = merged().await;
    assert_eq!(standing(&row), (json!("snoozed"), json!(monday), json!("inbox")));
    assert!(row["waiting_since"].is_i64());

    // The first of two times holds, and a closed one that was merged wakes nobody.
    let back = an.delete(&path).await.ok();
    assert_eq!((&back["status"], &back["snoozed_until"]), (&json!("snoozed"), &json!(monday)));
    change(&id, json!({ "status": "snoozed", "snoozed_until": june })).await;
    assert_eq!(standing(&merged().await), (json!("snoozed"), json!(monday), json!("inbox")));
    an.delete(&path).await.ok();
    change(&other, json!({ "status": "closed" })).await;
    change(&id, json!({ "status": "closed" })).await;
    let row = merged().await;
    assert_eq!((&row["status"], &row["waiting_since"]), (&json!("closed"), &Value::Null));
}

/// What waits for an answer is seen, also where it has come to something that was put away; what was put away itself is not.
#[rstest]
#[tokio::test]
async fn what_waits_comes_to_light_in_an_archived_one(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let an = world.agent("an").await;
    let (_browser, _, id) = two_questions(&world, &an).await;
    let split = json!({ "number": 3, "and_after": true });
    let other = an.post(&format!("/api/conversations/{id}/split"), split).await.ok();
    let (id, other) = (id.to_string(), other["id"].as_str().unwrap().to_owned());
    let archive =
        async |of: &str| an.patch(&format!("/api/conversations/{of}"), json!({ "place": "archived" })).await.ok();
    let path = format!("/api/conversations/{id}/merged/{other}");
    archive(&id).await;
    let row = an.put(&path, Value::Null).await.ok();
    assert_eq!((&row["status"], &row["place"]), (&json!("open"), &json!("inbox")));
    assert_eq!(an.get("/api/counts").await.ok()["folders"][0]["conversations"], 1);
    an.delete(&path).await.ok();
    archive(&id).await;
    archive(&other).await;
    let row = an.put(&path, Value::Null).await.ok();
    assert_eq!((&row["status"], &row["place"]), (&json!("open"), &json!("archived")));
}

/// Old mails that are merged in come after the new ones. Who waits is told by when things were said.
#[rstest]
#[tokio::test]
async fn an_old_answer_that_was_merged_in_answers_nothing_new(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let an = world.agent("an").await;
    let (browser, visitor) = world.visitor().await;
    let id = world.says(visitor, "Where is my parcel?").await.conversation_id;
    an.reply(id, "On its way.").await;
    world.clock.advance(60_000);
    world.says(visitor, "Thanks. Are you open today?").await;
    an.reply(id, "Until six.").await;
    world.clock.advance(60_000);
    world.says(visitor, "And do you sell lamps?").await;
    let asked = detail(&an, &id.to_string()).await["row"]["last_activity_at"].clone();
    let split = json!({ "number": 3, "and_after": true });
    let new = an.post(&format!("/api/conversations/{id}/split"), split).await.ok();
    let new = new["id"].as_str().unwrap().to_owned();
    an.put(&format!("/api/conversations/{new}/merged/{id}"), Value::Null).await.ok();
    assert_eq!(detail(&an, &new).await["row"]["waiting_since"], asked);
    let told = thread(&an, &new).await;
    let (last, words) = told.last().unwrap();
    assert_eq!(words, "On its way.");
    an.post(&format!("/api/conversations/{new}/split"), json!({ "number": last, "and_after": true })).await.ok();
    assert_eq!(detail(&an, &new).await["row"]["waiting_since"], asked);
    drop(browser);
}

/// What was merged and then moved on to somewhere else stays there; the rest comes back.
#[rstest]
#[tokio::test]
async fn of_one_that_was_taken_apart_the_rest_comes_back(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let an = world.agent("an").await;
    let (_browser, _, id) = two_questions(&world, &an).await;
    let split = json!({ "number": 3, "and_after": true });
    let other = an.post(&format!("/api/conversations/{id}/split"), split).await.ok();
    let other = other["id"].as_str().unwrap().to_owned();
    let path = format!("/api/conversations/{other}/merged/{id}");
    an.put(&path, Value::Null).await.ok();
    let off = async |words: &str| {
        let number = thread(&an, &other).await.into_iter().find(|(_, said)| said == words).unwrap().0;
        an.post(&format!("/api/conversations/{other}/split"), json!({ "number": number, "and_after": true })).await.ok()
    };
    let apart = off("On its way.").await;
    let back = an.delete(&path).await.ok();
    assert_eq!((&back["status"], &back["merged_into"]), (&json!("open"), &Value::Null));
    let words: Vec<_> = thread(&an, &id.to_string()).await.into_iter().take(4).map(|(_, words)| words).collect();
    assert_eq!(words, ["Where is my parcel?", "[message_moved]", "[message_moved]", "[message_moved]"]);
    let apart = thread(&an, apart["id"].as_str().unwrap()).await;
    assert_eq!(apart, all(&["[split_from]", "On its way."]));
    // Of which nothing is there any more, there is nothing to bring back.
    an.put(&path, Value::Null).await.ok();
    off("Where is my parcel?").await;
    assert_eq!(an.delete(&path).await.refusal(), "409 cannot_move");
}
