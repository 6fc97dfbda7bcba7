//! IMAP in (RFC 3501, RFC 2177): folders are read from where they were left, then watched. Nothing is marked, moved or
//! deleted: the mailbox stays its owner's.
//!
//! At the very first look all that is there is history: reading begins behind it, or with the mails since a day that the
//! settings name. When the server has given its mails new numbers, it goes on a day before the newest that was read; the
//! mails' own keys make it harmless to read some of them again.

mod fetch;
mod place;
mod session;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::join_all;
use parking_lot::Mutex;
use switchboard_connector::{Edge, Incoming, NotTaken, Secret, Trouble};
use switchboard_protocol::channels::MailServer;

use crate::apart::apart;
use crate::mailbox::with_our_tokens;
use crate::net::Net;
use crate::parse::{read, too_large, unfetched};
use fetch::{Folder, Given, Part, Waiting, by_bytes, given, sizes};
use place::Place;
use session::{Broken, Examined, ImapSession, Opened, open};

/// Mails fetched, read and committed together.
const CHUNK_MAILS: usize = 50;
/// Between two looks at folders that are not watched, and at one in which a mail is held.
const POLL: Duration = Duration::from_secs(30);
/// Between saying that a folder cannot be read, and reading the others on.
const TOLD_WAIT: Duration = Duration::from_secs(1);
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
    /// The folders of which it was said last that they are not read, so that it is said once. Which, not why: servers put times
    /// and numbers into their words, and to say it costs a sign-in.
    pub unread: &'a Mutex<BTreeSet<String>>,
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

/// Whether a text is a day, `2026-02-01`.
pub fn is_day(text: &str) -> bool {
    place::day(text).is_some()
}

/// How many mails there are, in words.
pub(crate) async fn check(account: &Account<'_>) -> Result<String, Trouble> {
    account.first_day()?;
    let mut session = open(account).await?;
    let mut counts = Vec::new();
    for folder in account.folders() {
        let opened = session.examine(folder).await?.opened()?;
        counts.push(match opened.exists {
            1 => format!("1 mail in {folder}"),
            many => format!("{} mails in {folder}", grouped(many)),
        });
    }
    session.logout().await;
    Ok(counts.join(", "))
}

/// Why a folder is not read to its end.
struct Unread {
    trouble: Trouble,
    /// It is not looked at within, unix ms. With its beginning: a clock that is set back ends it.
    rests: Range<i64>,
}

impl Unread {
    /// To ask for it costs nothing.
    fn closed(trouble: Trouble) -> Self {
        Self { trouble, rests: 0..0 }
    }

    /// What comes in the folder that is watched does not make the server be asked for this one.
    fn held(trouble: Trouble, now: i64) -> Self {
        let rest = if let Trouble::Away { after: Some(after), .. } = &trouble { *after } else { POLL };
        let rest = i64::try_from(rest.as_millis()).unwrap_or(i64::MAX);
        Self { trouble, rests: now..now.saturating_add(rest) }
    }
}

/// Reads until there is trouble. A folder that cannot be read, and one in which a mail is held, hold up no other: that it is so
/// is told by ending once, and then the others are read on; that all is well is said when all are read.
pub(crate) async fn receive(account: &Account<'_>, edge: &dyn Edge) -> Result<(), Trouble> {
    let mut told = std::mem::take(&mut *account.unread.lock());
    let mut session = open(account).await?;
    let folders = account.folders();
    let mut unread: BTreeMap<&str, Unread> = BTreeMap::new();
    let mut caught_up = false;
    loop {
        session.renewed = 0;
        // The watched folder last, so that it is the one that is open.
        for (place, folder) in folders.iter().copied().enumerate().rev() {
            if unread.get(folder).is_some_and(|unread| unread.rests.contains(&edge.now())) {
                continue;
            }
            if session.is_lost {
                let renewed = session.renewed;
                session = open(account).await?;
                session.renewed = renewed;
            }
            // What cannot be read in the others is not at the expense of the one that matters most.
            if place == 0 {
                session.renewed = 0;
            }
            let why = match catch_up(&mut session, account, edge, folder).await {
                Ok(why) => why,
                Err(Broken::Often) => Some(Unread::held(Broken::Often.into(), edge.now())),
                Err(broken) => return Err(broken.into()),
            };
            unread.remove(folder);
            unread.extend(why.map(|why| (folder, why)));
        }
        if folders.iter().all(|folder| unread.contains_key(folder)) {
            let of_the_first = folders.first().and_then(|folder| unread.remove(folder));
            return Err(of_the_first.map_or_else(silent, |unread| unread.trouble));
        }
        let which: BTreeSet<String> = unread.keys().map(|folder| (*folder).to_owned()).collect();
        if which.is_empty() {
            told.clear();
            if !std::mem::replace(&mut caught_up, true) {
                edge.receiving();
            }
        } else if which != told {
            *account.unread.lock() = which;
            let why: Vec<String> = unread.values().map(|unread| unread.trouble.to_string()).collect();
            let why = format!("The mailbox's other folders are read. {}", why.join(" "));
            return Err(Trouble::Away { why, after: Some(TOLD_WAIT) });
        }
        let limit = if folders.len() > 1 { POLL } else { IDLE_RENEWED };
        let is_watched = folders.first().is_some_and(|folder| !unread.contains_key(folder));
        if session.can_idle && is_watched {
            session = session.idle(limit).await?;
        } else {
            tokio::time::sleep(POLL).await;
        }
    }
}

