//! What a channel brings in, committed once: however often it is handed in, from whichever hub. All of one call are
//! committed in their order.
//!
//! What a message holds is cut to the hub's bounds rather than refused: it has been sent, and nobody could send it anew. What
//! cannot be committed although the store commits other things is kept without its content ([`alone`]): a mailbox, bot or
//! number never stands still for one message.

mod acknowledge;
mod alone;
mod bounds;
mod message;
mod person;
mod progress;
pub mod together;

use std::collections::HashSet;
use std::sync::Arc;

use switchboard_connector::{Automatic, File, Happened, Incoming, Taken, limits as carried};
use switchboard_protocol::{AttachmentId, MessageId, UnixMs, limits};
use switchboard_store::channels::{self, Setup};
use switchboard_store::edge_keys::{self, Claim, Scope, claim};
use switchboard_store::{Tx, messages, references};

use super::uploads;
use crate::app::{App, Unasked};
use crate::channels::reply_address::ReplyKey;
use crate::error::CommandError;
use crate::ids::Random;
use bounds::{bounded, bounded_key, bounded_name, bounded_text};
use message::{Placing, mail_name};

/// Takes in what came, in order; returns after the commit.
pub async fn take(app: &App, from: &Arc<Setup>, items: Vec<Incoming>) -> Result<Vec<Taken>, CommandError> {
    let mut taken = Vec::with_capacity(items.len());
    let mut rest = items.into_iter().peekable();
    loop {
        let chunk = together::next(&mut rest, usize::MAX);
        if chunk.is_empty() {
            return Ok(taken);
        }
        let chunk = ready(app, from, chunk).await?;
        let committed = match commit(app, from, chunk.clone()).await {
            Ok(committed) => committed,
            Err(error) => alone::take_each(app, from, chunk, error).await?,
        };
        metrics::counter!("switchboard_channel_taken_total", "channel" => from.channel.as_str())
            .increment(committed.len() as u64);
        taken.extend(committed);
    }
}

/// Something with its files on disk.
#[derive(Clone)]
struct Ready {
    key: String,
    item: Incoming,
    files: Vec<AttachmentId>,
}

/// Writes the files of what is new to disk.
async fn ready(app: &App, from: &Arc<Setup>, chunk: Vec<Incoming>) -> Result<Vec<Ready>, CommandError> {
    let keys: Vec<String> = chunk.iter().map(|item| bounded_key(&item.key)).collect();
    // Only to write no files for what is there already; the claim in the transaction decides.
    let known: HashSet<String> = edge_keys::known(&app.store, Scope::Inbox(from.inbox_id), &keys).await?;
    let names: Vec<String> = keys.iter().map(|key| mail_name(key)).collect();
    let named: HashSet<String> = references::known(&app.store, from.inbox_id, &names).await?;
    let mut ready = Vec::with_capacity(chunk.len());
    for ((key, name), mut item) in keys.into_iter().zip(names).zip(chunk) {
        let is_new = !known.contains(&key) && !named.contains(&name);
        let files = match &mut item.what {
            // What is ours come back is not kept, nor are its files.
            Happened::Message(message) | Happened::Part { message, .. }
                if is_new && message.automatic != Automatic::Loop =>
            {
                let (kept, left_out) = keep_files(app, from, std::mem::take(&mut message.files)).await?;
                message.text.push_str(&left_out);
                kept
            }
            _ => Vec::new(),
        };
        ready.push(Ready { key, item, files });
    }
    Ok(ready)
}

/// All of these or none, in one transaction.
async fn commit(app: &App, from: &Arc<Setup>, ready: Vec<Ready>) -> Result<Vec<Taken>, CommandError> {
    let (from, random, now, reply_key) = (from.clone(), app.random.clone(), app.clock.now(), app.reply_key.clone());
    let written = app.write_unasked(Unasked::Channel, move |tx| {
        Box::pin(async move {
            let mut edge = Edge::new(&from, &random, now, &reply_key);
            let mut taken = Vec::with_capacity(ready.len());
            for one in ready {
                taken.push(edge.take(tx, one).await?);
            }
            if edge.received {
                channels::note_received(tx, from.inbox_id, now).await?;
            }
            Ok((taken, edge.queued))
        })
    });
    let (taken, queued) = written.await?.value;
    if queued {
        app.channels.call_senders();
    }
    Ok(taken)
}

