use axum::extract::State;
use futures_util::future::join_all;
use rstest::rstest;
use serde_json::json;
use switchboard::timers::{AT_ONCE, round};

use crate::world::Engine::{Postgres, Sqlite};
use crate::world::{Engine, World};
use switchboard::caller::Read;
use switchboard::http::extract::Params;
use switchboard::http::feed;

#[rstest]
#[tokio::test]
async fn a_visitor_writes_and_an_agent_answers(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let an = world.agent("an").await;
    let (browser, visitor) = world.visitor().await;
    let sent = world.says(visitor, "Do you ship to Norway?").await;
    let id = sent.conversation_id;
    let list = an.get("/api/conversations?folder=unread").await.ok();
    assert_eq!(list["rows"][0]["preview"]["text"], "Do you ship to Norway?");
    assert_eq!(list["rows"][0]["case_number"], "SB-1");
    let message = an.reply(id, "We do!").await;
    assert_eq!(
        (&message["kind"], &message["delivery"], &message["number"]),
        (&json!("out"), &json!("sent"), &json!(2))
    );
    an.post(&format!("/api/conversations/{id}/messages"), json!({"text": "regular customer", "note": true})).await.ok();
    let detail = an.get(&format!("/api/conversations/{id}")).await.ok();
    let texts: Vec<_> = detail["messages"].as_array().unwrap().iter().map(|it| it["text"].as_str().unwrap()).collect();
    assert_eq!(texts, ["Do you ship to Norway?", "We do!", "regular customer"]);
    // The visitor sees the answer and never the note.
    let history = browser.get("/api/visitor/history").await.ok();
    let texts: Vec<_> = history["messages"].as_array().unwrap().iter().map(|it| it["text"].as_str().unwrap()).collect();
    assert_eq!(texts, ["Do you ship to Norway?", "We do!"]);
    assert!(!history.to_string().contains("regular customer"));
}

#[rstest]
#[tokio::test]
async fn a_repeat_is_the_same_message(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let (an, id) = (world.agent("an").await, world.conversation("hello").await);
    let path = format!("/api/conversations/{id}/messages");
    let first = an.post_once(&path, "key-1", json!({"text": "once"})).await.ok();
    for _ in 0..4 {
        assert_eq!(an.post_once(&path, "key-1", json!({"text": "once"})).await.ok()["id"], first["id"]);
    }
    let file = an.upload("/api/attachments?name=offer.txt", b"offer".to_vec()).await.ok()["attachment"]["id"].clone();
    for other in [
        json!({"text": "other"}),
        json!({"text": "once", "note": true}),
        json!({"text": "once", "attachments": [file]}),
    ] {
        assert_eq!(an.post_once(&path, "key-1", other).await.refusal(), "422 key_reused");
    }
    let page = an.get(&path).await.ok();
    assert_eq!(page["messages"].as_array().unwrap().len(), 2);
}

#[rstest]
#[tokio::test]
async fn a_reply_on_top_of_an_unseen_one_is_asked_about(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let (an, bo, id) = (world.agent("an").await, world.agent("bo").await, world.conversation("hello").await);
    bo.reply(id, "I have this").await;
    bo.reply(id, "and it is blue").await;
    let path = format!("/api/conversations/{id}/messages");
    let refused = an.post(&path, json!({"text": "me too", "seen": 1})).await;
    assert_eq!(refused.refusal(), "409 reply_unseen");
    assert_eq!(refused.1["error"]["unseen"], json!([2, 3]));
    an.post(&path, json!({"text": "me too", "seen": 3})).await.ok();
}

#[rstest]
#[tokio::test]
async fn changes_are_lines_and_move_between_folders(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let (an, id) = (world.agent("an").await, world.conversation("hello").await);
    let path = format!("/api/conversations/{id}");
    let changed = an.patch(&path, json!({"status": "closed", "tags": ["b", "a"], "priority": "high"})).await.ok();
    assert_eq!((&changed["status"], &changed["tags"]), (&json!("closed"), &json!(["a", "b"])));
    let again = an.patch(&path, json!({"status": "closed"})).await.ok();
    assert_eq!(again["last_number"], changed["last_number"]);
    let count = |counts: &serde_json::Value, name: &str| {
        let folders = counts["folders"].as_array().unwrap();
        folders.iter().find(|folder| folder["folder"] == name).unwrap()["conversations"].as_i64().unwrap()
    };
    let counts = an.get("/api/counts").await.ok();
    assert_eq!((count(&counts, "inbox"), count(&counts, "closed")), (0, 1));
    for never in [1, i64::MAX] {
        let refused = an.patch(&path, json!({"snoozed_until": never})).await;
        assert_eq!(
            (refused.refusal().as_str(), &refused.1["error"]["fields"][0]["field"]),
            ("422 invalid", &json!("snoozed_until"))
        );
    }
    assert_eq!(an.patch(&path, json!({"statu": "open"})).await.refusal(), "400 malformed");
    an.patch(&path, json!({"status": "open", "assignee": an.id})).await.ok();
    assert_eq!(count(&an.get("/api/counts").await.ok(), "mine"), 1);
}

