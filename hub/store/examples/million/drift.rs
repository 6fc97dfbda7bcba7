//! Whether what is kept as numbers stays what is there, whatever happens.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use switchboard_domain::Visibility;
use switchboard_domain::change::Changed;
use switchboard_domain::moving as rules;
use switchboard_domain::thread::NewMessage;
use switchboard_protocol::model::{
    Author, Channel, Contact, ConversationPatch, Identity, Inbox, MessageKind, Place, Source, Status,
};
use switchboard_protocol::rest::Folder;
use switchboard_protocol::{AgentId, ContactId, ConversationId, IdentityId, InboxId, MessageId, Ulid};
use switchboard_store::conversations::{self, Begin, Query};
use switchboard_store::moving::{self, By};
use switchboard_store::{Append, AppendError, ChangeError, Sender, Store, Tx, contacts, deleting, inboxes};

use crate::database::Database;
use crate::random::Die;
use crate::{Failure, id_of, now};

/// Conversations that are there at a time: few, so that what happens to one meets what happened to it.
const CONVERSATIONS: usize = 400;
/// Who does things beside one another.
const HANDS: usize = 64;
/// Looked at after so many.
const LOOK_EVERY: usize = 50_000;

type Held = Arc<parking_lot::Mutex<Vec<(ConversationId, IdentityId)>>>;

pub async fn drift(store: &Store, address: &str, events: usize) -> Result<(), Failure> {
    let mut database = Database::open(address).await?;
    let inboxes = [0, 1, 2].map(|_| InboxId(id()));
    for one in inboxes {
        store.write(move |tx| Box::pin(make_inbox(tx, one))).await.map_err(|_| "no inbox")?;
    }
    let columns = [
        "id",
        "name",
        "email",
        "role",
        "disabled::BOOLEAN",
        "availability",
        "access_position::BIGINT",
        "created_at::BIGINT",
    ];
    let reader = AgentId(id());
    database
        .put(
            "agents",
            &columns,
            vec![serde_json::json!({"id": reader.to_string(), "name": "Reader", "role": "owner",
        "email": format!("{reader}@drift.example"), "disabled": false, "availability": "online", "access_position": 0,
        "created_at": now()})],
        )
        .await?;

    let held: Held = Held::default();
    let (begun, done) = (Instant::now(), Arc::new(AtomicUsize::new(0)));
    let mut what = BTreeMap::<&'static str, usize>::new();
    let mut drifts = 0;
    let look_every = LOOK_EVERY.min(events.max(1));
    for round in 0..events.div_ceil(look_every) {
        let hands: Vec<_> = (0..HANDS)
            .map(|hand| {
                let (store, held, done) = (store.clone(), held.clone(), done.clone());
                tokio::spawn(async move {
                    let mut die = Die((round * HANDS + hand) as u64);
                    let mut own = BTreeMap::new();
                    while done.fetch_add(1, Ordering::Relaxed) < (round + 1) * look_every {
                        let name = happen(&store, &held, inboxes, reader, &mut die).await;
                        *own.entry(name).or_insert(0) += 1;
                    }
                    own
                })
            })
            .collect();
        for hand in hands {
            for (name, times) in hand.await? {
                *what.entry(name).or_insert(0) += times;
            }
        }
        drifts += look(store, &mut database, reader).await?;
        let so_far: usize = what.values().sum();
        println!("{so_far} events, {:.0} a second, {drifts} drifts", so_far as f64 / begun.elapsed().as_secs_f64());
        done.store((round + 1) * look_every, Ordering::Relaxed);
    }
    println!("{what:?}");
    store.close().await;
    if drifts == 0 { Ok(()) } else { Err("what is kept is not what is there".into()) }
}

