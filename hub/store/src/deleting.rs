//! Deleting forever: nothing that was said is in any table any more when this is committed, and the bytes of files go right
//! behind it.
//!
//! The feed keeps its positions. An event that told of what is deleted tells that it is gone, under the position that it had:
//! no reader waits for a hole, and who comes back from before hears what is true. The names of what came in
//! stay claimed, so that no provider brings it a second time.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::FromRow;
use switchboard_domain::Visibility;
use switchboard_protocol::agent::AgentEvent;
use switchboard_protocol::model::{Conversation, Place};
use switchboard_protocol::visitor::VisitorEvent;
use switchboard_protocol::{AttachmentId, ContactId, ConversationId, InboxId, UnixMs};

use crate::db::sql;
use crate::error::{ChangeError, ReadError};
use crate::event::{Audience, Emit};
use crate::row::{Where, id, set};
use crate::{Tx, conversations, people};

/// `column` is one of the ids in `$1`.
macro_rules! among {
    ($column:literal) => {
        concat!($column, " IN (SELECT v.value->>'id' FROM jsonb_each($1) AS v)")
    };
}

mod elsewhere;

/// Conversations of a folder from which may be deleted, those that have lain longest first.
pub async fn lying_in(
    tx: &mut Tx,
    visibility: &Visibility,
    place: Place,
    most: usize,
) -> Result<Vec<ConversationId>, ReadError> {
    let mut wanted = Where::new();
    wanted.equal("(CASE c.place WHEN 'inbox' THEN c.status ELSE c.place END)", place.as_str());
    wanted.visible("c.inbox_id", visibility);
    // What was merged goes with the case that has it.
    wanted.and("c.merged_into IS NULL");
    let rows = wanted.value(most as i64);
    let text =
        format!("SELECT c.id FROM conversations AS c {} ORDER BY c.last_activity_at LIMIT {rows}", wanted.text());
    let rows: Vec<(String,)> = tx.link().all(sql("find what lies in a folder", text).bind_all(wanted.values())).await?;
    rows.iter().map(|(text,)| id("a conversation's id", text)).collect()
}

/// Notes for what was put out of the inbox since the last look that it lies there now: at most so many. Whether there may be
/// more.
pub async fn note_placed(tx: &mut Tx, now: UnixMs, most: usize) -> Result<bool, ChangeError> {
    let note = sql(
        "note since when conversations lie where they lie",
        "UPDATE conversations SET placed_at = $1 WHERE id IN (SELECT c.id FROM conversations AS c \
         WHERE c.place <> 'inbox' AND c.place IN ('archived', 'trash') AND c.placed_at IS NULL LIMIT $2)",
    );
    Ok(tx.link().run(note.bind(now).bind(most as i64)).await? as usize == most)
}

/// Conversations that have lain there since then or longer, without a word since, those that have lain longest first. One
/// that has a reminder is waited for; what was merged goes with the case that has it. Some are passed over.
pub async fn lying_since(
    tx: &mut Tx,
    place: Place,
    since: UnixMs,
    beside: &[ConversationId],
    most: usize,
) -> Result<Vec<ConversationId>, ReadError> {
    let find = sql(
        "find what has lain long enough",
        "SELECT c.id FROM conversations AS c WHERE c.place <> 'inbox' AND c.place = $1 AND c.placed_at <= $2 \
         AND c.last_activity_at <= $2 AND c.snoozed_until IS NULL AND c.merged_into IS NULL \
         AND c.id NOT IN (SELECT v.value->>'id' FROM jsonb_each($3) AS v) ORDER BY c.placed_at LIMIT $4",
    );
    let find = find.bind(place.as_str()).bind(since).bind(set(beside)).bind(most as i64);
    let rows: Vec<(String,)> = tx.link().all(find).await?;
    rows.iter().map(|(text,)| id("a conversation's id", text)).collect()
}

