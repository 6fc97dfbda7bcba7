//! The messages of a thread.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use sqlx::FromRow;
use switchboard_domain::change::Changed;
use switchboard_domain::{Visibility, thread};
use switchboard_protocol::agent::AgentEvent;
use switchboard_protocol::bots::Rich;
use switchboard_protocol::model::{Author, ConversationPatch, Delivery, Message, MessageKind, MessageMail, SystemLine};
use switchboard_protocol::visitor::{VisitorEvent, VisitorMessage};
use switchboard_protocol::{
    AttachmentId, ConversationId, IdentityId, InboxId, MessageId, Number, Position, UnixMs, limits,
};

use crate::append::Files;
use crate::attachments::Uploader;
use crate::db::{Link, Value, sql};
use crate::error::{ChangeError, ReadError};
use crate::row::{Where, id, json, set, to_json, without_nul, word};
use crate::visitor::{self, Names};
use crate::{Audience, Emit, Store, Tx, attachments, bodies, conversations, rows};

/// Of the replies that a writer may not have seen, so many of the newest are looked at.
pub(crate) const REPLIES_LOOKED_AT: i64 = 100;

const COLUMNS: &str = "m.id, m.conversation_id, m.number, m.kind, m.author, m.at, m.text, m.rich, m.answers, m.quote, m.mentions, m.attachments, \
    m.delivery, m.delivery_note, m.mail, m.line, m.client_id, m.edited_at, m.deleted_at, m.position";
const FROM: &str = "messages AS m JOIN conversations AS c ON c.id = m.conversation_id";

#[derive(FromRow)]
pub(crate) struct Columns {
    id: String,
    conversation_id: String,
    number: i64,
    kind: String,
    author: String,
    at: i64,
    text: String,
    rich: Option<String>,
    answers: Option<i64>,
    quote: Option<String>,
    mentions: Option<String>,
    attachments: String,
    delivery: Option<String>,
    delivery_note: Option<String>,
    mail: Option<String>,
    line: Option<String>,
    client_id: Option<String>,
    edited_at: Option<i64>,
    deleted_at: Option<i64>,
    position: i64,
}

impl Columns {
    fn message(self) -> Result<Message, ReadError> {
        let id = id("a message's id", &self.id)?;
        self.read(id).map_err(|error| error.in_row(id))
    }

    fn read(self, key: MessageId) -> Result<Message, ReadError> {
        Ok(Message {
            id: key,
            conversation_id: id("a message's conversation", &self.conversation_id)?,
            number: self.number,
            kind: word("a message's kind", &self.kind, MessageKind::from_word)?,
            author: json("an author", &self.author)?,
            at: self.at,
            text: self.text,
            rich: self
                .rich
                .as_deref()
                .map(|text| json::<Box<Rich>>("what a message has beside its text", text))
                .transpose()?,
            answers: self.answers,
            quote: self.quote,
            mentions: self.mentions.as_deref().map_or(Ok(Vec::new()), |text| json("who is named", text))?,
            attachments: json("attachments", &self.attachments)?,
            delivery: self.delivery.as_deref().map(|text| word("a delivery", text, Delivery::from_word)).transpose()?,
            delivery_note: self.delivery_note,
            mail: self.mail.as_deref().map(|text| json::<Box<MessageMail>>("a mail's head", text)).transpose()?,
            line: self.line.as_deref().map(|text| json::<SystemLine>("a system line", text)).transpose()?,
            client_id: self.client_id,
            edited_at: self.edited_at,
            deleted_at: self.deleted_at,
        })
    }
}

/// In rising number.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<M> {
    pub messages: Vec<M>,
    /// There are older ones.
    pub more: bool,
}