/// Writes the files to disk; and what is to be said of those that are not kept. A mail cannot be refused for one of them: it
/// would come again for ever, and hold up all that come after it.
async fn keep_files(app: &App, from: &Setup, files: Vec<File>) -> Result<(Vec<AttachmentId>, String), CommandError> {
    let files: Vec<File> = files.into_iter().filter(|file| !file.bytes.is_empty()).collect();
    // It stays with its provider until there is room again.
    if !files.is_empty() {
        uploads::leaves_room(app)?;
    }
    let (mut kept, mut left_out) = (Vec::with_capacity(files.len()), String::new());
    for (place, File { name, bytes, content_id }) in files.into_iter().enumerate() {
        let mib = bytes.len().div_ceil(1024 * 1024);
        if place >= carried::FILES || bytes.len() > carried::FILE_BYTES {
            left_out.push_str(&format!("\n[{}: {mib} MiB, not kept]", bounded(&name, limits::FILE_NAME_CHARS)));
            continue;
        }
        let content_id = content_id.map(|id| bounded_name(&id));
        kept.push(uploads::take_from_channel(app, from.inbox_id, &name, content_id, bytes).await?.id);
    }
    Ok((kept, left_out))
}

/// What taking needs in the transaction.
pub(super) struct Edge<'a> {
    pub from: &'a Setup,
    pub random: &'a Random,
    pub now: UnixMs,
    pub reply_key: &'a ReplyKey,
    /// Names of messages of ours of which something was told here.
    pub told: HashSet<String>,
    /// Something waits to go out.
    pub queued: bool,
    /// Something came that is no word about what went out: by that alone nobody could tell that customers are not heard.
    pub received: bool,
}

impl<'a> Edge<'a> {
    pub fn new(from: &'a Setup, random: &'a Random, now: UnixMs, reply_key: &'a ReplyKey) -> Self {
        Self { from, random, now, reply_key, told: HashSet::new(), queued: false, received: false }
    }

    async fn take(&mut self, tx: &mut Tx, ready: Ready) -> Result<Taken, CommandError> {
        let Ready { key, item, files } = ready;
        let id = MessageId(self.random.ulid(self.now));
        let claimed = claim(tx, Scope::Inbox(self.from.inbox_id), &key, &id.to_string(), self.now).await?;
        if let Claim::Taken { .. } = claimed {
            return Ok(Taken::Again);
        }
        let new = Placing { id, key, said_at: item.at };
        self.received |= !matches!(item.what, Happened::Progress(_));
        match item.what {
            Happened::Message(message) => self.take_message(tx, new, *message, files).await,
            Happened::Part { whole, message } => self.take_part(tx, new, whole, *message, files).await,
            Happened::Consent { from, consent } => self.take_consent(tx, &from, consent, item.at).await,
            Happened::Edited { reference, text } => {
                let Some(known) = references::load_message(tx, self.from.inbox_id, &bounded_name(&reference)).await?
                else {
                    return Ok(Taken::Ignored);
                };
                messages::edit(tx, &known, bounded_text(text).0, self.now).await?;
                Ok(Taken::New)
            }
            Happened::Deleted { reference } => {
                let Some(known) = references::load_message(tx, self.from.inbox_id, &bounded_name(&reference)).await?
                else {
                    return Ok(Taken::Ignored);
                };
                messages::delete_text(tx, &known, self.now).await?;
                Ok(Taken::New)
            }
            Happened::Progress(progress) => self.take_progress(tx, progress).await,
        }
    }
}
