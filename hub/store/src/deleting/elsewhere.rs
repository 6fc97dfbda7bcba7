//! What is deleted and stood in a conversation that stays, before it was moved: there, too, nothing is left of it.
//!
//! The conversation that stays goes on, and so do the events that tell of it: they are told without what is gone.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use serde_json::Value as Json;
use sqlx::FromRow;
use switchboard_protocol::agent::{AgentEvent, AgentEventFrame, AgentServerFrame};
use switchboard_protocol::model::{Author, Conversation, ConversationPatch, Message, Preview};
use switchboard_protocol::visitor::{VisitorEvent, VisitorMessage, VisitorServerFrame};
use switchboard_protocol::{AgentId, ConversationId, MessageId, Number, Position, UnixMs};

use crate::db::sql;
use crate::error::{ChangeError, ReadError};
use crate::row::{id, json, set, to_json};
use crate::{Tx, held};

/// Events and updates that are taken apart at a time.
const AT_ONCE: i64 = 500;

/// Of each that is deleted: the conversations that stay in which some of it stood.
pub(super) type Elsewhere = BTreeMap<ConversationId, BTreeSet<ConversationId>>;

/// What is gone, as those conversations know it.
#[derive(Default)]
struct Gone {
    messages: HashSet<MessageId>,
    /// The numbers under which it stood there.
    numbers: HashMap<ConversationId, HashSet<Number>>,
    /// Messages that stay and quote it.
    quoting: HashSet<MessageId>,
    /// Where any of it, or of those, stands or stood.
    places: BTreeSet<ConversationId>,
    /// The answers that wait there still, by whom and under which id.
    held: HashSet<(AgentId, String)>,
}

/// Forgets it there: in quotes, in the feed, and in what waits for bots.
pub(super) async fn forget(tx: &mut Tx, ids: &[ConversationId], at: UnixMs) -> Result<Elsewhere, ChangeError> {
    let (mut gone, mut elsewhere) = (Gone::default(), Elsewhere::new());
    find_moved(tx, ids, &mut gone, &mut elsewhere).await?;
    find_quoting(tx, ids, &mut gone, &mut elsewhere).await?;
    if gone.places.is_empty() {
        return Ok(elsewhere);
    }
    // What was held in one that was merged into such a place went out there, and was told of here.
    let parts = super::merged_below(tx, gone.places.iter().copied().collect()).await?;
    gone.places.extend(parts.into_iter().filter(|part| !ids.contains(part)));
    for place in gone.places.clone() {
        let waiting = held::load_in_conversation(tx, place).await?;
        gone.held.extend(waiting.into_iter().map(|held| (held.by, held.client_id)));
    }
    forget_quotes(tx, &gone).await?;
    rewrite_events(tx, &gone, at).await?;
    rewrite_updates(tx, &gone).await?;
    forget_previews(tx, &gone).await?;
    // They may show what the conversation showed then.
    super::forget_answers(tx, gone.places.iter()).await?;
    Ok(elsewhere)
}

/// What was put into one of these from a conversation that stays.
async fn find_moved(
    tx: &mut Tx,
    ids: &[ConversationId],
    gone: &mut Gone,
    elsewhere: &mut Elsewhere,
) -> Result<(), ReadError> {
    let moved = sql(
        "find what was moved into conversations",
        concat!(
            "SELECT l.conversation_id, l.number, m.id, m.conversation_id FROM messages AS m \
             JOIN messages AS l ON l.moved_id = m.id WHERE ",
            among!("m.conversation_id"),
            " AND NOT ",
            among!("l.conversation_id")
        ),
    );
    let moved: Vec<(String, i64, String, String)> = tx.link().all(moved.bind(set(ids))).await?;
    for (from, number, message, now_in) in moved {
        let from = id("a conversation's id", &from)?;
        gone.messages.insert(id("a message's id", &message)?);
        gone.numbers.entry(from).or_default().insert(number);
        gone.places.insert(from);
        elsewhere.entry(id("a conversation's id", &now_in)?).or_default().insert(from);
    }
    Ok(())
}