#[rstest]
#[tokio::test]
async fn reading_is_ones_own(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let (an, bo, id) = (world.agent("an").await, world.agent("bo").await, world.conversation("hello").await);
    assert_eq!(an.post(&format!("/api/conversations/{id}/read"), json!({"number": 99})).await.0, 204);
    let row = an.get("/api/conversations").await.ok()["rows"][0].clone();
    assert_eq!((&row["read_number"], &row["staff_read_number"]), (&json!(1), &json!(1)));
    assert_eq!(bo.get("/api/conversations?folder=unread").await.ok()["rows"].as_array().unwrap().len(), 1);
    assert_eq!(an.get("/api/conversations?folder=unread").await.ok()["rows"].as_array().unwrap().len(), 0);
}

#[rstest]
#[tokio::test]
async fn pages_go_on_where_they_ended(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    for n in 0..5 {
        world.clock.advance(1_000);
        world.conversation(&format!("number {n}")).await;
    }
    let mut numbers = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = world.owner.get(&format!("/api/conversations?limit=2{cursor}")).await.ok();
        numbers.extend(page["rows"].as_array().unwrap().iter().map(|row| row["number"].as_i64().unwrap()));
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(numbers, [5, 4, 3, 2, 1]);
    assert_eq!(world.owner.get("/api/conversations?cursor=nonsense").await.refusal(), "422 invalid");
    assert_eq!(world.owner.get("/api/conversations?limit=0").await.refusal(), "422 invalid");
    assert_eq!(world.owner.get("/api/conversations?folder=attic").await.refusal(), "400 malformed");
}

#[rstest]
#[tokio::test]
async fn the_feed_tells_exactly_what_came_after(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let an = world.agent("an").await;
    let at = an.get("/api/counts").await.ok()["at"].clone();
    let (epoch, from) = (at["epoch"].as_str().unwrap(), &at["position"]);
    let id = world.conversation("hello").await;
    an.reply(id, "hi").await;
    let page = an.get(&format!("/api/feed?epoch={epoch}&from={from}")).await.ok();
    let events: Vec<_> = page["events"].as_array().unwrap().iter().map(|it| it["event"].as_str().unwrap()).collect();
    assert_eq!(events, ["conversation_created", "message_created"]);
    let rest = an.get(&format!("/api/feed?epoch={epoch}&from={}", page["at"]["position"])).await.ok();
    assert_eq!(rest["events"], json!([]));
    assert_eq!(an.get(&format!("/api/feed?epoch=other&from={from}")).await.ok()["reset"], "other_epoch");
    assert_eq!(an.get(&format!("/api/feed?epoch={epoch}&from=0")).await.ok()["reset"], "access_changed");
}

#[rstest]
#[tokio::test]
async fn the_feed_tells_nothing_by_rights_that_have_ended(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let an = world.agent("an").await;
    let at = an.get("/api/counts").await.ok()["at"].clone();
    // Looked up, and not yet reading, when she is shown the inbox no more.
    let caller = world.caller(&an).await.may::<Read>().unwrap();
    let path = format!("/api/inboxes/{}/access", world.inbox);
    world.owner.put(&path, json!({"agents": [], "teams": []})).await.ok();
    world.conversation("not for her").await;
    let params = serde_json::from_value(json!({"epoch": at["epoch"], "from": at["position"]})).unwrap();
    let page = feed::page(State(world.hub.app.clone()), caller, Params(params)).await.map_err(|_| "an error").unwrap();
    let page = serde_json::to_value(&page.0).unwrap();
    assert_eq!((&page["events"], &page["reset"]), (&json!([]), &json!("access_changed")));
}

