//! IMAP in (RFC 3501, RFC 2177): folders are read from where they were left, then watched. Nothing is marked, moved or
//! deleted: the mailbox stays its owner's.
//!
//! The place in a folder is `uidvalidity:uid`. When the server has given its mails new numbers, the folder is read anew;
//! the mails' own keys make that harmless.

mod session;

use std::time::Duration;

use async_imap::imap_proto::{AttributeValue, Response};
use bytes::Bytes;
use futures_util::future::join_all;
use mail_parser::DateTime;
use switchboard_connector::{Edge, Incoming, NotTaken, Secret, Trouble};
use switchboard_protocol::channels::MailServer;

use crate::limits::MAIL_BYTES;
use crate::mailbox::with_our_tokens;
use crate::net::Net;
use crate::parse::{HEAD_BYTES, read, too_large, unfetched};
use session::{ImapSession, open};

/// Mails fetched, read and committed together.
const CHUNK_MAILS: usize = 50;
/// Their bytes; one larger mail goes alone.
const CHUNK_BYTES: u64 = 16 * 1024 * 1024;
/// Between two looks at folders that are not watched.
const POLL: Duration = Duration::from_secs(30);
/// A watch is begun anew: servers end it after 30 minutes (RFC 2177), routers forget a silent connection earlier.
const IDLE_RENEWED: Duration = Duration::from_secs(9 * 60);

/// Where and as whom.
#[derive(Clone, Copy)]
pub(crate) struct Account<'a> {
    pub net: &'a Net,
    pub server: &'a MailServer,
    pub password: &'a Secret,
    /// Empty: `INBOX`.
    pub folders: &'a [String],
    /// The mailbox's address.
    pub ours: &'a str,
}

impl Account<'_> {
    fn folders(&self) -> Vec<&str> {
        if self.folders.is_empty() { vec!["INBOX"] } else { self.folders.iter().map(|folder| folder.trim()).collect() }
    }
}

/// How many mails there are, in words.
pub(crate) async fn check(account: &Account<'_>) -> Result<String, Trouble> {
    let mut session = open(account).await?;
    let mut counts = Vec::new();
    for folder in account.folders() {
        let opened = session.examine(folder).await?;
        counts.push(format!("{} mails in {folder}", grouped(opened.exists)));
    }
    session.logout().await;
    Ok(counts.join(", "))
}

/// Reads until there is trouble.
pub(crate) async fn receive(account: &Account<'_>, edge: &dyn Edge) -> Result<(), Trouble> {
    let mut session = open(account).await?;
    let folders = account.folders();
    let mut caught_up = false;
    loop {
        // The watched folder last, so that it is the one that is open.
        for folder in folders.iter().rev() {
            catch_up(&mut session, account, edge, folder).await?;
        }
        if !std::mem::replace(&mut caught_up, true) {
            edge.receiving();
        }
        let limit = if folders.len() > 1 { POLL } else { IDLE_RENEWED };
        if session.can_idle {
            session = session.idle(limit).await?;
        } else {
            tokio::time::sleep(POLL).await;
        }
    }
}

/// Takes all that is new in a folder.
async fn catch_up(
    session: &mut ImapSession,
    account: &Account<'_>,
    edge: &dyn Edge,
    folder: &str,
) -> Result<(), Trouble> {
    let opened = session.examine(folder).await?;
    // Without it the server numbers its mails anew each time; the keys still make each of them one.
    let validity = opened.uid_validity.unwrap_or_default();
    let kept = edge.cursor(folder).await.map_err(not_taken)?;
    let mut last = kept.as_deref().and_then(|place| uid_of(place, validity)).unwrap_or_default();
    loop {
        session.forget_news();
        let uids = session.uids_after(last).await?;
        if uids.is_empty() {
            // What came while the server searched it told beside the result.
            if session.has_news() {
                continue;
            }
            return Ok(());
        }
        for group in uids.chunks(CHUNK_MAILS) {
            let sizes = sizes(session, group).await?;
            for chunk in by_bytes(&sizes) {
                let items = fetch(session, account, folder, chunk).await?;
                edge.take(with_our_tokens(items, edge)).await.map_err(not_taken)?;
                keep(edge, folder, validity, chunk.last().map_or(last, |mail| mail.uid)).await?;
            }
            // Those of the group that were deleted meanwhile are passed as well.
            last = group.last().copied().unwrap_or(last);
            keep(edge, folder, validity, last).await?;
        }
    }
}