/// Messages that stay and quote what is gone, and all places in which they stand or stood: those that answered it where it
/// stood, and those that were picked out of what is deleted.
async fn find_quoting(
    tx: &mut Tx,
    ids: &[ConversationId],
    gone: &mut Gone,
    elsewhere: &mut Elsewhere,
) -> Result<(), ReadError> {
    let picked = sql(
        "find what was picked out of conversations",
        concat!(
            "SELECT m.id, l.conversation_id FROM messages AS l JOIN messages AS m ON m.id = l.moved_id \
             WHERE m.quote IS NOT NULL AND l.moved_answers IS NOT NULL AND ",
            among!("l.conversation_id"),
            " AND NOT ",
            among!("m.conversation_id")
        ),
    );
    let picked: Vec<(String, String)> = tx.link().all(picked.bind(set(ids))).await?;
    // Of which deleted conversation each is a quote, for who is told where.
    let mut whose: HashMap<MessageId, ConversationId> = HashMap::new();
    for (message, of) in picked {
        whose.insert(id("a message's id", &message)?, id("a conversation's id", &of)?);
    }
    let answering = sql(
        "find what answers what is deleted",
        concat!(
            "SELECT q.id, m.conversation_id FROM messages AS m JOIN messages AS l ON l.moved_id = m.id \
             JOIN messages AS q ON q.conversation_id = l.conversation_id AND q.answers = l.number WHERE ",
            among!("m.conversation_id"),
            " AND q.quote IS NOT NULL AND NOT ",
            among!("q.conversation_id"),
            " UNION SELECT q.id, m.conversation_id FROM messages AS m JOIN messages AS l ON l.moved_id = m.id \
             JOIN messages AS p ON p.conversation_id = l.conversation_id AND p.moved_answers = l.number \
             JOIN messages AS q ON q.id = p.moved_id WHERE ",
            among!("m.conversation_id"),
            " AND q.quote IS NOT NULL AND NOT ",
            among!("q.conversation_id")
        ),
    );
    let answering: Vec<(String, String)> = tx.link().all(answering.bind(set(ids))).await?;
    for (message, of) in answering {
        whose.insert(id("a message's id", &message)?, id("a conversation's id", &of)?);
    }
    if whose.is_empty() {
        return Ok(());
    }
    let places = sql(
        "find where messages stand and stood",
        concat!(
            "SELECT m.id, m.conversation_id FROM messages AS m WHERE ",
            among!("m.id"),
            " UNION SELECT l.moved_id, l.conversation_id FROM messages AS l WHERE l.moved_id IS NOT NULL AND ",
            among!("l.moved_id")
        ),
    );
    let places: Vec<(String, String)> = tx.link().all(places.bind(set(whose.keys()))).await?;
    for (message, place) in places {
        let (message, place) = (id("a message's id", &message)?, id("a conversation's id", &place)?);
        if !ids.contains(&place) {
            gone.places.insert(place);
            elsewhere.entry(whose[&message]).or_default().insert(place);
        }
    }
    gone.quoting.extend(whose.into_keys());
    Ok(())
}

async fn forget_quotes(tx: &mut Tx, gone: &Gone) -> Result<(), ChangeError> {
    if gone.quoting.is_empty() {
        return Ok(());
    }
    let forget =
        sql("forget quotes of what is deleted", concat!("UPDATE messages SET quote = NULL WHERE ", among!("id")));
    tx.link().run(forget.bind(set(&gone.quoting))).await?;
    Ok(())
}

/// A conversation that was merged shows what it showed, though that stands somewhere else.
async fn forget_previews(tx: &mut Tx, gone: &Gone) -> Result<(), ChangeError> {
    let read = sql(
        "read what conversations show",
        concat!("SELECT id, preview FROM conversations WHERE preview IS NOT NULL AND ", among!("id")),
    );
    let mut shown = Vec::new();
    for (of, preview) in tx.link().all::<(String, String)>(read.bind(set(gone.numbers.keys()))).await? {
        let preview: Preview = json("a preview", &preview)?;
        let of: ConversationId = id("a conversation's id", &of)?;
        if gone.was(of, preview.number) {
            shown.push(of);
        }
    }
    let forget = sql(
        "forget what conversations show and is deleted",
        concat!("UPDATE conversations SET preview = NULL, last_kind = NULL WHERE ", among!("id")),
    );
    tx.link().run(forget.bind(set(shown))).await?;
    Ok(())
}

#[derive(FromRow)]
struct EventRow {
    position: i64,
    conversation_id: String,
    staff_frame: String,
    visitor_frame: Option<String>,
}

#[derive(serde::Serialize)]
struct Rewritten {
    position: Position,
    staff: String,
    visitor: Option<String>,
}

