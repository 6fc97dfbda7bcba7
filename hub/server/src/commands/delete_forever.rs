//! Conversations are deleted forever, out of the trash and the spam: by owners and admins. Everybody else has the trash itself,
//! and takes back what was put there by mistake.

use std::collections::{BTreeSet, HashSet};

use switchboard_domain::Visibility;
use switchboard_protocol::bulk::{NotRemoved, NotRemovedReason, RemovedConversations};
use switchboard_protocol::error::{ApiError, ErrorCode};
use switchboard_protocol::model::Place;
use switchboard_protocol::{AttachmentId, ConversationId, UnixMs, limits};
use switchboard_store::{attachments, conversations, deleting};

use crate::app::{App, Unasked};
use crate::caller::{Manage, May};
use crate::error::CommandError;

/// Deleted in one transaction. All hubs wait for it, and whatever hangs on a conversation goes with it.
const DELETED_AT_ONCE: usize = 50;

/// Deletes them. What lies somewhere else, and what the caller does not see, is named and left.
pub async fn many(app: &App, by: &May<Manage>, ids: Vec<ConversationId>) -> Result<RemovedConversations, CommandError> {
    if ids.len() > limits::BULK {
        let sentence = format!("At most {} conversations at once.", limits::BULK);
        return Err(ApiError::field("ids", "too_many", sentence).into());
    }
    let ids: Vec<_> = ids.into_iter().collect::<BTreeSet<_>>().into_iter().collect();
    let mut all = RemovedConversations { removed: Vec::new(), refused: Vec::new(), more: false };
    for some in ids.chunks(DELETED_AT_ONCE) {
        let done = part(app, by, some.to_vec()).await?;
        all.removed.extend(done.removed);
        all.refused.extend(done.refused);
    }
    // Those that are not there before those that lie elsewhere.
    all.refused.sort_by_key(|refused| refused.why != NotRemovedReason::NotFound);
    Ok(all)
}

/// As many as one transaction may take.
async fn part(app: &App, by: &May<Manage>, ids: Vec<ConversationId>) -> Result<RemovedConversations, CommandError> {
    let (now, visibility) = (app.clock.now(), by.visibility.clone());
    let written = app.write_as(by, move |tx| {
        Box::pin(async move {
            let threads = conversations::load_many(tx, &visibility, &ids).await?;
            let seen: HashSet<_> = threads.iter().map(|thread| thread.conversation.id).collect();
            let (lying, elsewhere): (Vec<_>, Vec<_>) = threads
                .into_iter()
                .map(|thread| thread.conversation)
                // What was merged is part of another case, wherever it lay.
                .partition(|row| matches!(row.place, Place::Trash | Place::Spam) && row.merged_into.is_none());
            let refused = |conversation_id, why| NotRemoved { conversation_id, why };
            let unseen = ids.iter().filter(|id| !seen.contains(id));
            let done = RemovedConversations {
                removed: lying.iter().map(|row| row.id).collect(),
                refused: unseen
                    .map(|id| refused(*id, NotRemovedReason::NotFound))
                    .chain(elsewhere.iter().map(|row| refused(row.id, NotRemovedReason::NotInTrash)))
                    .collect(),
                more: false,
            };
            Ok((done, deleting::conversations(tx, lying, now).await?))
        })
    });
    let (done, files) = written.await?.value;
    remove_bytes(app, files).await;
    Ok(done)
}

/// Deletes one.
pub async fn one(app: &App, by: &May<Manage>, id: ConversationId) -> Result<(), CommandError> {
    match many(app, by, vec![id]).await?.refused.first().map(|refused| refused.why) {
        None => Ok(()),
        Some(NotRemovedReason::NotFound) => Err(CommandError::not_found("conversation")),
        Some(NotRemovedReason::NotInTrash) => {
            let sentence = "Only what lies in the trash or in the spam can be deleted forever. Move it there first.";
            Err(ApiError::new(ErrorCode::Conflict, sentence).into())
        }
    }
}

/// Deletes what lies in a folder, as far as the caller sees it: at most [`limits::BULK`] at a time.
pub async fn all(app: &App, by: &May<Manage>, place: Place) -> Result<RemovedConversations, CommandError> {
    if !matches!(place, Place::Trash | Place::Spam) {
        return Err(ApiError::field("folder", "invalid", "Only the trash and the spam can be emptied.").into());
    }
    let mut all = RemovedConversations { removed: Vec::new(), refused: Vec::new(), more: true };
    while all.more && all.removed.len() < limits::BULK {
        match part_of(app, by, place).await {
            Ok(done) => {
                all.more = done.more;
                all.removed.extend(done.removed);
            }
            // What went before has gone: whoever asks for the rest hears what is wrong.
            Err(_) if !all.removed.is_empty() => return Ok(all),
            Err(error) => return Err(error),
        }
    }
    Ok(all)
}