/// How many of the numbers that are kept are not what is there; each is said.
async fn look(store: &Store, database: &mut Database, reader: AgentId) -> Result<usize, Failure> {
    const KEPT: &str = "SELECT inbox_id || ' ' || place || ' ' || status, CAST(conversations AS TEXT) FROM conversation_counts \
        WHERE conversations <> 0 ORDER BY 1";
    const THERE: &str = "SELECT inbox_id || ' ' || place || ' ' || status, CAST(count(*) AS TEXT) FROM conversations \
        GROUP BY inbox_id, place, status ORDER BY 1";
    let (kept, there) = (database.words(KEPT).await?, database.words(THERE).await?);
    let mut drifts = 0;
    if kept != there {
        println!("kept {kept:?}\nthere {there:?}");
        drifts += 1;
    }
    let counted = conversations::counts(store, &Visibility::Team, reader).await?;
    for count in counted.folders {
        let listed = listed(store, reader, count.folder).await?;
        if listed != count.conversations {
            println!("{}: {} counted, {listed} listed", count.folder.as_str(), count.conversations);
            drifts += 1;
        }
    }
    Ok(drifts)
}

async fn listed(store: &Store, reader: AgentId, folder: Folder) -> Result<i64, Failure> {
    let mut query = Query { folder: Some(folder), ..Query::all(reader) };
    let mut rows = 0;
    loop {
        let page = conversations::page(store, &Visibility::Team, &query).await?;
        rows += page.rows.len() as i64;
        query.cursor = page.next;
        if query.cursor.is_none() {
            return Ok(rows);
        }
    }
}

/// One thing happens; its name. What the rules refuse has happened too: it must change nothing.
async fn happen(store: &Store, held: &Held, inboxes: [InboxId; 3], reader: AgentId, die: &mut Die) -> &'static str {
    let there = held.lock().clone();
    if there.len() < CONVERSATIONS / 2 || (there.len() < CONVERSATIONS && die.one_in(20)) {
        let (inbox, identity, conversation) = (*die.pick(&inboxes), IdentityId(id()), ConversationId(id()));
        if store.write(move |tx| Box::pin(begin(tx, inbox, identity, conversation))).await.is_ok() {
            held.lock().push((conversation, identity));
        }
        return "begun";
    }
    let (one, identity) = *die.pick(&there);
    let (other, _) = *die.pick(&there);
    match die.below(100) {
        0..30 => {
            drop(store.append(message(one, Sender::Visitor { identity_id: identity })).await);
            "a customer's message"
        }
        30..88 => {
            let patch = patch(die, reader);
            let by = Author::Agent { id: reader };
            let written = store.write(move |tx| {
                Box::pin(async move {
                    let Some(thread) = conversations::load(tx, &Visibility::All, one).await? else { return Ok(()) };
                    let changed = Changed { patch, lines: Vec::new() };
                    conversations::change(tx, &thread.conversation, changed, by, now(), &mut line_id).await?;
                    Ok::<_, ChangeError>(())
                })
            });
            drop(written.await);
            "a change"
        }
        88..92 => {
            drop(store.write(move |tx| Box::pin(merge(tx, one, other, reader))).await);
            "a merge"
        }
        92..96 => {
            drop(store.write(move |tx| Box::pin(separate(tx, one, other, reader))).await);
            "a separation"
        }
        _ => {
            held.lock().retain(|(id, _)| *id != one);
            let written = store.write(move |tx| {
                Box::pin(async move {
                    let thread = conversations::load(tx, &Visibility::All, one).await?;
                    let rows = thread.into_iter().map(|thread| thread.conversation).collect();
                    deleting::conversations(tx, rows, now()).await?;
                    Ok::<_, ChangeError>(())
                })
            });
            drop(written.await);
            "deleted forever"
        }
    }
}

fn patch(die: &mut Die, reader: AgentId) -> ConversationPatch {
    let mut patch = ConversationPatch::default();
    match die.below(5) {
        0 => patch.place = Some(*die.pick(&[Place::Inbox, Place::Archived, Place::Spam, Place::Trash])),
        1 => patch.status = Some(*die.pick(&[Status::Open, Status::Closed])),
        2 => {
            patch.status = Some(Status::Snoozed);
            patch.snoozed_until = Some(Some(now() + 3_600_000));
        }
        3 => patch.assignees = Some(if die.one_in(2) { vec![reader] } else { Vec::new() }),
        _ => patch.flagged = Some(die.one_in(2)),
    }
    if patch.status.is_some_and(|status| status != Status::Snoozed) {
        patch.snoozed_until = Some(None);
    }
    patch
}