async fn rewrite_events(tx: &mut Tx, gone: &Gone, at: UnixMs) -> Result<(), ChangeError> {
    let (places, mut after) = (set(&gone.places), 0);
    loop {
        let read = sql(
            "read events of conversations",
            concat!(
                "SELECT position, conversation_id, staff_frame, visitor_frame FROM events WHERE ",
                among!("conversation_id"),
                " AND position > $2 ORDER BY position LIMIT $3"
            ),
        );
        let rows: Vec<EventRow> = tx.link().all(read.bind(places.clone()).bind(after).bind(AT_ONCE)).await?;
        let full = rows.len() as i64 == AT_ONCE;
        after = rows.last().map_or(after, |row| row.position);
        let mut rewritten = Vec::new();
        for row in rows {
            let of = id("an event's conversation", &row.conversation_id)?;
            let staff = gone.staff_without(of, &row, at);
            let visitor = row.visitor_frame.as_deref().and_then(|frame| gone.visitor_without(frame, at));
            if staff.is_some() || visitor.is_some() {
                rewritten.push(Rewritten {
                    position: row.position,
                    staff: staff.unwrap_or(row.staff_frame),
                    visitor: visitor.or(row.visitor_frame),
                });
            }
        }
        if !rewritten.is_empty() {
            let write = sql(
                "tell events without what is deleted",
                "UPDATE events SET staff_frame = v.value->>'staff', visitor_frame = v.value->>'visitor' \
                 FROM jsonb_each($1) AS v WHERE events.position = CAST(v.value->>'position' AS BIGINT)",
            );
            tx.link().run(write.bind(to_json(&rewritten))).await?;
        }
        if !full {
            return Ok(());
        }
    }
}

impl Gone {
    fn was(&self, of: ConversationId, number: Number) -> bool {
        self.numbers.get(&of).is_some_and(|numbers| numbers.contains(&number))
    }

    /// The frame without what is gone; none: it tells nothing of it.
    fn staff_without(&self, of: ConversationId, row: &EventRow, at: UnixMs) -> Option<String> {
        let Ok(AgentServerFrame::Event(mut frame)) = serde_json::from_str(&row.staff_frame) else {
            // Written by another version, in words that are not known here: nothing is told.
            let (position, by) = (row.position, Author::System);
            let patch = Box::new(ConversationPatch::default());
            let event = AgentEvent::ConversationChanged { conversation_id: of, by, patch, lines: Vec::new() };
            return Some(to_json(&AgentServerFrame::Event(Box::new(AgentEventFrame { position, at, event }))));
        };
        self.leave(of, &mut frame.event, at).then(|| to_json(&AgentServerFrame::Event(frame)))
    }

    fn leave(&self, of: ConversationId, event: &mut AgentEvent, at: UnixMs) -> bool {
        match event {
            AgentEvent::ConversationCreated { conversation, messages } => {
                let Conversation { preview, .. } = &mut **conversation;
                let shown = self.leave_preview(of, preview);
                messages.iter_mut().fold(shown, |left, message| self.leave_message(message, at) | left)
            }
            AgentEvent::MessageCreated { message, patch } => {
                self.leave_message(message, at) | self.leave_preview(of, &mut patch.preview)
            }
            AgentEvent::MessageMoved { message, .. } | AgentEvent::MessageChanged { message } => {
                self.leave_message(message, at)
            }
            AgentEvent::ConversationChanged { patch, .. } => self.leave_preview(of, &mut patch.preview),
            AgentEvent::Notified { notification } => self.leave_preview(of, &mut notification.preview),
            AgentEvent::DeliveryChanged { message_id, note, .. } => {
                self.messages.contains(message_id) && note.take().is_some()
            }
            // What was held has become a message, or was taken back: its words are not told a second time.
            AgentEvent::ReplyHeld { held } => {
                let (conversation_id, by, client_id) = (held.conversation_id, held.by, held.client_id.clone());
                let waits = self.held.contains(&(by, client_id.clone()));
                if !waits {
                    *event = AgentEvent::HeldReplyGone { conversation_id, by, client_id };
                }
                !waits
            }
            // None left out: a new event that tells what was said does not compile.
            AgentEvent::ConversationRemoved { .. }
            | AgentEvent::HeldReplyGone { .. }
            | AgentEvent::ContactChanged { .. }
            | AgentEvent::ContactCardsChanged { .. }
            | AgentEvent::ContactRemoved { .. }
            | AgentEvent::ReadChanged { .. }
            | AgentEvent::NotificationsRead { .. }
            | AgentEvent::NotificationChoicesChanged { .. }
            | AgentEvent::AgentChanged { .. }
            | AgentEvent::AgentRemoved { .. }
            | AgentEvent::TeamChanged { .. }
            | AgentEvent::TeamRemoved { .. }
            | AgentEvent::InboxChanged { .. }
            | AgentEvent::InboxRemoved { .. }
            | AgentEvent::InboxHealthChanged { .. }
            | AgentEvent::BotChanged { .. }
            | AgentEvent::ConversationBotsChanged { .. }
            | AgentEvent::TagsChanged {}
            | AgentEvent::TemplatesChanged {}
            | AgentEvent::ViewsChanged {}
            | AgentEvent::AccessChanged { .. } => false,
        }
    }

    fn leave_preview(&self, of: ConversationId, preview: &mut Option<Preview>) -> bool {
        let gone = preview.as_ref().is_some_and(|preview| self.was(of, preview.number));
        gone && preview.take().is_some()
    }

