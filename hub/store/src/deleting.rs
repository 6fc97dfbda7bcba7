//! Deleting forever: nothing that was said is in any table any more when this is committed, and the bytes of files go right
//! behind it.
//!
//! The feed keeps its positions. An event that told of what is deleted tells that it is gone, under the position that it had:
//! no reader waits for a hole, and who comes back from before hears what is true. The names of what came in
//! stay claimed, so that no provider brings it a second time.

use std::collections::BTreeSet;

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
/// that has a reminder is waited for.
pub async fn lying_since(
    tx: &mut Tx,
    place: Place,
    since: UnixMs,
    most: usize,
) -> Result<Vec<ConversationId>, ReadError> {
    let find = sql(
        "find what has lain long enough",
        "SELECT c.id FROM conversations AS c WHERE c.place <> 'inbox' AND c.place = $1 AND c.placed_at <= $2 \
         AND c.last_activity_at <= $2 AND c.snoozed_until IS NULL ORDER BY c.placed_at LIMIT $3",
    );
    let rows: Vec<(String,)> = tx.link().all(find.bind(place.as_str()).bind(since).bind(most as i64)).await?;
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
    forget_elsewhere(tx, &ids).await?;
    let files = let_go_of_files(tx, &ids).await?;
    for row in &all {
        tx.emit(Emit {
            at,
            audience: Audience::Inbox(row.inbox_id),
            conversation_id: Some(row.id),
            staff: AgentEvent::ConversationRemoved { conversation_id: row.id },
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
    for id in &ids {
        let forget = sql(
            "forget answers that told of what is deleted",
            "UPDATE edge_keys SET answer = NULL WHERE answer IS NOT NULL AND answer LIKE '%' || $1 || '%'",
        );
        tx.link().run(forget.bind(*id)).await?;
    }
    for customer in customers {
        customer_without_conversations(tx, customer, at).await?;
    }
    Ok(files)
}

/// Of a person, by whichever of their cards: conversations that are theirs, wherever these lie and whoever sees them.
pub async fn of_customer(tx: &mut Tx, of: ContactId, most: usize) -> Result<Vec<Conversation>, ReadError> {
    let cards = people::cards(tx, of).await?;
    let find = sql(
        "find a customer's conversations",
        concat!("SELECT c.id FROM conversations AS c WHERE ", among!("c.contact_id"), " ORDER BY c.number LIMIT $2"),
    );
    let find = find.bind(set(cards.iter().map(|(card, _)| card))).bind(most as i64);
    let rows: Vec<(String,)> = tx.link().all(find).await?;
    let ids: Vec<ConversationId> =
        rows.iter().map(|(text,)| id("a conversation's id", text)).collect::<Result<_, _>>()?;
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

/// Those and, again and again, what was merged into them: it is one case.
async fn with_merged(tx: &mut Tx, rows: Vec<Conversation>) -> Result<Vec<Conversation>, ReadError> {
    let mut all = rows;
    let mut newest: Vec<ConversationId> = all.iter().map(|row| row.id).collect();
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
        newest.retain(|id| all.iter().all(|row| row.id != *id));
        let parts = conversations::load_many(tx, &Visibility::All, &newest).await?;
        all.extend(parts.into_iter().map(|thread| thread.conversation));
    }
    Ok(all)
}

/// What was put into one of these from a conversation that stays, or the other way, and what was picked out of it there.
async fn forget_elsewhere(tx: &mut Tx, ids: &[ConversationId]) -> Result<(), ChangeError> {
    let moved = sql(
        "find what was moved into conversations",
        concat!(
            "SELECT l.conversation_id, l.number, m.id, m.conversation_id FROM messages AS m \
             JOIN messages AS l ON l.moved_id = m.id WHERE ",
            among!("m.conversation_id")
        ),
    );
    let moved: Vec<(String, i64, String, String)> = tx.link().all(moved.bind(set(ids))).await?;
    for (from, number, message, now_in) in moved {
        let feed = sql(
            "take what was moved and deleted out of the feed",
            "UPDATE events SET visitor_frame = NULL, identity_id = NULL, staff_frame = \
             '{\"t\":\"event\",\"position\":' || position || ',\"at\":' || at || \
             ',\"event\":\"conversation_removed\",\"conversation_id\":\"' || $3 || '\"}' \
             WHERE conversation_id = $1 AND staff_frame LIKE '%' || $2 || '%'",
        );
        tx.link().run(feed.bind(from.clone()).bind(message).bind(now_in)).await?;
        let quotes = sql(
            "forget quotes of what was moved and deleted",
            "UPDATE messages SET quote = NULL WHERE conversation_id = $1 AND answers = $2 AND quote IS NOT NULL",
        );
        tx.link().run(quotes.bind(from).bind(number)).await?;
    }
    let picked = sql(
        "forget what was picked out of what is deleted",
        concat!(
            "UPDATE messages SET quote = NULL WHERE quote IS NOT NULL AND id IN (SELECT l.moved_id FROM messages AS l \
             WHERE l.moved_id IS NOT NULL AND l.moved_answers IS NOT NULL AND ",
            among!("l.conversation_id"),
            ")"
        ),
    );
    tx.link().run(picked.bind(set(ids))).await?;
    Ok(())
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
pub async fn customer_without_conversations(tx: &mut Tx, of: ContactId, at: UnixMs) -> Result<(), ChangeError> {
    let cards: Vec<ContactId> = people::cards(tx, of).await?.into_iter().map(|(card, _)| card).collect();
    let among = set(&cards);
    let left = sql(
        "look for a customer's conversations",
        concat!(
            "SELECT c.id FROM conversations AS c JOIN identities AS i ON i.id = c.identity_id WHERE ",
            among!("c.contact_id"),
            " OR ",
            among!("i.contact_id"),
            " LIMIT 1"
        ),
    );
    let left: Option<(String,)> = tx.link().one(left.bind(among.clone())).await?;
    if left.is_some() {
        return Ok(());
    }
    let known = sql(
        "find where a customer was known",
        concat!("SELECT DISTINCT i.inbox_id FROM identities AS i WHERE ", among!("i.contact_id")),
    );
    let known: Vec<(String,)> = tx.link().all(known.bind(among.clone())).await?;
    let by_hand = sql(
        "look for cards made by hand",
        concat!("SELECT k.id FROM contacts AS k WHERE k.made_by IS NOT NULL AND ", among!("k.id"), " LIMIT 1"),
    );
    let by_hand: Option<(String,)> = tx.link().one(by_hand.bind(among.clone())).await?;
    let mut audiences = Vec::new();
    if by_hand.is_some() {
        audiences.push(Audience::Team);
    } else {
        for (inbox,) in &known {
            audiences.push(Audience::Inbox(id::<InboxId>("an identity's inbox", inbox)?));
        }
    }
    for audience in audiences {
        for contact_id in &cards {
            let staff = AgentEvent::ContactRemoved { contact_id: *contact_id };
            tx.emit(Emit { at, audience, conversation_id: None, staff, visitor: None });
        }
    }
    for (doing, text) in [
        (
            "take a customer out of the feed",
            concat!(
                "UPDATE events SET staff_frame = '{\"t\":\"event\",\"position\":' || position || ',\"at\":' || at || \
                 ',\"event\":\"contact_removed\",\"contact_id\":\"' || contact_id || '\"}' WHERE ",
                among!("contact_id")
            ),
        ),
        (
            "take a customer's cards apart",
            concat!("UPDATE contacts SET merged_into = NULL, person_id = NULL WHERE ", among!("id")),
        ),
        ("delete a customer", concat!("DELETE FROM contacts WHERE ", among!("id"))),
    ] {
        tx.link().run(sql(doing, text).bind(among.clone())).await?;
    }
    for card in &cards {
        let forget = sql(
            "forget answers that told of a customer",
            "UPDATE edge_keys SET answer = NULL WHERE answer IS NOT NULL AND answer LIKE '%' || $1 || '%'",
        );
        tx.link().run(forget.bind(*card)).await?;
    }
    Ok(())
}