async fn keep(edge: &dyn Edge, folder: &str, validity: u32, uid: u32) -> Result<(), Trouble> {
    edge.keep_cursor(folder, &format!("{validity}:{uid}")).await.map_err(not_taken)
}

/// The UID of a place, if the server still counts as it did.
fn uid_of(place: &str, validity: u32) -> Option<u32> {
    let (kept, uid) = place.split_once(':')?;
    (kept.parse() == Ok(validity)).then(|| uid.parse().ok()).flatten()
}

/// A mail that is to be fetched.
struct Waiting {
    uid: u32,
    bytes: u64,
    at: Option<i64>,
}

async fn sizes(session: &mut ImapSession, uids: &[u32]) -> Result<Vec<Waiting>, Trouble> {
    // What the server does not tell of is asked for all the same: it may be there.
    let mut waiting: Vec<Waiting> = uids.iter().map(|uid| Waiting { uid: *uid, bytes: 0, at: None }).collect();
    let command = format!("UID FETCH {} (UID RFC822.SIZE INTERNALDATE)", set(uids.iter().copied()));
    session
        .ask(&command, |answer| {
            let Response::Fetch(_, values) = answer else { return };
            let Some(mail) = waiting.iter_mut().find(|mail| Some(mail.uid) == uid_among(values)) else { return };
            for value in values {
                match value {
                    AttributeValue::Rfc822Size(bytes) => mail.bytes = u64::from(*bytes),
                    AttributeValue::InternalDate(date) => mail.at = unix_ms(date),
                    _ => {}
                }
            }
        })
        .await?;
    Ok(waiting)
}

