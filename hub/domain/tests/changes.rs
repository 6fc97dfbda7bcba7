//! What a change makes of a conversation: the table of cases that the pages' tests read too, so that a page which shows a
//! change before the hub has answered shows what the hub will say.

#![expect(clippy::unwrap_used, reason = "what a test did not expect is its failure, in helpers too")]

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use switchboard_domain::change::{Changed, change};
use switchboard_domain::thread::apply;
use switchboard_protocol::agent::ConversationChange;
use switchboard_protocol::model::{Conversation, Place, Priority, Status};
use switchboard_protocol::{AgentId, Ulid};

/// Before every time that a case names.
const NOW: i64 = 10;

/// The table has a letter where an id stands.
fn with_ids(fields: &Value) -> Map<String, Value> {
    let id = |value: &Value| match value.as_str() {
        Some(letter) => Value::String(AgentId(Ulid(u128::from(letter.as_bytes()[0]))).to_string()),
        None => value.clone(),
    };
    let mut fields = fields.as_object().unwrap().clone();
    for (name, value) in &mut fields {
        match (name.as_str(), value.as_array()) {
            ("assignee" | "team_id", _) => *value = id(value),
            ("assignees", Some(letters)) => *value = letters.iter().map(id).collect(),
            _ => {}
        }
    }
    fields
}

/// An open, unassigned conversation in the inbox, but for these fields.
fn row(fields: Map<String, Value>) -> Conversation {
    let some_id = Ulid(1).to_string();
    let mut row = json!({
        "id": some_id, "number": 1, "case_number": "SB-1", "inbox_id": some_id, "channel": "web",
        "contact": { "id": some_id, "name": null }, "identity_id": some_id, "subject": null, "status": "open",
        "place": "inbox", "snoozed_until": null, "assignees": [], "team_id": null, "flagged": false, "priority": "none",
        "tags": [], "language": null, "source": {}, "created_at": 1, "last_activity_at": 1, "waiting_since": null,
        "last_number": 1, "last_in_number": 1, "preview": null, "delivered_number": 0, "contact_read_number": 0,
        "staff_read_number": 0,
    });
    row.as_object_mut().unwrap().extend(fields);
    serde_json::from_value(row).unwrap()
}

fn after(mut row: Conversation, wanted: &ConversationChange) -> Conversation {
    let Changed { patch, .. } = change(&row, wanted, NOW).unwrap();
    apply(&mut row, &patch);
    row
}

#[test]
fn each_case_of_the_table_comes_out_as_it_says() {
    let cases: Vec<Value> = serde_json::from_str(include_str!("changes.json")).unwrap();
    assert!(cases.len() > 10);
    for case in cases {
        let wanted = serde_json::from_value(with_ids(&case["change"]).into()).unwrap();
        let is = serde_json::to_value(after(row(with_ids(&case["row"])), &wanted)).unwrap();
        for (field, value) in with_ids(&case["after"]) {
            assert_eq!(is.get(&field).unwrap_or(&Value::Null), &value, "{}: {field}", case["name"]);
        }
    }
}

fn agents() -> impl Strategy<Value = Vec<AgentId>> {
    prop::collection::vec((1..4_u128).prop_map(|n| AgentId(Ulid(n))), 0..4)
}

fn tags() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(prop::sample::select(vec!["a".to_owned(), " a".into(), "b".into(), String::new()]), 0..4)
}

prop_compose! {
    fn changes()(
        status in prop::option::of(prop::sample::select(vec![Status::Open, Status::Closed])),
        snoozed_until in prop::option::of(11..13_i64),
        assignees in prop::option::of(agents()),
        assignee in prop::option::of(prop::option::of((1..4_u128).prop_map(|n| AgentId(Ulid(n))))),
        place in prop::option::of(prop::sample::select(Place::ALL)),
        priority in prop::option::of(prop::sample::select(Priority::ALL)),
        flagged in prop::option::of(any::<bool>()),
        tags in prop::option::of(tags()),
        subject in prop::option::of(prop::option::of("[ab]")),
    ) -> ConversationChange {
        ConversationChange {
            status, snoozed_until, assignees, assignee, place, priority, flagged, tags, subject,
            ..ConversationChange::default()
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever came before: a client that sends a change twice changes nothing the second time, and says nothing.
    #[test]
    fn a_change_that_is_made_again_changes_nothing(before in prop::collection::vec(changes(), 0..4), last in changes()) {
        let row = before.iter().chain([&last]).fold(row(Map::new()), after);
        prop_assert_eq!(change(&row, &last, NOW).unwrap(), Changed::default());
    }
}
