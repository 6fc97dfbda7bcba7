//! Takes a file in. It waits for the message that names it; only who sent it up can put it into one.

use std::convert::Infallible;

use bytes::Bytes;
use futures_util::Stream;
use switchboard_protocol::model::Attachment;
use switchboard_protocol::{AgentId, AttachmentId, BotId, IdentityId, InboxId, limits};
use switchboard_store::attachments::{self, Uploader};

use crate::app::{App, Unasked};
use crate::attachments::going::Party;
use crate::caller::Origin;
use crate::error::CommandError;
use crate::limits::{UNNAMED_BYTES, UNNAMED_FILES};

/// Who sends a file up by themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Person {
    Agent(AgentId),
    Visitor(IdentityId),
    /// By the contact form of this inbox.
    Form(InboxId),
}

/// Takes a file that somebody sends up, if they may have so many under way and the disk has room for strangers' files.
pub async fn take<E>(
    app: &App,
    by: Person,
    from: &Origin,
    name: &str,
    body: impl Stream<Item = Result<Bytes, E>> + Unpin,
) -> Result<Attachment, CommandError> {
    let limits = &app.config.limits;
    match by {
        Person::Agent(id) => {
            app.limit(&format!("uploads:{id}"), limits.uploads_per_person).await?;
            keep(app, Uploader::Agent(id), Party::Agent(id), name, None, body).await
        }
        Person::Visitor(id) => {
            let network = from.network();
            app.limit(&format!("uploads-from:{network}"), limits.visitor_uploads_per_address).await?;
            app.limit(&format!("uploads:{id}"), limits.uploads_per_person).await?;
            leaves_room(app)?;
            keep(app, Uploader::Identity(id), Party::Visitors(network), name, None, body).await
        }
        Person::Form(id) => {
            let network = from.network();
            app.limit(&format!("uploads-from:{network}"), limits.visitor_uploads_per_address).await?;
            leaves_room(app)?;
            keep(app, Uploader::Inbox(id), Party::Visitors(network), name, None, body).await
        }
    }
}

/// Strangers may not fill the disk: what they send can be named in messages and is then kept.
pub(super) fn leaves_room(app: &App) -> Result<(), CommandError> {
    let leave_free = app.config.limits.visitor_uploads_leave_free;
    if app.files.free_mib()? < leave_free { Err(CommandError::NoRoom { leave_free }) } else { Ok(()) }
}

/// Takes a file that has come in by an inbox's channel; the message that it is with names it at once.
pub async fn take_from_channel(
    app: &App,
    inbox_id: InboxId,
    name: &str,
    content_id: Option<String>,
    bytes: Bytes,
) -> Result<Attachment, CommandError> {
    let body = futures_util::stream::iter([Ok::<_, Infallible>(bytes)]);
    keep(app, Uploader::Inbox(inbox_id), Party::Channel(inbox_id), name, content_id, body).await
}

/// Takes a file that the hub has already once more, for a message of this person's.
pub(super) async fn copy_for_agent(
    app: &App,
    by: AgentId,
    name: &str,
    bytes: Bytes,
) -> Result<Attachment, CommandError> {
    app.limit(&format!("uploads:{by}"), app.config.limits.uploads_per_person).await?;
    let body = futures_util::stream::iter([Ok::<_, Infallible>(bytes)]);
    keep(app, Uploader::Agent(by), Party::Agent(by), name, None, body).await
}

/// Takes a file that a bot sends with a message.
pub async fn take_from_bot(app: &App, bot: BotId, name: &str, bytes: Bytes) -> Result<Attachment, CommandError> {
    app.limit(&format!("uploads:{bot}"), app.config.limits.uploads_per_person).await?;
    let body = futures_util::stream::iter([Ok::<_, Infallible>(bytes)]);
    keep(app, Uploader::Bot(bot), Party::Bot(bot), name, None, body).await
}

/// Notes in the store that an upload begins, streams it to disk, notes what it is. Wherever this breaks off, the upkeep
/// finds the upload a day later and removes what is there of it.
async fn keep<E>(
    app: &App,
    by: Uploader,
    party: Party,
    name: &str,
    content_id: Option<String>,
    body: impl Stream<Item = Result<Bytes, E>> + Unpin,
) -> Result<Attachment, CommandError> {
    let now = app.clock.now();
    let id = AttachmentId(app.random.ulid(now));
    let name = file_name(name);
    app.write_unasked(Unasked::Upload, move |tx| Box::pin(async move { Ok(attachments::begin(tx, id, now).await?) }))
        .await?;
    let taken = app.files.take(party, id, &name, body).await?;
    let kind = taken.kind;
    let attachment = Attachment { id, name, media_type: kind.media_type, bytes: taken.bytes, picture: kind.picture };
    let row = attachment.clone();
    let kept = app.write_unasked(Unasked::Upload, move |tx| {
        Box::pin(async move {
            // Nor with files that nobody names; the team goes on sending.
            if matches!(party, Party::Visitors(_)) {
                let lying = attachments::unnamed(tx, UNNAMED_FILES).await?;
                if lying.files >= UNNAMED_FILES || lying.bytes + row.bytes > UNNAMED_BYTES {
                    return Err(CommandError::Overloaded);
                }
            }
            Ok(attachments::insert_inline(tx, &row, content_id.as_deref(), by, now).await?)
        })
    });
    if let Err(error) = kept.await {
        if let Err(cause) = app.files.discard(id).await {
            tracing::warn!(error = %cause, %id, "a file that was refused lies on disk for another day");
        }
        return Err(error);
    }
    metrics::counter!("switchboard_uploads_total").increment(1);
    Ok(attachment)
}

/// The last part of what the sender calls it, without what a file system or a terminal could trip over.
fn file_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    // Marks that turn the direction of writing make `gpj.exe` look like `exe.jpg`.
    let turns = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let clean: String = last.chars().filter(|c| !c.is_control() && !turns(*c)).take(limits::FILE_NAME_CHARS).collect();
    let clean = clean.trim().trim_start_matches('.');
    if clean.is_empty() { "file".to_owned() } else { clean.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::file_name;

    #[test]
    fn names_are_only_names() {
        assert_eq!(file_name("../../etc/passwd"), "passwd");
        assert_eq!(file_name("C:\\a\\b.png"), "b.png");
        assert_eq!(file_name("a\u{202e}gpj.exe"), "agpj.exe");
        assert_eq!(file_name("\0\n"), "file");
        assert_eq!(file_name("résumé 1.pdf"), "résumé 1.pdf");
    }
}
