//! IMAP in (RFC 3501, RFC 2177): folders are read from where they were left, then watched. Nothing is marked, moved or
//! deleted: the mailbox stays its owner's.
//!
//! At the very first look all that is there is history: reading begins behind it, or with the mails since a day that the
//! settings name. When the server has given its mails new numbers, it goes on a day before the newest that was read; the
//! mails' own keys make it harmless to read some of them again.

mod place;
mod session;

use std::time::Duration;

use async_imap::imap_proto::{AttributeValue, Response};
use async_imap::types::Mailbox as Opened;
use bytes::Bytes;
use futures_util::future::join_all;
use mail_parser::DateTime;
use switchboard_connector::{Edge, Incoming, NotTaken, Secret, Trouble};
use switchboard_protocol::channels::MailServer;

use crate::apart::apart;
use crate::limits::MAIL_BYTES;
use crate::mailbox::with_our_tokens;
use crate::net::Net;
use crate::parse::{HEAD_BYTES, read, too_large, unfetched};
use place::Place;
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
    /// `2026-02-01`: of what is there at the first look, what came since then is read too. Empty: nothing of it.
    pub since: &'a str,
    /// The mailbox's address.
    pub ours: &'a str,
}

impl Account<'_> {
    /// The day since which there is something to read at the first look.
    fn first_day(&self) -> Result<Option<String>, Trouble> {
        if self.since.trim().is_empty() {
            return Ok(None);
        }
        let wrong = || Trouble::Settings(format!("“{}” is not a day: write it as 2026-02-01.", self.since));
        place::day(self.since).map(Some).ok_or_else(wrong)
    }

    fn folders(&self) -> Vec<&str> {
        if self.folders.is_empty() { vec!["INBOX"] } else { self.folders.iter().map(|folder| folder.trim()).collect() }
    }
}

/// How many mails there are, in words.
pub(crate) async fn check(account: &Account<'_>) -> Result<String, Trouble> {
    account.first_day()?;
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
    let kept = edge.cursor(folder).await.map_err(not_taken)?;
    let mut place = match kept.as_deref().and_then(Place::read) {
        // A server without a validity numbers its mails anew each time, which nobody can know; the keys still make each one.
        // One that counts from further back than before has numbered them anew, whatever it says.
        Some(place)
            if place.validity == opened.uid_validity.unwrap_or_default()
                && opened.uid_next.is_none_or(|next| place.uid < next) =>
        {
            place
        }
        known => {
            let place = begin(session, account, &opened, known).await?;
            keep(edge, folder, place).await?;
            place
        }
    };
    loop {
        // A number that the server has yet to give is no mail's: believed, it would pass over all that come before it.
        let next = session.examine(folder).await?.uid_next;
        session.forget_news();
        let mut uids = session.uids_after(place.uid).await?;
        uids.retain(|uid| next.is_none_or(|next| *uid < next));
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
                place.uid = chunk.last().map_or(place.uid, |mail| mail.uid);
                place.newest = chunk.iter().filter_map(|mail| mail.at).max().max(place.newest);
                keep(edge, folder, place).await?;
            }
            // Those of the group that were deleted meanwhile are passed as well.
            place.uid = group.last().copied().unwrap_or(place.uid);
            keep(edge, folder, place).await?;
        }
    }
}

/// Where reading begins in a folder that has not been read, or whose mails have other numbers than those that are known.
async fn begin(
    session: &mut ImapSession,
    account: &Account<'_>,
    opened: &Opened,
    known: Option<Place>,
) -> Result<Place, Trouble> {
    let end = match opened.uid_next {
        Some(next) => next.saturating_sub(1),
        None => session.uids_after(0).await?.last().copied().unwrap_or_default(),
    };
    let since = match known {
        Some(known) => known.day_before(),
        None => account.first_day()?,
    };
    let uid = match (&since, known) {
        (Some(day), _) => match session.uids_since(day).await?.first() {
            Some(first) => first - 1,
            // The newest that was read may have a date that has yet to come: then the newest that is there says the day.
            None if known.is_some() && end > 0 => day_before(session, end).await?.unwrap_or(end),
            None => end,
        },
        // It was empty then, and is new to us.
        (None, Some(_)) => 0,
        (None, None) => end,
    };
    // By which day it would be found again.
    let newest = match known.and_then(|known| known.newest) {
        Some(newest) => Some(newest),
        None if uid > 0 => sizes(session, &[uid]).await?.first().and_then(|mail| mail.at),
        None => None,
    };
    Ok(Place { validity: opened.uid_validity.unwrap_or_default(), uid, newest })
}

/// The last number before the day before this mail came.
async fn day_before(session: &mut ImapSession, uid: u32) -> Result<Option<u32>, Trouble> {
    let newest = sizes(session, &[uid]).await?.first().and_then(|mail| mail.at);
    let Some(day) = (Place { validity: 0, uid, newest }).day_before() else { return Ok(None) };
    Ok(session.uids_since(&day).await?.first().map(|first| first - 1))
}

async fn keep(edge: &dyn Edge, folder: &str, place: Place) -> Result<(), Trouble> {
    edge.keep_cursor(folder, &place.write()).await.map_err(not_taken)
}

/// A mail that is to be fetched.
struct Waiting {
    uid: u32,
    /// None: the server does not tell.
    bytes: Option<u64>,
    at: Option<i64>,
}