/// Deletes them with what was merged into them; customers of whom no conversation is left go too. The files whose bytes are to
/// go: they are among the uploads until [`crate::attachments::end`] is told that they have.
pub async fn conversations(tx: &mut Tx, rows: Vec<Conversation>, at: UnixMs) -> Result<Vec<AttachmentId>, ChangeError> {
    let all = with_merged(tx, rows).await?;
    if all.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<ConversationId> = all.iter().map(|row| row.id).collect();
    let customers = customers_of(tx, &all).await?;
    let mut stood = elsewhere::forget(tx, &ids, at).await?;
    let files = let_go_of_files(tx, &ids).await?;
    for row in &all {
        tx.emit(Emit {
            at,
            audience: Audience::Inbox(row.inbox_id),
            conversation_id: Some(row.id),
            staff: AgentEvent::ConversationRemoved {
                conversation_id: row.id,
                elsewhere: stood.remove(&row.id).unwrap_or_default().into_iter().collect(),
            },
            visitor: Some((row.identity_id, VisitorEvent::ConversationRemoved { conversation_id: row.id })),
        });
    }
    let among = set(&ids);
    for (doing, text) in [
        (
            "take what is deleted out of the feed",
            concat!(
                "UPDATE events SET visitor_frame = NULL, identity_id = NULL, staff_frame = \
                 '{\"t\":\"event\",\"position\":' || position || ',\"at\":' || at || \
                 ',\"event\":\"conversation_removed\",\"conversation_id\":\"' || conversation_id || '\"}' WHERE ",
                among!("conversation_id")
            ),
        ),
        ("delete what waits for bots", concat!("DELETE FROM bot_updates WHERE ", among!("conversation_id"))),
        ("delete what bots did", concat!("DELETE FROM bot_log WHERE ", among!("conversation_id"))),
        (
            "forget to whom conversations belong",
            concat!("UPDATE conversations SET merged_into = NULL WHERE ", among!("id")),
        ),
        ("delete conversations", concat!("DELETE FROM conversations WHERE ", among!("id"))),
    ] {
        tx.link().run(sql(doing, text).bind(among.clone())).await?;
    }
    forget_answers(tx, &ids).await?;
    customers_without_conversations(tx, customers, at).await?;
    Ok(files)
}

/// Of a person, by whichever of their cards: conversations that are theirs, wherever these lie and whoever sees them.
pub async fn of_customer(tx: &mut Tx, of: ContactId, most: usize) -> Result<Vec<Conversation>, ReadError> {
    let cards = people::cards(tx, of).await?;
    let find = sql(
        "find a customer's conversations",
        // Also what a browser said that became theirs when they signed in.
        concat!(
            "SELECT c.id AS id, c.number AS number FROM conversations AS c WHERE ",
            among!("c.contact_id"),
            " UNION SELECT n.id, n.number FROM identities AS i JOIN conversations AS n ON n.identity_id = i.id WHERE ",
            among!("i.contact_id"),
            " ORDER BY number LIMIT $2"
        ),
    );
    let find = find.bind(set(cards.iter().map(|(card, _)| card))).bind(most as i64);
    let rows: Vec<(String, i64)> = tx.link().all(find).await?;
    let ids: Vec<ConversationId> =
        rows.iter().map(|(text, _)| id("a conversation's id", text)).collect::<Result<_, _>>()?;
    let threads = conversations::load_many(tx, &Visibility::All, &ids).await?;
    Ok(threads.into_iter().map(|thread| thread.conversation).collect())
}

/// Whose cards the conversations are on, and whose they are now: what a browser has said stays on its card when somebody signs in.
async fn customers_of(tx: &mut Tx, rows: &[Conversation]) -> Result<BTreeSet<ContactId>, ReadError> {
    let identities: Vec<_> = rows.iter().map(|row| row.identity_id).collect();
    let find = sql(
        "find whose conversations are deleted",
        concat!("SELECT DISTINCT i.contact_id FROM identities AS i WHERE ", among!("i.id")),
    );
    let found: Vec<(String,)> = tx.link().all(find.bind(set(&identities))).await?;
    let theirs = found.iter().map(|(text,)| id("a contact's id", text)).collect::<Result<Vec<_>, _>>()?;
    Ok(rows.iter().map(|row| row.contact.id).chain(theirs).collect())
}