/// The newest before `before`, or the newest of all. None: no such conversation, or not visible.
pub async fn page(
    store: &Store,
    visibility: &Visibility,
    conversation_id: ConversationId,
    before: Option<Number>,
    limit: usize,
) -> Result<Option<Page<Message>>, ReadError> {
    let whose = || {
        let mut wanted = Where::new();
        wanted.equal("c.id", conversation_id);
        wanted.visible("c.inbox_id", visibility);
        wanted
    };
    newest(&mut store.reading().await?.link(), whose, "TRUE", before, limit).await
}

/// As the visitor sees them: without notes and system lines.
pub async fn page_for_identity(
    store: &Store,
    identity_id: IdentityId,
    conversation_id: ConversationId,
    before: Option<Number>,
    limit: usize,
) -> Result<Option<Page<VisitorMessage>>, ReadError> {
    let whose = || {
        let mut wanted = Where::new();
        wanted.equal("c.id", conversation_id);
        wanted.visitors(identity_id);
        wanted
    };
    let mut reading = store.reading().await?;
    let shown = "m.kind IN ('in', 'out')";
    let Some(Page { messages, more }) = newest(&mut reading.link(), whose, shown, before, limit).await? else {
        return Ok(None);
    };
    let names = Names::read(&mut reading.link(), &messages).await?;
    let messages = messages.iter().filter_map(|message| visitor::message(message, &names)).collect();
    Ok(Some(Page { messages, more }))
}

/// `whose`: which conversation, and that it may be seen; `shown`: which of its messages.
async fn newest(
    link: &mut Link<'_>,
    whose: impl Fn() -> Where,
    shown: &str,
    before: Option<Number>,
    limit: usize,
) -> Result<Option<Page<Message>>, ReadError> {
    let limit = limit.clamp(1, limits::PAGE_ROWS);
    let mut wanted = whose();
    wanted.and(shown);
    let before = wanted.value(before.unwrap_or(Number::MAX));
    let rows = wanted.value(limit as i64 + 1);
    wanted.and(format!("m.number < {before}"));
    let text = format!("SELECT {COLUMNS} FROM {FROM} {} ORDER BY m.number DESC LIMIT {rows}", wanted.text());
    let mut rows: Vec<Columns> = link.all(sql("read messages", text).bind_all(wanted.values())).await?;
    if rows.is_empty() {
        let conversation = whose();
        let text = format!("SELECT c.number FROM conversations AS c {}", conversation.text());
        let there: Option<(i64,)> = link.one(sql("find a conversation", text).bind_all(conversation.values())).await?;
        return Ok(there.map(|_| Page { messages: Vec::new(), more: false }));
    }
    let more = rows.len() > limit;
    rows.truncate(limit);
    let messages = rows.into_iter().rev().map(Columns::message).collect::<Result<_, _>>()?;
    Ok(Some(Page { messages, more }))
}

/// For the hub itself.
pub async fn load(tx: &mut Tx, message_id: MessageId) -> Result<Option<Message>, ReadError> {
    let key = message_id.to_string();
    let mut found = load_placed(tx, std::iter::once(key.as_str())).await?;
    Ok(found.remove(&key).map(|(message, _)| message))
}

/// By its number, also what was taken back.
pub async fn load_at(
    tx: &mut Tx,
    conversation_id: ConversationId,
    number: Number,
) -> Result<Option<Message>, ReadError> {
    let text = format!("SELECT {COLUMNS} FROM messages AS m WHERE m.conversation_id = $1 AND m.number = $2");
    let row: Option<Columns> = tx.link().one(sql("load a message", text).bind(conversation_id).bind(number)).await?;
    row.map(Columns::message).transpose()
}

/// The last of this kind before a number.
pub async fn load_last(
    tx: &mut Tx,
    conversation_id: ConversationId,
    kind: MessageKind,
    before: Number,
) -> Result<Option<Message>, ReadError> {
    let text = format!(
        "SELECT {COLUMNS} FROM messages AS m WHERE m.conversation_id = $1 AND m.number < $2 AND m.kind = $3 \
         ORDER BY m.number DESC LIMIT 1"
    );
    let load = sql("load the last message", text).bind(conversation_id).bind(before).bind(kind.as_str());
    let row: Option<Columns> = tx.link().one(load).await?;
    row.map(Columns::message).transpose()
}

