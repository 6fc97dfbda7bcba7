use rstest::rstest;
use serde_json::{Value, json};

use crate::world::Engine::{Postgres, Sqlite};
use crate::world::{Engine, World};

fn hours(open: Value, holidays: Value) -> Value {
    json!({ "hours": { "zone": "Europe/Berlin", "open": open, "holidays": holidays } })
}

#[rstest]
#[tokio::test]
async fn an_inbox_has_hours_once_an_admin_says_so(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let an = world.agent("an").await;
    let path = format!("/api/inboxes/{}/hours", world.inbox);
    assert_eq!(world.owner.get(&path).await.ok(), json!({ "hours": null }));
    let open = json!([
        { "day": "tuesday", "from": 540, "to": 1_020 },
        { "day": "monday", "from": 780, "to": 1_440 },
        { "day": "monday", "from": 540, "to": 720 },
    ]);
    let saved = world.owner.put(&path, hours(open.clone(), json!(["2026-12-26", "2026-12-25"]))).await.ok();
    let in_order = json!([open[2], open[1], open[0]]);
    assert_eq!(saved, hours(in_order, json!(["2026-12-25", "2026-12-26"])));
    assert_eq!(world.owner.get(&path).await.ok(), saved);
    // What is refused changes nothing, and neither does who may not.
    assert_eq!(world.owner.put(&path, hours(json!([]), json!([]))).await.refusal(), "422 invalid");
    assert_eq!(an.get(&path).await.refusal(), "403 forbidden");
    assert_eq!(an.put(&path, json!({ "hours": null })).await.refusal(), "403 forbidden");
    assert_eq!(world.owner.get(&path).await.ok(), saved);
    assert_eq!(world.owner.put(&path, json!({ "hours": null })).await.ok(), json!({ "hours": null }));

    world.owner.delete(&format!("/api/inboxes/{}", world.inbox)).await;
    assert_eq!(world.owner.get(&path).await.refusal(), "404 not_found");
    assert_eq!(world.owner.put(&path, saved).await.refusal(), "404 not_found");
}

#[tokio::test]
async fn what_is_wrong_with_hours_is_said_of_each_field() {
    let world = World::new(Sqlite).await;
    let path = format!("/api/inboxes/{}/hours", world.inbox);
    let open = json!([
        { "day": "monday", "from": 540, "to": 540 },
        { "day": "friday", "from": 540, "to": 720 },
        { "day": "friday", "from": 719, "to": 780 },
    ]);
    let wrong = json!({ "hours": { "zone": "Mars/Olympus", "open": open, "holidays": ["2026-12-25", "25.12."] } });
    let answer = world.owner.put(&path, wrong).await;
    assert_eq!(answer.refusal(), "422 invalid");
    let fields = answer.1["error"]["fields"].as_array().unwrap();
    let said: Vec<_> =
        fields.iter().map(|one| (one["field"].as_str().unwrap(), one["code"].as_str().unwrap())).collect();
    assert_eq!(
        said,
        [
            ("hours.zone", "unknown"),
            ("hours.open.0", "invalid"),
            ("hours.open.2", "overlaps"),
            ("hours.holidays.1", "invalid")
        ]
    );
    let unknown =
        json!({ "hours": { "zone": "UTC", "open": [{ "day": "someday", "from": 0, "to": 1 }], "holidays": [] } });
    assert_ne!(world.owner.put(&path, unknown).await.0, 200);
}

#[rstest]
#[tokio::test]
async fn a_visitor_is_told_whether_it_is_open_and_until_when(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let session = async || {
        let body = json!({ "widget_key": world.widget_key });
        world.nobody().post("/api/visitor/session", body).await.ok()["hours"].clone()
    };
    assert_eq!(session().await, Value::Null, "it has no hours");
    // Whatever the clock of this world shows: each day around the present hour.
    let minute = world.clock.now().rem_euclid(24 * 3_600_000) / 60_000;
    let days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let around = |from: i64, to: i64| days.map(|day| json!({ "day": day, "from": from, "to": to }));
    let path = format!("/api/inboxes/{}/hours", world.inbox);
    let set = async |open: Vec<Value>| {
        world.owner.put(&path, json!({ "hours": { "zone": "UTC", "open": open, "holidays": [] } })).await.ok()
    };
    let start = world.clock.now() - minute * 60_000 - world.clock.now().rem_euclid(60_000);
    set(around(0, minute + 1).to_vec()).await;
    assert_eq!(session().await, json!({ "open": true, "changes_at": start + (minute + 1) * 60_000 }));
    set(around(minute + 1, 1_440).to_vec()).await;
    assert_eq!(session().await, json!({ "open": false, "changes_at": start + (minute + 1) * 60_000 }));
    set(around(0, 1_440).to_vec()).await;
    assert_eq!(session().await, json!({ "open": true, "changes_at": null }), "always");
}

#[rstest]
#[tokio::test]
async fn what_visitors_are_asked_first_is_kept_and_told_and_taken_away(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine).await;
    let path = format!("/api/inboxes/{}", world.inbox);
    let settings = async || {
        let body = json!({ "widget_key": world.widget_key });
        world.nobody().post("/api/visitor/session", body).await.ok()["settings"].clone()
    };
    let before = settings().await;
    assert_eq!((&before["ask_rating"], before.get("before")), (&json!(false), None));
    let asked = json!({ "when": "away", "fields": [
        { "kind": "email", "label": "", "required": true },
        { "kind": "choice", "label": "Topic", "required": false, "choices": ["An order", "Something else"] },
    ] });
    world.owner.patch(&path, json!({ "web": { "before": asked } })).await.ok();
    assert_eq!(settings().await["before"], asked);
    world.owner.patch(&path, json!({ "web": { "ask_rating": true } })).await.ok();
    let both = settings().await;
    assert_eq!((&both["ask_rating"], &both["before"]), (&json!(true), &asked), "what is not said stays");
    let wrong = json!({ "web": { "before": { "when": "away", "fields": [{ "kind": "text", "label": "" }] } } });
    let answer = world.owner.patch(&path, wrong).await;
    assert_eq!(answer.1["error"]["fields"][0]["field"], "web.before.fields.0.label");
    world.owner.patch(&path, json!({ "web": { "before": null } })).await.ok();
    assert_eq!(settings().await.get("before"), None);
}
