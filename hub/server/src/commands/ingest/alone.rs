//! What cannot be committed together is taken one by one, and what cannot be committed at all without its content.
//!
//! That it is the message and not the store says the store itself ([`CommandError::is_of_the_values`]): a database that is
//! away, full or slow makes everything wait, and nothing is lost by it.

use std::sync::Arc;

use switchboard_connector::{Happened, Incoming, IncomingMessage, MailHead, Origin, Person, Taken, Thread};
use switchboard_store::channels::Setup;

use super::{Ready, commit};
use crate::app::App;
use crate::error::CommandError;

/// What agents read in the place of what could not be kept.
const NOT_KEPT: &str = "This message could not be kept: its content cannot be stored. Look for it where it came in, or ask \
    its sender for it again.";

/// Each by itself, after all of them together have failed for this reason.
pub(super) async fn take_each(
    app: &App,
    from: &Arc<Setup>,
    chunk: Vec<Ready>,
    error: CommandError,
) -> Result<Vec<Taken>, CommandError> {
    if !error.is_of_the_values() {
        return Err(error);
    }
    let mut taken = Vec::with_capacity(chunk.len());
    for one in chunk {
        taken.push(take_one(app, from, one).await?);
    }
    Ok(taken)
}

async fn take_one(app: &App, from: &Arc<Setup>, one: Ready) -> Result<Taken, CommandError> {
    let mut error = match commit_one(app, from, one.clone()).await {
        Ok(taken) => return Ok(taken),
        Err(error) => error,
    };
    for bare in [without_content(&one), of_nobody(&one)] {
        if !error.is_of_the_values() {
            return Err(error);
        }
        tracing::error!(%error, key = one.key, inbox = %from.inbox_id, "what came in cannot be kept as it is");
        metrics::counter!("switchboard_channel_not_kept_total", "channel" => from.channel.as_str()).increment(1);
        let Some(bare) = bare else { return Ok(Taken::Ignored) };
        match commit_one(app, from, bare).await {
            Ok(taken) => return Ok(taken),
            Err(next) => error = next,
        }
    }
    Err(error)
}

async fn commit_one(app: &App, from: &Arc<Setup>, one: Ready) -> Result<Taken, CommandError> {
    let taken = commit(app, from, vec![one]).await?;
    Ok(taken.into_iter().next().unwrap_or(Taken::Ignored))
}

/// That it came, and from whom. What is no message and cannot be kept is let go.
fn without_content(one: &Ready) -> Option<Ready> {
    let (Happened::Message(message) | Happened::Part { message, .. }) = &one.item.what else { return None };
    let mail = message.mail.as_ref().map(|head| bare_head(head.subject.clone()));
    Some(bare(one, IncomingMessage { mail, ..empty(message, message.from.clone()) }))
}

/// The same of one whose sender cannot be kept either.
fn of_nobody(one: &Ready) -> Option<Ready> {
    let (Happened::Message(message) | Happened::Part { message, .. }) = &one.item.what else { return None };
    let nobody = Person { key: "unknown".to_owned(), address: None, name: None, language: None };
    let mail = message.mail.as_ref().map(|_| bare_head(String::new()));
    Some(bare(one, IncomingMessage { mail, ..empty(message, nobody) }))
}

fn bare(one: &Ready, message: IncomingMessage) -> Ready {
    let item = Incoming { key: one.item.key.clone(), at: one.item.at, what: Happened::Message(Box::new(message)) };
    Ready { key: one.key.clone(), item, files: Vec::new() }
}

fn bare_head(subject: String) -> MailHead {
    MailHead { subject, to: Vec::new(), cc: Vec::new(), reply_to: None, references: Vec::new() }
}

/// A message of this person that stands where `message` would have, if only its sender decides about that.
fn empty(message: &IncomingMessage, from: Person) -> IncomingMessage {
    IncomingMessage {
        from,
        text: NOT_KEPT.to_owned(),
        whole_text: None,
        html: None,
        files: Vec::new(),
        references: Vec::new(),
        answers: None,
        quote: None,
        thread: match &message.thread {
            Thread::Person => Thread::Person,
            Thread::References { .. } => Thread::References { reply_tokens: Vec::new(), references: Vec::new() },
        },
        automatic: message.automatic,
        mail: None,
        consent: message.consent,
        origin: Origin::default(),
    }
}