/// The last lines of this kind, as it is called in them, the newest first.
pub async fn load_last_lines(
    tx: &mut Tx,
    conversation_id: ConversationId,
    kind: &str,
    limit: usize,
) -> Result<Vec<Message>, ReadError> {
    let text = format!(
        "SELECT {COLUMNS} FROM messages AS m WHERE m.conversation_id = $1 AND m.kind = 'system' AND m.line LIKE $2 \
         ORDER BY m.number DESC LIMIT $3"
    );
    let load = sql("load the last lines", text).bind(conversation_id).bind(format!("%\"{kind}\"%")).bind(limit as i64);
    let rows: Vec<Columns> = tx.link().all(load).await?;
    rows.into_iter().map(Columns::message).collect()
}

/// Messages by the text of their ids, with the positions that they came at.
pub(crate) async fn load_placed(
    tx: &mut Tx,
    ids: impl Iterator<Item = &str>,
) -> Result<HashMap<String, (Message, Position)>, ReadError> {
    let text =
        format!("SELECT {COLUMNS} FROM messages AS m WHERE m.id IN (SELECT v.value->>'id' FROM jsonb_each($1) AS v)");
    let rows: Vec<Columns> = tx.link().all(sql("load messages", text).bind(set(ids))).await?;
    rows.into_iter()
        .map(|row| {
            let (id, position) = (row.id.clone(), row.position);
            Ok((id, (row.message()?, position)))
        })
        .collect()
}

/// What is no line among these numbers, in rising number: messages and notes.
pub(crate) async fn talk(
    tx: &mut Tx,
    conversation_id: ConversationId,
    first: Number,
    last: Number,
    most: usize,
) -> Result<Vec<Message>, ReadError> {
    let text = format!(
        "SELECT {COLUMNS} FROM messages AS m WHERE m.conversation_id = $1 AND m.number >= $2 AND m.number <= $3 \
         AND m.kind <> 'system' ORDER BY m.number LIMIT $4"
    );
    let read = sql("read a talk", text).bind(conversation_id).bind(first).bind(last).bind(most as i64);
    let rows: Vec<Columns> = tx.link().all(read).await?;
    rows.into_iter().map(Columns::message).collect()
}

/// What the messages of these numbers are, of those that there are.
pub(crate) async fn kinds(
    tx: &mut Tx,
    conversation_id: ConversationId,
    numbers: &BTreeSet<Number>,
) -> Result<BTreeMap<Number, MessageKind>, ReadError> {
    let select = sql(
        "read what is answered",
        "SELECT m.number, m.kind FROM messages AS m WHERE m.conversation_id = $1 \
         AND m.number IN (SELECT CAST(v.value->>'id' AS BIGINT) FROM jsonb_each($2) AS v)",
    );
    let rows: Vec<(i64, String)> = tx.link().all(select.bind(conversation_id).bind(set(numbers))).await?;
    rows.into_iter()
        .map(|(number, kind)| Ok((number, word("a message's kind", &kind, MessageKind::from_word)?)))
        .collect()
}

/// The newest [`REPLIES_LOOKED_AT`] of what went out after `seen`, in rising number, and whose they were.
pub(crate) async fn replies_after(
    tx: &mut Tx,
    conversation_id: ConversationId,
    seen: Number,
) -> Result<Vec<(Number, Author)>, ReadError> {
    let select = sql(
        "read replies",
        "SELECT number, author FROM messages WHERE conversation_id = $1 AND number > $2 AND kind = 'out' \
         ORDER BY number DESC LIMIT $3",
    );
    let select = select.bind(conversation_id).bind(seen).bind(REPLIES_LOOKED_AT);
    let rows: Vec<(i64, String)> = tx.link().all(select).await?;
    let replies = rows.into_iter().rev().map(|(number, author)| Ok((number, json("an author", &author)?)));
    replies.filter(|reply| !matches!(reply, Ok((_, Author::System)))).collect()
}

