//! Which conversations may be merged and split by hand, and what a merge makes of the one into which the other comes.

#![expect(clippy::unwrap_used, reason = "what a test did not expect is its failure, in helpers too")]

use serde_json::{Value, json};
use switchboard_domain::moving::{Refusal, may_merge, may_split, opening};
use switchboard_domain::thread::apply;
use switchboard_protocol::Ulid;
use switchboard_protocol::model::{Conversation, MessageKind, Place, Status};

/// An open mail conversation in the inbox, but for these fields. A number stands for an id.
fn row(id: u128, fields: Value) -> Conversation {
    let is = |n: u128| Ulid(n).to_string();
    let mut row = json!({
        "id": is(id), "number": id, "case_number": format!("SB-{id}"), "inbox_id": is(1), "channel": "email",
        "contact": { "id": is(1), "name": null }, "identity_id": is(1), "subject": null, "status": "open",
        "place": "inbox", "snoozed_until": null, "assignees": [], "team_id": null, "flagged": false, "priority": "none",
        "tags": [], "language": null, "source": {}, "created_at": 1, "last_activity_at": 1, "waiting_since": null,
        "last_number": 1, "last_in_number": 1, "preview": null, "delivered_number": 0, "contact_read_number": 0,
        "staff_read_number": 0,
    });
    for (name, value) in fields.as_object().unwrap() {
        row[name] = value.clone();
    }
    serde_json::from_value(row).unwrap()
}

#[test]
fn a_merge_brings_to_light_what_would_have_been_seen() {
    let open = json!({});
    let archived = json!({ "place": "archived" });
    let closed = json!({ "status": "closed" });
    let put_away = json!({ "status": "closed", "place": "archived" });
    let asleep = json!({ "status": "snoozed", "snoozed_until": 5, "place": "archived" });
    let snoozed = |until: i64| json!({ "status": "snoozed", "snoozed_until": until });
    use Place::{Archived, Inbox};
    use Status::{Closed, Open, Snoozed};
    for (into, other, after) in [
        (&open, &open, (Open, Inbox, None)),
        (&open, &snoozed(5), (Open, Inbox, None)),
        (&closed, &open, (Open, Inbox, None)),
        (&closed, &closed, (Closed, Inbox, None)),
        (&closed, &snoozed(5), (Snoozed, Inbox, Some(5))),
        (&snoozed(5), &open, (Open, Inbox, None)),
        (&snoozed(5), &snoozed(3), (Snoozed, Inbox, Some(3))),
        (&snoozed(5), &snoozed(7), (Snoozed, Inbox, Some(5))),
        (&archived, &open, (Open, Inbox, None)),
        (&archived, &snoozed(5), (Open, Inbox, None)),
        (&put_away, &open, (Open, Inbox, None)),
        (&put_away, &snoozed(5), (Snoozed, Inbox, Some(5))),
        // What was put away by itself brings nothing to light.
        (&archived, &archived, (Open, Archived, None)),
        (&archived, &closed, (Open, Archived, None)),
        (&put_away, &archived, (Closed, Archived, None)),
        (&closed, &archived, (Closed, Inbox, None)),
        // But what sleeps there wakes.
        (&closed, &asleep, (Snoozed, Inbox, Some(5))),
        (&put_away, &asleep, (Snoozed, Inbox, Some(5))),
        (&archived, &asleep, (Open, Inbox, None)),
    ] {
        let mut is = row(1, into.clone());
        let changed = opening(&is, &row(2, other.clone()));
        let told = !changed.lines.is_empty();
        apply(&mut is, &changed.patch);
        assert_eq!((is.status, is.place, is.snoozed_until), after, "{other} into {into}");
        assert_eq!(told, is != row(1, into.clone()), "a change is said in the thread: {other} into {into}");
    }
}

#[test]
fn what_may_be_merged_is_of_one_inbox_and_one_customer() {
    let of = |n: u128| json!({ "id": Ulid(n).to_string(), "name": null });
    let id = |n: u128| Ulid(n).to_string();
    let chat = json!({ "channel": "web" });
    let other_browser = json!({ "channel": "web", "identity_id": id(2) });
    for (into, other, goes_back, refusal) in [
        (row(1, json!({})), row(2, json!({})), false, None),
        (row(1, json!({})), row(1, json!({})), false, Some(Refusal::Itself)),
        (row(1, json!({})), row(2, json!({ "inbox_id": id(2) })), true, Some(Refusal::OtherInbox)),
        (row(1, json!({})), row(2, json!({ "contact": of(2) })), false, Some(Refusal::OtherPerson)),
        (row(1, json!({})), row(2, json!({ "contact": of(2) })), true, None),
        // A mail says itself where its answer goes; a chat does not.
        (row(1, json!({})), row(2, json!({ "identity_id": id(2) })), false, None),
        (row(1, chat.clone()), row(2, chat.clone()), false, None),
        (row(1, chat), row(2, other_browser), false, Some(Refusal::OtherAddress)),
        (row(1, json!({ "place": "trash" })), row(2, json!({})), true, Some(Refusal::InTrash)),
        (row(1, json!({})), row(2, json!({ "place": "trash" })), true, Some(Refusal::InTrash)),
        (row(1, json!({ "place": "spam" })), row(2, json!({})), false, Some(Refusal::InSpam)),
        (row(1, json!({ "place": "spam" })), row(2, json!({})), true, None),
        (row(1, json!({})), row(2, json!({ "place": "spam" })), false, None),
    ] {
        assert_eq!(may_merge(&into, &other, goes_back).err(), refusal, "{other:?} into {into:?}");
    }
    let merged = row(2, json!({ "merged_into": { "id": id(3), "case_number": "SB-3" } }));
    for (into, other) in [(&row(1, json!({})), &merged), (&merged, &row(1, json!({})))] {
        let refusal = may_merge(into, other, true).unwrap_err();
        assert_eq!(refusal.to_string(), "The conversation was merged into SB-3.");
    }
}

#[test]
fn what_may_be_split_off_is_said_and_leaves_something() {
    let (mail, chat) = (row(1, json!({})), row(1, json!({ "channel": "web" })));
    let trash = row(1, json!({ "place": "trash" }));
    for (row, first, alone, talk_left, refusal) in [
        (&mail, MessageKind::In, true, true, None),
        (&mail, MessageKind::Out, false, true, None),
        (&mail, MessageKind::Note, true, true, Some(Refusal::NoTalk)),
        (&mail, MessageKind::System, true, true, Some(Refusal::NoTalk)),
        (&mail, MessageKind::In, true, false, Some(Refusal::NothingLeft)),
        (&chat, MessageKind::In, true, true, Some(Refusal::Alone)),
        (&chat, MessageKind::In, false, true, None),
        (&trash, MessageKind::In, true, true, Some(Refusal::InTrash)),
    ] {
        assert_eq!(may_split(row, first, alone, talk_left).err(), refusal, "{first:?} of {row:?}");
    }
}