async fn merge(tx: &mut Tx, one: ConversationId, other: ConversationId, who: AgentId) -> Result<(), ChangeError> {
    let (Some(into), Some(part)) = (
        conversations::load(tx, &Visibility::All, one).await?,
        conversations::load(tx, &Visibility::All, other).await?,
    ) else {
        return Ok(());
    };
    let (into, part) = (into.conversation, part.conversation);
    let going = moving::load_talk(tx, other).await?;
    let back = moving::goes_back(tx, one, &going).await?;
    if rules::may_merge(&into, &part, back).is_err() || moving::depth(tx, other).await? > 1 {
        return Ok(());
    }
    moving::merge(tx, &into, &part, going, &mut by(who, &mut line_id)).await?;
    Ok(())
}

async fn separate(tx: &mut Tx, one: ConversationId, other: ConversationId, who: AgentId) -> Result<(), ChangeError> {
    let (Some(into), Some(part)) = (
        conversations::load(tx, &Visibility::All, one).await?,
        conversations::load(tx, &Visibility::All, other).await?,
    ) else {
        return Ok(());
    };
    if part.conversation.merged_into.as_ref().is_none_or(|link| link.id != one) {
        return Ok(());
    }
    let mut going = moving::load_merged(tx, other).await?;
    going.retain(|message| message.conversation_id == one);
    moving::separate(tx, &into.conversation, &part.conversation, going, &mut by(who, &mut line_id)).await?;
    Ok(())
}

fn by(who: AgentId, line_id: &mut (dyn FnMut() -> MessageId + Send)) -> By<'_> {
    By { author: Author::Agent { id: who }, at: now(), line_id }
}

fn line_id() -> MessageId {
    MessageId(id())
}

fn id() -> Ulid {
    id_of(now())
}

async fn make_inbox(tx: &mut Tx, id: InboxId) -> Result<(), ChangeError> {
    let (name, case_prefix) = ("Drift".into(), "D-".into());
    let inbox = Inbox { id, name, channel: Channel::Web, case_prefix, web: None, carries: None, address: None };
    inboxes::insert(tx, &inbox, now()).await
}

fn message(conversation_id: ConversationId, sender: Sender) -> Append {
    let id = line_id();
    let message = NewMessage {
        id,
        kind: MessageKind::In,
        author: Author::System,
        at: now(),
        text: "Where is it?".into(),
        attachments: Vec::new(),
        mail: None,
        client_id: Some(id.to_string()),
        answers: None,
        rich: None,
        quote: None,
        mentions: Vec::new(),
        seen: None,
    };
    Append { conversation_id, sender, message, attachment_ids: Vec::new(), line_ids: [line_id(), line_id()] }
}

async fn begin(
    tx: &mut Tx,
    inbox_id: InboxId,
    identity_id: IdentityId,
    conversation: ConversationId,
) -> Result<(), AppendError> {
    let contact = Contact {
        id: ContactId(id()),
        name: None,
        email: None,
        phone: None,
        language: None,
        time_zone: None,
        notes: String::new(),
        tags: Vec::new(),
        attributes: Default::default(),
        identities: Vec::new(),
        merged: Vec::new(),
        created_at: now(),
    };
    contacts::insert(tx, &contact).await?;
    let identity =
        Identity { id: identity_id, inbox_id, channel: Channel::Web, address: None, verified: false, stopped_at: None };
    contacts::insert_identity(tx, contact.id, &identity, &identity_id.to_string(), now()).await?;
    let Append { message, sender, .. } = message(conversation, Sender::Visitor { identity_id });
    let begin = Begin {
        id: conversation,
        contact_id: contact.id,
        identity_id,
        inbox_id,
        subject: None,
        language: None,
        source: Source::default(),
        first: message,
        sender,
        attachment_ids: Vec::new(),
    };
    conversations::begin(tx, begin).await?;
    Ok(())
}
