//! One change to many conversations: what it means for each of them, and what takes it back.

use switchboard_protocol::agent::ConversationChange;
use switchboard_protocol::bulk::{BulkChange, Standing, Turn};
use switchboard_protocol::model::{Author, Conversation, Status};
use switchboard_protocol::{ConversationId, UnixMs};

use crate::change::{Changed, Refusal, change};
use crate::thread::Thread;

/// What the change is for this one.
pub fn change_of(row: &Conversation, wanted: &BulkChange) -> ConversationChange {
    // None left out: a new field that nobody decides about does not compile.
    let BulkChange {
        status,
        snoozed_until,
        snooze_stays,
        assignees,
        team_id,
        flagged,
        priority,
        place,
        add_tags,
        remove_tags,
        // Of whoever reads, and not of the conversation.
        read: _,
    } = wanted;
    ConversationChange {
        status: *status,
        snoozed_until: *snoozed_until,
        snooze_stays: *snooze_stays,
        assignees: assignees.clone(),
        team_id: *team_id,
        flagged: *flagged,
        priority: *priority,
        place: *place,
        tags: tags(row, add_tags, remove_tags),
        ..ConversationChange::default()
    }
}

fn tags(row: &Conversation, add: &[String], remove: &[String]) -> Option<Vec<String>> {
    if add.is_empty() && remove.is_empty() {
        return None;
    }
    let mut tags = row.tags.clone();
    tags.retain(|tag| !remove.iter().any(|gone| gone.trim() == tag));
    tags.extend(add.iter().cloned());
    Some(tags)
}

/// One that has touched nothing.
pub fn no_turn(conversation_id: ConversationId) -> Turn {
    Turn {
        conversation_id,
        was: Standing::default(),
        became: Standing::default(),
        last_number: None,
        added_tags: Vec::new(),
        removed_tags: Vec::new(),
    }
}

/// What a change has touched, with what it takes to undo it. None: nothing.
pub fn turn(before: &Conversation, after: &Conversation) -> Option<Turn> {
    let (mut was, mut became) = (Standing::default(), Standing::default());
    macro_rules! touched {
        ($($field:ident),*) => {$( if before.$field != after.$field {
            was.$field = Some(before.$field.clone());
            became.$field = Some(after.$field.clone());
        } )*};
    }
    touched!(
        status,
        snoozed_until,
        snoozed_by,
        waiting_since,
        asked_person,
        assignees,
        team_id,
        flagged,
        priority,
        place
    );
    // With a reminder always: that somebody has changed it alone since must be seen.
    if was.snoozed_until.is_some() || before.snooze_stays != after.snooze_stays {
        (was.snooze_stays, became.snooze_stays) = (Some(before.snooze_stays), Some(after.snooze_stays));
    }
    let not_in = |some: &[String], other: &[String]| -> Vec<String> {
        some.iter().filter(|tag| !other.contains(tag)).cloned().collect()
    };
    let turn = Turn {
        conversation_id: before.id,
        last_number: Some(after.last_number),
        added_tags: not_in(&after.tags, &before.tags),
        removed_tags: not_in(&before.tags, &after.tags),
        was,
        became,
    };
    (turn.was != Standing::default() || !turn.added_tags.is_empty() || !turn.removed_tags.is_empty()).then_some(turn)
}

/// The change that takes a turn back, as far as what it left is still so: what somebody has changed since stays theirs.
pub fn back(row: &Conversation, turn: &Turn, now: UnixMs) -> ConversationChange {
    let Turn { conversation_id: _, was, became, last_number: _, added_tags, removed_tags } = turn;
    let mut back = ConversationChange::default();
    macro_rules! put_back {
        ($($field:ident),*) => {$( if became.$field.as_ref() == Some(&row.$field) {
            back.$field = was.$field.clone();
        } )*};
    }
    put_back!(assignees, team_id, flagged, priority, place);
    if stands_as_left(row, became) {
        back.status = was.status;
        // Of a reminder of the same time that alone is put back.
        let stayed = row.snoozed_until.filter(|_| was.snooze_stays.is_some() && was.status.is_none());
        back.snoozed_until = was.snoozed_until.unwrap_or(stayed).filter(|until| *until > now);
        back.snooze_stays = Some(was.snooze_stays.unwrap_or(row.snooze_stays)).filter(|_| back.snoozed_until.is_some());
        // Its time has come meanwhile: what would have woken is awake.
        if was.snoozed_until.flatten().is_some_and(|until| until <= now) {
            back.status = Some(Status::Open);
        }
    }
    if !added_tags.is_empty() || !removed_tags.is_empty() {
        back.tags = tags(row, removed_tags, added_tags);
    }
    back
}

/// What comes of that: as by hand, and whoever waited when it was closed waits again, if nobody has answered since; a
/// reminder is whose it was.
pub fn put_back(thread: &Thread, turn: &Turn, now: UnixMs) -> Result<Changed, Refusal> {
    let row = &thread.conversation;
    let mut changed = change(row, &back(row, turn, now), now)?;
    let opens = row.status == Status::Closed && changed.patch.status.is_some();
    let answered = thread.replies.last().filter(|(number, _)| turn.last_number.is_some_and(|last| *number > last));
    if opens && row.waiting_since.is_none() && answered.is_none() {
        let waited = |since: &Option<UnixMs>| since.is_some_and(|since| (row.created_at..=now).contains(&since));
        changed.patch.waiting_since = turn.was.waiting_since.filter(waited);
    }
    let by_person = answered.is_some_and(|(_, author)| matches!(author, Author::Agent { .. }));
    if opens && !row.asked_person && !by_person {
        changed.patch.asked_person = turn.was.asked_person.filter(|asked| *asked);
    }
    if matches!(changed.patch.snoozed_until, Some(Some(_))) {
        changed.patch.snoozed_by = Some(turn.was.snoozed_by.unwrap_or(row.snoozed_by));
    }
    Ok(changed)
}

/// Status and reminder are one thing.
fn stands_as_left(row: &Conversation, became: &Standing) -> bool {
    (became.status.is_some() || became.snoozed_until.is_some() || became.snooze_stays.is_some())
        && became.status.is_none_or(|status| status == row.status)
        && became.snooze_stays.is_none_or(|stays| stays == row.snooze_stays)
        && became.snoozed_until.is_none_or(|until| until == row.snoozed_until)
}