/// Answers that were kept for a repeat and name any of these.
async fn forget_answers<T: ToString>(tx: &mut Tx, ids: impl IntoIterator<Item = T>) -> Result<(), ChangeError> {
    let forget = sql(
        "forget answers that told of what is deleted",
        concat!(
            "UPDATE edge_keys SET answer = NULL WHERE (name, scope) IN \
             (SELECT o.name, o.scope FROM answers_of AS o WHERE ",
            among!("o.id"),
            ")"
        ),
    );
    tx.link().run(forget.bind(set(ids))).await?;
    Ok(())
}

/// Those and, again and again, what was merged into them: it is one case.
async fn with_merged(tx: &mut Tx, rows: Vec<Conversation>) -> Result<Vec<Conversation>, ReadError> {
    let mut all = rows;
    let below = merged_below(tx, all.iter().map(|row| row.id).collect()).await?;
    let parts = conversations::load_many(tx, &Visibility::All, &below).await?;
    all.extend(parts.into_iter().map(|thread| thread.conversation));
    Ok(all)
}

/// What was merged into these, and into that.
async fn merged_below(tx: &mut Tx, of: Vec<ConversationId>) -> Result<Vec<ConversationId>, ReadError> {
    let (mut known, mut newest, mut below) = (of.iter().copied().collect::<BTreeSet<_>>(), of, Vec::new());
    while !newest.is_empty() {
        let find = sql(
            "find what was merged into conversations",
            concat!(
                "SELECT c.id FROM conversations AS c WHERE c.merged_into IS NOT NULL AND ",
                among!("c.merged_into")
            ),
        )
        .bind(set(&newest));
        let found: Vec<(String,)> = tx.link().all(find).await?;
        newest = found.iter().map(|(text,)| id("a conversation's id", text)).collect::<Result<_, _>>()?;
        newest.retain(|id| known.insert(*id));
        below.extend(newest.iter().copied());
    }
    Ok(below)
}

async fn let_go_of_files(tx: &mut Tx, ids: &[ConversationId]) -> Result<Vec<AttachmentId>, ChangeError> {
    let find = sql(
        "find the files of conversations",
        concat!(
            "SELECT f.id FROM attachments AS f JOIN messages AS m ON m.id = f.message_id WHERE ",
            among!("m.conversation_id")
        ),
    )
    .bind(set(ids));
    let rows: Vec<(String,)> = tx.link().all(find).await?;
    let files: Vec<AttachmentId> = rows.iter().map(|(text,)| id("a file's id", text)).collect::<Result<_, _>>()?;
    // Begun at no time: there is nothing to wait for.
    let note = sql(
        "note files that are to be removed",
        "INSERT INTO uploads (id, begun_at) SELECT v.value->>'id', 0 FROM jsonb_each($1) AS v WHERE TRUE \
         ON CONFLICT (id) DO UPDATE SET begun_at = 0",
    );
    tx.link().run(note.bind(set(&files))).await?;
    let forget = sql("forget files", concat!("DELETE FROM attachments WHERE ", among!("id"))).bind(set(&files));
    tx.link().run(forget).await?;
    Ok(files)
}

