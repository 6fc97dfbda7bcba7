//! What was sent before: the key of each message is claimed, and one that is taken stands for what came of the first.
//!
//! The first one's answer is given by the rights of now, and to the same message only.

use std::collections::{HashMap, HashSet};

use switchboard_domain::thread::Thread;
use switchboard_protocol::model::{MailAddress, Message, MessageKind, MessageMail};
use switchboard_protocol::{ConversationId, Position};

use super::run::Answer;
use super::senders::Senders;
use super::{Append, AppendedAt};
use crate::edge_keys::{self, Claimed, Key, Scope};
use crate::error::{AppendError, ChangeError, ReadError};
use crate::row::without_nul;
use crate::writer::Tx;
use crate::{messages, moving};

/// What stands for each append when the keys are claimed.
#[derive(Clone)]
pub(super) enum Standing {
    /// To be decided.
    Fresh,
    /// Sent before. None: deleted forever since.
    Repeated(Option<Box<First>>),
}

/// The message as it is now, and where it stands.
#[derive(Clone)]
pub(super) struct First {
    message: Message,
    position: Position,
    /// It stood where this append would have put it, and was moved since.
    moved: bool,
}

impl Standing {
    /// Where the message of a repeat stands.
    pub fn conversation(&self) -> Option<ConversationId> {
        match self {
            Self::Repeated(Some(first)) => Some(first.message.conversation_id),
            Self::Repeated(None) | Self::Fresh => None,
        }
    }
}

fn key(append: &Append) -> Option<Key> {
    let name = without_nul(append.message.client_id.clone()?);
    Some(Key { scope: append.sender.scope(), name, target: append.message.id.to_string(), at: append.message.at })
}

/// Whether it was sent before.
pub(super) async fn is_one(tx: &mut Tx, append: &Append) -> Result<bool, ReadError> {
    match key(append) {
        Some(key) => edge_keys::is_taken(tx, key.scope, &key.name).await,
        None => Ok(false),
    }
}

/// How many of these come before one with the key of one of them: that one is a repeat only if the first is not refused.
pub(super) fn without_repeats(appends: &[&Append]) -> usize {
    let mut keys = HashSet::new();
    let fresh = |append: &&&Append| key(append).is_none_or(|key| keys.insert((key.scope, key.name)));
    appends.iter().take_while(fresh).count()
}

/// Claims the key of each append that has one, each another. What is taken was sent before: its message is read again.
pub(super) async fn claim(tx: &mut Tx, appends: &[&Append]) -> Result<Vec<Standing>, AppendError> {
    let mut standing = vec![Standing::Fresh; appends.len()];
    let mut places: HashMap<(Scope, String), usize> = HashMap::new();
    let mut keys = Vec::new();
    for (index, key) in appends.iter().enumerate().filter_map(|(index, append)| Some((index, key(append)?))) {
        places.insert((key.scope, key.name.clone()), index);
        keys.push(key);
    }
    let Claimed { taken } = edge_keys::claim_all(tx, &keys).await?;
    if taken.is_empty() {
        return Ok(standing);
    }
    let ids = taken.iter().map(|key| key.target.as_str());
    let before = messages::load_placed(tx, ids).await?;
    for key in taken {
        let Some(index) = places.get(&(key.scope, key.name)) else { continue };
        let Some((message, position)) = before.get(&key.target).cloned() else {
            standing[*index] = Standing::Repeated(None);
            continue;
        };
        let wanted = appends[*index].conversation_id;
        let moved = message.conversation_id != wanted && moving::stood_in(tx, message.id, wanted).await?;
        standing[*index] = Standing::Repeated(Some(Box::new(First { message, position, moved })));
    }
    Ok(standing)
}

/// Lets go of the keys of messages that were refused.
pub(super) async fn give_back(tx: &mut Tx, refused: impl Iterator<Item = &Append>) -> Result<(), ChangeError> {
    let keys: Vec<_> = refused.filter_map(key).collect();
    edge_keys::give_back(tx, &keys).await
}

/// What `append` hears if this message has its key.
pub(super) fn answer(
    append: &Append,
    senders: &Senders,
    threads: &HashMap<ConversationId, Thread>,
    first: &First,
) -> Answer {
    let First { message, position, moved } = first;
    senders.may_write_in(&append.sender, threads.get(&message.conversation_id))?;
    if !is_same(append, message, *moved) {
        return Err(AppendError::KeyReused);
    }
    Ok(AppendedAt { message: message.clone(), position: *position, repeated: true })
}

/// Whether the message is what this append would have made. A visitor's page may not have known the conversation when it
/// sent it first, and a text that was changed since says nothing of what was sent.
fn is_same(append: &Append, message: &Message, moved: bool) -> bool {
    let new = &append.message;
    let changed = message.edited_at.is_some() || message.deleted_at.is_some();
    let files = message.attachments.iter().map(|file| &file.id);
    new.kind == message.kind
        && (moved || new.kind == MessageKind::In || append.conversation_id == message.conversation_id)
        && (moved || new.answers == message.answers)
        && new.mentions == message.mentions
        && (new.kind == MessageKind::In || asked(new.mail.as_deref()) == asked(message.mail.as_deref()))
        && (changed || (without_nul(new.text.clone()) == message.text && files.eq(&append.attachment_ids)))
}

/// What of a mail its writer asks for: subject, to whom, copies, where answers go, and whether it is formatted.
fn asked(mail: Option<&MessageMail>) -> (&str, [&[MailAddress]; 3], Option<&str>, bool) {
    mail.map_or(("", [&[]; 3], None, false), |mail| {
        (&mail.subject, [&mail.to, &mail.cc, &mail.bcc], mail.reply_to.as_deref(), mail.html)
    })
}