#[rstest]
#[tokio::test]
async fn a_contacts_card_is_kept(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let (an, id) = (world.agent("an").await, world.conversation("hello").await);
    let contact = an.get(&format!("/api/conversations/{id}")).await.ok()["contact"]["id"].as_str().unwrap().to_owned();
    let path = format!("/api/contacts/{contact}");
    let body = json!({"name": "Maya", "email": "Maya@Example.com", "tags": ["vip", "vip"]});
    let changed = an.patch(&path, body).await.ok();
    assert_eq!((&changed["email"], &changed["tags"]), (&json!("maya@example.com"), &json!(["vip"])));
    assert_eq!(an.patch(&path, json!({"email": "nonsense"})).await.refusal(), "422 invalid");
    assert_eq!(an.patch(&path, json!({"email": ""})).await.ok()["email"], json!(null));
    assert_eq!(
        an.get(&format!("/api/conversations?contact={contact}")).await.ok()["rows"].as_array().unwrap().len(),
        1
    );
}

#[rstest]
#[tokio::test]
async fn a_subject_is_kept_as_it_was_checked(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let (an, id) = (world.agent("an").await, world.conversation("hello").await);
    let path = format!("/api/conversations/{id}");
    assert_eq!(an.patch(&path, json!({"subject": "  A broken\nlamp "})).await.ok()["subject"], "A broken lamp");
    assert_eq!(an.patch(&path, json!({"subject": " \n "})).await.ok()["subject"], json!(null));
    let many: Vec<_> = (0..200).map(|n| format!("{n:026}")).collect();
    let refused = an.patch(&path, json!({"assignees": many})).await;
    assert_eq!(
        (refused.refusal().as_str(), &refused.1["error"]["fields"][0]["code"]),
        ("422 invalid", &json!("too_many"))
    );
}

#[rstest]
#[tokio::test]
async fn what_was_snoozed_comes_back(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let (an, id) = (world.agent("an").await, world.conversation("hello").await);
    let path = format!("/api/conversations/{id}");
    let until = world.clock.now() + 60_000;
    world.clock.advance(1);
    world.conversation("a later one").await;
    assert_eq!(an.patch(&path, json!({"snoozed_until": until})).await.ok()["status"], "snoozed");
    let at = an.get("/api/counts").await.ok()["at"].clone();
    world.clock.advance(59_998);
    round(&world.hub.app).await.unwrap();
    assert_eq!(an.get("/api/counts").await.ok()["at"], at, "a millisecond too early");
    world.clock.advance(1);
    round(&world.hub.app).await.unwrap();
    let woken = an.get("/api/counts").await.ok()["at"].clone();
    round(&world.hub.app).await.unwrap();
    assert_eq!(an.get("/api/counts").await.ok()["at"], woken, "once");
    let detail = an.get(&path).await.ok();
    assert_eq!((&detail["row"]["status"], &detail["row"]["snoozed_until"]), (&json!("open"), &json!(null)));
    let line = detail["messages"].as_array().unwrap().last().unwrap();
    assert_eq!((&line["line"]["kind"], &line["author"]["kind"]), (&json!("woken"), &json!("system")));
    let first = an.get("/api/conversations").await.ok()["rows"][0].clone();
    assert_eq!(
        (&first["id"], &first["last_activity_at"]),
        (&json!(id), &json!(world.clock.now())),
        "on top of the list"
    );
}

/// And whose it is, is kept.
#[rstest]
#[tokio::test]
async fn a_reminder_wakes_with_the_answer_unless_it_was_to_stay(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let an = world.agent("an").await;
    let until = world.clock.now() + 60_000;
    for (stays, then) in [(false, "open"), (true, "snoozed")] {
        let (_, visitor) = world.visitor().await;
        let id = world.says(visitor, "hello").await.conversation_id;
        let path = format!("/api/conversations/{id}");
        let row = an.patch(&path, json!({"snoozed_until": until, "snooze_stays": stays})).await.ok();
        assert_eq!((&row["status"], &row["snoozed_by"]), (&json!("snoozed"), &json!(an.id)));
        world.says(visitor, "well?").await;
        let detail = an.get(&path).await.ok();
        assert_eq!(detail["row"]["status"], then);
        let lines: Vec<_> = detail["messages"].as_array().unwrap().iter().filter_map(|one| one.get("line")).collect();
        let set = if stays {
            json!({"kind": "snoozed", "until": until, "stays": true})
        } else {
            json!({"kind": "snoozed", "until": until})
        };
        assert_eq!(lines[0], &set);
        assert_eq!(lines.len(), if stays { 1 } else { 2 });
    }
    world.clock.advance(60_000);
    round(&world.hub.app).await.unwrap();
    let rows = an.get("/api/conversations?folder=snoozed").await.ok()["rows"].clone();
    assert_eq!(rows, json!([]), "at its time the other comes back, too");
}