/// All cards of a person go when no conversation of any of them is left.
pub async fn customers_without_conversations(
    tx: &mut Tx,
    of: BTreeSet<ContactId>,
    at: UnixMs,
) -> Result<(), ChangeError> {
    let people = people_of(tx, &of).await?;
    // Also what stands on another card since somebody signed in.
    let left = sql(
        "look for customers' conversations",
        concat!(
            "SELECT c.contact_id FROM conversations AS c WHERE ",
            among!("c.contact_id"),
            " UNION SELECT i.contact_id FROM identities AS i JOIN conversations AS n ON n.identity_id = i.id WHERE ",
            among!("i.contact_id")
        ),
    );
    let left: Vec<(String,)> = tx.link().all(left.bind(set(people.values().flatten()))).await?;
    let left: BTreeSet<ContactId> =
        left.iter().map(|(card,)| id("a contact's id", card)).collect::<Result<_, ReadError>>()?;
    let gone: Vec<Vec<ContactId>> =
        people.into_values().filter(|cards| cards.iter().all(|card| !left.contains(card))).collect();
    if gone.is_empty() {
        return Ok(());
    }
    let among = set(gone.iter().flatten());
    let known = sql(
        "find where customers were known",
        concat!("SELECT DISTINCT i.contact_id, i.inbox_id FROM identities AS i WHERE ", among!("i.contact_id")),
    );
    let known: Vec<(String, String)> = tx.link().all(known.bind(among.clone())).await?;
    let by_hand = sql(
        "look for cards made by hand",
        concat!("SELECT k.id FROM contacts AS k WHERE k.made_by IS NOT NULL AND ", among!("k.id")),
    );
    let by_hand: Vec<(String,)> = tx.link().all(by_hand.bind(among.clone())).await?;
    let by_hand: BTreeSet<ContactId> =
        by_hand.iter().map(|(card,)| id("a contact's id", card)).collect::<Result<_, ReadError>>()?;
    let mut inboxes: BTreeMap<ContactId, BTreeSet<InboxId>> = BTreeMap::new();
    for (card, inbox) in &known {
        inboxes.entry(id("a contact's id", card)?).or_default().insert(id("an identity's inbox", inbox)?);
    }
    for cards in &gone {
        let known: BTreeSet<_> = cards.iter().filter_map(|card| inboxes.get(card)).flatten().copied().collect();
        let audiences: Vec<_> = match cards.iter().any(|card| by_hand.contains(card)) {
            true => vec![Audience::Team],
            false => known.into_iter().map(Audience::Inbox).collect(),
        };
        for (audience, contact_id) in audiences.iter().flat_map(|one| cards.iter().map(move |card| (*one, *card))) {
            let staff = AgentEvent::ContactRemoved { contact_id };
            tx.emit(Emit { at, audience, conversation_id: None, staff, visitor: None });
        }
    }
    for (doing, text) in [
        (
            "take customers out of the feed",
            concat!(
                "UPDATE events SET staff_frame = '{\"t\":\"event\",\"position\":' || position || ',\"at\":' || at || \
                 ',\"event\":\"contact_removed\",\"contact_id\":\"' || contact_id || '\"}' WHERE ",
                among!("contact_id")
            ),
        ),
        (
            "take customers' cards apart",
            concat!("UPDATE contacts SET merged_into = NULL, person_id = NULL WHERE ", among!("id")),
        ),
        ("delete customers", concat!("DELETE FROM contacts WHERE ", among!("id"))),
    ] {
        tx.link().run(sql(doing, text).bind(among.clone())).await?;
    }
    forget_answers(tx, gone.iter().flatten()).await?;
    Ok(())
}

/// All cards of each of the people whose cards these are, by the one that they go by.
async fn people_of(tx: &mut Tx, cards: &BTreeSet<ContactId>) -> Result<BTreeMap<ContactId, Vec<ContactId>>, ReadError> {
    #[derive(FromRow)]
    struct Card {
        id: String,
        person_id: Option<String>,
    }
    let find = sql(
        "find people's cards",
        concat!(
            "SELECT k.id, k.person_id FROM contacts AS k WHERE ",
            among!("k.id"),
            " OR k.person_id IN (SELECT p.person_id FROM contacts AS p WHERE ",
            among!("p.id"),
            ")"
        ),
    );
    let mut people: BTreeMap<ContactId, Vec<ContactId>> = BTreeMap::new();
    for Card { id: card, person_id } in tx.link().all::<Card>(find.bind(set(cards))).await? {
        let person = id("a contact's id", person_id.as_ref().unwrap_or(&card))?;
        people.entry(person).or_default().push(id("a contact's id", &card)?);
    }
    Ok(people)
}