/// Who has written what went out after this number and this time, the newest first.
pub async fn replies_since(
    tx: &mut Tx,
    conversation_id: ConversationId,
    after: Number,
    since: UnixMs,
    limit: usize,
) -> Result<Vec<Author>, ReadError> {
    let select = sql(
        "read whose the last replies are",
        "SELECT author FROM messages WHERE conversation_id = $1 AND number > $2 AND kind = 'out' AND at > $3 \
         ORDER BY number DESC LIMIT $4",
    );
    let select = select.bind(conversation_id).bind(after).bind(since).bind(limit as i64);
    let rows: Vec<(String,)> = tx.link().all(select).await?;
    rows.into_iter().map(|(author,)| json("an author", &author)).collect()
}

/// Writes new messages, each with the position of the event that tells of it.
pub(crate) async fn insert(tx: &mut Tx, placed: &[(&Message, Position)]) -> Result<(), ChangeError> {
    for (rows, values) in rows::at_once(tx.link().engine(), placed.iter().map(values).collect()) {
        let text = format!(
            "INSERT INTO messages (id, conversation_id, number, kind, author, at, text, rich, answers, quote, mentions, attachments, \
             delivery, mail, line, client_id, position) VALUES {rows}"
        );
        tx.link().run(sql("write messages", text).bind_all(values)).await?;
    }
    Ok(())
}

fn values((message, position): &(&Message, Position)) -> [Value; 17] {
    [
        message.id.into(),
        message.conversation_id.into(),
        message.number.into(),
        message.kind.as_str().into(),
        to_json(&message.author).into(),
        message.at.into(),
        message.text.as_str().into(),
        message.rich.as_deref().map(to_json::<Rich>).into(),
        message.answers.into(),
        message.quote.clone().into(),
        (!message.mentions.is_empty()).then(|| to_json(&message.mentions)).into(),
        to_json(&message.attachments).into(),
        message.delivery.map(|delivery| delivery.as_str().to_owned()).into(),
        message.mail.as_deref().map(to_json::<MessageMail>).into(),
        message.line.as_ref().map(to_json::<SystemLine>).into(),
        message.client_id.clone().into(),
        (*position).into(),
    ]
}

/// The customer has changed what they wrote. The text that was there is gone.
pub async fn edit(tx: &mut Tx, message: &Message, text: String, at: UnixMs) -> Result<(), ChangeError> {
    if message.deleted_at.is_some() || message.text == text {
        return Ok(());
    }
    rewrite(tx, Message { text, edited_at: Some(at), ..message.clone() }, at).await
}

/// A bot has changed what it wrote. Whether it is another now.
pub async fn edit_out(
    tx: &mut Tx,
    message: &Message,
    text: String,
    rich: Option<Box<Rich>>,
    at: UnixMs,
) -> Result<bool, ChangeError> {
    let text = without_nul(text);
    if message.deleted_at.is_some() || (message.text == text && message.rich == rich) {
        return Ok(false);
    }
    // Buttons that come and go are no other words.
    let edited_at = if message.text == text { message.edited_at } else { Some(at) };
    rewrite(tx, Message { text, rich, edited_at, ..message.clone() }, at).await?;
    Ok(true)
}