/// More than are woken in one transaction.
#[rstest]
#[tokio::test]
async fn all_that_is_due_at_once_comes_back_in_its_order(#[values(Sqlite, Postgres)] engine: Engine) {
    const DUE: usize = 2 * AT_ONCE + 50;
    let world = World::new(engine).await;
    let now = world.clock.now();
    let put_off = async |n: usize| {
        let id = world.conversation("hello").await;
        // The last of them is not due yet; of the others each is due before the one before it.
        let until = if n == DUE { now + 60_001 } else { now + 60_000 - n as i64 };
        let path = format!("/api/conversations/{id}");
        world.owner.patch(&path, json!({"snoozed_until": until})).await.ok();
        id
    };
    let mut due = join_all((0..=DUE).map(put_off)).await;
    due.reverse();
    let later = due.remove(0);
    let before = switchboard_store::feed::head(&world.hub.app.store).await.unwrap();
    world.clock.advance(60_000);
    round(&world.hub.app).await.unwrap();
    let events = switchboard_store::feed::since(&world.hub.app.store, before, 1_000).await.unwrap();
    let mut woken: Vec<_> = events.iter().filter_map(|event| event.conversation_id).collect();
    // Of each the row and the line.
    woken.dedup();
    assert_eq!(woken, due, "all of them, the longest due first");
    let still = world.owner.get(&format!("/api/conversations/{later}")).await.ok();
    assert_eq!(still["row"]["status"], "snoozed");
}

#[rstest]
#[tokio::test]
async fn an_answer_closes_or_puts_off_in_one_with_it(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let id = world.conversation("hello").await;
    let (path, messages) = (format!("/api/conversations/{id}"), format!("/api/conversations/{id}/messages"));
    let from = world.owner.get("/api/counts").await.ok()["at"]["position"].clone();
    let closing = json!({"text": "Done.", "seen": 1, "after": {"to": "close"}});
    let sent = world.owner.post_once(&messages, "k1", closing.clone()).await.ok();
    assert_eq!(sent["text"], "Done.");
    assert_eq!(world.owner.get(&path).await.ok()["row"]["status"], "closed");
    let events = world.owner.get(&format!("/api/feed?from={from}")).await.ok();
    let names: Vec<_> = events["events"].as_array().unwrap().iter().map(|one| one["event"].clone()).collect();
    assert_eq!(names, ["message_created", "conversation_changed"]);
    // Opened again meanwhile: a repeat does not close it once more.
    world.owner.patch(&path, json!({"status": "open"})).await.ok();
    assert_eq!(world.owner.post_once(&messages, "k1", closing).await.ok()["id"], sent["id"]);
    assert_eq!(world.owner.get(&path).await.ok()["row"]["status"], "open");
    let until = world.clock.now() + 3_600_000;
    let later = json!({"text": "Later.", "after": {"to": "snooze", "until": until}});
    world.owner.post(&messages, later.clone()).await.ok();
    let row = world.owner.get(&path).await.ok()["row"].clone();
    assert_eq!((&row["status"], &row["snoozed_until"]), (&json!("snoozed"), &json!(until)));
    // What waited for a connection for too long is answered all the same.
    world.clock.advance(7_200_000);
    world.owner.patch(&path, json!({"status": "open"})).await.ok();
    world.owner.post(&messages, later).await.ok();
    assert_eq!(world.owner.get(&path).await.ok()["row"]["status"], "open");
}

#[rstest]
#[tokio::test]
async fn what_becomes_of_it_and_the_answer_are_done_both_or_neither(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let id = world.conversation("hello").await;
    let (path, messages) = (format!("/api/conversations/{id}"), format!("/api/conversations/{id}/messages"));
    let before = world.owner.get(&path).await.ok();
    let an = world.agent("an").await;
    let far = json!({"text": "x", "after": {"to": "snooze", "until": i64::MAX / 2}});
    assert_eq!(world.owner.post(&messages, far).await.refusal(), "422 invalid");
    let note = json!({"text": "x", "note": true, "after": {"to": "close"}});
    assert_eq!(world.owner.post(&messages, note).await.refusal(), "422 invalid");
    assert_eq!(world.owner.get(&path).await.ok()["messages"], before["messages"]);
    // A colleague's answer stands before it: it is neither sent nor closed.
    an.post(&messages, json!({"text": "Mine."})).await.ok();
    let unseen = json!({"text": "x", "seen": 1, "after": {"to": "close"}});
    assert_eq!(world.owner.post(&messages, unseen).await.refusal(), "409 reply_unseen");
    assert_eq!(world.owner.get(&path).await.ok()["row"]["status"], "open");
}