async fn sizes(session: &mut ImapSession, uids: &[u32]) -> Result<Vec<Waiting>, Trouble> {
    // What the server does not tell of is asked for all the same: it may be there.
    let mut waiting: Vec<Waiting> = uids.iter().map(|uid| Waiting { uid: *uid, bytes: None, at: None }).collect();
    let command = format!("UID FETCH {} (UID RFC822.SIZE INTERNALDATE)", set(uids.iter().copied()));
    session
        .ask(&command, |answer| {
            let Response::Fetch(_, values) = answer else { return };
            let Some(mail) = waiting.iter_mut().find(|mail| Some(mail.uid) == uid_among(values)) else { return };
            for value in values {
                match value {
                    AttributeValue::Rfc822Size(bytes) => mail.bytes = Some(u64::from(*bytes)),
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

/// How much of the mails of a chunk is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    All,
    /// The beginning of one that is too large to be read.
    Head,
    /// Of one whose size nobody knows, as much as is read of any and a byte more.
    Bounded,
}

impl Part {
    fn of(mail: &Waiting) -> Self {
        match mail.bytes {
            None => Self::Bounded,
            Some(bytes) if bytes > MAIL_BYTES as u64 => Self::Head,
            Some(_) => Self::All,
        }
    }

    fn words(self) -> String {
        match self {
            Self::All => "BODY.PEEK[]".to_owned(),
            Self::Head => format!("BODY.PEEK[]<0.{HEAD_BYTES}>"),
            Self::Bounded => format!("BODY.PEEK[]<0.{}>", MAIL_BYTES + 1),
        }
    }
}

/// Runs that are fetched at once: bounded by bytes, and one that is not asked for as a whole is alone.
fn by_bytes(waiting: &[Waiting]) -> impl Iterator<Item = &[Waiting]> {
    let mut rest = waiting;
    std::iter::from_fn(move || {
        let first = rest.first()?;
        let mut bytes = first.bytes.unwrap_or_default();
        let mut count = 1;
        let is_whole = |mail: &Waiting| Part::of(mail) == Part::All;
        while let Some(next) = rest.get(count).filter(|next| is_whole(first) && is_whole(next)) {
            bytes = bytes.saturating_add(next.bytes.unwrap_or_default());
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

/// What these mails tell, in their order.
async fn fetch(
    session: &mut ImapSession,
    account: &Account<'_>,
    folder: &str,
    chunk: &[Waiting],
) -> Result<Vec<Incoming>, Trouble> {
    let part = chunk.first().map_or(Part::All, Part::of);
    let mut found = Vec::with_capacity(chunk.len());
    for (mail, body) in chunk.iter().zip(bodies(session, chunk, part).await?) {
        let body = match body {
            // One that the server cannot give makes some refuse all that were asked for with it.
            None if chunk.len() > 1 => bodies(session, std::slice::from_ref(mail), part).await?.pop().flatten(),
            body => body,
        };
        if body.is_some() || session.exists(mail.uid).await? {
            found.push((mail, body));
        }
    }
    let reading = found.into_iter().map(|(mail, body)| {
        let (ours, folder) = (account.ours.to_owned(), folder.to_owned());
        let Waiting { uid, bytes, at } = *mail;
        apart(move || match body {
            None => unfetched(&folder, uid, at),
            Some(body) if part == Part::Head => too_large(&body, bytes.unwrap_or_default(), &ours, at),
            Some(body) => read(&body, &ours, at),
        })
    });
    let mut items = Vec::new();
    for told in join_all(reading).await {
        items.extend(told.map_err(|_| Trouble::away("The hub is stopping."))?);
    }
    Ok(items)
}

/// The bytes of these mails, or of their beginnings; none of one that the server did not give.
async fn bodies(session: &mut ImapSession, chunk: &[Waiting], part: Part) -> Result<Vec<Option<Bytes>>, Trouble> {
    let command = format!("UID FETCH {} (UID {})", set(chunk.iter().map(|mail| mail.uid)), part.words());
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
        (1..).zip(bytes).map(|(uid, bytes)| Waiting { uid, bytes: Some(*bytes), at: None }).collect()
    }

    #[test]
    fn chunks_are_bounded_and_what_is_too_large_is_alone() {
        let large = MAIL_BYTES as u64 + 1;
        let mails = waiting(&[1, 2, CHUNK_BYTES, large, 1, 1, large, CHUNK_BYTES + 5]);
        let runs: Vec<Vec<u32>> = by_bytes(&mails).map(|chunk| chunk.iter().map(|mail| mail.uid).collect()).collect();
        assert_eq!(runs, [vec![1, 2], vec![3], vec![4], vec![5, 6], vec![7], vec![8]]);
        let unknown = [1, 2].map(|uid| Waiting { uid, bytes: None, at: None });
        assert_eq!(by_bytes(&unknown).count(), 2, "what nobody knows the size of is alone");
    }

    #[test]
    fn small_words() {
        assert_eq!(set([3, 4, 5, 8, 10, 11].into_iter()), "3:5,8,10:11");
        assert_eq!(
            (grouped(7), grouped(1204), grouped(1_234_567)),
            ("7".to_owned(), "1,204".to_owned(), "1,234,567".to_owned())
        );
    }
}