/// The customer has taken back what they wrote: all that they wrote and sent with it goes for good, the line stays. Only the
/// feed has it for as long as it keeps events.
pub async fn delete_text(tx: &mut Tx, message: &Message, at: UnixMs) -> Result<(), ChangeError> {
    if message.deleted_at.is_some() {
        return Ok(());
    }
    attachments::let_go(tx, message.id).await?;
    bodies::remove(tx, message.id).await?;
    unquote(tx, message).await?;
    let mail = message
        .mail
        .as_deref()
        .map(|mail| Box::new(MessageMail { subject: String::new(), html: false, folded: false, ..mail.clone() }));
    let gone = Message {
        text: String::new(),
        rich: None,
        quote: None,
        attachments: Vec::new(),
        mail,
        deleted_at: Some(at),
        ..message.clone()
    };
    rewrite(tx, gone, at).await
}

/// What was picked out of the message goes with it, and what it had picked itself. The pages show no quote of a message that
/// is gone, so nobody is told; only of one that has been moved away they show what they have, until they load it anew.
async fn unquote(tx: &mut Tx, message: &Message) -> Result<(), ChangeError> {
    for (conversation_id, number) in places(tx, message).await? {
        let update = sql(
            "forget quotes of a message",
            "UPDATE messages SET quote = NULL WHERE conversation_id = $1 AND (answers = $2 OR number = $2) AND quote IS NOT NULL",
        );
        tx.link().run(update.bind(conversation_id).bind(number)).await?;
        // And of those that stood there when they picked it, and have been moved.
        let moved = sql(
            "forget quotes of a message in what was moved",
            "UPDATE messages SET quote = NULL WHERE quote IS NOT NULL AND id IN (SELECT l.moved_id FROM messages AS l \
             WHERE l.conversation_id = $1 AND l.moved_answers = $2 AND l.moved_id IS NOT NULL)",
        );
        tx.link().run(moved.bind(conversation_id).bind(number)).await?;
    }
    Ok(())
}

/// Where the message stands, and where it stood before it was moved: a line is there under the number that it had.
async fn places(tx: &mut Tx, message: &Message) -> Result<Vec<(ConversationId, Number)>, ReadError> {
    let find = sql("find where a message stood", "SELECT conversation_id, number FROM messages WHERE moved_id = $1");
    let stood: Vec<(String, i64)> = tx.link().all(find.bind(message.id)).await?;
    let stood = stood.into_iter().map(|(of, number)| Ok((id("a message's conversation", &of)?, number)));
    std::iter::once(Ok((message.conversation_id, message.number))).chain(stood).collect()
}

/// A part of the message has come after it: its files, which this inbox's channel has brought, and perhaps its text.
pub async fn add_files(
    tx: &mut Tx,
    message: &Message,
    inbox_id: InboxId,
    ids: &[AttachmentId],
    text: String,
    at: UnixMs,
) -> Result<(), ChangeError> {
    let mut files = Files::load(tx, ids).await?;
    let new =
        files.take(Uploader::Inbox(inbox_id), ids).ok_or(ChangeError::Missing { doing: "add files to a message" })?;
    let attachments = message.attachments.iter().cloned().chain(new).collect();
    let whole = Message { attachments, text, ..message.clone() };
    files.settle(&whole);
    files.give(tx).await?;
    rewrite(tx, whole, at).await
}

async fn rewrite(tx: &mut Tx, message: Message, at: UnixMs) -> Result<(), ChangeError> {
    let update = sql(
        "rewrite a message",
        "UPDATE messages SET text = $2, attachments = $3, edited_at = $4, deleted_at = $5, mail = $6, rich = $7 WHERE id = $1",
    )
    .bind(message.id)
    .bind(message.text.as_str())
    .bind(to_json(&message.attachments))
    .bind(message.edited_at)
    .bind(message.deleted_at)
    .bind(message.mail.as_deref().map(to_json::<MessageMail>))
    .bind(message.rich.as_deref().map(to_json::<Rich>));
    tx.link().run(update).await?;
    let Some(thread) = conversations::load(tx, &Visibility::All, message.conversation_id).await? else { return Ok(()) };
    let row = thread.conversation;
    // What customers do to their own words their page does by itself.
    let names = Names::load(tx, std::slice::from_ref(&message)).await?;
    let shown = visitor::message(&message, &names).filter(|_| message.kind == MessageKind::Out);
    tx.emit(Emit {
        at,
        audience: Audience::Inbox(row.inbox_id),
        conversation_id: Some(row.id),
        staff: AgentEvent::MessageChanged { message: Box::new(message.clone()) },
        visitor: shown.map(|message| (row.identity_id, VisitorEvent::MessageChanged { message: Box::new(message) })),
    });
    // A conversation that was merged shows in the list what it showed.
    for (of, number) in places(tx, &message).await? {
        show_again(tx, of, Message { number, ..message.clone() }, at).await?;
    }
    Ok(())
}