/// Takes all that is new in a folder; or says why not.
async fn catch_up(
    session: &mut ImapSession,
    account: &Account<'_>,
    edge: &dyn Edge,
    folder: &str,
) -> Result<Option<Unread>, Broken> {
    let opened = match session.examine(folder).await? {
        Examined::Open(opened) => opened,
        Examined::Refused(trouble) => return Ok(Some(Unread::closed(trouble))),
    };
    let from = Folder { account, name: folder, validity: opened.uid_validity };
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
            let known =
                known.map(|known| Place { newest: known.newest.map(|at| at.min(edge.now())), held: None, ..known });
            let place = begin(session, &from, &opened, known).await?;
            keep(edge, folder, place).await?;
            place
        }
    };
    loop {
        // A number that the server has yet to give is no mail's: believed, it would pass over all that come before it.
        let next = match session.examine(folder).await? {
            Examined::Open(opened) => opened.uid_next,
            Examined::Refused(trouble) => return Ok(Some(Unread::closed(trouble))),
        };
        session.forget_news();
        let mut uids = session.uids_after(place.uid).await?;
        uids.retain(|uid| next.is_none_or(|next| *uid < next));
        if uids.is_empty() {
            // What came while the server searched it told beside the result.
            if session.has_news() {
                continue;
            }
            return Ok(None);
        }
        for group in uids.chunks(CHUNK_MAILS) {
            let sizes = sizes(session, &from, group).await?;
            for chunk in by_bytes(&sizes, place.held.map(|held| held.uid)) {
                let Given { mails, stopped } = given(session, &from, chunk, &place, edge.now()).await?;
                edge.take(with_our_tokens(told(&from, mails).await?, edge)).await.map_err(not_taken)?;
                let passed = stopped.as_ref().map_or(u32::MAX, |(uid, _)| *uid);
                let mut passed = chunk.iter().filter(|mail| mail.uid < passed);
                place.newest = passed.clone().filter_map(|mail| mail.at).max().max(place.newest);
                // A mail may have a date that has yet to come: believed, it would pass for the newest for ever.
                place.newest = place.newest.map(|newest| newest.min(edge.now()));
                place.pass(passed.next_back().map_or(place.uid, |mail| mail.uid));
                if let Some((uid, trouble)) = stopped {
                    place.hold(uid, edge.now());
                    keep(edge, folder, place).await?;
                    return Ok(Some(Unread::held(trouble, edge.now())));
                }
                keep(edge, folder, place).await?;
            }
            // Those of the group that were deleted meanwhile are passed as well.
            place.pass(group.last().copied().unwrap_or(place.uid));
            keep(edge, folder, place).await?;
        }
    }
}

/// What these mails tell, in their order.
async fn told(from: &Folder<'_>, mails: Vec<(&Waiting, Option<Bytes>)>) -> Result<Vec<Incoming>, Trouble> {
    let reading = mails.into_iter().map(|(mail, body)| {
        let (ours, folder, validity) = (from.account.ours.to_owned(), from.name.to_owned(), from.validity);
        let (part, &Waiting { uid, bytes, at }) = (Part::of(mail), mail);
        apart(move || match body {
            None => unfetched(&folder, validity, uid, at),
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

/// Where reading begins in a folder that has not been read, or whose mails have other numbers than those that are known.
async fn begin(
    session: &mut ImapSession,
    from: &Folder<'_>,
    opened: &Opened,
    known: Option<Place>,
) -> Result<Place, Broken> {
    let end = match opened.uid_next {
        Some(next) => next.saturating_sub(1),
        None => session.uids_after(0).await?.last().copied().unwrap_or_default(),
    };
    let since = match known {
        Some(known) => known.day_before(),
        None => from.account.first_day()?,
    };
    let uid = match (&since, known) {
        (Some(day), _) => match session.uids_since(day).await?.first() {
            Some(first) => first - 1,
            None => end,
        },
        // It was empty then, and is new to us.
        (None, Some(_)) => 0,
        (None, None) => end,
    };
    // By which day it would be found again.
    let newest = match known.and_then(|known| known.newest) {
        Some(newest) => Some(newest),
        None if uid > 0 => sizes(session, from, &[uid]).await?.first().and_then(|mail| mail.at),
        None => None,
    };
    Ok(Place { validity: opened.uid_validity.unwrap_or_default(), uid, newest, held: None })
}

async fn keep(edge: &dyn Edge, folder: &str, place: Place) -> Result<(), Trouble> {
    edge.keep_cursor(folder, &place.write()).await.map_err(not_taken)
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

    #[test]
    fn numbers_of_mails() {
        assert_eq!(
            (grouped(7), grouped(1204), grouped(1_234_567)),
            ("7".to_owned(), "1,204".to_owned(), "1,234,567".to_owned())
        );
    }
}