    /// As if it had been deleted where it stood.
    fn leave_message(&self, message: &mut Message, at: UnixMs) -> bool {
        if self.messages.contains(&message.id) {
            message.text.clear();
            message.attachments.clear();
            (message.rich, message.quote, message.mail, message.delivery_note) = (None, None, None, None);
            message.deleted_at.get_or_insert(at);
            return true;
        }
        let quotes = self.quoting.contains(&message.id)
            || message.answers.is_some_and(|number| self.was(message.conversation_id, number));
        quotes && message.quote.take().is_some()
    }

    /// The same for the visitor, who is told no quotes and no previews.
    fn visitor_without(&self, frame: &str, at: UnixMs) -> Option<String> {
        let Ok(VisitorServerFrame::Event(mut told)) = serde_json::from_str(frame) else { return None };
        let leave = |message: &mut VisitorMessage| {
            let gone = self.messages.contains(&message.id);
            if gone {
                message.text.clear();
                message.attachments.clear();
                message.rich = None;
                message.deleted_at.get_or_insert(at);
            }
            gone
        };
        let left = match &mut told.event {
            VisitorEvent::ConversationCreated { messages, .. } => {
                messages.iter_mut().fold(false, |left, message| leave(message) | left)
            }
            VisitorEvent::MessageCreated { message }
            | VisitorEvent::MessageChanged { message }
            | VisitorEvent::MessageMoved { message, .. } => leave(message),
            VisitorEvent::ConversationRemoved { .. } | VisitorEvent::ConversationChanged { .. } => false,
        };
        left.then(|| to_json(&VisitorServerFrame::Event(told)))
    }

    /// What waits for a bot without what is gone. None: it is all gone.
    fn update_without(&self, of: ConversationId, content: &str) -> Result<Option<String>, ReadError> {
        let mut told: Json = json("a bot's update", content)?;
        let was = |message: &Json| message["message_id"].as_i64().is_some_and(|number| self.was(of, number));
        for kind in ["message", "edited_message"] {
            let Some(message) = told.get_mut(kind) else { continue };
            if was(message) {
                return Ok(None);
            }
            if message.get("reply_to_message").is_some_and(was) {
                message.as_object_mut().map(|message| message.remove("reply_to_message"));
            }
        }
        if told.pointer("/callback_query/message").is_some_and(was) {
            return Ok(None);
        }
        Ok(Some(told.to_string()))
    }
}

#[derive(FromRow)]
struct UpdateRow {
    bot_id: String,
    position: i64,
    conversation_id: String,
    content: String,
}

#[derive(serde::Serialize)]
struct Kept {
    bot: String,
    position: Position,
    content: Option<String>,
}

async fn rewrite_updates(tx: &mut Tx, gone: &Gone) -> Result<(), ChangeError> {
    let (places, mut after) = (set(gone.numbers.keys()), (0, String::new()));
    loop {
        let read = sql(
            "read what waits for bots",
            concat!(
                "SELECT bot_id, position, conversation_id, content FROM bot_updates WHERE ",
                among!("conversation_id"),
                " AND (position, bot_id) > ($2, $3) ORDER BY position, bot_id LIMIT $4"
            ),
        );
        let read = read.bind(places.clone()).bind(after.0).bind(after.1.as_str()).bind(AT_ONCE);
        let rows: Vec<UpdateRow> = tx.link().all(read).await?;
        let full = rows.len() as i64 == AT_ONCE;
        after = rows.last().map_or(after, |row| (row.position, row.bot_id.clone()));
        let mut kept = Vec::with_capacity(rows.len());
        for UpdateRow { bot_id: bot, position, conversation_id, content } in rows {
            let content = gone.update_without(id("an update's conversation", &conversation_id)?, &content)?;
            kept.push(Kept { bot, position, content });
        }
        for (doing, text) in [
            (
                "tell bots without what is deleted",
                "UPDATE bot_updates SET content = v.value->>'content' FROM jsonb_each($1) AS v \
                 WHERE bot_updates.bot_id = v.value->>'bot' AND v.value->>'content' IS NOT NULL \
                     AND bot_updates.position = CAST(v.value->>'position' AS BIGINT)",
            ),
            (
                "forget what waits for bots and is deleted",
                "DELETE FROM bot_updates WHERE (bot_id, position) IN \
                 (SELECT v.value->>'bot', CAST(v.value->>'position' AS BIGINT) FROM jsonb_each($1) AS v \
                  WHERE v.value->>'content' IS NULL)",
            ),
        ] {
            tx.link().run(sql(doing, text).bind(to_json(&kept))).await?;
        }
        if !full {
            return Ok(());
        }
    }
}