/// What the list shows of a conversation, if that is what has been rewritten.
async fn show_again(tx: &mut Tx, of: ConversationId, message: Message, at: UnixMs) -> Result<(), ChangeError> {
    let Some(thread) = conversations::load(tx, &Visibility::All, of).await? else { return Ok(()) };
    let row = thread.conversation;
    if row.preview.as_ref().is_some_and(|preview| preview.number == message.number) {
        let patch = ConversationPatch { preview: Some(thread::preview_of(&message)), ..ConversationPatch::default() };
        let changed = Changed { patch, lines: Vec::new() };
        let mut no_lines = || -> MessageId { unreachable!("a preview is no line") };
        conversations::change(tx, &row, changed, message.author, at, &mut no_lines).await?;
    }
    Ok(())
}

/// How far a message that goes out has come. The caller tells.
pub(crate) async fn set_delivery(
    tx: &mut Tx,
    message_id: MessageId,
    delivery: Delivery,
    note: Option<&str>,
) -> Result<(), ChangeError> {
    let update =
        sql("write how far a message has come", "UPDATE messages SET delivery = $2, delivery_note = $3 WHERE id = $1")
            .bind(message_id)
            .bind(delivery.as_str())
            .bind(note.map(str::to_owned));
    tx.link().run(update).await?;
    Ok(())
}

/// The addresses for which mails were first put together, in the order of the messages; of one that waits for that there is
/// none.
pub async fn went_to(tx: &mut Tx, ids: impl Iterator<Item = MessageId>) -> Result<Vec<String>, ReadError> {
    let find = sql(
        "read where messages went",
        "SELECT m.went_to FROM messages AS m WHERE m.id IN (SELECT v.value->>'id' FROM jsonb_each($1) AS v) \
         AND m.went_to IS NOT NULL ORDER BY m.number",
    );
    let rows: Vec<(String,)> = tx.link().all(find.bind(set(ids))).await?;
    Ok(rows.into_iter().map(|(address,)| address).collect())
}

/// The first time holds.
pub async fn goes_to(tx: &mut Tx, message_id: MessageId, address: &str) -> Result<(), ChangeError> {
    let update = sql("note where a message goes", "UPDATE messages SET went_to = $2 WHERE id = $1 AND went_to IS NULL");
    tx.link().run(update.bind(message_id).bind(address)).await?;
    Ok(())
}

/// By the text of their ids: those that may be seen.
pub(crate) async fn find_visible(
    store: &Store,
    visibility: &Visibility,
    ids: &[String],
) -> Result<HashMap<String, Message>, ReadError> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let mut wanted = Where::new();
    let ids = wanted.value(set(ids));
    wanted.and(format!("m.id IN (SELECT v.value->>'id' FROM jsonb_each({ids}) AS v)"));
    wanted.visible("c.inbox_id", visibility);
    let text = format!("SELECT {COLUMNS} FROM {FROM} {}", wanted.text());
    let mut reading = store.reading().await?;
    let rows: Vec<Columns> = reading.link().all(sql("read messages", text).bind_all(wanted.values())).await?;
    rows.into_iter().map(|row| Ok((row.id.clone(), row.message()?))).collect()
}
