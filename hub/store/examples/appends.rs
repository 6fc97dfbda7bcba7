//! How many messages a second are appended and committed: `cargo run --release -p switchboard-store --example appends --
//! [DATABASE_URL] [SENDERS] [SECONDS]`. Each sender writes its next message when the one before is acknowledged.

#![expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use switchboard_domain::thread::NewMessage;
use switchboard_protocol::model::{Author, Channel, Contact, Identity, Inbox, MessageKind, Source};
use switchboard_protocol::{ContactId, ConversationId, IdentityId, InboxId, MessageId, Ulid};
use switchboard_store::conversations::{self, Begin};
use switchboard_store::{Append, BoxFuture, ChangeError, Options, Sender, Store, Tx, contacts, inboxes};

static IDS: AtomicU64 = AtomicU64::new(1);

fn ulid() -> Ulid {
    Ulid((u128::from(now() as u64) << 80) | u128::from(IDS.fetch_add(1, Ordering::Relaxed)) << 8)
}

fn now() -> i64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_millis() as i64)
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = tempfile::tempdir_in(".")?;
    let default = format!("sqlite:{}", folder.path().join("bench.db").display());
    let url = arguments.next().filter(|url| url != "-").unwrap_or(default).parse()?;
    let senders: usize = arguments.next().map_or(Ok(256), |n| n.parse())?;
    let seconds: u64 = arguments.next().map_or(Ok(5), |n| n.parse())?;
    let store = Store::open(&url, Options { new_epoch: ulid().to_string() }).await?;

    let inbox = InboxId(ulid());
    store.write(move |tx| make_inbox(tx, inbox)).await?;
    let mut visitors = Vec::new();
    for _ in 0..senders {
        let (identity, conversation) = (IdentityId(ulid()), ConversationId(ulid()));
        store.write(move |tx| Box::pin(make_conversation(tx, inbox, identity, conversation))).await?;
        visitors.push((identity, conversation));
    }

    let waits = Arc::new(parking_lot::Mutex::new(Vec::<Duration>::new()));
    let (begun, commits) = (Instant::now(), store.commits());
    let mut tasks = Vec::new();
    for (identity, conversation) in visitors {
        let (store, waits) = (store.clone(), waits.clone());
        tasks.push(tokio::spawn(async move {
            let mut own = Vec::new();
            while begun.elapsed() < Duration::from_secs(seconds) {
                let sent = Instant::now();
                store.append(message(identity, conversation)).await?;
                own.push(sent.elapsed());
            }
            waits.lock().extend(own);
            Ok::<_, switchboard_store::AppendError>(())
        }));
    }
    for task in tasks {
        task.await??;
    }
    let took = begun.elapsed();
    let mut waits = std::mem::take(&mut *waits.lock());
    waits.sort();
    let at = |share: usize| waits[(waits.len() - 1) * share / 100];
    println!(
        "{url}: {senders} senders, {:.0} messages/s, {:.0} a commit; acknowledged p50 {:?}, p99 {:?}",
        waits.len() as f64 / took.as_secs_f64(),
        waits.len() as f64 / (store.commits() - commits) as f64,
        at(50),
        at(99)
    );
    store.close().await;
    Ok(())
}

fn message(identity_id: IdentityId, conversation_id: ConversationId) -> Append {
    let id = MessageId(ulid());
    let message = NewMessage {
        id,
        kind: MessageKind::In,
        author: Author::System,
        at: now(),
        text: "Do you also have these shoes in size 43, and would they be here before the weekend?".into(),
        attachments: Vec::new(),
        mail: None,
        client_id: Some(id.to_string()),
        answers: None,
        rich: None,
        quote: None,
        mentions: Vec::new(),
        seen: None,
    };
    let line_ids = [MessageId(ulid()), MessageId(ulid())];
    let sender = Sender::Visitor { identity_id };
    Append { conversation_id, sender, message, attachment_ids: Vec::new(), line_ids }
}

fn make_inbox(tx: &mut Tx, id: InboxId) -> BoxFuture<'_, Result<(), ChangeError>> {
    Box::pin(async move {
        let (name, case_prefix) = ("Bench".into(), "B-".into());
        inboxes::insert(
            tx,
            &Inbox { id, name, channel: Channel::Web, case_prefix, web: None, carries: None, address: None },
            now(),
        )
        .await
    })
}

async fn make_conversation(
    tx: &mut Tx,
    inbox_id: InboxId,
    identity_id: IdentityId,
    id: ConversationId,
) -> Result<(), switchboard_store::AppendError> {
    let contact = Contact {
        id: ContactId(ulid()),
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
    let Append { message, sender, .. } = message(identity_id, id);
    let begin = Begin {
        id,
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