fn uid_among(values: &[AttributeValue<'_>]) -> Option<u32> {
    values.iter().find_map(|value| if let AttributeValue::Uid(uid) = value { Some(*uid) } else { None })
}

/// `17-Jul-1996 02:44:25 -0700`.
fn unix_ms(date: &str) -> Option<i64> {
    let date = DateTime::parse_rfc822(&date.trim().replacen('-', " ", 2))?;
    date.is_valid().then(|| date.to_timestamp() * 1000)
}

/// Runs that are fetched at once: bounded by bytes, and one that is too large to be read is alone.
fn by_bytes(waiting: &[Waiting]) -> impl Iterator<Item = &[Waiting]> {
    let mut rest = waiting;
    std::iter::from_fn(move || {
        let first = rest.first()?;
        let mut bytes = first.bytes;
        let mut count = 1;
        while let Some(next) = rest.get(count).filter(|next| !is_too_large(first) && !is_too_large(next)) {
            bytes = bytes.saturating_add(next.bytes);
            if bytes > CHUNK_BYTES {
                break;
            }
            count += 1;
        }
        let (chunk, after) = rest.split_at(count);
        rest = after;
        Some(chunk)
    })
}

fn is_too_large(mail: &Waiting) -> bool {
    mail.bytes > MAIL_BYTES as u64
}

/// What these mails tell, in their order.
async fn fetch(
    session: &mut ImapSession,
    account: &Account<'_>,
    folder: &str,
    chunk: &[Waiting],
) -> Result<Vec<Incoming>, Trouble> {
    let large = chunk.iter().any(is_too_large);
    let mut found = Vec::with_capacity(chunk.len());
    for (mail, body) in chunk.iter().zip(bodies(session, chunk, large).await?) {
        let body = match body {
            // One that the server cannot give makes some refuse all that were asked for with it.
            None if chunk.len() > 1 => bodies(session, std::slice::from_ref(mail), large).await?.pop().flatten(),
            body => body,
        };
        if body.is_some() || session.exists(mail.uid).await? {
            found.push((mail, body));
        }
    }
    let reading = found.into_iter().map(|(mail, body)| {
        let (ours, folder) = (account.ours.to_owned(), folder.to_owned());
        let Waiting { uid, bytes, at } = *mail;
        tokio::task::spawn_blocking(move || match body {
            None => unfetched(&folder, uid, at),
            Some(body) if large => too_large(&body, bytes, &ours, at),
            Some(body) => read(&body, &ours, at),
        })
    });
    let mut items = Vec::new();
    for told in join_all(reading).await {
        items.extend(told.map_err(|_| Trouble::away("The hub is stopping."))?);
    }
    Ok(items)
}

/// The bytes of these mails, or the beginnings of those that are too large; none of one that the server did not give.
async fn bodies(session: &mut ImapSession, chunk: &[Waiting], large: bool) -> Result<Vec<Option<Bytes>>, Trouble> {
    let what = if large { format!("BODY.PEEK[]<0.{HEAD_BYTES}>") } else { "BODY.PEEK[]".to_owned() };
    let command = format!("UID FETCH {} (UID {what})", set(chunk.iter().map(|mail| mail.uid)));
    let mut bodies = vec![None; chunk.len()];
    session
        .ask(&command, |answer| {
            let Response::Fetch(_, values) = answer else { return };
            let place = chunk.iter().position(|mail| Some(mail.uid) == uid_among(values));
            let body = values.iter().find_map(|value| match value {
                AttributeValue::BodySection { section: None, data: Some(data), .. } => Some(data),
                _ => None,
            });
            if let (Some(place), Some(body)) = (place, body) {
                bodies[place] = Some(Bytes::copy_from_slice(body));
            }
        })
        .await?;
    Ok(bodies)
}

/// `3:5,8`.
fn set(uids: impl Iterator<Item = u32>) -> String {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for uid in uids {
        match runs.last_mut() {
            Some((_, end)) if *end + 1 == uid => *end = uid,
            _ => runs.push((uid, uid)),
        }
    }
    let words = runs.into_iter().map(|(from, to)| if from == to { from.to_string() } else { format!("{from}:{to}") });
    words.collect::<Vec<_>>().join(",")
}

fn silent() -> Trouble {
    Trouble::away("The mail server does not answer.")
}

fn not_taken(error: NotTaken) -> Trouble {
    Trouble::away(error.to_string())
}

/// `1,204`.
fn grouped(number: u32) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().map(|group| std::str::from_utf8(group).unwrap_or_default()).collect();
    groups.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waiting(bytes: &[u64]) -> Vec<Waiting> {
        (1..).zip(bytes).map(|(uid, bytes)| Waiting { uid, bytes: *bytes, at: None }).collect()
    }

    #[test]
    fn chunks_are_bounded_and_what_is_too_large_is_alone() {
        let large = MAIL_BYTES as u64 + 1;
        let mails = waiting(&[1, 2, CHUNK_BYTES, large, 1, 1, large, CHUNK_BYTES + 5]);
        let runs: Vec<Vec<u32>> = by_bytes(&mails).map(|chunk| chunk.iter().map(|mail| mail.uid).collect()).collect();
        assert_eq!(runs, [vec![1, 2], vec![3], vec![4], vec![5, 6], vec![7], vec![8]]);
    }

    #[test]
    fn small_words() {
        assert_eq!(set([3, 4, 5, 8, 10, 11].into_iter()), "3:5,8,10:11");
        assert_eq!(
            (grouped(7), grouped(1204), grouped(1_234_567)),
            ("7".to_owned(), "1,204".to_owned(), "1,234,567".to_owned())
        );
        assert_eq!((uid_of("5:17", 5), uid_of("4:17", 5), uid_of("x", 5)), (Some(17), None, None));
    }
}