/// As many of a folder as one transaction may take.
async fn part_of(app: &App, by: &May<Manage>, place: Place) -> Result<RemovedConversations, CommandError> {
    let (now, visibility) = (app.clock.now(), by.visibility.clone());
    let written = app.write_as(by, move |tx| {
        Box::pin(async move {
            let ids = deleting::lying_in(tx, &visibility, place, DELETED_AT_ONCE).await?;
            let lying = conversations::load_many(tx, &visibility, &ids).await?;
            let lying = lying.into_iter().map(|thread| thread.conversation).collect();
            let files = deleting::conversations(tx, lying, now).await?;
            let more = ids.len() == DELETED_AT_ONCE;
            Ok((RemovedConversations { removed: ids, refused: Vec::new(), more }, files))
        })
    });
    let (done, files) = written.await?.value;
    remove_bytes(app, files).await;
    Ok(done)
}

/// What deletes by itself what has lain in a folder since then, as a person would.
pub struct Old {
    place: Place,
    since: UnixMs,
    /// What cannot be deleted. It keeps no other from going.
    stuck: Vec<ConversationId>,
}

impl Old {
    pub const fn lying_in(place: Place, since: UnixMs) -> Self {
        Self { place, since, stuck: Vec::new() }
    }

    /// Deletes at most [`DELETED_AT_ONCE`]; if one of them cannot be deleted, the others. Whether there may be more.
    pub async fn some(&mut self, app: &App) -> Result<bool, CommandError> {
        if let Ok(found) = self.delete(app, DELETED_AT_ONCE).await {
            return Ok(found == DELETED_AT_ONCE);
        }
        for _ in 0..DELETED_AT_ONCE {
            match self.delete(app, 1).await {
                Ok(0) => return Ok(false),
                Ok(_) => {}
                Err(error) => {
                    let Some(id) = self.first(app).await? else { return Err(error) };
                    tracing::error!(%error, conversation = %id, "it has lain long enough and cannot be deleted; it stays");
                    self.stuck.push(id);
                }
            }
            if self.stuck.len() > DELETED_AT_ONCE {
                // Not these conversations are at fault, then.
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// How many there were.
    async fn delete(&self, app: &App, most: usize) -> Result<usize, CommandError> {
        let now = app.clock.now();
        let (place, since, stuck) = (self.place, self.since, self.stuck.clone());
        let written = app.write_unasked(Unasked::Hub, move |tx| {
            Box::pin(async move {
                // Found and deleted in one transaction: what somebody puts back in between is not found.
                let ids = deleting::lying_since(tx, place, since, &stuck, most).await?;
                let lying = conversations::load_many(tx, &Visibility::All, &ids).await?;
                let lying = lying.into_iter().map(|thread| thread.conversation).collect();
                Ok((ids.len(), deleting::conversations(tx, lying, now).await?))
            })
        });
        let (found, files) = written.await?.value;
        remove_bytes(app, files).await;
        Ok(found)
    }

    async fn first(&self, app: &App) -> Result<Option<ConversationId>, CommandError> {
        let (place, since, stuck) = (self.place, self.since, self.stuck.clone());
        let found = app.write_unasked(Unasked::Hub, move |tx| {
            Box::pin(async move { Ok(deleting::lying_since(tx, place, since, &stuck, 1).await?.first().copied()) })
        });
        Ok(found.await?.value)
    }
}

/// At once, behind the commit. What cannot be removed now goes with the next old uploads.
pub(crate) async fn remove_bytes(app: &App, files: Vec<AttachmentId>) {
    let mut gone = Vec::with_capacity(files.len());
    for id in files {
        match app.files.discard(id).await {
            Ok(()) => gone.push(id),
            Err(error) => tracing::warn!(%error, %id, "a deleted file still lies on the disk; it is tried again"),
        }
    }
    if gone.is_empty() {
        return;
    }
    let ended =
        app.write_unasked(Unasked::Hub, move |tx| Box::pin(async move { Ok(attachments::end(tx, &gone).await?) }));
    if let Err(error) = ended.await {
        tracing::warn!(%error, "that deleted files are gone could not be noted; it is looked at again");
    }
}
